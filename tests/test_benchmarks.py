"""The benchmarks run, on small data: a benchmark that fails is found here and not a month later."""

import importlib
import inspect
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "asv_bench"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the benchmarks are not part of an installation")


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Import as asv does, with the benchmarks' folder on the path."""
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))
    for name in [name for name in sys.modules if name.split(".")[0] in ("benchmarks", "table")]:
        del sys.modules[name]


def classes(name):
    module = importlib.import_module(f"benchmarks.{name}")
    return module, [member for _, member in inspect.getmembers(module, inspect.isclass) if member.__module__ == module.__name__]


@pytest.mark.parametrize("name", ["whole", "indexing"])
def test_every_benchmark_runs(name, monkeypatch, shipped):
    module, found = classes(name)
    monkeypatch.setattr(module, "N", 3000)
    monkeypatch.setattr(module, "SCATTERED", 50, raising=False)
    for made, parameters in [(cls, parameters) for cls in found for parameters in product(*cls.params)]:
        benchmark = made()
        benchmark.setup(*parameters)
        for method in dir(benchmark):
            if method.startswith(("time_", "peakmem_", "track_")):
                getattr(benchmark, method)(*parameters)


def test_processes(tmp_path):
    module, _ = classes("process")
    module.write_counts(tmp_path / "counts.npy", 0.02)
    peak, held = module.load_peak("compact", tmp_path / "counts.npy")
    assert 0 < held < 3_000_000
    assert peak < held + (64 << 20)
    assert 0 < module.import_seconds() < 10


def test_datasets_are_what_they_say():
    datasets = importlib.import_module("benchmarks.datasets")
    for name, make in datasets.DATASETS.items():
        assert make(1000).shape == (1000,), name
        assert make(1000).tobytes() == make(1000).tobytes(), name
        assert make.__doc__, name


def test_figures(capsys, tmp_path, shipped):
    """The sizes that the design sets hold, and the table prints."""
    table = importlib.import_module("table")
    for name, ratio, limit in table.sizes():
        assert ratio <= limit, name
    np.savez(tmp_path / "a.npz", zeros=np.zeros(100), noise=np.random.default_rng(0).random(100))
    table.print_sizes(tmp_path)
    out = capsys.readouterr().out
    assert "geometric mean of 2 arrays" in out
    assert "ABOVE" not in out

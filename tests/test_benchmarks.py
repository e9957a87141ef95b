"""The benchmarks run, on small data: a benchmark that fails is found here and not a month later."""

import importlib
import inspect
import re
import sys
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import compactarray
from compactarray.config import settings
from compactarray.testing import assert_same

FOLDER = Path(__file__).parent.parent / "asv_bench"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the benchmarks are not part of an installation")


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Import as asv does, with the benchmarks' folder on the path."""
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))
    for name in [
        name
        for name in sys.modules
        if name.split(".")[0] in ("benchmarks", "table", "ratios", "plot", "threads", "compression", "sweep")
    ]:
        del sys.modules[name]


@pytest.fixture(autouse=True)
def settings_left_alone(monkeypatch):
    """Benchmarks change settings for good, and wait for kernels: here the settings come back, and nothing is compiled."""
    monkeypatch.setattr(importlib.import_module("benchmarks.timing"), "KERNELS", "numpy")
    with compactarray.config(), np.errstate():
        yield


def module_and_classes(name):
    module = importlib.import_module(f"benchmarks.{name}")
    own = [member for _, member in inspect.getmembers(module, inspect.isclass) if member.__module__ == module.__name__]
    return module, [cls for cls in own if not cls.__name__.startswith("_") and hasattr(cls, "params")]


def run_as_asv(cls, parameters):
    """Run all that is timed and tracked in a class; return False if it is left out."""
    benchmark = cls()
    try:
        benchmark.setup(*parameters)
    except NotImplementedError:
        return False
    for name in dir(benchmark):
        method = getattr(benchmark, name)
        if name.startswith(("time_", "peakmem_", "track_")) and callable(method):
            method(*parameters)
    return True


@pytest.mark.parametrize(
    ("name", "share"), [("whole", 1.0), ("indexing", 1.0), ("chapters", 0.6), ("overhead", 0.8), ("encodings", 1.0)]
)
def test_every_benchmark_runs(name, share, monkeypatch, shipped):
    module, found = module_and_classes(name)
    monkeypatch.setattr(module, "N", 1000 if name != "overhead" else 10)
    monkeypatch.setattr(module, "SCATTERED", 50, raising=False)
    monkeypatch.setattr(module, "SLICE", 100, raising=False)
    monkeypatch.setattr(module, "TIMES", 2, raising=False)
    for cls in found:
        run = [run_as_asv(cls, parameters) for parameters in product(*cls.params)]
        assert sum(run) >= share * len(run), f"{cls.__name__} leaves too much out"
    assert settings().kernels == "numpy"


def test_peers_run(monkeypatch, shipped):
    """Libraries that are not installed are left out; so are all but one of `sparse`'s operations, each of which it compiles."""
    module, (blosc, algebra) = module_and_classes("peers")
    monkeypatch.setattr(module, "N", 2500)
    for parameters in product(*blosc.params):
        assert run_as_asv(blosc, parameters) or parameters[0] == "blosc2"
    for kind, operation in product(*algebra.params):
        if kind != "sparse.COO" or operation == "x[a:b, c:].copy()":
            assert run_as_asv(algebra, (kind, operation)) or kind in ("scipy CSR", "sparse.COO")
    for name, run in module.ALGEBRA.items():
        theirs, ours = (run(module.matrices(kind, 2500)) for kind in ("numpy", "compact"))
        assert_same(ours, theirs, error=1e-12 if "sum" in name or "@" in name else 0.0)


def test_kernels_are_waited_for(monkeypatch):
    timing = importlib.reload(importlib.import_module("benchmarks.timing"))
    timing.compile_first()
    assert settings().kernels == "numba"
    assert np.geterr()["over"] == "ignore"


def datasets():
    """Return the names of the data sets, which are needed before the folder is on the path."""
    text = (FOLDER / "benchmarks" / "datasets.py").read_text(encoding="utf-8")
    return re.findall(r'^    "(.+)": \w+,$', text, re.MULTILINE)


@pytest.mark.parametrize("data", datasets() if FOLDER.exists() else [])
def test_operations_give_numpys_answers(data, both):
    """What is timed is worth timing: every operation, on every data set, is right."""
    operations = importlib.import_module("benchmarks.operations")
    sizes = {"shipped": 3000, "miniature": 200}[both]
    for listed, n in ((operations.OPERATIONS, sizes), (operations.SMALL, 10)):
        values = importlib.import_module("benchmarks.datasets").DATASETS[data](n)
        dense, compact, plain = (operations.Case(kind, values) for kind in ("numpy", "compact", "plain"))
        applicable = [operation for operation in listed if operation.applies(data, values.dtype)]
        assert len(applicable) > len(listed) / 4
        for operation in applicable:
            with np.errstate(all="ignore"):
                results = []
                for case in (dense, compact, plain):
                    operation.prepare(case)
                    results.append(operation.run(case))
            expected, *actual = results
            for result in actual:
                compare(operation, result, expected, values)


def compare(operation, actual, expected, values):
    if operation.open:
        assert actual.shape == expected.shape and actual.dtype == expected.dtype, operation.name
        return
    error = 0.0
    if values.dtype.kind in "biuf" and operation.group in ("reductions", "products") and "cum" not in operation.name:
        # Sums may be rounded in another order; accumulations may not.
        with np.errstate(all="ignore"):
            error = 1e-12 * (np.abs(np.asarray(expected, float)) + float(np.nansum(np.abs(values.astype(float)))))
    try:
        assert_same(actual, expected, any_nan=True, error=np.nan_to_num(error), dense=None)
    except AssertionError as failure:
        raise AssertionError(f"{operation.name}: {failure}") from None


def test_operations_are_named_once():
    operations = importlib.import_module("benchmarks.operations")
    names = [operation.name for operation in operations.OPERATIONS]
    assert len(set(names)) == len(names) >= 60
    assert max(map(len, names)) < 24
    assert len({operation.name for operation in operations.SMALL}) == len(operations.SMALL) >= 20


def test_table_of_threads(capsys, shipped, monkeypatch):
    threads = importlib.import_module("threads")
    monkeypatch.setattr(threads, "LEAST", 0.0)
    cells = threads.print_threads(["counts"], 1000, r"^ufuncs: a \+ 1$|: a\[places\] = k$", seconds=0.0)
    assert [line.operation for line in cells] == ["a + 1", "a[places] = k"]
    assert all(min(*line.seconds, *line.exp) > 0 for line in cells)
    assert "2 operations" in capsys.readouterr().out
    gain = threads.Gain("counts", "a + 1", (3.0, 2.0), (2.0, 1.0))
    assert (gain.gain, gain.possible, gain.verdict) == (1.5, 2.0, "BELOW")
    assert threads.Gain("counts", "a + 1", (3.4, 2.0), (2.0, 1.0)).verdict == ""
    assert threads.Gain("counts", "a + 1", (3.0, 2.0), (1.5, 1.0)).verdict == "not judged"


def test_table_of_operations(capsys, shipped):
    ratios = importlib.import_module("ratios")
    cells = ratios.print_operations(ratios.chosen("counts,noise"), 1000, r"^ufuncs: a [+>] |a\.sum|nansum|sort\(\)", seconds=0.0)
    out = capsys.readouterr().out
    names = ["a + 1", "a + b", "a > k", "a.sum()", "nansum(a)", "a.sort()"]
    assert [cell.operation for cell in cells if cell.data == "noise"] == names
    assert [cell.operation for cell in cells if cell.data == "counts"] == [*names[:4], "a.sort()"]
    assert max(map(len, out.splitlines())) <= 130
    assert "counts: int64, 0.125" in out and "(mark 0.25" in out
    assert "geometric mean" in out and "cells above their marks, the worst first" in out
    with pytest.raises(SystemExit, match="no data set is called 'nothing'"):
        ratios.chosen("nothing")
    assert len(ratios.chosen(None)) == 16 == len(ratios.MEANS) + 4


def test_cells_are_judged(shipped):
    ratios = importlib.import_module("ratios")

    def cell(theirs, ours, mark=1.0, peak=0):
        return ratios.Cell("counts", "a + 1", "ufuncs", 0.125, (theirs, ours), (0, peak), 1000, mark)

    fast, slow, close = cell(1e-3, 1e-6), cell(1e-3, 2e-3), cell(1e-3, 1.08e-3, 1.1)
    quick, delayed = cell(1e-6, 5e-6), cell(1e-6, 7e-6)
    assert [c.slow for c in (fast, slow, close, quick, delayed)] == [False, True, False, False, True]
    assert ratios.remark_on(slow) == "ABOVE 1" and "6.0 µs over NumPy" in ratios.remark_on(delayed)
    assert ratios.mean_of([fast, slow, quick, delayed]) == pytest.approx((0.02 * 2) ** 0.5)
    assert np.isnan(ratios.mean_of([quick]))
    assert not cell(1, 1, peak=1000).heavy and cell(1, 1, peak=1000 + (33 << 20)).heavy
    operations = {operation.name: operation for operation in importlib.import_module("benchmarks.operations").OPERATIONS}
    assert ratios.mark_of("prices", operations["m @ m.T"], "f") == 1.15
    assert ratios.mark_of("counts", operations["m @ m.T"], "i") == 1.0
    assert ratios.mark_of("noise", operations["a + 1"], "f") == 1.1
    assert ratios.held_bytes((np.zeros(2), [compactarray.CompactArray(np.zeros(100)), 3])) < 100


def test_means_and_plot(capsys):
    ratios = importlib.import_module("ratios")
    names = [*importlib.import_module("benchmarks.datasets").DATASETS]
    cells = [
        ratios.Cell(name, "a + 1", group, 0.0 if k == 3 else 1 / (k + 1), (1e-3, 1e-4 * (k % 5 + 1)), (0, 0), 0, 1.0)
        for k, name in enumerate(names)
        for group in ("ufuncs", "sorting")
    ]
    cells.append(ratios.Cell("quick", "a.T", "ufuncs", 1.0, (1e-7, 1e-6), (0, 0), 0, 1.0))
    ratios.print_means(cells)
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows} == {5}
    assert [cell.strip() for cell in rows[3]] == ["ids", "0.500", "0.20", "0.20", "0.20"]
    assert [cell.strip() for cell in rows[-1]] == ["quick", "1.000", "", "", ""]
    root = ElementTree.fromstring(importlib.import_module("plot").svg(cells))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert set(names) <= set(texts) and "quick" not in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == len(names)


def test_best_and_peak():
    timing = importlib.import_module("benchmarks.timing")
    calls = []
    found = timing.best([lambda: calls.append("a"), lambda: calls.append("b")], turns=3, prepare=lambda: calls.append("-"))
    assert calls == ["-", "a", "b"] * 4 and len(found) == 2 and max(found) < 1
    calls.clear()
    timing.best([lambda: calls.append("a")], turns=9, least=2, seconds=0.0, warm=False)
    assert calls == ["a", "a"]
    highest, result = timing.peak(lambda: np.zeros(1_000_000))
    assert 8_000_000 <= highest < 8_100_000 and result.shape == (1_000_000,)


def test_table_of_ten_elements(capsys, shipped, monkeypatch):
    ratios = importlib.import_module("ratios")
    monkeypatch.setattr(ratios, "overheads", lambda name, operation: [1e-6, 2e-6, 9e-6 if name == "mask" else 3e-6])
    ratios.print_overheads(pattern=r"a \+ 1|a\[3\]$")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].split()[:4] == ["a[3]", "1.00", "1.00", "2.00"] and lines[-2].endswith("ABOVE")
    assert lines[-1].startswith("  a + 1") and not lines[-1].endswith("ABOVE")
    monkeypatch.undo()
    small = importlib.import_module("benchmarks.operations").SMALL
    assert all(seconds > 0 for seconds in ratios.overheads("counts", small[0], number=2))


def test_plain_cases_are_plain(shipped):
    operations = importlib.import_module("benchmarks.operations")
    shares = [operations.Case(kind, np.arange(10)).a.info.shares[0].name for kind in ("plain", "compact")]
    assert shares[0] == "plain" != shares[1]


def test_processes(tmp_path):
    module, _ = module_and_classes("process")
    module.write_counts(tmp_path / "counts.npy", 0.02)
    peak, held = module.load_peak("compact", tmp_path / "counts.npy")
    assert 0 < held < 3_000_000
    assert peak < held + (64 << 20)
    assert 0 < module.import_seconds() < 10
    assert -1 < module.first_seconds(cold=True) < 10


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


def test_table_of_encodings(capsys, shipped):
    """What is typical for an encoding is held in it, also in the small; every row is complete."""
    table = importlib.import_module("table")
    table.print_encodings(20_000, list(table.TYPICAL), turns=1)
    lines = capsys.readouterr().out.splitlines()[2:]
    assert len(lines) == len(table.TYPICAL)
    for name, line in zip(table.TYPICAL, lines, strict=True):
        assert line.startswith(f"  {name}") and "held as" not in line, line
        assert len(line.replace("(", " ").replace(")", " ").replace("<", " ")[36:].split()) == 7 + bool(table.TYPICAL[name].encode)


def test_table_of_compression(tmp_path, monkeypatch, shipped):
    """Every array of a folder has a row, and the page is rewritten between its marks only."""
    compression = importlib.import_module("compression")
    np.save(tmp_path / "counts.npy", np.arange(5000) % 200)
    np.savez(tmp_path / "more.npz", words=np.array(["a", "bc"] * 500), days=np.zeros(900, "M8[D]"), nothing=np.zeros(0))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{compression.BEGIN}\nold\n{compression.END}\nafter\n")
    monkeypatch.setattr(sys, "argv", ["compression.py", str(tmp_path), "--docs", str(page)])
    compression.main()
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    rows = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in text.splitlines() if "|" in line}
    counts = compactarray.CompactArray(np.arange(5000) % 200)
    assert rows["counts"][:4] == ["int64", "40,000", "narrow", f"{counts.nbytes / 40_000:.3f}"]
    assert {"more/words", "more/days", "**geometric mean of 3**"} < set(rows) and "more/nothing" not in rows
    other = tmp_path / "other.md"
    other.write_text("no marks\n")
    with pytest.raises(ValueError, match="has no lines"):
        compression.rewrite(other, "")


def test_compressors_that_are_missing_are_left_out(monkeypatch, shipped):
    compression = importlib.import_module("compression")
    for name in ("blosc2", "zstandard", "pcodec"):
        monkeypatch.setitem(sys.modules, name, None)
    assert list(compression.available()) == ["fast", "small"]
    monkeypatch.setattr(compression, "ELEMENTS", 1000)
    lines = compression.table(None)
    assert len(lines) == 3 + len(importlib.import_module("benchmarks.datasets").DATASETS)


def test_sweep(tmp_path, monkeypatch, capsys, shipped):
    """Every threshold has a value in force among those that are tried, and is what it was afterwards."""
    sweep = importlib.import_module("sweep")
    held = [getattr(importlib.import_module(f"compactarray.encodings.{module}"), name) for module, name, _ in sweep.THRESHOLDS]
    np.save(tmp_path / "a.npy", np.repeat(np.arange(300) * 7 % 50, 3))
    monkeypatch.setattr(sys, "argv", ["sweep.py", str(tmp_path), "--repeat", "1"])
    sweep.main()
    lines = capsys.readouterr().out.splitlines()
    assert sum("*" in line for line in lines) == len(sweep.THRESHOLDS) and len(lines) == 1 + sum(len(v) for *_, v in sweep.THRESHOLDS)
    assert held == [getattr(importlib.import_module(f"compactarray.encodings.{module}"), name) for module, name, _ in sweep.THRESHOLDS]
    runs = [float(line.split()[2]) for line in lines if line.startswith("runs._PREFERENCE")]
    assert runs[0] <= runs[-1]

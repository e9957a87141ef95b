"""`inspect`: what files would take, told without holding them."""

import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

import compactarray
from compactarray import inspect as module
from compactarray.inspect import Problem, Report, inspect_file
from tests.io.test_load import ARRAYS, EVERY_ARRAY


@EVERY_ARRAY
def test_as_load(name, tmp_path, both):
    path = tmp_path / "a.npy"
    np.save(path, ARRAYS[name])
    (report,) = inspect_file(path)
    expected = compactarray.load(path).info
    assert isinstance(report, Report)
    assert report.name == str(path)
    if ARRAYS[name].size:
        assert report.info == expected
    assert report.info.dense_nbytes == ARRAYS[name].nbytes
    assert report.info.shape == ARRAYS[name].shape


def test_archive(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, counts=ARRAYS["counts"], image=np.ones((9, 9)))
    counts, image = inspect_file(str(path))
    assert (counts.name, image.name) == (f"{path}[counts]", f"{path}[image]")
    assert counts.info.dtype == ARRAYS["counts"].dtype
    assert json.loads(json.dumps(counts.as_dict()))["member"] == "counts"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: np.zeros(10_000), True),
        (lambda: np.arange(10_000) % 9, True),
        (lambda: np.random.default_rng(0).random(10_000), False),
    ],
)
def test_worthwhile(make, expected, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, make())
    (report,) = inspect_file(path)
    assert report.worthwhile is expected


def test_sections_add_up(tmp_path, monkeypatch, shipped):
    """A file of many sections is reported as what its parts take together."""
    values = np.concatenate([np.zeros(300_000), np.random.default_rng(0).random(500_000), np.arange(300_000) % 100])
    path = tmp_path / "a.npy"
    np.save(path, values)
    (whole,) = inspect_file(path)
    monkeypatch.setattr(module, "SECTION_BYTES", 1 << 20)
    (parts,) = inspect_file(path)
    assert parts.info.nbytes == pytest.approx(whole.info.nbytes, rel=0.01)
    assert {"narrow", "raw"} < {share.name for share in parts.info.shares}
    assert sum(share.elements for share in parts.info.shares) == values.size
    sizes = [share.nbytes for share in parts.info.shares]
    assert sizes == sorted(sizes, reverse=True)


def test_never_held(tmp_path, monkeypatch, shipped):
    """Not even what cannot be compacted: 16 MB of noise are told of in less."""
    path = tmp_path / "noise.npy"
    np.save(path, np.random.default_rng(0).random(2_000_000))
    monkeypatch.setattr(module, "SECTION_BYTES", 1 << 20)
    list(inspect_file(path))
    tracemalloc.start()
    try:
        list(inspect_file(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20


def test_problems(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        stream = io.BytesIO()
        np.save(stream, np.arange(9))
        archive.writestr("good.npy", stream.getvalue())
        archive.writestr("short.npy", stream.getvalue()[:-1])
        archive.writestr("notes.txt", "no\narray")
    good, short, notes = inspect_file(path)
    assert isinstance(good, Report)
    assert short == Problem(str(path), f"{path}[short]: truncated: expected 72 bytes of elements, found 71")
    assert isinstance(notes, Problem)
    assert notes.message.startswith(f"{path}[notes.txt]: not a valid .npy file")
    assert "\n" not in notes.message
    assert notes.as_dict() == {"file": str(path), "error": notes.message}


def test_progress(tmp_path, capsys):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(1000))
    list(inspect_file(path, force_progress=True))
    assert "\ra.npy [" in capsys.readouterr().err

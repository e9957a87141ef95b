"""`numpy.save` of compact arrays: the bytes that NumPy writes, and files that are whole or not there."""

import io
import os
import stat
import warnings

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.io.atomic import whole_file
from tests.io.test_load import ARRAYS, EVERY_ARRAY


def written(a, **options):
    stream = io.BytesIO()
    np.save(stream, a, **options)
    return stream.getvalue()


@EVERY_ARRAY
def test_bytes_are_numpys(name, both):
    assert written(CompactArray(ARRAYS[name])) == written(ARRAYS[name])


#: Views: layouts that are neither in C nor in Fortran order, or become so.
VIEWS = {
    "transposed": lambda x: x.T,
    "swapped": lambda x: x.swapaxes(0, 1),
    "reversed": lambda x: x[::-1, ::-2],
    "column": lambda x: x[:, 3],
    "part": lambda x: x[2:5, 1:, ::2],
    "empty": lambda x: x[:, :0],
    "0-d": lambda x: x[1, 2, 3, ...],
}


@pytest.mark.parametrize("view", VIEWS)
def test_views(view, both):
    x = np.random.default_rng(5).integers(0, 9, (11, 8, 6))
    assert written(VIEWS[view](CompactArray(x))) == written(VIEWS[view](x))


@pytest.mark.parametrize("kind", ["objects", "strings"])
@pytest.mark.filterwarnings("ignore:Custom dtypes are saved")
def test_pickled_by_numpy(kind):
    values = np.array(["a", None], object) if kind == "objects" else np.array(["a", "b"], np.dtypes.StringDType())
    assert written(CompactArray(values)) == written(values)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        written(CompactArray(values), allow_pickle=False)


@pytest.mark.parametrize(
    ("fields", "warns"),
    [
        ([("größe", "i4")], False),
        ([("重さ", "i4")], True),
        ([(f"field number {i}", "u1") for i in range(3000)], True),
    ],
    ids=["version 1", "version 3", "version 2"],
)
def test_headers_of_every_version(fields, warns):
    values = np.zeros(2, fields)
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        saved = written(CompactArray(values))
    with warnings.catch_warnings(record=True) as theirs:
        warnings.simplefilter("always")
        assert saved == written(values)
    assert [str(warning.message) for warning in ours] == [str(warning.message) for warning in theirs]
    assert bool(ours) is warns


def test_path_gets_the_suffix(tmp_path):
    np.save(tmp_path / "a", CompactArray(np.arange(5)))
    np.save(str(tmp_path / "b.npy"), CompactArray(np.arange(5)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npy", "b.npy"]
    assert (tmp_path / "a.npy").read_bytes() == written(np.arange(5))


def test_small_pieces_at_a_time(shipped):
    """A view in Fortran order, larger than a tile, is written in its own order without a dense copy."""

    class Sizes(io.RawIOBase):
        def __init__(self):
            self.sizes = []

        def write(self, data):
            self.sizes.append(len(data))
            return len(data)

    stream = Sizes()
    a = compactarray.zeros((700, 900), order="F")
    np.save(stream, a)
    assert sum(stream.sizes) == 128 + 700 * 900 * 8
    assert max(stream.sizes) <= 1 << 20


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("existing", [True, False])
def test_whole_or_not_at_all(error, existing, tmp_path):
    path = tmp_path / "a.npy"
    if existing:
        path.write_bytes(b"before")

    def write():
        with whole_file(os.fspath(path)) as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert [entry.name for entry in tmp_path.iterdir()] == (["a.npy"] if existing else [])
    assert not existing or path.read_bytes() == b"before"


def test_permissions_and_links_stay(tmp_path):
    path, link = tmp_path / "a.npy", tmp_path / "link.npy"
    path.write_bytes(b"before")
    path.chmod(0o640)
    link.symlink_to("a.npy")
    np.save(link, CompactArray(np.arange(5)))
    assert link.is_symlink()
    assert path.read_bytes() == written(np.arange(5))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_new_files_get_the_usual_permissions(tmp_path):
    np.save(tmp_path / "ours.npy", CompactArray(np.arange(5)))
    np.save(tmp_path / "theirs.npy", np.arange(5))
    assert (tmp_path / "ours.npy").stat().st_mode == (tmp_path / "theirs.npy").stat().st_mode


def test_devices_are_written_straight():
    with whole_file(os.devnull) as stream:
        stream.write(b"gone")
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


@pytest.mark.parametrize("place", ["nowhere/a.npy", "a.npy/b.npy"])
def test_errors_name_the_file(place, tmp_path):
    (tmp_path / "a.npy").write_bytes(b"")
    path = str(tmp_path / place)
    caught = []
    for a in (CompactArray(np.arange(5)), np.arange(5)):
        with pytest.raises(OSError) as error:
            np.save(path, a)
        caught.append((type(error.value), str(error.value)))
    assert caught[0] == caught[1]


def test_bytes_paths_fail_as_in_numpy(tmp_path):
    path = os.fsencode(tmp_path / "a.npy")
    caught = []
    for a in (CompactArray(np.arange(5)), np.arange(5)):
        with pytest.raises(TypeError) as error:
            np.save(path, a)
        caught.append(str(error.value))
    assert caught[0] == caught[1]

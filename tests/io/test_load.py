"""`compactarray.load`: what `numpy.load` gives, streamed; and what is refused."""

import gzip
import io
import struct
import tracemalloc

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same

RNG = np.random.default_rng(3)

#: Arrays of every kind that a .npy file holds without pickling.
ARRAYS = {
    "counts": RNG.integers(0, 256, 1000),
    "fortran": np.asfortranarray(RNG.integers(0, 9, (13, 7, 5))),
    "c": RNG.random((13, 7)),
    "0-d": np.array(2.5),
    "empty": np.empty((3, 0, 2), np.int16),
    "one": np.array([[[7]]]),
    "bool": RNG.random(77) < 0.5,
    "big-endian": np.arange(100, dtype=">i4"),
    "nan": np.array([np.nan, -0.0, np.inf, -np.inf, 0.0] * 9),
    "half": RNG.random(50).astype(np.float16),
    "complex": RNG.random(50) + 1j,
    "dates": np.array(["2020-01-01", "NaT"], "M8[ns]").repeat(40),
    "spans": np.arange(50).astype("m8[s]"),
    "text": np.array(["a", "", "ñandú"] * 20),
    "bytes": np.array([b"a", b"bc"] * 20),
    "no bytes": np.empty(5, "V0"),
    "no text": np.empty(5, "S0"),
    "void": np.array([b"ab", b"cd"] * 9, "V2"),
    "fields": np.array([(1, 2.5), (3, -0.0)] * 20, [("a", "i4"), ("b", "f8")]),
    "nested": np.zeros(9, [("a", [("b", "u1"), ("c", "f4", (2,))])]),
    "long double": np.arange(9, dtype=np.longdouble) / 3,
}
EVERY_ARRAY = pytest.mark.parametrize("name", ARRAYS)


def saved(values, version=None):
    """Return a .npy stream, as NumPy writes it."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, values, version=version)
    stream.seek(0)
    return stream


class NoReadinto:
    """A stream with `read` and `seek` alone, that returns a few bytes at a time."""

    def __init__(self, data):
        self._stream = io.BytesIO(data)
        self.seek = self._stream.seek

    def read(self, count=-1):
        return self._stream.read(min(count, 100) if count > 100 else count)


@EVERY_ARRAY
def test_path(name, tmp_path, both):
    path = tmp_path / "a.npy"
    np.save(path, ARRAYS[name])
    assert_same(compactarray.load(path), np.load(path), strides=True)


@EVERY_ARRAY
def test_stream(name):
    assert_same(compactarray.load(saved(ARRAYS[name])), ARRAYS[name])


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@EVERY_ARRAY
@pytest.mark.filterwarnings("ignore:Stored array in format")
def test_versions_of_the_format(name, version):
    assert_same(compactarray.load(saved(ARRAYS[name], version)), ARRAYS[name])


@pytest.mark.filterwarnings("ignore:Stored array in format")
def test_field_names_beyond_latin_1():
    values = np.zeros(20, [("größe", "i4"), ("重さ\\'\"", "f8"), ("\U0001f600", "u1")])
    assert_same(compactarray.load(saved(values)), values)


def test_streams_that_return_few_bytes(tmp_path):
    data = saved(ARRAYS["c"]).getvalue()
    assert_same(compactarray.load(NoReadinto(data)), ARRAYS["c"])
    path = tmp_path / "a.npy.gz"
    path.write_bytes(gzip.compress(data))
    with gzip.open(path) as stream:
        assert_same(compactarray.load(stream), ARRAYS["c"])


def test_arrays_one_after_the_other():
    stream = io.BytesIO(saved(ARRAYS["counts"]).getvalue() + saved(ARRAYS["c"]).getvalue())
    assert_same(compactarray.load(stream), ARRAYS["counts"])
    assert_same(compactarray.load(stream), ARRAYS["c"])


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.npy"):
        compactarray.load(tmp_path / "nothing.npy")


def load_path(path, data):
    path.write_bytes(data)
    return compactarray.load(path)


def load_gzip(path, data):
    path.write_bytes(gzip.compress(data))
    with gzip.open(path) as stream:
        return compactarray.load(stream)


def load_memory(path, data):
    return compactarray.load(io.BytesIO(data))


@pytest.mark.parametrize("kept", [0, 1, 79, 80 * 8 - 1])
@pytest.mark.parametrize("load", [load_path, load_gzip, load_memory])
def test_truncated(kept, load, tmp_path):
    data = saved(np.arange(80)).getvalue()
    path = tmp_path / "short.npy"
    with pytest.raises(ValueError, match=rf"truncated: expected 640 bytes of elements, found {kept}$") as caught:
        load(path, data[: len(data) - 80 * 8 + kept])
    assert ("short.npy" in str(caught.value)) is (load is not load_memory)


def header(text, version=1):
    """Return a .npy file with this header."""
    raw = text.encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(raw)) + raw


GOOD = "{'descr': '<i8', 'fortran_order': False, 'shape': (3,)}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "No data left in file"),
        (b"name,age\n", "neither a .npy nor a .npz file"),
        (b"\x80\x04K\x01.", "neither a .npy nor a .npz file .pickles are never loaded."),
        (b"\x93NUMPY", "not a valid .npy file"),
        (b"\x93NUMPY\x01", "not a valid .npy file"),
        (b"\x93NUMPY\x07\x00", "Invalid version .7, 0."),
        (b"\x93NUMPY\x01\x00\x10", "not a valid .npy file"),
        (b"\x93NUMPY\x03\x00\x10", "array header length, expected 4 bytes got 1"),
        (header(GOOD, 3)[:30], "array header, expected 55 bytes got 18"),
        (header(GOOD)[:30], "not a valid .npy file"),
        (header("{'descr': "), "not a valid .npy file"),
        (header("[]"), "not a valid .npy file"),
        (header("{[]: 1}"), "not a valid .npy file"),
        (header("{1: 1, 'a': 2}"), "not a valid .npy file"),
        (header(GOOD.replace("<i8", "<q9")), "not a valid .npy file"),
        (header(GOOD.replace("3", "-3")), "shape is not valid"),
        (header(GOOD.replace("(3,)", "3")), "shape is not valid"),
        (header(GOOD + " " * 10_000), "Header info length .10055. is large"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31), "Header info length .2147483648. is large"),
        (header(GOOD.replace("<i8", "|O")), "Object arrays cannot be loaded when allow_pickle=False"),
        (header(GOOD.replace("'<i8'", "[('a', '|O'), ('b', '<i4')]")), "Object arrays cannot be loaded"),
        (b"PK\x03\x04 and no more", "damaged archive: File is not a zip file"),
    ],
)
def test_not_numpy(data, message, tmp_path):
    path = tmp_path / "strange.npy"
    path.write_bytes(data)
    with pytest.raises(ValueError if data else EOFError, match=message) as caught:
        compactarray.load(path)
    assert "strange.npy" in str(caught.value)


def test_larger_headers_on_demand(tmp_path):
    data = header(GOOD + " " * 10_000) + np.arange(3).tobytes()
    assert_same(compactarray.load(io.BytesIO(data), max_header_size=20_000), np.arange(3))


def test_errors_of_the_disk_pass_through():
    class Broken(io.BytesIO):
        def readinto(self, target):
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        compactarray.load(Broken(saved(np.arange(80)).getvalue()))


def test_never_held_dense(tmp_path, shipped):
    """Neither the array nor the file is ever in memory: 32 MB of counts are held in 4, and read through a buffer of 2."""
    path = tmp_path / "counts.npy"
    np.save(path, np.tile(np.arange(200), 20_000))
    compactarray.load(path)
    tracemalloc.start()
    try:
        a = compactarray.load(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(a, CompactArray)
    assert a.nbytes < 4_100_000
    assert peak < 16 << 20

"""`.npz` archives, in and out."""

import io
import zipfile

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.io import NpzFile
from compactarray.testing import assert_same

MEMBERS = {"counts": np.arange(500) % 9, "image": np.asfortranarray(np.eye(20)), "0": np.array(5), "text": np.array(["a", "bc"])}


@pytest.fixture(params=[np.savez, np.savez_compressed], ids=["stored", "deflated"])
def archive(request, tmp_path):
    path = tmp_path / "arrays.npz"
    request.param(path, **MEMBERS)
    return path


def test_members(archive, both):
    with compactarray.load(archive) as arrays, np.load(archive) as expected:
        assert isinstance(arrays, NpzFile)
        assert arrays.files == list(arrays) == expected.files
        assert len(arrays) == len(expected)
        assert repr(arrays) == repr(expected).replace(repr(str(archive)), repr(str(archive)))
        for name in MEMBERS:
            assert name in arrays
            assert name + ".npy" in arrays
            assert_same(arrays[name], expected[name], strides=True)
            assert_same(arrays[name + ".npy"], expected[name])
        assert "nothing" not in arrays


def test_is_a_mapping_loaded_on_access(archive):
    with compactarray.load(archive) as arrays:
        assert dict(arrays).keys() == MEMBERS.keys()
        assert arrays.get("nothing") is None
        assert arrays["counts"] is not arrays["counts"]


def test_missing_member(archive):
    with compactarray.load(archive) as arrays, pytest.raises(KeyError, match="nothing is not a file in the archive"):
        arrays["nothing"]


def test_closed(archive):
    arrays = compactarray.load(archive)
    arrays.close()
    arrays.close()
    with pytest.raises(ValueError, match="arrays.npz: the archive was closed"):
        arrays["counts"]


def test_load_closes_what_it_opened(archive):
    with open(archive, "rb") as stream:
        compactarray.load(stream).close()
        assert not stream.closed
    arrays = compactarray.load(archive)
    stream = arrays._file
    del arrays
    assert stream.closed


def test_many_members_are_shown_in_short():
    stream = io.BytesIO()
    np.savez(stream, *range(9))
    stream.seek(0)
    shown = repr(compactarray.load(stream))
    assert shown.endswith("arr_3, arr_4...")


def test_empty_archive(tmp_path):
    path = tmp_path / "none.npz"
    np.savez(path)
    with compactarray.load(path) as arrays:
        assert len(arrays) == 0


def test_damaged_members(tmp_path):
    path = tmp_path / "damaged.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name, values in MEMBERS.items():
            stream = io.BytesIO()
            np.save(stream, values)
            data = stream.getvalue()
            archive.writestr(name + ".npy", data[:-8] if name == "counts" else data)
        archive.writestr("notes.txt", "no array")
    raw = bytearray(path.read_bytes())
    place = raw.index(np.eye(20).tobytes()[:200])
    raw[place] ^= 1
    path.write_bytes(raw)
    with compactarray.load(path) as arrays:
        with pytest.raises(ValueError, match=r"damaged.npz\[counts\]: truncated: expected 4000 bytes of elements, found 3992"):
            arrays["counts"]
        with pytest.raises(ValueError, match=r"damaged.npz\[image\]: damaged archive: Bad CRC-32"):
            arrays["image"]
        with pytest.raises(ValueError, match=r"damaged.npz\[notes.txt\]: not a valid .npy file"):
            arrays["notes.txt"]
        assert_same(arrays["0"], MEMBERS["0"])


def test_encrypted_member(tmp_path):
    path = tmp_path / "secret.npz"
    np.savez(path, a=np.arange(3))
    raw = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(magic) + offset] |= 1
    path.write_bytes(raw)
    with compactarray.load(path) as arrays, pytest.raises(ValueError, match=r"secret.npz\[a\]: .*password"):
        arrays["a"]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed], ids=["stored", "deflated"])
def test_saved_archives_are_numpys(save, tmp_path, both):
    compact = {name: CompactArray(values) for name, values in MEMBERS.items()}
    ours, theirs = tmp_path / "ours.npz", tmp_path / "theirs.npz"
    save(ours, CompactArray(MEMBERS["counts"]), [1, 2], **compact)
    save(theirs, MEMBERS["counts"], [1, 2], **MEMBERS)
    with zipfile.ZipFile(ours) as a, zipfile.ZipFile(theirs) as b:
        assert a.namelist() == b.namelist()
        for name in b.namelist():
            assert a.read(name) == b.read(name)
            assert a.getinfo(name).compress_type == b.getinfo(name).compress_type
    stream = io.BytesIO()
    save(stream, **compact)
    assert zipfile.ZipFile(stream).testzip() is None


def test_suffix_is_appended(tmp_path):
    np.savez(tmp_path / "a", CompactArray(np.arange(3)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_names_that_clash(tmp_path):
    with pytest.raises(ValueError, match="Cannot use un-named variables and keyword arr_0"):
        np.savez(tmp_path / "a.npz", CompactArray(np.arange(3)), arr_0=1)


def test_members_as_attributes():
    stream = io.BytesIO()
    np.savez(stream, one=np.arange(5), other=np.ones(3))
    for load in (np.load, compactarray.load):
        stream.seek(0)
        arrays = load(stream)
        assert np.array_equal(arrays.f.one, np.arange(5))
        assert sorted(dir(arrays.f)) == ["one", "other"]
        with pytest.raises(AttributeError, match="missing"):
            arrays.f.missing  # noqa: B018
        arrays.close()
        assert arrays.f is None


def test_nothing_at_all(tmp_path):
    path = tmp_path / "nothing.npy"
    path.touch()
    for load in (np.load, compactarray.load):
        with pytest.raises(EOFError, match="No data left in file"):
            load(path)
        with pytest.raises(EOFError, match="No data left in file"):
            load(io.BytesIO())

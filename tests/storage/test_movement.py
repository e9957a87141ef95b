"""Moving codes: the meaning that encodings share, stretches joined, strided copies, blocks replaced."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.encodings.bits import Bits, copy_bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.select import encode
from compactarray.kernels import KERNELS
from compactarray.storage import movement, overwriting, spans, strided
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import Builder
from compactarray.storage.joining import Stretch, joined
from compactarray.storage.meanings import common
from compactarray.storage.movement import copied, gathered, laid_end_to_end, moved, moved_as_codes
from compactarray.testing import assert_same
from tests.helpers import same
from tests.strategies import KINDS, STORED, make

LENGTH = 64


@pytest.fixture(autouse=True)
def lengths():
    """Blocks of 64 elements, of which every result is encoded."""
    with compactarray.config(block_length=LENGTH, tile_length=32, plain_below=0):
        yield


def build(values):
    builder = Builder(values.dtype)
    builder.append(values)
    return builder.finish()


def read(storage):
    out = np.empty(storage.size, storage.dtype)
    storage.read(0, storage.size, 1, out)
    return out


def encoded(*blocks):
    found = [encode(np.ascontiguousarray(block), LENGTH) for block in blocks]
    return [encoding.lane(0, LENGTH) if encoding.folded else encoding for encoding in found]


def sampled(values, *places):
    """Return an array of 64 elements in which no pattern is shorter to tell."""
    return np.asarray(values)[np.random.default_rng(1).integers(0, len(values), LENGTH)]


NAN = np.nan
WHOLE = sampled(np.arange(20.0) + 1)
WITH_NAN = np.where(np.arange(LENGTH) % 17 == 3, NAN, WHOLE)
WITH_SOME = np.where(np.arange(LENGTH) % 17 == 3, np.arange(LENGTH) * 1e300, WHOLE)
TABLE = sampled(np.arange(1, 12) * np.pi)

#: Blocks, and the form of the meaning that they share (None where there is none), with the dtype of the moving codes.
MEANINGS = [
    ("one frame", [sampled(np.arange(200))], "narrow", "u1"),
    ("two frames", [sampled(np.arange(100, 120)), sampled(np.arange(5000, 5020))], "narrow", "u2"),
    ("two frames that one of bytes holds", [sampled(np.arange(1000, 1020)), sampled(np.arange(1100, 1120))], "narrow", "u1"),
    ("frames too far apart", [sampled(np.arange(20)), sampled(np.arange(20) + 10**15)], None, None),
    ("strides", [sampled(np.arange(200)) * 70 + 7, sampled(np.arange(100)) * 21 * 70 + 147], "narrow", "u2"),
    ("datetimes", [sampled(np.arange(20)).astype("M8[s]"), sampled(np.arange(100, 120)).astype("M8[s]")], "narrow", "u1"),
    ("a frame and a constant", [sampled(np.arange(100)), np.full(LENGTH, 50)], "narrow", "u1"),
    ("a frame and two values", [sampled(np.arange(100)), sampled([3, 500])], "narrow", "u2"),
    ("a frame and a constant fraction", [WHOLE, np.full(LENGTH, 0.5)], None, None),
    ("missing values", [WHOLE, WITH_NAN], "narrow", "u1"),
    ("different exceptions", [WITH_SOME, WITH_NAN], "narrow", "u1"),
    ("exceptions of codes without room", [np.where(np.arange(LENGTH) % 9 == 3, NAN, np.arange(LENGTH) * 4.0 + 3)], "narrow", "u2"),
    ("one table", [TABLE], "dictionary", "u1"),
    ("two tables", [TABLE, sampled(np.arange(1, 10) * 2 * np.pi)], "dictionary", "u1"),
    ("a table and a constant", [TABLE, np.full(LENGTH, 1e300)], "dictionary", "u1"),
    ("decimals", [sampled(np.arange(200)) / 100, sampled(np.arange(300, 400)) / 100], "decimal", "u2"),
    ("decimals and a constant", [sampled(np.arange(200)) / 100, np.full(LENGTH, 0.5)], "decimal", "u1"),
    ("decimals of other digits", [sampled(np.arange(20)) / 100, sampled(np.arange(0, 1000, 7)) / 1000], None, None),
    ("constants", [np.full(LENGTH, value) for value in (1.5, 2.5, 3.5)], "dictionary", "u1"),
    ("two constants", [np.full(LENGTH, 2.5), np.full(LENGTH, 1.5)], "bits", "?"),
    ("equal constants", [np.full(LENGTH, 1.5), np.full(LENGTH, 1.5)], "constant", "u1"),
    ("zeros of both signs", [np.full(LENGTH, 0.0), np.full(LENGTH, -0.0)], "bits", "?"),
    ("bools", [sampled([True, False]), np.full(LENGTH, True)], "bits", "?"),
    ("bytes", [np.full(LENGTH, value, "u1") for value in (1, 2, 3)], None, None),
    ("noise", [np.random.default_rng(1).random(LENGTH)], "raw", "f8"),
    ("noise and a few zeros", [*np.random.default_rng(1).random((4, LENGTH)), np.zeros(LENGTH)], "raw", "f8"),
    ("noise and many zeros", [np.random.default_rng(1).random(LENGTH), np.zeros(LENGTH)], None, None),
    ("a table and noise", [TABLE, np.random.default_rng(1).random(LENGTH)], None, None),
    ("a table and a frame", [TABLE, WHOLE], None, None),
    ("float32", [np.random.default_rng(1).random(LENGTH, "f4").astype("f8"), np.full(LENGTH, 0.5)], "narrow_float", "u4"),
    (
        "float32 and a constant that is none",
        [np.random.default_rng(1).random(LENGTH, "f4").astype("f8"), np.full(LENGTH, 0.1)],
        None,
        None,
    ),
    ("a fill and others", [np.where(np.arange(LENGTH) % 20 == 3, WITH_SOME * 1.1, 0.25), np.full(LENGTH, 0.25)], "coo", "u1"),
]


@pytest.mark.parametrize(("blocks", "name", "dtype"), [m[1:] for m in MEANINGS], ids=[m[0] for m in MEANINGS])
def test_meanings(blocks, name, dtype):
    encodings = encoded(*blocks)
    found = common(encodings)
    if name is None:
        assert found is None
        return
    assert {found.model.name, name} in ({name}, {"constant", "coo"})
    assert found.dtype == np.dtype(dtype)
    codes = [found.codes_of(encoding) for encoding in encodings]
    assert all(code.dtype == found.dtype and code.length == LENGTH for code in codes)


@pytest.mark.parametrize(("blocks", "name"), [m[1:3] for m in MEANINGS], ids=[m[0] for m in MEANINGS])
def test_meanings_come_back(blocks, name):
    """What is moved as codes has the values, bit by bit, that it would have as values."""
    values = np.concatenate(blocks)
    storage = build(values)
    places = np.random.default_rng(2).integers(0, values.size, 5 * LENGTH + 7)

    def pieces(storages, most):
        for start in range(0, places.size, most):
            part = places[start : start + most]
            found = np.empty(part.size, storages[0].dtype)
            storages[0].gather(part, found)
            yield found

    source = Stretch(storage, 0, values.size)
    found = moved_as_codes([source], places.size, pieces)
    assert (found is None) == (name is None)
    same(read(moved([source], places.size, pieces)), values[places])
    same(read(moved([source], None, pieces)), values[places])
    same(read(gathered(source, places.size, lambda: iter([places[:9], places[9:]]))), values[places])


def test_widened_codes_are_narrowed_again():
    """Blocks far from each other in one frame of two bytes come back in frames of one byte each."""
    values = np.concatenate([sampled(np.arange(20)) + k * 3000 for k in range(8)])
    storage = build(values)
    fresh = copied(storage, (values.size - 64,), (1,), 64)
    assert fresh.nbytes <= storage.nbytes
    turned = copied(storage, (values.size,), (-1,), values.size - 1)
    same(read(turned), values[::-1])
    assert turned.nbytes <= storage.nbytes


def test_a_long_table_is_not_kept_for_few_elements():
    values = np.random.default_rng(1).random(40)[np.arange(640) % 40]
    few = copied(build(values), (8,), (40,), 0)
    same(read(few), values[:320:40])
    assert few.nbytes <= 8 * 8


def test_crowded_blocks_are_encoded_anew():
    """What was an exception here and there is the rule where all of it comes together."""
    values = np.where(np.arange(640) % 20 == 3, np.nan, np.arange(640) % 50)
    storage = build(values)
    places = np.flatnonzero(np.isnan(values)).repeat(4)
    found = gathered(Stretch(storage, 0, 640), places.size, lambda: iter([places]))
    same(read(found), values[places])
    assert {entry.encoding.name for entry in found.entries} == {"constant"}


EVERY = pytest.mark.parametrize("dtype", STORED, ids=str)


def mixed(dtype, seed):
    """Return blocks of several kinds of data, neighbours mostly of one."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(KINDS, 3)
    parts = [make(chosen[rng.integers(0, 3) if k % 2 else 0], dtype, int(rng.integers(40, 150)), k % 5) for k in range(4)]
    return np.concatenate(parts)


@EVERY
def test_copies(dtype):
    for seed in range(3):
        values = mixed(dtype, seed)
        storage = build(values)
        size = values.size // 10 * 10
        for view in (
            values[7:],
            values[::-1],
            values[3::3],
            values[:size].reshape(-1, 10).T,
            values[:size].reshape(-1, 10)[:, 2:9],
            values[:size].reshape(-1, 5, 2).transpose(2, 0, 1)[:, ::-1],
            np.broadcast_to(values[:size].reshape(-1, 10)[:, :, None], (size // 10, 10, 2)),
            np.broadcast_to(values[:30], (3, 30)),
        ):
            offset = (view.__array_interface__["data"][0] - values.__array_interface__["data"][0]) // values.itemsize
            found = copied(storage, view.shape, tuple(step // values.itemsize for step in view.strides), offset)
            same(read(found), view.reshape(-1))


@EVERY
def test_laid_end_to_end(dtype):
    for seed in range(3):
        values = mixed(dtype, seed)
        storages = [build(values), build(values[::-1].copy())]
        bounds = [(0, 0, 200), (1, 3, 64), (0, 63, 65), (1, 5, 6), (0, 64, 192)]
        found = laid_end_to_end([Stretch(storages[k], start, stop) for k, start, stop in bounds])
        same(read(found), np.concatenate([(values, values[::-1])[k][start:stop] for k, start, stop in bounds]))


def test_joined_needs_one_meaning():
    near, far = build(sampled(np.arange(20))), build(sampled(np.arange(20)) + 10**15)
    assert joined([Stretch(near, 0, 9), Stretch(far, 0, 9)]) is None
    assert joined([Stretch(near, 0, 9), Stretch(near, 5, 64)]).size == 68


def test_bits_at_every_place():
    rng = np.random.default_rng(1)
    for size in (1, 7, 8, 9, 30):
        marks = rng.random(size) < 0.5
        packed = np.packbits(marks, bitorder="little")
        for start, at in itertools.product(range(size), range(17)):
            for stop in range(start, size + 1):
                before = rng.random(at) < 0.5
                out = np.packbits(np.concatenate([before, np.zeros(48, bool)]), bitorder="little")
                copy_bits(packed, start, stop - start, out, at)
                expected = np.concatenate([before, marks[start:stop], np.zeros(48 - stop + start, bool)])
                same(out, np.packbits(expected, bitorder="little"))


@pytest.mark.parametrize("piece", [1, 8, 13, 1 << 16])
def test_many_bits(piece, monkeypatch):
    """Bits are shifted piece by piece: nothing of one is left in the next, which may be shorter."""
    monkeypatch.setattr("compactarray.encodings.bits._PIECE", piece)
    rng = np.random.default_rng(piece)
    size = max(1_000, 20 * piece)
    marks = rng.random(size) < 0.5
    packed = np.packbits(marks, bitorder="little")
    for start, at in itertools.product((0, 1, 8, 69), (0, 3, 8, 15)):
        for stop in (size, size - 5, size // 2 + start):
            out = np.zeros(-(-(at + stop - start) // 8), np.uint8)
            copy_bits(packed, start, stop - start, out, at)
            same(out, np.packbits(np.concatenate([np.zeros(at, bool), marks[start:stop]]), bitorder="little"))


def test_frozen_and_mutable():
    """Moving freezes what is there: later writes do not reach what was moved, on either side."""
    values = np.arange(200)
    storage = build(values)
    storage.put_item(70, np.int64(9))
    found = laid_end_to_end([Stretch(storage, 0, 200)])
    storage.put_item(71, np.int64(8))
    found.put_item(72, np.int64(7))
    expected = values.copy()
    expected[70] = 9
    same(read(storage), np.where(values == 71, 8, expected))
    same(read(found), np.where(values == 72, 7, expected))


def test_moving_encodes_nothing(monkeypatch):
    """Elements move as they are held."""
    values = np.random.default_rng(1).integers(0, 200, (40, 40))
    arrays = [
        CompactArray(values),
        CompactArray(values / 255),
        CompactArray(values > 50),
        CompactArray(np.where(values > 195, NAN, values)),
    ]

    def encode(*args):
        raise AssertionError("a block is encoded")

    monkeypatch.setattr(spans, "encode", encode)
    for array in arrays:
        for function in (
            lambda a: a.T.copy(),
            lambda a: a[::-1, ::2].copy(),
            lambda a: np.roll(a, 3, 1),
            lambda a: np.concatenate([a, a[3:]]),
            lambda a: np.concatenate([a, a], 1),
            lambda a: np.repeat(a, 3),
            lambda a: np.tile(a, (2, 2)),
            lambda a: np.take(a, np.arange(300)),
            lambda a: a[[3, 7, 9]],
            lambda a: a.ravel()[5:],
            lambda a: np.delete(a, [3, 5], 1),
        ):
            assert isinstance(function(array), CompactArray)


# --- strided copies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["?", "u1", "f2", "i4", "f8", "M8[s]"])
def test_strided_copies(dtype, monkeypatch):
    monkeypatch.setattr(strided, "_SMALL", 0)
    monkeypatch.setattr(strided, "_BLOCK", 8)
    rng = np.random.default_rng(1)
    values = rng.integers(0, 256, 400 * np.dtype(dtype).itemsize, "u1")
    values = (values & 1).view("?") if dtype == "?" else values.view(dtype)
    table = values.reshape(20, 20)
    for view in (
        values,
        values[::-1],
        values[3:][::-1],
        values[::3],
        table.T,
        table[:, ::-1],
        table[::-1, 3:],
        np.rot90(table),
        table[:, :, None].T,
        values.reshape(4, 25, 4).transpose(1, 2, 0),
        np.broadcast_to(values[:, None], (400, 1)),
        *(np.broadcast_to(values[:, None], (400, times)) for times in (2, 3, 4, 8, 20)),
        np.broadcast_to(table[:, None, :, None], (20, 2, 20, 2)),
        np.broadcast_to(values[:1], (30, 40)),
        np.broadcast_to(values, (3, 400)),
        values[:0],
    ):
        out = np.empty(view.shape, dtype)
        strided.copy_strided(view, out)
        same(out, np.ascontiguousarray(view))


# --- blocks replaced ------------------------------------------------------------------------------------


def pairs(dtype):
    """Yield storages with values for them, of one kind or of several."""
    for seed in range(3):
        old = mixed(dtype, seed)
        new = mixed(dtype, seed if seed % 2 else seed + 100)
        size = min(old.size, new.size)
        yield old[:size].copy(), new[:size].copy()


@EVERY
def test_overwritten(dtype):
    for old, new in pairs(dtype):
        for part in (slice(None), slice(5, -70), slice(64, 128), slice(None, None, 2), slice(None, None, -1)):
            array, copy = CompactArray(old), None
            copy = array.copy()
            expected = old.copy()
            array[part] = CompactArray(new)[part]
            expected[part] = new[part]
            assert_same(array, expected)
            assert_same(copy, old)


@EVERY
def test_overwritten_where(dtype):
    rng = np.random.default_rng(1)
    for old, new in pairs(dtype):
        for mask in (rng.random(old.size) < 0.5, np.ones(old.size, bool)):
            count = int(mask.sum())
            for value in (new[:1], new[:count], CompactArray(new)[:count]):
                array, expected = CompactArray(old), old.copy()
                array[CompactArray(mask)] = value
                expected[mask] = np.asarray(value)
                assert_same(array, expected)
                array, expected = CompactArray(old), old.copy()
                array[3:][mask[3:]] = value[:1]
                expected[3:][mask[3:]] = np.asarray(value)[:1]
                assert_same(array, expected)


@EVERY
def test_overwritten_at(dtype):
    rng = np.random.default_rng(1)
    for old, new in pairs(dtype):
        for view in (slice(None), slice(9, None), slice(None, None, 2)):
            array, expected = CompactArray(old), old.copy()
            places = rng.integers(-expected[view].size, expected[view].size, 60)
            array[view][places] = new[:60]
            expected[view][places] = new[:60]
            assert_same(array, expected)
            array[view][places[:30]] = CompactArray(new)[:1]
            expected[view][places[:30]] = new[:1]
            assert_same(array, expected)


def test_a_few_elements_are_written_one_by_one(monkeypatch):
    """A copy of all codes would cost more."""
    array = CompactArray(np.arange(6400) % 50)
    monkeypatch.setattr(overwriting, "moved_as_codes", None)
    array[[3, 1000, 5000]] = 7
    array[np.arange(6400) == 9] = 7
    array[100:120] = array[:20]
    assert array[[3, 1000, 5000, 9, 105]].tolist() == [7, 7, 7, 7, 5]


def test_large_codes_are_not_laid_out(monkeypatch):
    """Elements move piece by piece where the codes of all together are too many."""
    monkeypatch.setattr(movement, "_WHOLE", 100)
    values = np.random.default_rng(1).integers(0, 200, 1000)
    for old in (values, values > 50, np.where(values > 195, NAN, values)):
        array = CompactArray(old)
        places = np.random.default_rng(2).integers(-1000, 1000, (20, 30))
        assert_same(np.take(array, places), np.take(old, places))
        assert_same(np.take(array.reshape(10, 100), places % 7, 0), np.take(old.reshape(10, 100), places % 7, 0))
        assert_same(array.reshape(10, 100).T.copy(), old.reshape(10, 100).T.copy())
        assert_same(np.roll(array.reshape(10, 100), 3, 1), np.roll(old.reshape(10, 100), 3, 1))
        assert_same(np.tile(array, 3), np.tile(old, 3))
        assert_same(array[array > 0], old[old > 0])
        expected = old.copy()
        array[places] = expected[places] = expected[5]
        array[::2] = CompactArray(old)[::2]
        expected[::2] = old[::2]
        assert_same(array, expected)


def test_other_lengths_of_blocks():
    """Storages of other block lengths than are set now give and take elements."""
    values = np.where(np.arange(500) % 30 == 3, 1e300, np.arange(500) % 60)
    with compactarray.config(block_length=8):
        small = CompactArray(values)
    large = CompactArray(values)
    assert_same(np.concatenate([small, large[3:]]), np.concatenate([values, values[3:]]))
    small[...] = large[::-1]
    large[CompactArray(values[::-1] > 30)] = 5.5
    assert_same(small, values[::-1])
    assert_same(large, np.where(values[::-1] > 30, 5.5, values))


def test_equal_constants_cost_nothing():
    zeros = compactarray.zeros(1 << 40)
    found = np.concatenate([zeros, zeros[5:]])
    assert isinstance(found._view.storage, BlockStorage)
    assert found.size == (1 << 41) - 5 and found.nbytes < 100
    assert isinstance(found._view.storage.entries[0].encoding, Constant)


def test_two_values_stay_bits():
    array = CompactArray(np.arange(300) % 3 == 0)
    assert isinstance(np.repeat(array, 5)._view.storage.entries[0].encoding, Bits)
    assert "replace_codes" in KERNELS

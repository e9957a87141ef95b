"""Storages against a plain ndarray: reads, writes, copies, sections, over every dtype that is kept encoded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.storage.builder import Builder, can_encode, constant_storage
from compactarray.storage.reinterpreted import ReinterpretedStorage
from compactarray.testing import assert_same
from tests.helpers import same
from tests.strategies import DTYPES, KINDS, STORED, make

EVERY_DTYPE = pytest.mark.parametrize("dtype", STORED, ids=str)

#: Runs and addresses in a storage of 100 elements.
RUNS = [(0, 100, 1), (0, 1, 1), (99, 1, 1), (7, 18, 1), (8, 8, 1), (3, 33, 3), (1, 12, 8), (0, 8, 13), (50, 0, 1), (99, 1, 5)]
ADDRESSES = [[], [5], [99, 0], list(range(100)), list(range(99, -1, -1)), [7, 8, 7, 8, 7], [3] * 9, [0, 50, 51, 99, 98, 8]]


def build(values, block_length=65_536):
    builder = Builder(values.dtype, block_length=block_length)
    builder.append(values)
    return builder.finish()


def read(storage, start=0, count=None, step=1):
    out = make("noise", storage.dtype, storage.size if count is None else count, 8)
    storage.read(start, out.size, step, out)
    return out


def run(start, count, step):
    return slice(start, start + count * step, step) if count else slice(0, 0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_what_is_stored(dtype):
    assert can_encode(np.dtype(dtype)) == (dtype in STORED)
    if dtype not in STORED:
        with pytest.raises(TypeError):
            Builder(np.dtype(dtype))


@EVERY_DTYPE
@pytest.mark.parametrize("block_length", [8, 64, 65_536])
def test_reads(dtype, block_length):
    for kind in KINDS:
        values = make(kind, dtype, 100)
        storage = build(values, block_length)
        assert (storage.size, storage.dtype) == (100, values.dtype)
        for start, count, step in RUNS:
            same(read(storage, start, count, step), values[run(start, count, step)])
        for addresses in ADDRESSES:
            out = make("noise", dtype, len(addresses), 3)
            storage.gather(np.array(addresses, np.int64), out)
            same(out, values[np.array(addresses, np.int64)])
        for address in (0, 7, 8, 99):
            assert_same(np.array(storage.item(address), values.dtype), values[address : address + 1].reshape(()), dense=True)


@EVERY_DTYPE
def test_reads_into_any_stride(dtype):
    values = make("outliers", dtype, 100)
    wide = make("noise", dtype, 300, 1)
    expected = wide.copy()
    build(values, 8).read(0, 100, 1, wide[::3])
    build(values, 8).gather(np.arange(100), wide[::-3])
    expected[::3] = values
    expected[::-3] = values
    same(wide, expected)


@EVERY_DTYPE
@pytest.mark.parametrize("block_length", [8, 65_536])
def test_writes(dtype, block_length):
    for turn, kind in enumerate(KINDS):
        values = make(kind, dtype, 100)
        for new_kind in ("narrow", "outliers", "noise"):
            storage = build(values, block_length)
            expected = values.copy()
            for seed, (start, count, step) in enumerate(RUNS):
                new = make(new_kind, dtype, count, seed + turn)
                if count:
                    storage.write(start, count, step, new)
                expected[run(start, count, step)] = new
                same(read(storage), expected)
            for seed, addresses in enumerate(ADDRESSES):
                new = make(new_kind, dtype, len(addresses), seed + turn)
                storage.scatter(np.array(addresses, np.int64), new)
                expected[np.array(addresses, np.int64)] = new
                same(read(storage), expected)


@EVERY_DTYPE
def test_fill_and_put_item(dtype):
    values = make("narrow", dtype, 100)
    for seed, (start, count, step) in enumerate(RUNS):
        for kind in ("narrow", "noise"):
            storage, expected = build(values, 8), values.copy()
            value = make(kind, dtype, 1, seed)
            if count:
                storage.fill(start, count, step, value)
            expected[run(start, count, step)] = value
            storage.put_item(start, expected[(start + 1) % 100])
            expected[start] = expected[(start + 1) % 100]
            same(read(storage), expected)


@EVERY_DTYPE
def test_copies_and_sections_are_independent(dtype):
    values, new = make("few values", dtype, 100), make("noise", dtype, 100)
    storage = build(values, 8)
    copy, section = storage.copy(), storage.section(16, 40)
    storage.write(10, 20, 1, new[:20])
    copy.write(0, 50, 2, new[:50])
    expected = values.copy()
    expected[10:30] = new[:20]
    same(read(storage), expected)
    expected = values.copy()
    expected[:100:2] = new[:50]
    same(read(copy), expected)
    same(read(section), values[16:40])
    section.scatter(np.array([0, 23]), new[:2])
    same(read(copy), expected)
    assert build(values, 8).section(3, 40) is None
    same(read(build(values, 8).section(96, 100)), values[96:])


@EVERY_DTYPE
def test_checkpoints(dtype):
    values, new = make("few values", dtype, 100), make("noise", dtype, 100)
    storage = build(values, 8)
    storage.put_item(5, new[5])
    values[5] = new[5]
    before = storage.checkpoint()
    storage.write(0, 100, 1, new)
    storage.put_item(7, new[0])
    storage.restore(before)
    same(read(storage), values)
    storage.put_item(7, new[0])
    assert storage.item(7).tobytes() == new[0].tobytes()


@EVERY_DTYPE
def test_constant_storage(dtype):
    for kind in ("constant", "noise"):
        value = make(kind, dtype, 1)
        storage = constant_storage(value, 10**15)
        assert storage.nbytes <= 2 * value.nbytes
        same(read(storage, 10**15 - 9, 9), np.repeat(value, 9))
        new = make("noise", dtype, 3, 4)
        storage.write(10**15 - 4, 3, 1, new)
        expected = np.repeat(value, 5)
        expected[1:4] = new
        same(read(storage, 10**15 - 5, 5), expected)


@pytest.mark.parametrize(
    ("dtype", "other"), [("i8", "u8"), ("i8", "u1"), ("u1", "i4"), ("f8", "f4"), ("f4", "c8"), ("i2", "i8"), ("i4", "M8[s]")]
)
def test_reinterpreted(dtype, other):
    values, other = make("few values", dtype, 96), np.dtype(other)
    storage = ReinterpretedStorage(other, build(values, 8))
    ratio = max(1, other.itemsize // values.itemsize)
    expected = values.view(other)
    addresses = np.array([5, 0, 7, 5])
    out = np.empty(4, other)
    storage.gather(addresses * ratio, out)
    same(out, expected[addresses])
    same(read(storage, ratio, 6, ratio), expected[1:7])
    same(read(storage, 0, 3, 2 * ratio), expected[0:6:2])
    new = make("noise", other, 4)
    storage.scatter(addresses * ratio, new)
    expected[addresses] = new
    storage.write(8 * ratio, 3, ratio, new[:3])
    expected[8:11] = new[:3]
    storage.fill(11 * ratio, 1, ratio, new[:1])
    storage.put_item(ratio, new[2])
    expected[11], expected[1] = new[0], new[2]
    same(read(storage.copy(), 0, len(expected), ratio), expected)
    assert_same(storage.item(ratio), expected[1])


@given(st.data(), st.sampled_from(STORED), st.sampled_from(KINDS), st.integers(1, 80))
def test_random_operations(data, dtype, kind, size):
    expected = make(kind, dtype, size)
    storage = build(expected, data.draw(st.sampled_from([8, 16, 65_536])))
    for seed in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, size - 1))
        step = data.draw(st.sampled_from([1, 1, 2, 3, 9]))
        count = data.draw(st.integers(1, (size - start - 1) // step + 1))
        new = make(data.draw(st.sampled_from(KINDS)), dtype, count, seed)
        operation = data.draw(st.sampled_from(["write", "scatter", "fill", "put_item", "copy"]))
        if operation == "write":
            storage.write(start, count, step, new)
            expected[run(start, count, step)] = new
        elif operation == "scatter":
            addresses = data.draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count))
            storage.scatter(np.array(addresses), new)
            expected[np.array(addresses)] = new
        elif operation == "fill":
            storage.fill(start, count, step, new[:1])
            expected[run(start, count, step)] = new[0]
        elif operation == "put_item":
            storage.put_item(start, new[0])
            expected[start] = new[0]
        else:
            other, storage = storage, storage.copy()
            other.fill(0, size, 1, new[:1])
        same(read(storage), expected)
    assert storage.nbytes <= storage.nbytes_between(0, size) or storage.nbytes > 0

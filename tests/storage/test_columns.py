"""Tables of columns against a plain ndarray: runs of every step, addresses, writes, copies, what is held."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.storage.builder import Builder
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.parts import SwappedStorage
from tests.helpers import same
from tests.strategies import KINDS, STORED, make

WIDTHS = [1, 2, 3, 4, 10, 20, 25, 50]
SIZE = 300


def build(values, width, block_length=8):
    parts = []
    for column in range(width):
        builder = Builder(values.dtype, block_length=block_length)
        builder.append(values[column::width])
        parts.append(builder.finish())
    return ColumnsStorage(values.dtype, tuple(parts))


def read(storage, start=0, count=None, step=1):
    out = make("noise", storage.dtype, storage.size if count is None else count, 8)
    storage.read(start, out.size, step, out)
    return out


def runs(seed, number=40):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        start, step = int(rng.integers(SIZE)), int(rng.choice([1, 1, 2, 3, 4, 5, 6, 9, 10, 20, 30, 50, 100, 101]))
        yield start, int(rng.integers(1, (SIZE - 1 - start) // step + 2)), step


def of(start, count, step):
    return slice(start, start + (count - 1) * step + 1, step)


@pytest.mark.parametrize("dtype", STORED, ids=str)
@pytest.mark.parametrize("width", WIDTHS)
def test_reads(dtype, width, both):
    values = make("outliers", dtype, SIZE)
    storage = build(values, width)
    assert (storage.size, storage.dtype, storage.rows) == (SIZE, values.dtype, SIZE // width)
    for start, count, step in [(0, SIZE, 1), *runs(width)]:
        same(read(storage, start, count, step), values[of(start, count, step)])
    rng = np.random.default_rng(width)
    for number in (0, 1, 2, 7, 400):
        for addresses in (rng.integers(0, SIZE, number), rng.integers(0, SIZE // width, number) * width):
            out = make("noise", dtype, number, 3)
            storage.gather(addresses, out)
            same(out, values[addresses])
    same(np.array([storage.item(a) for a in range(0, SIZE, 7)], dtype), values[::7])


def test_reads_into_any_stride(both):
    values = make("narrow", "f8", SIZE)
    wide = np.zeros(3 * SIZE)
    build(values, 20).read(0, SIZE, 1, wide[::3])
    same(wide[::3], values)
    build(values, 20).read(3, 99, 2, wide[::-1][:99])
    same(wide[::-1][:99], values[3 : 3 + 2 * 99 : 2])


@pytest.mark.parametrize("dtype", STORED, ids=str)
@pytest.mark.parametrize("width", WIDTHS)
def test_writes(dtype, width):
    for kind in ("narrow", "few values"):
        expected = make(kind, dtype, SIZE)
        storage = build(expected, width)
        for seed, (start, count, step) in enumerate(runs(width, 8)):
            new = make(("narrow", "outliers", "noise")[seed % 3], dtype, count, seed)
            storage.write(start, count, step, new)
            expected[of(start, count, step)] = new
            same(read(storage), expected)
            storage.fill(start, count, step, new[:1])
            expected[of(start, count, step)] = new[0]
            storage.put_item(start, new[-1])
            expected[start] = new[-1]
            addresses = np.random.default_rng(seed).integers(0, SIZE, 50)
            new = make("outliers", dtype, 50, seed)
            storage.scatter(addresses, new)
            expected[addresses] = new
            same(read(storage), expected)
        new = make("noise", dtype, SIZE, 9)
        storage.rewrite(new)
        same(read(storage), new)


def test_long_columns_are_written_in_pieces(monkeypatch):
    monkeypatch.setattr("compactarray.storage.columns._PIECE", 16)
    values, new = make("narrow", "i8", SIZE), make("noise", "i8", SIZE)
    storage = build(values, 3)
    storage.write(4, 280, 1, new[:280])
    values[4:284] = new[:280]
    same(read(storage), values)


@pytest.mark.parametrize("width", WIDTHS)
def test_copies_sections_checkpoints(width):
    values, new = make("few values", "f8", SIZE), make("noise", "f8", SIZE)
    storage = build(values, width)
    copy, before = storage.copy(), storage.checkpoint()
    storage.write(10, 100, 2, new[:100])
    same(read(copy), values)
    same(read(pickle.loads(pickle.dumps(copy))), values)
    storage.restore(before)
    same(read(storage), values)
    copy.write(0, SIZE, 1, new)
    same(read(storage), values)
    for rows in (slice(0, SIZE // width), slice(0, 8), slice(8, 16), slice(3, 9), slice(0, 0)):
        first, stop = rows.start * width, rows.stop * width
        if stop > SIZE:
            continue
        section = storage.section(first, stop)
        assert (section is not None) == (rows.stop > 0 and rows.start % 8 == 0 and (rows.stop % 8 == 0 or stop == SIZE))
        if section is not None:
            same(read(section), values[first:stop])
    if width > 1:
        assert storage.section(1, SIZE) is None


def test_what_is_held_counts_columns_that_are_touched():
    rows = 1000
    noise, narrow = make("noise", "f8", rows), make("narrow", "f8", rows)
    table = np.stack([noise, narrow], 1)
    storage = build(table.reshape(-1), 2, 65_536)
    assert storage.nbytes == 9 * rows
    assert storage.nbytes_between(1, 2) == rows
    assert storage.nbytes_between(0, 1) == 8 * rows
    assert storage.nbytes_between(1, 4) == storage.nbytes_between(0, 2 * rows) == 9 * rows
    assert [(held.name, held.elements) for held in storage.held(4, 6)] == [("raw", rows), ("narrow", rows)]
    assert list(storage.held(5, 5)) == []


def test_columns_share_the_lock_of_the_table_and_report_its_pitch():
    storage = build(make("narrow", "i4", SIZE), 3)
    assert all(part.lock is storage.lock and part.pitch == 12 for part in storage.parts)
    copy = storage.copy()
    assert copy.lock is not storage.lock
    swapped = SwappedStorage(np.dtype(">i4"), build(make("narrow", "i4", SIZE), 3))
    swapped.adopt(storage.lock, 20)
    assert all(part.lock is storage.lock and part.pitch == 60 for part in swapped.native.parts)


@given(st.data(), st.sampled_from(STORED), st.sampled_from(KINDS), st.integers(1, 30), st.integers(1, 9))
def test_random_operations(data, dtype, kind, rows, width):
    size = rows * width
    expected = make(kind, dtype, size)
    storage = build(expected, width, data.draw(st.sampled_from([8, 16, 65_536])))
    for seed in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, size - 1))
        step = data.draw(st.sampled_from([1, 1, 2, 3, width, 2 * width, 9]))
        count = data.draw(st.integers(1, (size - start - 1) // step + 1))
        new = make(data.draw(st.sampled_from(KINDS)), dtype, count, seed)
        operation = data.draw(st.sampled_from(["write", "scatter", "fill", "put_item", "copy"]))
        if operation == "write":
            storage.write(start, count, step, new)
            expected[of(start, count, step)] = new
        elif operation == "scatter":
            addresses = np.array(data.draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count)))
            storage.scatter(addresses, new)
            expected[addresses] = new
        elif operation == "fill":
            storage.fill(start, count, step, new[:1])
            expected[of(start, count, step)] = new[0]
        elif operation == "put_item":
            storage.put_item(start, new[0])
            expected[start] = new[0]
        else:
            other, storage = storage, storage.copy()
            other.fill(0, size, 1, new[:1])
        same(read(storage), expected)
        same(read(storage, start, count, step), expected[of(start, count, step)])

"""Tables whose columns follow each other, against ndarray: storages, and arrays in F order."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray import CompactArray
from compactarray.config import settings
from compactarray.storage.builder import Builder
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.stacked import StackedStorage
from compactarray.storage.view import whole
from compactarray.testing import assert_same
from tests.helpers import same
from tests.storage.test_columns import of, read
from tests.strategies import KINDS, STORED, make

SHIPPED = settings().plain_below > 0


def build(values, width, block_length=8):
    parts = []
    for column in values.reshape(width, -1):
        builder = Builder(values.dtype, block_length=block_length)
        builder.append(column)
        parts.append(builder.finish())
    return StackedStorage(values.dtype, tuple(parts))


@given(st.data(), st.sampled_from(STORED), st.sampled_from(KINDS), st.integers(1, 30), st.integers(1, 9))
def test_random_operations(data, dtype, kind, rows, width):
    size = rows * width
    expected = make(kind, dtype, size)
    storage = build(expected, width, data.draw(st.sampled_from([8, 16, 65_536])))
    assert (storage.size, storage.rows) == (size, rows)
    for seed in range(data.draw(st.integers(1, 12))):
        start = data.draw(st.integers(0, size - 1))
        step = data.draw(st.sampled_from([1, 1, 2, 3, rows, 2 * rows, 9]))
        count = data.draw(st.integers(1, (size - start - 1) // step + 1))
        new = make(data.draw(st.sampled_from(KINDS)), dtype, count, seed)
        addresses = np.array(data.draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count)))
        operation = data.draw(st.sampled_from(["write", "scatter", "fill", "put_item", "copy", "rewrite", "restore"]))
        if operation == "write":
            storage.write(start, count, step, new)
            expected[of(start, count, step)] = new
        elif operation == "scatter":
            storage.scatter(addresses, new)
            expected[addresses] = new
        elif operation == "fill":
            storage.fill(start, count, step, new[:1])
            expected[of(start, count, step)] = new[0]
        elif operation == "put_item":
            storage.put_item(start, new[0])
            expected[start] = new[0]
        elif operation == "rewrite":
            expected[of(start, count, step)] = new
            storage.rewrite(expected.copy())
        elif operation == "restore":
            before = storage.checkpoint()
            storage.write(start, count, step, new)
            storage.restore(before)
        else:
            other, storage = storage, storage.copy()
            other.fill(0, size, 1, new[:1])
        same(read(storage), expected)
        same(read(storage, start, count, step), expected[of(start, count, step)])
        out = make("noise", dtype, count, 3)
        storage.gather(addresses, out)
        same(out, expected[addresses])
        assert_same(np.array([storage.item(start)], dtype), expected[start : start + 1], dense=True)


def test_sections_pickles_and_what_is_held():
    values = np.arange(96.0) ** 2
    storage = build(values, 3)
    same(read(pickle.loads(pickle.dumps(storage))), values)
    for start, stop, there in [
        (0, 96, True),
        (32, 96, True),
        (32, 64, True),
        (40, 64, True),
        (33, 64, False),
        (8, 96, False),
        (5, 5, False),
    ]:
        section = storage.section(start, stop)
        assert (section is not None) == there
        if section is not None:
            same(read(section), values[start:stop])
    assert sum(held.elements for held in storage.held(31, 33)) == 16
    assert storage.nbytes_between(40, 48) < storage.nbytes_between(0, 96) == storage.nbytes
    assert list(storage.held(5, 5)) == []
    copy = storage.copy()
    assert copy.lock is not storage.lock
    assert all(part.lock is storage.lock and part.pitch == 8 for part in storage.parts)


def table(rows=None, dtype=float):
    rows = rows or (600 if settings().block_length > 600 else 24)
    rng = np.random.default_rng(3)
    columns = [
        np.arange(rows),
        rng.integers(0, 2, rows),
        rng.integers(0, 1000, rows) / 100,
        np.full(rows, 1e30),
        rng.integers(10**12, 10**12 + 200, rows),
        np.where(rng.random(rows) < 0.1, 5, 0),
        rng.random(rows) * 0 + 0.1,
    ] * 2
    return np.asfortranarray(np.stack(columns, 1), dtype)


def by_stack(dense):
    storage = build(dense.reshape(-1, order="F"), dense.shape[1], settings().block_length)
    return CompactArray.from_view(whole(storage, dense.shape, "F"))


VIEWS = {
    "whole": lambda a: a,
    "transposed": lambda a: a.T,
    "column": lambda a: a[:, 2],
    "columns": lambda a: a[:, 1:3],
    "every other column": lambda a: a[:, ::2],
    "columns backwards": lambda a: a[:, ::-1],
    "rows": lambda a: a[3:20],
    "rows backwards": lambda a: a[::-1],
    "every third row": lambda a: a[::3],
    "row": lambda a: a[5],
    "element": lambda a: a[5:6, 3:4],
    "nothing": lambda a: a[:, 3:3],
    "flat": lambda a: a.reshape(-1, order="F"),
    "three axes": lambda a: a.reshape(2, -1, a.shape[1], order="F"),
    "spread": lambda a: np.broadcast_to(a, (2, *a.shape)),
    "bytes": lambda a: a.view("i8"),
}
CALLS = {
    "copy": lambda a: a.copy(),
    "copy C": lambda a: a.copy("C"),
    "copy F": lambda a: a.copy("F"),
    "astype": lambda a: a.astype("f4"),
    "add": lambda a: a + 1,
    "self": lambda a: a * a,
    "row and column": lambda a: a - a[..., :1] + a[..., -1:],
    "compare": lambda a: a > 3,
    "where": lambda a: np.where(a > 3, a, 0),
    "modf": lambda a: np.modf(a)[0],
    "max": lambda a: a.max(0) if a.size else None,
    "max of all": lambda a: a.max() if a.size else None,
    "any": lambda a: a.any(-1),
    "sort": lambda a: np.sort(a, 0),
    "argsort": lambda a: np.argsort(a, 0, stable=True),
    "median": lambda a: np.median(a, 0) if a.size else None,
    "cumulated": lambda a: np.maximum.accumulate(a, 0),
    "flip": lambda a: np.flip(a, 0),
    "taken": lambda a: a[np.arange(0, len(a), 2)],
    "chosen": lambda a: a[a > 3],
    "taken columns": lambda a: a[..., [0]] if a.ndim > 1 and a.shape[-1] else None,
    "joined": lambda a: np.concatenate([a, a]),
    "joined columns": lambda a: np.concatenate([a, a], -1),
    "unique": lambda a: np.unique(a),
    "ravel": lambda a: a.ravel(),
    "strides": lambda a: (a.strides, a.flags.f_contiguous, a.flags.c_contiguous),
    "bytes": lambda a: a.tobytes(),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("view", VIEWS)
def test_views_and_calls(view, call, both):
    dense = table()
    array = by_stack(dense)
    expected, ours = CALLS[call](VIEWS[view](dense)), CALLS[call](VIEWS[view](array))
    if isinstance(expected, (tuple, bytes)) or expected is None:
        assert ours == expected
    else:
        assert_same(ours, expected)


@pytest.mark.parametrize("view", [name for name in VIEWS if name != "spread"])
def test_writes_through_views(view, both):
    dense = table()
    array = by_stack(dense)
    for values in (7, VIEWS[view](dense)[..., ::-1].copy()):
        dense_view, ours = VIEWS[view](dense), VIEWS[view](array)
        dense_view[...] = values
        ours[...] = values
        assert_same(array, dense)
    part = (slice(2, 5), slice(1, 3))
    array[part] += 1.5
    dense[part] += 1.5
    array[dense > 3] = -0.0
    dense[dense > 3] = -0.0
    np.multiply(array, array.copy("C"), out=array)
    np.multiply(dense, dense.copy("C"), out=dense)
    assert_same(array, dense)


@pytest.mark.skipif(not SHIPPED, reason="blocks as shipped")
def test_when_columns_in_f_order_are_encoded_each_by_itself():
    dense = table(4000)
    array = CompactArray(dense)
    assert type(array._view.storage) is StackedStorage
    assert array.nbytes <= CompactArray(np.ascontiguousarray(dense)).nbytes
    assert array.info.columns == 14
    assert type((array + 1)._view.storage) is StackedStorage
    assert type(array.copy("K")._view.storage) is StackedStorage
    assert type(array[10:4000].copy("K")._view.storage) is StackedStorage
    assert type(array.copy("C")._view.storage) is ColumnsStorage
    assert not isinstance(array[:, 3]._view.storage, ColumnsStorage)
    assert type(CompactArray(dense.reshape(100, 40, -1, order="F"))._view.storage) is StackedStorage
    assert not isinstance(CompactArray(np.asfortranarray(dense[:, :1] + np.zeros(14)))._view.storage, ColumnsStorage)
    assert np.shares_memory(array[:, 3], array[5:]) and not np.shares_memory(array[:, 3], array[:, 4])
    array.compact("small")
    assert_same(array, dense)
    assert_same(CompactArray(dense, level="small"), dense)

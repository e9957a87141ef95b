"""Tables encoded by columns: when they are, their views and copies, what is held, against ndarray."""

import copy
import io
import pickle

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.config import settings
from compactarray.encodings.tabular import is_tabular
from compactarray.inspect import inspect_file
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.tables import TableBuilder, in_rows
from compactarray.testing import assert_same
from tests.helpers import table
from tests.strategies import ENCODED, shaped


def mixed(rows=None, dtype="f8"):
    """Return a table of different kinds of columns; by default with as few rows as can be a table's."""
    rows = (40 if settings().block_length == 8 else 600) if rows is None else rows
    rng = np.random.default_rng(1)
    columns = [
        np.arange(rows),
        rng.integers(0, 2, rows),
        rng.integers(0, 10**9, rows),
        np.full(rows, 7),
        rng.choice([3, 500_000], rows),
    ]
    if np.dtype(dtype).kind == "f":
        columns += [rng.random(rows), rng.integers(0, 99, rows) / 100]
    return np.stack(columns, 1).astype(dtype)


def is_by_columns(array):
    return type(array._view.storage) is ColumnsStorage


VIEWS = {
    "whole": lambda a: a,
    "column": lambda a: a[:, 2],
    "column backwards": lambda a: a[::-2, 1],
    "columns": lambda a: a[:, 1:3],
    "a column of two axes": lambda a: a[:, 1:2],
    "columns backwards": lambda a: a[:, ::-1],
    "row": lambda a: a[5],
    "rows": lambda a: a[3:-3],
    "some rows": lambda a: a[::-3],
    "transposed": lambda a: a.T,
    "transposed rows": lambda a: a.T[1:, 2:],
    "flat": lambda a: a.reshape(-1),
    "part of rows": lambda a: a.reshape(-1)[3:-2],
    "across rows": lambda a: a.reshape(-1)[1 : 1 - a.shape[1]].reshape(-1, a.shape[1]),
    "diagonal": lambda a: a.diagonal(),
    "broadcast": lambda a: np.broadcast_to(a[:, 1], (3, len(a))),
    "none": lambda a: a[:0],
    "no columns": lambda a: a[:, 3:3],
    "cell": lambda a: a[4, 1, ...],
    "three axes": lambda a: a[:20].reshape(4, 5, -1),
}
EVERY_VIEW = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())


@pytest.mark.parametrize("dtype", ["f8", "i8", "i4", "f4"])
@pytest.mark.usefixtures("shipped")
def test_different_columns_are_encoded_each_by_itself(dtype):
    dense = mixed(20_000, dtype)
    array = CompactArray(dense)
    assert is_by_columns(array)
    assert_same(array, dense)
    by_rows = CompactArray(dense.reshape(-1))
    assert array.nbytes < 0.9 * by_rows.nbytes
    assert array.nbytes == sum(CompactArray(column).nbytes for column in dense.T)
    assert_same(CompactArray(dense.reshape(100, 200, -1)), dense.reshape(100, 200, -1))
    assert is_by_columns(CompactArray(dense.reshape(100, 200, -1)))
    assert is_by_columns(CompactArray(dense[::2]))
    assert not is_by_columns(CompactArray(np.asfortranarray(dense)))


@pytest.mark.parametrize("kind", "US")
def test_tables_of_texts(kind, shipped):
    rng = np.random.default_rng(0)
    colours, names = rng.choice(["red", "green", "blue"], 5000), [f"id{k:06d}" for k in range(5000)]
    dense = np.stack([colours, names, ["x"] * 5000], 1).astype(kind)
    array = CompactArray(dense)
    assert is_by_columns(array)
    assert array.nbytes < 0.9 * CompactArray(dense.reshape(-1)).nbytes
    for function in (
        lambda a: a,
        lambda a: a[:, 1],
        lambda a: a == a[:, :1],
        lambda a: a[::2, ::-1].copy(),
        lambda a: np.sort(a, axis=0),
        lambda a: a[np.arange(5000)[::-1]],
        lambda a: a[:, [0, 2]],
        lambda a: a.astype(kind + "20"),
        lambda a: np.hstack([a, a[:, :2]]),
    ):
        assert_same(function(array), function(dense))


@pytest.mark.usefixtures("shipped")
def test_what_is_of_one_kind_stays_in_rows():
    rng = np.random.default_rng(0)
    noise, counts = rng.random((20_000, 10)), rng.integers(0, 200, (20_000, 10))
    for dense in (noise, counts, counts / 255, counts.astype("u1"), np.zeros((20_000, 10)), rng.random((20_000, 3)) < 0.5):
        array = CompactArray(dense)
        assert not is_by_columns(array)
        assert_same(array, dense)
    few, wide = mixed(100), np.tile(mixed(20_000), 40)
    for dense in (few, wide, mixed(20_000)[:, :1]):
        assert not is_by_columns(CompactArray(dense))


@pytest.mark.parametrize("width", [2, 3, 60, 256])
def test_estimates_of_any_width(width):
    noise = np.random.default_rng(0).random((3000, width))
    assert not is_tabular(noise)
    noise[:, ::2] = np.arange(3000)[:, None] % 50
    assert is_tabular(noise)


@EVERY_VIEW
def test_views(view, both):
    dense = mixed()
    array = table(dense)
    theirs, ours = view(dense), view(array)
    assert_same(ours, theirs, strides=True)
    assert ours.flags.c_contiguous == theirs.flags.c_contiguous
    assert ours.flags.f_contiguous == theirs.flags.f_contiguous
    for order in "CFAK":
        assert_same(ours.copy(order), theirs.copy(order), strides=True)
    for function in (copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a)), lambda a: a.astype("f4"), lambda a: a.astype("i8")):
        with np.errstate(all="ignore"):
            assert_same(function(ours), function(theirs))
    assert 0 <= ours.nbytes <= array.nbytes
    ours.info.as_dict()


@EVERY_VIEW
def test_writes_through_views(view, both):
    dense = mixed()
    array = table(dense)
    rng = np.random.default_rng(3)
    for values in (9, 0.25, rng.random(), "noise", "narrow"):
        theirs, ours = view(dense), view(array)
        if not theirs.flags.writeable:
            with pytest.raises(ValueError, match="read-only"):
                ours[...] = 3
            return
        if isinstance(values, str):
            values = shaped(values, "f8", theirs.shape)
        theirs[...] = values
        ours[...] = values
        assert_same(array, dense)
        if theirs.ndim and theirs.size:
            theirs[theirs > 5] += 1
            ours[ours > 5] += 1
            rows = rng.integers(0, len(theirs), 7)
            theirs[rows] = theirs[rows][::-1]
            ours[rows] = ours[rows][::-1]
            theirs[1:] = theirs[:-1].copy()
            ours[1:] = ours[:-1]
            theirs[(0,) * theirs.ndim] = ours[(0,) * theirs.ndim] = 17
            assert_same(array, dense)


@pytest.mark.parametrize("dtype", ENCODED, ids=str)
def test_rows_are_taken_column_by_column(dtype, both):
    rows = 80 if both == "miniature" else 1200
    dense = shaped("outliers", dtype, (rows, 5))
    array = table(dense)
    rng = np.random.default_rng(0)
    some, mask = rng.integers(-rows, rows, rows), rng.random(rows) < 0.7
    for index in (
        some,
        mask,
        some.reshape(20, -1),
        (slice(None, None, 2), [0, 1, 1]),
        (some, slice(None, None, -2)),
        (mask, 2),
        (some, some % 5),
    ):
        assert_same(array[index], dense[index])
    for index in (some, mask, some.reshape(20, -1), (some, slice(1, 4))):
        assert is_by_columns(array[index])
    cube, dense = table(dense.reshape(-1, 40, 5)), dense.reshape(rows // 40, 40, 5)
    for index in (some % 2, (some % 2, some % 40), (slice(None), some % 40), (..., [0, 1]), (some % 2, slice(2, 30))):
        assert_same(cube[index], dense[index])
    assert is_by_columns(cube[some % 2])


def test_columns_are_taken_one_after_the_other(both):
    dense = mixed(1500 if both == "shipped" else 40)
    array = table(dense)
    for index in ([0, 2, 3], [[1, 1], [-1, 0]], np.array([], int), [5], np.arange(7) % 2 == 0):
        for view in (lambda a: a, lambda a: a[1:-1], lambda a: a[:, ::-1], lambda a: a[::2]):
            ours, theirs = view(array)[:, index], view(dense)[:, index]
            assert_same(ours, theirs, strides=True)
            assert_same(
                np.take(view(array), index, axis=1) if len(index) < 7 else ours,
                np.take(view(dense), index, 1) if len(index) < 7 else theirs,
            )
    for function in (
        lambda a: a.T.copy(),
        lambda a: a.ravel("F"),
        lambda a: a[:, 1:3].T.copy("C"),
        lambda a: a[::-1].T.copy("C"),
        lambda a: a.T.reshape(-1),
    ):
        assert_same(function(array), function(dense), strides=True)
    cube, dense = array[:40].reshape(5, 8, -1), dense[:40].reshape(5, 8, -1)
    assert_same(cube[..., [3, 1]], dense[..., [3, 1]], strides=True)
    assert_same(cube.transpose(2, 0, 1).copy(), dense.transpose(2, 0, 1).copy(), strides=True)


def test_rows_at_a_large_index(miniature):
    dense = mixed(300)
    array = table(dense)
    rows = np.random.default_rng(0).integers(-300, 300, 500)
    for index in (rows, CompactArray(rows), (CompactArray(rows), slice(None, None, -1))):
        assert_same(
            array[index], dense[tuple(map(np.asarray, index[:1])) + index[1:] if isinstance(index, tuple) else np.asarray(index)]
        )
        assert is_by_columns(array[index])


def test_copies_and_joined_rows_keep_the_columns(both):
    # More than what is decoded whole for one operation, whatever it is.
    dense = mixed(1500 if both == "shipped" else 40)
    array = table(dense)
    for function in (
        lambda a: a.copy(),
        lambda a: a[3:-3].copy(),
        lambda a: a[:, 1:4].copy(),
        lambda a: a[:, ::-1].copy(),
        lambda a: np.concatenate([a, a[:500]]),
        lambda a: np.vstack([a[5:], a]),
        lambda a: a.T.copy("K").T,
    ):
        ours, theirs = function(array), function(dense)
        assert_same(ours, theirs, strides=True)
        assert is_by_columns(ours)
        ours[1, 1] = theirs[1, 1] = 0.1
        assert_same(ours, theirs)
        assert_same(array, dense)


def test_shared_memory():
    dense = mixed(100)
    array = table(dense)
    for first in VIEWS.values():
        for second in VIEWS.values():
            theirs, ours = (first(dense), second(dense)), (first(array), second(array))
            assert np.shares_memory(*ours) == np.shares_memory(*theirs)
            assert np.may_share_memory(*ours) == np.may_share_memory(*theirs)
    assert not np.shares_memory(array, table(dense))
    assert not np.may_share_memory(array[:, 1], dense)


@pytest.mark.usefixtures("shipped")
def test_what_is_held_by_columns():
    array = CompactArray(mixed(20_000))
    info = array.info
    assert info.columns == info.as_dict()["columns"] == 7
    assert "7 columns each by itself" in repr(info)
    assert "7 columns each by itself" in info._repr_html_()
    assert array[:, 3].nbytes <= 16
    assert array[:, 3].info.columns == 0
    assert array[:, 1:3].nbytes == array[:, 1].nbytes + array[:, 2].nbytes
    assert array[:, 1:3].info.columns == 2
    assert sum(array[:, k].nbytes for k in range(7)) == array.nbytes
    assert isinstance(array[:, 3]._view.storage, BlockStorage)
    assert CompactArray(np.arange(10)).info.columns == 0


@pytest.mark.usefixtures("shipped")
def test_files():
    dense = mixed(20_000)
    array = CompactArray(dense)
    ours, theirs = io.BytesIO(), io.BytesIO()
    np.save(ours, array)
    np.save(theirs, dense)
    assert ours.getvalue() == theirs.getvalue()
    ours.seek(0)
    loaded = compactarray.load(ours)
    assert_same(loaded, dense)
    assert is_by_columns(loaded)
    assert loaded.nbytes == array.nbytes


@pytest.mark.parametrize("rows", [500, 20_000, 200_000])
def test_tables_that_come_in_pieces(rows, shipped, tmp_path):
    dense = mixed(rows)
    chunks = np.array_split(dense, 17)
    array = compactarray.from_chunks(iter(chunks))
    assert_same(array, dense)
    assert is_by_columns(array) == (rows > 500)
    path = tmp_path / "table.npy"
    for order in "CF":
        np.save(path, np.array(dense, order=order))
        loaded = compactarray.load(path)
        assert_same(loaded, dense, order=False)
        assert is_by_columns(loaded) == (rows > 500 and order == "C")
        (report,) = inspect_file(path)
        assert report.info == loaded.info
    noise = np.random.default_rng(0).random((rows, 5))
    array = compactarray.from_chunks(np.array_split(noise, 17))
    assert_same(array, noise)
    assert not is_by_columns(array)


def test_pieces_of_every_length(both):
    dense = mixed(300)
    rng = np.random.default_rng(0)
    for _ in range(20):
        cuts = np.sort(rng.integers(0, dense.size, rng.integers(0, 60)))
        builder = TableBuilder(dense.dtype, 7, dense.size)
        for piece in in_rows(np.split(dense.reshape(-1), cuts), 7):
            builder.append(piece)
        assert_same(CompactArray.from_storage(builder.finish(), dense.shape), dense)
    empty = TableBuilder(dense.dtype, 7)
    assert empty.finish().size == 0


@pytest.mark.parametrize("level", ["fast", "small"])
def test_columns_are_compacted_in_place(level, both):
    dense = mixed()
    array = table(dense)
    column = array[:, 2]
    array[3:9, 1:4] = dense[3:9, 1:4] = 1e300
    array.compact(level)
    assert_same(array, dense)
    assert_same(column, dense[:, 2])
    array[1] = dense[1] = 5
    assert_same(array, dense)
    assert np.shares_memory(array, column)

"""Products of sparse matrices give what NumPy gives: integers exactly, floats within the bound of a sum."""

import itertools

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.execution import sparse_products
from compactarray.storage.builder import sparse_storage
from compactarray.storage.view import View, whole
from compactarray.testing import assert_same

DTYPES = ["?", "i1", "u2", "i8", "u8", "f2", "f4", "f8"]
SHAPES = [(1, 40), (40, 1), (7, 9), (30, 24), (3, 300)]


def matrix(shape, dtype, share=0.2, seed=0, fill=0.0):
    """Return a sparse matrix, dense and as a view."""
    rng = np.random.default_rng([seed, *shape])
    dense = np.full(shape, fill).astype(dtype)
    places = np.flatnonzero(rng.random(dense.size) < share)
    kind = np.dtype(dtype).kind
    if kind == "f":
        values = rng.standard_normal(places.size) * (10.0 ** rng.integers(-3, 4, places.size) if dtype != "f2" else 1)
    else:
        values = rng.integers(-(2**62), 2**62, places.size)
    dense.reshape(-1)[places] = values > 0 if kind == "b" else values.astype(dtype)
    storage = sparse_storage(np.full(1, fill).astype(dtype), dense.size, places, dense.reshape(-1)[places])
    return dense, whole(storage, shape)


def read(found):
    return found.read() if isinstance(found, View) else found.array


def check(dense, operands, served=True):
    expected = np.matmul(*dense)
    found = sparse_products.product(*operands, expected.dtype)
    assert (found is not None) == served
    if found is None:
        return
    error = 0.0
    if expected.dtype.kind == "f":
        wide = [np.abs(a.astype("f8")) for a in dense]
        # Both answers may be off by as much.
        error = 4 * np.finfo(expected.dtype).eps * (1 + np.log2(dense[0].shape[-1])) * np.matmul(*wide)
    assert_same(read(found), expected, any_zero=True, error=error, dense=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("other", DTYPES)
def test_products(dtype, other):
    for shape, fill in itertools.product(SHAPES, [0.0, -0.0]):
        dense, view = matrix(shape, dtype, fill=fill)
        column, row = matrix((shape[1], 1), other, 0.9, 1)[0], matrix((1, shape[0]), other, 0.9, 2)[0]
        right, left = matrix((shape[1], 5), other, 0.9, 3)[0], matrix((4, shape[0]), other, 0.9, 4)[0]
        for form in (np.asarray, lambda a: CompactArray(a)._view):
            check([dense, column[:, 0]], [view, form(column[:, 0])])
            check([row[0], dense], [form(row[0]), view])
            if not np.count_nonzero(right) * 4 < right.size and not np.count_nonzero(left) * 4 < left.size:
                check([dense, right], [view, form(right)])
                check([left, dense], [form(left), view])
        more, more_view = matrix((shape[1], 31), other, 0.1, 5)
        check([dense, more], [view, more_view])


def test_what_is_left_to_others():
    dense, view = matrix((6, 8), "f8")
    vector = np.ones(8)
    with np.errstate(all="ignore"):
        for bad in (np.nan, np.inf):
            broken = vector.copy()
            broken[3] = bad
            check([dense, broken], [view, broken], served=False)
            stored, stored_view = dense.copy(), None
            stored[np.nonzero(dense)[0][0], np.nonzero(dense)[1][0]] = bad
            places = np.flatnonzero(stored)
            stored_view = whole(sparse_storage(np.zeros(1), stored.size, places, stored.reshape(-1)[places]), stored.shape)
            check([stored, vector], [stored_view, vector], served=False)
            check([stored, matrix((8, 5), "f8")[0]], [stored_view, matrix((8, 5), "f8")[1]], served=False)
        check([dense * 1e300, vector * 1e300], [CompactArray(dense * 1e300)._view, vector * 1e300], served=False)
    ones, ones_view = matrix((6, 8), "f8", fill=1.0)
    check([ones, vector], [ones_view, vector], served=False)
    assert sparse_products.product(view.transpose((1, 0)), np.ones(6), np.dtype("f8")) is None
    assert sparse_products.product(view, vector.astype("c16"), np.dtype("c16")) is None
    assert sparse_products.product(CompactArray(np.arange(48.0).reshape(6, 8))._view, vector, np.dtype("f8")) is None
    assert sparse_products.product(view, np.ones((3, 8, 2)), np.dtype("f8")) is None


@pytest.mark.parametrize("panel", [1, 37, 200])
def test_bands(panel, monkeypatch):
    """Results come in bands of rows, operands a few rows at a time."""
    for name in ("_PANEL", "_STORED_AT_ONCE"):
        monkeypatch.setattr(sparse_products, name, panel)
    for dtype in ("i8", "f8"):
        dense, view = matrix((30, 24), dtype)
        check([dense, matrix((24, 7), dtype, 0.9)[0]], [view, matrix((24, 7), dtype, 0.9)[0]])
        check([matrix((9, 30), dtype, 0.9)[0], dense], [matrix((9, 30), dtype, 0.9)[0], view])
        check([dense, matrix((24, 40), dtype)[0]], [view, matrix((24, 40), dtype)[1]])


def test_limits(monkeypatch):
    """Dense operands that are too large to be decoded whole, and right matrices with too many elements."""
    dense, view = matrix((30, 24), "f8")
    right = matrix((24, 7), "f8", 0.9)[0]
    monkeypatch.setattr(sparse_products, "_MOST_DENSE", 20)
    check([dense, right], [view, CompactArray(right)._view], served=False)
    check([dense, right.astype("f4")], [view, right.astype("f4")], served=False)
    check([dense, right], [view, right])
    monkeypatch.setattr(sparse_products, "_MOST_STORED", 5)
    check([dense, matrix((24, 40), "f8")[0]], [view, matrix((24, 40), "f8")[1]], served=False)

"""Arrays of the library `sparse`: any fill value and number of axes, to compact arrays and back."""

import numpy as np
import pytest
import sparse

import compactarray
from compactarray import CompactArray
from compactarray.interop.sparse import coo_nbytes, from_sparse, to_sparse
from compactarray.testing import assert_same
from tests.strategies import make

DTYPES = ["?", "i1", "u2", "i8", "u8", "f4", "f8", "c16"]


def sample(shape, dtype, fill, seed=0):
    """Return a dense array most of which is a fill."""
    size = int(np.prod(shape))
    found = make("sparse", dtype, size, seed).reshape(shape)
    found = np.where(found == 0, np.array(fill).astype(dtype), found)
    return np.asarray(np.nan_to_num(found)) if found.dtype.kind in "fc" else found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("fill", [0, 1, -0.0])
def test_both_ways(dtype, fill):
    for shape in [(), (1,), (90,), (13, 17), (4, 5, 6), (3, 0, 2)]:
        array = sample(shape, dtype, fill)
        theirs = sparse.COO.from_numpy(array, fill_value=np.array(fill).astype(dtype)[()])
        ours = from_sparse(theirs)
        assert_same(ours, theirs.todense())
        back = to_sparse(ours, fill_value=theirs.fill_value)
        assert_same(back.todense(), array, dense=True)
        assert back.fill_value.tobytes() == theirs.fill_value.tobytes()
        assert back.dtype == array.dtype


def test_missing_values_as_the_fill():
    array = np.full((20, 30), np.nan)
    array[3, 4], array[7, 7] = 1.5, -0.0
    theirs = sparse.COO.from_numpy(array, fill_value=np.nan)
    ours = from_sparse(theirs)
    assert_same(ours, array)
    back = to_sparse(ours)
    assert np.isnan(back.fill_value) and back.nnz == 2
    assert_same(back.todense(), array, dense=True)


def test_other_formats():
    array = sample((13, 17), "f8", 0)
    coo = sparse.COO.from_numpy(array)
    assert_same(from_sparse(sparse.DOK.from_coo(coo)), array)
    assert_same(from_sparse(sparse.GCXS.from_coo(coo)), array)


@pytest.mark.parametrize("kind", ["narrow", "few values", "constant", "noise", "sparse with any fill"])
def test_arrays_of_any_form(kind):
    for dtype in ("?", "i4", "f8", "c8"):
        array = make(kind, dtype, 221).reshape(13, 17)
        for view in (lambda a: a, lambda a: a.T, lambda a: a[2:9, ::2]):
            assert_same(to_sparse(view(CompactArray(array))).todense(), view(array), dense=True, order=False)


def test_what_coo_takes():
    assert coo_nbytes(np.eye(100)) == 2400


def test_coordinates_out_of_order_are_refused():
    theirs = sparse.COO(np.array([[3, 1]]), np.array([1.0, 2.0]), shape=(5,))
    theirs.coords = theirs.coords[:, ::-1]
    with pytest.raises(ValueError, match="sorted"):
        from_sparse(theirs)


@pytest.mark.parametrize("convert", [from_sparse])
def test_nothing_dense_comes_between(convert):
    """An array of 8 TB, dense."""
    theirs = sparse.COO(np.array([[5, 10**6 - 1], [7, 10**6 - 1]]), np.array([1.0, 2.0]), shape=(10**6, 10**6))
    with compactarray.config(block_length=65_536):
        ours = convert(theirs)
    assert ours[5, 7] == 1 and ours[-1, -1] == 2
    assert to_sparse(ours).nnz == 2


def test_the_constructor_takes_sparse_arrays():
    expected = np.where(np.random.default_rng(0).random((30, 7, 5)) < 0.1, 2.5, 1.0)
    array = sparse.COO.from_numpy(expected, fill_value=1.0)
    assert_same(CompactArray(array), expected)
    assert_same(compactarray.asarray(array, "f4"), expected.astype("f4"))

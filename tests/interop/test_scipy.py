"""Matrices of scipy.sparse: every format, canonical or not, to compact arrays and back."""

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.interop.scipy import from_scipy, to_scipy
from compactarray.testing import assert_same
from tests.strategies import make

scipy_sparse = pytest.importorskip("scipy.sparse")

FORMATS = ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"]
DTYPES = ["?", "i1", "u2", "i8", "u8", "f4", "f8", "c8", "c16", "g"]
SHAPES = [(1, 1), (1, 40), (40, 1), (13, 17), (60, 5)]


def dense(shape, dtype, share=0.2, seed=0):
    rng = np.random.default_rng([seed, *shape])
    found = np.zeros(shape, dtype)
    places = rng.random(shape) < share
    found[places] = rng.integers(-5, 6, int(places.sum())) if dtype != "?" else True
    if np.dtype(dtype).kind == "c":
        found *= 1 - 2j
    return found


def assert_holds(array, expected):
    """Compare with an ndarray, also in memory order; an array of one line is laid out in either."""
    assert_same(array, expected, order=min(expected.shape) > 1)


@pytest.mark.filterwarnings("ignore:Constructing a DIA")
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_format(format, dtype):
    for shape in SHAPES:
        array = dense(shape, dtype)
        for container in (scipy_sparse.csr_array, scipy_sparse.csr_matrix):
            matrix = container(array).asformat(format)
            expected = array.astype(dtype, order="F" if format == "csc" else "C")
            assert_holds(from_scipy(matrix), expected)
            assert_same(matrix.toarray(), array, dense=True, order=False)


@pytest.mark.parametrize("container", ["csr_array", "csc_array", "coo_array"])
def test_indices_out_of_order_and_twice(container):
    """scipy adds what is stored twice, and so does `toarray`; the matrix itself stays what it was."""
    rows, columns = np.array([2, 0, 2, 1, 2, 0]), np.array([3, 1, 0, 3, 3, 1])
    matrix = scipy_sparse.coo_array((np.arange(1.0, 7.0), (rows, columns)), shape=(3, 4))
    if container == "csr_array":
        order = np.argsort(rows, kind="stable")
        matrix = scipy_sparse.csr_array((matrix.data[order], columns[order], [0, 2, 3, 6]), shape=(3, 4))
    elif container == "csc_array":
        order = np.argsort(columns, kind="stable")
        matrix = scipy_sparse.csc_array((matrix.data[order], rows[order], [0, 1, 3, 3, 6]), shape=(3, 4))
    before = matrix.data.copy()
    assert_same(from_scipy(matrix), matrix.toarray())
    assert_same(matrix.data, before, dense=True)


def test_stored_zeros_and_odd_values():
    values = np.array([0.0, -0.0, np.nan, np.inf, 1.0])
    matrix = scipy_sparse.csr_array((values, np.arange(5), [0, 5]), shape=(1, 100))
    assert_same(from_scipy(matrix), matrix.toarray(), order=False)


def test_other_numbers_of_axes():
    flat = scipy_sparse.coo_array((np.array([1.0, 2.0, 3.0]), (np.array([7, 2, 7]),)), shape=(50,))
    assert_same(from_scipy(flat), flat.toarray())
    back = to_scipy(CompactArray(flat.toarray()))
    assert back.format == "coo" and back.shape == (50,)
    assert_same(back.toarray(), flat.toarray(), dense=True)
    assert_same(from_scipy(scipy_sparse.csr_array((3, 0))), np.zeros((3, 0)))
    assert to_scipy(CompactArray(np.zeros((0, 4)))).shape == (0, 4)


@pytest.mark.parametrize("format", FORMATS[:3])
@pytest.mark.parametrize("kind", ["sparse", "narrow", "few values", "constant"])
def test_back(format, kind):
    """Whatever form an array has, and however it is laid out."""
    for dtype in ("?", "i4", "f8", "c16"):
        array = make(kind, dtype, 221).reshape(13, 17)
        with np.errstate(all="ignore"):
            array = array + np.zeros((), dtype)
        array[~np.isfinite(array)] = 0
        for view in (lambda a: a, lambda a: a.T, lambda a: a[2:9, ::2], lambda a: a[::-1]):
            matrix = to_scipy(view(CompactArray(array)), format)
            assert matrix.format == format and matrix.dtype == array.dtype
            assert format == "coo" or matrix.has_canonical_format
            assert_same(matrix.toarray(), view(array) + np.zeros((), dtype), dense=True, order=False)
            assert matrix.nnz == np.count_nonzero(view(array))


def test_round_trip_keeps_the_form(shipped):
    matrix = scipy_sparse.random_array((300, 200), density=0.03, rng=np.random.default_rng(1), format="csr")
    array = from_scipy(matrix)
    assert array.nbytes < 2 * matrix.nnz * 10
    back = to_scipy(array)
    assert_same(back.data, matrix.data, dense=True)
    assert_same(back.indices, matrix.indices, dense=True)
    assert_same(back.indptr, matrix.indptr, dense=True)


@pytest.mark.parametrize("form", FORMATS)
def test_the_constructor_takes_matrices(form):
    expected = dense((60, 5), "f8")
    matrix = scipy_sparse.coo_array(expected).asformat(form)
    assert_same(CompactArray(matrix), expected, order=False)
    assert_same(CompactArray(matrix, "f4"), expected.astype("f4"), order=False)
    assert_same(CompactArray(matrix, copy=True), expected, order=False)
    with pytest.raises(ValueError, match="Unable to avoid copy"):
        CompactArray(matrix, copy=False)

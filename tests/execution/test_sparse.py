"""Sparse stretches: ufuncs, reductions and moves on coordinates give what NumPy gives on the dense arrays, bit for bit."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compactarray
from compactarray import CompactArray
from compactarray.config import settings
from compactarray.encodings.coo import Coo
from compactarray.execution import sparse_broadcast, sparse_calls, sparse_elementwise, sparse_reduction
from compactarray.storage import sparse_moves
from compactarray.storage.blocks import storage_of
from compactarray.storage.builder import sparse_storage
from compactarray.storage.sparse import SparseBuilder, sparse_of
from compactarray.storage.sparse_views import sparse_view
from compactarray.storage.view import View, whole
from compactarray.testing import assert_same, check
from tests.helpers import same
from tests.strategies import extremes

UFUNCS = sorted({f for f in vars(np).values() if isinstance(f, np.ufunc) and f.signature is None}, key=lambda f: f.__name__)
NUMBERS = ["?", "i1", "u1", "i4", "u8", "i8", "f2", "f4", "f8"]
DTYPES = [*NUMBERS, "M8[D]", "m8[ns]"]
FILLS = ["zero", "negative zero", "one", "an extreme"]


def values_of(dtype, size, rng):
    """Return values to compute with: small ones, extremes, and no signalling NaN, of which results hang on CPU and layout."""
    pool = extremes(dtype)
    if np.dtype(dtype).kind == "f":
        pool = np.where(np.isnan(pool), np.dtype(dtype).type(np.nan), pool)
    small = rng.integers(0, 5, size).astype("i8").astype(dtype) if np.dtype(dtype).kind != "b" else rng.random(size) < 0.5
    odd = pool[rng.integers(0, pool.size, size)]
    return np.where(rng.random(size) < 0.3, odd, small)


def fill_of(kind, dtype, rng):
    dtype = np.dtype(dtype)
    if kind == "an extreme":
        return values_of(dtype, 50, rng)[-1:]
    value = {"zero": 0.0, "negative zero": -0.0, "one": 1}[kind]
    return np.array([value]).astype(dtype) if dtype.kind == "f" else np.array([int(value)], "i8").astype(dtype)


def sparse(shape, dtype, fill="zero", share=0.1, seed=0):
    """Return a sparse array, dense and as a view; some of its stored values are its fill."""
    rng = np.random.default_rng([seed, *np.atleast_1d(shape)])
    size = int(np.prod(shape))
    places = np.flatnonzero(rng.random(size) < share)
    dense = np.repeat(fill_of(fill, dtype, rng), size)
    cell = dense[:1].copy()
    dense[places] = values_of(dtype, places.size, rng)
    storage = sparse_storage(cell, size, places, dense[places])
    return dense.reshape(shape), whole(storage, shape if isinstance(shape, tuple) else (shape,))


def lane_of(view):
    (entry,) = view.storage.entries
    return entry.encoding


def decoded(encoding):
    out = np.empty(encoding.length, encoding.dtype)
    encoding.decode(0, encoding.length, out)
    return out


def recorded(function, *arguments):
    """Return the result of a call, and the texts of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function(*arguments)
        except (TypeError, ValueError, OverflowError) as error:
            return error, []
    return result, sorted({str(w.message) for w in caught})


# --- ufuncs --------------------------------------------------------------------------------------------


def check_elementwise(ufunc, dense, lanes):
    """Compare the results, and the warnings; return whether the lanes served."""
    expected, warned = recorded(ufunc, *dense)
    if not isinstance(expected, np.ndarray) or expected.dtype.kind not in "biufmM" or expected.dtype.char == "g":
        return False
    found, warned_too = recorded(sparse_elementwise.elementwise, ufunc, lanes, expected.dtype)
    if found is None:
        return False
    # Which of two zeros is the greater hangs on where in a vector register they are.
    free = ufunc in (np.maximum, np.minimum, np.fmax, np.fmin)
    assert_same(decoded(found), expected, any_nan=True, any_zero=free, dense=True)
    assert warned_too == warned
    return True


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_every_ufunc(ufunc):
    served = 0
    for dtype, (fill, other) in itertools.product(DTYPES, itertools.product(FILLS, FILLS[::-1])):
        arrays = [sparse(150, dtype, fill), sparse(150, dtype, other, seed=1), sparse(150, dtype, seed=2)][: ufunc.nin]
        served += check_elementwise(ufunc, [a for a, _ in arrays], [lane_of(v) for _, v in arrays])
    refused = ufunc.nout > 1 or ufunc.__name__ in ("matvec", "vecmat", "vecdot", "matmul")
    assert bool(served) != refused


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.power, np.true_divide, np.less, np.arctan2, np.logical_and, np.bitwise_xor])
@pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f4", "f8"])
def test_operands_of_all_sorts(ufunc, dtype):
    """Scalars to either side, constants, other dtypes, the same pattern twice, other shares."""
    dense, view = sparse(200, dtype, "one")
    lane = lane_of(view)
    for scalar in (0, 1, 2, True, 2.0, -0.0, np.nan, np.float32(2), np.int64(-1), np.uint8(2)):
        check_elementwise(ufunc, [dense, scalar], [lane, scalar])
        check_elementwise(ufunc, [scalar, dense], [scalar, lane])
    constant = np.full(200, 2).astype(dtype)
    check_elementwise(ufunc, [dense, constant], [lane, lane_of(CompactArray(constant)._view)])
    assert check_elementwise(ufunc, [dense, dense], [lane, lane]) or dtype in "?f4f8"
    for other, share in itertools.product(["i1", "i8", "f2", "f8"], [0.004, 0.15, 0.35]):
        more, more_view = sparse(200, other, "zero", share, 1)
        for first, second in (((dense, lane), (more, lane_of(more_view))), ((more, lane_of(more_view)), (dense, lane))):
            check_elementwise(ufunc, [first[0], second[0]], [first[1], second[1]])


def test_a_power_of_an_array_is_no_power_by_a_scalar():
    """NumPy squares where the exponent is a scalar; values of one element, too, must be taken for arrays."""
    rng = np.random.default_rng(1)
    for size, share in ((3000, 0.1), (8, 0.1)):
        dense = np.zeros(size)
        places = np.flatnonzero(rng.random(size) < share)
        places = places if places.size else np.array([3])
        dense[places] = rng.random(places.size) * 10
        lane = lane_of(whole(sparse_storage(np.zeros(1), size, places, dense[places]), (size,)))
        for exponent in (2.0, 0.5, 3.0):
            constant = np.full(size, exponent)
            check_elementwise(np.power, [dense, constant], [lane, lane_of(CompactArray(constant)._view)])
            check_elementwise(np.power, [dense, exponent], [lane, exponent])


def test_three_lanes():
    for dtypes in itertools.product(["?"], ["i4", "f8"], ["i4", "f8"]):
        arrays = [sparse(150, dtype, fill, 0.1, seed) for seed, (dtype, fill) in enumerate(zip(dtypes, FILLS, strict=False))]
        dense, lanes = [a for a, _ in arrays], [lane_of(v) for _, v in arrays]
        expected = np.where(*dense)
        same(decoded(sparse_elementwise.chosen(*lanes, expected.dtype)), expected)
        expected = np.where(dense[0], dense[1], 7)
        same(decoded(sparse_elementwise.chosen(lanes[0], lanes[1], np.asarray(7, expected.dtype)[()], expected.dtype)), expected)


def test_the_form_follows_the_result():
    """Masks become bits where these are smaller, a result that is all fill a constant, dense ones are left to others."""
    with compactarray.config(block_length=65_536):
        lane = lane_of(sparse(4000, "f8", "zero", 0.03)[1])
        assert sparse_elementwise.elementwise(np.not_equal, [lane, 0.0], np.dtype("?")).name == "coo"
        _, other = sparse(4000, "f8", "zero", 0.2)
        assert sparse_elementwise.elementwise(np.not_equal, [lane_of(other), 0.0], np.dtype("?")).name == "bits"
        assert sparse_elementwise.elementwise(np.isnat, [lane_of(sparse(4000, "m8[s]")[1])], np.dtype("?")) is not None
        assert sparse_elementwise.elementwise(np.logical_and, [lane, 0], np.dtype("?")).name == "constant"
        _, crowded = sparse(4000, "f8", "zero", 0.5)
        assert sparse_elementwise.elementwise(np.exp, [lane_of(crowded)], np.dtype("f8")) is None
        assert sparse_elementwise.elementwise(np.add, [lane_of(CompactArray(np.arange(50))._view), 1], np.dtype("i8")) is None
        values = sparse_elementwise.elementwise(
            np.sign, [lane_of(whole(sparse_storage(np.zeros(1), 900, np.arange(5), np.ones(5)), (900,)))], np.dtype("f8")
        )
        assert values.exceptions.values.name == "constant"


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.02, 0.2]), st.integers(0, 100))
def test_views_that_begin_inside_of_blocks(start, other, share, seed):
    dense, view = sparse(160, "f8", "negative zero", share, seed)
    stop = 160 - max(start, other)
    parts = [dense[start : start + stop], dense[other : other + stop]]
    views = [view.basic(slice(start, start + stop)), view.basic(slice(other, other + stop))]
    found, warned = recorded(sparse_calls.computed, np.add, views, (stop,), np.dtype("f8"))
    if found is not None:
        expected, warned_too = recorded(np.add, *parts)
        assert_same(found.read(), expected, any_nan=True, dense=True)
        assert warned == warned_too
    assert sparse_calls.computed(np.add, [CompactArray(np.arange(20.0))._view, 1], (20,), np.dtype("f8")) is None


def test_blocks_of_another_length():
    """The length of blocks may have been set anew since an array was made; results have the one in force."""
    view = whole(sparse_storage(np.ones(1), 300, np.arange(0, 300, 11), np.arange(28.0)), (300,))
    dense = view.read()
    with compactarray.config(block_length=24):
        assert sparse_elementwise.elementwise(np.exp, [lane_of(view)], np.dtype("f8")) is None
        storage = sparse_elementwise.computed(np.exp, [sparse_of(view).lane()], np.dtype("f8"))
        assert storage.block_length == 24
    same(whole(storage, (300,)).read(), np.exp(dense))


@pytest.mark.parametrize("dtype", ["i4", "f8", "f4"])
def test_vectors_along_an_axis(dtype):
    dense, view = sparse((30, 20), dtype)
    rng = np.random.default_rng(2)
    served = []
    for axis, kind in itertools.product([0, 1], ["same", "positive", "any"]):
        length = dense.shape[axis]
        vector = {"same": np.full(length, 3), "positive": rng.integers(1, 9, length), "any": rng.integers(-2, 3, length)}[kind].astype(
            "f8"
        )
        vector = vector[:, None] if axis == 0 else vector[None] if kind == "same" else vector
        for ufunc, form in itertools.product(
            [np.multiply, np.add, np.divide, np.power], [np.asarray, lambda v: CompactArray(v)._view]
        ):
            for operands, dense_operands in (([view, form(vector)], [dense, vector]), ([form(vector), view], [vector, dense])):
                expected, warned = recorded(ufunc, *dense_operands)
                storage, warned_too = recorded(sparse_broadcast.broadcasted, ufunc, operands, expected.dtype)
                if storage is not None:
                    served.append((ufunc, kind))
                    assert_same(whole(storage, dense.shape).read(), expected, any_nan=True, dense=True)
                    assert warned == warned_too
    assert {(np.multiply, "positive"), (np.divide, "positive"), (np.add, "same")} <= set(served)
    assert (np.add, "any") not in served
    assert sparse_broadcast.broadcasted(np.multiply, [view, np.ones(20), np.ones((30, 1))], np.dtype("f8")) is None


def test_vectors_and_lines_without_a_fill():
    """A column that is stored whole has no fill to be computed with."""
    dense = np.zeros((12, 30))
    dense[:, 3] = np.arange(1, 13)
    places = np.flatnonzero(dense)
    view = whole(sparse_storage(np.zeros(1), dense.size, places, dense.reshape(-1)[places]), dense.shape)
    vector = np.ones(30)
    vector[3] = np.nan
    storage = sparse_broadcast.broadcasted(np.multiply, [view, vector], np.dtype("f8"))
    same(whole(storage, dense.shape).read(), dense * vector)


# --- reductions ----------------------------------------------------------------------------------------

REDUCTIONS = [
    np.add,
    np.maximum,
    np.minimum,
    np.fmax,
    np.fmin,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.bitwise_and,
    np.bitwise_xor,
]


def bound_of(dense, axis=None):
    """Return how far a sum of floats may be off."""
    with np.errstate(all="ignore"):
        n = dense.size if axis is None else dense.shape[axis]
        error = 2 * np.finfo(dense.dtype).eps * (1 + np.log2(max(n, 1))) * np.abs(dense.astype("f8")).sum(axis=axis)
    return np.nan_to_num(error, nan=0, posinf=0)


@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions_of_a_lane(ufunc, dtype):
    for fill, share in itertools.product(FILLS, [0.01, 0.1, 0.9]):
        dense, view = sparse(203, dtype, fill, share)
        expected, _ = recorded(ufunc.reduce, dense)
        if isinstance(expected, Exception):
            continue
        found, warned = recorded(sparse_reduction.reduced, ufunc, lane_of(view), expected.dtype)
        if found is not None:
            error = bound_of(dense) if ufunc is np.add and expected.dtype.kind == "f" else 0
            assert_same(found, expected, any_nan=True, any_zero=ufunc is not np.add, error=error)
            assert not warned


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions_along_an_axis(ufunc, dtype, axis):
    for fill, shape, share in itertools.product(FILLS, [(1, 50), (50, 1), (13, 17), (3, 200)], [0.0, 0.1, 0.8]):
        dense, view = sparse(shape, dtype, fill, share)
        expected, _ = recorded(lambda a: ufunc.reduce(a, axis=axis), dense)
        if isinstance(expected, Exception):
            continue
        found, warned = recorded(sparse_reduction.reduced_axis, ufunc, view, axis)
        if found is not None:
            error = bound_of(dense, axis) if ufunc is np.add and expected.dtype.kind == "f" else 0
            assert_same(found, expected, any_nan=True, any_zero=ufunc is not np.add, error=error, dense=True)
            assert not warned


def test_sums_of_integers_in_floats():
    """Where integers would wrap around, the sums of a mean do not."""
    for dtype, fill in (("i8", 0), ("u8", 2**64 - 1), ("i8", -(2**63)), ("i4", 7)):
        dense = np.full((9, 30), fill, dtype)
        dense[::2, ::7] = np.iinfo(dtype).max - 5
        places = np.flatnonzero(dense != dense[1, 0])
        view = whole(sparse_storage(dense[1, :1].copy(), dense.size, places, dense.reshape(-1)[places]), dense.shape)
        for axis in (0, 1):
            expected = np.add.reduce(dense, axis=axis, dtype="f8")
            found = sparse_reduction.reduced_axis(np.add, view, axis, np.dtype("f8"))
            assert_same(found, expected, error=bound_of(dense.astype("f8"), axis), dense=True)
        expected = np.add.reduce(dense, axis=None, dtype="f8")
        assert_same(sparse_reduction.reduced(np.add, lane_of(view), np.dtype("f8")), expected, error=bound_of(dense.astype("f8")))
    assert sparse_reduction.reduced_axis(np.add, sparse((4, 5), "f8")[1], 0, np.dtype("i8")) is None


def test_what_reductions_serve():
    dense, view = sparse((13, 17), "f8")
    dense, view = np.nan_to_num(dense), sparse((13, 17), "i4")[1]
    for ufunc, axis in itertools.product([np.add, np.maximum, np.logical_or, np.bitwise_or], [0, 1]):
        assert sparse_reduction.reduced_axis(ufunc, view, axis) is not None
    assert sparse_reduction.reduced_axis(np.multiply, view, 0) is None
    assert sparse_reduction.reduced_axis(np.add, view.transpose((1, 0)), 0) is None
    assert sparse_reduction.reduced_axis(np.add, CompactArray(np.arange(6.0).reshape(2, 3))._view, 0) is None
    assert sparse_reduction.reduced(np.multiply, lane_of(view), np.dtype("i8")) is None
    assert sparse_reduction.reduced(np.add, lane_of(CompactArray(np.arange(9))._view), np.dtype("i8")) is None
    infinite = whole(sparse_storage(np.zeros(1), 100, np.arange(2), np.array([np.inf, -np.inf])), (100,))
    assert sparse_reduction.reduced(np.add, lane_of(infinite), np.dtype("f8")) is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_counts_and_positions(dtype):
    for fill, share in itertools.product(FILLS, [0.004, 0.1, 0.8]):
        dense, view = sparse((9, 23), dtype, fill, share)
        flat = dense.reshape(-1)
        if lane_of(view).exceptions is None:
            assert sparse_reduction.count_nonzero(lane_of(view)) is None
            continue
        assert sparse_reduction.count_nonzero(lane_of(view)) == np.count_nonzero(flat)
        for function in (np.argmax, np.argmin):
            assert sparse_reduction.extreme_position(function, lane_of(view)) == function(flat)
        for axis in (0, 1):
            assert_same(sparse_reduction.counted_axis(view, axis), np.count_nonzero(dense, axis=axis), dense=True)
        found = sparse_moves.nonzero_addresses(view)
        assert_same(np.concatenate([np.empty(0, np.int64), *found]), np.flatnonzero(flat), dense=True)


def test_sums_of_many_terms_obey_the_bound():
    """Large terms that cancel, among many small ones, in rows and columns of a thousand stored elements."""
    rng = np.random.default_rng(5)
    dense = np.zeros((40, 5000))
    places = np.flatnonzero(rng.random(dense.size) < 0.3)
    dense.reshape(-1)[places] = rng.standard_normal(places.size) * 10.0 ** rng.integers(-5, 15, places.size)
    view = whole(sparse_storage(np.zeros(1), dense.size, places, dense.reshape(-1)[places]), dense.shape)
    turned = whole(sparse_moves.in_c_order(view.transpose((1, 0))), dense.shape[::-1])
    for kernels in ("numba", "numpy"):
        with compactarray.config(kernels=kernels):
            for found, axis in (
                (sparse_reduction.reduced_axis(np.add, view, 1), 1),
                (sparse_reduction.reduced_axis(np.add, turned, 0), 1),
            ):
                exact = dense.astype("g").sum(axis=axis)
                assert (np.abs(found - exact) <= bound_of(dense, axis)).all()


# --- moves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("fill", FILLS)
def test_compressing_and_gathering(dtype, fill):
    rng = np.random.default_rng(7)
    dense, view = sparse(230, dtype, fill)
    lane = lane_of(view)
    for share in (0.0, 0.02, 0.5, 1.0):
        mask = rng.random(230) < share
        sparse_mask = whole(sparse_storage(np.zeros(1, bool), 230, np.flatnonzero(mask), mask[mask]), (230,))
        for form in (mask, CompactArray(mask)._view, sparse_mask):
            storage = sparse_moves.compress(view, form)
            same(whole(storage, (int(mask.sum()),)).read(), dense[mask])
        for marks in (mask, lane_of(sparse_mask)):
            found = sparse_moves.compressed(marks, lane)
            if found is not None:
                same(decoded(found), dense[mask])
    for size in (0, 1, 5, 100, 1000):
        places = rng.integers(0, 230, size)
        found = sparse_moves.gathered(lane, places)
        if found is not None:
            same(decoded(found), dense[places])
        storage = sparse_moves.gather(view, [places[: size // 2], places[size // 2 :]])
        if storage is not None:
            same(whole(storage, (size,)).read(), dense[places])
    assert sparse_moves.compress(CompactArray(np.arange(20))._view, np.ones(20, bool)) is None


def test_masks_of_every_form():
    mask = np.random.default_rng(3).random(77) < 0.5
    for form in (mask, lane_of(CompactArray(mask)._view)) if settings().block_length > 77 else (mask,):
        found = sparse_moves.Mask.of(form)
        assert found.count == mask.sum()
        kept, places = found.places(np.arange(77))
        same(kept, np.flatnonzero(mask))
        same(places, np.arange(found.count))


@pytest.mark.parametrize("dtype", ["?", "u1", "f4", "f8", "M8[D]"])
def test_joining(dtype):
    arrays = [sparse((6, columns), dtype, "one", 0.1, columns) for columns in (5, 1, 31, 8)]
    dense, views = [a for a, _ in arrays], [v for _, v in arrays]
    same(whole(sparse_moves.joined(views, 6), (6, 45)).read(), np.concatenate(dense, axis=1))
    flat = np.concatenate([a.reshape(-1) for a in dense])
    same(whole(sparse_moves.joined(views), flat.shape).read(), flat)
    for array, view in arrays:  # nothing was moved within the operands
        same(view.read(), array)
    cut = [v.basic(slice(1, 5)) for v in views]
    same(whole(sparse_moves.joined(cut, 4), (4, 45)).read(), np.concatenate([a[1:5] for a in dense], axis=1))
    other = sparse((6, 5), dtype, "zero")[1]
    assert sparse_moves.joined([views[0], other]) is None
    assert sparse_moves.joined([other, CompactArray(np.arange(30).reshape(6, 5))._view]) is None


@pytest.mark.parametrize("dtype", DTYPES)
def test_transposing(dtype):
    for fill, shape in itertools.product(FILLS, [(1, 50), (50, 1), (13, 17), (3, 200)]):
        dense, view = sparse(shape, dtype, fill, 0.2)
        storage = sparse_moves.in_c_order(view.transpose((1, 0)))
        if storage is not None:
            same(whole(storage, shape[::-1]).read(), dense.T)
    dense, view = sparse((13, 17), "f8")
    same(whole(sparse_moves.copied(view.transpose((1, 0))), (17, 13)).read(), dense.T)
    same(whole(sparse_moves.copied(view.basic((slice(2, 9),))), (7, 17)).read(), dense[2:9])
    same(whole(sparse_moves.copied(view.basic((slice(None), slice(3, 9)))), (13, 6)).read(), dense[:, 3:9])
    with compactarray.config(block_length=24):
        same(whole(sparse_moves.in_c_order(view.transpose((1, 0))), (17, 13)).read(), dense.T)
        assert sparse_moves.in_c_order(view) is None
    same(whole(sparse_moves.in_c_order(view.basic((slice(2, 9),)).transpose((1, 0))), (17, 7)).read(), dense[2:9].T)


@pytest.mark.parametrize("dtype", ["?", "u1", "f4", "M8[D]", "f8"])
@pytest.mark.parametrize("fill", FILLS)
def test_views_of_any_strides(dtype, fill):
    """Every order and direction of axes, steps and parts of them, and axes that repeat; None where elements overlap otherwise."""
    dense, view = sparse((6, 7, 50), dtype, fill, 0.2)
    parts = [slice(None), slice(None, None, -1), slice(1, None, 2), slice(5, 1, -3), slice(2, 3)]
    for index in itertools.product(parts, parts[:4], parts):
        for axes in [(0, 1, 2), (2, 0, 1), (1, 0, 2), (2, 1, 0)]:
            part, expected = view.basic(index).transpose(axes), dense[index].transpose(axes)
            found = sparse_view(part)
            if found is not None:
                same(whole(storage_of(part.dtype, [found.lane()], settings().block_length), expected.shape).read(), expected)
    spread = sparse_view(view.mapped(lambda array: np.broadcast_to(array[:, None], (6, 2, 7, 50))))
    if spread is not None:
        found = whole(storage_of(view.dtype, [spread.lane()], settings().block_length), (6, 2, 7, 50))
        same(found.read(), np.broadcast_to(dense[:, None], (6, 2, 7, 50)))
    assert sparse_view(view.mapped(lambda array: np.lib.stride_tricks.sliding_window_view(array, 4, 2))) is None
    assert sparse_view(view.basic((0, slice(0), 0))) is None


CALLS = {
    "steps": lambda x: x[::2, ::-3] * 2,
    "transposed": lambda x: x.T + x.T,
    "with its transpose": lambda x: x[:, :60] - x[:, :60].T,
    "row": lambda x: x - x[5],
    "row of the transposed": lambda x: x.T * x.T[5],
    "column": lambda x: np.maximum(x, x[:, 7:8]),
    "three axes": lambda x: x[:3, :, None] + x[3:6, None, :],
    "outer": lambda x: np.outer(x[3], x[4]),
    "differences": lambda x: np.subtract.outer(x[3], x[4]),
    "rows": lambda x: np.concatenate([x[1:], x, x[:7]]),
    "columns": lambda x: np.hstack([x[:, 3:9], x, x[:, ::-1]]),
    "flipped": lambda x: np.less(x[::-1], x[:, ::-1]),
    "rows picked": lambda x: x[[5, 3, 3, -1]],
    "rows taken": lambda x: np.take(x, [[5, 3], [3, 59]], axis=0),
    "elements taken": lambda x: np.take(x, np.arange(-700, 3000, 3), mode="wrap"),
    "repeated": lambda x: np.repeat(x, 3, axis=1),
    "tiled": lambda x: np.tile(x, (2, 3)),
    "rounded": lambda x: np.round(x, 1),
    "maxima": lambda x: x[:, 3:].max(axis=0),
    "minima": lambda x: x.T.min(axis=0),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("dtype", ["i4", "f4", "f8"])
def test_calls_with_strided_and_repeated_operands(dtype, fill, call):
    """What is repeated is so in coordinates."""
    dense, view = sparse((60, 70), dtype, fill, 0.05)
    with np.errstate(all="ignore"):
        assert_same(call(CompactArray.from_view(view)), call(dense), any_nan=True)


PLACES = [
    (np.s_[1::2], np.s_[::2]),
    (np.s_[:, ::-1], np.s_[:]),
    (np.s_[3:20, 5:50:3], np.s_[20:3:-1, 50:5:-3]),
    (np.s_[:, 7], np.s_[:, 9]),
]


@pytest.mark.parametrize("dtype", ["?", "i4", "f4", "f8", "M8[D]"])
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("target", "source"), PLACES, ids=str)
def test_writing_sparse_elements_over_others(dtype, fill, target, source):
    """Also from the array itself, and as other views see it; what is no longer sparse takes another form."""
    for share in (0.02, 0.4):
        dense, view = sparse((60, 70), dtype, fill, share)
        other, values = sparse((60, 70), dtype, fill, share, seed=1)
        expected, compact = dense.copy(), CompactArray.from_view(view)
        seen = compact[2:]
        expected[target] = other[source]
        compact[target] = CompactArray.from_view(values)[source]
        assert_same(seen, expected[2:], any_nan=True)
        expected[target] = expected[source]
        compact[target] = compact[source]
        assert_same(compact, expected, any_nan=True)


@pytest.mark.parametrize("dtype", ["i4", "f4", "f8"])
def test_inner_products(dtype):
    rng = np.random.default_rng(1)
    arrays = [np.where(rng.random(9000) < share, rng.integers(-9, 10, 9000), 0).astype(dtype) for share in (0.02, 0.1)]
    left, right = map(CompactArray, arrays)
    assert_same(left @ right, arrays[0] @ arrays[1])
    assert_same(np.dot(left[::2], right[1::2]), np.dot(arrays[0][::2], arrays[1][1::2]))
    if dtype != "i4":
        arrays[0][5] = np.inf
        left[5] = np.inf
        with np.errstate(all="ignore"):
            assert_same(left @ right, arrays[0] @ arrays[1], any_nan=True)


def test_variances_along_axes():
    rng = np.random.default_rng(1)
    dense = np.where(rng.random((200, 90)) < 0.05, rng.standard_normal((200, 90)), 0.25)
    compact = CompactArray(dense)
    for axis, keepdims in itertools.product((0, 1), (False, True)):
        found = np.var(compact.T, axis=axis, keepdims=keepdims, ddof=1)
        expected = np.var(dense.T, axis=axis, keepdims=keepdims, ddof=1)
        assert found.shape == expected.shape
        assert (abs(np.asarray(found) - expected) <= 1e-14 * expected).all()


@pytest.mark.parametrize("dtype", ["i8", "f4", "f8"])
def test_sums_of_columns_are_numpys(dtype):
    """Row is added to row in the dtype of the result, so that not a bit differs."""
    rng = np.random.default_rng(1)
    dense = np.where(rng.random((90, 70)) < 0.1, rng.standard_normal((90, 70)) * 1e6, 0).astype(dtype)
    places = np.flatnonzero(dense)
    compact = CompactArray.from_view(
        whole(sparse_storage(np.zeros(1, dtype), dense.size, places, dense.reshape(-1)[places]), (90, 70))
    )
    for call in [lambda x: x.sum(axis=0), lambda x: np.sum(x, -2), lambda x: x.T.sum(axis=1), lambda x: x[::2, 5:].sum(axis=0)]:
        assert_same(call(compact), call(dense))


# --- storages made of coordinates ----------------------------------------------------------------------


@given(
    st.integers(1, 300),
    st.sampled_from([0.0, 0.02, 0.3, 1.0]),
    st.integers(1, 60),
    st.sampled_from(["?", "i2", "f8"]),
    st.integers(0, 50),
)
def test_builder(size, share, step, dtype, seed):
    """Coordinates come in any pieces; where they are many the blocks are encoded otherwise."""
    rng = np.random.default_rng(seed)
    dense = np.repeat(fill_of("one", dtype, rng), size)
    fill = dense[:1].copy()
    places = np.flatnonzero(rng.random(size) < share)
    dense[places] = values_of(dtype, places.size, rng)
    builder = SparseBuilder(fill)
    for first in range(0, places.size, step):
        some = places[first : first + step]
        builder.append(some, dense[some])
    same(whole(builder.finish(size), (size,)).read(), dense)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 30), st.integers(0, 20))
def test_parts(start, length, most, seed):
    dense, view = sparse(200, "f8", "one", 0.3, seed)
    found = sparse_of(view)
    stored = np.full(200, np.nan)
    for part in found.parts(start, start + length, most):
        stored[part.addresses()] = part.values
    inside = np.arange(200)
    inside = (inside >= start) & (inside < start + length)
    same(np.where(np.isnan(stored) | ~inside, 1.0, stored)[inside & ~np.isnan(stored)], dense[inside & ~np.isnan(stored)])
    assert (np.isnan(stored) | inside).all()
    assert (np.isnan(dense) | (dense == 1) | ~inside | ~np.isnan(stored)).all()
    assert not np.isnan(stored[inside & (dense != 1) & ~np.isnan(dense)]).any()
    same(found.lane().decoded(0, 200), dense)


def test_what_is_sparse():
    dense, view = sparse((10, 10), "f8")
    assert sparse_of(view).count >= np.count_nonzero(dense)
    assert sparse_of(view.transpose((1, 0))) is None
    assert sparse_of(np.zeros(3)) is None
    assert sparse_of(CompactArray(np.array(["a", "b"]))._view) is None
    assert sparse_of(CompactArray(np.zeros(30, "c8"))._view) is None
    two = CompactArray(np.repeat([0.0, 1.0], 2 * settings().block_length))._view if settings().block_length == 8 else None
    assert two is None or sparse_of(two) is None
    cut = View(view.storage, (37,), (1,), 11)
    same(sparse_of(cut).lane().decoded(0, 37), dense.reshape(-1)[11:48])
    assert isinstance(sparse_of(view).lane(), Coo)


def test_what_is_tried_in_vain_warns_once():
    """A vector whose elements make different values of the fill: the result is not sparse."""
    matrix = np.where(np.random.default_rng(0).random((300, 400)) < 0.01, 1.5, 0)
    row = np.where(np.arange(400) % 3 == 0, 0.0, np.arange(400.0))
    for function in (lambda a, b: a / b, lambda a, b: b / a, lambda a, b: a ** (b - 200)):
        check(function, matrix, row)
    check(lambda a, b: np.where(b, a, 1e300), matrix.astype("f4"), matrix > 0)
    check(lambda a, b: np.where(b.T, a, 1e300), matrix.astype("f4"), (matrix > 0).T.copy())

"""Reductions of sparse stretches: of the stored values, and of as many fills as there are."""

from functools import lru_cache
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.geometry.tiles import pieces
from compactarray.kernels.coordinates import addresses as locate
from compactarray.kernels.sparse import count_columns, extremes, sum_columns, times_vector, transpose, vector_times
from compactarray.numerics.words import words
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.builder import Builder
from compactarray.storage.plain import PlainView
from compactarray.storage.sparse import Part, Sparse, encoded_values, rows_and_columns, sparse_of
from compactarray.storage.sparse_views import sparse_view
from compactarray.storage.view import AnyView, View, whole

#: Reductions to which an element makes no difference that takes part already.
_IDEMPOTENT = frozenset((np.maximum, np.minimum, np.fmax, np.fmin, np.logical_and, np.logical_or, np.bitwise_and, np.bitwise_or))
#: Reductions whose results have the dtype of the elements, unless they are sums.
_SIMPLE = frozenset((np.add, np.maximum, np.minimum, np.fmax, np.fmin))
#: Results that are computed together, as an ndarray.
_MOST_RESULTS = 1 << 22


# --- of one lane ---------------------------------------------------------------------------------------


def reduced(ufunc: np.ufunc, lane: Encoding, dtype: np.dtype[Any]) -> Any:
    """Return ``ufunc.reduce`` of a sparse lane as a scalar of `dtype`, or None where coordinates do not suffice.

    Sums of floats obey the bound of NumPy's: the stored values are added in pairs, and the fills are one
    product, rounded once.
    """
    if not isinstance(lane, Constant) or lane.exceptions is None:
        return None
    values, fill, fills = _facts(lane)
    if ufunc in _IDEMPOTENT:
        found = ufunc.reduce(values)
        return _scalar(ufunc(found, fill[0]) if fills else found, dtype)
    if ufunc is np.add:
        return _total(values, fill, fills, dtype)
    if ufunc in (np.logical_xor, np.bitwise_xor):
        return _scalar(ufunc.reduce(np.append(values, fill) if fills % 2 else values), dtype)
    return None


def _facts(lane: Encoding) -> tuple[Array, Array, int]:
    """Return the stored values of a lane, its fill, and how often that occurs."""
    assert isinstance(lane, Constant) and lane.exceptions is not None
    count = lane.exceptions.count
    return lane.exceptions.values.decoded(0, count), lane.value, lane.length - count


def _scalar(value: Any, dtype: np.dtype[Any]) -> Any:
    return np.asarray(value).astype(dtype)[()]


def _total(values: Array, fill: Array, fills: int, dtype: np.dtype[Any]) -> Any:
    if dtype.kind in "iu" and values.dtype.kind in "biu":
        # Modulo 2**64, and then modulo the range of the dtype.
        total = int(values.sum(dtype=np.uint64 if dtype.kind == "u" else np.int64)) + int(fill[0]) * fills
        return np.array([total % (1 << 64)], np.uint64).astype(dtype)[0]
    if dtype.kind != "f" or values.dtype.kind not in "biuf":
        return None
    # In float64 at least, so that the number of fills is exact; their product is rounded once.
    wide = np.promote_types(dtype, np.float64)
    with np.errstate(all="ignore"):
        total = values.sum(dtype=wide)
        if fills:
            total = total + wide.type(fill[0]) * wide.type(fills)
        found = total.astype(dtype)
    # NumPy knows better what an overflow warns of, and which infinities are none.
    return found if np.isfinite(found) else None


def count_nonzero(lane: Encoding) -> int | None:
    """Return how many elements of a sparse lane are not zero, or None where it is not sparse."""
    if not isinstance(lane, Constant) or lane.exceptions is None:
        return None
    values, fill, fills = _facts(lane)
    return int(np.count_nonzero(values)) + fills * int(np.count_nonzero(fill))


def extreme_position(function: Any, lane: Encoding) -> int | None:
    """Return what ``numpy.argmax`` or ``numpy.argmin`` (`function`) gives for a sparse lane, or None where it is not."""
    if not isinstance(lane, Constant) or lane.exceptions is None:
        return None
    values, fill, fills = _facts(lane)
    exceptions = lane.exceptions
    places = np.empty(values.size, np.int64)
    locate(exceptions.positions, exceptions.offsets, exceptions.block_length, 0, places)
    if fills:
        # The first fill among the stored values: what follows it is not asked for.
        ahead = places != np.arange(places.size)
        first = int(ahead.argmax()) if ahead.any() else places.size
        values = np.insert(values, first, fill)
        places = np.insert(places, first, first)
    return int(places[function(values)])


def result_of(result: Array) -> AnyView:
    """Return the view of a result: plain where it is small, else encoded; after a glance, where it is a float's."""
    if result.nbytes <= settings().plain_below:
        return PlainView(result)
    length, flat = settings().block_length, result.reshape(-1)
    if flat.size <= length:
        return whole(storage_of(result.dtype, [encoded_values(flat)], length), result.shape)
    builder = Builder(result.dtype, result.size)
    for start, stop in pieces(0, flat.size, length):
        builder.append_encoded(encoded_values(flat[start:stop]))
    return whole(builder.finish(), result.shape)


# --- over rows or columns ------------------------------------------------------------------------------


def reduced_axis(ufunc: np.ufunc, view: Any, axis: int, dtype: np.dtype[Any] | None = None) -> Array | None:
    """Return ``ufunc.reduce(view, axis=axis)`` of a sparse view of two axes in C order, or None where it is none.

    Sums of bools, integers and floats (in `dtype`, if that is given), extremes, and the reductions of logic
    and of bits; from coordinates, some at a time, without a dense tile.
    """
    if len(view.shape) != 2 or not view.size or view.shape[1 - axis] > _MOST_RESULTS:
        return None
    sparse = sparse_of(view)
    return None if sparse is None else _reduced(ufunc, sparse, view.shape, axis, dtype)


def _reduced(ufunc: np.ufunc, sparse: Sparse, shape: tuple[int, ...], axis: int, dtype: np.dtype[Any] | None) -> Array | None:
    if ufunc is np.add:
        return _sums(sparse, shape, axis, _dtype_of_sum(sparse.dtype) if dtype is None else dtype)
    if ufunc in (np.logical_or, np.logical_and) and axis == 0:
        # Counting takes the elements as they come; columns would have to be brought together.
        counts = _nonzeros(sparse, shape, axis)
        found: Array = counts > 0 if ufunc is np.logical_or else counts == shape[axis]
        return found
    if ufunc in (np.maximum, np.minimum) and axis == 0 and sparse.dtype.kind in "iuf" and sparse.dtype != np.uint64:
        return _extremes(ufunc, sparse, shape)
    return _combined(ufunc, sparse, shape, axis) if ufunc in _IDEMPOTENT else None


def reduced_matrix(ufunc: np.ufunc, view: View, axis: int) -> AnyView | None:
    """Return ``ufunc.reduce(view, axis=axis)`` of a sparse view of two axes and any strides; None where it is none.

    Sums, and what `reduced_axis` does in the dtype of the elements.
    """
    storage = view.storage
    if ufunc not in _SIMPLE or len(view.shape) != 2 or not -3 < axis < 2 or not isinstance(storage, BlockStorage):
        return None
    if not view.size or not isinstance(storage.encoding_at(view.offset), Constant):
        return None
    axis %= 2
    if abs(view.steps[0]) < abs(view.steps[1]):
        view, axis = view.transpose((1, 0)), 1 - axis
    shape = view.shape
    sparse = sparse_view(view) if shape[1 - axis] <= _MOST_RESULTS else None
    found = None if sparse is None or not sparse.count else _reduced(ufunc, sparse, shape, axis, None)
    return None if found is None else result_of(found)


@lru_cache(maxsize=64)
def _dtype_of_sum(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.add.reduce(np.empty(0, dtype)).dtype  # type: ignore[no-any-return]


def squared_deviations(view: Any, middle: Array, axis: int) -> Array | None:
    """Return the sums along an axis of the squares of what the float64 elements of a sparse matrix differ by from `middle`.

    `middle` has one value for each sum. None for other views, and where a result is not finite.
    """
    if view.dtype != np.float64 or len(view.shape) != 2 or not view.size or middle.size > _MOST_RESULTS:
        return None
    sparse, shape = sparse_view(view), view.shape
    if sparse is None:
        return None
    totals = np.zeros(2 * middle.size)
    with np.errstate(all="ignore"):
        for part in sparse.parts():
            rows, columns = rows_and_columns(part.addresses(), shape[1])
            _add(part, np.square(part.values - middle[columns if axis == 0 else rows]), shape, axis, totals)
        fills = shape[axis] - _counts(sparse, shape, axis)
        found = totals[0::2] + totals[1::2] + fills * np.square(sparse.fill[0] - middle)
    return found if np.isfinite(found).all() else None


def counted_axis(view: Any, axis: int) -> Array | None:
    """Return ``numpy.count_nonzero(view, axis=axis)`` of a sparse view of two axes in C order, or None where it is none."""
    if len(view.shape) != 2 or not view.size or view.shape[1 - axis] > _MOST_RESULTS:
        return None
    sparse = sparse_of(view)
    return None if sparse is None else _nonzeros(sparse, view.shape, axis)


def _nonzeros(sparse: Sparse, shape: tuple[int, ...], axis: int) -> Array:
    totals = np.zeros(2 * shape[1 - axis], np.int64)
    zero_fill = not sparse.fill.astype(bool)[0]
    for part in sparse.parts():
        # Those that differ from the fill in being zero or not, each worth one.
        _add(part, (part.values.astype(bool) == zero_fill).astype(np.int64), shape, axis, totals)
    counts = totals[0::2].copy()
    return counts if zero_fill else shape[axis] - counts


_ONE = {np.dtype(np.int64): np.ones(1, np.int64), np.dtype(np.float64): np.ones(1)}


def _add(part: Part, values: Array, shape: tuple[int, ...], axis: int, totals: Array) -> None:
    """Add values to the totals of their rows or columns, pairs of a total and its error."""
    one = _ONE[values.dtype]
    if axis == 1:
        times_vector(values, *part.pattern, shape[1], one, 0, group(shape[1]), totals)
    else:
        vector_times(values, *part.pattern, shape[1], one, 0, totals)


def group(terms: int) -> int:
    """Return how many floats may be added one after the other where NumPy adds `terms`, within the bound of a sum.

    Proof: g additions in sequence err by (g - 1)u at the most, relative to the sum of magnitudes, for the
    unit roundoff u; a product or a last addition by u each. The bound is 2 eps (1 + log2 n) = 4u(1 + log2 n).
    """
    return max(1, 4 * (terms.bit_length() - 1))


def _sums(sparse: Sparse, shape: tuple[int, ...], axis: int, dtype: np.dtype[Any]) -> Array | None:
    if sparse.dtype.kind not in "biuf" or dtype.kind not in ("f" if sparse.dtype.kind == "f" else "iuf"):
        return None
    compute = np.dtype(np.float64 if dtype.kind == "f" else np.int64)
    filled = bool(words(sparse.fill)[0])
    # NumPy adds row to row in the dtype of the result: so its rounding is that of one column after the other.
    in_order = axis == 0 and shape[1] > 1 and not filled
    if in_order and dtype.char == "f":
        compute = dtype
    totals = np.zeros(shape[1 - axis] if in_order else 2 * shape[1 - axis], compute)
    for part in sparse.parts():
        values = part.values
        if values.dtype != compute:
            values = values.view(np.int64) if values.dtype == np.uint64 and compute.kind == "i" else values.astype(compute)
        if in_order:
            sum_columns(values, *part.pattern, shape[1], totals)
        else:
            _add(part, values, shape, axis, totals)
    found = totals if in_order else totals[0::2] + totals[1::2]
    if filled:
        fills = shape[axis] - _counts(sparse, shape, axis)
        with np.errstate(all="ignore"):
            fill = sparse.fill.view(np.int64) if sparse.dtype == np.uint64 and compute.kind == "i" else sparse.fill.astype(compute)
            terms = fill * fills.astype(compute)
            np.add(found, terms, out=found, where=fills > 0)
    if compute != dtype:
        with np.errstate(all="ignore"):
            found = found.astype(dtype)
    return found if dtype.kind != "f" or np.isfinite(found).all() else None


def _counts(sparse: Sparse, shape: tuple[int, ...], axis: int) -> Array:
    """Return how many elements are stored in each row or column."""
    totals = np.zeros(2 * shape[1 - axis], np.int64)
    for part in sparse.parts():
        _add(part, np.ones(part.values.size, np.int64), shape, axis, totals)
    return totals[0::2].copy()


def _combined(ufunc: np.ufunc, sparse: Sparse, shape: tuple[int, ...], axis: int) -> Array:
    """Return a reduction in which an element counts once however often it occurs."""
    counts = np.zeros(shape[1 - axis], np.int64)
    found: Array | None = None
    for part in sparse.parts():
        values, numbers = _by_rows(part, shape) if axis == 1 else _by_columns(part, shape)
        present = np.flatnonzero(numbers)
        partial = ufunc.reduceat(values, (np.cumsum(numbers) - numbers)[present])
        if found is None:
            found = np.empty(counts.size, partial.dtype)
        fresh = counts[present] == 0
        found[present[fresh]] = partial[fresh]
        again = present[~fresh]
        found[again] = ufunc(found[again], partial[~fresh])
        counts += numbers
    fill = ufunc.reduce(np.repeat(sparse.fill, 2))
    if found is None:
        return np.full(counts.size, fill)
    found[counts == 0] = fill
    some = np.flatnonzero((counts > 0) & (counts < shape[axis]))
    found[some] = ufunc(found[some], np.full(some.size, fill))
    return found


def _extremes(ufunc: np.ufunc, sparse: Sparse, shape: tuple[int, ...]) -> Array:
    """Return the extremes of columns, whose elements are taken as they come; exact, since all is compared in wider dtypes."""
    greatest = ufunc is np.maximum
    compute = np.dtype(np.float64 if sparse.dtype.kind == "f" else np.int64)
    counts = np.zeros(shape[1], np.int64)
    # What is beyond every value, or equal to it.
    least, most = (-np.inf, np.inf) if compute.kind == "f" else (np.iinfo(np.int64).min, np.iinfo(np.int64).max)
    found = np.full(shape[1], least if greatest else most, compute)
    for part in sparse.parts():
        values = np.ascontiguousarray(part.values, compute)
        extremes(values, *part.pattern, shape[1], int(greatest), found, counts)
    ufunc(found, sparse.fill.astype(compute), out=found, where=counts < shape[0])
    return found.astype(sparse.dtype)


def _by_rows(part: Part, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return the values of a part row by row, and how many each row has."""
    edges = np.arange(shape[0] + 1, dtype=np.int64) * shape[1]
    return part.values, np.diff(part.addresses().searchsorted(edges))


def _by_columns(part: Part, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return the values of a part column by column, and how many each column has."""
    numbers = np.zeros(shape[1], np.int64)
    count_columns(*part.pattern, shape[1], numbers)
    out = np.empty_like(part.values)
    blocks = np.zeros(1, np.int64)
    # Where each would be in a transposed array does not matter here: all are put into one block.
    places = np.cumsum(numbers) - numbers
    positions, offsets, block_length, start = part.pattern
    found = np.empty(out.size, np.uint16)
    transpose(words(part.values), positions, offsets, block_length, 62, start, shape[1], 0, places, words(out), found, blocks)
    return out, numbers

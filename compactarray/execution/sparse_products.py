"""Products of sparse matrices: with vectors, with dense matrices, and with each other.

Only where the fill is 0 and no factor of it is infinite or NaN: then what is not stored adds nothing. Where
a result is not finite, NumPy is left to find it, and what to warn of. Sums obey the bound of NumPy's own (see
`sparse_reduction.group`): they are compensated, or short. Integers are computed modulo 2**64.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from compactarray.encodings.coo import Coo
from compactarray.execution.sparse_reduction import group, result_of
from compactarray.kernels.sparse import times_vector, vector_times
from compactarray.kernels.sparse_products import inner, multiply, times_matrix
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.sparse import Sparse, SparseBuilder, sparse_of
from compactarray.storage.sparse_moves import turned
from compactarray.storage.sparse_views import sparse_view
from compactarray.storage.view import AnyView, View, built, whole

#: Elements of a result that are computed at a time: 8 MB of float64.
_PANEL = 1 << 20
#: Elements of a dense operand that is decoded, or converted, as a whole: 32 MB of float64.
_MOST_DENSE = 1 << 22
#: Stored elements of a right operand that is kept by rows, and rows and columns that have working space.
_MOST_STORED = 1 << 20
#: Stored elements of a left operand that are multiplied at a time.
_STORED_AT_ONCE = 1 << 14


class _NotFiniteError(Exception):
    """An operand or a result is not finite."""


def product(left: Any, right: Any, dtype: np.dtype[Any]) -> AnyView | None:
    """Return ``numpy.matmul`` of operands of one or two axes, one of them a sparse matrix, or None where that does not serve.

    Parameters
    ----------
    left, right : View or ndarray
        Of shapes that go together.
    dtype : dtype
        Of the result.
    """
    if dtype.kind not in "biuf" or not left.size or not right.size or len(left.shape) > 2 or len(right.shape) > 2:
        return None
    ours, theirs = _matrix(left), _matrix(right)
    try:
        if ours is not None and theirs is not None:
            return _sparse_times_sparse(ours, theirs, left.shape, right.shape, dtype)
        if ours is not None:
            return _times_dense(ours, left.shape, right, dtype)
        if theirs is not None:
            return _dense_times(left, theirs, right, dtype)
    except _NotFiniteError:
        return None
    return None


def quick_product(left: Any, right: Any) -> AnyView | None:
    """Return ``numpy.matmul(left, right)`` where that is quickly seen to be a product with a sparse matrix; else None."""
    if not (_is_sparse(left) or _is_sparse(right)) or not (_is_array(left) and _is_array(right)):
        return None
    if left.shape[-1] != right.shape[-2 if len(right.shape) > 1 else 0]:
        return None
    dtype = _dtype_of_product(left.dtype, right.dtype)
    return None if dtype is None else product(left, right, dtype)


def _is_array(value: Any) -> bool:
    return isinstance(value, (View, PlainView, np.ndarray)) and len(value.shape) > 0


def _is_sparse(value: Any) -> bool:
    """Tell whether one sparse encoding holds all elements of a matrix."""
    storage = value.storage if isinstance(value, View) else None
    if not isinstance(storage, BlockStorage) or len(value.shape) != 2:
        return False
    entry = storage.sole
    return entry is not None and isinstance(entry.encoding, Coo)


@lru_cache(maxsize=64)
def _dtype_of_product(left: np.dtype[Any], right: np.dtype[Any]) -> np.dtype[Any] | None:
    if left.kind not in "biuf" or right.kind not in "biuf":
        return None
    found: np.dtype[Any] = np.matmul(np.empty((0, 0), left), np.empty((0, 0), right)).dtype
    return found if found.isnative and can_encode(found) else None


def _matrix(value: Any) -> Sparse | None:
    """Return a matrix as what is stored of it, if it is sparse, in C order, with nothing but zeros between."""
    sparse = sparse_of(value) if len(value.shape) == 2 else None
    return sparse if sparse is not None and sparse.dtype.kind in "biuf" and not sparse.fill[0] else None


def _compute_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(np.float64 if dtype.kind == "f" else np.int64)


def _converted(values: Array, compute: np.dtype[Any]) -> Array:
    """Return values in the dtype of the computation: float64, or 64 bits of an integer of any kind."""
    return values.view(np.int64) if values.dtype == np.uint64 and compute.kind == "i" else np.ascontiguousarray(values, compute)


def _dense(value: Any, compute: np.dtype[Any]) -> Array | None:
    """Return a dense operand in the dtype of the computation; None where that takes too much, or it has none."""
    if value.dtype.kind not in "biuf" or (value.size > _MOST_DENSE and (isinstance(value, View) or value.dtype != compute)):
        return None
    array = value.read() if isinstance(value, (View, PlainView)) else value
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise _NotFiniteError
    return _converted(array, compute)


def _finished(found: Array, dtype: np.dtype[Any]) -> Array:
    """Return what was computed in the dtype of the result."""
    if dtype.kind == "b":
        return np.asarray(found != 0)
    result = found
    if dtype != found.dtype:
        with np.errstate(all="ignore"):
            result = found.astype(dtype)
    if dtype.kind == "f" and not np.isfinite(result).all():
        raise _NotFiniteError
    return result


def _joined(bands: Iterator[Array], shape: tuple[int, ...], dtype: np.dtype[Any]) -> AnyView:
    """Return the view of a matrix that comes in bands of rows."""
    if prod(shape) <= _PANEL:
        return result_of(np.concatenate(list(bands)))
    return built(dtype, shape, (band.reshape(-1) for band in bands))


# --- of two vectors ------------------------------------------------------------------------------------


def sum_of_products(left: Any, right: Any, dtype: np.dtype[Any]) -> Any:
    """Return the product of two sparse vectors of one length as a scalar; None where they are not both sparse, with zeros between."""
    if dtype.kind not in "iuf" or dtype.char == "e":
        return None
    ours, theirs = sparse_view(left), sparse_view(right)
    if ours is None or theirs is None or any(s.dtype.kind not in "biuf" or s.fill[0] for s in (ours, theirs)):
        return None
    if max(ours.count, theirs.count) > _MOST_STORED:
        return None
    compute, (lane, other) = _compute_dtype(dtype), (ours.lane(), theirs.lane())
    if lane.exceptions is None or other.exceptions is None:
        return dtype.type(0)
    mine, others = (_converted(e.values.decoded(0, e.count), compute) for e in (lane.exceptions, other.exceptions))
    if compute.kind == "f" and not (np.isfinite(mine).all() and np.isfinite(others).all()):
        return None
    totals, room = np.zeros(2, compute), np.zeros(lane.exceptions.block_length, compute)
    patterns = [(e.positions, e.offsets) for e in (lane.exceptions, other.exceptions)]
    inner(mine, *patterns[0], others, *patterns[1], group(ours.size), room, totals)
    with np.errstate(all="ignore"):
        found = (totals[:1] + totals[1:]).astype(dtype)[0]
    return found if dtype.kind != "f" or np.isfinite(found) else None


# --- with a dense vector or matrix ---------------------------------------------------------------------


def _times_dense(sparse: Sparse, shape: tuple[int, ...], right: Any, dtype: np.dtype[Any]) -> AnyView | None:
    compute = _compute_dtype(dtype)
    dense = _dense(right, compute) if shape[0] <= _MOST_DENSE or len(right.shape) == 2 else None
    if dense is None:
        return None
    if dense.ndim == 2:
        bands = (_finished(band, dtype) for band in _bands(sparse, shape, dense))
        return _joined(bands, (shape[0], dense.shape[1]), dtype)
    totals = np.zeros(2 * shape[0], compute)
    for part in sparse.parts():
        times_vector(_converted(part.values, compute), *part.pattern, shape[1], dense, 1, group(shape[1]), totals)
    return result_of(_finished(totals[0::2] + totals[1::2], dtype))


def _bands(sparse: Sparse, shape: tuple[int, ...], matrix: Array) -> Iterator[Array]:
    """Yield the product with a dense matrix by bands of rows, in the dtype of the computation."""
    length, width = shape[1], matrix.shape[1]
    height = max(1, _PANEL // width)
    flat, part_of_row = np.ascontiguousarray(matrix).reshape(-1), np.empty(width, matrix.dtype)
    for top in range(0, shape[0], height):
        bottom = min(shape[0], top + height)
        totals = np.zeros((bottom - top) * width, matrix.dtype)
        errors = np.zeros_like(totals)
        for part in sparse.parts(top * length, bottom * length):
            positions, offsets, block_length, start = part.pattern
            values = _converted(part.values, matrix.dtype)
            start -= top * length
            times_matrix(
                values, positions, offsets, block_length, start, length, flat, width, group(length), part_of_row, totals, errors
            )
        totals += errors
        yield totals.reshape(-1, width)


def _dense_times(left: Any, sparse: Sparse, right: View, dtype: np.dtype[Any]) -> AnyView | None:
    compute = _compute_dtype(dtype)
    if len(left.shape) == 2:
        return _matrix_times(left, right, dtype, compute)
    dense = _dense(left, compute) if right.shape[1] <= _MOST_DENSE else None
    if dense is None:
        return None
    totals = np.zeros(2 * right.shape[1], compute)
    for part in sparse.parts():
        vector_times(_converted(part.values, compute), *part.pattern, right.shape[1], dense, 1, totals)
    return result_of(_finished(totals[0::2] + totals[1::2], dtype))


def _matrix_times(left: Any, right: View, dtype: np.dtype[Any], compute: np.dtype[Any]) -> AnyView | None:
    """Return the product of a dense matrix with a sparse one, as the transposed product of the transposed ones."""
    dense = _dense(left, compute)
    sparse = None if dense is None else turned(right.transpose((1, 0)))
    if dense is None or sparse is None:
        return None

    def bands() -> Iterator[Array]:
        height = max(1, _PANEL // max(right.shape))
        for top in range(0, dense.shape[0], height):
            columns = np.concatenate(list(_bands(sparse, right.shape[::-1], dense[top : top + height].T)))
            yield _finished(np.ascontiguousarray(columns.T), dtype)

    return _joined(bands(), (left.shape[0], right.shape[1]), dtype)


# --- with a sparse matrix ------------------------------------------------------------------------------


def _sparse_times_sparse(
    left: Sparse, right: Sparse, shape: tuple[int, ...], other_shape: tuple[int, ...], dtype: np.dtype[Any]
) -> AnyView | None:
    """Return the product of two sparse matrices, which is sparse as long as that pays."""
    rows, width = shape[0], other_shape[1]
    if right.count > _MOST_STORED or max(other_shape) > _MOST_STORED:
        return None
    compute = _compute_dtype(dtype)
    others, other_starts, other_columns = _by_rows(right, 0, other_shape[0], other_shape[1], compute)
    builder = SparseBuilder(np.zeros(1, dtype), rows * width)
    totals, marks = np.zeros(2 * width, compute), np.zeros(-(-width // 64), np.uint64)
    touched = np.empty(marks.size * 64 + 1, np.int64)
    # Some thousands of stored elements at a time, and not too many places in the result.
    height = max(1, min(rows * _STORED_AT_ONCE // max(1, left.count), 4 * _PANEL // width))
    for top in range(0, rows, height):
        bottom = min(rows, top + height)
        values, starts, columns = _by_rows(left, top, bottom, shape[1], compute)
        terms = np.concatenate([[0], np.cumsum(np.diff(other_starts)[columns])])
        capacity = int(np.minimum(np.diff(terms[starts]), width).sum())
        plain = int(int(np.diff(starts).max()) <= group(shape[1]))
        out, addresses = np.empty(capacity, compute), np.empty(capacity, np.int64)
        count = multiply(
            values, starts, columns, others, other_starts, other_columns, width, plain, totals, marks, touched, out, addresses
        )
        result = _finished(out[:count], dtype)
        places = addresses[:count] + top * width
        kept = result != 0
        builder.append(*((places, result) if kept.all() else (places[kept], result[kept])))
    return whole(builder.finish(rows * width), (rows, width))


def _by_rows(sparse: Sparse, top: int, bottom: int, length: int, compute: np.dtype[Any]) -> tuple[Array, Array, Array]:
    """Return the values of some rows, where each row's begin, and their columns."""
    parts = list(sparse.parts(top * length, bottom * length))
    places = np.concatenate([np.empty(0, np.int64), *(part.addresses() for part in parts)])
    values = np.concatenate([np.empty(0, compute), *(_converted(part.values, compute) for part in parts)])
    if compute.kind == "f" and not np.isfinite(values).all():
        raise _NotFiniteError
    edges = np.arange(top, bottom + 1, dtype=np.int64) * length
    starts = places.searchsorted(edges)
    return values, starts, places - np.repeat(edges[:-1], np.diff(starts))

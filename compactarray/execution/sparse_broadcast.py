"""Ufuncs on a sparse matrix and vectors along its rows or columns."""

from typing import Any

import numpy as np

from compactarray.kernels.sparse import count_columns
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.plain import PlainView
from compactarray.storage.sparse import Part, Sparse, SparseBuilder, rows_and_columns, sparse_of
from compactarray.storage.view import View

#: Vectors longer than this are not decoded as a whole.
_LONGEST = 1 << 22


def broadcasted(ufunc: np.ufunc, operands: list[Any], dtype: np.dtype[Any]) -> Storage | None:
    """Return the result of a ufunc on a sparse matrix and vectors, in C order; None where it is not sparse.

    It is where the fill becomes the same value beside every element of the vectors that it meets.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Of one output.
    operands : list
        One view of two axes, both longer than 1, in C order; scalars; and one array at least, a view or an
        ndarray, of shape ``(columns,)``, ``(1, columns)`` or ``(rows, 1)``, all along one axis.
    dtype : dtype
        Of the result.
    """
    matrices = [value for value in operands if _is_matrix(value)]
    sparse = sparse_of(matrices[0]) if len(matrices) == 1 and ufunc.nout == 1 else None
    if sparse is None:
        return None
    shape = matrices[0].shape
    axes = {_axis(value, shape) for value in operands if _is_array(value) and not _is_matrix(value)}
    axis = axes.pop() if len(axes) == 1 else None
    if axis is None or max(shape) > _LONGEST:
        return None
    call = _Call(ufunc, operands, dtype)
    where = _lines_with_fills(sparse, shape, axis)
    if where is None:
        return None
    fills = call(np.full(where.size, sparse.fill), where)
    if (words(fills) != words(fills)[0]).any():
        return None
    builder = SparseBuilder(fills[:1].copy(), sparse.size)
    for part in sparse.parts():
        addresses = part.addresses()
        rows, columns = rows_and_columns(addresses, shape[1])
        builder.append(addresses, call(part.values, rows if axis == 0 else columns))
    return builder.finish(sparse.size)


def _is_array(value: Any) -> bool:
    return isinstance(value, (View, PlainView, np.ndarray)) and bool(value.shape)


def _is_matrix(value: Any) -> bool:
    return isinstance(value, View) and len(value.shape) == 2 and min(value.shape) > 1


def _axis(value: Any, shape: tuple[int, ...]) -> int | None:
    """Return along which axis of a matrix an array of one axis runs, or None where it is not such a one."""
    if value.shape in ((shape[1],), (1, shape[1])):
        return 1
    return 0 if value.shape == (shape[0], 1) else None


class _Call:
    """A ufunc call on values of the matrix and elements of the vectors."""

    def __init__(self, ufunc: np.ufunc, operands: list[Any], dtype: np.dtype[Any]) -> None:
        self._ufunc = ufunc
        self._dtype = dtype
        self._operands = [value if _is_matrix(value) or not _is_array(value) else _decoded(value) for value in operands]

    def __call__(self, values: Array, which: Array) -> Array:
        """Return the results for values, each beside the elements of the vectors at `which`."""
        size = values.size
        if size == 1:
            # NumPy treats an array of one element as it treats a scalar, which is not always the same.
            values, which = np.repeat(values, 2), np.repeat(which, 2)
        operands = [
            values if isinstance(v, View) else v[which] if isinstance(v, np.ndarray) and v.shape else v for v in self._operands
        ]
        return np.asarray(self._ufunc(*operands)[:size].astype(self._dtype, copy=False))


def _decoded(vector: Any) -> Array:
    array = vector if isinstance(vector, np.ndarray) else vector.read()
    return array.reshape(-1)


def _lines_with_fills(sparse: Sparse, shape: tuple[int, ...], axis: int) -> Array | None:
    """Return the rows (axis 0) or columns (axis 1) that have a fill; None where there is none at all."""
    lines = np.arange(shape[axis])
    if sparse.count < shape[1 - axis]:
        return lines
    numbers = np.zeros(shape[axis], np.int64)
    for part in sparse.parts():
        _count(part, shape, axis, numbers)
    lines = lines[numbers < shape[1 - axis]]
    return lines if lines.size else None


def _count(part: Part, shape: tuple[int, ...], axis: int, numbers: Array) -> None:
    if axis == 1:
        count_columns(*part.pattern, shape[1], numbers)
        return
    edges = np.arange(shape[0] + 1, dtype=np.int64) * shape[1]
    numbers += np.diff(part.addresses().searchsorted(edges))

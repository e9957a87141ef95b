"""Products: dot and its relatives, through matmul and vecdot."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import tile_of
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.functions.assembled import flat
from compactarray.functions.common import compact, dense, into
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.registry import implements

_NUMBERS = "biufc"


def _numbers(*arrays: Any) -> bool:
    return all(array.dtype.kind in _NUMBERS for array in arrays)


@implements(np.dot, route="composed", inline=True)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """As numpy.dot."""
    a, b = compact(a), compact(b)
    if not _numbers(a, b):
        return dense(np.dot, a, b) if out is None else dense(np.dot, a, b, out)
    if out is not None:
        if not isinstance(out, (CompactArray, np.ndarray)):
            raise TypeError("'out' must be an array")
        shape = (*a.shape[:-1], *b.shape[:-2], *b.shape[-1:] * (b.ndim > 1)) if a.ndim and b.ndim else (*a.shape, *b.shape)
        if out.dtype != np.result_type(a.dtype, b.dtype) or out.ndim != len(shape) or not out.flags.carray:
            raise ValueError("output array is not acceptable (must have the right datatype, number of dimensions, and be a C-Array)")
        found = dot(a, b)
        if out.shape != shape:
            raise ValueError("output array has wrong dimensions")
        return into(out, found) if out.ndim else into(out, found)[()]
    if not a.ndim or not b.ndim:
        return _scaled(a, b)
    axis = max(b.ndim - 2, 0)
    if a.shape[-1] != b.shape[axis]:
        lengths = f"{a.shape[-1]} (dim {a.ndim - 1}) != {b.shape[axis]} (dim {axis})"
        raise ValueError(f"shapes {_shape(a)} and {_shape(b)} not aligned: {lengths}")
    # Floating-point errors are named after the function, not after the ufunc that serves it.
    with ErrorsOnce("dot"):
        if a.ndim <= 2 and b.ndim <= 2:
            return np.matmul(a, b)
        left = a.reshape(-1, a.shape[-1]) if a.size else a.reshape(prod(a.shape[:-1]), a.shape[-1])
        moved = np.moveaxis(b, axis, 0)
        right = moved.reshape(moved.shape[0], prod(moved.shape[1:]))
        return np.matmul(left, right).reshape((*a.shape[:-1], *moved.shape[1:]))


def _scaled(a: Any, b: Any) -> Any:
    """Return the product of an array and a scalar as NumPy's dot gives it: by BLAS, where that knows the dtype."""
    if np.result_type(a.dtype, b.dtype).char not in "fdFD" or max(a.ndim, b.ndim) > 2:
        return np.multiply(a, b)
    scalar = a if not a.ndim else b
    if scalar == 0:
        # It does not look at what is multiplied by zero.
        with np.errstate(all="ignore"):
            return np.zeros_like(np.multiply(a, b, order="C"))
    with ErrorsOnce("dot"):
        product = np.multiply(a, b, order="C")
        # BLAS adds to zero, so that there is no negative zero.
        return np.add(product, 0, order="C") if np.any(product == 0) else product


def _shape(a: Any) -> str:
    return str(a.shape).replace(" ", "")


@implements(np.vdot, route="composed", inline=True)
def vdot(a: Any, b: Any, /) -> Any:
    """As numpy.vdot."""
    a, b = compact(a), compact(b)
    if not _numbers(a, b) or a.size != b.size:
        return dense(np.vdot, a, b)
    # NumPy looks for no floating-point errors here.
    with np.errstate(all="ignore"):
        if (a.dtype.kind != "c" and a.flags.c_contiguous and b.flags.c_contiguous) or not a.size:
            return np.matmul(a.ravel(), b.ravel())
        left, right = flat(a._view), flat(b._view)
        total = PairwiseTotal(np.add)
        for region in regions((a.size,), settings().tile_length):
            total.add(np.vdot(tile_of(left, region), tile_of(right, region)))
        return total.value()


@implements(np.inner, route="composed", inline=True)
def inner(a: Any, b: Any, /) -> Any:
    """As numpy.inner."""
    a, b = compact(a), compact(b)
    if not a.ndim or not b.ndim:
        return _scaled(a, b)
    if a.shape[-1] != b.shape[-1]:
        dot(a, b.T if b.ndim == 2 else np.moveaxis(b, -1, 0) if b.ndim > 1 else b)
    return dot(a, np.swapaxes(b, -1, -2) if b.ndim > 1 else b)


@implements(np.outer, route="composed")
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """As numpy.outer."""
    return np.multiply(compact(a).ravel()[:, None], compact(b).ravel()[None, :], out)


@implements(np.tensordot, route="composed", inline=True)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """As numpy.tensordot."""
    a, b = compact(a), compact(b)
    try:
        left, right = axes
    except TypeError:
        left, right = list(range(-axes, 0)), list(range(axes))
    left = [left] if not np.iterable(left) else list(left)
    right = [right] if not np.iterable(right) else list(right)
    if len(left) != len(right) or any(a.shape[i] != b.shape[j] for i, j in zip(left, right, strict=True)):
        raise ValueError("shape-mismatch for sum")
    left, right = [normalize_axis_index(k, a.ndim) for k in left], [normalize_axis_index(k, b.ndim) for k in right]
    kept_a, kept_b = [k for k in range(a.ndim) if k not in left], [k for k in range(b.ndim) if k not in right]
    size = prod(a.shape[k] for k in left)
    shape_a, shape_b = [a.shape[k] for k in kept_a], [b.shape[k] for k in kept_b]
    first = a.transpose(kept_a + left).reshape(prod(shape_a), size)
    second = b.transpose(right + kept_b).reshape(size, prod(shape_b))
    return dot(first, second).reshape(shape_a + shape_b)


@implements(np.trace, route="composed", inline=True)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.trace."""
    return np.add.reduce(compact(a).diagonal(offset, axis1, axis2), -1, dtype, out)


@implements(np.linalg.trace, route="composed", inline=True)
def linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """As numpy.linalg.trace."""
    return trace(x, offset, -2, -1, dtype)


@implements(np.linalg.diagonal, route="native")
def linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """As numpy.linalg.diagonal: a view."""
    return compact(x).diagonal(offset, -2, -1)


@implements(np.linalg.matrix_transpose, route="native")
def linalg_matrix_transpose(x: Any, /) -> Any:
    """As numpy.linalg.matrix_transpose: a view."""
    return np.matrix_transpose(x)


@implements(np.linalg.matmul, route="composed")
def linalg_matmul(x1: Any, x2: Any, /) -> Any:
    """As numpy.linalg.matmul."""
    return np.matmul(x1, x2)


@implements(np.linalg.vecdot, route="composed")
def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """As numpy.linalg.vecdot."""
    return np.vecdot(x1, x2, axis=axis)


@implements(np.linalg.outer, route="composed")
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """As numpy.linalg.outer."""
    x1, x2 = compact(x1), compact(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"Input arrays must be one-dimensional, but they are x1.ndim={x1.ndim} and x2.ndim={x2.ndim}.")
    return outer(x1, x2)


@implements(np.linalg.tensordot, route="composed", inline=True)
def linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """As numpy.linalg.tensordot."""
    return tensordot(x1, x2, axes)

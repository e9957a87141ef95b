"""Norms of vectors and matrices, powers and chains of matrices."""

from collections.abc import Sequence
from operator import index as as_integer
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from compactarray.array import CompactArray
from compactarray.functions.common import NO_VALUE, compact, dense, mapped_reduce
from compactarray.functions.products import dot
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import View

_LAPACK = (2, -2, "nuc")


def _real(tile: Array) -> Array:
    """Return elements as the numbers that norms are computed of."""
    return tile if tile.dtype.kind in "fc" else tile.astype(float)


def _absolute(tile: Array) -> Array:
    found: Array = abs(_real(tile))
    return found


def _squares(tile: Array) -> Array:
    x = _real(tile)
    found: Array = (x.conj() * x).real
    return found


def _not_zero(tile: Array) -> Array:
    x = _real(tile)
    return (x != 0).astype(x.real.dtype)


#: Powers for which ``**`` runs another ufunc than numpy.power, which warnings name.
_NAMES = {-1: "reciprocal", 2: "square", 0.5: "sqrt"}


def _reduced(
    function: Any,
    ufunc: np.ufunc,
    x: CompactArray,
    axes: tuple[int, ...],
    keepdims: bool = False,
    initial: Any = NO_VALUE,
    name: str = "multiply",
) -> Any:
    return mapped_reduce(function, ufunc, (x,), axes, None, keepdims, initial, name=name)


def _of_vectors(x: CompactArray, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return the norms of the vectors that the elements along some axes are."""
    if ord == np.inf:
        return _reduced(_absolute, np.maximum, x, axes, keepdims, 0)
    if ord == -np.inf:
        return _reduced(_absolute, np.minimum, x, axes, keepdims)
    if ord == 0:
        return _reduced(_not_zero, np.add, x, axes, keepdims)
    if ord == 1:
        return _reduced(_absolute, np.add, x, axes, keepdims)
    if ord is None or ord == 2:
        return np.sqrt(_reduced(_squares, np.add, x, axes, keepdims))
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order '{ord}' for vectors")

    def powers(tile: Array) -> Array:
        found = _absolute(tile)
        found **= ord
        return found

    total = _reduced(powers, np.add, x, axes, keepdims, name=_NAMES.get(ord, "power"))
    total **= np.reciprocal(ord, dtype=total.dtype)
    return total


def _of_matrices(x: CompactArray, ord: Any, row: int, column: int) -> Any:
    """Return the norms of the matrices that two axes are; of singular values: dense."""
    if ord in (None, "fro", "f"):
        return np.sqrt(_reduced(_squares, np.add, x, (row, column)))
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError("Invalid norm order for matrices.")
    summed, other = (row, column) if abs(ord) == 1 else (column, row)
    sums = _reduced(_absolute, np.add, x, (summed,))
    other -= other > summed
    return np.max(sums, axis=other, initial=0) if ord > 0 else np.min(sums, axis=other)


def _is_served(x: CompactArray) -> bool:
    return isinstance(x._view, View) and x.dtype.kind in "biufc" and bool(x.size)


@implements(np.linalg.norm, route="composed", inline=True)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """As numpy.linalg.norm; of singular values: dense."""
    x = compact(x)
    if not _is_served(x):
        return dense(np.linalg.norm, x, ord, axis, keepdims)
    if axis is None and (ord is None or (ord in ("f", "fro") and x.ndim == 2) or (ord == 2 and x.ndim == 1)):
        return _of_all(x, keepdims)
    if axis is None:
        axis = tuple(range(x.ndim))
    elif not isinstance(axis, tuple):
        try:
            axis = (int(axis),)
        except Exception as error:
            raise TypeError("'axis' must be None, an integer or a tuple of integers") from error
    if len(axis) == 1:
        return _of_vectors(x, ord, normalize_axis_tuple(axis, x.ndim), keepdims)
    if len(axis) != 2:
        raise ValueError("Improper number of dimensions to norm.")
    row, column = (normalize_axis_index(k, x.ndim) for k in axis)
    if row == column:
        raise ValueError("Duplicate axes given.")
    if ord in _LAPACK:
        return dense(np.linalg.norm, x, ord, axis, keepdims)
    found = _of_matrices(x, ord, row, column)
    if not keepdims:
        return found
    return compact(found).reshape(tuple(1 if k in (row, column) else length for k, length in enumerate(x.shape)))


def _of_all(x: CompactArray, keepdims: bool) -> Any:
    """Return the norm of all elements, as of one vector."""
    flat = x.ravel(order="K") if x.flags.c_contiguous or x.flags.f_contiguous else None
    if flat is not None and x.dtype.kind != "c":
        flat = flat if x.dtype.kind == "f" else flat.astype(float)
        found = np.sqrt(dot(flat, flat))
    else:
        found = np.sqrt(_reduced(_squares, np.add, x, tuple(range(x.ndim))))
    return compact(found).reshape((1,) * x.ndim) if keepdims else found


@implements(np.linalg.vector_norm, route="composed", inline=True)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """As numpy.linalg.vector_norm."""
    x = compact(x)
    if not _is_served(x):
        return dense(np.linalg.vector_norm, x, axis=axis, keepdims=keepdims, ord=ord)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return _of_vectors(x, ord, axes, bool(keepdims))


@implements(np.linalg.matrix_norm, route="composed", inline=True)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """As numpy.linalg.matrix_norm; of singular values: dense."""
    return norm(x, ord, (-2, -1), keepdims)


# --- powers and chains ------------------------------------------------------------------------------


@implements(np.linalg.matrix_power, route="composed", inline=True)
def matrix_power(a: Any, n: Any) -> Any:
    """As numpy.linalg.matrix_power; of inverses: dense. Beside the result, one or two powers are held."""
    a = compact(a)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        # NumPy's errors.
        np.linalg.matrix_power(np.zeros((1,) * a.ndim if a.ndim < 2 else (1, 2)), 0)
    try:
        n = as_integer(n)
    except TypeError as error:
        raise TypeError("exponent must be an integer") from error
    if n < 0 or a.dtype.kind not in "biufc":
        return dense(np.linalg.matrix_power, a, n)
    if n == 0:
        found = np.empty_like(a)
        found[...] = np.eye(a.shape[-2], dtype=a.dtype, like=a)
        return found
    if n <= 3:
        return a if n == 1 else np.matmul(a, a) if n == 2 else np.matmul(np.matmul(a, a), a)
    power = result = None
    while n > 0:
        power = a if power is None else np.matmul(power, power)
        n, bit = divmod(n, 2)
        if bit:
            result = power if result is None else np.matmul(result, power)
    return result


@implements(np.linalg.multi_dot, route="composed", inline=True)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """As numpy.linalg.multi_dot; the products on the way are held, compact."""
    if len(arrays) < 2:
        raise ValueError("Expecting at least two arrays.")
    matrices = [compact(array) for array in arrays]
    if len(matrices) == 2:
        return dot(matrices[0], matrices[1], out)
    first, last = matrices[0].ndim, matrices[-1].ndim
    matrices[0] = matrices[0][None, :] if first == 1 else matrices[0]
    matrices[-1] = matrices[-1][:, None] if last == 1 else matrices[-1]
    if any(matrix.ndim != 2 for matrix in matrices):
        np.linalg.multi_dot([np.broadcast_to(0.0, matrix.shape) for matrix in matrices])
    if len(matrices) == 3:
        a, b, c = matrices
        # As NumPy counts the multiplications of both ways.
        left = a.shape[0] * b.shape[1] * (a.shape[1] + c.shape[1])
        right = a.shape[1] * c.shape[1] * (a.shape[0] + b.shape[1])
        found = dot(dot(a, b), c, out=out) if left < right else dot(a, dot(b, c), out=out)
    else:
        splits = _splits([matrix.shape[0] for matrix in matrices] + [matrices[-1].shape[1]])
        found = _chained(matrices, splits, 0, len(matrices) - 1, out)
    if first == 1 and last == 1:
        return found[0, 0]
    return found.ravel() if 1 in (first, last) else found


def _splits(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return where to cut each chain so that its product takes the fewest multiplications."""
    number = len(lengths) - 1
    costs = {(k, k): 0.0 for k in range(number)}
    splits: dict[tuple[int, int], int] = {}
    for length in range(1, number):
        for i in range(number - length):
            j = i + length
            costs[i, j] = np.inf
            for k in range(i, j):
                cost = costs[i, k] + costs[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1]
                if cost < costs[i, j]:
                    costs[i, j], splits[i, j] = cost, k
    return splits


def _chained(matrices: Sequence[Any], splits: dict[tuple[int, int], int], i: int, j: int, out: Any = None) -> Any:
    if i == j:
        return matrices[i]
    k = splits[i, j]
    return dot(_chained(matrices, splits, i, k), _chained(matrices, splits, k + 1, j), out=out)

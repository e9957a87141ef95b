"""Products of vectors of three components, and of Kronecker."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import broadcast, operand, tile_of
from compactarray.functions.common import compact, inline, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import built


@implements(np.cross, route="native", inline=True)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    """As numpy.cross."""
    if axis is not None:
        axisa, axisb, axisc = (axis,) * 3
    a, b = compact(a), compact(b)
    if a.ndim < 1 or b.ndim < 1:
        raise ValueError("At least one array has zero dimension")
    a = np.moveaxis(a, normalize_axis_index(axisa, a.ndim, msg_prefix="axisa"), -1)
    b = np.moveaxis(b, normalize_axis_index(axisb, b.ndim, msg_prefix="axisb"), -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        # An error of NumPy's, or vectors in the plane, which its next versions do not take.
        if not (a.size and b.size):
            return inline(np.cross, a, b, axisc=axisc)
        return _of_lines(a, b, axisc) if {a.shape[-1], b.shape[-1]} <= {2, 3} else _refused(a, b)
    return _of_lines(a, b, axisc)


def _refused(a: CompactArray, b: CompactArray) -> Any:
    return np.cross(np.zeros(a.shape[-1]), np.zeros(b.shape[-1]))


def _of_lines(a: CompactArray, b: CompactArray, axisc: int) -> Any:
    """Return the products of vectors along the last axes, tile by tile."""
    lead = np.broadcast(sham(a.shape[:-1]), sham(b.shape[:-1])).shape
    model = np.cross(np.zeros(a.shape[-1], a.dtype), np.zeros(b.shape[-1], b.dtype))
    left = broadcast(operand(a._view), (*lead, a.shape[-1]))
    right = broadcast(operand(b._view), (*lead, b.shape[-1]))

    def tiles() -> Iterator[Array]:
        for region in regions(lead, max(1, settings().tile_length // 3)):
            x, y = tile_of(left, (*region, slice(None))), tile_of(right, (*region, slice(None)))
            yield np.cross(x, y).reshape(-1)

    if model.ndim:
        axisc = normalize_axis_index(axisc, len(lead) + 1, msg_prefix="axisc")
        found: Any = wrap(built(model.dtype, (*lead, 3), tiles()))
        return np.moveaxis(found, -1, axisc)
    return wrap(built(model.dtype, lead, tiles()))


@implements(np.linalg.cross, route="native", inline=True)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """As numpy.linalg.cross."""
    x1, x2 = compact(x1), compact(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(
            "Both input arrays must be (arrays of) 3-dimensional vectors, "
            f"but they are {x1.shape[axis]} and {x2.shape[axis]} dimensional instead."
        )
    return cross(x1, x2, axis=axis)


@implements(np.kron, route="composed")
def kron(a: Any, b: Any) -> Any:
    """As numpy.kron."""
    a, b = compact(a), compact(b)
    if not a.ndim or not b.ndim:
        return np.multiply(a, b)
    ndim = max(a.ndim, b.ndim)
    a = a[(None,) * (ndim - a.ndim) + (...,)]
    b = b[(None,) * (ndim - b.ndim) + (...,)]
    every = np.multiply(np.expand_dims(a, tuple(range(1, 2 * ndim, 2))), np.expand_dims(b, tuple(range(0, 2 * ndim, 2))), order="C")
    return every.reshape(tuple(m * n for m, n in zip(a.shape, b.shape, strict=True)))

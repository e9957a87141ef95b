"""Generalized ufuncs: matrix products by panels, the others on decoded operands."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.operands import broadcast, operand, shammed, tile_of
from compactarray.execution.policy import heed_policy
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import regions
from compactarray.storage.base import Array
from compactarray.storage.view import View, built

# As of NumPy 2.0; the name is looked up once.
_VECDOT: Any = np.vecdot
#: Elements of a panel: 8 MB of float64.
_PANEL = 1 << 20


def call(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc(*inputs, **kwargs)`` without `out`; return a view, an ndarray or a scalar."""
    operands = [operand(value) for value in inputs]
    if ufunc is np.matmul and not set(kwargs) - {"dtype", "casting", "order", "subok"}:
        left, right = operands
        if 1 <= _ndim(left) <= 2 and 1 <= _ndim(right) <= 2 and (_size(left) > _PANEL or _size(right) > _PANEL):
            return _product(left, right, kwargs)
    if ufunc is _VECDOT and not set(kwargs) - {"axis", "dtype", "casting", "order", "subok"}:
        found = _dot_along(operands, kwargs)
        if found is not None:
            return found
    if any(isinstance(value, View) and value.size > _PANEL for value in operands):
        heed_policy(f"numpy.{ufunc.__name__}", operands)
    return ufunc(*(value.read() if isinstance(value, View) else value for value in operands), **kwargs)


def _dot_along(operands: list[Any], kwargs: dict[str, Any]) -> Any:
    """Return the products of vectors along an axis, by tiles; None where NumPy is to do the whole (or to refuse it)."""
    axis = kwargs.get("axis", -1)
    if any(not hasattr(value, "shape") or not -len(value.shape) <= axis < len(value.shape) for value in operands):
        return None
    rest = {key: value for key, value in kwargs.items() if key != "axis"}
    moved = [_last(value, axis) for value in operands]
    size = moved[0].shape[-1]
    try:
        outer = broadcast_shapes(*(value.shape[:-1] for value in moved))
    except ValueError:
        return None
    if moved[1].shape[-1] != size or not size or not outer or max(map(_size, moved)) <= settings().plain_below // 8:
        return None
    full = [broadcast(value, (*outer, size)) for value in moved]
    dtype = _VECDOT(*(np.empty((0, size), value.dtype) for value in moved), **rest).dtype
    tile = settings().tile_length

    def tiles() -> Iterator[Array]:
        for region in regions(outer, max(1, tile // size)):
            total: Any = None
            for start in range(0, size, tile):
                part = _VECDOT(*(tile_of(value, (*region, slice(start, start + tile))) for value in full), **rest)
                total = part if total is None else total + part
            yield np.asarray(total, dtype).reshape(-1)

    return built(dtype, outer, tiles())


def _last(value: Any, axis: int) -> Any:
    """Return an operand with an axis moved to the end."""
    axes = [k for k in range(len(value.shape)) if k != axis % len(value.shape)]
    return value.transpose((*axes, axis % len(value.shape)))


def _ndim(value: Any) -> int:
    return len(value.shape) if hasattr(value, "shape") else 0


def _size(value: Any) -> int:
    return int(value.size)


def _product(left: Any, right: Any, kwargs: dict[str, Any]) -> Any:
    """Return the product of two matrices (or vectors) of which one is large: bands of the left times all of the right.

    Where the right is large too it is taken in bands of columns, decoded once for each band of rows.
    """
    rows = left if _ndim(left) == 2 else left[None, :]
    columns = right if _ndim(right) == 2 else right[:, None]
    if rows.shape[1] != columns.shape[0]:
        np.matmul(shammed(left), shammed(right), **kwargs)
    dtype = np.matmul(np.empty((0, 0), left.dtype), np.empty((0, 0), right.dtype), **kwargs).dtype
    shape = (rows.shape[0], columns.shape[1])
    found = built(dtype, shape, _bands(rows, columns, dtype, kwargs))
    if _ndim(left) == 1 or _ndim(right) == 1:
        result = found.reshaped(shape[:1] if _ndim(left) == 2 else shape[1:] if _ndim(right) == 2 else (), "C")
        return result if result is None or result.shape else result.item()
    return found


def _bands(rows: Any, columns: Any, dtype: np.dtype[Any], kwargs: dict[str, Any]) -> Iterator[Array]:
    """Yield the product by bands of rows, in C order."""
    inner, width = columns.shape
    height = max(1, min(rows.shape[0], _PANEL // max(1, min(inner, _PANEL))))
    height = max(1, min(height, _PANEL // max(1, width)))
    resident = _dense(columns) if columns.shape[0] * width <= _PANEL else None
    for top in range(0, rows.shape[0], height):
        band = rows[top : top + height]
        product = np.zeros((band.shape[0], width), dtype)
        depth = max(1, min(inner, _PANEL // max(1, height)))
        for start in range(0, inner, depth):
            part = _dense(band[:, start : start + depth])
            if resident is not None:
                product += np.matmul(part, resident[start : start + depth], **kwargs)
                continue
            chunk = max(1, _PANEL // part.shape[1])
            for first in range(0, width, chunk):
                piece = _dense(columns[start : start + depth, first : first + chunk])
                product[:, first : first + chunk] += np.matmul(part, piece, **kwargs)
        yield product.reshape(-1)


def _dense(value: Any) -> Array:
    return value.read() if isinstance(value, View) else np.asarray(value)

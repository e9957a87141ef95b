"""Generalized ufuncs: matrix products by panels, the others on decoded operands."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.execution.operands import operand, shammed
from compactarray.storage.base import Array
from compactarray.storage.view import View, built

#: Elements of a panel: 8 MB of float64.
_PANEL = 1 << 20


def call(ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc(*inputs, **kwargs)`` without `out`; return a view, an ndarray or a scalar."""
    operands = [operand(value) for value in inputs]
    if ufunc is np.matmul and not set(kwargs) - {"dtype", "casting", "order", "subok"}:
        left, right = operands
        if 1 <= _ndim(left) <= 2 and 1 <= _ndim(right) <= 2 and (_size(left) > _PANEL or _size(right) > _PANEL):
            return _product(left, right, kwargs)
    return ufunc(*(value.read() if isinstance(value, View) else value for value in operands), **kwargs)


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

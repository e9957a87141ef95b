"""Whole ufunc calls on sparse operands: what stays sparse never becomes dense, wherever its blocks begin."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.constant import Constant
from compactarray.execution import sparse_broadcast, sparse_elementwise, sparse_outer
from compactarray.execution.operands import Operand, broadcast, is_scalar, result_axes, transposed
from compactarray.geometry.layout import is_contiguous
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.sparse_views import sparse_view
from compactarray.storage.view import View, whole

#: Stored elements of an operand that is worked on as a whole: 16 MB of values.
_MOST_STORED = 1 << 21


def computed(ufunc: np.ufunc, operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> View | None:
    """Return the result of a ufunc of one output, in K order; None where operands are not sparse, or the result would not be.

    Operands of the shape of the result must be sparse views, of any strides; others may be scalars, sparse views that
    are broadcast, or vectors along the rows or the columns of one matrix.
    """
    found: list[Operand] = []
    for value in operands:
        if is_scalar(value):
            found.append(value)
        elif value.dtype.kind == "O":
            return None
        elif not value.shape:
            found.append(value.item() if isinstance(value, View) else value[()])
        elif value.shape != shape or (isinstance(value, View) and _may_be_sparse(value)):
            found.append(value)
        else:
            return None
    arrays = [value for value in found if not is_scalar(value) and value.shape]
    if not any(isinstance(value, View) and _may_be_sparse(value) for value in arrays):
        return None
    forward = tuple(range(len(shape)))
    if all(value.shape == shape and isinstance(value, View) and is_contiguous(shape, value.steps) for value in arrays):
        axes = forward
    else:
        axes = result_axes([broadcast(value, shape) for value in arrays], shape, "K")
    if axes != forward:
        if any(len(value.shape) != len(shape) for value in arrays):
            return None
        found = [transposed(value, axes) for value in found]
        shape = tuple(shape[axis] for axis in axes)
    storage = _storage(ufunc, found, shape, dtype)
    if storage is None:
        return None
    result = whole(storage, shape)
    return result if axes == forward else result.transpose(tuple(axes.index(axis) for axis in forward))


def mapped(function: Callable[..., Any], operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> View | None:
    """Return what a function of elements makes of sparse views of one shape and scalars, in C order; None for other operands.

    None, too, where so little comes of it that it is kept plain.
    """
    if prod(shape) * dtype.itemsize <= settings().plain_below or not is_encodable(dtype):
        return None
    if not all(is_scalar(value) or (isinstance(value, View) and value.shape == shape and _may_be_sparse(value)) for value in operands):
        return None
    storage = _merged(function, operands, shape, dtype) if any(isinstance(value, View) for value in operands) else None
    return None if storage is None else whole(storage, shape)


def _storage(ufunc: np.ufunc, operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Storage | None:
    """Return the result in C order."""
    arrays = [value for value in operands if not is_scalar(value) and value.shape]
    if all(value.shape == shape for value in arrays):
        return _merged(ufunc, operands, shape, dtype)
    storage = None
    if len(shape) == 2 and min(shape) > 1 and any(value.shape == shape for value in arrays):
        storage = sparse_broadcast.broadcasted(ufunc, operands, dtype)
    if storage is None and len(arrays) == 2 and len(operands) == 2:
        storage = sparse_outer.of_pairs(ufunc, arrays[0], arrays[1], shape, dtype)
    return _merged(ufunc, operands, shape, dtype) if storage is None else storage


def _merged(function: Callable[..., Any], operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Storage | None:
    lanes: list[Any] = []
    for value in operands:
        if is_scalar(value) or not value.shape:
            lanes.append(value)
            continue
        sparse = sparse_view(value) if value.shape == shape else sparse_outer.repeated(value, shape)
        if sparse is None or sparse.count > _MOST_STORED:
            return None
        lanes.append(sparse.lane())
    return sparse_elementwise.computed(function, lanes, dtype)


def _may_be_sparse(view: View) -> bool:
    """Tell from one block whether a view may be sparse."""
    storage = view.storage
    return isinstance(storage, BlockStorage) and view.size > 0 and isinstance(storage.encoding_at(view.offset), Constant)

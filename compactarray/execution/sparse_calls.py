"""Whole ufunc calls on sparse operands: what stays sparse never becomes dense, wherever its blocks begin."""

from typing import Any

import numpy as np

from compactarray.encodings.constant import Constant
from compactarray.execution import sparse_broadcast, sparse_elementwise
from compactarray.execution.operands import Operand, is_scalar
from compactarray.geometry.layout import is_contiguous
from compactarray.storage.base import Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import View, whole


def computed(ufunc: np.ufunc, operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> View | None:
    """Return the result of a ufunc of one output; None where operands are not sparse, or the result would not be.

    Operands of the shape of the result must be sparse views; others may be scalars, or vectors along the rows or the
    columns of one matrix.
    """
    found: list[Operand] = []
    mixed = False
    for value in operands:
        if is_scalar(value):
            found.append(value)
        elif not value.shape:
            found.append(value.item() if isinstance(value, View) else value[()])
        elif value.shape != shape:
            mixed = True
            found.append(value)
        elif isinstance(value, View) and _may_be_sparse(value):
            found.append(value)
        else:
            return None
    if not any(isinstance(value, View) and value.shape == shape for value in found):
        return None
    storage: Storage | None
    if not mixed:
        storage = sparse_elementwise.computed(ufunc, found, dtype)
    elif len(shape) == 2 and min(shape) > 1:
        storage = sparse_broadcast.broadcasted(ufunc, found, dtype)
    else:
        storage = None
    return None if storage is None else whole(storage, shape)


def _may_be_sparse(view: View) -> bool:
    """Tell from one block whether a view may be sparse."""
    storage = view.storage
    if not isinstance(storage, BlockStorage) or not is_contiguous(view.shape, view.steps):
        return False
    return isinstance(storage.encoding_at(view.offset), Constant)

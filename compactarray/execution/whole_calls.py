"""Ufuncs on masks and runs that one encoding holds: they take so little time that cutting them into stretches would take longer."""

from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.select import with_encoded_exceptions
from compactarray.execution import codes
from compactarray.execution.lanes import Work
from compactarray.execution.masks import is_mask
from compactarray.execution.operands import Operand, is_scalar
from compactarray.execution.run_lanes import are_runs
from compactarray.geometry.layout import contiguous_strides
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.view import View, whole

#: Blocks of an operation that is not worth to be shared out.
_MOST = 64


def computed(ufunc: np.ufunc, operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> View | None:
    """Return the result of a ufunc on operands of one shape, all of them whole masks, or whole runs, and scalars; None for others."""
    size = prod(shape)
    if size > _MOST * settings().block_length or size * dtype.itemsize <= settings().plain_below:
        return None
    lanes: list[Any] = []
    for value in operands:
        if is_scalar(value):
            lanes.append(value)
            continue
        if value.dtype.kind == "O":
            return None
        lane = value[()] if isinstance(value, np.ndarray) and not value.shape else _whole_lane(value, shape)
        if lane is None:
            return None
        lanes.append(lane)
    masks = [is_mask(lane) for lane in lanes if isinstance(lane, Encoding)]
    if not masks or not (all(masks) or are_runs(lanes)):
        return None
    result = codes.elementwise(ufunc, lanes, dtype, Work(size))
    if result is None:
        return None
    return whole(storage_of(dtype, [with_encoded_exceptions(result)], settings().block_length), shape)


def _whole_lane(value: Operand, shape: tuple[int, ...]) -> Encoding | None:
    """Return the only encoding of all elements of a storage, if a view in C order has them all, and none is an exception."""
    if not isinstance(value, View) or value.shape != shape or type(value.storage) is not BlockStorage:
        return None
    storage = value.storage
    entries = storage.entries
    if len(entries) != 1 or entries[0].mutable or entries[0].encoding.exceptions is not None:
        return None
    if value.offset or value.size != storage.size or value.steps != contiguous_strides(shape):
        return None
    return entries[0].encoding if storage.block_length == settings().block_length else None

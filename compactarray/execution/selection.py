"""Choosing between two operands element by element: what numpy.where does with three arguments."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.execution.elementwise import STRETCH
from compactarray.execution.lanes import selected
from compactarray.execution.operands import Operand, broadcast, flattened, operand, result_axes, shammed, shape_of, tile_of, transposed
from compactarray.execution.stretches import in_blocks, stretch
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import pieces, regions
from compactarray.storage.base import Array
from compactarray.storage.builder import Builder, can_encode
from compactarray.storage.view import AnyView, built, whole


def where(condition: Any, x: Any, y: Any) -> AnyView | Array:
    """Return ``numpy.where(condition, x, y)`` for operands of which some are views: in codes, or by tiles."""
    operands = [operand(value) for value in (condition, x, y)]
    try:
        shape = broadcast_shapes(*map(shape_of, operands))
    except ValueError:
        np.where(*map(shammed, operands))
        raise
    dtype = np.where(True, _model(operands[1]), _model(operands[2])).dtype
    axes = result_axes([broadcast(value, shape) for value in operands if shape_of(value)], shape, "K")
    laid = tuple(shape[axis] for axis in axes)
    moved = [transposed(broadcast(value, shape), axes) for value in operands]
    flat = flattened(moved, laid)
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    if flat is None or not can_encode(dtype) or prod(shape) * dtype.itemsize <= settings().plain_below:
        return built(dtype, laid, _tiles(moved, laid, dtype)).transpose(back)
    builder = Builder(dtype, prod(shape))
    _select(builder, flat, prod(shape), dtype)
    return whole(builder.finish(), laid).transpose(back)


def _model(value: Operand) -> Any:
    return value if type(value) in (bool, int, float, complex) else np.empty((), value.dtype)


def _tile(operands: list[Operand], region: tuple[int | slice, ...], dtype: np.dtype[Any]) -> Array:
    marks, left, right = (tile_of(value, region) for value in operands)
    return np.where(marks, left, right).astype(dtype, copy=False)


def _tiles(operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Array]:
    for region in regions(shape, settings().tile_length):
        yield _tile(operands, region, dtype).reshape(-1)


def _select(builder: Builder, operands: list[Operand], size: int, dtype: np.dtype[Any]) -> None:
    """Append the result of flat operands to a builder, stretch by stretch."""
    start, block = 0, settings().block_length
    while start < size:
        stop, lanes = stretch(operands, start, min(size, start + STRETCH * block))
        stop, lanes = in_blocks(start, stop, size, lanes)
        result = None
        if lanes is not None and builder.takes_encoded and operands[0].dtype.kind == "b" and isinstance(lanes[0], Encoding):
            result = selected(lanes[0], lanes[1], lanes[2], dtype)
        if result is not None:
            builder.append_encoded(result)
        else:
            for low, high in pieces(start, stop, settings().tile_length):
                tile = _tile(operands, (slice(low, high),), dtype)
                builder.append(np.broadcast_to(tile, (high - low,)))
        start = stop

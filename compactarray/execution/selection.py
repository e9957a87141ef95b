"""Choosing between two operands element by element: what numpy.where does with three arguments."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.execution.columns import by_columns
from compactarray.execution.elementwise import WITH_EXCEPTIONS
from compactarray.execution.lanes import Lane, integer, marks_of
from compactarray.execution.operands import Operand, broadcast, flattened, operand, result_axes, shammed, shape_of, tile_of, transposed
from compactarray.execution.stretches import in_blocks, stretch
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import pieces, regions
from compactarray.kernels import select_codes
from compactarray.numerics import rules
from compactarray.numerics.words import is_encodable, words
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.rearranged import flat as flat_part
from compactarray.storage.rearranged import rearranged, truths
from compactarray.storage.results import Results
from compactarray.storage.view import AnyView, View, built, constant, from_columns, whole


def where(condition: Any, x: Any, y: Any) -> AnyView | Array:
    """Return ``numpy.where(condition, x, y)`` for operands of which some are views: in codes, or by tiles."""
    operands = [operand(value) for value in (condition, x, y)]
    try:
        shape = broadcast_shapes(*map(shape_of, operands))
    except ValueError:
        np.where(*map(shammed, operands))
        raise
    dtype = np.where(True, _model(operands[1]), _model(operands[2])).dtype
    if can_encode(dtype):
        operands[1:] = [_cast_once(value, dtype) for value in operands[1:]]
    axes = result_axes([broadcast(value, shape) for value in operands if shape_of(value)], shape, "K")
    laid = tuple(shape[axis] for axis in axes)
    moved = [transposed(broadcast(value, shape), axes) for value in operands]
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    columns = by_columns(moved, laid) if is_encodable(dtype) else None
    if columns is not None:
        return from_columns([_view(where(*values)) for values in columns], laid).transpose(back)
    flat = flattened(moved, laid)
    if flat is None or not can_encode(dtype) or prod(shape) * dtype.itemsize <= settings().plain_below:
        return built(dtype, laid, _tiles(moved, laid, dtype)).transpose(back)
    size = prod(shape)
    found = None if _in_frames(flat, size, dtype) else _moved_codes(flat, size, dtype)
    if found is not None:
        return whole(found.storage, laid).transpose(back)
    results = Results(dtype, size)
    _select(results, flat, size, dtype)
    return whole(results.finish(), laid).transpose(back)


def _view(found: AnyView | Array) -> AnyView:
    return PlainView(found) if isinstance(found, np.ndarray) else found


def _in_frames(operands: list[Operand], size: int, dtype: np.dtype[Any]) -> bool:
    """Tell from the first lanes whether integers are chosen, whose frames can be brought together."""
    _, lanes = stretch(operands, 0, size)
    pair = [] if lanes is None else [_framed(lane, dtype) for lane in lanes[1:]]
    if not pair or pair[0] is None or pair[1] is None:
        return False
    (first, codes), (second, others) = pair[0], pair[1]
    return first == second or rules.common_reference(dtype, [(*first, _most(codes)), (*second, _most(others))]) is not None


def _moved_codes(operands: list[Operand], size: int, dtype: np.dtype[Any]) -> View | None:
    """Return what is chosen of flat views of the dtype, and scalars, by moving codes; None for other operands."""
    mask, *values = operands
    if not is_encodable(dtype.newbyteorder("=")):
        return None
    if not isinstance(mask, (View, np.ndarray)) or mask.shape != (size,) or mask.dtype.kind != "b":
        return None
    views: list[AnyView] = []
    for value in values:
        if isinstance(value, View) and value.dtype == dtype and value.shape == (size,):
            views.append(value)
        elif not shape_of(value):
            cell = np.empty(1, dtype)
            cell[...] = value.item() if isinstance(value, View) else value
            views.append(constant(cell, (size,)))
        else:
            return None

    def tiles(held: Sequence[View | Array], most: int) -> Iterator[Array]:
        for low, high in pieces(0, size, max(most, settings().tile_length)):
            found = np.empty(high - low, held[0].dtype)
            for start, stop in pieces(low, high, settings().tile_length):
                left, right = (words(flat_part(value[(slice(start, stop),)])) for value in held)
                select_codes(left, right, truths(mask[(slice(start, stop),)]), words(found[start - low : stop - low]))
            yield found

    moved = rearranged(views, (size,), tiles)
    return moved if isinstance(moved, View) else None


def _model(value: Operand) -> Any:
    return value if type(value) in (bool, int, float, complex) else np.empty((), value.dtype)


def _cast_once(value: Operand, dtype: np.dtype[Any]) -> Operand:
    """Return a Python number as it will be chosen; what its cast warns of has been told with the dtype."""
    if type(value) not in (bool, int, float, complex):
        return value
    with np.errstate(all="ignore"):
        return np.asarray(value).astype(dtype)


def _tile(operands: list[Operand], region: tuple[int | slice, ...], dtype: np.dtype[Any]) -> Array:
    marks, left, right = (tile_of(value, region) for value in operands)
    return np.where(marks, left, right).astype(dtype, copy=False)


def _tiles(operands: list[Operand], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Array]:
    for region in regions(shape, settings().tile_length):
        yield _tile(operands, region, dtype).reshape(-1)


def _select(builder: Results, operands: list[Operand], size: int, dtype: np.dtype[Any]) -> None:
    """Append the result of flat operands to a builder, stretch by stretch."""
    start, block = 0, settings().block_length
    while start < size:
        stop, lanes = stretch(operands, start, min(size, start + WITH_EXCEPTIONS * block))
        stop, lanes = in_blocks(start, stop, size, lanes)
        result = None
        if lanes is not None and builder.takes_encoded and operands[0].dtype.kind == "b" and isinstance(lanes[0], Encoding):
            result = _selected(lanes[0], lanes[1], lanes[2], dtype)
        if result is not None:
            builder.append_encoded(result)
        else:
            for low, high in pieces(start, stop, settings().tile_length):
                tile = _tile(operands, (slice(low, high),), dtype)
                builder.append(np.broadcast_to(tile, (high - low,)))
        start = stop


def _selected(mask: Encoding, left: Lane, right: Lane, dtype: np.dtype[Any]) -> Encoding | None:
    """Return ``where(mask, left, right)`` in codes, for narrow lanes and scalars that one frame holds."""
    pair = [_framed(left, dtype), _framed(right, dtype)]
    if pair[0] is None or pair[1] is None or not (isinstance(left, Narrow) or isinstance(right, Narrow)):
        return None
    (first, codes), (second, others) = pair[0], pair[1]
    if first == second:
        reference, stride, wide = first[0], first[1], np.result_type(codes, others)
    else:
        shared = rules.common_reference(dtype, [(*first, _most(codes)), (*second, _most(others))])
        if shared is None:
            return None
        reference, wide = shared
        stride = 1
    if wide.itemsize >= dtype.itemsize:
        return None
    ours = _moved(codes, first[0] - reference if stride == 1 else 0, wide, mask.length)
    theirs = _moved(others, second[0] - reference if stride == 1 else 0, wide, mask.length)
    out = np.empty(mask.length, wide)
    select_codes(ours, theirs, marks_of(mask), out)
    return Narrow(dtype, out, Frame(wide, reference, stride, 0), None)


def _framed(lane: Lane, dtype: np.dtype[Any]) -> tuple[tuple[int, int], Array] | None:
    """Return the frame (reference, stride) and codes of a lane; a scalar is one code 0."""
    if dtype.kind in "SU":
        return None
    if isinstance(lane, Narrow):
        return ((lane.reference, lane.stride), lane.codes) if lane.dtype == dtype and lane.exceptions is None else None
    value = integer(lane, dtype)
    if value is None or not rules.holds(dtype, value, value):
        return None
    return (value, 1), np.zeros(1, np.uint8)


def _most(codes: Array) -> int:
    return int(codes.max())


def _moved(codes: Array, by: int, dtype: np.dtype[Any], length: int) -> Array:
    """Return codes of another reference and dtype, `length` of them."""
    moved = codes.astype(dtype, copy=False)
    if by:
        moved = moved + dtype.type(by)
    return moved if moved.size == length else np.full(length, moved[0])

"""Ufunc accumulations, and reductions over stretches."""

from collections.abc import Iterator
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.config import settings
from compactarray.execution import elementwise, running
from compactarray.execution.columns import axis_of_columns
from compactarray.execution.operands import axes_of, decoded, is_scalar, laid_out, model_of_layout, operand, tile_of
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.execution.policy import heed_policy
from compactarray.execution.reduction import WHOLE_LINES, may_be_grouped
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View, built, from_columns
from compactarray.storage.views import converted

#: The longest lines along an axis that are read whole, in tiles.
_LINE = 8


def accumulate(ufunc: np.ufunc, array: View, kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc.accumulate(array, **kwargs)`` without `out`: along the axis in sequence, as NumPy does."""
    axis, dtype = kwargs.pop("axis", 0), kwargs.get("dtype")
    if not array.shape or (axis is None and len(array.shape) > 1):
        return ufunc.accumulate(sham(array.shape, array.dtype), axis, dtype)
    axis = 0 if axis is None else normalize_axis_index(axis, len(array.shape))
    if not array.size:
        return ufunc.accumulate(array.read(), axis, dtype)
    found = ufunc.accumulate(np.ones(1, array.dtype) if array.dtype.kind != "M" else sham((1,), array.dtype), 0, dtype).dtype
    if ufunc in WHOLE_LINES or not _keeps_dtype(ufunc, found):
        heed_policy(f"numpy.{ufunc.__name__}.accumulate", [array])
        return ufunc.accumulate(decoded(array), axis, dtype)
    if not np.can_cast(array.dtype, found, "same_kind"):
        # NumPy casts first: an error is one of the cast.
        cast = converted(array, found, "K")
        if isinstance(cast, PlainView):
            return ufunc.accumulate(cast.array, axis, dtype)
        array = cast
    axes = _layout(ufunc, "accumulate", array, axis=axis, dtype=dtype)
    moved = array.transpose(axes)
    with ErrorsOnce("accumulate"):
        columns = moved.columns() if axis_of_columns(moved) == len(axes) - 1 and is_encodable(found) else None
        if columns is not None and axes[-1] != axis:
            lines = [accumulate(ufunc, column, {"axis": axes.index(axis), "dtype": dtype}) for column in columns]
            return from_columns(lines, moved.shape).transpose(tuple(axes.index(k) for k in range(len(axes))))
        if is_contiguous(moved.shape, moved.steps) and moved.size * found.itemsize > settings().plain_below:
            flat = running.on_codes(ufunc, moved, axes.index(axis), found)
            if flat is None and len(moved.shape) == 1 and found.kind in "iufmM" and array.dtype.kind != "c":
                flat = running.of_values(ufunc, moved, found)
            if flat is not None:
                return flat.transpose(tuple(axes.index(k) for k in range(len(axes))))
        result = built(found, moved.shape, _accumulated(ufunc, moved, axes.index(axis), found))
    return result.transpose(tuple(axes.index(k) for k in range(len(axes))))


def _layout(ufunc: np.ufunc, method: str, array: View, *args: Any, **kwargs: Any) -> tuple[int, ...]:
    """Return the axes from slowest to fastest in the result of a method, as NumPy lays it out."""
    if not 1 < len(array.shape) <= 16:
        return array.layout("K")
    with np.errstate(all="ignore"):
        return axes_of(getattr(ufunc, method)(model_of_layout(array), *args, **kwargs))


def _keeps_dtype(ufunc: np.ufunc, dtype: np.dtype[Any]) -> bool:
    """Tell whether the ufunc on two values of `dtype` gives that dtype, so that a result can be carried on."""
    try:
        return can_encode(dtype) and ufunc.resolve_dtypes((dtype, dtype, None))[2] == dtype
    except TypeError:
        return False


def _accumulated(ufunc: np.ufunc, array: View, axis: int, dtype: np.dtype[Any]) -> Iterator[Array]:
    """Yield the result in C order; what was reached along the axis is carried from tile to tile."""
    outer, length, inner = array.shape[:axis], array.shape[axis], prod(array.shape[axis + 1 :])
    tile = settings().tile_length
    # The dtype of moments has a unit, which the argument does not take.
    wanted = None if dtype.kind in "mM" else dtype
    if length * inner <= tile:
        for region in regions(outer, max(1, tile // (length * inner))):
            lead = sum(isinstance(part, slice) for part in region)
            yield ufunc.accumulate(tile_of(array, region), lead, wanted).reshape(-1)
        return
    for index in np.ndindex(*outer):
        if inner > tile:
            yield from _by_rows(ufunc, array.basic((*index, ...)), dtype)
            continue
        carry: Array | None = None
        for start in range(0, length, max(1, tile // inner)):
            part = tile_of(array, (*index, slice(start, start + max(1, tile // inner))))
            if carry is None:
                result = ufunc.accumulate(part, 0, wanted)
            else:
                result = ufunc.accumulate(np.concatenate([carry, part.astype(dtype, copy=False)]), 0, wanted)[1:]
            carry = result[-1:]
            yield result.reshape(-1)


def _by_rows(ufunc: np.ufunc, array: View, dtype: np.dtype[Any]) -> Iterator[Array]:
    """Yield the result along the first axis of an array of long rows: each is made of the one before, which is encoded."""
    row = converted(array.basic((0, ...)), dtype, "C")
    yield from row.tiles()
    for k in range(1, array.shape[0]):
        row = elementwise.call(ufunc, (row, converted(array.basic((k, ...)), dtype, "C")), (), {})
        yield from row.tiles()


def reduceat(ufunc: np.ufunc, array: View, indices: Any, kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc.reduceat(array, indices, **kwargs)`` without `out`: lines along the axis, long ones stretch by stretch."""
    axis, dtype = kwargs.pop("axis", 0), kwargs.get("dtype")
    few = np.zeros((1,) * len(array.shape), array.dtype)
    try:
        with np.errstate(all="ignore"):
            found = ufunc.reduceat(few, [0], axis, dtype).dtype
    except TypeError:
        # NumPy looks at the indices before it looks for a loop.
        ufunc.reduceat(sham(array.shape, array.dtype), indices, axis, dtype)
        raise
    axis = normalize_axis_index(axis, len(array.shape))
    length = array.shape[axis]
    places = indices
    if not isinstance(indices, np.ndarray):
        places = np.array(indices, np.intp)
    elif np.can_cast(indices.dtype, np.intp, "safe"):
        places = indices.astype(np.intp, copy=False)
    if places.ndim != 1 or places.dtype != np.intp or not places.size or places.min() < 0 or places.max() >= length:
        # NumPy has something to say.
        return ufunc.reduceat(sham(array.shape, array.dtype), indices, axis, dtype)
    if ufunc in WHOLE_LINES or not can_encode(found):
        heed_policy(f"numpy.{ufunc.__name__}.reduceat", [array])
        return ufunc.reduceat(decoded(array), places, axis, dtype)
    shape = (*array.shape[:axis], places.size, *array.shape[axis + 1 :])
    order = _layout(ufunc, "reduceat", array, [0] * min(2, places.size), axis=axis, dtype=dtype)
    moved = array.mapped(lambda ghost: np.moveaxis(ghost, axis, -1))
    wanted = None if found.kind in "mM" else found
    with ErrorsOnce("reduceat"):
        result = built(found, (*moved.shape[:-1], places.size), _lines(ufunc, moved, places, wanted))
    result = result.transpose((*range(axis), len(shape) - 1, *range(axis, len(shape) - 1)))
    return laid_out(result, order)


def _lines(ufunc: np.ufunc, array: View, places: Array, dtype: Any) -> Iterator[Array]:
    """Yield the reductions of stretches of each line along the last axis."""
    outer, length, tile = array.shape[:-1], array.shape[-1], settings().tile_length
    breaks = np.flatnonzero(places[1:] <= places[:-1]) + 1
    if length <= _LINE * tile and (outer or breaks.size):
        for region in regions(outer, max(1, tile // length)):
            yield ufunc.reduceat(tile_of(array, region), places, -1, dtype).reshape(-1)
        return
    bounds = [0, *breaks.tolist(), places.size]
    for index in np.ndindex(*outer):
        line = array.basic((*index, ...))
        for first, last in pairwise(bounds):
            # An index that is not before the next one stands for one element.
            end = length if last == places.size else int(places[last - 1]) + 1
            yield from _stretches(ufunc, line, places[first:last], end, dtype)


def _stretches(ufunc: np.ufunc, line: View, places: Array, end: int, dtype: Any) -> Iterator[Array]:
    """Yield the reductions of ascending stretches of a 1-D view; short ones together, long ones by tiles."""
    tile, at = settings().tile_length, 0
    while at < places.size:
        start = int(places[at])
        # Each place is the end of the stretch before; the places may be as many as the elements, and are not copied.
        last = max(at + 1, int(places[1:].searchsorted(start + tile, side="right")))
        last += last == places.size - 1 and end <= start + tile
        stop = end if last == places.size else int(places[last])
        if stop - start <= tile:
            yield ufunc.reduceat(tile_of(line, (slice(start, stop),)), places[at:last] - start, 0, dtype)
        else:
            yield _stretch(ufunc, line, start, stop, dtype)
        at = last


def _stretch(ufunc: np.ufunc, line: View, start: int, stop: int, dtype: Any) -> Array:
    """Return the reduction of one long stretch, as an array of one element."""
    total = PairwiseTotal(ufunc)
    grouped = dtype is not None and may_be_grouped(ufunc, dtype)
    for begin in range(start, stop, settings().tile_length):
        tile = tile_of(line, (slice(begin, min(stop, begin + settings().tile_length)),))
        if not grouped and not total.empty:
            before = total.take()
            tile = np.concatenate([before, tile.astype(before.dtype, copy=False)])
        total.add(ufunc.reduceat(tile, [0], 0, dtype))
    return np.asarray(total.value())


def outer_shape(left: Any, right: Any) -> tuple[AnyView | Any, Any]:
    """Return the operands of ``ufunc.outer``, shaped so that they broadcast against each other."""
    # Unlike in a call, Python scalars become arrays of their default dtype first.
    left, right = (np.asarray(value) if is_scalar(value) else operand(value) for value in (left, right))
    ndim = np.ndim(right) if not isinstance(right, View) else len(right.shape)
    index = (..., *([None] * ndim))
    if isinstance(left, View):
        return left.basic(index), right
    return np.asarray(left)[index], right

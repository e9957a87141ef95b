"""Functions of the user's, applied along axes."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.functions.common import compact, wrap
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, built


@implements(np.apply_along_axis, route="native")
def apply_along_axis(func1d: Callable[..., Any], axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """As numpy.apply_along_axis; the function gets an ndarray of each line, and a compact one of lines longer than a tile."""
    arr = compact(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    moved = np.moveaxis(arr, axis, -1)
    lead = moved.shape[:-1]
    if 0 in lead:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    lines = _lines(moved._view)
    first = _dense(func1d(next(lines), *args, **kwargs))
    made = [first] if not lead else _results(func1d, first, lines, args, kwargs)
    shape = (*lead, *first.shape)
    found = wrap(built(first.dtype, shape, (part.reshape(-1) for part in made if part.size)))
    places = list(range(found.ndim))
    kept = len(lead)
    return found.transpose([*places[:axis], *places[kept:], *places[axis:kept]])


def _dense(result: Any) -> Array:
    return np.asarray(result)


def _lines(view: AnyView) -> Iterator[Any]:
    """Yield the lines along the last axis; what a function writes to one goes to the array."""
    lead, length = view.shape[:-1], view.shape[-1]
    if isinstance(view, PlainView):
        for index in np.ndindex(*lead):
            yield view.array[(*index, ...)]
        return
    if length > settings().tile_length:
        for index in np.ndindex(*lead):
            yield wrap(view.basic((*index, ...)))
        return
    for region in regions(lead, max(1, settings().tile_length // max(1, length))):
        part = view.basic((*region, ...))
        tile = np.ascontiguousarray(part.read()).reshape(part.shape)
        before = tile.copy() if view.writeable else tile
        tile.flags.writeable = view.writeable
        yield from tile.reshape(prod(tile.shape[:-1]), length)
        if view.writeable and before.tobytes() != tile.tobytes():
            part.write(tile)


def _results(func1d: Callable[..., Any], first: Array, lines: Iterator[Any], args: Any, kwargs: Any) -> Iterator[Array]:
    """Yield the results for all lines, some at a time, as NumPy assigns them to an array like the first."""
    most = max(1, settings().tile_length // max(1, prod(first.shape)))
    buffer = np.zeros((most, *first.shape), first.dtype)
    buffer[0, ...] = first
    filled = 1
    for line in lines:
        if filled == most:
            yield buffer.copy()
            filled = 0
        buffer[filled, ...] = _dense(func1d(line, *args, **kwargs))
        filled += 1
    yield buffer[:filled]


@implements(np.apply_over_axes, route="composed", inline=True)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """As numpy.apply_over_axes; the function gets compact arrays."""
    value = compact(a)
    number = value.ndim
    axes = (axes,) if np.array(axes).ndim == 0 else axes
    for axis in axes:
        axis = number + axis if axis < 0 else axis
        found = func(value, axis)
        if found.ndim != value.ndim:
            found = np.expand_dims(found, axis)
            if found.ndim != value.ndim:
                raise ValueError("function is not returning an array of the correct shape")
        value = found if isinstance(found, CompactArray) else compact(found)
    return value

"""Picking and putting elements by index: where, take, put, choose, compress, copyto and their relatives."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution import selection
from compactarray.execution.operands import broadcast, operand, tile_of
from compactarray.functions.common import (
    NO_VALUE,
    Collected,
    compact,
    encoded_view,
    gathered,
    inline,
    into,
    spread,
    tilewise,
    wrap,
)
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import PlainView, View, built


@implements(np.where, route="native", inline=True)
def where(condition: Any, x: Any = NO_VALUE, y: Any = NO_VALUE, /) -> Any:
    """As numpy.where."""
    if x is NO_VALUE and y is NO_VALUE:
        return nonzero(condition)
    if x is NO_VALUE or y is NO_VALUE:
        raise ValueError("either both or neither of x and y should be given")
    views = [value._view if isinstance(value, CompactArray) else value for value in (condition, x, y)]
    found = selection.where(*views)
    return wrap(PlainView(found) if isinstance(found, np.ndarray) else found)


@implements(np.nonzero, route="native", inline=True)
def nonzero(a: Any) -> Any:
    """As numpy.nonzero."""
    a = compact(a)
    if a.ndim == 0:
        return np.nonzero(np.empty(()))
    columns = [Collected(np.dtype(np.intp)) for _ in range(a.ndim)]
    at = 0
    for tile in a.tiles():
        (places,) = np.nonzero(tile)
        if places.size:
            places += at
            for column, index in zip(columns, np.unravel_index(places, a.shape) if a.ndim > 1 else (places,), strict=True):
                column.append(index)
        at += tile.size
    return tuple(column.finish() for column in columns)


@implements(np.flatnonzero, route="native", inline=True)
def flatnonzero(a: Any) -> Any:
    """As numpy.flatnonzero."""
    return nonzero(compact(a).ravel())[0]


@implements(np.argwhere, route="composed", inline=True)
def argwhere(a: Any) -> Any:
    """As numpy.argwhere."""
    return np.stack(nonzero(a)).T


# --- take -------------------------------------------------------------------------------------------


def _within(index: Array, length: int, mode: str, axis: int) -> Array:
    """Return positions from 0 to ``length - 1`` for indices in one of NumPy's modes."""
    index = index.astype(np.int64, copy=False)
    if mode == "clip":
        return np.clip(index, 0, length - 1)
    if mode == "wrap":
        return index % length
    wrong = (index < -length) | (index >= length)
    if wrong.any():
        raise IndexError(f"index {index[wrong].flat[0]} is out of bounds for axis {axis} with size {length}")
    return np.where(index < 0, index + length, index)


def _mode(mode: Any) -> str:
    np.take(np.zeros(1), 0, mode=mode)
    return ("clip", "wrap", "raise")[mode] if isinstance(mode, int) else str(mode).lower()


def _index_view(indices: Any) -> Any:
    """Return the operand of an index argument; NumPy's error where it is none of integers."""
    array = indices if isinstance(indices, CompactArray) else np.asarray(indices)
    if array.dtype.kind not in "iub" or array.dtype == np.uint64:
        array = array.astype(np.intp) if array.size == 0 and not isinstance(indices, (CompactArray, np.ndarray)) else array
        np.take(np.zeros(1), np.empty(0, array.dtype))
    return operand(array._view if isinstance(array, CompactArray) else array)


@implements(np.take, route="native", inline=True)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    """As numpy.take."""
    a, mode = compact(a), _mode(mode)
    if axis is None:
        a, axis = a.ravel(), 0
    axis = normalize_axis_index(axis, a.ndim)
    index = _index_view(indices)
    view = encoded_view(a)
    if view is None or not a.size:
        return inline(np.take, a, indices, axis, mode=mode, **({} if out is None else {"out": out}))
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    length, step = a.shape[axis], view.steps[axis]
    shape = (*before, *index.shape, *after)

    def tiles() -> Iterator[Array]:
        for region in regions(shape, settings().tile_length):
            middle = region[axis : axis + len(index.shape)]
            found = _within(np.asarray(tile_of(index, middle)), length, mode, axis)
            steps = [_distances(part, before[k], view.steps[k]) for k, part in enumerate(region[:axis])]
            rest = region[axis + len(index.shape) :]
            inner = [_distances(part, after[k], view.steps[axis + 1 + k]) for k, part in enumerate(rest)]
            yield gathered(view, [*steps, found * step, *inner])

    if out is not None and out.shape != shape:
        raise ValueError("output array does not match result of ndarray.take")
    found = wrap(built(view.dtype, shape, tiles()))
    return into(out, found if shape or out is not None else found[()])


def _distances(part: int | slice, length: int, step: int) -> Array:
    if isinstance(part, slice):
        return np.arange(*part.indices(length), dtype=np.int64) * step
    return np.asarray(part * step)


@implements(np.compress, route="composed", inline=True)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """As numpy.compress."""
    marks = compact(condition)
    if marks.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, nonzero(marks)[0], axis, out)


@implements(np.extract, route="composed", inline=True)
def extract(condition: Any, arr: Any) -> Any:
    """As numpy.extract."""
    return take(compact(arr).ravel(), nonzero(compact(condition).ravel())[0])


@implements(np.choose, route="native", inline=True)
def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """As numpy.choose."""
    index = compact(a)
    options = [compact(choice) for choice in choices]
    model = np.choose(np.empty(0, index.dtype), [np.empty(0, option.dtype) for option in options], mode=mode)
    found = tilewise(lambda place, *values: np.choose(place, values, mode=mode), model.dtype, index, *options)
    if out is not None and out.shape != found.shape:
        np.choose(np.zeros(found.shape[:0], np.intp), [0], np.empty((2,)))
    return into(out, found)


def _along(arr: Any, indices: Any, axis: Any) -> tuple[Any, Any, int]:
    """Return array, index operand and axis of the functions that work along an axis; NumPy's errors."""
    arr = compact(arr)
    if axis is None:
        if indices.ndim != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        arr, axis = arr.ravel(), 0
    axis = normalize_axis_index(axis, arr.ndim)
    if indices.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    return arr, operand(compact(indices)._view), axis


def _places(arr: Any, index: Any, axis: int, shape: tuple[int, ...], view: View, region: Any) -> Array:
    """Return the addresses of one region of what the indices pick."""
    found = _within(np.asarray(tile_of(index, region)), arr.shape[axis], "raise", axis) * view.steps[axis] + view.offset
    at = 0
    for k, part in enumerate(region):
        if k != axis:
            step = view.steps[k] if arr.shape[k] > 1 else 0
            distance = _distances(part, shape[k], step)
            found = found + (distance.reshape(-1, *(1,) * (found.ndim - at - 1)) if isinstance(part, slice) else distance)
        at += isinstance(part, slice)
    return np.ascontiguousarray(found)


def _along_shape(arr: Any, index: Any, axis: int) -> tuple[int, ...]:
    rest = tuple(1 if k == axis else n for k, n in enumerate(arr.shape))
    try:
        return np.broadcast_shapes(rest, index.shape)
    except ValueError:
        # NumPy's error.
        shapes = [index.shape if k == axis else tuple(n if j == k else 1 for j in range(arr.ndim)) for k, n in enumerate(rest)]
        sham(arr.shape)[tuple(sham(shape, np.intp) for shape in shapes)]
        raise


@implements(np.take_along_axis, route="native", inline=True)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """As numpy.take_along_axis."""
    arr, index, axis = _along(arr, indices, axis)
    view = encoded_view(arr)
    if view is None:
        return inline(np.take_along_axis, arr, indices, axis)
    shape = _along_shape(arr, index, axis)
    repeated = broadcast(index, shape)

    def tiles() -> Iterator[Array]:
        for region in regions(shape, settings().tile_length):
            places = _places(arr, repeated, axis, shape, view, region)
            tile = np.empty(places.size, view.dtype)
            view.storage.gather(places.reshape(-1), tile)
            yield tile

    return wrap(built(view.dtype, shape, tiles()))


@implements(np.put_along_axis, route="native")
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """As numpy.put_along_axis: in place."""
    if not isinstance(arr, CompactArray) or not isinstance(arr._view, View) or (axis is None and not arr.flags.c_contiguous):
        return inline(np.put_along_axis, arr, indices, values, axis)
    if not arr._view.writeable:
        raise ValueError("assignment destination is read-only")
    arr, index, axis = _along(arr, indices, axis)
    view = arr._view
    shape = _along_shape(arr, index, axis)
    repeated, source = broadcast(index, shape), operand(spread(values, shape)._view)
    for region in regions(shape, settings().tile_length):
        places = _places(arr, repeated, axis, shape, view, region).reshape(-1)
        view.storage.scatter(places, np.ascontiguousarray(tile_of(source, region)).reshape(-1).astype(view.dtype))
    return None


# --- writing ----------------------------------------------------------------------------------------


def _cycle(values: Any, start: int, stop: int) -> Array:
    """Return the elements ``start:stop`` of 1-D values repeated without end."""
    length = values.shape[0]
    first = start % length
    if first + stop - start <= length:
        return np.asarray(tile_of(values, (slice(first, first + stop - start),)))
    places = np.arange(start, stop) % length
    if isinstance(values, View):
        return gathered(values, [places * values.steps[0]])
    return np.asarray(values[places])


def _turns(values: Any, dtype: np.dtype[Any]) -> Any:
    """Return the 1-D operand of values to be taken in turn."""
    if not isinstance(values, (CompactArray, np.ndarray)):
        cell = np.asarray(values)
        values = cell if cell.dtype.kind != "O" or dtype.kind == "O" else np.asarray(values, dtype)
    return operand(compact(values).ravel()._view)


@implements(np.put, route="native", inline=True)
def put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    """As numpy.put: in place."""
    if not isinstance(a, CompactArray):
        return inline(np.put, a, ind, v, mode)
    if not a.flags.writeable:
        raise ValueError("put: output array is read-only")
    mode = _mode(mode)
    index, values = _index_view(ind), _turns(v, a.dtype)
    index = operand(compact(wrap(index) if isinstance(index, View) else index).ravel()._view)
    if not values.size or not index.size:
        return None
    if not a.size:
        raise IndexError("cannot replace elements of an empty array")
    for (part,) in regions(index.shape, settings().tile_length):
        assert isinstance(part, slice)
        start, stop, _ = part.indices(index.shape[0])
        a.flat[_within(np.asarray(tile_of(index, (part,))), a.size, mode, 0)] = _cycle(values, start, stop)
    return None


@implements(np.place, route="native", inline=True)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """As numpy.place: in place."""
    if not isinstance(arr, CompactArray):
        return inline(np.place, arr, mask, vals)
    marks, values = compact(mask), _turns(vals, arr.dtype)
    if marks.size != arr.size:
        raise ValueError("place: mask and data must be the same size")
    if not values.size:
        if np.any(marks):
            raise ValueError("Cannot insert from an empty array!")
        return None
    at = done = 0
    for tile in marks.tiles():
        (places,) = np.nonzero(tile)
        if places.size:
            arr.flat[places + at] = _cycle(values, done, done + places.size)
            done += places.size
        at += tile.size
    return None


@implements(np.putmask, route="native", inline=True)
def putmask(a: Any, /, mask: Any, values: Any) -> None:
    """As numpy.putmask: in place."""
    if not isinstance(a, CompactArray):
        return inline(np.putmask, a, mask, values)
    marks, turns = compact(mask), _turns(values, a.dtype)
    if marks.size != a.size:
        raise ValueError("putmask: mask and data must be the same size")
    if not turns.size:
        return None
    if isinstance(values, (CompactArray, np.ndarray)):
        np.putmask(np.empty(0, a.dtype), np.empty(0, bool), np.empty(0, turns.dtype))
    at = 0
    for tile in marks.tiles():
        (places,) = np.nonzero(tile)
        if places.size:
            a.flat[places + at] = _cycle(turns, at, at + tile.size)[places]
        at += tile.size
    return None


@implements(np.copyto, route="native")
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """As numpy.copyto: in place."""
    if not isinstance(dst, CompactArray):
        if not isinstance(dst, np.ndarray):
            np.copyto(dst, 0)
        # Written tile by tile, so that nothing is decoded whole.
        source = operand(spread(src, dst.shape)._view)
        marks = where if where is True else operand(spread(where, dst.shape)._view)
        for region in regions(dst.shape, settings().tile_length):
            mask = True if where is True else tile_of(marks, region)
            np.copyto(dst[(*region, ...)], tile_of(source, region), casting=casting, where=mask)
        return None
    if not isinstance(src, (CompactArray, np.ndarray)):
        cell = np.empty(np.shape(src) if type(src) not in (bool, int, float, complex) else (), dst.dtype)
        np.copyto(cell, src, casting=casting)
        src = cell
    np.copyto(np.empty(0, dst.dtype), np.empty(0, src.dtype), casting=casting)
    if not dst.flags.writeable:
        raise ValueError("assignment destination is read-only")
    if np.ndim(src) > dst.ndim and src.shape[: src.ndim - dst.ndim] == (1,) * (src.ndim - dst.ndim):
        src = src.reshape(src.shape[src.ndim - dst.ndim :])
    if where is True:
        dst[...] = _fitting(src, dst, None)
        return None
    if not isinstance(where, (CompactArray, np.ndarray)):
        where = np.asarray(where, bool)
    if where.dtype.kind != "b":
        np.copyto(np.empty(1), 0, where=np.empty(1, where.dtype))
    _copy_where(dst, _fitting(src, dst, where), where)
    return None


def _fitting(src: Any, dst: CompactArray, where: Any) -> Any:
    """Return the source broadcast to the target; NumPy's error where that cannot be."""
    try:
        found = np.broadcast_to(src, dst.shape)
        if where is not None:
            np.broadcast_to(sham(where.shape), dst.shape)
    except ValueError:
        marks: Any = True if where is None else sham(where.shape, bool)
        np.copyto(sham(dst.shape, dst.dtype), sham(src.shape, src.dtype), casting="unsafe", where=marks)
        raise
    shared = isinstance(src, CompactArray) and src._view.shares_storage(dst._view)
    return found.copy("K") if shared else found


def _copy_where(dst: CompactArray, src: Any, where: Any) -> None:
    marks = operand(spread(where, dst.shape)._view)
    source = operand(compact(src)._view)
    target = dst._view
    for region in regions(dst.shape, settings().tile_length):
        mask = np.asarray(tile_of(marks, region))
        if mask.all():
            dst[(*region, ...)] = tile_of(source, region)
        elif mask.any():
            part = target.basic((*region, ...))
            tile = np.array(part.read())
            np.copyto(tile, tile_of(source, region), casting="unsafe", where=mask)
            dst[(*region, ...)] = tile


@implements(np.clip, route="native", inline=True)
def clip(
    a: Any,
    a_min: Any = NO_VALUE,
    a_max: Any = NO_VALUE,
    out: Any = None,
    *,
    min: Any = NO_VALUE,
    max: Any = NO_VALUE,
    **kwargs: Any,
) -> Any:
    """As numpy.clip."""
    if a_min is NO_VALUE and a_max is NO_VALUE:
        a_min = None if min is NO_VALUE else min
        a_max = None if max is NO_VALUE else max
    elif a_min is NO_VALUE:
        raise TypeError("clip() missing 1 required positional argument: 'a_min'")
    elif a_max is NO_VALUE:
        raise TypeError("clip() missing 1 required positional argument: 'a_max'")
    elif min is not NO_VALUE or max is not NO_VALUE:
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.")
    a = a if isinstance(a, (CompactArray, np.ndarray)) else np.asarray(a)
    if a.dtype.kind in "iu":
        # Limits beyond the dtype clip nothing.
        info = np.iinfo(a.dtype)
        a_min = None if type(a_min) is int and a_min <= info.min else a_min
        a_max = None if type(a_max) is int and a_max >= info.max else a_max
    if a_min is None and a_max is None:
        return np.positive(a, out=out, **kwargs)
    if a_min is None:
        return np.minimum(a, a_max, out=out, **kwargs)
    if a_max is None:
        return np.maximum(a, a_min, out=out, **kwargs)
    return _CLIP(a, a_min, a_max, out=out, **kwargs)


#: The ufunc behind numpy.clip, which NumPy does not export.
_CLIP: Any = np._core.umath.clip  # type: ignore[attr-defined]


@implements(np.ravel_multi_index, route="native", inline=True)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Any:
    """As numpy.ravel_multi_index."""
    lengths = tuple(dims) if np.iterable(dims) else (dims,)
    return tilewise(lambda *index: np.ravel_multi_index(index, lengths, mode, order), np.dtype(np.intp), *map(compact, multi_index))  # type: ignore[call-overload]


@implements(np.unravel_index, route="native", inline=True)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> Any:
    """As numpy.unravel_index; a pass for each axis."""
    index = compact(indices)
    lengths = tuple(shape) if np.iterable(shape) else (shape,)
    if index.dtype.kind not in "iu":
        np.unravel_index(np.empty(1, index.dtype), lengths)
    return tuple(
        tilewise(lambda tile, k=k: np.unravel_index(tile, lengths, order)[k], np.dtype(np.intp), index)  # type: ignore[call-overload]
        for k in range(len(lengths))
    )

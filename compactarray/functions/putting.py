"""Writing to elements that exist: put, place, copyto and their relatives."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import broadcast, operand, tile_of
from compactarray.functions.common import compact, gathered, inline, spread, wrap
from compactarray.functions.indexing import along_axis, along_shape, index_operand, mode_name, places_along, within
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.overwriting import frozen, one_axis, overwritten_at, overwritten_where, pays
from compactarray.storage.plain import PlainView
from compactarray.storage.transfer import announce_cast
from compactarray.storage.view import View


@implements(np.put_along_axis, route="native")
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """As numpy.put_along_axis: in place."""
    if not isinstance(arr, CompactArray) or not isinstance(arr._view, View) or (axis is None and not arr.flags.c_contiguous):
        return inline(np.put_along_axis, arr, indices, values, axis)
    if not arr._view.writeable:
        raise ValueError("assignment destination is read-only")
    arr, index, axis = along_axis(arr, indices, axis)
    view = arr._view
    shape = along_shape(arr, index, axis)
    repeated, source = broadcast(index, shape), operand(spread(values, shape)._view)
    for region in regions(shape, settings().tile_length):
        places = places_along(arr, repeated, axis, shape, view, region).reshape(-1)
        view.storage.scatter(places, np.ascontiguousarray(tile_of(source, region)).reshape(-1).astype(view.dtype))
    return None


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
        values = np.asarray(values, dtype)
    return operand(compact(values).ravel()._view)


@implements(np.put, route="native", inline=True)
def put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    """As numpy.put: in place."""
    if not isinstance(a, CompactArray):
        return inline(np.put, a, ind, v, mode)
    if not a.flags.writeable:
        raise ValueError("put: output array is read-only")
    mode = mode_name(mode)
    index, values = index_operand(ind, "safe"), _turns(v, a.dtype)
    announce_cast(values.dtype, a.dtype)
    index = operand(compact(wrap(index) if isinstance(index, View) else index).ravel()._view)
    if not values.size or not index.size:
        return None
    if not a.size:
        raise IndexError("cannot replace elements of an empty array")
    if _moved_to(a, index, values, mode):
        return None
    for (part,) in regions(index.shape, settings().tile_length):
        assert isinstance(part, slice)
        start, stop, _ = part.indices(index.shape[0])
        a.flat[within(np.asarray(tile_of(index, (part,))), a.size, mode, 0)] = _cycle(values, start, stop)
    return None


def _moved_to(a: CompactArray, index: View | Array, values: View | Array, mode: str) -> bool:
    """Put values to places in C order as codes, where that pays and can be done."""
    view, number = a._view, index.shape[0]
    if not isinstance(view, View) or not a.flags.c_contiguous or values.shape not in ((1,), (number,)) or not pays(view, number):
        return False
    moving, places = one_axis(values, view.dtype), frozen(index)

    def addresses() -> Iterator[Array]:
        for region in regions(places.shape, settings().tile_length):
            yield within(np.asarray(tile_of(places, region)), a.size, mode, 0) + view.offset

    return moving is not None and overwritten_at(view, addresses, moving)


def _moved_where(a: CompactArray, marks: CompactArray, values: Any) -> bool:
    """Put values (one, or as many as `a` has, or in turn) where marks are true as codes, where that pays and can be done."""
    view, mask = a._view, operand(marks._view)
    if not isinstance(view, View) or marks.shape != a.shape or marks.dtype.kind != "b" or values.dtype != a.dtype:
        return False
    if not view.writeable or not pays(view, int(np.count_nonzero(marks))):
        return False
    moving = one_axis(values, view.dtype)
    if moving is not None and moving.shape != (1,) and values.shape == view.shape:
        moving = moving.reshaped(view.shape, "C")
    return moving is not None and overwritten_where(view, mask, moving)


@implements(np.place, route="native", inline=True)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """As numpy.place: in place."""
    if not isinstance(arr, CompactArray):
        return inline(np.place, arr, mask, vals)
    marks, values = compact(mask), _turns(vals, arr.dtype)
    if marks.size != arr.size:
        raise ValueError("place: mask and data must be the same size")
    if isinstance(vals, (CompactArray, np.ndarray)):
        np.place(np.empty(0, arr.dtype), np.empty(0, bool), np.empty(0, values.dtype))
    if not values.size:
        if np.any(marks):
            raise ValueError("Cannot insert from an empty array!")
        return None
    if values.shape == (1,) or values.shape[0] >= np.count_nonzero(marks):
        some = values if values.shape == (1,) else values[: np.count_nonzero(marks)]
        if _moved_where(arr, marks, some):
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
    side = operand(compact(values)._view)
    if (turns.shape == (1,) or side.shape == a.shape) and _moved_where(a, marks, turns if turns.shape == (1,) else side):
        return None
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
        found: Any = np.broadcast_to(src, dst.shape)
        if where is not None:
            np.broadcast_to(sham(where.shape), dst.shape)
    except ValueError:
        marks: Any = True if where is None else sham(where.shape, bool)
        np.copyto(sham(dst.shape, dst.dtype), sham(src.shape, src.dtype), casting="unsafe", where=marks)
        raise
    shared = isinstance(src, CompactArray) and src._view.shares_storage(dst._view)
    return wrap(found._view.snapshot()) if shared else found


def _copy_where(dst: CompactArray, src: Any, where: Any) -> None:
    source = operand(compact(src)._view)
    if _moved_where(dst, spread(where, dst.shape), source):
        return
    marks = operand(spread(where, dst.shape)._view)
    target = dst._view
    if isinstance(target, PlainView):
        for region in regions(dst.shape, settings().tile_length):
            np.copyto(
                target.array[(*region, ...)], tile_of(source, region), casting="unsafe", where=np.asarray(tile_of(marks, region))
            )
        return
    for region in regions(dst.shape, settings().tile_length):
        mask = np.asarray(tile_of(marks, region))
        if mask.all():
            dst[(*region, ...)] = tile_of(source, region)
        elif mask.any():
            part = target.basic((*region, ...))
            tile = np.array(part.read())
            np.copyto(tile, tile_of(source, region), casting="unsafe", where=mask)
            dst[(*region, ...)] = tile

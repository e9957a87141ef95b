"""Taking out and putting in: delete and insert pick or join what remains, by tiles."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.common import compact, inline, picked_tile, wrap
from compactarray.functions.joining import joined
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import View, built

#: Up to so many insertions the pieces are joined one by one; of more, each element is picked from the array or the values.
_FEW = 64


def _flat_axis(arr: Any, axis: Any) -> tuple[CompactArray, int]:
    arr = compact(arr)
    if axis is None:
        arr = arr.ravel() if arr.ndim != 1 else arr
        return arr, arr.ndim - 1
    return arr, normalize_axis_index(axis, arr.ndim)


@implements(np.delete, route="composed", inline=True)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """As numpy.delete."""
    arr, axis = _flat_axis(arr, axis)
    length = arr.shape[axis]
    lead = (slice(None),) * axis
    if isinstance(obj, slice):
        places = range(*obj.indices(length))
        if len(places) == 0:
            return arr.copy("F" if arr.flags.fnc else "C")
        low, high = min(places[0], places[-1]), max(places[0], places[-1]) + 1
        if abs(places.step) == 1:
            return _pieces(arr, axis, [slice(0, low), slice(high, length)])
        keep = np.ones(length, bool)
        keep[low : high : abs(places.step)] = False
        found, order = arr[(*lead, keep)], "F" if arr.flags.fnc else "C"
        return found if found.flags[order] else found.copy(order)
    if isinstance(obj, CompactArray) and obj.size > 1:
        return _without(arr, obj, axis)
    marks = np.asarray(obj)
    gone = np.arange(0) if isinstance(obj, (list, tuple)) and not len(obj) else marks
    if gone.size == 1 and gone.dtype.kind in "iu":
        place = int(gone.reshape(())[()])
        if not -length <= place < length:
            raise IndexError(f"index {place} is out of bounds for axis {axis} with size {length}")
        place += length if place < 0 else 0
        return _pieces(arr, axis, [slice(0, place), slice(place + 1, length)])
    # What is kept of positions alone tells what is kept; NumPy finds errors.
    keep = np.ones(length, bool)
    if gone.dtype.kind == "b":
        np.delete(sham((length,)), gone)
        keep = ~gone
    else:
        if gone.size and gone.dtype.kind not in "iu":
            np.delete(sham((length,)), gone)
        keep[gone.astype(np.intp, copy=False)] = False
    return arr[(*lead, keep)]


def _without(arr: CompactArray, obj: CompactArray, axis: int) -> CompactArray:
    """Return an array without the places that a compact array marks or names."""
    if obj.dtype.kind == "b" and obj.shape != (arr.shape[axis],):
        # NumPy's error.
        np.delete(sham((arr.shape[axis],)), sham(obj.shape, bool))
    keep = np.ones(arr.shape[axis], bool)
    at = 0
    for tile in obj.tiles():
        if tile.dtype.kind == "b":
            keep[at : at + tile.size] = ~tile
        else:
            keep[tile] = False
        at += tile.size
    return arr[(*(slice(None),) * axis, keep)]  # type: ignore[no-any-return]


def _pieces(arr: CompactArray, axis: int, pieces: list[slice]) -> CompactArray:
    """Return the pieces of an axis joined, laid out in F order where the array is so, else in C order."""
    lead = (slice(None),) * axis
    return _in_order([arr[(*lead, piece)] for piece in pieces], axis, arr)


def _in_order(parts: list[CompactArray], axis: int, like: CompactArray) -> CompactArray:
    dtype = like.dtype
    if like.flags.fnc:
        turned = [part.T for part in parts]
        return _laid_in_c(turned, like.ndim - 1 - axis, dtype).T
    return _laid_in_c(parts, axis, dtype)


def _laid_in_c(parts: list[CompactArray], axis: int, dtype: np.dtype[Any]) -> CompactArray:
    found = joined(parts, axis, dtype)
    return found if found.flags.c_contiguous else found.copy("C")


@implements(np.insert, route="composed", inline=True)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """As numpy.insert."""
    arr, axis = _flat_axis(arr, axis)
    length, lead = arr.shape[axis], (slice(None),) * axis
    places = _insertions(obj, length, axis)
    if not isinstance(values, CompactArray):
        values = np.array(values, copy=None, ndmin=arr.ndim, dtype=arr.dtype)
    values = values.astype(arr.dtype, copy=False)[(None,) * (arr.ndim - values.ndim) + (...,)]
    single = places.size == 1
    if single and places.ndim == 0:
        values = np.moveaxis(values, 0, axis)
    number = values.shape[axis] if single else len(places)
    room = (*arr.shape[:axis], number, *arr.shape[axis + 1 :])
    try:
        values = compact(np.broadcast_to(values, room))
    except ValueError:
        # NumPy's error: it assigns to a slice, or to places.
        sham(room)[... if single else (*lead, np.arange(number))] = sham(values.shape)
        raise
    if single or (number and (places == places[0]).all()):
        place = int(places.reshape(-1)[0])
        return _in_order([arr[(*lead, slice(0, place))], values, arr[(*lead, slice(place, length))]], axis, arr)
    if number <= _FEW:
        return _in_order(list(_interleaved(arr, values, places, axis)), axis, arr)
    return _inserted(arr, values, places, axis)


def _interleaved(arr: CompactArray, values: CompactArray, places: Array, axis: int) -> Iterator[CompactArray]:
    """Yield the pieces of an array, and of the values to insert between them."""
    lead, before = (slice(None),) * axis, 0
    for k in np.argsort(places, kind="stable"):
        yield arr[(*lead, slice(before, int(places[k])))]
        yield values[(*lead, slice(k, k + 1))]
        before = int(places[k])
    yield arr[(*lead, slice(before, None))]


def _insertions(obj: Any, length: int, axis: int) -> Array:
    """Return where to insert, from 0 to `length`; NumPy's errors."""
    if isinstance(obj, slice):
        return np.arange(*obj.indices(length), dtype=np.intp)
    places = np.array(obj)
    if places.dtype == bool:
        if places.ndim != 1:
            raise ValueError("boolean array argument obj to insert must be one dimensional")
        return np.flatnonzero(places)
    if places.ndim > 1:
        raise ValueError("index array argument obj to insert must be one dimensional or scalar")
    if places.size == 0 and not isinstance(obj, np.ndarray):
        places = places.astype(np.intp)
    if places.dtype.kind not in "iu":
        np.insert(sham((length,)), places, 0)  # NumPy's error
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    wrong = (places < -length) | (places > length)
    if wrong.any():
        if places.size > 1:
            np.insert(sham((length,)), places, 0)
        raise IndexError(f"index {obj} is out of bounds for axis {axis} with size {length}")
    return np.where(places < 0, places + length, places).astype(np.intp)


def _inserted(arr: CompactArray, values: CompactArray, places: Array, axis: int) -> CompactArray:
    """Return `arr` with the values at places: each element picked from the array or from the values."""
    if not isinstance(arr._view, View):
        return inline(np.insert, arr, places, values, axis)  # type: ignore[no-any-return]
    turn = arr.flags.fnc
    if turn:
        return _inserted(arr.T, values.T, places, arr.ndim - 1 - axis).T  # type: ignore[no-any-return]
    order = np.argsort(places, kind="stable")
    targets = places[order] + np.arange(places.size)
    source, fresh = arr._view, operand(values._view)
    lead: tuple[Any, ...] = (slice(None),) * axis
    shape = (*arr.shape[:axis], arr.shape[axis] + places.size, *arr.shape[axis + 1 :])

    def tiles() -> Iterator[Array]:
        for region in regions(shape, settings().tile_length):
            wide = tuple(part if isinstance(part, slice) else slice(part, part + 1) for part in region)
            start, stop, _ = wide[axis].indices(shape[axis])
            low, high = map(int, targets.searchsorted((start, stop)))
            tile = np.empty([len(range(*part.indices(length))) for part, length in zip(wide, shape, strict=True)], arr.dtype)
            taken = np.zeros(stop - start, bool)
            taken[targets[low:high] - start] = True
            tile[(*lead, ~taken)] = tile_of(source, (*wide[:axis], slice(start - low, stop - high), *wide[axis + 1 :]))
            if low < high:
                tile[(*lead, taken)] = _lines(fresh, axis, wide, order[low:high])
            yield tile.reshape(-1)

    return wrap(built(arr.dtype, shape, tiles()))  # type: ignore[no-any-return]


def _lines(values: Any, axis: int, region: tuple[slice, ...], places: Array) -> Array:
    """Return the places along an axis in a region of a view or an ndarray."""
    if not isinstance(values, View):
        return np.asarray(values[(*region[:axis], places, *region[axis + 1 :])])
    shape = [len(range(*part.indices(length))) for part, length in zip(region, values.shape, strict=True)]
    return picked_tile(values, axis, region, places).reshape(*shape[:axis], places.size, *shape[axis + 1 :])

"""Joining and splitting: concatenate and its relatives copy by tiles, splits are views."""

from collections.abc import Iterator, Sequence
from math import prod
from operator import index as as_integer
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of, transposed
from compactarray.functions.common import back, compact, dense, inline, picked, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.view import PlainView, View, built

#: Up to so many insertions the pieces are joined one by one; more are picked from a joined copy.
_FEW = 64


@implements(np.concatenate, route="native", inline=True)
def concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.concatenate."""
    parts = [compact(array) for array in arrays]
    if axis is None:
        parts, axis = [part.ravel() for part in parts], 0
        if out is not None and out.ndim != 1:
            raise ValueError("Output array must be 1D")
    if dtype is not None and out is not None:
        np.concatenate([np.empty(0)], out=np.empty(0), dtype=dtype)
    wanted = _checked(parts, axis, dtype if out is None else out.dtype, casting)
    axis = normalize_axis_index(axis, parts[0].ndim)
    if out is None:
        return _joined(parts, axis, wanted)
    total = sum(part.shape[axis] for part in parts)
    if out.shape != (*parts[0].shape[:axis], total, *parts[0].shape[axis + 1 :]):
        raise ValueError("Output array is the wrong shape")
    start = 0
    for part in parts:
        place = (*(slice(None),) * axis, slice(start, start + part.shape[axis]))
        out[place] = part
        start += part.shape[axis]
    return out


def _checked(parts: Sequence[CompactArray], axis: Any, dtype: Any, casting: Any) -> np.dtype[Any]:
    """Return the dtype of the result; NumPy's errors for parts that do not go together."""
    models = []
    for part in parts:
        shape = list(part.shape)
        if -len(shape) <= as_integer(axis) < len(shape):
            # Without elements there, joined shams take no memory.
            shape[axis] = 0
        models.append(sham(tuple(shape), part.dtype))
    return np.concatenate(models, axis, dtype=dtype, casting=casting).dtype  # type: ignore[no-any-return]


def _joined(parts: Sequence[CompactArray], axis: int, dtype: np.dtype[Any]) -> CompactArray:
    order = _strides_order(parts)
    place = order.index(axis)
    moved = [transposed(operand(part._view), order) for part in parts]
    shape = list(moved[0].shape)
    shape[place] = sum(part.shape[place] for part in moved)
    moved = [part for part in moved if part.shape[place]]
    outer, row = tuple(shape[:place]), prod(shape[place:])

    def tiles() -> Iterator[Array]:
        if row <= settings().tile_length and outer:
            for region in regions(outer, settings().tile_length // max(row, 1)):
                at = sum(isinstance(item, slice) for item in region)
                yield np.concatenate([tile_of(part, region) for part in moved], at).reshape(-1).astype(dtype, copy=False)
            return
        for index in np.ndindex(*outer):
            for part in moved:
                view = part if isinstance(part, View) else PlainView(part)
                for tile in view.basic(index).tiles():
                    yield tile.astype(dtype, copy=False)

    return back(built(dtype, tuple(shape), tiles() if prod(shape) else iter(())), order)


def _strides_order(parts: Sequence[CompactArray]) -> tuple[int, ...]:
    """Return the axes from slowest to fastest; as NumPy's PyArray_CreateMultiSortedStridePerm."""
    order = list(range(parts[0].ndim))
    strides = [part.strides for part in parts]
    for first in range(1, len(order)):
        axis, place = order[first], first
        for earlier in range(first - 1, -1, -1):
            other, ambiguous, swap = order[earlier], True, False
            for steps in strides:
                if steps[axis] and steps[other]:
                    if abs(steps[axis]) <= abs(steps[other]):
                        swap = False
                    elif ambiguous:
                        swap = True
                    ambiguous = False
            if not ambiguous and not swap:
                break
            if swap:
                place = earlier
        if place != first:
            order.insert(place, order.pop(first))
    return tuple(order)


def _several(arrays: Any, name: str) -> Any:
    """Return the arrays to join; NumPy's error for an iterator."""
    if not hasattr(arrays, "__getitem__"):
        raise TypeError('arrays to stack must be passed as a "sequence" type such as list or tuple.')
    return arrays


@implements(np.stack, route="composed", inline=True)
def stack(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.stack."""
    parts = [compact(array) for array in arrays]
    if not parts:
        raise ValueError("need at least one array to stack")
    if len({part.shape for part in parts}) != 1:
        raise ValueError("all input arrays must have the same shape")
    place = normalize_axis_index(axis, parts[0].ndim + 1)
    index = (slice(None),) * place + (None,)
    return concatenate([part[(*index, ...)] for part in parts], place, out, dtype=dtype, casting=casting)


def _least(parts: Any, function: Any) -> list[Any]:
    found = function(*[compact(part) for part in _several(parts, function.__name__)])
    return list(found) if isinstance(found, (tuple, list)) else [found]


@implements(np.vstack, route="composed", inline=True)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.vstack."""
    return concatenate(_least(tup, np.atleast_2d), 0, dtype=dtype, casting=casting)


@implements(np.hstack, route="composed", inline=True)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.hstack."""
    parts = _least(tup, np.atleast_1d)
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@implements(np.dstack, route="composed", inline=True)
def dstack(tup: Any) -> Any:
    """As numpy.dstack."""
    return concatenate(_least(tup, np.atleast_3d), 2)


@implements(np.column_stack, route="composed", inline=True)
def column_stack(tup: Any) -> Any:
    """As numpy.column_stack."""
    parts = [compact(part) for part in _several(tup, "column_stack")]
    # As NumPy's array(part, ndmin=2).T.
    return concatenate([part[(None,) * (2 - part.ndim) + (...,)].T if part.ndim < 2 else part for part in parts], 1)


@implements(np.append, route="composed", inline=True)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """As numpy.append."""
    arr, values = compact(arr), compact(values)
    if axis is None:
        arr, values, axis = arr.ravel(), values.ravel(), arr.ravel().ndim - 1
    return concatenate((arr, values), axis)


@implements(np.block, route="composed", inline=True)
def block(arrays: Any) -> Any:
    """As numpy.block."""
    depth = _depth(arrays)
    if depth is None:
        return dense(np.block, arrays)
    leaves = list(_leaves(arrays))
    ndim = max(depth, *(np.ndim(leaf) for leaf in leaves))
    found = _block(arrays, depth, ndim)
    return found.copy() if depth == 0 else found


def _depth(arrays: Any) -> int | None:
    """Return how deep the lists are nested, everywhere alike; None where they are not, or are empty or tuples."""
    if isinstance(arrays, tuple):
        return None
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(item) for item in arrays}
    found = depths.pop() if len(depths) == 1 else None
    return None if found is None else found + 1


def _leaves(arrays: Any) -> Iterator[Any]:
    if isinstance(arrays, list):
        for item in arrays:
            yield from _leaves(item)
    else:
        yield arrays


def _block(arrays: Any, depth: int, ndim: int) -> Any:
    if not depth:
        array = compact(arrays)
        return array[(None,) * (ndim - array.ndim) + (...,)]
    return concatenate([_block(item, depth - 1, ndim) for item in arrays], -depth)


# --- taking out and putting in ----------------------------------------------------------------------


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
        return _in_order([arr[(*lead, keep)]], axis, arr)
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
    found = _joined(parts, axis, dtype)
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
    values = compact(np.broadcast_to(values, (*arr.shape[:axis], number, *arr.shape[axis + 1 :])))
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
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    wrong = (places < -length) | (places > length)
    if wrong.any():
        if places.size > 1:
            np.insert(sham((length,)), places, 0)
        raise IndexError(f"index {obj} is out of bounds for axis {axis} with size {length}")
    return np.where(places < 0, places + length, places).astype(np.intp)


def _inserted(arr: CompactArray, values: CompactArray, places: Array, axis: int) -> CompactArray:
    """Return `arr` with the values at ascending places: picked from both, joined one after the other."""
    order = np.argsort(places, kind="stable")
    targets = places[order] + np.arange(places.size)
    length = arr.shape[axis]

    def index(start: int, stop: int) -> Array:
        position = np.arange(start, stop)
        before = np.searchsorted(targets, position, "left")
        if not targets.size:
            return position
        nearest = np.minimum(before, targets.size - 1)
        return np.where(targets[nearest] == position, length + order[nearest], position - before)

    both = compact(_joined([arr, values], axis, arr.dtype))
    if not can_encode(arr.dtype):
        return inline(np.take, both, index(0, length + places.size), axis=axis)  # type: ignore[no-any-return]
    view = both._view if isinstance(both._view, View) else CompactArray(both._view.array)._view
    assert isinstance(view, View)
    turn = arr.flags.fnc
    if turn:
        view, axis = view.transpose(tuple(reversed(range(arr.ndim)))), arr.ndim - 1 - axis
    found = wrap(picked(view, axis, length + places.size, index))
    return found.T if turn else found  # type: ignore[no-any-return]


# --- splitting: views -------------------------------------------------------------------------------


@implements(np.array_split, route="native")
def array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """As numpy.array_split: views."""
    ary = compact(ary)
    total = ary.shape[axis]
    try:
        sections = len(indices_or_sections) + 1
        ends = [0, *list(indices_or_sections), total]
    except TypeError:
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ValueError("number sections must be larger than 0.") from None
        each, extras = divmod(total, sections)
        sizes = [0] + extras * [each + 1] + (sections - extras) * [each]
        ends = list(np.cumsum(sizes))
    moved = np.swapaxes(ary, axis, 0)
    return [np.swapaxes(moved[ends[k] : ends[k + 1]], axis, 0) for k in range(sections)]


@implements(np.split, route="native")
def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """As numpy.split: views."""
    try:
        len(indices_or_sections)
    except TypeError:
        if compact(ary).shape[axis] % indices_or_sections:
            raise ValueError("array split does not result in an equal division") from None
    return array_split(ary, indices_or_sections, axis)


@implements(np.hsplit, route="native")
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As numpy.hsplit: views."""
    if np.ndim(ary) == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


@implements(np.vsplit, route="native")
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As numpy.vsplit: views."""
    if np.ndim(ary) < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit, route="native")
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As numpy.dsplit: views."""
    if np.ndim(ary) < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


if hasattr(np, "unstack"):  # NumPy 2.1

    @implements(np.unstack, route="native")
    def unstack(x: Any, /, *, axis: int = 0) -> Any:
        """As numpy.unstack: views."""
        if x.ndim == 0:
            raise ValueError("Input array must be at least 1-d.")
        moved = np.moveaxis(x, axis, 0)
        return tuple(moved[k, ...] for k in range(moved.shape[0]))

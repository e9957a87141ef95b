"""Picking elements: where, nonzero, take, choose, compress, clip and their relatives."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution import selection
from compactarray.execution.operands import broadcast, operand, tile_of
from compactarray.execution.ranks import counted_lane
from compactarray.functions.assembled import Flat
from compactarray.functions.common import (
    NO_VALUE,
    common_shape,
    compact,
    encoded_view,
    finished,
    inline,
    into,
    spread,
    tilewise,
    wrap,
)
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.kernels import choose_codes
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.intervals import CLIP
from compactarray.numerics.words import is_encodable, words
from compactarray.registry import implements
from compactarray.storage import sparse_moves
from compactarray.storage.base import Array
from compactarray.storage.blocks import storage_of
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.rearranged import at_addresses, compressed, rearranged, taken
from compactarray.storage.rearranged import within as places_within
from compactarray.storage.view import View, built, whole


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
    return _nonzero(a, a.shape)


def _nonzero(a: CompactArray, shape: tuple[int, ...]) -> tuple[CompactArray, ...]:
    """Return the indices of the elements that are not zero, taken in C order, in another shape of the same size."""
    count, at = int(np.count_nonzero(a)), 0
    # In as few bytes as the axes need.
    columns = [np.empty(count, code_dtype(length) or np.intp) for length in shape]
    for places in _true_places(a):
        for column, index in zip(columns, np.unravel_index(places, shape) if len(shape) > 1 else (places,), strict=True):
            column[at : at + places.size] = index
        at += places.size
    return tuple(map(_indices, columns))


def _indices(codes: Array) -> CompactArray:
    """Return indices that are not negative, in the dtype that NumPy gives them."""
    if codes.size * np.dtype(np.intp).itemsize <= settings().plain_below or codes.dtype == np.intp:
        return finished(codes.astype(np.intp, copy=False))
    lane = counted_lane(codes, np.dtype(np.intp))
    return wrap(whole(storage_of(lane.dtype, [lane], settings().block_length), (codes.size,)))


def _true_places(a: CompactArray) -> Iterator[Array]:
    """Yield the places, in C order, of the elements that are not zero."""
    sparse = sparse_moves.nonzero_addresses(a._view) if a.size else None
    if sparse is not None:
        yield from sparse
        return
    at, marks = 0, cast(Any, a)
    if a.dtype.kind in "iuf" and a.size * a.itemsize > settings().plain_below:
        marks = np.not_equal(a, 0)
    for tile in marks.tiles():
        (places,) = np.nonzero(tile)
        if places.size:
            yield places + at
        at += tile.size


@implements(np.flatnonzero, route="native", inline=True)
def flatnonzero(a: Any) -> Any:
    """As numpy.flatnonzero."""
    a = compact(a)
    return _nonzero(a, (a.size,))[0]


@implements(np.argwhere, route="composed", inline=True)
def argwhere(a: Any) -> Any:
    """As numpy.argwhere."""
    found = nonzero(a)
    return (found[0].reshape(1, -1) if len(found) == 1 else np.stack(found)).T


# --- take -------------------------------------------------------------------------------------------


def within(index: Array, length: int, mode: str, axis: int) -> Array:
    """Return positions from 0 to ``length - 1`` for indices in one of NumPy's modes."""
    index = index.astype(np.int64, copy=False)
    try:
        return places_within(index, length, mode)
    except IndexError:
        wrong = index[(index < -length) | (index >= length)]
        raise IndexError(f"index {wrong.flat[0]} is out of bounds for axis {axis} with size {length}") from None


def mode_name(mode: Any) -> str:
    np.take(np.zeros(1), 0, mode=mode)
    return ("clip", "wrap", "raise")[mode] if isinstance(mode, int) else str(mode).lower()


def index_operand(indices: Any, casting: str = "same_kind") -> Any:
    """Return the operand of an index argument; NumPy's error, which names a rule, where it is none of integers."""
    # What has no dtype NumPy makes integers of, whatever it is.
    named = hasattr(indices, "dtype") and not isinstance(indices, np.generic)
    array = indices if isinstance(indices, CompactArray) else np.asarray(indices, None if named else np.intp)
    if array.dtype.kind not in "iub" or array.dtype == np.uint64:
        none = np.empty(0, array.dtype)
        if casting == "safe":
            np.put(np.zeros(1), none, 0)
        else:
            np.take(np.zeros(1), none)
    return operand(array._view if isinstance(array, CompactArray) else array)


@implements(np.take, route="native", inline=True)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    """As numpy.take."""
    a, mode = compact(a), mode_name(mode)
    index = index_operand(indices)
    if out is not None and not out.flags.writeable:
        raise ValueError("WRITEBACKIFCOPY base is read-only")
    if out is not None and out.dtype != a.dtype:
        # What NumPy says of the cast, an error or a warning.
        np.take(np.zeros(1, a.dtype), [0], out=np.zeros(1, out.dtype))
    if axis is None and not a.flags.c_contiguous and a.size and isinstance(a._view, View):
        return _taken_flat(Flat(a._view), index, out, mode)
    if axis is None:
        a, axis = a.ravel(), 0
    axis = normalize_axis_index(axis, a.ndim)
    if not a.size or not can_encode(a.dtype):
        return inline(np.take, a, indices, axis, mode=mode, **({} if out is None else {"out": out}))
    shape = (*a.shape[:axis], *index.shape, *a.shape[axis + 1 :])
    if out is not None and out.shape != shape:
        raise ValueError("output array does not match result of ndarray.take")
    found = wrap(taken(a._view, index, axis, mode))
    return into(out, found if shape or out is not None else found[()])


def _taken_flat(source: Flat, index: Any, out: Any, mode: str) -> Any:
    """Return the elements at positions in C order of an array that is not contiguous."""
    if out is not None and out.shape != index.shape:
        raise ValueError("output array does not match result of ndarray.take")

    def tiles() -> Iterator[Array]:
        for region in regions(index.shape, settings().tile_length):
            yield source.at(within(np.asarray(tile_of(index, region)), source.shape[0], mode, 0).reshape(-1))

    found = wrap(built(source.dtype, index.shape, tiles()))
    return into(out, found if index.shape or out is not None else found[()])


def _distances(part: int | slice, length: int, step: int) -> Array:
    if isinstance(part, slice):
        return np.arange(*part.indices(length), dtype=np.int64) * step
    return np.asarray(part * step)


@implements(np.compress, route="native", inline=True)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """As numpy.compress."""
    marks, a = compact(condition), compact(a)
    if marks.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    if axis is None:
        a, axis = a.ravel(), 0
    if a.ndim == 1 and marks.size <= a.size and out is None and axis in (0, -1):
        return _kept(marks, a)
    return take(a, nonzero(marks)[0], axis, out)


def _kept(marks: CompactArray, a: CompactArray) -> CompactArray:
    """Return what a condition as long as a 1-D array, or shorter, keeps of it."""
    mask = operand((marks if marks.dtype.kind == "b" else marks.astype(bool))._view)
    return wrap(compressed(a[: marks.size]._view, mask))


@implements(np.extract, route="composed", inline=True)
def extract(condition: Any, arr: Any) -> Any:
    """As numpy.extract."""
    condition, arr = compact(condition), compact(arr)
    if arr.flags.c_contiguous and condition.flags.c_contiguous:
        return compress(condition.ravel(), arr.ravel())
    if condition.shape == arr.shape and condition.dtype.kind == "b":
        return arr[condition]
    return take(arr, flatnonzero(condition))


@implements(np.choose, route="native", inline=True)
def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """As numpy.choose."""
    index = compact(a)
    options = [compact(choice) for choice in choices]
    model = np.choose(np.empty(0, index.dtype), [np.empty(0, option.dtype) for option in options], mode=mode)
    if all(option.dtype == model.dtype for option in options) and is_encodable(model.dtype.newbyteorder("=")):
        found = _chosen(index, options, mode)
    else:
        found = tilewise(lambda place, *values: np.choose(place, values, mode=mode), model.dtype, index, *options, order="C")
    if out is not None and out.shape != found.shape:
        np.choose(np.zeros(found.shape[:0], np.intp), [0], np.empty((2,)))
    return into(out, found)


def _chosen(index: CompactArray, options: list[CompactArray], mode: str) -> CompactArray:
    """Return what an index chooses of options of one dtype, element by element."""
    shape = common_shape([operand(array._view) for array in (index, *options)])
    places = operand(spread(index, shape)._view)

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        for region in regions(shape, settings().tile_length):
            place = np.ascontiguousarray(tile_of(places, region)).reshape(-1)
            choices = np.stack([tile_of(value, region).reshape(-1) for value in operands])
            found = np.empty(place.size, choices.dtype)
            if mode != "raise":
                place = places_within(place, len(options), mode)
            if choose_codes(words(choices.reshape(-1)), place.astype(np.int64, copy=False), words(found)) >= 0:
                # NumPy's error.
                np.choose(place, np.zeros((len(options), 1), np.int8), mode=mode)
            yield found

    return wrap(rearranged([spread(option, shape)._view for option in options], shape, tiles))


def along_axis(arr: Any, indices: Any, axis: Any) -> tuple[Any, Any, int]:
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


def places_along(arr: Any, index: Any, axis: int, shape: tuple[int, ...], view: View, region: Any) -> Array:
    """Return the addresses of one region of what the indices pick."""
    found = within(np.asarray(tile_of(index, region)), arr.shape[axis], "raise", axis) * view.steps[axis] + view.offset
    at = 0
    for k, part in enumerate(region):
        if k != axis:
            step = view.steps[k] if arr.shape[k] > 1 else 0
            distance = _distances(part, shape[k], step)
            found = found + (distance.reshape(-1, *(1,) * (found.ndim - at - 1)) if isinstance(part, slice) else distance)
        at += isinstance(part, slice)
    return np.ascontiguousarray(found)


def along_shape(arr: Any, index: Any, axis: int) -> tuple[int, ...]:
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
    arr, index, axis = along_axis(arr, indices, axis)
    view = encoded_view(arr)
    if view is None:
        return inline(np.take_along_axis, arr, indices, axis)
    shape = along_shape(arr, index, axis)
    repeated = broadcast(index, shape)

    def addresses() -> Iterator[Array]:
        for region in regions(shape, settings().tile_length):
            yield places_along(arr, repeated, axis, shape, view, region)

    return wrap(at_addresses(view, shape, addresses))


# --- limits, and positions in other forms ------------------------------------------------------------


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
    return CLIP(a, a_min, a_max, out=out, **kwargs)


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

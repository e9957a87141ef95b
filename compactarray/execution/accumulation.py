"""Ufunc accumulations, reductions over stretches, and unbuffered updates."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.config import settings
from compactarray.execution.operands import is_scalar, operand, tile_of
from compactarray.execution.policy import heed_policy
from compactarray.geometry.ghost import sham
from compactarray.geometry.index import InvalidIndexError
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, View, built


def _is_small(array: View) -> bool:
    return array.size * array.dtype.itemsize <= settings().plain_below


def accumulate(ufunc: np.ufunc, array: View, kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc.accumulate(array, **kwargs)`` without `out`: along the axis in sequence, as NumPy does."""
    axis, dtype = kwargs.pop("axis", 0), kwargs.get("dtype")
    if not array.shape or (axis is None and len(array.shape) > 1):
        return ufunc.accumulate(sham(array.shape, array.dtype), axis, dtype)
    axis = 0 if axis is None else normalize_axis_index(axis, len(array.shape))
    if _is_small(array) or not array.size:
        return ufunc.accumulate(array.read(), axis, dtype)
    found = ufunc.accumulate(np.ones(1, array.dtype) if array.dtype.kind != "M" else sham((1,), array.dtype), 0, dtype).dtype
    if not _keeps_dtype(ufunc, found):
        heed_policy(f"numpy.{ufunc.__name__}.accumulate", [array])
        return ufunc.accumulate(array.read(), axis, dtype)

    # Laid out in the order of memory, as NumPy lays it out.
    axes = array.layout("K")
    moved = array.transpose(axes)

    def tiles() -> Iterator[Array]:
        with ErrorsOnce("accumulate"):
            yield from _accumulated(ufunc, moved, axes.index(axis), found)

    return built(found, moved.shape, tiles()).transpose(tuple(axes.index(k) for k in range(len(axes))))


def _keeps_dtype(ufunc: np.ufunc, dtype: np.dtype[Any]) -> bool:
    """Tell whether the ufunc on two values of `dtype` gives that dtype, so that a result can be carried on."""
    try:
        return ufunc.resolve_dtypes((dtype, dtype, None))[2] == dtype
    except TypeError:
        return False


def _accumulated(ufunc: np.ufunc, array: View, axis: int, dtype: np.dtype[Any]) -> Iterator[Array]:
    """Yield the result in C order; what was reached along the axis is carried from tile to tile."""
    outer, length, inner = array.shape[:axis], array.shape[axis], prod(array.shape[axis + 1 :])
    chunk = max(1, settings().tile_length // max(1, inner))
    for index in np.ndindex(*outer):
        carry: Array | None = None
        for start in range(0, length, chunk):
            tile = tile_of(array, (*index, slice(start, start + chunk)))
            # The dtype of moments has a unit, which the argument does not take.
            wanted = None if dtype.kind in "mM" else dtype
            if carry is None:
                result = ufunc.accumulate(tile, 0, wanted)
            else:
                result = ufunc.accumulate(np.concatenate([carry, tile.astype(dtype, copy=False)]), 0, wanted)[1:]
            carry = result[-1:]
            yield result.reshape(-1)


def reduceat(ufunc: np.ufunc, array: View, indices: Any, kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc.reduceat(array, indices, **kwargs)`` without `out`; whole lines along the axis are read."""
    axis, dtype = kwargs.pop("axis", 0), kwargs.get("dtype")
    if _is_small(array) or not array.size:
        return ufunc.reduceat(array.read(), indices, axis, dtype)
    axis = normalize_axis_index(axis, len(array.shape))
    places = np.asarray(indices)
    if not places.size and not isinstance(indices, np.ndarray):
        places = places.astype(np.intp)  # of an empty list
    if len(array.shape) == 1 and places.ndim == 1 and places.size and (places[1:] > places[:-1]).all() and places[0] >= 0:
        if places[-1] >= array.shape[0]:
            ufunc.reduceat(sham(array.shape, array.dtype), places, axis, dtype)
        parts = list(_stretches(ufunc, array, places, dtype))
        return built(parts[0].dtype, places.shape, iter(parts))
    moved = array.mapped(lambda ghost: np.moveaxis(ghost, axis, -1))
    lines = (ufunc.reduceat(tile_of(moved, index), places, -1, dtype) for index in np.ndindex(*moved.shape[:-1]))
    first = next(lines)

    def tiles() -> Iterator[Array]:
        yield first
        yield from lines

    found = built(first.dtype, (*moved.shape[:-1], first.size), tiles())
    # NumPy lays this result out in C order, whatever the array's.
    return found.mapped(lambda ghost: np.moveaxis(ghost, -1, axis)).copied("C")


def _stretches(ufunc: np.ufunc, array: View, places: Array, dtype: Any) -> Iterator[Array]:
    """Yield the reductions of ascending stretches of a 1-D view; short ones together, long ones by tiles."""
    ends = np.append(places[1:], array.shape[0])
    at = 0
    while at < places.size:
        last = max(at + 1, int(ends.searchsorted(places[at] + settings().tile_length, side="right")))
        start, stop = int(places[at]), int(ends[last - 1])
        if last > at + 1 or stop - start <= settings().tile_length:
            yield ufunc.reduceat(tile_of(array, (slice(start, stop),)), places[at:last] - start, 0, dtype)
        else:
            carry: Array | None = None
            for begin in range(start, stop, settings().tile_length):
                tile = tile_of(array, (slice(begin, min(stop, begin + settings().tile_length)),))
                tile = tile if carry is None else np.concatenate([carry, tile.astype(carry.dtype)])
                carry = np.asarray(ufunc.reduce(tile, 0, dtype, keepdims=True))
            assert carry is not None
            yield carry
        at = last


def at(ufunc: np.ufunc, array: View, indices: Any, values: tuple[Any, ...]) -> None:
    """Do ``ufunc.at(array, indices, *values)``: elements named more than once are updated as often."""
    if not array.writeable:
        raise ValueError("assignment destination is read-only")
    # Whether there is a loop for the dtypes NumPy checks before it looks at the indices.
    with np.errstate(all="ignore"):
        ufunc.at(np.ones(1, array.dtype), [0], *(np.ones(1, _dtype_of(value)) for value in values))
    try:
        picked = array.resolve(indices)
    except InvalidIndexError:
        sham(array.shape, array.dtype)[indices]
        raise AssertionError("NumPy takes the index") from None
    dense = [value.read() if isinstance(value, View) else value for value in map(operand, values)]
    addresses = np.concatenate([tile.reshape(-1) for tile in array.picked_addresses(picked)] or [np.empty(0, np.int64)])
    places, turns = np.unique(addresses, return_inverse=True)
    elements = np.empty(places.size, array.dtype)
    array.storage.gather(places, elements)
    others = [np.broadcast_to(value, picked.result_shape).reshape(-1) for value in dense]
    ufunc.at(elements, turns.reshape(-1), *others)
    array.storage.scatter(places, elements)


def _dtype_of(value: Any) -> np.dtype[Any]:
    return value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype


def outer_shape(left: Any, right: Any) -> tuple[AnyView | Any, Any]:
    """Return the operands of ``ufunc.outer``, shaped so that they broadcast against each other."""
    # Unlike in a call, Python scalars become arrays of their default dtype first.
    left, right = (np.asarray(value) if is_scalar(value) else operand(value) for value in (left, right))
    ndim = np.ndim(right) if not isinstance(right, View) else len(right.shape)
    index = (..., *([None] * ndim))
    if isinstance(left, View):
        return left.basic(index), right
    return np.asarray(left)[index], right

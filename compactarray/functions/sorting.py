"""Sorting, selecting and searching: on one working copy, narrowed where the values allow it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.common import NO_VALUE, compact, dense, finished, gathered, inline, tilewise, wrap
from compactarray.functions.indexing import take
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import View, built

#: Needles that are looked up together, in tiles: the haystack is decoded once for each such batch.
_BATCH = 8
#: Integers that span less are counted in a table.
_TABLE = 1 << 16


class Working:
    """A copy of an array to sort or to select in: of integers, in the narrowest dtype that keeps their order.

    `array` has the layout of the original; `restored` tells the values back.
    """

    def __init__(self, a: CompactArray, narrow: bool = True) -> None:
        self._dtype = a.dtype
        self._low: Any = None
        view = a._view
        if narrow and isinstance(view, View) and a.dtype.kind in "iu" and a.size > settings().tile_length:
            low, high = int(np.minimum.reduce(a, axis=None)), int(np.maximum.reduce(a, axis=None))
            enough = np.min_scalar_type(high - low)
            if enough.itemsize < a.dtype.itemsize:
                self._low = low
                self.array = self._narrowed(view, enough)
                return
        self.array = np.array(a) if isinstance(view, View) else view.array.copy(order="K")

    def _narrowed(self, view: View, narrow: np.dtype[Any]) -> Array:
        axes = view.layout("K")
        moved = view.transpose(axes)
        flat = np.empty(moved.size, narrow)
        at = 0
        for tile in moved.tiles():
            np.subtract(tile, tile.dtype.type(self._low), out=flat[at : at + tile.size], casting="unsafe")
            at += tile.size
        return flat.reshape(moved.shape).transpose(tuple(axes.index(axis) for axis in range(len(axes))))

    def restored(self, array: Array) -> CompactArray:
        """Return values of the working copy as they were, in K order."""
        if self._low is None:
            return finished(array)
        kind = self._dtype.type
        low = kind(self._low)
        return tilewise(lambda tile: np.add(tile, low, dtype=kind, casting="unsafe"), self._dtype, array)


def _sortable(a: Any, axis: Any) -> tuple[CompactArray, int]:
    a = compact(a)
    if axis is None:
        return a.flatten(), -1
    normalize_axis_index(axis, a.ndim)
    return a, axis


def _options(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and value is not NO_VALUE}


@implements(np.sort, route="native", inline=True)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: Any = NO_VALUE) -> Any:
    """As numpy.sort; holds one working copy."""
    a, axis = _sortable(a, axis)
    work = Working(a)
    work.array.sort(axis=axis, **_options(kind=kind, order=order, stable=stable, descending=descending))
    return work.restored(work.array)


@implements(np.argsort, route="native", inline=True)
def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: Any = NO_VALUE) -> Any:
    """As numpy.argsort; holds one working copy and the indices."""
    a, axis = _flat(a, axis)
    options = _options(kind=kind, order=order, stable=stable, descending=descending)
    return finished(np.argsort(Working(a).array, axis, **options))


def _flat(a: Any, axis: Any) -> tuple[CompactArray, int]:
    a = compact(a)
    if axis is None:
        return a.ravel(), -1
    normalize_axis_index(axis, a.ndim)
    return a, axis


@implements(np.partition, route="native", inline=True)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """As numpy.partition; holds one working copy."""
    a, axis = _sortable(a, axis)
    # What a partition leaves in no order hangs on the dtype.
    work = Working(a, narrow=False)
    work.array.partition(np.asarray(kth), axis, kind, order)
    return work.restored(work.array)


@implements(np.argpartition, route="native", inline=True)
def argpartition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """As numpy.argpartition; holds one working copy and the indices."""
    a, axis = _flat(a, axis)
    return finished(np.argpartition(Working(a, narrow=False).array, np.asarray(kth), axis, kind, order))


@implements(np.sort_complex, route="composed", inline=True)
def sort_complex(a: Any) -> Any:
    """As numpy.sort_complex."""
    found = sort(a)
    if found.dtype.kind == "c":
        return found
    return found.astype("F" if found.dtype.char in "bhBH" else "G" if found.dtype.char == "g" else "D")


# --- searching --------------------------------------------------------------------------------------


@implements(np.searchsorted, route="native", inline=True)
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """As numpy.searchsorted; the haystack is decoded tile by tile, once for each batch of needles."""
    a = compact(a)
    needle = v if isinstance(v, (CompactArray, np.ndarray)) else np.asarray(v)
    order: Any = None if sorter is None else np.empty(0, sorter.dtype if hasattr(sorter, "dtype") else np.asarray(sorter).dtype)
    np.empty(0, a.dtype).searchsorted(np.empty(0, needle.dtype), side, order)
    if a.ndim != 1 or (sorter is not None and np.shape(sorter) != a.shape):
        # NumPy's error.
        np.searchsorted(sham(a.shape), 0, side, None if sorter is None else sham(np.shape(sorter), np.intp))
    if sorter is not None:
        a = take(a, sorter)
    if not isinstance(v, (CompactArray, np.ndarray)) and needle.ndim == 0:
        # A Python number is as wide as it needs to be.
        return _ranks(a, np.asarray(v), side).reshape(())[()]
    view = operand(compact(needle)._view)
    if not needle.shape:
        return _ranks(a, np.asarray(tile_of(view, ())), side).reshape(())[()]
    batches = regions(needle.shape, _BATCH * settings().tile_length)
    ranks = (_ranks(a, np.asarray(tile_of(view, batch)), side).reshape(-1) for batch in batches)
    return wrap(built(np.dtype(np.intp), needle.shape, ranks))


def _ranks(a: CompactArray, needles: Array, side: Any) -> Array:
    """Return where needles belong in a sorted array: which tile of it first, then where in the tile."""
    view = operand(a._view)
    length, tile = a.shape[0], settings().tile_length
    if length <= tile:
        return np.asarray(np.searchsorted(np.asarray(tile_of(view, (slice(None),))), needles, side))
    starts = np.arange(0, length, tile)
    firsts = gathered(view, [starts * view.steps[0]]) if isinstance(view, View) else view[starts]
    flat = needles.reshape(-1)
    # The rank lies in the last tile whose first element is smaller (or equal, to the right of it).
    tiles = np.maximum(np.searchsorted(firsts, flat, side) - 1, 0)
    found = np.empty(flat.size, np.intp)
    order = np.argsort(tiles, kind="stable")
    bounds = np.searchsorted(tiles[order], np.arange(starts.size + 1))
    for k, start in enumerate(starts):
        mine = order[bounds[k] : bounds[k + 1]]
        if mine.size:
            stretch = np.asarray(tile_of(view, (slice(int(start), int(start) + tile),)))
            found[mine] = np.searchsorted(stretch, flat[mine], side) + start
    return found


@implements(np.digitize, route="composed", inline=True)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """As numpy.digitize."""
    x, bins = compact(x), compact(bins)
    np.digitize(np.empty(0, x.dtype), np.empty(0, bins.dtype))
    if bins.ndim != 1:
        return inline(np.digitize, x, bins, right)
    side = "left" if right else "right"
    steps = bins[1:], bins[:-1]
    if np.all(steps[0] >= steps[1]):
        return searchsorted(bins, x, side)
    if not np.all(steps[0] <= steps[1]):
        raise ValueError("bins must be monotonically increasing or decreasing")
    return bins.shape[0] - searchsorted(bins[::-1], x, side)


# --- unique values ----------------------------------------------------------------------------------


@implements(np.unique, route="native", inline=True)
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: Any = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """As numpy.unique; holds one working copy, and the indices that are asked for, where a table of integers
    does not do. Along an axis: dense.
    """
    extra = {} if sorted else {"sorted": sorted}
    if axis is not None:
        return dense(np.unique, ar, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan, **extra)
    ar = compact(ar)
    span = _narrow_span(ar)
    if span is not None:
        return _tabled(ar, *span, return_index, return_inverse, return_counts)
    work = Working(ar)
    found = np.unique(work.array, return_index, return_inverse, return_counts, equal_nan=equal_nan, **extra)  # type: ignore[call-overload]
    if not isinstance(found, tuple):
        return work.restored(found)
    return (work.restored(found[0]), *(finished(part) for part in found[1:]))


def _narrow_span(a: CompactArray) -> tuple[int, int] | None:
    """Return the least of integers that span so little that a table counts them, and the length of the table."""
    if a.dtype.kind not in "iu" or a.size <= settings().tile_length:
        return None
    low, high = int(np.minimum.reduce(a, axis=None)), int(np.maximum.reduce(a, axis=None))
    return (low, high - low + 1) if high - low < min(_TABLE, a.size) else None


def _tabled(a: CompactArray, low: int, length: int, index: bool, inverse: bool, counts: bool) -> Any:
    """Return the unique values of integers from `low` on, by counting them in a table."""

    def places(tile: Array) -> Array:
        # Differences that wrap around are right as unsigned numbers.
        found: Array = np.subtract(tile, tile.dtype.type(low)).view(f"u{tile.dtype.itemsize}").astype(np.intp)
        return found

    numbers = np.zeros(length, np.intp)
    first = np.zeros(length, np.intp)
    at = 0
    for tile in a.tiles():
        found = places(tile)
        if index:
            # Of the new ones the first counts: written last.
            fresh = np.flatnonzero(numbers[found] == 0)[::-1]
            first[found[fresh]] = fresh + at
        numbers += np.bincount(found, minlength=length)
        at += tile.size
    present = np.flatnonzero(numbers)
    values = np.add(present.astype(a.dtype.type), a.dtype.type(low)).astype(a.dtype)
    results: list[Any] = [finished(values)]
    if index:
        results.append(finished(first[present]))
    if inverse:
        ranks = np.cumsum(numbers > 0) - 1
        results.append(tilewise(lambda tile: ranks[places(tile)], np.dtype(np.intp), a, order="C"))
    if counts:
        results.append(finished(numbers[present]))
    return tuple(results) if len(results) > 1 else results[0]


def _named(function: Callable[..., Any], *fields: Any) -> Any:
    return type(function(np.empty(0)))(*fields)


@implements(np.unique_all, route="composed", inline=True)
def unique_all(x: Any) -> Any:
    """As numpy.unique_all."""
    return _named(np.unique_all, *unique(x, True, True, True, equal_nan=False))


@implements(np.unique_counts, route="composed", inline=True)
def unique_counts(x: Any) -> Any:
    """As numpy.unique_counts."""
    return _named(np.unique_counts, *unique(x, return_counts=True, equal_nan=False))


@implements(np.unique_inverse, route="composed", inline=True)
def unique_inverse(x: Any) -> Any:
    """As numpy.unique_inverse."""
    return _named(np.unique_inverse, *unique(x, return_inverse=True, equal_nan=False))


@implements(np.unique_values, route="composed", inline=True)
def unique_values(x: Any) -> Any:
    """As numpy.unique_values."""
    return unique(x, equal_nan=False, **({"sorted": False} if np.lib.NumpyVersion(np.__version__) >= "2.3.0" else {}))


# --- sets -------------------------------------------------------------------------------------------


@implements(np.isin, route="native", inline=True)
def isin(element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None) -> Any:
    """As numpy.isin; many test elements are sorted, and searched tile by tile."""
    element, test = compact(element), compact(test_elements)
    np.isin(np.empty(0, element.dtype), np.empty(0, test.dtype), kind=kind)
    if kind == "table" and test.size and test.dtype.kind in "iu":
        ends = np.array([np.minimum.reduce(test, axis=None), np.maximum.reduce(test, axis=None)], test.dtype)
        if int(ends[1]) - int(ends[0]) > np.iinfo(test.dtype).max:
            np.isin(np.zeros(1, element.dtype), ends, kind=kind)
    if test.size <= settings().tile_length:
        values = np.asarray(test)
        return tilewise(lambda tile: np.isin(tile, values, assume_unique=False, invert=invert), np.dtype(bool), element)
    if "O" in (element.dtype.kind, test.dtype.kind) or test.dtype != element.dtype:
        return dense(np.isin, element, test, assume_unique, invert, kind=kind)
    ordered = sort(test, None)

    def found(tile: Array) -> Array:
        flat = tile.reshape(-1)
        places = np.minimum(_ranks(ordered, flat, "left"), ordered.size - 1)
        view = operand(ordered._view)
        values = gathered(view, [places * view.steps[0]]) if isinstance(view, View) else view[places]
        return np.asarray((values != flat) if invert else (values == flat)).reshape(tile.shape)

    return tilewise(found, np.dtype(bool), element)


def _both_unique(ar1: Any, ar2: Any, assume_unique: bool) -> tuple[Any, Any]:
    if assume_unique:
        return compact(ar1).ravel(), compact(ar2).ravel()
    return unique(ar1), unique(ar2)


@implements(np.intersect1d, route="composed", inline=True)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """As numpy.intersect1d."""
    ar1, ar2 = compact(ar1), compact(ar2)
    if not return_indices:
        both = sort(np.concatenate(_both_unique(ar1, ar2, assume_unique)))
        return both[:-1][both[1:] == both[:-1]]
    if assume_unique:
        ar1, ar2 = ar1.ravel(), ar2.ravel()
    else:
        ar1, first = unique(ar1, return_index=True)
        ar2, second = unique(ar2, return_index=True)
    both = np.concatenate((ar1, ar2))
    order = argsort(both, kind="mergesort")
    both = take(both, order)
    mask = both[1:] == both[:-1]
    places1, places2 = order[:-1][mask], order[1:][mask] - ar1.size
    if not assume_unique:
        places1, places2 = take(first, places1), take(second, places2)
    return both[:-1][mask], places1, places2


@implements(np.setxor1d, route="composed", inline=True)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """As numpy.setxor1d."""
    both = np.concatenate(_both_unique(ar1, ar2, assume_unique), axis=None)
    if both.size == 0:
        return both
    both = sort(both)
    edges = np.concatenate(([True], both[1:] != both[:-1], [True]))
    return both[edges[1:] & edges[:-1]]


@implements(np.union1d, route="composed", inline=True)
def union1d(ar1: Any, ar2: Any) -> Any:
    """As numpy.union1d."""
    return unique(np.concatenate((compact(ar1), compact(ar2)), axis=None))


@implements(np.setdiff1d, route="composed", inline=True)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """As numpy.setdiff1d."""
    ar1, ar2 = _both_unique(ar1, ar2, assume_unique)
    return ar1[isin(ar1, ar2, assume_unique=True, invert=True)]

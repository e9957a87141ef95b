"""Unique values and operations on sets: by counting codes, or on one sorted working copy."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.mapping import in_c_order, in_shape, truth_of_values
from compactarray.execution.membership import Members
from compactarray.execution.ranks import Ranks, counted_lane
from compactarray.execution.sortable import Sortable, sortable, sorted_lines, stable_order, working_copy
from compactarray.execution.tally import Piece, Tally, gapless, lanes_of, tally_of
from compactarray.functions.common import Collected, compact, dense, finished, tilewise, wrap
from compactarray.functions.indexing import take
from compactarray.functions.sorting import argsort, indices, sort
from compactarray.geometry.tiles import pieces
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.order import is_missing, new_classes
from compactarray.numerics.words import is_encodable
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.blocks import storage_of
from compactarray.storage.view import View, constant, whole

#: Kinds of two dtypes of strings that compare with each other.
_TEXTS = ("SS", "UU")


class _Wanted(NamedTuple):
    """Which results of numpy.unique are asked for besides the values."""

    firsts: bool
    inverse: bool
    numbers: bool


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
    """As numpy.unique; by counting, or on one sorted working copy, and the indices that are asked for.

    Along an axis of several: dense.
    """
    extra = {} if sorted else {"sorted": sorted}
    ar = compact(ar)
    if axis is not None and ar.ndim != 1:
        return dense(np.unique, ar, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan, **extra)
    if axis is not None:
        normalize_axis_index(axis, ar.ndim)
    wanted = _Wanted(return_index, return_inverse, return_counts)
    found = _counted(ar, wanted, equal_nan)
    if found is None:
        found = _from_sorted(ar, wanted, equal_nan)
    if found is None:
        array = working_copy(ar._view, narrow=False).codes
        found = np.unique(array, *wanted, equal_nan=equal_nan, **extra)  # type: ignore[call-overload]
        found = found if isinstance(found, tuple) else (found,)
    results = tuple(finished(part) if isinstance(part, np.ndarray) else part for part in found)
    return results if len(results) > 1 else results[0]


def _counted(a: CompactArray, wanted: _Wanted, equal_nan: bool) -> tuple[Any, ...] | None:
    """Return the results by counting, or None where there is no tally, or NaNs count one by one."""
    in_order = in_c_order(a._view)
    flat = in_order if wanted.firsts or wanted.inverse else gapless(a._view)
    if flat is None:
        return None
    by_element = wanted.firsts or wanted.inverse
    lanes = lanes_of(flat, runs=not by_element)
    tally = tally_of(flat, lanes)
    if tally is None:
        return None
    ranks = Ranks(flat, lanes, tally)
    values, counts = ranks.values, ranks.counts
    apart = not equal_nan and counts[-1] > 1 and _tells_apart(values[-1:], wanted)
    if apart and (wanted.firsts or wanted.inverse):
        return None
    if values.size < tally.values.size and in_order is not None:
        # Of different zeros, or NaNs, the one that occurs first.
        values = _elements(in_order, _firsts(in_order, lanes, tally, flat is in_order and by_element))
    if apart:
        # Each missing value by itself.
        missing = np.repeat(tally.values, np.where(is_missing(tally.values), tally.counts, 0))
        values = np.concatenate([values[:-1], missing])
        counts = np.concatenate([counts[:-1], np.ones(missing.size, np.intp)])
    results: list[Any] = [values]
    if wanted.firsts:
        results.append(ranks.firsts())
    if wanted.inverse:
        results.append(_integers(ranks.all(), a.shape))
    if wanted.numbers:
        results.append(counts)
    return tuple(results)


def _firsts(flat: View, lanes: list[Piece], tally: Tally, same: bool) -> Array:
    return Ranks(flat, lanes if same else lanes_of(flat), tally).firsts()


def _elements(flat: View, places: Array) -> Array:
    found = np.empty(places.size, flat.dtype)
    flat.storage.gather(flat.offset + places, found)
    return found


def _integers(codes: Array, shape: tuple[int, ...]) -> CompactArray:
    """Return integers from 0 on, in few bytes, as an array of indices."""
    lane = counted_lane(codes, np.dtype(np.intp))
    return wrap(whole(storage_of(lane.dtype, [lane], settings().block_length), shape))


def _from_sorted(a: CompactArray, wanted: _Wanted, equal_nan: bool) -> tuple[Any, ...] | None:
    """Return the results from codes that sort as values do, or None where there are none such."""
    if not a.size or not is_encodable(a.dtype) or a.size > 1 << 32:
        return None
    codes = sortable(a._view) or working_copy(a._view)
    flat = codes.codes.reshape(-1)
    order = None
    if wanted.firsts or wanted.inverse:
        order = stable_order(codes)
        ordered = flat[order]
    else:
        ordered = sorted_lines(flat, 0, codes.own)
    fresh = new_classes(ordered)
    if not equal_nan and _tells_apart(ordered[-1:], wanted):
        fresh |= is_missing(ordered)
    different = bool(fresh.all())
    results: list[Any] = [_values(codes, ordered if different else ordered[fresh])]
    if order is None:
        return (*results, _numbers(fresh, different)) if wanted.numbers else tuple(results)
    if wanted.firsts:
        results.append(indices(order.copy() if different else order[fresh], a.size))
    if wanted.inverse:
        ranks = np.empty(a.size, code_dtype(ordered.size))
        ranks[order] = np.arange(a.size, dtype=ranks.dtype) if different else np.cumsum(fresh, dtype=ranks.dtype) - ranks.dtype.type(1)
        results.append(_integers(ranks, a.shape))
    if wanted.numbers:
        results.append(_numbers(fresh, different))
    return tuple(results)


def _values(codes: Sortable, array: Array) -> CompactArray:
    """Return values that are all different."""
    small = array.size * codes.model.dtype.itemsize <= settings().plain_below
    return finished(codes.values(array)) if small else wrap(codes.restored(array))


def _numbers(fresh: Array, different: bool) -> CompactArray:
    """Return how many elements each of the values has that begin where `fresh` tells."""
    if different:
        return wrap(constant(np.ones(1, np.intp), fresh.shape))
    numbers = Collected(np.dtype(np.intp))
    last = np.zeros(0, np.intp)
    for start, stop in pieces(0, fresh.size, settings().tile_length):
        edges = np.concatenate([last, np.flatnonzero(fresh[start:stop]) + start])
        numbers.append(np.diff(edges))
        last = edges[-1:]
    numbers.append(fresh.size - last)
    return numbers.finish()


def _tells_apart(last: Array, wanted: _Wanted) -> bool:
    """Tell whether a last value is missing, and missing values are told apart: found out by asking NumPy."""
    if not is_missing(last)[0]:
        return False
    found = np.unique(last.repeat(2), *wanted, equal_nan=False)  # type: ignore[call-overload]
    return bool((found[0] if isinstance(found, tuple) else found).size == 2)


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
    """As numpy.isin; values are looked up once where they are held as codes. Different test elements are decoded."""
    element, test = compact(element), compact(test_elements)
    np.isin(np.empty(0, element.dtype), np.empty(0, test.dtype), kind=kind)
    if kind == "table" and test.size and test.dtype.kind in "iu":
        ends = np.array([np.minimum.reduce(test, axis=None), np.maximum.reduce(test, axis=None)], test.dtype)
        if int(ends[1]) - int(ends[0]) > np.iinfo(test.dtype).max:
            np.isin(np.zeros(1, element.dtype), ends, kind=kind)
    if element.dtype.kind + test.dtype.kind not in _TEXTS and (
        element.dtype.kind not in "biufmMc" or test.dtype.kind not in "biufmMc"
    ):
        return dense(np.isin, element, test, assume_unique, invert, kind=kind)
    values = np.asarray(unique(test)) if isinstance(test._view, View) else test._view.array.reshape(-1)
    function = _member_function(element.dtype, values, invert)
    flat = in_c_order(element._view)
    if flat is not None:
        return wrap(in_shape(truth_of_values(flat, function), element.shape))
    return tilewise(lambda tile: function(tile.reshape(-1)).reshape(tile.shape), np.dtype(bool), element, order="C")


def _member_function(dtype: np.dtype[Any], test: Array, invert: bool) -> Callable[[Array], Array]:
    """Return a function that tells of 1-D values whether they are test elements (or, inverted, whether they are not)."""
    if dtype != test.dtype or dtype.kind in "SU" or not is_encodable(dtype):
        # NumPy knows how values of different dtypes compare.
        return lambda values: np.isin(values, test, invert=invert)
    members = Members(test)
    return (lambda values: ~members.among(values)) if invert else members.among


def _both_unique(ar1: Any, ar2: Any, assume_unique: bool) -> tuple[Any, Any]:
    if assume_unique:
        return compact(ar1).ravel(), compact(ar2).ravel()
    return unique(ar1), unique(ar2)


def _meet_in_common(left: np.dtype[Any], right: np.dtype[Any]) -> bool:
    """Tell whether elements of two dtypes are equal where they are equal in the dtype of both together."""
    if left == right:
        return True
    # Integers with a sign and without are compared as what they are.
    return left.kind in "biuf" and right.kind in "biuf" and {left.kind, right.kind} != {"i", "u"}


@implements(np.intersect1d, route="composed", inline=True)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """As numpy.intersect1d."""
    ar1, ar2 = compact(ar1), compact(ar2)
    if not return_indices and not assume_unique and _meet_in_common(ar1.dtype, ar2.dtype):
        dtype = np.result_type(ar1.dtype, ar2.dtype)
        ar1 = _thinned(ar1).ravel()
        return unique(ar1[isin(ar1, ar2)]).astype(dtype, copy=False)
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
    both.sort()
    edges = np.concatenate(([True], both[1:] != both[:-1], [True]))
    return both[edges[1:] & edges[:-1]]


@implements(np.union1d, route="composed", inline=True)
def union1d(ar1: Any, ar2: Any) -> Any:
    """As numpy.union1d."""
    if any(type(value) in (int, float, complex) for value in (ar1, ar2)):
        # Their dtype is that of the other array.
        return unique(np.concatenate([ar1, ar2], axis=None))  # type: ignore[arg-type]
    return unique(np.concatenate([_thinned(compact(ar1)), _thinned(compact(ar2))], axis=None))


def _thinned(a: CompactArray) -> CompactArray:
    """Return an array without repetitions where these are found by counting, else the array."""
    found = _counted(a, _Wanted(False, False, False), True)
    return a if found is None else finished(found[0])


@implements(np.setdiff1d, route="composed", inline=True)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """As numpy.setdiff1d."""
    ar1, ar2 = compact(ar1), compact(ar2)
    if assume_unique:
        ar1 = ar1.ravel()
        return ar1[isin(ar1, ar2, assume_unique=True, invert=True)]
    ar1 = _thinned(ar1).ravel()
    return unique(ar1[isin(ar1, ar2, invert=True)])

"""Counting elements: in bins, and integers one by one."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.execution.haystack import in_lane
from compactarray.execution.operands import operand, tile_of
from compactarray.execution.tally import Counted, Piece, counted, decoded, gapless, lanes_of
from compactarray.functions.bins import extremes, number_of_bins
from compactarray.functions.common import compact, dense, finished, inline, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import pieces
from compactarray.kernels import add_weights, bin_values
from compactarray.numerics.integers import INTEGER_LIMIT
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import View, encoded

#: Elements that NumPy puts in bins together; sums of weights depend on it.
_BLOCK = 65_536
#: Counts of four bytes that are no more than these are in the cache, or almost.
_MANY_COUNTS = 1 << 18


@implements(np.histogram, route="native", inline=True)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """As numpy.histogram; values are put in bins once each where they are counted, else tile by tile.

    Rules for bins that look at deviations ("scott", "doane", "stone"), and weights of objects: dense.
    """
    a = compact(a)
    if not _is_served(a, weights):
        return _as_numpy(np.histogram, a, bins, range, density, weights)
    _check_weights(a, weights)
    if isinstance(bins, str):
        number = number_of_bins(a, bins, range, weights)
        if number is None:
            return dense(np.histogram, a, bins, range, density, weights)
        bins = number
    given, bins = bins, _plain(bins)
    found = None
    if weights is None:
        flat = gapless(a._view)
        found = None if flat is None else counted(flat)
    if a.dtype.kind == "b" and (found is None or found.loose):
        # NumPy makes numbers of bools, and warns.
        return dense(np.histogram, a, bins, range, density, weights)
    if weights is not None:
        counts, edges = _weighted(a, bins, range, compact(weights))
    else:
        counts, edges = _by_tiles(a, bins, range) if found is None else _of_counted(found, bins, range)
    if density:
        counts = counts / np.array(np.diff(edges), float) / counts.sum()
    return finished(counts), _edges(edges, given)


@implements(np.histogram_bin_edges, route="native", inline=True)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """As numpy.histogram_bin_edges; rules that look at deviations ("scott", "doane", "stone") are dense."""
    a = compact(a)
    if not _is_served(a, weights):
        return _as_numpy(np.histogram_bin_edges, a, bins, range, weights)
    _check_weights(a, weights)
    if isinstance(bins, str):
        number = number_of_bins(a, bins, range, weights)
        if number is None:
            return dense(np.histogram_bin_edges, a, bins, range, weights)
        bins = number
    return _edges(np.histogram_bin_edges(extremes(a), _plain(bins), range), bins)


def _check_weights(a: CompactArray, weights: Any) -> None:
    """Raise NumPy's error for weights of another shape, which comes before all others."""
    if weights is not None and np.shape(weights) != a.shape:
        np.histogram_bin_edges(sham((2,)), weights=sham((3,)))


def _plain(bins: Any) -> Any:
    """Return bins decoded; those of several axes, which NumPy refuses, in one element."""
    if not isinstance(bins, CompactArray):
        return bins
    return np.asarray(bins) if bins.ndim < 2 else np.zeros((1,) * bins.ndim)


def _edges(edges: Array, given: Any) -> Any:
    """Return the edges of bins: an array that was given is what is returned."""
    if isinstance(given, CompactArray):
        return given
    return compact(edges) if edges is given else finished(edges)


def _is_served(a: CompactArray, weights: Any) -> bool:
    """Tell whether elements can be put in bins by tiles."""
    kind = "f" if weights is None else np.asarray(weights[:0]).dtype.kind if not hasattr(weights, "dtype") else weights.dtype.kind
    return bool(a.size) and isinstance(a._view, View) and a.dtype.kind in "biuf" and kind in "biufc"


def _as_numpy(function: Any, *arguments: Any) -> Any:
    """Let NumPy do it: on an array that is not encoded anyway, or on the dense route."""
    a = arguments[0]
    return (dense if isinstance(a._view, View) and a.size else inline)(function, *arguments)


def _limits(least_most: Array, bins: Any, given: Any) -> Any:
    """Return the range of equal bins, which the elements tell where none is given; NumPy's errors."""
    if given is not None or np.ndim(bins):
        return given
    np.histogram_bin_edges(least_most, bins)
    # As numbers of the dtype, not of Python's.
    return tuple(least_most)


def _of_counted(found: Counted, bins: Any, given: Any) -> tuple[Array, Array]:
    """Return how many elements lie in each bin, from values that are counted and a few that are not."""
    values, numbers = found.values()
    if not found.loose:
        # As weights, numbers of values give the sums that the elements would be counted to.
        return np.histogram(values, bins, given, None, numbers)
    ends = np.concatenate([[part.min(), part.max()] for part in (values, *found.loose) if part.size]).astype(values.dtype)
    limits = _limits(np.array([ends.min(), ends.max()]), bins, given)
    counts, edges = np.histogram(values, bins, limits, None, numbers)
    for part in found.loose:
        counts += np.histogram(part, bins, limits)[0]
    return counts, edges


def _by_tiles(a: CompactArray, bins: Any, given: Any) -> tuple[Array, Array]:
    """Return how many elements lie in each bin, tile by tile."""
    if np.ndim(bins):
        with np.errstate(invalid="ignore"):  # signalling NaNs are converted
            return _between_edges(a, np.histogram_bin_edges(np.zeros(1, a.dtype), bins))
    limits = _limits(extremes(a), bins, given)
    counts, edges = np.histogram(np.empty(0, a.dtype), bins, limits)
    own = _counts_as_numpy(edges, given)
    for lane, start, stop in _lane_tiles(a):
        tile = lane.decoded(start, stop)
        if own:
            values = np.ascontiguousarray(tile, np.float64)
            bin_values(values, edges, edges[0], edges[-1], edges[-1] - edges[0], counts)
        else:
            counts += np.histogram(tile, bins, limits)[0]
    return counts, edges


def _counts_as_numpy(edges: Array, given: Any) -> bool:
    """Tell whether NumPy would compute the places of elements in float64, all of it.

    Elements and ends of other dtypes are exact in it, and so are the differences of ends that are integers.
    """
    if edges.dtype != np.float64 or max(-edges[0], edges[-1]) > INTEGER_LIMIT[8]:
        return False
    return given is None or all(type(end) in (int, float) for end in given)


def _lane_tiles(a: CompactArray) -> Iterator[tuple[Encoding, int, int]]:
    """Yield the elements in any order, a stretch of a lane at a time."""
    view = a._view
    flat = gapless(view)
    for piece in [] if flat is None else lanes_of(flat):
        lane = Raw(decoded(flat, piece)) if piece.lane is None and flat is not None else piece.lane
        assert lane is not None
        for start, stop in pieces(0, lane.length, _BLOCK):
            yield lane, start, stop
    for tile in view.tiles() if flat is None else ():
        yield Raw(tile), 0, tile.size


def _between_edges(a: CompactArray, edges: Array) -> tuple[Array, Array]:
    """Return how many elements lie between edges: places of the edges in tiles that are sorted, if need be as codes."""
    common = np.result_type(a.dtype, edges.dtype)
    below = np.zeros(edges.size, np.intp)
    for lane, start, stop in _lane_tiles(a):
        if lane.exceptions is None and isinstance(lane, (Narrow, NarrowFloat, Raw)):
            tile = lane.rebuilt((np.sort(lane.codes[start:stop]),), stop - start, None)
        else:
            tile = Raw(np.sort(lane.decoded(start, stop)))
        below[:-1] += in_lane(tile, edges[:-1], "left", common)
        below[-1:] += in_lane(tile, edges[-1:], "right", common)
    return np.diff(below), edges


def _weighted(a: CompactArray, bins: Any, given: Any, weights: CompactArray) -> tuple[Array, Array]:
    """Return sums of weights, added in the order in which NumPy adds them."""
    if a.shape != weights.shape:
        np.histogram(sham(a.shape), bins, given, None, sham(weights.shape))
    limits = _limits(extremes(a), bins, given)
    equal = not np.ndim(bins)
    sums: Any = None
    for values, shares in _blocks(a, weights):
        if equal:
            found, edges = np.histogram(values, bins, limits, None, shares)
        else:
            found, edges = _cumulated(values, bins, shares)
        sums = found if sums is None else np.add(sums, found, out=sums)
    return (sums, edges) if equal else (np.diff(sums), edges)


def _cumulated(values: Array, bins: Any, weights: Array) -> tuple[Array, Array]:
    """Return the sums of weights up to each edge of bins, and the edges; NumPy's errors."""
    _, edges = np.histogram(values[:1], bins)
    order = np.argsort(values)
    ordered = values[order]
    sums = np.concatenate((np.zeros(1, weights.dtype), weights[order].cumsum()))
    places = np.concatenate((ordered.searchsorted(edges[:-1], "left"), ordered.searchsorted(edges[-1:], "right")))
    return np.add(np.zeros(edges.shape, weights.dtype), sums[places]), edges


def _blocks(a: CompactArray, weights: CompactArray) -> Iterator[tuple[Array, Array]]:
    """Yield elements and weights, both in C order, as many as NumPy takes together."""
    operands = [operand(value.reshape(-1)._view) for value in (a, weights)]
    for start, stop in pieces(0, a.size, _BLOCK):
        values, shares = (np.asarray(tile_of(value, (slice(start, stop),))) for value in operands)
        yield values, shares


# --- integers ---------------------------------------------------------------------------------------


@implements(np.bincount, route="native", inline=True)
def bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    """As numpy.bincount; from counted codes, or by tiles."""
    x = compact(x)
    _check_counting(x, weights, minlength)
    if not x.size:
        return inline(np.bincount, x, weights, minlength)
    flat = gapless(x._view) if weights is None else None
    found = None if flat is None else counted(flat)
    low, high = extremes(x).tolist()
    if low < 0 or high > np.iinfo(np.int64).max:
        np.bincount([-1])
    length = max(int(high) + 1, int(minlength))
    if weights is not None:
        totals = np.zeros(length)
        _add_by_tiles(x, compact(weights), totals)
        return finished(totals)
    counts = _narrow_counts(x, found, length)
    return wrap(encoded(counts, np.dtype(np.intp))) if counts.nbytes > settings().plain_below else finished(counts.astype(np.intp))


def _narrow_counts(x: CompactArray, found: Counted | None, length: int) -> Array:
    """Return how often each integer occurs: very many counts in one or two bytes each, if that will do."""
    for width in (np.uint8, np.uint16) if length > _MANY_COUNTS else ():
        bits = 8 * np.dtype(width).itemsize
        if x.size >> bits // 2 > length:
            continue
        counts = _counts(x, found, length, np.dtype(width))
        # A count that is too large for its bytes wraps around, and the sum shows it.
        if int(counts.sum(dtype=np.uint64)) == x.size:
            return counts
        del counts
    # No count can be larger than these.
    return _counts(x, found, length, np.dtype(np.uint32 if x.size < 1 << 32 else np.intp))


def _counts(x: CompactArray, found: Counted | None, length: int, dtype: np.dtype[Any]) -> Array:
    """Return how often each integer occurs, in integers that wrap around."""
    counts = np.zeros(length, dtype)
    if found is not None:
        values, numbers = found.values()
        np.add.at(counts, values.astype(np.intp), numbers.astype(dtype))
    for part in x._view.tiles() if found is None else found.loose:
        np.add.at(counts, part.astype(np.intp), dtype.type(1))
    return counts


def _check_counting(x: CompactArray, weights: Any, minlength: Any) -> None:
    """Have NumPy refuse what it refuses whatever the elements are."""
    weights = None if weights is None else compact(weights)
    model = None if weights is None else np.zeros((1,) * weights.ndim, weights.dtype)
    np.bincount(np.zeros((1,) * x.ndim, x.dtype), model, minlength)
    if weights is not None and weights.size != x.size:
        np.bincount([0], [0, 0])


def _add_by_tiles(x: CompactArray, weights: CompactArray, totals: Array) -> None:
    """Add weights to totals one after the other, as NumPy does, which decides how they are rounded."""
    places, shares = x._view, operand(weights._view)
    flat = gapless(places) if places.contiguous("C") else None
    lanes = [Piece(0, x.size, None)] if flat is None else lanes_of(flat)
    for piece in lanes:
        lane = piece.lane
        narrow = isinstance(lane, Narrow) and lane.exceptions is None and lane.stride == 1 and lane.reference >= 0
        for start, stop in pieces(piece.start, piece.stop, _BLOCK):
            share = np.ascontiguousarray(tile_of(shares, (slice(start, stop),)), np.float64)
            if narrow and isinstance(lane, Narrow):
                # Only the part of the totals that codes mean.
                add_weights(lane.codes[start - piece.start : stop - piece.start], share, totals[lane.reference :])
            else:
                add_weights(np.asarray(tile_of(operand(places), (slice(start, stop),))).astype(np.intp), share, totals)

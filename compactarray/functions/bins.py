"""Rules that tell the number of bins of a histogram from the spread of the elements."""

from functools import cache
from math import ceil
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.execution.ordered import by_tally
from compactarray.execution.tally import gapless, tally_of
from compactarray.storage.base import Array

#: The rules that need the number of elements, their extremes and their quartiles only.
_RULES = ("auto", "fd", "rice", "sqrt", "sturges")


def extremes(a: CompactArray) -> Array:
    """Return the least and the greatest element of an array that is not empty."""
    return np.array([np.minimum.reduce(a, axis=None), np.maximum.reduce(a, axis=None)], a.dtype)


def number_of_bins(a: CompactArray, rule: str, limits: Any, weights: Any) -> int | None:
    """Return the number of equal bins that a rule asks for; None for a rule that looks at more, or an error of NumPy's."""
    np.histogram_bin_edges(np.zeros(1, np.uint8), rule, limits, None if weights is None else np.zeros(1))
    if rule not in _RULES or a.dtype.kind == "b":
        return None
    ends = extremes(a)
    # NumPy's errors; and its way with one value alone.
    np.histogram_bin_edges(ends, 1, limits)
    first, last = ends if limits is None else limits
    if first == last:
        return None
    size = a.size
    flat = gapless(a._view)
    tally = None if flat is None else tally_of(flat)
    if limits is not None and not (first <= ends[0] and ends[1] <= last):
        if tally is None:
            return None
        inside = (tally.values >= first) & (tally.values <= last)
        if not inside.any():
            return 1
        tally = tally.kept(inside)
        ends = tally.values[[0, -1]]
        size = int(tally.counts.sum())
    width = _width(rule, size, ends, a if tally is None else by_tally(tally))
    if not width:
        return 1
    if np.issubdtype(a.dtype, np.integer) and width < 1 and _widens_integers():
        width = 1
    return ceil(np.ceil(_difference(first, last) / width))


def _width(rule: str, size: int, ends: Array, ordered: Any) -> Any:
    """Return the width of bins by a rule; see numpy.histogram_bin_edges for what the rules are."""
    spread = _difference(*ends)
    if rule == "sqrt":
        return spread / np.sqrt(size)
    if rule == "sturges":
        return spread / (np.log2(size) + 1.0)
    if rule == "rice":
        return spread / (2.0 * size ** (1.0 / 3))
    quartiles = np.subtract(*np.asarray(np.percentile(ordered, [75, 25])))
    width = 2.0 * quartiles * size ** (-1.0 / 3.0)
    if rule == "fd":
        return width
    other = spread / (np.log2(size) + 1.0)
    if _relaxes():
        return min(max(width, spread / np.sqrt(size) / 2), other)
    return min(width, other) if width else other


def _difference(low: Any, high: Any) -> Any:
    """Return ``high - low``, for integers without a sign, so that it does not overflow."""
    dtype = np.result_type(low, high)
    if dtype.kind != "i":
        return np.subtract(high, low)
    ends = np.asarray(high, dtype), np.asarray(low, dtype)
    return np.subtract(*ends, casting="unsafe", dtype=np.dtype(f"u{dtype.itemsize}"))


@cache
def _relaxes() -> bool:
    """Tell whether this NumPy's rule "auto" keeps bins from becoming very narrow: found out by asking it."""
    probe = np.zeros(1_000)
    probe[::2], probe[-1] = 1e-5, 1.0
    return np.histogram_bin_edges(probe, "auto").size < 1_000


@cache
def _widens_integers() -> bool:
    """Tell whether this NumPy makes bins of integers at least 1 wide: found out by asking it."""
    return np.histogram_bin_edges(np.arange(2).repeat(1_000), "sturges").size == 2

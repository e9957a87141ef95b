"""convolve and correlate, by overlapping tiles."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.functions.common import compact, dense, wrap
from compactarray.geometry.tiles import pieces
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import built


@implements(np.correlate, route="native", inline=True)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """As numpy.correlate."""
    return _correlated(np.correlate, compact(a), compact(v), mode)


@implements(np.convolve, route="native", inline=True)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """As numpy.convolve."""
    return _correlated(np.convolve, compact(a), compact(v), mode)


def _correlated(function: Callable[..., Array], a: CompactArray, v: CompactArray, mode: Any) -> Any:
    """Return the tiles of what NumPy's function gives of the parts of both arrays that take part in them."""
    if not a.size or not v.size or a.ndim > 1 or v.ndim > 1:
        # NumPy's errors.
        return function(_model(a), _model(v), mode)
    model = function(np.zeros(1, a.dtype), np.zeros(1, v.dtype), mode)
    if model.dtype.kind not in "biufc" or mode not in ("valid", "same", "full"):
        return dense(function, a, v, mode)
    first, second = operand(a.reshape(-1)._view), operand(v.reshape(-1)._view)
    swapped = v.size > a.size
    if function is np.convolve and swapped:
        first, second, swapped = second, first, False
    start, length = _within(max(a.size, v.size), min(a.size, v.size), mode, swapped)
    sums = _Sums(function, first, second, model.dtype)

    def tiles() -> Iterator[Array]:
        for low, high in pieces(start, start + length, settings().tile_length):
            yield sums.between(low, high)

    return wrap(built(model.dtype, (length,), tiles()))


def _model(array: CompactArray) -> Array:
    """Return an array that NumPy refuses as it would refuse the array."""
    return np.zeros(tuple(min(1, length) for length in array.shape), array.dtype)


def _within(longer: int, shorter: int, mode: str, swapped: bool) -> tuple[int, int]:
    """Return where the result begins in that of all overlaps, and how long it is."""
    if mode == "full":
        return 0, longer + shorter - 1
    if mode == "valid":
        return shorter - 1, longer - shorter + 1
    # Of an even number of overlaps that are not whole, one more is on the left; turned around, on the right.
    return (shorter // 2 if swapped else shorter - 1 - shorter // 2), longer


class _Sums:
    """Sums of products of one operand with another that is shifted along it, for all overlaps.

    Parameters
    ----------
    function : callable
        ``np.correlate`` or ``np.convolve``.
    a, v : operands
        The arrays, of one axis.
    dtype : dtype
        That of the sums.
    """

    def __init__(self, function: Callable[..., Array], a: Any, v: Any, dtype: np.dtype[Any]) -> None:
        self._function = function
        self._a = a
        self._v = v
        self._dtype = dtype
        self._turned = function is np.correlate

    def between(self, low: int, high: int) -> Array:
        """Return the sums from `low` to `high`."""
        total = PairwiseTotal(np.add)
        for first, last in pieces(0, self._v.shape[0], settings().tile_length):
            # Those of a part of `v` are as many places from the begin as the part is from the end that comes first.
            away = self._v.shape[0] - last if self._turned else first
            found = self._of_part(first, last, low - away, high - away)
            if found is not None:
                total.add(found)
        return np.asarray(total.value())

    def _of_part(self, first: int, last: int, low: int, high: int) -> Array | None:
        """Return the sums for the elements of `v` from `first` to `last`; None where they overlap nowhere."""
        size, length = self._a.shape[0], last - first
        begin, end = max(0, low - length + 1), min(size, high)
        if begin >= end:
            return None
        part = np.asarray(tile_of(self._a, (slice(begin, end),)))
        every = self._function(part, np.asarray(tile_of(self._v, (slice(first, last),))), "full").astype(self._dtype, copy=False)
        found = np.zeros(high - low, self._dtype)
        start, stop = max(low, begin), min(high, end + length - 1)
        found[start - low : stop - low] = every[start - begin : stop - begin]
        return found

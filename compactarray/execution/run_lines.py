"""Reductions along axes of runs: each run is cut where lines end, and counts once for each part."""

from typing import Any

import numpy as np

from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.runs import Runs
from compactarray.kernels import fill_runs
from compactarray.numerics.rules import holds
from compactarray.numerics.words import word_dtype
from compactarray.storage.base import Array

_LOGIC = frozenset((np.logical_or, np.logical_and))
_EXTREMES = frozenset((np.maximum, np.minimum, np.fmax, np.fmin))
#: Rows at whose ends runs are cut.
_MOST_ROWS = 1 << 18
#: Bytes of codes that are reduced together.
_AT_ONCE = 1 << 19
_WORD = np.dtype(np.uint64)


def of_runs(ufunc: np.ufunc, lane: Runs, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return the reduction of `dtype` along the middle axis of a lane without exceptions, or None where runs do not suffice."""
    _, length, inner = lines
    if lane.length // (length if inner == 1 else inner) > _MOST_ROWS:
        return None
    if inner != 1:
        if lines[0] != 1:
            return None
        return _sums_across(lane, lines, dtype) if ufunc is np.add else _extremes_across(ufunc, lane, lines, dtype)
    places, ranks = _cut(lane, length)
    firsts = places.searchsorted(np.arange(lines[0]) * length)
    if ufunc is np.add:
        numbers = _numbers(lane, length, dtype)
        if numbers is None:
            return None
        lengths = np.diff(places, append=lane.length).astype(_WORD)
        return _finished(np.add.reduceat(numbers[ranks] * lengths, firsts), dtype)
    if ufunc not in _LOGIC and not (ufunc in _EXTREMES and dtype == lane.dtype):
        return None
    return np.asarray(ufunc.reduceat(lane.values.decoded(0, lane.values.length)[ranks], firsts))


def _cut(lane: Runs, length: int) -> tuple[Array, Array]:
    """Return where the parts of runs begin that lie in one line of so many elements, and of which run each is one."""
    heads = lane.edges()[:-1]
    # Timsort merges what comes sorted.
    places = np.sort(np.concatenate([heads, np.arange(0, lane.length, length)]), kind="stable")
    places = places[np.append(True, places[1:] != places[:-1])]
    return places, heads.searchsorted(places, side="right") - 1


def _numbers(lane: Runs, length: int, dtype: np.dtype[Any]) -> Array | None:
    """Return the values of runs modulo 2**64, if sums of so many of them are exact in `dtype`, or modulo its range; else None."""
    values = lane.values.decoded(0, lane.values.length)
    if dtype.kind == "f":
        if lane.dtype.kind == "f" and not isinstance(lane.values, Narrow):
            return None
        low, high = int(values.min()) * length, int(values.max()) * length
        if dtype.itemsize != 8 or not holds(dtype, min(low, 0), max(high, 0)):
            return None
    elif dtype.kind not in "iu" or lane.dtype.kind not in "biu":
        return None
    return values.astype(np.uint64 if lane.dtype.kind == "u" else np.int64).view(_WORD)


def _finished(sums: Array, dtype: np.dtype[Any]) -> Array:
    return sums.view(np.int64).astype(dtype) if dtype.kind == "f" else sums.astype(word_dtype(dtype)).view(dtype)


def _sums_across(lane: Runs, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return the sums of rows, one under the other: what each part of a run adds begins at one column and ends before another."""
    _, length, inner = lines
    numbers = _numbers(lane, length, dtype)
    if numbers is None:
        return None
    places, ranks = _cut(lane, inner)
    columns = places % inner
    steps = np.zeros(inner + 1, _WORD)
    np.add.at(steps, columns, numbers[ranks])
    np.subtract.at(steps, columns + np.diff(places, append=lane.length), numbers[ranks])
    return _finished(np.cumsum(steps[:-1], dtype=_WORD), dtype)


def _extremes_across(ufunc: np.ufunc, lane: Runs, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return the extremes, or the truth, of rows one under the other: codes are unfolded some rows at a time, always to one place."""
    _, length, inner = lines
    values = lane.values
    of_truth = ufunc in _LOGIC
    if of_truth:
        codes = values.decoded(0, values.length).astype(bool).view(np.uint8)
        ufunc = np.maximum if ufunc is np.logical_or else np.minimum
    elif ufunc in _EXTREMES and dtype == lane.dtype and isinstance(values, (Narrow, Dictionary)):
        if (values.decoded(0, values.length) != values.decoded(0, values.length)).any():
            return None
        codes = values.codes
    else:
        return None
    edges = lane.edges()
    rows = max(1, _AT_ONCE // (inner * codes.itemsize))
    room = np.empty(min(rows, length) * inner, codes.dtype)
    found = room
    for first in range(0, length, rows):
        start, stop = first * inner, min(first + rows, length) * inner
        low, high = int(edges.searchsorted(start, side="right")) - 1, int(edges.searchsorted(stop))
        part = room[: stop - start]
        fill_runs(codes[low:high], np.clip(edges[low : high + 1], start, stop) - start, part)
        extremes = ufunc.reduce(part.reshape(-1, inner), axis=0)
        found = ufunc(found, extremes) if first else extremes
    return found.view(bool) if of_truth else values.rebuilt((found,), inner, None).decoded(0, inner)

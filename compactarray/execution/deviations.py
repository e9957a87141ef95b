"""Squared deviations along axes, from sums of codes and of their squares: exact until they are divided."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.execution.even import evened
from compactarray.execution.lines import lines_of, only_lane, summed_codes, sums_of_bits
from compactarray.execution.run_lines import of_runs
from compactarray.geometry.tiles import pieces
from compactarray.kernels import multiply_u1, multiply_u2
from compactarray.storage.base import Array
from compactarray.storage.beside import bare
from compactarray.storage.view import View

#: Codes that are squared together.
_AT_ONCE = 1 << 19
#: For more results tiles bound the memory.
_MOST_RESULTS = 1 << 18
_WORD = np.dtype(np.int64)
#: At most one line in so many is computed from values.
_SELDOM = 32
#: No longer lines are: their values, places and deviations are held at once.
_LONGEST = 1 << 18
#: Of elements that lie farther from zero than so many standard deviations, rounded multiples do not tell deviations.
_FAR = 4
_KERNELS = {1: (multiply_u1, np.uint16), 2: (multiply_u2, np.uint32)}


def squared_deviations(view: View, axes: tuple[int, ...]) -> Array | None:
    """Return the sums of the squared deviations from the mean along axes, as float64; None where codes do not suffice.

    With n elements in a line and codes c of which each counts s, it is s*s * (n * sum(c*c) - sum(c)**2) / n: the number in
    brackets is an integer, and computed without rounding.
    """
    found = lines_of(view, axes)
    if found is None:
        return None
    kept, lines = found
    lane = only_lane(view) if lines[0] * lines[2] <= _MOST_RESULTS else None
    if lane is None or (lines[0] != 1 and lines[2] != 1):
        return None
    apart = _with_exceptions(lane, lines)
    if apart is None:
        return None
    whole, lane = lane, bare(lane)
    even = evened(lane)
    lane = lane if even is None else even.lane
    frame = lane.values if isinstance(lane, Runs) else lane
    if isinstance(frame, Narrow) and lane.dtype.kind in "iuf":
        most, stride = int(frame.codes.max()), frame.stride if even is None else even.step
    elif isinstance(lane, Bits) and lane.dtype.kind == "b":
        most, stride = 1, 1
    else:
        return None
    length = lines[1]
    if (most * length) ** 2 >= 1 << 63:
        return None
    sums = _sums(lane, lines)
    if sums is None:
        return None
    total, squares = sums
    numbers = (length * squares - total * total).astype(np.float64)
    found = numbers * float(stride) ** 2 / length
    if even is not None and (even.most**2 * length > _FAR**2 * found).any():
        # Elements are within some epsilons of the multiples, which is much of such small deviations.
        return None
    for line in apart.tolist():
        found[line] = _of_values(whole, line, lines)
    return found.reshape(kept)


def _with_exceptions(lane: Encoding, lines: tuple[int, int, int]) -> Array | None:
    """Return the lines that have exceptions, or None where these are no integers, or in too many lines."""
    if lane.exceptions is None:
        return np.empty(0, np.int64)
    outer, length, inner = lines
    if (
        not isinstance(lane, Narrow)
        or lane.dtype.kind not in "iu"
        or length > _LONGEST
        or lane.exceptions.count * _SELDOM > lane.length
    ):
        return None
    places = lane.exceptions.places(0, lane.length)[2]
    found = np.unique(places % inner if outer == 1 else places // length)
    return found if found.size * _SELDOM <= outer * inner else None


def _of_values(lane: Encoding, line: int, lines: tuple[int, int, int]) -> Any:
    """Return the sum of the squared deviations of one line, from its values."""
    outer, length, inner = lines
    values = np.empty(length, lane.dtype)
    start, step = (line, inner) if outer == 1 else (line * length, 1)
    lane.take(start + step * np.arange(length), values)
    deviations = values - np.mean(values)
    return np.add.reduce(deviations * deviations)


def _sums(lane: Encoding, lines: tuple[int, int, int]) -> tuple[Array, Array] | None:
    """Return the sums of the codes of lines, and those of their squares."""
    if isinstance(lane, Bits):
        found = sums_of_bits(lane, lines)
        return found, found
    if isinstance(lane, Runs):
        assert isinstance(lane.values, Narrow)
        codes = lane.values.codes.astype(_WORD)
        parts = [of_runs(np.add, lane.with_values(Raw(part)), lines, _WORD) for part in (codes, codes * codes)]
        return None if parts[0] is None or parts[1] is None else (parts[0], parts[1])
    assert isinstance(lane, Narrow)
    if lane.codes.dtype.itemsize not in _KERNELS:
        return None
    return summed_codes(lane.codes, lines).view(_WORD), _squares(lane.codes, lines).view(_WORD)


def _squares(codes: Array, lines: tuple[int, int, int]) -> Array:
    """Return the sums of the squares of codes along the middle axis, some rows at a time."""
    outer, length, inner = lines
    row = inner if outer == 1 else length
    kernel, wide = _KERNELS[codes.dtype.itemsize]
    step = max(1, _AT_ONCE // row)
    room = np.empty(min(step * row, codes.size), wide)
    found: list[Any] = []
    for start, stop in pieces(0, codes.size // row, step):
        part = codes[start * row : stop * row]
        squares = room[: part.size]
        kernel(part, part, 0, squares)
        found.append(summed_codes(squares, (1, stop - start, inner) if outer == 1 else (stop - start, length, 1)))
    return np.add.reduce(found) if outer == 1 else np.concatenate(found)

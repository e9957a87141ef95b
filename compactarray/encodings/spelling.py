"""Spellings: which letters strings have at each position, and what that makes of them: numbers of mixed radix.

A letter is a code point, zero included, which pads strings. Letters are in ascending order, and the first position counts for
most, so that numbers sort as strings do. Positions are divided into parts, whose numbers have at most 32 bits.
"""

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.encodings.stats import Statistics
from compactarray.encodings.text import best_cut, code_points
from compactarray.kernels import count_letters, spell_rows, unspell_rows
from compactarray.kernels.spelling import NO_LETTER, PAGE, SCRATCH

Array = np.ndarray[Any, Any]

#: Longer strings are not spelled.
_LONGEST = 128
#: Letters that fewer than one in so many strings have may be left to exceptions.
_RARE = 512
#: Bytes of the numbers of a part, and how many numbers they have.
_WIDTHS = ((1, 1 << 8), (2, 1 << 16), (4, 1 << 32))
_DIGITS = range(ord("0"), ord("9") + 1)
#: Strings that are spelled or read together.
_TOGETHER = 1 << 14


class Spelling:
    """The letters of each position, and where parts of the positions end.

    Parameters
    ----------
    letters : ndarray of unsigned integers
        Those of the first position in ascending order, those of the second, and so on.
    radices : ndarray of uint16
        How many letters each position has.
    ends : ndarray of uint8
        The position after the last one of each part.
    """

    __slots__ = ("letters", "radices", "ends")

    def __init__(self, letters: Array, radices: Array, ends: Array) -> None:
        self.letters, self.radices, self.ends = letters, radices, ends

    @property
    def key(self) -> tuple[bytes, bytes, bytes]:
        """What is equal for equal spellings."""
        return self.letters.astype(np.uint32).tobytes(), self.radices.tobytes(), self.ends.tobytes()

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays held."""
        return self.letters.nbytes + self.radices.nbytes + self.ends.nbytes

    @property
    def length(self) -> int:
        """The number of positions."""
        return self.radices.size

    @property
    def sizes(self) -> list[int]:
        """How many numbers each part has."""
        starts = [0, *self.ends.tolist()[:-1]]
        return [prod(self.radices[start:end].tolist()) for start, end in zip(starts, self.ends.tolist(), strict=True)]

    def numbers(self, values: Array) -> tuple[Array, Array]:
        """Return the numbers of contiguous strings, a row a part, and which strings have another letter: these have zeros."""
        tables = _tables(self.key)
        points = code_points(values)
        codes, wrong = np.empty((self.ends.size, values.size), np.uint32), np.zeros(values.size, np.uint8)
        for start in range(0, values.size, _TOGETHER):
            piece = points[start : start + _TOGETHER]
            found = np.empty(self.ends.size * len(piece), np.uint32)
            marks = wrong[start : start + _TOGETHER]
            spell_rows(piece.reshape(-1), points.shape[1], tables.pages, tables.ranks, tables.radices, tables.ends, found, marks)
            codes[:, start : start + _TOGETHER] = found.reshape(self.ends.size, -1)
        outside = wrong.view(bool)
        codes[:, outside] = 0
        return codes, outside

    def read(self, numbers: Array, out: Array) -> None:
        """Write the strings of numbers, a row a part, to rows of code points: `out` is of one byte a letter, or four."""
        tables = _tables(self.key)
        letters = tables.letters.astype(out.dtype)
        rest = np.empty(SCRATCH, np.uint64)
        codes = np.ascontiguousarray(numbers, np.uint32).reshape(-1)
        unspell_rows(letters, tables.radices, tables.factors, tables.shifts, tables.ends, codes, rest, out.shape[1], out.reshape(-1))

    def points(self, number: int, part: int) -> list[int]:
        """Return the code points that one number of a part stands for."""
        start = int(self.ends[part - 1]) if part else 0
        first, radices = int(self.radices[:start].sum()), self.radices[start : int(self.ends[part])].tolist()
        found = []
        at = first + sum(radices)
        for radix in reversed(radices):
            at -= radix
            number, rank = divmod(number, radix)
            found.append(self.letters.item(at + rank))
        return found[::-1]


class _Tables(NamedTuple):
    """What kernels need of a spelling, letters and ranks with 256 places a position."""

    pages: Array
    ranks: Array
    letters: Array
    radices: Array
    factors: Array
    shifts: Array
    ends: Array


@lru_cache(16)
def _tables(key: tuple[bytes, bytes, bytes]) -> _Tables:
    found = np.frombuffer(key[0], np.uint32)
    radices = np.frombuffer(key[1], np.uint16)
    ends = np.frombuffer(key[2], np.uint8).astype(np.int64)
    count = radices.size
    ranks = np.full((count, PAGE), NO_LETTER, np.uint16)
    letters = np.zeros((count, PAGE), np.uint32)
    factors, shifts = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    pages = page_of(found[np.cumsum(radices, dtype=np.intp) - 1])
    at, most = 0, 1
    for k, radix in enumerate(radices.tolist()):
        own = found[at : at + radix]
        at += radix
        ranks[k, np.where(own == 0, 0, own - pages[k])] = np.arange(radix)
        letters[k, :radix] = own
        most = radix if k in ends else most * radix
        factors[k], shifts[k] = reciprocal(radix, most - 1) or (0, 0)
    return _Tables(pages, ranks.reshape(-1), letters.reshape(-1), radices.astype(np.uint32), factors, shifts, ends)


def page_of(points: Array) -> Array:
    """Return what is subtracted from code points to number those near them from 1 on, as zero has the number 0."""
    found = points.astype(np.uint32) & np.uint32(0xFFFFFF00)
    found[found > 0] -= np.uint32(1)
    return found


def reciprocal(radix: int, most: int) -> tuple[int, int] | None:
    """Return a factor and a shift that divide all integers up to `most` by a radix, in 64 bits; None where there are none.

    Examples
    --------
    >>> from compactarray.encodings.spelling import reciprocal
    >>> factor, shift = reciprocal(10, 999)
    >>> all(k * factor >> shift == k // 10 for k in range(1000))
    True
    """
    # With factor = (2^shift + error) / radix the product is too great by number * error / (radix * 2^shift), which must stay below
    # 1 / radix, the least that a quotient is below the next integer.
    for shift in range(64):
        factor = -(-(1 << shift) // radix)
        if factor * most >> 64:
            return None
        if (factor * radix - (1 << shift)) * most < 1 << shift:
            return factor, shift
    return None


# --- choosing ---------------------------------------------------------------------------------------


class Spelled(NamedTuple):
    """The spelling that suits a block, and what it makes of it: bytes for a string, and strings outside, about."""

    spelling: Spelling
    bytes_each: int
    outside: int


def best_spelling(stats: Statistics, limit: float) -> Spelled | None:
    """Return the spelling that suits the strings of a block; None where their numbers would take more than `limit` bytes each."""
    length = best_cut(stats).length
    if not 1 < length <= _LONGEST:
        return None
    sample = code_points(np.ascontiguousarray(stats.sample))[:, :length]
    ordered = np.sort(sample, axis=0)
    few = 1 + np.count_nonzero(ordered[1:] != ordered[:-1], axis=0)
    # There are at least so many letters. Some of the sample may be exceptions.
    if stats.sample.size > stats.length // 2 and np.log2(few).sum() / 8 > limit:
        return None
    points = code_points(stats.values)
    pages = page_of(ordered[len(ordered) // 2])
    counts = np.zeros(length * (PAGE + 1), np.uint32)
    count_letters(points.reshape(-1), points.shape[1], pages, counts)
    table = counts.reshape(length, PAGE + 1)
    found = [_spelled(table, pages, least, stats, limit) for least in {1, max(1, stats.length // _RARE)}]
    exception = 2 + best_cut(stats).unit * length
    suited = [spelled for spelled in found if spelled is not None]
    return min(suited, key=lambda one: stats.length * one.bytes_each + one.outside * exception, default=None)


def _spelled(table: Array, pages: Array, least: int, stats: Statistics, limit: float) -> Spelled | None:
    """Return the spelling by letters that occur so many times at their position at least."""
    there = table[:, :PAGE] >= least
    outside = int((table.sum(axis=1) - (table[:, :PAGE] * there).sum(axis=1)).max())
    letters = [_filled(np.flatnonzero(row), page) for row, page in zip(there, pages.tolist(), strict=True)]
    if outside * 8 > stats.length or not all(part.size for part in letters):
        return None
    radices = [part.size for part in letters]
    parts = _parts(radices, limit)
    if parts is None:
        return None
    ends, width = parts
    together = np.concatenate(letters)
    narrow = np.uint8 if int(together.max()) < PAGE else np.uint32
    return Spelled(Spelling(together.astype(narrow), np.array(radices, np.uint16), np.array(ends, np.uint8)), width, outside)


def _filled(places: Array, page: int) -> Array:
    """Return the letters at some places of a page; digits with those between them, so that numbers that count up do so in codes."""
    letters = np.where(places == 0, 0, places + page)
    digits = letters[letters > 0]
    if digits.size > 1 and digits[0] in _DIGITS and digits[-1] in _DIGITS:
        return np.concatenate([letters[letters == 0], np.arange(digits[0], digits[-1] + 1)])
    return letters


def _parts(radices: list[int], limit: float) -> tuple[list[int], int] | None:
    """Return where parts of positions end that take the fewest bytes, and how many these are; None above a limit, or without parts."""
    places = [k for k, radix in enumerate(radices) if radix > 1]
    if not places or np.log2(radices).sum() / 8 > limit:
        return None
    # The least bytes for the first positions that have more than one letter, and where the last part of them begins.
    best: list[tuple[int, int]] = [(0, 0)]
    for stop in range(1, len(places) + 1):
        size, found = 1, None
        for start in range(stop - 1, -1, -1):
            size *= radices[places[start]]
            width = next((width for width, most in _WIDTHS if size <= most), None)
            if width is None or (width == 4 and not _divides(radices, places[start:stop])):
                break
            if found is None or best[start][0] + width <= found[0]:
                found = best[start][0] + width, start
        assert found is not None
        best.append(found)
    ends, stop = [], len(places)
    while stop:
        ends.append(places[stop] if stop < len(places) else len(radices))
        stop = best[stop][1]
    return (ends[::-1], best[-1][0]) if best[-1][0] <= limit else None


def _divides(radices: list[int], places: list[int]) -> bool:
    """Tell whether numbers of a part of 32 bits can be divided by all of its radices."""
    most = 1
    for place in places:
        most *= radices[place]
        if most > 1 << 31 and reciprocal(radices[place], most - 1) is None:
            return False
    return True

"""Radix: strings as numbers whose digits are the letters that occur at each position; for ids, times, paths, names.

Every operation has to spell them first, so they are for the level "small". What is the same in all strings takes nothing. Numbers
of a part of the positions are kept as integers of 1, 2 or 4 bytes; those that count up as a sequence.
"""

from collections.abc import Hashable, Sequence
from math import prod
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.folded import Folded
from compactarray.encodings.raw import Raw
from compactarray.encodings.sequence import ArithmeticSequence
from compactarray.encodings.spelling import Spelled, Spelling, best_spelling
from compactarray.encodings.stats import Statistics
from compactarray.encodings.text import Text, best_cut
from compactarray.numerics.integers import code_dtype

#: Forms with a code for each element are quicker to work on: they are preferred if they take only so much more.
_PREFERENCE = 1.15
#: Fewer strings do not tell which letters there are.
_LEAST = 16
#: Strings that are read together.
_TOGETHER = 1 << 14
#: Numbers of several parts together have at most so many bits.
_BITS = 63


class Radix(Folded):
    """The number of a string, in one encoding for some parts of its positions each."""

    __slots__ = ("spelling", "numbers", "shares")
    name = "radix"
    family = "radix"

    def __init__(
        self,
        dtype: np.dtype[np.generic],
        spelling: Spelling,
        numbers: tuple[Encoding, ...],
        shares: tuple[int, ...],
        exceptions: Exceptions | None = None,
    ) -> None:
        super().__init__(dtype, numbers[0].length, exceptions)
        self.spelling = spelling
        #: Unsigned integers, and of how many parts the numbers are.
        self.numbers, self.shares = numbers, shares

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        found = _spelled(stats, limit)
        if found is None:
            return None
        if _counts_up(stats, found.spelling):
            return float(found.spelling.nbytes + 16)
        cut = best_cut(stats)
        exceptions = found.outside * (2 + cut.unit * cut.length)
        return (stats.length * found.bytes_each + found.spelling.nbytes + exceptions) * _PREFERENCE

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        found = _spelled(stats, stats.dense)
        if found is None:
            return None
        spelling = found.spelling
        parts, outside = spelling.numbers(values)
        sequence = _sequence(parts, spelling) if _counts_up(stats, spelling) and not outside.any() else None
        if sequence is not None:
            return cls(values.dtype, spelling, (sequence,), (len(parts),))
        numbers = _narrowed(parts, spelling)
        places = np.flatnonzero(outside)
        exceptions = Exceptions.of_block(places, Raw(values[places]), block_length)
        return cls(values.dtype, spelling, numbers, (1,) * len(numbers), exceptions)

    # --- reading ------------------------------------------------------------------------------------

    def _parts(self, numbers: list[Array]) -> Array:
        """Return what is held of some strings as the numbers of all parts, a row a part."""
        found = np.empty((self.spelling.ends.size, numbers[0].size), np.uint32)
        sizes, at = self.spelling.sizes, 0
        for number, share in zip(numbers, self.shares, strict=True):
            for row in range(at + share - 1, at, -1):
                number, found[row] = np.divmod(number, number.dtype.type(sizes[row]))
            found[at] = number
            at += share
        return found

    def _read(self, start: int, stop: int, out: Array) -> None:
        for at in range(start, stop, _TOGETHER):
            end = min(stop, at + _TOGETHER)
            self.spelling.read(self._parts([number.decoded(at, end) for number in self.numbers]), out[at - start : end - start])

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        target = out if out.flags.c_contiguous else np.empty(stop - start, self.dtype)
        self._read(start, stop, _points(target))
        if target is not out:
            out[...] = target

    def take_codes(self, positions: Array, out: Array) -> None:
        numbers = [np.empty(positions.size, number.dtype) for number in self.numbers]
        for number, found in zip(self.numbers, numbers, strict=True):
            number.take(positions, found)
        target = np.empty(positions.size, self.dtype)
        self.spelling.read(self._parts(numbers), _points(target))
        out[...] = target

    def item_of_code(self, position: int) -> np.generic:
        points: list[int] = []
        sizes = self.spelling.sizes
        for number, share in zip(self.numbers, self.shares, strict=True):
            found, part = int(number.item(position)), self._part_of(len(points)) + share
            behind: list[int] = []
            for row in range(part - 1, part - share - 1, -1):
                found, rest = divmod(found, sizes[row])
                behind = self.spelling.points(rest, row) + behind
            points += behind
        out = np.zeros(1, self.dtype)
        _points(out)[0, : len(points)] = points
        item: np.generic = out[0]
        return item

    def _part_of(self, place: int) -> int:
        """Return the part that begins at a position."""
        return int(np.searchsorted(self.spelling.ends, place, side="right"))

    def unfolded(self, start: int, stop: int) -> Encoding:
        length = self.spelling.length
        kept = length == self.dtype.itemsize or self.spelling.letters.itemsize > 1
        if kept:
            values = np.empty(stop - start, self.dtype)
            self.decode_codes(start, stop, values)
            return Raw(values)
        codes = np.empty(stop - start, f"S{length}")
        self._read(start, stop, codes.view(np.uint8).reshape(-1, length))
        return Text(self.dtype, codes, 1)

    # --- other numbers ------------------------------------------------------------------------------

    def with_numbers(self, numbers: tuple[Encoding, ...]) -> "Radix":
        """Return the same strings with their numbers in other encodings."""
        return Radix(self.dtype, self.spelling, numbers, self.shares, self.exceptions)

    def joined(self) -> "Radix | None":
        """Return the same strings as numbers of as many parts as 63 bits hold; None where there are none but such."""
        sizes = self.spelling.sizes
        shares = _joined_shares(sizes)
        if self.shares != (1,) * len(sizes) or len(shares) == len(sizes):
            return None
        numbers: list[Encoding] = []
        at = 0
        for share in shares:
            numbers.append(Raw(_together([n.decoded(0, self.length) for n in self.numbers[at : at + share]], sizes[at : at + share])))
            at += share
        return Radix(self.dtype, self.spelling, tuple(numbers), shares, self.exceptions)

    # --- joining ------------------------------------------------------------------------------------

    def payload(self) -> tuple[Array, ...]:
        return tuple(part for number in self.numbers for part in number.payload())

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return tuple(part for number in self.numbers for part in number.slice_payload(start, stop))

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        numbers, at = [], 0
        for number in self.numbers:
            count = len(number.payload())
            numbers.append(number.rebuilt(payload[at : at + count], length, None))
            at += count
        return Radix(self.dtype, self.spelling, tuple(numbers), self.shares, exceptions)

    def slice(self, start: int, stop: int) -> Encoding:
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        numbers = tuple(number.slice(start, stop) for number in self.numbers)
        return Radix(self.dtype, self.spelling, numbers, self.shares, exceptions)

    def continued_by(self, other: Encoding, length: int) -> bool:
        return isinstance(other, Radix) and all(
            ours.continued_by(theirs, length) for ours, theirs in zip(self.numbers, other.numbers, strict=True)
        )

    def tables(self) -> tuple[Array, ...]:
        held = (self.spelling.letters, self.spelling.radices, self.spelling.ends)
        return held + tuple(table for number in self.numbers for table in number.tables())

    def buffers(self) -> tuple[Array, ...]:
        numbers = tuple(buffer for number in self.numbers for buffer in number.buffers())
        held = (self.spelling.letters, self.spelling.radices, self.spelling.ends, *numbers)
        return held if self.exceptions is None else held + self.exceptions.buffers()

    @property
    def code_meaning(self) -> Hashable:
        return self.spelling.key, self.shares, tuple(number.meaning for number in self.numbers)


def _points(values: Array) -> Array:
    """Return a view of contiguous strings as rows of code points; NumPy allows none of an array without elements."""
    unit = np.dtype(np.uint8 if values.dtype.kind == "S" else np.uint32)
    return values.view(unit).reshape(values.size, values.itemsize // unit.itemsize)


def _spelled(stats: Statistics, limit: float) -> Spelled | None:
    """Return the spelling of a block of strings, if it takes less than `limit` bytes."""
    if stats.dtype.kind not in "SU" or stats.length < _LEAST:
        return None
    if "spelling" not in stats.__dict__:
        stats.__dict__["spelling"] = best_spelling(stats, limit / _PREFERENCE / stats.length)
    found: Spelled | None = stats.__dict__["spelling"]
    return found


def _counts_up(stats: Statistics, spelling: Spelling) -> bool:
    """Tell of the first strings of a block and the last one whether their numbers are those of a sequence."""
    if prod(spelling.sizes) >> _BITS:
        return False
    places = [0, 1, 2, stats.length - 2, stats.length - 1]
    parts, outside = spelling.numbers(stats.values[places])
    if outside.any():
        return False
    found = [int(number) for number in _together(list(parts), spelling.sizes)]
    step = found[1] - found[0]
    return step != 0 and [found[0] + step * place for place in places] == found


def _narrowed(parts: Array, spelling: Spelling) -> tuple[Encoding, ...]:
    """Return the numbers of each part in as few bytes as they take."""
    return tuple(Raw(part.astype(code_dtype(size))) for part, size in zip(parts, spelling.sizes, strict=True))


def _together(parts: Sequence[Array], sizes: Sequence[int]) -> Array:
    """Return the numbers of several parts together."""
    found = parts[0].astype(np.uint64)
    for part, size in zip(parts[1:], sizes[1:], strict=True):
        found *= np.uint64(size)
        found += part
    return found


def _joined_shares(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return how many parts are kept together, as many as 63 bits hold, counted from the last one."""
    shares: list[int] = []
    together = 0
    for size in reversed(sizes):
        together *= size
        if not shares or together >> _BITS:
            shares, together = [1, *shares], size
        else:
            shares[0] += 1
    return tuple(shares)


def _sequence(parts: Array, spelling: Spelling) -> ArithmeticSequence | None:
    """Return the numbers of all parts as a sequence, if they are one."""
    found = _together(list(parts), spelling.sizes)
    return ArithmeticSequence.encode(found, Statistics(found), found.size)

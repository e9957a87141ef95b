"""Text: the code points of strings in as few bytes each as they take, cut to the longest string of a block.

Codes are byte strings (`S`) that NumPy sorts as it sorts the strings: one byte a code point, or 2 or 4 bytes with the
most significant one first. Zeros at the end are what NumPy pads strings with, in the codes as in the values.
"""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple, Self

import numpy as np

from compactarray.encodings.base import Array
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.kernels import measure_rows, narrow_rows, widen_rows

#: Bytes that tell where a string ends, and every eighth one begins.
_LENGTH = 1.5
#: Bytes of a code point, and the greatest one that each of them holds.
_UNITS = ((1, 0xFF), (2, 0xFFFF), (4, 0xFFFFFFFF))


class Cut(NamedTuple):
    """How strings are kept: bytes of a code point, code points of a string, and how many strings do not fit."""

    unit: int
    length: int
    outside: int


class _Measured(NamedTuple):
    """What the strings of a block take in the best way, and what they would take one by one."""

    cut: Cut
    bytes_each: float


class Text(Coded):
    """The strings are the codes, read as code points of `unit` bytes each."""

    __slots__ = ("unit",)
    name = "text"
    family = "text"

    def __init__(self, dtype: np.dtype[Any], codes: Array, unit: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(dtype, codes, exceptions)
        self.unit = unit

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        if stats.dtype.kind not in "SU":
            return None
        cut = best_cut(stats)
        size = stats.length * cut.unit * cut.length + cut.outside * (2 + stats.itemsize)
        return None if cut.unit * cut.length == stats.itemsize else float(size)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        if stats.dtype.kind not in "SU":
            return None
        cut = best_cut(stats)
        if cut.unit * cut.length == stats.itemsize:
            return None
        if not cut.outside:
            return cls(values.dtype, narrowed(values, cut.unit, cut.length), cut.unit)
        codes, fits = codes_of(values, cut.unit, cut.length)
        outside = np.flatnonzero(~fits)
        return cls(values.dtype, codes, cut.unit, Exceptions.of_block(outside, Raw(values[outside]), block_length))

    def copy_meaning(self, fresh: "Text") -> None:
        fresh.unit = self.unit

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        self._expand(self.codes[start:stop], out)

    def take_codes(self, positions: Array, out: Array) -> None:
        self._expand(self.codes[positions], out)

    def _expand(self, codes: Array, out: Array) -> None:
        if self.dtype.kind == "S":
            out[...] = codes
            return
        target = out if out.flags.c_contiguous else np.empty(codes.size, out.dtype)
        points = target.view(np.uint32)
        width, wide = codes.itemsize // self.unit, self.dtype.itemsize // 4
        codes = np.ascontiguousarray(codes)
        if self.unit == 1:
            widen_rows(codes.view(np.uint8), width, wide, points)
        elif codes.size:
            rows = points.reshape(-1, wide)
            rows[:, :width] = codes.view(f">u{self.unit}").reshape(-1, width)
            rows[:, width:] = 0
        if target is not out:
            out[...] = target

    def item_of_code(self, position: int) -> np.generic:
        out = np.empty(1, self.dtype)
        self._expand(self.codes[position : position + 1], out)
        item: np.generic = out[0]
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        return codes_of(np.ascontiguousarray(values), self.unit, self.codes.itemsize // self.unit)

    def greatest_below(self, value: Array) -> bytes:
        """Return the greatest code that means less than a string that no code expresses (in an array of shape (1,)).

        What begins as the string does means less: it is too short for it, or has a lesser code point where the
        string has the first one that is too wide.
        """
        points, limit = code_points(value)[0], _UNITS[self.unit // 2][1]
        length = self.codes.itemsize // self.unit
        codes = points[:length].astype(f">u{self.unit}")
        wide = np.flatnonzero(points[:length] > limit)
        if wide.size:
            codes = np.append(codes[: wide[0]], np.full(length - int(wide[0]), limit)).astype(codes.dtype)
        return codes.tobytes()

    @property
    def code_meaning(self) -> Hashable:
        return self.codes.dtype, self.unit


def code_points(values: Array) -> Array:
    """Return the code points of contiguous strings, one row a string."""
    unit = np.dtype(np.uint8 if values.dtype.kind == "S" else np.uint32)
    return values.view(unit).reshape(values.size, values.itemsize // unit.itemsize)


def codes_of(values: Array, unit: int, length: int) -> tuple[Array, Array]:
    """Return strings as codes of `length` code points of `unit` bytes, and which of them fit; the others have any codes."""
    lengths, greatest = measured(values)
    return narrowed(values, unit, length), np.asarray((lengths <= length) & (greatest <= _UNITS[unit // 2][1]))


def measured(values: Array) -> tuple[Array, Array]:
    """Return how many code points each string has, and its greatest one."""
    points = code_points(values)
    lengths, greatest = np.empty(values.size, np.int64), np.empty(values.size, points.dtype)
    if values.size:
        measure_rows(points.reshape(-1), points.shape[1], lengths, greatest)
    return lengths, greatest


def narrowed(values: Array, unit: int, length: int) -> Array:
    """Return strings as codes of `length` code points of `unit` bytes; those that do not fit have any codes."""
    if values.dtype.kind == "S":
        return values.astype(f"S{length}")
    if values.itemsize < 4 * length:
        values = values.astype(f"U{length}")
    points = code_points(values)
    codes = np.empty(values.size, f"S{unit * length}")
    if unit == 1:
        narrow_rows(points.reshape(-1), points.shape[1], codes.view(np.uint8), length)
    else:
        codes.view(f">u{unit}").reshape(-1, length)[...] = points[:, :length]
    return codes


def cut_around(tiles: Iterable[Array]) -> tuple[int, int]:
    """Return the bytes of a code point and the code points of a string that hold all strings."""
    length, greatest = 1, 0
    for tile in tiles:
        lengths, points = measured(tile)
        length, greatest = max(length, int(lengths.max())), max(greatest, int(points.max()))
    return next(unit for unit, limit in _UNITS if greatest <= limit), length


def best_cut(stats: Statistics) -> Cut:
    """Return how the strings of a block take the fewest bytes."""
    return _measured(stats).cut


def packed_bytes(stats: Statistics) -> float:
    """Return what a string of a block takes where nothing pads it, with its length, on average."""
    return _measured(stats).bytes_each


def _measured(stats: Statistics) -> _Measured:
    if "text" not in stats.__dict__:
        stats.__dict__["text"] = _measure(stats.values)
    found: _Measured = stats.__dict__["text"]
    return found


def _measure(values: Array) -> _Measured:
    lengths, maxima = measured(values)
    most = code_points(values).shape[1]
    greatest = int(maxima.max())
    wide = 1 if values.dtype.kind == "S" else next(unit for unit, limit in _UNITS if greatest <= limit)
    cuts = [_cut_for(wide, lengths, most, values.itemsize)]
    for unit, limit in _UNITS:
        if unit < wide:
            # What is too wide counts as too long.
            cuts.append(_cut_for(unit, np.where(maxima <= limit, lengths, most + 1), most, values.itemsize))
    best = min(cuts, key=lambda cut: values.size * cut.unit * cut.length + cut.outside * (2 + values.itemsize))
    return _Measured(best, wide * float(lengths.mean()) + _LENGTH)


def _cut_for(unit: int, lengths: Array, most: int, itemsize: int) -> Cut:
    """Return the length, up to `most`, at which strings of some lengths take the fewest bytes; longer ones are exceptions."""
    outside = lengths.size - np.cumsum(np.bincount(lengths, minlength=most + 1))[1 : most + 1]
    sizes = np.arange(1, most + 1) * (unit * lengths.size) + outside * (2 + itemsize)
    best = int(sizes.argmin())
    return Cut(unit, best + 1, int(outside[best]))

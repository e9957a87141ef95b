"""What execution sees of a stretch of blocks: a *lane*, an `Encoding` whose codes can be worked on, or a scalar."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.narrow import Narrow
from compactarray.geometry.tiles import pieces
from compactarray.kernels import widen_words
from compactarray.numerics import rules
from compactarray.storage.base import Array

#: A lane, or a Python scalar, or a NumPy scalar of the dtype of the operation.
Lane = Encoding | Any


class Work:
    """One operation: its size, what it computes once for all its stretches, and where their results go.

    Results of one dtype of codes lie behind each other in one buffer, so that none is copied when they are
    joined. What no result was written to is reserved, and not resident.

    Parameters
    ----------
    size : int
        The elements of the whole operation.
    """

    __slots__ = ("size", "memo", "start", "_buffers")

    def __init__(self, size: int) -> None:
        self.size = size
        self.memo: dict[Any, Any] = {}
        #: Where the stretch begins that is worked on.
        self.start = 0
        # By the dtype of the codes; that of bits by None.
        self._buffers: dict[np.dtype[Any] | None, Array] = {}

    def at(self, start: int) -> "Work":
        """Return the same operation at another stretch."""
        other = object.__new__(Work)
        other.size, other.memo, other.start, other._buffers = self.size, self.memo, start, self._buffers
        return other

    def room(self, length: int, dtype: np.dtype[Any]) -> Array:
        """Return an array for the codes of the stretch's result."""
        if length == self.size:
            return np.empty(length, dtype)
        buffer = self._buffers.get(dtype)
        if buffer is None:
            buffer = self._buffers.setdefault(dtype, np.empty(self.size, dtype))
        return buffer[self.start : self.start + length]

    def bits(self, length: int) -> Array:
        """Return an array for the packed bits of the stretch's result."""
        if length == self.size:
            return np.empty(-(-length // 8), np.uint8)
        buffer = self._buffers.get(None)
        if buffer is None:
            buffer = self._buffers.setdefault(None, np.empty(-(-self.size // 8), np.uint8))
        return buffer[self.start // 8 : self.start // 8 - (-length // 8)]


FALSE_TRUE = np.array([False, True])


class Integers(NamedTuple):
    """A lane whose elements are all integers ``reference + stride * code``; a scalar has no codes."""

    codes: Array | None
    reference: int
    stride: int
    most: int

    @property
    def interval(self) -> tuple[int, int]:
        """The least and the greatest value that the codes can mean."""
        return self.reference, self.reference + self.stride * self.most

    @property
    def widest(self) -> "Integers":
        """The same for every code that the dtype of the codes has: a bound that neighbouring lanes share."""
        return self if self.codes is None else self._replace(most=(1 << 8 * self.codes.dtype.itemsize) - 1)

    def values(self, start: int, stop: int, dtype: np.dtype[Any]) -> Any:
        """Return elements ``start:stop`` in an integer dtype that holds them."""
        if self.codes is None:
            return self.reference
        codes = self.codes[start:stop]
        if self.stride == 1 and not self.reference:
            return codes.view(dtype) if dtype.itemsize == codes.itemsize else codes.astype(dtype)
        # Modulo 2**w in between, exact in the end: the dtype holds the value.
        unsigned = np.dtype(f"u{dtype.itemsize}")
        modulus = 1 << 8 * dtype.itemsize
        if dtype.itemsize == 8 and codes.flags.c_contiguous:
            found = np.empty(codes.size, unsigned)
            widen_words(codes, unsigned.type(self.stride % modulus), unsigned.type(self.reference % modulus), found)
            return found.view(dtype)
        if self.stride == 1 and codes.dtype == unsigned:
            return (codes + unsigned.type(self.reference % modulus)).view(dtype)
        found = codes.astype(unsigned)
        if self.stride != 1:
            found *= unsigned.type(self.stride % modulus)
        if self.reference:
            found += unsigned.type(self.reference % modulus)
        return found.view(dtype)


def integers(lane: Lane, dtype: np.dtype[Any]) -> Integers | None:
    """Return a lane as integers that an operation in `dtype` reads without rounding, or None.

    Moments and spans of time count as integers where `dtype` is one of theirs, of the same unit.
    """
    if isinstance(lane, Encoding) and lane.exceptions is not None:
        return None
    if isinstance(lane, Narrow):
        found = Integers(lane.codes, lane.reference, lane.stride, int(lane.codes.max()))
    elif isinstance(lane, Bits) and lane.dtype.kind == "b":
        found = Integers(marks_of(lane), 0, 1, 1)
    else:
        value = integer(lane, dtype)
        return None if value is None else Integers(None, value, 1, 0)
    if "m" in (kinds := lane.dtype.kind.lower() + dtype.kind.lower()):
        return found if kinds == "mm" and np.datetime_data(lane.dtype) == np.datetime_data(dtype) else None
    return found if dtype.kind != "f" or rules.holds(dtype, *found.interval) else None


def integer(lane: Lane, dtype: np.dtype[Any]) -> int | None:
    """Return the integer that a scalar (or a constant lane) is in an operation in `dtype`, or None."""
    if type(lane) is Constant:
        lane = lane.value[0] if lane.dtype == dtype or (lane.dtype.kind in "iu" and dtype.kind in "iuf") else None
    if isinstance(lane, np.timedelta64):
        return count_of(lane, np.dtype(f"m8[{_unit(dtype)}]"))
    if dtype.kind in "mM":
        # Added to moments, a number counts their unit.
        return int(lane) if type(lane) is int or isinstance(lane, np.integer) else None
    if isinstance(lane, (np.floating, float)):
        # -0.0 is no integer here: adding it is not adding 0 everywhere.
        if dtype.kind != "f" or not float(lane).is_integer() or (lane == 0 and np.signbit(lane)):
            return None
        found = int(lane)
    elif type(lane) is int or isinstance(lane, np.integer):
        found = int(lane)
    else:
        return None
    return found if rules.holds(dtype, found, found) else None


def count_of(scalar: Any, dtype: np.dtype[Any]) -> int | None:
    """Return how many units of a dtype of moments or spans a scalar of such a kind is; None for NaT, and for what is no integer."""
    if not isinstance(scalar, (np.datetime64, np.timedelta64)) or scalar.dtype.kind != dtype.kind or np.isnat(scalar):
        return None
    if scalar.dtype != dtype:
        if "generic" in (_unit(scalar.dtype), _unit(dtype)) or np.promote_types(scalar.dtype, dtype) != dtype:
            return None
        # Beyond the range of the finer unit it is another moment.
        found = scalar.astype(dtype)
        if found.astype(scalar.dtype) != scalar:
            return None
        scalar = found
    return int(scalar.view(np.int64))


def _unit(dtype: np.dtype[Any]) -> str:
    if dtype.kind not in "mM":
        return "generic"
    unit, count = np.datetime_data(dtype)
    return f"{count}{unit}"


def tiles(length: int, itemsize: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of tiles of elements of `itemsize` bytes: the narrower, the more of them find room in the cache.

    They begin at multiples of 8, where a byte of bits does.
    """
    return pieces(0, length, -(-settings().tile_length // 8) * 8 * max(1, 4 // itemsize))


def bits(marks: Array) -> Bits:
    """Return bools as bits."""
    return Bits(np.packbits(marks, bitorder="little"), FALSE_TRUE, marks.size)


def constant_bool(value: bool, length: int) -> Constant:
    """Return a lane of one bool."""
    return Constant(FALSE_TRUE[int(value) : int(value) + 1].copy(), length)


def marks_of(lane: Encoding) -> Array:
    """Return the bools of a lane as bytes 0 and 1."""
    out = np.empty(lane.length, bool)
    lane.decode(0, lane.length, out)
    return out.view(np.uint8)

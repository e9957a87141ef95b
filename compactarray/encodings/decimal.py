"""Decimal: floats that were written with a few digits. value = (reference + stride * code) / 10**exponent.

Proved on every value, to the last bit: the quotient of two exact numbers is the float nearest to the decimal,
which a product with 0.01 is not. Values that are no such decimals are exceptions.

Source: Afroozeh, Kuffo, Boncz: ALP, Adaptive lossless floating-point compression (2023).
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Frame, Framed, best_frame, encoded_in, exception_bytes, frame_reach
from compactarray.encodings.stats import Statistics
from compactarray.kernels import decimals_u1, decimals_u2, decimals_u4, divide_codes, scan_decimals
from compactarray.numerics.integers import INTEGER_LIMIT
from compactarray.numerics.words import words

#: The greatest power of ten that the dtype holds exactly.
_MOST_DIGITS = {4: 10, 8: 22}
#: Integers up to this magnitude have different quotients, whatever they are divided by.
LIMIT = {4: 1 << 22, 8: 1 << 51}
#: Loops for codes of so many bytes.
_DECIMALS = {1: decimals_u1, 2: decimals_u2, 4: decimals_u4}
#: How many values propose the exponent.
_SAMPLE = 64
#: More powers of ten are tried only where none of the first ones serves for all.
_USUAL = 5
#: Tables are as long as a multiple of so many entries.
_ENTRIES = 4_096


class Decimal(Framed):
    """Codes in a frame of reference whose integers are the values times a power of ten."""

    __slots__ = ("exponent",)
    name = "decimal"
    family = "decimal"

    def __init__(self, dtype: np.dtype[Any], codes: Array, frame: Frame, exponent: int, exceptions: Exceptions | None) -> None:
        super().__init__(dtype, codes, frame, exceptions)
        self.exponent = exponent

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        found = _scaled(stats, limit)
        frame = None if found is None else best_frame(found[1])
        if found is None or frame is None:
            return None
        return stats.length * frame.codes.itemsize + frame.outside * exception_bytes(found[1], frame)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        found = _scaled(stats, float(stats.dense))
        frame = None if found is None else best_frame(found[1])
        if found is None or frame is None:
            return None
        codes, exceptions = encoded_in(frame, found[1], block_length)
        return cls(values.dtype, codes, frame, found[0], exceptions)

    def copy_meaning(self, fresh: Any) -> None:
        super().copy_meaning(fresh)
        fresh.exponent = self.exponent

    def image(self, values: Array) -> Array:
        return decimal_image(values, self.exponent)[0]

    def coded(self, values: Array, frame: Frame, codes: Array) -> tuple[int, int] | None:
        if self.dtype != np.float64 or frame.stride != 1:
            return None
        reach = min(frame_reach(frame.reference, 1, frame.codes, self.dtype), LIMIT[8] - frame.reference)
        power, reference = 10.0**self.exponent, float(frame.reference)
        exact = _DECIMALS[codes.itemsize](values, values.view(np.int64), power, reference, float(reach), codes)
        return (int(codes.min()), int(codes.max())) if exact == values.size else None

    def expand(self, codes: Array, out: Array) -> None:
        if self.dtype == np.float64 and out.flags.c_contiguous:
            divide_codes(codes, float(self.stride), float(self.reference), 10.0**self.exponent, out)
            return
        # Every product and sum is an integer that the dtype counts exactly, so that only the quotient is rounded.
        np.copyto(out, codes, casting="unsafe")
        if self.stride != 1:
            out *= self.dtype.type(self.stride)
        if self.reference:
            out += self.dtype.type(self.reference)
        out /= self.dtype.type(10.0**self.exponent)

    def fresh(self, start: int, stop: int) -> Array:
        if self.exceptions is not None or self.stride != 1:
            return super().fresh(start, stop)
        out = self.codes[start:stop].astype(self.dtype)
        if self.reference:
            out += self.reference
        out /= 10.0**self.exponent
        return out

    def item_of_code(self, position: int) -> np.generic:
        value = self.dtype.type(self.reference + self.stride * self.codes.item(position))
        item: np.generic = value / self.dtype.type(10.0**self.exponent)
        return item

    def put_item(self, position: int, value: np.generic) -> bool:
        if self.dtype != np.float64:
            return super().put_item(position, value)
        if self.exceptions is not None and self.exceptions.lookup(position) is not None:
            return False
        number, power = float(value), 10.0**self.exponent  # type: ignore[arg-type]
        scaled = number * power
        if not abs(scaled) <= LIMIT[8]:
            return False
        integer = round(scaled)
        code, rest = divmod(integer - self.reference, self.stride)
        if rest or not 0 <= code < 1 << 8 * self.codes.itemsize or code * self.stride > INTEGER_LIMIT[8]:
            return False
        if integer / power != number or (not integer and np.signbit(value)):
            return False
        self.codes[position] = code
        return True

    def lane(self, start: int, stop: int) -> Encoding:
        if self.codes.itemsize > 2:
            return self.slice(start, stop)
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        return Dictionary(self.codes[start:stop], self.table(int(self.codes[start:stop].max(initial=0)) + 1), exceptions)

    def table(self, count: int) -> Array:
        """Return the values of the codes from 0 on, `count` of them at least, in ascending order; not to be written to."""
        capacity = 1 << 8 * self.codes.itemsize
        count = min(-(-count // _ENTRIES) * _ENTRIES, capacity, (LIMIT[self.dtype.itemsize] - self.reference) // self.stride + 1)
        return _table(self.dtype, self.frame, self.exponent, count)

    @property
    def unit(self) -> Hashable:
        return self.exponent

    @property
    def code_meaning(self) -> Hashable:
        return *self.frame, self.exponent


@lru_cache(8)
def _table(dtype: np.dtype[Any], frame: Frame, exponent: int, count: int) -> Array:
    codes = np.arange(count).astype(frame.codes)
    found = Decimal(dtype, codes, frame, exponent, None).decoded(0, count)
    found.flags.writeable = False
    return found


def decimal_image(values: Array, exponent: int) -> tuple[Array, int, int, int]:
    """Return integers that are floats times a power of ten, `NOT_INTEGER` where none is; how many there are, and their bounds."""
    values = np.ascontiguousarray(values)
    image = np.empty(values.size, np.int64)
    bits = words(values).view(f"i{values.itemsize}")
    found = scan_decimals(values, bits, 10.0**exponent, float(LIMIT[values.itemsize]), image)
    integers, low, high = found
    return image, int(integers), int(low), int(high)


def exponent_of(sample: Array) -> int | None:
    """Return the number of digits after the point with which some floats take the fewest bytes, or None where they are no decimals."""
    if sample.dtype.kind != "f" or sample.dtype.itemsize not in LIMIT:
        return None
    finite = sample[np.isfinite(sample) & (sample != 0)]
    size, itemsize = finite.size, sample.itemsize
    if 2 * size < sample.size:
        return None
    powers = _powers(sample.dtype)
    with np.errstate(all="ignore"):
        rounded, exact = _rounded(finite, powers[:_USUAL])
        whole = np.flatnonzero(exact.all(axis=1))
        if whole.size:
            # With more digits all integers are ten times as large: they need no fewer bytes.
            rounded, exact = rounded[: whole[0] + 1], exact[: whole[0] + 1]
        else:
            rounded, exact = _rounded(finite, powers)
        # Where even codes of one byte would not pay for what is not exact, nothing more has to be known.
        rows = np.flatnonzero(size + (size - exact.sum(axis=1)) * (2 + itemsize) < size * itemsize)
        if not rows.size:
            return None
        rounded, exact = rounded[rows], exact[rows]
        # What lies far from the middle would be outside of a frame of narrow codes.
        ordered = np.sort(rounded, axis=1)
        middle = np.abs(rounded - (ordered[:, (size - 1) // 2] + ordered[:, size // 2])[:, None] / 2)
    widths = np.array([width for width in (1, 2, 4) if width < itemsize])[:, None]
    inside = (exact & (middle < 2.0 ** (8 * widths[:, :, None] - 1))).sum(axis=2)
    taken = size * widths + (size - inside) * (2 + itemsize)
    best = int(taken.min(axis=0).argmin())
    return int(rows[best]) if taken[:, best].min() < size * itemsize else None


def _rounded(finite: Array, powers: Array) -> tuple[Array, Array]:
    """Return the integers next to some floats times each of some powers, and which of them stand for the float exactly."""
    rounded = np.rint(finite * powers)
    return rounded, (rounded / powers == finite) & (np.abs(rounded) <= finite.dtype.type(LIMIT[finite.itemsize]))


@lru_cache(2)
def _powers(dtype: np.dtype[Any]) -> Array:
    """Return the powers of ten that a dtype holds exactly, as a column."""
    return (10.0 ** np.arange(_MOST_DIGITS[dtype.itemsize] + 1)).astype(dtype)[:, None]


def _scaled(stats: Statistics, limit: float) -> tuple[int, Statistics] | None:
    """Return the exponent of a block and what is known of the integers behind it; None where there are none below the limit."""
    if limit < stats.length or stats.dtype.kind != "f":
        return None
    if stats.integers == stats.length:
        # Without any digits they are narrow integers.
        return None
    if "decimal" not in stats.__dict__:
        stats.__dict__["decimal"] = _found(stats)
    found: tuple[int, Statistics] | None = stats.__dict__["decimal"]
    return found


def _found(stats: Statistics) -> tuple[int, Statistics] | None:
    exponent = exponent_of(stats.sample[:: max(1, stats.sample.size // _SAMPLE)])
    if not exponent:
        return None
    image, integers, low, high = decimal_image(stats.values, exponent)
    scaled = Statistics(stats.values)
    scaled.__dict__.update(image=image, integers=integers, bounds=(low, high))
    return exponent, scaled

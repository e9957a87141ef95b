"""Frames of reference: integers as ``reference + stride * code``, codes of 1, 2 or 4 bytes, and the choice of a frame.

Values outside the frame are exceptions. The reference is moved to a round number where that costs nothing, so
that neighbouring blocks share their meaning.

Source: Zukowski et al., Super-scalar RAM-CPU cache compression (2006), for the exceptions.
"""

from abc import abstractmethod
from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.likeness import spread
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.numerics.integers import NOT_INTEGER, code_dtype, value_range
from compactarray.numerics.words import words


class Frame(NamedTuple):
    """A frame of reference: the dtype of the codes, and what a code means."""

    codes: np.dtype[Any]
    reference: int
    stride: int
    outside: int


class Framed(Coded):
    """Codes in a frame of reference; a subclass says what its integers stand for."""

    __slots__ = ("reference", "stride")

    def __init__(self, dtype: np.dtype[Any], codes: Array, frame: Frame, exceptions: Exceptions | None) -> None:
        super().__init__(dtype, codes, exceptions)
        self.reference = frame.reference
        self.stride = frame.stride

    @abstractmethod
    def image(self, values: Array) -> Array:
        """Return the integers that stand for values; `NOT_INTEGER` for floats and moments that none stands for."""

    @abstractmethod
    def expand(self, codes: Array, out: Array) -> None:
        """Write the values of `codes` to `out`."""

    @abstractmethod
    def coded(self, values: Array, frame: Frame, codes: Array) -> tuple[int, int] | None:
        """Write the codes of values in a frame to `codes`, and return the least and the greatest; None where it does not take all."""

    def moved(self, values: Array) -> Frame | None:
        """Return a frame of the same width that takes values which this one does not, or None."""
        return None

    def again(self, values: Array, block_length: int) -> Encoding | None:
        if self.exceptions is not None:
            return None
        codes, frame = np.empty(values.size, self.codes.dtype), self.frame
        found = self.coded(values, frame, codes)
        if found is None:
            moved = self.moved(values)
            found = None if moved is None else self.coded(values, moved, codes)
            if found is None or moved is None:
                return None
            frame = moved
        if code_dtype(found[1] - found[0] + 1) != codes.dtype:
            return None
        # Of a coarser stride, or a narrower frame with exceptions, a sample tells, as it does in a choice.
        divisor, width, few = spread(codes)
        if divisor != 1 or (codes.itemsize > 1 and (few or width < 1 << 4 * codes.itemsize)):
            return None
        return self.framed(codes, frame, None)

    @property
    def unit(self) -> Hashable:
        """What the integers stand for: frames of one unit can be joined."""
        return None

    @property
    def frame(self) -> Frame:
        """What the codes mean."""
        return Frame(self.codes.dtype, self.reference, self.stride, 0)

    def framed(self, codes: Array, frame: Frame, exceptions: Exceptions | None) -> "Framed":
        """Return codes in another frame, of integers that stand for the same."""
        fresh = self.rebuilt((codes,), codes.size, exceptions)
        assert isinstance(fresh, Framed)
        fresh.reference, fresh.stride = frame.reference, frame.stride
        return fresh

    def copy_meaning(self, fresh: Any) -> None:
        fresh.reference, fresh.stride = self.reference, self.stride

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        self.expand(self.codes[start:stop], out)

    def take_codes(self, positions: Array, out: Array) -> None:
        self.expand(self.codes[positions], out)

    def translate(self, values: Array) -> tuple[Array, Array]:
        return frame_codes(self.image(values), self.frame, self.dtype)

    @property
    def code_meaning(self) -> Hashable:
        return self.codes.dtype, self.reference, self.stride


def encoded_in(frame: Frame, stats: Statistics, block_length: int) -> tuple[Array, Exceptions | None]:
    """Return the codes of a block whose integer image `stats` knows, and what lies outside of the frame."""
    if not frame.outside:
        return _codes_inside(frame, stats), None
    codes, fits = frame_codes(stats.image, frame, stats.dtype)
    outside = np.flatnonzero(~fits)
    exceptions = Exceptions.of_block(outside, Raw(stats.values[outside]), block_length)
    codes[outside] = 0
    return codes, exceptions


def _codes_inside(frame: Frame, stats: Statistics) -> Array:
    """Return the codes of a block of which nothing lies outside of the frame: what is cut off are zeros."""
    dtype, reference, stride, _ = frame
    if stride == 1:
        codes: Array = stats.image.astype(dtype)
    else:
        base, quotient = _quotient(stats, stride)
        codes = quotient.astype(dtype)
        reference = (reference - base) // stride
    if reference:
        codes -= dtype.type(reference % (1 << 8 * dtype.itemsize))
    return codes


def _quotient(stats: Statistics, stride: int) -> tuple[int, Array]:
    """Return the least integer of a block and how many strides each lies above it."""
    found: tuple[int, int, Array] | None = stats.__dict__.get("quotient")
    if found is None or found[1] != stride:
        low = stats.bounds[0]
        difference = words(stats.image) - words(stats.image).dtype.type(low % (1 << 8 * stats.image.itemsize))
        found = stats.__dict__["quotient"] = (low, stride, difference // difference.dtype.type(stride))
    return found[0], found[2]


def frame_codes(image: Array, frame: Frame, logical: np.dtype[Any]) -> tuple[Array, Array]:
    """Return the codes of an integer image in a frame, and which of them hold.

    The difference is taken modulo 2^w, where values below the reference wrap to far above it. A code holds
    where the difference is within the reach of the frame, which no wrapped value is.
    """
    dtype, reference, stride, _ = frame
    unsigned = words(image)
    if reference < value_range(logical)[0]:
        # The frame of a result, in which the first codes do not occur: differences need not fit the word.
        return np.zeros(image.size, dtype), np.zeros(image.size, bool)
    reach = frame_reach(reference, stride, dtype, logical)
    difference = unsigned - unsigned.dtype.type(reference % (1 << 8 * unsigned.dtype.itemsize))
    fits = difference <= unsigned.dtype.type(reach)
    if stride != 1:
        quotient = difference // unsigned.dtype.type(stride)
        fits &= quotient * unsigned.dtype.type(stride) == difference
        difference = quotient
    return difference.astype(dtype), fits


def frame_reach(reference: int, stride: int, dtype: np.dtype[Any], logical: np.dtype[Any]) -> int:
    """Return the greatest difference to the reference that is used.

    Not beyond the dtype's own range, where integers wrap around; for floats not beyond what they count
    exactly, so that stride * code is exact before the reference is added.
    """
    reach = min(stride * ((1 << 8 * dtype.itemsize) - 1), value_range(logical)[1] - reference)
    return min(reach, value_range(logical)[1]) if logical.kind == "f" else reach


def exception_bytes(stats: Statistics, frame: Frame) -> float:
    """Return what one exception is expected to take: nothing for its value where all are the same."""
    outsiders = stats.outsiders
    if outsiders.size and outsiders.size == frame.outside:
        found = stats.words[outsiders]
        if (found == found[0]).all():
            return 2.0
    return 2.0 + stats.itemsize


def best_frame(stats: Statistics) -> Frame | None:
    """Return the frame in which the block takes the fewest bytes, or None where none saves anything."""
    if "frame" not in stats.__dict__:
        stats.__dict__["frame"] = _best_frame(stats)
    found: Frame | None = stats.__dict__["frame"]
    return found


def _best_frame(stats: Statistics) -> Frame | None:
    if stats.integers < stats.length * 0.5:
        return None
    low, high = stats.bounds
    whole = _aligned_frame(low, high, stats, stats.length - stats.integers)
    if whole is not None and whole.codes.itemsize == 1:
        return whole
    candidates = [whole, _strided_frame(low, high, stats)]
    for width in (1, 2, 4):
        if width < min(stats.itemsize, 8 if whole is None else whole.codes.itemsize):
            candidates.append(_windowed_frame(low, 1 << 8 * width, stats))
    found = [c for c in candidates if c is not None and c.codes.itemsize < stats.itemsize]
    if not found:
        return None
    return min(found, key=lambda frame: stats.length * frame.codes.itemsize + frame.outside * (2 + stats.itemsize))


def _aligned_frame(low: int, high: int, stats: Statistics, outside: int) -> Frame | None:
    """Return the narrowest frame around ``low..high``, its reference as round as its codes allow."""
    codes = code_dtype(high - low + 1)
    if codes is None or codes.itemsize >= stats.itemsize:
        return None
    return Frame(codes, round_reference(low, high, 1 << 8 * codes.itemsize, stats.dtype), 1, outside)


def round_reference(low: int, high: int, capacity: int, dtype: np.dtype[Any]) -> int:
    """Return a reference for ``low..high``: 0, or minus half the capacity, or a multiple of a quarter, or `low`."""
    quarter = capacity // 4
    for reference in (0, -capacity // 2, low // quarter * quarter):
        if reference <= low and high < reference + capacity and value_range(dtype)[0] <= reference:
            return reference
    return low


def _strided_frame(low: int, high: int, stats: Statistics) -> Frame | None:
    """Return a frame with the greatest common divisor of all differences as its stride."""
    inside = stats.image if stats.integers == stats.length else stats.image[stats.image != NOT_INTEGER]
    base = words(inside).dtype.type(low % (1 << 8 * inside.itemsize))
    sample = words(inside[:: max(1, inside.size // 256)]) - base
    stride = int(np.gcd.reduce(sample))
    if stride <= 1:
        return None
    difference = words(inside) - base
    while stride > 1:
        # NumPy divides by a scalar with SIMD, but has no such remainder.
        quotient = difference // sample.dtype.type(stride)
        rest = quotient * sample.dtype.type(stride)
        np.subtract(difference, rest, out=rest)
        if not rest.any():
            if inside is stats.image:
                stats.__dict__["quotient"] = (low, stride, quotient)
            break
        stride = int(np.gcd(np.gcd.reduce(rest[rest != 0][:256]), sample.dtype.type(stride)))
    if stride <= 1:
        return None
    codes = code_dtype((high - low) // stride + 1)
    if codes is None:
        return None
    reference = low % stride
    if not (low >= 0 and (high - reference) // stride < 1 << 8 * codes.itemsize):
        reference = low
    if high - reference > frame_reach(reference, stride, codes, stats.dtype):
        return None
    return Frame(codes, reference, stride, stats.length - stats.integers)


def _sampled_offsets(low: int, stats: Statistics) -> Array:
    """Return what some integers of a block lie above the least one, in ascending order."""
    found: Array | None = stats.__dict__.get("offsets")
    if found is None:
        inside = stats.image[:: max(1, stats.image.size // 256)]
        inside = inside[inside != NOT_INTEGER] if stats.dtype.kind in "fmM" else inside
        found = stats.__dict__["offsets"] = np.sort(words(inside) - words(inside).dtype.type(low % (1 << 8 * inside.itemsize)))
    return found


def _windowed_frame(low: int, capacity: int, stats: Statistics) -> Frame | None:
    """Return a frame of `capacity` values where most of the sample lies, the rest outside of it."""
    offsets = _sampled_offsets(low, stats)
    if not offsets.size:
        return None
    modulus = 1 << 8 * offsets.itemsize
    ends = np.minimum(offsets, offsets.dtype.type(modulus - capacity)) + offsets.dtype.type(capacity - 1)
    within = offsets.searchsorted(ends, side="right") - np.arange(offsets.size)
    first = int(within.argmax())
    if within[first] < 0.7 * offsets.size:
        return None
    least = int(offsets[first]) + low
    most = int(offsets[first + int(within[first]) - 1]) + low
    reference = _centred_reference(least, most, capacity, stats.dtype)
    codes = code_dtype(capacity)
    assert codes is not None
    _, fits = frame_codes(stats.image, Frame(codes, reference, 1, 0), stats.dtype)
    return Frame(codes, reference, 1, stats.length - int(np.count_nonzero(fits)))


def _centred_reference(least: int, most: int, capacity: int, dtype: np.dtype[Any]) -> int:
    """Return a reference that leaves room on both sides of what the sample shows."""
    for reference in (0, -capacity // 2):
        if reference <= least and most < reference + capacity and value_range(dtype)[0] <= reference:
            return reference
    slack = capacity - 1 - (most - least)
    quarter = max(1, capacity // 16)
    centred = (least - slack // 2) // quarter * quarter
    if centred + capacity <= most:
        centred = least - slack // 2
    return max(centred, value_range(dtype)[0])

"""Sequence: integers at a constant distance, as index arrays have them. value = first + step * position."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.folded import Folded
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.numerics import rules
from compactarray.numerics.integers import INTEGER_LIMIT, code_dtype, value_range
from compactarray.numerics.words import words

#: Elements that are written together.
_PIECE = 1 << 13
#: Fewer elements are no sequence yet.
_LEAST = 4


class ArithmeticSequence(Folded):
    """Integers (counts of time, and floats that are integers) without a payload."""

    __slots__ = ("first", "step")
    name = "sequence"
    family = "sequence"

    def __init__(self, dtype: np.dtype[Any], first: int, step: int, length: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(dtype, length, exceptions)
        self.first = first
        self.step = step

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        return 16.0 if _step(stats) else None

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        step = _step(stats)
        return cls(values.dtype, int(stats.image[0]), step, values.size) if step else None

    # --- reading ------------------------------------------------------------------------------------

    def _expand(self, positions: Array, out: Array) -> None:
        if self.dtype.kind == "f":
            out[...] = positions * self.step + self.first
            return
        found = positions.astype(np.uint64)
        found *= np.uint64(self.step % (1 << 64))
        found += np.uint64(self.first % (1 << 64))
        # What is beyond the width of the dtype is cut off.
        np.copyto(words(out) if out.flags.c_contiguous else out, _as_words(found, out), casting="unsafe")

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        if not out.flags.c_contiguous or (self.dtype.kind == "f" and abs(self.step) * _PIECE > INTEGER_LIMIT[self.dtype.itemsize]):
            self._expand(np.arange(start, stop), out)
            return
        # What is between the elements is the same everywhere. Of integers all is modulo 2^w; floats are integers, and exact.
        target = out if self.dtype.kind == "f" else words(out)
        modulus = 0 if self.dtype.kind == "f" else 1 << 8 * out.itemsize
        distances = np.arange(min(_PIECE, stop - start)).astype(target.dtype)
        distances *= target.dtype.type(self.step % modulus if modulus else self.step)
        for at in range(0, stop - start, _PIECE):
            part, begin = target[at : at + _PIECE], self.first + self.step * (start + at)
            np.add(distances[: part.size], target.dtype.type(begin % modulus if modulus else begin), out=part)

    def take_codes(self, positions: Array, out: Array) -> None:
        self._expand(positions, out)

    def item_of_code(self, position: int) -> np.generic:
        value, (low, high) = self.first + self.step * position, value_range(self.dtype)
        if self.dtype.kind not in "mM" and low <= value <= high:
            number: np.generic = self.dtype.type(value)
            return number
        out = np.empty(1, self.dtype)
        self._expand(np.array([position]), out)
        item: np.generic = out[0]
        return item

    def unfolded(self, start: int, stop: int) -> Encoding:
        narrow = code_dtype(max(1, stop - start))
        low, high = sorted((self.first + self.step * start, self.first + self.step * max(start, stop - 1)))
        if narrow is None or narrow.itemsize >= self.dtype.itemsize or not rules.expands(self.dtype, low, high):
            out = np.empty(stop - start, self.dtype)
            self.decode_codes(start, stop, out)
            return Raw(out)
        codes = np.arange(stop - start, dtype=narrow)
        return Narrow(self.dtype, codes if self.step > 0 else codes[::-1].copy(), Frame(narrow, low, abs(self.step), 0), None)

    # --- joining ------------------------------------------------------------------------------------

    def payload(self) -> tuple[Array, ...]:
        return ()

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return ()

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        return ArithmeticSequence(self.dtype, self.first, self.step, length, exceptions)

    def slice(self, start: int, stop: int) -> Encoding:
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        return ArithmeticSequence(self.dtype, self.first + self.step * start, self.step, stop - start, exceptions)

    def continued_by(self, other: Encoding, length: int) -> bool:
        return isinstance(other, ArithmeticSequence) and other.first == self.first + self.step * length

    @property
    def code_meaning(self) -> Hashable:
        return self.step


def _as_words(found: Array, out: Array) -> Array:
    """Return 64-bit words as what is assigned to `out`, whose elements have the same bits but for the width."""
    if out.flags.c_contiguous:
        return found
    return found.astype(f"u{out.itemsize}").view(out.dtype)


def _step(stats: Statistics) -> int:
    """Return the distance of neighbours in a block if it is the same everywhere, else 0."""
    if "step" not in stats.__dict__:
        stats.__dict__["step"] = _found_step(stats)
    found: int = stats.__dict__["step"]
    return found


def _found_step(stats: Statistics) -> int:
    if stats.length < _LEAST or stats.dtype.kind == "b" or stats.integers < stats.length:
        return 0
    image = stats.image
    first, step = int(image[0]), int(image[1]) - int(image[0])
    if not step or int(image[-1]) != first + step * (stats.length - 1):
        return 0
    # Modulo 2^w; both ends are known, so that nothing between them wraps around.
    numbers = words(image)
    same = (numbers[1:] - numbers[:-1] == numbers.dtype.type(step % (1 << 8 * numbers.itemsize))).all()
    return step if same else 0

"""Narrow integer: value = reference + stride * code, codes of 1, 2 or 4 bytes.

For integers, for datetimes (their 64-bit counts) and for floats that are integers. Values outside the
frame are exceptions: outliers, NaT, NaN, infinities, -0.0, fractions.
"""

from typing import Self

import numpy as np

from compactarray.encodings.base import Array
from compactarray.encodings.frames import Frame, Framed, best_frame, encoded_in, exception_bytes, frame_reach, round_reference
from compactarray.encodings.stats import Statistics
from compactarray.kernels import (
    frame_u1,
    frame_u2,
    frame_u4,
    strides_u1,
    strides_u2,
    strides_u4,
    whole_u1,
    whole_u2,
    whole_u4,
    widen_codes,
    widen_words,
)
from compactarray.numerics.integers import NOT_INTEGER, code_dtype, exact_integer, integer_image, value_range
from compactarray.numerics.words import word_dtype, words

#: Bytes of the elements that a kernel expands codes to.
_FUSED = 8
#: Loops for codes of so many bytes.
_FRAMES = {1: frame_u1, 2: frame_u2, 4: frame_u4}
_STRIDES = {1: strides_u1, 2: strides_u2, 4: strides_u4}
_WHOLE = {1: whole_u1, 2: whole_u2, 4: whole_u4}
#: Between these all dtypes of a kind that have narrow codes hold a reference.
_LEAST = {"i": -128, "f": -128, "u": 0}
_MOST_ADDED = 127


class Narrow(Framed):
    """Codes in a frame of reference whose integers are the values themselves."""

    __slots__ = ()
    name = "narrow"
    family = "narrow"

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        if stats.dtype.kind == "b" or stats.itemsize == 1 or limit < stats.length:
            return None
        frame = best_frame(stats)
        if frame is None:
            return None
        return stats.length * frame.codes.itemsize + frame.outside * exception_bytes(stats, frame)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        frame = best_frame(stats)
        if frame is None:
            return None
        codes, exceptions = encoded_in(frame, stats, block_length)
        return cls(values.dtype, codes, frame, exceptions)

    def image(self, values: Array) -> Array:
        return integer_image(values)

    def coded(self, values: Array, frame: Frame, codes: Array) -> tuple[int, int] | None:
        dtype, reference, stride, _ = frame
        least = value_range(self.dtype)[0]
        reach = frame_reach(reference, stride, dtype, self.dtype)
        if self.dtype.kind == "f":
            if self.dtype != np.float64 or stride != 1:
                return None
            bits = values.view(np.int64)
            exact = _WHOLE[dtype.itemsize](values, bits, float(reference), float(reach), codes)
            return (int(codes.min()), int(codes.max())) if exact == values.size else None
        if reference < least or reach < 0:
            return None
        numbers = words(values)
        mask = ~numbers.dtype.type(0)
        base = numbers.dtype.type(reference % (1 << 8 * numbers.itemsize))
        if stride == 1:
            low, high = _FRAMES[dtype.itemsize](numbers, base, mask, codes)
            wrong = 0
        else:
            reach = min(reach, np.iinfo(np.int64).max)
            low, high, wrong = _STRIDES[dtype.itemsize](numbers, base, mask, np.uint64(stride), np.uint64(reach), codes)
        return None if wrong or high > reach else (int(low) // stride, int(high) // stride)

    def moved(self, values: Array) -> Frame | None:
        if self.dtype.kind == "f" or self.stride != 1:
            return None
        image = integer_image(values)
        low, high = int(image.min()), int(image.max())
        if code_dtype(high - low + 1) != self.codes.dtype or (self.dtype.kind in "mM" and low == NOT_INTEGER):
            return None
        reference = round_reference(low, high, 1 << 8 * self.codes.itemsize, self.dtype)
        return Frame(self.codes.dtype, reference, 1, 0)

    def expand(self, codes: Array, out: Array) -> None:
        # Exact: for integers all is modulo 2^w and the value fits; for floats every product and sum is an
        # integer within the limit that the dtype counts exactly, and never -0.0.
        fused = self.dtype.itemsize == _FUSED and codes.flags.c_contiguous and out.flags.c_contiguous
        if self.dtype == np.float64 and fused:
            widen_codes(codes, float(self.stride), float(self.reference), out)
            return
        if self.stride == 1 and not self.reference and self.dtype.kind in "iuf":
            out[...] = codes
            return
        if self.dtype.kind == "f":
            np.copyto(out, codes, casting="unsafe")
            if self.stride != 1:
                out *= self.dtype.type(self.stride)
            if self.reference:
                out += self.dtype.type(self.reference)
            return
        target = out.view(word_dtype(out.dtype))
        modulus = 1 << 8 * self.dtype.itemsize
        if fused:
            widen_words(codes, target.dtype.type(self.stride % modulus), target.dtype.type(self.reference % modulus), target)
            return
        np.copyto(target, codes, casting="unsafe")
        if self.stride != 1:
            target *= target.dtype.type(self.stride)
        if self.reference:
            target += target.dtype.type(self.reference % modulus)

    def fresh(self, start: int, stop: int) -> Array:
        dtype, reference = self.dtype, self.reference
        # With another stride, or a reference that might not fit, what is computed on the way has to be thought of.
        if self.exceptions is not None or self.stride != 1 or not _LEAST.get(dtype.kind, 1) <= reference <= _MOST_ADDED:
            return super().fresh(start, stop)
        out = self.codes[start:stop].astype(dtype)
        if reference:
            out += reference
        return out

    def item_of_code(self, position: int) -> np.generic:
        return self.meant(self.codes.item(position))

    def meant(self, code: int) -> np.generic:
        value = self.reference + self.stride * code
        if self.dtype.kind in "mM":
            moment: np.generic = np.int64(value).view(self.dtype)
            return moment
        item: np.generic = self.dtype.type(value)
        return item

    def put_item(self, position: int, value: np.generic) -> bool:
        if self.exceptions is not None and self.exceptions.lookup(position) is not None:
            return False
        integer = exact_integer(value)
        if integer is None:
            return False
        difference = integer - self.reference
        code, rest = divmod(difference, self.stride) if self.stride != 1 else (difference, 0)
        # What the frame reaches beyond the range of the dtype no value of it asks for; floats have to be exact on the way.
        if rest or not 0 <= code < 1 << 8 * self.codes.itemsize:
            return False
        if self.dtype.kind == "f" and difference > value_range(self.dtype)[1]:
            return False
        self.codes[position] = code
        return True

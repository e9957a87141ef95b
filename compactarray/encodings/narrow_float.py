"""Narrow float: float64 that are float32 (or float16) in truth, and float32 that are float16."""

from collections.abc import Hashable
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array, Encoding, same_words
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.likeness import places
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.kernels import narrow_floats, widen_floats


class NarrowFloat(Coded):
    """Codes are floats of a narrower dtype; a value that changes on the way there and back is an exception."""

    __slots__ = ()
    name = "narrow_float"
    family = "narrow_float"

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        narrow = _narrow_dtype(stats)
        if narrow is None:
            return None
        if narrow == np.float16:
            # Proposed by the sample; encode counts, and may find too many exceptions. Widening float16 is
            # slow, so that a quarter more bytes in another form are preferred.
            return stats.length * narrow.itemsize * 1.25
        return float(stats.length * narrow.itemsize + (stats.length - stats.narrows) * (2 + stats.itemsize))

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        narrow = _narrow_dtype(stats)
        if narrow is None:
            return None
        codes, fits = _narrowed(values, narrow)
        if fits.all():
            return cls(values.dtype, codes, None)
        outside = np.flatnonzero(~fits)
        if outside.size * 4 > values.size:
            return None
        codes[outside] = 0
        return cls(values.dtype, codes, Exceptions.of_block(outside, Raw(values[outside]), block_length))

    def again(self, values: Array, block_length: int) -> Encoding | None:
        if self.exceptions is not None or self.dtype != np.float64 or self.codes.dtype != np.float32:
            return None
        codes = np.empty(values.size, np.float32)
        if narrow_floats(values, codes) < values.size:
            return None
        sample = codes[places(codes.size)]
        # Integers have forms of their own.
        if 2 * np.count_nonzero(np.rint(sample) == sample) > sample.size:
            return None
        return NarrowFloat(self.dtype, codes, None)

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        self._widen(self.codes[start:stop], out)

    def take_codes(self, positions: Array, out: Array) -> None:
        self._widen(self.codes[positions], out)

    def _widen(self, codes: Array, out: Array) -> None:
        contiguous = codes.flags.c_contiguous and out.flags.c_contiguous
        if contiguous and self.dtype == np.float64 and codes.dtype == np.float32:
            widen_floats(codes, out)
        else:
            out[...] = codes

    def item_of_code(self, position: int) -> np.generic:
        item: np.generic = self.dtype.type(self.codes[position])
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        return _narrowed(values, self.codes.dtype)

    @property
    def code_meaning(self) -> Hashable:
        return self.codes.dtype


def _narrowed(values: Array, narrow: np.dtype[Any]) -> tuple[Array, Array]:
    """Return `values` in a narrower dtype, and which of them come back with the same bits."""
    with np.errstate(all="ignore"):
        codes = values.astype(narrow)
        return codes, same_words(codes.astype(values.dtype), np.ascontiguousarray(values))


def _narrow_dtype(stats: Statistics) -> np.dtype[Any] | None:
    """Return the narrower dtype worth trying, or None."""
    if stats.dtype.kind != "f" or stats.itemsize < 4:
        return None
    half = np.dtype(np.float16)
    if _narrowed(stats.sample, half)[1].all():
        return half
    if stats.itemsize == 8 and stats.narrows >= 0.7 * stats.length:
        return np.dtype(np.float32)
    return None

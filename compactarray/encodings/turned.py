"""Turned: the words of floats with the sign as the last bit and without zeros at their end, so that near floats have near codes.

Only a step on the way to packed codes and differences, at the level "small": on codes of that kind nothing can be computed.
"""

from collections.abc import Hashable
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.numerics.words import word_dtype, words


class Turned(Coded):
    """code = (the word without its sign, less `shift` zeros at its end) twice, and one more where the sign is set."""

    __slots__ = ("shift",)
    name = "turned"
    family = "turned"

    def __init__(self, dtype: np.dtype[Any], codes: Array, shift: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(dtype, codes, exceptions)
        self.shift = shift

    @classmethod
    def of(cls, raw: Raw) -> "Turned | None":
        """Return floats that are kept raw with their words turned; None for what is no float.

        Examples
        --------
        >>> import numpy as np
        >>> from compactarray.encodings.raw import Raw
        >>> from compactarray.encodings.turned import Turned
        >>> turned = Turned.of(Raw(np.array([1.5, -1.5, 1.75])))
        >>> turned.shift, np.ptp(turned.codes)
        (50, np.uint64(2))
        """
        if raw.dtype.kind != "f" or not raw.length or raw.exceptions is not None:
            return None
        numbers = words(raw.codes)
        cast, sign = numbers.dtype.type, 8 * raw.dtype.itemsize - 1
        magnitudes = numbers & cast((1 << sign) - 1)
        together = int(np.bitwise_or.reduce(magnitudes))
        shift = (together & -together).bit_length() - 1 if together else 0
        magnitudes >>= cast(shift)
        magnitudes <<= cast(1)
        magnitudes |= numbers >> cast(sign)
        return cls(raw.dtype, magnitudes, shift)

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        return None

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        return None

    def _values(self, codes: Array) -> Array:
        cast = codes.dtype.type
        found = codes >> cast(1)
        found <<= cast(self.shift)
        found |= codes << cast(8 * codes.itemsize - 1)
        return found.view(self.dtype)

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        out[...] = self._values(self.codes[start:stop])

    def take_codes(self, positions: Array, out: Array) -> None:
        out[...] = self._values(self.codes[positions])

    def item_of_code(self, position: int) -> np.generic:
        item: np.generic = self._values(self.codes[position : position + 1])[0]
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        return np.zeros(values.shape, word_dtype(self.dtype)), np.zeros(values.shape, bool)

    def copy_meaning(self, fresh: Any) -> None:
        fresh.shift = self.shift

    @property
    def code_meaning(self) -> Hashable:
        return self.shift


def opened(encoding: Coded) -> Coded:
    """Return codes that have just been unfolded as what can be worked on: turned ones as values."""
    return Raw(encoding.decoded(0, encoding.length)) if isinstance(encoding, Turned) else encoding

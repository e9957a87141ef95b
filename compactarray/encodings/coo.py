"""COO: a fill value of any kind, and positions and values of the elements that differ from it."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.kernels import collect


class Coo(Constant):
    """Coordinate form; each element that is not the fill is an exception."""

    __slots__ = ()
    name = "coo"
    family = "constant"

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        # The values are encoded in turn; count on what integers of their range take.
        width = _value_width(stats)
        others = stats.sample.size - int(stats.sample_words[1][0])
        if others * (2 + width) > stats.sample.size * width:
            return None
        return float((stats.length - stats.fills) * (2 + width) + 16 + stats.itemsize)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        most = stats.length - stats.fills + 1
        positions, found = np.empty(most, np.uint16), np.empty(most, stats.words.dtype)
        count = collect(stats.words, stats.fill, positions, found)
        exceptions = Exceptions.of_block(positions[:count], Raw(found[:count].view(values.dtype)), block_length)
        fill = np.array([stats.fill]).view(values.dtype)
        return cls(fill, values.size, exceptions)

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        return (Constant if exceptions is None else Coo)(self.value, length, exceptions)


def _value_width(stats: Statistics) -> int:
    """Return the bytes that one exception's value is expected to take."""
    if stats.dtype.kind == "b" or stats.integers < stats.length:
        return stats.itemsize
    low, high = stats.bounds
    return min(stats.itemsize, ((high - low).bit_length() + 7) // 8)

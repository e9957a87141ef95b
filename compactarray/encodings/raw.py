"""Raw: the values themselves. For incompressible data, at no cost."""

from collections.abc import Hashable
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.stats import Statistics


class Raw(Coded):
    """The codes are the values."""

    __slots__ = ()
    name = "raw"
    family = "raw"

    def __init__(self, values: Array) -> None:
        super().__init__(values.dtype, values, None)

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        return float(stats.dense)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        return cls(values.copy())

    def again(self, values: Array, block_length: int) -> Encoding:
        return Raw(values.copy())

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        out[...] = self.codes[start:stop]

    def decoded(self, start: int, stop: int) -> Array:
        return self.codes[start:stop]

    def fresh(self, start: int, stop: int) -> Array:
        return self.codes[start:stop].copy()

    def take_codes(self, positions: Array, out: Array) -> None:
        # An index array needs no buffering here, as `out=` of np.take with mode "raise" would.
        out[...] = self.codes[positions]

    def item_of_code(self, position: int) -> np.generic:
        item: np.generic = self.codes[position]
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        return values, np.ones(values.shape, bool)

    def put_item(self, position: int, value: np.generic) -> bool:
        self.codes[position] = value
        return True

    @property
    def code_meaning(self) -> Hashable:
        return None

"""Constant: one value for all elements, and no codes."""

from collections.abc import Hashable, Sequence
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding, same_words
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.stats import Statistics


class Constant(Encoding):
    """`length` times the same value, kept in an array of one element."""

    __slots__ = ("value",)
    name = "constant"
    family = "constant"

    def __init__(self, value: Array, length: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(value.dtype, length, exceptions)
        self.value = value

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        if stats.sample_words[0].size > 1 or stats.fills != stats.length:
            return None
        return float(stats.itemsize)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        return cls(values[:1].copy(), values.size) if stats.fills == stats.length else None

    def again(self, values: Array, block_length: int) -> Encoding | None:
        if self.exceptions is not None or not same_words(values, self.value).all():
            return None
        return Constant(self.value, values.size)

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        out[...] = self.value

    def fresh(self, start: int, stop: int) -> Array:
        return super().fresh(start, stop) if self.exceptions is not None else self.value.repeat(stop - start)

    def take_codes(self, positions: Array, out: Array) -> None:
        out[...] = self.value

    def item_of_code(self, position: int) -> np.generic:
        item: np.generic = self.value[0]
        return item

    def translate(self, values: Array) -> tuple[None, Array]:
        return None, same_words(values, self.value)

    def payload(self) -> tuple[Array, ...]:
        return ()

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return ()

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        return type(self)(self.value, length, exceptions)

    def tables(self) -> tuple[Array, ...]:
        return (self.value,)

    @property
    def code_meaning(self) -> Hashable:
        return self.value.tobytes()

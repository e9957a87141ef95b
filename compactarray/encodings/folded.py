"""Encodings whose elements have no code each: execution works on what they unfold to."""

from abc import abstractmethod
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics

#: Blocks of a lane whose codes have to be made, of elements of at most so many bytes; fewer of wider ones.
_BLOCKS, _WIDEST = 16, 8


def unfolded_blocks(dtype: np.dtype[Any]) -> int:
    """Return how many blocks a lane of some dtype may have whose codes have to be made."""
    return max(1, _BLOCKS * _WIDEST // max(_WIDEST, dtype.itemsize))


class Folded(Encoding):
    """An encoding that says what it unfolds to. Nothing is written into its payload: what is written are exceptions."""

    __slots__ = ()
    folded = True

    @abstractmethod
    def unfolded(self, start: int, stop: int) -> Encoding:
        """Return elements ``start:stop``, exceptions aside, with a code each, in arrays that nobody else holds; `start` is any."""

    def lane(self, start: int, stop: int) -> Encoding:
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        return _with_exceptions(self.unfolded(start, stop), exceptions).lane(0, stop - start)

    def cut(self, start: int, stop: int) -> Encoding:
        exceptions = None if self.exceptions is None else self.exceptions.cut(start, stop)
        return _with_exceptions(self.unfolded(start, stop), exceptions)

    def translate(self, values: Array) -> tuple[None, Array]:
        return None, np.zeros(values.shape, bool)

    def put_item(self, position: int, value: np.generic) -> bool:
        # Only what is there already; of a bool not all bits are seen here.
        return self.dtype.kind != "b" and self.item(position).tobytes() == np.asarray(value, self.dtype).tobytes()

    def owned(self) -> Encoding:
        # What is written are exceptions: the rest may stay shared.
        return self.rebuilt(self.payload(), self.length, self.exceptions)


class Derived(Folded):
    """A folded encoding that is made of another one, by its method `of`, and never chosen for values."""

    __slots__ = ()

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        return None

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        return None


def _with_exceptions(encoding: Encoding, exceptions: Exceptions | None) -> Encoding:
    """Return an unfolded encoding with exceptions; raw elements take their values."""
    if exceptions is None:
        return encoding
    if isinstance(encoding, Raw):
        exceptions.overlay(0, encoding.length, encoding.codes)
        return encoding
    if isinstance(encoding, Constant):
        return Coo(encoding.value, encoding.length, exceptions)
    return encoding.rebuilt(encoding.payload(), encoding.length, exceptions)

"""Encodings whose payload is one array with a code for each element."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.exceptions import Exceptions


class Coded(Encoding):
    """An encoding with one fixed-width code an element."""

    __slots__ = ("codes",)

    def __init__(self, dtype: np.dtype[Any], codes: Array, exceptions: Exceptions | None) -> None:
        super().__init__(dtype, codes.size, exceptions)
        self.codes = codes

    def payload(self) -> tuple[Array, ...]:
        return (self.codes,)

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return (self.codes[start:stop],)

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        # Same class, same meaning: copy the slots of the meaning without running a constructor.
        fresh = object.__new__(type(self))
        fresh.dtype, fresh.length, fresh.exceptions = self.dtype, length, exceptions
        fresh.codes = payload[0]
        self.copy_meaning(fresh)
        return fresh

    def meant(self, code: int) -> np.generic:
        """Return the value that a code stands for."""
        return self.rebuilt((np.array([code], self.codes.dtype),), 1, None).item_of_code(0)

    def copy_meaning(self, fresh: Any) -> None:
        """Set the slots that hold the meaning on `fresh`."""

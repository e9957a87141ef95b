"""What an encoding is: fixed-width codes, a meaning that turns a code into a value, and exceptions.

An `Encoding` object holds the codes of one or more consecutive blocks of one meaning. It never changes,
but for `Encoding.put`, which its owner may call on the payload of a single block. A subclass says what its
codes are and what they mean; slicing, joining, exceptions and writing are common to all and live here.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.stats import Statistics
from compactarray.numerics.words import words

Array = np.ndarray[Any, Any]
Positions = slice | Array


class Encoding(ABC):
    """Codes of `length` elements of `dtype`, their meaning, and exceptions (or None)."""

    __slots__ = ("dtype", "length", "exceptions")

    #: The name in reports and in saved files.
    name: ClassVar[str]
    #: Encodings of one family and code meaning can be joined (COO with constant: a constant without exceptions).
    family: ClassVar[str]
    #: Whether elements have no code each, so that `lane` has to make them.
    folded: ClassVar[bool] = False
    #: Whether `again` takes several blocks at once, for which no other width could suit better.
    together: ClassVar[bool] = False

    def __init__(self, dtype: np.dtype[Any], length: int, exceptions: Exceptions | None) -> None:
        self.dtype = dtype
        self.length = length
        self.exceptions = exceptions

    # --- choosing -----------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        """Return the bytes that this encoding would take, or None where it cannot serve below `limit`."""

    @classmethod
    @abstractmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        """Encode one block of `values` exactly, or return None where that is impossible."""

    def again(self, values: Array, block_length: int) -> "Encoding | None":
        """Return another block (several if `together`) in this form, that of the one before; None where only a choice can tell.

        That is where the form does not take all values (without exceptions, if it has none), and where it takes more bytes
        than it did. A sample has shown that the block looks like the one before (see `encodings.likeness`).
        """
        return None

    # --- what a subclass says of its codes ----------------------------------------------------------

    @abstractmethod
    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        """Write the values of codes ``start:stop`` to `out`, exceptions aside."""

    @abstractmethod
    def take_codes(self, positions: Array, out: Array) -> None:
        """Write the values of the codes at `positions` to `out`, exceptions aside."""

    @abstractmethod
    def item_of_code(self, position: int) -> np.generic:
        """Return the value of one code, exceptions aside."""

    @abstractmethod
    def translate(self, values: Array) -> tuple[Array | None, Array]:
        """Return codes for `values`, and which of them the codes express."""

    @abstractmethod
    def payload(self) -> tuple[Array, ...]:
        """Return the fixed-width arrays, one entry an element (or eight elements), that joining concatenates."""

    @abstractmethod
    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        """Return the payload of elements ``start:stop``, shared; `start` is a multiple of 8."""

    @abstractmethod
    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> "Encoding":
        """Return an encoding of the same meaning around another payload."""

    def put_codes(self, positions: Positions, codes: Array | None) -> None:
        """Overwrite codes in place."""
        if codes is not None:
            self.payload()[0][positions] = codes

    def tables(self) -> tuple[Array, ...]:
        """Return the arrays that belong to the meaning."""
        return ()

    @property
    @abstractmethod
    def code_meaning(self) -> Hashable:
        """What turns a code into a value; encodings of equal meaning can be joined."""

    # --- common to all ------------------------------------------------------------------------------

    @property
    def meaning(self) -> Hashable:
        """What must be equal for joining, exceptions aside."""
        return self.family, self.dtype.str, self.code_meaning

    def buffers(self) -> tuple[Array, ...]:
        """Return all arrays held."""
        held = self.payload() + self.tables()
        return held if self.exceptions is None else held + self.exceptions.buffers()

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays held."""
        return sum(buffer.nbytes for buffer in self.buffers())

    def decode(self, start: int, stop: int, out: Array) -> None:
        """Write elements ``start:stop`` to `out`, a 1-D array of the logical dtype, of any stride."""
        self.decode_codes(start, stop, out)
        if self.exceptions is not None:
            self.exceptions.overlay(start, stop, out)

    def decoded(self, start: int, stop: int) -> Array:
        """Return elements ``start:stop`` as an array that must not be written; it may be the payload itself."""
        out = np.empty(stop - start, self.dtype)
        self.decode(start, stop, out)
        return out

    def fresh(self, start: int, stop: int) -> Array:
        """Return a few elements, ``start:stop``, as a new array: with as few calls as it can be done."""
        out = np.empty(stop - start, self.dtype)
        if out.size:
            self.decode(start, stop, out)
        return out

    def take(self, positions: Array, out: Array) -> None:
        """Write the elements at `positions` to `out`."""
        self.take_codes(positions, out)
        if self.exceptions is not None:
            self.exceptions.overlay_at(positions, out)

    def item(self, position: int) -> np.generic:
        """Return one element as a NumPy scalar."""
        if self.exceptions is not None:
            value = self.exceptions.lookup(position)
            if value is not None:
                return value
        return self.item_of_code(position)

    def slice(self, start: int, stop: int) -> "Encoding":
        """Return elements ``start:stop`` with a shared payload; `start` is at the edge of a block."""
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        return self.rebuilt(self.slice_payload(start, stop), stop - start, exceptions)

    def cut(self, start: int, stop: int) -> "Encoding":
        """Return elements ``start:stop`` as blocks that begin at `start`, wherever that is; what cannot be shared is copied."""
        exceptions = None if self.exceptions is None else self.exceptions.cut(start, stop)
        return self.rebuilt(self.slice_payload(start, stop), stop - start, exceptions)

    def lane(self, start: int, stop: int) -> "Encoding":
        """Return elements ``start:stop`` as execution works on them; `start` is at the edge of a block."""
        return self.slice(start, stop)

    def continued_by(self, other: "Encoding", length: int) -> bool:
        """Tell whether `other`, of the same meaning, can follow `length` elements that began with these."""
        return True

    def put(self, positions: Positions, values: Array) -> bool:
        """Write `values` into the codes in place, all or nothing; tell whether it was done.

        Only for the owner of a payload of a single block.
        """
        if self.exceptions is not None and self.exceptions.meets(positions):
            return False
        codes, fits = self.translate(values)
        if not fits.all():
            return False
        self.put_codes(positions, codes)
        return True

    def put_item(self, position: int, value: np.generic) -> bool:
        """Write one value into the codes in place, if it fits; tell whether it was done."""
        # The scalar of a string is as wide as it is long.
        return self.put(slice(position, position + 1), np.asarray(value, self.dtype)[None])

    def fits(self, values: Array) -> Array:
        """Tell of each of `values` whether a code expresses it."""
        return self.translate(values)[1]

    def owned(self) -> "Encoding":
        """Return a copy whose payload nobody else holds."""
        return self.rebuilt(tuple(part.copy() for part in self.payload()), self.length, self.exceptions)


def same_words(left: Array, right: Array) -> Array:
    """Tell element by element whether the bits are the same."""
    return np.asarray(words(left) == words(right))

"""Delta: the codes of another encoding as differences to the one before, packed; for sorted data, at the level "small".

Each page begins anew, so that one element costs the sum of a page at most.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.folded import Derived
from compactarray.encodings.packed import Packed, empty_of
from compactarray.encodings.raw import Raw
from compactarray.encodings.turned import opened
from compactarray.kernels.packing import running_pages
from compactarray.numerics.words import words

#: Elements of a page, if a block has as many.
_PAGE = 1_024


class Delta(Derived):
    """code = base of the page + the sum of the differences of all elements of the page up to this one, but the first."""

    __slots__ = ("model", "bases", "differences")
    name = "delta"
    family = "delta"

    def __init__(self, model: Coded, bases: Array, differences: Packed, exceptions: Exceptions | None = None) -> None:
        super().__init__(model.dtype, differences.length, exceptions)
        self.model, self.bases, self.differences = model, bases, differences

    @classmethod
    def of(cls, encoding: Coded, block_length: int) -> "Delta | None":
        """Return the elements of an encoding with its codes as differences, or None where that saves nothing."""
        codes = words(encoding.codes)
        if codes.size < 2 or encoding.codes.dtype.kind not in "iumM":
            return None
        page = _page(block_length)
        if encoding.exceptions is not None:
            # What the codes are where exceptions stand is free: no difference.
            codes = _carried(codes, encoding.exceptions.places(0, encoding.length)[2])
        # Modulo 2^w: what wraps around in the difference does so in the sum as well.
        differences = np.zeros_like(codes)
        np.subtract(codes[1:], codes[:-1], out=differences[1:])
        differences[::page] = differences[1 : 1 + page].min()
        packed = Packed.of(Raw(differences.view(f"i{codes.itemsize}")), block_length)
        return None if packed is None else cls(empty_of(encoding), codes[::page].copy(), packed, encoding.exceptions)

    # --- reading ------------------------------------------------------------------------------------

    @property
    def _page(self) -> int:
        return _page(self.differences.layout.block_length)

    def unfolded(self, start: int, stop: int) -> Coded:
        return opened(self._coded(start, stop))

    def _coded(self, start: int, stop: int) -> Coded:
        """Return codes ``start:stop`` with their meaning."""
        first = start // self._page * self._page
        differences = words(self.differences.decoded(first, stop))
        out = np.empty_like(differences)
        running_pages(differences, self.bases[first // self._page : -(-stop // self._page)], self._page, out)
        found = self.model.rebuilt((out[start - first :].view(self.model.codes.dtype),), stop - start, None)
        assert isinstance(found, Coded)
        return found

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        if stop > start:
            self._coded(start, stop).decode_codes(0, stop - start, out)

    def take_codes(self, positions: Array, out: Array) -> None:
        pages, which = np.unique(positions // self._page, return_inverse=True)
        found = np.empty((pages.size, self._page), self.dtype)
        for row, number in zip(found, pages.tolist(), strict=True):
            start, stop = number * self._page, min((number + 1) * self._page, self.length)
            self.decode_codes(start, stop, row[: stop - start])
        out[...] = found[which, positions % self._page]

    def item_of_code(self, position: int) -> np.generic:
        return self._coded(position, position + 1).item_of_code(0)

    # --- joining ------------------------------------------------------------------------------------

    def payload(self) -> tuple[Array, ...]:
        return self.bases, *self.differences.payload()

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return self.bases[start // self._page : -(-stop // self._page)], *self.differences.slice_payload(start, stop)

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        if length != self.length:
            raise ValueError("differences are not joined")
        return Delta(self.model, self.bases, self.differences, exceptions)

    def slice(self, start: int, stop: int) -> Encoding:
        if start == stop:
            return Constant(np.zeros(1, self.dtype), 0)
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        differences = self.differences.slice(start, stop)
        assert isinstance(differences, Packed)
        return Delta(self.model, self.bases[start // self._page : -(-stop // self._page)], differences, exceptions)

    def buffers(self) -> tuple[Array, ...]:
        held = (*self.model.tables(), self.bases, *self.differences.buffers())
        return held if self.exceptions is None else held + self.exceptions.buffers()

    def continued_by(self, other: Encoding, length: int) -> bool:
        # Its differences may have exceptions of their own.
        return False

    @property
    def code_meaning(self) -> Hashable:
        return self.model.meaning, self.differences.meaning


def _carried(codes: Array, places: Array) -> Array:
    """Return codes in which those at some places are what comes before them."""
    found = codes.copy()
    gaps = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    before = codes[np.maximum(places[gaps] - 1, 0)]
    found[places] = np.repeat(before, np.diff(gaps, append=places.size))
    return found


def _page(block_length: int) -> int:
    """Return the elements of a page, of which whole ones make a block."""
    return _PAGE if not block_length % _PAGE else block_length

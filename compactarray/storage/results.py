"""Where the values of results go: computed in a buffer, some blocks at a time, of which raw ones stay where they are."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.quick import Quick
from compactarray.encodings.raw import Raw
from compactarray.storage.base import Array, Storage
from compactarray.storage.builder import Builder

#: Blocks that are looked at together, of elements of eight bytes; of larger ones (records) fewer, but one at least.
_BLOCKS = 8
#: As many of the first ones, which tell whether values stay where they are; these are moved then.
FIRST = 2
#: Bytes of one buffer at the most.
_RESERVED = 1 << 28


class Results:
    """Takes the values of a result, in order, and makes a storage of them.

    Their form is found by `encodings.quick`, or where that does not tell, by a scan.

    Parameters
    ----------
    dtype : dtype
        Of the result; `can_encode` must be true of it.
    size : int
        How many elements there will be.
    """

    def __init__(self, dtype: np.dtype[Any], size: int) -> None:
        self._builder = Builder(dtype, size)
        self._dtype = dtype
        self._most = max(1, _BLOCKS * 8 // max(8, dtype.itemsize)) * settings().block_length
        self._next = min(self._most, FIRST * settings().block_length)
        self._left = size
        self._buffer: Array | None = None
        self._start = self._stop = 0
        self._quick = Quick()
        #: Whether values stay where they are computed, as far as is known.
        self.in_place = True

    def room(self, count: int) -> Array:
        """Return the place for the next `count` values, to be written to before `advance` is called."""
        if self._buffer is None:
            self._buffer = np.empty(max(count, min(2 * self._next, self._left)), self._dtype)
        elif self._stop + count > self._buffer.size:
            self._renew(count)
        return self._buffer[self._stop : self._stop + count]

    def reserve(self) -> None:
        """Make room for all that is to come, before anything has: it is expected to stay where it is computed."""
        assert self._buffer is None
        self._next = self._most
        self._buffer = self._begun(np.empty(0, self._dtype), 0)

    def advance(self, count: int) -> None:
        """Take the values that were written."""
        self._stop += count
        if self._stop - self._start >= self._next:
            block, self._next = settings().block_length, self._most
            self._encode(self._start + (self._stop - self._start) // block * block)

    def append(self, values: Array) -> None:
        """Take 1-D values of the dtype."""
        self.room(values.size)[...] = values
        self.advance(values.size)

    @property
    def fresh(self) -> bool:
        """Whether no values have come."""
        return self._buffer is None

    @property
    def takes_encoded(self) -> bool:
        """Whether encoded blocks can be appended now: between blocks, and where elements have no parts."""
        return self._builder.takes_encoded and not (self._stop - self._start) % settings().block_length

    def _renew(self, count: int) -> None:
        """Go on in a larger buffer, or another one; what waits is moved."""
        assert self._buffer is not None
        waiting = self._buffer[self._start : self._stop]
        if self._start:
            # What stays in this buffer need not be moved to make room for what comes.
            self._builder.end_span()
        self._buffer = self._begun(waiting, count)
        self._start, self._stop = 0, waiting.size

    def _begun(self, values: Array, count: int) -> Array:
        """Return a buffer that begins with some values, and has room for `count` more at least.

        For all that is to come, if it is not too much: what is not written to is not resident, but systems do not promise any
        amount of it.
        """
        expected = min(self._left, max(2 * self._most, _RESERVED // self._dtype.itemsize)) if self.in_place else 2 * self._most
        buffer = np.empty(max(values.size + count, expected), self._dtype)
        buffer[: values.size] = values
        return buffer

    def append_encoded(self, encoding: Encoding) -> None:
        """Append whole blocks (but for the last of all) that are encoded already."""
        if self._stop > self._start:
            self._encode(self._stop)
        self._builder.append_encoded(encoding)
        self._left -= encoding.length

    def _encode(self, stop: int) -> None:
        """Encode the values up to `stop`, whole blocks unless they are the last."""
        assert self._buffer is not None
        values, rest = self._buffer[self._start : stop], self._stop - stop
        form = self._quick.form(values)
        if isinstance(form, Raw):
            if self.in_place:
                self._keep(values, rest)
                return
            self._builder.append_raw(values)
        else:
            # Pieces that stay here and there would keep all of the buffer alive.
            self.in_place = False
            if form is not None:
                self._builder.append_encoded(form)
            else:
                self._builder.append(values)
        self._left -= values.size
        self._buffer[self._start : self._start + rest] = self._buffer[stop : stop + rest].copy()
        self._stop = self._start + rest

    def _keep(self, values: Array, rest: int) -> None:
        """Leave raw values where they are, in a buffer for all that is to come."""
        assert self._buffer is not None
        if not self._start and self._left > self._buffer.size:
            # The first ones: until now there was room for a few.
            self._buffer = self._begun(self._buffer[: self._stop], 0)
            values = self._buffer[: values.size]
        self._builder.append_encoded(Raw(values))
        self._left -= values.size
        self._start += values.size
        assert self._stop == self._start + rest

    def finish(self) -> Storage:
        """Return the storage; nothing may be appended any more."""
        if self._stop > self._start:
            self._encode(self._stop)
        self._buffer = None
        return self._builder.finish()


def storage_of_tiles(dtype: np.dtype[Any], size: int, tiles: Iterator[Array]) -> Storage:
    """Return the storage of values that come tile by tile."""
    results = Results(dtype, size)
    for tile in tiles:
        results.append(tile)
    return results.finish()

"""A few elements in coordinate form: what COO keeps, and what patches other encodings.

Three widths are kept apart, each checked by itself: positions count within a block (16 bits), offsets
count exceptions (64 bits), addresses count elements (Python integers).
"""

from bisect import bisect_left
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from compactarray.kernels import overlay
from compactarray.numerics.words import words

if TYPE_CHECKING:
    from compactarray.encodings.base import Encoding

Array = np.ndarray[Any, Any]

_POSITION = np.dtype("u2")
#: Up to this many single look-ups are cheaper than laying out all positions.
_FEW = 8


class Exceptions:
    """Positions within blocks, one offset a block, and encoded values.

    Parameters
    ----------
    positions : ndarray of uint16
        Position of each exception in its block, ascending within a block.
    offsets : ndarray of int64
        Where each block's exceptions begin, and where the last one's end.
    values : Encoding
        The values, in an encoding that itself has no exceptions and can be sliced anywhere.
    block_length : int
        Elements in a block.
    """

    __slots__ = ("positions", "offsets", "values", "block_length")

    def __init__(self, positions: Array, offsets: Array, values: "Encoding", block_length: int) -> None:
        self.positions = positions
        self.offsets = offsets
        self.values = values
        self.block_length = block_length

    @classmethod
    def of_block(cls, positions: Array, values: "Encoding", block_length: int) -> "Exceptions | None":
        """Return the exceptions of one block, or None where there are none."""
        if not positions.size:
            return None
        if int(positions[-1]) >= block_length:
            raise ValueError(f"position {int(positions[-1])} lies outside a block of {block_length}")
        return cls(positions.astype(_POSITION), np.array([0, positions.size], np.int64), values, block_length)

    @property
    def count(self) -> int:
        """The number of exceptions."""
        return self.positions.size

    @property
    def meaning(self) -> Hashable:
        """What must be equal for joining."""
        return self.values.meaning

    def buffers(self) -> tuple[Array, ...]:
        """Return all arrays held."""
        return (self.positions, self.offsets, *self.values.buffers())

    def bound(self, position: int) -> int:
        """Return how many exceptions lie before `position`."""
        block, local = divmod(position, self.block_length)
        if block >= self.offsets.size - 1:
            return self.count
        low = self.offsets.item(block)
        # Bisected as a buffer: NumPy takes longer for a single number.
        return bisect_left(self.positions.data, local, low, self.offsets.item(block + 1)) if local else low

    def places(self, start: int, stop: int) -> tuple[int, int, Array]:
        """Return which exceptions lie in ``start:stop`` (first, last + 1), and where, relative to `start`."""
        low, high = self.bound(start), self.bound(stop)
        first, last = start // self.block_length, -(-stop // self.block_length)
        counts = np.diff(np.minimum(np.maximum(self.offsets[first : last + 1], low), high))
        bases = np.arange(first, first + counts.size, dtype=np.int64) * self.block_length - start
        return low, high, self.positions[low:high] + np.repeat(bases, counts)

    def part(self, low: int, high: int) -> "Encoding":
        """Return some of the values, shared where that is possible."""
        if self.values.folded and (low or high < self.count):
            return self.values.cut(low, high)
        return self.values.slice(low, high)

    def cut(self, start: int, stop: int) -> "Exceptions | None":
        """Return the exceptions within ``start:stop``, as of blocks that begin at `start`, which need not be the edge of one."""
        low, high, places = self.places(start, stop)
        if low == high:
            return None
        edges = np.arange(-(-(stop - start) // self.block_length) + 1, dtype=np.int64) * self.block_length
        positions = (places % self.block_length).astype(_POSITION)
        return Exceptions(positions, places.searchsorted(edges).astype(np.int64), self.part(low, high), self.block_length)

    def overlay(self, start: int, stop: int, out: Array) -> None:
        """Write the exceptions within ``start:stop`` over `out`."""
        low, high = self.bound(start), self.bound(stop)
        if high == low:
            return
        values = self.values.decoded(low, high)
        target = words(out) if out.flags.c_contiguous else None
        for block in range(start // self.block_length, (stop - 1) // self.block_length + 1):
            first, last = max(low, int(self.offsets[block])), min(high, int(self.offsets[block + 1]))
            positions, part = self.positions[first:last], values[first - low : last - low]
            if target is None:
                out[positions.astype(np.intp) + (block * self.block_length - start)] = part
            else:
                overlay(words(part), positions, start - block * self.block_length, target)

    def overlay_at(self, positions: Array, out: Array) -> None:
        """Write the exceptions among the elements at `positions` over `out`."""
        if positions.size <= _FEW:
            for index, position in enumerate(positions.tolist()):
                rank = self._rank(position)
                if rank is not None:
                    # Not by way of a scalar: a bool scalar loses what else its byte holds.
                    self.values.decode(rank, rank + 1, out[index : index + 1])
            return
        low, high, places = self.places(int(positions.min()), int(positions.max()) + 1)
        if high == low:
            return
        places += int(positions.min())
        ranks = np.minimum(places.searchsorted(positions), places.size - 1)
        hits = np.flatnonzero(places[ranks] == positions)
        values = np.empty(hits.size, out.dtype)
        self.values.take(ranks[hits] + low, values)
        out[hits] = values

    def lookup(self, position: int) -> np.generic | None:
        """Return the exception at `position`, or None where there is none."""
        rank = self._rank(position)
        return None if rank is None else self.values.item(rank)

    def _rank(self, position: int) -> int | None:
        """Return which exception lies at `position`, or None where none does."""
        block, local = divmod(position, self.block_length)
        high = self.offsets.item(block + 1)
        rank = bisect_left(self.positions.data, local, self.offsets.item(block), high)
        return None if rank == high or self.positions.item(rank) != local else rank

    def meets(self, positions: slice | Array) -> bool:
        """Tell whether any of `positions`, of a single block, has an exception."""
        if isinstance(positions, slice):
            start, stop, step = positions.indices(self.block_length)
            low, high, places = self.places(start, stop)
            return high > low and (step == 1 or not ((places % step).all()))
        marks = np.zeros(self.block_length, bool)
        marks[self.positions] = True
        return bool(marks[positions].any())

    def slice(self, start: int, stop: int) -> "Exceptions | None":
        """Return the exceptions within ``start:stop``, shared; `start` is at the edge of a block."""
        first, last = start // self.block_length, -(-stop // self.block_length)
        low, high = int(self.offsets[first]), self.bound(stop)
        if high == low:
            return None
        offsets = self.offsets[first : last + 1] - low
        offsets[-1] = high - low
        return Exceptions(self.positions[low:high], offsets, self.part(low, high), self.block_length)

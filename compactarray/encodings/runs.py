"""Runs: where each stretch of equal elements begins, and their values, encoded in turn. For labels and sorted keys.

A run ends with its block, so that blocks can be cut and joined.
"""

from collections.abc import Hashable, Sequence
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.folded import Folded
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.encodings.widths import value_width
from compactarray.kernels import collect_runs, fill_runs
from compactarray.numerics.words import words

#: Forms with a code for each element are quicker to work on: they are preferred if they take only so much more.
_PREFERENCE = 1.15
#: A block with so many times as many runs as the one before may be better off in another form.
_MORE = 1.5
#: What has been moved or computed becomes runs if they take one in so many of the bytes of codes.
_FRACTION = 3
#: Neighbours that are compared first.
_SAMPLE = 1_024
#: Elements that are compared with their neighbours at a time.
_PIECE = 1 << 18
#: Up to so many look-ups are done one by one.
_SINGLE = 8


class Runs(Folded):
    """Heads: position and value of the first element of each run, in coordinate form."""

    __slots__ = ("heads",)
    name = "runs"
    family = "runs"

    def __init__(self, heads: Exceptions, length: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(heads.values.dtype, length, exceptions)
        self.heads = heads

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        runs = stats.runs
        if runs is None:
            return None
        return (runs * (2 + value_width(stats)) + 16) * _PREFERENCE

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        first = np.flatnonzero(stats.words[1:] != stats.words[:-1])
        first += 1
        positions = np.concatenate([[0], first])
        heads = Exceptions.of_block(positions, Raw(values[positions]), block_length)
        assert heads is not None
        return cls(heads, values.size)

    def again(self, values: Array, block_length: int) -> Encoding | None:
        if self.exceptions is not None or not isinstance(self.values, Raw):
            return None
        found = words(values)
        positions, kept = np.empty(found.size, np.uint16), np.empty(found.size, found.dtype)
        count = int(collect_runs(found, positions, kept))
        if count * self.length > _MORE * self.values.length * values.size:
            return None
        heads = Exceptions.of_block(positions[:count], Raw(kept[:count].view(self.dtype).copy()), block_length)
        assert heads is not None
        return Runs(heads, values.size)

    @property
    def values(self) -> Encoding:
        """The values of the runs."""
        return self.heads.values

    # --- reading ------------------------------------------------------------------------------------

    def edges_between(self, start: int, stop: int) -> tuple[int, int, Array]:
        """Return which runs have elements in ``start:stop`` (first, last + 1), and where they begin and the last one ends there."""
        low, high, places = self.heads.places(start, stop)
        inside = not places.size or places[0] != 0
        edges = np.empty(places.size + inside + 1, np.int64)
        edges[0] = 0
        edges[int(inside) : -1] = places
        edges[-1] = stop - start
        return low - inside, high, edges

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        if start == stop:
            return
        low, high, edges = self.edges_between(start, stop)
        target = out if out.flags.c_contiguous else np.empty(out.size, out.dtype)
        fill_runs(words(self.heads.values.decoded(low, high)), edges, words(target))
        if target is not out:
            out[...] = target

    def take_codes(self, positions: Array, out: Array) -> None:
        if positions.size <= _SINGLE:
            ranks = np.array([self.heads.bound(position + 1) - 1 for position in positions.tolist()], np.int64)
        else:
            ranks = self.heads.places(0, self.length)[2].searchsorted(positions, side="right") - 1
        self.heads.values.take(ranks, out)

    def item_of_code(self, position: int) -> np.generic:
        return self.heads.values.item(self.heads.bound(position + 1) - 1)

    def unfolded(self, start: int, stop: int) -> Encoding:
        low, high, edges = self.edges_between(start, stop)
        values = self.values.cut(low, high) if self.values.folded else self.values.slice(low, high)
        if isinstance(values, Constant):
            return values.rebuilt((), stop - start, None)
        assert isinstance(values, Coded)
        out = np.empty(stop - start, values.codes.dtype)
        fill_runs(words(values.codes), edges, words(out))
        return values.rebuilt((out,), stop - start, None)

    def edges(self) -> Array:
        """Return where runs begin, and where the last one ends."""
        return np.append(self.heads.places(0, self.length)[2], self.length)

    def lengths(self) -> Array:
        """Return how many elements each run has."""
        return np.diff(self.edges())

    # --- joining ------------------------------------------------------------------------------------

    def with_values(self, values: Encoding) -> "Runs":
        """Return the same runs with other values, one a run."""
        heads = self.heads
        return Runs(Exceptions(heads.positions, heads.offsets, values, heads.block_length), self.length, self.exceptions)

    def with_heads(self, positions: Array, offsets: Array, values: Encoding) -> "Runs":
        """Return other runs of as many elements."""
        return Runs(Exceptions(positions, offsets, values, self.heads.block_length), self.length)

    def payload(self) -> tuple[Array, ...]:
        return self.heads.positions, np.diff(self.heads.offsets), *self.heads.values.payload()

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        heads = self.heads.slice(start, stop)
        assert heads is not None
        return heads.positions, np.diff(heads.offsets), *heads.values.payload()

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        positions, counts, *values = payload
        offsets = np.concatenate([[0], np.cumsum(counts)])
        held = self.heads.values.rebuilt(values, positions.size, None)
        return Runs(Exceptions(positions, offsets, held, self.heads.block_length), length, exceptions)

    def slice(self, start: int, stop: int) -> Encoding:
        heads = self.heads.slice(start, stop)
        if heads is None:
            return Constant(np.zeros(1, self.dtype), 0)
        return Runs(heads, stop - start, None if self.exceptions is None else self.exceptions.slice(start, stop))

    def buffers(self) -> tuple[Array, ...]:
        held = self.heads.buffers()
        return held if self.exceptions is None else held + self.exceptions.buffers()

    @property
    def code_meaning(self) -> Hashable:
        return self.heads.meaning


def folded_runs(encoding: Encoding, block_length: int) -> Encoding:
    """Return elements with a code each as runs, if that takes a fraction of the bytes; else as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.raw import Raw
    >>> from compactarray.encodings.runs import folded_runs
    >>> folded_runs(Raw(np.repeat([3, 7], 500)), 65_536).nbytes
    36
    """
    if not isinstance(encoding, Coded) or encoding.exceptions is not None or not encoding.length:
        return encoding
    codes = words(encoding.codes)
    width, places = codes.itemsize, []
    some = np.arange(0, codes.size - 1, codes.size // _SAMPLE + 1)
    if np.count_nonzero(codes[some] != codes[some + 1]) * (2 + width) >= some.size * width:
        return encoding
    for start in range(0, codes.size, _PIECE):
        stop = min(start + _PIECE, codes.size)
        fresh = np.ones(stop - start, bool)
        np.not_equal(codes[start + 1 : stop], codes[start : stop - 1], out=fresh[1:])
        fresh[0] = not start or codes[start] != codes[start - 1]
        fresh[-start % block_length :: block_length] = True
        found = np.flatnonzero(fresh)
        if found.size * (2 + width) * _FRACTION >= fresh.size * width:
            return encoding
        places.append(found + start)
    heads = np.concatenate(places)
    edges = np.arange(0, codes.size + block_length, block_length)[: -(-codes.size // block_length) + 1]
    values = encoding.rebuilt((encoding.codes[heads],), heads.size, None)
    positions = (heads % block_length).astype(np.uint16)
    return Runs(Exceptions(positions, heads.searchsorted(edges).astype(np.int64), values, block_length), codes.size)

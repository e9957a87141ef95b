"""Bitmap: a fill value of any kind, a bit for each element that differs from it, and their values, encoded in turn.

For what is too dense for coordinates: a third of zeros, say.
"""

from collections.abc import Hashable, Sequence
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bits import packed_bytes
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.folded import Folded
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.encodings.widths import value_width
from compactarray.kernels import compress_codes, place_marked, unpack_bools
from compactarray.numerics.words import words

#: Forms with a code for each element are quicker to work on: they are preferred if they take only so much more.
_PREFERENCE = 1.15
#: A block with so many times as many values as the one before may be better off in another form.
_MORE = 1.2
#: A fill that occurs less often than once in so many elements does not pay for the bits, if values take two bytes.
_LEAST = 14


class Bitmap(Folded):
    """Bit 1 means the next of `values`, bit 0 the fill; the least significant bit comes first.

    Parameters
    ----------
    value : ndarray
        The fill, of shape (1,).
    packed : ndarray of uint8
        The bits; those of each block begin a byte.
    counts : ndarray of int64
        How many values each block has.
    values : Encoding
        The values, in an encoding that itself has no exceptions and can be sliced anywhere.
    length, block_length : int
        The number of elements, and of elements in a block.
    exceptions : Exceptions, optional
        What was written since.
    """

    __slots__ = ("value", "packed", "counts", "values", "block_length", "_firsts")
    name = "bitmap"
    family = "bitmap"

    def __init__(
        self,
        value: Array,
        packed: Array,
        counts: Array,
        values: Encoding,
        length: int,
        block_length: int,
        exceptions: Exceptions | None = None,
    ) -> None:
        super().__init__(value.dtype, length, exceptions)
        self.value, self.packed, self.counts, self.values, self.block_length = value, packed, counts, values, block_length
        # How many values come before each block; when it is first asked for.
        self._firsts: list[int] | None = None

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        # What is left out must be more than a bit for each element.
        if stats.itemsize == 1 or int(stats.sample_words[1][0]) * _LEAST < stats.sample.size:
            return None
        return (stats.length / 8 + (stats.length - stats.fills) * value_width(stats) + 8 + stats.itemsize) * _PREFERENCE

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        marks = stats.words != stats.fill
        count = int(np.count_nonzero(marks))
        if not count:
            return None
        kept = np.empty(values.size + 1, stats.words.dtype)
        compress_codes(stats.words, marks.view(np.uint8), kept)
        found = kept[:count].view(values.dtype).copy()
        fill = np.array([stats.fill], stats.words.dtype).view(values.dtype)
        packed = packed_bytes(marks.view(np.uint8))
        assert packed is not None
        return cls(fill, packed, np.array([found.size]), Raw(found), values.size, block_length)

    def again(self, values: Array, block_length: int) -> Encoding | None:
        found = words(values)
        marks = found != words(self.value)[0]
        count = int(np.count_nonzero(marks))
        if (
            self.exceptions is not None
            or not isinstance(self.values, Raw)
            or count * self.length > _MORE * self.values.length * values.size
        ):
            return None
        kept = np.empty(count + 1, found.dtype)
        compress_codes(found, marks.view(np.uint8), kept)
        packed = packed_bytes(marks.view(np.uint8))
        assert packed is not None
        others = Raw(kept[:count].view(self.dtype))
        return Bitmap(self.value, packed, np.array([count]), others, values.size, block_length)

    # --- reading ------------------------------------------------------------------------------------

    def _rank(self, position: int) -> int:
        """Return how many values come before a position."""
        block, local = divmod(position, self.block_length)
        if self._firsts is None:
            self._firsts = [0, *np.cumsum(self.counts, dtype=np.int64).tolist()]
        rank = self._firsts[block]
        if not local:
            return rank
        first = block * self.block_length // 8
        eights, rest = first + local // 64 * 8, local % 64
        if rest:
            rank += (int.from_bytes(self.packed[eights : eights + 8].data, "little") & ((1 << rest) - 1)).bit_count()
        return rank + int(np.add.reduce(np.bitwise_count(self.packed[first:eights].view(np.uint64)), dtype=np.int64))

    def _marks(self, start: int, stop: int) -> Array:
        first, last = start // 8, -(-stop // 8)
        bits = np.empty(last - first, np.uint64)
        unpack_bools(self.packed[first:last], bits)
        return bits.view(np.uint8)[start - 8 * first : stop - 8 * first]

    def _placed(self, start: int, stop: int, values: Array, out: Array) -> None:
        """Write ``start:stop`` to the contiguous `out`: the first of the values is the fill."""
        if values.size == 1:
            out[...] = values
            return
        place_marked(words(values), self._marks(start, stop), words(out))

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        if start == stop:
            return
        target = out if out.flags.c_contiguous else np.empty(out.size, out.dtype)
        low, high = self._rank(start), self._rank(stop)
        values = np.empty(1 + high - low, self.dtype)
        values[:1] = self.value
        if high > low:
            self.values.decode(low, high, values[1:])
        self._placed(start, stop, values, target)
        if target is not out:
            out[...] = target

    def take_codes(self, positions: Array, out: Array) -> None:
        out[...] = self.value
        hits = np.flatnonzero(self.packed[positions >> 3] >> (positions & 7).astype(np.uint8) & 1)
        if not hits.size:
            return
        places = positions[hits]
        # Ones before each byte; the bits before the element are counted in its own.
        low = int(places.min()) >> 3
        before = np.cumsum(np.bitwise_count(self.packed[low : (int(places.max()) >> 3) + 1]), dtype=np.int64)
        own = self.packed[places >> 3]
        below = np.bitwise_count(own & ((1 << (places & 7)) - 1).astype(np.uint8))
        ranks = self._rank(low << 3) + before[(places >> 3) - low] - np.bitwise_count(own) + below
        found = np.empty(hits.size, self.dtype)
        self.values.take(ranks, found)
        out[hits] = found

    def item_of_code(self, position: int) -> np.generic:
        if not self.packed.item(position >> 3) >> (position & 7) & 1:
            fill: np.generic = self.value[0]
            return fill
        return self.values.item(self._rank(position))

    def unfolded(self, start: int, stop: int) -> Encoding:
        # The fill gets the code that the values have for it, if they have one.
        low, high = self._rank(start), self._rank(stop)
        values = self._part(low, high)
        values = values.cut(0, high - low) if values.folded else values
        codes, fits = values.translate(self.value) if isinstance(values, Coded) else (None, np.zeros(1, bool))
        if isinstance(values, Dictionary) and not fits[0]:
            values = values.with_entry(self.value)
            codes, fits = values.translate(self.value)
        if not fits[0] or codes is None or not isinstance(values, Coded):
            out = np.empty(stop - start, self.dtype)
            self.decode_codes(start, stop, out)
            return Raw(out)
        out = np.empty(stop - start, values.codes.dtype)
        self._placed(start, stop, np.append(codes, values.codes), out)
        return values.rebuilt((out,), stop - start, None)

    # --- joining ------------------------------------------------------------------------------------

    def with_values(self, values: Encoding) -> "Bitmap":
        """Return the same pattern with other values."""
        return Bitmap(self.value, self.packed, self.counts, values, self.length, self.block_length, self.exceptions)

    def payload(self) -> tuple[Array, ...]:
        return self.packed, self.counts, *self.values.payload()

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return self.slice(start, stop).payload()

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        packed, counts, *values = payload
        held = self.values.rebuilt(values, int(counts.sum()), None)
        return Bitmap(self.value, packed, counts, held, length, self.block_length, exceptions)

    def slice(self, start: int, stop: int) -> Encoding:
        if start == stop:
            return Constant(self.value, 0)
        low, high = self._rank(start), self._rank(stop)
        counts = self.counts[start // self.block_length : -(-stop // self.block_length)].copy()
        counts[-1] -= counts.sum() - (high - low)
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        packed = self.packed[start // 8 : -(-stop // 8)]
        return Bitmap(self.value, packed, counts, self._part(low, high), stop - start, self.block_length, exceptions)

    def _part(self, low: int, high: int) -> Encoding:
        """Return some of the values, shared where that is possible."""
        if self.values.folded and (low or high < self.values.length):
            return self.values.cut(low, high)
        return self.values.slice(low, high)

    def buffers(self) -> tuple[Array, ...]:
        held = (self.value, self.packed, self.counts, *self.values.buffers())
        return held if self.exceptions is None else held + self.exceptions.buffers()

    @property
    def code_meaning(self) -> Hashable:
        return self.value.tobytes(), self.values.meaning

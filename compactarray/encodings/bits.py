"""Bits: one bit an element, for bools and for any two values."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array, Encoding, Positions
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.stats import Statistics
from compactarray.kernels import lookup_u1
from compactarray.numerics.words import is_wide, words

#: Bools from which on eight of them are looked up at a time; and the eight bytes for each byte of bits, as a machine word.
_MANY = 256
_EIGHT = np.unpackbits(np.arange(256, dtype=np.uint8), bitorder="little").view(np.uint64)


class Bits(Encoding):
    """Bit 0 means the first value of `pair`, bit 1 the second; the least significant bit comes first."""

    __slots__ = ("packed", "pair")
    name = "bits"
    family = "bits"

    def __init__(self, packed: Array, pair: Array, length: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(pair.dtype, length, exceptions)
        self.packed = packed
        self.pair = pair

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        if stats.dtype.kind != "b" and _other(stats) is None:
            return None
        return (stats.length + 7) // 8 + 2.0 * stats.itemsize

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        if stats.dtype.kind == "b":
            # Any byte but 0 and 1 in a bool comes from a reinterpreted buffer, and is not kept as bits.
            if (stats.words > 1).any():
                return None
            pair = np.array([False, True])
            return cls(np.packbits(values, bitorder="little"), pair, values.size)
        other = _other(stats)
        if other is None:
            return None
        pair = np.sort(np.array([stats.fill, other], stats.words.dtype)).view(values.dtype)
        return cls(np.packbits(stats.words == words(pair)[1], bitorder="little"), pair, values.size)

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        first = start // 8
        if self.dtype.kind == "b" and not start % 8 and out.flags.c_contiguous and out.flags.aligned and stop - start >= _MANY:
            last = stop // 8
            lookup_u1(_EIGHT, self.packed[first:last], out[: 8 * (last - first)].view(np.uint64))
            out, start, first = out[8 * (last - first) :], 8 * last, last
            if start == stop:
                return
        bits = np.unpackbits(self.packed[first : -(-stop // 8)], bitorder="little")[start - 8 * first : stop - 8 * first]
        self._expand(bits, out)

    def take_codes(self, positions: Array, out: Array) -> None:
        self._expand(self.packed[positions >> 3] >> (positions & 7).astype(np.uint8) & np.uint8(1), out)

    def _expand(self, bits: Array, out: Array) -> None:
        if self.dtype.kind == "b":
            out[...] = bits.view(bool)
        elif is_wide(self.dtype):
            out[...] = self.pair[bits]
        else:
            # Only the two words occur. By arithmetic, since a choice between them would be a branch.
            low, high = words(self.pair)
            found = np.multiply(bits, low ^ high, dtype=low.dtype)
            words(out)[...] = np.bitwise_xor(found, low, out=found)

    def item_of_code(self, position: int) -> np.generic:
        item: np.generic = self.pair[self.packed.item(position >> 3) >> (position & 7) & 1]
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        low, high = words(self.pair)
        found = words(np.ascontiguousarray(values))
        ones = np.asarray(found == high)
        return ones, ones | (found == low)

    def put_codes(self, positions: Positions, codes: Array | None) -> None:
        bits = np.unpackbits(self.packed, bitorder="little")
        bits[positions] = np.asarray(codes)
        self.packed[...] = np.packbits(bits, bitorder="little")

    def put_item(self, position: int, value: np.generic) -> bool:
        if self.exceptions is not None and self.exceptions.lookup(position) is not None:
            return False
        found = np.asarray(value, self.dtype).tobytes()
        one = found == self.pair[1:].tobytes()
        if not one and found != self.pair[:1].tobytes():
            return False
        byte, mask = self.packed.item(position >> 3), 1 << (position & 7)
        self.packed[position >> 3] = byte | mask if one else byte & ~mask
        return True

    def payload(self) -> tuple[Array, ...]:
        return (self.packed,)

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        if not start % 8:
            return (self.packed[start // 8 : -(-stop // 8)],)
        moved = np.zeros(-(-(stop - start) // 8), np.uint8)
        copy_bits(self.packed, start, stop - start, moved, 0)
        return (moved,)

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        return Bits(payload[0], self.pair, length, exceptions)

    def tables(self) -> tuple[Array, ...]:
        return (self.pair,)

    @property
    def code_meaning(self) -> Hashable:
        return self.pair.tobytes()


def _other(stats: Statistics) -> Any:
    """Return the second of exactly two different words in the block, or None."""
    found = stats.sample_words[0]
    if found.size > 2 or stats.fills == stats.length:
        return None
    rest = found[1] if found.size == 2 else stats.words[np.argmax(stats.words != stats.fill)]
    return rest if stats.fills + int(np.count_nonzero(stats.words == rest)) == stats.length else None


def copy_bits(source: Array, start: int, count: int, out: Array, at: int) -> None:
    """Copy `count` bits from bit `start` of `source` to bit `at` of `out`, which are 0; the least significant come first."""
    if not count:
        return
    last = (at + count - 1) // 8
    # Of each byte that is written, the bits come from two neighbouring bytes of the source (or from one).
    first = at // 8
    byte, shift = divmod(start - at % 8, 8)
    low = _bytes(source, byte, last - first + 1)
    if shift:
        low = low >> np.uint8(shift) | _bytes(source, byte + 1, last - first + 1) << np.uint8(8 - shift)
    else:
        low = low.copy()
    low[0] &= np.uint8(0xFF << at % 8 & 0xFF)
    low[-1] &= np.uint8(0xFF >> (7 - (at + count - 1) % 8))
    # Neighbours share the bytes at the ends.
    out[first] |= low[0]
    if last > first:
        out[last] |= low[-1]
        out[first + 1 : last] = low[1:-1]


def _bytes(source: Array, first: int, count: int) -> Array:
    """Return `count` bytes from `first` on, which may lie one before the array or beyond its end: zeros there."""
    if first >= 0 and first + count <= source.size:
        return source[first : first + count]
    found = np.zeros(count, np.uint8)
    low, high = max(first, 0), min(first + count, source.size)
    if low < high:
        found[low - first : high - first] = source[low:high]
    return found

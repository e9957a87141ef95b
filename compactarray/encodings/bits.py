"""Bits: one bit an element, for bools and for any two values."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array, Encoding, Positions
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.stats import Statistics
from compactarray.kernels import lookup_rows_u1, lookup_u1, pack_bools, unpack_bools
from compactarray.numerics.words import is_wide, words

#: Groups of eight elements from which on these are looked up, or packed, together.
_MANY = 4
#: Bytes that are shifted together.
_PIECE = 1 << 16
#: The bits that may be set in words of eight bytes that are 0 or 1.
_BOOLS = 0x0101010101010101


class Bits(Encoding):
    """Bit 0 means the first value of `pair`, bit 1 the second; the least significant bit comes first."""

    __slots__ = ("packed", "pair")
    name = "bits"
    family = "bits"
    together = True

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
            packed = packed_bytes(stats.words)
            return None if packed is None else cls(packed, np.array([False, True]), values.size)
        other = _other(stats)
        if other is None:
            return None
        pair = np.sort(np.array([stats.fill, other], stats.words.dtype)).view(values.dtype)
        return cls(np.packbits(stats.words == words(pair)[1], bitorder="little"), pair, values.size)

    def again(self, values: Array, block_length: int) -> Encoding | None:
        found, (low, high) = words(values), words(self.pair)
        if self.exceptions is not None:
            return None
        ones = found if self.dtype.kind == "b" else found == high
        if self.dtype.kind != "b" and int(np.count_nonzero(ones)) + int(np.count_nonzero(found == low)) < found.size:
            return None
        packed = packed_bytes(ones.view(np.uint8))
        return None if packed is None else Bits(packed, self.pair, values.size)

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        eights = 0 if start % 8 or is_wide(self.dtype) or not out.flags.c_contiguous else (stop - start) // 8
        if eights >= _MANY:
            # Eight elements at a time; as words of eight bytes, which need not begin where elements do.
            target = out[: 8 * eights].view(np.uint64)
            if target.flags.aligned:
                packed = self.packed[start // 8 : start // 8 + eights]
                if self.dtype.kind == "b":
                    unpack_bools(packed, target)
                else:
                    table = _eights(words(self.pair).tobytes(), self.dtype.itemsize)
                    if table.shape[1] == 1:
                        lookup_u1(table.reshape(-1), packed, target)
                    else:
                        lookup_rows_u1(table.reshape(-1), table.shape[1], packed, target)
                start, out = start + 8 * eights, out[8 * eights :]
        first = start // 8
        bits = np.unpackbits(self.packed[first : -(-stop // 8)], bitorder="little")[start - 8 * first : stop - 8 * first]
        self._expand(bits, out)

    def fresh(self, start: int, stop: int) -> Array:
        if self.exceptions is not None or self.dtype.kind != "b" or stop - start >= 8 * _MANY:
            return super().fresh(start, stop)
        first = start // 8
        bits = np.unpackbits(self.packed[first : -(-stop // 8)] if first else self.packed, None, stop - 8 * first, "little")
        return (bits[start - 8 * first :] if start % 8 else bits).astype(bool)

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


def packed_bytes(marks: Array) -> Array | None:
    """Return bytes of 0 and 1, 1-D and contiguous, as bits; None if there are others.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.bits import packed_bytes
    >>> packed_bytes(np.array([1, 0, 1], np.uint8)), packed_bytes(np.array([2], np.uint8))
    (array([5], dtype=uint8), None)
    """
    eights = marks.size // 8
    head, rest = marks[: 8 * eights].view(np.uint64), marks[8 * eights :]
    if eights < _MANY or not head.flags.aligned:
        return np.packbits(marks, bitorder="little") if not marks.size or int(marks.max()) <= 1 else None
    packed = np.empty(-(-marks.size // 8), np.uint8)
    if int(pack_bools(head, packed[:eights])) & ~_BOOLS:
        return None
    if rest.size:
        if int(rest.max()) > 1:
            return None
        packed[eights:] = np.packbits(rest, bitorder="little")
    return packed


@lru_cache(8)
def _eights(pair: bytes, itemsize: int) -> Array:
    """Return the eight words, of a pair, that a byte of bits stands for: a row a byte, in words of eight bytes."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    return np.frombuffer(pair, f"u{itemsize}")[bits].view(np.uint64)


def _other(stats: Statistics) -> Any:
    """Return the second of exactly two different words in the block, or None."""
    found = stats.sample_words[0]
    if found.size > 2 or stats.fills == stats.length:
        return None
    rest = found[1] if found.size == 2 else stats.words[np.argmax(stats.words != stats.fill)]
    return rest if stats.fills + int(np.count_nonzero(stats.words == rest)) == stats.length else None


def copy_bits(source: Array, start: int, count: int, out: Array, at: int) -> None:
    """Copy `count` bits from bit `start` of `source` to bit `at` of another array, which are 0; the least significant come first."""
    if not count:
        return
    # Of each byte that is written, the bits come from two neighbouring bytes of the source (or from one).
    first, last = at // 8, (at + count - 1) // 8
    byte, shift = divmod(start - at % 8, 8)
    head, tail = 0xFF << at % 8 & 0xFF, 0xFF >> (7 - (at + count - 1) % 8)
    # Neighbours share the bytes at the ends.
    if first == last:
        out[first] |= _byte(source, byte, shift) & head & tail
        return
    out[first] |= _byte(source, byte, shift) & head
    out[last] |= _byte(source, byte + last - first, shift) & tail
    between = source[byte + 1 : byte + last - first + 1]
    if shift:
        _shift(between, shift, out[first + 1 : last])
    else:
        out[first + 1 : last] = between[: last - first - 1]


def _byte(source: Array, place: int, shift: int) -> int:
    """Return a byte from bit `shift` of the one at `place`, which may lie one before the array or be its last: zeros beyond."""
    low = source.item(place) if 0 <= place < source.size else 0
    high = source.item(place + 1) if shift and place + 1 < source.size else 0
    return (low >> shift | high << (8 - shift)) & 0xFF


def _shift(source: Array, shift: int, out: Array) -> None:
    """Write bytes from bit `shift` of each byte of a source on, which is one byte longer; some at a time, that stay in the cache.

    They are shifted as words of eight bytes, once from a byte on and once from the next: all bits but those at the ends come twice.
    """
    right, left = np.uint64(shift), np.uint64(8 - shift)
    rooms = np.zeros((2, min(out.size, _PIECE) // 8 + 1), np.uint64)
    here, there = rooms
    for start in range(0, out.size, _PIECE):
        part = out[start : start + _PIECE]
        # The last byte's upper bits are the next one's, and not what was here before.
        here.view(np.uint8)[: part.size + 1] = source[start : start + part.size + 1]
        there.view(np.uint8)[: part.size] = source[start + 1 : start + 1 + part.size]
        np.right_shift(here, right, out=here)
        np.left_shift(there, left, out=there)
        np.bitwise_or(here, there, out=here)
        part[...] = here.view(np.uint8)[: part.size]

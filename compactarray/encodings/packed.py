"""Packed: the codes of another encoding in as many bits as they need, for the level "small"."""

from collections.abc import Hashable, Sequence

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.folded import Derived
from compactarray.encodings.raw import Raw
from compactarray.encodings.turned import opened
from compactarray.kernels.packing import pack, unpack
from compactarray.numerics.words import words

#: Codes that propose a window.
_SAMPLE = 4_096


class Layout:
    """Codes of blocks, packed.

    Parameters
    ----------
    packed : ndarray of an unsigned integer dtype
        The words, block after block.
    width : int
        Bits of a code, fewer than a word has.
    length : int
        Codes laid out; the last block may have fewer than the others.
    block_length : int
        Codes of a block.
    """

    __slots__ = ("packed", "width", "length", "block_length")

    def __init__(self, packed: Array, width: int, length: int, block_length: int) -> None:
        self.packed, self.width, self.length, self.block_length = packed, width, length, block_length

    @classmethod
    def of(cls, codes: Array, width: int, block_length: int) -> "Layout":
        """Lay out codes, all of which are less than ``1 << width``."""
        parts = []
        for start in range(0, codes.size, block_length):
            part = codes[start : start + block_length]
            lanes = _lanes(part.size, codes.itemsize)
            out = np.zeros(lanes * width, codes.dtype)
            pack(np.ascontiguousarray(part), lanes, width, out)
            parts.append(out)
        return cls(np.concatenate(parts) if parts else np.empty(0, codes.dtype), width, codes.size, block_length)

    def _words(self, blocks: int) -> int:
        """Return how many words whole blocks take."""
        return blocks * self.width * _lanes(self.block_length, self.packed.itemsize)

    def read(self, start: int, stop: int) -> Array:
        """Return codes ``start:stop``."""
        out = np.empty(stop - start, self.packed.dtype)
        for block in range(start // self.block_length, -(-stop // self.block_length)):
            base = block * self.block_length
            low, high = max(start, base), min(stop, base + self.block_length)
            lanes = _lanes(min(self.block_length, self.length - base), self.packed.itemsize)
            first = self._words(block)
            unpack(self.packed[first : first + lanes * self.width], lanes, self.width, low - base, out[low - start : high - start])
        return out

    def take(self, positions: Array) -> Array:
        """Return the codes at some positions."""
        bits, cast = 8 * self.packed.itemsize, self.packed.dtype.type
        blocks, local = np.divmod(positions, self.block_length)
        last = (self.length - 1) // self.block_length
        full, rest = _lanes(self.block_length, self.packed.itemsize), self.length - last * self.block_length
        lanes = np.where(blocks == last, _lanes(rest, self.packed.itemsize), full)
        rows, lane = np.divmod(local, lanes)
        word, shift = np.divmod(rows * self.width, bits)
        places = blocks * (full * self.width) + word * lanes + lane
        shift = shift.astype(self.packed.dtype)
        found = self.packed[places] >> shift
        split = np.flatnonzero(shift + cast(self.width) > bits)
        found[split] |= self.packed[(places + lanes)[split]] << (cast(bits) - shift[split])
        masked: Array = found & cast((1 << self.width) - 1)
        return masked

    def item(self, position: int) -> int:
        """Return the code at one position."""
        bits, (block, local) = 8 * self.packed.itemsize, divmod(position, self.block_length)
        lanes = _lanes(min(self.block_length, self.length - block * self.block_length), self.packed.itemsize)
        row, lane = divmod(local, lanes)
        word, shift = divmod(row * self.width, bits)
        place = self._words(block) + word * lanes + lane
        found: int = self.packed.item(place) >> shift
        if shift + self.width > bits:
            found |= self.packed.item(place + lanes) << (bits - shift)
        return found & ((1 << self.width) - 1)

    def cut(self, start: int, stop: int) -> "Layout":
        """Return the blocks that hold ``start:stop``, shared; `start` is at the edge of a block."""
        first, last = start // self.block_length, -(-stop // self.block_length)
        length = min(self.length, last * self.block_length) - start
        end = self._words(last) if last * self.block_length <= self.length else self.packed.size
        return Layout(self.packed[self._words(first) : end], self.width, length, self.block_length)

    @property
    def meaning(self) -> Hashable:
        """What must be equal for joining."""
        return self.packed.dtype, self.width, self.block_length


def _lanes(count: int, itemsize: int) -> int:
    return -(-count // (8 * itemsize))


class Packed(Derived):
    """code = low + packed code; `model` has the meaning, and no elements."""

    __slots__ = ("model", "low", "layout")
    name = "packed"
    family = "packed"

    def __init__(self, model: Coded, low: int, layout: Layout, length: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(model.dtype, length, exceptions)
        self.model, self.low, self.layout = model, low, layout

    @classmethod
    def of(cls, encoding: Coded, block_length: int, patched: bool = True) -> "Packed | None":
        """Return the elements of an encoding with its codes packed, or None where that saves nothing.

        Codes far from most others become exceptions; none do if `patched` is false, and the encoding has none.
        """
        codes = encoding.codes
        if not codes.size or codes.dtype.kind not in "iu":
            return None
        before = encoding.exceptions
        known = np.empty(0, np.int64) if before is None else before.places(0, encoding.length)[2]
        inside = np.delete(codes, known) if known.size else codes
        low, width = best_window(inside) if patched else _whole_window(inside)
        if width >= 8 * codes.itemsize:
            return None
        packed = words(codes) - words(codes).dtype.type(low % (1 << 8 * codes.itemsize))
        outside = packed > packed.dtype.type((1 << width) - 1)
        outside[known] = True
        places = np.flatnonzero(outside)
        packed[places] = 0
        values = np.empty(places.size, encoding.dtype)
        encoding.take(places, values)
        layout = Layout.of(packed, width, block_length)
        return cls(empty_of(encoding), low, layout, encoding.length, _exceptions(places, values, encoding.length, block_length))

    # --- reading ------------------------------------------------------------------------------------

    def _coded(self, codes: Array) -> Coded:
        """Return packed codes with their meaning."""
        if self.low:
            codes += codes.dtype.type(self.low % (1 << 8 * codes.itemsize))
        found = self.model.rebuilt((codes.view(self.model.codes.dtype),), codes.size, None)
        assert isinstance(found, Coded)
        return found

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        self._coded(self.layout.read(start, stop)).decode_codes(0, stop - start, out)

    def take_codes(self, positions: Array, out: Array) -> None:
        self._coded(self.layout.take(positions)).decode_codes(0, positions.size, out)

    def item_of_code(self, position: int) -> np.generic:
        dtype = self.model.codes.dtype
        bits = 8 * dtype.itemsize
        # The sum is one of words, which wrap around; of a signed code the first bit is the sign.
        code = (self.layout.item(position) + self.low) & ((1 << bits) - 1)
        return self.model.meant(code - (1 << bits) if dtype.kind == "i" and code >> (bits - 1) else code)

    def unfolded(self, start: int, stop: int) -> Encoding:
        return opened(self._coded(self.layout.read(start, stop)))

    # --- joining ------------------------------------------------------------------------------------

    def payload(self) -> tuple[Array, ...]:
        return (self.layout.packed,)

    def slice_payload(self, start: int, stop: int) -> tuple[Array, ...]:
        return (self.layout.cut(start, stop).packed,)

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        layout = Layout(payload[0], self.layout.width, self._laid_out(length), self.layout.block_length)
        return Packed(self.model, self.low, layout, length, exceptions)

    def _laid_out(self, length: int) -> int:
        """Return how many codes are laid out where there are `length` elements: of a last block that was cut, all that it had."""
        return self.layout.length if length == self.length else length

    def slice(self, start: int, stop: int) -> Encoding:
        if start == stop:
            return Constant(np.zeros(1, self.dtype), 0)
        exceptions = None if self.exceptions is None else self.exceptions.slice(start, stop)
        return Packed(self.model, self.low, self.layout.cut(start, stop), stop - start, exceptions)

    def tables(self) -> tuple[Array, ...]:
        return self.model.tables()

    def continued_by(self, other: Encoding, length: int) -> bool:
        return self.layout.length == self.length and isinstance(other, Packed) and other.layout.length == other.length

    @property
    def code_meaning(self) -> Hashable:
        return self.model.meaning, self.low, self.layout.meaning


def _whole_window(codes: Array) -> tuple[int, int]:
    """Return the least code, and the number of bits, of the window that holds all codes."""
    low = int(codes.min())
    return low, max(1, (int(codes.max()) - low).bit_length())


def best_window(codes: Array) -> tuple[int, int]:
    """Return the least code, and the number of bits, of the window in which codes take the fewest bytes, patches included."""
    numbers = words(codes[:: max(1, codes.size // _SAMPLE)])
    base, bits = int(codes.min()), 8 * codes.itemsize
    cast = numbers.dtype.type
    offsets = np.sort(numbers - cast(base % (1 << bits)))
    best, least = (0, bits), float(bits)
    for width in range(1, int(offsets[-1]).bit_length() + 1):
        reach = (1 << width) - 1
        ends = np.where(offsets > cast((1 << bits) - 1 - reach), offsets[-1], offsets + cast(reach))
        inside = offsets.searchsorted(ends, side="right") - np.arange(offsets.size)
        first = int(inside.argmax())
        taken = width + (1 - int(inside[first]) / offsets.size) * (16 + bits)
        if taken < least:
            best, least = (base + int(offsets[first]), width), taken
    if not offsets[-1]:
        return base, 1
    return best


def _exceptions(places: Array, values: Array, length: int, block_length: int) -> Exceptions | None:
    if not places.size:
        return None
    edges = np.arange(0, length + block_length, block_length)[: -(-length // block_length) + 1]
    offsets = places.searchsorted(edges).astype(np.int64)
    return Exceptions((places % block_length).astype(np.uint16), offsets, Raw(values), block_length)


def empty_of(encoding: Coded) -> Coded:
    """Return an encoding of the same meaning without elements."""
    found = encoding.rebuilt((encoding.codes[:0].copy(),), 0, None)
    assert isinstance(found, Coded)
    return found

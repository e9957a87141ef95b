"""Sparse stretches: elements of one value, the fill, but for some that are stored with their positions.

What the modules ``sparse_*`` share: coordinates out of a view, a part at a time, and storages made of
coordinates. An array counts as sparse where all its blocks are COO (or constant) of one fill.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import encode_flat
from compactarray.geometry.layout import is_contiguous
from compactarray.kernels.coordinates import addresses as locate
from compactarray.kernels.coordinates import cut, discard, mark
from compactarray.kernels.sparse_views import distribute
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import Builder, constant_storage

#: Tiles of stored elements that are worked on at a time: 256 thousand elements as shipped, each with its address.
_TILES = 4
#: Blocks of one pattern.
_MOST_BLOCKS = 1 << 20
#: Values looked at before an encoding for all of them is looked for.
_GLANCE = 64
#: Addresses are sorted by digits of so many bits, unless they are few.
_DIGIT, _FEW = 11, 1 << 12
#: What counts as a decimal at a glance, and how many values are looked at.
_DECIMALS, _FEW_DECIMALS = 1e4, 8
#: Of the words of float64: what no float32 has, what is not the sign, and those of 2**23.
_LAST_BITS, _MAGNITUDE, _TWO_TO_23 = (1 << 29) - 1, (1 << 63) - 1, (23 + 1023) << 52

FALSE_TRUE = np.array([False, True])


def is_moderate(size: int) -> bool:
    """Tell whether so many elements may have one pattern, which has an offset for each block: 8 MB of them as shipped."""
    return size <= _MOST_BLOCKS * settings().block_length


def at_a_time() -> int:
    """Return how many stored elements are worked on at a time."""
    return _TILES * settings().tile_length


class Part(NamedTuple):
    """Some stored elements, in order: block k of the pattern begins at address ``start + k * block_length``."""

    start: int
    block_length: int
    positions: Array
    offsets: Array
    values: Array

    @property
    def pattern(self) -> tuple[Array, Array, int, int]:
        """What kernels take."""
        return self.positions, self.offsets, self.block_length, self.start

    def addresses(self) -> Array:
        """Return the addresses of the elements."""
        out = np.empty(self.positions.size, np.int64)
        locate(self.positions, self.offsets, self.block_length, self.start, out)
        return out


class Sparse:
    """`size` elements, all of them the fill (an array of one element) but for the stored ones.

    Parameters
    ----------
    fill : ndarray
        The fill, an array of one element.
    size : int
        The number of elements.
    lanes : list of (int, Encoding)
        What holds them, and the address at which it begins: below 0 where only its end is wanted.
    """

    __slots__ = ("fill", "size", "_lanes")

    def __init__(self, fill: Array, size: int, lanes: list[tuple[int, Encoding]]) -> None:
        self.fill = fill
        self.size = size
        self._lanes = lanes

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        return self.fill.dtype

    @property
    def count(self) -> int:
        """How many elements are stored; an upper bound, where a stretch begins or ends inside of a block."""
        return sum(lane.exceptions.count for _, lane in self._lanes if lane.exceptions is not None)

    @property
    def single(self) -> Encoding | None:
        """The one encoding that holds all elements and no others, if there is one."""
        start, lane = self._lanes[0]
        return lane if len(self._lanes) == 1 and not start else None

    def parts(self, start: int = 0, stop: int | None = None, most: int | None = None) -> Iterator[Part]:
        """Yield the stored elements within ``start:stop``, about `most` at a time; parts without any are left out."""
        stop = self.size if stop is None else stop
        most = at_a_time() if most is None else most
        single = self.single
        if single is not None and not start and stop == self.size and single.exceptions is not None:
            held = single.exceptions
            if 0 < held.count <= most and single.length == stop:
                yield Part(0, held.block_length, held.positions, held.offsets, held.values.decoded(0, held.count))
                return
        for first, lane in self._lanes:
            exceptions = lane.exceptions
            if exceptions is not None and first < stop and first + lane.length > start:
                yield from _parts_of(exceptions, first, lane.length, max(start, first), min(stop, first + lane.length), most)

    def lane(self) -> Encoding:
        """Return one encoding of all elements, with blocks of the length now in force."""
        length, single = settings().block_length, self.single
        if single is not None and (single.exceptions is None or single.exceptions.block_length == length):
            return single
        part = self.whole()
        return sparse_from(self.fill, self.size, part.addresses(), part.values)._lanes[0][1]

    def whole(self) -> Part:
        """Return all stored elements as one part."""
        found = list(self.parts(most=self.count + 1))
        if len(found) == 1:
            return found[0]
        length = found[0].block_length if found else settings().block_length
        if not found:
            return Part(0, length, np.empty(0, np.uint16), np.zeros(2, np.int64), np.empty(0, self.dtype))
        places, values = np.concatenate([part.addresses() for part in found]), np.concatenate([part.values for part in found])
        return Part(0, length, *pattern_of(places, 0, self.size, length), values)


def _parts_of(exceptions: Exceptions, first: int, length: int, start: int, stop: int, most: int) -> Iterator[Part]:
    """Yield the exceptions of a lane that begins at address `first`, as far as they lie within ``start:stop``."""
    width, offsets = exceptions.block_length, exceptions.offsets
    block, last = (start - first) // width, -(-(stop - first) // width)
    while block < last:
        # As many blocks as have `most` exceptions, but one at least.
        end = int(offsets.searchsorted(offsets[block] + most, side="right")) - 1
        end = max(block + 1, min(end, last))
        low, high = int(offsets[block]), int(offsets[end])
        base = first + block * width
        if base < start:
            low += int(exceptions.positions[low : int(offsets[block + 1])].searchsorted(np.uint16(start - base)))
        if first + end * width > stop:
            begin = max(low, int(offsets[end - 1]))
            # Not past the last position, which is one below the length of a block at the most.
            high = begin + int(exceptions.positions[begin:high].searchsorted(np.uint16(stop - first - (end - 1) * width)))
        if low < high:
            bounds = np.minimum(np.maximum(offsets[block : end + 1], low), high) - low
            yield Part(base, width, exceptions.positions[low:high], bounds, exceptions.values.decoded(low, high))
        block = end


def sparse_of(view: Any) -> Sparse | None:
    """Return what a view holds, in the order of its elements, if it is one that is sparse and contiguous in C order."""
    storage = getattr(view, "storage", None)
    if not isinstance(storage, BlockStorage) or not is_contiguous(view.shape, view.steps):
        return None
    return sparse_of_stretch(storage, view.offset, view.offset + view.size)


def sparse_of_stretch(storage: BlockStorage, start: int, stop: int) -> Sparse | None:
    """Return what a storage holds at the addresses ``start:stop``, if that is sparse."""
    size = stop - start
    entry = storage.sole
    if entry is not None and size == storage.size:
        # All that one encoding holds: nothing has to be cut.
        encoding = entry.encoding
        return Sparse(encoding.value, size, [(0, encoding)]) if isinstance(encoding, Constant) and size else None
    edge = start // storage.block_length * storage.block_length
    fill: Array | None = None
    lanes: list[tuple[int, Encoding]] = []
    while edge < stop:
        end, lane = storage.lane(edge, stop)
        if not isinstance(lane, Constant) or (fill is not None and lane.value.tobytes() != fill.tobytes()):
            return None
        fill = lane.value
        lanes.append((edge - start, lane))
        edge = end
    return None if fill is None else Sparse(fill, size, lanes)


def in_order(addresses: Array, values: Array, size: int) -> tuple[Array, Array]:
    """Return different addresses below `size`, which belong to the caller, ascending, and their values in the same order."""
    if addresses.size < _FEW:
        order = np.argsort(addresses)
        return addresses[order], values[order]
    for shift in range(0, (size - 1).bit_length(), _DIGIT):
        there, others = np.empty_like(addresses), np.empty_like(values)
        distribute(words(values), addresses, shift, np.zeros(1 << _DIGIT, np.int64), words(others), there)
        addresses, values = there, others
    return addresses, values


def sparse_from(fill: Array, size: int, addresses: Array, values: Array) -> Sparse:
    """Return `size` elements that are a fill but for those at ascending addresses."""
    if not addresses.size:
        return Sparse(fill, size, [(0, Constant(fill, size))])
    length = settings().block_length
    exceptions = Exceptions(*pattern_of(addresses, 0, size, length), Raw(values), length)
    return Sparse(fill, size, [(0, Coo(fill, size, exceptions))])


def pattern_of(addresses: Array, start: int, stop: int, block_length: int) -> tuple[Array, Array]:
    """Return the positions and offsets of ascending addresses within ``start:stop``; block 0 begins at `start`."""
    positions = np.empty(addresses.size, np.uint16)
    offsets = np.empty(-(-(stop - start) // block_length) + 1, np.int64)
    cut(addresses, start, block_length, positions, offsets)
    return positions, offsets


def rows_and_columns(addresses: Array, length: int) -> tuple[Array, Array]:
    """Return the rows and columns of ascending addresses in a matrix of `length` columns."""
    first = int(addresses[0]) // length
    starts = np.arange(first, int(addresses[-1]) // length + 1, dtype=np.int64)
    if starts.size > addresses.size:
        rows, columns = np.divmod(addresses, length)
        return rows, columns
    numbers = np.diff(addresses.searchsorted(starts * length), append=addresses.size)
    rows = np.repeat(starts, numbers)
    return rows, addresses - rows * length


def form(
    fill: Array, length: int, positions: Array, offsets: Array, values: Array, block_length: int, shared: bool = False
) -> Encoding | None:
    """Return the encoding of elements that are the fill but for some, or None where it would not pay.

    `values` belong to the encoding from now on, and so do `positions`, unless they are `shared`. Values that
    are the fill are left out. Bools become bits where positions take more.
    """
    positions, offsets, values = distinct(fill, positions, offsets, values, shared)
    return _form(fill, length, positions, offsets, values, block_length)


def distinct(
    fill: Array, positions: Array, offsets: Array, values: Array, shared: bool = False, shared_values: bool = False
) -> tuple[Array, Array, Array]:
    """Return positions, offsets and values of the elements that are not the fill, in the same memory unless it is shared."""
    if not (words(values) == words(fill)[0]).any():
        return positions, offsets, values
    fresh, kept = np.empty_like(positions) if shared else positions, np.empty_like(values) if shared_values else values
    bounds = np.empty_like(offsets)
    count = int(discard(words(values), words(fill)[0], positions, offsets, words(kept), fresh, bounds))
    return _trimmed(fresh, count), bounds, _trimmed(kept, count)


def _form(fill: Array, length: int, positions: Array, offsets: Array, values: Array, block_length: int) -> Encoding | None:
    count = positions.size
    if not count:
        return Constant(fill, length)
    if fill.dtype.kind == "b" and (values.view(np.uint8) == fill.view(np.uint8)[0] ^ 1).all():
        return _marked(bool(fill[0]), length, positions, offsets, block_length)
    if not pays(count, length, fill.dtype):
        return None
    return Coo(fill, length, Exceptions(positions, offsets, encoded_values(values), block_length))


def _marked(fill: bool, length: int, positions: Array, offsets: Array, block_length: int) -> Encoding:
    """Return bools of which those at some positions are not the fill: as bits, or as positions where these take less."""
    if pays(positions.size, length, FALSE_TRUE.dtype):
        other = Constant(FALSE_TRUE[1 - fill : 2 - fill].copy(), positions.size)
        return Coo(FALSE_TRUE[fill : fill + 1].copy(), length, Exceptions(positions, offsets, other, block_length))
    packed = np.full(-(-length // 8), 255 if fill else 0, np.uint8)
    mark(positions, offsets, block_length, packed)
    return Bits(packed, FALSE_TRUE, length)


def pays(count: int, length: int, dtype: np.dtype[Any]) -> bool:
    """Tell whether coordinates are clearly smaller than the elements themselves (of bools, than their bits)."""
    return count * 16 <= length if dtype.kind == "b" else 4 * count * (2 + dtype.itemsize) <= 3 * length * dtype.itemsize


def encoded_values(values: Array) -> Encoding:
    """Return values encoded; a glance suffices for floats of which one is no integer, no narrower float and no decimal."""
    if values.dtype.kind == "f" and values.size > _GLANCE:
        some = values[:: values.size // _GLANCE]
        if values.dtype.itemsize == 8:
            return Raw(values) if _are_fractions(some) else encode_flat(values)
        if not (some == np.rint(some)).all() and (some != some[0]).any():
            return Raw(values)
    return encode_flat(values)


def _are_fractions(some: Array) -> bool:
    """Tell whether one of some float64 is neither an integer nor a float32 nor a decimal, and they are not all equal.

    Proof: whoever has bits among the last 29 of the mantissa is no float32, and below 2**23 they stand for fractions.
    """
    bits = some.view(np.int64)
    fractions = some[(bits & _LAST_BITS != 0) & (bits & _MAGNITUDE < _TWO_TO_23)][:_FEW_DECIMALS]
    return bool((np.rint(fractions * _DECIMALS) / _DECIMALS != fractions).any() and (bits != bits[0]).any())


def _trimmed(array: Array, size: int) -> Array:
    """Return the first elements of an array that nobody else holds, without the memory of the others if possible."""
    if array.base is not None:
        return array[:size]
    array.resize(size, refcheck=False)
    return array


class SparseBuilder:
    """Makes a storage of a fill and stored elements, which come in order of address.

    Holds the result and a part of the elements: what has come is encoded as soon as there is much of it.

    Parameters
    ----------
    fill : ndarray
        The fill, an array of one element.
    expected : int, optional
        How many elements there will be in all, as far as is known.
    """

    def __init__(self, fill: Array, expected: int = 0) -> None:
        self._fill = fill
        self._length = settings().block_length
        self._most = at_a_time()
        self._waiting: list[tuple[Array, Array]] = []
        self._count = 0
        self._done = 0
        self._builder = Builder(fill.dtype, expected)

    def append(self, addresses: Array, values: Array) -> None:
        """Append elements at ascending addresses (int64) behind all that came before; the arrays must not be changed later."""
        if not addresses.size:
            return
        self._waiting.append((addresses, values))
        self._count += addresses.size
        if self._count >= self._most:
            self._encode(int(addresses[-1]) // self._length * self._length)

    def _encode(self, stop: int) -> None:
        """Encode the blocks before `stop`, which is at the edge of one or the end of all."""
        if stop <= self._done:
            return
        if not self._waiting:
            self._builder.append_encoded(Constant(self._fill, stop - self._done))
            self._done = stop
            return
        addresses, values = self._taken()
        end = int(addresses.searchsorted(stop))
        if end < addresses.size:
            self._waiting, self._count = [(addresses[end:], values[end:])], addresses.size - end
            addresses, values = addresses[:end], values[:end]
        pattern = pattern_of(addresses, self._done, stop, self._length)
        positions, offsets, values = distinct(self._fill, *pattern, values, shared_values=True)
        encoding = _form(self._fill, stop - self._done, positions, offsets, values, self._length)
        if encoding is not None:
            self._builder.append_encoded(encoding)
        else:
            for block in range(offsets.size - 1):
                dense = np.full(min(self._length, stop - self._done - block * self._length), self._fill)
                inside = slice(int(offsets[block]), int(offsets[block + 1]))
                dense[positions[inside]] = values[inside]
                self._builder.append(dense)
        self._done = stop

    def _taken(self) -> tuple[Array, Array]:
        """Return what waits, and forget it."""
        waiting = self._waiting
        self._waiting, self._count = [], 0
        if len(waiting) == 1:
            return waiting[0]
        return np.concatenate([a for a, _ in waiting]), np.concatenate([v for _, v in waiting])

    def finish(self, size: int) -> Storage:
        """Return the storage of `size` elements; the builder is used up."""
        if not self._done and not self._waiting:
            return constant_storage(self._fill, size)
        self._encode(size)
        return self._builder.finish()

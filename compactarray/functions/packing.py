"""Bits packed to bytes, and bytes taken apart to bits."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import index as as_integer
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.bits import Bits
from compactarray.encodings.raw import Raw
from compactarray.execution.mapping import in_c_order
from compactarray.execution.operands import operand, tile_of
from compactarray.execution.tally import lanes_of
from compactarray.functions.common import compact, inline, wrap
from compactarray.geometry.tiles import pieces, regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.blocks import storage_of
from compactarray.storage.view import built, whole

#: Bytes of which a sample is taken, and so many at least from which on pairs of them are looked up.
_SAMPLE, _PAIRS = 1 << 10, 1 << 12


def _checked(function: Callable[..., Array], a: CompactArray, axis: Any, **options: Any) -> None:
    """Have NumPy refuse what it refuses whatever the elements are."""
    function(np.zeros((1,) * a.ndim, a.dtype), axis, **options)


@implements(np.packbits, route="native", inline=True)
def packbits(a: Any, /, axis: Any = None, bitorder: Any = "big") -> Any:
    """As numpy.packbits."""
    a = compact(a)
    _checked(np.packbits, a, axis, bitorder=bitorder)
    if not a.ndim or not a.size:
        return inline(np.packbits, a, axis, bitorder)
    if axis is None:
        a, axis = a.reshape(-1), 0
    axis = normalize_axis_index(axis, a.ndim)
    if a.flags.f_contiguous and not a.flags.c_contiguous:
        # NumPy's results are in that order, too.
        return packbits(a.T, a.ndim - 1 - axis, bitorder).T
    shape = (*a.shape[:axis], -(-a.shape[axis] // 8), *a.shape[axis + 1 :])
    if axis == a.ndim - 1 and (a.ndim == 1 or not a.shape[axis] % 8):
        found = _of_bits(a, shape, bitorder)
        if found is not None:
            return found
    return _by_slices(operand(a._view), shape, axis, lambda start, stop: (8 * start, 8 * stop), _Packed(bitorder))


@implements(np.unpackbits, route="native", inline=True)
def unpackbits(a: Any, /, axis: Any = None, count: Any = None, bitorder: Any = "big") -> Any:
    """As numpy.unpackbits."""
    a = compact(a)
    _checked(np.unpackbits, a, axis, count=None if count is None or as_integer(count) < 0 else count, bitorder=bitorder)
    if not a.ndim or not a.size:
        return inline(np.unpackbits, a, axis, count, bitorder)
    if axis is None:
        a, axis = a.reshape(-1), 0
    axis = normalize_axis_index(axis, a.ndim)
    if a.flags.f_contiguous and not a.flags.c_contiguous:
        return unpackbits(a.T, a.ndim - 1 - axis, count, bitorder).T
    bits = 8 * a.shape[axis]
    if axis == a.ndim - 1 and count is None and 8 * a.size > settings().plain_below and a.flags.c_contiguous:
        return _as_bits(a.reshape(-1), bitorder).reshape(*a.shape[:-1], bits)
    length = bits if count is None else as_integer(count)
    if length < 0:
        if -length > bits:
            # NumPy's error.
            np.unpackbits(np.zeros(1, np.uint8), count=-9)
        length += bits
    shape = (*a.shape[:axis], length, *a.shape[axis + 1 :])
    return _by_slices(operand(a._view), shape, axis, lambda start, stop: (start // 8, -(-stop // 8)), _Unpacked(bitorder))


def _of_bits(a: CompactArray, shape: tuple[int, ...], bitorder: Any) -> CompactArray | None:
    """Return what is held as bits, in bytes; None for other elements."""
    flat = in_c_order(a._view) if a.flags.c_contiguous else None
    lanes = [] if flat is None else lanes_of(flat)
    for piece in lanes:
        lane = piece.lane
        if not isinstance(lane, Bits) or lane.exceptions is not None or lane.pair[0] or not lane.pair[1] or piece.start % 8:
            return None

    def tiles() -> Iterator[Array]:
        for piece in lanes:
            lane = piece.lane
            assert isinstance(lane, Bits)
            packed = lane.packed[: -(-lane.length // 8)]
            for start, stop in pieces(0, packed.size, settings().tile_length):
                tile = packed[start:stop]
                beyond = 8 * stop - lane.length
                if beyond > 0:
                    tile = tile.copy()
                    tile[-1] &= 0xFF >> beyond
                yield tile if bitorder == "little" else _reversed(tile)

    if not lanes:
        return None
    if a.size > 8 * settings().plain_below and all(_varies(piece.lane.packed) for piece in lanes if isinstance(piece.lane, Bits)):
        found, start = np.empty(-(-a.size // 8), np.uint8), 0
        for tile in tiles():
            found[start : start + tile.size] = tile
            start += tile.size
        return wrap(whole(storage_of(found.dtype, [Raw(found)], settings().block_length), shape))
    return wrap(built(np.dtype(np.uint8), shape, tiles()))


def _varies(packed: Array) -> bool:
    """Tell from a sample whether bytes are best kept as they are: none of them is frequent."""
    sample = packed[:: packed.size // _SAMPLE | 1]
    return sample.size >= _SAMPLE // 2 and int(np.bincount(sample, minlength=256).max()) * 16 < sample.size


def _as_bits(a: CompactArray, bitorder: Any) -> CompactArray:
    """Return the bits of bytes, which are held as what they are."""
    packed = np.empty(a.size, np.uint8)
    for start, stop in pieces(0, a.size, settings().tile_length):
        tile = np.asarray(a[start:stop])
        packed[start:stop] = _reversed(tile) if bitorder == "big" else tile
    low, high = int(packed.min()), int(packed.max())
    if low == high and low in (0, 255):
        return CompactArray.from_value(low & 1, (8 * a.size,), packed.dtype)
    lane = Bits(packed, np.array([0, 1], np.uint8), 8 * a.size)
    return wrap(whole(storage_of(lane.dtype, [lane], settings().block_length), (lane.length,)))


def _reversed(tile: Array) -> Array:
    """Return bytes with their bits the other way round: looked up two at a time, in half the time that unpacking and packing takes."""
    even = tile.size // 2 * 2
    if even < _PAIRS or not tile.flags.c_contiguous:
        return np.packbits(np.unpackbits(tile, bitorder="little"))
    found = np.empty(tile.size, np.uint8)
    # Every place is in the table: "wrap" takes away the buffer that an error would need.
    np.take(_reversed_pairs(), tile[:even].view(np.uint16), out=found[:even].view(np.uint16), mode="wrap")
    found[even:] = np.packbits(np.unpackbits(tile[even:], bitorder="little"))
    return found


@lru_cache(1)
def _reversed_pairs() -> Array:
    """Return each pair of bytes with the bits of both the other way round, in 128 KB."""
    pairs = np.arange(1 << 16, dtype=np.uint16).view(np.uint8)
    return np.packbits(np.unpackbits(pairs, bitorder="little")).view(np.uint16)


class _Packed:
    """Packs a tile."""

    def __init__(self, bitorder: Any) -> None:
        self._bitorder = bitorder

    def __call__(self, tile: Array, axis: int, start: int, stop: int) -> Array:
        return np.packbits(tile, axis, self._bitorder)


class _Unpacked:
    """Takes a tile apart; what is beyond its end is zeros."""

    def __init__(self, bitorder: Any) -> None:
        self._bitorder = bitorder

    def __call__(self, tile: Array, axis: int, start: int, stop: int) -> Array:
        first = start // 8 * 8
        if not tile.shape[axis]:
            return np.zeros((*tile.shape[:axis], stop - start, *tile.shape[axis + 1 :]), np.uint8)
        found = np.unpackbits(tile, axis, stop - first, self._bitorder)
        return found[(*(slice(None),) * axis, slice(start - first, None))]


def _by_slices(
    source: Any, shape: tuple[int, ...], axis: int, needed: Callable[[int, int], tuple[int, int]], function: Callable[..., Array]
) -> CompactArray:
    """Return what a function makes of the elements along an axis that each tile of the result needs."""

    def tiles() -> Iterator[Array]:
        for region in regions(shape, settings().tile_length):
            part = region[axis]
            start, stop, _ = part.indices(shape[axis]) if isinstance(part, slice) else (part, part + 1, 1)
            tile = tile_of(source, (*region[:axis], slice(*needed(start, stop)), *region[axis + 1 :]))
            yield function(tile, sum(isinstance(item, slice) for item in region[:axis]), start, stop).reshape(-1)

    return wrap(built(np.dtype(np.uint8), shape, tiles()))

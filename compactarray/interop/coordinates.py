"""Between compact arrays and coordinates: what the libraries of sparse arrays have in common."""

from collections.abc import Iterable, Iterator
from math import prod

import numpy as np

from compactarray.array import CompactArray
from compactarray.storage.base import Array, Storage
from compactarray.storage.builder import can_encode
from compactarray.storage.parts import PartsStorage, SwappedStorage
from compactarray.storage.plain import PlainView
from compactarray.storage.sparse import SparseBuilder, sparse_of
from compactarray.storage.view import AnyView, whole

#: Elements that are converted at a time.
CHUNK = 1 << 18

Chunks = Iterable[tuple[Array, Array]]


def from_coordinates(fill: Array, shape: tuple[int, ...], chunks: Chunks, order: str = "C") -> CompactArray:
    """Return the array of a fill but for some elements.

    Parameters
    ----------
    fill : ndarray
        The fill, an array of one element.
    shape : tuple of int
        The shape.
    chunks : iterable of (ndarray, ndarray)
        Addresses (int64) in ascending order, as the elements follow each other in `order`, and values.
    order : str, optional
        In what order the elements are laid out: ``"C"`` or ``"F"``.
    """
    size = prod(shape)
    if not can_encode(fill.dtype):
        # Kept plain, and that is dense, whatever the values are.
        dense = np.empty(size, fill.dtype)
        dense[...] = fill[0]
        for addresses, values in chunks:
            dense[addresses] = values
        return CompactArray.from_view(PlainView(dense.reshape(shape, order=order)))  # type: ignore[call-overload]
    return CompactArray.from_view(whole(_storage(fill, size, chunks), shape, order))


def _storage(fill: Array, size: int, chunks: Chunks) -> Storage:
    dtype = fill.dtype
    if not dtype.isnative:
        native = dtype.newbyteorder("=")
        swapped = ((addresses, values.byteswap().view(native)) for addresses, values in chunks)
        return SwappedStorage(dtype, _storage(fill.byteswap().view(native), size, swapped))
    if dtype.kind == "c":
        real, imaginary = SparseBuilder(fill.real.copy(), size), SparseBuilder(fill.imag.copy(), size)
        for addresses, values in chunks:
            real.append(addresses, values.real.copy())
            imaginary.append(addresses, values.imag.copy())
        return PartsStorage(dtype, (real.finish(size), imaginary.finish(size)))
    builder = SparseBuilder(fill, size)
    for addresses, values in chunks:
        builder.append(addresses, np.ascontiguousarray(values))
    return builder.finish(size)


def in_order(addresses: Array, values: Array) -> Iterator[tuple[Array, Array]]:
    """Yield coordinates in ascending order, some at a time; the last of those at one address counts."""
    if addresses.size and (addresses[1:] <= addresses[:-1]).any():
        order = np.argsort(addresses, kind="stable")
        addresses, values = addresses[order], values[order]
        last = np.append(addresses[1:] != addresses[:-1], True)
        addresses, values = addresses[last], values[last]
    for first in range(0, addresses.size, CHUNK):
        yield addresses[first : first + CHUNK], values[first : first + CHUNK]


def stored(view: AnyView, fill: Array, by_value: bool) -> Iterator[tuple[Array, Array]]:
    """Yield the addresses, in C order of the elements, and the values of those that differ from a fill.

    By value, or by any bit. Where the view is sparse with that fill nothing is decoded that is not stored.
    """
    sparse = sparse_of(view)
    if sparse is not None and sparse.fill.tobytes() == fill.tobytes():
        for part in sparse.parts():
            kept = _differs(part.values, fill, by_value)
            yield (part.addresses(), part.values) if kept.all() else (part.addresses()[kept], part.values[kept])
        return
    start = 0
    for tile in view.tiles():
        found = np.flatnonzero(_differs(tile, fill, by_value))
        if found.size:
            yield found + start, tile[found]
        start += tile.size


def _differs(values: Array, fill: Array, by_value: bool) -> Array:
    if by_value:
        return np.asarray(values != fill[0])
    width = values.dtype.itemsize
    found = np.ascontiguousarray(values).view(np.uint8).reshape(-1, width) != fill.view(np.uint8)
    return np.asarray(found.any(axis=1))

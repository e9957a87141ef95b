"""Moving the elements of sparse arrays: by masks and addresses, end to end, transposed. Only stored elements are moved."""

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.geometry.index import Advanced
from compactarray.geometry.layout import contiguous_strides, is_contiguous
from compactarray.geometry.tiles import pieces
from compactarray.kernels.coordinates import addresses as locate
from compactarray.kernels.sparse import count_columns, transpose
from compactarray.kernels.sparse_views import lay
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import storage_of
from compactarray.storage.sparse import Part, Sparse, SparseBuilder, at_a_time, form, is_moderate, pattern_of, sparse_from, sparse_of
from compactarray.storage.sparse_views import sparse_view

_ONE = np.uint64(1)
#: Tiles of a mask that are worked on at a time.
_TILES = 32
#: Runs of so many elements are moved as such.
_LONG = 16
#: Stored elements that are joined at once: 16 MB of values and addresses.
_MOST_JOINED = 1 << 20


# --- by a mask, or by addresses ------------------------------------------------------------------------


class Mask:
    """Where a bool array is true, so that what is left of it can be counted up to any address.

    Parameters
    ----------
    packed : ndarray of uint8
        The bits, the least significant first.
    size : int
        How many there are.
    """

    __slots__ = ("count", "_words", "_before")

    def __init__(self, packed: Array, size: int) -> None:
        padded = np.zeros(-(-size // 64) * 8, np.uint8)
        padded[: packed.size] = packed
        if size % 8:
            padded[packed.size - 1] &= np.uint8((1 << size % 8) - 1)
        self._words = padded.view(np.uint64)
        counts = np.bitwise_count(self._words)
        ends = np.cumsum(counts, dtype=np.int64)
        self._before = ends - counts
        #: How many elements are true.
        self.count = int(ends[-1]) if size else 0

    @classmethod
    def of(cls, marks: Encoding | Array) -> "Mask":
        """Return the mask of bools, or of an encoding of bools."""
        if isinstance(marks, Bits) and marks.exceptions is None:
            return cls(marks.packed, marks.length)
        if isinstance(marks, Encoding):
            marks = marks.decoded(0, marks.length)
        return cls(np.packbits(marks, bitorder="little"), marks.size)

    def places(self, addresses: Array) -> tuple[Array, Array]:
        """Return which of the addresses are true, and where the elements there go when only true ones are kept."""
        place, bit = addresses >> 6, (addresses & 63).astype(np.uint64)
        word = self._words[place]
        kept = np.flatnonzero(word >> bit & _ONE)
        below = word[kept] & ((_ONE << bit[kept]) - _ONE)
        return kept, self._before[place[kept]] + np.bitwise_count(below)


def compressed(mask: Encoding | Array, lane: Encoding) -> Encoding | None:
    """Return the elements of a sparse lane where a mask (a lane of bools, or bools) is true.

    None where the lane is not sparse, or the result would not be. It may have any length.
    """
    if not isinstance(lane, Constant):
        return None
    if isinstance(mask, Coo) and mask.exceptions is not None and not mask.value[0]:
        return gathered(lane, _true_addresses(mask.exceptions))
    found = Mask.of(mask)
    exceptions = lane.exceptions
    if exceptions is None:
        return Constant(lane.value, found.count)
    kept, places = found.places(_addresses(exceptions))
    values = np.empty(kept.size, lane.dtype)
    exceptions.values.take(kept, values)
    pattern = pattern_of(places, 0, found.count, exceptions.block_length)
    return form(lane.value, found.count, *pattern, values, exceptions.block_length)


def _addresses(exceptions: Exceptions) -> Array:
    out = np.empty(exceptions.count, np.int64)
    locate(exceptions.positions, exceptions.offsets, exceptions.block_length, 0, out)
    return out


def _true_addresses(exceptions: Exceptions) -> Array:
    """Return where the elements of a mask lie that are exceptions and true."""
    marks = exceptions.values.decoded(0, exceptions.count)
    places = _addresses(exceptions)
    return places if marks.all() else places[marks]


def gathered(lane: Encoding, addresses: Array) -> Encoding | None:
    """Return the elements of a sparse lane at any addresses (int64), in their order.

    None where the lane is not sparse, or the result would not be.
    """
    if not isinstance(lane, Constant):
        return None
    if not isinstance(lane, Coo) or lane.exceptions is None:
        return Constant(lane.value, addresses.size)
    hits, values = _looked_up(lane, lane.exceptions, addresses)
    block_length = lane.exceptions.block_length
    return form(lane.value, addresses.size, *pattern_of(hits, 0, addresses.size, block_length), values, block_length)


def _looked_up(lane: Coo, exceptions: Exceptions, addresses: Array) -> tuple[Array, Array]:
    """Return at which of the addresses a lane has an element stored, and the values of these."""
    ranks = lane.ranks(addresses)
    hits = np.flatnonzero(ranks >= 0)
    values = np.empty(hits.size, lane.dtype)
    exceptions.values.take(ranks[hits], values)
    return hits, values


def gather(view: Any, addresses: Iterable[Array]) -> Storage | None:
    """Return the storage of what one sparse lane holds at addresses that come some at a time; None where a view is no such lane.

    Parameters
    ----------
    view : View
        In C order.
    addresses : iterable of ndarray
        Of int64, counted from the view's first element.
    """
    sparse = sparse_of(view)
    lane = None if sparse is None else sparse.single
    if sparse is None or not isinstance(lane, Coo) or lane.exceptions is None:
        return None
    builder, size = SparseBuilder(sparse.fill), 0
    for some in addresses:
        hits, values = _looked_up(lane, lane.exceptions, some)
        builder.append(hits + size, values)
        size += some.size
    return builder.finish(size)


def picked_runs(view: Any, picked: Advanced) -> Storage | None:
    """Return the storage of what an index picks of a view in C order, where the view is sparse and that is long runs; else None."""
    length, number = prod(picked.shape), prod(picked.addresses.shape)
    if length < _LONG or not 0 < number <= _MOST_JOINED or picked.strides != contiguous_strides(picked.shape):
        return None
    return gather_runs(view, picked.addresses[(...,)].reshape(-1) - view.offset, length)


def gather_runs(view: Any, starts: Array, length: int) -> Storage | None:
    """Return the storage of runs of `length` elements, one after the other; None where a view is not sparse, or the result not.

    Parameters
    ----------
    view : View
        In C order.
    starts : ndarray of int64
        Where the runs begin, counted from the view's first element.
    length : int
        The number of elements in each run.
    """
    sparse = sparse_of(view)
    if sparse is None or sparse.count > _MOST_JOINED or not is_moderate(max(sparse.size, starts.size * length)):
        return None
    part = sparse.whole()
    addresses = part.addresses()
    low = addresses.searchsorted(starts)
    numbers = addresses.searchsorted(starts + length) - low
    count = int(numbers.sum())
    if count > _MOST_JOINED:
        return None
    # Which element comes, less where it comes in the result, is the same within a run; so is how far it moves.
    which = np.arange(count) + np.repeat(low - (np.cumsum(numbers) - numbers), numbers)
    places = addresses[which] + np.repeat(np.arange(starts.size) * length - starts, numbers)
    return stored(sparse_from(sparse.fill, starts.size * length, places, part.values[which]))


def compress(view: Any, mask: Any) -> Storage | None:
    """Return the storage of the elements of a sparse view where a mask is true; None where the view is not sparse.

    Parameters
    ----------
    view : View
        In C order.
    mask : View or ndarray
        Of bools, in the view's shape.
    """
    sparse = sparse_of(view)
    if sparse is None:
        return None
    marks = sparse_of(mask)
    if marks is not None and not marks.fill[0]:
        found = gather(view, _stored_nonzeros(marks))
        if found is not None:
            return found
    flat = mask.reshape(-1) if isinstance(mask, np.ndarray) else mask.reshaped((mask.size,), "C")
    if flat is None:
        return None
    builder, size = SparseBuilder(sparse.fill), 0
    for start, stop in pieces(0, sparse.size, _TILES * settings().tile_length):
        bools = flat[start:stop]
        kept = Mask.of(np.ascontiguousarray(bools if isinstance(bools, np.ndarray) else bools.read()))
        for part in sparse.parts(start, stop):
            chosen, places = kept.places(part.addresses() - start)
            builder.append(places + size, part.values[chosen])
        size += kept.count
    return builder.finish(size)


def is_sparse(view: Any) -> bool:
    """Tell whether a view is sparse and in C order."""
    return sparse_of(view) is not None


# --- where something is --------------------------------------------------------------------------------


def nonzero_addresses(view: Any) -> Iterator[Array] | None:
    """Return the addresses of the elements that are not zero, ascending, some at a time; None where the view is not sparse."""
    sparse = sparse_of(view)
    if sparse is None:
        return None
    return _all_but_stored_zeros(sparse) if sparse.fill.astype(bool)[0] else _stored_nonzeros(sparse)


def _stored_nonzeros(sparse: Sparse) -> Iterator[Array]:
    for part in sparse.parts():
        marks = part.values.astype(bool)
        places = part.addresses()
        yield places if marks.all() else places[marks]


def _all_but_stored_zeros(sparse: Sparse) -> Iterator[Array]:
    for start, stop in pieces(0, sparse.size, settings().tile_length):
        marks = np.ones(stop - start, bool)
        for part in sparse.parts(start, stop):
            marks[part.addresses() - start] = part.values.astype(bool)
        yield np.flatnonzero(marks) + start


# --- end to end, and transposed ------------------------------------------------------------------------


def joined(views: Sequence[Any], lines: int = 1) -> Storage | None:
    """Return the storage of what some views hold, joined line by line; None where they are not all sparse and of one fill.

    Parameters
    ----------
    views : sequence of View
        In C order, of one dtype.
    lines : int, optional
        Into how many lines each view is cut; the first line of all comes first, then the second of all.
        One line joins the views end to end, as many as there are rows join matrices side by side.
    """
    found = [sparse_of(view) for view in views]
    first = found[0]
    if first is None:
        return None
    several = [sparse for sparse in found if sparse is not None and _same_fill(sparse, first)]
    if len(several) < len(found):
        return None
    size = sum(sparse.size for sparse in several)
    few = is_moderate(size) and sum(sparse.count for sparse in several) <= _MOST_JOINED
    if few and lines == 1:
        whole = _concatenated(several, size)
        if whole is not None:
            return whole
    if few and lines > 1:
        return stored(sparse_from(first.fill, size, *_side_by_side(several, lines, 0, lines, size // lines)))
    builder = SparseBuilder(first.fill, size)
    if lines == 1:
        start = 0
        for sparse in several:
            for part in sparse.parts():
                builder.append(part.addresses() + start, part.values)
            start += sparse.size
        return builder.finish(size)
    band = max(1, lines * at_a_time() // max(1, sum(sparse.count for sparse in several)))
    for top in range(0, lines, band):
        builder.append(*_side_by_side(several, lines, top, min(lines, top + band), size // lines))
    return builder.finish(size)


def _concatenated(several: list[Sparse], size: int) -> Storage | None:
    """Return sparse stretches of whole blocks end to end, their patterns joined as they are; None where they are not that."""
    length, parts, ends = settings().block_length, [], [np.zeros(1, np.int64)]
    if any(sparse.size % length for sparse in several[:-1]):
        return None
    for sparse in several:
        exceptions = None if sparse.single is None else sparse.single.exceptions
        if exceptions is None or exceptions.block_length != length or not exceptions.count:
            return None
        parts.append(exceptions)
        ends.append(exceptions.offsets[1:] + ends[-1][-1])
    positions = np.concatenate([part.positions for part in parts])
    values = np.concatenate([part.values.decoded(0, part.count) for part in parts])
    encoding = form(several[0].fill, size, positions, np.concatenate(ends), values, length)
    return None if encoding is None else storage_of(several[0].dtype, [encoding], length)


def _same_fill(left: Sparse, right: Sparse) -> bool:
    return left.dtype == right.dtype and left.fill.tobytes() == right.fill.tobytes()


def _side_by_side(several: list[Sparse], lines: int, top: int, bottom: int, width: int) -> tuple[Array, Array]:
    """Return the addresses and values of some lines of all, joined to lines of `width` elements."""
    found = [list(sparse.parts(top * sparse.size // lines, bottom * sparse.size // lines)) for sparse in several]
    numbers = np.zeros((bottom - top, len(several)), np.int64)
    for k, (sparse, parts) in enumerate(zip(several, found, strict=True)):
        edges = np.arange(top, bottom + 1, dtype=np.int64) * (sparse.size // lines)
        for part in parts:
            numbers[:, k] += np.diff(part.addresses().searchsorted(edges))
    ends = np.cumsum(numbers.reshape(-1)).reshape(numbers.shape)
    count, left = int(ends[-1, -1]), 0
    addresses, values = np.empty(count, np.int64), np.empty(count, several[0].dtype)
    for k, (sparse, parts) in enumerate(zip(several, found, strict=True)):
        length, places = sparse.size // lines, np.zeros(bottom, np.int64)
        places[top:] = ends[:, k] - numbers[:, k]
        for part in parts:
            lay(words(part.values), *part.pattern, length, width, left, places, words(values), addresses)
            if len(parts) > 1:
                edges = np.arange(top, bottom + 1, dtype=np.int64) * length
                places[top:] += np.diff(part.addresses().searchsorted(edges))
        left += length
    return addresses, values


def copied(view: Any) -> Storage | None:
    """Return the storage of a view laid out in C order, where it is sparse and lies in C order, or has two axes in F order."""
    if is_contiguous(view.shape, view.steps):
        return joined([view])
    return in_c_order(view) or _in_its_order(view)


def _in_its_order(view: Any) -> Storage | None:
    """Return the storage of any sparse view, laid out in C order, or None."""
    found = sparse_view(view)
    return None if found is None else stored(found)


def stored(sparse: Sparse) -> Storage | None:
    """Return the storage of sparse elements that nobody else holds; None where coordinates would not pay."""
    part, length = sparse.whole(), settings().block_length
    encoding = form(sparse.fill, sparse.size, part.positions, part.offsets, part.values, length)
    return None if encoding is None else storage_of(sparse.dtype, [encoding], length)


def in_c_order(view: Any) -> Storage | None:
    """Return the storage of a view of two axes laid out in C order, where it is sparse and lies in F order; else None.

    A counting sort by the view's rows, which are columns in memory.
    """
    found = turned(view)
    return None if found is None else stored(found)


def turned(view: Any) -> Sparse | None:
    """Return what a view of two axes holds in C order, where it is sparse and lies in F order; else None."""
    if len(view.shape) != 2 or not view.size:
        return None
    rows, columns = view.shape
    sparse = sparse_of(view.transpose((1, 0)))
    if sparse is None:
        return None
    numbers = np.zeros(rows, np.int64)
    for part in sparse.parts():
        count_columns(*part.pattern, rows, numbers)
    count, length = int(numbers.sum()), settings().block_length
    if not count:
        return Sparse(sparse.fill, view.size, [(0, Constant(sparse.fill, view.size))])
    values, positions = np.empty(count, sparse.dtype), np.empty(count, np.uint16)
    places, blocks = np.cumsum(numbers) - numbers, np.zeros(-(-view.size // length), np.int64)
    for part in sparse.parts():
        _put_transposed(part, rows, columns, places, values, positions, blocks, length)
    offsets = np.concatenate([[0], np.cumsum(blocks)])
    lane = Coo(sparse.fill, view.size, Exceptions(positions, offsets, Raw(values), length))
    return Sparse(sparse.fill, view.size, [(0, lane)])


def _put_transposed(
    part: Part, rows: int, columns: int, places: Array, values: Array, positions: Array, blocks: Array, length: int
) -> None:
    """Put what a part of a matrix with `rows` elements a line stores where it belongs in the transposed one."""
    here, offsets, block_length, start = part.pattern
    if block_length != length:
        # The lengths of blocks may have been set anew since; the elements' own come first.
        first = part.addresses()
        start, block_length = int(first[0]) // length * length, length
        here, offsets = pattern_of(first, start, int(first[-1]) + 1, length)
    shift = length.bit_length() - 1 if not length & (length - 1) else -1
    transpose(words(part.values), here, offsets, block_length, shift, start, rows, columns, places, words(values), positions, blocks)

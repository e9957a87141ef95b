"""Writing sparse elements over others: what is stored outside stays, and what comes is put between."""

from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.geometry.layout import address_bounds, contiguous_strides
from compactarray.kernels.coordinates import merge
from compactarray.kernels.sparse_views import pick
from compactarray.numerics.words import words
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.sparse import Part, Sparse, form, in_order, is_moderate, pattern_of, sparse_of_stretch
from compactarray.storage.sparse_views import axes_of, sparse_view

#: Stored elements that are worked on as a whole: 16 MB of values and addresses.
_MOST_STORED = 1 << 20


def overwritten(view: Any, values: Any) -> bool:
    """Write `values`, of the shape and dtype of the view, to all elements of it.

    False, and nothing is written, where not both are sparse and of one fill, or the result would not be sparse.
    """
    storage, length = view.storage, settings().block_length
    if not isinstance(storage, BlockStorage) or storage.block_length != length or values.dtype != view.dtype:
        return False
    coming = sparse_view(values) if axes_of(view.shape, view.steps) is not None else None
    if coming is None:
        return False
    low, high = address_bounds(view.shape, view.steps, view.offset)
    start, stop = low // length * length, min(-(-high // length) * length, storage.size)
    if not is_moderate(stop - start):
        return False
    with storage.lock:
        there = sparse_of_stretch(storage, start, stop)
        if there is None or there.fill.tobytes() != coming.fill.tobytes() or there.count + coming.count > _MOST_STORED:
            return False
        part = there.whole()
        outside = _outside(part, view, low - start)
        kept, ours = part.addresses()[outside], part.values[outside]
        fresh, theirs = _placed(coming, view, start)
        encoding = form(there.fill, there.size, *_united(there, kept, ours, fresh, theirs), length)
        if encoding is not None:
            storage.put_encoded(start, encoding)
    return encoding is not None


def _outside(part: Part, view: Any, lowest: int) -> Array:
    """Return which stored elements are none of a view's, whose lowest one lies at an address."""
    axes = axes_of(view.shape, view.steps)
    assert axes is not None
    steps, lengths = np.array(axes.steps, np.int64), np.array(axes.lengths, np.int64)
    ranks = np.arange(part.positions.size, dtype=np.uint32)
    positions, offsets, block_length, start = part.pattern
    inside, places = np.empty_like(ranks), np.empty(ranks.size, np.int64)
    pattern = positions, offsets, block_length, start - lowest
    count = int(pick(ranks, *pattern, steps, lengths, np.zeros_like(steps), 0, 0, inside, places))
    outside = np.ones(ranks.size, bool)
    outside[inside[:count]] = False
    return outside


def _placed(coming: Sparse, view: Any, start: int) -> tuple[Array, Array]:
    """Return where the stored elements of what is written to a view go, ascending, counted from `start`; and their values."""
    part = coming.whole()
    rest = part.addresses()
    addresses = np.full(rest.size, view.offset - start, np.int64)
    for own, step in zip(contiguous_strides(view.shape), view.steps, strict=True):
        index = rest if own == 1 else rest // own
        rest = rest if own == 1 else rest - index * own
        addresses += index * step
    if (addresses[1:] < addresses[:-1]).any():
        return in_order(addresses, part.values, view.storage.size)
    return addresses, part.values


def _united(there: Sparse, kept: Array, ours: Array, fresh: Array, theirs: Array) -> tuple[Array, Array, Array]:
    """Return the pattern and the values of two sets of elements that have no address in common."""
    length, count = settings().block_length, kept.size + fresh.size
    fill = words(there.fill)[0]
    left, right = (pattern_of(addresses, 0, there.size, length) for addresses in (kept, fresh))
    out, other_out = np.empty(count, fill.dtype), np.empty(count, fill.dtype)
    positions, offsets = np.empty(count, np.uint16), np.empty_like(left[1])
    merge(words(ours), fill, *left, words(np.ascontiguousarray(theirs)), fill, *right, out, other_out, positions, offsets)
    # One of the two is the fill: what remains is the other.
    out ^= other_out
    out ^= fill
    return positions, offsets, out.view(there.dtype)

"""Lines of sparse views: only what is not the fill is sorted, and the fill goes in between."""

from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.encodings.constant import Constant
from compactarray.execution.ordered import Ordered, places_at
from compactarray.execution.sortable import Key, order_by_keys
from compactarray.execution.tally import Piece, gapless, lanes_of
from compactarray.geometry.layout import contiguous_strides
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.order import keys, new_classes, values_of
from compactarray.numerics.words import words
from compactarray.storage.base import Array
from compactarray.storage.builder import sparse_storage
from compactarray.storage.view import AnyView, View, whole

#: The greatest share of elements that are not the fill: one in so many.
_SPARSE = 4
#: Room for the elements of each line, as a multiple of what they take on the average.
_UNEVEN = 4


class SparseLines(NamedTuple):
    """The lines of a view, sorted."""

    fill: Array
    length: int
    #: Elements that are not the fill, sorted line by line, with room behind those of short lines.
    others: Array
    #: How many elements of each line there are in `others`, and how many of them come before the fill.
    counts: Array
    before: Array

    def at(self, places: Array) -> Array:
        """Return the elements at 1-D places of each sorted line: an axis of places, then one of lines."""
        place = np.where(places < 0, places + self.length, places)[:, None]
        fills = self.length - self.counts
        behind = place >= self.before + fills
        rank = np.where(behind, place - fills, np.where(place < self.before, place, 0))
        if not self.others.shape[1]:
            return np.broadcast_to(self.fill, rank.shape).copy()
        found = self.others[np.arange(self.counts.size), rank]
        return np.where(behind | (place < self.before), found, self.fill)

    def ordered(self) -> Ordered:
        """Return what stands for the lines in NumPy's own functions."""
        lines = self.counts.size

        def at(index: Any) -> Any:
            places = places_at(index, self.length)
            return self.at(places.reshape(-1)).reshape(*places.shape, lines)

        return Ordered.standing_for((self.length, lines), self.fill.dtype, at)


def sparse_lines(view: AnyView, kept: tuple[int, ...], axes: tuple[int, ...]) -> SparseLines | None:
    """Return the lines of a view along axes, sorted, in the order of the axes that are kept; None where it is not sparse.

    None, too, where a few lines have so much more elements that they cannot be sorted side by side.
    """
    flat = gapless(view)
    if flat is None:
        return None
    found = _patterns(lanes_of(flat))
    if found is None:
        return None
    fill, places, values = found
    assert isinstance(view, View)
    lines = _lines_of(view, kept, places)
    number = prod(view.shape[axis] for axis in kept)
    counts = np.bincount(lines, minlength=number)
    width = int(counts.max(initial=0))
    if width * number > _UNEVEN * (places.size + number):
        return None
    if (lines[1:] < lines[:-1]).any():
        order = _order(lines, number)
        lines, values = lines[order], values[order]
    # Behind the elements of a line lies what sorts behind all of them.
    room = np.full((number, width), ~np.zeros(1, words(fill).dtype)[0])
    room[lines, np.arange(lines.size) - (np.cumsum(counts) - counts)[lines]] = keys(values)
    room.sort(axis=1)
    before = np.count_nonzero(room < keys(fill), axis=1)
    others = values_of(room.reshape(-1), fill.dtype).reshape(room.shape)
    return SparseLines(fill, prod(view.shape[axis] for axis in axes), others, counts, before)


def sorted_sparse(view: AnyView, axis: int, keep_ties: bool) -> View | None:
    """Return a view sorted along an axis, in K order, or None where it is not sparse, or ties have an order to be kept."""
    kept = tuple(k for k in range(len(view.shape)) if k != axis)
    found = sparse_lines(view, kept, (axis,))
    if found is None:
        return None
    rank = np.arange(found.others.shape[1])
    present = rank < found.counts[:, None]
    values = found.others[present]
    if keep_ties and not new_classes(np.sort(np.append(values, found.fill)))[1:].all():
        return None
    # Where the elements go in a fresh array whose axes are ordered as those of the view.
    axes = view.layout("K")
    shape = tuple(view.shape[k] for k in axes)
    steps = dict(zip(axes, contiguous_strides(shape), strict=True))
    begins = np.zeros((), np.int64)
    for k in kept:
        begins = np.add.outer(begins, np.arange(view.shape[k]) * steps[k])
    behind = (found.length - found.counts) * steps[axis]
    laid = rank * steps[axis] + begins.reshape(-1, 1)
    np.add(laid, behind[:, None], out=laid, where=rank >= found.before[:, None])
    addresses = laid[present]
    if (addresses[1:] < addresses[:-1]).any():
        order = _order(addresses, view.size)
        addresses, values = addresses[order], values[order]
    storage = sparse_storage(found.fill.copy(), view.size, addresses, values)
    return whole(storage, shape).transpose(tuple(axes.index(k) for k in range(len(axes))))


def _order(numbers: Array, most: int) -> Array:
    """Return the stable order of integers from 0 on, less than `most`."""
    narrow = code_dtype(most)
    if narrow is None:
        return np.argsort(numbers, kind="stable")
    return order_by_keys([Key(numbers.astype(narrow), most)])


def _lines_of(view: View, kept: tuple[int, ...], places: Array) -> Array:
    """Return which line each element is in, of those in the order of the axes that are kept; `places` count addresses."""
    weights = dict(zip(kept, contiguous_strides(tuple(view.shape[axis] for axis in kept)), strict=True))
    lines = np.zeros(places.size, np.int64)
    rest = places if view.size >> 32 else places.astype(np.uint32)
    for axis in sorted(range(len(view.shape)), key=lambda axis: -abs(view.steps[axis])):
        if view.shape[axis] == 1:
            continue
        # A quotient by a scalar has vector code, a remainder has none.
        step = rest.dtype.type(abs(view.steps[axis]))
        index = rest // step
        rest = rest - index * step
        if axis in weights:
            index = index.astype(np.int64)
            lines += (index if view.steps[axis] > 0 else view.shape[axis] - 1 - index) * weights[axis]
    return lines


def _patterns(lanes: list[Piece]) -> tuple[Array, Array, Array] | None:
    """Return the fill of lanes, and the places and values of what is not the fill; None where lanes have no fill in common."""
    fills = {lane.value.tobytes() if isinstance(lane, Constant) else None for _, _, lane in lanes}
    first = lanes[0].lane
    if len(fills) > 1 or not isinstance(first, Constant):
        return None
    held = [(start, lane, lane.exceptions) for start, _, lane in lanes if lane is not None and lane.exceptions is not None]
    if _SPARSE * sum(exceptions.count for _, _, exceptions in held) > lanes[-1].stop:
        return None
    places, values = [np.empty(0, np.int64)], [first.value[:0]]
    for start, lane, exceptions in held:
        places.append(exceptions.places(0, lane.length)[2] + start)
        values.append(exceptions.values.decoded(0, exceptions.count))
    return first.value, np.concatenate(places), np.concatenate(values)

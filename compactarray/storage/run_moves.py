"""Runs that are moved as runs: copies of views, rows in another order, and stretches laid one after the other.

What takes about as many runs as elements, or more runs than are few, is left to the movement of codes.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import with_encoded_exceptions
from compactarray.geometry.layout import address_bounds
from compactarray.storage.base import Storage
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.joining import Stretch, cut

#: Runs that are moved together, and how many elements a run, or a row, must have on average.
_MOST, _LONG = 1 << 18, 16

Shape = tuple[int, ...]


class _Heads(NamedTuple):
    """Runs of a stretch: the addresses where they begin, and one past the last; the value of each is found by its rank."""

    edges: Array
    entries: list[Encoding]

    def values(self, ranks: Array) -> Encoding:
        """Return the values of runs of some ranks."""
        if len(self.entries) == 1 and isinstance(self.entries[0], Coded):
            values = self.entries[0]
            return values.rebuilt((values.codes[ranks],), ranks.size, None)
        return Raw(np.concatenate([values.decoded(0, values.length) for values in self.entries])[ranks])


def copied(storage: Storage, shape: Shape, steps: Shape, offset: int) -> Storage | None:
    """Return a storage of the elements of a view, which is not empty, in C order; None for what is not made of runs.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray import CompactArray
    >>> from compactarray.storage.run_moves import copied
    >>> a = CompactArray(np.repeat([3, 1, 2], 500))
    >>> found = copied(a._view.storage, (1500,), (-1,), 1499)
    >>> int(found.item(0)), int(found.item(1499))
    (2, 3)
    """
    repeats = 1
    while len(shape) > 1 and not steps[-1]:
        repeats *= shape[-1]
        shape, steps = shape[:-1], steps[:-1]
    rows = prod(shape[:-1])
    if not shape or not steps[-1] or rows * _LONG > prod(shape):
        return None
    heads = _heads([Stretch(storage, *address_bounds(shape, steps, offset))])
    if heads is None:
        return None
    offsets = np.full((), offset, np.int64)
    for length, step in zip(shape[:-1], steps[:-1], strict=True):
        offsets = np.add.outer(offsets, np.arange(length, dtype=np.int64) * step)
    return _rows(heads, offsets.reshape(-1), shape[-1], steps[-1], repeats)


def picked_rows(storage: Storage, offsets: Array, length: int) -> Storage | None:
    """Return a storage of rows of neighbouring elements that begin at some addresses; None for what is not made of runs."""
    if not offsets.size or length < _LONG:
        return None
    heads = _heads([Stretch(storage, int(offsets.min()), int(offsets.max()) + length)])
    return None if heads is None else _rows(heads, offsets, length, 1, 1)


def end_to_end(sources: Sequence[Stretch]) -> Storage | None:
    """Return the storage of stretches of one dtype one after the other; None for what is not made of runs."""
    heads = _heads(sources)
    if heads is None:
        return None
    edges = heads.edges - heads.edges[0]
    return _built(heads, edges[:-1], np.arange(edges.size - 1), int(edges[-1]))


def _heads(sources: Sequence[Stretch]) -> _Heads | None:
    """Return the runs of stretches; None where there are others, or too many.

    Addresses are those of the only stretch, or places from 0 on in several of them.
    """
    edges: list[Array] = []
    entries: list[Encoding] = []
    at = 0 if len(sources) > 1 else sources[0].start
    count = 0
    for source in sources:
        if not isinstance(source.storage, BlockStorage) or not isinstance(source.storage.entries[0].encoding, (Runs, Constant)):
            return None
        for entry in cut(source):
            start, stop = max(source.start, entry.start), min(source.stop, entry.stop)
            encoding = entry.encoding
            if encoding.exceptions is not None:
                return None
            if type(encoding) is Constant:
                edges.append(np.array([at]))
                entries.append(Constant(encoding.value, 1))
            elif isinstance(encoding, Runs) and not encoding.values.folded:
                low, high, places = encoding.edges_between(start - entry.start, stop - entry.start)
                edges.append(places[:-1] + at)
                entries.append(encoding.values.slice(low, high))
            else:
                return None
            at += stop - start
            count += edges[-1].size
            if count > _MOST:
                return None
    if not any(isinstance(values, Coded) for values in entries):
        return None
    return _Heads(np.concatenate([*edges, [at]]), entries)


def _rows(heads: _Heads, offsets: Array, length: int, step: int, repeats: int) -> Storage | None:
    """Return rows of elements at distances of `step`, each so many times."""
    # From the lower end of each row on.
    pace, lower = abs(step), offsets + min(0, (length - 1) * step)
    first = heads.edges.searchsorted(lower, side="right") - 1
    last = heads.edges.searchsorted(lower + (length - 1) * pace, side="right") - 1
    counts = last - first + 1
    total = int(counts.sum())
    if total > _MOST or total * _LONG > offsets.size * length:
        return None
    row = np.repeat(np.arange(offsets.size), counts)
    within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    ranks = np.repeat(first, counts) + within
    bases = lower[row]
    # The first place at or behind the head of a run.
    places = np.maximum(-((bases - heads.edges[ranks]) // pace), 0)
    ends = np.append(places[1:], length)
    ends[np.append(row[1:] != row[:-1], True)] = length
    if step < 0:
        places, ends = length - ends, length - places
    # Between two places of a row there may be whole runs.
    kept = places < ends
    starts, ranks = (row * length + places)[kept], ranks[kept]
    if step < 0:
        order = np.argsort(starts, kind="stable")
        starts, ranks = starts[order], ranks[order]
    return _built(heads, starts * repeats, ranks, offsets.size * length * repeats)


def _built(heads: _Heads, starts: Array, ranks: Array, size: int) -> Storage | None:
    """Return a storage of runs that begin at some places, cut at the edges of blocks."""
    length = settings().block_length
    dtype = heads.entries[0].dtype
    if ranks.size == 1:
        value = heads.values(ranks).decoded(0, 1).copy()
        return storage_of(dtype, [Constant(value, size)], length)
    edges = np.arange(0, size, length)
    # Timsort merges what comes sorted.
    places = np.sort(np.concatenate([starts, edges]), kind="stable")
    places = places[np.append(True, places[1:] != places[:-1])]
    if places.size * _LONG > size:
        return None
    values = heads.values(ranks[starts.searchsorted(places, side="right") - 1])
    offsets = np.append(places.searchsorted(edges), places.size).astype(np.int64)
    found: Encoding = Runs(Exceptions((places % length).astype(np.uint16), offsets, values, length), size)
    return storage_of(dtype, [with_encoded_exceptions(found) if isinstance(values, Raw) else found], length)

"""Sparse elements that are broadcast: repeated in coordinates."""

from math import prod

import numpy as np

from compactarray.geometry.layout import contiguous_strides
from compactarray.storage.base import Array
from compactarray.storage.sparse import Sparse, in_order, is_moderate, sparse_from

#: The greatest share of elements that are stored after repeating, and how many they may be: 16 MB with their addresses.
MOST, MOST_STORED = 0.4, 1 << 20


class Spread:
    """Sparse elements that are broadcast: its stored elements, and where the first copy of each goes."""

    def __init__(self, sparse: Sparse, shape: tuple[int, ...], full: tuple[int, ...]) -> None:
        own = (1,) * (len(full) - len(shape)) + shape
        #: Axes along which it is repeated.
        self.repeated = tuple(axis for axis, length in enumerate(own) if length == 1 < full[axis])
        self.fill = sparse.fill
        self.copies = prod(full[axis] for axis in self.repeated)
        self.count = sparse.count
        self._sparse, self._own, self._full = sparse, own, full

    def stored(self) -> tuple[Array, Array]:
        """Return the places of the stored elements in the full shape, the index along repeated axes being 0, and their values."""
        part = self._sparse.whole()
        rest, places = part.addresses(), np.zeros(part.positions.size, np.int64)
        steps = zip(contiguous_strides(self._own), contiguous_strides(self._full), self._own, strict=True)
        for own, full, length in steps:
            if length > 1:
                index = rest // own
                rest -= index * own
                places += index * full
        return places, part.values

    def shifts(self) -> Array:
        """Return what the copies of an element are shifted by."""
        found = np.zeros(1, np.int64)
        steps = contiguous_strides(self._full)
        for axis in self.repeated:
            found = np.add.outer(found, np.arange(self._full[axis]) * steps[axis]).reshape(-1)
        return found


def repeated_along(sparse: Sparse, own: tuple[int, ...], full: tuple[int, ...]) -> Sparse | None:
    """Return sparse elements of one shape broadcast to another; None where that makes too many."""
    spread = Spread(sparse, own, full)
    if not is_moderate(prod(full)) or spread.count * spread.copies > min(MOST_STORED, MOST * prod(full)):
        return None
    places, values = spread.stored()
    shifts = spread.shifts()
    # Where the repeated axes are the first ones, or the last ones, the elements come in order.
    first = not spread.repeated or spread.repeated[-1] == len(spread.repeated) - 1
    addresses = (np.add.outer(shifts, places) if first else np.add.outer(places, shifts)).reshape(-1)
    values = np.tile(values, shifts.size) if first else np.repeat(values, shifts.size)
    if (addresses[1:] < addresses[:-1]).any():
        addresses, values = in_order(addresses, values, prod(full))
    return sparse_from(spread.fill, prod(full), addresses, values)

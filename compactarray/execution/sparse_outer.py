"""Ufuncs on sparse operands that are broadcast: repeated in coordinates, or paired as in an outer product."""

from math import prod
from typing import Any

import numpy as np

from compactarray.execution.sparse_elementwise import called
from compactarray.geometry.layout import contiguous_strides
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.sparse import Sparse, SparseBuilder, in_order, sparse_from
from compactarray.storage.sparse_views import sparse_view
from compactarray.storage.view import View

#: The greatest share of elements that are stored after repeating, and how many they may be: 16 MB with their addresses.
_MOST, _MOST_STORED = 0.4, 1 << 20


class _Spread:
    """A sparse operand that is broadcast: its stored elements, and where the first copy of each goes."""

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


def _spread(value: Any, full: tuple[int, ...]) -> _Spread | None:
    sparse = sparse_view(value) if isinstance(value, View) else None
    return None if sparse is None else _Spread(sparse, value.shape, full)


def repeated(value: Any, full: tuple[int, ...]) -> Sparse | None:
    """Return a sparse view broadcast to a shape, as one that is not; None where it is not sparse, or has too many elements."""
    spread = _spread(value, full)
    if spread is None or spread.count * spread.copies > min(_MOST_STORED, _MOST * prod(full)):
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


def of_pairs(ufunc: np.ufunc, left: Any, right: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Storage | None:
    """Return ``ufunc(left, right)`` in C order where each axis is one of one operand only, and only pairs of stored elements matter.

    That is, where an element beside a fill, on either side, gives what two fills give. None where it does not.
    """
    ours, theirs = _spread(left, shape), _spread(right, shape)
    if ours is None or theirs is None or ours.copies * theirs.copies != prod(shape) or set(ours.repeated) & set(theirs.repeated):
        return None
    if ours.count * theirs.count > min(_MOST_STORED, _MOST * prod(shape)) or not ours.count or not theirs.count:
        return None
    if ours.count >= theirs.copies or theirs.count >= ours.copies:
        # Without a fill on one side: what it would give must not be asked for, lest it warns.
        return None
    (places, values), (others, other_values) = ours.stored(), theirs.stored()
    fill = called(ufunc, ours.fill, theirs.fill, dtype)
    beside = [called(ufunc, values, np.repeat(theirs.fill, values.size), dtype)]
    beside.append(called(ufunc, np.repeat(ours.fill, other_values.size), other_values, dtype))
    if any((words(found) != words(fill)[0]).any() for found in beside):
        return None
    addresses = np.add.outer(places, others).reshape(-1)
    found = called(ufunc, np.repeat(values, others.size), np.tile(other_values, places.size), dtype)
    if (addresses[1:] < addresses[:-1]).any():
        addresses, found = in_order(addresses, found, prod(shape))
    builder = SparseBuilder(fill.copy(), prod(shape))
    builder.append(addresses, found)
    return builder.finish(prod(shape))

"""Ufuncs on sparse operands that are broadcast: repeated in coordinates, or paired as in an outer product."""

from math import prod
from typing import Any

import numpy as np

from compactarray.execution.sparse_elementwise import called
from compactarray.numerics.words import words
from compactarray.storage.base import Storage
from compactarray.storage.sparse import Sparse, SparseBuilder, in_order, is_moderate
from compactarray.storage.sparse_spread import MOST, MOST_STORED, Spread, repeated_along
from compactarray.storage.sparse_views import sparse_view
from compactarray.storage.view import View


def _spread(value: Any, full: tuple[int, ...]) -> Spread | None:
    sparse = sparse_view(value) if isinstance(value, View) else None
    return None if sparse is None else Spread(sparse, value.shape, full)


def repeated(value: Any, full: tuple[int, ...]) -> Sparse | None:
    """Return a sparse view broadcast to a shape, as one that is not; None where it is not sparse, or has too many elements."""
    sparse = sparse_view(value) if isinstance(value, View) else None
    return None if sparse is None else repeated_along(sparse, value.shape, full)


def of_pairs(ufunc: np.ufunc, left: Any, right: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Storage | None:
    """Return ``ufunc(left, right)`` in C order where each axis is one of one operand only, and only pairs of stored elements matter.

    That is, where an element beside a fill, on either side, gives what two fills give. None where it does not.
    """
    if not is_moderate(prod(shape)):
        return None
    ours, theirs = _spread(left, shape), _spread(right, shape)
    if ours is None or theirs is None or ours.copies * theirs.copies != prod(shape) or set(ours.repeated) & set(theirs.repeated):
        return None
    if ours.count * theirs.count > min(MOST_STORED, MOST * prod(shape)) or not ours.count or not theirs.count:
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

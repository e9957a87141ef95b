"""Views of sparse storages that are not contiguous: their stored elements in the order of the view."""

from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.geometry.layout import address_bounds, contiguous_strides, is_contiguous
from compactarray.kernels.sparse_views import pick
from compactarray.numerics.words import words
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.sparse import Sparse, at_a_time, pattern_of, sparse_of_stretch

#: Stored elements in the stretch of a view, for each element that it has: for more of them, those of the view are looked up.
_STRAY = 4
#: Stored elements of a view that are worked on as a whole: 16 MB of values.
_MOST_STORED = 1 << 21


class Axes(NamedTuple):
    """The axes of a view, the slowest in memory first, as if all went upwards from the lowest address.

    `weights` are the steps of the same axes in the view's own order of elements, and `base` is where the
    element at the lowest address comes there.
    """

    steps: tuple[int, ...]
    lengths: tuple[int, ...]
    weights: tuple[int, ...]
    base: int

    @property
    def ascend(self) -> bool:
        """Whether elements come in the order of their addresses."""
        return all(weight > 0 for weight in self.weights) and list(self.weights) == sorted(self.weights, reverse=True)

    @property
    def descend(self) -> bool:
        """Whether elements come in the reverse order of their addresses."""
        return all(weight < 0 for weight in self.weights) and list(self.weights) == sorted(self.weights)


def axes_of(shape: tuple[int, ...], steps: tuple[int, ...]) -> Axes | None:
    """Return the axes of a view that is not empty; None where elements share addresses, or might."""
    found: list[tuple[int, int, int]] = []
    base = 0
    for length, step, weight in zip(shape, steps, contiguous_strides(shape), strict=True):
        if length == 1:
            continue
        if step < 0:
            base += (length - 1) * weight
        found.append((abs(step), length, weight if step > 0 else -weight))
    found.sort(reverse=True)
    merged: list[tuple[int, int, int]] = []
    for step, length, weight in found:
        if merged and merged[-1][0] == step * length and merged[-1][2] == weight * length:
            merged[-1] = (step, merged[-1][1] * length, weight)
        else:
            merged.append((step, length, weight))
    inner = 0
    for step, length, _ in reversed(merged):
        if step <= inner:
            return None
        inner += step * (length - 1)
    by_step, by_length, weights = zip(*(merged or [(1, 1, 1)]), strict=True)
    return Axes(by_step, by_length, weights, base)


def sparse_view(view: Any) -> Sparse | None:
    """Return what a view holds, in the order of its elements, if it is sparse and not too large; else None.

    As `sparse_of`, also where the view is not contiguous: then the elements are brought into order first.
    """
    storage = getattr(view, "storage", None)
    if not isinstance(storage, BlockStorage) or not view.size:
        return None
    low, high = address_bounds(view.shape, view.steps, view.offset)
    if is_contiguous(view.shape, view.steps):
        return sparse_of_stretch(storage, low, high)
    if not isinstance(storage.encoding_at(low), Constant):
        return None
    axes = axes_of(view.shape, view.steps)
    sparse = None if axes is None else sparse_of_stretch(storage, low, high)
    if axes is None or sparse is None or sparse.count > min(_MOST_STORED, _STRAY * view.size):
        return None
    return _picked(sparse, axes, prod(view.shape))


def _picked(sparse: Sparse, axes: Axes, size: int) -> Sparse:
    steps, lengths, weights = (np.array(column, np.int64) for column in axes[:3])
    places, found = [np.empty(0, np.int64)], [np.empty(0, sparse.dtype)]
    for part in sparse.parts(most=max(at_a_time(), sparse.count)):
        out, addresses = np.empty_like(part.values), np.empty(part.values.size, np.int64)
        count = int(pick(words(part.values), *part.pattern, steps, lengths, weights, axes.base, words(out), addresses))
        out.resize(count, refcheck=False)
        addresses.resize(count, refcheck=False)
        places.append(addresses)
        found.append(out)
    one = len(places) == 2
    addresses, values = (places[1], found[1]) if one else (np.concatenate(places), np.concatenate(found))
    if not addresses.size:
        return Sparse(sparse.fill, size, [(0, Constant(sparse.fill, size))])
    if axes.descend:
        addresses, values = addresses[::-1].copy(), values[::-1].copy()
    elif not axes.ascend:
        order = np.argsort(addresses)
        addresses, values = addresses[order], values[order]
    length = settings().block_length
    positions, offsets = pattern_of(addresses, 0, size, length)
    return Sparse(sparse.fill, size, [(0, Coo(sparse.fill, size, Exceptions(positions, offsets, Raw(values), length)))])

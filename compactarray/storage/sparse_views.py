"""Views of sparse storages that are not contiguous: their stored elements in the order of the view."""

from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.encodings.constant import Constant
from compactarray.geometry.layout import address_bounds, contiguous_strides, is_contiguous
from compactarray.kernels.sparse_views import pick
from compactarray.numerics.words import words
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.sparse import Sparse, in_order, is_moderate, sparse_from, sparse_of_stretch
from compactarray.storage.sparse_spread import repeated_along

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
    def flips(self) -> tuple[bool, bool] | None:
        """Whether the order of rows, and that within each of them, is reversed; None where more is done to their order.

        Rows are what lies along the last axis.
        """
        sizes = [abs(weight) for weight in self.weights]
        signs = {weight > 0 for weight in self.weights[:-1]}
        if sizes != sorted(sizes, reverse=True) or len(signs) > 1:
            return None
        backwards = self.weights[-1] < 0
        return (signs == {False} if signs else backwards), backwards


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
    if not is_moderate(high - low) or not is_moderate(view.size) or not isinstance(storage.encoding_at(low), Constant):
        return None
    if any(not step and length > 1 for step, length in zip(view.steps, view.shape, strict=True)):
        once = view[tuple(slice(1) if not step else slice(None) for step in view.steps)]
        sparse = sparse_view(once)
        return None if sparse is None else repeated_along(sparse, once.shape, view.shape)
    axes = axes_of(view.shape, view.steps)
    sparse = None if axes is None else sparse_of_stretch(storage, low, high)
    if axes is None or sparse is None or sparse.count > min(_MOST_STORED, _STRAY * view.size):
        return None
    return _picked(sparse, axes, prod(view.shape))


def _picked(sparse: Sparse, axes: Axes, size: int) -> Sparse:
    steps, lengths, weights = (np.array(column, np.int64) for column in axes[:3])
    flips = axes.flips
    turned = flips is not None and flips[0] != flips[1]
    part = sparse.whole()
    values, addresses = np.empty_like(part.values), np.empty(part.values.size, np.int64)
    found = words(part.values), *part.pattern, steps, lengths, weights, axes.base, int(turned), words(values), addresses
    count = int(pick(*found))
    del found
    values.resize(count, refcheck=False)
    addresses.resize(count, refcheck=False)
    if flips is None:
        addresses, values = in_order(addresses, values, size)
    elif flips[0]:
        addresses, values = addresses[::-1].copy(), values[::-1].copy()
    return sparse_from(sparse.fill, size, addresses, values)

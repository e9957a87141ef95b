"""Views made from views by copying: of another dtype, of another shape."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, PlainView, View, built


def converted(view: AnyView, dtype: np.dtype[Any], order: str = "K") -> AnyView:
    """Return a copy of another dtype, tile by tile, laid out in C, F, A or K order."""
    axes = view.layout(order)
    moved = view.transpose(axes)

    def tiles() -> Iterator[Array]:
        for tile in moved.tiles():
            yield tile.astype(dtype)

    fresh = built(dtype, moved.shape, tiles())
    return fresh.transpose(tuple(axes.index(axis) for axis in range(len(axes))))


def reshaped_copy(view: AnyView, shape: tuple[int, ...], order: str) -> AnyView:
    """Return a copy in another shape, elements taken and laid out in C or F order."""
    if isinstance(view, PlainView):
        return PlainView(view.array.reshape(shape, order=order))  # type: ignore[call-overload]
    fresh = view.copied(order)
    found = View(fresh.storage, fresh.shape, fresh.steps, fresh.offset).reshaped(shape, order)
    assert found is not None
    return found

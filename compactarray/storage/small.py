"""Small encoded arrays: NumPy does what is asked of them, on all elements of their storage decoded."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from compactarray.config import settings
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.parts import PartsStorage

_KINDS = (BlockStorage, PartsStorage, ColumnsStorage)


class Placed(Protocol):
    """What a view is: a storage, and where its elements are in it."""

    @property
    def storage(self) -> Storage: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def steps(self) -> tuple[int, ...]: ...
    @property
    def offset(self) -> int: ...


def is_small(view: Placed) -> bool:
    """Tell whether all of a view's storage is so small that it is decoded for one operation."""
    storage = view.storage
    return isinstance(storage, _KINDS) and storage.size * storage.dtype.itemsize <= settings().plain_below and storage.size > 0


def picked(view: Placed, index: Any) -> Array:
    """Return what ``view[index]`` is for an index with arrays in it, whose results are copies."""
    return _laid(view, _all(view.storage))[index]  # type: ignore[no-any-return]


def assigned(view: Placed, index: Any, value: Any) -> None:
    """Do ``view[index] = value`` as NumPy does it."""

    def assign(array: Array) -> None:
        array[index] = value

    changed(view, assign)


def changed(view: Placed, function: Callable[[Array], None]) -> None:
    """Let a function change the elements of a view, in an array of its shape and strides."""
    storage = view.storage
    with storage.lock:
        elements = _all(storage)
        try:
            function(_laid(view, elements))
        finally:
            # NumPy too leaves what was written before an error.
            storage.rewrite(elements)


def _all(storage: Storage) -> Array:
    return storage.fresh(0, storage.size)


def _laid(view: Placed, elements: Array) -> Array:
    """Return the array of a view's elements among all elements of its storage."""
    if view.steps == (1,) and view.shape == (elements.size,):
        return elements
    size = elements.itemsize
    buffer = elements.view(np.uint8) if elements.dtype.kind in "mMV" else elements
    return np.ndarray(view.shape, elements.dtype, buffer, view.offset * size, tuple([step * size for step in view.steps]))

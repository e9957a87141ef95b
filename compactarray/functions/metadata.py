"""What asks for dtypes and shapes only: no element is read."""

from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.functions.common import compact, wrap
from compactarray.functions.shapes import Place, addressed, may_share_memory
from compactarray.geometry.ghost import sham, typed_ghost
from compactarray.registry import implements
from compactarray.storage.base import Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.parts import PartsStorage
from compactarray.storage.plain import PlainView
from compactarray.storage.reinterpreted import ReinterpretedStorage
from compactarray.storage.views import result_view


def _sham(value: Any) -> Any:
    return sham(value.shape, value.dtype) if isinstance(value, CompactArray) else value


@implements(np.result_type, route="native")
def result_type(*arrays_and_dtypes: Any) -> Any:
    """As numpy.result_type."""
    return np.result_type(*map(_sham, arrays_and_dtypes))


@implements(np.can_cast, route="native")
def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """As numpy.can_cast."""
    return np.can_cast(_sham(from_), to, casting)


@implements(np.common_type, route="native")
def common_type(*arrays: Any) -> Any:
    """As numpy.common_type."""
    return np.common_type(*map(_sham, arrays))


@implements(np.min_scalar_type, route="native")
def min_scalar_type(a: Any, /) -> Any:
    """As numpy.min_scalar_type."""
    return np.min_scalar_type(np.asarray(a) if a.ndim == 0 else _sham(a))


@implements(np.shares_memory, route="native")
def shares_memory(a: Any, b: Any, /, max_work: Any = -1) -> bool:
    """As numpy.shares_memory, where the two are views of one storage: exact."""
    left, right = (x._view if isinstance(x, CompactArray) else PlainView(np.asarray(x)) for x in (a, b))
    if isinstance(left, PlainView) and isinstance(right, PlainView):
        return np.shares_memory(left.array, right.array, max_work)
    first, second = addressed(a), addressed(b)
    if first is None or second is None:
        return bool(may_share_memory(a, b))
    ours, theirs = _root(first.storage), _root(second.storage)
    if ours is not theirs and not _contains(ours, theirs) and not _contains(theirs, ours):
        leaves = isinstance(ours, BlockStorage) and isinstance(theirs, BlockStorage)
        return False if leaves else bool(may_share_memory(a, b))
    root = theirs if _contains(theirs, ours) else ours
    one, other = _laid(first, root), _laid(second, root)
    return bool(may_share_memory(a, b)) if one is None or other is None else np.shares_memory(one, other, max_work)


def _root(storage: Storage) -> Storage:
    """Return the storage whose bytes a storage reads."""
    while isinstance(storage, ReinterpretedStorage):
        storage = storage.inner
    return storage


def _contains(whole: Storage, part: Storage) -> bool:
    """Tell whether one storage is a part of the other's elements, at equal addresses."""
    return isinstance(whole, PartsStorage) and any(part is own or _contains(own, part) for own in whole.parts)


def _laid(place: Place, root: Storage) -> Any:
    """Return an array over the bytes that elements have in a storage, which nothing may read; None where they lie at no steps."""
    found = _bytes_of(place.storage, root)
    if found is None:
        return None
    unit, first = found
    steps = tuple(step * unit for step in place.steps)
    return typed_ghost(place.shape, steps, np.dtype(f"V{place.storage.dtype.itemsize}"), place.offset * unit + first)


def _bytes_of(storage: Storage, root: Storage) -> tuple[int, int] | None:
    """Return how many bytes of `root` lie between neighbouring addresses of a storage, and before the first one; None for no steps."""
    if storage is root:
        return root.dtype.itemsize, 0
    if isinstance(storage, ReinterpretedStorage):
        found = _bytes_of(storage.inner, root)
        if found is None or not storage.narrower:
            return found
        return (storage.dtype.itemsize, found[1]) if found[0] == storage.inner.dtype.itemsize else None
    if isinstance(root, PartsStorage):
        for part, offset in zip(root.parts, _offsets(root), strict=True):
            found = _bytes_of(storage, part)
            if found is not None:
                return (root.dtype.itemsize, found[1] + offset) if found[0] == part.dtype.itemsize else None
    return None


def _offsets(storage: PartsStorage) -> list[int]:
    """Return where in an element each part is."""
    fields = storage.dtype.fields
    return [0, storage.dtype.itemsize // 2] if fields is None else [fields[name][1] for name in storage.dtype.names or ()]


@implements(np.diag_indices_from, route="native")
def diag_indices_from(arr: Any) -> Any:
    """As numpy.diag_indices_from."""
    indices = np.diag_indices_from(_sham(arr))
    return (wrap(result_view(indices[0])),) * len(indices)


@implements(np.tril_indices_from, route="native")
def tril_indices_from(arr: Any, k: int = 0) -> Any:
    """As numpy.tril_indices_from."""
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return np.nonzero(np.tril(np.ones_like(arr, dtype=bool), k))


@implements(np.triu_indices_from, route="native")
def triu_indices_from(arr: Any, k: int = 0) -> Any:
    """As numpy.triu_indices_from."""
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return np.nonzero(np.triu(np.ones_like(arr, dtype=bool), k))


@implements(np.lib.stride_tricks.sliding_window_view, route="native")
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False) -> Any:
    """As numpy.lib.stride_tricks.sliding_window_view: a view."""
    x = compact(x)
    function = np.lib.stride_tricks.sliding_window_view
    return x._viewed(x._view.mapped(lambda array: function(array, window_shape, axis, writeable=writeable)))

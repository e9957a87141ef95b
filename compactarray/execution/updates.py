"""Unbuffered updates: elements named more than once are updated as often."""

from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.operands import broadcast, decoded, operand, shape_of, tile_of
from compactarray.geometry.ghost import sham
from compactarray.geometry.index import InvalidIndexError
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.storage.base import Array, Storage
from compactarray.storage.plain import PlainView
from compactarray.storage.view import View

#: Tiles that are updated at a time.
_BATCH = 4


def at(ufunc: np.ufunc, array: View, indices: Any, values: tuple[Any, ...]) -> None:
    """Do ``ufunc.at(array, indices, *values)``: elements named more than once are updated as often."""
    if not array.writeable:
        raise ValueError("array to perform in place operation on is read-only")
    operands = [operand(value) for value in values]
    # Whether there is a loop for the dtypes NumPy checks before it looks at the indices.
    with np.errstate(all="ignore"):
        ufunc.at(np.ones(1, array.dtype), [0], *(np.ones(1, _dtype_of(value)) for value in operands))
    # What would be changed on the way is copied.
    operands = [value.snapshot() if isinstance(value, View) and value.shares_storage(array) else value for value in operands]
    with ErrorsOnce(lambda: _error_name(ufunc, array, indices, operands)):
        if _is_long(indices, array):
            _at_pieces(ufunc, array, operand(indices), operands)
        else:
            _at_picked(ufunc, array, plain_index(indices), operands)


def _error_name(ufunc: np.ufunc, array: View, indices: Any, operands: list[Any]) -> str:
    """Return where NumPy says that an error of ``ufunc.at`` was: in a loop of its own for simple operands, or in ``at``."""
    if len(array.shape) > 1 or indices is ... or any(len(shape_of(value)) > 1 for value in operands):
        return "at"
    values = np.array([0, 1, 2, np.inf, np.nan] if array.dtype.kind in "fc" else [0, 1, 2])
    with np.errstate(all="ignore"):
        ends = np.finfo(array.dtype).max * np.array([1, -1]) if array.dtype.kind in "fc" else np.array([100])
        left, right = (part.reshape(-1) for part in np.meshgrid(*[np.concatenate([values, ends])] * 2))
        left = left.astype(array.dtype)
        others = [right.astype(_dtype_of(value)) for value in operands]
    try:
        with np.errstate(all="raise"):
            ufunc.at(left, np.arange(left.size), *others)
    except FloatingPointError as error:
        return str(error).rpartition(" ")[2]
    return "at"


def plain_index(indices: Any) -> Any:
    """Return an index with ndarrays for the views in it."""
    if isinstance(indices, tuple):
        return tuple(np.asarray(item) if hasattr(item, "__array__") else item for item in map(decoded, indices))
    return decoded(indices)


def _is_long(indices: Any, array: View) -> bool:
    """Tell whether an index is one array of integers so large that it is taken piece by piece."""
    if not isinstance(indices, (View, PlainView, np.ndarray)) or indices.dtype.kind not in "iu":
        return False
    return bool(array.shape) and prod(indices.shape) * prod(array.shape[1:]) > _BATCH * settings().tile_length


def _at_pieces(ufunc: np.ufunc, array: View, indices: Any, operands: list[Any]) -> None:
    """Update the elements that one large array of integers picks along the first axis."""
    rest, tile = array.shape[1:], settings().tile_length
    for region in regions(indices.shape, tile):
        # All indices are checked before anything is updated.
        part = tile_of(indices, region)
        if part.min() < -array.shape[0] or part.max() >= array.shape[0]:
            sham(array.shape, array.dtype)[part]
    spread = _spread(operands, (*indices.shape, *rest))
    for region in regions(indices.shape, max(1, _BATCH * tile // max(1, prod(rest)))):
        _at_picked(ufunc, array, tile_of(indices, region), [tile_of(value, region) for value in spread])


def _at_picked(ufunc: np.ufunc, array: View, indices: Any, operands: list[Any]) -> None:
    """Update the elements that an index picks, some of them at a time."""
    try:
        picked = array.resolve(indices)
    except InvalidIndexError:
        sham(array.shape, array.dtype)[indices]
        raise AssertionError("NumPy takes the index") from None
    shape, most = picked.result_shape, _BATCH * settings().tile_length
    spread = _spread(operands, shape)
    addresses: list[Array] = []
    values: list[list[Array]] = []
    waiting = 0
    for region, part in zip(regions(shape, settings().tile_length), array.picked_addresses(picked), strict=True):
        addresses.append(part.reshape(-1))
        values.append([np.broadcast_to(tile_of(value, region), part.shape).reshape(-1) for value in spread])
        waiting += part.size
        if waiting >= most:
            _update(ufunc, array.storage, np.concatenate(addresses), [np.concatenate(column) for column in zip(*values, strict=True)])
            addresses, values, waiting = [], [], 0
    if waiting:
        _update(ufunc, array.storage, np.concatenate(addresses), [np.concatenate(column) for column in zip(*values, strict=True)])


def _spread(operands: list[Any], shape: tuple[int, ...]) -> list[Any]:
    try:
        return [broadcast(value, shape) for value in operands]
    except ValueError:
        raise ValueError("array is not broadcastable to correct shape") from None


def _update(ufunc: np.ufunc, storage: Storage, addresses: Array, operands: list[Array]) -> None:
    """Update elements by their addresses: in one run of them, if they lie close together."""
    low, high = int(addresses.min()), int(addresses.max()) + 1
    if high - low <= max(2 * addresses.size, settings().tile_length // 16):
        run = np.empty(high - low, storage.dtype)
        storage.read(low, run.size, 1, run)
        ufunc.at(run, addresses - low, *operands)
        storage.write(low, run.size, 1, run)
        return
    places, turns = np.unique(addresses, return_inverse=True)
    elements = np.empty(places.size, storage.dtype)
    storage.gather(places, elements)
    ufunc.at(elements, turns.reshape(-1), *operands)
    storage.scatter(places, elements)


def _dtype_of(value: Any) -> np.dtype[Any]:
    return value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype

"""Elements by their position in C order, whatever the strides: what ``.flat`` gives access to."""

from typing import Any

import numpy as np

from compactarray.geometry.ghost import sham
from compactarray.geometry.index import InvalidIndexError, as_basic, resolve
from compactarray.geometry.layout import is_contiguous
from compactarray.storage.access import as_source, broadcast
from compactarray.storage.base import Array
from compactarray.storage.transfer import Source
from compactarray.storage.view import AnyView, View, built

_PIECE = 65_536


def addresses_of(view: View, positions: Array) -> Array:
    """Return the addresses of the elements at C-order `positions` (1-D, within bounds)."""
    if is_contiguous(view.shape, view.steps):
        return positions + view.offset
    total = np.full(positions.shape, view.offset, np.int64)
    for index, step in zip(np.unravel_index(positions, view.shape), view.steps, strict=True):
        total += index * step
    return total


def _positions(view: View, index: Any) -> Array:
    """Return the C-order positions that an index picks, of the shape of the pick."""
    basic = as_basic(index)
    if basic is not None:
        length = view.size
        index = basic.index
        if isinstance(index, tuple):
            (index,) = index or (slice(None),)
        if index is Ellipsis:
            index = slice(None)
        if isinstance(index, slice):
            return np.arange(*index.indices(length), dtype=np.int64)
        if index is None:
            raise InvalidIndexError
        return resolve(np.asarray([index]), (length,), (1,), 0).addresses.reshape(())
    if not isinstance(index, np.ndarray):
        # NumPy takes some lists here that `[]` does not (with a warning), and refuses others.
        sham(view.shape).flat[index]
        found = np.asarray(index)
        index = found.astype(np.intp) if found.dtype.kind == "f" else found
    return resolve(index, (view.size,), (1,), 0).addresses


def get(view: View, index: Any) -> Any:
    """Return ``view.flat[index]``: a scalar, or a view of a copy."""
    try:
        positions = _positions(view, index)
    except (InvalidIndexError, ValueError):
        return _refuse(view, index)
    if not positions.ndim:
        return view.storage.item(int(addresses_of(view, positions.reshape(1))[0]))

    def tiles() -> Any:
        flat = positions.reshape(-1)
        for start in range(0, flat.size, _PIECE):
            piece = flat[start : start + _PIECE]
            tile = np.empty(piece.size, view.dtype)
            view.storage.gather(addresses_of(view, piece), tile)
            yield tile

    found: AnyView = built(view.dtype, positions.shape, tiles())
    return found


def put(view: View, index: Any, value: Any) -> None:
    """Do ``view.flat[index] = value``: values are taken in turn, again from the first when they run out."""
    if not view.writeable:
        raise ValueError("array is read-only")
    try:
        positions = _positions(view, index).reshape(-1)
    except (InvalidIndexError, ValueError):
        _refuse(view, index, value)
        return
    if not positions.size:
        return
    values = _flattened(as_source(value, view.dtype))
    if not values.size:
        raise ValueError("Error setting single item of array")
    for start in range(0, positions.size, _PIECE):
        piece = positions[start : start + _PIECE]
        turn = np.arange(start, start + piece.size) % values.size
        view.storage.scatter(addresses_of(view, piece), values[turn].astype(view.dtype))


def _flattened(source: Source) -> Array:
    array = source if isinstance(source, np.ndarray) else broadcast(source, source.shape).read()  # type: ignore[attr-defined]
    flat: Array = array.reshape(-1)
    return flat


def _refuse(view: View, index: Any, *value: Any) -> Any:
    """Let NumPy raise its error for an index that ``.flat`` does not take."""
    flat = sham(view.shape, view.dtype).flat
    if value:
        flat[index] = value[0]
    else:
        flat[index]
    raise IndexError(f"unsupported iterator index {index!r}")

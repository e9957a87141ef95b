"""Elements by their position in C order, whatever the strides: what ``.flat`` gives access to."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from compactarray.geometry.ghost import sham
from compactarray.geometry.index import InvalidIndexError, as_basic, resolve
from compactarray.geometry.layout import is_contiguous
from compactarray.storage.access import as_source
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.rearranged import compressed
from compactarray.storage.transfer import Source, dense
from compactarray.storage.view import View, built

_PIECE = 65_536


def addresses_of(view: View, positions: Array) -> Array:
    """Return the addresses of the elements at C-order `positions` (1-D, within bounds)."""
    if is_contiguous(view.shape, view.steps):
        return positions + view.offset
    total = np.full(positions.shape, view.offset, np.int64)
    for index, step in zip(np.unravel_index(positions, view.shape), view.steps, strict=True):
        total += index * step
    return total


def _positions(view: View, index: Any) -> Array | range:
    """Return the C-order positions that an index picks, of the shape of the pick: a slice's as a range."""
    basic = as_basic(index)
    if basic is not None:
        length = view.size
        index = basic.index
        if isinstance(index, tuple):
            (index,) = index or (slice(None),)
        if index is Ellipsis:
            index = slice(None)
        if isinstance(index, slice):
            return range(*index.indices(length))
        if index is None:
            raise InvalidIndexError
        return resolve(np.asarray([index]), (length,), (1,), 0).addresses[...].reshape(())
    if not isinstance(index, np.ndarray):
        # NumPy takes some lists here that `[]` does not (with a warning), and refuses others.
        sham(view.shape).flat[index]
        found = np.asarray(index)
        index = found.astype(np.intp) if found.dtype.kind == "f" else found
    return resolve(index, (view.size,), (1,), 0).addresses[...]


def _piece(positions: Array | range, start: int) -> Array:
    """Return some of 1-D positions."""
    found = positions[start : start + _PIECE]
    return np.arange(found.start, found.stop, found.step) if isinstance(found, range) else found


def _marks(view: View, index: Any) -> View | Array | None:
    """Return an index that has a truth value for each element in the shape of a view; None for any other index."""
    if not isinstance(index, (View, np.ndarray)) or index.dtype.kind != "b" or index.shape != (view.size,) or not view.shape:
        return None
    return index.reshaped(view.shape, "C") if isinstance(index, View) else index.reshape(view.shape)


def get(view: View, index: Any) -> Any:
    """Return ``view.flat[index]`` for an index that may be a view: a scalar, or a view of a copy."""
    marks = _marks(view, index)
    if marks is not None:
        return compressed(view, marks)
    index = index.read() if isinstance(index, View) else index
    try:
        positions = _positions(view, index)
    except (InvalidIndexError, ValueError):
        return _refuse(view, index)
    if isinstance(positions, np.ndarray) and not positions.ndim:
        return view.storage.item(int(addresses_of(view, positions.reshape(1))[0]))
    flat = positions if isinstance(positions, range) else positions.reshape(-1)
    shape = (len(flat),) if isinstance(positions, range) else positions.shape

    def tiles() -> Iterator[Array]:
        for start in range(0, len(flat), _PIECE):
            piece = _piece(flat, start)
            tile = np.empty(piece.size, view.dtype)
            view.storage.gather(addresses_of(view, piece), tile)
            yield tile

    return built(view.dtype, shape, tiles())


def put(view: View, index: Any, value: Any) -> None:
    """Do ``view.flat[index] = value``: values are taken in turn, again from the first when they run out."""
    if not view.writeable:
        raise ValueError("underlying array is read-only")
    try:
        positions = _positions(view, index)
    except (InvalidIndexError, ValueError):
        _refuse(view, index, value)
        return
    if isinstance(positions, np.ndarray) and not positions.ndim:
        # One element takes one value, or NumPy says that it does not.
        cell = np.empty(1, view.dtype)
        encoded = isinstance(value, (View, PlainView))
        cell.flat[0] = sham(value.shape) if encoded and value.shape else value.read() if encoded else value
        view.storage.put_item(int(addresses_of(view, positions.reshape(1))[0]), cell[0])
        return
    positions = positions if isinstance(positions, range) else positions.reshape(-1)
    if not len(positions):
        return
    values = as_source(value, view.dtype)
    if 0 in values.shape:
        raise ValueError("Error setting single item of array")
    if isinstance(values, View) and values.shares_storage(view):
        values = values.snapshot()
    turns = _in_turn(values)
    for start in range(0, len(positions), _PIECE):
        piece = _piece(positions, start)
        view.storage.scatter(addresses_of(view, piece), dense(turns(start, piece.size), view.dtype))


def _in_turn(values: Source) -> Callable[[int, int], Array]:
    """Return what gives so many values in C order from a position on; after the last one comes the first."""
    size = prod(values.shape)
    if isinstance(values, np.ndarray) or size <= _PIECE:
        flat = (values if isinstance(values, np.ndarray) else values.read()).reshape(-1)  # type: ignore[attr-defined]
        return lambda start, count: flat[np.arange(start, start + count) % size]

    def given(start: int, count: int) -> Array:
        assert isinstance(values, View)
        places = addresses_of(values, np.arange(start, start + count) % size)
        found = np.empty(count, values.dtype)
        values.storage.gather(places, found)
        return found

    return given


def _refuse(view: View, index: Any, *value: Any) -> Any:
    """Let NumPy raise its error for an index that ``.flat`` does not take."""
    flat = sham(view.shape, view.dtype).flat
    if value:
        flat[index] = value[0]
    else:
        flat[index]
    raise IndexError(f"unsupported iterator index {index!r}")

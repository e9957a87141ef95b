"""Views made of the elements of other views, moved as codes where that can be."""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import address_bounds, is_contiguous
from compactarray.geometry.tiles import Region, pieces, regions
from compactarray.kernels import compress_codes
from compactarray.numerics.words import is_wide, word_dtype, words
from compactarray.storage import bit_rows, run_moves, sparse_moves
from compactarray.storage.base import Array, Storage
from compactarray.storage.builder import Builder, can_encode
from compactarray.storage.joining import Stretch
from compactarray.storage.movement import array_of, gathered, laid_end_to_end, moved, strided
from compactarray.storage.plain import PlainView, Shape
from compactarray.storage.tables import is_tall
from compactarray.storage.view import AnyView, View, built, encoded, from_columns, whole

#: Places that are held as a whole: 8 MB.
_MOST_TAKEN = 1 << 20

#: Gives the elements of a result in C order, read from operands: ndarrays, or views of what is too large to be
#: laid out as one. The number says how many elements a piece should have at most.
Tiles = Callable[[Sequence[View | Array], int], Iterator[Array]]

#: Elements of a row that is worth to be moved by itself.
_LONG_ROW = 64


def rearranged(views: Sequence[AnyView], shape: Shape | None, tiles: Tiles) -> AnyView:
    """Return the array of elements that `tiles` takes from views of one dtype, in C order of `shape`.

    Without a shape it has one axis, of as many elements as come. `tiles` must do nothing with elements but move
    them: what it gets may be their codes.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray import CompactArray
    >>> from compactarray.storage.rearranged import rearranged
    >>> a = CompactArray(np.arange(1000, 3000))
    >>> rearranged([a._view], (1000,), lambda operands, most: iter([operands[0][::2]])).read()[:3]
    array([1000, 1002, 1004])
    """
    dtype = views[0].dtype
    known = None if shape is None else prod(shape)
    small = not any(view.size for view in views) if known is None else known * dtype.itemsize <= settings().plain_below
    if small or not can_encode(dtype) or not any(isinstance(view, View) for view in views):
        operands = [view.array if isinstance(view, PlainView) else view for view in views]
        return _of_values(dtype, shape, tiles(operands, settings().tile_length))
    held = [view if isinstance(view, View) else encoded(view.array) for view in views]
    found = [view for view in held if isinstance(view, View)]
    sources = [Stretch(view.storage, *address_bounds(view.shape, view.steps, view.offset)) for view in found]

    def pieces(storages: Sequence[Storage], most: int) -> Iterator[Array]:
        return tiles([operand_of(view, storage) for view, storage in zip(found, storages, strict=True)], most)

    storage = moved(sources, known, pieces)
    if shape is None and storage.size * dtype.itemsize <= settings().plain_below:
        return _plain(storage)
    return whole(storage, (storage.size,) if shape is None else shape)


def end_to_end(views: Sequence[AnyView], shape: Shape) -> AnyView:
    """Return the elements of contiguous views of one dtype one after the other, in a shape in C order."""
    if prod(shape) * views[0].dtype.itemsize <= settings().plain_below:
        return PlainView(np.concatenate([view.read().reshape(-1) for view in views]).reshape(shape))
    stretches = [Stretch(view.storage, view.offset, view.offset + view.size) for view in views if isinstance(view, View)]
    return whole(laid_end_to_end(stretches), shape)


def in_c_order(view: AnyView) -> AnyView:
    """Return a copy in C order."""
    if isinstance(view, View):
        return view.copied("C")
    parts = (view.array[(*region, ...)] for region in regions(view.shape, settings().tile_length))
    return _of_values(view.dtype, view.shape, parts)


def operand_of(view: View, storage: Storage) -> View | Array:
    """Return the elements of a view in another storage of the same addresses: as an ndarray where one holds them."""
    array = array_of(storage)
    if array is None or not view.size:
        return View(storage, view.shape, view.steps, view.offset, False) if view.size else np.empty(view.shape, storage.dtype)
    return strided(array, view.shape, view.steps, view.offset)


def _of_values(dtype: np.dtype[Any], shape: Shape | None, tiles: Iterator[Array]) -> AnyView:
    """Return the array of tiles of values: plain where small or not encoded, else encoded as they come."""
    if shape is not None and can_encode(dtype):
        return built(dtype, shape, (tile.reshape(-1) for tile in tiles))
    if can_encode(dtype):
        builder = Builder(dtype)
        for tile in tiles:
            builder.append(tile.reshape(-1))
        storage = builder.finish()
        return _plain(storage) if storage.size * dtype.itemsize <= settings().plain_below else whole(storage, (storage.size,))
    found = np.concatenate([np.empty(0, dtype), *(tile.reshape(-1) for tile in tiles)])
    return PlainView(found if shape is None else found.reshape(shape))


def _plain(storage: Storage) -> PlainView:
    few = np.empty(storage.size, storage.dtype)
    if few.size:
        storage.read(0, few.size, 1, few)
    return PlainView(few)


# --- picking --------------------------------------------------------------------------------------------


class Places:
    """An index of `length` places along an axis that are not held but computed: ``function(start, stop)``."""

    __slots__ = ("shape", "_function")

    def __init__(self, length: int, function: Callable[[int, int], Array]) -> None:
        self.shape = (length,)
        self._function = function

    def __getitem__(self, index: tuple[Any, ...]) -> Array:
        part = index[0]
        if isinstance(part, int):
            return self._function(part, part + 1)[0, ...]
        start, stop, _ = part.indices(self.shape[0])
        return self._function(start, stop)


def taken(view: AnyView, index: View | Array | Places, axis: int, mode: str = "raise") -> AnyView:
    """Return what numpy.take does, for an index of integers."""
    before, after = view.shape[:axis], view.shape[axis + 1 :]
    shape = (*before, *index.shape, *after)
    columns = view.columns() if isinstance(view, View) and after else None
    if columns is not None and prod(shape) and is_tall(prod(shape[:-1])):
        return from_columns([taken(column, index, axis, mode) for column in columns], shape)
    sparse = _sparse_taken(view, index, axis, mode) if prod(shape) * view.dtype.itemsize > settings().plain_below else None
    if sparse is not None:
        return whole(sparse, shape)
    rows = _picked_rows(view, index, prod(after), mode) if not axis and isinstance(view, View) else None
    if rows is not None:
        return whole(rows, shape)

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        for region in regions(shape, min(most, 8 * settings().tile_length)):
            outer, middle = region[:axis], region[axis : axis + len(index.shape)]
            places = _read(index, middle)
            part = operands[0][(*outer, slice(None), *region[axis + len(index.shape) :], ...)]
            place = sum(isinstance(item, slice) for item in outer)
            try:
                yield part.take(places, place, mode=mode) if isinstance(part, np.ndarray) else _gathered(part, places, place, mode)
            except IndexError:
                # NumPy names the axis, and the length of the array itself.
                np.take(sham(view.shape), places, axis, mode=mode)
                raise

    return rearranged([view], shape, tiles)


def _sparse_taken(view: AnyView, index: View | Array | Places, axis: int, mode: str) -> Storage | None:
    """Return the storage of what numpy.take gives of a sparse view along its first axis; None for others, and for errors."""
    if not isinstance(view, View) or prod(view.shape[:axis]) != 1 or prod(index.shape) > _MOST_TAKEN or not view.size:
        return None
    if not sparse_moves.is_sparse(view):
        return None
    try:
        everything = tuple(slice(0, length) for length in index.shape)
        places = within(_read(index, everything).reshape(-1), view.shape[axis], mode).astype(np.int64, copy=False)
    except IndexError:
        return None
    length, tile = prod(view.shape[axis + 1 :]), settings().tile_length
    if length > 1:
        return sparse_moves.gather_runs(view, places * length, length)
    return sparse_moves.gather(view, (places[start:stop] for start, stop in pieces(0, places.size, tile)))


def _picked_rows(view: View, index: View | Array | Places, row: int, mode: str) -> Storage | None:
    """Return rows of a table that an index picks, moved as runs, or as bytes of bits; None where it picks no rows, or others."""
    number = prod(index.shape)
    if row < _LONG_ROW or not number * row * view.dtype.itemsize > settings().plain_below or not is_contiguous(view.shape, view.steps):
        return None
    try:
        places = within(_read(index, tuple(slice(0, length) for length in index.shape)), view.shape[0], mode).reshape(-1)
    except IndexError:
        return None
    runs = run_moves.picked_rows(view.storage, view.offset + places * row, row)
    return runs or bit_rows.picked(bit_rows.Rows(view.storage, view.offset, view.shape[0], row), places)


def _read(index: View | Array | Places, region: Region) -> Array:
    part = index[(*region, ...)]
    return (part if isinstance(part, np.ndarray) else part.read()).astype(np.intp, copy=False)


def _gathered(view: View, places: Array, axis: int, mode: str) -> Array:
    """Return what numpy.take does, of a view that is not laid out as an array."""
    total = np.asarray(view.offset, np.int64)
    for k, (length, step) in enumerate(zip(view.shape, view.steps, strict=True)):
        total = np.add.outer(total, (within(places, length, mode) if k == axis else np.arange(length)) * step)
    found = np.empty(total.size, view.dtype)
    view.storage.gather(total.reshape(-1), found)
    return found


def within(places: Array, length: int, mode: str) -> Array:
    """Return places from 0 to ``length - 1`` for integers in one of the modes of numpy.take; IndexError outside."""
    if mode == "clip":
        return np.clip(places, 0, length - 1)
    if mode == "wrap":
        return places % length
    low, high = (int(places.min()), int(places.max())) if places.size else (0, 0)
    if places.size and (low < -length or high >= length):
        raise IndexError
    return np.where(places < 0, places + length, places) if low < 0 else places


def at_addresses(view: View, shape: Shape, addresses: Callable[[], Iterator[Array]]) -> AnyView:
    """Return the array of the elements at addresses of the view's storage, which come in pieces in C order."""
    if prod(shape) * view.dtype.itemsize > settings().plain_below:
        stretch = Stretch(view.storage, *address_bounds(view.shape, view.steps, view.offset))
        return whole(gathered(stretch, prod(shape), addresses), shape)

    def tiles() -> Iterator[Array]:
        for places in addresses():
            tile = np.empty(places.size, view.dtype)
            view.storage.gather(places.reshape(-1), tile)
            yield tile

    return built(view.dtype, shape, tiles())


def compressed(view: AnyView, mask: View | Array) -> AnyView:
    """Return the elements where a mask of the same shape is true, in C order."""
    sparse = sparse_moves.compress(view, mask) if isinstance(view, View) and view.size else None
    if sparse is not None:
        return _plain(sparse) if sparse.size * view.dtype.itemsize <= settings().plain_below else whole(sparse, (sparse.size,))

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        for region in regions(view.shape, settings().tile_length):
            elements, marks = flat(operands[0][(*region, ...)]), truths(mask[(*region, ...)])
            if not is_word(elements.dtype):
                yield elements[marks.view(bool)]
                continue
            found = np.empty(elements.size + 1, word_dtype(elements.dtype))
            count = compress_codes(words(elements), marks, found)
            yield found[:count].view(elements.dtype)

    return rearranged([view], None, tiles)


def is_word(dtype: np.dtype[Any]) -> bool:
    """Tell whether kernels for codes can move elements of a dtype."""
    return dtype.kind in "biufmMSU" and not is_wide(dtype)


def flat(part: View | Array) -> Array:
    """Return the elements of an operand as a contiguous array of one axis, which must not be written."""
    return np.ascontiguousarray(part if isinstance(part, np.ndarray) else part.read()).reshape(-1)


def truths(part: View | Array) -> Array:
    """Return the elements of an operand of bools as bytes 0 and 1."""
    marks = flat(part).view(np.uint8)
    # A truth value made of other bytes may be any number that is not 0.
    return (marks != 0).view(np.uint8) if marks.size and marks.max() > 1 else marks

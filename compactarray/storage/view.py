"""Views: a storage, an offset, a shape and strides, all in elements.

What is above asks neither whether it has such a view or a plain one, around an ndarray: both answer to the same methods.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.geometry.ghost import geometry_of, ghost, typed_ghost
from compactarray.geometry.index import Advanced, Unread, divided, resolve
from compactarray.geometry.layout import address_bounds, contiguous_strides, is_contiguous, k_order, reshaped_strides
from compactarray.geometry.tiles import regions
from compactarray.storage import sparse_moves
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import Builder, can_encode, constant_storage
from compactarray.storage.columns import ColumnsStorage, table_of
from compactarray.storage.joining import Stretch
from compactarray.storage.movement import copied, gathered, laid_end_to_end
from compactarray.storage.parts import PartsStorage, SwappedStorage
from compactarray.storage.plain import PlainView, Shape, layout_axes
from compactarray.storage.reinterpreted import ReinterpretedStorage
from compactarray.storage.results import storage_of_tiles
from compactarray.storage.small import assigned, is_small
from compactarray.storage.stacked import StackedStorage, stack_of
from compactarray.storage.tables import MOST_COLUMNS, is_tall, smaller
from compactarray.storage.transfer import Source, announce_cast, dense, read_view, write_view

#: From so many blocks on a snapshot shares payloads.
_SHARED = 16


class View(Unread):
    """Encoded elements with a shape."""

    __slots__ = ("storage", "shape", "steps", "offset", "writeable")

    def __init__(self, storage: Storage, shape: Shape, steps: tuple[int, ...], offset: int, writeable: bool = True) -> None:
        if type(storage) is not BlockStorage and isinstance(storage, ColumnsStorage):
            # What lies in one column of a table is an array like any other.
            storage, steps, offset = storage.narrowed(shape, steps, offset)
        self.storage = storage
        self.shape = shape
        #: Strides in elements.
        self.steps = steps
        self.offset = offset
        self.writeable = writeable

    # --- what it is ---------------------------------------------------------------------------------

    @property
    def dtype(self) -> np.dtype[Any]:
        """The logical dtype."""
        return self.storage.dtype

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides in bytes, as NumPy would have them."""
        pitch = self.storage.pitch
        return tuple(step * pitch for step in self.steps)

    @property
    def nbytes(self) -> int:
        """Bytes held for the addresses that the view spans."""
        low, high = address_bounds(self.shape, self.steps, self.offset)
        if high - low < self.storage.size and (columns := self.columns()) is not None:
            return sum(column.nbytes for column in columns)
        return self.storage.nbytes_between(low, high) if high > low else 0

    def contiguous(self, order: str) -> bool:
        """Tell whether the elements follow each other in C or F order, as NumPy's flags tell."""
        if self.storage.pitch != self.dtype.itemsize and any(length > 1 for length in self.shape):
            return 0 in self.shape
        return is_contiguous(self.shape, self.steps, order)

    def shares_storage(self, other: Any) -> bool:
        """Tell whether the two are views of one storage (whether or not they overlap)."""
        # Parts and reinterpretations of a storage use its lock.
        return isinstance(other, View) and other.storage.lock is self.storage.lock

    # --- views of the view --------------------------------------------------------------------------

    def mapped(self, function: Callable[[Array], Array]) -> "View":
        """Return the view that a basic operation of NumPy's makes; `function` gets an array it must not read."""
        fresh = function(ghost(self.shape, self.steps, self.offset))
        return View(self.storage, *geometry_of(fresh), self.writeable and fresh.flags.writeable)

    def basic(self, index: Any) -> "View":
        """Return the view that a basic index makes; errors are NumPy's."""
        if type(index) is slice and len(self.shape) == 1:
            start, stop, step = index.indices(self.shape[0])
            length = len(range(start, stop, step))
            offset = self.offset + start * self.steps[0] if length else self.offset
            return View(self.storage, (length,), (self.steps[0] * step,), offset, self.writeable)
        index = index if type(index) is tuple else (index,)
        if not any(item is Ellipsis for item in index):
            index = (*index, ...)  # an array always: a ghost's elements must not be read
        return self.mapped(lambda array: array[index])

    def __getitem__(self, index: Any) -> "View":
        return self.basic(index)

    def transpose(self, axes: Any) -> "View":
        """Return the view with its axes in another order."""
        return View(self.storage, tuple(self.shape[a] for a in axes), tuple(self.steps[a] for a in axes), self.offset, self.writeable)

    def reshaped(self, shape: Shape, order: str) -> "View | None":
        """Return the view in another shape of the same size, or None where that takes a copy."""
        steps = reshaped_strides(self.shape, self.steps, shape, order)
        return None if steps is None else View(self.storage, shape, steps, self.offset, self.writeable)

    def part(self, which: int | str) -> "View":
        """Return the view of a field, or of the real (0) or imaginary (1) part."""
        storage = self.storage
        swapped = isinstance(storage, SwappedStorage)
        inner = storage.native if isinstance(storage, SwappedStorage) else storage
        assert isinstance(inner, PartsStorage)
        part = inner.parts[which if isinstance(which, int) else (inner.dtype.names or ()).index(which)]
        if swapped:
            part = SwappedStorage(part.dtype.newbyteorder(), part)
        return View(part, self.shape, self.steps, self.offset, self.writeable)

    def reinterpreted(self, dtype: np.dtype[Any]) -> "View":
        """Return the view of the same bytes as another dtype; errors are NumPy's."""
        # NumPy checks and shapes: an array of the old dtype with the same strides in bytes, never read.
        model = typed_ghost(self.shape, self.strides, self.dtype).view(dtype)
        storage = ReinterpretedStorage(dtype, self.storage)
        ratio = storage.ratio if storage.narrower else 1
        steps = [step * ratio for step in self.steps]
        if steps and dtype.itemsize != self.dtype.itemsize:
            steps[-1] = 1 if storage.narrower else storage.ratio
        return View(storage, model.shape, tuple(steps), self.offset * ratio, self.writeable)

    def columns(self) -> "list[View] | None":
        """Return the views along the last axis, each in a column of one table, or None where they are not."""
        storage = self.storage
        if not isinstance(storage, ColumnsStorage) or len(self.shape) < 2 or 0 in self.shape:
            return None
        if self.shape[-1] > MOST_COLUMNS or not storage.apart(self.shape, self.steps, self.offset):
            return None
        steps, last = self.steps[:-1], self.steps[-1]
        places = range(self.offset, self.offset + self.shape[-1] * last, last) if last else [self.offset] * self.shape[-1]
        return [View(storage, self.shape[:-1], steps, place, self.writeable) for place in places]

    def readonly(self) -> "View":
        """Return the view without the right to write."""
        return View(self.storage, self.shape, self.steps, self.offset, False)

    # --- elements -----------------------------------------------------------------------------------

    def item(self) -> Any:
        """Return the element of a view without axes, as a NumPy scalar."""
        return self.storage.item(self.offset)

    def read(self, out: Array | None = None, dtype: Any = None) -> Array:
        """Return the elements as an ndarray in K order, or write them to `out`, of any dtype and strides."""
        if out is None and dtype is None and self.steps == contiguous_strides(self.shape):
            found = self.storage.fresh(self.offset, prod(self.shape))
            return found if len(self.shape) == 1 else found.reshape(self.shape)
        if out is None and dtype is not None and not self.size:
            return np.empty(self.shape, self.dtype).astype(dtype)
        if out is None:
            order = k_order(self.shape, self.steps)
            out = np.empty(tuple(self.shape[a] for a in order), self.dtype if dtype is None else dtype)
            out = out.transpose(np.argsort(order)) if order else out
        read_view(self.storage, self.steps, self.offset, out)
        return out

    def write(self, values: Source) -> None:
        """Overwrite all elements; `values` has the view's shape and is cast as in NumPy's assignment.

        Whole blocks are not copied: they are shared until one of the storages writes to them.
        """
        if isinstance(values, np.ndarray) and is_small(self):
            storage = self.storage
            if values.size == storage.size and values.dtype == storage.dtype and self.contiguous("C") and values.flags.c_contiguous:
                storage.write(0, values.size, 1, values.reshape(-1))
            else:
                assigned(self, ..., values)
            return
        if isinstance(values, View) and self.takes_over(values):
            return
        write_view(self.storage, self.shape, self.steps, self.offset, values)

    def takes_over(self, values: "View") -> bool:
        """Share the blocks of `values`, of the view's shape, where both are whole blocks in one order; False where they are not."""
        target, source = self.storage, values.storage
        if (
            not isinstance(target, BlockStorage)
            or not isinstance(source, BlockStorage)
            or source.dtype != target.dtype
            or not self.size
        ):
            return False
        axes = self.layout("K")
        ordered, from_ = self.transpose(axes), values.transpose(axes)
        if not is_contiguous(ordered.shape, ordered.steps) or not is_contiguous(from_.shape, from_.steps):
            return False
        return target.take_over(self.offset, source, values.offset, self.size)

    def resolve(self, index: Any) -> Advanced:
        """Resolve an index with arrays in it to addresses; see `geometry.index.resolve`."""
        return resolve(index, self.shape, self.steps, self.offset)

    def gather(self, picked: Advanced) -> "AnyView":
        """Return a copy of the elements that a resolved index picks, laid out as NumPy lays it out.

        That is: the picked axes first, then those that remain, both in the order of memory.
        """
        kept = k_order(picked.shape, picked.strides)
        number = picked.addresses.ndim
        shape, strides = tuple(picked.shape[a] for a in kept), tuple(picked.strides[a] for a in kept)
        laid = Advanced(picked.addresses.transpose(picked.order), shape, strides, 0, tuple(range(number)))
        view = (
            self._rows(laid)
            or self._whole_columns(laid)
            or self._moved(laid)
            or built(self.dtype, laid.result_shape, self._picked_tiles(laid))
        )
        # Axis k of the result: which axis of what was laid out is it?
        places = [number + kept.index(k) for k in range(len(kept))]
        axes = [*places[: picked.before], *(picked.order.index(k) for k in range(number)), *places[picked.before :]]
        return view.transpose(tuple(axes))

    def _rows(self, picked: Advanced) -> "View | None":
        """Return what an index picks, column by column of a table; None where it picks no rows, or few."""
        storage, shape = self.storage, picked.result_shape
        if type(storage) is not ColumnsStorage or not picked.shape or 0 in shape or not is_tall(prod(shape[:-1])):
            return None
        width, (*outer, last) = len(storage.parts), picked.strides
        rows = divided(picked.addresses, width)
        if rows is None or any(step % width for step in outer):
            return None
        strides = tuple(step // width for step in outer)
        columns = []
        for k in range(shape[-1]):
            row, column = divmod(rows[1] + k * last, width)
            whole_column = View(storage.parts[column], (storage.rows - row,), (1,), row)
            columns.append(whole_column._taken(Advanced(rows[0], picked.shape[:-1], strides, 0, ()), row).storage)
        return whole(table_of(columns), shape)

    def _whole_columns(self, picked: Advanced) -> "View | None":
        """Return the columns of a table that an index picks, one after the other; None where it picks something else."""
        storage, size = self.storage, prod(picked.shape)
        if type(storage) is not ColumnsStorage or 0 in picked.result_shape or not is_tall(size):
            return None
        if prod(picked.addresses.shape) > MOST_COLUMNS:
            return None
        places = picked.addresses[(...,)].reshape(-1).tolist()
        columns = [View(storage, picked.shape, picked.strides, place) for place in places]
        found = _end_to_end(columns)
        return None if found is None else whole(found, picked.result_shape)

    def _moved(self, picked: Advanced) -> "View | None":
        """Return what an index picks, moved as codes; None where it is so small that it stays plain."""
        if prod(picked.result_shape) * self.dtype.itemsize <= settings().plain_below:
            return None
        return self._taken(picked)

    def _taken(self, picked: Advanced, shift: int = 0) -> "View":
        """Return what an index picks, moved as codes; `shift` is added to all addresses."""
        tiles = _address_tiles if not shift else lambda picked: (tile + shift for tile in _address_tiles(picked))
        if is_contiguous(self.shape, self.steps):
            runs = None if shift else sparse_moves.picked_runs(self, picked)
            sparse = runs or sparse_moves.gather(self, (tile.reshape(-1) - self.offset for tile in tiles(picked)))
            if sparse is not None:
                return whole(sparse, picked.result_shape)
        stretch = Stretch(self.storage, *address_bounds(self.shape, self.steps, self.offset))
        return whole(gathered(stretch, prod(picked.result_shape), lambda: tiles(picked)), picked.result_shape)

    def _picked_tiles(self, picked: Advanced) -> Iterator[Array]:
        for addresses in _address_tiles(picked):
            tile = np.empty(addresses.size, self.dtype)
            self.storage.gather(addresses.reshape(-1), tile)
            yield tile

    def picked_addresses(self, picked: Advanced) -> Iterator[Array]:
        """Yield the addresses of what a resolved index picks, tile by tile in C order of the result."""
        return _address_tiles(picked)

    def scatter(self, picked: Advanced, values: Source) -> None:
        """Overwrite the elements that a resolved index picks with values of the result's shape."""
        shape = picked.result_shape
        if values.dtype != self.dtype:
            announce_cast(values.dtype, self.dtype)
        for region, addresses in zip(regions(shape, settings().tile_length), self.picked_addresses(picked), strict=True):
            tile = np.ascontiguousarray(dense(values[(*region, ...)], self.dtype))
            self.storage.scatter(addresses.reshape(-1), tile.reshape(-1))

    def tiles(self, order: str = "C") -> Iterator[Array]:
        """Yield the elements in C or F order, in 1-D pieces of at most a tile."""
        view = self if order == "C" else self.transpose(tuple(reversed(range(len(self.shape)))))
        for region in regions(view.shape, settings().tile_length):
            part = view.basic((*region, ...))
            tile = np.empty(part.shape, self.dtype)
            yield part.read(tile).reshape(-1)

    # --- copies -------------------------------------------------------------------------------------

    def snapshot(self) -> "View":
        """Return a view of the elements as they are now, whatever is written to the storage afterwards.

        Many elements are shared with the storage until it is written to; few are copied, so that its blocks stay writeable.
        """
        if self.size < _SHARED * settings().block_length:
            return self.copied()
        return View(self.storage.copy(), self.shape, self.steps, self.offset, False)

    def copied(self, order: str = "K") -> "View":
        """Return an independent view of the same elements, laid out in C, F, A or K order.

        Shares payloads where the elements are whole blocks in their order, so that it costs nothing per element.
        """
        if order != "F" and self.size == self.storage.size and self.steps == contiguous_strides(self.shape) and self.size:
            return View(self.storage.copy(), self.shape, self.steps, 0)
        axes = self.layout(order)
        view = self.transpose(axes)
        low, high = address_bounds(view.shape, view.steps, view.offset)
        storage = None
        if low < high and is_contiguous(view.shape, view.steps):
            whole = low == 0 and high == self.storage.size
            storage = self.storage.copy() if whole else self.storage.section(low, high)
        if storage is None:
            storage = self._laid_out(view) if self.size else Builder(self.dtype).finish()
        fresh = View(storage, view.shape, contiguous_strides(view.shape), 0)
        return fresh.transpose(tuple(axes.index(a) for a in range(len(axes))))

    def _laid_out(self, view: "View") -> Storage:
        columns = view.columns()
        if columns is not None and is_tall(prod(view.shape[:-1])):
            return table_of([column.copied("C").storage for column in columns])
        stack = range(view.shape[0] if type(view.storage) is StackedStorage and is_tall(prod(view.shape[1:])) else 0)
        if stack and not any(isinstance(view[k].storage, ColumnsStorage) for k in stack):
            return stack_of([view[k].copied("C").storage for k in stack])
        if type(view.storage) is ColumnsStorage and view.shape[0] <= MOST_COLUMNS and is_tall(prod(view.shape[1:])):
            found = _end_to_end([view[k] for k in range(view.shape[0])])
            if found is not None:
                return found
        return sparse_moves.copied(view) or copied(self.storage, view.shape, view.steps, view.offset)

    def layout(self, order: str) -> tuple[int, ...]:
        """Return the axes from slowest to fastest in a copy in C, F, A or K order."""
        return layout_axes(self, self.steps, order)


AnyView = View | PlainView


def _address_tiles(picked: Advanced) -> Iterator[Array]:
    """Yield the addresses of what an index picks, tile by tile in C order of the result."""
    before, after = picked.shape[: picked.before], picked.shape[picked.before :]
    number = picked.addresses.ndim
    for region in regions(picked.result_shape, settings().tile_length):
        first, middle, last = region[: len(before)], region[len(before) : len(before) + number], region[len(before) + number :]
        total = picked.addresses[(*middle, ...)]
        if before:
            total = np.add.outer(_steps_of(first, before, picked.strides[: picked.before]), total)
        yield np.add.outer(total, _steps_of(last, after, picked.strides[picked.before :])) if after else total


def _end_to_end(columns: Sequence[View]) -> Storage | None:
    """Return the storage of contiguous columns of a table one after the other; None for other views."""
    stretches = []
    for column in columns:
        if isinstance(column.storage, ColumnsStorage) or not is_contiguous(column.shape, column.steps):
            return None
        stretches.append(Stretch(column.storage, column.offset, column.offset + column.size))
    return laid_end_to_end(stretches)


def _steps_of(region: tuple[int | slice, ...], shape: Shape, steps: tuple[int, ...]) -> Array:
    total = np.zeros((), np.int64)
    for part, length, step in zip(region, shape, steps, strict=True):
        if isinstance(part, slice):
            total = np.add.outer(total, np.arange(*part.indices(length), dtype=np.int64) * step)
        else:
            total = total + part * step
    return np.asarray(total)


def whole(storage: Storage, shape: Shape, order: str = "C") -> View:
    """Return the view of all of a storage in a shape, the last (C) or the first (F) axis fastest."""
    return View(storage, shape, contiguous_strides(shape, order), 0)


def from_columns(columns: Sequence[AnyView], shape: Shape, joined: Callable[[Sequence[Storage]], Storage] = table_of) -> View:
    """Return the table of columns, results of an operation each, which belong to it from now on, in its shape."""
    return whole(joined([_own_storage(column) for column in columns]), shape)


def _own_storage(view: AnyView) -> Storage:
    """Return the storage of the elements of a result in C order, and of no others."""
    found = encoded(np.ascontiguousarray(view.array)) if isinstance(view, PlainView) else view
    assert isinstance(found, View)
    if found.size == found.storage.size and is_contiguous(found.shape, found.steps):
        return found.storage
    return found.copied("C").storage


def built(dtype: np.dtype[Any], shape: Shape, tiles: Iterator[Array]) -> AnyView:
    """Return the result of an operation, given its elements in C order: plain where small, else encoded."""
    if prod(shape) * dtype.itemsize <= settings().plain_below or not can_encode(dtype):
        parts = list(tiles)
        # Joining alone would bring them into native byte order.
        flat = np.concatenate(parts, dtype=dtype) if len(parts) > 1 else parts[0] if parts else np.empty(0, dtype)
        return PlainView(flat.reshape(shape))
    return whole(storage_of_tiles(dtype, prod(shape), tiles), shape)


def encoded(array: Array, dtype: np.dtype[Any] | None = None, level: str = "fast") -> AnyView:
    """Return a view that holds `array` (cast to `dtype`) encoded, in its K order; plain where the dtype demands it.

    Blocks are encoded at the level "fast" whatever the `level`: at another one, only whether the storage is one of columns.
    """
    dtype = array.dtype if dtype is None else dtype
    if not can_encode(dtype):
        return PlainView(array.astype(dtype, order="K"))
    axes = k_order(array.shape, array.strides)
    builder = Builder(dtype, array.size)
    ordered = array.transpose(axes)
    if ordered.flags.c_contiguous and dtype == array.dtype:
        builder.append(ordered.reshape(-1))
    else:
        for region in regions(ordered.shape, settings().tile_length):
            builder.append(ordered[(*region, ...)].reshape(-1).astype(dtype, copy=False))
    storage = builder.finish()
    if dtype == array.dtype:
        storage = smaller(ordered, storage, level)
    view = whole(storage, ordered.shape)
    return view.transpose(tuple(axes.index(a) for a in range(array.ndim)))


def constant(value: Array, shape: Shape, order: str = "C") -> AnyView:
    """Return a view of one value (an array of shape (1,)) in every place."""
    if not can_encode(value.dtype):
        fresh = np.empty(shape, value.dtype, order=order)  # type: ignore[call-overload]
        fresh[...] = value[0] if value.dtype.kind != "O" else value
        return PlainView(fresh)
    return whole(constant_storage(value, prod(shape)), shape, order)

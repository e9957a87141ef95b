"""What the chapters share: operands, results by tiles, picking along an axis, and the way to the dense route."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution import sparse_calls
from compactarray.execution.columns import axis_of_columns, by_columns
from compactarray.execution.dense import run_dense, run_inline
from compactarray.execution.operands import broadcast, operand, result_axes, shape_of, tile_of, transposed
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.execution.reduction import may_be_grouped
from compactarray.execution.rooms import Rooms
from compactarray.execution.threads import tile_by_tile
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import Region, regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array
from compactarray.storage.builder import Builder, can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View, built, encoded, from_columns
from compactarray.storage.views import result_view

NO_VALUE: Any = np._NoValue


def wrap(view: AnyView) -> CompactArray:
    """Return an array around a view of its own."""
    return CompactArray.from_view(view)


def compact(value: Any) -> CompactArray:
    """Return a CompactArray as it is, and anything else as one around an ndarray."""
    return value if isinstance(value, CompactArray) else wrap(PlainView(np.asarray(value)))


def view_of(value: Any) -> AnyView:
    """Return the view of a CompactArray, or one of an ndarray made of `value`."""
    return value._view if isinstance(value, CompactArray) else PlainView(np.asarray(value))


def spread(value: Any, shape: tuple[int, ...]) -> CompactArray:
    """Return a view of a value broadcast to a shape."""
    return compact(np.broadcast_to(value, shape))


def encoded_view(value: Any) -> View | None:
    """Return an encoded view of `value`, encoding it if need be; None where its dtype is never encoded."""
    view = view_of(value)
    if isinstance(view, PlainView):
        view = encoded(view.array) if can_encode(view.dtype) else view
    return view if isinstance(view, View) else None


def dense(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Send a call to the dense route on purpose."""
    return run_dense(function, args, kwargs, CompactArray, CompactArray.from_view)


def inline(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Let NumPy do a call on arguments that are small, or plain: no dense route, whatever the settings say."""
    return run_dense(function, args, kwargs, CompactArray, CompactArray.from_view, quiet=True)


def small(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Let NumPy do a call if its arguments are so small that decoding them costs least; else NotImplemented.

    For functions whose results may be much larger than their arguments, which are not registered as inline.
    """
    return run_inline(function, args, kwargs, CompactArray, CompactArray.from_view)


def finished(array: Array) -> CompactArray:
    """Return a result that is dense as a CompactArray."""
    return wrap(result_view(array))


def empty_model(value: Any) -> Any:
    """Return an empty array of a value's dtype, to ask NumPy about dtypes; Python scalars are themselves."""
    if type(value) in (bool, int, float, complex):
        return value
    return np.empty(0, value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype)


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given a value."""
    return {name: value for name, value in options.items() if value is not NO_VALUE}


def into(out: Any, result: Any) -> Any:
    """Return `result`, or `out` after `result` was written to it."""
    if out is None:
        return result
    if not out.flags.writeable:
        raise ValueError("output array is read-only")
    out[...] = result
    return out


def tilewise(function: Callable[..., Array], dtype: np.dtype[Any], *values: Any, order: str = "K") -> CompactArray:
    """Return the result of an element-by-element function that gets tiles of the broadcast operands."""
    operands = [operand(value._view if isinstance(value, CompactArray) else value) for value in values]
    shape = common_shape(operands)
    axes = result_axes(operands, shape, order)
    moved = [transposed(broadcast(value, shape), axes) for value in operands]
    lengths = tuple(shape[axis] for axis in axes)

    def tiles(operands: Sequence[Any], lengths: tuple[int, ...]) -> Iterator[Array]:
        for region in regions(lengths, settings().tile_length):
            yield np.asarray(function(*(tile_of(value, region) for value in operands))).reshape(-1)

    sparse = sparse_calls.mapped(function, moved, lengths, dtype)
    if sparse is not None:
        return back(sparse, axes)
    columns = by_columns(moved, lengths) if is_encodable(dtype) else None
    if columns is not None:
        outer = lengths[:-1]
        spread = ([np.broadcast_to(v, outer) if isinstance(v, np.ndarray) else broadcast(v, outer) for v in c] for c in columns)
        return back(from_columns([built(dtype, outer, tiles(values, outer)) for values in spread], lengths), axes)
    return back(built(dtype, lengths, tiles(moved, lengths)), axes)


def common_shape(operands: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape that operands broadcast to; NumPy's error where there is none."""
    shapes = [shape_of(value) for value in operands]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        np.nditer([sham(shape) for shape in shapes if shape], flags=["zerosize_ok"])
        raise


def back(view: AnyView, axes: Sequence[int]) -> CompactArray:
    """Return an array around a view whose axes are `axes` of the result, moved back to their places."""
    return wrap(view.transpose(tuple(axes.index(axis) for axis in range(len(axes)))))


def picked_tile(view: View, axis: int, region: tuple[int | slice, ...], places: Array) -> Array:
    """Return the elements of a region, at `places` along an axis, as a 1-D ndarray."""
    first, last = int(places[0]), int(places[-1])
    if last - first == places.size - 1 and (places.size < 3 or bool((places[1:] - places[:-1] == 1).all())):
        return view.basic((*region[:axis], slice(first, last + 1), *region[axis + 1 :], ...)).read().reshape(-1)
    steps = [places * view.steps[axis] if k == axis else _steps(part, view, k) for k, part in enumerate(region)]
    return gathered(view, steps)


def _steps(part: int | slice, view: View, axis: int) -> Array:
    if isinstance(part, slice):
        return np.arange(*part.indices(view.shape[axis]), dtype=np.int64) * view.steps[axis]
    return np.asarray(part * view.steps[axis])


def gathered(view: View, steps: Sequence[Array]) -> Array:
    """Return the elements at the outer sums of distances from the first one, as a 1-D ndarray."""
    total = np.asarray(view.offset, np.int64)
    for step in steps:
        total = np.add.outer(total, step)
    tile = np.empty(total.size, view.dtype)
    view.storage.gather(np.ascontiguousarray(total).reshape(-1), tile)
    return tile


class Collected:
    """A 1-D result whose length is known at the end only."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._parts: list[Array] | None = []
        self._size = 0
        self._builder: Builder | None = None

    def append(self, values: Array) -> None:
        """Append 1-D values."""
        self._size += values.size
        if self._builder is None:
            assert self._parts is not None
            self._parts.append(values)
            if self._size <= settings().tile_length or not can_encode(self._dtype):
                return
            self._builder = Builder(self._dtype)
            parts, self._parts = self._parts, None
            for part in parts:
                self._builder.append(part)
        else:
            self._builder.append(values)

    def finish(self) -> CompactArray:
        """Return the array: plain where it is small."""
        if self._builder is None:
            return finished(np.concatenate([np.empty(0, self._dtype), *(self._parts or [])]))
        return CompactArray.from_storage(self._builder.finish(), (self._size,))


def mapped_reduce(
    function: Callable[..., Array],
    ufunc: np.ufunc,
    values: Sequence[Any],
    axes: tuple[int, ...],
    dtype: Any,
    keepdims: bool,
    initial: Any = NO_VALUE,
    name: str = "reduce",
) -> Any:
    """Return ``ufunc.reduce(function(*values), axes, dtype)`` for an element-by-element function, by tiles.

    `values` are the first operand, which has the full shape, and others that broadcast to it; floating-point
    errors are reported once, as of `name`.
    """
    operands = [operand(value._view if isinstance(value, CompactArray) else value) for value in values]
    shape = operands[0].shape
    # In the order of memory, as NumPy lays out the result.
    first_operand = operands[0] if isinstance(operands[0], View) else PlainView(operands[0])
    layout = first_operand.layout("K")
    kept = tuple(axis for axis in layout if axis not in axes)
    axes = tuple(axis for axis in layout if axis in axes)
    order = (*kept, *axes)
    moved = [transposed(broadcast(value, shape), order) for value in operands]
    if len(kept) == 1 and isinstance(moved[0], View) and axis_of_columns(moved[0]) == 0:
        turned = (*range(1, len(shape)), 0)
        columns = by_columns([transposed(value, turned) for value in moved], (*(shape[a] for a in axes), shape[kept[0]]))
        if columns is not None:
            every = tuple(range(len(axes)))
            with ErrorsOnce(name):
                numbers = [mapped_reduce(function, ufunc, column, every, dtype, False, initial, name) for column in columns]
            line = np.array(numbers).reshape([length if axis in kept else 1 for axis, length in enumerate(shape)])
            return wrap(result_view(line if keepdims else line.reshape(-1)))
    kept_shape, reduced_shape = tuple(shape[a] for a in kept), tuple(shape[a] for a in axes)
    most = max(1, settings().tile_length // max(1, min(prod(reduced_shape), settings().tile_length)))
    if kept and min(moved[0].strides[len(kept) :], key=abs, default=0) >= min(moved[0].strides[: len(kept)], key=abs, default=0):
        most = max(most, settings().tile_length // 16)

    rooms = Rooms()

    def parts() -> Iterator[Array]:
        for region in regions(kept_shape, most):
            lead = sum(isinstance(part, slice) for part in region)
            volume = prod(len(range(*p.indices(n))) for p, n in zip(region, kept_shape, strict=True) if isinstance(p, slice))
            total = PairwiseTotal(ufunc)
            inners: Iterable[Any] = regions(reduced_shape, max(1, settings().tile_length // max(1, volume)))
            if not prod(reduced_shape):
                inners = [tuple(slice(0, length) for length in reduced_shape)]

            def step(inner: Region, region: Region = region, lead: int = lead, total: PairwiseTotal = total) -> Any:
                tile = function(*(rooms.tile(k, value, (*region, *inner)) for k, value in enumerate(moved)))
                first_of_all = {} if initial is NO_VALUE or not total.empty else {"initial": initial}
                return ufunc.reduce(tile, axis=tuple(range(lead, tile.ndim)), dtype=dtype, **first_of_all)

            apart = may_be_grouped(ufunc, np.dtype(dtype)) and initial is NO_VALUE and volume <= settings().tile_length // 8
            for found in tile_by_tile(step, inners, volume * prod(reduced_shape)) if apart else map(step, inners):
                total.add(found)
            yield np.asarray(total.value()).reshape(-1)

    with ErrorsOnce(name):
        if not kept:
            (value,) = parts()
        else:
            found = parts()
            first = next(found)
            view = built(first.dtype, kept_shape, (part for group in ((first,), found) for part in group))
            result = wrap(view.transpose(sorted(range(len(kept)), key=lambda k: kept[k])))
    if not kept:
        return wrap(PlainView(value.reshape((1,) * len(shape)))) if keepdims else value[0]
    return result[tuple(slice(None) if axis in kept else None for axis in range(len(shape)))] if keepdims else result

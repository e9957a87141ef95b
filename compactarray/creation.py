"""Arrays made from a description: as NumPy's functions of these names, but never dense on the way."""

from collections.abc import Callable, Iterator
from math import ceil
from operator import index as as_integer
from typing import Any, Literal

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.numerics.words import as_dtype
from compactarray.storage.base import Array
from compactarray.storage.builder import Builder, can_encode, sparse_storage
from compactarray.storage.plain import PlainView
from compactarray.storage.view import View, built, whole

Shape = int | tuple[int, ...]
Order = Literal["C", "F"]


def _shape(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple; errors are NumPy's."""
    try:
        return np.broadcast_to(np.int8(0), shape).shape
    except (ValueError, TypeError):
        np.empty(shape, np.int8)
        raise


def asarray(x: Any, dtype: Any = None, copy: bool | None = None) -> CompactArray:
    """Return `x` as a CompactArray: itself if it is one of that dtype, else encoded.

    Examples
    --------
    >>> import compactarray
    >>> a = compactarray.asarray([1, 2, 3])
    >>> compactarray.asarray(a) is a
    True
    """
    if isinstance(x, CompactArray) and not copy and (dtype is None or np.dtype(dtype) == x.dtype):
        return x
    return CompactArray(x, dtype, copy)


def full(shape: Shape, fill_value: Any, dtype: Any = None, order: Order = "C") -> CompactArray:
    """As numpy.full; a scalar fill costs the same whatever the shape.

    Examples
    --------
    >>> import compactarray
    >>> compactarray.full((10**6, 10**6), 7).nbytes
    8
    """
    shape = _shape(shape)
    value = np.asarray(fill_value)
    wanted = value.dtype if dtype is None else np.dtype(dtype)
    shape, wanted = (*shape, *wanted.shape), wanted.base
    if value.ndim == 0:
        return CompactArray.from_value(fill_value, shape, wanted, order)
    fresh = CompactArray.from_value(np.zeros((), wanted)[()], shape, wanted, order)
    fresh[...] = fill_value
    return fresh


def zeros(shape: Shape, dtype: Any = float, order: Order = "C") -> CompactArray:
    """As numpy.zeros; costs the same whatever the shape."""
    return _filled(np.zeros, shape, dtype, order)


def ones(shape: Shape, dtype: Any = float, order: Order = "C") -> CompactArray:
    """As numpy.ones; costs the same whatever the shape."""
    return _filled(np.ones, shape, dtype, order)


def empty(shape: Shape, dtype: Any = float, order: Order = "C") -> CompactArray:
    """As numpy.empty; the elements are zeros, or None."""
    return _filled(blank, shape, dtype, order)


def _filled(make: Callable[..., Array], shape: Any, dtype: Any, order: Order) -> CompactArray:
    # Of a dtype that is an array itself, one element has axes.
    one = make((), dtype, order)
    return CompactArray.from_value(one.flat[0], (*_shape(shape), *one.shape), one.dtype, order)


def _like(make: Callable[..., Array], a: Any, dtype: Any, order: str, shape: Any) -> CompactArray:
    """Return an array of one value with the dtype, shape and layout of another."""
    model = a._view if isinstance(a, CompactArray) else PlainView(np.asarray(a))
    wanted = model.dtype if dtype is None else as_dtype(dtype)
    if order not in ("C", "F", "A", "K"):
        # NumPy says which there are.
        order = "F" if np.empty_like(np.empty((2, 2)), order=order).flags.f_contiguous else "C"
    if shape is not None and len(_shape(shape)) != len(model.shape):
        axes = tuple(range(len(_shape(shape))))
        axes = axes[::-1] if order == "F" else axes
    else:
        axes = model.layout(order)
    lengths = model.shape if shape is None else _shape(shape)
    fresh = CompactArray.from_value(make((), wanted)[()], tuple(lengths[axis] for axis in axes), wanted)
    return CompactArray.from_view(fresh._view.transpose(tuple(axes.index(axis) for axis in range(len(axes)))))


def zeros_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None) -> CompactArray:
    """As numpy.zeros_like; costs the same whatever the shape."""
    return _like(np.zeros, a, dtype, order, shape)


def ones_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None) -> CompactArray:
    """As numpy.ones_like; costs the same whatever the shape."""
    return _like(np.ones, a, dtype, order, shape)


def empty_like(prototype: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None) -> CompactArray:
    """As numpy.empty_like; the elements are zeros, or None."""
    return _like(blank, prototype, dtype, order, shape)


def blank(shape: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Array:
    """As numpy.empty, but of zeros where the elements would be arbitrary.

    Examples
    --------
    >>> from compactarray.creation import blank
    >>> blank(2, int), blank(2, object)
    (array([0, 0]), array([None, None], dtype=object))
    """
    return (np.empty if np.dtype(dtype).hasobject else np.zeros)(shape, dtype, order, **options)


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None) -> CompactArray:
    """As numpy.full_like; a scalar fill costs the same whatever the shape."""
    if np.ndim(fill_value) == 0:
        return _like(lambda _, wanted: _cell(fill_value, wanted), a, dtype, order, shape)
    fresh = _like(np.zeros, a, dtype, order, shape)
    fresh[...] = fill_value
    return fresh


def _cell(value: Any, dtype: np.dtype[Any]) -> Array:
    """Return a value as an array without axes, converted as numpy.full converts it."""
    cell = np.empty((), dtype)
    np.copyto(cell, value, casting="unsafe")
    return cell


def arange(start: Any = None, stop: Any = None, step: Any = None, dtype: Any = None) -> CompactArray:
    """As numpy.arange, made tile by tile.

    Examples
    --------
    >>> import compactarray
    >>> a = compactarray.arange(1_000_000)
    >>> a.nbytes / a.dense_nbytes < 0.26
    True
    """
    if start is None and stop is None:
        np.arange()  # type: ignore[call-overload]
    if stop is None or start is None:
        start, stop = 0, start if stop is None else stop
    step = 1 if step is None else step
    arguments = (start, stop, step)
    if not all(isinstance(x, (int, float, np.integer, np.floating)) and not isinstance(x, bool) for x in arguments):
        return CompactArray(np.arange(start, stop, step, dtype))
    # The first two elements say all of the dtype, the start and the difference (numpy's fill functions).
    length = max(0, ceil((stop - start) / step)) if step and not any(x != x for x in arguments) else 0
    if length <= settings().tile_length or length > np.iinfo(np.intp).max:
        return CompactArray(np.arange(start, stop, step, dtype))
    if all(isinstance(x, (int, np.integer)) for x in arguments):
        length = len(range(int(start), int(stop), int(step)))
    head = np.arange(start, start + 2 * step, step, dtype)[:2]
    if head.dtype.kind not in "iuf" or head.size < 2 or head.dtype.itemsize not in (4, 8):
        return CompactArray(np.arange(start, stop, step, dtype))
    first, difference = head[0], head[1] - head[0]

    def tiles() -> Iterator[Array]:
        for low in range(0, length, settings().tile_length):
            count = np.arange(low, min(length, low + settings().tile_length)).astype(head.dtype)
            tile = first + count * difference
            tile[: max(0, 2 - low)] = head[low:]
            yield tile

    return CompactArray.from_view(_encoded_tiles(head.dtype, length, tiles()))


def _encoded_tiles(dtype: np.dtype[Any], length: int, tiles: Iterator[Array]) -> Any:
    """Return a 1-D view of tiles, encoded whatever the size."""
    if not can_encode(dtype):
        return built(dtype, (length,), tiles)
    builder = Builder(dtype, length)
    for tile in tiles:
        builder.append(tile)
    return whole(builder.finish(), (length,))


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """As numpy.linspace; for scalar bounds made tile by tile.

    Examples
    --------
    >>> import compactarray
    >>> compactarray.linspace(0, 1, 5)
    CompactArray([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    num = as_integer(num)
    if np.ndim(start) or np.ndim(stop) or num <= settings().tile_length:
        found = np.linspace(start, stop, num, endpoint, retstep, dtype, axis)
        return (CompactArray(found[0]), found[1]) if retstep else CompactArray(found)
    # The formula of numpy.linspace, a tile at a time.
    first, last = np.asarray(start) * 1.0, np.asarray(stop) * 1.0
    compute = np.result_type(first, last, float(num))
    wanted = compute if dtype is None else np.dtype(dtype)
    delta = np.subtract(last, first, dtype=type(compute))
    parts = num - 1 if endpoint else num
    step = delta / parts

    def tiles() -> Iterator[Array]:
        for low in range(0, num, settings().tile_length):
            high = min(num, low + settings().tile_length)
            tile = np.arange(low, high).astype(compute)
            tile = tile / parts * delta if step == 0 else tile * step
            tile += first
            if endpoint and high == num:
                tile[-1] = last
            if np.issubdtype(wanted, np.integer):
                np.floor(tile, out=tile)
            yield tile.astype(wanted, copy=False)

    array = CompactArray.from_view(_encoded_tiles(wanted, num, tiles()))
    return (array, step) if retstep else array


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = float, order: Order = "C") -> CompactArray:  # noqa: N803
    """As numpy.eye; held in coordinate form.

    Examples
    --------
    >>> import compactarray
    >>> a = compactarray.eye(1000)
    >>> a.nbytes / a.dense_nbytes < 0.001
    True
    """
    rows, columns = as_integer(N), as_integer(N if M is None else M)
    shape = _shape((rows, columns))
    k = max(-rows, min(as_integer(k), columns))  # of diagonals outside, however far, nothing is seen
    dtype = np.dtype(dtype)
    if not can_encode(dtype) or dtype.kind not in "biuf" or not dtype.isnative:
        return CompactArray(np.eye(rows, columns, k, dtype, order))
    count = max(0, min(rows - max(0, -k), columns - max(0, k)))
    row, column = max(0, -k), max(0, k)
    width, begin = (columns, row * columns + column) if order == "C" else (rows, column * rows + row)
    addresses = begin + np.arange(count, dtype=np.int64) * (width + 1)
    storage = sparse_storage(np.zeros(1, dtype), rows * columns, addresses, np.ones(count, dtype))
    view: View = whole(storage, shape, order)
    return CompactArray.from_view(view)

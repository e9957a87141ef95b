"""Index expressions taken apart: what is basic, what is advanced, and which addresses are meant.

`parse` handles what is valid; for anything else it raises `InvalidIndexError`, and the caller lets NumPy word
the error (see `geometry.ghost.sham`).
"""

from collections.abc import Callable, Sequence
from math import prod
from operator import index as as_integer
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.geometry.layout import broadcast_shapes, k_order
from compactarray.geometry.tiles import regions

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


#: NumPy's limits: NPY_MAXDIMS axes, and one index array less.
_MOST_AXES = 64
_MOST_ARRAYS = 63


#: Index arrays of more blocks are not held as addresses of eight bytes each, but turned into addresses piece by piece.
_AT_ONCE = 4


class InvalidIndexError(Exception):
    """The expression is no valid index for the shape; NumPy knows the words for it."""


class Unread:
    """What has the shape of an array and elements that are not in memory; a base of views.

    No abstract base class, because ``isinstance`` takes several times as long for those.
    """

    __slots__ = ()

    dtype: Any
    size: Any

    def read(self) -> Array:
        """Return the elements."""
        raise NotImplementedError

    def mapped(self, function: Callable[[Array], Array]) -> "Unread":
        """Return the view that a basic operation makes."""
        raise NotImplementedError

    def contiguous(self, order: str) -> bool:
        """Tell whether the elements follow each other in C or F order."""
        raise NotImplementedError


class Addresses:
    """The addresses that index arrays mean, each added up when it is asked for; in shape and axes like an array of them."""

    __slots__ = ("_picks", "_offset", "shape")

    def __init__(self, picks: list[tuple[Any, int, int]], offset: int, shape: Shape) -> None:
        #: Arrays broadcast to the shape, with length and stride of the axis that each addresses.
        self._picks = picks
        self._offset = offset
        self.shape = shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def transpose(self, axes: Sequence[int]) -> "Addresses":
        """Return the addresses with their axes in another order."""
        picks = [(array.transpose(axes), length, stride) for array, length, stride in self._picks]
        return Addresses(picks, self._offset, tuple(self.shape[a] for a in axes))

    def divided(self, width: int) -> "tuple[Addresses, int] | None":
        """Return the quotients of all addresses by `width`, and the one rest that all have; None where they differ in it."""
        if any(stride % width for _, _, stride in self._picks):
            return None
        picks = [(array, length, stride // width) for array, length, stride in self._picks]
        return Addresses(picks, self._offset // width, self.shape), self._offset % width

    def __getitem__(self, region: Any) -> Array:
        total: Any = self._offset
        for array, length, stride in self._picks:
            part = array[region]
            part = (part.read() if isinstance(part, Unread) else part).astype(np.int64, copy=False)
            if part.size and part.min() < 0:
                part = np.where(part < 0, part + length, part)
            total = total + (part if stride == 1 else part * np.int64(stride))
        return np.asarray(total)


class Advanced(NamedTuple):
    """An index with arrays in it, resolved against a view.

    `addresses` are offsets of the elements that the index arrays pick, of the broadcast shape of those
    arrays; `shape` and `strides` describe the axes that remain, of which the first `before` come ahead of
    the picked ones in the result. `order` has the axes of `addresses` from the slowest to the fastest in the
    memory of the index arrays, which is how NumPy lays out the result.
    """

    addresses: Array | Addresses
    shape: Shape
    strides: tuple[int, ...]
    before: int
    order: tuple[int, ...]

    @property
    def result_shape(self) -> Shape:
        """The shape of what the index picks."""
        return self.shape[: self.before] + self.addresses.shape + self.shape[self.before :]


def divided(addresses: Array | Addresses, width: int) -> tuple[Array | Addresses, int] | None:
    """Return the quotients of addresses, of which there are any, and the one rest that all have; None where they differ in it.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.geometry.index import divided
    >>> divided(np.array([7, 12, 2]), 5), divided(np.array([7, 8]), 5)
    ((array([1, 2, 0]), 2), None)
    """
    if isinstance(addresses, Addresses):
        return addresses.divided(width)
    quotients, rests = np.divmod(addresses, width)
    rest = int(rests.flat[0])
    return (quotients, rest) if (rests == rest).all() else None


class Basic(NamedTuple):
    """A basic index of integers, slices, ``...`` and newaxis only, safe to apply to a ghost.

    `copies` tells that an integer came as an array without axes: NumPy copies what such an index picks.
    """

    index: Any
    copies: bool
    ellipsis: bool


def as_basic(index: Any) -> Basic | None:
    """Return the basic index that an index expression is, or None where arrays, masks or fields are in it."""
    if type(index) is not tuple:
        item = _basic_item(index)
        return None if item is _NOT_BASIC else Basic(item, isinstance(index, np.ndarray), item is Ellipsis)
    items = tuple(_basic_item(item) for item in index)
    if any(item is _NOT_BASIC for item in items):
        return None
    return Basic(items, any(isinstance(item, np.ndarray) for item in index), any(item is Ellipsis for item in items))


_NOT_BASIC = object()


def _basic_item(item: Any) -> Any:
    if item is None or item is Ellipsis or type(item) in (int, slice):
        return item
    if isinstance(item, (bool, np.bool_, list, tuple, str)):
        return _NOT_BASIC
    if isinstance(item, np.ndarray):
        return int(item) if item.ndim == 0 and item.dtype.kind in "iu" else _NOT_BASIC
    if isinstance(item, np.integer) or (not hasattr(item, "__len__") and hasattr(item, "__index__")):
        return as_integer(item)
    return _NOT_BASIC


def expanded(index: Any, ndim: int) -> list[Any]:
    """Return the items of an index, ``...`` replaced by full slices, one item an axis (but for newaxis).

    Arrays come out as arrays of integers (of intp, where they are small), or of bool for masks.
    """
    items = [_item(item) for item in (index if type(index) is tuple else (index,))]
    used = sum(_axes_of(item) for item in items)
    ellipses = [k for k, item in enumerate(items) if item is Ellipsis]
    if used > ndim or len(ellipses) > 1:
        raise InvalidIndexError
    full = [slice(None)] * (ndim - used)
    at = ellipses[0] if ellipses else len(items)
    return items[:at] + full + items[at + len(ellipses) :]


def _item(item: Any) -> Any:
    """Return one item in normal form: None, Ellipsis, a slice, an int, or an array of bool or integers."""
    if item is None or item is Ellipsis or type(item) in (int, slice):
        return item
    if isinstance(item, Unread):
        if item.dtype.kind in "iu" and _is_large(item.size):
            return item
        item = item.read()
    if not isinstance(item, np.ndarray):
        if not isinstance(item, (bool, np.bool_)) and hasattr(item, "__index__") and not hasattr(item, "__len__"):
            return as_integer(item)
        if isinstance(item, (str, bytes)):
            raise InvalidIndexError
        try:
            item = _index_array(item)
        except (ValueError, TypeError):
            raise InvalidIndexError from None
    if item.dtype.kind == "b":
        return item
    if item.dtype.kind not in "iu":
        raise InvalidIndexError
    if item.ndim == 0:
        return int(item)
    return item if _is_large(item.size) and item.dtype.isnative and item.dtype != np.uint64 else item.astype(np.intp, copy=False)


def _is_large(size: int) -> bool:
    return size > _AT_ONCE * settings().block_length


def _index_array(item: Any) -> Array:
    array = np.asarray(item)
    # An empty list is an empty array of integers to NumPy, whatever np.asarray makes of it.
    return array.astype(np.intp) if array.size == 0 and not isinstance(item, np.ndarray) and array.dtype.kind == "f" else array


def _axes_of(item: Any) -> int:
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == "b" else 1


def resolve(index: Any, shape: Shape, strides: tuple[int, ...], offset: int) -> Advanced:
    """Resolve an index with arrays against the geometry of a view.

    Raises
    ------
    InvalidIndexError
        Where NumPy would raise.
    """
    kept_shape: list[int] = []
    kept_strides: list[int] = []
    picks: list[tuple[Any, int, int]] = []
    groups: list[int] = []
    axis = 0
    # As in NumPy, an integer beside an array is an array; slices and newaxis separate groups of them.
    for item in expanded(index, len(shape)):
        if item is None:
            kept_shape.append(1)
            kept_strides.append(0)
            continue
        if isinstance(item, slice):
            try:
                start, stop, step = item.indices(shape[axis])
            except (TypeError, ValueError):
                raise InvalidIndexError from None
            kept_shape.append(len(range(start, stop, step)))
            kept_strides.append(strides[axis] * step)
            offset += strides[axis] * start if kept_shape[-1] else 0
            axis += 1
            continue
        groups.append(len(kept_shape) if not groups or groups[-1] == len(kept_shape) else -1)
        for array, length, stride in _picked(item, shape, strides, axis):
            picks.append((array, length, stride))
        axis += _axes_of(item)
    return _combined(picks, groups, tuple(kept_shape), tuple(kept_strides), offset)


def _picked(item: Any, shape: Shape, strides: tuple[int, ...], axis: int) -> Sequence[tuple[Any, int, int]]:
    """Return index arrays with length and stride of the axis that each addresses."""
    if isinstance(item, Unread):
        return [(item, shape[axis], strides[axis])]
    if not isinstance(item, np.ndarray):
        # Unlike an array's, an integer's bounds are checked even where nothing is picked.
        if not -shape[axis] <= item < shape[axis]:
            raise InvalidIndexError
        return [(np.asarray(item, np.intp), shape[axis], strides[axis])]
    if item.dtype.kind != "b":
        return [(item, shape[axis], strides[axis])]
    # An axis without marks marks nothing, however long the array's is.
    if any(marks not in (0, length) for marks, length in zip(item.shape, shape[axis:], strict=False)):
        raise InvalidIndexError
    if item.ndim == 0:
        # A lone truth value picks one element along a new axis, or none.
        return [(np.zeros(int(item), np.intp), 1, 0)]
    return [(found, shape[axis + k], strides[axis + k]) for k, found in enumerate(item.nonzero())]


def _in_bounds(array: Array, length: int) -> Array:
    """Return an index array with negative indices counted from the end."""
    if not array.size:
        return array
    low = array.min()
    if low < -length or array.max() >= length:
        raise InvalidIndexError
    return np.where(array < 0, array + length, array) if low < 0 else array


def _check_bounds(array: Any, length: int) -> None:
    """Check the bounds of a large index array, piece by piece."""
    for region in regions(array.shape, settings().tile_length):
        part = array[(*region, ...)]
        _in_bounds((part.read() if isinstance(part, Unread) else part).astype(np.intp, copy=False), length)


def _combined(picks: list[tuple[Any, int, int]], groups: list[int], shape: Shape, strides: tuple[int, ...], offset: int) -> Advanced:
    """Broadcast the index arrays against each other and add up addresses."""
    if len(picks) > _MOST_ARRAYS:
        raise InvalidIndexError
    try:
        broadcast = broadcast_shapes(*(array.shape for array, _, _ in picks))
    except ValueError:
        raise InvalidIndexError from None
    addresses: Array | Addresses
    if _is_large(prod(broadcast)):
        for array, length, _ in picks:
            _check_bounds(array, length)
        addresses = Addresses([(_broadcast(array, broadcast), length, stride) for array, length, stride in picks], offset, broadcast)
    elif len(picks) == 1 and picks[0][0].size and (picks[0][2], offset) == (1, 0):
        addresses = _in_bounds(*picks[0][:2])
    else:
        addresses = np.full(broadcast, offset, np.int64)
        for array, length, stride in picks:
            # As in NumPy, bounds do not matter where nothing is picked.
            if addresses.size:
                addresses += _in_bounds(array, length) * np.int64(stride)
    # Arrays next to each other leave their axes in place; separated ones move them to the front.
    before = groups[0] if groups and -1 not in groups else 0
    if addresses.ndim + len(shape) > _MOST_AXES:
        raise InvalidIndexError
    return Advanced(addresses, shape, strides, before, _order_of([array for array, _, _ in picks], addresses.ndim))


def _broadcast(array: Any, shape: Shape) -> Any:
    if array.shape == shape:
        return array
    return array.mapped(lambda ghost: np.broadcast_to(ghost, shape)) if isinstance(array, Unread) else np.broadcast_to(array, shape)


def _contiguous(array: Any, order: str) -> bool:
    if isinstance(array, Unread):
        return bool(array.contiguous(order))
    return bool(array.flags.c_contiguous if order == "C" else array.flags.f_contiguous)


def _order_of(arrays: list[Any], ndim: int) -> tuple[int, ...]:
    """Return the axes from the slowest to the fastest in the memory of index arrays."""
    forward = tuple(range(ndim))
    if ndim < 2:
        return forward
    full = [array for array in arrays if len(array.shape) == ndim]
    if len(full) == 1 and not _contiguous(full[0], "C"):
        return k_order(full[0].shape, full[0].strides)
    fortran = full and all(_contiguous(array, "F") and not _contiguous(array, "C") for array in full)
    return forward[::-1] if fortran else forward

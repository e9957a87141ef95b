"""More of shapes: arrays of at least so many axes, broadcasting, repeating, rolling, cutting off."""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, result_axes, tile_of
from compactarray.functions.assembled import Flat, Joined, assembled
from compactarray.functions.common import back, compact, dense, encoded_view, inline, wrap
from compactarray.functions.joining import joined_like
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import Region, regions
from compactarray.kernels import repeat_codes, select_codes
from compactarray.numerics.words import word_dtype, words
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.movement import part_of
from compactarray.storage.plain import PlainView
from compactarray.storage.rearranged import Places, end_to_end, in_c_order, is_word, rearranged, taken
from compactarray.storage.view import View, built, constant

#: Copies of an array that are laid one after the other; more of them are read from a view that repeats it.
_ENDS = 8


def _each(function: Any, arrays: tuple[Any, ...]) -> Any:
    found = [function(compact(array)) for array in arrays]
    return found[0] if len(found) == 1 else tuple(found)


@implements(np.atleast_1d, route="native")
def atleast_1d(*arys: Any) -> Any:
    """As numpy.atleast_1d."""
    return _each(lambda a: a.reshape(1) if a.ndim == 0 else a, arys)


@implements(np.atleast_2d, route="native")
def atleast_2d(*arys: Any) -> Any:
    """As numpy.atleast_2d."""
    return _each(lambda a: a.reshape(1, 1) if a.ndim == 0 else a[None, :] if a.ndim == 1 else a, arys)


@implements(np.atleast_3d, route="native")
def atleast_3d(*arys: Any) -> Any:
    """As numpy.atleast_3d."""

    def least(a: Any) -> Any:
        if a.ndim == 0:
            return a.reshape(1, 1, 1)
        return a[None, :, None] if a.ndim == 1 else a[:, :, None] if a.ndim == 2 else a

    return _each(least, arys)


@implements(np.broadcast_arrays, route="native")
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """As numpy.broadcast_arrays: views."""
    arrays = [compact(array) for array in args]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    if all(array.shape == shape for array in arrays):
        return tuple(arrays)
    return tuple(np.broadcast_to(array, shape) for array in arrays)


@implements(np.meshgrid, route="native")
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """As numpy.meshgrid."""
    ndim = len(xi)
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    ones = (1,) * ndim
    found = [compact(x).reshape((*ones[:k], -1, *ones[k + 1 :])) for k, x in enumerate(xi)]
    if indexing == "xy" and ndim > 1:
        found[0] = found[0].reshape(1, -1, *ones[2:])
        found[1] = found[1].reshape(-1, 1, *ones[2:])
    if not sparse:
        found = list(broadcast_arrays(*found))
    return tuple(x.copy() for x in found) if copy else tuple(found)


@implements(np.ix_, route="composed")
def ix_(*args: Any) -> Any:
    """As numpy.ix_."""
    found = []
    for k, item in enumerate(args):
        new = compact(item)
        if new.size == 0 and not isinstance(item, (CompactArray, np.ndarray)):
            new = new.astype(np.intp)
        if new.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if new.dtype.kind == "b":
            (new,) = new.nonzero()
        found.append(new.reshape((1,) * k + (new.size,) + (1,) * (len(args) - k - 1)))
    return tuple(found)


# --- longer and shorter -----------------------------------------------------------------------------


@implements(np.repeat, route="native")
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """As numpy.repeat."""
    a = compact(a)
    if axis is None:
        a, axis = a if a.ndim == 1 else a.ravel(), 0
    a = a if a.ndim else a.reshape(1)
    axis = normalize_axis_index(axis, a.ndim)
    length = a.shape[axis]
    if a.ndim == 1 and a.size > settings().tile_length and np.shape(repeats) == a.shape:
        return _repeated(a, compact(repeats))
    # What has no dtype NumPy makes integers of, whatever it is.
    named = hasattr(repeats, "dtype") and not isinstance(repeats, np.generic)
    counts = np.asarray(repeats, None if named else np.intp)
    if counts.dtype.kind not in "biu" or counts.ndim > 1 or counts.size not in (1, length) or (counts < 0).any():
        # NumPy's error.
        np.repeat(sham(a.shape), counts if named else repeats, axis)
    if not a.size or not can_encode(a.dtype):
        return inline(np.repeat, a, counts, axis)
    if counts.size == 1:
        return _each_repeated(a, int(counts.reshape(-1)[0]), axis)
    if a.ndim == 1:
        return _repeated(a, compact(counts))
    ends = np.cumsum(counts, dtype=np.int64)
    places = Places(int(ends[-1]), lambda start, stop: np.searchsorted(ends, np.arange(start, stop), "right"))
    return wrap(taken(a._view, places, axis))


def _each_repeated(a: CompactArray, times: int, axis: int) -> CompactArray:
    """Return every place of an axis so many times."""
    spread: Any = np.broadcast_to(a[(*(slice(None),) * (axis + 1), None)], (*a.shape[: axis + 1], times, *a.shape[axis + 1 :]))
    shape = (*a.shape[:axis], a.shape[axis] * times, *a.shape[axis + 1 :])
    return wrap(in_c_order(spread._view)).reshape(shape)  # type: ignore[no-any-return]


def _repeated(a: CompactArray, repeats: CompactArray) -> CompactArray:
    """Return the elements of a 1-D array, each as often as a number of its own says."""
    np.repeat(np.empty(0), np.empty(0, repeats.dtype))
    if np.any(repeats < 0):
        raise ValueError("repeats may not contain negative values.")
    counts = operand(repeats._view)

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        for (part,) in regions(a.shape, settings().tile_length):
            elements = np.ascontiguousarray(tile_of(operands[0], (part,)))
            numbers = np.ascontiguousarray(tile_of(counts, (part,)), np.int64)
            total = int(numbers.sum())
            if total > most:
                ends = np.cumsum(numbers)
                for start in range(0, total, most):
                    yield elements[np.searchsorted(ends, np.arange(start, min(total, start + most)), "right")]
            elif is_word(elements.dtype):
                found = np.empty(total + 2, word_dtype(elements.dtype))
                yield found[: repeat_codes(words(elements), numbers, found)].view(elements.dtype)
            else:
                yield np.repeat(elements, numbers)

    return wrap(rearranged([a._view], (int(np.sum(repeats)),), tiles))


@implements(np.tile, route="native")
def tile(A: Any, reps: Any) -> Any:  # noqa: N803 - NumPy's name
    """As numpy.tile."""
    a = compact(A)
    times = tuple(reps) if np.iterable(reps) else (reps,)
    if all(number == 1 for number in times):
        found = a.copy("K")
        return found.reshape((1,) * max(0, len(times) - a.ndim) + a.shape)
    ndim = max(a.ndim, len(times))
    shape = (1,) * (ndim - a.ndim) + a.shape
    times = (1,) * (ndim - len(times)) + times
    axis = next((axis for axis, length in enumerate(shape) if length != 1), 0)
    if isinstance(a._view, View) and a._view.contiguous("C") and 1 < prod(times[: axis + 1]) == prod(times) <= _ENDS:
        whole_shape = (prod(times), *shape)
        found = wrap(end_to_end([a._view] * whole_shape[0], whole_shape))
        return found.reshape(tuple(number * length for number, length in zip(times, shape, strict=True)))
    pairs = tuple(item for number, length in zip(times, shape, strict=True) for item in (number, length))
    spread: Any = np.broadcast_to(a.reshape(tuple(item for length in shape for item in (1, length))), pairs)
    found = wrap(in_c_order(spread._view))
    return found.reshape(tuple(number * length for number, length in zip(times, shape, strict=True)))


@implements(np.resize, route="native")
def resize(a: Any, new_shape: Any) -> Any:
    """As numpy.resize."""
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    a = compact(a)
    if not a.dtype.isnative:
        # NumPy joins copies of the array, which makes the byte order native.
        a = a.astype(np.result_type(a.dtype))
    size = 1
    for length in shape:
        size *= length
        if length < 0:
            raise ValueError("all elements of `new_shape` must be non-negative")
    if a.size == 0 or size == 0:
        return np.zeros_like(a.ravel(), shape=shape)
    number, view = a.size, encoded_view(a)
    if view is None:
        return inline(np.resize, a, new_shape)
    if not a.flags.c_contiguous:
        return _picked_flat(Flat(view), size, lambda start, stop: np.arange(start, stop) % number).reshape(shape)
    flat = a.ravel()

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        (source,) = operands
        if 2 * flat.size <= most:
            source = np.tile(tile_of(source, (slice(None),)), most // flat.size)
        length = source.shape[0]
        for start in range(0, size, length):
            stop = min(length, size - start)
            for first in range(0, stop, most):
                yield tile_of(source, (slice(first, min(stop, first + most)),))

    return wrap(rearranged([flat._view], shape, tiles))


def _rolled(a: CompactArray, shifts: dict[int, int]) -> CompactArray:
    turns = {axis: shift % a.shape[axis] for axis, shift in shifts.items() if a.shape[axis] and shift % a.shape[axis]}
    if len(turns) > 1 and isinstance(a._view, View):
        axes = a._view.layout("K")
        return back(assembled(_turned(a._view, list(turns.items())).transpose(axes)), axes)
    for axis, shift in turns.items():
        lead, start = (slice(None),) * axis, a.shape[axis] - shift
        a = joined_like([a[(*lead, slice(start, None))], a[(*lead, slice(0, start))]], axis, a)
    return a


def _turned(view: View, turns: list[tuple[int, int]]) -> Any:
    """Return the operand of a view of which the ends of some axes come first."""
    if not turns:
        return view
    (axis, shift), *rest = turns
    lead, start = (slice(None),) * axis, view.shape[axis] - shift
    pieces = [view.basic((*lead, slice(start, None))), view.basic((*lead, slice(0, start)))]
    return Joined([_turned(piece, rest) for piece in pieces], axis, view.dtype)


def _picked_flat(source: Flat, length: int, index: Callable[[int, int], Array]) -> CompactArray:
    """Return a 1-D copy of `length` elements; ``index(start, stop)`` tells which."""
    pieces = regions((length,), settings().tile_length)
    tiles = (source.at(index(*part.indices(length)[:2])) for (part,) in pieces if isinstance(part, slice))
    return wrap(built(source.dtype, (length,), tiles))


def _rolled_flat(view: View, shift: int) -> CompactArray:
    """Return the elements of a view that is not contiguous, in C order, rolled."""
    source = Flat(view)
    return _picked_flat(source, source.shape[0], lambda start, stop: (np.arange(start, stop) - shift) % source.shape[0])


@implements(np.roll, route="native", inline=True)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """As numpy.roll."""
    a = compact(a)
    if axis is None:
        if isinstance(a._view, View) and not a.flags.c_contiguous and a.size and np.ndim(shift) == 0:
            return _rolled_flat(a._view, int(shift)).reshape(a.shape)
        return roll(a.ravel(), shift, 0).reshape(a.shape)
    axes = normalize_axis_tuple(axis, a.ndim, allow_duplicate=True)
    pairs = np.broadcast(shift, axes)
    if pairs.ndim > 1:
        raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    shifts: dict[int, int] = {}
    for number, place in pairs:
        shifts[place] = shifts.get(place, 0) + int(number)
    found = _rolled(a, shifts)
    return found if found is not a else a.copy("K")


def _centre(x: Any, axes: Any, sign: int) -> Any:
    x = compact(x)
    if axes is None:
        axes = tuple(range(x.ndim))
        shift: Any = [sign * (length // 2) if sign > 0 else -(length // 2) for length in x.shape]
    elif isinstance(axes, (int, np.integer)):
        shift = sign * (x.shape[axes] // 2) if sign > 0 else -(x.shape[axes] // 2)
    else:
        shift = [x.shape[axis] // 2 if sign > 0 else -(x.shape[axis] // 2) for axis in axes]
    return roll(x, shift, axes)


@implements(np.fft.fftshift, route="composed", inline=True)
def fftshift(x: Any, axes: Any = None) -> Any:
    """As numpy.fft.fftshift."""
    return _centre(x, axes, 1)


@implements(np.fft.ifftshift, route="composed", inline=True)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """As numpy.fft.ifftshift."""
    return _centre(x, axes, -1)


@implements(np.trim_zeros, route="native")
def trim_zeros(filt: Any, trim: Any = "fb", axis: Any = None) -> Any:
    """As numpy.trim_zeros: a view."""
    if not isinstance(filt, CompactArray):
        return dense(np.trim_zeros, filt, trim, **({} if axis is None else {"axis": axis}))
    if isinstance(filt._view, PlainView):
        options = {} if axis is None else {"axis": axis}
        return filt._viewed(filt._view.mapped(lambda array: np.trim_zeros(array, trim, **options)))
    letters = trim.lower()
    if letters not in ("fb", "bf", "f", "b"):
        raise ValueError(f"unexpected character(s) in `trim`: {letters!r}")
    axes = tuple(range(filt.ndim)) if axis is None else normalize_axis_tuple(axis, filt.ndim)
    if not axes:
        return filt
    low, high = _bounds(filt)
    if not any(high):
        return filt[tuple(slice(0, 0) if k in axes else slice(None) for k in range(filt.ndim))]
    places = tuple(
        (slice(low[k] if "f" in letters else None, high[k] if "b" in letters else None) if k in axes else slice(None))
        for k in range(filt.ndim)
    )
    return filt[places]


def _bounds(a: CompactArray) -> tuple[list[int], list[int]]:
    """Return where the elements other than zero begin and end, along each axis."""
    low, high = list(a.shape), [0] * a.ndim
    at = 0
    for part in a.tiles():
        (places,) = np.nonzero(part)
        if places.size:
            for k, index in enumerate(np.unravel_index(places + at, a.shape)):
                low[k], high[k] = min(low[k], int(index.min())), max(high[k], int(index.max()) + 1)
        at += part.size
    return low, high


# --- diagonals and triangles ------------------------------------------------------------------------


@implements(np.diag, route="native")
def diag(v: Any, k: int = 0) -> Any:
    """As numpy.diag."""
    v = compact(v)
    if v.ndim == 2:
        return v.diagonal(k)
    if v.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    size = v.shape[0] + abs(k)
    found = creation.zeros((size, size), v.dtype)
    first = k if k >= 0 else -k * size
    found[: size - k if k >= 0 else size].flat[first :: size + 1] = v
    return found


@implements(np.diagflat, route="composed")
def diagflat(v: Any, k: int = 0) -> Any:
    """As numpy.diagflat."""
    return diag(compact(v).ravel(), k)


def _triangle(m: Any, k: int, lower: bool) -> Any:
    m = compact(m)
    if m.ndim < 2 or not can_encode(m.dtype):
        return dense(np.tril if lower else np.triu, m, k)
    if not isinstance(k, (int, np.integer)) or np.promote_types(m.dtype, m.dtype) != m.dtype:
        first = -(k if lower else k - 1)
        mask = np.greater_equal.outer(creation.arange(m.shape[-2]), creation.arange(first, m.shape[-1] + first))
        return np.where(mask, m, np.zeros(1, m.dtype)) if lower else np.where(mask, np.zeros(1, m.dtype), m)
    k = max(-max(m.shape), min(int(k), max(m.shape)))
    # Laid out as by numpy.where(mask, m, zero), whose mask is in C order.
    marks = np.lib.stride_tricks.as_strided(sham(()), m.shape, (0,) * (m.ndim - 2) + (m.shape[-1], 1))
    axes = result_axes([marks, operand(m._view)], m.shape, "K")
    lengths = tuple(m.shape[axis] for axis in axes)
    row, column = axes.index(m.ndim - 2), axes.index(m.ndim - 1)

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        zero = tile_of(operands[1], (slice(None),))
        for region in regions(lengths, min(most, 8 * settings().tile_length)):
            part = np.ascontiguousarray(tile_of(operands[0], region)).reshape(-1)
            i, j = _places(region, lengths, row), _places(region, lengths, column)
            shape = part_of(region, lengths, lengths, 0)[0]
            kept = np.broadcast_to(i >= j - k if lower else i <= j - k, shape)
            yield _masked(part, np.ascontiguousarray(kept).reshape(-1), zero)

    return back(rearranged([m._view.transpose(axes), constant(np.zeros(1, m.dtype), (1,))], lengths, tiles), axes)


def _places(region: Region, lengths: tuple[int, ...], axis: int) -> Array:
    """Return the places along an axis in a region, in the shape that broadcasts to the region's."""
    part = region[axis]
    # Small integers are compared faster; a sum with an offset must not overflow.
    dtype = np.int32 if max(lengths) < 1 << 30 else np.int64
    if isinstance(part, int):
        return np.asarray(part, dtype)
    return np.arange(*part.indices(lengths[axis]), dtype=dtype).reshape(
        -1, *(1,) * sum(isinstance(p, slice) for p in region[axis + 1 :])
    )


def _masked(part: Array, kept: Array, zero: Array) -> Array:
    """Return elements where they are kept, and `zero` elsewhere."""
    if not is_word(part.dtype):
        return np.where(kept, part, zero)
    found = np.empty_like(part)
    select_codes(words(part), np.full(part.size, words(zero)[0]), kept.view(np.uint8), words(found))
    return found


@implements(np.tril, route="composed", inline=True)
def tril(m: Any, k: int = 0) -> Any:
    """As numpy.tril."""
    return _triangle(m, k, True)


@implements(np.triu, route="composed", inline=True)
def triu(m: Any, k: int = 0) -> Any:
    """As numpy.triu."""
    return _triangle(m, k, False)


@implements(np.fill_diagonal, route="native")
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """As numpy.fill_diagonal: in place."""
    if not isinstance(a, CompactArray):
        return np.fill_diagonal(a, np.asarray(val), wrap)
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    end = None
    if a.ndim == 2:
        step = a.shape[1] + 1
        end = None if wrap else a.shape[1] * a.shape[1]
    else:
        if len(set(a.shape)) > 1:
            raise ValueError("All dimensions of input must be of equal length")
        step = 1 + int(np.cumprod(a.shape[:-1]).sum())
    a.flat[:end:step] = val
    return None

"""More of shapes: arrays of at least so many axes, broadcasting, repeating, rolling, cutting off."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.functions.common import Collected, compact, dense, encoded_view, inline, picked, wrap
from compactarray.functions.joining import concatenate
from compactarray.geometry.ghost import sham
from compactarray.registry import implements
from compactarray.storage.view import PlainView


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
        a, axis = a.ravel(), 0
    axis = normalize_axis_index(axis, a.ndim)
    length = a.shape[axis]
    if a.ndim == 1 and isinstance(repeats, CompactArray) and repeats.shape == a.shape and repeats.size > settings().tile_length:
        return _repeated(a, repeats)
    counts = np.asarray(repeats)
    if counts.dtype.kind not in "biu" or counts.ndim > 1 or counts.size not in (1, length) or (counts < 0).any():
        # NumPy's error.
        np.repeat(sham(a.shape), counts, axis)
    view = encoded_view(a)
    if view is None or not a.size:
        return inline(np.repeat, a, repeats, axis)
    if counts.size == 1:
        times = int(counts.reshape(-1)[0])
        return wrap(picked(view, axis, length * times, lambda start, stop: np.arange(start, stop) // times))
    ends = np.cumsum(counts.astype(np.int64))
    return wrap(picked(view, axis, int(ends[-1]), lambda start, stop: np.searchsorted(ends, np.arange(start, stop), "right")))


def _repeated(a: CompactArray, repeats: CompactArray) -> CompactArray:
    """Return the elements of a 1-D array, each as often as a number of its own says."""
    np.repeat(np.empty(0), np.empty(0, repeats.dtype))
    if np.any(repeats < 0):
        raise ValueError("repeats may not contain negative values.")
    collected = Collected(a.dtype)
    for values, counts in zip(a.tiles(), repeats.tiles(), strict=True):
        ends = np.cumsum(counts, dtype=np.int64)
        for start in range(0, int(ends[-1]), settings().tile_length):
            positions = np.arange(start, min(int(ends[-1]), start + settings().tile_length))
            collected.append(values[np.searchsorted(ends, positions, "right")])
    return collected.finish()


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
    pairs = tuple(item for number, length in zip(times, shape, strict=True) for item in (number, length))
    spread = a.reshape(tuple(item for length in shape for item in (1, length)))
    spread = np.broadcast_to(spread, pairs)
    return spread.copy("C").reshape(tuple(number * length for number, length in zip(times, shape, strict=True)))


@implements(np.resize, route="native")
def resize(a: Any, new_shape: Any) -> Any:
    """As numpy.resize."""
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    flat = compact(a).ravel()
    size = 1
    for length in shape:
        size *= length
        if length < 0:
            raise ValueError("all elements of `new_shape` must be non-negative")
    if flat.size == 0 or size == 0:
        return np.zeros_like(flat, shape=shape)
    view = encoded_view(flat)
    if view is None:
        return inline(np.resize, a, new_shape)
    number = flat.size
    return wrap(picked(view, 0, size, lambda start, stop: np.arange(start, stop) % number)).reshape(shape)


def _rolled(a: CompactArray, shifts: dict[int, int]) -> CompactArray:
    for axis, shift in shifts.items():
        length = a.shape[axis]
        shift = shift % length if length else 0
        if shift:
            lead = (slice(None),) * axis
            a = concatenate((a[(*lead, slice(length - shift, None))], a[(*lead, slice(0, length - shift))]), axis)
    return a


@implements(np.roll, route="native", inline=True)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """As numpy.roll."""
    a = compact(a)
    if axis is None:
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


@implements(np.diagflat, route="composed", inline=True)
def diagflat(v: Any, k: int = 0) -> Any:
    """As numpy.diagflat."""
    return diag(compact(v).ravel(), k)


def _triangle(m: Any, k: int, lower: bool) -> Any:
    m = compact(m)
    if m.ndim < 2:
        return dense(np.tril if lower else np.triu, m, k)
    rows, columns = m.shape[-2:]
    mask = np.greater_equal.outer(creation.arange(rows), creation.arange(-(k if lower else k - 1), columns - (k if lower else k - 1)))
    zero = np.zeros(1, m.dtype)
    return np.where(mask, m, zero) if lower else np.where(mask, zero, m)


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

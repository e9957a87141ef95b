"""Reductions and accumulations: sums, means, variances, extremes."""

import builtins
import math
import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution import bands, deviations, sparse_reduction, totals
from compactarray.execution.columns import axis_of_columns
from compactarray.execution.operands import operand
from compactarray.execution.rooms import Rooms
from compactarray.execution.threads import tile_by_tile
from compactarray.functions.common import NO_VALUE, compact, dense, empty_model, finished, given, into, mapped_reduce, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import View, built
from compactarray.storage.views import summary_view


def _real_array(a: Any) -> Any:
    return a if isinstance(a, CompactArray) else np.asanyarray(a)


@implements(np.sum, route="native")
def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As numpy.sum."""
    return np.add.reduce(a, axis, dtype, out, **given(keepdims=keepdims, initial=initial, where=where))


@implements(np.prod, route="native")
def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As numpy.prod."""
    return np.multiply.reduce(a, axis, dtype, out, **given(keepdims=keepdims, initial=initial, where=where))


@implements(np.amax, route="native")
@implements(np.max, route="native")
def max(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, initial: Any = NO_VALUE, where: Any = NO_VALUE) -> Any:
    """As numpy.max."""
    return np.maximum.reduce(a, axis, None, out, **given(keepdims=keepdims, initial=initial, where=where))


@implements(np.amin, route="native")
@implements(np.min, route="native")
def min(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, initial: Any = NO_VALUE, where: Any = NO_VALUE) -> Any:
    """As numpy.min."""
    return np.minimum.reduce(a, axis, None, out, **given(keepdims=keepdims, initial=initial, where=where))


@implements(np.any, route="native")
def any(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, *, where: Any = NO_VALUE) -> Any:
    """As numpy.any."""
    return np.logical_or.reduce(a, axis, bool, out, **given(keepdims=keepdims, where=where))


@implements(np.all, route="native")
def all(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, *, where: Any = NO_VALUE) -> Any:
    """As numpy.all."""
    return np.logical_and.reduce(a, axis, bool, out, **given(keepdims=keepdims, where=where))


@implements(np.ptp, route="composed", inline=True)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.ptp."""
    options = given(keepdims=keepdims)
    lowest = np.minimum.reduce(a, axis, None, None, **options)
    return np.subtract(np.maximum.reduce(a, axis, None, out, **options), lowest, out)


def _count(a: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """Return how many elements each sum takes."""
    if where is True:
        axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        items = 1
        for k in axes:
            items *= a.shape[normalize_axis_index(k, a.ndim)]
        return np.intp(items)
    return np.add.reduce(np.broadcast_to(where, a.shape), axis, np.intp, None, keepdims)


@implements(np.mean, route="composed", inline=True)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO_VALUE, *, where: Any = NO_VALUE) -> Any:
    """As numpy.mean."""
    a = _real_array(a)
    keep = keepdims is not NO_VALUE and bool(keepdims)
    where = True if where is NO_VALUE else where
    count = _count(a, axis, keep, where)
    if count == 0 if where is True else np.logical_or.reduce(count == 0, axis=None):
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=3)
    half = False
    if dtype is None:
        if a.dtype.kind in "biu":
            dtype = np.dtype(np.float64)
        elif a.dtype == np.float16 and a.dtype.kind == "f":
            dtype, half = np.dtype(np.float32), True
    found = np.add.reduce(a, axis, dtype, out, keep, where=where)
    if isinstance(found, (np.ndarray, CompactArray)):
        found = np.true_divide(found, count, out=found, casting="unsafe")
        return found.astype(a.dtype.type) if half and out is None else found
    kind = a.dtype.type if half else getattr(found, "dtype", np.dtype(object)).type
    return kind(found / count) if hasattr(found, "dtype") else found / count


def _variance(a: Any, axis: Any, dtype: Any, out: Any, ddof: Any, keepdims: bool, where: Any, mean: Any) -> Any:
    count = _count(a, axis, keepdims, where)
    if ddof >= count if where is True else np.logical_or.reduce(ddof >= count, axis=None):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=4)
    if dtype is None and a.dtype.kind in "biu":
        dtype = np.dtype(np.float64)
    if mean is NO_VALUE and out is None and where is True:
        found = _from_codes(a, axis, dtype, keepdims)
        if found is not None:
            return wrap(summary_view(np.true_divide(found, np.maximum(count - ddof, 0), out=found)))
    if mean is NO_VALUE:
        counts = count if count.ndim == 0 else _count(a, axis, True, where)
        middle = np.add.reduce(a, axis, dtype, keepdims=True, where=where)
        middle = np.true_divide(middle, counts, out=middle, casting="unsafe")
    else:
        middle = mean
    deviation = np.subtract(np.empty(0, a.dtype), empty_model(middle)).real.dtype
    wanted = dtype if dtype is not None else deviation if out is None else out.dtype
    if out is not None:
        np.add.reduce(np.empty(0, deviation), 0, dtype, np.empty((), out.dtype))
        if not out.flags.writeable:
            raise ValueError("output array is read-only")
        if out.shape != _reduced_shape(a, axis, keepdims):
            np.add.reduce(sham(a.shape), axis, keepdims=keepdims, out=np.empty(out.shape, np.int64))
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    marks = () if where is True else (where,)
    found = None
    real = a.dtype.kind != "c" and wanted == np.float64
    if real and not marks and len(axes) == a.ndim and not keepdims and np.size(middle) == 1:
        found = totals.squared_deviations(compact(a)._view, float(np.asarray(middle).reshape(())))
    if found is None and real and not marks and len(axes) == 1 and a.ndim == 2 and np.size(middle) == a.shape[1 - axes[0]]:
        lines = sparse_reduction.squared_deviations(compact(a)._view, np.asarray(middle).reshape(-1), axes[0])
        if lines is not None:
            found = wrap(sparse_reduction.result_of(np.expand_dims(lines, axes) if keepdims else lines))
    if found is None and real and not marks and wanted == a.dtype and 0 < len(axes) < a.ndim:
        found = _squares_by_rows(compact(a)._view, middle, axes, keepdims)
    if found is None:
        found = mapped_reduce(_squares, np.add, (a, middle, *marks), axes, wanted, keepdims, name="subtract")
    if out is not None:
        out[...] = found
        found = out
    rest = np.maximum(count - ddof, 0)
    if isinstance(found, (np.ndarray, CompactArray)):
        return np.true_divide(found, rest, out=found, casting="unsafe")
    return found.dtype.type(found / rest)


def _reduced_shape(a: Any, axis: Any, keepdims: bool) -> tuple[int, ...]:
    """Return the shape of a reduction."""
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    if keepdims:
        return tuple(1 if k in axes else length for k, length in enumerate(a.shape))
    return tuple(length for k, length in enumerate(a.shape) if k not in axes)


def _from_codes(a: Any, axis: Any, dtype: Any, keepdims: bool) -> Any:
    """Return the sums of squared deviations along some of the axes as float64, or None where codes do not tell them."""
    view = compact(a)._view
    if axis is None or not isinstance(view, View) or (a.dtype if dtype is None else np.dtype(dtype)) != np.float64:
        return None
    axes = normalize_axis_tuple(axis, a.ndim)
    if not 0 < len(axes) < a.ndim:
        return None
    found = deviations.squared_deviations(view, axes)
    return np.expand_dims(found, axes) if keepdims and found is not None else found


def _squares(tile: Array, middle: Array, where: Array | None = None) -> Array:
    """Return the squares of the absolute deviations, zeros where they do not count."""
    x = np.subtract(tile, middle)
    squares = x.real**2 + x.imag**2 if x.dtype.kind == "c" else np.square(x)
    return squares if where is None else np.where(where, squares, squares.dtype.type(0))


def _squares_by_rows(view: Any, middle: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return the sums of squared deviations of float64 along the first or the last axes; None for others."""
    if not isinstance(view, View) or np.shape(middle) != tuple(1 if k in axes else length for k, length in enumerate(view.shape)):
        return None
    means = np.asarray(middle).reshape(-1)
    # As `bands` sees it: axes of length one may come before the reduced ones.
    first = math.prod(view.shape[: builtins.min(axes)]) == 1

    def squared(tile: Array, rows: slice, out: Array) -> Array:
        deviation = np.subtract(tile, means if first else means[rows, None], out=out)
        return np.square(deviation, out=deviation)

    with ErrorsOnce("subtract"):
        found = bands.reduced(np.add, view, axes, squared)
    if found is None:
        return None
    return wrap(summary_view(np.expand_dims(found, axes) if keepdims else found))


def _var_arguments(a: Any, ddof: Any, keepdims: Any, where: Any, correction: Any) -> tuple[Any, Any, bool, Any]:
    if correction is not NO_VALUE:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        ddof = correction
    return _real_array(a), ddof, keepdims is not NO_VALUE and bool(keepdims), True if where is NO_VALUE else where


@implements(np.var, route="native", inline=True)
def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = NO_VALUE,
    *,
    where: Any = NO_VALUE,
    mean: Any = NO_VALUE,
    correction: Any = NO_VALUE,
) -> Any:
    """As numpy.var; in two passes by tiles."""
    a, ddof, keep, marks = _var_arguments(a, ddof, keepdims, where, correction)
    if a.dtype.kind not in "biufc":
        return dense(np.var, a, axis, dtype, ddof=ddof, **given(out=out, keepdims=keepdims, where=where, mean=mean))
    return _variance(a, axis, dtype, out, ddof, keep, marks, mean)


@implements(np.std, route="native", inline=True)
def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = NO_VALUE,
    *,
    where: Any = NO_VALUE,
    mean: Any = NO_VALUE,
    correction: Any = NO_VALUE,
) -> Any:
    """As numpy.std; in two passes by tiles."""
    a, ddof, keep, marks = _var_arguments(a, ddof, keepdims, where, correction)
    if a.dtype.kind not in "biufc":
        return dense(np.std, a, axis, dtype, ddof=ddof, **given(out=out, keepdims=keepdims, where=where, mean=mean))
    found = _variance(a, axis, dtype, out, ddof, keep, marks, mean)
    if isinstance(found, (np.ndarray, CompactArray)):
        return np.sqrt(found, out=found)  # type: ignore[call-overload,arg-type]
    return found.dtype.type(np.sqrt(found))


@implements(np.average, route="composed", inline=True)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.average."""
    a = _real_array(a)
    options = given(keepdims=keepdims)
    if weights is None:
        found = np.mean(a, axis, **options)
        total = found.dtype.type(a.size / getattr(found, "size", 1))
    else:
        weights = _real_array(weights)
        if a.dtype.kind not in "biufc" or weights.dtype.kind not in "biufc":
            return dense(np.average, a, axis, weights, returned, **options)
        integral = a.dtype.kind in "biu"
        dtype = np.result_type(a.dtype, weights.dtype, "f8") if integral else np.result_type(a.dtype, weights.dtype)
        axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
        weights = _weights(a, weights, axis, axes)
        keep = options.get("keepdims", False)
        total = np.add.reduce(weights, axis=None if axis is None else axes, dtype=dtype, **options)
        if np.any(total == 0.0):
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        product = mapped_reduce(lambda x, w: np.multiply(x, w, dtype=dtype), np.add, (a, weights), axes, None, keep)
        found = np.true_divide(product, total)
    if not returned:
        return found
    if np.shape(total) != np.shape(found):
        total = np.broadcast_to(total, np.shape(found)).copy()
    return found, total


def _weights(a: Any, weights: Any, axis: Any, axes: tuple[int, ...]) -> Any:
    """Return weights of a shape that broadcasts to that of the array; NumPy's errors."""
    if a.shape == weights.shape:
        return weights
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    if weights.shape != tuple(a.shape[k] for k in axes):
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    weights = weights.transpose(np.argsort(axes))
    shape = tuple(n if k in axes else 1 for k, n in enumerate(a.shape))
    return weights.reshape(shape)


# --- places of extremes -----------------------------------------------------------------------------


def _best_place(function: Any, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    """Return where the extremes are: the first of equal ones, or the first NaN."""
    a = compact(a)
    keep = keepdims is not NO_VALUE and bool(keepdims)
    flat = a.ravel() if axis is None else a
    along = normalize_axis_index(0 if axis is None else axis, flat.ndim)
    moved = operand(np.moveaxis(flat, along, -1)._view)
    shape = moved.shape[:-1]
    if moved.shape[-1] == 0:
        function(np.empty(a.shape, a.dtype), axis)
    tile = settings().tile_length
    most = builtins.max(1, tile // moved.shape[-1])
    if moved.strides[-1] >= (moved.strides[:-1] or (0,))[-1]:
        # What is next to each other in memory belongs to different lines: some elements of many lines at a time.
        most = builtins.max(most, tile // 16 + 1)

    place_on_codes = None
    # A function that looks past NaN takes tiles, not codes.
    if not shape and not isinstance(moved, np.ndarray) and function in (np.argmax, np.argmin):
        place_on_codes = totals.place_of_extreme(function, moved)

    def parts() -> Any:
        if place_on_codes is not None:
            yield np.array([place_on_codes])
            return
        if len(shape) == 1 and isinstance(moved, View) and axis_of_columns(moved) == 0:
            columns = (wrap(moved.basic((column, ...))) for column in range(shape[0]))
            yield np.array([_best_place(function, column, None, None, NO_VALUE) for column in columns])
            return
        rooms = Rooms()
        for region in regions(shape, most):
            volume = math.prod(len(range(*p.indices(n))) for p, n in zip(region, shape, strict=True) if isinstance(p, slice))
            yield _best_of(function, moved, region, builtins.max(1, tile // volume), rooms).reshape(-1)

    found: Any
    if not shape:
        (place,) = parts()
        if not keep and out is None:
            return place[0]
        found = finished(np.asarray(place).reshape((1,) * a.ndim if keep else ()))
    else:
        found = wrap(built(np.dtype(np.intp), shape, parts()))
        found = np.expand_dims(found, along) if keep else found
    if out is None:
        return found
    # NumPy's errors: of what is no array, of a shape, of a dtype.
    if not isinstance(out, (CompactArray, np.ndarray)):
        function(np.zeros((1, 1), a.dtype), 0, out)
    if out.shape != found.shape:
        function(np.zeros(1, a.dtype), None, np.empty((2,), np.intp))
    function(np.zeros((1, 1), a.dtype), 0, np.empty(1, out.dtype))
    return into(out, found)


def _best_of(function: Any, moved: Any, region: tuple[Any, ...], chunk: int, rooms: Rooms) -> Array:
    def best_of(inner: tuple[Any, ...]) -> tuple[Array, Array]:
        tile = np.asarray(rooms.tile(0, moved, (*region, *inner)))
        found = function(tile, -1)
        return np.take_along_axis(tile, np.expand_dims(found, -1), -1)[..., 0], found + (inner[0].start or 0)

    best: Any = None
    places: Any = None
    for values, found in tile_by_tile(best_of, regions(moved.shape[-1:], chunk), moved.size):
        if best is None:
            best, places = values, found
            continue
        later = function(np.stack([best, values]), 0) == 1
        best, places = np.where(later, values, best), np.where(later, found, places)
    return np.asarray(places)


@implements(np.argmax, route="native", inline=True)
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.argmax."""
    return _best_place(np.argmax, a, axis, out, keepdims)


@implements(np.argmin, route="native", inline=True)
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.argmin."""
    return _best_place(np.argmin, a, axis, out, keepdims)


@implements(np.count_nonzero, route="native", inline=True)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """As numpy.count_nonzero."""
    a = compact(a)
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    if a.size and a.dtype.kind in "biuf" and isinstance(a._view, View):
        # Neither zero is counted, and NaNs are.
        marks = a if a.dtype.kind == "b" else np.not_equal(a, 0)
        total = np.add.reduce(marks, axes, np.intp, keepdims=keepdims)
        return type(np.count_nonzero(np.empty(0)))(total) if axis is None and not keepdims else total
    if axis is None and not keepdims:
        number = 0
        for tile in a.tiles():
            number += int(np.count_nonzero(tile))
        return type(np.count_nonzero(np.empty(0)))(number)
    if a.size == 0 or not axes:
        return dense(np.count_nonzero, a, axis, keepdims=keepdims)
    return mapped_reduce(lambda tile: tile.astype(np.bool_, copy=False), np.add, (a,), axes, np.intp, keepdims)

"""Differences, and statistics that ignore NaN."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.assembled import Joined, Steps, assembled, flat
from compactarray.functions.common import NO_VALUE, back, compact, dense, given, into, mapped_reduce, wrap
from compactarray.functions.joining import concatenate, joined_dtype, strides_order
from compactarray.functions.statistics import _best_place
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, View, built


@implements(np.diff, route="composed", inline=True)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NO_VALUE, append: Any = NO_VALUE) -> Any:
    """As numpy.diff."""
    if n == 0:
        return a
    if n < 0:
        raise ValueError("order must be non-negative but got " + repr(n))
    a = compact(a)
    if a.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = normalize_axis_index(axis, a.ndim)
    parts = []
    for extra in (prepend, None, append):
        if extra is None:
            parts.append(a)
        elif extra is not NO_VALUE:
            extra = compact(extra)
            parts.append(np.broadcast_to(extra, (*a.shape[:axis], 1, *a.shape[axis + 1 :])) if extra.ndim == 0 else extra)
    if (n > 1 or len(parts) > 1) and isinstance(a._view, View):
        dtype = joined_dtype(parts, axis)
        axes = strides_order(parts) if len(parts) > 1 else a._view.layout("K")
        source = Joined([operand(compact(part)._view) for part in parts], axis, dtype).transpose(axes)
        if source.shape[axes.index(axis)] > n:
            return back(_differences(source, n, axes.index(axis)), axes)
    if len(parts) > 1:
        a = concatenate(parts, axis)
    lead = (slice(None),) * axis
    step = np.not_equal if a.dtype == np.bool_ else np.subtract
    for _ in range(n):
        a = step(a[(*lead, slice(1, None))], a[(*lead, slice(None, -1))])
    return a


def _differences(source: Any, n: int, axis: int) -> AnyView:
    """Return the `n`-th differences of an operand along an axis, in C order."""
    length = source.shape[axis] - n
    shape = (*source.shape[:axis], length, *source.shape[axis + 1 :])

    def tiles() -> Iterator[Array]:
        with ErrorsOnce("subtract"):
            for region in regions(shape, settings().tile_length):
                part = region[axis]
                start, stop, _ = part.indices(length) if isinstance(part, slice) else (part, part + 1, 1)
                tile = tile_of(source, (*region[:axis], slice(start, stop + n), *region[axis + 1 :]))
                yield np.diff(tile, n, sum(isinstance(item, slice) for item in region[:axis])).reshape(-1)

    return built(np.diff(np.zeros(n + 1, source.dtype), n).dtype, shape, tiles())


@implements(np.ediff1d, route="composed", inline=True)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """As numpy.ediff1d."""
    ary = compact(ary)
    extras = [None if extra is None else compact(extra).ravel() for extra in (to_begin, to_end)]
    for name, extra in zip(("to_begin", "to_end"), extras, strict=True):
        if extra is not None and not np.can_cast(extra.dtype, ary.dtype, casting="same_kind"):
            raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule.")
    begin, end = extras
    source = flat(ary._view)
    if (begin is end is None and ary.flags.c_contiguous) or not isinstance(ary._view, View) or source.shape[0] < 2:
        ary = ary.ravel()
        parts = [begin, np.subtract(ary[1:], ary[:-1]), end]
        parts = [part for part in parts if part is not None]
        return concatenate(parts, dtype=ary.dtype, casting="same_kind") if len(parts) > 1 else parts[0]
    steps = Steps(source)
    ends = [None if extra is None else operand(extra._view) for extra in extras]
    dtype = steps.dtype if begin is end is None else ary.dtype
    return wrap(assembled(Joined([part for part in (ends[0], steps, ends[1]) if part is not None], 0, dtype)))


# --- ignoring NaN -----------------------------------------------------------------------------------


def _filled(value: Any) -> Any:
    """Return a function of tiles that puts a value in the place of NaN."""
    return lambda tile, *marks: np.where(np.isnan(tile) if not marks else np.isnan(tile) | ~marks[0], tile.dtype.type(value), tile)


def _numbers(tile: Array, where: Any = True) -> Array:
    """Return which elements count: those that are no NaN."""
    found: Array = ~np.isnan(tile) & where
    return found


def _nan_reduced(ufunc: np.ufunc, fill: Any, a: Any, axis: Any, dtype: Any, out: Any, keepdims: Any, initial: Any, where: Any) -> Any:
    a = compact(a)
    if a.dtype.kind not in "fc":
        return ufunc.reduce(a, axis, dtype, out, **given(keepdims=keepdims, initial=initial, where=where))
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    marks = () if where is NO_VALUE or where is True else (np.asarray(where) if not isinstance(where, CompactArray) else where,)
    wanted = out.dtype if dtype is None and out is not None else dtype
    found = mapped_reduce(_filled(fill), ufunc, (a, *marks), axes, wanted, keepdims is not NO_VALUE and bool(keepdims), initial)
    return into(out, found)


@implements(np.nansum, route="native", inline=True)
def nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As numpy.nansum."""
    return _nan_reduced(np.add, 0, a, axis, dtype, out, keepdims, initial, where)


@implements(np.nanprod, route="native", inline=True)
def nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = NO_VALUE,
) -> Any:
    """As numpy.nanprod."""
    return _nan_reduced(np.multiply, 1, a, axis, dtype, out, keepdims, initial, where)


def _nan_extreme(ufunc: np.ufunc, name: str, a: Any, axis: Any, out: Any, options: dict[str, Any]) -> Any:
    a = compact(a)
    if a.dtype.kind == "O":
        return dense(getattr(np, name), a, axis, out, **options)
    found = ufunc.reduce(a, axis=axis, out=out, **options)
    if a.dtype.kind not in "biu" and np.any(np.isnan(found)):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=4)
    return found


@implements(np.nanmax, route="native", inline=True)
def nanmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, initial: Any = NO_VALUE, where: Any = NO_VALUE) -> Any:
    """As numpy.nanmax."""
    return _nan_extreme(np.fmax, "nanmax", a, axis, out, given(keepdims=keepdims, initial=initial, where=where))


@implements(np.nanmin, route="native", inline=True)
def nanmin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, initial: Any = NO_VALUE, where: Any = NO_VALUE) -> Any:
    """As numpy.nanmin."""
    return _nan_extreme(np.fmin, "nanmin", a, axis, out, given(keepdims=keepdims, initial=initial, where=where))


def _nan_place(function: Any, fill: float, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    a = compact(a)
    if a.dtype.kind not in "fc":
        return _best_place(function, a, axis, out, keepdims)
    empty = np.logical_and.reduce(np.isnan(a), axis=axis)
    if np.any(empty):
        raise ValueError("All-NaN slice encountered")
    return _best_place(lambda tile, *rest: function(np.where(np.isnan(tile), fill, tile), *rest), a, axis, out, keepdims)


@implements(np.nanargmax, route="native", inline=True)
def nanargmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.nanargmax."""
    return _nan_place(np.argmax, -np.inf, a, axis, out, keepdims)


@implements(np.nanargmin, route="native", inline=True)
def nanargmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.nanargmin."""
    return _nan_place(np.argmin, np.inf, a, axis, out, keepdims)


@implements(np.nanmean, route="native", inline=True)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NO_VALUE, *, where: Any = NO_VALUE) -> Any:
    """As numpy.nanmean."""
    a = compact(a)
    if a.dtype.kind not in "fc":
        return np.mean(a, axis, dtype, out, **given(keepdims=keepdims, where=where))
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise TypeError("If a is inexact, then dtype must be inexact")
    if out is not None and out.dtype.kind not in "fc":
        raise TypeError("If a is inexact, then out must be inexact")
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    keep = keepdims is not NO_VALUE and bool(keepdims)
    marks = () if where is NO_VALUE or where is True else (compact(where),)
    count = mapped_reduce(_numbers, np.add, (a, *marks), axes, np.intp, keep)
    wanted = out.dtype if dtype is None and out is not None else dtype
    total = mapped_reduce(_filled(0), np.add, (a, *marks), axes, wanted, keep)
    with np.errstate(invalid="ignore", divide="ignore"):
        if isinstance(total, CompactArray):
            found: Any = np.true_divide(total, count, out=total, casting="unsafe")
        else:
            found = total.dtype.type(total / count)
    if np.any(count == 0):
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=3)
    return into(out, found)


@implements(np.trapezoid, route="composed", inline=True)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """As numpy.trapezoid."""
    y = compact(y)
    shape = [1] * y.ndim
    if x is None:
        shape[axis] = 2  # NumPy's error for an axis that is none
        place = axis % y.ndim
        return mapped_reduce(_trapezoids, np.add, (*_neighbours(y, place), dx), (place,), None, False)
    x = compact(x)
    after, before = _neighbours(x, normalize_axis_index(axis if x.ndim > 1 else -1, x.ndim))
    shape[axis] = after.shape[0]
    place = axis % y.ndim
    upper, lower = _neighbours(y, place)
    if x.ndim == 1:
        after, before = after.reshape(shape), before.reshape(shape)
    if np.broadcast_shapes(after.shape, upper.shape) != upper.shape:
        return dense(np.trapezoid, y, x, dx, axis)
    return mapped_reduce(_trapezoids_between, np.add, (upper, lower, after, before), (place,), None, False)


def _neighbours(a: CompactArray, axis: int) -> tuple[CompactArray, CompactArray]:
    """Return all elements but the first along an axis, and all but the last."""
    lead = (slice(None),) * axis
    return a[(*lead, slice(1, None))], a[(*lead, slice(None, -1))]


def _trapezoids(upper: Array, lower: Array, step: Any) -> Array:
    found: Array = step * (upper + lower) / 2.0
    return found


def _trapezoids_between(upper: Array, lower: Array, after: Array, before: Array) -> Array:
    return _trapezoids(upper, lower, after != before if after.dtype == np.bool_ else after - before)

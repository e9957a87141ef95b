"""Differences, NaN-aware statistics, and products."""

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from compactarray.array import CompactArray
from compactarray.functions.common import NO_VALUE, compact, dense, given, into, mapped_reduce, tilewise
from compactarray.functions.joining import concatenate
from compactarray.functions.statistics import _best_place
from compactarray.registry import implements
from compactarray.storage.base import Array


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
    if len(parts) > 1:
        a = concatenate(parts, axis)
    lead = (slice(None),) * axis
    step = np.not_equal if a.dtype == np.bool_ else np.subtract
    for _ in range(n):
        a = step(a[(*lead, slice(1, None))], a[(*lead, slice(None, -1))])
    return a


@implements(np.ediff1d, route="composed", inline=True)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """As numpy.ediff1d."""
    ary = compact(ary).ravel()
    parts = []
    for name, extra in (("to_begin", to_begin), ("", None), ("to_end", to_end)):
        if not name:
            parts.append(np.subtract(ary[1:], ary[:-1]))
        elif extra is not None:
            extra = compact(extra)
            if not np.can_cast(extra.dtype, ary.dtype, casting="same_kind"):
                raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule.")
            parts.append(extra.ravel())
    return concatenate(parts, dtype=ary.dtype, casting="same_kind") if len(parts) > 1 else parts[0]


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


def _nan_cumulated(ufunc: np.ufunc, fill: Any, a: Any, axis: Any, dtype: Any, out: Any) -> Any:
    a = compact(a)
    if a.dtype.kind in "fc":
        a = tilewise(_filled(fill), a.dtype, a)
    function = np.cumsum if ufunc is np.add else np.cumprod
    return function(a, axis, dtype, out=out)


@implements(np.nancumsum, route="composed", inline=True)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.nancumsum."""
    return _nan_cumulated(np.add, 0, a, axis, dtype, out)


@implements(np.nancumprod, route="composed", inline=True)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.nancumprod."""
    return _nan_cumulated(np.multiply, 1, a, axis, dtype, out)


@implements(np.trapezoid, route="composed", inline=True)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """As numpy.trapezoid."""
    y = compact(y)
    if x is None:
        step = dx
    else:
        x = compact(x)
        step = diff(x)
        if x.ndim == 1:
            step = step.reshape(tuple(step.shape[0] if k == axis % y.ndim else 1 for k in range(y.ndim)))
        else:
            step = diff(x, axis=axis)
    lead = (slice(None),) * normalize_axis_index(axis, y.ndim)
    upper, lower = y[(*lead, slice(1, None))], y[(*lead, slice(None, -1))]
    place = len(lead)
    if isinstance(step, (CompactArray, np.ndarray)) and np.broadcast_shapes(step.shape, upper.shape) != upper.shape:
        return dense(np.trapezoid, y, x, dx, axis)
    return mapped_reduce(_trapezoids, np.add, (upper, lower, step), (place,), None, False)


def _trapezoids(upper: Array, lower: Array, step: Any) -> Array:
    found: Array = step * (upper + lower) / 2.0
    return found

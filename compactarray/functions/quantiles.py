"""Medians, percentiles and quantiles: NumPy's own formulas, on elements found by counting or in codes."""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from compactarray.array import CompactArray
from compactarray.encodings.raw import Raw
from compactarray.execution.ordered import by_codes, by_tally
from compactarray.execution.sortable import Sortable, sortable, working_copy
from compactarray.execution.sparse_lines import sparse_lines
from compactarray.execution.tally import gapless, tally_of
from compactarray.functions.common import NO_VALUE, compact, dense, finished, inline
from compactarray.geometry.tiles import regions
from compactarray.numerics.order import is_missing
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.view import AnyView, View

#: Elements of lines that are put in order together.
_PANEL = 1 << 20
#: Lines of so many elements are taken one by one.
_LONG = 1 << 16


class _Call(NamedTuple):
    """A call of one of NumPy's functions: what is the same for all lines."""

    function: Any
    #: The same function of arrays without NaN, where there may be some.
    clean: Any
    args: tuple[Any, ...]
    options: dict[str, Any]

    @property
    def of_nan(self) -> bool:
        """Whether NaNs are left out."""
        return self.function is not self.clean


@implements(np.median, route="native", inline=True)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """As numpy.median; by counting, or on one working copy of the elements or of groups of lines."""
    return _statistic(_Call(np.median, np.median, (), {}), a, axis, out, keepdims)


@implements(np.nanmedian, route="native", inline=True)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = NO_VALUE) -> Any:
    """As numpy.nanmedian; by counting, or on one working copy of the elements or of groups of lines."""
    return _statistic(_Call(np.nanmedian, np.median, (), {}), a, axis, out, keepdims)


@implements(np.quantile, route="native", inline=True)
def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """As numpy.quantile; by counting, or on one working copy of the elements or of groups of lines. With weights: dense."""
    if weights is not None:
        return dense(np.quantile, a, q, axis, out, False, method, keepdims, weights=weights)
    return _statistic(_Call(np.quantile, np.quantile, (_plain(q),), {"method": method}), a, axis, out, keepdims)


@implements(np.nanquantile, route="native", inline=True)
def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: Any = NO_VALUE,
    *,
    weights: Any = None,
) -> Any:
    """As numpy.nanquantile; by counting, or on one working copy of the elements or of groups of lines. With weights: dense."""
    if weights is not None:
        return dense(np.nanquantile, a, q, axis, out, False, method, keepdims, weights=weights)
    return _statistic(_Call(np.nanquantile, np.quantile, (_plain(q),), {"method": method}), a, axis, out, keepdims)


@implements(np.percentile, route="native", inline=True)
def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: Any = False,
    *,
    weights: Any = None,
) -> Any:
    """As numpy.percentile; by counting, or on one working copy of the elements or of groups of lines. With weights: dense."""
    if weights is not None:
        return dense(np.percentile, a, q, axis, out, False, method, keepdims, weights=weights)
    return _statistic(_Call(np.percentile, np.percentile, (_plain(q),), {"method": method}), a, axis, out, keepdims)


@implements(np.nanpercentile, route="native", inline=True)
def nanpercentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: Any = "linear",
    keepdims: Any = NO_VALUE,
    *,
    weights: Any = None,
) -> Any:
    """As numpy.nanpercentile; by counting, or on one working copy of the elements or of groups of lines. With weights: dense."""
    if weights is not None:
        return dense(np.nanpercentile, a, q, axis, out, False, method, keepdims, weights=weights)
    return _statistic(_Call(np.nanpercentile, np.percentile, (_plain(q),), {"method": method}), a, axis, out, keepdims)


def _plain(q: Any) -> Any:
    return np.asarray(q) if isinstance(q, CompactArray) else q


def _statistic(call: _Call, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    a = compact(a)
    if not a.size or not can_encode(a.dtype) or not a.dtype.isnative or a.dtype.kind not in "biufmM":
        return _as_numpy(call, a, axis, out, keepdims)
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    keep = keepdims is not NO_VALUE and bool(keepdims)
    if len(axes) == a.ndim:
        return _of_all(call, a, out, keep)
    if out is not None or not axes:
        return _as_numpy(call, a, axis, out, keepdims)
    return _of_lines(call, a, axes, keep)


def _as_numpy(call: _Call, a: Any, axis: Any, out: Any, keepdims: Any) -> Any:
    """Let NumPy do it: on an array that is not encoded anyway, or on the dense route."""
    serve = dense if isinstance(a._view, View) and a.size else inline
    return serve(call.function, a, *call.args, axis=axis, out=out, keepdims=keepdims, **call.options)


# --- one line ---------------------------------------------------------------------------------------


def _of_all(call: _Call, a: CompactArray, out: Any, keepdims: bool) -> Any:
    """Return the result of one line of all elements."""
    model = np.array(out) if isinstance(out, CompactArray) else out
    corner: Any = (..., *(0,) * a.ndim)
    target = model[corner] if out is not None and keepdims else model
    found = _of_line(call, a._view, target)
    if out is not None:
        if model is not out:
            out[...] = model
        return out
    if keepdims:
        found = np.asarray(found).reshape(np.shape(found) + (1,) * a.ndim)
    return finished(found) if isinstance(found, np.ndarray) else found


def _of_line(call: _Call, view: AnyView, out: Any = None) -> Any:
    """Return the result of all elements of a view, as NumPy gives it."""
    flat = gapless(view)
    tally = None if flat is None else tally_of(flat)
    if tally is not None:
        missing = is_missing(tally.values)
        if call.of_nan and missing.any():
            if missing.all():
                return call.function(tally.values[:1], *call.args, None, out, **call.options)
            tally = tally.kept(~missing)
        return call.clean(by_tally(tally), *call.args, None, out, **call.options)
    codes = sortable(view) or working_copy(view, narrow=False)
    array, own = codes.codes.reshape(-1), codes.own
    if call.of_nan and array.dtype.kind in "fmM":
        missing = np.isnan(array)
        if missing.all():
            return call.function(codes.values(array[:1]), *call.args, None, out, **call.options)
        if missing.any():
            array, own = array[~missing], True
    return call.clean(by_codes(Sortable(array, codes.model, own)), *call.args, None, out, **call.options)


# --- several lines ----------------------------------------------------------------------------------


def _of_lines(call: _Call, a: CompactArray, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return the results of lines along axes, group by group; they are held dense until all are there."""
    kept = tuple(axis for axis in range(a.ndim) if axis not in axes)
    kept_shape = tuple(a.shape[axis] for axis in kept)
    # NumPy tells of a small array how it lays out the results; what is refused, it refuses.
    model = np.asarray(call.function(_small(a._view), *call.args, axes, **call.options))
    lead = model.shape[: model.ndim - len(kept)]
    groups = list(_results(call, a, kept, axes))
    results = groups[0].reshape(*lead, -1) if len(groups) == 1 else np.concatenate([part.reshape(*lead, -1) for part in groups], -1)
    laid = _laid_like(model, results.reshape(*lead, *kept_shape))
    if keepdims:
        laid = laid[(..., *(None if axis in axes else slice(None) for axis in range(a.ndim)))]
    return finished(laid)


def _results(call: _Call, a: CompactArray, kept: tuple[int, ...], axes: tuple[int, ...]) -> Iterator[Array]:
    """Yield the results of groups of lines, one after the other along the last axis."""
    lines = _Lines(a._view, kept, axes)
    if lines.length < _LONG and not call.of_nan:
        found = None if lines.codes is not None else sparse_lines(a._view, kept, axes)
        if found is not None:
            yield np.asarray(call.clean(found.ordered(), *call.args, 0, **call.options))
            return
    for region in regions(tuple(a.shape[axis] for axis in kept), max(1, _PANEL // lines.length)):
        yield np.asarray(lines.results(call, region))


class _Lines:
    """The lines of a view along axes; the other axes come first."""

    def __init__(self, view: AnyView, kept: tuple[int, ...], axes: tuple[int, ...]) -> None:
        order = (*kept, *axes)
        self._view = view.transpose(order)
        self._axes = len(axes)
        self.length = prod(view.shape[axis] for axis in axes)
        codes = sortable(view) if self.length < _LONG else None
        #: Codes that sort as values do, in the order of these axes, where there are such.
        self.codes = None if codes is None else codes._replace(codes=codes.codes.transpose(order))

    def results(self, call: _Call, region: tuple[int | slice, ...]) -> Any:
        """Return the results of the lines in a region of the axes that are kept."""
        view = self._view[(*region, ...)]
        if self.length >= _LONG:
            # One line at a time, which may be counted.
            lead = len(view.shape) - self._axes
            lines = (view[index] for index in np.ndindex(view.shape[:lead]))
            return np.stack([np.asarray(_of_line(call, line)) for line in lines], -1)
        if call.of_nan or self.codes is None:
            values = view.read().reshape(-1, self.length)
            if call.of_nan:
                return call.function(values, *call.args, 1, **call.options)
            codes = Sortable(values, Raw(values[:0, 0]), True)
        else:
            codes = self.codes._replace(codes=self.codes.codes[(*region, ...)].reshape(-1, self.length))
        return call.clean(by_codes(codes), *call.args, 0, **call.options)


def _small(view: AnyView) -> Array:
    """Return an array of at most two elements an axis, laid out as a view is."""
    axes = view.layout("K")
    shape = tuple(min(view.shape[axis], 2) for axis in axes)
    return np.zeros(shape, view.dtype).transpose(tuple(axes.index(axis) for axis in range(len(axes))))


def _laid_like(model: Array, array: Array) -> Array:
    """Return an array with its axes in the order of strides that a model has."""
    axes = sorted(range(model.ndim), key=lambda axis: -model.strides[axis])
    return np.ascontiguousarray(array.transpose(axes)).transpose(np.argsort(axes))

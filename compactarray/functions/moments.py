"""Moments of several variables, and those that ignore NaN."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.functions.assembled import Joined
from compactarray.functions.common import NO_VALUE, compact, dense, given, into, mapped_reduce, small, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import pieces
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import built

#: Elements of a panel of the matrix of covariances, and of deviations that are multiplied together, of many variables.
_PANEL = 1 << 18
_MANY = 16
#: Variables whose covariances are not too many to be dense for a moment.
_MOST = 256


@implements(np.cov, route="composed")
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """As numpy.cov; deviations are computed and multiplied by tiles of observations, the matrix by panels of rows."""
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    found = small(np.cov, m, y, rowvar, bias, ddof, fweights, aweights, dtype=dtype) if _few(m, y) else NotImplemented
    if found is not NotImplemented:
        return found
    m, y = compact(m), None if y is None else compact(y)
    for name, array in (("m", m), ("y", y)):
        if array is not None and array.ndim > 2:
            raise ValueError(f"{name} has more than 2 dimensions")
    models = [np.empty(0, array.dtype) for array in (m, y) if array is not None]
    wanted = np.result_type(*models, np.float64) if dtype is None else np.dtype(dtype)
    if wanted.char not in "fdFD" or not m.size or (y is not None and not y.size):
        return dense(np.cov, m, y, rowvar, bias, ddof, fweights, aweights, dtype=dtype)
    variables = [m[None] if m.ndim < 2 else m if rowvar else m.T]
    if y is not None:
        y = y[None, ...] if y.ndim < 2 else y
        variables.append(y if rowvar or y.shape[0] == 1 else y.T)
    source = _joined(variables, wanted)
    weights = [_weights(name, w, source.shape[1]) for name, w in (("fweights", fweights), ("aweights", aweights)) if w is not None]
    ddof = (0 if bias else 1) if ddof is None else ddof
    average, factor = _average(variables, source, weights, wanted, ddof, aweights is not None)
    if factor <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=3)
        factor = 0.0
    return _covariances(source, average, weights, np.true_divide(1, factor))


def _few(*arrays: Any) -> bool:
    """Tell whether there are few variables, also if each column is one."""
    return sum(max(np.shape(array), default=1) if np.ndim(array) > 1 else 1 for array in arrays if array is not None) <= _MOST


def _joined(variables: list[CompactArray], dtype: np.dtype[Any]) -> Joined:
    """Return the operand of variables, one a row."""
    lengths = [array.shape[1] for array in variables]
    if len(set(lengths)) > 1:
        np.concatenate([np.broadcast_to(0.0, array.shape) for array in variables], axis=0)
    return Joined([operand(array._view) for array in variables], 0, dtype)


def _weights(name: str, weights: Any, length: int) -> CompactArray:
    """Return weights of observations; NumPy's errors."""
    weights = compact(weights)
    if name == "fweights" and not np.array_equal(weights, np.around(weights)):
        raise TypeError("fweights must be integer")
    if weights.ndim > 1:
        raise RuntimeError(f"cannot handle multidimensional {name}")
    if weights.shape[0] != length:
        raise RuntimeError(f"incompatible numbers of samples and {name}")
    if np.any(weights < 0):
        raise ValueError(f"{name} cannot be negative")
    return weights


def _part_of_weights(weights: list[CompactArray], start: int, stop: int) -> Array:
    """Return the products of weights of some observations."""
    found = np.ones(stop - start)
    for array in weights:
        found = found * np.asarray(array[start:stop], float)
    return found


def _average(
    variables: list[CompactArray], source: Joined, weights: list[CompactArray], dtype: np.dtype[Any], ddof: Any, analytic: bool
) -> tuple[Array, Any]:
    """Return the averages of variables, and what sums of products are to be divided by."""
    number, length = source.shape
    if not weights:
        means = [np.asarray(np.mean(array, axis=1, dtype=dtype)) for array in variables]
        return np.concatenate(means), length - ddof
    sums, shares, squares = PairwiseTotal(np.add), PairwiseTotal(np.add), PairwiseTotal(np.add)
    for start, stop in pieces(0, length, max(1, settings().tile_length // number)):
        w = _part_of_weights(weights, start, stop)
        sums.add(np.multiply(tile_of(source, (slice(None), slice(start, stop))), w).sum(axis=1))
        shares.add(w.sum())
        if analytic:
            squares.add((w * np.asarray(weights[-1][start:stop], float)).sum())
    total = shares.value()
    if total == 0.0:
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    average = np.asarray(sums.value()) / total
    if ddof == 0:
        return average, total
    return average, total - ddof * squares.value() / total if analytic else total - ddof


def _covariances(source: Joined, average: Array, weights: list[CompactArray], scale: Any) -> CompactArray:
    """Return scaled sums of products of deviations, panel by panel."""
    number, length = source.shape
    rows = max(1, _PANEL // number)
    most = settings().tile_length if number <= _MANY else 2 * _PANEL
    dtype = np.result_type(source.dtype, average.dtype, *(np.float64 for _ in weights))
    width = max(1, most // number)

    def panel(first: int, last: int) -> Array:
        total = PairwiseTotal(np.add)
        for start, stop in pieces(0, length, width):
            x = tile_of(source, (slice(None), slice(start, stop))) - average[:, None].astype(source.dtype, copy=False)
            others = x * _part_of_weights(weights, start, stop) if weights else x
            with np.errstate(all="ignore"):
                total.add(np.dot(x[first:last], others.T.conj()))
        return np.asarray(total.value() * scale)

    def panels() -> Iterator[Array]:
        with ErrorsOnce("subtract"):
            for first, last in pieces(0, number, rows):
                yield panel(first, last).astype(dtype, copy=False).reshape(-1)

    found = wrap(built(dtype, (number, number), panels()))
    return found if number > 1 else found.reshape(())


@implements(np.corrcoef, route="composed")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """As numpy.corrcoef."""
    found = small(np.corrcoef, x, y, rowvar, dtype=dtype) if _few(x, y) else NotImplemented
    if found is not NotImplemented:
        return found
    found = cov(x, y, rowvar, dtype=dtype)
    if found.ndim < 2:
        return found / found
    deviations = np.sqrt(np.diag(found).real)
    np.divide(found, deviations[:, None], out=found)
    np.divide(found, deviations[None, :], out=found)
    np.clip(found.real, -1, 1, out=found.real)
    if found.dtype.kind == "c":
        np.clip(found.imag, -1, 1, out=found.imag)
    return found


# --- ignoring NaN -----------------------------------------------------------------------------------


def _squares(tile: Array, middle: Array, where: Array | None = None) -> Array:
    """Return the squares of the absolute deviations, zeros for NaN and where they do not count."""
    deviations = np.subtract(tile, middle).astype(tile.dtype, copy=False)
    unused = np.isnan(tile) if where is None else np.isnan(tile) | ~where
    deviations[unused] = 0
    found: Array = np.multiply(deviations, deviations.conj()).real if deviations.dtype.kind == "c" else deviations * deviations
    return found


def _is_number(tile: Array, where: Any = True) -> Array:
    found: Array = ~np.isnan(tile) & where
    return found


def _filled(tile: Array, where: Any = True) -> Array:
    found: Array = np.where(np.isnan(tile) | ~np.asarray(where), tile.dtype.type(0), tile)
    return found


def _divided(total: Any, count: Any) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        if isinstance(total, CompactArray):
            return np.true_divide(total, count, out=total, casting="unsafe")
        return total.dtype.type(total / count)


def _variance(a: CompactArray, axis: Any, dtype: Any, out: Any, ddof: Any, keepdims: Any, where: Any, mean: Any) -> Any:
    dtype = None if dtype is None else np.dtype(dtype)
    for name, kind in (("dtype", dtype), ("out", None if out is None else out.dtype)):
        if kind is not None and kind.kind not in "fc":
            raise TypeError(f"If a is inexact, then {name} must be inexact")
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    marks = () if where is NO_VALUE or where is True else (compact(where),)
    keep = keepdims is not NO_VALUE and bool(keepdims)
    count = mapped_reduce(_is_number, np.add, (a, *marks), axes, np.intp, True)
    middle = mean if mean is not NO_VALUE else _divided(mapped_reduce(_filled, np.add, (a, *marks), axes, dtype, True), count)
    wanted = out.dtype if dtype is None and out is not None else dtype
    found = mapped_reduce(_squares, np.add, (a, middle, *marks), axes, wanted, keep, name="subtract")
    free = np.subtract(count if keep else np.squeeze(count, axes), ddof)
    found = _divided(found, free if isinstance(found, CompactArray) else np.asarray(free)[()])
    bad = np.less_equal(free, 0)
    if np.any(bad):
        warnings.warn("Degrees of freedom <= 0 for slice.", RuntimeWarning, stacklevel=4)
        if isinstance(found, CompactArray):
            np.copyto(found, np.nan, where=bad)  # type: ignore[arg-type]
        else:
            found = found.dtype.type(np.nan)
    if out is not None and out.shape != np.shape(found):
        # NumPy's error.
        np.add.reduce(sham(a.shape), axes, keepdims=keep, out=np.empty(out.shape, np.int64))
    return into(out, found)


@implements(np.nanvar, route="composed", inline=True)
def nanvar(
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
    """As numpy.nanvar."""
    a = compact(a)
    if a.dtype.kind not in "fc":
        options = given(keepdims=keepdims, where=where, mean=mean, correction=correction)
        return np.var(a, axis, dtype, out, ddof, **options)
    if correction is not NO_VALUE:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        ddof = correction
    return _variance(a, axis, dtype, out, ddof, keepdims, where, mean)


@implements(np.nanstd, route="composed", inline=True)
def nanstd(
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
    """As numpy.nanstd."""
    options = given(keepdims=keepdims, where=where, mean=mean, correction=correction)
    found = nanvar(a, axis, dtype, out, ddof, **options)
    if isinstance(found, (np.ndarray, CompactArray)):
        return np.sqrt(found, out=found)  # type: ignore[call-overload,arg-type]
    return found.dtype.type(np.sqrt(found))

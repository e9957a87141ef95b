"""Accumulations: cumsum and its relatives, also of elements that are changed on the way."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import tile_of
from compactarray.functions.assembled import Flat
from compactarray.functions.common import back, compact
from compactarray.geometry.tiles import Region, regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.transfer import cast
from compactarray.storage.view import View, built


def _accumulated(ufunc: np.ufunc, a: Any, axis: Any, dtype: Any, out: Any) -> Any:
    a = a if isinstance(a, CompactArray) else np.asanyarray(a)
    if type(axis) is bool:
        # NumPy's error: what it takes for an axis elsewhere.
        np.cumsum(0, axis)
    if axis is None:
        return ufunc.accumulate(a.ravel(), 0, dtype, out)
    return ufunc.accumulate(a.reshape(1) if a.ndim == 0 else a, axis, dtype, out)


@implements(np.cumsum, route="native", inline=True)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.cumsum."""
    return _accumulated(np.add, a, axis, dtype, out)


@implements(np.cumprod, route="native", inline=True)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.cumprod."""
    return _accumulated(np.multiply, a, axis, dtype, out)


# --- by pieces --------------------------------------------------------------------------------------


class _Pieces:
    """An accumulation of elements that are read, or computed, a tile at a time; the axes are in the order of memory.

    Parameters
    ----------
    ufunc : ufunc
        What accumulates.
    read : callable
        Gives the elements of a region.
    shape : tuple of int
        The shape, axes in the order of memory.
    axis : int
        The one of these axes along which to accumulate.
    dtypes : tuple of dtype
        Of the elements, and of the result.
    """

    def __init__(
        self,
        ufunc: np.ufunc,
        read: Callable[[Region], Array],
        shape: tuple[int, ...],
        axis: int,
        dtypes: tuple[np.dtype[Any], np.dtype[Any]],
    ) -> None:
        source, dtype = dtypes
        self._ufunc = ufunc
        self._read = read
        if source.kind == "c" and dtype.kind != "c":
            # `_dtype_of` has warned of what is discarded: once, not for every tile.
            self._read = lambda region: cast(read(region), dtype)
        self._shape = shape
        self._axis = axis
        # The dtype of moments has a unit, which the argument of `accumulate` does not take.
        self._dtype = None if dtype.kind in "mM" else dtype

    def __iter__(self) -> Iterator[tuple[Region, int, Array]]:
        """Yield regions that follow each other in C order, which axis of the piece is the accumulated one, and the piece."""
        most = settings().tile_length
        length, inner = self._shape[self._axis], prod(self._shape[self._axis + 1 :])
        if length * inner <= most:
            # Whole lines, many at a time.
            for region in regions(self._shape, most):
                place = sum(isinstance(part, slice) for part in region[: self._axis])
                yield region, place, self._ufunc.accumulate(self._read(region), place, self._dtype)
            return
        rest = (slice(None),) * (len(self._shape) - self._axis - 1)
        for index in np.ndindex(*self._shape[: self._axis]):
            for part, piece in self._along(index, rest, max(1, most // max(1, inner))):
                yield (*index, part, *rest), 0, piece

    def _along(self, index: tuple[int, ...], rest: Region, chunk: int) -> Iterator[tuple[slice, Array]]:
        """Yield the pieces of one stretch of lines; what was reached is carried from one to the next."""
        carry: Array | None = None
        for start in range(0, self._shape[self._axis], chunk):
            part = slice(start, min(start + chunk, self._shape[self._axis]))
            tile = self._read((*index, part, *rest))
            if carry is None:
                piece = self._ufunc.accumulate(tile, 0, self._dtype)
            else:
                piece = self._ufunc.accumulate(np.concatenate([carry, tile.astype(carry.dtype, copy=False)]), 0, self._dtype)[1:]
            carry = piece[-1:]
            yield part, piece


def _starts(region: Region, axis: int) -> bool:
    """Tell whether a region has the beginning of an axis."""
    part = region[axis]
    return isinstance(part, slice) and not part.start


def _dtype_of(ufunc: np.ufunc, dtype: np.dtype[Any], wanted: Any) -> np.dtype[Any]:
    """Return the dtype of an accumulation; NumPy warns where imaginary parts will be discarded."""
    found: np.dtype[Any] = ufunc.accumulate(np.ones(1, dtype), 0, wanted).dtype
    return found


# --- with the identity before the first -------------------------------------------------------------


def _cumulative(ufunc: np.ufunc, x: Any, axis: Any, dtype: Any, out: Any, include_initial: bool) -> Any:
    x = np.atleast_1d(x)
    if axis is None:
        if x.ndim >= 2:
            raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
        axis = 0
    if not include_initial:
        return ufunc.accumulate(x, axis=axis, dtype=dtype, out=out)
    if out is not None:
        item: list[Any] = [slice(None)] * x.ndim
        item[axis] = slice(1, None)
        ufunc.accumulate(x, axis=axis, dtype=dtype, out=out[tuple(item)])
        item[axis] = 0
        out[tuple(item)] = ufunc.identity
        return out
    view = compact(x)._view
    if not isinstance(view, View) or not x.size or x.dtype.kind not in "biufc":
        found = ufunc.accumulate(x, axis=axis, dtype=dtype)
        shape = list(x.shape)
        shape[axis] = 1
        return np.concatenate([np.full_like(found, ufunc.identity, shape=shape), found], axis=axis)
    along = normalize_axis_index(axis, x.ndim)
    return _with_identity(ufunc, view, along, _dtype_of(ufunc, x.dtype, dtype))


def _with_identity(ufunc: np.ufunc, view: View, axis: int, dtype: np.dtype[Any]) -> CompactArray:
    axes = view.layout("K")
    moved, place = view.transpose(axes), axes.index(axis)
    shape = (*moved.shape[:place], moved.shape[place] + 1, *moved.shape[place + 1 :])

    def tiles() -> Iterator[Array]:
        pieces = _Pieces(ufunc, lambda region: tile_of(moved, region), moved.shape, place, (view.dtype, dtype))
        with ErrorsOnce("accumulate"):
            for region, at, piece in pieces:
                if _starts(region, place):
                    first = np.full((*piece.shape[:at], 1, *piece.shape[at + 1 :]), ufunc.identity, dtype)
                    piece = np.concatenate([first, piece], at)
                yield piece.reshape(-1)

    return back(built(dtype, shape, tiles()), axes)


if hasattr(np, "cumulative_sum"):  # NumPy 2.1

    @implements(np.cumulative_sum, route="composed", inline=True)
    def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
        """As numpy.cumulative_sum."""
        return _cumulative(np.add, x, axis, dtype, out, include_initial)

    @implements(np.cumulative_prod, route="composed", inline=True)
    def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
        """As numpy.cumulative_prod."""
        return _cumulative(np.multiply, x, axis, dtype, out, include_initial)


# --- ignoring NaN -----------------------------------------------------------------------------------


def _nan_cumulated(ufunc: np.ufunc, fill: int, a: Any, axis: Any, dtype: Any, out: Any) -> Any:
    a = compact(a)
    view = a._view
    if a.dtype.kind not in "fc" or not isinstance(view, View) or not a.ndim or not a.size:
        # Nothing but floats has NaN; what is plain or empty is small.
        filled = a if a.dtype.kind not in "fc" else np.where(np.isnan(a), a.dtype.type(fill), a)
        return _accumulated(ufunc, filled, axis, dtype, out)
    axes = (0,) if axis is None else view.layout("K")
    moved: Any = Flat(view) if axis is None else view.transpose(axes)
    place = 0 if axis is None else axes.index(normalize_axis_index(axis, a.ndim))
    found = _dtype_of(ufunc, a.dtype, dtype)
    if out is not None:
        return _filled_to(out, ufunc, fill, moved, axes, place, found)

    def tiles() -> Iterator[Array]:
        with ErrorsOnce("accumulate"):
            for _, _, piece in _filled_pieces(ufunc, fill, moved, place, found):
                yield piece.reshape(-1)

    return back(built(found, moved.shape, tiles()), axes)


def _filled_pieces(ufunc: np.ufunc, fill: int, operand: Any, axis: int, dtype: np.dtype[Any]) -> _Pieces:
    """Return the accumulation of an operand in which `fill` stands for NaN."""

    def read(region: Region) -> Array:
        tile = tile_of(operand, region)
        return np.where(np.isnan(tile), tile.dtype.type(fill), tile)

    return _Pieces(ufunc, read, operand.shape, axis, (operand.dtype, dtype))


def _filled_to(out: Any, ufunc: np.ufunc, fill: int, moved: Any, axes: tuple[int, ...], place: int, dtype: np.dtype[Any]) -> Any:
    """Write an accumulation without NaN to `out`, piece by piece, cast as it may be: NumPy's casts any to any here."""
    shape = tuple(moved.shape[axes.index(axis)] for axis in range(len(axes)))
    if not isinstance(out, (CompactArray, np.ndarray)) or out.shape != shape:
        # The errors of an accumulation to such a target.
        return _accumulated(ufunc, compact(np.empty(0, dtype)), None, None, out)
    if not out.flags.writeable:
        raise ValueError("output array is read-only")
    if isinstance(out, CompactArray) and out._view.shares_storage(moved.source if isinstance(moved, Flat) else moved):
        moved = moved.snapshot() if isinstance(moved, View) else Flat(moved.source.snapshot())
    target = out.transpose(axes)
    with ErrorsOnce("accumulate"):
        for region, _, piece in _filled_pieces(ufunc, fill, moved, place, dtype):
            target[region] = piece
    return out


@implements(np.nancumsum, route="composed", inline=True)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.nancumsum."""
    return _nan_cumulated(np.add, 0, a, axis, dtype, out)


@implements(np.nancumprod, route="composed", inline=True)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As numpy.nancumprod."""
    return _nan_cumulated(np.multiply, 1, a, axis, dtype, out)


# --- angles without jumps ---------------------------------------------------------------------------


@implements(np.unwrap, route="composed", inline=True)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """As numpy.unwrap."""
    p = compact(p)
    view = p._view
    steps = np.diff(np.empty((0, 2), p.dtype)).dtype if p.ndim else np.diff(p).dtype
    correction, dtype = _correction(steps, discont, period)
    if not isinstance(view, View) or not p.size:
        # Plain, and none of what turns: NumPy's error, or nothing to do.
        return compact(np.unwrap(np.asarray(p), discont, axis, period=period))
    axes = view.layout("K")
    moved = view.transpose(axes)
    place = axes.index(normalize_axis_index(axis, p.ndim))
    turned = correction(np.empty(0, steps)).dtype
    if moved.shape[place] == 1:
        return p.astype(dtype)
    lead = (slice(None),) * place
    lower, upper = moved.basic((*lead, slice(None, -1))), moved.basic((*lead, slice(1, None)))

    def turns(region: Region) -> Array:
        return correction(_difference(tile_of(upper, region), tile_of(lower, region)))

    def tiles() -> Iterator[Array]:
        for region, at, piece in _Pieces(np.add, turns, upper.shape, place, (turned, _dtype_of(np.add, turned, None))):
            found = (tile_of(upper, region) + piece).astype(dtype, copy=False)
            if _starts(region, place):
                first = tile_of(moved, (*region[:place], slice(0, 1), *region[place + 1 :])).astype(dtype, copy=False)
                found = np.concatenate([first, found], at)
            yield found.reshape(-1)

    return back(built(dtype, moved.shape, tiles()), axes)


def _difference(upper: Array, lower: Array) -> Array:
    found: Array = upper != lower if upper.dtype == np.bool_ else upper - lower
    return found


def _correction(steps: np.dtype[Any], discont: Any, period: Any) -> tuple[Callable[[Array], Array], np.dtype[Any]]:
    """Return the function that gives, for steps, the multiples of the period that undo jumps; and the dtype of the result."""
    discont = period / 2 if discont is None else discont
    dtype = np.result_type(steps, period)
    if dtype.kind in "iu":
        high, remainder = divmod(period, 2)
        ambiguous = remainder == 0
    else:
        high, ambiguous = period / 2, True
    low = -high

    def correction(step: Array) -> Array:
        wrapped = np.mod(step - low, period) + low
        if ambiguous:
            np.copyto(wrapped, high, where=(wrapped == low) & (step > 0))
        found: Array = wrapped - step
        np.copyto(found, 0, where=np.abs(step) < discont)
        return found

    return correction, dtype

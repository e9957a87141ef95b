"""Ufunc reductions by tiles: partial results of tiles, combined."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from compactarray.config import settings
from compactarray.execution import totals
from compactarray.execution.bands import reduced
from compactarray.execution.columns import axis_of_columns, columns_of
from compactarray.execution.lines import along_axes
from compactarray.execution.operands import (
    axes_of,
    broadcast,
    decoded,
    mask_operand,
    model_of_layout,
    shammed,
    transposed,
)
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.execution.policy import heed_policy
from compactarray.execution.rooms import Rooms
from compactarray.execution.sparse_reduction import reduced_matrix
from compactarray.execution.threads import tile_by_tile
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import broadcast_shapes, is_contiguous, k_order
from compactarray.geometry.tiles import Region, regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View, built
from compactarray.storage.views import result_view, summary_view

_ASSOCIATIVE = frozenset(
    {np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.gcd}
    | {np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor}
)
#: Those in which an initial value may take part more than once.
_IDEMPOTENT = frozenset((np.maximum, np.minimum, np.fmax, np.fmin, np.logical_and, np.logical_or, np.bitwise_and, np.bitwise_or))
#: NumPy's vector loops for these give other answers in reductions than one step after the other would (for
#: floats, by CPU): to have its answer, whole lines are decoded, which is a dense route.
WHOLE_LINES = frozenset({np.power, np.float_power, np.arctan2})
#: Result elements computed together where the reduced axes are the slower ones.
_WIDE = 4_096


def may_be_grouped(ufunc: np.ufunc, dtype: np.dtype[Any]) -> bool:
    """Tell whether partial results of reductions in `dtype` may be combined in any grouping.

    Products of floats may not: parts of them overflow, or become zero, where the whole in sequence does not.
    """
    return ufunc in _ASSOCIATIVE and not (ufunc is np.multiply and dtype.kind in "fc")


def reduce(ufunc: np.ufunc, array: View, kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc.reduce(array, **kwargs)`` without `out` for an array with axes; return a scalar or a view.

    Partial results of floating sums are combined in pairs, so that the error grows with the logarithm of
    the number of tiles.
    """
    axis = kwargs.pop("axis", 0)
    if type(axis) is int and (not kwargs or kwargs == {"dtype": None}):
        with ErrorsOnce("reduce"):
            of_matrix = reduced_matrix(ufunc, array, axis)
        if of_matrix is not None:
            return of_matrix
    keepdims = kwargs.pop("keepdims", False)
    where = mask_operand(kwargs.pop("where", True))
    ndim = len(array.shape)
    # NumPy refuses what it would refuse for an array of one element: axes, dtypes, an order that matters.
    with np.errstate(all="ignore"):
        found = ufunc.reduce(np.zeros((1,) * ndim, array.dtype), axis=axis, dtype=kwargs.get("dtype"), keepdims=keepdims)
    axes = tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)
    options = {"axis": axis, "keepdims": keepdims, **kwargs}
    if where is not True:
        _check_mask(ufunc, array, where, options)
    if array.size == 0:
        return ufunc.reduce(array.read(), where=decoded(where), **options)
    dtype = found.dtype if isinstance(found, (np.generic, np.ndarray)) else np.dtype(object)
    if ufunc in WHOLE_LINES or dtype.kind == "O":
        heed_policy(f"numpy.{ufunc.__name__}.reduce", [array])
        return _result_of(ufunc.reduce(decoded(array), where=decoded(where), **options))
    found = _by_columns(ufunc, array, axes, bool(keepdims), where, kwargs, dtype)
    return _Reduction(ufunc, array, axes, bool(keepdims), where, kwargs, dtype).run() if found is None else found


def _by_columns(
    ufunc: np.ufunc, array: View, axes: tuple[int, ...], keepdims: bool, where: Any, kwargs: dict[str, Any], dtype: np.dtype[Any]
) -> Any:
    """Do a reduction of tables along their columns, or of all that is in them, column by column; None for others."""
    across, ndim = axis_of_columns(array), len(array.shape)
    kept = set(range(ndim)) - set(axes)
    if across is None or kept - {across} or (ndim > 2 and not may_be_grouped(ufunc, dtype)):
        return None
    if not kept and (not may_be_grouped(ufunc, dtype) or where is not True or "initial" in kwargs or dtype.char == "e"):
        return None
    order = (*(axis for axis in range(ndim) if axis != across), across)
    columns = array.transpose(order).columns()
    masks: Any = None
    if where is not True and where.shape:
        moved = transposed(broadcast(where, array.shape), order)
        masks = columns_of(moved, moved.shape)
    elif columns is not None:
        masks = [where] * len(columns)
    if columns is None or masks is None:
        return None
    with ErrorsOnce("reduce"):
        values = [reduce(ufunc, c, {**kwargs, "axis": None, "where": m}) for c, m in zip(columns, masks, strict=True)]
        found = np.array(values, dtype)
        if not kept:
            found = ufunc.reduce(found, dtype=None if dtype.kind in "mM" else dtype, keepdims=True)
    if keepdims:
        return PlainView(found.reshape([1 if axis in axes else length for axis, length in enumerate(array.shape)]))
    return result_view(found) if kept else found[0]


def _check_mask(ufunc: np.ufunc, array: View, where: Any, options: dict[str, Any]) -> None:
    """Let NumPy refuse a mask that does not broadcast to the array."""
    try:
        fits = broadcast_shapes(array.shape, where.shape) == array.shape
    except ValueError:
        fits = False
    if not fits:
        ufunc.reduce(sham(array.shape, array.dtype), where=shammed(where), **options)
        raise AssertionError("NumPy takes a mask of this shape")


def _result_of(result: Any) -> Any:
    """Return the view of a result that NumPy computed; a scalar stays one."""
    return result_view(result) if isinstance(result, np.ndarray) else result


class _Reduction:
    """One reduction: axes that are kept, axes that are reduced, and the tiles between them."""

    def __init__(
        self,
        ufunc: np.ufunc,
        array: View,
        axes: tuple[int, ...],
        keepdims: bool,
        where: Any,
        kwargs: dict[str, Any],
        dtype: np.dtype[Any],
    ) -> None:
        self._ufunc = ufunc
        self._array = array
        self._dtype = dtype
        self._grouped = may_be_grouped(ufunc, dtype)
        self._initial = {key: kwargs.pop(key) for key in ("initial",) if key in kwargs}
        self._where = where if where is True else broadcast(where, array.shape)
        order = k_order(array.shape, array.steps)
        # In the order of memory, so that tiles are runs; and as NumPy lays out the result.
        self._reduced = tuple(axis for axis in order if axis in axes)
        self._kept = tuple(axis for axis in order if axis not in axes)
        if len(self._kept) > 1:
            self._kept = self._layout(where, kwargs)
        self._asked = kwargs.get("dtype")
        # NumPy sums up halves in floats, too.
        self._kwargs = {**kwargs, "dtype": np.dtype(np.float32)} if ufunc is np.add and dtype.char == "e" else kwargs
        self._keepdims = keepdims
        self._rooms = Rooms()

    def _layout(self, where: Any, kwargs: dict[str, Any]) -> tuple[int, ...]:
        """Return the kept axes from slowest to fastest in NumPy's result; the mask has a say."""
        if len(self._array.shape) > 16:
            return self._kept
        mask = where if where is True else model_of_layout(where)
        with np.errstate(all="ignore"):
            result = self._ufunc.reduce(model_of_layout(self._array), axis=self._reduced, where=mask, **self._initial, **kwargs)
        kept = sorted(self._kept)
        return tuple(kept[axis] for axis in axes_of(result))

    def run(self) -> Any:
        """Compute the result: a scalar where no axis is kept, else a view."""
        with ErrorsOnce("reduce"):
            if not self._kept:
                return self._whole()
            return self._by_kept_axes()

    def _whole(self) -> Any:
        value = totals.whole(self._ufunc, self._array, self._dtype) if self._on_codes() else None
        if value is None:
            value = self._partial((), self._reduced)
        if not self._keepdims:
            return np.asarray(value).astype(self._dtype, copy=False)[()]
        return PlainView(np.asarray(value).astype(self._dtype, copy=False).reshape((1,) * len(self._array.shape)))

    def _on_codes(self) -> bool:
        """Tell whether codes may suffice: nothing but elements is asked for, in a dtype that sums have anyway."""
        if self._initial or self._where is not True:
            return False
        if self._asked is None or self._ufunc in (np.logical_or, np.logical_and):
            return True
        exact = self._array.dtype.kind in "biu" and self._dtype == np.float64
        return self._ufunc is np.add and (exact or self._dtype == np.add.reduce(np.empty(0, self._array.dtype)).dtype)

    def _by_kept_axes(self) -> AnyView:
        shape = self._array.shape
        kept_shape = tuple(shape[axis] for axis in self._kept)
        in_order = self._kept == tuple(sorted(self._kept))
        on_codes = in_order and self._reduced and self._on_codes()
        lines = along_axes(self._ufunc, self._array, self._reduced, self._dtype) if on_codes else None
        if lines is None and on_codes and self._grouped and self._array.dtype.kind in "fiu" and self._dtype.char != "e":
            lines = reduced(self._ufunc, self._array, self._reduced, **self._kwargs)
        size = prod(shape[axis] for axis in self._reduced)
        tile = settings().tile_length
        strides = {axis: abs(self._array.steps[axis]) for axis in range(len(shape))}
        most = max(1, tile // size)
        if min((strides[axis] for axis in self._reduced), default=0) > min(strides[axis] for axis in self._kept):
            # The reduced axes are the slower ones: long rows, few of them at a time.
            most = max(most, min(_WIDE, tile // 4))

        def partial(region: Region) -> Any:
            return self._partial(region, self._reduced)

        def tiles() -> Iterator[Array]:
            for found in tile_by_tile(partial, regions(kept_shape, most), self._array.size):
                yield np.asarray(found).astype(self._dtype, copy=False).reshape(-1)

        view = built(self._dtype, kept_shape, tiles()) if lines is None else summary_view(lines.reshape(kept_shape))
        axes = sorted(range(len(self._kept)), key=lambda k: self._kept[k])
        view = view.transpose(tuple(axes))
        if not self._keepdims:
            return view
        index = tuple(slice(None) if axis in self._kept else None for axis in range(len(shape)))
        return view.basic(index) if isinstance(view, View) else PlainView(view.array[index])

    def _partial(self, kept_region: tuple[int | slice, ...], reduced: tuple[int, ...]) -> Any:
        """Return the reduction over all reduced axes of one region of the kept ones."""
        axes = (*self._kept, *reduced)
        array: Any = transposed(self._array, axes)
        where: Any = self._where if self._where is True else transposed(self._where, axes)
        # A region with an index in it drops that axis; slices keep theirs.
        lead = sum(isinstance(part, slice) for part in kept_region)
        volume = prod(
            part.stop - part.start if part.stop is not None else self._array.shape[axis]
            for part, axis in zip(kept_region, self._kept, strict=True)
            if isinstance(part, slice)
        )
        lengths = tuple(self._array.shape[axis] for axis in reduced)
        if not kept_region and is_contiguous(array.shape, array.steps) and (where is True or where.shape == ()):
            array, lengths = array.reshaped((array.size,), "C"), (array.size,)
        most = max(1, settings().tile_length // volume)
        total = PairwiseTotal(self._ufunc)
        rooms = self._rooms

        def step(region: Region) -> Any:
            whole = (*kept_region, *region)
            tile = rooms.tile(0, array, whole)
            inner = tuple(range(lead, tile.ndim))
            marks = True if where is True else rooms.tile(1, where, whole)
            return self._step(tile, inner, marks, total)

        # An initial value is for the first tile; and what must not be grouped is computed one tile after the other.
        apart = self._grouped and not self._initial and volume <= settings().tile_length // 8
        tiles = regions(lengths, most)
        for found in tile_by_tile(step, tiles, volume * prod(lengths)) if apart else map(step, tiles):
            total.add(found)
        return total.value()

    def _step(self, tile: Array, axes: tuple[int, ...], marks: Any, total: "PairwiseTotal") -> Any:
        """Return the reduction of one tile; in sequence where grouping matters."""
        if self._grouped or total.empty:
            initial = self._initial if total.empty or self._ufunc in _IDEMPOTENT else {}
            return self._ufunc.reduce(tile, axis=axes, where=marks, **initial, **self._kwargs)
        before = total.take()
        if not before.shape:
            return self._ufunc.reduce(tile, axis=axes, where=marks, initial=before[()], **self._kwargs)
        marks = marks if marks is True else np.broadcast_to(marks, tile.shape).reshape(*before.shape, -1)
        tile = tile.reshape(*before.shape, -1)
        if marks is not True and self._ufunc.identity is None:
            return self._masked(before, tile, marks)
        tile = np.concatenate([before[..., None], tile.astype(before.dtype, copy=False)], -1)
        if marks is not True:
            marks = np.concatenate([np.ones_like(before[..., None], bool), marks], -1)
        return self._ufunc.reduce(tile, axis=-1, where=marks, **self._kwargs)

    def _masked(self, before: Array, tile: Array, marks: Array) -> Array:
        """Return `before`, combined with what a mask leaves along the last axis, for ufuncs without an identity.

        NumPy starts all such reductions with one value, so this goes element by element, along the shorter way.
        """
        if tile.shape[-1] > before.size:
            lines = zip(tile.reshape(before.size, -1), marks.reshape(before.size, -1), before.flat, strict=True)
            found = [self._ufunc.reduce(line, where=mask, initial=value, **self._kwargs) for line, mask, value in lines]
            return np.array(found, before.dtype).reshape(before.shape)
        tile = tile.astype(before.dtype, copy=False)
        for place in range(tile.shape[-1]):
            self._ufunc(before, tile[..., place], out=before, where=marks[..., place], casting="unsafe")
        return before

"""Ufunc reductions by tiles: partial results of tiles, combined."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from compactarray.config import settings
from compactarray.execution.lanes import extreme, summed
from compactarray.execution.operands import Operand, broadcast, mask_operand, tile_of, transposed
from compactarray.execution.policy import heed_policy
from compactarray.execution.stretches import stretch
from compactarray.geometry.layout import k_order
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.numerics.rules import holds, wrapped
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, PlainView, View, built
from compactarray.storage.views import result_view

#: Reductions whose partial results may be combined in any grouping.
ASSOCIATIVE = frozenset(
    {np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.gcd, np.lcm}
    | {np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor}
)
#: Those in which an initial value may take part more than once.
_IDEMPOTENT = frozenset((np.maximum, np.minimum, np.fmax, np.fmin, np.logical_and, np.logical_or, np.bitwise_and, np.bitwise_or))
#: NumPy's vector loops for these give other answers in a reduction than one step after the other would (for
#: floats, by CPU): to have its answer, whole lines are decoded, which is a dense route.
_WHOLE_LINES = frozenset({np.power, np.float_power, np.arctan2})
_EXTREMES = frozenset((np.maximum, np.minimum))
#: Result elements computed together where the reduced axes are the slower ones.
_WIDE = 4_096


def reduce(ufunc: np.ufunc, array: View, kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc.reduce(array, **kwargs)`` without `out`; return a scalar or a view.

    Partial results of floating sums are combined in pairs, so that the error grows with the logarithm of
    the number of tiles.
    """
    axis = kwargs.pop("axis", 0)
    keepdims = bool(kwargs.pop("keepdims", False))
    where = mask_operand(kwargs.pop("where", True))
    ndim = len(array.shape)
    if not ndim:
        return ufunc.reduce(array.read(), axis=axis, keepdims=keepdims, where=_read(where), **kwargs)
    # NumPy refuses what it would refuse for an array of one element: axes, dtypes, an order that matters.
    with np.errstate(all="ignore"):
        ufunc.reduce(np.zeros((1,) * ndim, array.dtype), axis=axis, dtype=kwargs.get("dtype"))
    axes = tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)
    if array.size * array.dtype.itemsize <= settings().plain_below or not axes or array.size == 0:
        return ufunc.reduce(array.read(), axis=axis, keepdims=keepdims, where=_read(where), **kwargs)
    if ufunc in _WHOLE_LINES:
        heed_policy(f"numpy.{ufunc.__name__}.reduce", [array])
        return _result_of(ufunc.reduce(array.read(), axis=axis, keepdims=keepdims, where=_read(where), **kwargs))
    return _Reduction(ufunc, array, axes, keepdims, where, kwargs).run()


def _result_of(result: Any) -> Any:
    """Return the view of a result that NumPy computed; a scalar stays one."""
    return result_view(result) if isinstance(result, np.ndarray) else result


def _read(value: Operand) -> Any:
    return value.read() if isinstance(value, View) else value


class _Reduction:
    """One reduction: axes that are kept, axes that are reduced, and the tiles between them."""

    def __init__(
        self, ufunc: np.ufunc, array: View, axes: tuple[int, ...], keepdims: bool, where: Any, kwargs: dict[str, Any]
    ) -> None:
        self._ufunc = ufunc
        self._array = array
        self._initial = {key: kwargs.pop(key) for key in ("initial",) if key in kwargs}
        self._kwargs = kwargs
        order = k_order(array.shape, array.steps)
        # In the order of memory, so that tiles are runs and the result is laid out as NumPy lays it out.
        self._kept = tuple(axis for axis in order if axis not in axes)
        self._reduced = tuple(axis for axis in order if axis in axes)
        if ufunc not in ASSOCIATIVE:
            self._reduced = axes
        self._where = where if where is True else broadcast(where, array.shape)
        self._keepdims = keepdims

    def run(self) -> Any:
        """Compute the result: a scalar where no axis is kept, else a view."""
        with ErrorsOnce("reduce"):
            if not self._kept:
                return self._whole()
            return self._by_kept_axes()

    def _whole(self) -> Any:
        value = self._extreme_of_codes() if self._ufunc in _EXTREMES else self._sum_of_codes()
        if value is None:
            value = self._partial((), self._reduced)
        if not self._keepdims:
            return value
        return PlainView(np.asarray(value).reshape((1,) * len(self._array.shape)))

    def _extreme_of_codes(self) -> Any:
        """Return the greatest or least element from the codes; None where these do not suffice."""
        array = self._array
        if self._initial or self._where is not True or self._kwargs.get("dtype") is not None or not array.contiguous("C"):
            return None
        flat = array.reshaped((array.size,), "C")
        found: list[int] = []
        start = 0
        while start < array.size:
            start, lanes = stretch([flat], start, array.size)
            part = None if lanes is None else extreme(lanes[0], self._ufunc)
            if part is None:
                return None
            found.append(part)
        return array.dtype.type(max(found) if self._ufunc is np.maximum else min(found))

    def _sum_of_codes(self) -> Any:
        """Return the sum of all elements from their codes; None where these do not suffice."""
        array = self._array
        if self._ufunc is not np.add or self._initial or self._where is not True or not array.contiguous("C"):
            return None
        if self._kwargs.get("dtype") is not None or array.dtype.kind not in "biuf":
            return None
        flat = array.reshaped((array.size,), "C")
        dtype = np.add.reduce(np.empty(0, array.dtype)).dtype
        total, start = 0, 0
        while start < array.size:
            stop, lanes = stretch([flat], start, array.size)
            part = None if lanes is None else summed(lanes[0], array.dtype)
            if part is None and array.dtype.kind == "f":
                return None
            if part is None:
                stop = min(stop, start + settings().tile_length)
                part = int(np.add.reduce(tile_of(flat, (slice(start, stop),))))
            total += part
            start = stop
        if dtype.kind == "f":
            return dtype.type(total) if holds(dtype, total, total) else None
        return wrapped(total, dtype)

    def _by_kept_axes(self) -> AnyView:
        shape = self._array.shape
        kept_shape = tuple(shape[axis] for axis in self._kept)
        size = prod(shape[axis] for axis in self._reduced)
        tile = settings().tile_length
        strides = {axis: abs(self._array.steps[axis]) for axis in range(len(shape))}
        most = max(1, tile // size)
        if min(strides[axis] for axis in self._reduced) > min(strides[axis] for axis in self._kept):
            # The reduced axes are the slower ones: long rows, few of them at a time.
            most = max(most, min(_WIDE, tile // 4))
        parts = (np.asarray(self._partial(region, self._reduced)).reshape(-1) for region in regions(kept_shape, most))
        first = next(parts)

        def tiles() -> Any:
            yield first
            yield from parts

        view = built(first.dtype, kept_shape, tiles())
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
        if not kept_region and array.contiguous("C") and (where is True or where.shape == ()):
            array, lengths = array.reshaped((array.size,), "C"), (array.size,)
        most = max(1, settings().tile_length // volume)
        total = PairwiseTotal(self._ufunc)
        for region in regions(lengths, most):
            whole = (*kept_region, *region)
            tile = tile_of(array, whole)
            inner = tuple(range(lead, tile.ndim))
            marks = True if where is True else tile_of(where, whole)
            total.add(self._step(tile, inner, marks, total))
        return total.value()

    def _step(self, tile: Array, axes: tuple[int, ...], marks: Any, total: "PairwiseTotal") -> Any:
        """Return the reduction of one tile; in sequence where grouping matters."""
        initial = self._initial if total.empty or self._ufunc in _IDEMPOTENT else {}
        if self._ufunc not in ASSOCIATIVE and not total.empty:
            before = total.take()
            tile = np.concatenate([np.expand_dims(before, axes[0]), tile.astype(before.dtype, copy=False)], axes[0])
            if marks is not True:
                marks = np.concatenate(
                    [np.ones_like(np.expand_dims(before, axes[0]), bool), np.broadcast_to(marks, tile.shape)[1:]], axes[0]
                )
        return self._ufunc.reduce(tile, axis=axes, where=marks, **initial, **self._kwargs)


class PairwiseTotal:
    """Partial results, combined in pairs of equal weight as they come."""

    def __init__(self, ufunc: np.ufunc) -> None:
        self._ufunc = ufunc
        self._stack: list[tuple[int, Any]] = []

    @property
    def empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self._stack

    def add(self, value: Any) -> None:
        """Add a partial result."""
        level = 0
        while self._stack and self._stack[-1][0] == level:
            value = self._ufunc(self._stack.pop()[1], value)
            level += 1
        self._stack.append((level, value))

    def take(self) -> Any:
        """Return the only partial result and forget it, for reductions in sequence."""
        return np.asarray(self._stack.pop()[1])

    def value(self) -> Any:
        """Return the whole."""
        while len(self._stack) > 1:
            (_, left), (_, right) = self._stack[-2:]
            self._stack[-2:] = [(0, self._ufunc(left, right))]
        return self._stack[0][1]

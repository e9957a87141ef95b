"""Functions of single elements that are no ufuncs: NumPy's own, tile by tile. And comparisons of whole arrays."""

import builtins
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.casting import looked_up
from compactarray.encodings.dictionary import Dictionary
from compactarray.execution.operands import broadcast, operand, tile_of, transposed
from compactarray.functions.common import common_shape, compact, dense, empty_model, into, tilewise, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.registry import implements
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.view import View, whole

#: So many elements a value of a dictionary make it worth computing for its values.
_USES = 4
#: Decimals by whose power of ten a float64 integer is divided without loss of range.
_SCALED = 300


def _by_tiles(function: Callable[..., Any], *values: Any, order: str = "K", **options: Any) -> Any:
    """Return NumPy's function of elements, applied to tiles."""
    model = function(*(empty_model(value) for value in values), **options)
    found = _through_table(lambda table: function(table, **options), values[0]) if len(values) == 1 else None
    if found is not None:
        return found
    return tilewise(lambda *tiles: function(*tiles, **options), np.asarray(model).dtype, *values, order=order)


def _through_table(function: Callable[[Any], Any], value: Any) -> CompactArray | None:
    """Return a function of elements, computed once for each value of a dictionary; None for what no dictionary holds, in C order."""
    view = value._view if isinstance(value, CompactArray) and value.flags.c_contiguous else None
    if not isinstance(view, View) or not isinstance(view.storage, BlockStorage) or not isinstance(view.storage.single(), Dictionary):
        return None
    end, lane = view.storage.lane(view.offset, view.offset + view.size)
    if end < view.offset + view.size or not isinstance(lane, Dictionary) or lane.table.size * _USES > view.size:
        return None
    try:
        # What is wrong with a value that may not occur, the elements themselves will tell.
        with np.errstate(all="raise"):
            table = np.asarray(function(lane.table))
    except FloatingPointError:
        return None
    found = looked_up(lane, table)
    return None if found is None else wrap(whole(storage_of(found.dtype, [found], settings().block_length), view.shape))


@implements(np.around, route="native", inline=True)
@implements(np.round, route="native", inline=True)
def round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """As numpy.round."""
    a = compact(a)
    if out is not None:
        np.round(np.empty(0, a.dtype), decimals, np.empty(0, out.dtype))
        if out.shape != a.shape:
            raise ValueError("invalid output shape")
    # Where it takes more than one ufunc, NumPy does not keep the order of axes.
    order = "K" if decimals == 0 or a.dtype.kind not in "f" else "A"
    # Here only the first of NumPy's ufuncs, the product, reports anything; elsewhere each tile does, in the words of its ufunc.
    once = a.dtype.char in "dD" and 0 < decimals <= _SCALED
    with ErrorsOnce("multiply") if once else nullcontext():
        found = _by_tiles(np.round, a, order=order, decimals=decimals)
    return into(out, found)


@implements(np.fix, route="native", inline=True)
def fix(x: Any, out: Any = None) -> Any:
    """As numpy.fix."""
    np.fix(np.empty(0))  # deprecated since NumPy 2.5, which warns
    return np.trunc(x, out=out)


@implements(np.nan_to_num, route="native", inline=False)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """As numpy.nan_to_num."""
    if not isinstance(x, CompactArray):
        return dense(np.nan_to_num, x, copy, nan, posinf, neginf)
    limits = [None if value is None else compact(value) for value in (posinf, neginf)]
    arrays = [value for value in (compact(nan), *limits) if value is not None]
    # Nothing is written to other elements, so nothing has to fit.
    inexact = x.dtype.kind in "fc"
    arrays = [_fitted(value, x) if inexact else compact(0) for value in arrays]
    nan = nan if inexact else 0

    def converted(tile: Any, *values: Any) -> Any:
        rest = iter(values[1:])
        high, low = (None if limit is None else next(rest) for limit in limits)
        return np.nan_to_num(tile, True, values[0], high, low)

    if not copy and isinstance(x._view, View) and x.ndim:
        if not x.flags.writeable:
            raise ValueError("assignment destination is read-only")
        _convert_in_place(x._view, converted, arrays)
        return x
    if any(array.size != 1 for array in arrays):
        found = tilewise(converted, x.dtype, x, *arrays)
    else:
        found = _by_tiles(lambda tile: np.nan_to_num(tile, True, nan, posinf, neginf), x)
    if not copy:
        x[...] = found
        return x[()] if x.ndim == 0 else x
    return found if x.ndim else found[()]


def _fitted(value: CompactArray, x: CompactArray) -> CompactArray:
    """Return values that broadcast to the shape of `x`; NumPy's error for those that do not."""
    # Nothing is copied: these hold no elements.
    np.copyto(sham(x.shape), sham(value.shape), where=False)
    return value.reshape(value.shape[max(0, value.ndim - x.ndim) :])  # type: ignore[no-any-return]


def _convert_in_place(view: View, function: Callable[..., Any], values: list[CompactArray]) -> None:
    """Write what a function makes of elements, and of values that broadcast to them, in their place, tile by tile."""
    axes = view.layout("K")
    target = view.transpose(axes)
    apart = [wrap(value._view.snapshot()) if value._view.shares_storage(view) else value for value in values]
    spread = [np.broadcast_to(value, view.shape) for value in apart]
    operands = [transposed(operand(compact(value)._view), axes) for value in spread]
    for region in regions(target.shape, settings().tile_length):
        part = target.basic((*region, ...))
        part.write(np.asarray(function(part.read(), *(tile_of(value, region) for value in operands))))


@implements(np.angle, route="native", inline=True)
def angle(z: Any, deg: bool = False) -> Any:
    """As numpy.angle."""
    return _by_tiles(np.angle, compact(z), deg=deg)


@implements(np.iscomplex, route="native", inline=True)
def iscomplex(x: Any) -> Any:
    """As numpy.iscomplex."""
    x = compact(x)
    return _by_tiles(np.iscomplex, x) if x.dtype.kind == "c" else creation.zeros(x.shape, bool)


@implements(np.isreal, route="native", inline=True)
def isreal(x: Any) -> Any:
    """As numpy.isreal."""
    return _by_tiles(np.isreal, compact(x))


@implements(np.sinc, route="native", inline=True)
def sinc(x: Any) -> Any:
    """As numpy.sinc."""
    return _by_tiles(np.sinc, compact(x))


@implements(np.i0, route="native", inline=True)
def i0(x: Any) -> Any:
    """As numpy.i0."""
    return _by_tiles(np.i0, compact(x))


@implements(np.isposinf, route="native", inline=True)
def isposinf(x: Any, out: Any = None) -> Any:
    """As numpy.isposinf."""
    return _infinite(np.isposinf, x, out)


@implements(np.isneginf, route="native", inline=True)
def isneginf(x: Any, out: Any = None) -> Any:
    """As numpy.isneginf."""
    return _infinite(np.isneginf, x, out)


def _infinite(function: Callable[..., Any], x: Any, out: Any) -> Any:
    function(np.empty(0, compact(x).dtype))
    sign = np.logical_not(np.signbit(x)) if function is np.isposinf else np.signbit(x)
    return np.logical_and(np.isinf(x), sign, out)


@implements(np.real_if_close, route="composed", inline=True)
def real_if_close(a: Any, tol: Any = 100) -> Any:
    """As numpy.real_if_close."""
    a = compact(a)
    if a.dtype.kind != "c":
        return a
    tol = np.finfo(a.dtype.type).eps * tol if tol > 1 else tol
    return a.real if builtins.all((np.absolute(tile.imag) < tol).all() for tile in a.tiles()) else a


# --- comparisons of arrays --------------------------------------------------------------------------


@implements(np.isclose, route="native", inline=True)
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """As numpy.isclose."""
    values = [value if type(value) in (bool, int, float, complex) else compact(value) for value in (a, b, rtol, atol)]
    np.isclose(*(empty_model(value) for value in values))
    return tilewise(lambda x, y, r, t: np.asarray(np.isclose(x, y, r, t, equal_nan)), np.dtype(bool), *values)


@implements(np.allclose, route="native", inline=True)
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> bool:
    """As numpy.allclose; stops at the first tile that differs."""
    return _everywhere(lambda x, y, r, t: np.isclose(x, y, r, t, equal_nan), a, b, rtol, atol)


def _everywhere(function: Callable[..., Any], *values: Any) -> bool:
    """Tell whether a function of elements is true everywhere."""
    operands = [operand(v._view if isinstance(v, CompactArray) else v) for v in values]
    shape = common_shape(operands)
    spread = [broadcast(value, shape) for value in operands]
    pieces = regions(shape, settings().tile_length)
    return builtins.all(bool(np.all(function(*(tile_of(value, region) for value in spread)))) for region in pieces)


#: Kinds of dtypes whose elements are compared by codes.
_COMPARED = frozenset((*(a + b for a in "biuf" for b in "biuf"), "SS", "UU"))


@implements(np.array_equal, route="native", inline=True)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """As numpy.array_equal; stops at the first tile that differs."""
    try:
        a1, a2 = compact(a1), compact(a2)
    except (TypeError, ValueError):
        return False
    if a1.shape != a2.shape:
        return False
    known = a1.dtype.kind + a2.dtype.kind in _COMPARED or (a1.dtype.kind in "mM" and a1.dtype == a2.dtype)
    if not equal_nan and known and isinstance(a1._view, View) and isinstance(a2._view, View):
        return bool(_equal_heads(a1, a2) and np.logical_and.reduce(np.equal(a1, a2), axis=None))
    return _everywhere(lambda x, y: np.array_equal(x, y, equal_nan=equal_nan), a1, a2)


def _equal_heads(a1: CompactArray, a2: CompactArray) -> bool:
    """Tell whether the first elements of two arrays of one shape are equal: mostly they tell what is different."""
    index = tuple(slice(0, 8) for _ in a1.shape)
    return bool(np.array_equal(np.asarray(a1[index]), np.asarray(a2[index])))


@implements(np.array_equiv, route="native", inline=True)
def array_equiv(a1: Any, a2: Any) -> bool:
    """As numpy.array_equiv; stops at the first tile that differs."""
    try:
        a1, a2 = compact(a1), compact(a2)
        np.broadcast_shapes(a1.shape, a2.shape)
    except (TypeError, ValueError):
        return False
    return _everywhere(lambda x, y: np.asarray(x == y), a1, a2)

"""Elements chosen by conditions: select and piecewise."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import laid_out, operand, tile_of
from compactarray.functions.common import compact, tilewise, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import built

_PYTHON_NUMBERS = (int, float, complex)


@implements(np.select, route="native", inline=True)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """As numpy.select; chosen tile by tile."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if not len(condlist):
        raise ValueError("select with an empty condition list is not possible")
    conditions = [compact(value) for value in condlist]
    choices = [value if type(value) in _PYTHON_NUMBERS else compact(value) for value in (*choicelist, default)]
    models = [value if type(value) in _PYTHON_NUMBERS else np.empty(0, value.dtype) for value in choices]
    try:
        dtype = np.result_type(*models)
    except TypeError as error:
        raise TypeError(f"Choicelist and default value do not have a common dtype: {error}") from None
    # NumPy's errors for shapes that do not go together.
    shapes = [np.shape(value) for value in choices]
    np.broadcast_arrays(*(sham(condition.shape) for condition in conditions))
    np.broadcast_arrays(*(sham(shape) for shape in shapes))
    for place, condition in enumerate(conditions):
        if condition.dtype.type is not np.bool:
            raise TypeError(f"invalid entry {place} in condlist: should be boolean ndarray")
    np.broadcast_arrays(*(sham(np.broadcast_shapes(*group)) for group in ([c.shape for c in conditions], shapes)))
    number = len(conditions)

    def chosen(*tiles: Any) -> Any:
        return np.select(tiles[:number], tiles[number:-1], tiles[-1]).astype(dtype, copy=False)

    return tilewise(chosen, dtype, *conditions, *choices, order="C")


@implements(np.piecewise, route="composed", inline=True)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """As numpy.piecewise.

    Functions get compact arrays of the elements that they are for: these are held beside the result, and what becomes of them.
    """
    x = compact(x)
    if np.isscalar(condlist) or (not isinstance(condlist[0], (list, np.ndarray, CompactArray)) and x.ndim):
        condlist = [condlist]
    conditions = _conditions(condlist)
    number, functions = len(conditions), len(funclist)
    if number == functions - 1:
        conditions = [*conditions, compact(np.logical_not(_any_of(conditions)))]
    elif number != functions:
        raise ValueError(f"with {number} condition(s), either {number} or {number + 1} functions are expected")
    values = [_made(function, x, condition, args, kw) for condition, function in zip(conditions, funclist, strict=True)]
    return _assembled(x, conditions, values)


def _conditions(condlist: Any) -> list[Any]:
    """Return conditions as arrays of bools, all of one shape."""
    if not isinstance(condlist, (list, tuple)):
        whole = compact(condlist).astype(bool, copy=False)
        return [whole[k, ...] for k in range(whole.shape[0])]
    found = [item if isinstance(item, CompactArray) else _truth(item) for item in condlist]
    if len({item.shape for item in found}) > 1:
        np.asarray(_modelled(condlist), dtype=bool)
    return [item.astype(bool, copy=False) for item in found]


def _truth(item: Any) -> CompactArray:
    try:
        return compact(np.asarray(item, bool))
    except ValueError:
        np.asarray([_modelled(item)], bool)
        raise


def _modelled(value: Any) -> Any:
    """Return nested lists with arrays that have the same shapes in them, for NumPy to tell what is wrong with them."""
    if isinstance(value, (list, tuple)):
        return [_modelled(item) for item in value]
    return sham(value.shape) if isinstance(value, CompactArray) else value


def _any_of(conditions: list[Any]) -> Any:
    total = conditions[0]
    for condition in conditions[1:]:
        total = np.logical_or(total, condition)
    return total


def _made(function: Any, x: CompactArray, condition: CompactArray, args: Any, kw: Any) -> Any:
    """Return what goes to the places of a condition: an element, or one element for each of them in a compact array."""
    count = int(np.count_nonzero(condition))
    if callable(function):
        function = function(x[condition], *args, **kw) if x.size and count else x.dtype.type(0)
    values = compact(function)
    shape = (count, *x.shape[condition.ndim :])
    if values.shape == shape or not values.ndim:
        return values
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        # NumPy's error.
        np.zeros(shape, np.int8)[np.ones(count, bool)] = sham(values.shape)
        raise


def _assembled(x: CompactArray, conditions: list[CompactArray], values: list[Any]) -> CompactArray:
    """Return an array like `x` with values in the places of conditions, zeros elsewhere; of several conditions the last one counts."""
    lead = conditions[0].shape
    if lead != x.shape[: len(lead)]:
        # NumPy's error.
        x[conditions[0]]
    rest = x.shape[len(lead) :]
    marks = [operand(condition._view) for condition in conditions]
    sources = [operand(value._view) for value in values]
    taken = [0] * len(values)

    def tiles() -> Iterator[Array]:
        for region in regions(lead, max(1, settings().tile_length // max(1, prod(rest)))):
            masks = [np.asarray(tile_of(mark, region)) for mark in marks]
            tile = np.zeros((*masks[0].shape, *rest), x.dtype)
            for k, (mask, source) in enumerate(zip(masks, sources, strict=True)):
                count = int(np.count_nonzero(mask))
                if count:
                    tile[mask] = _next(source, taken[k], count)
                taken[k] += count
            yield tile.reshape(-1)

    found = built(x.dtype, x.shape, tiles())
    layout = x._view.layout("K")
    return wrap(laid_out(found, layout) if layout != tuple(range(x.ndim)) else found)


def _next(source: Any, start: int, count: int) -> Any:
    """Return some of the values of a condition; one value is for all of its places."""
    if not source.shape:
        return tile_of(source, ())
    return tile_of(source, (slice(start, start + count), *(slice(None) for _ in source.shape[1:])))

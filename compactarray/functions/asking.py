"""NumPy's functions of single elements, applied to tiles.

Of what dtype, how wide and in which order results are is found out by asking: NumPy does the same with the first elements, and text
that is to be as wide as its widest element is measured before it is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import axes_of, broadcast, model_of_layout, tile_of, transposed
from compactarray.functions.common import back, common_shape, dense, inline
from compactarray.geometry.tiles import regions
from compactarray.registry import Entry, register
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.view import View, built

Widen = Callable[[list[list[Array]]], list[np.dtype[Any]]]


def of_elements(function: Callable[..., Any], *values: Any, measured: bool = False, widths: Widen | None = None) -> Any:
    """Return what an element-by-element function of NumPy's gives, or the tuple of arrays that it gives, computed by tiles.

    Parameters
    ----------
    function : callable
        Gets tiles of the operands, and what is no array as it is.
    *values : array_like
        Arrays, lists of them, and scalars; arrays are broadcast.
    measured : bool, optional
        Results are as wide as the widest element: all are computed once more, to see how wide they are.
    widths : callable, optional
        What gives the dtypes of all results from one result of each tile, if not the widest dtype of each.
    """
    operands = [_operand(value) for value in values]
    arrays = [value for value in operands if value is not None]
    if not any(array.shape for array in arrays):
        return inline(function, *values)

    def call(tiles: Sequence[Any]) -> Any:
        rest = iter(tiles)
        parts = [value if array is None else next(rest) for value, array in zip(values, operands, strict=True)]
        return function(*(part.tolist() if type(value) in (list, tuple) else part for part, value in zip(parts, values, strict=True)))

    sample = call([_corner(array) for array in arrays])
    shape = common_shape(arrays)
    results = sample if isinstance(sample, tuple) else (sample,)
    axes = axes_of(results[0])
    moved = [transposed(broadcast(array, shape), axes) for array in arrays]
    lengths = tuple(shape[axis] for axis in axes)
    pieces = list(regions(lengths, settings().tile_length))

    def parts(which: int | None) -> Iterator[Any]:
        for region in pieces:
            found = call([tile_of(array, region) for array in moved])
            yield found if which is None else np.asarray(found[which] if isinstance(found, tuple) else found)

    dtypes = [result.dtype for result in results]
    if measured and any(dtype.kind in "SU" for dtype in dtypes) and pieces:
        dtypes = _widest(parts(None)) if widths is None else widths([_each(found) for found in parts(None)])
    made = [
        back(built(dtype, lengths, (part.reshape(-1).astype(dtype, copy=False) for part in parts(k))), axes)
        for k, dtype in enumerate(dtypes)
    ]
    return tuple(made) if isinstance(sample, tuple) else made[0]


def _operand(value: Any) -> Any:
    """Return the operand of an array; None of what is none, and is passed as it is."""
    if isinstance(value, CompactArray):
        return value._view.array if isinstance(value._view, PlainView) else value._view
    if isinstance(value, np.ndarray) or type(value) in (list, tuple):
        return np.asarray(value)
    return None


def _corner(array: Any) -> Array:
    """Return the first elements along each axis, laid out as all of them are."""
    first = array[tuple(slice(0, 2) for _ in array.shape)]
    if not isinstance(first, View):
        return np.asarray(first)
    found = model_of_layout(array)
    found[...] = first.read()
    return found


def _each(found: Any) -> list[Array]:
    return [np.asarray(part) for part in (found if isinstance(found, tuple) else (found,))]


def _widest(tiles: Iterator[Any]) -> list[np.dtype[Any]]:
    """Return the widest dtype of each result."""
    widest: list[np.dtype[Any]] = []
    for found in tiles:
        dtypes = [part.dtype for part in _each(found)]
        widest = [max(pair, key=lambda dtype: dtype.itemsize) for pair in zip(widest or dtypes, dtypes, strict=True)]
    return widest


def register_elementwise(function: Callable[..., Any], names: str, measured: bool = False, unserved: str = "") -> None:
    """Register a body by tiles for a function of NumPy's, which is as NumPy's.

    Parameters
    ----------
    function : callable
        The function.
    names : str
        Its parameters that are broadcast.
    measured : bool, optional
        As of `of_elements`.
    unserved : str, optional
        A parameter that makes the call dense, if it is given.
    """
    parameters = signature(function)
    broadcast_names = names.split()

    @wraps(function)
    def body(*args: Any, **kwargs: Any) -> Any:
        options = dict(parameters.bind(*args, **kwargs).arguments)
        if unserved and options.get(unserved) is not None:
            return dense(function, *args, **kwargs)
        values = [options.pop(name, parameters.parameters[name].default) for name in broadcast_names]
        # What is left is a calendar, a table of letters or a number.
        options = {name: np.asarray(value) if isinstance(value, CompactArray) else value for name, value in options.items()}

        def of_tiles(*tiles: Any) -> Any:
            return function(*tiles, **options)

        return of_elements(of_tiles, *values, measured=measured)

    register(Entry(function, "native", body, inline=True))

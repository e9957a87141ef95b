"""pad: constants are joined to each side, other margins are elements taken once more."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.functions.common import compact, dense, wrap
from compactarray.functions.indexing import take
from compactarray.functions.joining import joined
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.view import built

#: Modes that repeat elements, each axis by itself.
_REPEATING = ("edge", "reflect", "symmetric", "wrap")
#: Bytes held from which on an array is not held twice.
_LARGE = 1 << 24
Pairs = list[tuple[Any, Any]]


@implements(np.pad, route="composed", inline=True)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """As numpy.pad; margins that are computed ("linear_ramp", "mean", a function, ...): dense."""
    array = compact(array)
    if isinstance(pad_width, dict) or callable(mode) or not array.size or not array.ndim or not can_encode(array.dtype):
        return dense(np.pad, array, pad_width, mode, **kwargs)
    widths = _pairs(pad_width, array.ndim)
    # What is wrong with the arguments NumPy tells of an array of one element.
    np.pad(np.zeros((1,) * array.ndim, array.dtype), pad_width if widths is None else 0, mode, **kwargs)
    if widths is None:
        raise AssertionError(f"NumPy takes the widths {pad_width!r}")
    widths = [(int(before), int(after)) for before, after in widths]
    turned = array.flags.fnc
    if isinstance(mode, str) and mode in _REPEATING and kwargs in ({}, {"reflect_type": "even"}):
        found = _repeated(array.T if turned else array, widths[::-1] if turned else widths, mode)
        return found.T if turned else found
    values = _values(kwargs, array) if mode == "constant" else None
    if values is None:
        return dense(np.pad, array, pad_width, mode, **kwargs)
    if array.ndim > 1 and array.nbytes > _LARGE:
        return _by_rows(array, widths, values, turned)
    order = tuple(range(array.ndim))
    return _surrounded(array, widths, values, order[::-1] if turned else order)


def _pairs(widths: Any, ndim: int) -> Pairs | None:
    """Return the widths before and after each axis; None for what NumPy does not take."""
    found = np.asarray(widths)
    if found.dtype.kind != "i" or not found.size or (found < 0).any():
        return None
    return _spread(found, ndim)


def _spread(found: Any, ndim: int) -> Pairs | None:
    """Return pairs for all axes, given one number, one pair, or a pair for each axis."""
    if found.ndim < 3 and (found.size == 1 or (found.size == 2 and found.shape != (2, 1))):
        first, last = found.reshape(-1)[0], found.reshape(-1)[-1]
        return [(first, last)] * ndim
    try:
        return [(first, last) for first, last in np.broadcast_to(found, (ndim, 2))]
    except ValueError:
        return None


def _values(kwargs: dict[str, Any], array: CompactArray) -> Pairs | None:
    """Return the constants before and after each axis, in the dtype of the array; None for what NumPy has to look at."""
    if kwargs.keys() - {"constant_values"}:
        return None
    pairs = _spread(np.array(kwargs.get("constant_values", 0)), array.ndim)
    if pairs is None:
        return None
    found: Pairs = []
    for pair in pairs:
        cells = np.empty(2, array.dtype)
        cells[0], cells[1] = pair
        found.append((cells[0], cells[1]))
    return found


def _surrounded(array: CompactArray, widths: Pairs, values: Pairs, order: tuple[int, ...]) -> CompactArray:
    """Join constants to both sides of each axis in turn: of the later ones the corners have their value."""
    for axis, (pair, constants) in enumerate(zip(widths, values, strict=True)):
        sides = []
        for width, value in zip(pair, constants, strict=True):
            shape = (*array.shape[:axis], width, *array.shape[axis + 1 :])
            sides.append([CompactArray.from_value(value, shape, array.dtype)] if width else [])
        if pair != (0, 0):
            array = joined([*sides[0], array, *sides[1]], axis, array.dtype, order)
    return array.copy("F" if order[0] else "C") if not any(map(any, widths)) else array


def _by_rows(array: CompactArray, widths: Pairs, values: Pairs, turned: bool) -> CompactArray:
    """Do what `_surrounded` does in one pass over values, for what is too large to be held twice."""
    axis = array.ndim - 1 if turned else 0
    shape = tuple(before + length + after for (before, after), length in zip(widths, array.shape, strict=True))
    none = [(0, 0)]
    rest = [*widths[:-1], *none] if turned else [*none, *widths[1:]]
    most = max(1, settings().tile_length // max(1, prod(shape) // shape[axis]))
    lead = (slice(None),) * axis

    def rows(side: int | None, start: int, number: int) -> Array:
        """Return some of the slowest axis, of the array or of a margin, with the margins of the other axes."""
        part: Any
        if side is None:
            part = np.asarray(array[(*lead, slice(start, start + number))])
        else:
            part = np.full((*array.shape[:axis], number, *array.shape[axis + 1 :]), values[axis][side])
        found = np.pad(part, rest, "constant", constant_values=values)
        if turned and side is not None:
            # The last axis has the corners.
            found[...] = values[axis][side]
        return found

    def tiles() -> Iterator[Array]:
        for side, count in ((0, widths[axis][0]), (None, array.shape[axis]), (1, widths[axis][1])):
            for start in range(0, count, most):
                found = rows(side, start, min(most, count - start))
                yield (found.T if turned else found).reshape(-1)

    found = wrap(built(array.dtype, shape[::-1] if turned else shape, tiles()))
    return found.T if turned else found


def _repeated(array: CompactArray, widths: Pairs, mode: str) -> CompactArray:
    """Take the elements that each axis has with its margins; which ones those are NumPy tells of positions."""
    if array.ndim > 1 and array.nbytes > _LARGE:
        places = [np.pad(np.arange(length), pair, mode) for pair, length in zip(widths, array.shape, strict=True)]  # type: ignore[call-overload]
        return array[np.ix_(*places)]  # type: ignore[no-any-return]
    for axis, (pair, length) in enumerate(zip(widths, array.shape, strict=True)):
        if pair != (0, 0):
            array = take(array, np.pad(np.arange(length), pair, mode), axis)  # type: ignore[call-overload]
    return array if any(map(any, widths)) else array.copy("C")

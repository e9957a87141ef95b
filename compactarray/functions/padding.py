"""pad: constants are joined to each side, other margins are elements taken once more."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.encodings.codes import Coded
from compactarray.execution.operands import tile_of
from compactarray.functions.common import compact, dense, wrap
from compactarray.functions.indexing import take
from compactarray.functions.joining import joined
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import can_encode
from compactarray.storage.rearranged import rearranged
from compactarray.storage.view import View

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
    if array.ndim > 1 and (array.nbytes > _LARGE or _in_codes(array)):
        return _in_one_pass(array, widths, values, turned)
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


def _in_codes(array: CompactArray) -> bool:
    """Tell whether one encoding has a code for each element of an array: other forms are joined without unfolding them."""
    storage = array._view.storage if isinstance(array._view, View) else None
    return isinstance(storage, BlockStorage) and storage.sole is not None and isinstance(storage.sole.encoding, Coded)


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


def _in_one_pass(array: CompactArray, widths: Pairs, values: Pairs, turned: bool) -> CompactArray:
    """Do what `_surrounded` does without holding the array with some of the margins meanwhile."""
    if turned:
        found = _filled(array.T, widths[::-1], values[::-1], range(array.ndim)[::-1])
        return found.T
    return _filled(array, widths, values, range(array.ndim))


def _filled(array: CompactArray, widths: Pairs, values: Pairs, order: Sequence[int]) -> CompactArray:
    """Return an array in C order within its margins, which are filled axis by axis in an order: the last one has the corners."""
    lengths, ndim = array.shape, array.ndim
    shape = tuple(before + length + after for (before, after), length in zip(widths, lengths, strict=True))
    cells = [CompactArray.from_value(value, (1,), array.dtype)._view for pair in values for value in pair]

    def tiles(operands: Sequence[View | Array], most: int) -> Iterator[Array]:
        source, *held = operands
        margins = [tile_of(cell, (slice(None),)) for cell in held]
        # The axis that tiles are cut along: what lies behind it is in one of them.
        cut = next(axis for axis in range(ndim) if prod(shape[axis + 1 :]) <= most or axis == ndim - 1)
        rows = max(1, most // max(1, prod(shape[cut + 1 :])))
        inner = [slice(before, before + length) for (before, _), length in zip(widths, lengths, strict=True)]
        for lead in np.ndindex(*shape[:cut]):
            inside = all(part.start <= at < part.stop for at, part in zip(lead, inner, strict=False))
            at = [place - part.start for place, part in zip(lead, inner, strict=False)]
            for start in range(0, shape[cut], rows):
                stop = min(shape[cut], start + rows)
                first, last = (min(max(bound, inner[cut].start), inner[cut].stop) for bound in (start, stop))
                out = np.empty((stop - start, *shape[cut + 1 :]), margins[0].dtype)
                if inside and first < last:
                    held_rows = slice(first - inner[cut].start, last - inner[cut].start)
                    center = tile_of(source, (*at, held_rows, *(slice(0, length) for length in lengths[cut + 1 :])))
                    out[(slice(first - start, last - start), *inner[cut + 1 :])] = center
                for axis in order:
                    low, high = (first - start, last - start) if axis == cut else (inner[axis].start, inner[axis].stop)
                    before, after = margins[2 * axis : 2 * axis + 2]
                    if axis < cut:
                        if not low <= lead[axis] < high:
                            out[...] = before if lead[axis] < low else after
                        continue
                    skipped = (slice(None),) * (axis - cut)
                    out[(*skipped, slice(None, low))] = before
                    out[(*skipped, slice(high, None))] = after
                yield out.reshape(-1)

    return wrap(rearranged([array._view, *cells], shape, tiles))


def _repeated(array: CompactArray, widths: Pairs, mode: str) -> CompactArray:
    """Take the elements that each axis has with its margins; which ones those are NumPy tells of positions."""
    if array.ndim > 1 and (array.nbytes > _LARGE or _in_codes(array)):
        places = [np.pad(np.arange(length), pair, mode) for pair, length in zip(widths, array.shape, strict=True)]  # type: ignore[call-overload]
        return array[np.ix_(*places)]  # type: ignore[no-any-return]
    for axis, (pair, length) in enumerate(zip(widths, array.shape, strict=True)):
        if pair != (0, 0):
            array = take(array, np.pad(np.arange(length), pair, mode), axis)  # type: ignore[call-overload]
    return array if any(map(any, widths)) else array.copy("C")

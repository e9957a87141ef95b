"""Inner products of vectors: exact sums of products of codes, else of tiles."""

from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.execution.codes import taken
from compactarray.execution.even import as_integers
from compactarray.execution.lanes import Integers, integers
from compactarray.execution.operands import Operand, payload, tile_of
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.execution.rooms import Rooms
from compactarray.execution.sparse_products import sum_of_products
from compactarray.execution.stretches import cut, stretch
from compactarray.execution.threads import in_parts, tile_by_tile
from compactarray.geometry.tiles import pieces
from compactarray.kernels import dot_codes, sum_codes
from compactarray.numerics.rules import wrapped
from compactarray.storage.base import Array
from compactarray.storage.beside import bare
from compactarray.storage.view import View

#: Codes that are multiplied at a time, where one side's have to be widened.
_PIECE = 1 << 18
#: Elements that BLAS multiplies without calling other threads, which takes longer than so short a product.
_VECTOR = 1 << 13
#: Elements that are looked at first where one true product decides.
_HEAD = 512
#: Lanes in which more than one element out of so many is an exception are decoded.
_RARE = 1024


def inner_product(left: Operand, right: Operand, dtype: np.dtype[Any]) -> Any:
    """Return ``numpy.matmul`` of two vectors of one length, views or ndarrays, of real numbers, as a scalar of `dtype`.

    Integers (also as floats) are summed up exactly. Tiles of others are added in pairs.
    """
    size = left.shape[0]
    if dtype.kind == "b":
        return _any_of_both(left, right, size)
    if dtype.kind == "f":
        # Elements that lie somewhere as they are need not be moved.
        where: list[Any] = [payload(value) if isinstance(value, View) else value for value in (left, right)]
        if all(array is not None and array.dtype == dtype for array in where):
            return dtype.type(np.dot(*where))
    sparse = sum_of_products(left, right, dtype)
    if sparse is not None:
        return sparse
    exact, counted = 0, False
    total = PairwiseTotal(np.add)
    start = 0
    rooms = Rooms()

    def product(bounds: tuple[int, int]) -> Any:
        tiles = [np.asarray(rooms.tile(side, value, (slice(*bounds),))) for side, value in enumerate((left, right))]
        return _short_products(tiles[0], tiles[1], dtype)

    while start < size:
        stop, lanes = stretch([left, right], start, size)
        found = None if lanes is None else _exact(cut(lanes, stop - start), dtype, stop - start)
        if found is not None and found.step != 1:
            total.add(dtype.type(found.integers) * dtype.type(found.step))
        elif found is not None:
            exact += found.integers
            counted = True
            if found.rest is not None:
                total.add(found.rest)
        else:
            for part in tile_by_tile(product, pieces(start, stop, settings().tile_length), size):
                total.add(part)
        start = stop
    if dtype.kind in "iu":
        exact += 0 if total.empty else int(total.value())
        return wrapped(exact, dtype)
    if counted:
        total.add(dtype.type(exact))
    return dtype.type(total.value())


def _short_products(left: Array, right: Array, dtype: np.dtype[Any]) -> Any:
    """Return the product of two tiles, some elements at a time."""
    left, right = left.astype(dtype, copy=False), right.astype(dtype, copy=False)
    found = [np.dot(left[start:stop], right[start:stop]) for start, stop in pieces(0, left.size, _VECTOR)]
    return np.add.reduce(found, dtype=dtype)


class _Products(NamedTuple):
    """A sum of products: of integers, times a step, and of what exceptions are, where that is none of integers."""

    integers: int
    step: float = 1.0
    rest: Any = None


def _exact(lanes: list[Any], dtype: np.dtype[Any], length: int) -> _Products | None:
    """Return the sum of products of two lanes of integers, modulo 2**64 unless it is for a float; None for other lanes."""
    if not all(isinstance(lane, Encoding) for lane in lanes):
        return None
    places = _places(lanes, length)
    if places is None:
        return None
    (first, step), (second, other) = (as_integers(bare(lane), dtype) for lane in lanes)
    left, right = integers(first, dtype), integers(second, dtype)
    if left is None or right is None or (dtype.kind == "f" and length * left.most * right.most >= 1 << 64):
        return None
    found = _products(left, right, length)
    if not places.size:
        return _Products(found, step * other)
    if step != 1 or other != 1:
        return None
    # What the codes mean where exceptions stand is taken off again.
    hidden = [values.tolist() for values in (taken(bare(lane), places) for lane in lanes)]
    found -= sum(int(x) * int(y) for x, y in zip(*hidden, strict=True))
    true = [taken(lane, places) for lane in lanes]
    if dtype.kind == "f":
        return _Products(found, rest=np.dot(*(values.astype(dtype, copy=False) for values in true)))
    return _Products(found + sum(x * y for x, y in zip(*(values.tolist() for values in true), strict=True)))


def _places(lanes: list[Any], length: int) -> Array | None:
    """Return where either of two lanes has an exception; None where these are many."""
    held = [lane.exceptions for lane in lanes if lane.exceptions is not None]
    if sum(exceptions.count for exceptions in held) * _RARE > length:
        return None
    return np.unique(np.concatenate([np.empty(0, np.int64), *(exceptions.places(0, length)[2] for exceptions in held)]))


def _any_of_both(left: Operand, right: Operand, size: int) -> Any:
    """Tell whether both are true anywhere."""
    head = min(_HEAD, size, settings().tile_length)
    for start, stop in ((0, head), *pieces(head, size, settings().tile_length)):
        region = (slice(start, stop),)
        if (np.asarray(tile_of(left, region)) & np.asarray(tile_of(right, region))).any():
            return np.True_
    return np.False_


def _products(left: Integers, right: Integers, length: int) -> int:
    """Return the sum of (r + s*c) * (q + t*d): n*r*q + r*t*sum(d) + q*s*sum(c) + s*t*sum(c*d)."""
    total = length * left.reference * right.reference
    if left.reference:
        total += left.reference * right.stride * _sum(right.codes)
    if right.reference:
        total += right.reference * left.stride * _sum(left.codes)
    return total + left.stride * right.stride * _dot(left.codes, right.codes)


def _sum(codes: Array | None) -> int:
    return 0 if codes is None else sum(map(int, in_parts(sum_codes, codes)))


def _dot(left: Array | None, right: Array | None) -> int:
    """Return the sum of products of codes."""
    if left is None or right is None:
        return 0
    if left.dtype == right.dtype:
        return sum(map(int, in_parts(dot_codes, left, right)))
    wide = np.promote_types(left.dtype, right.dtype)
    return sum(
        int(dot_codes(left[low:high].astype(wide, copy=False), right[low:high].astype(wide, copy=False)))
        for low, high in pieces(0, left.size, _PIECE)
    )

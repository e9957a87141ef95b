"""Sums of products along rows from the integers that codes stand for: no element is decoded."""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.decimal import Decimal
from compactarray.encodings.narrow import Narrow
from compactarray.execution.operands import Operand
from compactarray.execution.threads import CODES, in_order, shares
from compactarray.geometry.layout import is_contiguous
from compactarray.numerics.integers import INTEGER_LIMIT
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import View, built

#: Terms that a sum must have for the work on the codes to be worthwhile.
_FEW = 16
#: Powers of ten that a float64 is exactly.
_EXPONENTS = 22


class _Codes(NamedTuple):
    """Elements that are ``(reference + stride * code) / 10**exponent``, all integers at most `most` in magnitude."""

    codes: Array
    reference: int
    stride: int
    exponent: int
    most: int


def row_products(left: Operand, right: Operand, dtype: np.dtype[Any]) -> View | Any | None:
    """Return ``numpy.vecdot`` of two contiguous views of one shape, in `dtype`; None where they are not held as codes of integers.

    Proof: integers are summed up in a float that counts all partial sums exactly, or, for decimals, with the rounding of any
    floating sum. The integers of decimals are within half a unit in the last place of their elements' true multiples, so that the
    products differ by one epsilon, and the sums by no more of the sum of magnitudes; the quotient is rounded once.
    """
    if not isinstance(left, View) or not isinstance(right, View) or left.shape != right.shape or len(left.shape) < 2:
        return None
    terms = left.shape[-1]
    if not _FEW <= terms <= settings().tile_length or dtype.char not in "bhilqBHILQd":
        return None
    first = _codes(left, dtype)
    second = first if _is_same(left, right) else _codes(right, dtype)
    if first is None or second is None:
        return None
    bound = terms * max(first.most, 1) * max(second.most, 1)
    if dtype.kind != "f" and bound > INTEGER_LIMIT[8]:
        return None
    compute = np.dtype(np.float32 if bound <= INTEGER_LIMIT[4] else np.float64)
    power = 10.0 ** (first.exponent + second.exponent)
    height = max(1, settings().tile_length // (2 * terms))
    rows = prod(left.shape[:-1])
    share = max(height, shares(rows * terms, CODES) // terms // height * height)

    def sums(start: int) -> Array:
        found = np.empty(min(share, rows - start), compute)
        rooms = [np.empty(height * terms, compute) for _ in range(1 if second is first else 2)]
        for top in range(0, found.size, height):
            place = found[top : top + height]
            low, size = (start + top) * terms, place.size * terms
            tiles = [_integers(side, low, room[:size]).reshape(-1, terms) for side, room in zip((first, second), rooms, strict=False)]
            np.vecdot(tiles[0], tiles[-1], out=place)
        if dtype.kind == "f":
            return found.astype(dtype, copy=False) / power if power != 1 else found.astype(dtype, copy=False)
        return found.astype(np.int64).astype(dtype, copy=False)

    def tiles() -> Iterator[Array]:
        starts = range(0, rows, share)
        yield from in_order(sums, starts) if len(starts) > 1 else map(sums, starts)

    return built(dtype, left.shape[:-1], tiles())


def _is_same(left: View, right: View) -> bool:
    return left.storage is right.storage and (left.offset, left.steps) == (right.offset, right.steps)


def _codes(view: View, dtype: np.dtype[Any]) -> _Codes | None:
    """Return a view's elements as codes of integers, or None."""
    if not view.size or not is_contiguous(view.shape, view.steps) or not isinstance(view.storage, BlockStorage):
        return None
    held = view.storage.single()
    if not isinstance(held, Decimal | Narrow) or held.dtype.kind not in "iuf" or (held.dtype.kind == "f" and held.dtype != dtype):
        return None
    exponent = held.exponent if isinstance(held, Decimal) else 0
    codes = held.codes[view.offset : view.offset + view.size]
    low, high = held.reference, held.reference + held.stride * int(codes.max())
    most = max(abs(low), abs(high))
    if not 0 <= 2 * exponent <= _EXPONENTS or max(most, high - low) > INTEGER_LIMIT[8]:
        return None
    if codes.dtype == np.uint32 and (high - low) // held.stride < 1 << 31:
        # Of signed integers NumPy makes floats twice as fast.
        codes = codes.view(np.int32)
    return _Codes(codes, held.reference, held.stride, exponent, most)


def _integers(side: _Codes, start: int, out: Array) -> Array:
    """Write the integers of so many elements as there is room for."""
    np.copyto(out, side.codes[start : start + out.size], casting="unsafe")
    if side.stride != 1:
        out *= out.dtype.type(side.stride)
    if side.reference:
        out += out.dtype.type(side.reference)
    return out

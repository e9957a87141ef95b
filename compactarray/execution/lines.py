"""Reductions along axes from codes, where one encoding holds all elements."""

from math import prod
from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.execution import sparse_reduction
from compactarray.execution.tally import lanes_of
from compactarray.execution.totals import EXTREMES, LOGIC, ordered_codes
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import pieces
from compactarray.kernels import sum_lines, sum_lines_u4
from compactarray.numerics.rules import holds
from compactarray.numerics.words import word_dtype
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import View

#: Results up to this many elements; for more of them tiles bound the memory.
_MOST_RESULTS = 1 << 20
#: Bits that are unpacked together.
_UNPACKED = 1 << 22


def along_axes(ufunc: np.ufunc, view: View, axes: tuple[int, ...], dtype: np.dtype[Any]) -> Array | None:
    """Return ``ufunc.reduce(view, axis=axes)`` of `dtype` for a view in C order, or None where codes do not suffice.

    The reduced axes must be neighbours.
    """
    shape = view.shape
    first, last = min(axes), max(axes)
    if last - first + 1 != len(axes) or not is_contiguous(shape, view.steps) or not isinstance(view.storage, BlockStorage):
        return None
    kept = (*shape[:first], *shape[last + 1 :])
    if not view.size or prod(kept) > _MOST_RESULTS:
        return None
    lines = (prod(shape[:first]), prod(shape[axis] for axis in axes), prod(shape[last + 1 :]))
    found = _sparse(ufunc, view, lines, dtype)
    if found is None:
        found = _of_codes(ufunc, view, lines, dtype)
    return None if found is None else found.reshape(kept).astype(dtype, copy=False)


def _sparse(ufunc: np.ufunc, view: View, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    outer, length, inner = lines
    if outer != 1 and inner != 1:
        return None
    shape = (length, inner) if outer == 1 else (outer, length)
    flat = View(view.storage, shape, (shape[1], 1), view.offset)
    return sparse_reduction.reduced_axis(ufunc, flat, 0 if outer == 1 else 1, dtype)


def _of_codes(ufunc: np.ufunc, view: View, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    found = lanes_of(View(view.storage, (view.size,), (1,), view.offset))
    lane = found[0].lane
    if len(found) != 1 or lane is None or lane.exceptions is not None:
        return None
    if isinstance(lane, Raw):
        # NumPy's own answer, to the bit: it reduces the values where they lie.
        reduced: Array = ufunc.reduce(lane.codes.reshape(lines), axis=1, dtype=dtype)
        return reduced
    if ufunc is np.add and isinstance(lane, Narrow) and lane.dtype.kind in "iuf" and dtype.kind in "iuf":
        return _sums(lane, lines, dtype)
    if ufunc is np.add and isinstance(lane, Bits) and lane.dtype.kind == "b" and dtype.kind in "iuf":
        return _sums_of_bits(lane, lines)
    if dtype.kind == "b" and (ufunc in LOGIC or (ufunc in EXTREMES and lane.dtype.kind == "b")):
        return _truths(ufunc in (np.logical_or, np.maximum, np.fmax), lane, lines)
    if ufunc in EXTREMES and isinstance(lane, (Narrow, Dictionary)) and dtype == lane.dtype:
        codes = ordered_codes(lane)
        return None if codes is None else _decoded(lane, ufunc.reduce(codes.reshape(lines), axis=1))
    return None


def _decoded(lane: Coded, codes: Array) -> Array:
    return lane.rebuilt((codes.reshape(-1),), codes.size, None).decoded(0, codes.size)


def _truths(any_: bool, lane: Encoding, lines: tuple[int, int, int]) -> Array | None:
    """Return whether any element, or every one, along the middle axis is true; None where codes do not tell."""
    if isinstance(lane, Bits) and lane.dtype.kind == "b":
        numbers = _sums_of_bits(lane, lines)
        return numbers > 0 if any_ else numbers == lines[1]
    if not isinstance(lane, (Narrow, Dictionary)):
        return None
    zeros = _codes_of_zero(lane)
    if not zeros:
        return np.ones(lines[0] * lines[2], bool)
    codes = lane.codes.reshape(lines)
    if zeros == [0]:
        found: Array = (np.maximum if any_ else np.minimum).reduce(codes, axis=1) != 0
        return found
    marks = codes != lane.codes.dtype.type(zeros[0])
    for zero in zeros[1:]:
        marks &= codes != lane.codes.dtype.type(zero)
    return np.asarray((np.maximum if any_ else np.minimum).reduce(marks.view(np.uint8), axis=1).view(bool))


def _codes_of_zero(lane: Narrow | Dictionary) -> list[int]:
    """Return the codes that mean zero, of either sign, or nothing."""
    if isinstance(lane, Dictionary):
        # As the ufunc sees it: empty strings are false, too.
        true = np.logical_and.reduce(lane.table[:, None], axis=1)
        return np.flatnonzero(~true).tolist()  # type: ignore[no-any-return]
    code, rest = divmod(-lane.reference, lane.stride)
    return [code] if not rest and 0 <= code < 1 << 8 * lane.codes.itemsize else []


def _sums(lane: Narrow, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return sums of integers from the sums of codes, n*r + s*sum(c)."""
    length = lines[1]
    most = int(lane.codes.max())
    low, high = length * lane.reference, length * (lane.reference + lane.stride * most)
    if dtype.kind == "f" and not (holds(np.dtype(np.float64), min(low, 0), max(high, 0)) and dtype.itemsize == 8):
        return None
    sums = _summed_codes(lane.codes, lines)
    # Modulo 2**64, and then modulo the range of the dtype.
    sums *= np.uint64(lane.stride % (1 << 64))
    sums += np.uint64(low % (1 << 64))
    return sums.view(np.int64).astype(dtype) if dtype.kind == "f" else sums.astype(word_dtype(dtype)).view(dtype)


def _summed_codes(codes: Array, lines: tuple[int, int, int]) -> Array:
    """Return the sums of codes along the middle axis, as uint64."""
    outer, length, inner = lines
    if codes.dtype.itemsize == 4:
        sums = np.zeros(outer * inner, np.uint64)
        sum_lines_u4(codes, outer, length, inner, sums)
        return sums
    # In 32 bits, as many lines at a time as they can count.
    most = (1 << 32) // (1 << 8 * codes.dtype.itemsize)
    if length <= most or outer != 1:
        parts = np.zeros(outer * inner, np.uint32)
        if length <= most:
            sum_lines(codes, outer, length, inner, parts)
            return parts.astype(np.uint64)
        return np.concatenate([_summed_codes(line, (1, length, inner)) for line in codes.reshape(outer, -1)])
    total = np.zeros(inner, np.uint64)
    for start, stop in pieces(0, length, most):
        total += _summed_codes(codes[start * inner : stop * inner], (1, stop - start, inner))
    return total


def _sums_of_bits(lane: Bits, lines: tuple[int, int, int]) -> Array:
    """Return how many bits are set along the middle axis; bits are unpacked some at a time."""
    outer, length, inner = lines
    if outer == 1:
        total = np.zeros(inner, np.uint64)
        step = max(1, _UNPACKED // inner)
        for start, stop in pieces(0, length, step):
            total += _summed_codes(_unpacked(lane, start * inner, stop * inner), (1, stop - start, inner))
        return total.view(np.int64)
    plane = length * inner
    step = max(1, _UNPACKED // plane)
    found = [
        _summed_codes(_unpacked(lane, start * plane, stop * plane), (stop - start, length, inner))
        for start, stop in pieces(0, outer, step)
    ]
    return np.concatenate(found).view(np.int64)


def _unpacked(lane: Bits, start: int, stop: int) -> Array:
    out = np.empty(stop - start, bool)
    lane.decode(start, stop, out)
    return out.view(np.uint8)

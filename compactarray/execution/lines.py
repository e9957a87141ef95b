"""Reductions along axes from codes, where one encoding holds all elements."""

from math import prod
from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.execution import sparse_reduction
from compactarray.execution.even import FEW, evened
from compactarray.execution.lanes import integer
from compactarray.execution.run_lines import of_runs
from compactarray.execution.tally import lanes_of
from compactarray.execution.totals import EXTREMES, LOGIC, ordered_codes
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import pieces
from compactarray.kernels import sum_lines, sum_lines_u4
from compactarray.numerics.rules import holds, wrapped
from compactarray.numerics.words import word_dtype
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import View

#: Results up to this many elements; for more of them tiles bound the memory.
_MOST_RESULTS = 1 << 20
#: Elements that are reduced together where their codes have to be made, or some of them replaced.
_AT_ONCE = 1 << 20
#: The longest rows that are put together, how many of them at a time, and how many parts of sums of floats.
_WIDEST, _PARTS, _MOST_PARTS = 1 << 17, 8, 64
#: Lanes in which more than one element out of so many is an exception are decoded.
_RARE = 8
#: Bits that are unpacked together.
_UNPACKED = 1 << 22


def along_axes(ufunc: np.ufunc, view: View, axes: tuple[int, ...], dtype: np.dtype[Any]) -> Array | None:
    """Return ``ufunc.reduce(view, axis=axes)`` of `dtype` for a view in C order, or None where codes do not suffice.

    The reduced axes must be neighbours.
    """
    geometry = lines_of(view, axes)
    if geometry is None:
        return None
    kept, lines = geometry
    found = _sparse(ufunc, view, lines, dtype)
    if found is None:
        found = _of_codes(ufunc, view, lines, dtype)
    return None if found is None else found.reshape(kept).astype(dtype, copy=False)


def lines_of(view: View, axes: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, int, int]] | None:
    """Return the shape of a reduction, and the lengths of what comes before the reduced axes, of these and of what comes behind.

    None for a view that is not in C order or empty, for axes that are no neighbours, and for very many results.
    """
    shape = view.shape
    first, last = min(axes), max(axes)
    if last - first + 1 != len(axes) or not is_contiguous(shape, view.steps) or not isinstance(view.storage, BlockStorage):
        return None
    kept = (*shape[:first], *shape[last + 1 :])
    if not view.size or prod(kept) > _MOST_RESULTS:
        return None
    return kept, (prod(shape[:first]), prod(shape[axis] for axis in axes), prod(shape[last + 1 :]))


def _sparse(ufunc: np.ufunc, view: View, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    outer, length, inner = lines
    if outer != 1 and inner != 1:
        return None
    shape = (length, inner) if outer == 1 else (outer, length)
    flat = View(view.storage, shape, (shape[1], 1), view.offset)
    return sparse_reduction.reduced_axis(ufunc, flat, 0 if outer == 1 else 1, dtype)


def _of_codes(ufunc: np.ufunc, view: View, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    lane = only_lane(view)
    if isinstance(lane, Raw):
        # NumPy's own answer, to the bit: it reduces the values where they lie.
        reduced: Array = ufunc.reduce(lane.codes.reshape(lines), axis=1, dtype=_argument(dtype))
        return reduced
    found = None
    if lane is not None and lane.exceptions is None:
        found = _of_lane(ufunc, lane, lines, dtype)
    if found is None and (lane is None or lane.exceptions is not None or lane.folded):
        found = _by_rows(ufunc, view, lines, dtype)
    return found


def only_lane(view: View) -> Encoding | None:
    """Return the only lane of a view in C order."""
    found = lanes_of(View(view.storage, (view.size,), (1,), view.offset), runs=True)
    return found[0].lane if len(found) == 1 else None


def _by_rows(ufunc: np.ufunc, view: View, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return the reduction of several lanes, some whole rows at a time; None where codes do not suffice for one.

    Rows are lines if they are reduced, else what lies next to each other in all lines.
    """
    outer, length, inner = lines
    if (outer != 1 and inner != 1) or inner > _WIDEST or not (ufunc is np.add or ufunc in EXTREMES or ufunc in LOGIC):
        return None
    if ufunc is np.add and dtype.kind == "f" and inner > 1 and view.size > _MOST_PARTS * _AT_ONCE:
        # Parts are added one after the other, so that there must not be many of them.
        return None
    row, rows = (inner, length) if inner != 1 else (length, outer)
    assert isinstance(view.storage, BlockStorage)
    found: list[Array] = []
    at = 0
    while at < rows:
        first = view.offset + at * row
        end, lane = view.storage.lane(first, min(first + max(row, _AT_ONCE), view.offset + view.size))
        count = (end - first) // row
        if lane is None or not count:
            return None
        if lane.length != count * row:
            lane = lane.cut(0, count * row)
        part = _of_lane(ufunc, lane, (1, count, inner) if inner != 1 else (count, length, 1), dtype)
        if part is None:
            return None
        found.append(part.reshape(-1))
        at += count
        if inner != 1 and len(found) == _PARTS:
            found = [ufunc.reduce(np.array(found), axis=0, dtype=_argument(dtype))]
    if inner == 1:
        return np.concatenate(found)
    return np.asarray(ufunc.reduce(np.array(found), axis=0, dtype=_argument(dtype)))


def _argument(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return a dtype as a ufunc takes it: that of moments has a unit, which it does not take, and is what they have anyway."""
    return None if dtype.kind in "mM" else dtype


def _of_lane(ufunc: np.ufunc, lane: Encoding, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return the reduction of all elements of a lane, or None where its codes do not suffice."""
    if isinstance(lane, Runs):
        return of_runs(ufunc, lane, lines, dtype)
    if lane.exceptions is not None:
        return _with_exceptions(ufunc, lane, lines, dtype)
    if isinstance(lane, Constant):
        return _of_constant(ufunc, lane, lines, dtype)
    if ufunc is np.add and isinstance(lane, Narrow) and lane.dtype.kind in "iuf" and dtype.kind in "iuf":
        return _sums(lane, lines, dtype)
    if ufunc is np.add and isinstance(lane, Dictionary) and dtype.char == "d" and lines[1] >= FEW:
        even = evened(lane)
        sums = None if even is None else _sums(even.lane, lines, dtype)
        return None if even is None or sums is None else sums * even.step
    if ufunc is np.add and isinstance(lane, Bits) and lane.dtype.kind == "b" and dtype.kind in "iuf":
        return sums_of_bits(lane, lines)
    if dtype.kind == "b" and (ufunc in LOGIC or (ufunc in EXTREMES and lane.dtype.kind == "b")):
        return _truths(ufunc in (np.logical_or, np.maximum, np.fmax), lane, lines)
    if ufunc in EXTREMES and isinstance(lane, (Narrow, Dictionary)) and dtype == lane.dtype:
        codes = ordered_codes(lane)
        return None if codes is None else _decoded(lane, ufunc.reduce(codes.reshape(lines), axis=1))
    return None


def _of_constant(ufunc: np.ufunc, lane: Constant, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    outer, length, inner = lines
    if ufunc in EXTREMES or ufunc in LOGIC:
        return np.repeat(ufunc.reduce(lane.value, dtype=dtype, keepdims=True), outer * inner) if lane.dtype.kind in "biuf" else None
    value = integer(lane, lane.dtype) if lane.dtype.kind in "iuf" else int(lane.value[0]) if lane.dtype.kind == "b" else None
    if ufunc is not np.add or value is None or dtype.kind not in "iuf":
        return None
    total = value * length
    if dtype.kind == "f" and not holds(dtype, min(total, 0), max(total, 0)):
        return None
    return np.repeat(np.array([total if dtype.kind == "f" else wrapped(total, dtype)], dtype), outer * inner)


def _with_exceptions(ufunc: np.ufunc, lane: Encoding, lines: tuple[int, int, int], dtype: np.dtype[Any]) -> Array | None:
    """Return the reduction of a lane of not too many elements, a few of which are exceptions."""
    exceptions, (_, length, inner) = lane.exceptions, lines
    if exceptions is None or exceptions.count * _RARE > lane.length or not isinstance(lane, (Narrow, Dictionary)):
        return None
    positions, values = exceptions.places(0, lane.length)[2], exceptions.values.decoded(0, exceptions.count)
    bare = lane.rebuilt(lane.payload(), lane.length, None)
    assert isinstance(bare, (Narrow, Dictionary))
    if ufunc in LOGIC and dtype.kind == "b":
        # Anything but zero is true: exceptions become the code of one or the other.
        zeros = _codes_of_zero(bare)
        marks = bare.codes.copy() if zeros == [0] else _marks(bare, zeros)
        marks[positions] = values.astype(bool)
        return np.asarray((np.maximum if ufunc is np.logical_or else np.minimum).reduce(marks.reshape(lines), axis=1) != 0)
    line = positions // (length * inner) * inner + positions % inner
    if ufunc in EXTREMES and dtype == lane.dtype:
        codes = ordered_codes(bare)
        # A line of nothing but exceptions has no code that counts.
        if codes is None or np.bincount(line).max() == length:
            return None
        codes = codes.copy()
        codes[positions] = 0 if ufunc in (np.maximum, np.fmax) else np.iinfo(codes.dtype).max
        found = _decoded(bare, ufunc.reduce(codes.reshape(lines), axis=1).reshape(-1))
    elif ufunc is np.add and isinstance(bare, Narrow) and (sums := _of_lane(ufunc, bare, lines, dtype)) is not None:
        found = sums
        hidden = np.empty(exceptions.count, lane.dtype)
        lane.take_codes(positions, hidden)
        # Exact, or modulo the range of the dtype, as the sums are.
        np.subtract.at(found, line, hidden.astype(dtype))
    else:
        return None
    which, parts = _grouped(ufunc, line, values.astype(dtype, copy=False))
    found[which] = ufunc(found[which], parts)
    return found


def _grouped(ufunc: np.ufunc, line: Array, values: Array) -> tuple[Array, Array]:
    """Return the different lines, and the reduction of the values of each; those of floats are added in pairs."""
    if (line[1:] < line[:-1]).any():
        # Numbers of two bytes are sorted by counting.
        order = np.argsort(line.astype(np.uint16) if line.max() < 1 << 16 else line, kind="stable")
        line, values = line[order], values[order]
    firsts = np.flatnonzero(np.append(True, line[1:] != line[:-1]))
    return line[firsts], ufunc.reduceat(values, firsts)


def _marks(lane: Narrow | Dictionary, zeros: list[int]) -> Array:
    """Return bytes 1 for codes of a lane that do not mean zero, and 0 for those that do."""
    marks = np.ones(lane.length, bool)
    for zero in zeros:
        marks &= lane.codes != lane.codes.dtype.type(zero)
    return marks.view(np.uint8)


def _decoded(lane: Coded, codes: Array) -> Array:
    return lane.rebuilt((codes.reshape(-1),), codes.size, None).decoded(0, codes.size)


def _truths(any_: bool, lane: Encoding, lines: tuple[int, int, int]) -> Array | None:
    """Return whether any element, or every one, along the middle axis is true; None where codes do not tell."""
    if isinstance(lane, Bits) and lane.dtype.kind == "b":
        if _in_bytes(lane, lines):
            return _truths_of_bytes(any_, lane, lines)
        numbers = sums_of_bits(lane, lines)
        return numbers > 0 if any_ else numbers == lines[1]
    if not isinstance(lane, (Narrow, Dictionary)):
        return None
    zeros = _codes_of_zero(lane)
    if not zeros:
        return np.ones(lines[0] * lines[2], bool)
    marks = lane.codes if zeros == [0] else _marks(lane, zeros)
    return np.asarray((np.maximum if any_ else np.minimum).reduce(marks.reshape(lines), axis=1) != 0)


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
    sums = summed_codes(lane.codes, lines)
    # Modulo 2**64, and then modulo the range of the dtype.
    sums *= np.uint64(lane.stride % (1 << 64))
    sums += np.uint64(low % (1 << 64))
    return sums.view(np.int64).astype(dtype) if dtype.kind == "f" else sums.astype(word_dtype(dtype)).view(dtype)


def summed_codes(codes: Array, lines: tuple[int, int, int]) -> Array:
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
        return np.concatenate([summed_codes(line, (1, length, inner)) for line in codes.reshape(outer, -1)])
    total = np.zeros(inner, np.uint64)
    for start, stop in pieces(0, length, most):
        total += summed_codes(codes[start * inner : stop * inner], (1, stop - start, inner))
    return total


def _in_bytes(lane: Bits, lines: tuple[int, int, int]) -> bool:
    """Tell whether each byte of bits belongs to one row."""
    outer, length, inner = lines
    return not (length if inner == 1 else inner) % 8 and (inner == 1 or outer == 1) and not lane.length % 8


def _truths_of_bytes(any_: bool, lane: Bits, lines: tuple[int, int, int]) -> Array:
    """Return whether any bit, or every one, along the middle axis is set, eight of them at a time."""
    combine = np.bitwise_or if any_ else np.bitwise_and
    if lines[2] == 1:
        packed = _in_words(lane.packed, lines[1])
        found = combine.reduce(packed.reshape(lines[0], -1), axis=1)
        return np.asarray(found != 0 if any_ else found == np.iinfo(packed.dtype).max)
    found = combine.reduce(_in_words(lane.packed, lines[2]).reshape(lines[1], -1), axis=0)
    return np.unpackbits(found.view(np.uint8), bitorder="little").view(bool)


def _in_words(packed: Array, row: int) -> Array:
    """Return packed bits as machine words, where rows of so many bits are whole ones."""
    return packed.view(np.uint64) if not row % 64 else packed


def sums_of_bits(lane: Bits, lines: tuple[int, int, int]) -> Array:
    """Return how many bits are set along the middle axis; where bits are unpacked, some at a time."""
    outer, length, inner = lines
    if inner == 1 and _in_bytes(lane, lines):
        packed = _in_words(lane.packed, length)
        return summed_codes(np.bitwise_count(packed), (outer, packed.size // outer, 1)).view(np.int64)
    if outer == 1:
        total = np.zeros(inner, np.uint64)
        step = max(1, _UNPACKED // inner)
        for start, stop in pieces(0, length, step):
            total += summed_codes(_unpacked(lane, start * inner, stop * inner), (1, stop - start, inner))
        return total.view(np.int64)
    plane = length * inner
    step = max(1, _UNPACKED // plane)
    found = [
        summed_codes(_unpacked(lane, start * plane, stop * plane), (stop - start, length, inner))
        for start, stop in pieces(0, outer, step)
    ]
    return np.concatenate(found).view(np.int64)


def _unpacked(lane: Bits, start: int, stop: int) -> Array:
    out = np.empty(stop - start, bool)
    lane.decode(start, stop, out)
    return out.view(np.uint8)

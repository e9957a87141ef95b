"""Sparse algebra: sums, products with vectors and transposition of what coordinates hold, row by row.

A matrix of `length` columns is a flat stretch; its stored elements are `values` with a pattern (see
`kernels.coordinates`) in which block 0 begins at address `start`. Sums are compensated: the rounding error
of each addition is found exactly (Knuth's two-sum) and added in the end, so that the error of the whole
does not grow with the number of terms. For integers that error is always 0, and all is modulo 2**64.
"""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel
from compactarray.kernels.coordinates import addresses as locate

Array = np.ndarray[Any, Any]

_NUMBERS = ("f8", "i8")
_WORDS = ("u1", "u2", "u4", "u8")


def places_of(positions: Array, offsets: Array, block_length: int, start: int, length: int) -> tuple[Array, Array]:
    """Return the rows and columns of all stored elements."""
    found = np.empty(positions.size, np.int64)
    locate.twin(positions, offsets, block_length, start, found)
    rows, columns = np.divmod(found, length)
    return rows, columns


def two_sum(left: Array, right: Array) -> tuple[Array, Array]:
    """Return sums and their rounding errors, which are exact."""
    total = left + right
    part = total - left
    return total, (left - (total - part)) + (right - part)


def groups_of(index: Array) -> Array:
    """Return where each different number of `index`, which ascends, comes first."""
    return np.concatenate([[0], np.flatnonzero(index[1:] != index[:-1]) + 1])


def _add_grouped(index: Array, terms: Array, totals: Array) -> None:
    """Add terms to pairs of a total and its error; `index`, which ascends, tells to which."""
    first = groups_of(index)
    # NumPy adds in pairs here, as it does in a sum.
    places, sums = index[first], np.add.reduceat(terms, first)
    total, slips = two_sum(totals[2 * places], sums)
    totals[2 * places] = total
    totals[2 * places + 1] += slips


def _by_column(columns: Array, length: int) -> Array:
    """Return the order that sorts by column and keeps the rows of each in order; quick where 16 bits suffice."""
    return np.argsort(columns.astype(np.uint16) if length <= 1 << 16 else columns, kind="stable")


def _times_vector(values, positions, offsets, block_length, start, length, vector, step, group, totals):  # type: ignore[no-untyped-def]
    # Up to `group` terms of a row are added plainly before they go to the total.
    row, end = np.int64(0), np.int64(0)
    zero, one = values.dtype.type(0), np.uint64(1)
    for block in range(offsets.size - 1):
        base = start + block * block_length
        i, last = np.uint64(offsets[block]), np.uint64(offsets[block + 1])
        while i < last:
            address = base + np.int64(positions[i])
            if address >= end:
                row = address // length
                end = (row + 1) * length
            bound, left = np.uint64(end - base), end - length - base
            stop = min(last, i + np.uint64(group))
            term = zero
            if step:
                while i < stop and np.uint64(positions[i]) < bound:
                    term += values[i] * vector[np.uint64(np.int64(positions[i]) - left)]
                    i += one
            else:
                while i < stop and np.uint64(positions[i]) < bound:
                    term += values[i] * vector[0]
                    i += one
            before = totals[2 * row]
            total = before + term
            part = total - before
            totals[2 * row] = total
            totals[2 * row + 1] += (before - (total - part)) + (term - part)
    return 0


def _times_vector_twin(
    values: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    start: int,
    length: int,
    vector: Array,
    step: int,
    group: int,
    totals: Array,
) -> int:
    rows, columns = places_of(positions, offsets, block_length, start, length)
    _add_grouped(rows, values * vector[columns * step], totals)
    return 0


def _vector_times(values, positions, offsets, block_length, start, length, vector, step, totals):  # type: ignore[no-untyped-def]
    end, one = np.int64(0), np.uint64(1)
    factor = values[0]
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            if address >= end:
                row = address // length
                end = (row + 1) * length
                factor = vector[row * step]
            place = np.uint64(2 * (address - end + length))
            term = values[i] * factor
            before = totals[place]
            total = before + term
            part = total - before
            totals[place] = total
            totals[place + one] += (before - (total - part)) + (term - part)
    return 0


def _vector_times_twin(
    values: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    start: int,
    length: int,
    vector: Array,
    step: int,
    totals: Array,
) -> int:
    rows, columns = places_of(positions, offsets, block_length, start, length)
    order = _by_column(columns, length)
    _add_grouped(columns[order], (values * vector[rows * step])[order], totals)
    return 0


def _sum_columns(values, positions, offsets, block_length, start, length, totals):  # type: ignore[no-untyped-def]
    # One after the other, as NumPy adds rows.
    end = np.int64(0)
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            if address >= end:
                end = (address // length + 1) * length
            totals[np.uint64(address - end + length)] += values[i]
    return 0


def _sum_columns_twin(
    values: Array, positions: Array, offsets: Array, block_length: int, start: int, length: int, totals: Array
) -> int:
    np.add.at(totals, places_of(positions, offsets, block_length, start, length)[1], values)
    return 0


def _count_columns(positions, offsets, block_length, start, length, counts):  # type: ignore[no-untyped-def]
    end = np.int64(0)
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            if address >= end:
                end = (address // length + 1) * length
            counts[np.uint64(address - end + length)] += 1
    return 0


def _count_columns_twin(positions: Array, offsets: Array, block_length: int, start: int, length: int, counts: Array) -> int:
    counts += np.bincount(places_of(positions, offsets, block_length, start, length)[1], minlength=length)
    return 0


def _extremes(values, positions, offsets, block_length, start, length, greatest, out, counts):  # type: ignore[no-untyped-def]
    # A value that is not equal to itself is NaN, and stays: nothing is greater or less.
    end = np.int64(0)
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            if address >= end:
                end = (address // length + 1) * length
            column = np.uint64(address - end + length)
            value, before = values[i], out[column]
            if (value > before if greatest else value < before) or value != value:
                out[column] = value
            counts[column] += 1
    return 0


def _extremes_twin(
    values: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    start: int,
    length: int,
    greatest: int,
    out: Array,
    counts: Array,
) -> int:
    columns = places_of(positions, offsets, block_length, start, length)[1]
    with np.errstate(invalid="ignore"):
        (np.maximum if greatest else np.minimum).at(out, columns, values)
    counts += np.bincount(columns, minlength=length)
    return 0


def _transpose(  # type: ignore[no-untyped-def]
    words, positions, offsets, block_length, shift, start, length, height, places, out, out_positions, out_counts
):
    # A counting sort: `places` tells where the next element of each column goes.
    row, end = np.int64(0), np.int64(0)
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            if address >= end:
                row = address // length
                end = (row + 1) * length
            column = np.uint64(address - end + length)
            place = places[column]
            places[column] = place + 1
            address = np.int64(column) * height + row
            there = address >> shift if shift >= 0 else address // block_length
            out[np.uint64(place)] = words[i]
            out_positions[np.uint64(place)] = address - there * block_length
            out_counts[np.uint64(there)] += 1
    return 0


def _transpose_twin(
    words: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    shift: int,
    start: int,
    length: int,
    height: int,
    places: Array,
    out: Array,
    out_positions: Array,
    out_counts: Array,
) -> int:
    rows, columns = places_of(positions, offsets, block_length, start, length)
    order = _by_column(columns, length)
    sorted_columns = columns[order]
    first = np.searchsorted(sorted_columns, sorted_columns)
    where = places[sorted_columns] + np.arange(order.size) - first
    addresses = sorted_columns * height + rows[order]
    blocks = addresses >> shift if shift >= 0 else addresses // block_length
    out[where], out_positions[where] = words[order], (addresses - blocks * block_length).astype(np.uint16)
    out_counts += np.bincount(blocks, minlength=out_counts.size)
    places += np.bincount(columns, minlength=length)
    return 0


#: ``(values, pattern, block length, start, length, vector, step, totals)``: of each row the sum of its elements
#: times those of the vector (one for all columns where `step` is 0), added to pairs of a total and its error.
times_vector = Kernel(_times_vector, _times_vector_twin, ("rT", "ru2", "ri8", "si8", "si8", "si8", "rT", "si8", "si8", "wT"), _NUMBERS)
#: As `times_vector`, of each column and with an element of the vector for each row.
vector_times = Kernel(_vector_times, _vector_times_twin, ("rT", "ru2", "ri8", "si8", "si8", "si8", "rT", "si8", "wT"), _NUMBERS)
#: ``(values, pattern, block length, start, length, totals)``: each column's elements added to its total in order of rows.
sum_columns = Kernel(_sum_columns, _sum_columns_twin, ("rT", "ru2", "ri8", "si8", "si8", "si8", "wT"), ("f4", "f8", "i8"))
#: ``(positions, offsets, block length, start, length, counts)``: how many elements each column has, added.
count_columns = Kernel(_count_columns, _count_columns_twin, ("ru2", "ri8", "si8", "si8", "si8", "wi8"), ("u2",))
#: ``(values, pattern, block length, start, length, greatest, out, counts)``: the greatest (or, where that is 0, the
#: least) of each column and of `out`, which is overwritten; and how many elements each has, added.
extremes = Kernel(_extremes, _extremes_twin, ("rT", "ru2", "ri8", "si8", "si8", "si8", "si8", "wT", "wi8"), _NUMBERS)
#: ``(words, pattern, block length, shift, start, length, height, places, out, out positions, out counts)``: elements by
#: columns; `places` tells where each column goes, the counts of the new blocks are added. `shift` is the binary
#: logarithm of the block length, or -1 where that is no whole number.
transpose = Kernel(
    _transpose,
    _transpose_twin,
    ("rT", "ru2", "ri8", "si8", "si8", "si8", "si8", "si8", "wi8", "wT", "wu2", "wi8"),
    _WORDS,
)

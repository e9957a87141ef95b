"""Products of sparse matrices with dense ones and with each other; see `kernels.sparse` for how they are given."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel
from compactarray.kernels.sparse import groups_of, places_of, two_sum

Array = np.ndarray[Any, Any]

_NUMBERS = ("f8", "i8")


def _folded(index: Array, terms: Array) -> tuple[Array, Array, Array]:
    """Return the different numbers of `index`, which ascends, and for each the sum of its terms and its error.

    Neighbours of one index are added in pairs until there are none.
    """
    errors = np.zeros_like(terms)
    while index.size > 1:
        first = groups_of(index)
        if first.size == index.size:
            break
        lengths = np.diff(first, append=index.size)
        even = (np.arange(index.size) - np.repeat(first, lengths)) % 2 == 0
        left = np.flatnonzero(even)
        paired = left[np.repeat(first + lengths, lengths)[left] > left + 1]
        totals, slips = two_sum(terms[paired], terms[paired + 1])
        terms, errors = terms.copy(), errors.copy()
        terms[paired] = totals
        errors[paired] += errors[paired + 1] + slips
        index, terms, errors = index[left], terms[left], errors[left]
    return index, terms, errors


def _times_matrix(  # type: ignore[no-untyped-def]
    values, positions, offsets, block_length, start, length, matrix, width, group, part, totals, errors
):
    # As `_times_vector`, with a row of sums for each row; `part` is where the plain ones are made.
    row, end, one = np.int64(0), np.int64(0), np.uint64(1)
    part = part[:width]
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
            first = (np.int64(positions[i]) - left) * width
            factors = matrix[first : first + width]
            value = values[i]
            for k in range(width):
                part[k] = value * factors[k]
            i += one
            while i < stop and np.uint64(positions[i]) < bound:
                first = (np.int64(positions[i]) - left) * width
                factors = matrix[first : first + width]
                value = values[i]
                for k in range(width):
                    part[k] += value * factors[k]
                i += one
            row_totals = totals[row * width : (row + 1) * width]
            row_errors = errors[row * width : (row + 1) * width]
            for k in range(width):
                term, before = part[k], row_totals[k]
                total = before + term
                rest = total - before
                row_totals[k] = total
                row_errors[k] += (before - (total - rest)) + (term - rest)
    return 0


def _times_matrix_twin(
    values: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    start: int,
    length: int,
    matrix: Array,
    width: int,
    group: int,
    part: Array,
    totals: Array,
    errors: Array,
) -> int:
    rows, columns = places_of(positions, offsets, block_length, start, length)
    matrix, totals, errors = (array.reshape(-1, width) for array in (matrix, totals, errors))
    most = max(1, (1 << 20) // width)
    for low in range(0, rows.size, most):
        chosen = slice(low, low + most)
        places, sums, slips = _folded(rows[chosen], values[chosen, None] * matrix[columns[chosen]])
        totals[places], more = two_sum(totals[places], sums)
        errors[places] += slips + more
    return 0


def _inner(values, positions, offsets, others, other_positions, other_offsets, group, room, totals):  # type: ignore[no-untyped-def]
    # The second pattern's block is laid out in `room`, which is zeros before and after: no search for what both have.
    for block in range(offsets.size - 1):
        first, last = np.uint64(offsets[block]), np.uint64(offsets[block + 1])
        other_first, other_last = np.uint64(other_offsets[block]), np.uint64(other_offsets[block + 1])
        for j in range(other_first, other_last):
            room[other_positions[j]] = others[j]
        while first < last:
            stop = min(last, first + np.uint64(group))
            term = values[first] * room[positions[first]]
            for i in range(first + np.uint64(1), stop):
                term += values[i] * room[positions[i]]
            first = stop
            before = totals[0]
            total = before + term
            part = total - before
            totals[0] = total
            totals[1] += (before - (total - part)) + (term - part)
        for j in range(other_first, other_last):
            room[other_positions[j]] = 0
    return 0


def _inner_twin(
    values: Array,
    positions: Array,
    offsets: Array,
    others: Array,
    other_positions: Array,
    other_offsets: Array,
    group: int,
    room: Array,
    totals: Array,
) -> int:
    for block in range(offsets.size - 1):
        ours, theirs = slice(*offsets[block : block + 2]), slice(*other_offsets[block : block + 2])
        room[other_positions[theirs]] = others[theirs]
        total, slip = two_sum(totals[:1], np.array([(values[ours] * room[positions[ours]]).sum()]))
        totals[:1] = total
        totals[1:] += slip
        room[other_positions[theirs]] = 0
    return 0


def _multiply(  # type: ignore[no-untyped-def]
    values, starts, columns, others, other_starts, other_columns, width, plain, totals, marks, touched, out, out_addresses
):
    # Gustavson: a row of the product is the sum of rows of the right matrix, in `totals`. Which columns it
    # touches is noted, in order of time and as bits; whichever is quicker to bring into order is used.
    count = np.int64(0)
    one = np.uint64(1)
    for row in range(starts.size - 1):
        number = np.int64(0)
        for i in range(starts[row], starts[row + 1]):
            value, middle = values[i], columns[i]
            for j in range(np.uint64(other_starts[middle]), np.uint64(other_starts[middle + 1])):
                column = np.uint64(other_columns[j])
                place, bit = column >> np.uint64(6), one << (column & np.uint64(63))
                if not marks[place] & bit:
                    marks[place] |= bit
                    touched[number] = other_columns[j]
                    number += 1
                twice = column * np.uint64(2)
                term, before = value * others[j], totals[twice]
                total = before + term
                totals[twice] = total
                if not plain:
                    part = total - before
                    totals[twice + one] += (before - (total - part)) + (term - part)
        if number * number < marks.size + 64:
            for k in range(1, number):
                latest, left = touched[k], k
                while left > 0 and touched[left - 1] > latest:
                    touched[left] = touched[left - 1]
                    left -= 1
                touched[left] = latest
        else:
            number = np.int64(0)
            for k in range(marks.size):
                if marks[k]:
                    for digit in range(64):
                        touched[number] = k * 64 + digit
                        number += (marks[k] >> np.uint64(digit)) & one != 0
        for k in range(number):
            found = touched[k]
            out[count] = totals[2 * found] + totals[2 * found + 1]
            out_addresses[count] = row * width + found
            count += 1
            totals[2 * found] = totals[2 * found + 1] = 0
            marks[found >> 6] = 0
    return count


def _multiply_twin(
    values: Array,
    starts: Array,
    columns: Array,
    others: Array,
    other_starts: Array,
    other_columns: Array,
    width: int,
    plain: int,
    totals: Array,
    marks: Array,
    touched: Array,
    out: Array,
    out_addresses: Array,
) -> int:
    rows = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    numbers = other_starts[columns + 1] - other_starts[columns]
    first = np.cumsum(numbers) - numbers
    inner = np.arange(int(numbers.sum())) - np.repeat(first, numbers) + np.repeat(other_starts[columns], numbers)
    addresses = np.repeat(rows * width, numbers) + other_columns[inner]
    terms = np.repeat(values, numbers) * others[inner]
    order = np.argsort(addresses, kind="stable")
    places, sums, errors = _folded(addresses[order], terms[order])
    out[: places.size], out_addresses[: places.size] = sums + errors, places
    return int(places.size)


#: ``(values, pattern, block length, start, length, matrix, width, group, part, totals, errors)``: the product with a
#: dense matrix of `width` columns; `part` is one row of working space, `group` how many terms are added plainly.
times_matrix = Kernel(
    _times_matrix,
    _times_matrix_twin,
    ("rT", "ru2", "ri8", "si8", "si8", "si8", "rT", "si8", "si8", "wT", "wT", "wT"),
    _NUMBERS,
)
#: ``(values, positions, offsets, others, other positions, other offsets, group, room, totals)``: the sum of products of
#: what two patterns of one block length both have, added to a total and its error; `room` is a block of zeros.
inner = Kernel(_inner, _inner_twin, ("rT", "ru2", "ri8", "rT", "ru2", "ri8", "si8", "wT", "wT"), _NUMBERS)
#: ``(values, starts, columns, others, other starts, other columns, width, totals, marks, touched, out, addresses) ->
#: count``: the product of two matrices that are kept by rows; `totals` and `marks` are zeros, before and after.
multiply = Kernel(
    _multiply,
    _multiply_twin,
    ("rT", "ri8", "ri8", "rT", "ri8", "ri8", "si8", "si8", "wT", "wu8", "wi8", "wT", "wi8"),
    _NUMBERS,
)

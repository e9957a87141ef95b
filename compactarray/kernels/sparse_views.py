"""Views of sparse stretches: which stored elements a view has, and where they are in it."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel
from compactarray.kernels.coordinates import addresses as locate

Array = np.ndarray[Any, Any]


def _pick(words, positions, offsets, block_length, start, steps, lengths, weights, base, turned, out, out_addresses):  # type: ignore[no-untyped-def]
    # The slower axes are looked at when the fastest one has come to its end. Its step is divided by as a float: a
    # quotient below 2**51 that is an integer comes out within half of it, and no other one gives the product.
    # Each element is written to the place of the next one, and counts or not: branches would be guessed wrong.
    # Where rows are `turned`, each is brought into the opposite order when the next one begins.
    count, begun, one = np.uint64(0), np.uint64(0), np.uint64(1)
    last = steps.size - 1
    step, length, weight = steps[last], lengths[last], weights[last]
    share = 1.0 / np.float64(step)
    first, end, row = np.int64(0), np.int64(-1), np.int64(0)
    inside = False
    for block in range(offsets.size - 1):
        left = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = left + np.int64(positions[i])
            if address >= end:
                if turned:
                    low, high = begun, count
                    while low + one < high:
                        high -= one
                        out[low], out[high] = out[high], out[low]
                        out_addresses[low], out_addresses[high] = out_addresses[high], out_addresses[low]
                        low += one
                    begun = count
                rest, row, inside = address, base, True
                end = np.int64(1) << np.int64(62)
                for k in range(last):
                    index = rest // steps[k]
                    rest -= index * steps[k]
                    row += index * weights[k]
                    inside = inside and 0 <= index < lengths[k]
                    end = min(end, address - rest + steps[k])
                first = address - rest
            if inside:
                index = np.int64(np.float64(address - first) * share + 0.5)
                out[count] = words[i]
                out_addresses[count] = row + index * weight
                count += np.uint64((index * step == address - first) & (index >= 0) & (index < length))
    if turned:
        low, high = begun, count
        while low + one < high:
            high -= one
            out[low], out[high] = out[high], out[low]
            out_addresses[low], out_addresses[high] = out_addresses[high], out_addresses[low]
            low += one
    return count


def _pick_twin(
    words: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    start: int,
    steps: Array,
    lengths: Array,
    weights: Array,
    base: int,
    turned: int,
    out: Array,
    out_addresses: Array,
) -> int:
    rest = np.empty(positions.size, np.int64)
    locate.twin(positions, offsets, block_length, start, rest)
    rows = rest // int(steps[-2]) if turned and steps.size > 1 else np.zeros_like(rest)
    kept, places = np.ones(rest.size, bool), np.full(rest.size, base, np.int64)
    for step, length, weight in zip(steps.tolist(), lengths.tolist(), weights.tolist(), strict=True):
        index = rest // step
        rest -= index * step
        kept &= (index >= 0) & (index < length)
        places += index * weight
    kept &= rest == 0
    chosen = np.flatnonzero(kept)
    if turned:
        chosen = chosen[np.lexsort((-chosen, rows[chosen]))]
    out[: chosen.size], out_addresses[: chosen.size] = words[chosen], places[chosen]
    return int(chosen.size)


def _lay(words, positions, offsets, block_length, start, length, width, left, places, out, out_addresses):  # type: ignore[no-untyped-def]
    row, end, place, one = np.int64(-1), np.int64(0), np.uint64(0), np.uint64(1)
    shift = np.int64(0)
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            if address >= end:
                row = address // length
                end = (row + 1) * length
                shift = row * (width - length) + left
                place = np.uint64(places[row])
            out[place] = words[i]
            out_addresses[place] = address + shift
            place += one
    return 0


def _lay_twin(
    words: Array,
    positions: Array,
    offsets: Array,
    block_length: int,
    start: int,
    length: int,
    width: int,
    left: int,
    places: Array,
    out: Array,
    out_addresses: Array,
) -> int:
    found = np.empty(positions.size, np.int64)
    locate.twin(positions, offsets, block_length, start, found)
    rows = found // length
    there = places[rows] + np.arange(rows.size) - rows.searchsorted(rows)
    out[there], out_addresses[there] = words, found + rows * (width - length) + left
    return 0


def _distribute(words, addresses, shift, places, out, out_addresses):  # type: ignore[no-untyped-def]
    mask = places.size - 1
    for i in range(addresses.size):
        places[(addresses[i] >> shift) & mask] += 1
    total = np.int64(0)
    for k in range(places.size):
        number = places[k]
        places[k] = total
        total += number
    for i in range(addresses.size):
        digit = (addresses[i] >> shift) & mask
        place = np.uint64(places[digit])
        places[digit] += 1
        out[place] = words[i]
        out_addresses[place] = addresses[i]
    return 0


def _distribute_twin(words: Array, addresses: Array, shift: int, places: Array, out: Array, out_addresses: Array) -> int:
    digits = (addresses >> shift) & (places.size - 1)
    order = np.argsort(digits.astype(np.uint16), kind="stable")
    out[...], out_addresses[...] = words[order], addresses[order]
    return 0


#: ``(words, addresses, shift, places, out, out addresses)``: one pass of a sort by digits: elements in the order of one
#: digit of their addresses, which begins at bit `shift`; `places` are as many zeros as the digit has values, a power of 2.
distribute = Kernel(_distribute, _distribute_twin, ("rT", "ri8", "si8", "wi8", "wT", "wi8"), ("u1", "u2", "u4", "u8"))
#: ``(words, pattern, block length, start, length, width, left, places, out, addresses)``: rows of `length` elements laid
#: into rows of `width`, from column `left` on; the first element of each row goes to its place, the others follow.
lay = Kernel(
    _lay,
    _lay_twin,
    ("rT", "ru2", "ri8", "si8", "si8", "si8", "si8", "si8", "ri8", "wT", "wi8"),
    ("u1", "u2", "u4", "u8"),
)
#: ``(words, pattern, block length, start, steps, lengths, weights, base, turned, out, addresses) -> count``: the elements in a
#: view whose axes, the slowest first, have these positive steps and lengths; an element at index (i, j ...) goes to
#: ``base + i * weights[0] + j * weights[1] ...``. Addresses count from the view's lowest one.
pick = Kernel(
    _pick,
    _pick_twin,
    ("rT", "ru2", "ri8", "si8", "si8", "ri8", "ri8", "ri8", "si8", "si8", "wT", "wi8"),
    ("u1", "u2", "u4", "u8"),
)

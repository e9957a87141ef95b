"""Views of sparse stretches: which stored elements a view has, and where they are in it."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel
from compactarray.kernels.coordinates import addresses as locate

Array = np.ndarray[Any, Any]


def _pick(words, positions, offsets, block_length, start, steps, lengths, weights, base, out, out_addresses):  # type: ignore[no-untyped-def]
    # The slower axes are looked at when the fastest one has come to its end; a step of 1 needs no division.
    count, one = np.uint64(0), np.uint64(1)
    last = steps.size - 1
    step, length, weight = steps[last], lengths[last], weights[last]
    first, end, row = np.int64(0), np.int64(-1), np.int64(0)
    inside = False
    for block in range(offsets.size - 1):
        left = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = left + np.int64(positions[i])
            if address >= end:
                rest, row, inside = address, base, True
                end = np.int64(1) << np.int64(62)
                for k in range(last):
                    index = rest // steps[k]
                    rest -= index * steps[k]
                    row += index * weights[k]
                    inside = inside and index < lengths[k]
                    end = address - rest + steps[k]
                first = address - rest
            if inside:
                index = address - first
                if step != 1:
                    whole = index // step
                    index = whole if whole * step == index else length
                if index < length:
                    out[count] = words[i]
                    out_addresses[count] = row + index * weight
                    count += one
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
    out: Array,
    out_addresses: Array,
) -> int:
    rest = np.empty(positions.size, np.int64)
    locate.twin(positions, offsets, block_length, start, rest)
    kept, places = np.ones(rest.size, bool), np.full(rest.size, base, np.int64)
    for step, length, weight in zip(steps.tolist(), lengths.tolist(), weights.tolist(), strict=True):
        index = rest // step
        rest -= index * step
        kept &= index < length
        places += index * weight
    kept &= rest == 0
    count = int(np.count_nonzero(kept))
    out[:count], out_addresses[:count] = words[kept], places[kept]
    return count


#: ``(words, pattern, block length, start, steps, lengths, weights, base, out, addresses) -> count``: the elements in a
#: view whose axes, the slowest first, have these positive steps and lengths; an element at index (i, j ...) goes to
#: ``base + i * weights[0] + j * weights[1] ...``. Addresses count from the view's lowest one, and none lies below it.
pick = Kernel(
    _pick,
    _pick_twin,
    ("rT", "ru2", "ri8", "si8", "si8", "ri8", "ri8", "ri8", "si8", "wT", "wi8"),
    ("u1", "u2", "u4", "u8"),
)

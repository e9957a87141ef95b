"""Elements in coordinate form: out of a block, back over one, and patterns of several merged.

A *pattern* is a `positions` array (16 bits, within blocks, ascending within each) and an `offsets` array
(where each block's positions begin, and where the last one's end), as `encodings.exceptions` keeps them.
Indices are unsigned where it matters: numba then need not provide for negative ones, which count from the end.
"""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


def _put_bits(positions, offsets, block_length, values, packed):  # type: ignore[no-untyped-def]
    values = values[: positions.size]
    for block in range(offsets.size - 1):
        base = block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            shift = np.uint8(address & 7)
            byte = packed[np.uint64(address >> 3)] & ~(np.uint8(1) << shift)
            packed[np.uint64(address >> 3)] = byte | (np.uint8(values[i]) << shift)
    return 0


def _put_bits_twin(positions: Array, offsets: Array, block_length: int, values: Array, packed: Array) -> int:
    places = np.empty(positions.size, np.int64)
    _addresses_twin(positions, offsets, block_length, 0, places)
    marks = np.unpackbits(packed, bitorder="little")
    marks[places] = values
    packed[:] = np.packbits(marks, bitorder="little")
    return 0


_WORDS = ("u1", "u2", "u4", "u8")


def _collect(words, fill, positions, values):  # type: ignore[no-untyped-def]
    # Without a branch: every element is written, and counted where it is to stay.
    count = 0
    for i in range(words.size):
        word = words[i]
        positions[count] = i
        values[count] = word
        count += word != fill
    return count


def _collect_twin(words: Array, fill: Any, positions: Array, values: Array) -> int:
    found = np.flatnonzero(words != fill)
    positions[: found.size] = found
    values[: found.size] = words[found]
    return int(found.size)


def _part(codes, base, positions, numbers, rest):  # type: ignore[no-untyped-def]
    # Without a branch, as above.
    rest = rest[: codes.size]
    count, zero = 0, base ^ base
    for i in range(codes.size):
        code = codes[i]
        above = code >= base
        positions[count] = i
        numbers[count] = code
        count += above
        rest[i] = zero if above else code
    return count


def _part_twin(codes: Array, base: Any, positions: Array, numbers: Array, rest: Array) -> int:
    above = codes >= base
    found = np.flatnonzero(above)
    positions[: found.size] = found
    numbers[: found.size] = codes[found]
    np.copyto(rest, codes)
    rest[above] = 0
    return int(found.size)


def _overlay(values, positions, start, out):  # type: ignore[no-untyped-def]
    values = values[: positions.size]
    for i in range(positions.size):
        out[np.int64(positions[i]) - start] = values[i]
    return 0


def _overlay_twin(values: Array, positions: Array, start: int, out: Array) -> int:
    out[positions.astype(np.intp) - start] = values
    return 0


def _merge(  # type: ignore[no-untyped-def]
    words, fill, positions, offsets, others, other_fill, other_positions, other_offsets, out, other_out, out_positions, out_offsets
):
    # Which of two positions comes first cannot be predicted, so there is no branch on it: `before` and
    # `after` are -1 where the first pattern's position is the lesser or the greater one, else 0. And as each
    # step waits for the one before, two blocks are merged at a time, one of each half; the second half is
    # moved up to the first in the end.
    one = np.uint64(1)
    blocks = offsets.size - 1
    half = (blocks + 1) // 2
    split = np.uint64(offsets[half] + other_offsets[half])
    k, k2 = np.uint64(0), split
    out_offsets[0] = 0
    for block in range(half):
        second = block + half
        i, end = np.uint64(offsets[block]), np.uint64(offsets[block + 1])
        j, other_end = np.uint64(other_offsets[block]), np.uint64(other_offsets[block + 1])
        i2 = end2 = j2 = other_end2 = np.uint64(0)
        if second < blocks:
            i2, end2 = np.uint64(offsets[second]), np.uint64(offsets[second + 1])
            j2, other_end2 = np.uint64(other_offsets[second]), np.uint64(other_offsets[second + 1])
        while i < end and j < other_end and i2 < end2 and j2 < other_end2:
            there, there2 = np.int64(other_positions[j]), np.int64(other_positions[j2])
            difference, difference2 = np.int64(positions[i]) - there, np.int64(positions[i2]) - there2
            before, before2 = difference >> 63, difference2 >> 63
            after, after2 = (-difference) >> 63, (-difference2) >> 63
            out_positions[k] = there + (difference & before)
            out[k] = fill ^ ((words[i] ^ fill) & ~np.uint64(after))
            other_out[k] = other_fill ^ ((others[j] ^ other_fill) & ~np.uint64(before))
            out_positions[k2] = there2 + (difference2 & before2)
            out[k2] = fill ^ ((words[i2] ^ fill) & ~np.uint64(after2))
            other_out[k2] = other_fill ^ ((others[j2] ^ other_fill) & ~np.uint64(before2))
            i, i2 = i + np.uint64(1 + after), i2 + np.uint64(1 + after2)
            j, j2 = j + np.uint64(1 + before), j2 + np.uint64(1 + before2)
            k, k2 = k + one, k2 + one
        for _ in range(2):  # what is left of one, and after the exchange below of the other
            while i < end and j < other_end:
                there = np.int64(other_positions[j])
                difference = np.int64(positions[i]) - there
                before, after = difference >> 63, (-difference) >> 63
                out_positions[k] = there + (difference & before)
                out[k] = fill ^ ((words[i] ^ fill) & ~np.uint64(after))
                other_out[k] = other_fill ^ ((others[j] ^ other_fill) & ~np.uint64(before))
                i, j, k = i + np.uint64(1 + after), j + np.uint64(1 + before), k + one
            while i < end:
                out_positions[k], out[k], other_out[k] = positions[i], words[i], other_fill
                i, k = i + one, k + one
            while j < other_end:
                out_positions[k], out[k], other_out[k] = other_positions[j], fill, others[j]
                j, k = j + one, k + one
            i, end, j, other_end, k, i2, end2, j2, other_end2, k2 = i2, end2, j2, other_end2, k2, i, end, j, other_end, k
        out_offsets[block + 1] = k
        if second < blocks:
            out_offsets[second + 1] = k2
    gap = split - k
    for place in range(split, k2):
        out_positions[place - gap], out[place - gap], other_out[place - gap] = out_positions[place], out[place], other_out[place]
    for second in range(half + 1, blocks + 1):
        out_offsets[second] -= np.int64(gap)
    return k2 - gap


def _keys(positions: Array, offsets: Array) -> Array:
    """Return numbers that ascend over all blocks: the block above the 16 bits of the position."""
    return np.repeat(np.arange(offsets.size - 1, dtype=np.int64) << 16, np.diff(offsets)) + positions


def _merge_twin(
    words: Array,
    fill: Any,
    positions: Array,
    offsets: Array,
    others: Array,
    other_fill: Any,
    other_positions: Array,
    other_offsets: Array,
    out: Array,
    other_out: Array,
    out_positions: Array,
    out_offsets: Array,
) -> int:
    keys, other_keys = _keys(positions, offsets), _keys(other_positions, other_offsets)
    places = keys.searchsorted(other_keys)
    fresh = np.ones(places.size, bool)
    inside = places < keys.size
    fresh[inside] = keys[places[inside]] != other_keys[inside]
    # Where in the union the elements go that only the second pattern has; the first pattern has the rest.
    count = keys.size + int(np.count_nonzero(fresh))
    added = places[fresh] + np.arange(count - keys.size)
    first = np.ones(count, bool)
    first[added] = False
    kept = np.flatnonzero(first)
    out_positions[kept], out_positions[added] = positions, other_positions[fresh]
    out[kept], out[added] = words, fill
    other_out[:count] = other_fill
    other_out[added] = others[fresh]
    other_out[kept[places[~fresh]]] = others[~fresh]
    out_offsets[0] = 0
    out_offsets[1:] = np.cumsum(np.diff(offsets) + np.diff(np.concatenate([[0], np.cumsum(fresh)])[other_offsets]))
    return count


def _discard(words, fill, positions, offsets, out, out_positions, out_offsets):  # type: ignore[no-untyped-def]
    # Without a branch, as `_collect`.
    count = 0
    out_offsets[0] = 0
    for block in range(offsets.size - 1):
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            word = words[i]
            out_positions[count] = positions[i]
            out[count] = word
            count += word != fill
        out_offsets[block + 1] = count
    return count


def _discard_twin(
    words: Array, fill: Any, positions: Array, offsets: Array, out: Array, out_positions: Array, out_offsets: Array
) -> int:
    kept = np.flatnonzero(words[: positions.size] != fill)
    out_offsets[...] = kept.searchsorted(offsets)
    out[: kept.size] = words[kept]
    out_positions[: kept.size] = positions[kept]
    return int(kept.size)


def _update(codes, positions, fresh, places, others, out, out_positions):  # type: ignore[no-untyped-def]
    one = np.uint64(1)
    i, j, count = np.uint64(0), np.uint64(0), np.uint64(0)
    size, last = np.uint64(positions.size), np.uint64(places.size)
    while j < last:
        place = places[j]
        while j + one < last and places[j + one] == place:
            j += one
        while i < size and positions[i] < place:
            out_positions[count] = positions[i]
            out[count] = codes[i]
            i += one
            count += one
        if i < size and positions[i] == place:
            i += one
        out_positions[count] = place
        out[count] = fresh[j]
        count += np.uint64(others[j])
        j += one
    while i < size:
        out_positions[count] = positions[i]
        out[count] = codes[i]
        i += one
        count += one
    return count


def _update_twin(codes: Array, positions: Array, fresh: Array, places: Array, others: Array, out: Array, out_positions: Array) -> int:
    final = np.ones(places.size, bool)
    np.not_equal(places[1:], places[:-1], out=final[:-1])
    kept = np.ones(positions.size + 1, bool)
    ranks = positions.searchsorted(places[final])
    inside = ranks < positions.size
    kept[ranks[inside]] = positions[ranks[inside]] != places[final][inside]
    chosen = final & (others != 0)
    merged = np.concatenate([positions[kept[:-1]], places[chosen]])
    order = np.argsort(merged, kind="stable")
    out_positions[: order.size] = merged[order]
    out[: order.size] = np.concatenate([codes[kept[:-1]], fresh[chosen]])[order]
    return int(order.size)


def _addresses(positions, offsets, block_length, start, out):  # type: ignore[no-untyped-def]
    for block in range(offsets.size - 1):
        base = start + block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            out[i] = base + np.int64(positions[i])
    return 0


def _addresses_twin(positions: Array, offsets: Array, block_length: int, start: int, out: Array) -> int:
    blocks = np.arange(offsets.size - 1, dtype=np.int64)
    np.add(np.repeat(start + blocks * block_length, np.diff(offsets)), positions, out=out)
    return 0


def _cut(addresses, start, block_length, positions, offsets):  # type: ignore[no-untyped-def]
    base, block = start, 0
    offsets[0] = 0
    for i in range(addresses.size):
        while addresses[i] >= base + block_length:
            base += block_length
            block += 1
            offsets[block] = i
        positions[i] = addresses[i] - base
    for rest in range(block + 1, offsets.size):
        offsets[rest] = addresses.size
    return 0


def _cut_twin(addresses: Array, start: int, block_length: int, positions: Array, offsets: Array) -> int:
    edges = start + block_length * np.arange(offsets.size, dtype=np.int64)
    offsets[...] = addresses.searchsorted(edges)
    positions[...] = addresses - np.repeat(edges[:-1], np.diff(offsets))
    return 0


def _find(addresses, positions, offsets, block_length, marks, before, ranks):  # type: ignore[no-untyped-def]
    # One bit an element, and how many bits are set before each word: a look-up instead of a search.
    for block in range(offsets.size - 1):
        base = block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            marks[np.uint64(address >> 6)] |= np.uint64(1) << np.uint64(address & 63)
    count = np.int64(0)
    for place in range(marks.size):
        before[place] = count
        word = marks[place]
        # The number of bits set (the compiler knows this form, and has an instruction for it).
        word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
        word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
        word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        count += np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
    for k in range(addresses.size):
        there, bit = np.uint64(addresses[k] >> 6), np.uint64(addresses[k] & 63)
        marked = (marks[there] >> bit) & np.uint64(1)
        word = marks[there] & ((np.uint64(1) << bit) - np.uint64(1))
        word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
        word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
        word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        rank = before[there] + np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
        ranks[k] = rank if marked else -1
    return 0


def _find_twin(
    addresses: Array, positions: Array, offsets: Array, block_length: int, marks: Array, before: Array, ranks: Array
) -> int:
    places = np.empty(positions.size, np.int64)
    _addresses_twin(positions, offsets, block_length, 0, places)
    bits = np.zeros(64 * marks.size, np.uint8)
    bits[places] = 1
    marks.view(np.uint8)[...] = np.packbits(bits, bitorder="little")
    counts = np.bitwise_count(marks)
    before[...] = np.cumsum(counts, dtype=np.int64) - counts
    word, bit = marks[addresses >> 6], (addresses & 63).astype(np.uint64)
    one = np.uint64(1)
    ranks[...] = before[addresses >> 6] + np.bitwise_count(word & ((one << bit) - one))
    ranks[(word >> bit & one) == 0] = -1
    return 0


def _mark(positions, offsets, block_length, packed):  # type: ignore[no-untyped-def]
    for block in range(offsets.size - 1):
        base = block * block_length
        for i in range(np.uint64(offsets[block]), np.uint64(offsets[block + 1])):
            address = base + np.int64(positions[i])
            packed[np.uint64(address >> 3)] ^= np.uint8(1) << np.uint8(address & 7)
    return 0


def _mark_twin(positions: Array, offsets: Array, block_length: int, packed: Array) -> int:
    for block in range(offsets.size - 1):
        low, high = offsets[block : block + 2].tolist()
        if high > low:
            marks = np.zeros(block_length, np.uint8)
            marks[positions[low:high]] = 1
            bits = np.packbits(marks, bitorder="little")
            part = packed[block * block_length // 8 :][: bits.size]
            part ^= bits[: part.size]
    return 0


#: ``(words, fill, positions, values) -> count``: what is not the fill; the outputs are one element longer.
collect = Kernel(_collect, _collect_twin, ("rT", "sT", "wu2", "wT"), _WORDS)
#: ``(codes, base, positions, numbers, rest) -> count``: which codes are `base` or more; `rest` has 0 in their place. The first two
#: outputs are one element longer.
part = Kernel(_part, _part_twin, ("rT", "sT", "wu2", "wT", "wT"), _WORDS)
#: ``(values, positions, start, out)``: values at positions less `start`, written over `out`.
overlay = Kernel(_overlay, _overlay_twin, ("rT", "ru2", "si8", "wT"), _WORDS)
#: ``(words, fill, pattern, others, other fill, other pattern, out, other out, out pattern) -> count``: the union of
#: two patterns, and for each of its elements the word of both, the fill where the pattern has none.
merge = Kernel(_merge, _merge_twin, ("rT", "sT", "ru2", "ri8", "rT", "sT", "ru2", "ri8", "wT", "wT", "wu2", "wi8"), _WORDS)
#: ``(words, fill, pattern, out, out pattern) -> count``: words that are not the fill, and where they are.
discard = Kernel(_discard, _discard_twin, ("rT", "sT", "ru2", "ri8", "wT", "wu2", "wi8"), _WORDS)
#: ``(codes, positions, fresh, places, others, out, out positions) -> count``: the elements of one block after writes at
#: ascending `places`, the last of equal ones counting; where `others` is 0 there is no element any more. The
#: outputs are one element longer than all that may come.
update = Kernel(_update, _update_twin, ("rT", "ru2", "rT", "ru2", "ru1", "wT", "wu2"), _WORDS)
#: ``(positions, offsets, block length, start, out)``: addresses, where block 0 begins at `start`.
addresses = Kernel(_addresses, _addresses_twin, ("ru2", "ri8", "si8", "si8", "wi8"), ("u2",))
#: ``(addresses, start, block length, positions, offsets)``: the pattern of ascending addresses from `start` on.
cut = Kernel(_cut, _cut_twin, ("ri8", "si8", "si8", "wu2", "wi8"), ("i8",))
#: ``(addresses, pattern, block length, marks, before, ranks)``: which element of the pattern lies at each address,
#: or -1; by a table of one bit an element (`marks`, zeros at first) and the bits `before` each word of it.
find = Kernel(_find, _find_twin, ("ri8", "ru2", "ri8", "si8", "wu8", "wi8", "wi8"), ("i8",))
#: ``(positions, offsets, block length, packed)``: the bits of a pattern turned over.
mark = Kernel(_mark, _mark_twin, ("ru2", "ri8", "si8", "wu1"), ("u2",))
#: ``(positions, offsets, block length, values, packed)``: the bits of a pattern replaced by values (bytes 0 and 1).
put_bits = Kernel(_put_bits, _put_bits_twin, ("ru2", "ri8", "si8", "ru1", "wu1"), ("u2",))

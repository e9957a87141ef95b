"""Distinct values of a block, and the way back from codes to values."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


#: Codes that are looked up together without a compiled kernel.
TAKEN = 1 << 16


def _distinct(words, slots, table, codes, count):  # type: ignore[no-untyped-def]
    # Open addressing with linear probing; a slot holds the code plus one, 0 is free.
    # Indices are unsigned: a signed one is asked whether it counts from the end.
    # The upper bits of a product by the golden ratio spread well (Knuth 6.4), also where words end in zeros.
    mask = np.uint64(slots.size - 1)
    shift = np.uint64(64)
    while slots.size >> np.int64(np.uint64(64) - shift) > 1:
        shift -= np.uint64(1)
    limit = table.size
    codes = codes[: words.size]
    one = np.uint64(1)
    for i in range(words.size):
        word = words[i]
        place = (np.uint64(word) * np.uint64(0x9E3779B97F4A7C15)) >> shift
        while True:
            code = np.uint64(slots[place])
            if code == np.uint64(0):
                if count == limit:
                    return -1
                table[count] = word
                codes[i] = count
                count += 1
                slots[place] = count
                break
            known = code - one
            if table[known] == word:
                codes[i] = known
                break
            place = (place + one) & mask
    return count


def _distinct_twin(words: Array, slots: Array, table: Array, codes: Array, count: int) -> int:
    # The table so far is searched instead of the slots; these are kept up, for the compiled kernel may be next.
    known = np.argsort(table[:count], kind="stable")
    found, first, inverse = np.unique(words, return_index=True, return_inverse=True)
    ranks = np.full(found.size, -1, np.int64)
    if count:
        near = known[np.minimum(table[:count].searchsorted(found, sorter=known), count - 1)]
        ranks[table[near] == found] = near[table[near] == found]
    fresh = np.flatnonzero(ranks < 0)
    fresh = fresh[np.argsort(first[fresh])]
    if count + fresh.size > table.size:
        return -1
    ranks[fresh] = count + np.arange(fresh.size)
    table[count : count + fresh.size] = found[fresh]
    codes[:] = ranks[inverse]
    _fill_slots(found[fresh], slots, count)
    return int(count + fresh.size)


def _fill_slots(words: Array, slots: Array, count: int) -> None:
    """Enter `words`, new and different, as codes from `count` on."""
    shift = np.uint64(64 - (slots.size.bit_length() - 1))
    places = (words.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> shift
    for code, place in enumerate(places.tolist(), count + 1):
        while slots[place]:
            place = (place + 1) & (slots.size - 1)
        slots[place] = code


def _lookup(table, codes, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    for i in range(codes.size):
        out[i] = table[codes[i]]
    return 0


def _lookup_twin(table: Array, codes: Array, out: Array) -> int:
    # Cut, for codes become indices of eight bytes on the way.
    for start in range(0, codes.size, TAKEN):
        piece = codes[start : start + TAKEN]
        np.take(table, piece, out=out[start : start + piece.size], mode="clip")
    return 0


def _lookup_pairs(table, left, right, count, out):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    out = out[: left.size]
    for i in range(left.size):
        out[i] = table[np.uint32(left[i]) * count + right[i]]
    return 0


def _lookup_pairs_twin(table: Array, left: Array, right: Array, count: Any, out: Array) -> int:
    np.take(table, left.astype(np.intp) * int(count) + right, out=out, mode="clip")
    return 0


#: ``(words, slots, table, codes, count) -> count``: codes in order of first occurrence, `count` of them known
#: already (in `table` and `slots`), or -1 where `table` is too short.
distinct = Kernel(_distinct, _distinct_twin, ("rT", "wi4", "wT", "wu2", "si8"), ("u2", "u4", "u8"))
#: ``(table, codes, out)`` for codes of one byte.
lookup_u1 = Kernel(_lookup, _lookup_twin, ("rT", "ru1", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(table, codes, out)`` for codes of two bytes.
lookup_u2 = Kernel(_lookup, _lookup_twin, ("rT", "ru2", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(table, left, right, count, out)``: ``table[left * count + right]`` for two codes of one byte.
lookup_pairs = Kernel(_lookup_pairs, _lookup_pairs_twin, ("rT", "ru1", "ru1", "su4", "wT"), ("u1", "u2", "u8"))

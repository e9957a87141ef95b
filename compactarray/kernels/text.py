"""Strings as rows of unsigned integers: the distinct rows of a block, and the way back from codes to rows."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel
from compactarray.kernels.dictionary import TAKEN

Array = np.ndarray[Any, Any]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def _distinct_rows(units, width, slots, table, codes, count):  # type: ignore[no-untyped-def]
    # As `distinct`; the hash of a row is folded after each unit, so that all bits of it reach the upper ones.
    golden = np.uint64(0x9E3779B97F4A7C15)
    half = np.uint64(32)
    mask = np.uint64(slots.size - 1)
    shift = np.uint64(64)
    while slots.size >> np.int64(np.uint64(64) - shift) > 1:
        shift -= np.uint64(1)
    limit = table.size // width
    for i in range(codes.size):
        row = units[i * width : (i + 1) * width]
        hashed = np.uint64(0)
        for unit in row:
            hashed = (hashed ^ np.uint64(unit)) * golden
            hashed ^= hashed >> half
        place = (hashed * golden) >> shift
        while True:
            code = slots[place]
            if code == 0:
                if count == limit:
                    return -1
                table[count * width : (count + 1) * width] = row
                codes[i] = count
                count += 1
                slots[place] = count
                break
            known = table[(code - 1) * width : code * width]
            same = True
            for k in range(width):
                same &= known[k] == row[k]
            if same:
                codes[i] = code - 1
                break
            place = (place + np.uint64(1)) & mask
    return count


def _hashes(rows: Array) -> Array:
    """Return what `_distinct_rows` makes of each row before it is shifted."""
    hashed = np.zeros(rows.shape[0], np.uint64)
    for unit in rows.T:
        hashed ^= unit
        hashed *= _GOLDEN
        hashed ^= hashed >> _HALF
    hashed *= _GOLDEN
    return hashed


def _bytes(rows: Array) -> Array:
    """Return each row as a byte string, which is the same only where the row is."""
    return np.ascontiguousarray(rows).view(f"S{rows.shape[1] * rows.itemsize}").reshape(-1)


def _distinct_rows_twin(units: Array, width: int, slots: Array, table: Array, codes: Array, count: int) -> int:
    rows, known = units.reshape(-1, width), table.reshape(-1, width)
    numbers = _numbered(rows, known[:count], _hashes) or _numbered(rows, known[:count], _bytes)
    assert numbers is not None, "byte strings tell rows apart"
    found, fresh = numbers
    if count + fresh.size > known.shape[0]:
        return -1
    known[count : count + fresh.size] = rows[fresh]
    codes[:] = found
    _fill_slots(_hashes(rows[fresh]), slots, count)
    return int(count + fresh.size)


def _numbered(rows: Array, known: Array, key: Any) -> tuple[Array, Array] | None:
    """Return the number of each row among known and fresh ones, and where the fresh ones are first; None where keys do not tell."""
    found, first, inverse = np.unique(key(rows), return_index=True, return_inverse=True)
    numbers = np.full(found.size, -1, np.int64)
    if known.size:
        there = key(known)
        order = np.argsort(there, kind="stable")
        near = order[np.minimum(there.searchsorted(found, sorter=order), order.size - 1)]
        numbers = np.where(there[near] == found, near, -1)
    fresh = np.flatnonzero(numbers < 0)
    fresh = fresh[np.argsort(first[fresh])]
    numbers[fresh] = known.shape[0] + np.arange(fresh.size)
    codes = numbers[inverse]
    if not (np.concatenate([known, rows[first[fresh]]])[codes] == rows).all():
        return None
    return codes, first[fresh]


def _fill_slots(hashed: Array, slots: Array, count: int) -> None:
    """Enter rows of some hashes, new and different, as codes from `count` on."""
    places = hashed >> np.uint64(64 - (slots.size.bit_length() - 1))
    for code, place in enumerate(places.tolist(), count + 1):
        while slots[place]:
            place = (place + 1) & (slots.size - 1)
        slots[place] = code


def _lookup_rows(table, width, codes, out):  # type: ignore[no-untyped-def]
    for i in range(codes.size):
        first = np.int64(codes[i]) * width
        for k in range(width):
            out[i * width + k] = table[first + k]
    return 0


def _lookup_rows_twin(table: Array, width: int, codes: Array, out: Array) -> int:
    rows, found = table.reshape(-1, width), out.reshape(-1, width)
    # Cut, for codes become indices of eight bytes on the way.
    for start in range(0, codes.size, TAKEN):
        piece = codes[start : start + TAKEN]
        np.take(rows, piece, axis=0, out=found[start : start + piece.size], mode="clip")
    return 0


def _widen_rows(codes, width, wide, out):  # type: ignore[no-untyped-def]
    for i in range(codes.size // width):
        row = codes[i * width : (i + 1) * width]
        found = out[i * wide : (i + 1) * wide]
        for k in range(width):
            found[k] = row[k]
        for k in range(width, wide):
            found[k] = 0
    return 0


def _widen_rows_twin(codes: Array, width: int, wide: int, out: Array) -> int:
    rows = out.reshape(-1, wide)
    rows[:, :width] = codes.reshape(-1, width)
    rows[:, width:] = 0
    return 0


def _measure_rows(points, width, lengths, greatest):  # type: ignore[no-untyped-def]
    for i in range(lengths.size):
        row = points[i * width : (i + 1) * width]
        length = width
        while length > 0 and row[length - 1] == 0:
            length -= 1
        most = row[0]
        for k in range(1, width):
            most = max(most, row[k])
        lengths[i] = length
        greatest[i] = most
    return 0


def _measure_rows_twin(points: Array, width: int, lengths: Array, greatest: Array) -> int:
    rows = points.reshape(-1, width)
    rows.max(axis=1, out=greatest)
    lengths[...] = width - (rows[:, ::-1] != 0).argmax(axis=1)
    lengths[greatest == 0] = 0
    return 0


def _narrow_rows(points, width, out, narrow):  # type: ignore[no-untyped-def]
    for i in range(out.size // narrow):
        row = points[i * width : i * width + narrow]
        found = out[i * narrow : (i + 1) * narrow]
        for k in range(narrow):
            found[k] = row[k]
    return 0


def _narrow_rows_twin(points: Array, width: int, out: Array, narrow: int) -> int:
    out.reshape(-1, narrow)[...] = points.reshape(-1, width)[:, :narrow]
    return 0


def _unpack_rows(points, lengths, starts, places, wide, out):  # type: ignore[no-untyped-def]
    # Of every eighth string it is known where it begins.
    for i in range(places.size):
        place = np.int64(places[i])
        first = place >> 3
        start = np.int64(starts[first])
        for k in range(first << 3, place):
            start += np.int64(lengths[k])
        length = np.int64(lengths[place])
        row = out[i * wide : (i + 1) * wide]
        for k in range(length):
            row[k] = points[start + k]
        for k in range(length, wide):
            row[k] = 0
    return 0


def _unpack_rows_twin(points: Array, lengths: Array, starts: Array, places: Array, wide: int, out: Array) -> int:
    ends = np.cumsum(lengths, dtype=np.int64)
    rows, columns = out.reshape(-1, wide), np.arange(wide)
    for start in range(0, places.size, TAKEN // 8):
        piece = places[start : start + TAKEN // 8]
        inside = columns < lengths[piece][:, None]
        part = rows[start : start + piece.size]
        part[...] = 0
        first = ends[piece] - lengths[piece]
        part[inside] = points[(first[:, None] + columns)[inside]]
    return 0


_UNITS = ("u1", "u2", "u4", "u8")
#: ``(units, width, slots, table, codes, count) -> count``: as `distinct`, for rows of `width` units.
distinct_rows = Kernel(_distinct_rows, _distinct_rows_twin, ("rT", "si8", "wi4", "wT", "wu2", "si8"), _UNITS)
#: ``(table, width, codes, out)``: rows of the table by codes of one byte, and of two.
lookup_rows_u1 = Kernel(_lookup_rows, _lookup_rows_twin, ("rT", "si8", "ru1", "wT"), _UNITS)
lookup_rows_u2 = Kernel(_lookup_rows, _lookup_rows_twin, ("rT", "si8", "ru2", "wT"), _UNITS)
#: ``(codes, width, wide, out)``: rows of narrow code points as rows of wide ones, filled up with zeros.
widen_rows = Kernel(_widen_rows, _widen_rows_twin, ("rT", "si8", "si8", "wu4"), ("u1",))
#: ``(points, width, lengths, greatest)``: how long each row is without zeros at its end, and its greatest code point.
measure_rows = Kernel(_measure_rows, _measure_rows_twin, ("rT", "si8", "wi8", "wT"), ("u1", "u4"))
#: ``(points, width, out, narrow)``: the first code points of each row, in a byte each.
narrow_rows = Kernel(_narrow_rows, _narrow_rows_twin, ("rT", "si8", "wu1", "si8"), ("u4",))
_PACKED = ("rT", "ru1", "ru4", "ru2", "si8")
#: ``(points, lengths, starts, places, wide, out)``: packed strings at some places as rows of one byte a code point, or four.
unpack_rows_u1 = Kernel(_unpack_rows, _unpack_rows_twin, (*_PACKED, "wu1"), ("u1",))
unpack_rows_u4 = Kernel(_unpack_rows, _unpack_rows_twin, (*_PACKED, "wu4"), ("u1", "u2", "u4"))

"""Codes of any number of bits, laid out in lanes so that all loops run over neighbours.

A block of n codes has ``lanes = ceil(n / b)`` lanes, where b is the number of bits of a word. Code i lies in lane
``i % lanes``, at bits ``width * (i // lanes)`` and following of the words of that lane; the k-th words of all lanes are
neighbours, and so are the codes of a row.

Source: Afroozeh, Boncz: The FastLanes compression layout (2023).
"""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


def _pack(codes, lanes, width, out):  # type: ignore[no-untyped-def]
    bits = 8 * codes.itemsize
    for start in range(0, codes.size, lanes):
        row = codes[start : start + lanes]
        word = start // lanes * width // bits
        shift = start // lanes * width - word * bits
        first = out[word * lanes : word * lanes + row.size]
        for i in range(row.size):
            first[i] |= row[i] << shift
        if shift + width > bits:
            second = out[(word + 1) * lanes : (word + 1) * lanes + row.size]
            for i in range(row.size):
                second[i] |= row[i] >> (bits - shift)
    return 0


def _pack_twin(codes: Array, lanes: int, width: int, out: Array) -> int:
    cast, bits = codes.dtype.type, 8 * codes.itemsize
    for start in range(0, codes.size, lanes):
        row = codes[start : start + lanes]
        word, shift = divmod(start // lanes * width, bits)
        out[word * lanes : word * lanes + row.size] |= row << cast(shift)
        if shift + width > bits:
            out[(word + 1) * lanes : (word + 1) * lanes + row.size] |= row >> cast(bits - shift)
    return 0


def _unpack(packed, lanes, width, start, out):  # type: ignore[no-untyped-def]
    bits = 8 * packed.itemsize
    mask = (1 << width) - 1
    at = 0
    while at < out.size:
        row = (start + at) // lanes
        lane = start + at - row * lanes
        part = out[at : at + lanes - lane]
        word = row * width // bits
        shift = row * width - word * bits
        first = packed[word * lanes + lane : word * lanes + lane + part.size]
        if shift + width <= bits:
            for i in range(part.size):
                part[i] = (first[i] >> shift) & mask
        else:
            second = packed[(word + 1) * lanes + lane : (word + 1) * lanes + lane + part.size]
            for i in range(part.size):
                part[i] = ((first[i] >> shift) | (second[i] << (bits - shift))) & mask
        at += part.size
    return 0


def _unpack_twin(packed: Array, lanes: int, width: int, start: int, out: Array) -> int:
    cast, bits = packed.dtype.type, 8 * packed.itemsize
    at = 0
    while at < out.size:
        row, lane = divmod(start + at, lanes)
        part = out[at : at + lanes - lane]
        word, shift = divmod(row * width, bits)
        begin = word * lanes + lane
        np.right_shift(packed[begin : begin + part.size], cast(shift), out=part)
        if shift + width > bits:
            part |= packed[begin + lanes : begin + lanes + part.size] << cast(bits - shift)
        part &= cast((1 << width) - 1)
        at += part.size
    return 0


def _running_pages(deltas, bases, page, out):  # type: ignore[no-untyped-def]
    for start in range(0, deltas.size, page):
        total = bases[start // page]
        part = deltas[start : start + page]
        found = out[start : start + page]
        found[0] = total
        for i in range(1, part.size):
            total += part[i]
            found[i] = total
    return 0


def _running_pages_twin(deltas: Array, bases: Array, page: int, out: Array) -> int:
    for start in range(0, deltas.size, page):
        part = deltas[start : start + page].copy()
        part[0] = bases[start // page]
        np.cumsum(part, dtype=part.dtype, out=out[start : start + page])
    return 0


# One bit of each byte, from the first one on, so that one product brings eight of them together: in either order of bytes.
_RISING = np.frombuffer(bytes(1 << k for k in range(8)), np.uint64)[0]
_FALLING = np.frombuffer(bytes(128 >> k for k in range(8)), np.uint64)[0]
_ONES = np.uint64(0x0101010101010101)
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)


def _pack_bools(eights, packed):  # type: ignore[no-untyped-def]
    found = np.uint64(0)
    packed = packed[: eights.size]
    for i in range(eights.size):
        eight = eights[i]
        found |= eight
        packed[i] = np.uint8((eight * _FALLING) >> np.uint64(56))
    return found


def _pack_bools_twin(eights: Array, packed: Array) -> int:
    packed[...] = np.packbits(eights.view(np.uint8), bitorder="little")
    return int(np.bitwise_or.reduce(eights))


def _unpack_bools(packed, eights):  # type: ignore[no-untyped-def]
    packed = packed[: eights.size]
    for i in range(eights.size):
        # Each byte gets its own bit, and becomes 1 if it has it.
        spread = (np.uint64(packed[i]) * _ONES) & _RISING
        eights[i] = ((spread + _SEVENS) >> np.uint64(7)) & _ONES
    return 0


def _unpack_bools_twin(packed: Array, eights: Array) -> int:
    eights.view(np.uint8)[...] = np.unpackbits(packed, bitorder="little")
    return 0


_WORDS = ("u1", "u2", "u4", "u8")
#: ``(codes, lanes, width, out)``: packs codes of so many bits into `out`, which is zero.
pack = Kernel(_pack, _pack_twin, ("rT", "si8", "si8", "wT"), _WORDS)
#: ``(packed, lanes, width, start, out)``: the codes from `start` on.
unpack = Kernel(_unpack, _unpack_twin, ("rT", "si8", "si8", "si8", "wT"), _WORDS)
#: ``(deltas, bases, page, out)``: sums of differences, begun with the base on each page.
running_pages = Kernel(_running_pages, _running_pages_twin, ("rT", "rT", "si8", "wT"), _WORDS)
#: ``(eights, packed) -> found``: a bit for each byte, eight of them a word; returns all words together, by "or", since bits of
#: bytes other than 0 and 1 are arbitrary.
pack_bools = Kernel(_pack_bools, _pack_bools_twin, ("rT", "wu1"), ("u8",))
#: ``(packed, eights)``: a byte of 0 or 1 for each bit.
unpack_bools = Kernel(_unpack_bools, _unpack_bools_twin, ("rT", "wu8"), ("u1",))

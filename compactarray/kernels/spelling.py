"""Strings spelled in the letters that occur at each position: rows of code points as numbers of mixed radix, and back.

At each position letters are looked for among 255 code points after a page; zero, which pads strings, belongs to every page.
Loops go position by position through rows that stay in the cache, so that what is the same for a position is not loaded again.
"""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

#: Code points of a page.
PAGE = 256
#: The rank of what is no letter.
NO_LETTER = 0xFFFF
#: Rows that are worked on together, and the room that reading them takes.
_ROWS = 256
SCRATCH = 2 * _ROWS


def _count_letters(points, width, pages, counts):  # type: ignore[no-untyped-def]
    rows = points.size // width
    for i in range(rows):
        row = points[i * width : (i + 1) * width]
        for k in range(pages.size):
            point = np.int64(row[k])
            place = point - np.int64(pages[k])
            if point == 0:
                counts[k * 257] += np.uint32(1)
            elif place <= 0 or place > 255:
                counts[k * 257 + 256] += np.uint32(1)
            else:
                counts[k * 257 + place] += np.uint32(1)
    return 0


def _count_letters_twin(points: Array, width: int, pages: Array, counts: Array) -> int:
    rows = points.reshape(-1, width)
    for k, page in enumerate(pages.tolist()):
        column = rows[:, k].astype(np.int64)
        places = column - page
        places[(places < 1) | (places >= PAGE)] = PAGE
        places[column == 0] = 0
        counts[k * (PAGE + 1) : (k + 1) * (PAGE + 1)] += np.bincount(places, minlength=PAGE + 1).astype(np.uint32)
    return 0


def _spell_rows(points, width, pages, ranks, radices, ends, codes, wrong):  # type: ignore[no-untyped-def]
    rows = wrong.size
    count = pages.size
    missing = np.int64(0)
    for start in range(0, rows, _ROWS):
        stop = min(start + _ROWS, rows)
        first = 0
        for j in range(ends.size):
            found = codes[j * rows + start : j * rows + stop]
            for i in range(found.size):
                found[i] = np.uint32(0)
            for k in range(first, ends[j]):
                table = ranks[k * 256 : (k + 1) * 256]
                radix = np.uint32(radices[k])
                page = np.uint32(pages[k])
                column = points[start * width + k : (stop - 1) * width + k + 1]
                beyond = np.uint32(0)
                if page == 0:
                    at = np.uint64(0)
                    step = np.uint64(width)
                    for i in range(found.size):
                        point = np.uint32(column[at])
                        at += step
                        rank = np.uint32(table[point & np.uint32(255)])
                        beyond |= rank | (point & np.uint32(0xFFFFFF00))
                        found[i] = found[i] * radix + rank
                else:
                    for i in range(found.size):
                        point = np.uint32(column[i * width])
                        place = point - page if point != 0 else np.uint32(0)
                        rank = np.uint32(table[place & np.uint32(255)])
                        beyond |= rank | (place & np.uint32(0xFFFFFF00))
                        beyond |= np.uint32(0xFFFF) if place == 0 and point != 0 else np.uint32(0)
                        found[i] = found[i] * radix + rank
                if beyond > 0xFF:
                    for i in range(found.size):
                        point = np.uint32(column[i * width])
                        place = point - page if point != 0 else np.uint32(0)
                        if place > 255 or (place == 0 and point != 0) or table[place & np.uint32(255)] == 0xFFFF:
                            wrong[start + i] = np.uint8(1)
            first = ends[j]
        for i in range(start, stop):
            rest = points[i * width + count : (i + 1) * width]
            together = np.int64(0)
            for k in range(rest.size):
                together |= np.int64(rest[k])
            if together != 0:
                wrong[i] = np.uint8(1)
            missing += np.int64(wrong[i])
    return missing


def _spell_rows_twin(
    points: Array, width: int, pages: Array, ranks: Array, radices: Array, ends: Array, codes: Array, wrong: Array
) -> int:
    rows = points.reshape(-1, width)
    first = 0
    for found, end in zip(codes.reshape(ends.size, wrong.size), ends.tolist(), strict=True):
        found[...] = 0
        for k in range(first, end):
            column = rows[:, k].astype(np.int64)
            places = np.where(column == 0, 0, column - int(pages[k]))
            good = (places >= 0) & (places < PAGE) & ((places != 0) | (column == 0))
            rank = ranks[k * PAGE : (k + 1) * PAGE][places & (PAGE - 1)].astype(np.uint32)
            bad = ~good | (rank == NO_LETTER)
            rank[bad] = 0
            wrong[bad] = 1
            found *= radices[k]
            found += rank
        first = end
    wrong[(rows[:, pages.size :] != 0).any(axis=1)] = 1
    return int(np.count_nonzero(wrong))


def _unspell_rows(letters, radices, factors, shifts, ends, codes, rest, wide, out):  # type: ignore[no-untyped-def]
    rows = out.size // wide
    count = radices.size
    for start in range(0, rows, _ROWS):
        size = min(_ROWS, rows - start)
        first = 0
        left = rest[:size]
        ranks = rest[_ROWS : _ROWS + size]
        for j in range(ends.size):
            part = codes[j * rows + start : j * rows + start + size]
            for i in range(size):
                left[i] = np.uint64(part[i])
            for k in range(ends[j] - 1, first - 1, -1):
                table = letters[k * 256 : (k + 1) * 256]
                base = start * wide + k
                if radices[k] == 1:
                    letter = table[0]
                    for i in range(size):
                        out[base + i * wide] = letter
                    continue
                radix = np.uint64(radices[k])
                factor = factors[k]
                shift = shifts[k]
                for i in range(size):
                    whole = (left[i] * factor) >> shift
                    ranks[i] = left[i] - whole * radix
                    left[i] = whole
                for i in range(size):
                    out[base + i * wide] = table[ranks[i]]
            first = ends[j]
        for i in range(start, start + size):
            padding = out[i * wide + count : (i + 1) * wide]
            for k in range(padding.size):
                padding[k] = 0
    return 0


def _unspell_rows_twin(
    letters: Array, radices: Array, factors: Array, shifts: Array, ends: Array, codes: Array, rest: Array, wide: int, out: Array
) -> int:
    rows = out.reshape(-1, wide)
    first = 0
    for part, end in zip(codes.reshape(ends.size, len(rows)), ends.tolist(), strict=True):
        left = part
        for k in range(end - 1, first - 1, -1):
            left, ranks = np.divmod(left, radices[k])
            rows[:, k] = letters[k * PAGE : (k + 1) * PAGE][ranks]
        first = end
    rows[:, radices.size :] = 0
    return 0


_POINTS = ("u1", "u4")
#: ``(points, width, pages, counts)``: how often each code point of the page of a position occurs there, and how often others do.
count_letters = Kernel(_count_letters, _count_letters_twin, ("rT", "si8", "ru4", "wu4"), _POINTS)
#: ``(points, width, pages, ranks, radices, ends, codes, wrong) -> missing``: the codes of rows, part by part of their positions;
#: rows with what is no letter are marked as wrong, and have any codes.
spell_rows = Kernel(_spell_rows, _spell_rows_twin, ("rT", "si8", "ru4", "ru2", "ru4", "ri8", "wu4", "wu1"), _POINTS)
#: ``(letters, radices, factors, shifts, ends, codes, rest, wide, out)``: rows of code points; ``code * factor >> shift`` is the
#: quotient by the radix, and `rest` room for 512 codes.
unspell_rows = Kernel(_unspell_rows, _unspell_rows_twin, ("rT", "ru4", "ru8", "ru8", "ri8", "ru4", "wu8", "si8", "wT"), _POINTS)

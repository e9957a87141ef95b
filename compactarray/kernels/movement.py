"""Loops that move codes: backwards, repeatedly, and out of one array or another."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


def _reverse_codes(codes, row, out):  # type: ignore[no-untyped-def]
    # Unsigned counters: a signed index is asked whether it counts from the end, and the loop is not vectorized.
    last = np.uint64(row - 1)
    for start in range(0, codes.size, row):
        part = codes[start : start + row]
        turned = out[start : start + row]
        for i in range(np.uint64(row)):
            turned[i] = part[last - i]
    return 0


def _reverse_codes_twin(codes: Array, row: int, out: Array) -> int:
    out.reshape(-1, row)[...] = codes.reshape(-1, row)[:, ::-1]
    return 0


def _repeat_codes(codes, counts, out):  # type: ignore[no-untyped-def]
    # Two are written always, and overwritten where there are fewer: most counts then need no branch.
    counts = counts[: codes.size]
    at = 0
    for i in range(codes.size):
        code = codes[i]
        out[at] = code
        out[at + 1] = code
        for k in range(2, counts[i]):
            out[at + k] = code
        at += counts[i]
    return at


def _repeat_codes_twin(codes: Array, counts: Array, out: Array) -> int:
    found = np.repeat(codes, counts)
    out[: found.size] = found
    return int(found.size)


def _fill_runs(values, edges, out):  # type: ignore[no-untyped-def]
    edges = edges[: values.size + 1]
    for i in range(values.size):
        value = values[i]
        part = out[edges[i] : edges[i + 1]]
        for k in range(part.size):
            part[k] = value
    return 0


def _fill_runs_twin(values: Array, edges: Array, out: Array) -> int:
    out[...] = np.repeat(values, np.diff(edges))
    return 0


def _collect_runs(words, positions, values):  # type: ignore[no-untyped-def]
    # Without a branch: every element is written, and counted where it begins a run.
    before = words[:-1]
    after = words[1:]
    positions[0] = 0
    values[0] = words[0]
    count = np.uint64(1)
    for i in range(after.size):
        word = after[i]
        positions[count] = i + 1
        values[count] = word
        count += np.uint64(word != before[i])
    return np.int64(count)


def _collect_runs_twin(words: Array, positions: Array, values: Array) -> int:
    found = np.flatnonzero(np.append(True, words[1:] != words[:-1]))
    positions[: found.size] = found
    values[: found.size] = words[found]
    return int(found.size)


def _fill_bits(marks, edges, packed):  # type: ignore[no-untyped-def]
    edges = edges[: marks.size + 1]
    for i in range(marks.size):
        start = np.uint64(edges[i])
        stop = np.uint64(edges[i + 1])
        if not marks[i] or start >= stop:
            continue
        first = start >> np.uint64(3)
        last = (stop - np.uint64(1)) >> np.uint64(3)
        low = np.uint8(np.uint64(255) << (start & np.uint64(7)))
        high = np.uint8(np.uint64(255) >> (np.uint64(7) - ((stop - np.uint64(1)) & np.uint64(7))))
        if first == last:
            packed[first] |= low & high
        else:
            packed[first] |= low
            for k in range(first + np.uint64(1), last):
                packed[k] = np.uint8(255)
            packed[last] |= high
    return 0


def _fill_bits_twin(marks: Array, edges: Array, packed: Array) -> int:
    bits = np.zeros(8 * packed.size, bool)
    bits[edges[0] : edges[-1]] = np.repeat(marks != 0, np.diff(edges))
    packed |= np.packbits(bits, bitorder="little")
    return 0


def _place_marked(values, marks, out):  # type: ignore[no-untyped-def]
    # Without a branch: where there is no mark, the index becomes that of the fill.
    marks = marks[: out.size]
    at = np.uint64(0)
    for i in range(out.size):
        mark = np.uint64(marks[i])
        at += mark
        out[i] = values[at & (np.uint64(0) - mark)]
    return np.int64(at)


def _place_marked_twin(values: Array, marks: Array, out: Array) -> int:
    out[...] = values[0]
    found = marks.view(bool)
    count = int(np.count_nonzero(found))
    out[found] = values[1 : count + 1]
    return count


def _replace_codes(codes, mask, values, out):  # type: ignore[no-untyped-def]
    # Without a branch: the next value is read, whether it is taken or not.
    mask = mask[: codes.size]
    out = out[: codes.size]
    last = values.size - 1
    at = 0
    for i in range(codes.size):
        value = values[min(at, last)]
        out[i] = value if mask[i] else codes[i]
        at += mask[i]
    return at


def _replace_codes_twin(codes: Array, mask: Array, values: Array, out: Array) -> int:
    out[...] = codes
    count = int(np.count_nonzero(mask))
    out[mask.view(bool)] = values[:count]
    return count


def _choose_codes(choices, index, out):  # type: ignore[no-untyped-def]
    index = index[: out.size]
    number = choices.size // max(out.size, 1)
    for i in range(out.size):
        k = index[i]
        if k < 0 or k >= number:
            return i
        out[i] = choices[k * out.size + i]
    return -1


def _choose_codes_twin(choices: Array, index: Array, out: Array) -> int:
    rows = choices.reshape(-1, max(out.size, 1))
    wrong = np.flatnonzero((index < 0) | (index >= rows.shape[0]))
    stop = int(wrong[0]) if wrong.size else out.size
    out[:stop] = rows[index[:stop], np.arange(stop)]
    return stop if wrong.size else -1


#: ``(codes, row, out)``: the codes of each row of so many backwards.
reverse_codes = Kernel(_reverse_codes, _reverse_codes_twin, ("rT", "si8", "wT"), ("u1", "u2", "u4"))
#: ``(codes, counts, out) -> size``: each code as often as its count says; `out` is two longer than that takes.
repeat_codes = Kernel(_repeat_codes, _repeat_codes_twin, ("rT", "ri8", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(values, edges, out)``: each value from its edge to the next one.
fill_runs = Kernel(_fill_runs, _fill_runs_twin, ("rT", "ri8", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(words, positions, values) -> count``: where runs of equal words (at least one) begin, and what they are; room for all.
collect_runs = Kernel(_collect_runs, _collect_runs_twin, ("rT", "wu2", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(marks, edges, packed)``: sets the bits from one edge to the next where there is a mark; the least significant comes first.
fill_bits = Kernel(_fill_bits, _fill_bits_twin, ("rT", "ri8", "wu1"), ("u1",))
#: ``(values, marks, out) -> count``: the next value where there is a mark (a byte of 1), else the first of all, which is the fill.
place_marked = Kernel(_place_marked, _place_marked_twin, ("rT", "ru1", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(codes, mask, values, out) -> count``: the next of the values where the mask (bytes 0 and 1) is set, else the code.
replace_codes = Kernel(_replace_codes, _replace_codes_twin, ("rT", "ru1", "rT", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(choices, index, out) -> wrong``: out of rows of choices, one after the other, the one that the index names;
#: returns -1, or where the first index is that names none.
choose_codes = Kernel(_choose_codes, _choose_codes_twin, ("rT", "ri8", "wT"), ("u1", "u2", "u4", "u8"))

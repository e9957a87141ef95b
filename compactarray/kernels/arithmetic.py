"""Loops over codes: sums, sums of two, selection and compression."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

#: Codes that are multiplied at a time without a compiled kernel.
_MULTIPLIED = 1 << 16
_CODES = ("u1", "u2", "u4", "u8")


def _sum_codes(codes):  # type: ignore[no-untyped-def]
    total = np.uint64(0)
    for code in codes:
        total += np.uint64(code)
    return total


def _sum_codes_twin(codes: Array) -> Any:
    return codes.sum(dtype=np.uint64)


def _dot_codes(left, right):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    total = np.uint64(0)
    for i in range(left.size):
        total += np.uint64(left[i]) * np.uint64(right[i])
    return total


def _dot_codes_twin(left: Array, right: Array) -> Any:
    total = np.zeros((), np.uint64)
    for start in range(0, left.size, _MULTIPLIED):
        # Modulo 2**64.
        products = left[start : start + _MULTIPLIED].astype(np.uint64) * right[start : start + _MULTIPLIED]
        total += products.sum(dtype=np.uint64)
    return total[()]


def _multiply_rows(codes, vector, out):  # type: ignore[no-untyped-def]
    # As many sums side by side as make vectors of them, added in pairs; some columns at a time, which bounds the error.
    length = vector.size
    sums = np.zeros(64)
    for i in range(out.size):
        total = 0.0
        for low in range(0, length, 1024):
            high = min(low + 1024, length)
            row = codes[i * length + low : i * length + high]
            factors = vector[low:high]
            sums[:] = 0.0
            whole = row.size // 64 * 64
            for start in range(0, whole, 64):
                left = row[start : start + 64]
                right = factors[start : start + 64]
                for j in range(64):
                    sums[j] += left[j] * right[j]
            for j in range(row.size - whole):
                sums[j] += row[whole + j] * factors[whole + j]
            width = 32
            while width:
                for j in range(width):
                    sums[j] += sums[width + j]
                width //= 2
            total += sums[0]
        out[i] = total
    return 0


def _multiply_rows_twin(codes: Array, vector: Array, out: Array) -> int:
    step = max(1, _MULTIPLIED // vector.size)
    rows = codes.reshape(-1, vector.size)
    for start in range(0, out.size, step):
        np.matmul(rows[start : start + step].astype(np.float64), vector, out=out[start : start + step])
    return 0


def _sum_lines(codes, outer, length, inner, out):  # type: ignore[no-untyped-def]
    for i in range(outer):
        if inner == 1:
            line = codes[i * length : (i + 1) * length]
            total = np.uint64(0)
            for code in line:
                total += np.uint64(code)
            out[i] += total
            continue
        sums = out[i * inner : (i + 1) * inner]
        for k in range(length):
            start = (i * length + k) * inner
            line = codes[start : start + inner]
            for j in range(inner):
                sums[j] += line[j]
    return 0


def _sum_lines_twin(codes: Array, outer: int, length: int, inner: int, out: Array) -> int:
    found = codes[: outer * length * inner].reshape(outer, length, inner).sum(axis=1, dtype=out.dtype)
    out += found.reshape(-1)
    return 0


def _add_codes(left, right, low, out):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    out = out[: left.size]
    for i in range(left.size):
        out[i] = np.int64(left[i]) + np.int64(right[i]) - low
    return 0


def _subtract_codes(left, right, low, out):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    out = out[: left.size]
    for i in range(left.size):
        out[i] = np.int64(left[i]) - np.int64(right[i]) - low
    return 0


def _multiply_codes(left, right, low, out):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    out = out[: left.size]
    for i in range(left.size):
        out[i] = np.int64(left[i]) * np.int64(right[i]) - low
    return 0


def _twin(ufunc: np.ufunc) -> Any:
    def twin(left: Array, right: Array, low: int, out: Array) -> int:
        # Modulo 2**w of the results, which are in range in the end.
        np.copyto(out, left)
        ufunc(out, right.astype(out.dtype), out=out)
        out -= out.dtype.type(low % (1 << 8 * out.dtype.itemsize))
        return 0

    return twin


def _select_codes(left, right, mask, out):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    mask = mask[: left.size]
    out = out[: left.size]
    for i in range(left.size):
        out[i] = left[i] if mask[i] else right[i]
    return 0


def _select_codes_twin(left: Array, right: Array, mask: Array, out: Array) -> int:
    np.copyto(out, right)
    np.copyto(out, left, where=mask.view(bool))
    return 0


def _compress_codes(codes, mask, out):  # type: ignore[no-untyped-def]
    # Without a branch: every code is written, and counted where it is to stay.
    mask = mask[: codes.size]
    count = 0
    for i in range(codes.size):
        out[count] = codes[i]
        count += mask[i]
    return count


def _compress_codes_twin(codes: Array, mask: Array, out: Array) -> int:
    found = codes[mask.view(bool)]
    out[: found.size] = found
    return int(found.size)


#: ``(codes) -> sum`` as uint64, modulo 2**64.
sum_codes = Kernel(_sum_codes, _sum_codes_twin, ("rT",), ("u1", "u2", "u4"))
#: ``(left, right) -> sum of products`` as uint64, modulo 2**64.
dot_codes = Kernel(_dot_codes, _dot_codes_twin, ("rT", "rT"), ("u1", "u2", "u4"))
#: ``(codes, vector, out)``: the sum of products of each row of codes and a vector; not in NumPy's order.
multiply_rows = Kernel(_multiply_rows, _multiply_rows_twin, ("rT", "rf8", "wf8"), ("u1", "u2", "u4"))
_LINES = ("rT", "si8", "si8", "si8")
#: ``(codes, outer, length, inner, out)``: sums along the middle one of three axes, added to `out`, which is in zeros.
sum_lines = Kernel(_sum_lines, _sum_lines_twin, (*_LINES, "wu4"), ("u1", "u2"))
sum_lines_u4 = Kernel(_sum_lines, _sum_lines_twin, (*_LINES, "wu8"), ("u4",))
_WIDENING = ("rT", "rT", "si8")
#: ``(left, right, low, out)``: left op right - low, of one byte each in two bytes, and of two in four.
add_u1 = Kernel(_add_codes, _twin(np.add), (*_WIDENING, "wu2"), ("u1",))
add_u2 = Kernel(_add_codes, _twin(np.add), (*_WIDENING, "wu4"), ("u2",))
subtract_u1 = Kernel(_subtract_codes, _twin(np.subtract), (*_WIDENING, "wu2"), ("u1",))
subtract_u2 = Kernel(_subtract_codes, _twin(np.subtract), (*_WIDENING, "wu4"), ("u2",))
multiply_u1 = Kernel(_multiply_codes, _twin(np.multiply), (*_WIDENING, "wu2"), ("u1",))
multiply_u2 = Kernel(_multiply_codes, _twin(np.multiply), (*_WIDENING, "wu4"), ("u2",))
#: ``(left, right, mask, out)``: left where the mask (bytes 0 and 1) is set, else right.
select_codes = Kernel(_select_codes, _select_codes_twin, ("rT", "rT", "ru1", "wT"), _CODES)
#: ``(codes, mask, out) -> count``: codes where the mask is set; `out` is one element longer than they are.
compress_codes = Kernel(_compress_codes, _compress_codes_twin, ("rT", "ru1", "wT"), _CODES)

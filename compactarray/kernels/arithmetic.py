"""Loops over codes: sums, sums of two, selection and compression."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

_CODES = ("u1", "u2", "u4", "u8")


def _sum_codes(codes):  # type: ignore[no-untyped-def]
    total = np.uint64(0)
    for code in codes:
        total += np.uint64(code)
    return total


def _sum_codes_twin(codes: Array) -> Any:
    return codes.sum(dtype=np.uint64)


def _add_widening(left, right, out):  # type: ignore[no-untyped-def]
    right = right[: left.size]
    out = out[: left.size]
    for i in range(left.size):
        out[i] = left[i] + right[i]
    return 0


def _add_widening_twin(left: Array, right: Array, out: Array) -> int:
    np.copyto(out, left)
    out += right
    return 0


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
#: ``(left, right, out)``: sums of bytes in two bytes each.
add_u1 = Kernel(_add_widening, _add_widening_twin, ("rT", "rT", "wu2"), ("u1",))
#: ``(left, right, out)``: sums of two bytes each in four.
add_u2 = Kernel(_add_widening, _add_widening_twin, ("rT", "rT", "wu4"), ("u2",))
#: ``(left, right, mask, out)``: left where the mask (bytes 0 and 1) is set, else right.
select_codes = Kernel(_select_codes, _select_codes_twin, ("rT", "rT", "ru1", "wT"), _CODES)
#: ``(codes, mask, out) -> count``: codes where the mask is set; `out` is one element longer than they are.
compress_codes = Kernel(_compress_codes, _compress_codes_twin, ("rT", "ru1", "wT"), _CODES)

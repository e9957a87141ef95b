"""Codes in a frame to what they mean, in one pass: NumPy takes three, to convert, to multiply and to add."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

_CODES = ("u1", "u2", "u4")


def _expand_words(codes, stride, reference, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    if stride == 1:
        for i in range(codes.size):
            out[i] = np.uint64(codes[i]) + reference
        return 0
    for i in range(codes.size):
        out[i] = np.uint64(codes[i]) * stride + reference
    return 0


def _expand_floats(codes, stride, reference, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    for i in range(codes.size):
        out[i] = np.float64(codes[i]) * stride + reference
    return 0


def _expand_twin(codes: Array, stride: Any, reference: Any, out: Array) -> int:
    np.copyto(out, codes, casting="unsafe")
    if stride != 1:
        out *= stride
    if reference:
        out += reference
    return 0


#: ``(codes, stride, reference, out)``: reference + stride * code, modulo 2**64.
expand_words = Kernel(_expand_words, _expand_twin, ("rT", "su8", "su8", "wu8"), _CODES)
#: ``(codes, stride, reference, out)``: the same in float64, where every product and every sum is exact.
expand_floats = Kernel(_expand_floats, _expand_twin, ("rT", "sf8", "sf8", "wf8"), _CODES)

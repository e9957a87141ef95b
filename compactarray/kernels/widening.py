"""Codes to elements of eight bytes, in one pass: NumPy takes three, to convert, to multiply and to add."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


def _widen_codes(codes, stride, reference, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    for i in range(codes.size):
        out[i] = np.float64(codes[i]) * stride + reference
    return 0


def _widen_codes_twin(codes: Array, stride: Any, reference: Any, out: Array) -> int:
    np.copyto(out, codes, casting="unsafe")
    if stride != 1:
        out *= stride
    if reference:
        out += reference
    return 0


def _widen_words(codes, stride, reference, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    if stride == 1:
        for i in range(codes.size):
            out[i] = np.uint64(codes[i]) + reference
        return 0
    for i in range(codes.size):
        out[i] = np.uint64(codes[i]) * stride + reference
    return 0


def _widen_floats(codes, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    for i in range(codes.size):
        out[i] = codes[i]
    return 0


def _widen_floats_twin(codes: Array, out: Array) -> int:
    np.copyto(out, codes)
    return 0


#: ``(codes, stride, reference, out)``: ``stride * code + reference`` as floats, where products and sums are exact.
widen_codes = Kernel(_widen_codes, _widen_codes_twin, ("rT", "sf8", "sf8", "wf8"), ("u1", "u2", "u4"))
#: ``(codes, stride, reference, out)``: the same of integers, modulo 2**64.
widen_words = Kernel(_widen_words, _widen_codes_twin, ("rT", "su8", "su8", "wu8"), ("u1", "u2", "u4"))
#: ``(codes, out)``: float32 as float64.
widen_floats = Kernel(_widen_floats, _widen_floats_twin, ("rT", "wf8"), ("f4",))

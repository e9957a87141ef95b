"""Loops for running sums of codes."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


def _running_sums(codes, stride, reference, first, length, inner, out):  # type: ignore[no-untyped-def]
    total = first
    for start in range(0, codes.size, length * inner):
        if inner == 1:
            total = first
            line = codes[start : start + length]
            sums = out[start : start + length]
            for k in range(line.size):
                total += stride * np.int64(line[k]) + reference
                sums[k] = total
            continue
        row = codes[start : start + inner]
        sums = out[start : start + inner]
        for j in range(inner):
            sums[j] = first + stride * np.int64(row[j]) + reference
        for k in range(start + inner, start + length * inner, inner):
            row = codes[k : k + inner]
            before = out[k - inner : k]
            sums = out[k : k + inner]
            for j in range(inner):
                sums[j] = before[j] + stride * np.int64(row[j]) + reference
    return total


def _running_sums_twin(codes: Array, stride: int, reference: int, first: int, length: int, inner: int, out: Array) -> int:
    # Modulo 2**32, as the results are kept.
    terms = out[: codes.size].reshape(-1, length, inner)
    terms[...] = codes.reshape(terms.shape)
    if stride != 1:
        terms *= np.uint32(stride % (1 << 32))
    if reference:
        terms += np.uint32(reference % (1 << 32))
    terms[:, 0] += np.uint32(first % (1 << 32))
    np.add.accumulate(terms, 1, out=terms)
    return first + stride * int(codes[-length:].sum(dtype=np.int64)) + reference * length if inner == 1 else first


#: ``(codes, stride, reference, first, length, inner, out) -> total``: sums of ``stride * code + reference`` along the
#: middle one of three axes, with `first` before each line, modulo 2**32; `total` is what the last line comes to.
running_sums = Kernel(_running_sums, _running_sums_twin, ("rT", "si8", "si8", "si8", "si8", "si8", "wu4"), ("u1", "u2", "u4"))


def _running_words(codes, stride, reference, first, out):  # type: ignore[no-untyped-def]
    total = first
    out = out[: codes.size]
    for i in range(codes.size):
        total += np.uint64(codes[i]) * stride + reference
        out[i] = total
    return total


def _running_words_twin(codes: Array, stride: Any, reference: Any, first: Any, out: Array) -> Any:
    np.copyto(out, codes)
    out *= stride
    out += reference
    out[:1] += first
    np.add.accumulate(out, out=out)
    return out[-1]


#: ``(codes, stride, reference, first, out) -> total``: sums of ``stride * code + reference`` after `first`, modulo 2**64.
running_words = Kernel(_running_words, _running_words_twin, ("rT", "su8", "su8", "su8", "wu8"), ("u1", "u2", "u4"))


def _running_extremes(codes, greatest, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    found = codes[0]
    if greatest:
        for i in range(codes.size):
            found = max(found, codes[i])
            out[i] = found
    else:
        for i in range(codes.size):
            found = min(found, codes[i])
            out[i] = found
    return 0


def _running_extremes_twin(codes: Array, greatest: bool, out: Array) -> int:
    (np.maximum if greatest else np.minimum).accumulate(codes, out=out)
    return 0


#: ``(codes, greatest, out)``: the greatest code so far, or the least one, of at least one code.
running_extremes = Kernel(_running_extremes, _running_extremes_twin, ("rT", "sb1", "wT"), ("u1", "u2", "u4"))

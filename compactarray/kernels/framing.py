"""Values to codes in a frame that is known already, and the proof that they come back, in one pass.

There are no branches, and no `and` (which is one), so that the loops are vectorized.
"""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

#: What is taken off a code of 32 bits to make it a signed integer: most processors convert floats to these only.
_HALF = 1 << 31


def _frame_words(words, base, mask, codes):  # type: ignore[no-untyped-def]
    # The mask cuts what wraps around: numba subtracts narrow unsigned integers in 64 bits.
    codes = codes[: words.size]
    low, high = mask, mask ^ mask
    for i in range(words.size):
        difference = (words[i] - base) & mask
        low = min(low, difference)
        high = max(high, difference)
        codes[i] = difference
    return low, high


def _frame_words_twin(words: Array, base: Any, mask: Any, codes: Array) -> tuple[int, int]:
    difference = words - base
    np.copyto(codes, difference, casting="unsafe")
    return int(difference.min(initial=mask)), int(difference.max(initial=0))


def _frame_strides(words, base, mask, stride, reach, codes):  # type: ignore[no-untyped-def]
    # A quotient below 2**32 is nearer to the product with 1 / stride than any other integer; the product of integers proves it.
    codes = codes[: words.size]
    low, high = mask, mask ^ mask
    wrong = 0
    inverse = 1.0 / np.float64(stride)
    for i in range(words.size):
        difference = (words[i] - base) & mask
        low = min(low, difference)
        high = max(high, difference)
        quotient = np.int64(np.rint(np.float64(np.int64(min(difference, reach))) * inverse))
        wrong += quotient * np.int64(stride) != np.int64(difference)
        codes[i] = quotient
    return low, high, wrong


def _frame_strides_twin(words: Array, base: Any, mask: Any, stride: Any, reach: Any, codes: Array) -> tuple[int, int, int]:
    difference = (words - base).astype(np.uint64)
    quotient = np.rint(np.minimum(difference, np.uint64(reach)).astype(np.float64) * (1.0 / float(stride))).astype(np.int64)
    np.copyto(codes, quotient, casting="unsafe")
    wrong = np.count_nonzero((quotient * np.int64(stride)).view(np.uint64) != difference)
    return int(difference.min(initial=mask)), int(difference.max(initial=0)), int(wrong)


def _frame_decimals(values, bits, power, reference, reach, codes):  # type: ignore[no-untyped-def]
    bits = bits[: values.size]
    codes = codes[: values.size]
    exact = 0
    for i in range(values.size):
        value = values[i]
        rounded = np.rint(value * power)
        code = rounded - reference
        # Only what is inside is converted: of anything else, and of NaN, the result would be undefined.
        inside = (code >= 0.0) & (code <= reach)
        exact += inside & (rounded / power == value) & ((rounded != 0.0) | (bits[i] == 0))
        codes[i] = np.uint32(np.int32((code if inside else 0.0) - 2147483648.0)) ^ np.uint32(0x80000000)
    return exact


def _frame_whole(values, bits, reference, reach, codes):  # type: ignore[no-untyped-def]
    bits = bits[: values.size]
    codes = codes[: values.size]
    exact = 0
    for i in range(values.size):
        value = values[i]
        rounded = np.rint(value)
        code = rounded - reference
        inside = (code >= 0.0) & (code <= reach)
        exact += inside & (rounded == value) & ((value != 0.0) | (bits[i] == 0))
        codes[i] = np.uint32(np.int32((code if inside else 0.0) - 2147483648.0)) ^ np.uint32(0x80000000)
    return exact


def _frame_decimals_twin(values: Array, bits: Array, power: float, reference: float, reach: float, codes: Array) -> int:
    with np.errstate(all="ignore"):
        rounded = np.rint(values * power)
        code = rounded - reference
        inside = (code >= 0) & (code <= reach)
        exact = inside & (rounded / power == values) & ((rounded != 0) | (bits == 0))
    np.copyto(codes, (np.where(inside, code, 0.0) - _HALF).astype(np.int32).view(np.uint32) ^ np.uint32(_HALF), casting="unsafe")
    return int(np.count_nonzero(exact))


def _frame_whole_twin(values: Array, bits: Array, reference: float, reach: float, codes: Array) -> int:
    return _frame_decimals_twin(values, bits, 1.0, reference, reach, codes)


def _narrow_floats(values, codes):  # type: ignore[no-untyped-def]
    codes = codes[: values.size]
    exact = 0
    for i in range(values.size):
        value = values[i]
        code = np.float32(value)
        codes[i] = code
        exact += np.float64(code) == value
    return exact


def _narrow_floats_twin(values: Array, codes: Array) -> int:
    with np.errstate(all="ignore"):
        np.copyto(codes, values, casting="unsafe")
        return int(np.count_nonzero(codes.astype(np.float64) == values))


_WORDS = ("rT", "sT", "sT")
#: ``(words, base, mask, codes) -> (low, high)``: differences to `base`, modulo the width of the words (all of whose bits are in
#: `mask`), cut to codes of 1, 2 or 4 bytes, and the least and the greatest of them.
frame_u1 = Kernel(_frame_words, _frame_words_twin, (*_WORDS, "wu1"), ("u2", "u4", "u8"))
frame_u2 = Kernel(_frame_words, _frame_words_twin, (*_WORDS, "wu2"), ("u4", "u8"))
frame_u4 = Kernel(_frame_words, _frame_words_twin, (*_WORDS, "wu4"), ("u8",))
#: ``(words, base, mask, stride, reach, codes) -> (low, high, wrong)``: the same, divided by `stride`; `wrong` counts those that are no
#: multiples of it, or beyond `reach`, which is below 2**63.
strides_u1 = Kernel(_frame_strides, _frame_strides_twin, (*_WORDS, "su8", "su8", "wu1"), ("u4", "u8"))
strides_u2 = Kernel(_frame_strides, _frame_strides_twin, (*_WORDS, "su8", "su8", "wu2"), ("u8",))
strides_u4 = Kernel(_frame_strides, _frame_strides_twin, (*_WORDS, "su8", "su8", "wu4"), ("u8",))
#: ``(values, bits, power, reference, reach, codes) -> exact``: values times `power` as integers above `reference`, and how many
#: of them come back from codes up to `reach` with the same bits.
decimals_u1 = Kernel(_frame_decimals, _frame_decimals_twin, ("rT", "ri8", "sf8", "sf8", "sf8", "wu1"), ("f8",))
decimals_u2 = Kernel(_frame_decimals, _frame_decimals_twin, ("rT", "ri8", "sf8", "sf8", "sf8", "wu2"), ("f8",))
decimals_u4 = Kernel(_frame_decimals, _frame_decimals_twin, ("rT", "ri8", "sf8", "sf8", "sf8", "wu4"), ("f8",))
#: ``(values, bits, reference, reach, codes) -> exact``: the same for floats that are integers.
whole_u1 = Kernel(_frame_whole, _frame_whole_twin, ("rT", "ri8", "sf8", "sf8", "wu1"), ("f8",))
whole_u2 = Kernel(_frame_whole, _frame_whole_twin, ("rT", "ri8", "sf8", "sf8", "wu2"), ("f8",))
whole_u4 = Kernel(_frame_whole, _frame_whole_twin, ("rT", "ri8", "sf8", "sf8", "wu4"), ("f8",))
#: ``(values, codes) -> exact``: float64 as float32, and how many of them stay the same.
narrow_floats = Kernel(_narrow_floats, _narrow_floats_twin, ("rT", "wf4"), ("f8",))

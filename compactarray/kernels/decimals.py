"""Which floats are decimals: integers divided by a power of ten, to the last bit."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel
from compactarray.kernels.scan import NOT_INTEGER

Array = np.ndarray[Any, Any]


def _scan_decimals(values, bits, power, limit, image):  # type: ignore[no-untyped-def]
    integers = 0
    low = np.int64(np.iinfo(np.int64).max)
    high = np.int64(np.iinfo(np.int64).min)
    size = values.size
    bits = bits[:size]
    image = image[:size]
    for i in range(size):
        value = values[i]
        scaled = value * power
        # A value outside the limit (or NaN) is not converted: the result would be undefined.
        inside = abs(scaled) <= limit
        rounded = np.rint(scaled if inside else 0.0)
        exact = inside and (rounded / power == value) and (rounded != 0 or bits[i] == 0)
        integer = np.int64(rounded)
        integers += exact
        image[i] = integer if exact else np.iinfo(np.int64).min
        low = min(low, integer) if exact else low
        high = max(high, integer) if exact else high
    return integers, low, high


def _scan_decimals_twin(values: Array, bits: Array, power: Any, limit: float, image: Array) -> tuple[int, int, int]:
    cast = values.dtype.type
    with np.errstate(all="ignore"):
        scaled = values * cast(power)
        inside = np.abs(scaled) <= limit
        rounded = np.rint(np.where(inside, scaled, cast(0)))
        exact = inside & (rounded / cast(power) == values) & ((rounded != 0) | (bits == 0))
    np.copyto(image, rounded, casting="unsafe")
    integers = int(np.count_nonzero(exact))
    image[~exact] = NOT_INTEGER
    if not integers:
        return 0, np.iinfo(np.int64).max, NOT_INTEGER
    return integers, int(image.min(where=exact, initial=np.iinfo(np.int64).max)), int(image.max())


def _divide_codes(codes, stride, reference, power, out):  # type: ignore[no-untyped-def]
    out = out[: codes.size]
    for i in range(codes.size):
        out[i] = (np.float64(codes[i]) * stride + reference) / power
    return 0


def _divide_codes_twin(codes: Array, stride: float, reference: float, power: float, out: Array) -> int:
    np.copyto(out, codes, casting="unsafe")
    if stride != 1.0:
        out *= stride
    if reference:
        out += reference
    out /= power
    return 0


#: ``(codes, stride, reference, power, out)``: ``(stride * code + reference) / power``, where products and sums are exact.
divide_codes = Kernel(_divide_codes, _divide_codes_twin, ("rT", "sf8", "sf8", "sf8", "wf8"), ("u1", "u2", "u4"))
#: ``(values, bits, power, limit, image) -> (integers, low, high)``; fills `image` with the integers that the values are times `power`.
scan_decimals = Kernel(_scan_decimals, _scan_decimals_twin, ("rT", "ri8", "sf8", "sf8", "wi8"), ("f8",))

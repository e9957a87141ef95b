"""One pass over a block of floats that tells what encodings it admits.

Which values are integers, which are exact in float32 (NaN is counted, its bits remain to be checked), and
how often a candidate fill occurs. (For integers NumPy's own reductions are the fastest there is.) Bits are
compared, never values.
"""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]

#: What the integer image of a float holds where the float is no integer (or is -0.0, or is too large).
NOT_INTEGER = np.iinfo(np.int64).min


def _scan_floats(values, bits, fill, limit, image):  # type: ignore[no-untyped-def]
    integers = 0
    narrows = 0
    fills = 0
    low = np.int64(np.iinfo(np.int64).max)
    high = np.int64(np.iinfo(np.int64).min)
    size = values.size
    bits = bits[:size]
    image = image[:size]
    for i in range(size):
        value = values[i]
        word = bits[i]
        fills += word == fill
        inside = abs(value) <= limit
        # A value outside the limit (or NaN) is not converted: the result would be undefined.
        integer = np.int64(value if inside else 0.0)
        exact = inside and (np.float64(integer) == value) and (integer != 0 or word == 0)
        narrows += (np.float64(np.float32(value)) == value) | (value != value)
        integers += exact
        image[i] = integer if exact else np.iinfo(np.int64).min
        low = min(low, integer) if exact else low
        high = max(high, integer) if exact else high
    return integers, low, high, narrows, fills


def _scan_floats_twin(values: Array, bits: Array, fill: Any, limit: float, image: Array) -> tuple[int, int, int, int, int]:
    fills = int(np.count_nonzero(bits == fill))
    with np.errstate(all="ignore"):
        narrows = int(np.count_nonzero((values.astype(np.float32) == values) | np.isnan(values)))
        inside = np.abs(values) <= limit
        np.copyto(image, np.where(inside, values, 0), casting="unsafe")
    exact = inside & (image == values) & ((image != 0) | (bits == 0))
    integers = int(np.count_nonzero(exact))
    image[~exact] = NOT_INTEGER
    if not integers:
        return 0, np.iinfo(np.int64).max, NOT_INTEGER, narrows, fills
    low = int(image.min(where=exact, initial=np.iinfo(np.int64).max))
    return integers, low, int(image.max()), narrows, fills


#: ``(values, bits, fill, limit, image) -> (integers, low, high, narrows, fills)``; fills `image` too.
scan_floats = Kernel(
    _scan_floats,
    _scan_floats_twin,
    ("rT", "ri8", "si8", "sf8", "wi8"),
    ("f8",),
)

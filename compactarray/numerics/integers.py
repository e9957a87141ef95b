"""Integers inside other dtypes: which values are integers, and in which codes they fit."""

from functools import lru_cache
from typing import Any

import numpy as np

from compactarray.kernels import scan_floats

Array = np.ndarray[Any, Any]

#: Every integer up to this magnitude is exact in the float dtype, and so are sums of two that stay below it.
INTEGER_LIMIT = {2: 2**11, 4: 2**24, 8: 2**53}
#: What an integer image holds where there is no integer; outside of every limit.
NOT_INTEGER = int(np.iinfo(np.int64).min)

_CODE_DTYPES = ((1 << 8, np.dtype("u1")), (1 << 16, np.dtype("u2")), (1 << 32, np.dtype("u4")))


def code_dtype(count: int) -> np.dtype[Any] | None:
    """Return the narrowest dtype of codes for `count` different codes, or None where 4 bytes do not suffice."""
    for capacity, dtype in _CODE_DTYPES:
        if count <= capacity:
            return dtype
    return None


@lru_cache(64)
def value_range(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return the least and the greatest integer that an integer image of `dtype` can hold."""
    if dtype.kind == "f":
        limit = INTEGER_LIMIT[dtype.itemsize]
        return -limit, limit
    info = np.iinfo(np.int64 if dtype.kind in "mM" else dtype)
    # NaT is the least 64-bit integer, and no moment.
    return int(info.min) + (dtype.kind in "mM"), int(info.max)


def float_image(values: Array, fill: int = 0) -> tuple[Array, int, int, int, int, int]:
    """Scan floats: ``(image, integers, low, high, narrows, fills)``.

    `image` is int64: the value where it is an integer that the dtype counts exactly and not -0.0, else
    `NOT_INTEGER`. `integers` counts them, `low` and `high` bound them; `narrows` counts values that equal
    their float32 rounding, `fills` those whose word (as float64) is `fill`.
    """
    with np.errstate(all="ignore"):  # a signalling NaN becomes a quiet one; it is no integer either way
        wide = np.ascontiguousarray(values, np.float64)
    image = np.empty(wide.size, np.int64)
    limit = float(INTEGER_LIMIT[values.dtype.itemsize])
    integers, low, high, narrows, fills = scan_floats(wide, wide.view(np.int64), np.int64(fill), limit, image)
    return image, int(integers), int(low), int(high), int(narrows), int(fills)


def integer_image(values: Array) -> Array:
    """Return integers that stand for `values` (see `float_image`); a view where they are integers anyway."""
    if values.dtype.kind == "f":
        return float_image(values)[0]
    if values.dtype.kind in "mM":
        return values.view(np.int64)
    return values


def exact_integer(value: np.generic) -> int | None:
    """Return the integer that stands for one value, or None where there is none."""
    kind = value.dtype.kind
    if kind in "iu":
        return int(value)  # type: ignore[call-overload,no-any-return]
    if kind in "mM":
        count = int(value.view(np.int64))
        return None if count == NOT_INTEGER else count
    number = float(value)  # type: ignore[arg-type]
    if not number.is_integer() or abs(number) > INTEGER_LIMIT[value.dtype.itemsize]:
        return None
    integer = int(number)
    return None if integer == 0 and np.signbit(value) else integer


#: Integer dtypes from narrow to wide, unsigned before signed, with their ranges.
_COMPUTE = tuple(
    (np.dtype(name), int(np.iinfo(name).min), int(np.iinfo(name).max)) for name in ("u1", "i1", "u2", "i2", "u4", "i4", "i8")
)


def compute_dtype(low: int, high: int) -> np.dtype[Any] | None:
    """Return the narrowest integer dtype that holds every integer in ``low..high``, or None where int64 does not."""
    for dtype, least, most in _COMPUTE:
        if least <= low and high <= most:
            return dtype
    return None

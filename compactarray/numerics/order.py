"""NumPy's order of values as an order of unsigned integers, the *keys*; and which values are equal in it.

Keys sort as NumPy sorts: -inf before all numbers, NaN and NaT last. Values with different bits have
different keys, also 0.0 and -0.0 and two NaNs, which NumPy's order holds equal: they are neighbours. Strings are
their own keys: NumPy holds equal only what is the same.
"""

from typing import Any

import numpy as np

from compactarray.numerics.words import words

Array = np.ndarray[Any, Any]

#: Mantissa bits of floats by their bytes.
_MANTISSA = {2: 10, 4: 23, 8: 52}


def _turn(dtype: np.dtype[Any]) -> int:
    """Return how many keys, the least ones, belong behind all others: those of NaT, or of NaNs with a sign."""
    if dtype.kind == "f":
        return (1 << _MANTISSA[dtype.itemsize]) - 1
    return int(dtype.kind in "mM")


def keys(values: Array) -> Array:
    """Return the keys of values of a dtype that can be encoded.

    Signed integers in two's complement are in order once the sign bit is flipped. So are floats, when the other
    bits of those with a sign are flipped, too; that puts NaNs with a sign first, from where they are turned to
    the end, modulo 2^w.
    """
    kind = values.dtype.kind
    if kind in "SU":
        return values
    found = words(np.ascontiguousarray(values))
    if kind in "bu":
        return found
    sign = found.dtype.type(1 << 8 * found.itemsize - 1)
    if kind == "f":
        # All ones where the sign is set: an arithmetic shift to the right.
        signs = (found.view(f"i{found.itemsize}") >> (8 * found.itemsize - 1)).view(found.dtype)
        found = found ^ (signs | sign)
    else:
        found = found ^ sign
    return found - found.dtype.type(_turn(values.dtype))


def values_of(found: Array, dtype: np.dtype[Any]) -> Array:
    """Return the values that keys stand for."""
    if dtype.kind in "SU":
        return found
    if dtype.kind in "bu":
        return found.view(dtype)
    sign = found.dtype.type(1 << 8 * found.itemsize - 1)
    found = found + found.dtype.type(_turn(dtype))
    if dtype.kind == "f":
        signs = (found.view(f"i{found.itemsize}") >> (8 * found.itemsize - 1)).view(found.dtype)
        return (found ^ (~signs | sign)).view(dtype)
    return (found ^ sign).view(dtype)


def is_missing(values: Array) -> Array:
    """Tell of each value whether it is NaN or NaT."""
    return np.isnan(values) if values.dtype.kind in "fmM" else np.zeros(values.shape, bool)


def new_classes(values: Array) -> Array:
    """Tell of each of sorted values whether NumPy's order holds it greater than the one before it."""
    fresh = np.ones(values.size, bool)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    if values.dtype.kind in "fmM" and values.size > 1 and is_missing(values[-2:]).all():
        # Missing values are the last ones, and all the same to the order.
        fresh[int(values.searchsorted(values[-1])) + 1 :] = False
    return fresh

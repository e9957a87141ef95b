"""The bits of values, as unsigned integers of the same size.

Values are the same when their words are the same: that tells -0.0 from 0.0 and one NaN from another.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_WORDS: dict[int, np.dtype[Any]] = {1: np.dtype("u1"), 2: np.dtype("u2"), 4: np.dtype("u4"), 8: np.dtype("u8")}


def word_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the unsigned integer dtype as wide as `dtype` (1, 2, 4 or 8 bytes)."""
    return _WORDS[dtype.itemsize]


def words(values: Array) -> Array:
    """Return a view of `values` as unsigned integers of the same size."""
    return values.view(_WORDS[values.dtype.itemsize])


def is_encodable(dtype: np.dtype[Any]) -> bool:
    """Tell whether blocks of `dtype` can be encoded: one word an element, native byte order."""
    return dtype.kind in "biufmM" and dtype.itemsize in _WORDS and dtype.isnative

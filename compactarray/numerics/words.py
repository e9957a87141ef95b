"""The bits of values, as unsigned integers of the same size.

Values are the same when their words are the same: that tells -0.0 from 0.0 and one NaN from another. Strings of
1, 2, 4 or 8 bytes have such words, too; longer ones, and those of 3 bytes, have *wide* words: byte strings (`S`) of
their size, which are equal exactly where all bytes are, for zeros at the end are what shorter ones are padded with.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

#: Bytes of the longest strings of which a block still is a handful of tiles; longer ones are kept as they are.
_LONGEST = 512
_WORDS: dict[int, np.dtype[Any]] = {1: np.dtype("u1"), 2: np.dtype("u2"), 4: np.dtype("u4"), 8: np.dtype("u8")}


def word_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype of the words of `dtype`: an unsigned integer as wide as it is, or byte strings."""
    return _WORDS.get(dtype.itemsize) or np.dtype(f"S{dtype.itemsize}")


def words(values: Array) -> Array:
    """Return a view of `values` as words of the same size."""
    return values.view(word_dtype(values.dtype))


def is_encodable(dtype: np.dtype[Any]) -> bool:
    """Tell whether blocks of `dtype` can be encoded: one word an element, native byte order."""
    if dtype.kind in "SU":
        return dtype.isnative and 0 < dtype.itemsize <= _LONGEST
    return dtype.kind in "biufmM" and dtype.itemsize in _WORDS and dtype.isnative


def is_wide(dtype: np.dtype[Any]) -> bool:
    """Tell whether words of a dtype are wide: byte strings, not integers."""
    return dtype.itemsize not in _WORDS


def units(values: Array) -> Array:
    """Return the bytes of contiguous values as unsigned integers, the widest that divide an element: one row an element."""
    size = values.dtype.itemsize
    width = min(size & -size, 8)
    return values.reshape(-1).view(_WORDS[width]).reshape(values.size, size // width)


def as_dtype(value: Any) -> np.dtype[Any]:
    """Return the dtype that a value asks for; of arrays NumPy's own error, though compact ones have a dtype to show."""
    return np.dtype(np.empty(0) if hasattr(type(value), "__array_function__") else value)

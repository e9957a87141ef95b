"""Arrays that hold their data losslessly in the smallest form found, and are ndarrays to the code that uses them.

Examples
--------
>>> import numpy as np
>>> import compactarray
>>> counts = compactarray.asarray(np.arange(100_000) % 200)
>>> counts.dtype, counts.dense_nbytes, counts.nbytes
(dtype('int64'), 800000, 100000)
"""

from compactarray.array import CompactArray
from compactarray.config import config
from compactarray.creation import (
    arange,
    asarray,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)

__all__ = [
    "CompactArray",
    "arange",
    "asarray",
    "config",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

"""Arrays that hold their data losslessly in the smallest form found, and are ndarrays to the code that uses them.

Examples
--------
>>> import numpy as np
>>> import compactarray
>>> counts = compactarray.asarray(np.arange(100_000) % 200)
>>> counts.dtype, counts.dense_nbytes, counts.nbytes
(dtype('int64'), 800000, 100000)
"""

from compactarray import functions
from compactarray._version import __version__
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
from compactarray.interop.scipy import from_scipy
from compactarray.interop.sparse import from_sparse
from compactarray.io import NpzFile, from_chunks, load
from compactarray.registry import CONVERTERS, DenseWarning

CONVERTERS.update(scipy=from_scipy, sparse=from_sparse)

__all__ = [
    "functions",
    "CompactArray",
    "DenseWarning",
    "NpzFile",
    "__version__",
    "arange",
    "asarray",
    "config",
    "empty",
    "empty_like",
    "eye",
    "from_chunks",
    "full",
    "full_like",
    "linspace",
    "load",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

"""Arrays that hold their data losslessly in the smallest form found, and are ndarrays to the code that uses them.

Examples
--------
>>> import numpy as np
>>> import compactarray
>>> counts = compactarray.asarray(np.arange(100_000) % 200)
>>> counts.dtype, counts.dense_nbytes, counts.nbytes
(dtype('int64'), 800000, 100000)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from compactarray._version import __version__
from compactarray.array import CompactArray
from compactarray.config import config
from compactarray.interop.scipy import from_scipy
from compactarray.interop.sparse import from_sparse
from compactarray.io import NpzFile, from_chunks, load
from compactarray.namespace import table as _names
from compactarray.registry import CONVERTERS, SOURCES, DenseWarning

if TYPE_CHECKING:
    from compactarray.namespace.static import *

CONVERTERS.update(scipy=from_scipy, sparse=from_sparse)
SOURCES.append("compactarray.functions")

__all__ = [
    "CompactArray",
    "DenseWarning",
    "NpzFile",
    "__version__",
    "config",
    "from_chunks",
    "load",
]
__all__ += [name for name in _names.public() if name not in __all__]

# Modules of the package are called so, too, and would be found first.
array: Any = _names.attribute("array")
flatiter: Any = _names.attribute("flatiter")
info: Any = _names.attribute("info")


def __getattr__(name: str) -> Any:
    """Return what a public name of NumPy's main namespace is here: so that ``import compactarray as np`` works."""
    found = import_module("compactarray.functions") if name == "functions" else _names.attribute(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), "functions", *_names.names()})

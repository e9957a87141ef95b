"""What NumPy's callables return, with compact arrays for ndarrays."""

from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.views import result_view

#: Containers in containers are looked into so far.
_DEPTH = 4


def owned(array: Array) -> CompactArray:
    """Return an ndarray as a CompactArray that shares nothing with it; what cannot be written stays so.

    Plain where it is small, as results of operations are.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.namespace.results import owned
    >>> owned(np.arange(3))
    CompactArray([0, 1, 2])
    """
    view = result_view(array)
    if isinstance(view, PlainView) and (array.base is not None or not array.flags.owndata):
        view = PlainView(np.array(array, order="K"))
    return CompactArray.from_view(view if array.flags.writeable else view.readonly())


def compacted(result: Any, out: Any = None, depth: int = _DEPTH) -> Any:
    """Return a result with compact arrays for ndarrays, also in tuples and lists.

    The target `out` (one, or a tuple of them) stays what it is, and so do instances of subclasses of ndarray.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.namespace.results import compacted
    >>> compacted(np.modf([1.5, 2.0]))
    (CompactArray([0.5, 0. ]), CompactArray([1., 2.]))
    """
    kind = type(result)
    if kind is np.ndarray:
        given = result is out or (type(out) is tuple and any(result is target for target in out))
        return result if given else owned(result)
    if kind is list and depth:
        return [compacted(item, out, depth - 1) for item in result]
    if isinstance(result, tuple) and depth:
        items = [compacted(item, out, depth - 1) for item in result]
        return kind(*items) if hasattr(result, "_fields") else tuple(items)
    return result

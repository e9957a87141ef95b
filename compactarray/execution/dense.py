"""The dense route: operands are decoded whole, NumPy computes, results are encoded again.

Correct for everything, and bounded by nothing but memory: what has no better route yet goes here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, PlainView, encoded

_DEPTH = 8

#: Functions that write to their first argument.
MUTATING: tuple[Callable[..., Any], ...] = (np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis)


def result_view(array: Array) -> AnyView:
    """Return the view of a result: plain where it is small, else encoded."""
    return PlainView(array) if array.nbytes <= settings().plain_below else encoded(array)


class Decoded:
    """Arguments with every compact array replaced by an ndarray, and the way back.

    Parameters
    ----------
    kind : type
        The class of compact arrays.
    """

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._arrays: dict[int, tuple[Any, Array]] = {}

    def decode(self, value: Any, depth: int = _DEPTH) -> Any:
        """Return `value` (also nested in lists, tuples and dicts) with ndarrays for compact arrays."""
        if isinstance(value, self._kind):
            if id(value) not in self._arrays:
                self._arrays[id(value)] = (value, np.asarray(value))
            return self._arrays[id(value)][1]
        if depth and type(value) in (list, tuple):
            return type(value)([self.decode(item, depth - 1) for item in value])
        if depth and type(value) is dict:
            return {key: self.decode(item, depth - 1) for key, item in value.items()}
        return value

    def write_back(self, value: Any) -> None:
        """Write what became of the ndarray of a compact array to that array."""
        found = self._arrays.get(id(value))
        if found is not None and not isinstance(value._view, PlainView):
            value[...] = found[1]

    def encode(self, result: Any, wrap: Callable[[AnyView], Any], depth: int = _DEPTH) -> Any:
        """Return a result with compact arrays for ndarrays; an argument's own ndarray becomes that argument."""
        if type(result) is np.ndarray:
            for value, array in self._arrays.values():
                if array is result:
                    return value
            return wrap(result_view(result))
        if depth and isinstance(result, tuple):
            items = [self.encode(item, wrap, depth - 1) for item in result]
            return type(result)(*items) if hasattr(result, "_fields") else tuple(items)
        if depth and type(result) is list:
            return [self.encode(item, wrap, depth - 1) for item in result]
        return result

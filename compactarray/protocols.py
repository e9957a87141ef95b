"""NumPy's protocols: ufuncs, functions and operators arrive here and are sent on their routes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from compactarray.execution.dense import MUTATING, Decoded
from compactarray.registry import lookup


class Protocols(NDArrayOperatorsMixin):
    """What makes NumPy's functions and Python's operators work on compact arrays."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Run a ufunc or one of its methods; dense, until lanes serve it."""
        outs = kwargs.get("out", ())
        if any(_takes_over(value) for value in (*inputs, *outs)):
            return NotImplemented
        decoded = Decoded(Protocols)
        result = getattr(ufunc, method)(*decoded.decode(inputs), **decoded.decode(kwargs))
        if method == "at":
            decoded.write_back(inputs[0])
            return None
        for out in outs:
            decoded.write_back(out)
        return decoded.encode(result, type(self).from_view)  # type: ignore[attr-defined]

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        """Run a NumPy function on its registered route, or dense where it has none."""
        if not all(issubclass(kind, (Protocols, np.ndarray)) or kind in _SCALARS for kind in types):
            return NotImplemented
        entry = lookup(func)
        if entry is not None and entry.body is not None:
            return entry.body(*args, **kwargs)
        decoded = Decoded(Protocols)
        result = func(*decoded.decode(args), **decoded.decode(kwargs))
        if func in MUTATING and args:
            decoded.write_back(args[0])
        out = kwargs.get("out")
        for value in out if isinstance(out, tuple) else (out,):
            decoded.write_back(value)
        return decoded.encode(result, type(self).from_view)  # type: ignore[attr-defined]

    def __contains__(self, value: Any) -> bool:
        """As ``value in ndarray``: whether any element is equal to it."""
        if np.ndim(value):
            return value in np.asarray(self)
        return any(value in tile for tile in self._view.tiles())  # type: ignore[attr-defined]


_SCALARS = (bool, int, float, complex)


def _takes_over(value: Any) -> bool:
    """Tell whether an operand is of a class that wants to compute by itself."""
    override = getattr(type(value), "__array_ufunc__", None)
    if isinstance(value, (Protocols, np.ndarray, np.generic)) or not hasattr(type(value), "__array_ufunc__"):
        return False
    return override is None or override is not np.ndarray.__array_ufunc__

"""NumPy's protocols: ufuncs, functions and operators arrive here and are sent on their routes."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from compactarray.execution.dense import MUTATING, Decoded
from compactarray.execution.ufuncs import run
from compactarray.registry import lookup
from compactarray.storage.view import PlainView, View


class Protocols(NDArrayOperatorsMixin):
    """What makes NumPy's functions and Python's operators work on compact arrays."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Run a ufunc or one of its methods: by tiles, results encoded; see `compactarray.execution`."""
        outs = kwargs.pop("out", ())
        for value in (*inputs, *outs):
            if not isinstance(value, _OURS) and _takes_over(value):
                return NotImplemented
        views = tuple([value._view if isinstance(value, Protocols) else value for value in inputs])
        targets = tuple([value._view if isinstance(value, Protocols) else value for value in outs])
        if isinstance(kwargs.get("where"), Protocols):
            kwargs["where"] = kwargs["where"]._view
        results = run(ufunc, method, views, targets, kwargs)
        if type(results) is tuple:
            return tuple([self._wrapped(result, out) for result, out in zip_longest(results, outs)])
        return self._wrapped(results, outs[0] if outs else None)

    def _wrapped(self, result: Any, out: Any) -> Any:
        """Return what an operation gives: the target it was given, a scalar, or an array around a view."""
        if out is not None:
            return out
        if isinstance(result, (View, PlainView)):
            return self.from_view(result)
        return self.from_view(PlainView(result)) if type(result) is np.ndarray else result

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
_OURS = (int, float, complex, np.ndarray, np.generic, Protocols)


def _takes_over(value: Any) -> bool:
    """Tell whether an operand is of a class that wants to compute by itself."""
    override = getattr(type(value), "__array_ufunc__", None)
    if isinstance(value, (Protocols, np.ndarray, np.generic)) or not hasattr(type(value), "__array_ufunc__"):
        return False
    return override is None or override is not np.ndarray.__array_ufunc__

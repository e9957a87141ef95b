"""NumPy's protocols: ufuncs, functions and operators arrive here and are sent on their routes."""

from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from compactarray.execution.dense import run_dense, run_inline
from compactarray.execution.powers import power_ufunc
from compactarray.execution.ufuncs import run
from compactarray.geometry.ghost import sham
from compactarray.registry import lookup
from compactarray.storage.view import AnyView, PlainView, View
from compactarray.storage.views import result_view


class Protocols(NDArrayOperatorsMixin):
    """What makes NumPy's functions and Python's operators work on compact arrays."""

    __slots__ = ()

    if TYPE_CHECKING:
        _view: AnyView

        @classmethod
        def from_view(cls, view: AnyView, base: Any = None) -> Any:
            """Return the array around a view."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Run a ufunc or one of its methods: by tiles, results encoded; see `compactarray.execution`."""
        outs = kwargs.pop("out", ())
        arrays_only = outs is Ellipsis or (len(outs) == 1 and outs[0] is Ellipsis)
        if arrays_only:
            outs = ()
        for value in (*inputs, *outs):
            if not isinstance(value, _OURS) and _takes_over(value):
                return NotImplemented
        views = tuple([value._view if isinstance(value, Protocols) else value for value in inputs])
        targets = tuple([value._view if isinstance(value, Protocols) else value for value in outs])
        if isinstance(kwargs.get("where"), Protocols):
            kwargs["where"] = kwargs["where"]._view
        results = run(ufunc, method, views, targets, kwargs)
        if arrays_only:
            results = tuple(map(_as_array, results)) if type(results) is tuple else _as_array(results)
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
        for kind in types:
            if not issubclass(kind, _ARRAYS):
                return NotImplemented
        entry = lookup(func)
        wrap = type(self).from_view  # type: ignore[attr-defined]
        if entry is not None and entry.body is not None:
            if entry.inline:
                found = run_inline(func, args, kwargs, Protocols, wrap)
                if found is not NotImplemented:
                    return found
            return entry.body(*args, **kwargs)
        if entry is not None and entry.route == "refused":
            raise TypeError(f"numpy.{func.__name__} can mean nothing for compact arrays: {entry.reason}")
        return run_dense(func, args, kwargs, Protocols, wrap)

    def __eq__(self, other: Any) -> Any:
        """As ndarray: False everywhere where the dtypes have no comparison."""
        return self._compared(np.equal, other)

    def __ne__(self, other: Any) -> Any:
        """As ndarray: True everywhere where the dtypes have no comparison."""
        return self._compared(np.not_equal, other)

    def _compared(self, ufunc: np.ufunc, other: Any) -> Any:
        if getattr(type(other), "__array_ufunc__", self) is None:
            return NotImplemented
        try:
            return ufunc(self, other)
        except TypeError:
            if self._view.dtype.names is not None or getattr(getattr(other, "dtype", None), "names", None) is not None:
                # Records are compared field by field, which needs the elements.
                left, right = np.asarray(self), np.asarray(other) if isinstance(other, Protocols) else other
                return self._wrapped(left == right if ufunc is np.equal else left != right, None)
            # ndarray answers where the ufunc has no loop; which cases these are it knows itself.
            left = sham(self.shape, self.dtype)  # type: ignore[attr-defined]
            right = other if not isinstance(other, Protocols) else sham(other.shape, other.dtype)  # type: ignore[attr-defined]
            found = left == right if ufunc is np.equal else left != right
            return self.from_view(result_view(found)) if isinstance(found, np.ndarray) else found  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]

    def __pow__(self, other: Any, modulo: None = None) -> Any:
        """As ndarray: some scalar exponents have ufuncs of their own."""
        return self._power(other)

    def __ipow__(self, other: Any) -> Any:  # type: ignore[misc]
        return self._power(other, out=(self,))

    def _power(self, exponent: Any, **out: Any) -> Any:
        ufunc = power_ufunc(self._view.dtype, exponent) if isinstance(exponent, _NUMBERS) else np.power
        return ufunc(self, exponent, **out) if ufunc.nin == 2 else ufunc(self, **out)

    def __contains__(self, value: Any) -> bool:
        """As ``value in ndarray``: whether any element is equal to it."""
        if np.ndim(value):
            return value in np.asarray(self)
        return any(value in tile for tile in self._view.tiles())  # type: ignore[attr-defined]


def _as_array(result: Any) -> Any:
    """Return a scalar result as an array without axes: what ``out=...`` asks for."""
    return np.asarray(result) if isinstance(result, np.generic) else result


_NUMBERS = (int, float, complex, np.number)
_ARRAYS = (Protocols, np.ndarray, bool, int, float, complex)
_OURS = (int, float, complex, np.ndarray, np.generic, Protocols)


def _takes_over(value: Any) -> bool:
    """Tell whether an operand is of a class that wants to compute by itself."""
    override = getattr(type(value), "__array_ufunc__", None)
    if isinstance(value, (Protocols, np.ndarray, np.generic)) or not hasattr(type(value), "__array_ufunc__"):
        return False
    return override is None or override is not np.ndarray.__array_ufunc__

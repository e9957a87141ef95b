"""NumPy's protocols: ufuncs and functions arrive here and are sent on their routes."""

import operator
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from compactarray.execution import records
from compactarray.execution.dense import run_dense, run_inline
from compactarray.execution.ufuncs import run
from compactarray.geometry.ghost import sham
from compactarray.operators import BASIC, Operators
from compactarray.registry import lookup
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View
from compactarray.storage.views import result_view

#: Why an operation in which a subclass of ndarray takes part is dense, whatever its route.
GUESTS = "a subclass of ndarray takes part, or an object of pandas, which decides what the result is"


class Protocols(Operators):
    """What makes NumPy's functions and Python's operators work on compact arrays."""

    __slots__ = ()

    _view: AnyView

    @classmethod
    def from_view(cls, view: AnyView, base: Any = None) -> Any:
        """Return the array around a view."""
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Run a ufunc or one of its methods: by tiles, results encoded; see `compactarray.execution`."""
        outs = kwargs.pop("out", ())
        own = type(self)
        views = []
        for value in inputs:
            kind = type(value)
            if kind is own:
                value = value._view
            elif kind not in BASIC:
                break
            views.append(value)
        if len(views) != len(inputs) or "where" in kwargs or (outs and not (len(outs) == 1 and type(outs[0]) is own)):
            return self._run_with_others(ufunc, method, inputs, outs, kwargs)
        if outs:
            return self._wrapped(run(ufunc, method, tuple(views), (outs[0]._view,), kwargs), outs[0])
        return self._wrapped(run(ufunc, method, tuple(views), (), kwargs), None)

    def _run_with_others(self, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], outs: Any, kwargs: dict[str, Any]) -> Any:
        """Run a ufunc that has targets, a mask, or operands of classes that may want it for themselves."""
        if any(out is Ellipsis for out in outs):
            # NumPy's error: alone, it would not have come here.
            np.negative(0, out=(...,))  # type: ignore[arg-type]
        others = [value for value in (*inputs, *outs, kwargs.get("where")) if type(value) not in BASIC]
        if any(_is_foreign(type(value)) for value in others):
            return NotImplemented
        subok = method != "at" and kwargs.get("subok", True)
        if any(_is_guest(type(value), subok) for value in others):
            return self._run_with_guests(ufunc, method, inputs, outs, kwargs)
        views = tuple([value._view if isinstance(value, Protocols) else value for value in inputs])
        targets = tuple([value._view if isinstance(value, Protocols) else value for value in outs])
        if isinstance(kwargs.get("where"), Protocols):
            kwargs["where"] = kwargs["where"]._view
        results = run(ufunc, method, views, targets, kwargs)
        if type(results) is tuple:
            return tuple([self._wrapped(result, out) for result, out in zip_longest(results, outs)])
        return self._wrapped(results, outs[0] if outs else None)

    def _run_with_guests(
        self, ufunc: np.ufunc, method: Any, inputs: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Run a ufunc with subclasses of ndarray: by their overrides, or on ndarrays, so that results are of NumPy's kind."""
        if outs:
            kwargs["out"] = outs
        mine = False
        for value in (*inputs, *outs):
            # Those to the left of this array NumPy has asked itself.
            mine = mine or value is self
            if mine and isinstance(value, np.ndarray) and type(value).__array_ufunc__ is not np.ndarray.__array_ufunc__:
                found = value.__array_ufunc__(ufunc, method, *inputs, **kwargs)
                if found is not NotImplemented:
                    return found
        name = f"numpy.{ufunc.__name__}" if method == "__call__" else f"numpy.{ufunc.__name__}.{method}"
        mutates = method == "at"
        return run_dense(getattr(ufunc, method), inputs, kwargs, Protocols, type(self).from_view, mutates, name=name, reason=GUESTS)

    def _wrapped(self, result: Any, out: Any) -> Any:
        """Return what an operation gives: the target it was given, a scalar, or an array around a view."""
        if out is not None:
            return out
        kind = type(result)
        if kind is np.ndarray:
            return self.from_view(result_view(result))
        if kind is PlainView or kind is View:
            return self.from_view(result)
        return tuple([self._wrapped(item, None) for item in result]) if kind is tuple else result

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        """Run a NumPy function on its registered route, or dense where it has none."""
        guests = False
        for kind in types:
            if kind not in BASIC and not issubclass(kind, Protocols):
                if not issubclass(kind, np.ndarray):
                    return NotImplemented
                guests = True
        entry = lookup(func)
        wrap = type(self).from_view
        if entry is not None and entry.route == "refused":
            raise TypeError(f"numpy.{func.__name__} can mean nothing for compact arrays: {entry.reason}")
        if entry is not None and entry.body is not None and not guests:
            if entry.inline:
                found = run_inline(func, args, kwargs, Protocols, wrap)
                if found is not NotImplemented:
                    return found
            return entry.body(*args, **kwargs)
        return run_dense(func, args, kwargs, Protocols, wrap, reason=GUESTS if guests else "")

    def _by_other(self, function: Callable[..., Any], ufunc: np.ufunc, operands: tuple[Any, Any]) -> Any:
        """Run an operator that belongs to a subclass of ndarray: on ndarrays."""
        return run_dense(function, operands, {}, Protocols, type(self).from_view, name=f"numpy.{ufunc.__name__}", reason=GUESTS)

    def _compared(self, ufunc: np.ufunc, other: Any) -> Any:
        """As ndarray: where the dtypes have no comparison, nothing is equal to anything."""
        if self._view.dtype.kind == "V" and ufunc in _EQUALITY and getattr(getattr(other, "dtype", None), "kind", "") != "V":
            # ndarray refuses what the ufunc would take for objects, in its own words.
            return operator.eq(sham((), self._view.dtype), ())
        try:
            basic = type(other) in BASIC or type(other) is type(self)
            return self.__array_ufunc__(ufunc, "__call__", self, other) if basic else ufunc(self, other)
        except TypeError:
            if ufunc not in (np.equal, np.not_equal):
                raise
            function = operator.eq if ufunc is np.equal else operator.ne
            if self._view.dtype.names is not None and getattr(getattr(other, "dtype", None), "names", None) is not None:
                found = records.compared(function, self._view, other._view if isinstance(other, Protocols) else other)
                return self.from_view(found) if found.shape else found.item()
            # ndarray answers where the ufunc has no loop; which cases these are it knows itself.
            left = sham(self._view.shape, self._view.dtype)
            right = sham(other._view.shape, other._view.dtype) if isinstance(other, Protocols) else other
            answer = function(left, right)
            if isinstance(answer, np.ndarray) and answer.ndim > 1 and answer.shape == self._view.shape:
                axes = self._view.layout("K")
                answer = answer.transpose(axes).copy().transpose(np.argsort(axes))
            return self._wrapped(answer, None)

    def __contains__(self, value: Any) -> bool:
        """As ``value in ndarray``: whether any element is equal to it."""
        if np.ndim(value):
            return bool(np.any(self == value))
        return any(value in tile for tile in self._view.tiles())


_EQUALITY = (np.equal, np.not_equal)


def _is_foreign(kind: type) -> bool:
    """Tell whether a class computes by itself and is neither of ours nor a subclass of NumPy's.

    Objects of pandas compute with ndarrays only, and get these.
    """
    return hasattr(kind, "__array_ufunc__") and not (_of_pandas(kind) or issubclass(kind, (Protocols, np.ndarray, np.generic)))


def _is_guest(kind: type, subok: bool) -> bool:
    """Tell whether NumPy lets a class decide what becomes of results: subclasses of ndarray, and others that wrap.

    Where `subok` is false only those are asked that compute by themselves.
    """
    if issubclass(kind, (Protocols, np.generic)):
        return False
    own = issubclass(kind, np.ndarray) and kind.__array_ufunc__ is not np.ndarray.__array_ufunc__
    return own or _of_pandas(kind) or (subok and hasattr(kind, "__array_wrap__"))


def _of_pandas(kind: type) -> bool:
    """Tell whether a class is one of pandas' (Series, DataFrame, Index)."""
    return hasattr(kind, "__pandas_priority__")

"""The dense route: operands are decoded whole, NumPy computes, results are encoded again.

Correct for everything, and bounded by nothing but memory: what has no better route yet goes here. What is so
small that decoding it costs nothing goes the same way, *inline*, whatever its route.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.policy import heed_policy
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View
from compactarray.storage.views import result_view

_DEPTH = 8

#: Arguments of at most so many times `plain_below` together are decoded inline.
_INLINE = 16

#: Functions that write to their first argument, and its name.
MUTATING: dict[Callable[..., Any], str] = {
    np.copyto: "dst",
    np.put: "a",
    np.place: "arr",
    np.putmask: "a",
    np.fill_diagonal: "a",
    np.put_along_axis: "arr",
}


def run_dense(
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    kind: Any,
    wrap: Callable[[AnyView], Any],
    mutates: bool = False,
    quiet: bool = False,
    name: str = "",
    reason: str = "",
) -> Any:
    """Call `function` on decoded arguments, and return its results encoded; here `on_dense` is heeded, unless `quiet`.

    A function that `mutates` writes to its first argument; of NumPy's own that is known. `name` is what the function is
    called in the message, if not by its own name. With a `reason`, it is these arguments that make the call dense, and
    small ones do not.
    """
    decoded = Decoded(kind)
    if not quiet:
        # Before anything is decoded: an error is to keep the memory from being taken.
        name = name or f"{function.__module__}.{getattr(function, '__name__', function)}"
        heed_policy(name, decoded.views((args, kwargs)), reason, _INLINE * settings().plain_below if reason else 0)
    arguments, options = decoded.decode(args), decoded.decode(kwargs)
    result = function(*arguments, **options)
    for value in args[:1] if mutates else _written(function, args, kwargs):
        decoded.write_back(value)
    return decoded.encode(result, wrap)


def _written(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, ...]:
    """Return the arguments that a function writes to."""
    out = kwargs.get("out")
    if out is None and len(args) > 1 and len(args) > (place := place_of_out(function)):
        out = args[place]
    if out is not None:
        return out if isinstance(out, tuple) else (out,)
    name = MUTATING.get(function)
    return () if name is None else (args[0] if args else kwargs[name],)


def run_inline(function: Callable[..., Any], args: Any, kwargs: Any, kind: Any, wrap: Callable[[AnyView], Any]) -> Any:
    """Call `function` on decoded arguments if they are small, and return its results; else NotImplemented."""
    arrays: list[tuple[Any, Array]] = []
    room = _INLINE * settings().plain_below
    decoded = []
    for value in args:
        item, room = _inlined(value, room, arrays, kind, 3)
        if room < 0:
            return NotImplemented
        decoded.append(item)
    options = {}
    for name, value in kwargs.items():
        options[name], room = _inlined(value, room, arrays, kind, 3)
        if room < 0:
            return NotImplemented
    result = function(*decoded, **options)
    written = _written(function, args, kwargs)
    if written:
        _written_back(arrays, written)
    if type(result) is np.ndarray and result.base is None:
        for value, array in arrays:
            if array is result:
                return value
        return wrap(PlainView(result) if result.nbytes <= settings().plain_below else result_view(result))
    if isinstance(result, np.generic):
        return result
    return Decoded(kind, arrays).encode(result, wrap)


def _inlined(value: Any, room: int, arrays: list[tuple[Any, Array]], kind: Any, depth: int) -> tuple[Any, int]:
    """Return a value decoded, and the room that is left; less than none, and nothing decoded, where it is too large.

    What can only be kept plain, and single elements, take no room.
    """
    if type(value) is kind or isinstance(value, kind):
        for known, array in arrays:
            if known is value:
                return array, room
        view = value._view
        if type(view) is PlainView:
            array = view.array
            if array.size > 1 and array.dtype.kind in "biufcmM" and array.dtype.char not in "gG":
                room -= array.nbytes
        else:
            size = view.size
            room -= size * view.storage.dtype.itemsize if size > 1 else 0
            if room < 0:
                return value, room
            array = view.read()
            if not view.writeable:
                array.flags.writeable = False
        arrays.append((value, array))
        return array, room
    if type(value) is np.ndarray:
        return value, room - value.nbytes if value.size > 1 else room
    if depth and type(value) in (list, tuple):
        items = []
        for item in value:
            found, room = _inlined(item, room, arrays, kind, depth - 1)
            if room < 0:
                return value, room
            items.append(found)
        return type(value)(items), room
    return value, room


def _written_back(arrays: list[tuple[Any, Array]], targets: Any) -> None:
    for target in targets:
        for value, array in arrays:
            if value is target and type(value._view) is View:
                value[...] = array


@cache
def place_of_out(function: Callable[..., Any]) -> int:
    """Return the position of the parameter `out`, or one that no call reaches."""
    try:
        names = list(signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return names.index("out") if "out" in names else sys.maxsize


class Decoded:
    """Arguments with every compact array replaced by an ndarray, and the way back.

    Parameters
    ----------
    kind : type
        The class of compact arrays.
    arrays : list, optional
        Arrays that are decoded already, with their ndarrays.
    """

    def __init__(self, kind: Any, arrays: list[tuple[Any, Array]] | None = None) -> None:
        self._kind = kind
        self._arrays: dict[int, tuple[Any, Array]] = {id(value): (value, array) for value, array in arrays or ()}

    def decode(self, value: Any, depth: int = _DEPTH) -> Any:
        """Return `value` (also nested in lists, tuples and dicts) with ndarrays for compact arrays."""
        if isinstance(value, self._kind):
            if id(value) not in self._arrays:
                array = np.asarray(value)
                if not value._view.writeable:
                    array.flags.writeable = False
                self._arrays[id(value)] = (value, array)
            return self._arrays[id(value)][1]
        if depth and type(value) in (list, tuple):
            return type(value)([self.decode(item, depth - 1) for item in value])
        if depth and type(value) is dict:
            return {key: self.decode(item, depth - 1) for key, item in value.items()}
        return value

    def views(self, value: Any, depth: int = _DEPTH) -> Iterator[AnyView]:
        """Yield the views of the compact arrays in `value` (also nested); nothing is decoded."""
        if isinstance(value, self._kind):
            yield value._view
        elif depth and type(value) in (list, tuple):
            for item in value:
                yield from self.views(item, depth - 1)
        elif depth and type(value) is dict:
            yield from self.views(list(value.values()), depth - 1)

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
            for value, array in self._arrays.values():
                if type(value._view) is PlainView and np.may_share_memory(array, result):
                    return wrap(PlainView(result))
            return wrap(result_view(result))
        if depth and isinstance(result, tuple):
            items = [self.encode(item, wrap, depth - 1) for item in result]
            return type(result)(*items) if hasattr(result, "_fields") else tuple(items)
        if depth and type(result) is list:
            return [self.encode(item, wrap, depth - 1) for item in result]
        return result

"""NumPy's functions with compact arrays for results."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from compactarray.execution.dense import place_of_out
from compactarray.namespace.results import compacted

Function = Callable[..., Any]


def presented(body: Function, function: Function, name: str, module: str) -> Function:
    """Return `body` with the signature and the documentation of a function of NumPy's, and its own place in this package."""
    wraps(function)(body)
    body.__module__, body.__name__, body.__qualname__ = module, name, name
    body.__doc__ = documentation(function)
    return body


def documentation(function: Function) -> str:
    """Return what NumPy says of a function, up to the first example: they show ndarrays."""
    text = getattr(function, "__doc__", None) or ""
    for examples in ("Examples\n", ">>>"):
        text = text.partition(examples)[0].rstrip()
    return f"As numpy's, with compact arrays for results.\n\n{text}\n"


def _target(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the argument `out`, by whatever way it was given."""
    out = kwargs.get("out")
    if out is None and len(args) > 1 and len(args) > (place := place_of_out(function)):
        out = args[place]
    return out


def converting(function: Function, name: str, module: str) -> Function:
    """Return a function that runs NumPy's, and gives compact arrays where that gives ndarrays.

    Arguments that are compact send the call on the route that is registered for it.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.namespace.wrapping import converting
    >>> converting(np.diff, "diff", "compactarray")([1, 3, 7])
    CompactArray([2, 4])
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        return compacted(function(*args, **kwargs), _target(function, args, kwargs))

    return presented(call, function, name, module)


def encoding(function: Function, encode: Function, count: int | None, name: str, module: str) -> Function:
    """Return a function that encodes its first `count` arguments (None: all), and then runs NumPy's: for what blows them up."""

    def call(*args: Any, **kwargs: Any) -> Any:
        most = len(args) if count is None else count
        given = tuple([encode(value) for value in args[:most]]) + args[most:]
        return compacted(function(*given, **kwargs), _target(function, args, kwargs))

    return presented(call, function, name, module)

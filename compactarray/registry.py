"""NumPy callables and the route by which each is served. Knows no array.

A *route* is one of ``native`` (on codes or by tiles, bounded memory), ``composed`` (our body made of
native ones), ``dense`` (decodes whole arguments, for a reason) and ``refused`` (can mean nothing here,
for a reason). `implements` registers a body by function object. An entry that is *inline* leaves small
arguments to NumPy: decoding them costs less than any body of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Route = Literal["native", "composed", "dense", "refused"]
Body = TypeVar("Body", bound=Callable[..., Any])


class DenseWarning(RuntimeWarning):
    """A function decodes encoded arguments whole (see `compactarray.config`, `on_dense`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How one NumPy callable is served."""

    function: Callable[..., Any]
    route: Route
    body: Callable[..., Any] | None
    reason: str = ""
    inline: bool = False


_ENTRIES: dict[Callable[..., Any], Entry] = {}


def register(entry: Entry) -> None:
    """Register `entry`; a second registration of one function is a mistake.

    Raises
    ------
    ValueError
        If the function is registered already, or a dense or refused route gives no reason.
    """
    name = getattr(entry.function, "__name__", repr(entry.function))
    if entry.function in _ENTRIES:
        raise ValueError(f"{name} is registered twice")
    if entry.route in ("dense", "refused") and not entry.reason:
        raise ValueError(f"the route '{entry.route}' of {name} needs a reason")
    _ENTRIES[entry.function] = entry


def implements(function: Callable[..., Any], route: Route, reason: str = "", inline: bool = False) -> Callable[[Body], Body]:
    """Return a decorator that registers the decorated body for the NumPy callable `function`."""

    def decorate(body: Body) -> Body:
        register(Entry(function, route, body, reason, inline))
        return body

    return decorate


def lookup(function: Callable[..., Any]) -> Entry | None:
    """Return how `function` is served, or None where nobody has registered it."""
    return _ENTRIES.get(function)


def entries() -> tuple[Entry, ...]:
    """Return all that is registered, in the order of registration."""
    return tuple(_ENTRIES.values())

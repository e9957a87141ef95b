"""NumPy callables and the route by which each is served. Knows no array.

A *route* is one of ``native`` (on codes or by tiles, bounded memory), ``composed`` (our body made of
native ones), ``dense`` (decodes whole arguments, for a reason) and ``refused`` (can mean nothing here,
for a reason). `implements` registers a body by function object. An entry that is *inline* leaves small
arguments to NumPy: decoding them costs less than any body of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
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


#: Package -> what makes compact arrays of its sparse arrays, which NumPy would take for single objects.
CONVERTERS: dict[str, Callable[[Any], Any]] = {}

#: Modules that register functions, imported when one is looked up for the first time: most of an import's time is theirs.
SOURCES: list[str] = []

_ENTRIES: dict[Callable[..., Any], Entry] = {}
#: Dotted name -> route, body and reason.
_DECLARED: dict[str, tuple[Route, Callable[..., Any] | None, str]] = {}


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


def declare(path: str, route: Route, reason: str = "", body: Callable[..., Any] | None = None) -> None:
    """Register a function by the dotted name that it gives itself, so that its module need not be imported yet.

    Serves every function of that name: NumPy keeps a second one, that takes ``like=``, of some.

    Raises
    ------
    ValueError
        As `register`.
    """
    if path in _DECLARED:
        raise ValueError(f"{path} is registered twice")
    if route in ("dense", "refused") and not reason:
        raise ValueError(f"the route '{route}' of {path} needs a reason")
    _DECLARED[path] = (route, body, reason)


def lookup(function: Callable[..., Any]) -> Entry | None:
    """Return how `function` is served, or None where nobody has registered it."""
    if SOURCES:
        _import_sources()
    entry = _ENTRIES.get(function)
    if entry is None:
        declared = _DECLARED.get(f"{function.__module__}.{getattr(function, '__name__', '')}")
        entry = None if declared is None else Entry(function, *declared)
    return entry


def _import_sources() -> None:
    # Two threads may come here at once: both wait for the import, and then find nothing left.
    for name in tuple(SOURCES):
        import_module(name)
        if name in SOURCES:
            SOURCES.remove(name)


def entries() -> tuple[Entry, ...]:
    """Return all that is registered, in the order of registration; imports the modules of NumPy's that it names.

    What this NumPy does not have is left out.
    """
    _import_sources()
    found = list(_ENTRIES.values())
    for path, declared in _DECLARED.items():
        module, _, name = path.rpartition(".")
        function = getattr(import_module(module), name, None)
        if function is not None:
            found.append(Entry(function, *declared))
    return tuple(found)

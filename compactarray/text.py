"""repr and str of arrays, worded by NumPy from the few elements that it would show."""

import re
from typing import Any

import numpy as np

from compactarray.storage.view import AnyView

Array = np.ndarray[Any, Any]


def array_text(view: AnyView, *args: Any, **kwargs: Any) -> str:
    """Return what np.array2string says of the elements, reading only those it shows."""
    return np.array2string(*_shown(view, kwargs), *args, **kwargs)


def str_of(view: AnyView, *args: Any, **kwargs: Any) -> str:
    """Return what np.array_str says."""
    shown, summarized = _shown_array(view, None, None)
    with _options(summarized):
        return np.array_str(shown, *args, **kwargs)


def repr_of(view: AnyView, name: str) -> str:
    """Return what np.array_repr says of a class called `name`."""
    shown, summarized = _shown_array(view, None, None)
    with _options(summarized):
        text = np.array_repr(shown.view(_named(name)))
    if not summarized:
        return text
    return _with_shape(text, shown.shape, view.shape, len(name) + 1)


def _options(summarized: bool) -> Any:
    """Return a context in which a summary is printed as one; formatters, which every change of options drops, are kept."""
    options = np.get_printoptions()
    return np.printoptions(threshold=0 if summarized else options["threshold"], formatter=options["formatter"])


def _named(name: str) -> type[Array]:
    """Return a subclass of ndarray that np.array_repr calls `name`."""
    return type(name, (np.ndarray,), {})


def _with_shape(text: str, shown: tuple[int, ...], shape: tuple[int, ...], indent: int) -> str:
    """Put the true shape in place of that of the shown elements, on a line of its own where it needs one."""
    found = re.search(r",\s+shape=" + re.escape(str(shown)) + r"(.*)\)$", text, re.DOTALL)
    if found is None:
        return text
    head = text[: found.start()] + ","
    extra = f"shape={shape}{found.group(1)})"
    last = len(head) - (head.rfind("\n") + 1)
    wide = last + len(extra) + 1 > np.get_printoptions()["linewidth"]
    return head + ("\n" + " " * indent if wide else " ") + extra


def _shown(view: AnyView, kwargs: dict[str, Any]) -> tuple[Array]:
    shown, summarized = _shown_array(view, kwargs.get("threshold"), kwargs.get("edgeitems"))
    if summarized:
        kwargs["threshold"] = 0
    return (shown,)


def _shown_array(view: AnyView, threshold: int | None, edgeitems: int | None) -> tuple[Array, bool]:
    """Return the elements that NumPy would show, and whether they are a summary.

    A summary shows the edges of every axis; of a long axis one element more is read, so that NumPy leaves
    something out there.
    """
    options = np.get_printoptions()
    most = options["threshold"] if threshold is None else threshold
    edge = options["edgeitems"] if edgeitems is None else edgeitems
    if view.size <= most:
        return view.read(), False
    blocks: Any = view
    for axis, length in enumerate(view.shape):
        if length > 2 * edge + 1:
            blocks = _edges(blocks, axis, edge)
    return blocks if isinstance(blocks, np.ndarray) else blocks.read(), True


def _edges(blocks: Any, axis: int, edge: int) -> Any:
    """Return the first `edge` + 1 and the last `edge` elements along an axis, as an ndarray once it is short."""
    lead = (slice(None),) * axis
    first, last = blocks[(*lead, slice(None, edge + 1), ...)], blocks[(*lead, slice(-edge, None) if edge else slice(0, 0), ...)]
    return _Pair(first, last, axis)


class _Pair:
    """Two pieces of a view along an axis, read only when they have been cut along all axes."""

    def __init__(self, first: Any, last: Any, axis: int) -> None:
        self._pieces = (first, last)
        self._axis = axis

    def __getitem__(self, index: Any) -> "_Pair":
        return _Pair(self._pieces[0][index], self._pieces[1][index], self._axis)

    def read(self) -> Array:
        """Return the pieces joined."""
        return np.concatenate([piece.read() for piece in self._pieces], axis=self._axis)

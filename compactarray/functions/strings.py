"""NumPy's functions of text, tile by tile: those of them that are no ufuncs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.functions.asking import of_elements, register_elementwise
from compactarray.registry import implements
from compactarray.storage.base import Array

#: Parameters that are broadcast -> functions whose results are as wide as the text that they are given, or are no text.
_AS_WIDE: dict[str, list[Callable[..., Any]]] = {
    "a": [
        *(np.strings.capitalize, np.strings.lower, np.strings.swapcase, np.strings.title, np.strings.translate, np.strings.upper),
        np.char.splitlines,
    ],
    "a sep": [np.char.split, np.char.rsplit],
    "x1 x2": [np.char.equal, np.char.greater, np.char.greater_equal, np.char.less, np.char.less_equal, np.char.not_equal],
}

#: The same of those whose results are as wide as the widest of them.
_MEASURED: dict[str, list[Callable[..., Any]]] = {
    "a": [np.strings.decode, np.strings.encode],
    "a i": [np.strings.multiply],
    "a values": [np.strings.mod],
    "a tabsize": [np.strings.expandtabs],
    "a width": [np.strings.zfill],
    "a width fillchar": [np.strings.center, np.strings.ljust, np.strings.rjust],
    "a old new count": [np.strings.replace],
    "sep seq": [np.char.join],
}

for _names, _functions in _AS_WIDE.items():
    for _function in _functions:
        register_elementwise(_function, _names)
for _names, _functions in _MEASURED.items():
    for _function in _functions:
        register_elementwise(_function, _names, measured=True)


@implements(np.strings.partition, route="native", inline=True)
def partition(a: Any, sep: Any) -> Any:
    """As numpy.strings.partition."""
    return _parted(np.strings.partition, a, sep)


@implements(np.strings.rpartition, route="native", inline=True)
def rpartition(a: Any, sep: Any) -> Any:
    """As numpy.strings.rpartition."""
    return _parted(np.strings.rpartition, a, sep)


def _parted(function: Callable[..., Any], a: Any, sep: Any) -> Any:
    """Return what is before separators, they themselves, and what is after them."""

    def widths(tiles: list[list[Array]]) -> list[np.dtype[Any]]:
        before, between, after = (max((tile[k].dtype for tile in tiles), key=lambda dtype: dtype.itemsize) for k in range(3))
        # If one separator was found, the results are as wide as any of them, found or not.
        if any((tile[1] != tile[1].dtype.type()).any() for tile in tiles):
            most = int(np.max(np.strings.str_len(sep)))
            between = np.dtype(f"{between.char}{most}")
        return [before, between, after]

    return of_elements(function, a, sep, measured=True, widths=widths)

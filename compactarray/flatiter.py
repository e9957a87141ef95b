"""What `.flat` gives: iteration and indexing in C order, as numpy.flatiter."""

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from compactarray.storage import flat
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View


class FlatIterator:
    """As numpy.flatiter: iterates once over the elements, and indexes them by their position in C order."""

    __slots__ = ("_array", "_view", "_position", "_elements")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, array: Any, view: AnyView) -> None:
        self._array = array
        self._view = view
        self._position = 0
        self._elements: Iterator[Any] | None = None

    @property
    def base(self) -> Any:
        """The array iterated over."""
        return self._array

    @property
    def index(self) -> int:
        """The position of the next element."""
        return self._position

    @property
    def coords(self) -> tuple[int, ...]:
        """The indices of the next element."""
        return tuple(int(k) for k in np.unravel_index(self._position, self._view.shape))

    def copy(self) -> Any:
        """Return the elements as a 1-D array of their own."""
        return self._array.flatten()

    def __len__(self) -> int:
        return self._view.size

    def __iter__(self) -> "FlatIterator":
        return self

    def __next__(self) -> Any:
        if self._elements is None:
            self._elements = (value for tile in self._view.tiles() for value in tile)
        value = next(self._elements)
        self._position += 1
        return value

    def __getitem__(self, index: Any) -> Any:
        view = self._view
        if isinstance(view, PlainView):
            found = view.array.flat[_dense(index)]
            view = PlainView(found) if isinstance(found, np.ndarray) else found
        else:
            marks = getattr(index, "_view", None)
            view = flat.get(view, marks if isinstance(marks, View) else _dense(index))
        return type(self._array).from_view(view) if isinstance(view, (View, PlainView)) else view

    def __setitem__(self, index: Any, value: Any) -> None:
        index = _dense(index)
        if isinstance(self._view, PlainView):
            self._view.array.flat[index] = _dense(value)
        else:
            flat.put(self._view, index, getattr(value, "_view", value))

    def __eq__(self, other: object) -> Any:
        return self._compared(operator.eq, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(operator.ne, other)

    def __lt__(self, other: Any) -> Any:
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> Any:
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(operator.ge, other)

    def _compared(self, comparison: Callable[[Any, Any], Any], other: Any) -> Any:
        return comparison(self._array.ravel(), other._array.ravel() if isinstance(other, FlatIterator) else other)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self._view.read().flat, dtype)


def _dense(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_dense(item) for item in value)
    return np.asarray(value) if hasattr(value, "_view") else value

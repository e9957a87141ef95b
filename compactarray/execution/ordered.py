"""Order statistics: what NumPy's own median and quantile functions see in the place of sorted elements.

Those functions look at a few places of an array that they have partitioned. An `Ordered` array has the shape and
dtype that they expect, and answers for these places from a tally, or from codes; which formula takes it from
there is NumPy's business, whichever version it is.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.execution.sortable import Sortable, sorted_lines
from compactarray.execution.tally import Tally
from compactarray.storage.base import Array

#: The functions that are NumPy's to compute.
_SERVED = frozenset((np.median, np.quantile, np.percentile))


class UnservedError(TypeError):
    """A function asks for what an `Ordered` array cannot tell."""


class Ordered(np.ndarray[Any, Any]):
    """Stands for elements that are sorted along the first axis.

    The memory behind it is a single zero and means nothing; ways to it that NumPy knows raise.
    """

    _at: Callable[[Any], Any]

    @classmethod
    def standing_for(cls, shape: tuple[int, ...], dtype: np.dtype[Any], at: Callable[[Any], Any]) -> "Ordered":
        """Return an array of a shape whose elements ``at(index)`` tells."""
        found = np.lib.stride_tricks.as_strided(np.zeros(1, dtype), shape, (0,) * len(shape)).view(cls)
        found._at = at
        return found

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.partition:
            return self
        if func is np.take:
            return self._taken(*args[1:], **kwargs)
        if func in _SERVED:
            return super().__array_function__(func, types, args, kwargs)
        raise UnservedError(func)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        raise UnservedError(ufunc)

    def __getitem__(self, index: Any) -> Any:
        return self._at(index)

    def flatten(self, order: Any = "C") -> Any:
        """Return the array itself: this is asked for where it has one axis."""
        return self

    def copy(self, order: Any = "C") -> Any:
        """Return the array itself: nobody writes to it."""
        return self

    def partition(self, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> None:
        """Do nothing: the elements are sorted."""

    def take(self, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
        """Return the elements at places along the first axis."""
        return self._at(indices)

    def _taken(self, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
        places = np.asarray(indices)
        found = self._at(places.reshape(-1))
        # Once more, for what NumPy says of `out`.
        return np.take(found, np.arange(places.size).reshape(places.shape), 0, out, mode)


def places_at(index: Any, size: int) -> Array:
    """Return the places along the first axis, from 0 on, that an index of one axis takes, in the shape that it makes."""
    place = index[0] if isinstance(index, tuple) else index
    places = np.arange(*place.indices(size)) if isinstance(place, slice) else np.asarray(place)
    return np.where(places < 0, places + size, places)


def by_tally(tally: Tally) -> Ordered:
    """Return the sorted elements that a tally tells of."""
    ends = tally.ends
    size = int(ends[-1])

    def at(index: Any) -> Any:
        found = tally.values[ends.searchsorted(places_at(index, size), side="right")]
        # An index with an ellipsis makes an array in any case.
        return np.asarray(found) if isinstance(index, tuple) and len(index) > 1 else found

    return Ordered.standing_for((size,), tally.values.dtype, at)


def by_codes(codes: Sortable) -> Ordered:
    """Return the sorted lines of codes, whose last axis is the one to sort along and becomes the first.

    NumPy selects several places more slowly than it sorts, which it has vector code for.
    """
    ordered = np.moveaxis(sorted_lines(np.ascontiguousarray(codes.codes), -1, codes.own), -1, 0)

    def at(index: Any) -> Any:
        found = ordered[index]
        values = codes.values(np.asarray(found).reshape(-1)).reshape(np.shape(found))
        return values if isinstance(found, np.ndarray) else values[()]

    return Ordered.standing_for(ordered.shape, codes.model.dtype, at)

"""Operands put together where a tile of them is asked for: joined, or flattened. They are read by `tile_of`, as arrays are."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.operands import tile_of
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import regions
from compactarray.storage.base import Array
from compactarray.storage.flat import addresses_of
from compactarray.storage.view import AnyView, View, built


class Joined:
    """Operands after each other along an axis, never copied as a whole; each may itself be a joined one.

    Parameters
    ----------
    parts : sequence of operands
        Views, ndarrays or joined ones, of one shape but for the axis.
    axis : int
        The axis.
    dtype : dtype
        What tiles are cast to.
    """

    __slots__ = ("shape", "dtype", "_parts", "_axis", "_ends")

    def __init__(self, parts: Sequence[Any], axis: int, dtype: np.dtype[Any]) -> None:
        self._parts = [part for part in parts if part.shape[axis]] or list(parts[:1])
        self._ends = list(accumulate(part.shape[axis] for part in self._parts))
        self._axis = axis
        first = self._parts[0].shape
        self.shape: tuple[int, ...] = (*first[:axis], self._ends[-1], *first[axis + 1 :])
        self.dtype = dtype

    def transpose(self, axes: Sequence[int]) -> "Joined":
        """Return the operand with its axes in another order."""
        return Joined([part.transpose(tuple(axes)) for part in self._parts], list(axes).index(self._axis), self.dtype)

    def __getitem__(self, index: tuple[Any, ...]) -> Array:
        """Return a region (an index or a slice for each axis, and the ellipsis of `tile_of`) as an ndarray."""
        region = index[: len(self.shape)]
        before, part, after = region[: self._axis], region[self._axis], region[self._axis + 1 :]
        start, stop, _ = part.indices(self.shape[self._axis]) if isinstance(part, slice) else (part, part + 1, 1)
        pieces = []
        while start < stop:
            k = bisect_right(self._ends, start)
            begin, end = self._ends[k] - self._parts[k].shape[self._axis], min(stop, self._ends[k])
            piece: Any = slice(start - begin, end - begin) if isinstance(part, slice) else start - begin
            pieces.append(tile_of(self._parts[k], (*before, piece, *after)).astype(self.dtype, copy=False))
            start = end
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, sum(isinstance(item, slice) for item in before))


class Flat:
    """The elements of a view in C order, as one axis; a view that is not contiguous is read by addresses."""

    __slots__ = ("shape", "dtype", "source", "_contiguous")

    def __init__(self, source: View) -> None:
        self.source = source
        self.shape: tuple[int, ...] = (source.size,)
        self.dtype = source.dtype
        self._contiguous = is_contiguous(source.shape, source.steps)

    def transpose(self, axes: Sequence[int]) -> "Flat":
        """Return the operand itself: it has one axis."""
        return self

    def at(self, positions: Array) -> Array:
        """Return the elements at 1-D positions, all of them within bounds."""
        tile = np.empty(positions.size, self.dtype)
        self.source.storage.gather(addresses_of(self.source, positions), tile)
        return tile

    def __getitem__(self, index: tuple[Any, ...]) -> Array:
        """Return a slice (as the region that `tile_of` gives) as an ndarray."""
        start, stop, _ = index[0].indices(self.shape[0])
        if self._contiguous:
            tile = np.empty(stop - start, self.dtype)
            self.source.storage.read(self.source.offset + start, stop - start, 1, tile)
            return tile
        return self.at(np.arange(start, stop))


class Steps:
    """The differences between neighbours of an operand with one axis."""

    __slots__ = ("shape", "dtype", "_source")

    def __init__(self, source: Any) -> None:
        self._source = source
        self.shape: tuple[int, ...] = (source.shape[0] - 1,)
        self.dtype = np.subtract(np.empty(0, source.dtype), np.empty(0, source.dtype)).dtype

    def __getitem__(self, index: tuple[Any, ...]) -> Array:
        """Return a slice (as the region that `tile_of` gives) as an ndarray."""
        start, stop, _ = index[0].indices(self.shape[0])
        tile = tile_of(self._source, (slice(start, stop + 1),))
        found: Array = np.subtract(tile[1:], tile[:-1])
        return found


def flat(view: AnyView) -> Any:
    """Return the operand of a view's elements in C order as one axis: a view where that can be, else a `Flat`."""
    if not isinstance(view, View):
        return view.array.reshape(-1)
    found = view.reshaped((view.size,), "C")
    return Flat(view) if found is None else found


def assembled(operand: Any) -> AnyView:
    """Return a copy of an operand, in C order of its axes, made tile by tile."""

    def tiles() -> Iterator[Array]:
        for region in regions(operand.shape, settings().tile_length):
            yield tile_of(operand, region).reshape(-1)

    return built(operand.dtype, operand.shape, tiles())

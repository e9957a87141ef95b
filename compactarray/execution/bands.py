"""Reductions of values along the rows, or the columns, of a view in C order: whole rows, a tile of them at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.lines import lines_of
from compactarray.execution.operands import payload
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.execution.rooms import Rooms
from compactarray.execution.threads import VALUES, in_order
from compactarray.geometry.tiles import pieces
from compactarray.storage.base import Array
from compactarray.storage.view import View

#: Tiles that a thread reduces at a time. Not as the number of threads is, on which no result is to depend.
_TOGETHER = 8
#: Results of rows come from the two ends of a tile at least.
_LEAST_ROW = 2

#: What is reduced: computed from a tile, the rows that it is, and an array of its shape that may be written to.
Change = Callable[[Array, slice, Array], Array]


def reduced(ufunc: np.ufunc, view: View, axes: tuple[int, ...], change: Change | None = None, **options: Any) -> Array | None:
    """Return ``ufunc.reduce(view, axis=axes, **options)`` for a ufunc whose partial results may be combined in any grouping.

    None where the axes are neither all the first ones nor all the last ones, or other ways serve better. Of a view of
    several axes `change` gets matrices: those of the reduced axes, or of the others, are put together.
    """
    geometry = lines_of(view, axes)
    if geometry is None:
        return None
    kept, (outer, length, inner) = geometry
    rows, columns = (length, inner) if outer == 1 else (outer, length)
    tile = settings().tile_length
    if (outer > 1 and inner > 1) or not _LEAST_ROW <= columns <= tile:
        return None
    bands = _Bands(ufunc, view, (rows, columns), 0 if outer == 1 else 1, change, options)
    parts = pieces(0, rows, tile // columns * _TOGETHER)
    several = view.size >= VALUES * settings().block_length
    found = in_order(bands.part, parts) if several else map(bands.part, parts)
    if bands.axis:
        return np.concatenate(list(found)).reshape(kept)
    total = PairwiseTotal(ufunc)
    for part in found:
        total.add(part)
    return np.asarray(total.value()).reshape(kept)


class _Bands:
    """One reduction of a matrix of `shape` along an axis."""

    def __init__(
        self, ufunc: np.ufunc, view: View, shape: tuple[int, int], axis: int, change: Change | None, options: dict[str, Any]
    ) -> None:
        self._ufunc, self._view, self._shape, self.axis, self._change, self._options = ufunc, view, shape, axis, change, options
        held = payload(view)
        self._held = None if held is None else held.reshape(shape)
        self._rooms = Rooms()

    def part(self, bounds: tuple[int, int]) -> Array:
        """Return the reduction of some rows: one row of results, or one for each."""
        columns = self._shape[1]
        total = PairwiseTotal(self._ufunc)
        found = []
        for first, last in pieces(*bounds, settings().tile_length // columns):
            tile = self._rows(first, last)
            if self._change is not None:
                room = self._rooms.room(1, tile.size, tile.dtype).reshape(tile.shape)
                tile = self._change(tile, slice(first, last), room)
            reduced = self._ufunc.reduce(tile, axis=self.axis, **self._options)
            if self.axis:
                found.append(reduced)
            else:
                total.add(reduced)
        return np.concatenate(found) if self.axis else np.asarray(total.value())

    def _rows(self, first: int, last: int) -> Array:
        """Return some rows, not to be written to."""
        if self._held is not None:
            return self._held[first:last]
        columns = self._shape[1]
        out = self._rooms.room(0, (last - first) * columns, self._view.dtype)
        self._view.storage.read(self._view.offset + first * columns, out.size, 1, out)
        return out.reshape(last - first, columns)

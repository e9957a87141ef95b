"""Where tiles are decoded to: the same place for one after the other, in the cache and known to the system."""

import threading
from math import prod
from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.raw import Raw
from compactarray.execution.operands import Operand, tile_of
from compactarray.geometry.layout import contiguous_strides, k_order
from compactarray.geometry.tiles import Region
from compactarray.storage.base import Array
from compactarray.storage.view import View


class Rooms(threading.local):
    """One array an operand and thread, of one operation: what was decoded to it is overwritten by the next tile of the operand.

    Fresh arrays of the size of a tile would be taken from the system, and given back, for every tile: that takes longer
    than decoding does.
    """

    def __init__(self) -> None:
        self._held: dict[Any, Array] = {}

    def room(self, which: Any, size: int, dtype: np.dtype[Any]) -> Array:
        """Return an array of `size` elements, which a later call for the same operand may return again."""
        held = self._held.get(which)
        if held is None or held.size < size or held.dtype != dtype:
            held = self._held[which] = np.empty(size, dtype)
        return held[:size]

    def decoded(self, which: int, lane: Encoding, start: int, stop: int) -> Array:
        """Return elements ``start:stop`` of a lane, not to be written to."""
        if isinstance(lane, Raw):
            return lane.decoded(start, stop)
        out = self.room(which, stop - start, lane.dtype)
        lane.decode(start, stop, out)
        return out

    def tile(self, which: Any, value: Operand, region: Region) -> Any:
        """Return the part of an operand that a region takes, as an ndarray (or a scalar), not to be written to."""
        if not isinstance(value, View):
            return tile_of(value, region)
        part = _part(value, region)
        out = self.room(which, prod(part.shape), part.dtype)
        order = k_order(part.shape, part.steps)
        shape = tuple([part.shape[axis] for axis in order])
        back = sorted(range(len(order)), key=order.__getitem__)
        if tuple([part.steps[axis] for axis in order]) == contiguous_strides(shape):
            if out.size:
                part.storage.read(part.offset, out.size, 1, out)
            return out.reshape(shape).transpose(back)
        return part.read(out.reshape(shape).transpose(back))


def _part(value: View, region: Region) -> View:
    """Return ``value.basic((*region, ...))``, for regions that are within the shape and have no steps."""
    offset, shape, steps = value.offset, [], []
    for place, length, step in zip(region, value.shape, value.steps, strict=False):
        if isinstance(place, slice):
            start, stop, _ = place.indices(length)
            shape.append(stop - start)
            steps.append(step)
        else:
            start = place
        offset += start * step
    rest = len(region)
    return View(value.storage, (*shape, *value.shape[rest:]), (*steps, *value.steps[rest:]), offset, value.writeable)

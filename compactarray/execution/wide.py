"""Results that no codes express: values computed a tile at a time, straight into the place where they stay.

What an operation computes is mostly as incompressible as it looks in a sample; then its values are the
payload of a raw encoding, and nothing is copied or scanned.
"""

from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import looks_incompressible
from compactarray.execution.comparing import marked
from compactarray.execution.lanes import Lane, Work
from compactarray.execution.threads import VALUES, in_order, shares
from compactarray.geometry.tiles import pieces
from compactarray.storage.base import Array

#: Stretches that look like the one before are looked at less and less often, at last one in so many.
_SELDOM = 16
_OCTET = 8


class Wide:
    """The values of one operation's results, and what was found out about them so far.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Of one output.
    dtype : dtype
        Of the result.
    size : int
        The elements of the whole operation.
    """

    __slots__ = ("_ufunc", "_dtype", "_size", "_buffer", "_kept", "_alike")

    def __init__(self, ufunc: np.ufunc, dtype: np.dtype[Any], size: int) -> None:
        self._ufunc = ufunc
        self._dtype = dtype
        self._size = size
        self._buffer: Array | None = None
        self._kept = 0
        self._alike = 0

    def values(self, lanes: list[Lane], length: int) -> Array:
        """Return the results for lanes of one length; the array is used again unless `keep` is called."""
        if self._buffer is None:
            # What is not written to is not resident.
            self._buffer = np.empty(self._size, self._dtype)
        out = self._buffer[self._kept : self._kept + length]
        raw = all(isinstance(lane, Raw) for lane in lanes if isinstance(lane, Encoding))

        def compute(bounds: tuple[int, int]) -> None:
            start, stop = bounds
            tiles = [lane.decoded(start, stop) if isinstance(lane, Encoding) else lane for lane in lanes]
            self._ufunc(*tiles, out=out[start:stop])

        # Raw payloads are read where they lie; other lanes are decoded, no more of them than the cache holds.
        several = self._size >= VALUES * settings().block_length
        bounds = pieces(0, length, shares(length, VALUES) if raw else settings().tile_length)
        for _ in in_order(compute, bounds) if several else map(compute, bounds):
            pass
        return out

    def marks(self, lanes: list[Lane], length: int, work: Work) -> Encoding:
        """Return bools for lanes of one length, as bits."""

        def test(start: int, stop: int) -> Array:
            found: Array = self._ufunc(*(lane.decoded(start, stop) if isinstance(lane, Encoding) else lane for lane in lanes))
            return found

        return marked(test, length, _OCTET, work)

    def keep(self, length: int) -> None:
        """Leave the values last computed where they are."""
        self._kept += length

    def incompressible(self, values: Array) -> bool:
        """Tell whether values just computed are to be kept as they are, from a sample of one of their blocks."""
        alike, block = self._alike, settings().block_length
        if alike and alike & (alike - 1) and alike % _SELDOM and not (values[:1] == values[-1:]).all():
            self._alike += 1
            return True
        middle = values.size // 2 // block * block
        found = looks_incompressible(values[middle : middle + block])
        self._alike = alike + 1 if found else 0
        return found

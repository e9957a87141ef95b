"""StringTable strings: those of a table one after the other, without what pads them.

Code points take 1, 2 or 4 bytes each, as the widest of them does. A byte an entry tells its length, and of every eighth
entry where it begins, so that any of them is found at once.
"""

from bisect import bisect_left
from typing import Any

import numpy as np

from compactarray.encodings.text import code_points
from compactarray.kernels import unpack_rows_u1, unpack_rows_u4

Array = np.ndarray[Any, Any]

#: Entries between two whose beginnings are kept.
_GROUP = 8
#: Smaller tables are quicker to work on as they are.
_LARGE = 2_048
#: The longest string whose length a byte tells.
_LONGEST = 255
#: What saves less than this share is not worth unpacking.
_WORTHWHILE = 0.75
#: Up to so many strings are searched for one by one.
_FEW = 8


class StringTable:
    """Different strings in their order.

    Parameters
    ----------
    dtype : dtype
        Of the strings.
    points : ndarray of unsigned integers
        The code points of all strings.
    lengths : ndarray of uint8
        How many of them each string has.
    """

    __slots__ = ("dtype", "points", "lengths", "starts")

    def __init__(self, dtype: np.dtype[Any], points: Array, lengths: Array) -> None:
        self.dtype = dtype
        self.points = points
        self.lengths = lengths
        ends = np.cumsum(lengths, dtype=np.int64)
        self.starts = (ends - lengths)[::_GROUP].astype(np.uint32)

    @property
    def size(self) -> int:
        """The number of strings."""
        return self.lengths.size

    def buffers(self) -> tuple[Array, ...]:
        """Return all arrays held."""
        return self.points, self.lengths, self.starts

    def key(self) -> tuple[bytes, ...]:
        """Return what is equal for equal strings in the same order."""
        return self.points.dtype.str.encode(), self.lengths.tobytes(), self.points.tobytes()

    def take(self, places: Array) -> Array:
        """Return the strings at some places."""
        out = np.empty(places.size, self.dtype)
        found = code_points(out)
        unpack = unpack_rows_u1 if self.dtype.kind == "S" else unpack_rows_u4
        unpack(self.points, self.lengths, self.starts, places.astype(np.uint16, copy=False), found.shape[1], found.reshape(-1))
        return out

    def values(self) -> Array:
        """Return all strings."""
        return self.take(np.arange(self.size, dtype=np.uint16))

    def item(self, place: int) -> Any:
        """Return one string as a Python object."""
        group = place // _GROUP
        start = self.starts.item(group) + sum(self.lengths[group * _GROUP : place].tolist())
        points = self.points[start : start + self.lengths.item(place)]
        if self.dtype.kind == "S":
            return points.tobytes()
        return points.tobytes().decode("latin-1") if points.itemsize == 1 else "".join(map(chr, points.tolist()))

    def places(self, values: Array) -> tuple[Array, Array]:
        """Return the places of strings (any for what is none of these), and which of them are there."""
        if values.size <= _FEW:
            places = [min(bisect_left(_Items(self), value), self.size - 1) for value in values.tolist()]
            return np.array(places, np.intp), np.array([self.item(p) == v for p, v in zip(places, values.tolist(), strict=True)], bool)
        table = self.values()
        found = np.minimum(table.searchsorted(values), self.size - 1)
        return found, np.asarray(table[found] == values)


class _Items:
    """The strings as a sequence for `bisect`."""

    def __init__(self, table: StringTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.size

    def __getitem__(self, place: int) -> Any:
        return self._table.item(place)


def string_table(table: Array) -> StringTable | None:
    """Return the strings of a table packed, or None where that is not worth it: small tables, and other values.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.string_table import string_table
    >>> table = np.array([f"station {k}" for k in range(100, 200)], "U20")
    >>> table.nbytes, sum(part.nbytes for part in string_table(table).buffers())
    (8000, 1252)
    """
    if table.dtype.kind not in "SU" or table.nbytes < _LARGE or table.size > 1 << 16:
        return None
    table = np.ascontiguousarray(table)
    lengths = np.strings.str_len(table)
    if int(lengths.max()) > _LONGEST:
        return None
    points = code_points(table)
    greatest = int(points.max())
    unit = np.dtype(np.uint8 if greatest <= 0xFF else np.uint16 if greatest <= 0xFFFF else np.uint32)
    if int(lengths.sum()) * unit.itemsize + table.size * 1.5 > _WORTHWHILE * table.nbytes:
        return None
    inside = np.arange(points.shape[1]) < lengths[:, None]
    return StringTable(table.dtype, points[inside].astype(unit), lengths.astype(np.uint8))

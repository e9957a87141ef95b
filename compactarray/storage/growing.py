"""Arrays that grow in place, so that what is built of many parts is not held twice."""

import numpy as np

from compactarray.storage.base import Array

#: Bytes by which an array grows at the most: what NumPy adds when it resizes an array is written to, and so resident.
_MOST_GROWTH = 1 << 22


class Growing:
    """A 1-D array that grows in place; memory that was not written to is not resident.

    What it begins with is borrowed: nothing is copied while all that follows lies behind it in the same
    memory, as the codes do that an operation takes over from its operand.

    Parameters
    ----------
    first : ndarray
        The first elements; never written to.
    most : int
        How many are expected at the most; room for them is reserved.
    """

    __slots__ = ("_array", "_most", "_borrowed", "size")

    def __init__(self, first: Array, most: int) -> None:
        self._array = first
        self._most = most
        self._borrowed = True
        self.size = first.size

    def own(self) -> None:
        """Have what is appended copied from now on, also where it lies behind what is there."""
        if self._borrowed:
            first = self._array
            self._array = np.empty(max(self._most, first.size), first.dtype)
            self._array[: first.size] = first
            self._borrowed = False

    def extend(self, values: Array) -> None:
        """Append `values`."""
        if self._borrowed:
            joined = _joined(self._array, values)
            if joined is not None:
                self._array, self.size = joined, joined.size
                return
            self.own()
        size = self.size + values.size
        if size > self._array.size:
            room = min(self._array.size, _MOST_GROWTH // self._array.itemsize)
            self._array.resize(max(size, self._array.size + room), refcheck=False)
        self._array[self.size : size] = values
        self.size = size

    def finish(self) -> Array:
        """Return the array, cut to its size; not a small part of a large one, which it would keep alive."""
        if not self._borrowed:
            self._array.resize(self.size, refcheck=False)
        elif isinstance(self._array.base, np.ndarray) and 2 * self._array.nbytes < self._array.base.nbytes:
            return self._array.copy()
        return self._array


def _joined(left: Array, right: Array) -> Array | None:
    """Return two neighbouring parts of one array as one, or None where they are not that."""
    base = left.base
    if not isinstance(base, np.ndarray) or right.base is not base or left.dtype != right.dtype:
        return None
    if not (left.flags.c_contiguous and right.flags.c_contiguous and base.flags.c_contiguous):
        return None
    start = left.__array_interface__["data"][0]
    if start + left.nbytes != right.__array_interface__["data"][0]:
        return None
    joined: Array = np.ndarray((left.size + right.size,), left.dtype, base, start - base.__array_interface__["data"][0])
    return joined

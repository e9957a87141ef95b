"""Which values are among given ones: a table of hashes rules most of them out, a search decides on the rest."""

import numpy as np

from compactarray.numerics.words import words
from compactarray.storage.base import Array

#: Entries of the table for each given value, and the most of all.
_SPARSE, _LARGEST = 32, 1 << 24
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Members:
    """Values of one dtype that can be encoded, prepared to be looked for.

    Parameters
    ----------
    values : ndarray
        The given values, in any order.
    """

    def __init__(self, values: Array) -> None:
        self._sorted = np.unique(values)
        size = min(_LARGEST, 1 << max(10, (_SPARSE * self._sorted.size - 1).bit_length()))
        self._shift = np.uint64(64 - (size.bit_length() - 1))
        self._table = np.zeros(size, bool)
        self._table[self._hashes(self._sorted)] = True

    def _hashes(self, values: Array) -> Array:
        """Return hashes of values; equal ones have equal hashes, 0.0 and -0.0 too."""
        if values.dtype.kind == "f":
            with np.errstate(invalid="ignore"):  # a signalling NaN, which is among nothing
                values = values + values.dtype.type(0)
        found = words(values).astype(np.uint64)
        found *= _GOLDEN
        found >>= self._shift
        return found.view(np.int64)

    def among(self, values: Array) -> Array:
        """Tell of each of 1-D values of the dtype whether it is one of the given values; NaN never is."""
        if not self._sorted.size:
            return np.zeros(values.size, bool)
        marks = self._table[self._hashes(values)]
        likely = np.flatnonzero(marks)
        wanted = values[likely]
        places = np.minimum(self._sorted.searchsorted(wanted), self._sorted.size - 1)
        marks[likely] = self._sorted[places] == wanted
        return marks

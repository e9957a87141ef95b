"""What one scan of a block tells: bounds, the integer image, the fill, how many values are narrow."""

from functools import cached_property
from typing import Any

import numpy as np

from compactarray.numerics.integers import NOT_INTEGER, float_image
from compactarray.numerics.words import words

Array = np.ndarray[Any, Any]

_SAMPLE = 256
#: If fewer than one in so many of the sample are integers (or narrow floats), half of the block are not.
_RARE = 16
#: Neighbours that are looked at together.
_NEAR = 32


class Statistics:
    """Facts about the values of one block, each computed when first asked for.

    Facts are exact, over all values; the sample only proposes candidates.

    Parameters
    ----------
    values : ndarray
        1-D, contiguous, native byte order, of a dtype that can be encoded; not empty.
    """

    def __init__(self, values: Array) -> None:
        self.values = values
        self.length = values.size
        self.dtype = values.dtype
        self.itemsize = values.dtype.itemsize
        self.dense = values.nbytes

    @cached_property
    def words(self) -> Array:
        """The bits of the values."""
        return words(self.values)

    @cached_property
    def sample(self) -> Array:
        """Values at an odd distance, so that a table in C order does not show a single column."""
        return self.values[:: max(1, self.length // _SAMPLE - 5) | 1]

    @cached_property
    def sample_words(self) -> tuple[Array, Array]:
        """The different words of the sample and how often each occurs, most frequent first."""
        found = np.sort(words(self.sample))
        fresh = found[1:] != found[:-1]
        if fresh.all():
            return found, np.ones(found.size, np.intp)
        first = np.flatnonzero(np.concatenate([[True], fresh]))
        counts = np.append(first[1:], found.size) - first
        order = np.argsort(-counts, kind="stable")
        return found[first[order]], counts[order]

    @property
    def fill(self) -> Any:
        """The word that occurs most often in the sample."""
        return self.sample_words[0][0]

    @cached_property
    def fills(self) -> int:
        """How often the fill occurs."""
        if self.dtype == np.float64 and not self.fractions:
            return self._scan[5]
        return int(np.count_nonzero(self.words == self.fill))

    @cached_property
    def fractions(self) -> bool:
        """Whether floats hardly ever are integers or narrow: all other facts about these are then not worth a scan."""
        if self.dtype.kind != "f" or self.sample.size < _SAMPLE:
            return False
        _, integers, _, _, narrows, _ = float_image(self.sample)
        return max(integers, narrows) * _RARE <= self.sample.size

    @cached_property
    def _scan(self) -> tuple[Array, int, int, int, int, int]:
        if self.fractions:
            return np.full(self.length, NOT_INTEGER), 0, 0, 0, 0, 0
        return float_image(self.values, int(self.fill.astype(np.int64)) if self.dtype == np.float64 else 0)

    @cached_property
    def image(self) -> Array:
        """Integers that stand for the values (`NOT_INTEGER` for floats that are none, and for NaT)."""
        if self.dtype.kind == "f":
            return self._scan[0]
        return self.values.view(np.int64) if self.dtype.kind in "mM" else self.values

    @cached_property
    def integers(self) -> int:
        """How many values have an integer that stands for them."""
        if self.dtype.kind in "mM":
            return self.length - int(np.count_nonzero(self.image == NOT_INTEGER))
        if self.dtype.kind in "SU" or self.fractions:
            return 0
        return self._scan[1] if self.dtype.kind == "f" else self.length

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest integer of the image."""
        if self.dtype.kind == "f":
            return self._scan[2], self._scan[3]
        image = self.image if self.integers == self.length else self.image[self.image != NOT_INTEGER]
        return (int(image.min()), int(image.max())) if image.size else (0, 0)

    @cached_property
    def outsiders(self) -> Array:
        """Positions of the values that no integer stands for."""
        if self.integers == self.length:
            return np.empty(0, np.intp)
        return np.flatnonzero(self.image == NOT_INTEGER)

    @cached_property
    def runs(self) -> int | None:
        """How many runs of equal elements there are; None where neighbours mostly differ."""
        near = self.words[: self.length // _NEAR * _NEAR].reshape(-1, _NEAR)
        near = near[:: max(1, len(near) // 8)]
        if 2 * np.count_nonzero(near[:, 1:] != near[:, :-1]) > near.size:
            return None
        return 1 + int(np.count_nonzero(self.words[1:] != self.words[:-1]))

    @cached_property
    def narrows(self) -> int:
        """How many float64 equal their float32 rounding, or are NaN."""
        return 0 if self.fractions else self._scan[4]

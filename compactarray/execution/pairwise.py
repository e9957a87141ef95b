"""Partial results of a reduction, combined so that the error grows with the logarithm of their number."""

from typing import Any

import numpy as np


class PairwiseTotal:
    """Partial results, combined in pairs of equal weight as they come."""

    def __init__(self, ufunc: np.ufunc) -> None:
        self._ufunc = ufunc
        self._stack: list[tuple[int, Any]] = []

    @property
    def empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self._stack

    def add(self, value: Any) -> None:
        """Add a partial result."""
        level = 0
        while self._stack and self._stack[-1][0] == level:
            value = self._joined(self._stack.pop()[1], value)
            level += 1
        self._stack.append((level, value))

    def take(self) -> Any:
        """Return the only partial result and forget it, for reductions in sequence."""
        return np.asarray(self._stack.pop()[1])

    def value(self) -> Any:
        """Return the whole."""
        while len(self._stack) > 1:
            (_, left), (_, right) = self._stack[-2:]
            self._stack[-2:] = [(0, self._joined(left, right))]
        return self._stack[0][1]

    def _joined(self, left: Any, right: Any) -> Any:
        """Return the reduction of two partial results: an error in it is one of a reduction."""
        both = np.empty((2, *np.shape(left)), left.dtype)
        both[0], both[1] = left, right
        # The dtype of moments has a unit, which the argument does not take.
        return self._ufunc.reduce(both, axis=0, dtype=None if both.dtype.kind in "mM" else both.dtype)

"""What many tests share."""

import numpy as np

from compactarray.testing import assert_same


def same(actual: np.ndarray, expected: np.ndarray) -> None:
    """Compare ndarrays in every bit; quick where they are the same, for tests that compare many small ones."""
    if actual.dtype != expected.dtype or actual.shape != expected.shape or actual.tobytes() != expected.tobytes():
        assert_same(actual, expected, dense=True)

"""What many tests share."""

from math import prod

import numpy as np

from compactarray import CompactArray
from compactarray.storage.tables import by_columns
from compactarray.storage.view import whole
from compactarray.testing import assert_same


def table(array: np.ndarray) -> CompactArray:
    """Return an array of two or more axes in C order, each column along the last axis encoded by itself, whether it pays or not."""
    storage = by_columns(array.reshape(prod(array.shape[:-1]), array.shape[-1]))
    return CompactArray.from_view(whole(storage, array.shape))


def same(actual: np.ndarray, expected: np.ndarray) -> None:
    """Compare ndarrays in every bit; quick where they are the same, for tests that compare many small ones."""
    if actual.dtype != expected.dtype or actual.shape != expected.shape or actual.tobytes() != expected.tobytes():
        assert_same(actual, expected, dense=True)

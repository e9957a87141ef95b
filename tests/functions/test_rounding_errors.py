"""What goes wrong in rounding is told in the words of the ufunc in which it does."""

import warnings

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray


@pytest.mark.parametrize(
    ("dtype", "decimals"), [("f8", 1), ("f8", -308), ("f8", 400), ("c16", 1), ("c16", -308), ("c16", 400), ("f4", 1)]
)
def test_rounding_names_its_ufuncs(dtype, decimals):
    values = np.full(200_000, np.finfo(dtype).max, dtype)
    values[::2] = np.arange(100_000) / 7
    found = []
    for array in (values, CompactArray(values)):
        with warnings.catch_warnings(record=True) as caught, compactarray.config(kernels="numpy"):
            warnings.simplefilter("always")
            np.round(array, decimals)
        found.append([str(warning.message) for warning in caught])
    if dtype == "f4" or decimals != 1:
        # There each tile tells.
        found = [sorted(set(messages)) for messages in found]
    assert found[0] == found[1]

"""Keys sort as NumPy sorts, tell all bits apart, and come back as the values that they stand for."""

import numpy as np
import pytest

from compactarray.numerics.order import is_missing, keys, new_classes, values_of
from compactarray.testing import assert_same
from tests.strategies import ENCODED, KINDS, extremes, make


@pytest.mark.parametrize("dtype", ENCODED)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_keys(kind, dtype):
    values = np.concatenate([extremes(dtype), make(kind, dtype, 100)])
    found = keys(values)
    assert_same(values_of(found, values.dtype), values, dense=True)
    assert np.unique(found).size == np.unique(values.view(found.dtype)).size
    ordered = values_of(np.sort(found), values.dtype)
    assert_same(ordered, np.sort(values), dense=True, any_nan=True, any_zero=True)
    fresh = new_classes(ordered)
    assert_same(ordered[fresh], np.unique(values), dense=True, any_nan=True, any_zero=True)
    missing = np.isnan(values) if values.dtype.kind in "fmM" else np.zeros(values.size, bool)
    assert_same(is_missing(values), missing, dense=True)


@pytest.mark.parametrize("dtype", ["f2", "i1", "u1", "i2"])
def test_every_value_of_a_narrow_dtype(dtype):
    values = np.arange(1 << 8 * np.dtype(dtype).itemsize).astype(f"u{np.dtype(dtype).itemsize}").view(dtype)
    ordered = values_of(np.sort(keys(values)), values.dtype)
    assert_same(ordered, np.sort(values), dense=True, any_nan=True, any_zero=True)
    assert np.unique(ordered.view(f"u{ordered.itemsize}")).size == values.size

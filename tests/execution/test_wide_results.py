"""Results that stay where they are computed, whatever a sample of them says; truths and sums in long pieces; rows with exceptions."""

import numpy as np
import pytest

from compactarray import CompactArray, config
from compactarray.testing import assert_same

SIZE = 5 * 65_536 + 7


@pytest.fixture(params=[1, 2])
def threads(request, shipped):
    with config(num_threads=request.param, block_length=4096, tile_length=2048):
        yield request.param


def made(kind):
    rng = np.random.default_rng(3)
    values = rng.standard_normal(SIZE)
    if kind == "zeros at first":
        values[: SIZE // 2] = 0
    elif kind == "zeros at last":
        values[SIZE // 2 :] = 0
    elif kind == "words":
        values = rng.integers(0, 1 << 63, SIZE).astype("u8")
    return values


@pytest.mark.parametrize("kind", ["noise", "zeros at first", "zeros at last", "words"])
def test_values_stay(threads, kind):
    dense = made(kind)
    other = dense[::-1].copy()
    array, reverse = CompactArray(dense), CompactArray(other)
    for function in (np.add, np.multiply, np.maximum, np.less, np.equal):
        assert_same(function(array, reverse), function(dense, other))
    for dtype in ("f4", "f8", "i8", ">f4", "f2"):
        with np.errstate(all="ignore"):
            assert_same(array.astype(dtype), dense.astype(dtype))
    assert abs(float(array.sum()) - float(dense.sum())) <= 1e-10 * float(np.abs(dense).sum())


@pytest.mark.parametrize("kind", ["noise", "zeros at first", "words"])
def test_targets(threads, kind):
    dense = made(kind)
    array = CompactArray(dense)
    copy, before = array.copy(), dense.copy()
    array += array[::-1]
    dense += dense[::-1].copy()
    assert_same(array, dense)
    array[4096:] -= array[:-4096]
    dense[4096:] -= dense[:-4096].copy()
    assert_same(array, dense)
    assert_same(copy, before)


@pytest.mark.parametrize("width", [512, 500])
def test_rows_with_exceptions(threads, width):
    rng = np.random.default_rng(4)
    dense = rng.integers(0, 200, (640, width)).astype(float)
    dense[rng.random(dense.shape) < 0.02] = np.nan
    array, row = CompactArray(dense), dense[3].copy()
    for function in (np.subtract, np.multiply, np.greater):
        assert_same(function(array, CompactArray(row)), function(dense, row), any_nan=True)
        assert_same(function.outer(CompactArray(row), CompactArray(row)), function.outer(row, row), any_nan=True)

"""The rules of intervals, exhaustively at 8 bits: no result lies outside, and floats have the integers' results."""

import itertools

import numpy as np
import pytest

from compactarray.numerics.integers import compute_dtype
from compactarray.numerics.intervals import _BINARY, _UNARY, CLIP, result_interval, stays_exact_in_floats

EDGES = [-128, -127, -100, -3, -1, 0, 1, 2, 7, 99, 127]
INTERVALS = list(itertools.combinations_with_replacement(EDGES, 2))
SHIFTS = [(low, high) for low, high in itertools.combinations_with_replacement([-1, 0, 1, 5, 8], 2)]


def values(interval):
    return np.arange(interval[0], interval[1] + 1)


def assert_within(results, interval, tight):
    assert interval[0] <= results.min() and results.max() <= interval[1]
    if tight:
        assert interval == (results.min(), results.max())


@pytest.mark.parametrize("ufunc", _UNARY, ids=lambda f: f.__name__)
def test_one_operand(ufunc):
    for interval in INTERVALS:
        assert_within(ufunc(values(interval)), result_interval(ufunc, [interval]), tight=True)


#: Rules that are exact at both ends.
TIGHT = (np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.floor_divide, np.left_shift, np.right_shift)


@pytest.mark.parametrize("ufunc", _BINARY, ids=lambda f: f.__name__)
def test_two_operands(ufunc):
    found = 0
    for left, right in itertools.product(INTERVALS, SHIFTS if "shift" in ufunc.__name__ else INTERVALS):
        interval = result_interval(ufunc, [left, right])
        if interval is None:
            continue
        found += 1
        results = ufunc.outer(values(left), values(right))
        assert_within(results, interval, ufunc in TIGHT)
        narrow = compute_dtype(min(left[0], right[0], interval[0]), max(left[1], right[1], interval[1]))
        assert (ufunc.outer(values(left).astype(narrow), values(right).astype(narrow)) == results).all()
    assert found > 10


def test_limits():
    for first, least, most in itertools.product(INTERVALS[::3], INTERVALS[::5], INTERVALS[::7]):
        x, low, high = values(first)[:, None, None], np.array(least)[:, None], np.array(most)
        results = CLIP(x, low, high)
        assert_within(results, result_interval(CLIP, [first, least, most]), tight=True)
        assert stays_exact_in_floats(CLIP, [first, least, most])
        actual = CLIP(x.astype(float), low.astype(float), high.astype(float))
        assert (actual.view(np.int64) == results.astype(float).view(np.int64)).all()


@pytest.mark.parametrize("ufunc", [*_UNARY, *_BINARY], ids=lambda f: f.__name__)
def test_floats_have_the_results_of_integers(ufunc):
    found = 0
    for intervals in itertools.product(INTERVALS, repeat=ufunc.nin):
        if result_interval(ufunc, list(intervals)) is None or not stays_exact_in_floats(ufunc, list(intervals)):
            continue
        found += 1
        operands = [values(interval) for interval in intervals]
        floats = [operand.astype(float) for operand in operands]
        results = ufunc(operands[0]) if ufunc.nin == 1 else ufunc.outer(*operands)
        actual = ufunc(floats[0]) if ufunc.nin == 1 else ufunc.outer(*floats)
        # Zeros are compared with their signs.
        assert (actual.view(np.int64) == results.astype(float).view(np.int64)).all()
    assert found or any(word in ufunc.__name__ for word in ("shift", "bitwise", "invert"))

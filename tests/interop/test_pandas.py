"""Objects of pandas on the other side: they compute with ndarrays, and decide what results are."""

import operator

import numpy as np
import pytest

from compactarray import CompactArray

VALUES = np.arange(1.0, 7.0)


class Series:
    """What of pandas.Series matters here, where pandas is not installed."""

    __pandas_priority__ = 3000
    __array_priority__ = 1000

    def __init__(self, values):
        self.values = values

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
        if any(not isinstance(value, (Series, np.ndarray, float, int)) for value in (*inputs, *out)):
            return NotImplemented
        found = getattr(ufunc, method)(*(v.values if isinstance(v, Series) else v for v in inputs), **kwargs)
        if out:
            out[0][...] = found
        return Series(found)

    def __radd__(self, other):
        return np.add(other, self)


def series_of(kind):
    if kind == "pandas":
        return pytest.importorskip("pandas").Series
    return Series


@pytest.mark.parametrize("kind", ["stand-in", "pandas"])
def test_results_are_of_their_class(kind, both):
    make = series_of(kind)
    for function in (np.add, np.maximum, np.power, np.less, operator.add, operator.mul):
        if kind == "stand-in" and function is operator.mul:
            continue
        dense = function(VALUES, make(VALUES[::-1].copy()))
        found = function(CompactArray(VALUES), make(VALUES[::-1].copy()))
        assert type(found) is type(dense) is make
        assert found.values.tolist() == dense.values.tolist()
    found = np.maximum(make(VALUES), CompactArray(VALUES + 1))
    assert type(found) is make and found.values.tolist() == (VALUES + 1).tolist()


@pytest.mark.parametrize("kind", ["stand-in", "pandas"])
def test_compact_targets(kind, both):
    series = series_of(kind)(VALUES)
    target = CompactArray(VALUES)
    np.add(target, series, out=target)
    assert target.tolist() == (2 * VALUES).tolist()


def test_frames(both):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": VALUES, "y": 2 * VALUES})
    for dense in (VALUES.reshape(6, 1), VALUES[:2]):
        for function in (operator.add, operator.truediv, operator.eq):
            assert function(CompactArray(dense), frame).equals(function(dense, frame))
            if dense.ndim == 1:  # pandas takes what has two axes and is no ndarray for lists
                assert function(frame, CompactArray(dense)).equals(function(frame, dense))
    assert pandas.DataFrame(CompactArray(VALUES.reshape(3, 2))).equals(pandas.DataFrame(VALUES.reshape(3, 2)))
    assert frame.assign(z=CompactArray(VALUES)).equals(frame.assign(z=VALUES))

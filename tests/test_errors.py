"""Which error comes first, and what is no argument at all: as for ndarrays."""

import numpy as np
import pytest

from compactarray.testing import check

MATRIX = np.arange(36, dtype="f4").reshape(6, 6)
LINE = np.arange(3000)


def put(a, index, value):
    a[index] = value
    return a


@pytest.mark.parametrize("value", [1j, "a", np.nan, 10**30, None, [1, 2, 3, 4, 5]], ids=repr)
@pytest.mark.parametrize(
    "index", [(0, 0, 0), 99999, "x", 1.5, ([1], [2], [3]), (slice(None), [0], 0, 0), [True], [0, 99999]], ids=repr
)
def test_assignments(index, value, both):
    for array in (MATRIX, LINE):
        check(lambda a: put(a, index, value), array)


@pytest.mark.parametrize(
    "use",
    [
        lambda a: np.linspace(a, 9, 7, False, retstep=True),
        lambda a: np.subtract(9, a, dtype=np.dtypes.Float32DType),
        lambda a: np.average(a, axis=True, weights=a[0] + 1),
        lambda a: np.histogram_bin_edges(a, "fd", weights=a[0]),
        lambda a: np.histogram(a, "fd", weights=a[0]),
        lambda a: np.nan_to_num(a, nan=np.zeros((1, 6, 6))),
        lambda a: np.nan_to_num(a, nan=np.zeros((2, 6, 6))),
        lambda a: np.nan_to_num(a[0], nan=np.zeros(7)),
        lambda a: np.argmax(a, 0, np.zeros(3)),
        lambda a: np.argmin(a, 0, "f4"),
        lambda a: np.argmax(a, 0, np.zeros(6)),
        lambda a: np.digitize(a.ravel().astype("M8[s]"), a[0]),
        lambda a: a.reshape(),
        lambda a: a.reshape(copy=True),
        lambda a: a.dot(a, (2, 3)),
        lambda a: np.einsum("ji", a.astype("i8").view("m8[s]")),
        lambda a: np.cumsum(a, axis=True),
        lambda a: a.cumprod(axis=False),
        lambda a: np.ones_like(a, a),
        lambda a: a.view(a),
        lambda a: a.astype(a),
        lambda a: a.astype("M8[s]").T != 2**40,
    ],
)
def test_uses(use, both):
    check(use, MATRIX)


def test_deviations_from_a_mean_that_is_a_number(both):
    for mean in (0, 2.5, np.float32(3)):
        check(lambda a, mean=mean: (np.std(a, mean=mean), np.var(a, axis=0, mean=mean)), MATRIX, ulps=8)


WORDS = np.array(["a", "b", "cc"] * 30)


@pytest.mark.parametrize(
    "use",
    [
        lambda a: np.strings.replace(a[:0], "b", "x"),
        lambda a: np.strings.rjust(a, np.zeros(0, int)),
        lambda a: np.strings.partition(a[:0], "x"),
        lambda a: np.strings.multiply(a[:0], 3),
    ],
)
def test_no_strings(use, both):
    check(use, WORDS, messages=False)


@pytest.mark.parametrize("index", [0, ..., slice(1, 3), ([0], [1])], ids=repr)
@pytest.mark.parametrize("value", [np.datetime64("2000-01-01"), np.timedelta64(3, "s"), np.datetime64(3, "s")], ids=repr)
def test_times_assigned_to_numbers(index, value, both):
    for dtype in ("i4", "f4", "c8", "?", "m8[s]"):
        check(lambda a, dtype=dtype: put(a.astype(dtype), index, value), MATRIX, messages=False)


@pytest.mark.parametrize("shape", [(5,), (6, 6), (2, 3)])
def test_targets_of_another_shape(shape, both):
    for function in (np.var, np.std, np.nanvar):
        check(lambda a, function=function: function(a, 0, out=np.zeros(shape)), MATRIX, messages=False)


def test_comparisons_that_have_no_loop(both):
    check(lambda a: a.astype("M8[s]") == np.arange(3)[:, None, None], MATRIX)
    check(lambda a: a.T.astype("M8[s]") != a[:1], MATRIX)


def test_which_rows_are_true(both):
    words = np.array(["", "a", "Bc"])[np.arange(600) % 31 % 3].reshape(20, 30)
    for values in (words, words.astype("S"), np.where(words == "", "x", words), np.arange(600).reshape(20, 30) % 3 / 4):
        for axis in (0, 1, None):
            for function in (np.all, np.any, np.logical_and.reduce):
                check(lambda a, function=function, axis=axis: function(a, axis), values)


def test_applied_along_axes_without_elements(both):
    for function in (sorted, np.sum, lambda line: line[:0]):
        check(lambda a, function=function: np.apply_along_axis(function, 0, a), np.zeros((0, 30)))


def test_numbers_of_python_are_weak(both):
    for function in (lambda a: np.concatenate([a, 1], axis=None), lambda a: np.union1d(a, 1), lambda a: np.union1d(2, a)):
        for dtype in ("i4", "u1", "f4", "c8"):
            check(lambda a, function=function, dtype=dtype: function(a.astype(dtype)), MATRIX)


def test_shapes_that_are_arrays(both):
    check(lambda a, shape: a.reshape(shape), MATRIX, np.array([4, 9]))
    check(lambda a, shape: np.reshape(a, shape), MATRIX, np.array([36]))
    check(lambda a: a.reshape(None, copy=True), MATRIX)


def test_arrays_without_axes(both):
    check(lambda a: np.repeat(a[0, 0, ...], 2, -1), MATRIX)
    check(lambda a, condition: np.piecewise(a, [condition], [np.sqrt, 5.5]), MATRIX, np.array(True))


@pytest.mark.parametrize("value", [np.uint8(200), np.int64(300), np.float64(np.nan), np.str_("abc"), np.float64(7)], ids=repr)
def test_scalars_assigned(value, both):
    for dtype in ("i1", "i4", "f4", "?", "m8[s]"):
        for index in (0, (None, 0), ..., slice(1, 3), (0, ...)):
            check(lambda a, dtype=dtype, index=index: put(a.astype(dtype), index, value), MATRIX, messages=False)

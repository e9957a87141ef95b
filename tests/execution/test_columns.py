"""Operations on tables by columns, in every combination of operands, against ndarray."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.storage.columns import ColumnsStorage
from compactarray.testing import assert_same
from tests.array.test_tables import is_by_columns, mixed
from tests.helpers import table
from tests.strategies import ENCODED, kinds, shaped


@pytest.fixture
def dense(both):
    """Return a table with long columns."""
    return mixed(2100 if both == "shipped" else 30)


OPERATIONS = {
    "scalar": lambda a: a * 2,
    "Python scalar first": lambda a: 7 - a,
    "itself": lambda a: a + a,
    "another": lambda a: np.maximum(a, a[:, ::-1]),
    "row": lambda a: a - np.asarray(a[3]),
    "compact row": lambda a: a - a[3],
    "column": lambda a: a / (np.asarray(a[:, :1]) + 1),
    "compact column": lambda a: a * a[:, 2, None],
    "standardized": lambda a: (a - np.asarray(a).mean(axis=0)) / (np.asarray(a).std(axis=0) + 1),
    "comparison": lambda a: a > 3,
    "comparison of tables": lambda a: a[1:] == a[:-1],
    "unary": lambda a: np.sqrt(a),
    "invalid": lambda a: np.log(a - 5),
    "two results": lambda a: np.divmod(a, 3)[1],
    "frexp": lambda a: np.frexp(a)[1],
    "dtype": lambda a: np.add(a, 1, dtype="f4", casting="unsafe"),
    "power of a row": lambda a: np.power(np.abs(a[:, :3]) % 10, [2.0, 0.5, 3.0]),
    "power": lambda a: a[:, 1:] ** 2,
    "transposed": lambda a: a.T + 1,
    "transposed with a column": lambda a: a.T - np.asarray(a[2])[:, None],
    "backwards": lambda a: a[::-1, ::-1] * 3,
    "some columns": lambda a: a[:, 1:4] + a[:, 2:5],
    "one column of two axes": lambda a: a[:, 1:2] + 1,
    "some rows": lambda a: a[3:-2] + 1,
    "every other row": lambda a: a[::2] + a[1::2],
    "a mask of rows": lambda a: np.add(a, 1, where=np.arange(len(a))[:, None] % 2 == 0, out=np.zeros_like(a)),
    "a mask of columns": lambda a: np.add(a, 1, where=np.arange(a.shape[1]) % 2 == 0, out=np.zeros_like(a)),
    "complex": lambda a: a + 1j,
    "three axes": lambda a: a.reshape(len(a) // 10, 10, -1) + a.reshape(len(a) // 10, 10, -1)[:, :1],
    "order": lambda a: np.add(a, 1, order="F"),
    "isnan": lambda a: np.isnan(a),
}


@pytest.mark.parametrize("function", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_elementwise(function, dense):
    with np.errstate(all="ignore"):
        expected = function(dense)
        assert_same(function(table(dense)), expected)
    with np.errstate(all="raise"):
        try:
            function(dense)
        except FloatingPointError as error:
            with pytest.raises(FloatingPointError, match=str(error)):
                function(table(dense))


def test_warnings_are_given_once(dense):
    with pytest.warns(RuntimeWarning) as theirs:
        np.log(dense - 5)
    with pytest.warns(RuntimeWarning) as ours:
        np.log(table(dense) - 5)
    assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]


def test_results_are_tables_again(dense):
    array = table(dense)
    results = [array * 2, array - dense[3], array + array, np.sqrt(abs(array)), array.T + 1, array[:, 1:4] + 1, array[1:] - array[:-1]]
    results += [array > 3, (array - array.min(axis=0)) / 7, *np.divmod(array, 3)]
    for result in results:
        assert is_by_columns(result)
    column = array[:, 2:3] * 2
    assert not isinstance(column._view.storage, ColumnsStorage)
    assert column.nbytes < dense.itemsize * len(dense)


def test_targets(dense):
    array = table(dense)

    def check(function):
        function(dense)
        function(array)
        assert_same(array, dense)
        assert is_by_columns(array)

    def itself(a):
        a += 1

    def row(a):
        a -= np.asarray(a[3])

    def overlapping(a):
        a[1:] += a[:-1]

    def columns(a):
        a[:, 1:3] *= a[:, 2:4]

    def first_column(a):
        np.subtract(a, a[:, :1], out=a)

    def backwards(a):
        np.add(a, a[::-1, ::-1], out=a)

    def elsewhere(a):
        np.multiply(a[:, 0], 3, out=a[:, 2])

    def cast(a):
        np.add(a, 0.5, out=a, casting="unsafe")

    def masked(a):
        np.add(a, 1, out=a, where=a > 5)

    def dense_operand(a):
        a += np.arange(a.size).reshape(a.shape)

    for function in (itself, row, overlapping, columns, first_column, backwards, elsewhere, cast, masked, dense_operand):
        check(function)
    out = np.empty_like(dense)
    assert np.add(array, 1, out=out) is out
    np.testing.assert_array_equal(out, dense + 1)


REDUCTIONS = {
    "max": lambda a, **k: a.max(**k),
    "min": lambda a, **k: a.min(**k),
    "any": lambda a, **k: (a > 5).any(**k),
    "all": lambda a, **k: (a > 5).all(**k),
    "sum of integers": lambda a, **k: (a > 5).sum(**k),
    "count": lambda a, **k: np.count_nonzero(a, **k),
    "exact sum": lambda a, **k: np.floor(a).sum(**k),
    "initial": lambda a, **k: a.max(initial=10**6, **k),
    "gcd": lambda a, **k: np.gcd.reduce(a.astype("i8"), **k),
    "dtype": lambda a, **k: (a > 5).sum(dtype="i2", **k),
    "xor": lambda a, **k: np.bitwise_xor.reduce(a.astype("i4"), **k),
}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("function", REDUCTIONS.values(), ids=REDUCTIONS.keys())
def test_reductions(function, dense, keepdims):
    array = table(dense)
    for axis in (0, 1, None, (0, 1), -1):
        for view in (lambda a: a, lambda a: a.T, lambda a: a[2:, ::-1], lambda a: a[:, 2:3]):
            assert_same(function(view(array), axis=axis, keepdims=keepdims), function(view(dense), axis=axis, keepdims=keepdims))
    cube, expected = (a.reshape(len(a) // 10, 10, -1) for a in (array, dense))
    for axis in (0, 1, 2, (0, 1), (1, 2), None):
        assert_same(function(cube, axis=axis, keepdims=keepdims), function(expected, axis=axis, keepdims=keepdims))


def test_reductions_that_go_in_sequence_and_masks(dense):
    array = table(dense)
    few, small = array[:20], dense[:20]
    for function in (
        lambda a: np.subtract.reduce(a, axis=0),
        lambda a: np.multiply.reduce(a % 3, axis=0),
        lambda a: np.max(a, axis=0, where=a[:, :1] > 2, initial=0),
        lambda a: np.max(a, axis=0, where=a > 2, initial=0),
        lambda a: np.max(a, axis=0, where=np.arange(a.shape[1]) != 2, initial=0),
        lambda a: np.max(a, axis=0, where=np.False_, initial=0),
    ):
        assert_same(function(array), function(dense))
        assert_same(function(few), function(small))
    with pytest.raises(ValueError, match="not reorderable"):
        np.subtract.reduce(array, axis=None)


def test_sums_of_floats_are_as_near_as_numpys(dense):
    array = table(dense)
    for axis in (0, None):
        ours, theirs = np.asarray(array.sum(axis=axis)), dense.sum(axis=axis)
        assert (abs(ours - theirs) <= 1e-12 * abs(dense).sum(axis=axis)).all()
        np.testing.assert_allclose(array.mean(axis=axis), dense.mean(axis=axis), rtol=1e-12)
        np.testing.assert_allclose(array.std(axis=axis), dense.std(axis=axis), rtol=1e-12)
        turned = None if axis is None else 1
        np.testing.assert_allclose(array.T.var(axis=turned, keepdims=True), dense.T.var(axis=turned, keepdims=True), rtol=1e-12)


def test_a_table_of_one_row_as_target(miniature):
    dense = mixed(1)
    array = table(dense)
    np.add(array, 1, out=array)
    assert_same(array, dense + 1)


@given(st.sampled_from([dtype for dtype in ENCODED if np.dtype(dtype).kind not in "SU"]), kinds, st.integers(1, 4), st.integers(0, 99))
def test_any_data(dtype, kind, width, seed):
    dense = shaped(kind, dtype, (2048, width + 1), seed=seed)
    if dense.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            # What fmin makes of signalling NaNs hangs on the layout.
            dense = dense * dense.dtype.type(1)
    array = table(dense)
    for function in (lambda a: a == a[::-1], lambda a: np.maximum(a, a[:1]), lambda a: np.fmin(a, a[:, :1])):
        assert_same(function(array), function(dense), any_nan=True, any_zero=True)
    for axis in (0, None):
        assert_same(array.max(axis=axis), dense.max(axis=axis), any_nan=True, any_zero=True)


MOVES = {
    "sort": lambda a: np.sort(a, axis=0),
    "stable sort": lambda a: np.sort(a, axis=0, kind="stable"),
    "sort of a transposed one": lambda a: np.sort(a.T, axis=1),
    "sort of rows backwards": lambda a: np.sort(a[::-1, 1:], axis=0),
    "take": lambda a: np.take(a, np.arange(len(a))[::-3] if len(a) < 100 else np.arange(len(a))[::-1], axis=0),
    "take clipped": lambda a: np.take(a, np.arange(2 * len(a)), axis=0, mode="clip"),
    "compress": lambda a: np.compress(np.arange(len(a)) % 3 > 0, a, axis=0),
    "where": lambda a: np.where(a > 3, a, 0),
    "where of tables": lambda a: np.where(a[:, :1] > 3, a, a[::-1]),
    "where of rows": lambda a: np.where(a > a[:1], a[3], 5),
    "where of columns": lambda a: np.where(np.arange(a.shape[1]) < 3, a, -a),
    "clip": lambda a: np.clip(a, 1, 9),
    "astype": lambda a: a.astype("f4"),
    "astype of a transposed one": lambda a: a.T.astype("i8", order="C") if a.dtype.kind == "i" else a.T.astype("f2"),
    "astype bool": lambda a: a.astype(bool),
    "astype complex": lambda a: a.astype("c16"),
    "delete": lambda a: np.delete(a, [0, 3], axis=0),
    "append": lambda a: np.append(a, a[:7], axis=0),
    "roll": lambda a: np.roll(a, 3, axis=0),
    "repeat": lambda a: np.repeat(a, 2, axis=0),
    "diff": lambda a: np.diff(a, axis=0),
    "cumsum of integers": lambda a: np.cumsum(np.floor(a), axis=0),
    "cumsum of cubes": lambda a: np.cumsum(np.floor(a).reshape(len(a) // 10, 10, -1), axis=1),
    "cumsum of halves": lambda a: np.cumsum(a.astype("f2"), axis=0),
    "cumsum of rows": lambda a: np.cumsum(a, axis=1),
    "maximum.accumulate": lambda a: np.maximum.accumulate(a.T, axis=1),
    "subtract.accumulate": lambda a: np.subtract.accumulate(a, axis=0),
    "hstack": lambda a: np.hstack([a, a[:, 1:3]]),
    "column_stack": lambda a: np.column_stack([a, a[:, 1], np.arange(len(a)) * 0.5]),
    "hstack of others": lambda a: np.hstack([a, np.ones((len(a), 3))]),
    "nan_to_num": lambda a: np.nan_to_num(np.log(a)),
    "round": lambda a: np.round(a, 1),
    "isclose": lambda a: np.isclose(a, a[3]),
    "nanmax": lambda a: np.nanmax(np.log(a), axis=0),
    "nansum": lambda a: np.nansum(np.where(a > 5, np.nan, np.floor(a)), axis=0),
    "count_nonzero": lambda a: np.count_nonzero(a, axis=0),
    "argmin": lambda a: np.argmin(a.T, axis=1, keepdims=True),
    "nanargmax": lambda a: np.nanargmax(np.log(a + 1), axis=0),
    "argmax of cubes": lambda a: np.argmax(a.reshape(len(a) // 10, 10, -1), axis=1),
    "percentiles": lambda a: np.percentile(a, [20, 50], axis=0),
    "median": lambda a: np.median(a, axis=0),
    "argmax": lambda a: np.argmax(a, axis=0),
    "sort of rows": lambda a: np.sort(a, axis=1),
    "fancy assignment": lambda a: np.put_along_axis(a, np.zeros((1, a.shape[1]), int), 3, 0) or a,
}


@pytest.mark.parametrize("function", MOVES.values(), ids=MOVES.keys())
def test_functions_of_tables(function, dense):
    with np.errstate(all="ignore"):
        assert_same(function(table(dense)), function(dense))


@pytest.mark.parametrize(
    "name",
    ["sort", "take", "compress", "where", "where of tables", "clip", "astype", "delete", "append", "hstack", "column_stack", "round"],
)
def test_functions_that_keep_columns(name, dense):
    assert is_by_columns(MOVES[name](table(dense)))


def test_errors_of_casts_are_told_once():
    dense = mixed(2100) * 1e250
    with pytest.warns(RuntimeWarning, match="overflow encountered in cast") as told:
        assert_same(table(dense).astype("f4"), dense.astype("f4"))
    assert len(told) == 2

"""Ufuncs on whole masks, on runs wherever these begin, and what comes out of them: NumPy's answers."""

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.config import settings
from compactarray.testing import assert_same, check

SHIPPED = settings().plain_below > 0
RNG = np.random.default_rng(11)
ROWS, COLUMNS = (300, 256) if SHIPPED else (9, 16)
SIZE = ROWS * COLUMNS
LONG = 37 if SHIPPED else 5

MASKS = {
    "random": RNG.random(SIZE) < 0.5,
    "of odd length": RNG.random(SIZE - 3) < 0.5,
    "true": np.ones(SIZE, bool),
    "one false": np.arange(SIZE) != SIZE - 2,
    "one true": np.arange(SIZE) == SIZE - 1,
}
RUNS = {
    "labels": np.repeat(RNG.permutation(SIZE // LONG + 1) * 1_000_003, LONG)[:SIZE],
    "floats": np.repeat(RNG.choice([np.nan, -0.0, 0.5, 1e300, -7.0], SIZE // LONG + 1), LONG)[:SIZE],
    "bytes": np.repeat(RNG.integers(0, 255, SIZE // LONG + 1), LONG)[:SIZE].astype(np.uint8),
    "far apart": np.repeat(RNG.integers(-(2**62), 2**62, SIZE // LONG + 1), LONG)[:SIZE],
    "moments": np.repeat(RNG.integers(0, 99, SIZE // LONG + 1), LONG)[:SIZE].astype("M8[D]"),
}
LOGIC = [np.add, np.multiply, np.maximum, np.minimum, np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor]  # fmt: skip


@pytest.mark.parametrize("ufunc", LOGIC, ids=lambda f: f.__name__)
def test_logic_of_whole_masks(ufunc):
    for mask in MASKS.values():
        check(lambda a, b: ufunc(a, b), mask, np.roll(mask, 5))
        check(lambda a: (ufunc(a, True), ufunc(np.False_, a), ufunc(a, np.array(True)), ufunc(a, a), ufunc(a[1:], a[:-1])), mask)
        check(lambda a: ufunc(a, a.reshape(-1, 1)[::50]), mask[: SIZE // 4])


@pytest.mark.parametrize("name", MASKS)
def test_masks_are_counted(name):
    mask = MASKS[name]
    assert_same(np.array(CompactArray(mask)), mask, dense=True)
    check(lambda a: (np.count_nonzero(a), a.sum(), a.all(), a.any(), a[:-1].all(), a[3:].any(), np.array_equal(a, a.copy())), mask)
    check(lambda a: (~a, np.logical_not(a), np.count_nonzero(a[5:]), np.unique(a, return_counts=True)), mask)


@pytest.mark.parametrize("columns", [COLUMNS, COLUMNS - 3, 64, 8] if SHIPPED else [16, 8, 5])
def test_rows_of_bits(columns):
    table = MASKS["random"][: SIZE // columns * columns].reshape(-1, columns)
    places = RNG.integers(-len(table), len(table), 2 * len(table))
    check(lambda a: (np.take(a, places, 0), a[places], np.take(a[3:], [0, -1, 2], 0)), table)
    check(lambda a: (np.hstack([a, a]), np.hstack([a, a[:, ::-1]]), np.vstack([a, a[2:]]), np.hstack([a[1:], a[:-1]])), table)
    check(lambda a: (np.tile(a, 2), np.tile(a, (2, 1)), np.tile(a.reshape(-1), 3), np.tile(a, (2, 1, 1)), np.tile(a, 0)), table)
    with pytest.raises(IndexError):
        np.take(CompactArray(table), [len(table)], 0)


def test_rows_of_other_pairs():
    table = np.where(MASKS["random"], 7.5, -0.0).reshape(ROWS, COLUMNS)
    other = np.where(MASKS["random"], 7.5, 2.0).reshape(ROWS, COLUMNS)
    check(lambda a, b: (np.hstack([a, a]), np.hstack([a, b]), np.take(a, [5, 2, 2], 0)), table, other)


@pytest.mark.parametrize("name", RUNS)
def test_runs_that_begin_anywhere(name):
    values = RUNS[name]
    with np.errstate(all="ignore"):
        check(lambda a: (np.diff(a), a[5:] == a[:-5], a[1:] != a[:-1]), values, any_nan=True, warnings=False)
        check(lambda a: a[7:99] < a[107:199], values, any_nan=True)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.filterwarnings("ignore")
def test_runs_beside_rows_and_columns(name):
    table = RUNS[name].reshape(ROWS, COLUMNS)
    check(lambda a: (a - a[0], a[:, ::-1] - a, a[::2, ::3] - a[0, 0]), table, any_nan=True)
    if table.dtype.kind != "M":
        check(lambda a: (a + a[:, :1], a * a[3], np.multiply.outer(a[0], a[1]), a + a.T[:1, :1]), table, any_nan=True)
        check(
            lambda a: a[: min(ROWS, COLUMNS), : min(ROWS, COLUMNS)] + a[: min(ROWS, COLUMNS), : min(ROWS, COLUMNS)].T,
            table,
            any_nan=True,
        )


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.filterwarnings("ignore")
def test_casts_and_accumulations_of_runs(name):
    values = RUNS[name]
    if values.dtype.kind != "M":
        for dtype in ("f4", "f8", "i2", "u8", "c8", "?"):
            if values.dtype.kind == "f" and dtype in ("i2", "u8"):
                continue  # what becomes of NaN is the processor's
            check(lambda a, dtype=dtype: a.astype(dtype), values, any_nan=True)
    for ufunc in (np.maximum, np.minimum, np.fmax, np.fmin):
        if values.dtype.kind == "M" and ufunc in (np.fmax, np.fmin):
            continue
        check(lambda a, ufunc=ufunc: (ufunc.accumulate(a), ufunc.accumulate(a[5:-7])), values, any_nan=True, any_zero=True)
        check(lambda a, ufunc=ufunc: ufunc.accumulate(a.reshape(ROWS, COLUMNS), axis=1), values, any_nan=True, any_zero=True)


def test_choices_between_runs_and_a_scalar():
    values, mask = RUNS["labels"], MASKS["random"]
    check(lambda a, m: (np.where(m, a, a[5]), np.where(m, 4, a), np.where(m, a, 2**40), np.where(m, a, a[::-1])), values, mask)


def test_results_that_are_runs():
    if not SHIPPED:
        return
    values = np.repeat(RNG.permutation(9000) * 10_000_019, 500)[: 1 << 21]
    table = values.reshape(2048, 1024)
    compact = CompactArray(table)
    assert_same(compact - compact[0], table - table[0])
    assert {share.name for share in (compact - compact[0]).info.shares} == {"runs"}
    # Of sums of values in the order of columns a sample says what they are.
    assert_same(compact * 3 + np.arange(2)[:, None, None], table * 3 + np.arange(2)[:, None, None])

"""Reductions of whole arrays and along axes from codes, runs, bits and exceptions: NumPy's answers."""

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.config import settings
from compactarray.testing import assert_same, check

SHIPPED = settings().plain_below > 0
RNG = np.random.default_rng(8)
#: Rows and columns: several blocks, rows that end inside of blocks and rows that end with them, columns that fill bytes and not.
SHAPES = [(700, 300), (1024, 256), (3, 70_000), (65, 2048)] if SHIPPED else [(7, 9), (8, 8), (3, 20), (9, 16)]
MOST = max(rows * columns for rows, columns in SHAPES)


def _runs(values, length):
    return np.repeat(values, length)[:MOST]


def _with(values, others, every):
    values = values.copy()
    values[5::every] = np.resize(np.array(others, values.dtype), values[5::every].shape)
    return values


DATA = {
    "runs": _runs(RNG.integers(-(10**9), 10**9, MOST), 37),
    "runs of bytes": _runs(RNG.integers(0, 200, MOST), 23).astype(np.uint8),
    "runs that wrap around": _runs(RNG.integers(2**62, 2**63 - 1, MOST), 50),
    "runs of uint64": _runs(RNG.integers(0, 2**64 - 1, MOST, np.uint64), 50),
    "runs with zeros": _runs(RNG.integers(0, 3, MOST) * 1_000_003, 41),
    "runs of whole floats": _runs(RNG.integers(-5, 500, MOST).astype(float), 29),
    "runs of floats": _runs(RNG.random(MOST), 29),
    "runs of NaN": _runs(RNG.choice([np.nan, -0.0, 0.0, 1.5, 7.0], MOST), 31),
    "runs of moments": _runs(RNG.integers(0, 10**9, MOST), 37).astype("M8[s]"),
    "one run": np.full(MOST, 7),
    "sequence": np.arange(MOST) * 3 - 77,
    "a bitmap": np.where(RNG.random(MOST) < 0.5, 0, RNG.integers(1, 9_000, MOST)),
    "counts": RNG.integers(0, 200, MOST),
    "outliers": _with(RNG.integers(0, 200, MOST), [2**62, -(2**62), 0], 97),
    "one outlier": _with(RNG.integers(1, 200, MOST), [10**15], MOST),
    "an outlier below all": _with(RNG.integers(50, 200, MOST), [-(10**15)], MOST // 2),
    "whole, with NaN": _with(RNG.integers(1, 3_000, MOST).astype(float), [np.nan], 51),
    "whole, with others": _with(RNG.integers(1, 200, MOST).astype(float), [0.5, np.inf, -0.0], 101),
    "image, with others": _with(RNG.integers(0, 256, MOST) / 255.0, [1e300, -3.0], 301),
    "float32 in truth": RNG.standard_normal(MOST).astype("f4").astype("f8"),
    "prices": RNG.integers(-99, 9_999, MOST) / 100,
    "a mask": RNG.random(MOST) < 0.5,
    "true": _with(np.ones(MOST, bool), [False], MOST // 3),
    "false": _with(np.zeros(MOST, bool), [True], MOST // 3),
}
REDUCTIONS = ["sum", "min", "max", "any", "all", "mean", "prod"]


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("which", REDUCTIONS)
def test_along_axes_is_as_of_numpy(name, shape, which):
    table = DATA[name][: shape[0] * shape[1]].reshape(shape)
    if table.dtype.kind == "M" and which not in ("min", "max"):
        return
    compact = CompactArray(table)
    for axis in (0, 1, None):
        with np.errstate(all="ignore"):
            expected, found = getattr(table, which)(axis=axis), getattr(compact, which)(axis=axis)
        if expected.dtype.kind == "f" and which in ("sum", "mean", "prod"):
            scale = 0 if which == "prod" else np.abs(table.astype(float)[np.isfinite(table)]).sum()
            np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-12, atol=1e-15 * scale)
            assert found.dtype == expected.dtype
        else:
            assert_same(found, expected, any_nan=True, any_zero=True)


@pytest.mark.parametrize("name", DATA)
def test_of_runs_and_others_at_once(name):
    """What is told from the runs, the tally of which counts their lengths."""
    values = DATA[name]
    if values.dtype.kind != "M":
        check(lambda a: (np.count_nonzero(a), a.argmax(), a.argmin()), values)
        check(lambda a: np.median(a), values, any_nan=True, any_zero=True)
    check(lambda a: (np.sort(a), np.unique(a), np.unique(a, return_counts=True)), values, any_nan=True, any_zero=True)
    check(lambda a: np.unique(a, return_index=True, return_inverse=True), values, any_nan=True, any_zero=True)


@pytest.mark.parametrize("name", ["runs", "runs of whole floats", "a mask", "outliers"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "u1"])
def test_sums_of_another_dtype(name, dtype):
    table = DATA[name][: SHAPES[0][0] * SHAPES[0][1]].reshape(SHAPES[0])
    compact = CompactArray(table)
    for axis in (0, 1, None):
        if table.dtype.kind == "f" and dtype[0] in "iu":
            continue
        with np.errstate(all="ignore"):
            expected, found = table.sum(axis=axis, dtype=dtype), compact.sum(axis=axis, dtype=dtype)
        if dtype[0] == "f":
            rtol = 1e-4 if dtype == "f4" else 1e-12
            scale = float(np.abs(table.astype(float)).sum()) * rtol / (1 if axis is None else 50)
            np.testing.assert_allclose(np.asarray(found), expected, rtol=rtol, atol=scale)
        else:
            assert_same(found, expected)


def test_a_line_of_nothing_but_exceptions():
    table = np.full((400, 200) if SHIPPED else (12, 6), 3.0)
    table[::7, ::5] = 9.0
    table[2] = -np.arange(table.shape[1]) - 0.5
    for axis in (0, 1):
        check(lambda a, axis=axis: (a.max(axis=axis), a.min(axis=axis), np.nanmax(a, axis=axis), a.any(axis=axis)), table)


@pytest.mark.parametrize("name", [name for name, values in DATA.items() if values.dtype.kind != "M"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_variances(name, shape):
    table = DATA[name][: shape[0] * shape[1]].reshape(shape)
    compact = CompactArray(table)
    with np.errstate(all="ignore"):
        for axis in (0, 1):
            expected, found = table.var(axis=axis, ddof=1), compact.var(axis=axis, ddof=1)
            np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-9)
            assert found.dtype == expected.dtype
            assert compact.std(axis=axis, keepdims=True).shape == table.std(axis=axis, keepdims=True).shape
        assert_same(compact[:1].var(axis=1), table[:1].var(axis=1), ulps=50)
    # As many degrees of freedom as elements, or fewer than none.
    check(lambda a: (a[:, :1].var(axis=1, ddof=1), a[:3].var(axis=0, ddof=3)), table, ulps=50, warnings="image" not in name)


@pytest.mark.parametrize(
    "name", ["outliers", "one outlier", "an outlier below all", "whole, with NaN", "whole, with others", "image, with others"]
)
def test_places_of_extremes_among_exceptions(name):
    values = DATA[name]
    check(lambda a: (a.argmax(), a.argmin(), a[5:].argmax(), a[7:-9].argmin(), a[::-1].argmax()), values)
    hidden = values.copy()
    hidden[: MOST // 2] = hidden[MOST // 2 : MOST // 2 * 2][::-1]
    hidden[::29] = hidden[0]
    check(lambda a: (a.argmax(), a.argmin()), hidden)


def test_sums_with_what_is_missing():
    """NaN from elements is NumPy's NaN, without a warning; from infinities it is one of which NumPy warns."""
    values = DATA["whole, with NaN"].copy()
    check(lambda a: (a.sum(), a.mean(), a.std(), a.var()), values, any_nan=True)
    for others in ([np.inf, np.nan], [np.inf, -np.inf, np.nan], [1e308, 1e308, 1e308], [np.inf, 1.0]):
        values[11 : 11 + 40 * len(others) : 40] = others
        # Whether infinities of both signs, or large numbers, meet before either meets NaN depends on how sums are grouped.
        check(lambda a: a.sum(), values, any_nan=True, warnings=False)
        check(lambda a: (a.sum(), a.mean()), np.nan_to_num(values, nan=3.0, posinf=np.inf, neginf=-np.inf), any_nan=True)


def test_products_of_vectors_of_other_forms():
    for name in ("image, with others", "whole, with NaN", "outliers", "runs of floats", "counts"):
        values = DATA[name][: MOST // 3]
        other = values[::-1].copy()
        expected, found = np.dot(values, other), np.dot(CompactArray(values), CompactArray(other))
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        np.testing.assert_allclose(np.dot(CompactArray(values), other), expected, rtol=1e-12)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize("name", ["float32 in truth", "prices", "whole, with NaN", "image, with others"])
@pytest.mark.parametrize("threads", [1, 2])
def test_whole_rows_in_several_threads(name, threads):
    """Tiles are decoded to one place for each thread, and partial results added in one order, however many threads there are."""
    values = np.resize(DATA[name], (96, 64 * 33))
    with compactarray.config(block_length=1024, tile_length=4096, num_threads=threads):
        compact = CompactArray(values)
        for table, found in ((values, compact), (values.reshape(24, 4, -1), compact.reshape(24, 4, -1))):
            for axis in (0, -1, tuple(range(table.ndim - 1)), tuple(range(1, table.ndim))):
                with np.errstate(all="ignore"):
                    sums = table.sum(axis=axis), found.sum(axis=axis)
                    assert_same(found.min(axis=axis), table.min(axis=axis), any_nan=True, any_zero=True)
                    assert_same(found.all(axis=axis), table.all(axis=axis))
                    np.testing.assert_allclose(np.asarray(sums[1]), sums[0], rtol=1e-12, atol=1e-12 * np.nanmax(np.abs(values)))
                    np.testing.assert_allclose(np.asarray(found.var(axis=axis)), table.var(axis=axis), rtol=1e-12)
            for axis in range(table.ndim):
                assert_same(found.argmin(axis=axis), table.argmin(axis=axis))
        lines = np.asarray(compact.sum(axis=0))
        with compactarray.config(num_threads=3 - threads):
            assert_same(np.asarray(compact.sum(axis=0)), lines, any_nan=True, dense=True)
        product = compact.ravel() @ compact.ravel()[::-1]
        np.testing.assert_allclose(product, values.ravel() @ values.ravel()[::-1], rtol=1e-12)


def test_variances_behind_axes_of_length_one():
    """They are along the first axis of a matrix then, though not along the first one of the array."""
    with compactarray.config(block_length=1024, tile_length=4096):
        table = RNG.standard_normal((1, 1, 1920, 64)) + np.arange(64)
        compact = CompactArray(table)
        for axis in (2, -1, (1, 2), (2, 3)):
            expected = table.var(axis=axis, keepdims=True)
            np.testing.assert_allclose(np.asarray(compact.var(axis=axis, keepdims=True)), expected, rtol=1e-12)

"""The rules of exactness, exhaustively at 8 bits: whatever a rule allows is checked on every code."""

import itertools
import math

import numpy as np
import pytest

from compactarray.numerics.rules import code_test, common_reference, expands, holds, negated, scaled, wrapped

DTYPES = [np.dtype("i1"), np.dtype("u1"), np.dtype("i2"), np.dtype("f2")]
RANGES = {"i1": (-128, 127), "u1": (0, 255), "i2": (-(2**15), 2**15 - 1), "f2": (-2048, 2048)}
REFERENCES = [-2048, -129, -128, -127, -3, 0, 1, 100, 127, 128, 255]
MOST = [0, 1, 7, 127, 255]
CODES = np.arange(256)

each_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=str)


def fits(dtype, values):
    """Tell by conversion whether all integers are values of a dtype."""
    least, most = RANGES[dtype.str[1:]]
    return bool((np.asarray(values) >= least).all() and (np.asarray(values) <= most).all())


@each_dtype
def test_holds(dtype):
    least, most = RANGES[dtype.str[1:]]
    edges = sorted({least - 1, least, least + 1, -1, 0, 1, most - 1, most, most + 1})
    for low, high in itertools.combinations_with_replacement(edges, 2):
        assert holds(dtype, low, high) == fits(dtype, [low, high])


@each_dtype
def test_expands(dtype):
    least, most = RANGES[dtype.str[1:]]
    for low, high in itertools.combinations_with_replacement(sorted({least - 1, least, -1, 0, 1, most - 1, most, most + 1}), 2):
        # What is between them is a code times a stride, which a float has to count as well.
        assert expands(dtype, low, high) == (fits(dtype, [low, high]) and (dtype.kind != "f" or high - low <= most))


def test_scaled_frames():
    for reference, stride, by in itertools.product(REFERENCES, [1, 3], [1, 2, 7]):
        fresh, step = scaled(reference, stride, by)
        assert (fresh + step * CODES == (reference + stride * CODES) * by).all()


def test_negated_frames():
    for reference, stride, most in itertools.product(REFERENCES, [1, 2, 9], MOST):
        codes = CODES[: most + 1]
        fresh, step = negated(reference, stride, most)
        assert (fresh + step * (most - codes) == -(reference + stride * codes)).all()


@pytest.mark.parametrize("ufunc", [np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal])
@pytest.mark.parametrize("stride", [1, 2, 7])
def test_comparisons_of_codes(ufunc, stride):
    for reference in (-128, -5, 0, 3, 2**53):
        values = [reference + stride * int(code) for code in CODES]
        near = [reference + k / 2 for k in range(-5, 12)] if abs(reference) < 2**52 else [reference + k for k in range(-5, 12)]
        tried = [*near, *values[::17], values[-1] - 1, values[-1], values[-1] + 1, -math.inf, math.inf, 1e300, -1e300, 0, -0.0]
        for value in tried:
            test = code_test(ufunc, reference, stride, value, 255)
            expected = [bool(ufunc(*np.array([v, value], object))) for v in values]
            actual = [test.always if test.compare is None else bool(test.compare(int(code), test.code)) for code in CODES]
            assert actual == expected, (reference, value)
            assert test.compare is None or 0 <= test.code <= 255


@each_dtype
def test_common_references(dtype):
    for left, right in itertools.product(itertools.product(REFERENCES, [1, 2], MOST), itertools.product(REFERENCES, [1], MOST)):
        frames = [left, right]
        values = [r + s * CODES[: m + 1] for r, s, m in frames]
        found = common_reference(dtype, frames)
        if found is None:
            assert left[1] != 1 or not fits(dtype, np.concatenate(values))
            continue
        reference, codes = found
        for (r, _, m), expected in zip(frames, values, strict=True):
            moved = (r - reference) + CODES[: m + 1]
            assert moved.min() >= 0
            assert moved.max() <= np.iinfo(codes).max
            assert (reference + moved == expected).all()


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2"])
def test_wrapped(dtype):
    for total in [*range(-1000, 1000), 2**15, 2**16, -(2**40) + 3, 2**70 + 5]:
        expected = np.array(total % 2 ** (8 * np.dtype(dtype).itemsize)).astype(f"u{dtype[1]}").view(dtype)[()]
        assert wrapped(total, np.dtype(dtype)) == expected
        assert type(wrapped(total, np.dtype(dtype))) is type(expected)

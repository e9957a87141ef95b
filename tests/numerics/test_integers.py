"""Which values are integers, and in which codes they fit; words."""

import fractions

import numpy as np
import pytest

from compactarray.numerics.integers import (
    INTEGER_LIMIT,
    NOT_INTEGER,
    code_dtype,
    exact_integer,
    float_image,
    integer_image,
    value_range,
)
from compactarray.numerics.words import is_encodable, words
from tests.strategies import DTYPES, ENCODED, FLOATS, KINDS, NUMERIC, extremes, make

TRICKY = [
    0.0,
    -0.0,
    0.5,
    1,
    -1,
    255,
    256,
    2047,
    2048,
    2**24 - 1,
    2.0**24,
    2.0**53,
    2.0**53 - 1,
    -(2.0**53),
    1e300,
    np.inf,
    -np.inf,
    np.nan,
    5e-324,
]


def is_integer(value):
    """Tell by exact arithmetic whether an integer, counted by its dtype without gaps, stands for a float."""
    if not np.isfinite(value) or (value == 0 and np.signbit(value)):
        return False
    exact = fractions.Fraction(float(value))
    return exact.denominator == 1 and abs(exact) <= INTEGER_LIMIT[value.dtype.itemsize]


@pytest.mark.parametrize("dtype", FLOATS)
def test_float_image(dtype):
    with np.errstate(all="ignore"):
        pools = [np.array(TRICKY).astype(dtype), extremes(dtype), *[make(kind, dtype, 300) for kind in KINDS]]
    for values in pools:
        image, integers, low, high, narrows, fills = float_image(values, 0)
        expected = [int(v) if is_integer(v) else None for v in values]
        found = [int(v) for v in expected if v is not None] if any(v is not None for v in expected) else []
        assert [None if n == NOT_INTEGER else n for n in image.tolist()] == expected
        assert integers == len(found)
        if found:
            assert (low, high) == (min(found), max(found))
        with np.errstate(all="ignore"):
            assert narrows == np.count_nonzero((values.astype("f4") == values) | np.isnan(values))
            assert fills == np.count_nonzero(values.astype("f8").view("u8") == 0)


@pytest.mark.parametrize("dtype", [d for d in NUMERIC if d != "?"])
def test_one_value_is_as_many(dtype):
    for values in [extremes(dtype), *[make(kind, dtype, 50) for kind in KINDS]]:
        image = integer_image(values)
        for value, integer in zip(values, image.tolist(), strict=True):
            expected = None if integer == NOT_INTEGER and np.dtype(dtype).kind in "fmM" else integer
            assert exact_integer(value) == expected


def test_limits_of_floats_are_exact():
    for itemsize, limit in INTEGER_LIMIT.items():
        dtype = np.dtype(f"f{itemsize}").type
        assert int(dtype(limit)) == limit
        assert int(dtype(limit - 1)) == limit - 1
        assert value_range(np.dtype(dtype)) == (-limit, limit)


def test_integers_of_16_bits_exhaustively():
    """Every float16 there is."""
    values = np.arange(65_536).astype("u2").view("f2")
    image = float_image(values)[0]
    back = np.where(image == NOT_INTEGER, 0, image).astype("f2")
    exact = image != NOT_INTEGER
    assert (words(back)[exact] == words(values)[exact]).all()
    assert exact.sum() == 2 * 2048 + 1


@pytest.mark.parametrize(
    ("count", "dtype"), [(1, "u1"), (256, "u1"), (257, "u2"), (65_536, "u2"), (65_537, "u4"), (2**32, "u4"), (2**32 + 1, None)]
)
def test_code_dtype(count, dtype):
    assert code_dtype(count) == (None if dtype is None else np.dtype(dtype))


@pytest.mark.parametrize("dtype", ENCODED)
def test_words(dtype):
    values = extremes(dtype)
    assert words(values).tobytes() == values.tobytes()
    assert np.shares_memory(words(values), values)


def test_what_is_encodable():
    for dtype in DTYPES:
        assert is_encodable(np.dtype(dtype)) == (dtype in ENCODED)

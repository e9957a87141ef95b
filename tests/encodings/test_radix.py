"""Strings as numbers of mixed radix: which are, and that all that NumPy does with them comes out the same."""

import itertools

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.encodings.radix import Radix
from compactarray.encodings.select import encode
from compactarray.encodings.sequence import ArithmeticSequence
from compactarray.encodings.small import encode_small, shrunk
from compactarray.encodings.spelling import reciprocal
from compactarray.encodings.stats import Statistics
from compactarray.encodings.text import Text
from compactarray.testing import assert_same, check
from tests.helpers import same

RNG = np.random.default_rng(3)


def spelled(values):
    return Radix.encode(values, Statistics(values), 65_536)


def ids(length, pattern="AB-{:06}"):
    return np.array([pattern.format(k) for k in np.random.default_rng(1).permutation(length)])


#: Kinds of strings, and the most bytes that one of them may take.
STRINGS = {
    "ids": (ids(5000), 2),
    "paths": (ids(5000, "/data/img_{:06}.png"), 2),
    "counted up": (np.sort(ids(5000)), 0),
    "counted down": (np.sort(ids(5000))[::-1].copy(), 0),
    "times": ((np.datetime64("2013-01-01T00:00:00") + RNG.integers(0, 10**8, 5000)).astype("U"), 4),
    "bytes": ((np.datetime64("2013-01-01T00:00:00") + RNG.integers(0, 10**8, 5000)).astype("S"), 4),
    "hexadecimal": (np.array([RNG.bytes(8).hex() for _ in range(5000)]), 8),
    "of many lengths": (np.array([f"user{k}" for k in RNG.integers(0, 10**6, 5000)]), 4),
    "Cyrillic": (ids(5000, "\u0414\u043e\u043c {:06}"), 2),
    "beyond the basic plane": (ids(5000, "\U0001f600{:06}"), 2),
    "zeros inside": (ids(5000, "\0a\0{:04}\0z"), 2),
}


@pytest.mark.parametrize("name", STRINGS)
def test_strings_are_spelled(name):
    values, most = STRINGS[name]
    found = spelled(values)
    assert isinstance(found, Radix)
    same(found.decoded(0, values.size), values)
    assert found.nbytes <= most * values.size + 500
    smaller = shrunk(found, 65_536)
    assert smaller.nbytes <= found.nbytes
    for form in (found, smaller):
        assert [form.item(k) for k in range(0, 5000, 501)] == values[::501].tolist()
        same(form.decoded(777, 4099), values[777:4099])
        places = RNG.integers(0, 5000, 50)
        out = np.empty(50, values.dtype)
        form.take(places, out)
        same(out, values[places])


def test_they_are_for_small_alone():
    values = ids(5000)
    assert isinstance(encode(values, 65_536), Text)
    assert isinstance(shrunk(encode_small(values, 65_536), 65_536), Radix)


def test_numbers_that_count_up_are_a_sequence():
    found = spelled(np.sort(ids(5000)))
    assert isinstance(found.numbers[0], ArithmeticSequence)


@pytest.mark.parametrize("other", ["missing", "", "AB-\u0416", "\U0001f600" * 9, "AB-000001\0\0x", "AB-00001"])
def test_a_few_other_strings_are_exceptions(other):
    values = ids(5000).astype("U13")
    values[::701] = other
    found = spelled(values)
    assert isinstance(found, Radix)
    same(found.decoded(0, 5000), values)
    assert [found.item(k) for k in range(0, 5000, 701)] == values[::701].tolist()
    same(shrunk(found, 65_536).decoded(0, 5000), values)


def test_code_points_that_are_none():
    """An array of words seen as strings may have anything for a code point."""
    points = np.zeros((2000, 4), "u4")
    points[:, 0] = 2**32 - 256 + RNG.integers(1, 200, 2000)
    points[:, 1] = 0x100 + RNG.integers(0, 256, 2000)
    points[:, 2] = RNG.integers(0, 256, 2000)
    values = points.reshape(-1).view("U4")
    found = Radix.encode(values, Statistics(values), 65_536)
    if found is not None:
        out = np.empty(2000, "U4")
        found.decode(0, 2000, out)
        same(out.view("u4"), values.view("u4"))


@pytest.mark.parametrize("name", STRINGS)
def test_arrays(name, both):
    values = STRINGS[name][0][:300]
    for function in (
        lambda a: a[17],
        lambda a: a == a[17],
        lambda a: a < a[::-1],
        lambda a: np.sort(a),
        lambda a: np.unique(a, return_inverse=True),
        lambda a: np.argsort(a, kind="stable"),
        lambda a: np.searchsorted(np.sort(a), a[:10]),
        lambda a: np.isin(a, a[:9]),
        lambda a: np.concatenate([a, a[:10]])[::-1],
        lambda a: np.repeat(a, 2)[a.size :],
        lambda a: a.reshape(3, 100).T.copy(),
        lambda a: np.strings.upper(a),
        lambda a: np.strings.str_len(a),
        lambda a: a.astype("U40"),
        lambda a: a.astype(a.dtype.newbyteorder()),
    ):
        check(function, values)
        assert_same(function(CompactArray(values, level="small")), function(values))


def test_writing(both):
    values = ids(400)
    for level in ("fast", "small"):
        a, expected = CompactArray(values, level=level), values.copy()
        for place, value in ((3, values[9]), (9, "new"), (slice(50, 90), values[:40]), (slice(7, 400, 3), "y" * 9), (0, "")):
            a[place] = value
            expected[place] = value
            assert_same(a, expected)


@pytest.mark.parametrize("most", [1, 255, 65_535, 2**31 - 1, 2**32 - 1])
def test_reciprocals_divide(most):
    for radix in range(2, 257):
        found = reciprocal(radix, most)
        if found is None:
            assert most >= 2**31
            continue
        near = {k + d for k in (0, radix, most // radix * radix, most // 2 // radix * radix) for d in (-1, 0, 1)} | {most}
        for number, step in itertools.product(near, (0, radix * 1000)):
            if 0 <= number - step <= most:
                assert (number - step) * found[0] < 1 << 64
                assert (number - step) * found[0] >> found[1] == (number - step) // radix

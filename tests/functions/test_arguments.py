"""Arguments that NumPy converts in ways of its own, and what it says of those that it does not take."""

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.namespace.table import attribute
from compactarray.testing import assert_same, check

TABLE = np.arange(6).reshape(2, 3)
NUMBERS = np.array([3.0, 1.0, 2.0, 9.0, 8.0])
DAYS = np.array(["2000-01-31", "2001-02-28", "NaT"], "M8[D]")
TEXT = np.array(["abc", " de ", "", "Fgh1", "zz"])

NOTHING = np.zeros(0, bool)
INDICES = {
    "no marks": NOTHING,
    "no marks along the second axis": (slice(None), NOTHING),
    "no rows of marks": np.zeros((0, 3), bool),
    "no columns of marks": np.zeros((2, 0), bool),
    "no rows of too few marks": np.zeros((0, 2), bool),
    "no marks beside a number": (NOTHING, 0),
    "no marks beside numbers": (NOTHING, [0, 1]),
    "too many axes of no marks": np.zeros((0, 0, 0), bool),
    "too few marks": np.zeros(1, bool),
}


@pytest.mark.parametrize("name", INDICES)
def test_marks_of_no_length(name, both):
    index = INDICES[name]
    check(lambda a: a[index], TABLE)
    check(lambda a: a.__setitem__(index, 5), TABLE)
    check(lambda a: a.__setitem__(index, [1, 2]), TABLE)


@pytest.mark.parametrize("places", [1.5, [1.0, 2.7], ["1"], [[True, False]], [None], np.float64(1.5), np.array([1.5]), []], ids=str)
def test_places(places, both):
    check(lambda a: a.take(places), TABLE)
    check(lambda a: a.put(places, 9), TABLE)
    check(lambda a: a.repeat(places, 0), TABLE[:, :1])
    if np.ndim(places) < 2:
        check(lambda a: np.insert(a, places, 9), NUMBERS)


@pytest.mark.parametrize("value", [1j, [1j], 2.9, np.nan, "7", "x", None, [None, 2], np.complex128(1j), np.array([1j])], ids=str)
@pytest.mark.parametrize("array", [TABLE, NUMBERS], ids=["integers", "floats"])
def test_values(array, value, both):
    for function in (
        lambda a: a.put([0, 2], value),
        lambda a: np.putmask(a, a > 2, value),
        lambda a: np.place(a, a > 2, value),
        lambda a: a.fill(value),
    ):
        # What is named in messages of text are Python's strings, or NumPy's.
        check(function, array, messages=False)


def test_values_that_do_not_fit(both):
    check(lambda a: np.insert(a, 0, [1, 2], axis=0), TABLE)
    check(lambda a: np.insert(a, [0, 1], [[1, 2]] * 3, axis=1), TABLE)
    check(lambda a: np.insert(a, 1, [[1, 2, 3]] * 2, axis=0), TABLE)


@pytest.mark.parametrize("sorter", [[1, 2, 5], [-1, 2, 0], [1, 2, 0]], ids=str)
def test_sorters_out_of_range(sorter, both):
    for value in (0, 2, 9, [0, 1, 9]):
        check(lambda a, value=value: a.searchsorted(value, sorter=sorter), NUMBERS[:3])


def test_product_into_an_array_without_axes(both):
    check(lambda a, out: np.dot(a, a, out=out), NUMBERS, np.array(0.0))
    check(lambda a, out: a.dot(a, out), NUMBERS, np.array(0.0))


@pytest.mark.parametrize("dtype", ["m8", "M8", "M8[M]"])
def test_units_left_open(dtype, both):
    for array in (DAYS, DAYS - DAYS[0], np.array([1, 2, 3])):
        check(lambda a: a.astype(dtype), array)
    if dtype != "m8":
        check(lambda a: a.astype(dtype), np.array(["2000", "2001-05", "NaT", "2002"]))


@pytest.mark.parametrize("shape", [(), 4, (2, 3)], ids=str)
@pytest.mark.parametrize("name", ["zeros", "ones", "empty"])
def test_dtypes_with_axes(name, shape, both):
    for dtype in (("i4", (3,)), ("f8", (2, 2)), "i4,f4"):
        found, expected = attribute(name)(shape, dtype), getattr(np, name)(shape, dtype)
        if name == "empty":
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        else:
            assert_same(found, expected)
    assert_same(attribute("full")(shape, 7, ("i4", (3,))), np.full(shape, 7, ("i4", (3,))))


@pytest.mark.skipif(not hasattr(np.strings, "slice"), reason="NumPy has it since 2.3")
def test_slices_of_text(both):
    for array in (TEXT, TEXT.astype("S")):
        for bounds in ((1,), (0, 2), (None, None, -1), (np.array([0, 1, 0, 1, 0]), 3)):
            check(lambda a, bounds=bounds: np.strings.slice(a, *bounds), array)
    many = np.resize(TEXT, 50_000)
    assert_same(np.strings.slice(CompactArray(many), 1, 3), np.strings.slice(many, 1, 3))


@pytest.mark.parametrize("k", [0, 2, -7, 2**63, -(2**64)])
def test_diagonals_far_outside(k, both):
    for shape in ((0, 0), (3, 3), (100, 90)):
        assert_same(attribute("eye")(*shape, k=k), np.eye(*shape, k=k))


@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_numbers_that_overflow_are_told_once(dtype, both):
    for length in (5, 5000):
        array = np.arange(length).astype(dtype) % 100
        check(lambda a: a.__iadd__(1e60), array)
        check(lambda a: np.subtract(a, 1e60, out=a), array)
        check(lambda a: a + 1e60, array)

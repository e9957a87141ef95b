"""Tests of compactarray.testing: every planted fault is caught, and right answers pass."""

import collections
import warnings

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.testing import assert_same, check
from tests.strategies import DTYPES, KINDS, make, shaped

NAN, OTHER_NAN = np.array([0x7FF8 << 48, 0x7FF8 << 48 | 1], "u8").view("f8")
TABLE = np.arange(6.0).reshape(2, 3)
PAIR = np.array([(1, 2.0), (3, -0.0)], [("a", "i2"), ("b", "f8")])
Point = collections.namedtuple("Point", "x y")
NA = np.dtypes.StringDType(na_object=np.nan)


def compact(x, *args):
    return CompactArray(np.array(x, *args))


# expected, actual: not the same
FAULTS = {
    "a value": (np.array([1, 2]), compact([1, 3])),
    "the sign of zero": (np.array([0.0]), compact([-0.0])),
    "the sign of a complex zero": (np.array([0j]), compact([complex(0, -0.0)])),
    "the payload of NaN": (np.array([NAN]), compact([OTHER_NAN])),
    "NaN for a number": (np.array([1.0]), compact([NAN])),
    "the last bit": (np.array([1.0]), compact([np.nextafter(1, 2)])),
    "a longdouble": (np.array([1], "g") / 3, compact(np.array([1 / 3], "g"))),
    "the sign of a longdouble zero": (np.array([0], "g"), compact(-np.array([0], "g"))),
    "NaT": (np.array(["NaT"], "M8[s]"), compact([0], "M8[s]")),
    "a unit of time": (np.array([0], "M8[s]"), compact([0], "M8[ms]")),
    "a dtype": (np.array([1], "i4"), compact([1], "i8")),
    "the byte order": (np.array([1], "<i4"), compact([1], ">i4")),
    "a C type": (np.array([1], "q"), compact([1], "l")),
    "a text": (np.array(["a", "b"]), compact(["a", "c"])),
    "the width of a text": (np.array(["a"], "U2"), compact(["a"], "U3")),
    "a string": (np.array(["a"], "T"), compact(["b"], "T")),
    "a missing string": (np.array(["a"], NA), CompactArray(np.array([np.nan], NA))),
    "bytes": (np.array([b"ab"], "V2"), compact([b"aa"], "V2")),
    "an object": (np.array([1], object), compact([1.0], object)),
    "an object's NaN": (np.array([float("nan")], object), compact([1.0], object)),
    "a field": (PAIR, CompactArray(np.array([(1, 2.0), (3, 0.0)], PAIR.dtype))),
    "a field's name": (PAIR, CompactArray(PAIR.astype([("a", "i2"), ("c", "f8")]))),
    "a subarray": (np.zeros(2, "(2,)i4"), compact([[0, 0], [0, 1]], "i4")),
    "a shape": (TABLE, CompactArray(TABLE.ravel())),
    "a length of 1": (np.array([1]), compact([[1]])),
    "the order of strides": (TABLE, CompactArray(np.asfortranarray(TABLE))),
    "an ndarray": (TABLE, TABLE),
    "a scalar for a 0-d array": (np.array(1.0), np.float64(1.0)),
    "a 0-d array for a scalar": (np.float64(1.0), compact(1.0)),
    "a 0-d ndarray for a scalar": (np.float64(1.0), np.array(1.0)),
    "a Python scalar": (np.float64(1.0), 1.0),
    "a NumPy scalar": (1.0, np.float64(1.0)),
    "another scalar type": (np.int32(1), np.int64(1)),
    "a scalar": (np.float32(1), np.float32(2)),
    "a scalar's zero": (np.float64(0.0), np.float64(-0.0)),
    "a float's zero": (0.0, -0.0),
    "a void scalar": (PAIR[1], np.array((3, 0.0), PAIR.dtype)[()]),
    "a bool for an int": (1, True),
    "a NumPy bool": (True, np.True_),
    "None": (None, compact([1])),
    "an array for None": (compact([1]), None),
    "a list for a tuple": ((1, 2), [1, 2]),
    "a tuple for a named tuple": (Point(1, 2), (1, 2)),
    "the length of a tuple": ((1, 2), (1, 2, 3)),
    "an item": ((TABLE, 1), (CompactArray(TABLE), 2)),
    "an array within": ({"a": [TABLE]}, {"a": [CompactArray(-TABLE)]}),
    "a key": ({"a": 1}, {"b": 1}),
    "a str": ("ab", "ac"),
    "a dtype object": (np.dtype("f4"), np.dtype("f8")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_caught(fault):
    expected, actual = FAULTS[fault]
    with pytest.raises(AssertionError):
        assert_same(actual, expected)


# expected, actual, and the option by which they differ, or are the same
OPTIONS = {
    "any_nan": (np.array([NAN, 1]), compact([OTHER_NAN, 1]), {"any_nan": True}),
    "any_nan complex": (np.array([complex(1, NAN)]), compact([complex(1, OTHER_NAN)]), {"any_nan": True}),
    "any_zero": (np.array([0.0, 1]), compact([-0.0, 1]), {"any_zero": True}),
    "ulps": (np.array([1.0, -3.0]), compact([np.nextafter(1, 2), np.nextafter(-3, 0)]), {"ulps": 1}),
    "ulps scalar": (np.float32(1), np.nextafter(np.float32(1), np.float32(2)), {"ulps": 1}),
    "error": (np.array([1.0, 2.0]), compact([1.5, 2.0]), {"error": 0.5}),
    "errors": (np.array([1.0, 2.0]), compact([1.5, 2.0]), {"error": [0.5, 0]}),
    "order": (TABLE, CompactArray(np.asfortranarray(TABLE)), {"order": False}),
    "dense": (TABLE, TABLE, {"dense": True}),
    "either, dense": (TABLE, TABLE, {"dense": None}),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_option_allows_it(option):
    expected, actual, options = OPTIONS[option]
    with pytest.raises(AssertionError):
        assert_same(actual, expected)
    assert_same(actual, expected, **options)


# expected, actual, and an option by which a fault still is one
STILL_FAULTS = {
    "a number under any_nan": (np.array([NAN]), compact([1.0]), {"any_nan": True}),
    "a number for zero": (np.array([0.0]), compact([1.0]), {"any_zero": True}),
    "two ulps": (np.array([1.0]), compact([1 + 2 * np.finfo(float).eps]), {"ulps": 1}),
    "infinity within ulps": (np.array([np.finfo(float).max]), compact([np.inf]), {"ulps": 1}),
    "NaN within an error": (np.array([1.0]), compact([NAN]), {"error": 9}),
    "the second error": (np.array([1.0, 2.0]), compact([1.0, 2.5]), {"error": [0.5, 0]}),
    "a CompactArray where dense": (TABLE, CompactArray(TABLE), {"dense": True}),
    "strides": (np.arange(8)[::2], compact([0, 2, 4, 6]), {"strides": True}),
    "the sign of strides": (np.arange(4)[::-1], compact([3, 2, 1, 0]), {"strides": True}),
    "a contiguous flag": (np.arange(8)[::2], compact([0, 2, 4, 6]), {"flags": True}),
    "the writeable flag": (np.broadcast_to(np.arange(3), (1, 3)), compact([[0, 1, 2]]), {"flags": True}),
}


@pytest.mark.parametrize("fault", STILL_FAULTS)
def test_option_does_not_allow_more(fault):
    expected, actual, options = STILL_FAULTS[fault]
    with pytest.raises(AssertionError):
        assert_same(actual, expected, **options)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_same_passes_and_every_single_change_is_caught(dtype, kind):
    values = make(kind, dtype, 12)
    assert_same(CompactArray(values), values, strides=True, flags=True)
    for place in range(12):
        changed = values.copy()
        changed[place] = make("noise", dtype, 1, seed=place)[0]
        if changed.tobytes() != values.tobytes() and np.dtype(dtype).char not in "gGO":
            with pytest.raises(AssertionError, match="differ|converts"):
                assert_same(CompactArray(changed), values)


@pytest.mark.parametrize(
    "value",
    [None, 1, 1.5, "a", b"a", (1, [2, {"x": TABLE}]), np.float32(-0.0), NotImplemented, Point(1, 2.0), PAIR[0], slice(1)],
    ids=repr,
)
def test_same_objects_pass(value):
    def ours(x):
        if isinstance(x, tuple | list):
            return type(x)(*map(ours, x)) if isinstance(x, Point) else type(x)(map(ours, x))
        if isinstance(x, dict):
            return {key: ours(item) for key, item in x.items()}
        return CompactArray(x) if isinstance(x, np.ndarray) else x

    assert_same(ours(value), value)


# -- check: the function gets an ndarray or a CompactArray, and misbehaves for the second ----------------------------------


def _ours(a):
    return isinstance(a, CompactArray)


def _mutate(a):
    if _ours(a):
        a[0] = 9


def _warn(a):
    warnings.warn("one" if _ours(a) else "two", RuntimeWarning, stacklevel=1)


def _warn_class(a):
    warnings.warn("one", RuntimeWarning if _ours(a) else UserWarning, stacklevel=1)


def _warn_twice(a):
    for _ in range(1 + _ours(a)):
        warnings.warn("one", RuntimeWarning, stacklevel=1)


def _raise(a):
    raise (IndexError if _ours(a) else ValueError)("text")


def _raise_subclass(a):
    raise (FloatingPointError if _ours(a) else ArithmeticError)("text")


def _raise_text(a):
    raise ValueError("our text" if _ours(a) else "text")


def _raise_after_a_change(a):
    _mutate(a)
    raise ValueError("text")


def _raise_ours(a):
    if _ours(a):
        raise ValueError("text")


def _raise_theirs(a):
    if not _ours(a):
        raise ValueError("text")


def _read_only(a):
    a = a[1:]
    if not _ours(a):
        a.flags.writeable = False
    return a


MISBEHAVING = {
    "changes its argument": _mutate,
    "warns in other words": _warn,
    "warns of another class": _warn_class,
    "warns twice": _warn_twice,
    "does not warn": lambda a: None if _ours(a) else warnings.warn("x", UserWarning, stacklevel=1),
    "raises another class": _raise,
    "raises a subclass": _raise_subclass,
    "raises another text": _raise_text,
    "changes its argument and raises": _raise_after_a_change,
    "raises": _raise_ours,
    "does not raise": _raise_theirs,
    "returns a copy": lambda a: a[1:].copy() if _ours(a) else a[1:],
    "returns a view": lambda a: a[1:] if _ours(a) else a[1:].copy(),
    "returns a copy in a tuple": lambda a: (1, a[1:].copy() if _ours(a) else a[1:]),
    "returns another view": lambda a: a[:1] if _ours(a) else a[:1].copy(),
    "returns an equal view": lambda a: a[1:] if _ours(a) else a[:-1],
    "returns a read-only copy": lambda a: np.broadcast_to(a, (2, 4)) if not _ours(a) else CompactArray(np.array([a, a])),
    "returns a writeable view": _read_only,
    "returns the argument": lambda a: a if _ours(a) else a[:],
    "returns another array": lambda a: a[:] if _ours(a) else a,
    "returns an ndarray": np.asarray,
}


@pytest.mark.parametrize("fault", MISBEHAVING)
def test_check_catches(fault):
    with pytest.raises(AssertionError):
        check(MISBEHAVING[fault], np.array([5, 5, 5, 5]))


BEHAVING = {
    "a view": lambda a: a[1:],
    "a copy": lambda a: a.copy(),
    "the argument": lambda a: a,
    "a change": lambda a: a.__setitem__(0, 1),
    "an error": lambda a: a[9],
    "an error that names the type": lambda a: hash(a),
    "nested": lambda a: {"x": [(a[::2], 1)]},
    "a warning": lambda a: warnings.warn(f"{type(a)}", UserWarning, stacklevel=1),
}


@pytest.mark.parametrize("name", BEHAVING)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_check_passes(name, dtype):
    check(BEHAVING[name], shaped("few values", dtype, (4, 3)))


RELAXED = {
    "messages": (_raise_text, {"messages": False}),
    "warnings": (_warn, {"warnings": False}),
    "mutation": (_mutate, {"mutation": False}),
    "aliasing": (MISBEHAVING["returns a copy"], {"aliasing": False}),
    "options": (np.asarray, {"dense": True, "aliasing": False}),
}


@pytest.mark.parametrize("name", RELAXED)
def test_check_can_be_relaxed(name):
    function, options = RELAXED[name]
    check(function, np.arange(4), **options)


def test_check_leaves_its_arguments_alone():
    values, other = np.arange(4), [1, 2]
    check(lambda a, b: (a.__setitem__(0, 9), b)[0], values, other)
    assert values.tolist() == [0, 1, 2, 3]


def test_messages_tell_place_and_bits():
    with pytest.raises(AssertionError, match=r"1 of 6 elements differ, first at \(1, 2\): -0\.0 \(8000000000000000\) instead of 5\.0"):
        assert_same(CompactArray(np.array([[0, 1, 2], [3, 4, -0.0]])), TABLE)
    with pytest.raises(AssertionError, match=r"result\[1\]\['x'\]: dtype"):
        check(lambda a: [0, {"x": a.astype("i4") if _ours(a) else a}], TABLE)

"""Making arrays: from anything that NumPy takes, from chunks, and from nothing, however large."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compactarray as ca
from compactarray import CompactArray
from compactarray.testing import assert_same
from tests.strategies import DTYPES, KINDS, arrays, make, vectors

HUGE = (10**6, 10**6)

# name -> (arguments, keywords): the same call of NumPy's function of that name
CALLS = [
    (
        "zeros",
        [((3, 4),), ((),), (5,), ((0, 2), "i4"), ((2, 3), float, "F")],
        [{}, {"dtype": "M8[s]"}, {"dtype": "U3"}, {"dtype": "O"}],
    ),
    ("ones", [((3, 4),), (5, "u1"), ((2, 3), "?", "F")], [{}]),
    ("full", [((3, 4), 7), (5, np.nan), ((2, 2), [1, 2]), ((2,), 300, "i2"), (3, "ab"), (2, -0.0), (3, 7, None, "F")], [{}]),
    ("arange", [(5,), (2, 5), (0, 1, 0.1), (5, 0, -2), (5, 0), (3.0,), (0, 3, 1, "f4"), (np.int8(3),), (20_000,), (1, 2, 3)], [{}]),
    ("arange", [()], [{"stop": 5}, {"start": 1, "stop": 7, "step": 2, "dtype": "i2"}]),
    ("arange", [("2020-01", "2020-03")], [{"dtype": "M8[D]"}]),
    ("linspace", [(0, 1), (0, 1, 5), (3, 3, 4), (1, 0, 3, False), (0, 1, 0), (0, 1, 1), (0, [1, 2], 3), (0, 1j, 3)], [{}]),
    (
        "linspace",
        [(0, 10, 7)],
        [{"endpoint": False}, {"retstep": True}, {"dtype": int}, {"dtype": "f4", "retstep": True}, {"axis": -1}],
    ),
    ("eye", [(4,), (3, 5), (3, 4, 1), (3, 4, -2), (0,), (2, 2, 0, "i4")], [{}, {"dtype": "u1"}, {"order": "F"}]),
]
ALIKE = [
    ("zeros_like", (), [{}, {"dtype": "f4"}, {"order": "F"}, {"order": "C"}, {"shape": (2, 2)}, {"subok": False}]),
    ("ones_like", (), [{}, {"dtype": "?"}, {"order": "A"}]),
    ("full_like", (7,), [{}, {"dtype": "i1"}, {"shape": 5}]),
    ("empty_like", (), [{}, {"dtype": "i1"}, {"shape": 5}, {"order": "K"}]),
]


@pytest.mark.parametrize(("name", "positional", "keywords"), CALLS, ids=lambda x: x if isinstance(x, str) else "")
def test_like_numpys(name, positional, keywords):
    for arguments, options in itertools.product(positional, keywords):
        if len(arguments) > 1 and "dtype" in options and name in ("zeros", "eye"):
            continue
        expected = getattr(np, name)(*arguments, **options)
        assert_same(getattr(ca, name)(*arguments, **options), expected, flags=True)


@pytest.mark.parametrize(("name", "positional", "keywords"), ALIKE, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("order", ["C", "F", "transposed"])
def test_alike(name, positional, keywords, order):
    array = np.arange(24).reshape(2, 3, 4)
    array = array.transpose(1, 0, 2) if order == "transposed" else np.array(array, order=order)
    for options in keywords:
        expected = getattr(np, name)(array, *positional, **options)
        for prototype in (array, CompactArray(array)):
            actual = getattr(ca, name)(prototype, *positional, **options)
            if name == "empty_like":
                actual[...] = expected[...] = 0
            assert_same(actual, expected)


def test_empty_has_shape_and_dtype_and_can_be_written():
    for shape, dtype in itertools.product([(), 3, (2, 0), (4, 5)], DTYPES):
        a = ca.empty(shape, dtype)
        assert (a.shape, a.dtype) == (np.empty(shape, dtype).shape, np.dtype(dtype))
        values = make("few values", dtype, a.size).reshape(a.shape)
        a[...] = values
        assert_same(a, values)


ERRORS = [
    ("zeros", (-1,)), ("zeros", ((2, -3),)), ("zeros", ("a",)), ("zeros", (2, "no dtype")), ("full", ((2,), [1, 2, 3])), ("arange", (0, 1, 0)),
    ("arange", ()), ("linspace", (0, 1, -1)), ("eye", (-3,)), ("zeros", (2, float, "X")), ("ones", (2.5,)), ("full", (3, "a", "i4")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), ERRORS, ids=str)
def test_errors_are_numpys(name, arguments):
    try:
        expected = getattr(np, name)(*arguments)
    except Exception as error:
        with pytest.raises(type(error)) as caught:
            getattr(ca, name)(*arguments)
        assert str(caught.value) == str(error)
    else:
        assert_same(getattr(ca, name)(*arguments), expected)


# -- never materialized -------------------------------------------------------------------------------------------------------


GIANTS = {
    "zeros": (lambda: ca.zeros(HUGE), 0.0),
    "ones": (lambda: ca.ones(HUGE, "u1"), 1),
    "full": (lambda: ca.full(HUGE, -0.0), -0.0),
    "full NaN": (lambda: ca.full(HUGE, np.nan), np.nan),
    "empty": (lambda: ca.empty(HUGE, "i4"), None),
    "zeros F": (lambda: ca.zeros(HUGE, order="F"), 0.0),
    "zeros_like": (lambda: ca.zeros_like(ca.ones(HUGE)), 0.0),
    "full_like": (lambda: ca.full_like(ca.ones(HUGE, "i2"), 7), 7),
    "copy": (lambda: ca.ones(HUGE).copy(), 1.0),
    "a view": (lambda: ca.ones(HUGE).T[::-1], 1.0),
    "of a broadcast": (lambda: CompactArray(np.broadcast_to(np.int16(7), (400, 400))), 7),
}


@pytest.mark.parametrize("name", GIANTS)
def test_giants(name):
    make_it, value = GIANTS[name]
    a = make_it()
    assert a.nbytes < 10_000
    assert a.dense_nbytes == a.size * a.itemsize
    for place in [(0, 0), (a.shape[0] - 1, a.shape[1] - 1), (-1, 5), (12_345, 67_890 % a.shape[1])]:
        place = tuple(p % n for p, n in zip(place, a.shape, strict=True))
        if value is not None:
            assert_same(a[place], a.dtype.type(value))
        if a.size > 10**10 or name == "of a broadcast":
            a[place] = 3
            assert_same(a[place], a.dtype.type(3))
            value = None
    assert a.nbytes < 100_000


def test_giant_eye_and_ranges_take_little(shipped):
    eye = ca.eye(3000)
    assert eye.nbytes < 0.01 * eye.dense_nbytes
    assert_same(eye[1000:1003, 999:1003], np.eye(3, 4, 1))
    counts = ca.arange(1_000_000)
    assert counts.nbytes < 0.3 * counts.dense_nbytes
    assert_same(counts[::99_999], np.arange(1_000_000)[::99_999])


# -- from other things --------------------------------------------------------------------------------------------------------

THINGS = {
    "a list": [1, 2, 3],
    "nested": [[1, 2], [3, 4]],
    "mixed": [1, 2.5, True],
    "a scalar": 5,
    "a bool": True,
    "a NumPy scalar": np.float32(1.5),
    "a text": "abc",
    "texts": ["a", "bcd"],
    "bytes": b"abc",
    "empty": [],
    "None": None,
    "a range": range(7),
    "complex": [1j, 2],
    "times": np.array(["2020-01-01", "NaT"], "M8[D]"),
    "a memoryview": memoryview(bytearray(b"abc")),
    "a 0-d array": np.array(3),
    "a tuple": ((1, 2), (3, 4)),
    "objects": [None, object],
    "large integers": [2**63, 1],
    "larger integers": [2**70],
}


class _Exporter:
    """Offers __array__, as a pandas Series does."""

    def __array__(self, dtype=None, copy=None):
        return np.arange(5, dtype=dtype)


@pytest.mark.parametrize("thing", [*THINGS, "an exporter"])
@pytest.mark.parametrize("function", [CompactArray, ca.asarray], ids=["CompactArray", "asarray"])
def test_made_of(thing, function):
    value = THINGS.get(thing, _Exporter())
    assert_same(function(value), np.asarray(value))
    if thing in ("a list", "nested", "mixed", "a range", "large integers"):
        for dtype in ("f4", "O", ">f8"):
            assert_same(function(value, dtype=dtype), np.asarray(value, dtype))


@pytest.mark.parametrize("value", [[[1, 2], [3]], ["a"], 2**70, object()], ids=["ragged", "text", "too large", "an object"])
def test_construction_errors_are_numpys(value):
    try:
        expected = np.array(value, "i4")
    except Exception as error:
        with pytest.raises(type(error)) as caught:
            CompactArray(value, dtype="i4")
        assert str(caught.value) == str(error)
    else:
        assert_same(CompactArray(value, dtype="i4"), expected)


@given(arrays())
def test_made_of_an_array(array):
    ours = CompactArray(array)
    expected = array.copy("K")
    assert_same(ours, expected, strides=True, flags=True)
    if array.size:
        array[...] = make("constant", array.dtype, 1, 77)[0]
    assert_same(ours, expected)


def test_copy_argument():
    values = np.arange(5)
    a = CompactArray(values)
    for made, shares in [(CompactArray(a, copy=True), False), (CompactArray(a, copy=False), True), (ca.asarray(a), True)]:
        a[0] += 1 if False else 0
        before = int(a[0])
        made[0] = before + 1
        assert (a[0] == before + 1) == shares
    assert ca.asarray(a) is a
    assert_same(CompactArray(a, dtype="f4"), np.asarray(a).astype("f4"))
    with pytest.raises(ValueError, match="copy"):
        CompactArray(a, dtype="f4", copy=False)
    with pytest.raises(ValueError, match="copy"):
        CompactArray(values, copy=False)


@given(st.lists(vectors(st.just("f8"), max_size=30), max_size=6))
def test_from_chunks_of_any_lengths(chunks):
    if chunks:
        assert_same(ca.from_chunks(iter(chunks), dtype="f8"), np.concatenate(chunks))
        assert_same(ca.from_chunks(chunks), np.concatenate(chunks))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_from_chunks(dtype):
    rows = [make(kind, dtype, 12).reshape(3, 4) for kind in KINDS]
    expected = np.empty((len(rows) * 3, 4), dtype)  # np.concatenate would turn to the native byte order
    for start, row in enumerate(rows):
        expected[3 * start : 3 * start + 3] = row
    assert_same(ca.from_chunks(iter(rows), dtype=dtype), expected)
    flat = expected.reshape(-1, 2, 2)
    assert_same(ca.from_chunks(iter(rows), shape=flat.shape, dtype=dtype), flat)


def test_from_chunks_refuses_what_does_not_fit():
    with pytest.raises(ValueError):
        ca.from_chunks([np.zeros(3)], shape=(4,))
    with pytest.raises(ValueError):
        ca.from_chunks([np.zeros(3), np.zeros(3)], shape=(4,))
    with pytest.raises(ValueError):
        ca.from_chunks([np.zeros((3, 4)), np.zeros((3, 5))])
    with pytest.raises(ValueError):
        ca.from_chunks([])


def test_from_chunks_copies():
    chunk = np.zeros(3)

    def chunks():
        for number in range(50):
            chunk[:] = number
            yield chunk

    assert_same(ca.from_chunks(chunks()), np.repeat(np.arange(50.0), 3))

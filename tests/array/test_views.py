"""Views: the shape, strides and aliasing of NumPy's, through any number of views and after any re-encoding."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray import CompactArray
from compactarray.testing import assert_same, check
from tests.strategies import DTYPES, LAYOUTS, arrays, basic_indices, encoded_dtypes, layouts, shaped

VIEWS = {
    "T": lambda a: a.T,
    "mT": lambda a: a.mT,
    "transpose": lambda a: a.transpose(),
    "transpose axes": lambda a: a.transpose(1, 2, 0),
    "transpose tuple": lambda a: a.transpose((0, 2, 1)),
    "transpose None": lambda a: a.transpose(None),
    "transpose negative": lambda a: a.transpose(-1, 0, 1),
    "transpose too few": lambda a: a.transpose(0, 1),
    "transpose twice": lambda a: a.transpose(0, 0, 1),
    "swapaxes": lambda a: a.swapaxes(0, -1),
    "swapaxes wrong": lambda a: a.swapaxes(0, 5),
    "squeeze": lambda a: a[:, :1].squeeze(),
    "squeeze axis": lambda a: a[:, :1, :1].squeeze(axis=1),
    "squeeze tuple": lambda a: a[:, :1, :1].squeeze((1, -1)),
    "squeeze wrong": lambda a: a.squeeze(axis=0),
    "ravel": lambda a: a.ravel(),
    "ravel F": lambda a: a.ravel("F"),
    "ravel A": lambda a: a.ravel(order="A"),
    "ravel K": lambda a: a.ravel("K"),
    "reshape -1": lambda a: a.reshape(-1),
    "reshape": lambda a: a.reshape(2, -1, 2) if a.size % 4 == 0 and a.size else a.reshape(a.size, 1),
    "reshape tuple": lambda a: a.reshape((a.size, 1, 1)),
    "reshape F": lambda a: a.reshape((-1, a.shape[-1]), order="F") if a.size else a.reshape((0,), order="F"),
    "reshape A": lambda a: a.reshape((1, a.size), order="A"),
    "reshape merge": lambda a: a.reshape(a.shape[0] * a.shape[1], -1) if a.size else a,
    "reshape wrong": lambda a: a.reshape(7, 7, 7),
    "reshape two unknown": lambda a: a.reshape(-1, -1),
    "reshape copy": lambda a: a.reshape(-1, copy=True),
    "reshape no copy": lambda a: a.reshape(-1, copy=False),
    "diagonal": lambda a: a.diagonal(),
    "diagonal offset": lambda a: a.diagonal(1, 0, 2),
    "diagonal negative": lambda a: a.diagonal(offset=-1, axis1=2, axis2=1),
    "diagonal wrong": lambda a: a.diagonal(0, 1, 1),
    "real": lambda a: a.real,
    "imag": lambda a: a.imag,
    "view": lambda a: a.view(),
    "flat": lambda a: a.flat[:],
    "ellipsis": lambda a: a[...],
    "new axis": lambda a: a[:, None],
    "negative": lambda a: a[::-1, :, ::-2],
    "element view": lambda a: a[0, 0, 0, ...] if a.size else a,
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("dtype", ["i4", "c16", "O", ">f4", "T", "g", [("a", "i2"), ("b", "f8")]], ids=str)
def test_view(name, dtype):
    for layout, order in itertools.product(LAYOUTS.values(), "CF"):
        for shape in ((4, 3, 2), (2, 2, 2), (1, 5, 1), (3, 0, 2)):
            array = shaped("noise", dtype, shape, order)
            check(lambda a, layout=layout: VIEWS[name](layout(a)), array, strides=True, flags=True)


@pytest.mark.parametrize(
    "names", list(itertools.product(["T", "negative", "ravel K", "reshape merge", "diagonal", "imag", "new axis"], repeat=2)), ids=str
)
def test_view_of_view(names):
    first, second = (VIEWS[name] for name in names)
    for order in "CF":
        check(lambda a: second(first(a)), shaped("noise", "c8", (3, 4, 5), order), strides=True, messages=False)


@given(arrays(), layouts, st.data())
def test_random_reshape(array, layout, data):
    size = layout(array).size
    divisors = [n for n in range(1, size + 1) if size % n == 0] or [1]
    first = data.draw(st.sampled_from(divisors))
    shape = (first, -1) if size else (0, first)
    order = data.draw(st.sampled_from("CFA"))
    check(lambda a: layout(a).reshape(shape, order=order), array, strides=True)


REINTERPRETED = [
    ("f8", "i8"), ("f8", "u8"), ("i8", "f8"), ("f4", "u4"), ("i8", "M8[ns]"), ("M8[s]", "i8"), ("?", "u1"), ("u1", "i1"),
    ("i8", "i4"), ("i8", "u1"), ("u1", "i4"), ("f8", "f4"), ("c16", "f8"), ("f8", "c16"), ("i8", ">i8"), (">i4", "<i4"),
    ("i4", [("a", "i2"), ("b", "i2")]), ([("a", "i2"), ("b", "i2")], "i4"), ([("a", "i4"), ("b", "i4")], "i4"),
    ("S4", "u1"), ("S4", "S2"), ("U2", "u4"), ("V4", "i4"), ("g", "u8"), ("O", "i8"), ("i8", "O"), ("T", "i8"), ("i8", "V8"), ("i4", "V3"),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "other"), REINTERPRETED, ids=str)
def test_view_of_another_dtype(dtype, other):
    for shape, layout in itertools.product([(), (8,), (3, 4), (0, 4), (4, 1)], LAYOUTS.values()):
        check(lambda a, layout=layout: layout(a).view(other), shaped("noise", dtype, shape), strides=True)


def test_view_of_a_type():
    a = CompactArray(np.arange(4))
    assert_same(a.view(dtype="u8"), np.arange(4, dtype="u8"))
    assert type(a.view(CompactArray)) is CompactArray
    check(lambda a: a.view("no such dtype"), np.arange(4))


@given(arrays(dtypes=encoded_dtypes), layouts, st.data())
def test_a_write_through_another_dtype(array, layout, data):
    word = f"u{array.dtype.itemsize}"
    index = data.draw(basic_indices(layout(array).shape))
    check(lambda a: layout(a).view(word)[index].__setitem__(..., 77 if word != "u1" else 1), array)


WRITES = {
    "an outlier": 2**50 + 1,
    "a fraction": 0.1,
    "NaN": np.nan,
    "minus zero": -0.0,
    "a constant": 7.0,
    "noise": np.random.default_rng(3).standard_normal((40, 50)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["constant", "narrow", "sparse", "two values", "few values", "float32-born", "noise"])
def test_views_live_through_re_encoding(kind, layout):
    """Every view sees every write, whatever form the blocks take."""
    array = shaped(kind, "f8", (40, 50))
    ours = CompactArray(array.copy())
    views = [(LAYOUTS[layout](a), a[3], a.T[::-7, 5:], a.reshape(-1)[100:900:3], a.view("u8")) for a in (array, ours)]
    for value in WRITES.values():
        for place in range(4):
            for target in (array, ours) if place == 3 else (side[place] for side in views):
                target[...] = np.broadcast_to(value, (40, 50)).reshape(-1)[: target.size].reshape(target.shape)
            assert_same(ours, array)
            for our, their in zip(views[1], views[0], strict=True):
                assert_same(our, their, strides=True)


def test_zero_strides():
    check(lambda a: a.reshape(3, 1)[:, :0].T, np.arange(3), strides=True)
    a = CompactArray(np.broadcast_to(np.arange(4.0), (3, 4)))
    assert_same(a, np.array(np.broadcast_to(np.arange(4.0), (3, 4)), order="K"), order=False)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_parts_are_views(dtype):
    array = shaped("noise", dtype, (5, 4))
    check(lambda a: a.real[1:].T, array, strides=True)
    for name in array.dtype.names or ():
        check(lambda a, name=name: a[name], array, strides=True)
        check(lambda a, name=name: a.T[name][::-1], array, strides=True)
        check(lambda a, name=name: a[2][name], array, strides=True)
    if array.dtype.kind == "c":
        check(lambda a: a.imag.T[::2], array, strides=True)
        check(lambda a: a.real.view("u4"), array, strides=True, messages=False)


def test_a_copy_is_cheap_and_independent(both):
    values = np.random.default_rng(4).integers(0, 200, (300, 700) if both == "shipped" else (9, 20))
    a = CompactArray(values)
    copies = [a.copy(), a[:].copy(), a.astype("i8"), a.copy("F"), CompactArray(a, copy=True)]
    for place, copy in enumerate(copies):
        copy[place, 7] = -(2**40)
        expected = values.copy()
        expected[place, 7] = -(2**40)
        assert_same(copy, expected, order=False)
    assert_same(a, values)
    a[...] = 1
    for place, copy in enumerate(copies):
        assert copy[place, 7] == -(2**40) and copy[0, 0] == values[0, 0]


def test_a_view_keeps_its_storage_alive():
    a = CompactArray(np.arange(100))
    view = a[10:20]
    references = sys.getrefcount(view)
    del a
    view[0] = 5
    assert view.tolist() == [5, *range(11, 20)]
    assert sys.getrefcount(view) == references


def test_shared_memory_of_parts_and_bytes(both):
    a = np.arange(600) + 1j
    for one, other in itertools.product(_OF_COMPLEX, repeat=2):
        want = np.shares_memory(one(a), other(a))
        for held in (CompactArray(a), CompactArray(a)[:]):
            assert np.shares_memory(one(held), other(held)) == want
            assert np.may_share_memory(one(held), other(held)) or not want


_OF_COMPLEX = [
    lambda a: a,
    lambda a: a.real,
    lambda a: a.imag,
    lambda a: a[::-2],
    lambda a: a[3:].imag,
    lambda a: a[:3].imag,
    lambda a: a.view("f8"),
    lambda a: a.view("f8")[::2],
    lambda a: a.view("f8")[1::2],
    lambda a: a.view("f8")[5:7],
    lambda a: a.view("f8").view("u4")[1::4],
    lambda a: a.view("u4")[1::4],
    lambda a: a.view("u4")[::-4],
    lambda a: a.real[::2],
]

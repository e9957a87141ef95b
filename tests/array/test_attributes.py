"""Attributes: NumPy's, but for the bytes held."""

import warnings

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same, check
from tests.strategies import DTYPES, KINDS, LAYOUTS, make, shaped

ATTRIBUTES = ["dtype", "shape", "ndim", "size", "itemsize", "T", "real", "imag", "device"]
SHAPES = [(), (0,), (1,), (5,), (3, 4), (2, 0, 3), (2, 3, 4), (1, 1, 1)]


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_attribute(name, dtype):
    for shape in SHAPES:
        for order in "CF":
            array = shaped("few values", dtype, shape, order)
            for layout in LAYOUTS.values():
                check(lambda a, layout=layout: getattr(layout(a), name), array, strides=True, flags=True)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_strides(dtype):
    for order in "CF":
        for layout in ("as it is", "transposed", "negative"):
            check(lambda a, layout=layout: LAYOUTS[layout](a).strides, shaped("few values", dtype, (3, 4, 2), order))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_matrix_transpose(shape):
    check(lambda a: a.mT, shaped("ramp", "i4", shape), strides=True)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_flags(shape, layout):
    array = shaped("ramp", "i4", shape)
    names = ["C_CONTIGUOUS", "F_CONTIGUOUS", "WRITEABLE", "ALIGNED", "FNC", "FORC", "BEHAVED", "CARRAY", "FARRAY"]
    for name in names:
        check(lambda a, name=name: LAYOUTS[layout](a).flags[name], array)
    for name in ["c_contiguous", "f_contiguous", "writeable", "fnc", "forc", "contiguous"]:
        check(lambda a, name=name: getattr(LAYOUTS[layout](a).flags, name), array)
    check(lambda a: LAYOUTS[layout](a).flags["no such flag"], array)


def read_only(a, view=False):
    a = a[...] if view else a
    a.flags.writeable = False
    return a


READ_ONLY = {
    "written": lambda a: read_only(a).__setitem__(0, 1),
    "a view of it written": lambda a: read_only(a)[1:].__setitem__(0, 1),
    "fancy": lambda a: read_only(a).__setitem__([0, 1], 1),
    "filled": lambda a: read_only(a).fill(1),
    "a read-only view": lambda a: read_only(a, view=True).__setitem__(0, 1),
    "its base": lambda a: (read_only(a, view=True), a.__setitem__(0, 1))[1],
    "a copy": lambda a: read_only(a).copy().flags.writeable,
    "given back": lambda a: (read_only(a), setattr(a.flags, "writeable", True), a.__setitem__(0, 1), a.flags.writeable)[3],
    "setflags": lambda a: (a.setflags(write=False), a.flags.writeable)[1],
}


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only(name):
    check(READ_ONLY[name], np.arange(4))


ASSIGNMENTS = [
    ("real", 7),
    ("real", np.arange(4)),
    ("imag", 0),
    ("flat", 7),
    ("flat", [1, 2]),
    ("flat", np.arange(12)[::-1]),
    ("T", 1),
    ("size", 1),
    ("ndim", 1),
    ("nbytes", 1),
    ("no_such_attribute", 1),
]


@pytest.mark.parametrize(("name", "value"), ASSIGNMENTS, ids=str)
def test_assigned_attribute(name, value):
    check(lambda a: (setattr(a, name, value), a)[1], np.arange(12).reshape(3, 4), messages=False)
    check(lambda a: (setattr(a[::2].T, name, value), a)[1], np.arange(12).reshape(3, 4), messages=False)


def with_attribute(a, name, value):
    """Return an array to which an attribute was assigned; in some versions of NumPy that is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        setattr(a, name, value)
    return a


@pytest.mark.parametrize("shape", [6, -1, (3, 2), (3, 1, 2), (2, 3), (7,), (-1, -1), (), "ab"], ids=str)
def test_assigned_shape(shape, both):
    for layout in LAYOUTS.values():
        check(lambda a, layout=layout: with_attribute(layout(a), "shape", shape), np.arange(6).reshape(2, 3), strides=True)


@pytest.mark.parametrize("strides", [(24, 8), (8, 16), (-8, 8), (48, 8), (0, 0), (8,), 8, (), None], ids=str)
def test_assigned_strides(strides, both):
    for dtype in ("i8", "M8[s]"):
        for view in (lambda a: a, lambda a: a.T, lambda a: a[:2, :2], lambda a: a[::-1]):
            function = lambda a, view=view: with_attribute(view(a), "strides", strides)  # noqa: E731
            check(function, np.arange(9).astype(dtype).reshape(3, 3), strides=True)


def test_strides_between_elements_are_refused():
    a = CompactArray(np.arange(9.0))
    with pytest.raises(ValueError, match="element to element"):
        with_attribute(a, "strides", (4,))


def test_assigned_flat(both):
    for value in ([], [1, 2], 7, "8", None, 1j):
        for layout in LAYOUTS.values():
            check(lambda a, layout=layout, value=value: setattr(layout(a), "flat", value), np.arange(12.0).reshape(3, 4))
            check(lambda a, layout=layout, value=value: setattr(read_only(layout(a)), "flat", value), np.arange(12.0).reshape(3, 4))
    check(lambda a: setattr(a, "flat", a[::-1]), np.arange(9))


def test_flags_compared(both):
    check(lambda a: [a.flags == a.copy().flags, a.flags == a.T.flags, a.flags != a[:].flags, a.flags == 3], np.arange(6).reshape(2, 3))
    check(lambda a: [a.flags.num, a.T.flags.num, a[:1].flags.num, read_only(a).flags.num], np.arange(6).reshape(2, 3))
    check(lambda a: hash(a.flags), np.arange(3), messages=False)
    check(lambda a: a.setflags(uic=True), np.arange(3))


IN_PLACE = {
    "sort": lambda a: a.sort(),
    "partition": lambda a: a.partition(1),
    "byteswap": lambda a: a.byteswap(True),
    "flat": lambda a: a.flat.__setitem__(0, 1),
    "fill": lambda a: a.fill(1),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_read_only_is_said_as_numpy_says_it(name, both):
    check(lambda a: IN_PLACE[name](read_only(a)), np.arange(5))


def test_filled(both):
    for value in ([1], [1, 2], np.array([1]), np.array(4), CompactArray([1]), CompactArray([1, 2])):
        theirs = np.asarray(value) if isinstance(value, CompactArray) else value
        check(lambda a, value=value, theirs=theirs: a.fill(value if isinstance(a, CompactArray) else theirs), np.arange(3))


def test_view_as_ndarray_is_a_view(both):
    table = np.arange(6).reshape(2, 3)
    check(lambda a: a.view(np.ndarray), table, strides=True)
    check(lambda a: a.T.view(type=np.ndarray), table, strides=True)
    check(lambda a: a.view("f8", np.ndarray), table)
    check(lambda a: a.view(type=3), table)
    check(lambda a: a.view(type=int), table)
    a = CompactArray(table)
    assert_same(a.view(compactarray.ndarray), table)
    with pytest.raises(TypeError, match="another class"):
        a.view(np.matrix)


def test_base():
    a = CompactArray(np.arange(6))
    assert a.base is None
    assert a[1:].base is not None
    assert a[1:][1:].base is a[1:].base or a[1:][1:].base is not None
    assert a.copy().base is None


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_dense_nbytes_is_numpys(dtype, kind):
    values = make(kind, dtype, 100)
    assert CompactArray(values).dense_nbytes == values.nbytes
    assert CompactArray(values)[::3].dense_nbytes == values[::3].nbytes


# What the issue promises of bytes held to bytes dense, with the sizes of blocks that are shipped.
RNG = np.random.default_rng(1)
SPARSE = np.zeros(1_000_000)
SPARSE[RNG.permutation(1_000_000)[:10_000]] = RNG.random(10_000)
ARTICLE = np.where(RNG.random((1024, 1024)) < 0.9, 0, RNG.integers(0, 255, (1024, 1024))).astype("u8")
COUNTS = RNG.integers(0, 256, 1_000_000)
HELD = {
    "ones": (np.ones((1024, 1024), "u8"), 0.0001),
    "counts": (COUNTS, 0.126),
    "the article's image": (ARTICLE, 0.126),
    "1% of random values": (SPARSE, 0.0127),
    "float32 data as float64": (RNG.standard_normal(1_000_000, "f4").astype("f8"), 0.501),
    "a mask": (RNG.random(1_000_000) < 0.5, 0.126),
    "an outlier": (np.append(COUNTS[1:], 10**15), 0.127),
    "an image in [0, 1]": (RNG.integers(0, 256, 1_000_000) / 255.0, 0.127),
    "a complex array that is real": (COUNTS + 0j, 0.064),
    "noise": (RNG.standard_normal(1_000_000), 1.001),
}


@pytest.mark.parametrize("name", HELD)
def test_bytes_held(name, shipped):
    values, ratio = HELD[name]
    a = CompactArray(values)
    assert a.nbytes <= ratio * a.dense_nbytes
    assert_same(a, values)


def test_bytes_of_views_and_copies(shipped):
    a = CompactArray(RNG.integers(0, 200, 10 * 65_536))
    assert a[:65_536].nbytes <= 0.11 * a.nbytes + 1000
    assert a[5].nbytes == 8 if hasattr(a[5], "nbytes") else True
    assert a.copy().nbytes <= a.nbytes + 1000
    assert a[::-1].nbytes <= a.nbytes + 1000
    held = a.nbytes
    a[65_536 : 2 * 65_536] = RNG.standard_normal(65_536) * 2**40
    assert a.nbytes >= held + 7 * 65_536
    a[:] = 0
    assert a.nbytes < 10_000


def test_info_and_html_tell_bytes_and_encodings():
    a = CompactArray(RNG.integers(0, 200, (300, 300)))
    for text in (str(a.info), repr(a.info), a._repr_html_()):
        assert "narrow" in text
        assert "int64" in text
    assert "<" in a._repr_html_()


def test_settings_are_read_when_an_array_is_made():
    with compactarray.config(block_length=16):
        a = CompactArray(np.arange(100))
    a[50] = 10**18
    assert a.tolist() == [*range(50), 10**18, *range(51, 100)]

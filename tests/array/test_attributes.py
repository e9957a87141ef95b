"""Attributes: NumPy's, but for the bytes held."""

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

"""What leaves an array: Python objects, text, bytes, ndarrays, other dtypes."""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray import CompactArray
from compactarray.testing import assert_same, check
from tests.strategies import DTYPES, KINDS, LAYOUTS, arrays, layouts, make, shaped

SHAPES = [(), (0,), (1,), (1, 1), (3,), (2, 3), (2, 0), (2, 2, 2)]


class Named(np.ndarray):
    """What NumPy writes for a class of another name."""


Named.__name__ = "CompactArray"


def text(array):
    """Return the repr of a CompactArray, or of an ndarray that bears the name."""
    return repr(array.view(Named) if isinstance(array, np.ndarray) else array)


CONVERSIONS = {
    "len": len,
    "list": list,
    "iter twice": lambda a: [list(row) if getattr(row, "ndim", 0) else row for row in a],
    "bool": bool,
    "int": int,
    "float": float,
    "complex": complex,
    "index": operator.index,
    "hash": hash,
    "repr": lambda a: text(a),
    "str": str,
    "format": format,
    "format a number": lambda a: format(a, ".3f"),
    "f-string": lambda a: f"{a}",
    "tolist": lambda a: a.tolist(),
    "tobytes": lambda a: a.tobytes(),
    "tobytes F": lambda a: a.tobytes("F"),
    "tobytes A": lambda a: a.tobytes(order="A"),
    "tobytes K": lambda a: a.tobytes("K"),
    "tobytes wrong": lambda a: a.tobytes("X"),
    "item": lambda a: a.item(),
    "item 0": lambda a: a.item(0),
    "item -1": lambda a: a.item(-1),
    "item 99": lambda a: a.item(99),
    "item 1, 1": lambda a: a.item(1, 1),
    "item tuple": lambda a: a.item((0, 1)),
    "item 0, 0, 0, 0": lambda a: a.item(0, 0, 0, 0),
    "list of flat": lambda a: list(a.flat),
    "flat item": lambda a: a.flat[0],
    "copy": lambda a: a.copy(),
    "copy F": lambda a: a.copy("F"),
    "copy A": lambda a: a.copy(order="A"),
    "copy K": lambda a: a.copy("K"),
    "flatten": lambda a: a.flatten(),
    "flatten F": lambda a: a.flatten("F"),
    "flatten K": lambda a: a.flatten(order="K"),
}


@pytest.mark.parametrize("name", CONVERSIONS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_conversion(name, dtype):
    # A record as a tuple holds its subarrays as ndarrays.
    dense = None if name.startswith(("tolist", "item")) else False
    for shape, layout in zip(SHAPES * 2, itertools.cycle(LAYOUTS.values()), strict=False):
        check(lambda a, layout=layout: CONVERSIONS[name](layout(a)), shaped("few values", dtype, shape), dense=dense)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["i2", "f8", "f4", "c16", "?", "M8[D]"])
def test_text_of_every_kind_of_data(kind, dtype):
    for function in (text, str):
        check(function, shaped(kind, dtype, (4, 5)))
        check(function, make(kind, dtype, 2000))


def test_text_obeys_print_options():
    with np.printoptions(precision=2, threshold=5, edgeitems=1, suppress=True, linewidth=30):
        check(text, np.linspace(0, 1, 30).reshape(5, 6))
        check(str, np.linspace(0, 1e9, 7))


@pytest.mark.parametrize("element", [3, 3.0, -0.0, np.nan, "a", None, [1, 2], 2**70, np.int8(4), 1 + 0j, True], ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_contains(element, kind):
    for dtype in ("i4", "f8", "?", "O"):
        check(lambda a: element in a, shaped(kind, dtype, (3, 2)), messages=False)


def test_contains_what_it_contains():
    for dtype, kind in itertools.product(DTYPES, ["few values", "sparse"]):
        array = make(kind, dtype, 60)
        if np.dtype(dtype).names is None:
            check(lambda a: a[37] in a, array)


TARGETS = ["?", "i1", "u2", "i8", "u8", "f2", "f4", "f8", "c8", "c16", "O", "S4", "U6", ">i4", "M8[s]", "m8[ms]", "g", "T", "V9"]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.filterwarnings("ignore")
def test_astype(dtype, target):
    for kind in ("few values", "extremes", "outliers"):
        array = make(kind, dtype, 40)
        if target == "T" and array.dtype.kind == "S" and not _is_readable(array):
            continue
        if target == "m8[ms]" and array.dtype.kind == "U" and np.lib.NumpyVersion(np.__version__) < "2.5.0":
            continue  # which of several strings that are no numbers NumPy complains of differs from version to version
        check(lambda a: a.astype(target), array, any_nan=True)


def _is_readable(array):
    """Tell whether NumPy can read the strings that it makes of bytes: before 2.5, it takes some that are no UTF-8."""
    try:
        array.astype("T").astype(object)
    except UnicodeDecodeError:
        return False
    except TypeError:
        return True
    return True


@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "same_kind", "unsafe", "same_value", "wrong"])
@pytest.mark.parametrize("target", ["i4", ">i4", "i2", "f4", "u4", "?"])
def test_astype_casting(casting, target):
    for dtype in ("i4", "i8", "f8", "u1"):
        check(lambda a: a.astype(target, casting=casting), np.arange(20).astype(dtype))


@pytest.mark.parametrize("order", ["C", "F", "A", "K", "X"])
@pytest.mark.parametrize("copy", [True, False])
@pytest.mark.parametrize("target", ["i4", "f8"])
def test_astype_order_and_copy(order, copy, target):
    for layout, start in itertools.product(LAYOUTS.values(), "CF"):
        array = shaped("narrow", "i4", (3, 4), start)
        check(lambda a, layout=layout: layout(a).astype(target, order=order, copy=copy), array, strides=True)


@given(arrays(), layouts)
def test_asarray(array, layout):
    check(lambda a: np.asarray(layout(a)), array, dense=True, aliasing=False)
    check(lambda a: np.array(layout(a)), array, dense=True)


@pytest.mark.parametrize("dtype", [None, "i8", "i4", "f4", "O", "S3"])
@pytest.mark.parametrize("copy", [None, True, False])
def test_array_protocol(dtype, copy):
    a = CompactArray(np.arange(30).reshape(5, 6))
    expected = np.arange(30).reshape(5, 6).astype(dtype or "i8")
    if copy is False:
        with pytest.raises(ValueError, match="copy"):
            np.asarray(a, dtype=dtype, copy=copy)
        return
    result = np.asarray(a, dtype=dtype, copy=copy)
    assert_same(result, expected, dense=True)
    assert_same(a.__array__(dtype and np.dtype(dtype), copy=copy), expected, dense=True)
    result[0] = 0
    assert a[0, 1] == 1, "the result of __array__ is a copy"


@given(arrays(), st.sampled_from(["i8", "f8", "f4", "c16", "?"]))
@pytest.mark.filterwarnings("ignore")
def test_asarray_of_another_dtype(array, dtype):
    check(lambda a: np.asarray(a, dtype=dtype), array, dense=True, aliasing=False, any_nan=True, messages=False)


def test_buffers_and_interfaces_are_not_offered():
    """There is no dense memory that could be shared."""
    a = CompactArray(np.arange(5))
    for name in ("__array_interface__", "__array_struct__", "ctypes", "data"):
        assert not hasattr(a, name) or name in ("data", "ctypes")
    with pytest.raises(TypeError):
        memoryview(a)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_iteration_is_lazy_and_gives_views(dtype):
    check(lambda a: next(iter(a)), shaped("noise", dtype, (3, 2)))
    check(lambda a: list(zip(a, a[::-1], strict=True)), shaped("noise", dtype, (3, 2)))


METHODS = {
    "put": lambda a: a.put([0, -1], [7, 8]),
    "fill": lambda a: a.fill(3),
    "fill a large value": lambda a: a.fill(2**40),
    "flat set": lambda a: a.flat.__setitem__(slice(0, 4), [1, 2]),
    "flat set one": lambda a: a.flat.__setitem__(3, 9),
    "flat set one to a list of one": lambda a: a.flat.__setitem__(3, [9]),
    "flat set one to two": lambda a: a.flat.__setitem__(3, [9, 8]),
    "flat set one to an array": lambda a: a.flat.__setitem__(3, a[:1]),
    "flat set one to a single value": lambda a: a.flat.__setitem__(3, a[2, ...].sum()),
    "flat set one to text": lambda a: a.flat.__setitem__(-1, "8"),
    "flat set one to what it cannot be": lambda a: a.flat.__setitem__(0, 1j),
    "flat compared": lambda a: [a.flat == 3, a.flat != a.flat, a.flat < 3, a.flat <= a.T.flat, a.flat > 2, a.flat >= a.ravel()],
    "flat compared with text": lambda a: a.flat == "x",
    "flat ordered with text": lambda a: a.flat < "x",
    "flat set fancy": lambda a: a.flat.__setitem__([1, 2], [9]),
    "flat get slice": lambda a: a.flat[1:5:2],
    "flat get fancy": lambda a: a.flat[[3, 1]],
    "flat get mask": lambda a: a.flat[np.arange(a.size) % 3 == 1],
    "flat get equal ones": lambda a: a.flat[(a == a.flat[1]).ravel()],
    "flat get mask of too few": lambda a: a.flat[np.ones(a.size - 1, bool)],
    "flat get mask of too many": lambda a: a.flat[np.zeros(a.size + 2, bool)],
    "flat get past the end": lambda a: a.flat[99],
    "flat len": lambda a: len(a.flat),
    "flat copy": lambda a: a.flat.copy(),
    "flat coords": lambda a: (a.flat.coords, a.flat.index),
    "flat next": lambda a: next(a.flat),
}


@pytest.mark.parametrize("name", [name for name in METHODS if hasattr(CompactArray, name.split()[0])])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_method(name, layout):
    check(lambda a: METHODS[name](LAYOUTS[layout](a)), shaped("ramp", "i8", (6, 5)))

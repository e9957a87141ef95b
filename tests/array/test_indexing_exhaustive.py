"""Every index made of the atoms below, on every small shape: reads, writes and errors as NumPy's."""

import gc
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray import CompactArray
from compactarray.testing import check
from tests.strategies import DTYPES, LAYOUTS, arrays, basic_indices, fancy_indices, shaped

INTEGERS = [0, -1, 2, np.int8(1), np.array(1, "u1")]
SLICES = [slice(None), slice(None, None, -1), slice(1, None, 2), slice(5, 0, -2), slice(2, 2), slice(-3, 1)]
AXES = [..., np.newaxis]
ARRAYS = [[1, 0], np.array([[0, -1], [1, 1]]), np.array([], int), (0,), [[]], np.array([1, 1], "u1")]
MASKS = [True, np.False_, np.array(True), [True, False, True], np.array([False, True]), np.array([[True, False, True]] * 2)]
WRONG = [7, -9, [0, 7], 1.0, "a", None, np.array([0.5]), slice(0, 1, 0), slice("a", None), np.array([True] * 5), np.array([], "f8")]
ATOMS = [*INTEGERS, *SLICES, *AXES, *ARRAYS, *MASKS, *WRONG]
FEW = [
    1,
    slice(None, None, -1),
    slice(1, None),
    ...,
    None,
    [1, 0],
    np.array([[0], [1]]),
    [True, False],
    np.array([[True, False, True]] * 2),
]

#: Where the tuple of the index comes from: any of the atoms for one and two, a few for three.
SHAPES = [(), (3,), (2, 3), (3, 2), (2, 3, 2), (0, 2), (1,)]
ONE_OR_TWO = [(atom,) for atom in ATOMS] + list(itertools.product(ATOMS, ATOMS))
THREE = [*itertools.product(FEW, FEW, FEW), (1, 0, 1, 0), (..., ...), (..., 1, ...), (), ([0], [1], [1], [0])]
VALUES = ["scalar", "same", "row", "compact", "does not fit", "too long", "a list"]


@pytest.fixture(autouse=True)
def _no_collection():
    """NumPy words some errors while another one is set; were garbage collected then, callbacks of the collector would fail."""
    gc.disable()
    yield
    gc.enable()


def converted(index):
    """Return the index with CompactArrays for ndarrays."""
    if isinstance(index, tuple):
        return tuple(converted(atom) for atom in index)
    return CompactArray(index) if isinstance(index, np.ndarray) else index


def value_for(kind, array, index):
    """Return a value to assign, shaped after what the index selects, and whether NumPy sees an array in it."""
    try:
        selected = array[index]
    except (IndexError, TypeError, ValueError):
        selected = array[:0] if array.ndim else array
    new = np.arange(100, 100 + selected.size).reshape(selected.shape)
    return {
        "scalar": 77,
        "same": new,
        "row": new[..., :1] if new.ndim else new,
        "compact": new.astype("f4"),
        "does not fit": new + 2**40,
        "too long": np.arange(5),
        "a list": new.tolist(),
    }[kind]


def getting(index, layout):
    def get(a):
        return layout(a)[converted(index) if isinstance(a, CompactArray) else index]

    return get


def setting(index, layout, value, compact):
    def put(a):
        ours = isinstance(a, CompactArray)
        layout(a)[index] = CompactArray(value) if ours and compact else value

    return put


def run(shape, indices, layouts=tuple(LAYOUTS)):
    """Read and write through every index, layouts and values taking turns."""
    array = shaped("ramp", "i8", shape, "F" if len(shape) == 2 else "C")
    turns = zip(itertools.cycle(layouts), itertools.cycle(VALUES))
    for index, (layout, kind) in zip(indices, turns, strict=False):
        view = LAYOUTS[layout]
        value = value_for(kind, view(array), index)
        for function in (getting(index, view), setting(index, view, value, kind == "compact")):
            try:
                check(function, array, strides=function.__name__ == "get")
            except AssertionError as error:
                raise AssertionError(f"{function.__name__} {index} on {shape} {layout}, with {kind} {value}") from error


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_one_or_two_atoms(shape):
    run(shape, ONE_OR_TWO)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2, 2), (2, 3, 2)], ids=str)
def test_three_atoms(shape):
    run(shape, THREE)


@pytest.mark.parametrize("atom", ATOMS, ids=str)
def test_atom_not_in_a_tuple(atom):
    for shape in SHAPES:
        run(shape, [atom] * 7)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(dtype):
    for shape in [(), (3,), (3, 4)]:
        array = shaped("few values", dtype, shape)
        new = shaped("noise", dtype, shape, seed=3)
        for index in [
            (),
            ...,
            0,
            -1,
            slice(None, None, -1),
            [0, 2, 0],
            np.array([True, False, True]),
            (None, 1),
            (..., 2),
            ([1, 0], slice(1, 3)),
        ]:
            check(lambda a, i=index: a[i], array, strides=True)
            check(lambda a, b, i=index: a.__setitem__(i, b[i]), array, new)


@given(st.data(), arrays())
def test_random_basic_index(data, array):
    index = data.draw(basic_indices(array.shape))
    other = data.draw(basic_indices(array[index].shape)) if isinstance(array[index], np.ndarray) else ()
    check(lambda a: a[index][other], array, strides=True)
    check(lambda a: a[index].__setitem__(other, a[index][other][..., ::-1]), array)


@given(st.data(), arrays())
def test_random_fancy_index(data, array):
    index = data.draw(fancy_indices(array.shape))
    check(lambda a: a[converted(index) if isinstance(a, CompactArray) else index], array)
    new = array[index][::-1] if array[index].ndim else array[index]
    check(lambda a: a.__setitem__(index, new), array)


# What is assigned; the classes and texts of NumPy's errors, and its casts.
ASSIGNED = {
    "a float into ints": ("i4", 2.7),
    "a large float into ints": ("i2", 1e9),
    "NaN into ints": ("i8", np.nan),
    "NaN array into ints": ("i8", np.full(4, np.nan)),
    "a large int": ("i1", 300),
    "a large int array": ("i1", np.array([300, 1, 2, 3])),
    "a negative int": ("u1", -1),
    "a complex": ("f8", 1 + 2j),
    "a complex array": ("f8", np.full(4, 1 + 2j)),
    "a text": ("i4", "12"),
    "a text that is no number": ("i4", "x"),
    "None": ("i4", None),
    "None into floats": ("f8", None),
    "an object": ("f8", object()),
    "a list": ("i4", [1, 2, 3, 4]),
    "nested lists": ("i4", [[1, 2, 3, 4]]),
    "a ragged list": ("i4", [[1, 2], [3]]),
    "too many": ("i4", [1, 2, 3]),
    "too many dimensions": ("i4", np.ones((2, 4))),
    "a datetime": ("M8[s]", np.datetime64("2020-01-01", "D")),
    "a date text": ("M8[s]", "2020-01-01"),
    "a number into datetimes": ("M8[s]", 5),
    "a number into timedeltas": ("m8[s]", 5),
    "a tuple into fields": ([("a", "i4"), ("b", "f8")], (1, 2.5)),
    "a short tuple into fields": ([("a", "i4"), ("b", "f8")], (1,)),
    "swapped": (">i4", np.arange(4, dtype="<i2")),
    "into swapped": ("<i4", np.arange(4, dtype=">f4")),
    "a long text": ("U2", "abc"),
    "a string": (np.dtypes.StringDType(), "abc"),
    "an int into strings": (np.dtypes.StringDType(), 5),
    "a list into objects": ("O", [1, 2, 3, 4]),
    "a 0-d array": ("f4", np.array(3)),
    "an empty array": ("f4", np.array([])),
    "a memoryview": ("f4", memoryview(np.arange(4.0))),
}


@pytest.mark.parametrize("case", ASSIGNED)
@pytest.mark.parametrize("index", [..., 1, slice(None, None, -1), [3, 0, 1, 1], np.array([True] * 4)], ids=str)
def test_assigned(case, index):
    dtype, value = ASSIGNED[case]
    array = shaped("few values", dtype, (4,))
    check(lambda a: a.__setitem__(index, value), array)
    check(lambda a: a.__setitem__(index, CompactArray(value)) if isinstance(a, CompactArray) and isinstance(value, np.ndarray)
          else a.__setitem__(index, value), array)  # fmt: skip


@pytest.mark.parametrize("field", ["a", ["a"], ["b", "a"], "c", ["a", "c"], [], ("a", 0)], ids=str)
def test_fields(field):
    array = shaped("few values", [("a", "i4"), ("b", "f8")], (5,))
    check(lambda a: a[field], array, strides=True)
    check(lambda a: a[::-2][field], array, strides=True)
    check(lambda a: a.__setitem__(field, a[field][::-1]), array)
    check(lambda a: a[1:3].__setitem__(field, 7), array, messages=False)


# Overlapping source and target.
OVERLAPS = {
    "forward": lambda a: a.__setitem__(slice(1, None), a[:-1]),
    "backward": lambda a: a.__setitem__(slice(None, -1), a[1:]),
    "reversed": lambda a: a.__setitem__(..., a[::-1]),
    "transposed": lambda a: a.__setitem__(..., a.T),
    "a row everywhere": lambda a: a.__setitem__(..., a[5]),
    "a column everywhere": lambda a: a.__setitem__(..., a[:, 5:6]),
    "fancy": lambda a: a.__setitem__([1, 2, 3], a[[3, 2, 1]]),
    "its own values as indices": lambda a: a.__setitem__(a[0] % 7, a[0][0]),
    "masked by itself": lambda a: a.__setitem__(a > 9 if isinstance(a, np.ndarray) else np.asarray(a) > 9, 3),
    "by two": lambda a: a[::2].__setitem__(..., a[1::2]),
    "step over step": lambda a: a[:6].__setitem__(..., a[::2]),
}


@pytest.mark.parametrize("name", OVERLAPS)
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in ("longer", "strided", "odd")])
def test_overlap(name, layout):
    array = shaped("ramp", "i8", (12, 12))
    check(lambda a: OVERLAPS[name](LAYOUTS[layout](a)), array)


def test_the_last_of_repeated_positions_counts():
    array = np.zeros(100)
    places = np.array([5, 5, 97, 5, 97])
    check(lambda a: a.__setitem__(places, np.arange(5)), array)
    check(lambda a: a.__setitem__((places,), [1e300, -0.0, np.nan, 7, 8]), array)

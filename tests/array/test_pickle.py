"""Pickles and copies: encoded, out of band, and as NumPy's to the one who loads them."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given

from compactarray import CompactArray
from compactarray.testing import assert_same, check
from tests.strategies import DTYPES, KINDS, LAYOUTS, arrays, layouts, make, shaped

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def round_trip(array, protocol=5):
    return pickle.loads(pickle.dumps(array, protocol))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_round_trip(dtype, protocol):
    for kind in KINDS:
        for shape in ((), (0, 3), (7,), (5, 4)):
            array = shaped(kind, dtype, shape)
            # The dtype is kept; NumPy's own pickles of arrays in the other byte order come back in the native one.
            assert_same(round_trip(CompactArray(array), protocol), array)


@given(arrays(), layouts)
def test_round_trip_of_views(array, layout):
    assert_same(round_trip(layout(CompactArray(array))), layout(array).copy("A"))
    check(lambda a: copy.copy(layout(a)), array)
    check(lambda a: copy.deepcopy(layout(a)), array)
    check(lambda a: layout(a).__deepcopy__({}), array)


@given(arrays(), layouts)
def test_round_trip_out_of_band(array, layout):
    buffers = []
    ours = layout(CompactArray(array))
    data = pickle.dumps(ours, protocol=5, buffer_callback=buffers.append)
    expected = layout(array).copy("A")
    assert_same(pickle.loads(data, buffers=buffers), expected)
    frozen = [bytes(buffer.raw()) for buffer in buffers]
    ours = pickle.loads(data, buffers=frozen)
    assert_same(ours, expected)
    if ours.size and ours.flags.writeable:  # as NumPy's, plain arrays are not where the buffers are not
        ours[...] = make("constant", array.dtype, 1, 9)[0]
        assert_same(pickle.loads(data, buffers=frozen), expected)


@pytest.mark.parametrize("kind", ["constant", "narrow", "sparse", "two values", "few values", "float32-born", "outliers"])
def test_pickles_are_small(kind, shipped):
    a = CompactArray(make(kind, "f8", 200_000))
    assert a.nbytes < 0.6 * a.dense_nbytes
    assert len(pickle.dumps(a)) <= a.nbytes + 3000
    buffers = []
    data = pickle.dumps(a, protocol=5, buffer_callback=buffers.append)
    assert len(data) < 3000
    assert sum(buffer.raw().nbytes for buffer in buffers) <= a.nbytes + 100


def test_pickle_of_a_view_holds_the_view_only(shipped):
    a = CompactArray(np.random.default_rng(1).standard_normal((100, 65_536)))
    assert len(pickle.dumps(a[3])) < 1_100_000


@pytest.mark.parametrize("layout", LAYOUTS)
def test_loaded_and_copied_are_like_new(layout):
    array = shaped("narrow", "i4", (5, 6))
    for function in (round_trip, copy.copy, copy.deepcopy):
        check(lambda a, f=function: f(LAYOUTS[layout](a)), array)
        check(lambda a, f=function: f(LAYOUTS[layout](a)).flags.writeable, array)
        ours = function(CompactArray(array))
        ours[1, 1] = 2**30
        assert ours[1, 1] == 2**30


def test_parts_of_a_loaded_array_still_overlap():
    for array in (make("noise", "c16", 50), make("noise", "c8", 50)):
        for name in ("real", "imag"):
            ours, theirs = round_trip(CompactArray(array)), array.copy()
            for a in (ours, theirs):
                a[1:] = getattr(a, name)[:-1]
                getattr(a, name)[:-1] = getattr(a, name)[1:]
            assert_same(ours, theirs)


def test_sharing_inside_a_deep_copy():
    a = CompactArray(np.arange(5))
    x, y = copy.deepcopy([a, a])
    assert x is y and x is not a
    objects = CompactArray(np.array([[1], [2]], object))
    assert copy.deepcopy(objects)[0] is not objects[0]
    assert copy.copy(objects)[0] is objects[0] or objects.ndim == 2


def test_subclass_and_type_survive():
    assert type(round_trip(CompactArray(np.arange(3)))) is CompactArray

"""What works on memory, or asks for instances of ndarray, in the place of ``np``."""

import numpy
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same

NAMES = ("plain", "encoded")


def sample(np, kind):
    """Return an array of NumPy's, or a compact one that is plain, or one that is encoded."""
    dense = numpy.arange(40).reshape(5, 8)
    if np is numpy:
        return dense
    return CompactArray(dense) if kind == "encoded" else compactarray.array(dense)


def strided(np, a):
    view = np.lib.stride_tricks.as_strided(a, (3, 4), (16, 8))
    view[1] = -1
    return view, a


def strided_whole(np, a):
    return np.lib.stride_tricks.as_strided(a), np.lib.stride_tricks.as_strided(a, shape=(2, 8), writeable=False)


def doubled(np, a):
    for x in np.nditer(a, op_flags=["readwrite"]):
        x[...] = 2 * x
    return a


def doubled_within(np, a):
    with np.nditer(a, flags=["external_loop", "buffered"], op_flags=["readwrite"], op_dtypes=["f8"], casting="unsafe") as chunks:
        for x in chunks:
            x *= 2
    return a


def counted(np, a):
    places = np.nditer([a, numpy.ones((5, 8), int)], ["multi_index"], [["readwrite"], ["readonly"]])
    found = []
    while not places.finished:
        places[0] = places[0] + places[1]
        found.append(places.multi_index)
        places.iternext()
    return found, len(places), a


def broken_off(np, a):
    for x in np.nditer(a, op_flags=["writeonly"]):
        x[...] = 7
        break
    del x
    return a


def only_read(np, a):
    return sum(int(x) for x in np.nditer(a)), type(np.nditer(a)).__module__


def shuffled(np, a):
    np.random.default_rng(a[0]).shuffle(a)
    np.random.mtrand.RandomState(3).shuffle(a)
    return a


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize(
    "use", [strided, strided_whole, doubled, doubled_within, counted, broken_off, only_read, shuffled], ids=lambda use: use.__name__
)
def test_use(use, kind, both):
    assert_same(use(compactarray, sample(compactarray, kind)), use(numpy, sample(numpy, kind)))


def test_as_strided_stays_within_the_array():
    a = CompactArray(numpy.arange(10))
    with pytest.raises(ValueError, match="from element to element"):
        compactarray.lib.stride_tricks.as_strided(a, (10,), (16,))
    with pytest.raises(ValueError, match="from element to element"):
        compactarray.lib.stride_tricks.as_strided(a, (2,), (4,))
    with pytest.raises(ValueError, match="mismatch in length"):
        compactarray.lib.stride_tricks.as_strided(a, (2,), (8, 8))


def test_as_strided_of_an_ndarray():
    assert_same(compactarray.lib.stride_tricks.as_strided(numpy.arange(10), (2, 3), (8, 8)), numpy.array([[0, 1, 2], [1, 2, 3]]))


@pytest.mark.filterwarnings("ignore:The chararray class")
def test_what_asks_for_instances_gets_them():
    texts = CompactArray(numpy.array(["a", "bc"]))
    for make in (compactarray.char.array, compactarray.char.asarray):
        found = make(texts)
        assert type(found) is numpy.char.chararray and found.tolist() == ["a", "bc"]
    assert compactarray.rec.array(CompactArray(numpy.arange(3))).tolist() == [0, 1, 2]
    assert compactarray.rec.fromarrays([texts, texts], names="x,y").x.tolist() == ["a", "bc"]
    compactarray.testing.assert_equal({"k": [texts]}, {"k": [texts.copy()]})
    with pytest.raises(AssertionError):
        compactarray.testing.assert_equal(texts, texts[::-1])


def test_masked_arrays_of_compact_ones():
    a = CompactArray(numpy.arange(9))
    assert numpy.ma.masked_where(a > 3, a).sum() == 6
    assert numpy.ma.filled(a, 5).tolist() == list(range(9))
    assert numpy.ma.getdata(numpy.ma.masked_equal(a, 3)).tolist() == list(range(9))


def test_an_iterator_that_has_ended_writes_no_more():
    """What is written to the array afterwards stays, whatever becomes of the iterator."""
    a = compactarray.CompactArray(numpy.arange(5_000))
    iterator = compactarray.nditer(a, op_flags=["readwrite"])
    for x in iterator:
        x[...] = 2 * x
    a[0] = 77
    del iterator
    expected = 2 * numpy.arange(5_000)
    expected[0] = 77
    assert_same(a, expected)


def test_whole_decodes_are_told():
    a = compactarray.CompactArray(numpy.arange(5_000))
    with compactarray.config(on_dense="error"):
        with pytest.raises(compactarray.DenseWarning, match="numpy.nditer decodes"):
            compactarray.nditer(a)
        with pytest.raises(compactarray.DenseWarning, match="numpy.array decodes"):
            compactarray.rec.array(a)

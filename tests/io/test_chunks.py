"""`from_chunks`: what `numpy.concatenate` gives, one chunk at a time."""

import tracemalloc
import weakref

import numpy as np
import pytest

from compactarray import CompactArray, from_chunks
from compactarray.testing import assert_same

RNG = np.random.default_rng(4)

CHUNKS = {
    "one": [np.arange(10)],
    "several": [np.arange(10), np.arange(3), np.empty(0, int), np.arange(50)],
    "rows": [RNG.random((2, 3)), RNG.random((5, 3))],
    "deep": [RNG.integers(0, 9, (1, 2, 3, 4)) for _ in range(4)],
    "fortran": [np.asfortranarray(RNG.random((7, 9))), RNG.random((9, 5)).T[:, :].copy().reshape(5, 9)],
    "strided": [RNG.random((20, 9))[::-3, ::2], RNG.random((20, 9))[::2, 1::2][:, [0, 1, 2, 3, 3]]],
    "safe cast": [np.arange(5), np.arange(5, dtype="u1"), np.array([True, False]), np.empty(0, "i2"), np.arange(4, dtype=">i8")],
    "big-endian": [np.arange(5, dtype=">i4"), np.arange(3, dtype=">i2")],
    "aligned fields": [np.zeros(3, np.dtype("u1,f8", align=True)), np.ones(2, np.dtype("u1,f8", align=True))],
    "lists": [[1, 2], [3]],
    "text": [np.array(["abc"]), np.array(["d"])],
    "dates": [np.array(["2020-01-01"], "M8[s]"), np.array(["2021-01-01"], "M8[D]")],
    "fields": [np.zeros(3, "i4,f8"), np.ones(2, "i4,f8")],
    "objects": [np.array([1, "a"], object), np.array([None])],
    "no rows": [np.empty((0, 4)), np.empty((2, 4))],
    "nan": [np.array([np.nan, -0.0]), np.array([0.0, np.inf])],
}


@pytest.mark.parametrize("name", CHUNKS)
@pytest.mark.parametrize("kind", [np.asarray, CompactArray, None], ids=["ndarray", "compact", "as given"])
def test_as_concatenate(name, kind, both):
    chunks = CHUNKS[name] if kind is None else [kind(chunk) for chunk in CHUNKS[name]]
    assert_same(from_chunks(iter(chunks)), np.concatenate(CHUNKS[name]))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("i8", "f4"),
        ("f8", "i8"),
        ("i8", "i1"),
        ("i8", "U"),
        ("f4", "c16"),
        ("M8[D]", "M8[ns]"),
        ("M8[D]", "M8"),
        ("U3", "U1"),
        ("i4", ">i4"),
    ],
)
def test_dtype(source, target, both):
    chunks = [np.arange(5).astype(source), np.arange(9).astype(source)[::2]]
    try:
        expected = np.concatenate(chunks, dtype=target)
    except TypeError as error:
        with pytest.raises(TypeError) as caught:
            from_chunks(chunks, dtype=target)
        assert str(caught.value).startswith(str(error))
    else:
        assert_same(from_chunks(chunks, dtype=target), expected)


@pytest.mark.parametrize("shape", [(6, 2), (-1, 3), 12, (2, -1, 3), (1, 12, 1)])
def test_shape(shape, both):
    chunks = [np.arange(5), np.arange(7)]
    assert_same(from_chunks(chunks, shape), np.concatenate(chunks).reshape(shape))


def test_shape_that_does_not_fit():
    with pytest.raises(ValueError, match=r"cannot reshape array of size 12 into shape \(5,2\)"):
        from_chunks([np.arange(12)], (5, 2))


@pytest.mark.parametrize(
    ("chunks", "index"),
    [
        ([], None),
        ([np.array(1)], None),
        ([np.zeros((2, 3)), np.zeros((2, 4))], 1),
        ([np.zeros((2, 3, 4)), np.zeros((2, 3, 4)), np.zeros((2, 3, 5))], 2),
        ([np.zeros(3), np.zeros((2, 3))], 1),
        ([np.zeros(3), np.array(1.0)], None),
    ],
)
def test_chunks_that_do_not_match(chunks, index):
    with pytest.raises(ValueError) as expected:
        np.concatenate(chunks)
    with pytest.raises(ValueError) as caught:
        from_chunks(chunks)
    assert str(caught.value) == str(expected.value) or index is None


@pytest.mark.parametrize(("first", "second"), [("i8", "f8"), ("i4", "i8"), ("U1", "U2"), ("f4", "f8"), ("i8", "u8")])
def test_later_chunks_must_fit_the_first(first, second):
    message = r"Cannot cast array data from .* according to the rule 'safe' \(chunk 1\); pass dtype="
    with pytest.raises(TypeError, match=message):
        from_chunks([np.zeros(2, first), np.zeros(2, second)])


def test_one_chunk_at_a_time():
    """When a chunk is asked for, none before it is alive any more but the last."""
    alive = weakref.WeakSet()

    class Watched(np.ndarray):
        __hash__ = object.__hash__

    def generate():
        for i in range(9):
            assert len(alive) <= 2
            chunk = np.full(1000, i).view(Watched)
            alive.add(chunk)
            yield chunk

    assert_same(from_chunks(generate()), np.repeat(np.arange(9), 1000))


def test_peak(shipped):
    """80 MB of counts from chunks of 0.8 MB, never 8 MB in memory beside the result."""
    chunk = np.arange(100_000) % 100
    from_chunks([chunk])
    tracemalloc.start()
    try:
        a = from_chunks(chunk for _ in range(100))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert a.shape == (10_000_000,)
    assert a.nbytes < 10_100_000
    assert peak < a.nbytes * 2 + (8 << 20)

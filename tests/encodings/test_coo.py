"""COO: look-ups by table and by search, and writes that put elements between those that are there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.encodings import coo as module
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import encode_flat
from compactarray.storage.builder import sparse_storage
from tests.helpers import same
from tests.strategies import extremes, make

DTYPES = ["?", "i1", "i8", "f4", "f8", "M8[D]"]
KINDS = ["narrow", "constant", "extremes", "noise"]


def block(dtype, kind, share, seed, length=400, flat=True):
    """Return a block, dense and in COO; its stored values are of one kind, and encoded in turn if `flat`."""
    rng = np.random.default_rng(seed)
    dense = np.repeat(make("extremes", dtype, 9, seed)[:1], length)
    fill = dense[:1].copy()
    places = np.flatnonzero(rng.random(length) < share)
    places = places if places.size else np.array([length // 2])
    dense[places] = make(kind, dtype, places.size, seed)
    values = encode_flat(dense[places]) if flat else Raw(dense[places])
    return dense, Coo(fill, length, Exceptions.of_block(places, values, 65_536))


def decoded(encoding):
    out = np.empty(encoding.length, encoding.dtype)
    encoding.decode(0, encoding.length, out)
    return out


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("flat", [True, False])
def test_writes_one_after_the_other(dtype, flat):
    """Few and many at a time, places twice, fills, values that the form of the others does not hold."""
    for kind in KINDS:
        dense, encoding = block(dtype, kind, 0.1, 1, flat=flat)
        rng = np.random.default_rng(2)
        for turn in range(60):
            size = [1, 2, 16, 17, 60][turn % 5]
            positions = rng.integers(0, 400, size) if turn % 7 else slice(turn, turn + 3 * size, 3)
            count = len(range(400)[positions]) if isinstance(positions, slice) else size
            pool = [make("narrow", dtype, 5), extremes(dtype), encoding.value, dense[:5]][turn % 4]
            values = pool[rng.integers(0, pool.size, count)]
            before = encoding.exceptions
            kept = None if before is None else (before.positions.copy(), before.values.decoded(0, before.count).copy())
            if encoding.put(positions, values):
                dense[positions] = values
            same(decoded(encoding), dense)
            if before is not None:  # what others may share was not touched
                same(before.positions, kept[0])
                same(before.values.decoded(0, before.count), kept[1])
            if encoding.exceptions is not None:
                assert (np.diff(encoding.exceptions.positions.astype(int)) > 0).all()
        if encoding.exceptions is not None:
            taken = encoding.put_item(5, encoding.value[0])
            dense[5:6] = encoding.value if taken else dense[5:6]
        same(decoded(encoding), dense)


def test_values_stay_in_the_form_that_they_have():
    dense, encoding = block("i8", "narrow", 0.1, 1)
    assert encoding.exceptions.values.name == "narrow"
    assert encoding.put(np.arange(40), np.full(40, 11))
    assert encoding.exceptions.values.name == "narrow"
    assert encoding.put(np.arange(40), np.full(40, 10**15))
    assert encoding.exceptions.values.name == "raw"
    dense[:40] = 10**15
    same(decoded(encoding), dense)


def test_too_many_are_refused_and_so_are_too_many_small_writes():
    dense, encoding = block("f8", "noise", 0.1, 1)
    assert not encoding.put(np.arange(390), np.arange(1.0, 391.0))
    same(decoded(encoding), dense)
    taken = [encoding.put_item(7, np.float64(k)) for k in range(1, 400)]
    assert all(taken[: module._PATIENCE - 1]) and not any(taken[module._PATIENCE :])


def test_an_element_that_becomes_the_fill_is_no_longer_stored():
    dense, encoding = block("f8", "noise", 0.1, 1)
    places = np.flatnonzero(dense != encoding.value[0])
    for place in places[:3]:
        assert encoding.put_item(int(place), encoding.value[0])
    assert encoding.exceptions.count == places.size - 3
    assert encoding.put(np.arange(400), np.repeat(encoding.value, 400))
    assert encoding.exceptions is None
    same(decoded(encoding), np.repeat(encoding.value, 400))
    assert encoding.put_item(3, encoding.value[0]) and not encoding.put_item(3, np.float64(5))
    assert encoding.put(np.array([], np.int64), np.array([]))


@given(st.sampled_from([0.0, 0.02, 0.5, 1.0]), st.integers(0, 300), st.booleans(), st.integers(0, 100))
def test_look_ups(share, size, by_table, seed):
    """By search and by table, in several blocks, some of them without an element stored or full."""
    rng = np.random.default_rng(seed)
    dense = np.zeros(300)
    places = np.flatnonzero(rng.random(300) < share * rng.choice([0, 1, 2], 300))
    places = places if places.size else np.array([150])
    dense[places] = rng.random(places.size)
    (entry,) = sparse_storage(np.zeros(1), 300, places, dense[places]).entries
    wanted = rng.integers(0, 300, size)
    out = np.empty(size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_MARKED", 1 << 26 if by_table else 0)
        patch.setattr(module, "_SEARCH", 1 << 20)
        entry.encoding.take(wanted, out)
        ranks = entry.encoding.ranks(wanted)
    same(out, dense[wanted])
    expected = np.full(300, -1)
    expected[places] = np.arange(places.size)
    same(ranks, expected[wanted])
    same(Coo(np.zeros(1), 9).ranks(np.arange(3)), np.full(3, -1))

"""Positions in a block, offsets into stored values and flat addresses, around the limits of their widths."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compactarray as ca
from compactarray import CompactArray
from compactarray.config import MAX_BLOCK_LENGTH
from compactarray.encodings import encode
from compactarray.testing import assert_same, check
from tests.helpers import same
from tests.storage.test_storage import build, read

SMALL = [127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536]
LARGE = [2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**33, 2**40]
#: Codes, positions and addresses near each limit.
EDGES = [limit + k for limit in SMALL for k in (-2, -1, 0, 1)]

lengths = st.sampled_from(EDGES)
addresses = st.sampled_from(
    [max(0, limit + k) for limit in [*SMALL, *LARGE] for k in (-65_537, -65_536, -9, -8, -1, 0, 1, 7, 8, 65_536)]
)


@pytest.mark.parametrize("length", SMALL)
def test_positions_in_a_block(length, shipped):
    """The last position of a block is stored, found, and not mixed up with the first."""
    for extra in (-1, 0, 1):
        values = np.zeros(length + extra)
        places = np.unique(np.clip([0, 1, length - 2, length - 1, length], 0, values.size - 1))
        values[places] = places + 0.1
        storage = build(values)
        same(read(storage), values)
        for place in places.tolist():
            assert_same(storage.item(place), values[place])
        out = np.empty(places.size)
        storage.gather(places[::-1].copy(), out)
        same(out, values[places[::-1]])


@pytest.mark.parametrize("count", SMALL)
def test_numbers_of_stored_values(count, shipped):
    """As many exceptions in one block, and in a span, as the limits of 8 and 16 bits."""
    values = np.zeros(4 * 65_536)
    for extra in (-1, 0, 1):
        values[...] = 0
        places = np.random.default_rng(count).permutation(values.size)[: count + extra]
        values[places] = np.random.default_rng(1).random(places.size) + 0.1
        storage = build(values)
        same(read(storage), values)
        same(read(storage, 65_530, 20), values[65_530:65_550])
        for place in places[:5].tolist():
            assert_same(storage.item(place), values[place])


@pytest.mark.parametrize("span", EDGES)
@pytest.mark.parametrize("low", [0, 1, -128, -32_768, 2**31 - 5, 2**32 - 5, 2**63 - 70_000, -(2**63)])
def test_ranges_of_codes(span, low):
    for dtype in ("i8", "f8", "M8[ns]") if -(2**53) < low < 2**53 else ("i8", "M8[ns]"):
        values = np.array([low, low + span, low + span // 2] * 20, "i8")
        values = values.astype(dtype) if dtype == "f8" else values.view(dtype)
        encoding = encode(values, 65_536)
        out = np.empty_like(values)
        encoding.decode(0, values.size, out)
        same(out, values)
        for place in range(3):
            assert_same(encoding.item(place), values[place])


@pytest.mark.parametrize("distinct", [*SMALL[:4], *[limit + 1 for limit in SMALL]])
def test_sizes_of_dictionaries(distinct, shipped):
    """257 values need wider codes than 256, and more than 65,536 no dictionary at all."""
    pool = np.random.default_rng(distinct).standard_normal(distinct)
    values = np.concatenate([pool, pool[np.random.default_rng(1).integers(0, distinct, 3 * 65_536)]])
    storage = build(values)
    same(read(storage), values)
    assert storage.nbytes <= values.nbytes * 1.001


def test_blocks_are_at_most_as_long_as_positions_reach():
    assert MAX_BLOCK_LENGTH == 65_536
    with pytest.raises(ValueError):
        ca.config(block_length=65_544)


@given(lengths, st.lists(st.tuples(st.sampled_from(EDGES), st.sampled_from([0.1, 7.0, -0.0, 300.0, 1e300])), max_size=8))
def test_sparse_arrays_of_any_length(length, writes):
    """Built sparse, and made sparse by writes: the same."""
    values = np.zeros(length)
    written = build(values, 65_536)
    for place, value in writes:
        values[place % length] = value
        written.put_item(place % length, np.float64(value))
    same(read(written), values)
    same(read(build(values, 65_536)), values)
    same(read(build(values[-500:], 8)), values[-500:])


# -- flat addresses -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(addresses, st.integers(-128, 127)), min_size=1, max_size=8), st.sampled_from(["i1", "f8", "c8", "?"]))
def test_flat_addresses(writes, dtype):
    a, expected = ca.zeros(2**40 + 70_000, dtype), {}
    for address, value in writes:
        a[address] = value
        expected[address] = np.dtype(dtype).type(value)
    for address, value in expected.items():
        assert_same(a[address], value)
        assert_same(a[address - a.size], value)
        window = np.zeros(9, dtype)
        for near in range(9):
            window[near] = expected.get(address + near, 0)
        assert_same(a[address : address + 9], window)
        assert_same(a[address + 8 : address - 1 if address else None : -1], window[::-1])
    keys = np.array(list(expected))
    assert_same(a[keys], np.array(list(expected.values()), dtype))
    assert a.nbytes < 3_000_000


@pytest.mark.parametrize("limit", LARGE)
def test_reads_and_writes_across_a_large_address(limit):
    a = ca.zeros(limit + 100_000, "i2")
    start = limit - 20
    a[start : start + 40] = np.arange(40)
    assert_same(a[start : start + 40], np.arange(40, dtype="i2"))
    assert_same(a[start : start + 40 : 7], np.arange(0, 40, 7, dtype="i2"))
    a[start : start + 90_000 : 9_000] = np.arange(10)
    assert_same(a[start : start + 90_000 : 9_000], np.arange(10, dtype="i2"))
    places = np.array([limit + 1, limit - 1, limit, 0])
    a[places] = [1, 2, 3, 4]
    assert_same(a[places[::-1]], np.array([4, 3, 2, 1], "i2"))
    a[limit - 70_000 : limit + 70_000] = 5
    assert_same(a[limit - 70_001 : limit - 69_999], np.array([0, 5], "i2"))


@pytest.mark.parametrize("shape", [(2**16 + 1, 2**16 + 1), (2**31, 3), (3, 2**31), (2**20, 2**11, 3), (2**62,)], ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
def test_giant_shapes(shape, order):
    """Geometry alone: corners, flips and transposes of arrays that no memory could hold."""
    a = ca.full(shape, 7, "u1", order=order)
    assert a.size == int(np.prod(shape, dtype=object))
    assert a.nbytes < 100
    corners = list(itertools.product(*((0, length - 1) for length in shape)))
    for number, corner in enumerate(corners):
        a[corner] = number + 100
    flipped = a[tuple(slice(None, None, -1) for _ in shape)].T
    for number, corner in enumerate(corners):
        assert_same(a[corner], np.uint8(number + 100))
        mirrored = tuple(length - 1 - place for place, length in zip(corner, shape, strict=True))
        assert_same(flipped[mirrored[::-1]], np.uint8(number + 100))
    few = tuple(slice(None, None, length - 1) for length in shape)
    assert_same(a[few].ravel(), np.arange(100, 100 + len(corners), dtype="u1"))
    assert_same(a.reshape(-1, order=order)[[0, -1]], np.array([100, 99 + len(corners)], "u1"))


@pytest.mark.parametrize("index", [2**31, -(2**31) - 1, 2**32, 2**63, -(2**63) - 1, 2**70], ids=str)
def test_indices_past_the_end_are_errors(index):
    check(lambda a: a[index], np.arange(10))
    check(lambda a: a[[index]], np.arange(10))
    check(lambda a: a.__setitem__(index, 1), np.arange(10))


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "u4", "i8", "u8"])
def test_index_arrays_of_every_width(dtype):
    """Positions must not be computed in the dtype of the index."""
    a = CompactArray(np.arange(70_000))
    info = np.iinfo(dtype)
    places = np.array([0, min(info.max, 69_999), 100, min(info.max, 65_536)], dtype)
    assert_same(a[places], np.arange(70_000)[places])
    assert_same(a[CompactArray(places)], np.arange(70_000)[places])
    wide = ca.zeros((300, 2**40), "u1")
    wide[np.array([200, 255], "u1"), np.array([250, 255], "u1")] = [1, 2]
    assert_same(wide[[200, 255], [250, 255]], np.array([1, 2], "u1"))

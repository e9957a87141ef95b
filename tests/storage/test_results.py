"""Results: values that come in pieces of any length, in forms that change on the way, in one buffer or several."""

import numpy as np
import pytest

import compactarray
from compactarray.storage import results
from compactarray.storage.results import Results
from compactarray.testing import assert_same
from tests.strategies import KINDS, make

BLOCK = 1_024


@pytest.mark.parametrize("reserved", [1 << 28, 1 << 18])
@pytest.mark.parametrize("dtype", ["f8", "i8", "?", "c16", "M8[s]", ">f8", [("a", "i4"), ("b", "f8")]])
def test_values_come_out_as_they_came_in(dtype, reserved, monkeypatch):
    monkeypatch.setattr(results, "_RESERVED", reserved)
    rng = np.random.default_rng(0)
    with compactarray.config(block_length=BLOCK, tile_length=BLOCK):
        for seed in range(6):
            simple = dtype if isinstance(dtype, str) else "i4"
            kinds = rng.choice([*KINDS, "noise", "noise", "noise"], 4)
            values = np.concatenate([make(kind, simple, int(rng.integers(1, 30)) * BLOCK // 2, seed) for kind in kinds])
            if not isinstance(dtype, str):
                values = np.array(list(zip(values, values / 2, strict=True)), dtype)
            held, at = Results(values.dtype, values.size), 0
            while at < values.size:
                count = min(int(rng.integers(1, 5 * BLOCK)), values.size - at)
                held.room(count)[...] = values[at : at + count]
                held.advance(count)
                at += count
            storage = held.finish()
            found = np.empty(values.size, values.dtype)
            storage.read(0, values.size, 1, found)
            assert_same(found, values, dense=True)


def test_raw_values_stay_where_they_were_computed():
    values = np.random.default_rng(0).standard_normal(20 * BLOCK)
    with compactarray.config(block_length=BLOCK, tile_length=BLOCK):
        held = Results(values.dtype, values.size)
        places = []
        for start in range(0, values.size, BLOCK):
            room = held.room(BLOCK)
            places.append(room.__array_interface__["data"][0])
            room[...] = values[start : start + BLOCK]
            held.advance(BLOCK)
        (buffer,) = held.finish().buffers(0, values.size)
    # The first blocks were moved, once it was known that they would stay.
    assert buffer.size == values.size and buffer.__array_interface__["data"][0] + 10 * 8 * BLOCK == places[10]


def test_few_records_wait_where_they_are_large():
    wide = np.dtype([(f"f{k}", "f8") for k in range(64)])
    with compactarray.config(block_length=BLOCK, tile_length=BLOCK):
        held = Results(wide, 20 * BLOCK)
        assert held.room(1).base.size <= 2 * BLOCK


def test_what_follows_a_small_form_is_copied_once():
    """The buffer is used again, and does not grow with the result."""
    rng = np.random.default_rng(0)
    values = np.concatenate([np.arange(8 * BLOCK) % 100 / 10, rng.standard_normal(40 * BLOCK)])
    with compactarray.config(block_length=BLOCK, tile_length=BLOCK):
        held = Results(values.dtype, values.size)
        for start in range(0, values.size, 8 * BLOCK):
            room = held.room(8 * BLOCK)
            room[...] = values[start : start + 8 * BLOCK]
            held.advance(8 * BLOCK)
        assert not held.in_place and room.base.size <= 16 * BLOCK
        storage = held.finish()
    assert [kind.name for kind in storage.held(0, storage.size)][-1] == "raw"
    found = np.empty(values.size)
    storage.read(0, values.size, 1, found)
    assert_same(found, values, dense=True)


@pytest.mark.usefixtures("shipped")
def test_an_array_larger_than_the_memory():
    """What is compact may be as long as one likes: no buffer is as large as the dense result."""
    many = compactarray.full(1 << 44, 7)
    assert (many * 2.5).nbytes < 100
    part = compactarray.CompactArray(np.arange(100_000) % 200)
    assert_same(np.asarray(np.minimum(part, 50) + part)[:5], np.arange(0, 10, 2), dense=True)

"""Where needles belong in a sorted array: in codes of every encoding, for needles of every dtype that compares with them."""

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.execution import haystack
from compactarray.testing import assert_same
from tests.strategies import ENCODED, KINDS, extremes, make

OTHERS = ["f8", "i8", "u8", "f4", "i2"]


def needles_for(kind, dtype, hay, other):
    with np.errstate(all="ignore"):
        return np.concatenate([hay[::25].astype(other), extremes(other), make(kind, other, 20, 1)])[:60]


@pytest.mark.parametrize("dtype", ENCODED)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [8, 65_536])
def test_a_few_needles(kind, dtype, length):
    hay = np.sort(make(kind, dtype, 200))
    with compactarray.config(block_length=length, tile_length=length, plain_below=0):
        a = CompactArray(hay)
        for other in [dtype] if hay.dtype.kind in "mMSU" else [dtype, *OTHERS]:
            needles = needles_for(kind, dtype, hay, other)
            for side in ("left", "right"):
                for wanted in (needles, needles[:1], needles[3]):
                    with np.errstate(all="ignore"):
                        assert_same(a.searchsorted(wanted, side), hay.searchsorted(wanted, side))
                        assert_same(a[3:-2].searchsorted(wanted, side), hay[3:-2].searchsorted(wanted, side))


@pytest.mark.parametrize("dtype", ["i4", "i8", "f8", "u2"])
@pytest.mark.parametrize("kind", ["narrow", "strided", "ramp", "float32-born", "noise", "few values"])
def test_needles_that_are_held_as_codes(kind, dtype):
    """Where they are as wide as 32 bits, the haystack is translated into codes."""
    with compactarray.config(block_length=65_536, tile_length=64, plain_below=0):
        values = np.concatenate([make(kind, dtype, 300), extremes(dtype)[:4]])
        a = CompactArray(values)
        for other in (dtype, "f8", "i8"):
            hay = np.sort(needles_for(kind, dtype, values, other)[:40])
            for side in ("left", "right"):
                with np.errstate(all="ignore"):
                    assert_same(np.searchsorted(hay, a, side), np.searchsorted(hay, values, side))


def test_wide_codes():
    rng = np.random.default_rng(5)
    wide = [
        10**12 + 3 * rng.permutation(100_000),
        rng.permutation(100_000).astype("f8") * 50,
        rng.standard_normal(1_000).astype("f4").astype("f8"),
    ]
    with compactarray.config(plain_below=0):
        for values in wide:
            hay = np.sort(np.concatenate([values[:50], values[:20] + 0.5, [-np.inf, np.inf, np.nan]]))
            for side in ("left", "right"):
                for known in (hay, np.sort(values[:70])):
                    assert_same(np.searchsorted(known, CompactArray(values), side), np.searchsorted(known, values, side))


def test_a_long_haystack_is_decoded_by_tiles(monkeypatch):
    monkeypatch.setattr(haystack, "SMALL", 64)
    rng = np.random.default_rng(5)
    hay = np.sort(np.concatenate([rng.random(100), np.zeros(50), np.full(20, np.nan), rng.integers(0, 9, 100)]))
    with compactarray.config(block_length=16, tile_length=16, plain_below=0):
        needles = np.concatenate([rng.random(200), hay[::7]])
        for side in ("left", "right"):
            assert_same(np.searchsorted(CompactArray(hay), needles, side), np.searchsorted(hay, needles, side))
            assert_same(np.searchsorted(CompactArray(hay), CompactArray(needles), side), np.searchsorted(hay, needles, side))
            assert_same(np.searchsorted(CompactArray(hay)[::-1][::-1], needles[:3], side), np.searchsorted(hay, needles[:3], side))

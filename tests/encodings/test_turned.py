"""Words of floats with the sign last: every bit comes back, and near floats have near codes."""

import numpy as np
import pytest

import compactarray
from compactarray.config import settings
from compactarray.encodings.packed import Packed
from compactarray.encodings.raw import Raw
from compactarray.encodings.turned import Turned, opened
from tests.helpers import same
from tests.strategies import KINDS, extremes, make

SHIPPED = settings().plain_below > 0
N = 70_000 if SHIPPED else 700
RNG = np.random.default_rng(4)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("kind", [*KINDS, "extremes"])
def test_every_bit_comes_back(dtype, kind):
    values = extremes(dtype) if kind == "extremes" else make(kind, dtype, 300)
    turned = Turned.of(Raw(values))
    same(turned.decoded(0, values.size), values)
    same(opened(turned).codes, values)
    assert type(opened(turned)) is Raw
    places = RNG.integers(0, values.size, 40)
    out = np.empty(40, dtype)
    turned.take_codes(places, out)
    same(out, values[places])
    same(np.array([turned.item_of_code(place) for place in places], dtype), values[places])
    assert not turned.fits(values).any()


def test_what_has_no_sign_or_no_elements_is_left():
    assert Turned.of(Raw(np.arange(3))) is None
    assert Turned.of(Raw(np.empty(0))) is None


@pytest.mark.parametrize(
    ("values", "share"),
    [
        (RNG.standard_normal(N), 0.92),
        (RNG.standard_normal(N).astype("f4"), 0.88),
        (RNG.standard_normal(N).astype("f2").astype("f4"), 0.5),
        (1e6 + np.cumsum(RNG.standard_normal(N)), 0.65),
        (RNG.standard_normal(N).astype("f4").astype("f8"), 0.46),
    ],
    ids=["doubles", "floats", "halves as floats", "a walk", "floats as doubles"],
)
def test_floats_take_less_at_the_level_small(values, share):
    a = compactarray.CompactArray(values, level="small")
    assert a.nbytes <= share * values.nbytes or not SHIPPED
    same(np.array(a), values)
    same(np.array(a[N // 70 : -9 : 7]), values[N // 70 : -9 : 7])
    compactarray.testing.assert_same(a + 1, values + 1)
    a[5:9] = 7.0
    a[-1] = -0.0
    values = values.copy()
    values[5:9], values[-1] = 7.0, -0.0
    same(np.array(a), values)
    same(np.array(a.copy()[::-1]), values[::-1])


def test_packed_ones_unfold_to_values():
    values = RNG.standard_normal(1000)
    packed = Packed.of(Turned.of(Raw(values)), 65_536)
    assert type(packed.lane(0, 1000)) is Raw
    same(packed.lane(0, 1000).codes, values)
    assert type(packed.cut(3, 70)) is Raw
    same(packed.cut(3, 70).codes, values[3:70])


def test_few_different_bytes_are_told_apart_by_few_bits():
    values = (1 << RNG.integers(0, 8, 10_000)).astype("u1")
    a = compactarray.CompactArray(values, level="small")
    assert a.nbytes < 0.39 * values.size or not SHIPPED
    same(np.array(a), values)


def test_tables_that_shrink_only_when_packed():
    values = np.stack([np.sort(RNG.integers(0, 50_000, N)), RNG.integers(0, 50_000, N)], 1)
    a = compactarray.CompactArray(values, level="small")
    assert a.info.columns == 2 or not SHIPPED
    assert a.nbytes < 0.15 * values.nbytes or not SHIPPED
    same(np.array(a), values)

"""What is put together tile by tile, from elements in any layout: joined, flattened, rolled, accumulated."""

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.testing import assert_same, check

_RNG = np.random.default_rng(23)


def _quarters(*shape):
    values = _RNG.integers(-200, 200, shape) / 4
    values.reshape(-1)[::7] = np.nan
    values.reshape(-1)[3::11] = -0.0
    return values


ARRAYS = {
    "one axis": _quarters(90),
    "c": _quarters(8, 9),
    "f": np.asfortranarray(_quarters(8, 9)),
    "backwards": _quarters(8, 18)[::-1, ::2],
    "three axes": _quarters(3, 4, 7).transpose(1, 2, 0),
    "integers": np.asfortranarray(_RNG.integers(-50, 50, (8, 9))),
    "complex": (_RNG.integers(-9, 9, (8, 9)) + 2j).T,
    "swapped": _quarters(8, 9).astype(">f8").T,
}


def _filled(a):
    found = a.copy("K")
    return [np.nan_to_num(found, copy=False, nan=7), found]


CALLS = {
    "diff, twice": lambda a: np.diff(a, 2, 0),
    "diff, five times": lambda a: np.diff(a, 5),
    "diff, more on both sides": lambda a: np.diff(a, 1, 0, prepend=3.5, append=np.take(a, [0, 1], 0)),
    "ediff1d": np.ediff1d,
    "ediff1d, more at the end": lambda a: np.ediff1d(a, to_end=5),
    "trapezoid": lambda a: np.trapezoid(a, np.arange(a.shape[0]) ** 2 % 7, axis=0),
    "vdot": lambda a: np.vdot(a.T, a.reshape(-1)),
    "roll": lambda a: np.roll(a, 5),
    "roll, all axes": lambda a: np.roll(a, tuple(range(1, a.ndim + 1)), tuple(range(a.ndim))),
    "fftshift": np.fft.fftshift,
    "resize": lambda a: np.resize(a, (30, 5)),
    "resize, shorter": lambda a: np.resize(a, 7),
    "concatenate": lambda a: np.concatenate([a, a.T, a], axis=None),
    "append": lambda a: np.append(a, a.T),
    "take": lambda a: np.take(a, [[3, -1], [200, 5]], mode="wrap"),
    "take, nothing there": lambda a: np.take(a, [999]),
    "flatnonzero": np.flatnonzero,
    "extract": lambda a: np.extract(a.T, a.T),
    "insert": lambda a: np.insert(a, np.arange(90) % a.shape[0], np.take(a, np.arange(90) % a.shape[0], 0), 0),
    "nan_to_num": _filled,
    "nansum": lambda a: np.nansum(a, 0),
    "average": lambda a: np.average(a, 0, np.arange(a.shape[0]) + 1),
    "nancumsum": np.nancumsum,
    "nancumsum, last axis": lambda a: np.nancumsum(a, -1),
    "nancumprod, first axis": lambda a: np.nancumprod(a[:5], 0),
    "nancumsum, another dtype": lambda a: np.nancumsum(a, 0, "f4"),
    "nancumsum, no such axis": lambda a: np.nancumsum(a, 5),
    "unwrap": lambda a: np.unwrap(a, axis=0, period=9),
    "unwrap, one": lambda a: np.unwrap(a[:1], axis=0),
}
if hasattr(np, "cumulative_sum"):
    CALLS["cumulative_sum"] = lambda a: np.cumulative_sum(a, axis=0, include_initial=True)
    CALLS["cumulative_prod"] = lambda a: np.cumulative_prod(a[..., :4], axis=-1, include_initial=True)


#: Beyond half a million elements NumPy puts blocks together in another way, with other errors.
BLOCKS = {
    "in C order": lambda a: np.block([[a, a], [a, a]]),
    "in F order": lambda a: np.block([[a.T, a.T[:, :7]], [a.T, a.T[:, :7]]]),
    "in both": lambda a: np.block([[a, a.T.astype("f4")]]),
    "of three axes": lambda a: np.block([[[a], [a]], [[a[None]], [a[None]]]]),
    "of other lengths": lambda a: np.block([[a, a[:3]], [a, a]]),
    "of other widths": lambda a: np.block([[a, a], [a]]),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ARRAYS)
def test_as_numpy(name, call, miniature):
    with np.errstate(all="ignore"):
        check(CALLS[call], ARRAYS[name], any_nan=True, ulps=64)


@pytest.mark.parametrize("call", BLOCKS)
def test_large_blocks(call, shipped):
    check(BLOCKS[call], _RNG.integers(0, 9, (600, 600)))


@pytest.mark.parametrize("dtype", ["f4", "i4", "c16"])
@pytest.mark.parametrize("ours", [True, False], ids=["compact", "ndarray"])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.filterwarnings("ignore")
def test_nancumsum_to_a_target(axis, ours, dtype, miniature):
    values = np.nan_to_num(ARRAYS["f"])
    expected = np.zeros(values.size if axis is None else values.shape, dtype)
    target = CompactArray(expected) if ours else expected.copy()
    np.nancumsum(values, axis, out=expected)
    assert np.nancumsum(CompactArray(values), axis, out=target) is target
    assert_same(np.asarray(target), expected, dense=True)


def test_nancumsum_over_itself(miniature):
    values = ARRAYS["one axis"].copy()
    array = CompactArray(values)
    np.nancumsum(array[:-1], out=array[1:])
    np.nancumsum(values[:-1].copy(), out=values[1:])
    assert_same(np.asarray(array), values, dense=True)

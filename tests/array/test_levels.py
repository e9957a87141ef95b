"""The levels "fast" and "small": the same values, views that stay views, and writes into whatever there is."""

import pickle

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.config import settings
from compactarray.testing import assert_same
from tests.strategies import KINDS, STORED, make

SHIPPED = settings().plain_below > 0
RNG = np.random.default_rng(3)


def _with_outliers(values):
    """Return values of which a few are so large that codes of the others would be wasted on them."""
    values = values.copy()
    values[RNG.integers(0, values.size, values.size // 90)] = 10**9
    return values


#: Forms that hold others, in which a few values need more bits than most.
NESTED = {
    "half zeros": _with_outliers(np.where(RNG.random(3_000) < 0.5, 0, RNG.integers(1, 900, 3_000))),
    "in runs": _with_outliers(np.repeat(RNG.integers(0, 900, 300), 10)),
    "few": _with_outliers(np.where(RNG.random(3_000) < 0.9, 0, RNG.integers(1, 900, 3_000))),
    "small": _with_outliers(RNG.integers(0, 900, 3_000)),
    "sorted": np.sort(RNG.integers(0, 10**6, 3_000)),
    "sorted, with jumps": np.concatenate([np.arange(0, 9_000, 9), np.arange(10**8, 10**8 + 4_000, 2)]),
    "decimals": RNG.integers(0, 900, 3_000) / 10,
}
READS = {
    "a slice": lambda a: a[5:1_000],
    "a copy of one": lambda a: a[5:1_000].copy(),
    "backwards": lambda a: a[::-1].copy(),
    "picked": lambda a: a[::3][[0, 7, 7, -1]],
    "by a mask": lambda a: a[a > 5],
    "joined": lambda a: np.concatenate([a, a[7:]]),
    "rolled": lambda a: np.roll(a, 9),
    "cast": lambda a: a.astype("f8"),
    "added": lambda a: a + a,
    "sorted": np.sort,
    "counted": lambda a: np.unique(a, return_counts=True),
    "pickled": lambda a: pickle.loads(pickle.dumps(a)) if isinstance(a, CompactArray) else a,
}
WRITES = {
    "one": lambda a: a.__setitem__(7, 5_555),
    "some": lambda a: a.__setitem__(slice(10, 20), 77_777),
    "here and there": lambda a: a.__setitem__([3, 900, 3, 2_500], 4),
    "all": lambda a: a.fill(3),
}


@pytest.mark.parametrize("level", ["fast", "small"])
@pytest.mark.parametrize("name", NESTED)
def test_reads(name, level):
    values = NESTED[name]
    for read in READS.values():
        assert_same(read(CompactArray(values, level=level)), read(values))


@pytest.mark.parametrize("level", ["fast", "small"])
@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("write", WRITES)
def test_writes(name, level, write):
    """One after the other, the rest staying what it is."""
    expected, array = NESTED[name].copy(), CompactArray(NESTED[name], level=level)
    for _ in range(2):
        WRITES[write](expected)
        WRITES[write](array)
        assert_same(array, expected)
        array.compact(level)


@pytest.mark.parametrize("dtype", STORED, ids=str)
def test_every_kind(dtype):
    for kind in KINDS:
        values = make(kind, dtype, 300)
        fast, small = CompactArray(values), CompactArray(values, level="small")
        assert_same(fast, values)
        assert_same(small, values)
        assert_same(small[7:200:3].copy(), values[7:200:3].copy())
        # Blocks of a few elements are not worth packing, and are spans of their own.
        assert small.nbytes <= fast.nbytes + 64 or not SHIPPED


def test_views_stay_views():
    values = RNG.integers(0, 900, (40, 50))
    array = CompactArray(values)
    view = array[3:, ::2].T
    array.compact("small")
    view[5] = 7
    values[3:, ::2].T[5] = 7
    assert_same(array, values)
    view.compact()
    assert_same(array, values)


def test_what_is_pinned_is_let_go(shipped):
    array = CompactArray(np.random.default_rng(1).random(300_000))
    array[:200_000] = 0
    before = array.nbytes
    array.compact()
    assert array.nbytes < before
    assert array.nbytes < 110_000 * 8


def test_levels_everywhere(tmp_path):
    values = RNG.integers(0, 900, 3_000)
    np.save(tmp_path / "a.npy", values)
    for array in (
        CompactArray(CompactArray(values), level="small"),
        compactarray.from_chunks([values[:1_000], values[1_000:]], level="small"),
        compactarray.load(tmp_path / "a.npy", level="small"),
    ):
        assert_same(array, values)
        assert [share.name for share in array.info.shares] == ["packed" if SHIPPED else "narrow"]


def test_a_copy_is_made_for_another_level():
    array = CompactArray(RNG.integers(0, 900, 3_000))
    smaller = CompactArray(array, level="small")
    smaller[0] = -1
    assert array[0] != -1


def test_no_such_level(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    for call in (
        lambda: CompactArray([1], level="tiny"),
        lambda: CompactArray([1]).compact("tiny"),
        lambda: compactarray.from_chunks([[1]], level="tiny"),
        lambda: compactarray.load(tmp_path / "a.npy", level="tiny"),
    ):
        with pytest.raises(ValueError, match="level must be 'fast' or 'small', not 'tiny'"):
            call()


def test_sequences_of_floats_up_to_their_limit():
    """A difference of two integers that floats hold exactly need not be one of them."""
    for values in (np.arange(-(2**24), 2**24, 2**11 - 1).astype("f4"), np.arange(-(2**53) + 1, 2**53, 2**41 - 1).astype("f8")):
        array = CompactArray(values)
        assert_same(array, values)
        assert_same(array[5:].copy(), values[5:])
        assert_same(np.sort(array), np.sort(values))

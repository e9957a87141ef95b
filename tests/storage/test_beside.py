"""Few exceptions that move beside the codes: everywhere they come out, NumPy's elements do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.storage import beside
from compactarray.testing import assert_same

Array = np.ndarray[Any, Any]
LENGTH = 6_000


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let exceptions be rare enough in small arrays, and look through them in short rows."""
    monkeypatch.setattr(beside, "_RARE", 2)
    monkeypatch.setattr(beside, "_ROW", 16)


def samples() -> dict[str, Array]:
    """Return arrays whose codes leave no number free, and a few elements that these do not express."""
    rng = np.random.default_rng(3)
    small = rng.integers(0, 256, LENGTH)
    one, some, ends = small.copy(), small.copy(), small.copy()
    one[LENGTH // 2] = 10**15
    some[rng.choice(LENGTH, 20, replace=False)] = rng.integers(10**12, 10**15, 20)
    ends[[0, -1]] = -(10**17)
    floats = small.astype(float)
    floats[rng.choice(LENGTH, 9, replace=False)] = np.array([np.nan, -0.0, 0.5, np.inf, -np.inf, 1e300, np.nan, -0.0, 2.25])
    missing = small.astype(float)
    missing[rng.choice(LENGTH, 9, replace=False)] = np.nan
    moments = small.astype("M8[ms]")
    moments[[7, 4000]] = np.datetime64("NaT")
    return {"one": one, "some": some, "ends": ends, "floats": floats, "missing": missing, "moments": moments}


INDEX = np.random.default_rng(4).integers(0, LENGTH, 5_000)
MASK = np.random.default_rng(5).random(LENGTH) < 0.5
MOVES: dict[str, Callable[[Any], Any]] = {
    "flip": lambda a: np.flip(a).copy(),
    "step": lambda a: a[1::3].copy(),
    "rows backwards": lambda a: a.reshape(60, 100)[:, ::-1].copy(),
    "transposed": lambda a: a.reshape(60, 100).T.copy(),
    "take": lambda a: np.take(a, INDEX),
    "take rows": lambda a: np.take(a.reshape(60, 100), np.arange(59, -1, -1) // 2, 0),
    "take one element often": lambda a: np.take(a, np.full(5_000, LENGTH // 2)),
    "compress": lambda a: a[MASK],
    "pad": lambda a: np.pad(a.reshape(60, 100), 1),
    "pad with an exception": lambda a: np.pad(a.reshape(60, 100), 1, constant_values=a[LENGTH // 2]),
    "repeat": lambda a: np.repeat(a, 2),
    "repeat unevenly": lambda a: np.repeat(a, np.arange(LENGTH) % 3),
    "hstack": lambda a: np.hstack([a.reshape(60, 100), a.reshape(60, 100)[:, ::-1]]),
    "where": lambda a: np.where(MASK, a, a[::-1]),
    "where scalar": lambda a: np.where(MASK, a, a[0]),
    "choose": lambda a: np.choose(MASK.astype(int), [a, a[::-1]]),
    "roll": lambda a: np.roll(a.reshape(60, 100), 3, 1),
    "tile": lambda a: np.tile(a.reshape(60, 100), (2, 2)),
}


def _strided(a: Any) -> None:
    a[1::2] = a[::-1].copy()[::2]


def _places(a: Any) -> None:
    a[INDEX] = a[INDEX[::-1]]


def _scalar(a: Any) -> None:
    a[INDEX] = a[LENGTH // 2]


def _masked(a: Any) -> None:
    a[MASK] = a[3]


def _rows(a: Any) -> None:
    a.reshape(60, 100)[3:40, 10:90] = a.reshape(60, 100)[20:57, 5:85]


WRITES = [_strided, _places, _scalar, _masked, _rows]


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("values", samples().values(), ids=samples())
def test_moves(values: Array, move: Callable[[Any], Any]) -> None:
    found = move(CompactArray(values))
    assert_same(found, move(values))
    # What comes out is whole: it can be moved again.
    assert_same(found[::-1].copy(), move(values)[::-1].copy())


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("values", samples().values(), ids=samples())
def test_writes(values: Array, write: Callable[[Any], None]) -> None:
    wanted, found = values.copy(), CompactArray(values)
    write(wanted)
    write(found)
    assert_same(found, wanted)
    assert_same(found[1:], wanted[1:])


def test_the_result_keeps_narrow_codes() -> None:
    values = samples()["one"]
    found = np.flip(CompactArray(values)).copy()
    assert found.nbytes <= CompactArray(values).nbytes + 64

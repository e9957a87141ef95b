"""Runs stay runs where elements are copied in another order, and every element is where NumPy has it."""

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.config import settings
from compactarray.testing import assert_same

SHIPPED = settings().plain_below > 0
ROWS, COLUMNS, LONG = (600, 500, 90) if SHIPPED else (12, 20, 40)
SIZE = ROWS * COLUMNS
RNG = np.random.default_rng(5)

DATA = {
    "labels": np.repeat(RNG.permutation(SIZE // LONG + 1) * 1_000_003, LONG)[:SIZE],
    "runs of all lengths": np.repeat(RNG.integers(0, 9, SIZE), RNG.integers(1, 200 if SHIPPED else 40, SIZE))[:SIZE],
    "floats": np.repeat(RNG.choice([np.nan, -0.0, 0.0, 0.1, 7.5], SIZE // LONG + 1), LONG)[:SIZE],
    "bytes": np.repeat(RNG.integers(0, 255, SIZE // LONG + 1), LONG)[:SIZE].astype(np.uint8),
    "moments": np.repeat(RNG.integers(0, 99, SIZE // LONG + 1), LONG)[:SIZE].astype("M8[D]"),
    "few runs": np.repeat([5, 3, 8], SIZE // 3)[:SIZE],
    "runs and constants": np.concatenate([np.zeros(SIZE // 2, np.int64), np.repeat(np.arange(SIZE), LONG)])[:SIZE],
    "runs with exceptions": np.repeat(RNG.permutation(SIZE // LONG + 1) * 1_000_003, LONG)[:SIZE],
}
DATA["runs with exceptions"][SIZE // 3] = -5
PLACES = RNG.integers(-ROWS, ROWS, 300 if SHIPPED else 20)
MOVES = {
    "a step": lambda a, s: a[::3].copy(),
    "a long step": lambda a, s: a[7 :: LONG + 3].copy(),
    "backwards": lambda a, s: np.flip(a).copy(),
    "backwards by steps": lambda a, s: a[SIZE - 5 : 4 : -2].copy(),
    "rows backwards": lambda a, s: s[:, ::-1].copy(),
    "all backwards": lambda a, s: s[::-1, ::-2].copy("C"),
    "some of each row": lambda a, s: s[:, 3:-2].copy(),
    "transposed": lambda a, s: s.T.copy("C"),
    "repeated": lambda a, s: (np.repeat(a, 2), np.repeat(s, 3, axis=0), np.repeat(s, 2, axis=1)),
    "tiled": lambda a, s: (np.tile(a, 2), np.tile(s, (2, 1)), np.tile(s, (2, 2))),
    "rolled": lambda a, s: (np.roll(a, 7), np.roll(s, (1, 2), (0, 1))),
    "joined": lambda a, s: (np.concatenate([a[5:], a, a[:9]]), np.vstack([s, s[3:]]), np.hstack([s, s])),
    "joined with others": lambda a, s: np.concatenate([a[5:99], np.zeros_like(a[:700]), a[::-1]]),
    "rows": lambda a, s: (np.take(s, PLACES, 0), s[PLACES], np.take(s, PLACES, 0, mode="wrap"), s[5:1:-1].copy()),
    "a part": lambda a, s: (a[3:-8].copy(), a[LONG * 2 + 1 : LONG * 3 - 1].copy(), a[4:5].copy(), a[9:9].copy()),
    "broadcast": lambda a, s: np.broadcast_to(s[:, None], (ROWS, 3, COLUMNS)).copy("C"),
    "sorted": lambda a, s: np.sort(a),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("level", ["fast", "small"])
def test_moves(name, move, level):
    values = DATA[name]
    compact = CompactArray(values, level=level)
    expected = MOVES[move](values, values.reshape(ROWS, COLUMNS))
    found = MOVES[move](compact, compact.reshape(ROWS, COLUMNS))
    assert_same(found, expected, any_zero=move == "sorted", any_nan=move == "sorted")
    assert_same(compact, values)
    for part in found if isinstance(found, tuple) else (found,):
        # What was moved belongs to nobody else.
        if part.size:
            part[...] = part.ravel()[0]
    assert_same(compact, values)


def test_runs_stay_runs():
    compact = CompactArray(DATA["labels"])
    square = compact.reshape(ROWS, COLUMNS)
    if not SHIPPED:
        return
    for found in (
        np.roll(compact, 7),
        np.repeat(compact, 2),
        np.flip(compact).copy(),
        np.tile(compact, 2),
        np.take(square, PLACES, 0),
    ):
        assert {share.name for share in found.info.shares} == {"runs"}

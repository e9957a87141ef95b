"""pad of arrays that are too large to be held twice: in one pass."""

import numpy as np
import pytest

import compactarray
from compactarray.functions import padding
from compactarray.testing import check

CALLS = [
    lambda a: np.pad(a, 2),
    lambda a: np.pad(a, ((3, 0), (1, 2), (0, 0)), constant_values=((1, 2), (3, 4), (5, 6))),
    lambda a: np.pad(a.T, 1, constant_values=(7, 8)),
    lambda a: np.pad(a.transpose(1, 0, 2), (0, 3)),
    lambda a: np.pad(a, 3, "edge"),
    lambda a: np.pad(a, (5, 40), "reflect"),
    lambda a: np.pad(a.T, ((1, 2), (0, 0), (4, 5)), "wrap"),
    lambda a: np.pad(a[:, :, 0], 4, "symmetric"),
    lambda a: np.pad(a, 0),
    lambda a: np.pad(a, 0, "wrap"),
]


@pytest.mark.parametrize("dtype", ["i8", "f4", "c16", "M8[s]"])
@pytest.mark.parametrize("most", [0, 1 << 24])
def test_both_ways(dtype, most, monkeypatch):
    monkeypatch.setattr(padding, "_LARGE", most)
    values = np.random.default_rng(0).integers(0, 9, (12, 30, 7)).astype(dtype)
    for function in CALLS if dtype != "M8[s]" else CALLS[4:8]:
        with compactarray.config(block_length=64, tile_length=32, plain_below=0):
            check(function, values)

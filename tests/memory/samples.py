"""Large arrays for the calls of `tests.memory.large`: each by a name, in two sizes."""

import tempfile
from collections.abc import Callable
from typing import IO, Any

import numpy as np

import compactarray
from compactarray import CompactArray

#: The side of the square samples: they have 4 * 2**20 elements, of which one dense copy is larger than what an operation may hold.
SIDE = 2_048
#: That of the samples for `tests.memory.large.LARGER`: 26 million elements.
LARGER_SIDE = 5_120
#: The same of the samples that calls are tried on first, so that what is loaded or cached once is not counted.
SMALL_SIDE = 256


def _integers(side: int, *shape: int, below: int = 200, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([side, seed]).integers(0, below, shape)


def _noise(side: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([side, seed]).standard_normal(shape)


def _few_of_noise(side: int, every: int, rest: float) -> np.ndarray:
    """Return noise in about one of `every` places, and `rest` in the others."""
    return np.where(_integers(side, side * side, below=every, seed=1) == 0, _noise(side, side * side, seed=1), rest)


def _with_nan(side: int) -> np.ndarray:
    return np.where(_integers(side, side * side, below=20, seed=2) == 0, np.nan, _noise(side, side * side, seed=2))


def _complex(side: int) -> np.ndarray:
    """Return complex noise, half as many elements: one dense copy takes as much as one of the other samples."""
    parts = _noise(side, 2, side * side // 2)
    return parts[0] + 1j * parts[1]


def _table(side: int) -> np.ndarray:
    """Return records of counts and noise, half as many."""
    found = np.zeros(side * side // 2, "i8,f8")
    found["f0"], found["f1"] = _integers(side, side * side // 2), _noise(side, side * side // 2)
    return found


def _saved(values: np.ndarray) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process lives
    np.save(file, values)
    return file


#: Name -> what makes the sample of a side.
_MADE: dict[str, Callable[[int], Any]] = {
    "counts": lambda n: CompactArray(_integers(n, n * n)),
    "noise": lambda n: CompactArray(_noise(n, n * n)),
    "mask": lambda n: CompactArray(_integers(n, n * n, below=10) < 3),
    "sparse": lambda n: CompactArray(_few_of_noise(n, 100, 0.0)),
    "nans": lambda n: CompactArray(_with_nan(n)),
    "other": lambda n: CompactArray(_noise(n, n * n, seed=3)),
    "pairs": lambda n: CompactArray(_complex(n)),
    "ordered": lambda n: CompactArray(np.cumsum(_integers(n, n * n, below=9))),
    "digits": lambda n: CompactArray(_integers(n, n * n, below=4)),
    "table": lambda n: CompactArray(_table(n)),
    # To be written to: one constant until then.
    "target": lambda n: compactarray.zeros(n * n),
    "whole_target": lambda n: compactarray.zeros(n * n, int),
    "bool_target": lambda n: compactarray.zeros(n * n, bool),
    "double_target": lambda n: compactarray.zeros((2 * n, n)),
    # Indices: all places in any order, one in a hundred, places along an axis.
    "places": lambda n: CompactArray(np.random.default_rng(n).permutation(n * n)),
    "few_places": lambda n: CompactArray(_integers(n, n * n // 100, below=n * n)),
    "along": lambda n: CompactArray(_integers(n, n, n, below=n)),
    "dense_places": lambda n: np.random.default_rng(n).permutation(n * n).astype("i4"),
    "dense_few": lambda n: np.sort(_integers(n, n * n // 100, below=n * n)),
    "lines": lambda n: np.random.default_rng(n).permutation(n),
    # Smaller ones, and what is no CompactArray.
    "row": lambda n: CompactArray(_noise(n, n)),
    "line_mask": lambda n: CompactArray(_integers(n, n, below=2) > 0),
    "long": lambda n: CompactArray(_noise(n, n * n // 8)),
    "short": lambda n: CompactArray(_noise(n, 8)),
    "thin": lambda n: CompactArray(_noise(n, n, 16)),
    "tall": lambda n: CompactArray(_noise(n, n * n // 16, 16)),
    "needles": lambda n: CompactArray(_integers(n, 50)),
    "dense": lambda n: _noise(n, n * n, seed=4),
    "dense_digits": lambda n: _integers(n, n * n, below=4).astype("i1"),
    "file": lambda n: tempfile.TemporaryFile(),  # noqa: SIM115
    "saved": lambda n: _saved(_noise(n, n * n)),
}  # fmt: skip

#: Name -> the sample whose elements it shows, and in which shape (of a side).
_SHOWN: dict[str, tuple[str, Callable[[int], tuple[int, ...]]]] = {
    **{f"{name}2": (name, lambda n: (n, n)) for name in ("counts", "noise", "mask", "sparse", "nans", "other", "dense")},
    **{f"{name}2": (name, lambda n: (n, n)) for name in ("target", "whole_target", "bool_target")},
    "cube": ("noise", lambda n: (4, n // 2, n // 2)),
}

NAMES = frozenset(_MADE) | frozenset(_SHOWN)


class Samples:
    """The samples of a side, made when they are first asked for."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            if name in _SHOWN:
                source, shape = _SHOWN[name]
                self._made[name] = self[source].reshape(shape(self._side))
            else:
                self._made[name] = _MADE[name](self._side)
        return self._made[name]

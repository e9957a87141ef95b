"""Whole arrays: making, decoding, copying, and what they take."""

from typing import Any

import numpy as np

import compactarray
from benchmarks.datasets import DATASETS, KINDS, made
from benchmarks.timing import compile_first

N = 4_000_000


class Construction:
    """From dense values; NumPy's copy is the measure."""

    params = (KINDS, list(DATASETS))
    param_names = ("kind", "data")

    def setup(self, kind: str, data: str) -> None:
        compile_first()
        self.values = DATASETS[data](N)
        self.make: Any = np.array if kind == "numpy" else compactarray.CompactArray
        self.make(self.values)

    def time_construct(self, kind: str, data: str) -> None:
        self.make(self.values)

    def peakmem_construct(self, kind: str, data: str) -> None:
        self.make(self.values)


class Whole:
    """What is done with an array as a whole."""

    params = (KINDS, list(DATASETS))
    param_names = ("kind", "data")

    def setup(self, kind: str, data: str) -> None:
        compile_first()
        self.array = made(kind, data, N)
        np.array(self.array)

    def time_decode(self, kind: str, data: str) -> None:
        np.array(self.array)

    def time_copy(self, kind: str, data: str) -> None:
        self.array.copy()

    def time_first_write_after_copy(self, kind: str, data: str) -> None:
        copied = self.array.copy()
        copied[N // 2] = copied[0]

    def track_ratio(self, kind: str, data: str) -> float:
        return float(self.array.nbytes / (self.array.size * self.array.itemsize))

    track_ratio.unit = "bytes held / dense bytes"  # type: ignore[attr-defined]

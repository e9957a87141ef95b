"""Parts of a large array, read and written, up to a hundred thousand scattered elements."""

import math

import numpy as np

from benchmarks.datasets import DATASETS, KINDS, made
from benchmarks.timing import compile_first

N = 4_000_000
SCATTERED = 100_000


class Large:
    """Parts of a large array."""

    params = (KINDS, list(DATASETS))
    param_names = ("kind", "data")

    def setup(self, kind: str, data: str) -> None:
        compile_first()
        self.array = made(kind, data, N)
        side = math.isqrt(N)
        self.square = self.array[: side * side].reshape(side, side)
        rng = np.random.default_rng(1)
        self.places = rng.integers(0, N, SCATTERED)
        self.place_list = self.places.tolist()
        self.values = np.array(self.array[self.places[::-1]])
        self.value_list = list(self.values)

    def time_slice_of_1000(self, kind: str, data: str) -> None:
        np.array(self.array[N // 3 : N // 3 + 1000])

    def time_transposed(self, kind: str, data: str) -> None:
        np.array(self.square.T)

    def time_column(self, kind: str, data: str) -> None:
        np.array(self.square[:, 7])

    def time_fancy_read(self, kind: str, data: str) -> None:
        self.array[self.places]

    def time_fancy_write(self, kind: str, data: str) -> None:
        self.array[self.places] = self.values

    def time_scalar_reads(self, kind: str, data: str) -> None:
        array = self.array
        for place in self.place_list:
            array[place]

    def time_scalar_writes(self, kind: str, data: str) -> None:
        array = self.array
        for place, value in zip(self.place_list, self.value_list, strict=True):
            array[place] = value

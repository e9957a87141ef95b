"""Each encoding on data that is typical for it: encoding with the choice, decoding, and single elements."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import numpy as np

import compactarray
from benchmarks.timing import Work, compile_first

N = 4_000_000
#: Single elements that are read or written.
SCATTERED = 2_000
#: Elements of a slice.
SLICE = 1_000

Array = np.ndarray[Any, Any]


class Typical(NamedTuple):
    """Data for one encoding, and what its times should be, as the time of `ndarray.copy` over its own."""

    make: Callable[[np.random.Generator, int], Array]
    encoding: str
    level: str = "fast"
    encode: float = 0.5
    decode: float = 0.8


def _labels(length: int) -> Callable[[np.random.Generator, int], Array]:
    return lambda rng, n: np.repeat(rng.integers(0, 60_000, n // length + 1) * 1_000_003, length)[:n]


def _some(share: float, rng: np.random.Generator, n: int) -> Array:
    return np.where(rng.random(n) < share, rng.integers(1, 20_000, n), 0)


def _times(rng: np.random.Generator, n: int) -> Array:
    return (np.datetime64("2013-01-01T00:00:00") + rng.integers(0, 10**8, n)).astype("S19")


TYPICAL: dict[str, Typical] = {
    "constant": Typical(lambda rng, n: np.zeros(n), "constant"),
    "bits": Typical(lambda rng, n: rng.random(n) < 0.5, "bits"),
    "sequence": Typical(lambda rng, n: np.arange(n) * 3, "sequence"),
    "narrow u1": Typical(lambda rng, n: rng.integers(0, 256, n), "narrow"),
    "narrow u2": Typical(lambda rng, n: rng.integers(0, 60_000, n), "narrow"),
    "narrow u4": Typical(lambda rng, n: 4_000_000_000_000 + rng.permutation(n), "narrow"),
    "narrow, hundreds": Typical(lambda rng, n: rng.integers(0, 200, n) * 100, "narrow"),
    "narrow, floats": Typical(lambda rng, n: rng.integers(0, 60_000, n).astype(float), "narrow"),
    "narrow float": Typical(lambda rng, n: rng.standard_normal(n).astype("f4").astype(float), "narrow_float"),
    "COO 1%": Typical(partial(_some, 0.01), "coo"),
    "bitmap 30%": Typical(partial(_some, 0.3), "bitmap"),
    "runs of 20": Typical(_labels(20), "runs"),
    "runs of 500": Typical(_labels(500), "runs"),
    "decimal u2": Typical(lambda rng, n: rng.integers(0, 60_000, n) / 100, "decimal", encode=0.25),
    "decimal u4": Typical(lambda rng, n: rng.integers(0, 10_000_000, n) / 1000, "decimal", encode=0.25),
    "dictionary u1": Typical(lambda rng, n: rng.integers(0, 256, n) / 255.0, "dictionary", encode=0.25),
    "dictionary u2": Typical(
        lambda rng, n: rng.standard_normal(4_000)[rng.integers(0, 4_000, n)], "dictionary", encode=0.25, decode=0.45
    ),
    "packed, 12 bits": Typical(lambda rng, n: rng.integers(0, 4_096, n), "packed", "small", 0.0, 0.6),
    "packed, 17 bits": Typical(lambda rng, n: rng.integers(0, 130_000, n), "packed", "small", 0.0, 0.6),
    "delta": Typical(lambda rng, n: np.cumsum(rng.integers(1, 9, n)), "delta", "small", 0.0, 0.6),
    "radix": Typical(_times, "radix", "small", 0.0, 0.6),
    "raw": Typical(lambda rng, n: rng.random(n), "raw", encode=0.8),
    "raw, integers": Typical(lambda rng, n: rng.integers(-(2**62), 2**62, n), "raw", encode=0.8),
}


class Case:
    """The data of one encoding, dense and compact, and what is done with it."""

    def __init__(self, name: str, n: int) -> None:
        self.typical = TYPICAL[name]
        self.dense = self.typical.make(np.random.default_rng(7), n)
        self.compact = self.encoded()
        rng = np.random.default_rng(8)
        self.places: list[int] = rng.integers(0, n, SCATTERED).tolist()
        self.starts: list[int] = rng.integers(0, max(1, n - SLICE), SCATTERED // 20).tolist()

    def encoded(self) -> compactarray.CompactArray:
        return compactarray.CompactArray(self.dense, level=self.typical.level)

    def decoded(self) -> Array:
        return np.array(self.compact)

    def works(self) -> list[Work]:
        """Return copying, encoding and decoding."""
        return [self.dense.copy, self.encoded, self.decoded]

    def pairs(self) -> dict[str, list[Work]]:
        """Return what is done with parts, to the dense array and to the compact one; what is written occurs elsewhere."""
        values = [self.dense[place] for place in self.places]
        copies = (self.dense.copy(), self.compact.copy())
        return {
            "a[i]": [partial(_read, x, self.places) for x in (self.dense, self.compact)],
            "a[i:i+1000]": [partial(_slices, x, self.starts) for x in (self.dense, self.compact)],
            "a[i] = v": [partial(_write, x, self.places, values, count()) for x in copies],
        }


def _read(x: Any, places: list[int]) -> None:
    for place in places:
        x[place]


def _slices(x: Any, starts: list[int]) -> None:
    for start in starts:
        np.array(x[start : start + SLICE])


def _write(x: Any, places: list[int], values: list[Any], turns: Iterator[int]) -> None:
    # Each time others: what has been written once may take nothing the second time.
    turn = next(turns) + 1
    for place, value in zip(places, values[turn:] + values[:turn], strict=True):
        x[place] = value


class Encodings:
    """Encoding, decoding and parts, for each encoding."""

    params = (list(TYPICAL),)
    param_names = ("encoding",)

    def setup(self, encoding: str) -> None:
        compile_first()
        self.case = Case(encoding, N)
        self.pairs = self.case.pairs()

    def time_copy(self, encoding: str) -> None:
        self.case.dense.copy()

    def time_encode(self, encoding: str) -> None:
        self.case.encoded()

    def time_decode(self, encoding: str) -> None:
        self.case.decoded()

    def time_single_reads(self, encoding: str) -> None:
        self.pairs["a[i]"][1]()

    def time_slices_of_1000(self, encoding: str) -> None:
        self.pairs["a[i:i+1000]"][1]()

    def time_single_writes(self, encoding: str) -> None:
        self.pairs["a[i] = v"][1]()

    def track_ratio(self, encoding: str) -> float:
        return self.case.compact.nbytes / self.case.dense.nbytes

"""Named data sets: what users hold, and what an encoding finds hard. Each is made of `n` elements, the same every time."""

from collections.abc import Callable
from typing import Any

import numpy as np

import compactarray

Array = np.ndarray[Any, Any]
Dataset = Callable[[int], Array]

#: The two sides of every benchmark.
KINDS = ["numpy", "compact"]


def _rng() -> np.random.Generator:
    return np.random.default_rng(20)


def counts(n: int) -> Array:
    """int64 below 256."""
    return _rng().integers(0, 256, n)


def ids(n: int) -> Array:
    """int64, six digits after a common beginning."""
    return 4_000_000_000_000 + _rng().permutation(n)


def stamps(n: int) -> Array:
    """datetime64[ns], whole minutes with gaps."""
    minutes = np.cumsum(_rng().integers(1, 5, n))
    return np.datetime64("2020-01-01T00:00", "ns") + minutes * np.timedelta64(60, "s")


def prices(n: int) -> Array:
    """float64 with two decimals."""
    return _rng().integers(99, 9_999, n) / 100


def sensor(n: int) -> Array:
    """float64 volts from a converter of 12 bits: a slow wave and some noise."""
    codes = 2048 + 1500 * np.sin(np.arange(n) / 5_000) + 20 * _rng().standard_normal(n)
    return np.clip(np.rint(codes), 0, 4095) * (3.3 / 4096)


def whole_floats(n: int) -> Array:
    """float64 whole numbers, one in fifty missing."""
    values = _rng().integers(0, 3_000, n).astype(float)
    values[_rng().integers(0, n, n // 50)] = np.nan
    return values


def image(n: int) -> Array:
    """float64 picture of 256 shades scaled to [0, 1]."""
    return _rng().integers(0, 256, n).astype(np.uint8) / 255.0


def float32_born(n: int) -> Array:
    """float64 that came from float32."""
    return _rng().standard_normal(n).astype(np.float32).astype(float)


def mask(n: int) -> Array:
    """Bool, half of it true, at random."""
    return _rng().random(n) < 0.5


def outlier(n: int) -> Array:
    """Small int64 with one 10**15 among them."""
    values = _rng().integers(0, 256, n)
    values[n // 2] = 10**15
    return values


def stars(n: int) -> Array:
    """float64 zeros, exactly 1% of them random."""
    values = np.zeros(n)
    values[_rng().choice(n, n // 100, replace=False)] = _rng().random(n // 100)
    return values


def article(n: int) -> Array:
    """The founding article's image: uniform noise, 90% of it black."""
    noise = _rng().random(n)
    return np.where(noise >= 0.9, noise, 0.0)


def ones(n: int) -> Array:
    """The founding article's other image: uint64 ones."""
    return np.ones(n, np.uint64)


def noise(n: int) -> Array:
    """Incompressible float64."""
    return _rng().random(n)


def labels(n: int) -> Array:
    """int64 labels of large segments."""
    return np.repeat(_rng().permutation(n // 500 + 1) * 1_000_003, 500)[:n]


def strings(n: int) -> Array:
    """Words of three to eight letters, one of fifty each."""
    words = np.array([f"{'statio'[: 1 + k % 6]}{k:02d}" for k in range(50)])
    return words[_rng().integers(0, 50, n)]


DATASETS: dict[str, Dataset] = {
    "counts": counts,
    "ids": ids,
    "stamps": stamps,
    "prices": prices,
    "sensor": sensor,
    "whole floats": whole_floats,
    "image": image,
    "float32-born": float32_born,
    "mask": mask,
    "outlier": outlier,
    "stars 1%": stars,
    "article 10%": article,
    "ones": ones,
    "noise": noise,
    "labels": labels,
    "strings": strings,
}


def made(kind: str, data: str, n: int) -> Any:
    """Return the data set as an ndarray or as a CompactArray."""
    values = DATASETS[data](n)
    return values if kind == "numpy" else compactarray.CompactArray(values)

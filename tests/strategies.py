"""What the tests run on: dtypes, kinds of data and layouts, as tables and as Hypothesis strategies.

`KINDS` maps the name of a kind of data to a function of (dtype, length, random generator); `LAYOUTS` the name of a layout to a view.
The kinds work on every dtype: complex and structured ones are filled part by part.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

BOOLS = ["?"]
INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
FLOATS = ["f2", "f4", "f8"]
TIMES = ["M8[D]", "m8[ns]"]
COMPLEX = ["c8", "c16"]
SWAPPED = [">i4", ">f8", ">u2", ">c8", ">M8[s]", ">U3"]
#: Words of 1, 3, 4, 7, 8 and 20 bytes.
TEXT = ["S1", "S3", "S7", "U1", "U2", "U5"]
PLAIN = ["O", "g", "G", np.dtypes.StringDType(), "V3"]
STRUCTURED = [np.dtype([("a", "i2"), ("b", "f8")]), np.dtype([("x", "<i4", (2,)), ("y", "?")]), np.dtype([("t", [("u", "u1")])])]

#: Those that encodings keep directly.
ENCODED: list[Any] = BOOLS + INTEGERS + FLOATS + TIMES + TEXT
#: Those of them that are numbers or times.
NUMERIC: list[Any] = BOOLS + INTEGERS + FLOATS + TIMES
#: Those that storages keep encoded, some of them in parts.
STORED: list[Any] = [*ENCODED, *COMPLEX, *SWAPPED, STRUCTURED[0], STRUCTURED[2]]
#: Everything that an ndarray can hold.
DTYPES: list[Any] = [*ENCODED, *COMPLEX, *SWAPPED, *PLAIN, *STRUCTURED]

#: Characters of one byte, two and four, zeros that are no padding among them.
_LETTERS = ["a", "b", "A", "0", " ", "\0", "\x7f", "\xff", "\u0100", "\uffff", "\U0001f600"]
_NANS = {2: [0x7E00, 0xFE01, 0x7C01], 4: [0x7FC00000, 0xFFC00123, 0x7F800001], 8: [0x7FF8 << 48, 0xFFF8 << 48 | 77, 0x7FF0 << 48 | 1]}


def extremes(dtype: Any) -> np.ndarray:
    """Return the values of a simple dtype that are most likely to go wrong, NaNs of several payloads included."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "SU":
        return _texts(dtype)
    if dtype.kind in "iumM":
        info = np.iinfo(f"{'u' if dtype.kind == 'u' else 'i'}{dtype.itemsize}")
        near = [info.min, info.min + 1, info.max, info.max - 1, 0, 1, info.max // 2, info.max // 2 + 1]
        return np.array(near, info.dtype).view(dtype)
    info = np.finfo(dtype)
    plain = [0.0, -0.0, np.inf, -np.inf, info.max, info.min, info.tiny, info.smallest_subnormal, 1, -1, 0.1, 255, 256, 1 + info.eps]
    nans = np.array(_NANS[dtype.itemsize], f"u{dtype.itemsize}").view(dtype)
    return np.concatenate([np.array(plain, dtype), nans])


def _decimals(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    numbers = rng.integers(-2_000, 40_000, length)
    return (numbers / 100).astype(dtype) if dtype.kind == "f" else _counted(dtype, numbers % 100)


def _half_filled(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _put_noise(_constant(dtype, length, rng), 0.5, rng)


def _texts(dtype: np.dtype) -> np.ndarray:
    """Return the empty string, equal beginnings, zeros inside and at the end, full width, and wide characters."""
    length = dtype.itemsize // (1 if dtype.kind == "S" else 4)
    texts = ["", "a", "aa", "aab", "a\0", "a\0b", "\0", "\0a", "b" * length, "b" * (length - 1) + "a", "\xff" * length]
    if dtype.kind == "S":
        return np.array([text.encode("latin-1") for text in texts], dtype)
    return np.array([*texts, "a\u0100", "\uffff" * length, "\U0001f600" * length], dtype)


def _letters(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    """Return random strings, most of them of few bytes a character."""
    width = dtype.itemsize // (1 if dtype.kind == "S" else 4)
    number = rng.choice([4, 8 if dtype.kind == "S" else len(_LETTERS)])
    points = np.array([ord(letter) for letter in _LETTERS[:number]], "u4")[rng.integers(0, number, (length, width))]
    points[np.arange(width) >= rng.integers(0, width + 1, (length, 1))] = 0
    return np.ascontiguousarray(points.astype("u1" if dtype.kind == "S" else "u4")).view(dtype).reshape(length)


def _noise(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    """Return random bits."""
    if dtype.kind == "b":
        return rng.integers(0, 2, length).astype(bool)
    if dtype.kind in "SU":
        return _letters(dtype, length, rng)
    return np.frombuffer(rng.bytes(length * dtype.itemsize), dtype)


def _counted(dtype: np.dtype, numbers: np.ndarray) -> np.ndarray:
    """Return small integers as values of a dtype."""
    if dtype.kind in "mM":
        return numbers.astype("i8").view(dtype)
    return numbers.astype(dtype)  # strings are cut to the first digits


def _one(dtype: np.dtype, rng: Generator) -> Any:
    return rng.choice(extremes(dtype)) if dtype.kind not in "mM" else extremes(dtype)[rng.integers(8)]


def _constant(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return np.full(length, _one(dtype, rng), dtype)


def _narrow(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _counted(dtype, rng.integers(0, 100) + rng.integers(0, 28, length))


def _strided(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _counted(dtype, 5 * rng.integers(0, 25, length) + rng.integers(0, 3))


def _ramp(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _counted(dtype, np.arange(length) % 65_000)


def _put_noise(values: np.ndarray, share: float, rng: Generator) -> np.ndarray:
    places = rng.random(len(values)) < share
    values[places] = _noise(values.dtype, int(places.sum()), rng)
    return values


def _sparse(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _put_noise(np.zeros(length, dtype), 0.05, rng)


def _sparse_fill(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _put_noise(_constant(dtype, length, rng), 0.05, rng)


def _outliers(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    values, pool = _narrow(dtype, length, rng), extremes(dtype)
    places = rng.random(length) < 0.03
    values[places] = pool[rng.integers(0, len(pool), int(places.sum()))]
    return values


def _special(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    pool = extremes(dtype)
    return pool[rng.integers(0, len(pool), length)]


def _few(dtype: np.dtype, length: int, rng: Generator, distinct: int = 20) -> np.ndarray:
    pool = _noise(dtype, distinct, rng)
    if dtype.kind in "SU":
        # Random strings are often the same.
        pool = np.unique(np.concatenate([pool, extremes(dtype)]))[:distinct]
    return pool[rng.integers(0, len(pool), length)]


def _two(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return _few(dtype, length, rng, 2)


def _float32_born(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    small = rng.standard_normal(length, "f4")
    return small.astype(dtype) if dtype.kind == "f" else _counted(dtype, (small * 10).astype("i1"))


def _runs(dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    return np.repeat(_noise(dtype, length // 7 + 1, rng), 7)[:length]


_SIMPLE: dict[str, Callable[[np.dtype, int, Generator], np.ndarray]] = {
    "constant": _constant,
    "narrow": _narrow,
    "strided": _strided,
    "ramp": _ramp,
    "sparse": _sparse,
    "sparse with any fill": _sparse_fill,
    "outliers": _outliers,
    "extremes": _special,
    "two values": _two,
    "few values": _few,
    "float32-born": _float32_born,
    "runs": _runs,
    "decimals": _decimals,
    "half filled": _half_filled,
    "noise": _noise,
}

KINDS: list[str] = list(_SIMPLE)


def make(kind: str, dtype: Any, length: int, seed: int = 0) -> np.ndarray:
    """Return a fresh 1-D array of one kind of data, the same for the same seed."""
    return _fill(kind, np.dtype(dtype), length, np.random.default_rng([seed, KINDS.index(kind)]))


def _fill(kind: str, dtype: np.dtype, length: int, rng: Generator) -> np.ndarray:
    if dtype.names is not None:
        result = np.zeros(length, dtype)
        for name in dtype.names:
            field = result[name]
            field[...] = _fill(kind, field.dtype, field.size, rng).reshape(field.shape)
        return result
    if dtype.char in "FD":
        result = np.zeros(length, dtype.newbyteorder("="))
        result.real, result.imag = (_fill(kind, result.real.dtype, length, rng) for _ in range(2))
        return result.astype(dtype) if dtype.isnative else result.byteswap().view(dtype)
    if not dtype.isnative:
        return _fill(kind, dtype.newbyteorder("="), length, rng).byteswap().view(dtype)
    if dtype.kind in "biufmMSU" and dtype.char != "g" and dtype.itemsize:
        return np.array(_SIMPLE[kind](dtype, length, rng), dtype)
    return _fill_other(_SIMPLE[kind](np.dtype("u1"), length, rng), dtype)


def _fill_other(numbers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return texts, objects and extended floats made from small integers."""
    if dtype.kind == "O":
        pool = [None, "text", 1.5, 10**30, (1, 2), b"", True]
        result = np.empty(len(numbers), dtype)
        result[:] = [None] * len(numbers)
        for place, number in enumerate(numbers):
            result[place] = pool[number % len(pool)]
        return result
    if dtype.kind == "V":
        return np.frombuffer(np.repeat(numbers, dtype.itemsize).tobytes(), dtype).copy()
    if dtype.char in "gG":
        return numbers.astype(dtype) / dtype.type(3)
    return (numbers % 100).astype(dtype)


# -- layouts ------------------------------------------------------------------------------------------------------------------

#: Views of an array of any shape; each can be taken of an ndarray and of a CompactArray.
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda a: a,
    "transposed": lambda a: a.T,
    "negative": lambda a: a[(*(slice(None, None, -1) for _ in a.shape), ...)],
    "strided": lambda a: a[(*(slice(None, None, 2) for _ in a.shape), ...)],
    "odd": lambda a: a[(*(slice(1, None, 3) for _ in a.shape), ...)],
    "axes swapped and flipped": lambda a: a.T[::-1] if a.ndim else a,
    "longer": lambda a: a[..., np.newaxis],
}


def shaped(kind: str, dtype: Any, shape: Sequence[int], order: str = "C", seed: int = 0) -> np.ndarray:
    """Return an array of one kind of data in C or F order."""
    return make(kind, dtype, int(np.prod(shape)), seed).reshape(tuple(shape)).copy(order="F" if order == "F" else "C")


# -- Hypothesis ---------------------------------------------------------------------------------------------------------------

kinds = st.sampled_from(KINDS)
dtypes = st.sampled_from(DTYPES)
encoded_dtypes = st.sampled_from(ENCODED)
layouts = st.sampled_from(sorted(LAYOUTS)).map(LAYOUTS.__getitem__)
shapes = st.lists(st.integers(0, 7), max_size=4).map(tuple) | st.lists(st.integers(1, 40), min_size=1, max_size=2).map(tuple)


def vectors(dtypes: st.SearchStrategy[Any] = dtypes, max_size: int = 100) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy for 1-D arrays of every kind of data."""
    return st.builds(make, kinds, dtypes, st.integers(0, max_size), st.integers(0, 1000))


def arrays(dtypes: st.SearchStrategy[Any] = dtypes, shapes: st.SearchStrategy[Any] = shapes) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy for arrays of every kind of data, in C or F order."""
    return st.builds(shaped, kinds, dtypes, shapes, st.sampled_from("CF"), st.integers(0, 1000))


def slices(length: int) -> st.SearchStrategy[slice]:
    """Return a strategy for slices of an axis, any of them empty, reversed or past the end."""
    ends = st.none() | st.integers(-length - 2, length + 2)
    return st.builds(slice, ends, ends, st.sampled_from([None, 1, 1, 2, 3, -1, -1, -2]))


@st.composite
def basic_indices(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Draw an index of integers, slices, new axes and one ellipsis, valid for the shape."""
    index: list[Any] = []
    for length in shape[: draw(st.integers(0, len(shape)))]:
        integers = st.integers(-length, length - 1) if length else st.nothing()
        index.append(draw(slices(length) | integers))
    if draw(st.booleans()) and len(index) <= len(shape):
        index.append(Ellipsis)
    if draw(st.integers(0, 3)) == 0:
        index.insert(draw(st.integers(0, len(index))), None)
    return tuple(index)


@st.composite
def fancy_indices(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """Draw a mask, an integer array, or a mixture with slices, valid for the shape."""
    seed = draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    if draw(st.booleans()) or not shape or 0 in shape:
        return rng.random(shape[: draw(st.integers(0, len(shape)))]) < 0.5
    length = draw(st.integers(0, 9))
    index: list[Any] = []
    for axis in shape[: draw(st.integers(1, len(shape)))]:
        index.append(rng.integers(-axis, axis, length) if draw(st.integers(0, 2)) else draw(slices(axis)))
    return tuple(index)

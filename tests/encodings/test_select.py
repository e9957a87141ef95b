"""This data, this encoding: the choice, and what it must save."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.encodings.select import encode
from compactarray.testing import assert_same
from tests.strategies import KINDS, encoded_dtypes, kinds, make, vectors

RNG = np.random.default_rng(2)
N = 65_536


def _with(values, count, new):
    values = values.copy()
    values[RNG.permutation(values.size)[:count]] = new
    return values


NOISE = RNG.standard_normal(N)
COUNTS = RNG.integers(0, 256, N)
WORDS = RNG.standard_normal(200)

# data, encoding, bytes an element that it may take at most
CHOICES = {
    "zeros": (np.zeros(N), "constant", 0.01),
    "ones": (np.ones(N, "u8"), "constant", 0.01),
    "minus zeros": (np.full(N, -0.0), "constant", 0.01),
    "one NaN everywhere": (np.full(N, np.nan), "constant", 0.01),
    "NaT everywhere": (np.full(N, "NaT", "M8[s]"), "constant", 0.01),
    "a mask": (RNG.random(N) < 0.5, "bits", 0.126),
    "two floats": (np.where(RNG.random(N) < 0.5, 0.1, np.nan), "bits", 0.126),
    "zero and minus zero": (np.where(RNG.random(N) < 0.5, 0.0, -0.0), "bits", 0.126),
    "two times": (np.where(RNG.random(N) < 0.5, np.datetime64("NaT", "s"), np.datetime64(3, "s")), "bits", 0.126),
    "counts": (COUNTS, "narrow", 1.01),
    "counts from far": (COUNTS + 2**60, "narrow", 1.01),
    "counts below zero": (COUNTS + np.iinfo("i8").min, "narrow", 1.01),
    "counts past int64": (COUNTS.astype("u8") + np.uint64(2**64 - 256), "narrow", 1.01),
    "counts as floats": (COUNTS * 1.0, "narrow", 1.01),
    "counts as float32": (COUNTS.astype("f4"), "narrow", 1.01),
    "wider counts": (RNG.integers(0, N, N), "narrow", 2.01),
    "widest counts": (RNG.integers(0, 2**32, N), "narrow", 4.01),
    "volumes in hundreds": (RNG.integers(0, 256, N) * 100, "narrow", 1.01),
    "counts and an outlier": (_with(COUNTS, 1, 10**15), "narrow", 1.02),
    "counts and NaNs": (_with(COUNTS * 1.0, 20, np.nan), "narrow", 1.02),
    "counts and minus zeros": (_with(COUNTS * 1.0, 20, -0.0), "narrow", 1.02),
    "days and NaTs": (_with(COUNTS.view("m8[D]"), 20, "NaT"), "narrow", 1.02),
    "times": ((COUNTS + 10**18).view("M8[ns]"), "narrow", 1.01),
    "stars": (_with(np.zeros(N), N // 100, RNG.random(N // 100)), "coo", 0.11),
    "missing values": (_with(np.full(N, np.nan), N // 100, RNG.random(N // 100)), "coo", 0.11),
    "stars that are counts": (_with(np.zeros(N), N // 100, COUNTS[: N // 100]), "coo", 0.04),
    "one-hot": (np.eye(256).ravel(), "coo", 0.02),
    "float32-born": (RNG.standard_normal(N, "f4").astype("f8"), "narrow_float", 4.01),
    "float32-born and a tenth": (_with(RNG.standard_normal(N, "f4").astype("f8"), 5, 0.1), "narrow_float", 4.02),
    "an image in [0, 1]": (COUNTS / 255.0, "dictionary", 1.04),
    "categories": (WORDS[RNG.integers(0, 200, N)], "dictionary", 1.04),
    "more categories": (NOISE[RNG.integers(0, 5000, N)], "dictionary", 2.7),
    "categories of NaN": (np.append(WORDS[:99], [np.nan, -0.0, 0.0])[RNG.integers(0, 102, N)], "dictionary", 1.04),
    "noise": (NOISE, "raw", 8.01),
    "int64 noise": (NOISE.view("i8"), "raw", 8.01),
    "bytes": (RNG.integers(0, 256, N).astype("u1"), "raw", 1.01),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choice(name):
    values, expected, most = CHOICES[name]
    encoding = encode(values, N)
    assert encoding.name == expected
    assert encoding.nbytes <= most * values.size
    out = np.empty_like(values)
    encoding.decode(0, values.size, out)
    assert_same(out, values, dense=True)


@given(vectors(encoded_dtypes), st.sampled_from([8, 65_536]))
def test_choice_is_lossless_and_never_larger(values, block_length):
    values = values[:block_length]
    if values.size == 0:
        return
    encoding = encode(values, block_length)
    out = np.empty_like(values)
    encoding.decode(0, values.size, out)
    assert_same(out, values, dense=True)
    assert encoding.nbytes <= values.nbytes + 64


@given(kinds, encoded_dtypes, st.integers(1, 2**16))
def test_choice_on_blocks_of_any_length(kind, dtype, length):
    values = make(kind, dtype, length)
    encoding = encode(values, 65_536)
    out = np.empty_like(values)
    encoding.decode(0, length, out)
    assert_same(out, values, dense=True)


def test_choice_does_not_change_its_input():
    for kind in KINDS:
        values = make(kind, "f8", 100)
        kept = values.copy()
        values.flags.writeable = False
        encode(values, 65_536)
        assert_same(values, kept, dense=True)

"""Forms found by a sample: exact on everything, and not tried where a scan would find a better one."""

import numpy as np
import pytest

from compactarray.encodings.quick import quick
from compactarray.testing import assert_same
from tests.strategies import KINDS, make

SIZE = 3_000
RNG = np.random.default_rng(5)
WHOLE = RNG.integers(0, 60_000, SIZE).astype(float)
HALVES = RNG.standard_normal(SIZE).astype("f4").astype("f8")


def changed(values, value, place=1_234):
    values = values.copy()
    values[place] = value
    return values


@pytest.mark.parametrize("dtype", ["i8", "u8", "i4", "u2", "i1", "f8", "f4", "f2", "M8[s]", "m8[D]", "?", ">i8", ">f8"])
def test_every_form_is_exact(dtype):
    for kind in KINDS:
        values = make(kind, dtype, SIZE)
        found = quick(values)
        if found is not None:
            assert_same(found.decoded(0, SIZE), values, dense=True)
            assert found.exceptions is None


FORMS = {
    "noise": (RNG.standard_normal(SIZE), "raw"),
    "clipped noise": (np.clip(RNG.standard_normal(SIZE), -0.7, 0.7), "raw"),
    "counts": (RNG.integers(0, 200, SIZE), "narrow"),
    "negative counts": (RNG.integers(-300, -200, SIZE), "narrow"),
    "far from zero": (RNG.integers(10**15, 10**15 + 10**6, SIZE), "narrow"),
    "unsigned, far from zero": (RNG.integers(2**63, 2**63 + 10**6, SIZE, dtype="u8"), "narrow"),
    "wide": (RNG.integers(-(2**62), 2**62, SIZE), "raw"),
    "moments": (RNG.integers(0, 10**6, SIZE).astype("M8[s]"), "narrow"),
    "whole": (WHOLE, "narrow"),
    "whole, negative": (-1 - WHOLE, "narrow"),
    "whole float32": (WHOLE.astype("f4"), "narrow"),
    "float32 in truth": (HALVES, "narrow_float"),
    "float32 in truth, with NaN": (changed(HALVES, np.nan), "narrow_float"),
    "zeros": (np.zeros(SIZE), None),
    "mostly zeros": (np.where(RNG.random(SIZE) < 0.2, HALVES, 0), None),
    "two values": (RNG.choice([0, 10**9], SIZE), None),
    "whole with a fraction": (changed(WHOLE, 0.5), None),
    "whole with -0.0": (changed(WHOLE, -0.0), None),
    "whole with NaN": (changed(WHOLE, np.nan), None),
    "whole with infinity": (changed(WHOLE, np.inf), None),
    "whole with 1e300": (changed(WHOLE, 1e300), None),
    "whole with some missing": (np.where(RNG.random(SIZE) < 0.03, np.nan, WHOLE), "narrow"),
    "whole with many missing": (np.where(RNG.random(SIZE) < 0.3, np.nan, WHOLE), "raw"),
    "whole with others": (np.where(np.arange(SIZE) % 41 < 1, RNG.choice([np.nan, -0.0, 0.5], SIZE), WHOLE), "narrow"),
    "whole with some infinite": (np.where(RNG.random(SIZE) < 0.03, -np.inf, WHOLE), None),
    "whole beyond the limit": (WHOLE + 2.0**53, None),
    "float32 in truth but for one": (changed(HALVES, 0.1), None),
    "moments with NaT": (changed(RNG.integers(0, 10**6, SIZE).astype("M8[s]"), "NaT"), None),
    "prices": (RNG.integers(0, 90_000, SIZE) / 100, "decimal"),
    "prices of one byte": (RNG.integers(0, 200, SIZE) / 100, "decimal"),
    "prices with noise": (changed(RNG.integers(0, 90_000, SIZE) / 100, 0.1234567), None),
    "sums of prices": (RNG.integers(0, 9_000, SIZE) / 100 - RNG.integers(0, 9_000, SIZE) / 100, "raw"),
    "few": (np.arange(100), None),
    "of few values": (RNG.choice(RNG.standard_normal(100), SIZE), None),
}


@pytest.mark.parametrize("name", FORMS)
def test_which_form(name):
    values, expected = FORMS[name]
    found = quick(values)
    assert (None if found is None else found.name) == expected
    if found is not None:
        assert_same(found.decoded(0, values.size), values, dense=True)

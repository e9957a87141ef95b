"""Another dtype by another meaning: the same as casting every element, warnings and all."""

import numpy as np
import pytest

import compactarray
from compactarray.encodings.casting import recast
from compactarray.encodings.select import encode
from compactarray.testing import assert_same, check
from tests.strategies import KINDS, make

DTYPES = ["?", "i1", "u2", "i4", "i8", "u8", "f2", "f4", "f8"]


@pytest.mark.parametrize("old", DTYPES)
@pytest.mark.parametrize("new", DTYPES)
def test_recast(old, new):
    for kind in KINDS:
        values = make(kind, old, 300)
        with np.errstate(all="ignore"):
            found = recast(encode(values, 300), np.dtype(new))
            if found is not None:
                assert_same(found.decoded(0, values.size), values.astype(new), dense=True)


@pytest.mark.parametrize("old", [*DTYPES, "c16", "M8[s]", ">f8"])
@pytest.mark.parametrize("new", [*DTYPES, "c8", ">i4"])
def test_astype(old, new):
    changes = [{"plain_below": 0}, {"block_length": 64, "tile_length": 32, "plain_below": 0}]
    for change, kind in ((change, kind) for change in changes for kind in KINDS[:: 1 + (old in ">f8 c16")]):
        values = make(kind, old, 300)
        with compactarray.config(**change):
            check(lambda a: a.astype(new), values)
            check(lambda a: a[5:].astype(new), values)
            check(lambda a: a.reshape(30, 10).T.astype(new, "C"), values)


@pytest.mark.parametrize(
    ("values", "dtype", "most"),
    [
        (np.arange(100_000) % 200, "f4", 1), (np.arange(100_000) % 200 / 1.0, "i4", 1), (np.arange(100_000) % 2 == 0, "f8", 0.125),
        (np.arange(100_000) % 200 / 7, "f4", 1), (np.zeros(100_000), "i4", 0),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shipped")
def test_results_share_the_codes(values, dtype, most):
    held = compactarray.CompactArray(values).astype(dtype)
    assert_same(held, values.astype(dtype))
    assert held.nbytes <= most * values.size + 2_000

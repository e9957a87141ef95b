"""Codes that do not lie next to each other: parts of others, which kernels do not take."""

import numpy as np
import pytest

import compactarray
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat

CODES = np.arange(9_000) % 251


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        (Narrow(np.dtype("f8"), CODES.astype("u1")[::2], Frame(np.dtype("u1"), 7, 3, 0), None), CODES[::2] * 3.0 + 7),
        (Narrow(np.dtype("i8"), CODES.astype("u2")[::2], Frame(np.dtype("u2"), -7, 3, 0), None), CODES[::2] * 3 - 7),
        (Narrow(np.dtype("M8[s]"), CODES.astype("u4")[::-2], Frame(np.dtype("u4"), 7, 1, 0), None), (CODES[::-2] + 7).view("M8[s]")),
        (NarrowFloat(np.dtype("f8"), (CODES / 4).astype("f4")[::-2], None), CODES[::-2] / 4),
        (NarrowFloat(np.dtype("f8"), (CODES / 4).astype("f2")[::2], None), CODES[::2] / 4),
    ],
    ids=["floats", "integers", "moments", "f4", "f2"],
)
def test_codes_with_steps_are_decoded(encoding, expected):
    with compactarray.config(kernels="numba"):
        compactarray.testing.assert_same(encoding.decoded(0, encoding.length), expected, dense=True)
        places = np.array([5, 0, 4_000])
        out = np.empty(3, encoding.dtype)
        encoding.take_codes(places, out)
        compactarray.testing.assert_same(out, expected[places], dense=True)

"""Accumulations of arrays whose blocks are of many forms."""

import numpy as np
import pytest

import compactarray
from compactarray.testing import check
from tests.strategies import KINDS, make

CALLS = {
    "cumsum": lambda a: np.cumsum(a),
    "rows": lambda a: np.cumsum(a.reshape(-1, 6), axis=1),
    "columns": lambda a: np.cumsum(a.reshape(-1, 6), axis=0),
    "middle": lambda a: np.cumsum(a.reshape(-1, 5, 3), axis=1),
    "columns of a transposed array": lambda a: np.cumsum(a.reshape(-1, 6).T, axis=0),
    "backwards": lambda a: np.cumsum(a[::-1]),
    "in eight bytes": lambda a: np.cumsum(a, dtype="i8"),
    "in two bytes": lambda a: np.cumsum(a, dtype="i2"),
    "as floats": lambda a: np.add.accumulate(a, dtype="f8"),
    "greatest so far": lambda a: np.maximum.accumulate(a),
    "least so far, by columns": lambda a: np.minimum.accumulate(a.reshape(-1, 6), 0),
    "differences": lambda a: np.subtract.accumulate(a[:40], dtype="f8"),
    "products": lambda a: np.cumprod(a[:40], dtype="f8"),
    "to a target": lambda a: np.cumsum(a, dtype="f8", out=a.astype("f8")),
}


@pytest.fixture(params=["shipped", "blocks of 64", "miniature"], autouse=True)
def lengths(request):
    changes = {"shipped": {"plain_below": 0}, "blocks of 64": {"block_length": 64, "tile_length": 32, "plain_below": 0}}
    with compactarray.config(**changes.get(request.param, {"block_length": 8, "tile_length": 4, "plain_below": 0})):
        yield


@pytest.mark.parametrize("dtype", ["i8", "u8", "f8", "i4", "u1", "f4", "?", "m8[s]"])
@pytest.mark.parametrize("call", CALLS)
def test_accumulations(call, dtype):
    for kind in KINDS:
        values = make(kind, dtype, 300)
        if dtype == "m8[s]" and call in ("in two bytes", "as floats", "products", "differences", "to a target"):
            continue
        with np.errstate(all="ignore"):
            check(CALLS[call], values)


@pytest.mark.parametrize(("least", "most"), [(0, 99), (-50, 50), (-99, -1), (2**20, 2**20 + 200), (0, 2**33)])
def test_sums_of_integers_stay_narrow(least, most):
    values = np.random.default_rng(0).integers(least, most + 1, 3000)
    for array in (values, values.astype("f8"), values.reshape(3, 1000), values.reshape(1000, 3)):
        for axis in range(array.ndim):
            check(lambda a, axis=axis: np.cumsum(a, axis=axis), array)
    held = np.cumsum(compactarray.CompactArray(values))
    assert held.nbytes < (0.6 if abs(least + most) < 2**20 else 1.1) * held.dense_nbytes

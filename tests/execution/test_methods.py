"""reduce, accumulate, reduceat, outer and at of ufuncs; generalized ufuncs; and the methods that are made of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray import CompactArray
from compactarray.testing import check
from tests.execution.test_calls import KINDS, out_like, same, sample
from tests.strategies import LAYOUTS, shaped

#: Ufuncs whose results do not hang on the order in which elements are taken, on integers and bools.
EXACT = [np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logical_and, np.logical_or, np.logical_xor,
         np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.gcd, np.lcm]  # fmt: skip
OTHERS = [np.subtract, np.divide, np.power, np.arctan2, np.hypot, np.left_shift, np.greater, np.equal, np.copysign]
INTEGERS = ["?", "i1", "u2", "i8", "u8"]
AXES = [0, 1, -1, None, (0, 2), (2, 1), (), (0, 1, 2), 3, (0, 0), "x"]
SHAPE = (3, 4, 5)

each_ufunc = pytest.mark.parametrize("ufunc", EXACT, ids=lambda f: f.__name__)
each_other = pytest.mark.parametrize("ufunc", OTHERS, ids=lambda f: f.__name__)


@each_ufunc
@pytest.mark.parametrize("dtype", INTEGERS)
def test_reduce(ufunc, dtype):
    for (axis, kind), layout in zip(
        itertools.product(AXES, ["narrow", "constant", "sparse", "noise"]), itertools.cycle(LAYOUTS.values()), strict=False
    ):
        same(lambda a, x=axis, v=layout: ufunc.reduce(v(a), axis=x), sample(kind, dtype, SHAPE))


REDUCE_KEYWORDS = {
    "keepdims": lambda f, a: f.reduce(a, axis=1, keepdims=True),
    "keepdims, all": lambda f, a: f.reduce(a, axis=None, keepdims=True),
    "initial": lambda f, a: f.reduce(a, axis=1, initial=3),
    "initial None": lambda f, a: f.reduce(a, axis=1, initial=None),
    "where": lambda f, a: f.reduce(a, axis=0, where=a[0] > 1, initial=1),
    "where without initial": lambda f, a: f.reduce(a, axis=0, where=a > 1),
    "dtype": lambda f, a: f.reduce(a, axis=0, dtype="f8"),
    "dtype too small": lambda f, a: f.reduce(a, axis=0, dtype="i1"),
    "out": lambda f, a: f.reduce(a, axis=0, out=out_like(a[0], "f8")),
    "out of a wrong shape": lambda f, a: f.reduce(a, axis=0, out=out_like(a, "f8")),
    "empty": lambda f, a: f.reduce(a[:0], axis=0),
    "empty, all": lambda f, a: f.reduce(a[:0], axis=None),
    "empty elsewhere": lambda f, a: f.reduce(a[:0], axis=1),
    "0-d": lambda f, a: f.reduce(a[0, 0, 0, ...]),
    "one element": lambda f, a: f.reduce(a[:1]),
}


@each_ufunc
@pytest.mark.parametrize("name", REDUCE_KEYWORDS)
def test_reduce_keywords(ufunc, name):
    for dtype in ("i2", "i8"):
        same(lambda a: REDUCE_KEYWORDS[name](ufunc, a), sample("narrow", dtype, SHAPE))


#: Open: what is neither associative nor one of a few ufuncs is combined tile by tile, which is another order.
@pytest.mark.parametrize("ufunc", OTHERS, ids=lambda f: f.__name__)
def test_reduce_of_others(ufunc):
    """Where the order matters, or a dtype is refused."""
    for axis, dtype in itertools.product([0, 1, (0, 1), None], ["i4", "f8"]):
        same(lambda a, x=axis: ufunc.reduce(a, axis=x), sample("narrow", dtype, (4, 5)), error=1e-9)


@each_ufunc
@pytest.mark.parametrize("dtype", INTEGERS)
def test_accumulate(ufunc, dtype):
    for kind, axis, layout in itertools.product(
        ["narrow", "noise"], [0, 1, -1, 2], [LAYOUTS["as it is"], LAYOUTS["axes swapped and flipped"]]
    ):
        same(lambda a, x=axis, v=layout: ufunc.accumulate(v(a), axis=x), sample(kind, dtype, (6, 7)))
    same(lambda a: ufunc.accumulate(a, dtype="i8", out=out_like(a, "i8")), sample("narrow", dtype, (20,)))


@each_other
def test_accumulate_of_others(ufunc):
    for dtype in ("i4", "f8"):
        same(lambda a: ufunc.accumulate(a), sample("narrow", dtype, (20,)))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c16"])
def test_accumulations_of_floats_are_sequential(dtype):
    """Not as reductions: each element is a result, and rounded as NumPy rounds it."""
    for kind, ufunc in itertools.product(KINDS, [np.add, np.multiply, np.maximum]):
        same(lambda a, f=ufunc: f.accumulate(a), sample(kind, dtype, (50,)))


@pytest.mark.parametrize("ufunc", [*EXACT[:6], np.subtract], ids=lambda f: f.__name__)
def test_reduceat(ufunc):
    for indices, axis in [([0, 4, 1, 5], 0), ([0], 0), ([5, 3, 3, 0], 1), (np.array([], int), 0), ([9], 0), ([-1], 0)]:
        same(lambda a, i=indices, x=axis: ufunc.reduceat(a, i, axis=x), sample("narrow", "i4", (6, 7)))
        same(
            lambda a, i=indices: ufunc.reduceat(a, CompactArray(i) if isinstance(a, CompactArray) else np.array(i)),
            sample("noise", "i8", (6,)),
        )


def test_reduceat_without_indices():
    same(lambda a: np.add.reduceat(a, []), sample("narrow", "i4", (20,)))


@pytest.mark.parametrize("ufunc", [*EXACT[:6], *OTHERS], ids=lambda f: f.__name__)
def test_outer(ufunc):
    for dtype, other in itertools.product(["i2", "f8"], ["u1", "i2"]):
        same(lambda a, b: ufunc.outer(a, b), sample("narrow", dtype, (3, 4)), sample("few values", other, (5,)))
    same(lambda a: ufunc.outer(a, 3), sample("narrow", "i2"))


@pytest.mark.parametrize("ufunc", [*EXACT, *OTHERS, np.negative, np.sqrt], ids=lambda f: f.__name__)
def test_at(ufunc):
    for index in ([0, 1, 1, 4], slice(1, 3), np.array([True, False, True, True, False]), ([0, 0], [1, 1]), [9], (), 2):
        for dtype in ("i8", "f8"):
            operands = (2,) if ufunc.nin == 2 else ()
            same(lambda a, i=index, o=operands: ufunc.at(a, i, *o), sample("narrow", dtype))
    same(lambda a, b: np.add.at(a, [0, 0, 3], b), np.zeros(5), np.arange(3.0))


@pytest.mark.parametrize("ufunc", [np.power, np.float_power, np.arctan2], ids=lambda f: f.__name__)
def test_lines_that_numpy_computes_as_a_whole(ufunc):
    """Its vector loops see where lines begin and end."""
    values = np.random.default_rng(0).uniform(0.1, 3, (40, 12))
    same(lambda a: ufunc.accumulate(a), values[:, 0].copy())
    same(lambda a: ufunc.reduceat(a, [0, 20, 3, 8]), values)
    same(lambda a: ufunc.reduceat(a[::-1], [0, 20, 3, 8], axis=0), values)


def test_indices_of_reduceat_are_looked_at_first():
    same(lambda a: np.greater.reduceat(a, [0, 99]), sample("narrow", "i4", (20,)))
    same(lambda a: np.left_shift.reduceat(a, [0, -5], axis=1), sample("narrow", "f4", (5, 6)))
    same(lambda a: np.left_shift.reduceat(a, [0, 2], axis=1), sample("narrow", "f4", (5, 6)))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c16", ">f8"])
def test_errors_of_at_are_named_by_the_loop(dtype):
    """A simple update has a loop that is told apart."""
    most = np.finfo(dtype).max
    for index, value in [
        ([0], most),
        ([[0]], most),
        ([0, 1], np.full(2, most)),
        (([1],), most),
        (1, most),
        ([0], 1.7e308),
        (..., most),
    ]:
        same(
            lambda a, i=index, v=value: np.add.at(a, i, v if isinstance(v, float) else np.asarray(v, dtype)), np.full(30, most, dtype)
        )
    same(lambda a: np.add.at(a, [0], a[0, 0]), np.full((5, 6), most, dtype))
    same(lambda a: np.log10.at(a, [0]), np.zeros(30, dtype))
    same(lambda a: np.floor_divide.at(a, [0], 0), np.ones(30, "i4"))
    same(lambda a: np.remainder.at(a, [0], 0), np.ones(30, "i4"))


def test_values_of_at_that_do_not_fit():
    same(lambda a: np.add.at(a, np.arange(40), np.arange(17)), np.arange(50))


# -- floating sums may associate differently ------------------------------------------------------------------------------------


@given(
    st.sampled_from(["f4", "f8", "c8"]),
    st.sampled_from(["float32-born", "sparse", "few values", "narrow"]),
    st.integers(1, 3000),
    st.integers(0, 99),
)
def test_float_sums_are_within_the_bound(dtype, kind, length, seed):
    values = shaped(kind, dtype, (length,), seed=seed)
    values[~np.isfinite(values) | (abs(values) > 1e30)] = 1
    bound = 2 * np.finfo(dtype).eps * (1 + np.log2(length)) * float(np.abs(values).astype("f8").sum())
    for function in (lambda a: a.sum(), lambda a: np.add.reduce(a[::-1]), lambda a: np.add.reduce(a.reshape(1, -1), axis=1)):
        check(function, values, error=max(bound, 1e-300))
    check(lambda a: a.mean(), values, error=max(bound / length, 1e-300))


@pytest.mark.parametrize("values", [[0.0, -0.0], [-0.0, -0.0], [], [np.inf, -np.inf], [np.nan, 1], [1e308, 1e308]], ids=str)
def test_special_sums(values):
    for repeat in (1, 20):
        array = np.array(values * repeat)
        same(lambda a: a.sum(), array)
        same(lambda a: a.prod(), array)
        same(lambda a: np.maximum.reduce(a), array, any_zero=True)
        same(lambda a: np.fmin.reduce(a), array, any_zero=True)


METHODS = ["sum", "prod", "min", "max", "mean", "std", "var", "any", "all", "argmin", "argmax", "cumsum", "cumprod", "ptp"]


@pytest.mark.parametrize("name", [name for name in METHODS if hasattr(CompactArray, name)])
@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i8", "f4", "f8", "c8", "m8[s]", "M8[s]"])
def test_reducing_methods(name, dtype):
    # Sums of small integers are exact; means, deviations and products may be rounded in another order.
    options = {"ulps": 64 if name in ("mean", "std", "var", "prod", "cumprod") else 0, "any_zero": True}
    for kind, layout in itertools.product(["narrow", "sparse", "constant", "few values"], ["as it is", "transposed", "odd"]):
        array = sample(kind, dtype, (4, 6))
        if array.dtype.kind in "fc":
            array = np.round(np.nan_to_num(array.real).clip(-3, 9)).astype(dtype)
        for call in ({}, {"axis": 0}, {"axis": -1}, {"axis": 5}, {"axis": 0, "keepdims": True}):
            if name not in ("cumsum", "cumprod") or "keepdims" not in call:
                same(lambda a, c=call, v=LAYOUTS[layout]: getattr(v(a), name)(**c), array, **options)


# -- generalized ufuncs -------------------------------------------------------------------------------------------------------

PRODUCTS = [((3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((3, 0), (0, 4)),
            ((3, 4), (5, 4)), ((), (3,)), ((1, 3, 4), (7, 4, 2)), ((0, 3), (3, 2))]  # fmt: skip


@pytest.mark.parametrize("shapes", PRODUCTS, ids=str)
@pytest.mark.parametrize("dtype", ["?", "i1", "i8", "u4", "f4", "f8", "c16", "O"])
def test_matmul(shapes, dtype):
    for kind in ("narrow", "sparse", "constant"):
        a, b = (np.resize(sample("narrow", "O"), s) if dtype == "O" else shaped(kind, dtype, s, seed=2) for s in shapes)
        a, b = (np.where(np.isfinite(x) & (abs(x) < 1e6), x, 1).astype(dtype) if x.dtype.kind in "fc" else x for x in (a, b))
        error = 1e-3 * (1 + float(np.abs(a).max(initial=0)) * float(np.abs(b).max(initial=0))) if a.dtype.kind in "fc" else 0
        same(np.matmul, a, b, error=error)
        same(lambda a, b: a.T.T @ b[..., ::-1], a, b, error=error)


@pytest.mark.parametrize("name", ["vecdot", "matvec", "vecmat"])
def test_other_products(name):
    ufunc = getattr(np, name, None)
    if ufunc is None:
        pytest.skip("not in this NumPy")
    for shapes in PRODUCTS:
        same(ufunc, *(shaped("narrow", "i8", s, seed=1) for s in shapes))
    same(lambda a: np.vecdot(a, a, axis=0), shaped("narrow", "i8", (5, 4)))
    same(lambda a: np.matmul(a, a.T, out=out_like(a[:, :1] + a[:, :1].T, "i8")), shaped("narrow", "i8", (5, 4)))
    same(lambda a: np.matmul(a, a, axes=[(0, 1), (1, 0), (0, 1)]), shaped("narrow", "i8", (4, 4)))

"""Every ufunc over dtypes, kinds of data and layouts, with all keywords: bits, dtypes, layouts, warnings and errors as NumPy's."""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray import CompactArray
from compactarray.testing import check
from tests.strategies import LAYOUTS, arrays, layouts, shaped

UFUNCS = sorted({f for f in vars(np).values() if isinstance(f, np.ufunc) and f.signature is None}, key=lambda f: f.__name__)
DTYPES = ["?", "i1", "u1", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16", "M8[D]", "m8[ns]", ">f8", ">i2", "O", "S3", "U2", "g"]
KINDS = ["narrow", "few values", "sparse", "extremes", "outliers", "constant", "noise", "float32-born"]

#: Object arrays hold what ufuncs can take.
_OBJECTS = np.array([1, 2.5, 7, -3, 10**20, True], object)


def sample(kind, dtype, shape=(5, 7), seed=0):
    """Return an array to compute with; what NumPy makes of signalling NaNs hangs on CPU and layout, so there are none."""
    if dtype == "O":
        return np.resize(np.roll(_OBJECTS, seed), shape)
    array = shaped(kind, dtype, shape, "CF"[seed % 2], seed)
    for part in (array.real, array.imag) if array.dtype.kind == "c" else (array,) if array.dtype.kind == "f" else ():
        part[part != part] = np.nan
    return array


def same(function, *arguments, **options):
    check(function, *arguments, any_nan=True, **options)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_every_ufunc(ufunc):
    turns = itertools.cycle(itertools.product(KINDS, KINDS[::-1]))
    for dtype, (kind, other) in zip(DTYPES * 2, turns, strict=False):
        operands = [sample(kind, dtype), sample(other, dtype, seed=2)][: ufunc.nin] * (ufunc.nin > 2 or 1)
        same(lambda *a: ufunc(*a), *operands[: ufunc.nin])


@pytest.mark.parametrize(
    "ufunc", [np.add, np.multiply, np.less, np.maximum, np.logical_and, np.divmod, np.arctan2, np.copysign, np.power]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(ufunc, layout):
    for name, dtype, order in itertools.product(LAYOUTS, ["i4", "f8"], (0, 1)):
        a, b = sample("narrow", dtype, (4, 6), order), sample("few values", dtype, (4, 6), 1 - order)
        if LAYOUTS[layout](a).shape == LAYOUTS[name](b).shape:
            same(lambda a, b, name=name: ufunc(LAYOUTS[layout](a), LAYOUTS[name](b)), a, b)


# Operands that are not all arrays of one shape and dtype.
MIXED = {
    "Python int": lambda a: a + 3,
    "Python int to the right": lambda a: 3 - a,
    "a large Python int": lambda a: a + 2**40,
    "Python float": lambda a: a * 0.5,
    "Python bool": lambda a: a + True,
    "Python complex": lambda a: a + 1j,
    "a NumPy scalar": lambda a: a + np.int64(3),
    "a NumPy scalar to the left": lambda a: np.float32(3) * a,
    "a 0-d array": lambda a: a + np.array(5),
    "a list": lambda a: a + list(range(a.shape[-1])),
    "a row": lambda a: a + a[0],
    "a column": lambda a: a - a[:, :1],
    "its transpose": lambda a: a + a.T,
    "new axes": lambda a: a[:, None] * a[None],
    "another dtype": lambda a: a + a.astype("f4"),
    "the other byte order": lambda a: a + a.astype(a.dtype.newbyteorder("S")),
    "an ndarray": lambda a: a + np.arange(a.shape[-1]),
    "an ndarray to the left": lambda a: np.arange(a.shape[-1]) * a,
    "an element": lambda a: a + a[2, 3],
    "an empty array": lambda a: a[:0] + a[:1],
    "shapes that do not fit": lambda a: a + a[:, :2],
    "None": lambda a: a + None,
    "a text": lambda a: a + "x",
    "comparison with None": lambda a: a == None,  # noqa: E711
    "comparison with a text": lambda a: a == "x",
    "comparison with a list": lambda a: a == [[1]],
    "comparison beyond the dtype": lambda a: [a < 2**70, a == -(2**70), a >= 1e300, a != np.inf, a < np.nan],
    "itself": lambda a: [a == a, a - a, a / a],
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("dtype", ["i8", "u1", "f8", "f4", "?", "c8", "O"])
def test_mixed_operands(name, dtype):
    for kind in KINDS[:5]:
        same(MIXED[name], sample(kind, dtype, (6, 6)))


OPERATORS = [f for n, f in sorted(vars(operator).items()) if n in
    ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift", "lt", "le", "eq", "ne", "gt", "ge", "neg", "pos", "abs", "invert"]]  # fmt: skip
IN_PLACE = [f for n, f in sorted(vars(operator).items()) if n in
    ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor", "ilshift", "irshift", "imatmul"]]  # fmt: skip


@pytest.mark.parametrize("function", OPERATORS, ids=lambda f: f.__name__)
def test_operators(function):
    count = 1 if function.__name__ in ("neg", "pos", "abs", "invert") else 2
    for dtype, kind in itertools.product(["?", "i2", "u8", "f8", "m8[ns]"], ["narrow", "sparse", "constant"]):
        same(lambda *a: function(*a), *[sample(kind, dtype, (4, 4), seed) for seed in range(count)], error=1e-9)
    check(lambda a: divmod(a, 3), sample("narrow", "i4"))
    check(lambda a: pow(a, 2), sample("narrow", "f8"))


@pytest.mark.parametrize("function", IN_PLACE, ids=lambda f: f.__name__)
def test_in_place(function):
    # After an error half way (integers to negative powers) NumPy has written some elements; here blocks are old or new.
    options = {"error": 1e-9, "mutation": function is not operator.ipow}
    for dtype, other in itertools.product(["?", "i2", "u8", "f8", "c8"], ["?", "i2", "i8", "f8"]):
        a, b = sample("narrow", dtype, (4, 4)), sample("few values", other, (4, 4))
        same(function, a, b, **options)
        if function is not operator.imatmul:
            same(lambda a: function(a, 2), a, **options)
            same(lambda a, b: function(a[::2, ::-1].T, b[:2].T), a, b, **options)


def test_in_place_matmul_by_a_scalar():
    same(lambda a: operator.imatmul(a, 2), np.ones((4, 4), bool))


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, 2.0, True, 1j, np.float64(0.5), np.int8(2)], ids=repr)
@pytest.mark.parametrize("dtype", ["?", "i4", "f4", "f8", "c8"])
def test_powers(dtype, exponent):
    """NumPy's operator squares, inverts or takes the root for some exponents, which power does not."""
    for function, kind in itertools.product([operator.pow, operator.ipow], ["narrow", "float32-born", "sparse"]):
        same(lambda a, f=function: f(a, exponent), sample(kind, dtype))


OVERLAPS = {
    "a += a.T": lambda a: operator.iadd(a, a.T),
    "a[1:] += a[:-1]": lambda a: operator.iadd(a[1:], a[:-1]),
    "a[:-1] -= a[1:]": lambda a: operator.isub(a[:-1], a[1:]),
    "a += a[::-1]": lambda a: operator.iadd(a, a[::-1]),
    "a *= a": lambda a: operator.imul(a, a),
    "a += a[0]": lambda a: operator.iadd(a, a[0]),
    "a[0] += a.sum": lambda a: operator.iadd(a, a[:, :1]),
    "out over both": lambda a: np.subtract(a[1:], a[:-1], out=a[:-1]),
    "where over itself": lambda a: np.add(a, 1, out=a, where=a > a.T),
}


@pytest.mark.parametrize("name", OVERLAPS)
@pytest.mark.parametrize("dtype", ["i8", "f4", "c8"])
def test_overlap(name, dtype):
    for kind in KINDS[:6]:
        same(OVERLAPS[name], sample(kind, dtype, (9, 9)))


# -- keywords -----------------------------------------------------------------------------------------------------------------


def out_like(a, dtype):
    """Return an array to write into, of the type of `a`."""
    out = np.full(a.shape, 7).astype(dtype)
    return CompactArray(out) if isinstance(a, CompactArray) else out


KEYWORDS = {
    "dtype": lambda a: np.add(a, a, dtype="f8"),
    "dtype that is too small": lambda a: np.add(a, a, dtype="i1"),
    "casting": lambda a: np.add(a, 0.5, dtype="i4", casting="unsafe"),
    "casting no": lambda a: np.add(a, a, dtype="f8", casting="no"),
    "order F": lambda a: np.add(a, 1, order="F"),
    "order C": lambda a: np.add(a.T, 1, order="C"),
    "order wrong": lambda a: np.add(a, 1, order="X"),
    "subok": lambda a: np.add(a, 1, subok=False),
    "signature": lambda a: np.add(a, a, signature="dd->d"),
    "signature tuple": lambda a: np.add(a, a, signature=(None, None, "f8")),
    "signature unknown": lambda a: np.add(a, a, signature="xx->x"),
    "out": lambda a: np.add(a, 1, out=out_like(a, "f8")),
    "out positional": lambda a: np.add(a, 1, out_like(a, "f8")),
    "out tuple": lambda a: np.add(a, 1, out=(out_like(a, "f8"),)),
    "out too narrow": lambda a: np.add(a, 1.5, out=out_like(a, "i4")),
    "out unsafe": lambda a: np.add(a, 1.5, out=out_like(a, "i4"), casting="unsafe"),
    "out of a wrong shape": lambda a: np.add(a, 1, out=out_like(a[0], "f8")),
    "out larger": lambda a: np.add(a[0], 1, out=out_like(a, "f8")),
    "out a view": lambda a: (o := out_like(a, "f8"), np.add(a[::2], 1, out=o[::2]), o)[2],
    "two outs": lambda a: np.divmod(a, 3, out=(out_like(a, a.dtype), None)),
    "both outs": lambda a: np.divmod(a, 3, out_like(a, a.dtype), out_like(a, a.dtype)),
    "the wrong number of outs": lambda a: np.divmod(a, 3, out=(out_like(a, a.dtype),)),
    "out None": lambda a: np.add(a, 1, out=None),
    "where with out": lambda a: np.add(a, 1, out=out_like(a, "f8"), where=a % 2 == 0),
    "where a row": lambda a: np.add(a, 1, out=out_like(a, "f8"), where=[True, False] * 3 + [True]),
    "where a scalar": lambda a: np.add(a, 1, out=out_like(a, "f8"), where=False),
    "where not bool": lambda a: np.add(a, 1, out=out_like(a, "f8"), where=a),
    "an unknown keyword": lambda a: np.add(a, 1, axis=0),
    "too few operands": lambda a: np.add(a),
    "too many operands": lambda a: np.add(a, a, a, a),
    "modf": lambda a: np.modf(a),
    "frexp": lambda a: np.frexp(a),
    "out an ndarray": lambda a: np.add(a, 1, out=np.zeros(a.shape)).tolist(),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYWORDS)
@pytest.mark.parametrize("dtype", ["i4", "f4"])
def test_keywords(name, dtype):
    for kind in ("narrow", "sparse", "few values"):
        same(KEYWORDS[name], sample(kind, dtype))


@given(
    arrays(dtypes=st.sampled_from(["i1", "u2", "i8", "f8", "?"])),
    layouts,
    st.sampled_from([np.add, np.subtract, np.multiply, np.minimum, np.less_equal]),
    st.data(),
)
def test_random_operands(array, layout, ufunc, data):
    if ufunc is np.subtract and array.dtype == "?":
        return
    other = data.draw(st.sampled_from(["itself", "reversed", "scalar", "row"]))
    operands = {
        "itself": lambda a: a,
        "reversed": lambda a: a[::-1] if a.ndim else a,
        "scalar": lambda a: data_scalar,
        "row": lambda a: a[:1] if a.ndim else a,
    }
    data_scalar = data.draw(
        st.sampled_from([0, 1, 5, True] if array.dtype == "?" else [0, 1, -1, 100] if array.dtype.kind != "u" else [0, 1, 100])
    )
    same(lambda a: ufunc(layout(a), operands[other](layout(a))), array)

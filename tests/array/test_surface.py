"""Every attribute and method of ndarray, with all its keywords, on arrays and views of several kinds."""

import io
import operator
import pickle
import warnings

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.storage.plain import PlainView
from compactarray.testing import assert_same, check
from tests.strategies import LAYOUTS

_RNG = np.random.default_rng(5)
ARRAYS = {
    "integers": _RNG.integers(-90, 90, (4, 6)),
    "wide integers": _RNG.integers(-(2**60), 2**60, (4, 6)),
    "small unsigned": _RNG.integers(0, 200, (4, 6)).astype("u1"),
    "floats": _RNG.integers(-90, 90, (4, 6)) / 4,
    "Fortran order": np.asfortranarray(_RNG.integers(-90, 90, (4, 6)) / 4),
    "three axes": _RNG.integers(0, 5, (3, 4, 5)).astype("i4"),
    "square": _RNG.integers(0, 9, (5, 5)),
    "sparse": np.where(_RNG.random((6, 20)) < 0.1, 7.5, 0),
    "bools": _RNG.random((4, 6)) < 0.4,
    "complex": _RNG.integers(-9, 9, (4, 6)) + 1j * _RNG.integers(-9, 9, (4, 6)),
    "one axis": _RNG.integers(0, 9, 40),
    "one element": np.array([[3]]),
    "no axes": np.array(3.5),
    "empty": np.zeros((0, 3)),
    "times": _RNG.integers(0, 9999, (4, 6)).astype("M8[D]"),
    "spans": _RNG.integers(-99, 99, (4, 6)).astype("m8[s]"),
    "foreign order": _RNG.integers(-90, 90, (4, 6)).astype(">i4"),
    "texts": np.array([["a", "bcd"], ["", "é"]]),
    "bytes": np.array([[b"a", b"bcd"], [b"", b"x"]]),
    "objects": np.array([[1, None], ["a", 2.5]], object),
    "records": np.array([[(1, 2.5), (3, 4.5)]] * 3, [("n", "i4"), ("x", "f8")]),
}
#: Name -> what is done with it. Each call is made on every array, in every layout; errors are compared, too.
USES = {
    "T": [lambda a: a.T],
    "mT": [lambda a: a.mT],
    "all": [lambda a: a.all(), lambda a: a.all(0, keepdims=True), lambda a: a.all(axis=-1), lambda a: a.all(where=a != a[:1])],
    "any": [lambda a: a.any(), lambda a: a.any(0, keepdims=True), lambda a: a.any(axis=-1), lambda a: a.any(where=a != a[:1])],
    "argmax": [lambda a: a.argmax(), lambda a: a.argmax(0), lambda a: a.argmax(-1, keepdims=True)],
    "argmin": [lambda a: a.argmin(), lambda a: a.argmin(0), lambda a: a.argmin(axis=-1, keepdims=True)],
    "argpartition": [lambda a: a.argpartition(0).shape, lambda a: a.argpartition(0, axis=None).shape, lambda a: a.argpartition(99)],
    "argsort": [
        lambda a: a.argsort(kind="stable"),
        lambda a: a.argsort(0, kind="mergesort"),
        lambda a: a.argsort(None, "stable"),
        lambda a: a.argsort(stable=True),
        lambda a: a.argsort(order="n", kind="stable"),
    ],
    "astype": [
        lambda a: a.astype("f4"),
        lambda a: a.astype(a.dtype, copy=False) is a,
        lambda a: a.astype("O"),
        lambda a: a.astype("i2", casting="safe"),
        lambda a: a.astype("f8", order="F"),
        lambda a: a.astype("c16", "C", "same_kind", True, True),
    ],
    "base": [lambda a: a.copy().base is None, lambda a: a[...].base is None],
    "byteswap": [lambda a: a.byteswap(), lambda a: a.byteswap(inplace=True)],
    "choose": [
        lambda a: (a != a).choose([a, a]),
        lambda a: a.choose([10, 20], mode="clip"),
        lambda a: (a % 9).choose(1, 2, 3, mode="wrap"),
    ],
    "clip": [lambda a: a.clip(1, 5), lambda a: a.clip(max=3), lambda a: a.clip(min=2), lambda a: a.clip(), lambda a: a.clip(1, 5, a)],
    "compress": [lambda a: a.compress([True, False]), lambda a: a.compress([False, True], axis=0), lambda a: a.compress([1], 1)],
    "conj": [lambda a: a.conj()],
    "conjugate": [lambda a: a.conjugate()],
    "copy": [lambda a: a.copy(), lambda a: a.copy("F"), lambda a: a.copy(order="K"), lambda a: a.copy("A"), lambda a: a.copy("X")],
    "cumprod": [lambda a: a.cumprod(0), lambda a: a[:1].cumprod(axis=-1, dtype="f8")],
    "cumsum": [lambda a: a.cumsum(), lambda a: a.cumsum(0), lambda a: a.cumsum(axis=-1, dtype="f8")],
    "device": [lambda a: a.device],
    "diagonal": [lambda a: a.diagonal(), lambda a: a.diagonal(1), lambda a: a.diagonal(offset=-1, axis1=1, axis2=0)],
    "dot": [lambda a: a.dot(a.T), lambda a: a.dot(2), lambda a: a.dot(a)],
    "dtype": [lambda a: a.dtype],
    "dump": [lambda a: dumped(a)],
    "dumps": [lambda a: pickle.loads(a.dumps())],
    "fill": [lambda a: (a.fill(a.flat[0]), a)[1], lambda a: a.fill("x")],
    "flags": [lambda a: [a.flags[k] for k in ("C", "F", "W", "A", "FNC", "FORC", "B", "CA", "FA", "X")], lambda a: repr(a.flags)[:50]],
    "flat": [lambda a: list(a.flat), lambda a: a.flat[1:3], lambda a: a.flat[0], lambda a: len(a.flat), lambda a: a.flat[[0, 1]]],
    "flatten": [lambda a: a.flatten(), lambda a: a.flatten("F"), lambda a: a.flatten(order="K"), lambda a: a.flatten("A")],
    "getfield": [lambda a: a.getfield(a.dtype), lambda a: a.getfield("i2", 2), lambda a: a.getfield("u1", offset=99)],
    "imag": [lambda a: a.imag, lambda a: a.imag.flags.writeable],
    "item": [lambda a: a.item(0), lambda a: a.item(1, 1), lambda a: a.item(), lambda a: a.item((1, 1)), lambda a: a.item(99)],
    "itemsize": [lambda a: a.itemsize],
    "max": [lambda a: a.max(), lambda a: a.max(0, keepdims=True), lambda a: a.max(axis=-1), lambda a: a.max(initial=99)],
    "mean": [
        lambda a: a.mean(),
        lambda a: a.mean(0, keepdims=True),
        lambda a: a.mean(axis=-1, dtype="f8"),
        lambda a: a.mean(0, where=a == a),
    ],
    "min": [lambda a: a.min(), lambda a: a.min(0, keepdims=True), lambda a: a.min(axis=-1), lambda a: a.min(initial=0, where=a == a)],
    "nbytes": [lambda a: getattr(a, "dense_nbytes", a.nbytes)],
    "ndim": [lambda a: a.ndim],
    "nonzero": [lambda a: a.nonzero()],
    "partition": [lambda a: partitioned(a, axis=-1)[..., :1], lambda a: a.partition(99), lambda a: partitioned(a)[:1]],
    "prod": [lambda a: a[:1].prod(), lambda a: a[:2].prod(0), lambda a: a.prod(axis=0, dtype="f8", keepdims=True, initial=2)],
    "put": [
        lambda a: (a.put([0, 1], a.flat[0]), a)[1],
        lambda a: a.put(99, 1),
        lambda a: (a.put([99, -1], [1, 0], mode="wrap"), a)[1],
    ],
    "ravel": [lambda a: a.ravel(), lambda a: a.ravel("F"), lambda a: a.ravel(order="K"), lambda a: a.ravel("A")],
    "real": [lambda a: a.real],
    "repeat": [lambda a: a.repeat(2), lambda a: a.repeat([2] * len(a), axis=0), lambda a: a.repeat(-1)],
    "reshape": [
        lambda a: a.reshape(-1),
        lambda a: a.reshape(a.shape[::-1], order="F"),
        lambda a: a.reshape(2, -1),
        lambda a: a.reshape(7),
        lambda a: a.reshape((1, *a.shape), copy=True),
        lambda a: a.reshape(-1, copy=False),
    ],
    "resize": [lambda a: resized(a, (2, 3)), lambda a: resized(a, 50), lambda a: a.copy().resize(-1)],
    "round": [lambda a: a.round(), lambda a: a.round(1), lambda a: a.round(decimals=-1)],
    "searchsorted": [
        lambda a: np.sort(a, None).searchsorted(a),
        lambda a: a.ravel().searchsorted(a.flat[0], side="right", sorter=a.argsort(None, kind="stable")),
        lambda a: a.searchsorted(0),
    ],
    "setfield": [
        lambda a: (a.setfield(a.flat[0], a.dtype), a)[1],
        lambda a: (a.setfield(1, "i2", 2), a)[1],
        lambda a: a.setfield(1, "i1", 99),
    ],
    "setflags": [lambda a: (a.setflags(write=False), a.flags.writeable)[1], lambda a: (a.setflags(write=0), a.fill(1))],
    "shape": [lambda a: a.shape],
    "size": [lambda a: a.size],
    "sort": [
        lambda a: (a.sort(), a)[1],
        lambda a: (a.sort(0), a)[1],
        lambda a: (a.sort(axis=-1, kind="stable"), a)[1],
        lambda a: (a.sort(stable=True), a)[1],
        lambda a: (a.sort(order=["x", "n"]), a)[1],
        lambda a: a.sort(7),
    ],
    "squeeze": [lambda a: a.squeeze(), lambda a: a[:1].squeeze(0), lambda a: a.squeeze(axis=1)],
    "std": [
        lambda a: a.std(),
        lambda a: a.std(0, ddof=1, keepdims=True),
        lambda a: a.std(axis=-1, mean=a.mean(axis=-1, keepdims=True)),
    ],
    "strides": [lambda a: [step for step, length in zip(a.strides, a.shape, strict=True) if length > 1 and a.size]],
    "sum": [
        lambda a: a.sum(),
        lambda a: a.sum(0, keepdims=True),
        lambda a: a.sum(axis=-1, dtype="f8"),
        lambda a: a.sum(initial=3, where=a == a),
    ],
    "swapaxes": [lambda a: a.swapaxes(0, 1), lambda a: a.swapaxes(0, 9)],
    "take": [
        lambda a: a.take([0, 1]),
        lambda a: a.take([[1, 0]], axis=0),
        lambda a: a.take(99),
        lambda a: a.take([99, -99], 0, mode="clip"),
    ],
    "to_device": [lambda a: a.to_device("cpu"), lambda a: a.to_device("cpu", stream=1), lambda a: a.to_device("gpu")],
    "tobytes": [
        lambda a: a.tobytes(),
        lambda a: a.tobytes("F"),
        lambda a: a.tobytes(order="A"),
        lambda a: a.tobytes(None),
        lambda a: bytes(a),
    ],
    "tolist": [lambda a: a.tolist()],
    "trace": [lambda a: a.trace(), lambda a: a.trace(1), lambda a: a.trace(offset=-1, axis1=1, axis2=0, dtype="f8")],
    "transpose": [lambda a: a.transpose(), lambda a: a.transpose(1, 0), lambda a: a.transpose((0, 1)), lambda a: a.transpose(0, 0)],
    "var": [lambda a: a.var(), lambda a: a.var(0, ddof=1), lambda a: a.var(axis=-1, keepdims=True), lambda a: a.var(0, where=a == a)],
    "view": [
        lambda a: a.view(),
        lambda a: a.view("u1"),
        lambda a: a.view(a.dtype.newbyteorder()),
        lambda a: a.view(dtype="S1"),
        lambda a: a.view("f8"),
    ],
}
#: What the same calls of other tests compare, or cannot be compared.
ELSEWHERE = {
    "ctypes": "refused",
    "data": "refused",
    "tofile": "tests/array/test_conversion.py",
}
#: Means of floats that do not come out exact, and what rounds on the way.
ROUNDED = {"sum", "mean", "std", "var", "trace", "prod", "cumprod"}


def dumped(a):
    file = io.BytesIO()
    a.dump(file)
    return pickle.loads(file.getvalue())


def partitioned(a, axis=0):
    a = a.copy()
    a.partition([0], axis)
    return a


def resized(a, shape):
    a = a.copy()
    a.resize(shape, refcheck=False)
    return a


def test_every_name_of_ndarray_has_uses():
    names = {name for name in dir(np.ndarray) if not name.startswith("_")}
    assert names - USES.keys() - ELSEWHERE.keys() == set()
    assert (USES.keys() | ELSEWHERE.keys()) - names <= {"mT", "device", "to_device"}


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("name", USES)
def test_use(name, array, both):
    if name in ("dump", "dumps") and array == "foreign order":
        pytest.skip("NumPy's older pickles lose the byte order")
    layouts = ["as it is", "transposed", "negative", "odd"]
    if name == "round" and array == "Fortran order":
        # Rounding to decimals keeps the order of axes of contiguous arrays only, and small ones become that when they are decoded.
        layouts = layouts[:2]
    for layout in layouts:
        for use in USES[name]:
            check(
                lambda a, use=use, layout=layout: use(LAYOUTS[layout](a)),
                ARRAYS[array],
                messages=False,
                any_zero=True,
                any_nan=True,
                ulps=16 if name in ROUNDED else 0,
            )


TARGETS = {
    "all": lambda a, out: a.all(0, out=out),
    "any": lambda a, out: a.any(0, out=out),
    "argmax": lambda a, out: a.argmax(0, out=out),
    "argmin": lambda a, out: a.argmin(0, out),
    "clip": lambda a, out: a[0].clip(1, 2, out=out),
    "compress": lambda a, out: a[:1].compress([True], 0, out[None]),
    "choose": lambda a, out: (a[0] * 0).choose([5], out=out),
    "conj": lambda a, out: a[0].conj(out),
    "cumsum": lambda a, out: a[0].cumsum(out=out),
    "cumprod": lambda a, out: a[0].cumprod(0, None, out),
    "dot": lambda a, out: a[0, :4].dot(a, out),
    "max": lambda a, out: a.max(0, out=out),
    "mean": lambda a, out: a.mean(0, out=out),
    "min": lambda a, out: a.min(0, out),
    "prod": lambda a, out: a.prod(0, out=out),
    "round": lambda a, out: a[0].round(0, out),
    "std": lambda a, out: a.std(0, out=out),
    "sum": lambda a, out: a.sum(0, out=out),
    "take": lambda a, out: a.take(range(6), out=out, mode="clip"),
    "var": lambda a, out: a.var(0, out=out),
}


@pytest.mark.parametrize("dtype", ["i8", "f8", "?", "f4"])
@pytest.mark.parametrize("name", TARGETS)
def test_target(name, dtype, both):
    for array in ("integers", "floats", "Fortran order"):
        if dtype in ("i8", "?") and name in ("mean", "std", "var"):
            continue  # NumPy computes in the target, and leaves in it what it had when it found that it does not fit
        check(TARGETS[name], ARRAYS[array], np.zeros(6, dtype), ulps=16 if name in ROUNDED else 0, messages=False)
        if name == "dot":
            continue  # only whole arrays are taken
        check(lambda a, out, name=name: TARGETS[name](a, out[::2]), ARRAYS[array], np.zeros(12, dtype), ulps=16, messages=False)


OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow, divmod,
    operator.lshift, operator.rshift, operator.and_, operator.or_, operator.xor, operator.matmul,
    operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge,
]  # fmt: skip
IN_PLACE = [
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv, operator.imod, operator.ipow,
    operator.ilshift, operator.irshift, operator.iand, operator.ior, operator.ixor, operator.imatmul,
]  # fmt: skip
OTHERS = {
    "itself": lambda a: a,
    "a view of it": lambda a: a[::-1],
    "ndarray": lambda a: np.array(a[:1], copy=True),
    "list": lambda a: a[0].tolist() if a.ndim else [1, 2],
    "int": lambda a: 2,
    "large int": lambda a: 10**25,
    "float": lambda a: 1.5,
    "complex": lambda a: 2j,
    "bool": lambda a: True,
    "None": lambda a: None,
    "text": lambda a: "x",
    "NumPy scalar": lambda a: np.float32(1.5),
    "small NumPy scalar": lambda a: np.int8(3),
    "array without axes": lambda a: np.array(2),
    "tuple": lambda a: (1, 2),
    "object": lambda a: object,
    "masked": lambda a: np.ma.array(np.ones(a.shape, int), mask=np.ones(a.shape, bool)),
    "wants it": lambda a: Wanting(),
    "knows nothing": lambda a: Refusing(),
    "decimal array": lambda a: np.array([2, 3], object),
    "another shape": lambda a: np.ones((7, 3), int),
}


class Wanting:
    """An operand that takes operations with arrays for itself."""

    __array_ufunc__ = None

    def __getattr__(self, name):
        raise AttributeError(name)

    def _mine(self, other):
        return f"with {np.shape(other)}"

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __rmatmul__ = __rpow__ = __eq__ = __lt__ = __gt__ = _mine
    __hash__ = None


class Refusing:
    """An operand that is converted by __array__."""

    def __array__(self, dtype=None, copy=None):
        return np.array([2, 3], dtype)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("function", [*OPERATORS, *IN_PLACE], ids=lambda f: f.__name__)
def test_operator(function, other, both):
    for name in ("integers", "small unsigned", "floats", "bools", "complex", "no axes", "square", "times"):
        for reflected in (False, True):
            check(
                lambda a, r=reflected: function(*((OTHERS[other](a), a) if r else (a, OTHERS[other](a)))),
                ARRAYS[name],
                messages=False,
                dense=None,
                any_nan=True,
                aliasing=False,
                # What was computed before an error is the target's in NumPy, and elements are taken in another order.
                mutation=function is not operator.ipow,
                error=1e-6 if "matmul" in function.__name__ else 0.0,
            )


@pytest.mark.parametrize(
    "function", [abs, operator.neg, operator.pos, operator.invert, bool, int, float, complex, operator.index, len, hash]
)
@pytest.mark.parametrize("array", ARRAYS)
def test_unary(function, array, both):
    check(function, ARRAYS[array])
    check(lambda a: function(a[:1, :1]), ARRAYS[array])


OVERLAPPING = {
    "shifted up": lambda a: operator.iadd(a[1:], a[:-1]),
    "shifted down": lambda a: operator.imul(a[:-1], a[1:]),
    "reversed": lambda a: operator.isub(a, a[::-1]),
    "transposed": lambda a: operator.iadd(a, a.T),
    "assigned": lambda a: a.__setitem__(slice(1, None), a[:-1]),
    "assigned, reversed": lambda a: a.__setitem__(..., a[::-1]),
    "target of a ufunc": lambda a: np.add(a[:-1], a[1:], out=a[:-1]),
    "two views": lambda a: np.subtract(a[::2][:2], a[1::2][:2], out=a[1:3]),
    "accumulated": lambda a: np.add.accumulate(a, out=a),
    "reduced into a part": lambda a: np.add.reduce(a, axis=0, out=a[0]),
    "masked": lambda a: np.add(a, a[::-1], out=a, where=a > 2),
    "fancy": lambda a: a.__setitem__([0, 1, 2], a[[2, 0, 1]]),
    "copyto": lambda a: np.copyto(a[1:], a[:-1]),
    "chained views": lambda a: operator.iadd(a[1:][::-1].T[1:], a[:-1].T[:-1]),
}


@pytest.mark.parametrize("name", OVERLAPPING)
def test_overlapping(name, both):
    for array in ("square", "wide integers", "floats"):
        values = np.resize(ARRAYS[array], (5, 5))
        check(lambda a: (OVERLAPPING[name](a), a)[1], values)


SHARING = [
    (lambda a: a, lambda a: a),
    (lambda a: a, lambda a: a.copy()),
    (lambda a: a[:2], lambda a: a[2:]),
    (lambda a: a[::2], lambda a: a[1::2]),
    (lambda a: a[:, ::2], lambda a: a[:, 1::2]),
    (lambda a: a[:, ::2], lambda a: a[1:, 2:]),
    (lambda a: a.T[1:], lambda a: a[1:].T),
    (lambda a: a[0], lambda a: a[1:][0]),
    (lambda a: a[:0], lambda a: a),
    (lambda a: a.reshape(-1)[3:9], lambda a: a[1]),
    (lambda a: a.real, lambda a: a),
    (lambda a: a, lambda a: np.zeros(3)),
]


@pytest.mark.parametrize("array", ["integers", "floats", "complex", "bools", "objects", "one element"])
@pytest.mark.parametrize("pair", range(len(SHARING)))
def test_sharing(pair, array, both):
    left, right = SHARING[pair]
    check(lambda a: (np.shares_memory(left(a), right(a)), np.may_share_memory(left(a), right(a))), ARRAYS[array])


def test_shares_memory_of_parts(both):
    check(
        lambda a: (np.shares_memory(a.real, a.imag), np.shares_memory(a.real, a), np.shares_memory(a.imag[1], a[0])), ARRAYS["complex"]
    )
    check(lambda a: (np.shares_memory(a["n"], a["x"]), np.shares_memory(a, a["x"])), ARRAYS["records"])
    check(lambda a: (np.shares_memory(a["n"][0], a["n"]), np.shares_memory(a["x"][:1], a[1:])), ARRAYS["records"])


# -- memory that there is not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ctypes", "data", "__array_interface__", "__array_struct__"])
def test_memory_is_refused_with_the_way_out(name):
    a = CompactArray(ARRAYS["integers"])
    assert not hasattr(a, name)
    with pytest.raises(AttributeError, match=r"numpy\.asarray\(a\)"):
        getattr(a, name)


def test_buffers_are_refused():
    a = CompactArray(ARRAYS["integers"])
    for function in (memoryview, io.BytesIO().write, np.frombuffer):
        with pytest.raises(TypeError):
            function(a)


def test_dlpack_is_a_copy(both):
    for name in ("integers", "floats", "Fortran order", "small unsigned", "bools", "complex"):
        a = CompactArray(ARRAYS[name])
        for array in (a, a[::-1], a.T[1:]):
            taken = np.from_dlpack(array)
            assert_same(taken, np.asarray(array), dense=True)
            assert array.__dlpack_device__() == taken.__dlpack_device__()
            taken[...] = 0
            assert_same(a, ARRAYS[name])
            assert_same(np.from_dlpack(array, copy=True), np.asarray(array), dense=True)
        with pytest.raises(BufferError):
            a.__dlpack__(copy=False)
    for name in ("times", "texts", "objects", "records"):
        with pytest.raises(BufferError):
            CompactArray(ARRAYS[name]).__dlpack__()


def test_dlpack_shares_what_is_plain():
    a = CompactArray.from_view(PlainView(ARRAYS["integers"].copy()))
    for shared in (np.from_dlpack(a), np.from_dlpack(a, copy=False), np.from_dlpack(a.T).T):
        shared[0] += 1
        assert_same(a, np.asarray(shared))
    taken = np.from_dlpack(a, copy=True)
    taken[...] = 0
    assert np.asarray(a).any()


def test_assigned_dtype(both):
    for dtype in ("u8", "i4", "f4", ">i8", "S8", "i3", "O"):
        for array in ("integers", "Fortran order", "one axis", "empty"):

            def assigned(a, dtype=dtype):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)
                    a.dtype = dtype
                return a

            check(assigned, ARRAYS[array], messages=False)


def test_array_wrap():
    a = CompactArray(ARRAYS["integers"])
    assert_same(a.__array_wrap__(np.arange(3)), np.arange(3))
    assert_same(a.__array_wrap__(np.array(3), None, True), np.int64(3))

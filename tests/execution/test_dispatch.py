"""Whose an operation is: operands of other classes beside compact arrays, small and large, fare as beside ndarrays."""

import itertools
import operator

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.config import settings
from compactarray.testing import check

#: On both sides of what is decoded at once.
SIZES = [6, 6000]
OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "lshift", "lt", "le", "eq", "ne", "gt", "ge"]
IN_PLACE = ["iadd", "isub", "imul", "ifloordiv", "iand", "ipow"]

each_size = pytest.mark.parametrize("size", SIZES)
each_operator = pytest.mark.parametrize("name", OPERATORS)


def values(size):
    return np.arange(size) % 13 + 1


class Plain(np.ndarray):
    """A subclass that overrides nothing."""


class Overriding(np.ndarray):
    """A subclass that computes by itself, and tells what it was asked for."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc.__name__, method, [type(value).__name__ for value in inputs], sorted(kwargs)


class Passing(np.ndarray):
    """A subclass that hands on to ndarray what it is asked for, as most do, and takes the result for itself."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
        def plain(value):
            return value.view(np.ndarray) if isinstance(value, Passing) else value

        options = {"out": tuple(map(plain, out))} if out else {}
        result = super().__array_ufunc__(ufunc, method, *map(plain, inputs), **options, **kwargs)
        if result is NotImplemented:
            return NotImplemented
        return out[0] if out else np.asarray(result).view(Passing)


class Prior:
    """No array: knows reflected operators and `__array_priority__`, as old libraries do."""

    __hash__ = None
    __array_priority__ = 1000.0

    def _answer(self, other):
        return "mine", type(other).__name__ in ("ndarray", "CompactArray")

    for name in [*OPERATORS, "matmul", "divmod"]:
        prefix = "" if name in ("lt", "le", "eq", "ne", "gt", "ge") else "r"
        locals()[f"__{prefix}{name.strip('_')}__"] = _answer


class Behind(Prior):
    """The same with a lower priority than ndarray's: its operators are not asked first."""

    __array_priority__ = -1.0


class Refusing(Prior):
    """The same in the words of today."""

    __array_ufunc__ = None


class Foreign:
    """A class with an override that is no subclass of ndarray."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return "foreign", ufunc.__name__


class Wrapping:
    """No array, but wraps what is computed from it."""

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.data, dtype)

    def __init__(self, data):
        self.data = data

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return "wrapped", np.asarray(array).tolist()


def told(function, *arguments):
    """Return what a call gives, or the class of its error, so that it can be compared."""
    try:
        return shown(function(*arguments))
    except Exception as error:
        return type(error)


def shown(found):
    if isinstance(found, CompactArray):
        return "array", str(found.dtype), np.asarray(found).tolist()
    if isinstance(found, np.ma.MaskedArray):
        return type(found), str(found.dtype), found.filled(77).tolist(), np.ma.getmaskarray(found).tolist()
    if isinstance(found, np.ndarray):
        return "array" if type(found) in (np.ndarray, np.memmap) else type(found), str(found.dtype), np.asarray(found).tolist()
    return [shown(item) for item in found] if isinstance(found, tuple) else found


def same(function, array, *others, makers=(np.array, CompactArray)):
    """Compare a call beside an ndarray with one beside a compact array; both may write to it."""
    outcomes = []
    for make in makers:
        mine = make(array)
        with np.errstate(all="ignore"):
            outcomes.append((told(lambda mine=mine: function(mine, *[other() for other in others])), np.asarray(mine).tolist()))
    theirs, ours = (repr(outcome).replace("CompactArray", "ndarray") for outcome in outcomes)
    assert ours == theirs


def subclasses(size):
    b = values(size)
    return {
        "plain": lambda: b.copy().view(Plain),
        "passing": lambda: b.copy().view(Passing),
        "masked": lambda: np.ma.array(b.copy(), mask=b % 2 == 0),
        "hard-masked": lambda: np.ma.array(b.copy(), mask=b % 3 == 0, hard_mask=True),
        "masked record": lambda: np.ma.masked,
        "recarray": lambda: b.copy().view(np.recarray),
        "another shape": lambda: b[:1].view(Plain),
        "without axes": lambda: np.array(5).view(Plain),
    }


@each_size
@each_operator
@pytest.mark.parametrize("kind", subclasses(6))
def test_operators_beside_subclasses(kind, name, size):
    function, other = getattr(operator, name), subclasses(size)[kind]
    same(function, values(size), other)
    same(lambda a, b: function(b, a), values(size), other)


@each_size
@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("kind", subclasses(6))
def test_operators_in_place_beside_subclasses(kind, name, size):
    function, other = getattr(operator, name), subclasses(size)[kind]
    same(lambda a, b: function(a, b) is a, values(size), other)
    if kind != "another shape" and kind != "without axes" and kind != "masked record":
        same(lambda a, b: function(b, a), values(size), other)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("size", [6, 600])
def test_matrices(size):
    """np.matrix has a product of its own, in both orders."""
    b = values(size)

    def matrix():
        return np.matrix(b)

    for function in (operator.mul, operator.matmul, operator.add, operator.eq, np.multiply, np.matmul, np.dot):
        same(lambda a, m, f=function: f(a, m.T), b, matrix)
        same(lambda a, m, f=function: f(m, a), b, matrix)
        same(lambda a, m, f=function: f(m, a[:, None]), b, matrix)
    same(lambda a, m: np.concatenate([m, a[None]]), b, matrix)


UFUNC_CALLS = {
    "call": lambda a, p: np.add(a, p),
    "call, reversed": lambda a, p: np.subtract(p, a),
    "unary with out": lambda a, p: np.negative(a, out=p),
    "out, compact": lambda a, p: np.add(p, 1, out=a) is a,
    "two results": lambda a, p: np.divmod(a, p),
    "where": lambda a, p: np.add(a, 1, out=np.zeros(a.shape, int), where=p > 3),
    "subok": lambda a, p: np.add(a, p, subok=False),
    "reduce into": lambda a, p: np.add.reduce(a, keepdims=True, out=p[:1].copy()),
    "accumulate into": lambda a, p: np.add.accumulate(a, out=p),
    "outer": lambda a, p: np.multiply.outer(a[:5], p[:3]),
    "at": lambda a, p: np.add.at(a, [0, 0, 1], p[:3]),
    "at, the other": lambda a, p: (np.add.at(p, [0, 0, 1], a[:3]), p)[1],
    "clip": lambda a, p: np.clip(a, 2, p),
    "copyto": lambda a, p: np.copyto(a, p),
    "concatenate": lambda a, p: np.concatenate([a, p]),
    "where function": lambda a, p: np.where(p > 3, a, 0),
    "isclose": lambda a, p: np.isclose(a, p),
    "put": lambda a, p: np.put(a, [0, 1], p[3:5]),
    "assignment": lambda a, p: a.__setitem__(slice(3), p[3:6]),
    "sum where": lambda a, p: np.sum(a, where=p > 3),
}


@each_size
@pytest.mark.parametrize("name", UFUNC_CALLS)
@pytest.mark.parametrize("kind", ["plain", "masked", "passing", "recarray"])
def test_calls_with_subclasses(name, kind, size):
    same(UFUNC_CALLS[name], values(size), subclasses(size)[kind])


@each_size
def test_memory_maps_are_arrays(size, tmp_path):
    path = tmp_path / "values"
    values(size).tofile(path)

    def mapped():
        return np.memmap(path, int, "r+", shape=(size,))

    same(operator.add, values(size), mapped)
    same(lambda a, m: operator.sub(m, a), values(size), mapped)
    same(lambda a, m: np.add(a, 1, out=m), values(size), mapped)
    found = CompactArray(values(size)) + mapped()
    assert type(found) is CompactArray


@each_size
def test_overrides_are_asked_once(size):
    """With the operands as they are; the words of the answers tell."""
    b = values(size)
    for function in (np.add, operator.sub, operator.lt, operator.pow, np.matmul, np.divmod):
        for mine, theirs in ((CompactArray, "CompactArray"), (np.array, "ndarray")):
            _, method, kinds, _ = function(mine(b), b.view(Overriding))
            assert (method, kinds) == ("__call__", [theirs, "Overriding"][:: -1 if function is operator.lt else 1])
            _, method, kinds, _ = function(b.view(Overriding), mine(b))
            assert (method, sorted(kinds)) == ("__call__", sorted(["Overriding", theirs]))
    for mine in (CompactArray, np.array):
        assert np.add(mine(b), 1, out=b.view(Overriding))[3] == ["out"]
        assert np.add.reduce(mine(b), out=b[:1].view(Overriding), keepdims=True)[1] == "reduce"
        assert np.add.outer(mine(b), b.view(Overriding))[1] == "outer"


@each_size
@pytest.mark.parametrize("name", [*OPERATORS, "matmul"])
@pytest.mark.parametrize("kind", [Prior, Behind, Refusing, Foreign])
def test_operators_beside_strangers(name, kind, size):
    function = getattr(operator, name)
    if kind is Behind and name not in ("eq", "ne"):
        size = 6  # NumPy makes objects of it
    same(function, values(size), kind)
    same(lambda a, b: function(b, a), values(size), kind)
    same(lambda a, b: divmod(a, b), values(size), kind)


@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("kind", [Prior, Refusing, Foreign])
def test_operators_in_place_beside_strangers(name, kind):
    for size in SIZES:
        same(getattr(operator, name), values(size), kind)


def test_what_is_wrapped():
    for size in SIZES:
        same(np.add, values(size), lambda n=size: Wrapping(values(n)))
        same(lambda a, w: np.add(w, a), values(size), lambda n=size: Wrapping(values(n)))


@each_size
def test_powers_have_no_modulus(size):
    for function in (lambda a: pow(a, 2, 3), lambda a: pow(2, a, 3), lambda a: a.__pow__(2, None)):
        check(function, values(size))


def test_a_subclass_among_large_operands_is_dense():
    """What it costs is told, and only where it costs something."""
    b = values(100_000)
    large, small = CompactArray(b), CompactArray(b[:10])
    with compactarray.config(on_dense="error"):
        for call in (lambda: large + b.view(Plain), lambda: np.concatenate([large, b.view(Plain)]), lambda: large * np.ma.array(b)):
            with pytest.raises(compactarray.DenseWarning, match="a subclass of ndarray takes part"):
                call()
        large + np.asarray(b)
        if settings().plain_below:
            small + b[:10].view(Plain)


@each_size
def test_iteration_order_of_many(size):
    """Several subclasses together: NumPy decides among them."""
    b = values(size)
    for first, second in itertools.permutations([b.view(Plain), np.ma.array(b, mask=b > 5), b.view(Passing)], 2):
        same(lambda a, x=first, y=second: np.where(a > 1, x, y), b)
        same(lambda a, x=first, y=second: (a + x) + (a + y), b)

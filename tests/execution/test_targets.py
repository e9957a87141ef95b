"""What takes part besides the operands: targets, masks, initial values; and the layouts that they make. Small and large."""

import itertools

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.config import settings
from compactarray.testing import assert_same, check
from tests.execution.test_calls import same

#: On both sides of what is decoded at once, and of a tile.
SIZES = [6, 120, 70_000] if settings().tile_length > 120 else [6, 120]
each_size = pytest.mark.parametrize("size", SIZES)


def counts(size):
    return np.random.default_rng(0).integers(0, 200, size)


def like(a, values):
    return CompactArray(values) if isinstance(a, CompactArray) else values


def locked(array):
    array.flags.writeable = False
    return array


READ_ONLY = {
    "add": lambda a: np.add(locked(a), 1, out=a),
    "in place": lambda a: locked(a).__iadd__(1),
    "modf": lambda a: np.modf(locked(a), out=(a, None)),
    "no array": lambda a: np.modf(locked(a), out=([], a)),
    "accumulate": lambda a: np.add.accumulate(locked(a), out=a),
    "cumsum": lambda a: np.cumsum(a, out=locked(a)),
    "reduce": lambda a: np.sum(a[None], 0, out=locked(a)),
    "reduceat": lambda a: np.add.reduceat(locked(a), [0, 2], out=a[:2]),
    "outer": lambda a: np.add.outer(a[:2], a[:2], out=locked(a)[:4].reshape(2, 2)),
    "matmul": lambda a: np.matmul(a[:, None], a[None, :1], out=locked(a)[:, None]),
    "round": lambda a: np.round(a, 1, out=locked(a)),
    "clip": lambda a: np.clip(a, 1, 2, out=locked(a)),
    "dot": lambda a: np.dot(a[:, None] * 0, a[:1], out=locked(a)),
    "broadcast": lambda a: np.add(b := np.broadcast_to(a[:1], a.shape), 1, out=b),
    "nan_to_num": lambda a: np.nan_to_num(locked(a), copy=False),
}


@each_size
@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only_targets(name, size):
    same(READ_ONLY[name], np.arange(float(size)) + 0.5)


@each_size
def test_at_does_not_write_to_what_is_read_only(size):
    """NumPy 2.4 does."""
    array = CompactArray(np.arange(size))
    with pytest.raises(ValueError, match="array to perform in place operation on is read-only"):
        np.add.at(locked(array), [0], 5)
    assert array[0] == 0


#: Ufunc, dtype of the array, dtype of the target: it takes part in choosing the loop, and holds partial results.
LOOPS = [("add", "i8", "f8"), ("add", "i1", "i1"), ("add", "f4", "f8"), ("add", "f8", "i8"), ("add", "?", "?"), ("add", "m8[s]", "m8[ms]"),
         ("add", "c16", "f4"), ("multiply", "i4", "f8"), ("maximum", "i8", "i1"), ("logical_and", "f8", "f8"), ("bitwise_and", "i8", "f8"),
         ("divide", "i8", "i4"), ("less", "?", "?")]  # fmt: skip


@each_size
@pytest.mark.parametrize(("name", "dtype", "target"), LOOPS)
def test_the_loop_of_a_target(name, dtype, target, size):
    values = np.full(size, 2**58) + counts(size) if (name, dtype) == ("add", "i8") else counts(size) + (0.5 if dtype == "f8" else 0)
    ufunc, values = getattr(np, name), values.astype(dtype)
    with np.errstate(all="ignore"):
        check(lambda a: ufunc.reduce(a, out=like(a, np.empty((), target))), values, ulps=4)
        check(lambda a: ufunc.reduce(a.reshape(2, -1), axis=1, out=like(a, np.empty(2, target))), values, ulps=4)
        check(lambda a: ufunc.accumulate(a, out=like(a, np.empty(size, target))), values, ulps=4)
        check(lambda a: ufunc.reduceat(a, [0, 3, size - 2], out=like(a, np.empty(3, target))), values, ulps=4)


@each_size
@pytest.mark.parametrize("shape", [(1,), (3, 1), (2,), (3, 3)])
def test_targets_of_a_wrong_shape(shape, size):
    for keepdims in (False, True):
        same(lambda a, k=keepdims: np.add.reduce(a.reshape(2, -1), axis=0, keepdims=k, out=like(a, np.zeros(shape))), counts(size))
    same(lambda a: np.add.accumulate(a.reshape(2, -1), axis=0, out=like(a, np.zeros(shape))), counts(size))
    same(lambda a: np.add.reduceat(a.reshape(2, -1), [0, 1, 0], axis=0, out=like(a, np.zeros(shape))), counts(size))


REDUCED = [np.lcm, np.gcd, np.subtract, np.multiply, np.add, np.maximum, np.fmin, np.logical_xor, np.bitwise_or, np.floor_divide,
           np.hypot, np.divide, np.fmod]  # fmt: skip


@each_size
@pytest.mark.parametrize("ufunc", REDUCED, ids=lambda f: f.__name__)
def test_masks_and_initial_values(ufunc, size):
    mask, rows = counts(size) > 100, np.array([[True], [False]])
    for dtype, initial in itertools.product(["i8", "f8", "i1"], [{}, {"initial": 3}, {"initial": None}]):
        values = (counts(size) % 50 + 1).astype(dtype)
        options = {"error": 1e-6 * size, "ulps": 64} if dtype == "f8" else {}
        with np.errstate(all="ignore"):
            same(lambda a, i=initial: ufunc.reduce(a, where=like(a, mask), **i), values, **options)
            for axis in (0, 1):
                same(lambda a, i=initial, x=axis: ufunc.reduce(a.reshape(2, -1), axis=x, where=rows, **i), values, **options)
                same(
                    lambda a, i=initial, x=axis: ufunc.reduce(a.reshape(-1, 2), axis=x, where=like(a, mask).reshape(-1, 2), **i),
                    values[: 2 * (min(size, 4000) // 2)] if size > 120 and ufunc in (np.lcm, np.subtract) else values,
                    **options,
                ) if size <= 120 or axis == 0 else None


@each_size
def test_what_reductions_refuse(size):
    for call in (
        lambda a: np.sum(a.reshape(2, -1), where=like(a, np.ones(5, bool))),
        lambda a: np.sum(a, where=like(a, np.ones((2, size), bool))),
        lambda a: np.sum(a, keepdims="x"),
        lambda a: np.subtract.reduce(a, where=a > 3),
    ):
        same(call, counts(size))


@each_size
def test_reductions_to_objects(size):
    for call in (
        lambda a: np.add.reduce(a, dtype=object),
        lambda a: np.gcd.reduce(a + 0.0, dtype=object),
        lambda a: np.add.reduce(a.reshape(2, -1), axis=1, dtype=object),
        lambda a: np.add.accumulate(a, dtype=object),
        lambda a: np.add.reduceat(a, [0, 2], dtype=object),
    ):
        same(call, counts(size))


@each_size
def test_products_of_floats_are_in_sequence(size):
    """What has become zero stays zero, though later parts overflow; and the reverse."""
    values = np.concatenate([np.full(size * 20, 0.5), np.full(size * 20, 1e3)])
    with np.errstate(all="ignore"):
        for call in (np.multiply.reduce, lambda a: np.prod(a[::-1]), lambda a: np.prod(a.reshape(-1, 2), axis=0)):
            same(call, values)


@each_size
def test_layouts(size):
    """Of broadcast operands, given targets, masks, and along axes."""
    values = counts(size)
    same(
        lambda a: np.broadcast_to(a.reshape(3, -1)[:, :1], (3, size // 3)) + a[: size // 3 * 3].reshape(-1, 3).T,
        values[: size // 3 * 3],
    )
    same(lambda a: np.negative(np.broadcast_to(a[: size // 2], (3, size // 2))), values)
    same(lambda a: np.divmod(a.reshape(2, -1), 7, out=(like(a, np.zeros((2, size // 2), int, order="F")), None)), values)


@pytest.mark.parametrize("shape", [(3, 2, 4), (3, 200, 4)])
@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
def test_layouts_of_methods(axes, shape):
    values = np.arange(np.prod(shape)).reshape(shape) % 50
    moved = tuple(shape[axis] for axis in axes)
    for axis in range(3):
        for call in (
            lambda a, x: np.add.reduceat(a, [0, 1], axis=x),
            lambda a, x: np.add.reduceat(a, [1, 0], axis=x),
            lambda a, x: np.add.accumulate(a, axis=x),
            lambda a, x: np.add.accumulate(a[::-1, :, ::-1], axis=x),
            lambda a, x: np.add.reduce(a, axis=x, keepdims=True),
            lambda a, x: np.add.reduce(a, axis=x, where=like(a, np.ones(moved, bool))),
            lambda a, x: np.add.accumulate(np.broadcast_to(a[:, :1], moved), axis=x),
            lambda a, x: np.add.reduce(np.broadcast_to(a[:, :1], moved), axis=x),
        ):
            same(lambda a, c=call, x=axis: c(a.transpose(axes), x), values)
    same(lambda a: np.add.reduce(a.transpose(axes), axis=()), values)
    same(lambda a: np.add.reduce(a.transpose(axes), axis=(), initial=5, where=a.transpose(axes) > 3), values)


@each_size
@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.subtract, np.divide])
def test_indices_of_reduceat(ufunc, size):
    every = list(range(0, size, 7))
    for indices in ([0, size // 2], [size - 1, 0, 3, 3, 2], every, [size], [-1], [0.5], np.array([0.5]), [[0]], [True], []):
        for dtype in ("i8", "f8"):
            with np.errstate(all="ignore"):
                same(lambda a, i=indices: ufunc.reduceat(a, i), (counts(size) % 5 + 1).astype(dtype), ulps=64, error=1e-3)


@each_size
@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.subtract])
def test_at_many_places(ufunc, size):
    places = np.random.default_rng(1).integers(0, size, 5 * size)
    for call in (
        lambda a: ufunc.at(a, places, 3),
        lambda a: ufunc.at(a, like(a, places), like(a, places)),
        lambda a: ufunc.at(a, (like(a, places % 3),), 2),
        lambda a: ufunc.at(a.reshape(2, -1), (places % 2, places % (size // 2)), places),
        lambda a: ufunc.at(a[::-2], places[:9] % (size // 2), 2),
        lambda a: ufunc.at(a, a % size, a),
        lambda a: ufunc.at(a, np.full(5 * size, size), 1),
        lambda a: ufunc.at(a, places[:5], np.ones(4)),
    ):
        same(call, counts(size))


@each_size
def test_accumulating_short_and_long_lines(size):
    for shape, axis, ufunc in itertools.product([(size // 2, 2), (2, size // 2)], [0, 1], [np.add, np.logical_or, np.multiply]):
        same(lambda a, s=shape, x=axis, f=ufunc: f.accumulate(a.reshape(s), axis=x), counts(size))
        same(lambda a, s=shape, x=axis, f=ufunc: f.accumulate(a.reshape(s), axis=x), counts(size) / 3)


@each_size
@pytest.mark.parametrize("dtype", ["e", "f", "F"])
def test_numbers_beside_narrow_floats(dtype, size):
    """They are rounded to the dtype first, once, with one warning."""
    for number in (70_000, 10**39, 2049, 2**24 + 1, 1e6):
        for ufunc in (np.add, np.floor_divide, np.greater_equal) if dtype != "F" else (np.add,):
            same(lambda a, f=ufunc, n=number: f(a, n), (counts(size) % 7).astype(dtype))
    same(lambda a: np.add(a, 0.1, dtype="D"), (counts(size) % 7).astype(dtype))


CASTS = {
    "where over a complex target": lambda a: np.exp2(a, where=a > 2, out=like(a, np.zeros(a.shape, complex))),
    "dtype": lambda a: np.floor(a + 1j, dtype="f4", casting="unsafe"),
    "target": lambda a: np.add(a + 1j, 1, out=like(a, np.zeros(a.shape)), casting="unsafe"),
    "reduce": lambda a: np.add.reduce(a + 1j, dtype="f8"),
    "reduce into": lambda a: np.add.reduce(a + 1j, out=like(a, np.zeros(()))),
    "accumulate": lambda a: np.add.accumulate(a + 1j, dtype="f8"),
    "matmul": lambda a: np.matmul(a + 1j, a, dtype="f8", casting="unsafe"),
    "moments without a unit": lambda a: a.astype("m8[s]") - 255,
    "compared": lambda a: a.astype("m8[s]") < 5,
    "least": lambda a: np.minimum(a.astype("m8[s]"), 3),
}


@each_size
@pytest.mark.parametrize("name", CASTS)
def test_casts_are_told_once(name, size):
    same(CASTS[name], counts(size).astype("i4") % 5)


MUTATING = {
    "put": lambda a: np.put(a=a, ind=[0], v=[5]),
    "place": lambda a: np.place(arr=a, mask=a > 5, vals=[3]),
    "copyto": lambda a: np.copyto(dst=a, src=1),
    "putmask": lambda a: np.putmask(a=a, mask=a > 5, values=2),
    "fill_diagonal": lambda a: np.fill_diagonal(a=a.reshape(2, -1), val=3),
    "put_along_axis": lambda a: np.put_along_axis(arr=a, indices=np.array([0]), values=4, axis=0),
}


@each_size
@pytest.mark.parametrize("name", MUTATING)
def test_functions_that_write_to_an_argument_given_by_name(name, size):
    same(MUTATING[name], counts(size))


@each_size
def test_membership_and_records(size):
    values = counts(size)
    records = np.zeros(size, [("a", "i4"), ("b", "f8")])
    records["a"] = values
    for call in (lambda a: [1, 2] in a.reshape(-1, 2), lambda a: [300] in a, lambda a: 7 in a, lambda a: None in a):
        same(call, values)
    for call in (
        lambda s: s == s,
        lambda s: s != s[::-1],
        lambda s: s == s[:1],
        lambda s: s == s["a"],
        lambda s: s[:4] == s[:3],
        lambda s: s == 1,
        lambda s: s.reshape(2, -1) == s.reshape(-1, 2).T[:, ::-1],
    ):
        same(call, records)


@each_size
@pytest.mark.parametrize("action", ["raise", "warn", "call", "log"])
def test_errors_are_named_and_ordered_as_numpy_does(action, size):
    """By the method; divisions before overflows before what is invalid, over the whole."""

    def run(call, a):
        seen = []
        with np.errstate(all=action, call=(lambda *told: seen.append(told)) if action != "log" else _Log(seen)):
            call(a)
        return seen

    zeros = np.arange(size) % 3 * 1.0
    zeros[-1] = np.inf
    for call in (
        lambda a: a / a,
        lambda a: np.log(-a),
        lambda a: np.divide.reduceat(a, [0, size - 5]),
        lambda a: np.subtract.reduceat(a, [0]),
    ):
        check(lambda a, c=call: run(c, a), zeros, mutation=False)
    large = np.full(size, 1e38, "f4")
    for call in (
        np.add.reduce,
        lambda a: np.add.reduce(a.reshape(2, -1), axis=1),
        np.multiply.reduce,
        np.add.accumulate,
        lambda a: a[None] @ a,
    ):
        check(lambda a, c=call: run(c, a), large, mutation=False)


class _Log:
    def __init__(self, lines):
        self._lines = lines

    def write(self, line):
        self._lines.append(line)


WRAPPING = {
    "negative": lambda a, out: np.negative(a, out=out),
    "invert": lambda a, out: np.invert(a, out=out),
    "subtract": lambda a, out: np.subtract(a, a[::-1], out=out),
    "add": lambda a, out: np.add(a, a, out=out),
    "multiply": lambda a, out: np.multiply(a, a, out=out),
    "left_shift": lambda a, out: np.left_shift(a, 3, out=out),
    "square": lambda a, out: np.square(a, out=out),
    "less": lambda a, out: np.less(a, 3, out=out),
    "not_equal": lambda a, out: np.not_equal(a, a[::-1], out=out),
    "logical_not": lambda a, out: np.logical_not(a, out=out),
    "in place": lambda a, out: out.__iadd__(a),
}


@each_size
@pytest.mark.parametrize("name", WRAPPING)
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "i8", "?", "f4"])
def test_the_loop_knows_nothing_of_the_target(name, dtype, size):
    """What wraps around wraps in the loop; it is cast afterwards."""
    values = np.repeat(counts(size), 3)[:size].astype(dtype)
    for target, sorted_ in itertools.product(["u1", "i4", "i8", "f2", "f8", "c16"], [False, True]):
        same(WRAPPING[name], np.sort(values) if sorted_ else values, np.zeros(size, target))


@pytest.mark.parametrize("size", [50, 3000])
@pytest.mark.parametrize("ufunc", [np.modf, np.divmod, np.frexp])
def test_targets_that_overlap_each_other(ufunc, size, both):
    source = np.arange(size) / 3
    rest = (7,) if ufunc is np.divmod else ()
    pairs = [
        lambda a: (a[:-1], a[1:]),
        lambda a: (a[1:], a[:-1]),
        lambda a: (a[:-1], a[1:][::-1]),
        lambda a: (a[::-1][1:], a[1:]),
        lambda a: (a[: size // 2 * 2 : 2], a[1::2]),
        lambda a: (a, a[::-1]),
        lambda a: (a, a),
    ]
    for pair, own in itertools.product(pairs, [False, True]):
        want, found = source.copy(), CompactArray(source)
        for a in (want, found):
            outs = pair(a)
            values = outs[1] if own else source[: len(outs[0])]
            mask = np.arange(len(outs[0])) % 5 != 0
            results = ufunc(values, *rest, out=outs, where=mask, casting="unsafe")
            assert all(result is out for result, out in zip(results, outs, strict=True))
        assert_same(found, want)

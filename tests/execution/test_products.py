"""Products of matrices and vectors by panels: all ways to say where axes are, layouts, targets, small and large."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.execution import contraction
from compactarray.testing import assert_same, check
from tests.execution.test_calls import out_like
from tests.strategies import KINDS, make

#: Tiles that make a panel, and a length of tiles: at the edges of panels, and everything at once.
PANELS = [(1, 8), (1, 64), (16, 65_536)]
SHAPES = [((4, 5), (5, 6)), ((5,), (5, 6)), ((4, 5), (5,)), ((5,), (5,)), ((3, 4, 5), (5, 2)), ((3, 4, 5), (3, 5, 2)),
          ((1, 4, 5), (7, 5, 2)), ((2, 1, 4, 5), (3, 5, 2)), ((0, 4), (4, 3)), ((3, 0), (0, 4)), ((40, 30), (30, 0)), ((40, 3), (3, 50)),
          ((2, 30), (30, 4)), ((4, 5), (4, 5)), ((), (5,)), ((90, 2), (2, 1)), ((2, 3, 4, 5), (5,)), ((5,), (2, 3, 5, 4))]  # fmt: skip
AXES = [[(0, 1), (1, 0), (0, 1)], [(0, 1), (1, 0), (2, 1)], [(2, 0), (0, 2), (0, 2)], [(-1, 0), (0, -1), (0, 1)], [(0, 1), (1, 0)],
        [(0, 5), (1, 0), (0, 1)], [0, 1, 2], "x", [(0, 1), (0, 1), (0, 1)]]  # fmt: skip
OTHERS = {
    "vecdot": [((4, 5), (5,)), ((4, 5), (3, 1, 5)), ((5,), (5,)), ((4, 5), (4, 6))],
    "matvec": [((4, 5), (5,)), ((2, 4, 5), (2, 5)), ((2, 4, 5), (3, 1, 5)), ((5, 2), (1,))],
    "vecmat": [((5,), (5, 3)), ((2, 5), (2, 5, 3)), ((2, 1, 5), (4, 5, 3)), ((5,), (4, 3)), ((5,), (5, 200))],
}


@pytest.fixture(params=PANELS, ids=str)
def panels(request, monkeypatch):
    tiles, tile = request.param
    monkeypatch.setattr(contraction, "_panel", lambda: tiles * tile)


def sample(shape, dtype, seed=0):
    values = np.random.default_rng(seed).integers(0, 5, shape)
    return values + 2j * values[::-1] if dtype == "c16" and values.ndim else values.astype(dtype)


def same(function, *arrays):
    check(function, *arrays, error=1e-5 if arrays[0].dtype.kind in "fc" else 0)


each_dtype = pytest.mark.parametrize("dtype", ["i8", "u1", "?", "f4", "f8", "c16", "f2"])


@each_dtype
@pytest.mark.usefixtures("panels")
def test_matmul(dtype):
    for left, right in SHAPES:
        a, b = sample(left, dtype), sample(right, dtype, 1)
        for order in "KCFA":
            same(lambda a, b, o=order: np.matmul(a, b, order=o), a, b)
        same(lambda a, b: np.matmul(a.T, b), np.ascontiguousarray(a.T), b)
        same(lambda a, b: np.matmul(a, b, dtype="f8", casting="unsafe"), a, b)
        if a.ndim and b.ndim:
            same(lambda a, b: np.matmul(a[..., ::-1], b[..., ::-1]), a, b)


@each_dtype
@pytest.mark.usefixtures("panels")
def test_axes(dtype):
    a, b = sample((5, 4, 3), dtype), sample((5, 4, 3), dtype, 1)
    for axes in AXES:
        same(lambda a, b, x=axes: np.matmul(a, b, axes=x), a, b)
    for axis in (0, 1, -1, 2, 3):
        for keepdims in (False, True):
            same(lambda a, b, x=axis, k=keepdims: np.vecdot(a, b, axis=x, keepdims=k), a, b)
    same(lambda a, b: np.vecdot(a, b, axes=[0, 0, ()]), a, b)


@each_dtype
@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.usefixtures("panels")
def test_other_products(name, dtype):
    ufunc = getattr(np, name, None)
    if ufunc is None:
        pytest.skip("not in this NumPy")
    for left, right in OTHERS[name]:
        a, b = sample(left, dtype), sample(right, dtype, 1)
        same(ufunc, a, b)
        if dtype != "c16":  # with order="F" NumPy's own vecmat of complex numbers goes wrong
            same(lambda a, b: ufunc(a, b, order="F"), a, b)


@pytest.mark.parametrize("dtype", ["i8", "f4", "c16"])
@pytest.mark.usefixtures("panels")
def test_targets(dtype):
    a, b = sample((4, 5), dtype), sample((5, 6), dtype, 1)
    for shape in [(4, 6), (3, 4, 6), (4, 7), (6,)]:
        for other in (dtype, "f8", "i1", "c16"):
            target = np.ones(shape)
            same(lambda a, b, t=target, d=other: np.matmul(a, b, out=out_like(_like(a, t), d)), a, b)
            same(lambda a, b, t=target, d=other: np.matmul(a, b, out=out_like(_like(a, t.T), d).T), a, b)
            same(lambda a, b, t=target, d=other: np.matmul(a, b, out=t.astype(d)).tolist(), a, b)
    square = sample((6, 6), dtype)
    same(lambda a: a.__imatmul__(a), square)
    same(lambda a: a.__imatmul__(a.T), square)
    same(lambda a: np.matmul(a, a[0], out=a[1]), square)


def _like(a, target):
    return CompactArray(target) if isinstance(a, CompactArray) else target


@pytest.mark.usefixtures("panels")
def test_in_place():
    for left, right in [
        ((), (2, 2)),
        ((2,), (2,)),
        ((2,), (2, 2)),
        ((2, 2), (2, 3)),
        ((3, 2, 2), (2, 2)),
        ((2, 2), (3, 2, 2)),
        ((2, 2), ()),
    ]:
        same(lambda a, b: a.__imatmul__(b), np.ones(left), np.ones(right))
    same(lambda a, b: a.__imatmul__(b), np.ones((2, 2), int), np.ones((2, 2)))


@pytest.mark.usefixtures("panels")
def test_halves_are_summed_up_in_floats():
    values = np.concatenate([np.full(50, 6e4), np.full(50, -6e4)]).astype("f2")
    same(lambda a: np.matmul(a[None], a * 0 + 1), values)
    same(np.add.reduce, values)
    same(lambda a: np.add.reduce(np.concatenate([a] * 900)), values)


def test_results_are_compact(shipped):
    """Whether or not they were computed at once; small ones are plain."""
    values = np.random.default_rng(0).integers(0, 5, (400, 400))
    a = CompactArray(values)
    found = a @ a
    assert found.nbytes < found.dense_nbytes / 3
    np.testing.assert_array_equal(np.asarray(found), values @ values)
    found = np.matmul(CompactArray(values[:, :1]), CompactArray(values[:1]))
    assert found.nbytes < found.dense_nbytes / 3


@pytest.mark.parametrize("size", [40, 30_000])
def test_names_in_warnings(size, request):
    """Errors in dot are named after it, whatever serves it; BLAS does not look at what it multiplies by zero."""
    if size > 1_000:
        request.getfixturevalue("shipped")
    infinite, zeros = np.ones(size), np.ones(size)
    infinite[0], zeros[0] = np.inf, 0
    for function in (np.dot, np.inner, np.vdot, np.matmul):
        check(function, infinite, zeros, any_nan=True)
    for dtype in ("f8", "f2", "c16", "i4"):
        values = np.resize(np.array([np.inf, 1, -0.0, 0, -3]) if dtype[0] in "fc" else np.arange(5), size).astype(dtype)
        for scalar in (0.0, -2.5, 2):
            check(lambda a, s=scalar: np.dot(a, s), values, any_nan=True, any_zero=True)
            check(lambda a, s=scalar: np.inner(s, a.reshape(2, -1).T), values, any_nan=True, any_zero=True)


@pytest.mark.parametrize("dtype", ["i8", "u1", "i2", "f8", "f4", "?"])
@pytest.mark.parametrize("length", [64, 65_536])
def test_vectors_of_many_forms(dtype, length):
    """Sums of products by codes, and of what is none, together; integers also where they wrap around."""
    sizes = [3 * length, length // 2, 2 * length]
    for kinds in itertools.product(KINDS[::3], KINDS[1::4]):
        left, right = (
            np.concatenate([make(kind, dtype, size) for size in sizes[::order]]) for kind, order in zip(kinds, (1, -1), strict=True)
        )
        if dtype in ("f8", "f4"):
            left, right = (np.nan_to_num(np.clip(values, -1e5, 1e5)) for values in (left, right))
        terms = np.abs(left.astype("f8") * right.astype("f8")).sum() if dtype != "?" else 0
        error = 2 * np.finfo(dtype).eps * (1 + np.log2(left.size)) * terms if dtype in ("f8", "f4") else 0
        with compactarray.config(block_length=length, tile_length=length, plain_below=0):
            monkey = pytest.MonkeyPatch()
            monkey.setattr(contraction, "_panel", lambda: 8)
            try:
                check(np.dot, left, right, error=4 * error)
                check(lambda a, b: a[5:] @ b[:-5], left, right, error=4 * error)
            finally:
                monkey.undo()


def test_objects_of_vectors():
    """Their product is an object, not an array of one."""
    marks = np.arange(5_000) % 3 == 0
    same(lambda a: np.matmul(a, a, dtype="O"), marks)
    same(lambda a: np.vecdot(a, a), marks.astype("O"))


@pytest.mark.parametrize("kind", ["counts", "far", "small", "whole", "cents", "far cents", "mixed", "wide"])
def test_products_of_rows_of_codes(kind, monkeypatch):
    monkeypatch.setattr(contraction, "_PANEL", 1)
    rng = np.random.default_rng(5)
    shape = (40, 4, 600)
    values = {
        "counts": rng.integers(0, 200, shape),
        "far": rng.integers(10**6, 10**6 + 900, shape),
        "small": rng.integers(-90, 90, shape, "i2"),
        "whole": rng.integers(0, 9000, shape) * 4.0,
        "cents": rng.integers(-5000, 5000, shape) / 100,
        "far cents": rng.integers(10**7, 10**7 + 900, shape) / 1000,
        "mixed": rng.integers(0, 200, shape).astype("u4"),
        "wide": rng.integers(2**40, 2**40 + 900, shape),
    }[kind]
    other = rng.integers(0, 50, shape) / 10 if kind == "mixed" else values[::-1].copy()
    calls = [
        lambda a, b: np.vecdot(a, b),
        lambda a, b: np.vecdot(a, a, axis=2),
        lambda a, b: np.vecdot(a[1:], b[1:]),
        lambda a, b: np.vecdot(a, b, axis=1),
        lambda a, b: np.einsum("ijk,ijk->ij", a, b),
        lambda a, b: np.einsum("ijk,ijk->i", a, a),
        lambda a, b: np.einsum("kji,kji->k", a, a),
        lambda a, b: np.einsum("ijk,ijk->ji", a, a),
        lambda a, b: np.einsum("ijk,ijk->ij", a[:, ::2], b[:, ::2]),
    ]
    for call in calls:
        with compactarray.config(tile_length=4096):
            want, found = call(values, other), call(CompactArray(values), CompactArray(other))
        if want.dtype.kind != "f":
            assert_same(found, want)
            continue
        magnitudes = call(np.abs(values), np.abs(other))
        assert (found.dtype, found.shape, found.strides) == (want.dtype, want.shape, want.strides)
        assert (np.abs(np.asarray(found) - want) <= 2 * np.finfo(float).eps * (1 + np.log2(2400)) * magnitudes).all()

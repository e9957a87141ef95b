"""NumPy's functions that move elements, on arrays whose blocks are of many forms; calls are data."""

import numpy as np
import pytest

import compactarray
from compactarray.testing import check
from tests.strategies import KINDS, make

RNG = np.random.default_rng(3)
#: What the calls use beside the array `a` (150 x 4) and its first axis `v` of 600 elements.
NAMES = {
    "np": np,
    "p": RNG.integers(-600, 600, 500),
    "r": RNG.integers(-150, 150, 70),
    "k4": RNG.integers(-4, 4, (150, 9)),
    "three": RNG.integers(0, 3, (150, 4)),
    "m": RNG.random((150, 4)) < 0.5,
    "u": RNG.random(600) < 0.5,
    "rows": RNG.random(150) < 0.5,
    "few": RNG.random((150, 4)) < 0.02,
    "times": RNG.integers(0, 5, 600),
    "many": np.where(RNG.random(600) < 0.01, 500, 0),
}

READING = """
    a.T.copy()
    a[::-1].copy('K')
    a[:, ::-1].copy('C')
    a[::2, 1:].copy('F')
    a.ravel('F')
    a.T.ravel('K')
    a[3:].flatten()
    a.reshape(4, 150, order='F')
    a.T.reshape(-1)
    np.rot90(a).copy()
    np.broadcast_to(v, (3, 600)).copy()
    np.take(v, p)
    np.take(a, r, 0)
    np.take(a, [3, -1, 0], 1)
    np.take(a, p, mode='wrap')
    np.take(v, p * 3, mode='clip')
    np.take(v, p * 3)
    np.take(a, r * 9, 0)
    np.take(a, r.reshape(7, 10), 0)
    np.take(a, 3)
    np.take(a, r[:0], 0)
    v[p]
    v[p.astype('i2')]
    v[p.reshape(50, 10)]
    a[r]
    a[r, r % 4]
    a[r[:, None], [0, 2]]
    a[r * 9]
    v[p.astype('i1')]
    v[p.astype('u8') % np.uint64(600)]
    v[p.reshape(50, 10).T]
    a[np.ix_(r, k4[0] % 4)]
    a[r[:0], None, r[:0]]
    a.flat[5:500:3]
    a.T.flat[7:]
    a.T.flat[::-2]
    a.flat[p]
    a.T.flat[p]
    v.view('u1')[3::2].copy()
    v.view('u1')[::-1].copy()
    a[:, ::2].view('u1').copy()
    a[5:][r % 7]
    a[:, [3, 3, 0]]
    a[m]
    a[few]
    a[rows]
    a[:, u[:4]]
    a.T[m.T]
    v[u & False]
    np.compress(u, v)
    np.compress(u[:300], v)
    np.compress(rows, a, 0)
    np.compress(u[:4], a, 1)
    np.compress(np.ones(999), v)
    np.extract(m, a)
    np.concatenate([v, v[5:]])
    np.concatenate([a, a[3:]])
    np.concatenate([a, a], 1)
    np.concatenate([a.T, a.T[:2]])
    np.concatenate([a.T, a[:4].T], 1)
    np.concatenate([v[::-1], v[::3]])
    np.concatenate([v, v[0, None], v])
    np.concatenate([v[k : k + 5] for k in range(0, 600, 7)])
    np.stack([a, a], -1)
    np.stack([v, v[::-1]], 1)
    np.append(v, v[:3])
    np.delete(v, 3)
    np.delete(v, slice(5, 500, 3))
    np.delete(a, r, 0)
    np.delete(v, u)
    np.insert(v, 3, v[5])
    np.insert(v, r + 200, v[:70])
    np.insert(a, [1, 70], a[5], 0)
    np.insert(a.T, r, v[0], 1)
    np.repeat(v, 2)
    np.repeat(v, 3)
    np.repeat(a, 2, 0)
    np.repeat(a, 7, 1)
    np.repeat(v, times)
    np.repeat(v, many)
    np.repeat(a, times[:150], 0)
    np.repeat(a, times[:4], 1)
    np.tile(v, 3)
    np.tile(a, (2, 3))
    np.tile(a.T, (2, 1, 1))
    np.resize(v, 700)
    np.resize(a, (7, 10))
    np.resize(v[:7], (70, 80))
    np.roll(v, 7)
    np.roll(a, -3)
    np.roll(a, 5, 0)
    np.roll(a.T, (1, 70), (0, 1))
    np.where(m, a, a[::-1])
    np.where(m, a, a[3, 1])
    np.where(m.T, a[5, 2], a.T)
    np.where(u, v, v[::-1])
    np.where(u, v, 1)
    np.where(rows[:, None], a, a[:1])
    np.where(m, a, 2.5)
    np.take_along_axis(a, k4 % 4, 1)
    np.take_along_axis(a, k4[:, :4] % 150, 0)
    np.choose(three, [a, a[::-1], a[:1]])
    np.choose(three.T, [a.T, a.T, a.T])
    np.choose(three + 1, [a, a, a])
    np.choose(three * 5 - 1, [a, a], mode='clip')
    np.choose(three * 5 - 1, [a, a], mode='wrap')
"""

WRITING = """
    a[...] = other
    a[:] = other[::-1]
    a[5:-3] = other[8:]
    a[::2] = other[::2]
    a.T[...] = other.T
    a[:, 1] = other[:, 2]
    a[3:] = a[:-3]
    np.copyto(a[1:], a[:-1])
    a.flat[:] = other
    a.T.flat[:] = other
    a.T.flat[7:] = other
    a.flat[3:] = other[0]
    a.T.flat[::-1] = other
    a.flat[p] = other
    a.view('u1')[...] = 1
    a.view('u1')[:, ::3] = 1
    a.view('u1')[3:, 1::40] = 0
    a[::-1] = a
    a[...] = other[:1]
    a[m] = other[0, 0]
    a[m] = other[m]
    a[m] = other.ravel()[:5]
    a[few] = other[0, 0]
    a[rows] = other[rows]
    a[m] = a[::-1][m[::-1]][: m.sum()]
    a[5:][m[5:]] = other[3, 3]
    a.T[m.T] = other[0, 1]
    a[r] = other[:70]
    a[r] = other[3]
    a[r, r % 4] = other[:70, 0]
    a[:, [0, 2]] = other[:, :2]
    a[r * 9] = other[0]
    a[::2][r % 75] = other[:70]
    np.copyto(a, other)
    np.copyto(a, other, where=m)
    np.copyto(a, other[3, 3], where=m)
    np.copyto(a, other[:1], where=rows[:, None])
    np.copyto(a.T, other.T, where=m.T)
    np.putmask(a, m, other)
    np.putmask(a, m, other[0, 0])
    np.putmask(a, m, other[0])
    np.place(a, m, other)
    np.place(a, m, other[0, :1])
    np.place(a, m, other[0])
    np.put(a, p, other.ravel()[:500])
    np.put(a, p, other[0, 0])
    np.put(a, p, other[0])
    np.put(a, p * 3, other[0, 0], mode='clip')
    np.put(a, p * 3, other[0, 0])
    np.put_along_axis(a, k4[:, :1] % 4, other[:, :1], 1)
"""


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def table(seed, shape=(150, 4)):
    """Return an array whose parts are of three kinds of data, sometimes of one."""
    rng = np.random.default_rng(seed)
    dtype = ["i8", "f8", "i2", "M8[s]", "c16", "?"][seed % 6]
    chosen = rng.choice(KINDS, 3 if seed % 4 else 1)
    parts = [make(rng.choice(chosen), dtype, int(rng.integers(20, 200)), seed % 5) for _ in range(30)]
    return np.concatenate(parts)[:600].reshape(shape)


def run(code, a, **others):
    names = {name: value for name, value in NAMES.items() if name != "np"}
    if isinstance(a, compactarray.CompactArray):
        # Indices and masks are compact in every other call.
        names = {name: compactarray.CompactArray(value) for name, value in names.items()}
    return eval(code, {"np": np}, {**names, "a": a, "v": a.reshape(-1), **others})


@pytest.fixture(params=["shipped", "blocks of 64", "miniature"], autouse=True)
def lengths(request):
    """Blocks as they are, of 64 elements with results encoded, and of 8."""
    changes = {"shipped": {}, "blocks of 64": {"block_length": 64, "tile_length": 32, "plain_below": 0}}
    miniature = {"block_length": 8, "tile_length": 4, "plain_below": 0}
    with compactarray.config(**changes.get(request.param, miniature)):
        yield range(6) if request.param == "blocks of 64" else range(2)


@pytest.mark.parametrize("call", lines(READING))
def test_reading(call, lengths):
    code = compile(call, call, "eval")
    for seed in lengths:
        check(lambda a, code=code: run(code, a), table(seed))


@pytest.mark.parametrize("call", lines(WRITING))
def test_writing(call, lengths):
    code = compile(call, call, "exec")

    def function(a, other):
        names = {**NAMES, "a": a, "other": other}
        exec(code, {"np": np}, names)
        return a

    for seed in lengths:
        other = table(seed if seed % 2 else seed + 60)
        check(lambda a, o: function(a.copy(), o), table(seed), other)
        kept = table(seed)
        check(lambda a, other=other: function(a, other), kept, mutation=True)


@pytest.mark.parametrize("seed", range(4))
def test_an_index_that_is_written_to(seed):
    """The index is read before anything is written."""
    places = np.random.default_rng(seed).permutation(300)

    def function(a):
        a[a] = a[::-1] if seed % 2 else np.arange(300)
        a[a[:150], None] = a[150:, None]
        return a

    check(lambda a: function(a.copy()), places)

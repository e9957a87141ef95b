"""Example calls of NumPy's functions, as data: function -> calls, in the samples' names.

Each call is an expression; `np` is NumPy, every other name one of `SAMPLES`. The calls are run on ndarrays and on CompactArrays made of
the samples that they name. A function that is native or composed must have calls here.
"""

from types import CodeType
from typing import NamedTuple

import numpy as np

from tests.formulas import FORMULA_ULPS, FORMULAS

_RNG = np.random.default_rng(17)


def _quarters(*shape: int) -> np.ndarray:
    """Return floats whose sums are exact in any order."""
    return _RNG.integers(-200, 200, shape) / 4


def _with(values: np.ndarray, *special: float) -> np.ndarray:
    for place, value in enumerate(special):
        values.reshape(-1)[3 + 7 * place] = value
    return values


def _records(number: int) -> np.ndarray:
    found = np.zeros(number, [("a", "i4"), ("b", [("x", "f4"), ("y", "u1")]), ("c", "f8")])
    found["a"], found["b"]["x"], found["b"]["y"] = (_RNG.integers(0, 90, number) for _ in range(3))
    found["c"] = _quarters(number)
    return found


_WORDS = np.array(["alpha b", "Beta", "gam\tma", "", "x-y a"])

SAMPLES: dict[str, np.ndarray] = {
    # One axis.
    "v": _RNG.integers(0, 90, 300),
    "w": _RNG.integers(-5, 5, 300).astype("i2"),
    "x": _quarters(300),
    "n": _with(_quarters(300), np.nan, np.inf, -np.inf, -0.0),
    "s": np.sort(_RNG.integers(-1000, 1000, 300)),
    "p": _RNG.permutation(300).astype("i4"),
    "z": np.where(_RNG.random(300) < 0.95, 0, _RNG.integers(0, 9, 300)),
    "c": (_quarters(300) + 1j * _quarters(300)).astype("c16"),
    "d": _RNG.integers(0, 4000, 300).astype("M8[D]"),
    "b": _RNG.random(300) < 0.4,
    "k": _RNG.integers(0, 3, 300),
    "one": np.array([5]),
    "y": _RNG.integers(-128, 128, 300).astype("i1"),
    "q": _RNG.integers(-20, 20, 37),
    # Two and three axes, in C and F order.
    "m": _RNG.integers(0, 200, (20, 30)).astype("i4"),
    "f": _quarters(20, 30),
    "g": _with(_quarters(20, 30), np.nan, np.nan, np.inf).astype("f4"),
    "h": np.asfortranarray(_quarters(20, 30)),
    "e": _RNG.random((20, 30)) < 0.5,
    "i": _RNG.integers(0, 20, (20, 30)),
    "j": _quarters(30, 20),
    "sq": _RNG.integers(-9, 9, (24, 24)),
    "t": _RNG.integers(-99, 99, (5, 8, 9)).astype("i8"),
    "tf": _quarters(5, 8, 9),
    "u": _RNG.integers(0, 255, (5, 8, 9)).astype("u1").transpose(2, 0, 1).copy("K"),
    # Strings: few different ones, many, and bytes.
    "names": np.array(["Ann", "bob", "", " Cy ", "d\u00e9", "Eve\t1", "x-y-z"], "U9")[_RNG.integers(0, 7, 300)],
    "texts": np.array([f"{'ab -'[k % 4]}{k}%" for k in range(300)], "U8"),
    "grid": np.array([f"r{k % 9} " for k in range(600)], "U5").reshape(20, 30),
    "bytes_": np.array([b"one", b"Two", b"three\xff", b""], "S7")[_RNG.integers(0, 4, 300)],
    # Records.
    "r": _records(60),
    # Text.
    "words": _WORDS[_RNG.integers(0, 5, 60)],
    "words2": np.asfortranarray(_WORDS[_RNG.integers(0, 5, (6, 7))]),
    "octets": _WORDS[_RNG.integers(0, 5, 60)].astype("S"),
    # To be written to.
    "o1": np.zeros(300),
    "o1i": np.zeros(300, "i8"),
    "o2": np.zeros((20, 30)),
    "oc": np.zeros(30),
    "oci": np.zeros(30, "i8"),
    "or_": np.zeros(20),
    "ob": np.zeros(30, bool),
    "o22": np.zeros((40, 30)),
    "of4": np.zeros((20, 30), "f4"),
    "o300": np.zeros((2, 300)),
}

_REDUCED = """
    {0}(v)
    {0}(f, axis=0)
    {0}(h, 1, keepdims=True)
    {0}(tf, axis=(0, 2))
    {0}(t, axis=-1)
    {0}(f, axis=0, out=oc)
"""
_NAN = """
    {0}(n[:20])
    {0}(g, axis=0)
    {0}(g[:, 5:], 1, keepdims=True)
    {0}(v)
    {0}(tf, axis=(0, 2))
    {0}(f, axis=0, out=oc)
"""
_LOOKED_UP = """
    {0}(v)
    {0}(n)
    {0}(c)
    {0}(d)
    {0}(f, axis=0)
    {0}(h, 1)
    {0}(t, axis=1, keepdims=True)
    {0}(v, keepdims=True)
    {0}(f, 0, oci)
    {0}(f, axis=2)
    {0}(f, axis=0, out=oc)
    {0}(b)
    {0}(u, 0)
"""
_ACCUMULATED = """
    {0}(w)
    {0}(f, axis=0)
    {0}(h, 1)
    {0}(t)
    {0}(w, dtype='f4')
    {0}(x, out=o1)
    {0}(b)
"""
_STACKED = """
    {0}([v, v])
    {0}((m, f))
    {0}([h, h])
    {0}([t, t])
    {0}([v, m])
"""
_LINES = """
    {0}(v)
    {0}(n)
    {0}(g, axis=0)
    {0}(h, 1, keepdims=True)
    {0}(tf, axis=(0, 2))
    {0}(t, (0, 1, 2), keepdims=True)
    {0}(u, 1)
    {0}(b)
    {0}(x[:0])
    {0}(f, 0, out=oc)
    {0}(x, out=oc[0, ...])
    {0}(f, 2)
    {0}(m, ())
"""
_QUANTILES = """
    {0}(v, 30 / {1})
    {0}(n, [5 / {1}, 50 / {1}])
    {0}(g, 20 / {1}, axis=0)
    {0}(h, [[0, 10 / {1}], [70 / {1}, 100 / {1}]], 1, keepdims=True)
    {0}(tf, [60 / {1}], axis=(0, 2), method='weibull')
    {0}(t, 15 / {1}, (0, 1, 2), keepdims=True)
    {0}(u, 50 / {1}, 1, method='nearest')
    {0}(b, 50 / {1})
    {0}(x[:0], 50 / {1})
    {0}(f, 25 / {1}, 0, out=oc)
    {0}(x, 25 / {1}, out=oc[0, ...])
    {0}(x, x[:9] * 0 + 1, method='lower')
    {0}(f, 50 / {1}, 2)
    {0}(x, -3)
    {0}(x, 9 / {1}, method='x')
    {0}(x, 9 / {1}, method='inverted_cdf', weights=v)
    {0}(x, 9 / {1}, weights=v)
    {0}(c, 9 / {1})
"""
_ELEMENTS = """
    {0}(c)
    {0}(x)
    {0}(h)
    {0}(v)
"""
_SET = """
    {0}(v, q)
    {0}(w, w)
    {0}(m, v)
    {0}(x, n[20:])
"""

#: Function -> calls, one a line.
TEXT: dict[str, str] = {
    "np.sum": _REDUCED.format("np.sum") + "np.sum(w, dtype='i4', initial=5)\n np.sum(f, axis=1, where=e)\n np.sum(b)\n np.sum(f, 3)",
    "np.prod": "np.prod(k)\n np.prod(w, axis=0)\n np.prod(m, 1)\n np.prod(b, keepdims=True)\n np.prod(tf[:2, :2, :2], axis=(0, 2), initial=2.0)",
    "np.max": _REDUCED.format("np.max") + "np.max(n)\n np.max(d)\n np.max(f, where=e, initial=-9)\n np.max(x[:0])",
    "np.min": _REDUCED.format("np.min") + "np.min(n)\n np.min(d)\n np.min(f, where=e, initial=9)",
    "np.amax": "np.amax(f, 0)",
    "np.amin": "np.amin(f, 0)",
    "np.any": "np.any(b)\n np.any(z)\n np.any(e, axis=0)\n np.any(m, 1, keepdims=True)\n np.any(e, 0, ob)\n np.any(f, where=e)",
    "np.all": "np.all(b)\n np.all(z)\n np.all(e, axis=0)\n np.all(m, 1, keepdims=True)\n np.all(e, 0, ob)\n np.all(f, where=e)",
    "np.ptp": "np.ptp(v)\n np.ptp(f, axis=0)\n np.ptp(h, 1, keepdims=True)\n np.ptp(f, 0, oc)\n np.ptp(b)",
    "np.mean": _REDUCED.format("np.mean") + "np.mean(g)\n np.mean(m, dtype='f4')\n np.mean(f, 1, where=e)\n np.mean(c)\n np.mean(x.astype('f2'))\n np.mean(x[:0])",
    "np.var": _REDUCED.format("np.var").replace("f, axis=0, out", "f[:16], axis=0, out") + "np.var(c)\n np.var(g)\n np.var(f, 1, where=e)\n np.var(f, 0, ddof=1)\n np.var(m, correction=1)\n np.var(x, ddof=1, correction=1)\n np.var(f, 0, mean=np.mean(f, 0, keepdims=True))",
    "np.std": _REDUCED.format("np.std").replace("f, axis=0, out", "f[:16], axis=0, out") + "np.std(c)\n np.std(f, 1, where=e)\n np.std(f, 0, ddof=1)\n np.std(m, correction=1)",
    "np.average": "np.average(v)\n np.average(f, axis=1)\n np.average(f, 0, or_ + 2)\n np.average(f, weights=m + 1)\n np.average(x, weights=v + 1, returned=True)\n np.average(f, 1, m + 1, keepdims=True)\n np.average(f, weights=oc)\n np.average(x, weights=o1)",
    "np.argmax": _LOOKED_UP.format("np.argmax"),
    "np.argmin": _LOOKED_UP.format("np.argmin"),
    "np.count_nonzero": "np.count_nonzero(z)\n np.count_nonzero(m, axis=0)\n np.count_nonzero(e, 1, keepdims=True)\n np.count_nonzero(t, axis=(0, 1))\n np.count_nonzero(n)\n np.count_nonzero(v, keepdims=True)",
    "np.cumsum": _ACCUMULATED.format("np.cumsum") + "np.cumsum(v, out=o1i)\n np.cumsum(x, 1)",
    "np.cumprod": _ACCUMULATED.format("np.cumprod"),
    "np.cumulative_sum": "np.cumulative_sum(v)\n np.cumulative_sum(f, axis=0, include_initial=True)\n np.cumulative_sum(f)\n np.cumulative_sum(x, dtype='f4', out=o1)",
    "np.cumulative_prod": "np.cumulative_prod(k)\n np.cumulative_prod(w, include_initial=True)\n np.cumulative_prod(t, axis=1)",
    "np.nansum": _NAN.format("np.nansum") + "np.nansum(g, where=e)",
    "np.nanprod": "np.nanprod(n[20:])\n np.nanprod(g[:3], axis=0)\n np.nanprod(k)\n np.nanprod(g, 1, initial=0.0)",
    "np.nanmax": _NAN.format("np.nanmax") + "np.nanmax(np.where(e, g, np.nan), initial=0)",
    "np.nanmin": _NAN.format("np.nanmin"),
    "np.nanmean": _NAN.format("np.nanmean") + "np.nanmean(g, where=e)\n np.nanmean(g, 0, 'i4')\n np.nanmean(np.where(e, g, np.nan), axis=1)",
    "np.nanargmax": "np.nanargmax(n)\n np.nanargmax(g, axis=0)\n np.nanargmax(v)\n np.nanargmax(g, 1, keepdims=True)",
    "np.nanargmin": "np.nanargmin(n)\n np.nanargmin(g, axis=0)\n np.nanargmin(g, 0, oci)",
    "np.nancumsum": _ACCUMULATED.format("np.nancumsum") + "np.nancumsum(n[20:])",
    "np.nancumprod": "np.nancumprod(n[20:40])\n np.nancumprod(k)\n np.nancumprod(g[:, :3], 1)",
    "np.concatenate": "np.concatenate([v, w])\n np.concatenate([f, h])\n np.concatenate([h, h], axis=1)\n np.concatenate([t, t], -1)\n np.concatenate([m, f], axis=None)\n np.concatenate((m, m), dtype='f4')\n np.concatenate((f, f), dtype='i4', casting='unsafe')\n np.concatenate((f, f), dtype='i4')\n np.concatenate([f, m], out=o22)\n np.concatenate([f, m], out=o2)\n np.concatenate([f, j])\n np.concatenate([v, f])\n np.concatenate([d, d])\n np.concatenate(m)\n np.concatenate([v, [1, 2], one])\n np.concatenate([j.T, m], 1)\n np.concatenate([u, u], 1)",
    "np.stack": _STACKED.format("np.stack") + "np.stack([v, v], axis=1)\n np.stack([m, f], -1, dtype='f4')\n np.stack([v, x], out=o300)\n np.stack([v, v], 3)\n np.stack([])",
    "np.vstack": _STACKED.format("np.vstack"),
    "np.hstack": _STACKED.format("np.hstack"),
    "np.dstack": _STACKED.format("np.dstack"),
    "np.column_stack": "np.column_stack([v, x])\n np.column_stack([m, or_])\n np.column_stack((h, h))",
    "np.append": "np.append(v, [1, 2])\n np.append(m, f)\n np.append(m, f, axis=0)\n np.append(m, v, axis=0)",
    "np.block": "np.block([[m, f], [h, h]])\n np.block([v, v])\n np.block(m)\n np.block([[v], [x]])\n np.block([[v], x])\n np.block([])",
    "np.delete": "np.delete(v, 3)\n np.delete(v, -1)\n np.delete(m, [1, 5, -1], axis=1)\n np.delete(h, slice(2, 11, 3), 0)\n np.delete(h, slice(2, 11), 1)\n np.delete(v, b)\n np.delete(m, 4)\n np.delete(v, 999)\n np.delete(v, [])\n np.delete(m, k[:30] > 1, 1)\n np.delete(v, k)",
    "np.insert": "np.insert(v, 3, 7)\n np.insert(v, [1, 5, 5], [7, 8, 9])\n np.insert(m, 2, 5, axis=1)\n np.insert(h, [1, 4, -1], 6.5, axis=0)\n np.insert(m, [3], or_[:, None], axis=1)\n np.insert(m, 2, [7])\n np.insert(v, 999, 0)\n np.insert(v, slice(2, 8, 2), 1)\n np.insert(f, 1, or_, axis=1)",
    "np.array_split": "np.array_split(v, 7)\n np.array_split(m, [3, 9], axis=1)\n np.array_split(v, 0)",
    "np.split": "np.split(v, 3)\n np.split(m, [3, 9, 99])\n np.split(v, 7)\n np.split(h, 2, axis=1)",
    "np.hsplit": "np.hsplit(v, 3)\n np.hsplit(m, 2)",
    "np.vsplit": "np.vsplit(m, 4)\n np.vsplit(v, 2)",
    "np.dsplit": "np.dsplit(t, 3)\n np.dsplit(m, 3)",
    "np.unstack": "np.unstack(m)\n np.unstack(t, axis=1)",
    "np.atleast_1d": "np.atleast_1d(v)\n np.atleast_1d(v[3, ...], m)",
    "np.atleast_2d": "np.atleast_2d(v)\n np.atleast_2d(v[3, ...], m)",
    "np.atleast_3d": "np.atleast_3d(v)\n np.atleast_3d(m, t)",
    "np.broadcast_arrays": "np.broadcast_arrays(m, f)\n np.broadcast_arrays(m, v)",
    "np.meshgrid": "np.meshgrid(v[:7], x[:5])\n np.meshgrid(v[:7], x[:5], indexing='ij', sparse=True)\n np.meshgrid(v, indexing='xx')\n np.meshgrid(v[:9], q, w[:5])",
    "np.ix_": "np.ix_(v, b)\n np.ix_(v, [1, 2], q)\n np.ix_(m)",
    "np.repeat": "np.repeat(v, 3)\n np.repeat(m, 2, axis=0)\n np.repeat(h, k[:30], axis=1)\n np.repeat(f, [2])\n np.repeat(v, -1)\n np.repeat(v, [1, 2])\n np.repeat(v, 2.7)\n np.repeat(m, [1.5], axis=0)\n np.repeat(v, np.array(2.7))\n np.repeat(v, [[1]])\n np.repeat(v, 0)\n np.repeat(v, k)",
    "np.tile": "np.tile(v, 3)\n np.tile(m, (2, 2))\n np.tile(h, (2, 1, 1))\n np.tile(m, 1)\n np.tile(v, ())\n np.tile(v, 0)",
    "np.resize": "np.resize(v, (40, 20))\n np.resize(m, 7)\n np.resize(h, (3, -1))\n np.resize(v[:0], 4)",
    "np.pad": "np.pad(v, 3)\n np.pad(m, ((1, 2), (0, 3)))\n np.pad(h, 2, constant_values=7)\n np.pad(m, 1, constant_values=((1, 2), (3, 4)))\n np.pad(m.T, (2, 1), 'edge')\n np.pad(x, (3, 400), 'reflect')\n np.pad(m, 2, 'symmetric')\n np.pad(t, 1, 'wrap')\n np.pad(v, 0)\n np.pad(m, 0, 'edge')\n np.pad(v, 2, 'mean')\n np.pad(x, 2, 'reflect', reflect_type='odd')\n np.pad(v, -1)\n np.pad(v, 1.5)\n np.pad(v, 1, 'nowhere')\n np.pad(v, 1, 'edge', constant_values=3)\n np.pad(v, 1, 'edge', reflect_type='even')\n np.pad(m, ((1, 2), (3, 4), (5, 6)))\n np.pad(w, 1, constant_values=70000)\n np.pad(v, 1, constant_values=0.5)\n np.pad(c, 2, constant_values=1j)\n np.pad(d, 1, 'wrap')\n np.pad(b, (0, 2), constant_values=True)\n np.pad(m, {0: 2})\n np.pad(m, [[1], [2]])",
    "np.roll": "np.roll(v, 7)\n np.roll(m, -3)\n np.roll(h, 2, axis=1)\n np.roll(t, (1, -2), axis=(0, 2))\n np.roll(m, 1, (0, 0))\n np.roll(v, 0)\n np.roll(m, 2, axis=4)",
    "np.fft.fftshift": "np.fft.fftshift(v)\n np.fft.fftshift(t, axes=(0, 2))\n np.fft.fftshift(m, 1)",
    "np.fft.ifftshift": "np.fft.ifftshift(v)\n np.fft.ifftshift(t)",
    "np.trim_zeros": "np.trim_zeros(z)\n np.trim_zeros(o1)\n np.trim_zeros(z, 'f')\n np.trim_zeros(np.tril(m)[5:, :9], 'b', axis=1)\n np.trim_zeros(z, 'x')",
    "np.diag": "np.diag(q)\n np.diag(q, 2)\n np.diag(q, -1)\n np.diag(m)\n np.diag(m, 3)\n np.diag(t)",
    "np.diagflat": "np.diagflat(m[:3, :4])\n np.diagflat(q, 1)",
    "np.tril": "np.tril(m)\n np.tril(t, -1)\n np.tril(h, 2)\n np.tril(c.reshape(20, 15))",
    "np.triu": "np.triu(m)\n np.triu(t, -1)\n np.triu(h, 2)",
    "np.fill_diagonal": "np.fill_diagonal(m, 7)\n np.fill_diagonal(j, [1, 2, 3], wrap=True)\n np.fill_diagonal(v, 1)\n np.fill_diagonal(t, 1)",
    "np.where": "np.where(z)\n np.where(b, v, x)\n np.where(e, m, 5)\n np.where(e, 1.5, h)\n np.where(m[:1], 0, 1)\n np.where(b, d, d[0])\n np.where(e, u[0, 0, 0], m)\n np.where(b, v)\n np.where(e, v, m)\n np.where(z, w, 70000)",
    "np.nonzero": "np.nonzero(z)\n np.nonzero(e)\n np.nonzero(u)\n np.nonzero(c)\n np.nonzero(v[3, ...])",
    "np.flatnonzero": "np.flatnonzero(z)\n np.flatnonzero(h)",
    "np.argwhere": "np.argwhere(z)\n np.argwhere(e)",
    "np.take": "np.take(v, p)\n np.take(m, [3, -1, 5], axis=1)\n np.take(h, k, 0)\n np.take(t, i, axis=1, mode='wrap')\n np.take(m, p)\n np.take(v, [400])\n np.take(v, [400, -900], mode='clip')\n np.take(x, p, out=o1)\n np.take(x, p, 0, o2)\n np.take(v, x)\n np.take(v, 3)\n np.take(m, 3, 1)\n np.take(t, [[1, 2], [0, 4]], 0)\n np.take(d, p)",
    "np.compress": "np.compress(b, v)\n np.compress([1, 0, 1], m, axis=0)\n np.compress(b, m)\n np.compress(e, m)\n np.compress(k[:30] > 0, f, 1)",
    "np.extract": "np.extract(e, m)\n np.extract(b, v)\n np.extract(h, f)",
    "np.choose": "np.choose(k, [v, x, w])\n np.choose(k, (v, 5, -1), out=o1)\n np.choose(v, [v, x], mode='wrap')\n np.choose(v, [v, x])\n np.choose(k, [v, x, w], mode='clip')",
    "np.take_along_axis": "np.take_along_axis(m, i, 1)\n np.take_along_axis(v, k, None)\n np.take_along_axis(f, np.argsort(h, axis=0, kind='stable'), axis=0)\n np.take_along_axis(m, v, 0)\n np.take_along_axis(m, f, 0)\n np.take_along_axis(m, i[:1], 0)\n np.take_along_axis(m, i + 15, 0)",
    "np.put_along_axis": "np.put_along_axis(m, i[:1], 5, 0)\n np.put_along_axis(h, i[:, :1], f[:, :1], axis=1)\n np.put_along_axis(v, k, 7, None)",
    "np.put": "np.put(v, p, w)\n np.put(m, [3, -1], [5])\n np.put(h, [599, 0], 2.5)\n np.put(v, [900, -900], [1, 2], mode='wrap')\n np.put(v, [900, -900], 1, mode='clip')\n np.put(v, 3, x)\n np.put(v, [900], 1)\n np.put(m.T, [1, 2, 3], q)",
    "np.place": "np.place(v, b, w)\n np.place(h, e, [1, 2, 3])\n np.place(v, b, [])\n np.place(v, e, 1)\n np.place(m, h, [7.5])",
    "np.putmask": "np.putmask(v, b, w)\n np.putmask(h, e, [1, 2, 3])\n np.putmask(v, e, 1)\n np.putmask(w, b, x)",
    "np.copyto": "np.copyto(f, m)\n np.copyto(m, f)\n np.copyto(m, f, casting='unsafe')\n np.copyto(f, h, where=e)\n np.copyto(v, 5, where=b)\n np.copyto(h, or_[:, None])\n np.copyto(m, v)\n np.copyto(f[1:], f[:-1])\n np.copyto(w, 70000)\n np.copyto(f, oc, where=e[:, :1])",
    "np.clip": "np.clip(v, 10, 60)\n np.clip(f, h, 5)\n np.clip(h, None, 2.5)\n np.clip(m, -1, None)\n np.clip(f, -1, 1, out=o2)\n np.clip(n, 0, np.inf)\n np.clip(m, a_min=3, a_max=max(3, 9))\n np.clip(w, min=-1, max=70000)\n np.clip(v)\n np.clip(f, 1, 2, dtype='f4')".replace(
        "max(3, 9)", "9"
    ),
    "np.ravel_multi_index": "np.ravel_multi_index((k, k), (3, 4))\n np.ravel_multi_index((v, k), (9, 4), mode='wrap')\n np.ravel_multi_index((v, k), (9, 4))\n np.ravel_multi_index((k, w), (3, 4), mode=('raise', 'clip'), order='F')",
    "np.unravel_index": "np.unravel_index(p, (20, 15))\n np.unravel_index(p, 300)\n np.unravel_index(p, (20, 15), order='F')\n np.unravel_index(p, (2, 15))\n np.unravel_index(x, (2, 15))",
    "np.sort": "np.sort(v)\n np.sort(f)\n np.sort(h, axis=0)\n np.sort(t, None)\n np.sort(n)\n np.sort(d)\n np.sort(c)\n np.sort(b)\n np.sort(m, 1, 'stable')\n np.sort(m, 3)\n np.sort(u, axis=1, stable=True)\n np.sort(y)\n np.sort(w.astype('>i8'))\n np.sort(v, kind='x')\n np.sort(v, order='a')\n np.sort(v[::-2])\n np.sort(h.T)\n np.sort(v, kind='heapsort')",
    "np.argsort": "np.argsort(p)\n np.argsort(v, kind='stable')\n np.argsort(h, 0, stable=True)\n np.argsort(n, kind='mergesort')\n np.argsort(m, axis=None, kind='stable')\n np.argsort(h.T, None, stable=True)\n np.argsort(b, kind='stable')\n np.argsort(d[::-1], kind='stable')\n np.argsort(c, kind='stable')\n np.argsort(u, 2, 'stable')\n np.argsort(v, 3)\n np.argsort(v, kind='stable', stable=True)",
    "np.lexsort": "np.lexsort((v, w))\n np.lexsort((x, b, k))\n np.lexsort((n, d))\n np.lexsort(m)\n np.lexsort((c, v))\n np.lexsort((v, q))\n np.lexsort(())\n np.lexsort((f, h), 0)\n np.lexsort((v,), 1)",
    "np.partition": "np.partition(p, 30)[30]\n np.partition(v, [3, -2])[[3, -2]]\n np.partition(f, 5, axis=0)[5]\n np.partition(v, 999)\n np.partition(h, [2, 9], 1)[:, [2, 9]]\n np.partition(c, 7)[7]\n np.partition(m, 7, None)[7]\n np.partition(v, 1.5)\n np.partition(v, 3, kind='x')\n np.partition(v, True)\n np.partition(v, [[1]])",
    "np.argpartition": "v[np.argpartition(v, 30)[30]]\n np.take_along_axis(f, np.argpartition(f, 9, 1), 1)[:, 9]\n np.argpartition(v, 999)\n np.argpartition(v, 999, None)\n v[np.argpartition(v, [9, -9])[[9, -9]]]\n c[np.argpartition(c, 7)[7]]",
    "np.sort_complex": "np.sort_complex(c)\n np.sort_complex(w)",
    "np.searchsorted": "np.searchsorted(s, v[:0])\n np.searchsorted(v, v[:0], sorter=p)\n np.searchsorted(s, v)\n np.searchsorted(s, m, side='right')\n np.searchsorted(s, 5)\n np.searchsorted(s, x)\n np.searchsorted(v, x, sorter=np.argsort(v, kind='stable'))\n np.searchsorted(m, v)\n np.searchsorted(s, [1, 5], side='x')\n np.searchsorted(np.sort(n), n)\n np.searchsorted(s, q[::-2], 'right')\n np.searchsorted(s, h.astype('f4'))\n np.searchsorted(s, 5.5)\n np.searchsorted(s, [[5, 7.5], [np.nan, -np.inf]])\n np.searchsorted(np.sort(d), d)\n np.searchsorted(np.sort(d), d.astype('M8[s]'), 'right')\n np.searchsorted(np.sort(c), c)\n np.searchsorted(s[::3], v)",
    "np.digitize": "np.digitize(v, s)\n np.digitize(x, s[::-1], right=True)\n np.digitize(x, v)\n np.digitize(c, s)\n np.digitize(m, [10, 50, 100])\n np.digitize(n, [-1.5, 0, 2])\n np.digitize(h, s)\n np.digitize(v, [5, 1, 9])\n np.digitize(v, m)\n np.digitize(x, 3)\n np.digitize(5, s)",
    "np.histogram": "np.histogram(v)\n np.histogram(x, 7, (-20, 30))\n np.histogram(h, [-50, -1, 0, 3.5, 50])\n np.histogram(n[20:], 'auto')\n np.histogram(v, 'sturges', density=True)\n np.histogram(x, 'scott')\n np.histogram(v, s)\n np.histogram(v, np.sort(s))\n np.histogram(x, 9, weights=w)\n np.histogram(x, [-50, 0, 9], weights=n)\n np.histogram(v, 5, density=True, weights=x)\n np.histogram(x, weights=c)\n np.histogram(x, weights=m)\n np.histogram(n)\n np.histogram(b, 3)\n np.histogram(x, 0)\n np.histogram(x, 'x')\n np.histogram(x, 2.5)\n np.histogram(x, m)\n np.histogram(x, 3, (5, 1))\n np.histogram(v, 'fd', weights=w)\n np.histogram(v[:0])\n np.histogram(u)\n np.histogram(c)\n np.histogram(d)\n np.histogram(x.astype('f4'), 50)\n np.histogram(z)",
    "np.histogram_bin_edges": "np.histogram_bin_edges(v)\n np.histogram_bin_edges(x, 7, (-20, 30))\n np.histogram_bin_edges(x, 'auto')\n np.histogram_bin_edges(v, 'doane')\n np.histogram_bin_edges(x, 'rice', (0, 20))\n np.histogram_bin_edges(h, [1, 2, 5])\n np.histogram_bin_edges(n)\n np.histogram_bin_edges(x, 'fd', weights=w)\n np.histogram_bin_edges(b)",
    "np.bincount": "np.bincount(v)\n np.bincount(k, x)\n np.bincount(k, w, 9)\n np.bincount(w)\n np.bincount(v, minlength=500)\n np.bincount(x)\n np.bincount(m)\n np.bincount(k, q)\n np.bincount(k, c)\n np.bincount(v[:0], minlength=3)\n np.bincount(b)\n np.bincount(p, minlength=-1)\n np.bincount(k[::-1], x[::-1])",
    "np.median": _LINES.format("np.median") + "np.median(c)\n np.median(d)",
    "np.nanmedian": _LINES.format("np.nanmedian") + "np.nanmedian(np.where(e, g, np.nan), 1)\n np.nanmedian(g * np.nan)",
    "np.quantile": _QUANTILES.format("np.quantile", 100),
    "np.nanquantile": _QUANTILES.format("np.nanquantile", 100) + "np.nanquantile(g * np.nan, 0.5)",
    "np.percentile": _QUANTILES.format("np.percentile", 1),
    "np.nanpercentile": _QUANTILES.format("np.nanpercentile", 1),
    "np.unique": "np.unique(np.concatenate([n, n * -0.0]), return_counts=True, equal_nan=False)\n np.unique(v)\n np.unique(m, return_index=True, return_inverse=True, return_counts=True)\n np.unique(n)\n np.unique(n, equal_nan=False)\n np.unique(d)\n np.unique(c)\n np.unique(k.reshape(100, 3), axis=0)\n np.unique(b, return_counts=True)\n np.unique(y, True, True, True)\n np.unique(h.astype('>i2'), return_inverse=True)",
    "np.unique_all": "np.unique_all(m)",
    "np.unique_counts": "np.unique_counts(v)",
    "np.unique_inverse": "np.unique_inverse(w)",
    "np.unique_values": "np.sort(np.unique_values(x))",
    "np.isin": _SET.format("np.isin") + "np.isin(m, [1, 5], invert=True)\n np.isin(v, s, kind='sort')\n np.isin(v, s, kind='table')\n np.isin(x, n, kind='table')\n np.isin(m, 7)",
    "np.intersect1d": _SET.format("np.intersect1d") + "np.intersect1d(v, q, return_indices=True)\n np.intersect1d(p, p[:40], assume_unique=True)\n np.intersect1d(p, p[:40], True, True)",
    "np.setxor1d": _SET.format("np.setxor1d"),
    "np.union1d": _SET.format("np.union1d"),
    "np.setdiff1d": _SET.format("np.setdiff1d") + "np.setdiff1d(p, p[:40], assume_unique=True)",
    "np.diff": "np.diff(v)\n np.diff(f, axis=0)\n np.diff(h, 2)\n np.diff(b)\n np.diff(d)\n np.diff(v, prepend=0, append=[5, 6])\n np.diff(m, 0)\n np.diff(v, -1)\n np.diff(m, axis=0, prepend=m[:1])\n np.diff(v, axis=1)",
    "np.ediff1d": "np.ediff1d(v)\n np.ediff1d(m, to_begin=[1, 2], to_end=7)\n np.ediff1d(w, to_end=0.5)",
    "np.trapezoid": "np.trapezoid(x)\n np.trapezoid(f, dx=0.5, axis=0)\n np.trapezoid(x, s)\n np.trapezoid(f, oc)",
    "np.round": "np.round(x)\n np.round(f, 1)\n np.round(v, -1)\n np.round(h, out=o2)\n np.round(c, 1)\n np.round(g, out=o2)\n np.round(f, out=of4)\n np.round(f, out=oc)",
    "np.around": "np.around(x, 1)",
    "np.fix": _ELEMENTS.format("np.fix") + "np.fix(f, o2)",
    "np.nan_to_num": "np.nan_to_num(n)\n np.nan_to_num(g, nan=5, posinf=7.0, neginf=-1)\n np.nan_to_num(n, copy=False)\n np.nan_to_num(v)\n np.nan_to_num(n, nan=x)",
    "np.angle": _ELEMENTS.format("np.angle") + "np.angle(c, deg=True)",
    "np.iscomplex": _ELEMENTS.format("np.iscomplex"),
    "np.isreal": _ELEMENTS.format("np.isreal"),
    "np.sinc": _ELEMENTS.format("np.sinc"),
    "np.i0": "np.i0(x)\n np.i0(c)\n np.i0(v)",
    "np.isposinf": "np.isposinf(n)\n np.isposinf(v)\n np.isposinf(c)\n np.isposinf(g)\n np.isposinf(f[0], ob)",
    "np.isneginf": "np.isneginf(n)\n np.isneginf(g)",
    "np.real_if_close": "np.real_if_close(c)\n np.real_if_close(c * 0 + 5)\n np.real_if_close(x)",
    "np.unwrap": "np.unwrap(x)\n np.unwrap(f, axis=0, period=9)\n np.unwrap(v, period=10)\n np.unwrap(x, discont=9.5)",
    "np.isclose": "np.isclose(f, h)\n np.isclose(n, n, equal_nan=True)\n np.isclose(v, x, atol=9)\n np.isclose(f, 5, rtol=m)\n np.isclose(v, m)\n np.isclose(d, d)",
    "np.allclose": "np.allclose(f, f)\n np.allclose(n, n)\n np.allclose(n, n, equal_nan=True)\n np.allclose(m, f, 1, atol=900)\n np.allclose(v, m)",
    "np.array_equal": "np.array_equal(v, v)\n np.array_equal(n, n)\n np.array_equal(n, n, equal_nan=True)\n np.array_equal(v, m)\n np.array_equal(f, h)",
    "np.array_equiv": "np.array_equiv(v, v)\n np.array_equiv(m, m[:1])\n np.array_equiv(o2, oc)\n np.array_equiv(v, m)",
    "np.dot": "np.dot(v, v)\n np.dot(f, j)\n np.dot(m, k[:30])\n np.dot(t, u.T[:, :9])\n np.dot(t, tf.transpose(0, 2, 1))\n np.dot(f, 3)\n np.dot(f, f)\n np.dot(f, oc, out=or_)\n np.dot(f, oc, out=oc)\n np.dot(b, b)",
    "np.vdot": "np.vdot(c, c)\n np.vdot(m, m)\n np.vdot(v, m)",
    "np.inner": "np.inner(v, w)\n np.inner(f, m)\n np.inner(tf, tf)\n np.inner(f, j)\n np.inner(v, 3)",
    "np.outer": "np.outer(q, w)\n np.outer(m[:3], q)\n np.outer(or_, oc, o2)",
    "np.tensordot": "np.tensordot(f, j, 1)\n np.tensordot(t, t, ((0, 1), (0, 1)))\n np.tensordot(t, t)\n np.tensordot(f, j)\n np.tensordot(q, q, 0)",
    "np.trace": "np.trace(sq)\n np.trace(m, 2, dtype='f8')\n np.trace(t, axis1=1, axis2=2)\n np.trace(v)",
    "np.linalg.trace": "np.linalg.trace(sq)\n np.linalg.trace(t, offset=1, dtype='f4')",
    "np.linalg.diagonal": "np.linalg.diagonal(t)\n np.linalg.diagonal(m, offset=-2)",
    "np.linalg.matrix_transpose": "np.linalg.matrix_transpose(t)\n np.linalg.matrix_transpose(v)",
    "np.linalg.matmul": "np.linalg.matmul(f, j)",
    "np.linalg.vecdot": "np.linalg.vecdot(f, m)\n np.linalg.vecdot(f, m, axis=0)",
    "np.linalg.outer": "np.linalg.outer(q, w)\n np.linalg.outer(m, q)",
    "np.linalg.tensordot": "np.linalg.tensordot(f, j, axes=1)",
    "np.result_type": "np.result_type(v, w)\n np.result_type(m, 'f4')\n np.result_type(w, 70000)",
    "np.can_cast": "np.can_cast(v, 'f4')\n np.can_cast(w, 'i8', 'no')",
    "np.common_type": "np.common_type(m, g)\n np.common_type(d)",
    "np.min_scalar_type": "np.min_scalar_type(v)\n np.min_scalar_type(v[3, ...])",
    "np.shares_memory": "np.shares_memory(v[::2], v[1::2])\n np.shares_memory(v[::2], v[::3])\n np.shares_memory(v, m)",
    "np.may_share_memory": "np.may_share_memory(v[::2], v[1::2])\n np.may_share_memory(v, m)",
    "np.diag_indices_from": "np.diag_indices_from(sq)\n np.diag_indices_from(m)",
    "np.tril_indices_from": "np.tril_indices_from(m)\n np.tril_indices_from(v)",
    "np.triu_indices_from": "np.triu_indices_from(m, 2)",
    "np.lib.stride_tricks.sliding_window_view": "np.lib.stride_tricks.sliding_window_view(v, 5)\n np.lib.stride_tricks.sliding_window_view(m, (3, 2))\n np.lib.stride_tricks.sliding_window_view(m, 4, axis=1)\n np.lib.stride_tricks.sliding_window_view(v, 999)",
    "np.zeros_like": "np.zeros_like(h)\n np.zeros_like(m, 'f4', order='F', shape=(3, 4))",
    "np.ones_like": "np.ones_like(h)\n np.ones_like(u)",
    "np.empty_like": "np.empty_like(o2).strides",
    "np.full_like": "np.full_like(h, 2.5)\n np.full_like(m, np.inf)\n np.full_like(m, oc)",
    "np.broadcast_to": "np.broadcast_to(oc, (20, 30))\n np.broadcast_to(v, 5)",
    "np.diagonal": "np.diagonal(t, 1, 0, 2)",
    "np.expand_dims": "np.expand_dims(m, (0, 2))\n np.expand_dims(m, 9)",
    "np.flip": "np.flip(t)\n np.flip(t, (0, 2))",
    "np.fliplr": "np.fliplr(m)\n np.fliplr(v)",
    "np.flipud": "np.flipud(h)",
    "np.matrix_transpose": "np.matrix_transpose(t)",
    "np.moveaxis": "np.moveaxis(t, 0, -1)\n np.moveaxis(t, 0, 5)",
    "np.permute_dims": "np.permute_dims(t, (2, 0, 1))",
    "np.rollaxis": "np.rollaxis(t, 2)",
    "np.rot90": "np.rot90(m)\n np.rot90(t, 2, (1, 2))",
    "np.squeeze": "np.squeeze(m[:1])\n np.squeeze(m, 0)",
    "np.swapaxes": "np.swapaxes(t, 0, 2)",
    "np.transpose": "np.transpose(t)\n np.transpose(t, (1, 0, 2))",
    "np.shape": "np.shape(t)",
    "np.ndim": "np.ndim(t)",
    "np.size": "np.size(t)\n np.size(t, 1)",
    "np.reshape": "np.reshape(m, (30, 20))\n np.reshape(h, -1, order='F')\n np.reshape(m, 7)\n np.reshape(h, -1)",
    "np.ravel": "np.ravel(m)\n np.ravel(h)\n np.ravel(h, 'K')",
    "np.copy": "np.copy(h)\n np.copy(h, order='C')",
    "np.real": "np.real(c)\n np.real(x)",
    "np.imag": "np.imag(c)\n np.imag(x)",
    "np.iscomplexobj": "np.iscomplexobj(c)\n np.iscomplexobj(x)",
    "np.isrealobj": "np.isrealobj(c)",
    "np.astype": "np.astype(h, 'i4')\n np.astype(v, 'i8', copy=False)",
    "np.array_repr": "np.array_repr(v[:3])[-10:]",
    "np.array_str": "np.array_str(v[:30])",
    "np.zeros": "np.zeros((3, 40), like=v)\n np.zeros(3, 'i4', 'F', like=v)",
    "np.ones": "np.ones((3, 40), like=v)",
    "np.empty": "np.empty(0, like=v)",
    "np.full": "np.full((3, 40), 2.5, like=v)\n np.full(3, [1, 2, 3], like=v)",
    "np.eye": "np.eye(9, 40, 2, like=v)",
    "np.identity": "np.identity(9, 'i2', like=v)",
    "np.arange": "np.arange(99, like=v)\n np.arange(1, 9.5, 0.5, like=v)\n np.arange(3, 30, dtype='f4', like=v)",
    **{
        f"np.strings.{name}": "\n".join(f"np.strings.{name}({a}{rest})" for a in ("names", "texts", "grid.T", "bytes_[::-1]", "grid[:, ::2]"))
        for name, rest in {
            **dict.fromkeys(("upper", "lower", "swapcase", "capitalize", "title"), ""),
            "center": ", 7", "ljust": ", 12", "rjust": ", 6", "expandtabs": "", "multiply": ", 3",
        }.items()
    },
    # NumPy reads past the end of what it filled for an empty string, which may be a sign of the neighbour's.
    "np.strings.zfill": "np.strings.zfill(texts, 5)\n np.strings.zfill(grid.T, 5)\n np.strings.zfill(names[names != ''], 5)\n np.strings.zfill(bytes_[bytes_ != b''][::-1], 5)\n np.strings.zfill(grid[:, ::2], 5)",
    "np.strings.translate": "np.strings.translate(names, {97: 'AAA', 100: None})\n np.strings.translate(texts, {97: 'x'})",
    "np.strings.mod": "np.strings.mod(np.strings.add(names, '%d'), 5)\n np.strings.mod(np.strings.add(texts[:9], '%d'), v[:9])",
    "np.strings.replace": "np.strings.replace(names, 'b', 'longer')\n np.strings.replace(texts, '1', '')\n np.strings.replace(grid, 'r', names[:30], 1)\n np.strings.replace(grid.T, ' ', '__')",
    "np.strings.partition": "np.strings.partition(names, '-')\n np.strings.partition(texts, ' ')\n np.strings.partition(grid.T, '3')",
    "np.strings.rpartition": "np.strings.rpartition(names, '-')\n np.strings.rpartition(bytes_, b'e')",
    "np.strings.encode": "np.strings.encode(names, 'utf-8')\n np.strings.encode(texts)\n np.strings.encode(names)\n np.strings.encode(grid.T, errors='ignore')",
    "np.strings.decode": "np.strings.decode(bytes_, 'latin-1')\n np.strings.decode(bytes_)\n np.strings.decode(bytes_, errors='replace')",
    **{
        f"np.char.{name}": f"np.char.{name}(names, ' Cy')\n np.char.{name}(texts, texts[::-1])\n np.char.{name}(grid, grid[::-1])\n np.char.{name}(grid.T, grid[0, 1])\n np.char.{name}(names, v)"
        for name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal")
    },
}  # fmt: skip
for _name, _text in FORMULAS.items():
    TEXT[_name] = f"{TEXT[_name]}\n{_text}" if _name in TEXT else _text

#: Floating results that may be rounded otherwise: units in the last place.
ULPS = dict.fromkeys(["np.var", "np.std", "np.average", "np.mean", "np.nanmean", "np.nanprod", "np.prod", "np.trapezoid"], 64)
ULPS |= FORMULA_ULPS

#: Elsewhere computed NaNs, and zeros whose sign is free.
FREE = {"np.intersect1d", "np.union1d", "np.unique", "np.max", "np.min", "np.amax", "np.amin", "np.ptp", "np.nanmax", "np.nanmin"}

#: Native or composed functions whose calls are not here, and the tests that have them.
ELSEWHERE = {"np.save": "tests/io", "np.savez": "tests/io", "np.savez_compressed": "tests/io"}


class Case(NamedTuple):
    """One call."""

    function: str
    text: str
    code: CodeType
    names: tuple[str, ...]


def _case(function: str, text: str) -> Case:
    code = compile(text, text, "eval")
    return Case(function, text, code, tuple(name for name in code.co_names if name in SAMPLES))


CASES: list[Case] = [_case(function, line.strip()) for function, lines in TEXT.items() for line in lines.splitlines() if line.strip()]


def call(case: Case, *arrays: object) -> object:
    """Run a case on arrays in the place of its samples."""
    return eval(case.code, {"np": np}, dict(zip(case.names, arrays, strict=True)))

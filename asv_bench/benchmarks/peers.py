"""Other libraries on the same data; a library that is not installed is left out.

`sparse` and `scipy.sparse` on a matrix of which 1% is not zero, and blosc2 on whole arrays.
"""

import importlib
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

import compactarray
from benchmarks.datasets import DATASETS, stars
from benchmarks.timing import compile_first

N = 4_000_000

Array = np.ndarray[Any, Any]


def library(name: str) -> Any:
    """Return a library; where there is none, let asv leave the benchmark out."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise NotImplementedError(f"{name} is not installed") from None


def csr(values: Array) -> Any:
    return library("scipy.sparse").csr_array(values)


def coo(values: Array) -> Any:
    return library("sparse").COO.from_numpy(values)


#: What makes a sparse matrix of a dense one, by library.
MATRICES: dict[str, Callable[[Array], Any]] = {
    "numpy": np.array,
    "compact": compactarray.CompactArray,
    "scipy CSR": csr,
    "sparse.COO": coo,
}


class Matrices:
    """Two sparse matrices of `n` elements, and a dense vector and matrix to multiply them by."""

    def __init__(self, kind: str, n: int) -> None:
        side = math.isqrt(n)
        values = stars(side * side).reshape(side, side)
        rng = np.random.default_rng(5)
        make = MATRICES[kind]
        self.kind = kind
        self.side = side
        self.x = make(values)
        self.y = make(values[::-1].copy())
        self.vector = rng.random(side)
        self.tall = rng.random((side, 16))


@lru_cache(maxsize=4)
def matrices(kind: str, n: int) -> Matrices:
    return Matrices(kind, n)


def _transposed(m: Matrices) -> Any:
    """Return the transposed matrix in the order of its own rows; `sparse` transposes so, the others by views."""
    if m.kind == "sparse.COO":
        return m.x.T
    return m.x.T.tocsr() if m.kind == "scipy CSR" else m.x.T.copy()


def _cut(m: Matrices) -> Any:
    """Return a slice that shares nothing; slices of CSR and COO never do."""
    part = m.x[m.side // 4 : m.side // 2, m.side // 3 :]
    return part.copy() if m.kind in ("numpy", "compact") else part


#: What is done with sparse matrices.
ALGEBRA: dict[str, Callable[[Matrices], Any]] = {
    "x + y": lambda m: m.x + m.y,
    "x * y": lambda m: m.x * m.y,
    "x.sum(axis=0)": lambda m: m.x.sum(axis=0),
    "x.sum(axis=1)": lambda m: m.x.sum(axis=1),
    "x @ vector": lambda m: m.x @ m.vector,
    "x @ matrix": lambda m: m.x @ m.tall,
    "x.T.copy()": _transposed,
    "x[a:b, c:].copy()": _cut,
}


class SparseAlgebra:
    """A matrix of which 1% is not zero."""

    params = (list(MATRICES), list(ALGEBRA))
    param_names = ("kind", "operation")

    def setup(self, kind: str, operation: str) -> None:
        compile_first()
        self.matrices = matrices(kind, N)
        self.run = ALGEBRA[operation]
        self.run(self.matrices)

    def time_algebra(self, kind: str, operation: str) -> None:
        self.run(self.matrices)


#: What is done with arrays held by blosc2; its expressions are computed when they are asked for.
WHOLE: dict[str, Callable[[Any], Any]] = {
    "a[...]": lambda a: a[...] if type(a).__module__.startswith("blosc2") else np.array(a),
    "a + 1": lambda a: a + 1,
    "a * a": lambda a: a * a,
    "sqrt(a)": np.sqrt,
    "a > k": lambda a: a > 0.5,
    "a.sum()": lambda a: a.sum(),
    "a.max()": lambda a: a.max(),
    "a[1000:100000]": lambda a: np.array(a[1000:100000]),
}


def _computed(result: Any) -> Any:
    """Return a result; an expression of blosc2's is not one yet."""
    return result.compute() if hasattr(result, "compute") else result


class Blosc:
    """Whole arrays, also as blosc2 holds them."""

    params = (["numpy", "compact", "blosc2"], ["counts", "prices", "stars 1%", "noise"], list(WHOLE))
    param_names = ("kind", "data", "operation")

    def setup(self, kind: str, data: str, operation: str) -> None:
        compile_first()
        self.array = blocks(kind, data, N)
        self.run = WHOLE[operation]
        _computed(self.run(self.array))

    def time_whole(self, kind: str, data: str, operation: str) -> None:
        _computed(self.run(self.array))


@lru_cache(maxsize=4)
def blocks(kind: str, data: str, n: int) -> Any:
    values = DATASETS[data](n)
    if kind == "blosc2":
        return library("blosc2").asarray(values)
    return values if kind == "numpy" else compactarray.CompactArray(values)

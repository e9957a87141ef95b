"""The operations that are timed, in one table: what each is called, what it does, and for which kinds of dtypes there is one.

The classes for asv and ``table.py`` are both made of `OPERATIONS` and `SMALL`. Each operation gets a `Case`: a data set's arrays,
either all dense or all compact.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

import compactarray
from benchmarks.datasets import DATASETS

Array = np.ndarray[Any, Any]

#: Kinds of dtypes, as of ``numpy.dtype.kind``.
EVERY = "biufMU"
NUMBERS = "iuf"
ORDERED = "iufM"


def _plain(array: Array) -> Any:
    """Return a compact array as small results are: it has an ndarray inside."""
    return np.concatenate([compactarray.CompactArray(array)])


#: What makes the arrays of a case.
_HOLDERS: dict[str, Callable[[Array], Any]] = {"numpy": np.array, "compact": compactarray.CompactArray, "plain": _plain}


class Case:
    """A data set and what goes with it: ndarrays or compact arrays.

    Scalars, and the indices and edges that a user has as ndarrays, are the same for all kinds.

    Parameters
    ----------
    kind : str
        ``"numpy"``, ``"compact"``, or ``"plain"`` for compact arrays that are too small to be encoded as results.
    values : ndarray
        The data set, one-dimensional.
    """

    def __init__(self, kind: str, values: Array) -> None:
        self.values = values
        self.held = _HOLDERS[kind]
        self.n = len(values)
        self.side = math.isqrt(self.n)
        #: The data set, and the same backwards.
        self.a = self.held(values)
        #: A copy of it that an operation may write to, made anew before each run.
        self.scratch = self.a
        self._warm: set[str] = set()

    def first_time(self, name: str) -> bool:
        """Tell whether an operation has not been prepared for before."""
        new = name not in self._warm
        self._warm.add(name)
        return new

    @cached_property
    def b(self) -> Any:
        return self.held(self.values[::-1])

    @cached_property
    def again(self) -> Any:
        """Equal to `a`, and a stranger to it."""
        return self.held(self.values.copy())

    @cached_property
    def square(self) -> Any:
        return self.a[: self.side**2].reshape(self.side, self.side)

    @cached_property
    def small(self) -> Any:
        """A square of at most 400 x 400, for products of matrices."""
        side = min(self.side, 400)
        return self.held(self.values[: side * side].reshape(side, side))

    @cached_property
    def mask(self) -> Any:
        return self.held(np.random.default_rng(1).random(self.n) < 0.3)

    @cached_property
    def choice(self) -> Any:
        return self.held((np.random.default_rng(2).random(self.n) < 0.5).astype(np.intp))

    @cached_property
    def places(self) -> Array:
        return np.random.default_rng(3).integers(0, self.n, max(1, self.n // 4))

    @cached_property
    def held_places(self) -> Any:
        return self.held(self.places)

    @cached_property
    def ordered(self) -> Array:
        """The sorted elements, without what is missing."""
        values = self.values
        return np.sort(values[values == values])

    @cached_property
    def low(self) -> Any:
        return self.ordered[len(self.ordered) // 10]

    @cached_property
    def middle(self) -> Any:
        return self.ordered[len(self.ordered) // 2]

    @cached_property
    def high(self) -> Any:
        return self.ordered[len(self.ordered) * 9 // 10]

    @cached_property
    def edges(self) -> Array:
        """At most fifty of the elements, all over the data, sorted."""
        return np.unique(self.ordered[:: max(1, len(self.ordered) // 50)])

    @cached_property
    def span(self) -> tuple[float, float]:
        return float(self.ordered[0]), float(self.ordered[-1])

    @cached_property
    def vector(self) -> Any:
        return self.held(np.random.default_rng(4).random(self.side))

    @cached_property
    def one(self) -> Any:
        return np.timedelta64(1, "s") if self.values.dtype.kind == "M" else 1


@lru_cache(maxsize=4)
def case(kind: str, data: str, n: int) -> Case:
    """Return the `Case` of `n` elements of a data set; asv asks for the same one before every call that it times."""
    return Case(kind, DATASETS[data](n))


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on a `Case`.

    Attributes
    ----------
    name : str
        As users write it, where that is short.
    group : str
        The chapter, which is the class of benchmarks.
    kinds : str
        The kinds of dtypes that have it.
    run : callable
        Given a `Case`, does it and returns the result.
    writes : bool
        It writes to `Case.scratch`.
    data : tuple of str
        Only these data sets; all of the right dtypes if empty.
    open : bool
        NumPy leaves open which of several results it gives.
    """

    name: str
    group: str
    kinds: str
    run: Callable[[Case], Any]
    writes: bool = False
    data: tuple[str, ...] = ()
    open: bool = False

    def applies(self, data: str, dtype: np.dtype[Any]) -> bool:
        """Tell whether there is such an operation on a data set of a dtype."""
        return dtype.kind in self.kinds and data in (self.data or (data,))

    def prepare(self, case: Case) -> None:
        """Make what `run` is going to write to; the first time also what goes with the data, and the kernels."""
        if case.first_time(self.name):
            self.prepare(case)
            self.run(case)
        if self.writes:
            case.scratch = case.a.copy()


def _sized(work: Callable[[Any], object]) -> Callable[[Case], Any]:
    """Return an operation that writes to the scratch copy, and returns it."""

    def run(case: Case) -> Any:
        work(case)
        return case.scratch

    return run


def _set(case: Case, index: Any, value: Any) -> Any:
    case.scratch[index] = value
    return case.scratch


def _added(case: Case, value: Any) -> Any:
    case.scratch += value
    return case.scratch


def _group(group: str, *rows: tuple[Any, ...], **options: Any) -> list[Operation]:
    return [Operation(row[0], group, *row[1:], **options) for row in rows]


_UFUNCS = _group(
    "ufuncs",
    ("a + 1", ORDERED, lambda c: c.a + c.one),
    ("a + b", "biuf", lambda c: c.a + c.b),
    ("a - b", ORDERED, lambda c: c.a - c.b),
    ("a * 3", NUMBERS, lambda c: c.a * 3),
    ("a * b", "biuf", lambda c: c.a * c.b),
    ("a / 7", NUMBERS, lambda c: c.a / 7),
    ("a // 7", NUMBERS, lambda c: c.a // 7),
    ("a % 7", NUMBERS, lambda c: c.a % 7),
    ("a ** 2", NUMBERS, lambda c: c.a**2),
    ("-a", NUMBERS, lambda c: -c.a),
    ("abs(a)", NUMBERS, lambda c: np.abs(c.a)),
    ("maximum(a, b)", ORDERED + "b", lambda c: np.maximum(c.a, c.b)),
    ("a > k", EVERY, lambda c: c.a > c.middle),
    ("a == k", EVERY, lambda c: c.a == c.middle),
    ("a < b", EVERY, lambda c: c.a < c.b),
    ("a == b", EVERY, lambda c: c.a == c.b),
    ("isnan(a)", "fM", lambda c: np.isnan(c.a)),
    ("~a", "biu", lambda c: ~c.a),
    ("a & b", "biu", lambda c: c.a & c.b),
    ("a ^ b", "biu", lambda c: c.a ^ c.b),
    ("a >> 2", "iu", lambda c: c.a >> 2),
    ("logical_not(a)", "biuf", lambda c: np.logical_not(c.a)),
    ("sqrt(a)", NUMBERS, lambda c: np.sqrt(c.a)),
    ("floor(a)", "f", lambda c: np.floor(c.a)),
    ("exp(a)", NUMBERS, lambda c: np.exp(c.a)),
    ("sin(a)", NUMBERS, lambda c: np.sin(c.a)),
    ("log1p(a)", NUMBERS, lambda c: np.log1p(c.a)),
    ("a ** 0.7", "f", lambda c: c.a**0.7),
    ("hypot(a, b)", "f", lambda c: np.hypot(c.a, c.b)),
    ("a.astype(f4)", "biuf", lambda c: c.a.astype(np.float32)),
    ("s + s.T", "biuf", lambda c: c.square + c.square.T),
    ("s - row", ORDERED, lambda c: c.square - c.square[0]),
    ("s[::2, ::3] * 2", NUMBERS, lambda c: c.square[::2, ::3] * 2),
)

_REDUCTIONS = _group(
    "reductions",
    ("a.sum()", "biuf", lambda c: c.a.sum()),
    ("s.sum(axis=0)", "biuf", lambda c: c.square.sum(axis=0)),
    ("s.sum(axis=1)", "biuf", lambda c: c.square.sum(axis=1)),
    ("a.mean()", "biuf", lambda c: c.a.mean()),
    ("a.std()", "biuf", lambda c: c.a.std()),
    ("s.var(axis=0)", "biuf", lambda c: c.square.var(axis=0)),
    ("a.min()", ORDERED + "b", lambda c: c.a.min()),
    ("s.max(axis=0)", ORDERED + "b", lambda c: c.square.max(axis=0)),
    ("s.min(axis=1)", ORDERED + "b", lambda c: c.square.min(axis=1)),
    ("a.argmax()", ORDERED + "b", lambda c: c.a.argmax()),
    ("s.argmin(axis=0)", ORDERED, lambda c: c.square.argmin(axis=0)),
    ("s.all(axis=1)", "biuf", lambda c: c.square.all(axis=1)),
    ("s.any(axis=0)", "biuf", lambda c: c.square.any(axis=0)),
    ("count_nonzero(a)", "biuf", lambda c: np.count_nonzero(c.a)),
    ("nansum(a)", "f", lambda c: np.nansum(c.a)),
    ("ptp(a)", ORDERED, lambda c: np.ptp(c.a)),
    ("cumsum(a)", "biuf", lambda c: np.cumsum(c.a)),
    ("cumsum(s, axis=0)", "biuf", lambda c: np.cumsum(c.square, axis=0)),
    ("maximum.accumulate(a)", ORDERED, lambda c: np.maximum.accumulate(c.a)),
    ("array_equal(a, again)", EVERY, lambda c: np.array_equal(c.a, c.again)),
    ("allclose(a, b)", NUMBERS, lambda c: np.allclose(c.a, c.b)),
)

_SORTING = [
    *_group(
        "sorting",
        ("sort(a)", EVERY, lambda c: np.sort(c.a)),
        ("sort(s, axis=0)", "biufM", lambda c: np.sort(c.square, axis=0)),
        ("argsort(a, stable)", EVERY, lambda c: np.argsort(c.a, kind="stable")),
        ("partition(a)", ORDERED, lambda c: np.partition(c.a, c.n // 2)[c.n // 2]),
        ("unique(a)", EVERY, lambda c: np.unique(c.a)),
        ("unique(a, inverse)", EVERY, lambda c: np.unique(c.a, return_inverse=True)),
        ("median(a)", NUMBERS, lambda c: np.median(c.a)),
        ("percentile(a)", NUMBERS, lambda c: np.percentile(c.a, [5, 50, 95])),
        ("searchsorted(edges, a)", EVERY, lambda c: np.searchsorted(c.edges, c.a)),
        ("isin(a, edges)", EVERY, lambda c: np.isin(c.a, c.edges)),
        ("digitize(a, edges)", NUMBERS, lambda c: np.digitize(c.a, c.edges)),
        ("histogram(a)", NUMBERS, lambda c: np.histogram(c.a, 50, c.span)),
    ),
    # Which of equal elements comes first is open, so that the results are not compared.
    *_group("sorting", ("argsort(a)", EVERY, lambda c: np.argsort(c.a)), open=True),
    *_group("sorting", ("bincount(a)", "i", lambda c: np.bincount(c.a)), data=("counts",)),
]

_INDEXING = _group(
    "indexing",
    ("a[mask]", EVERY, lambda c: c.a[c.mask]),
    ("a[a > k]", EVERY, lambda c: c.a[c.a > c.middle]),
    ("a[places]", EVERY, lambda c: c.a[c.places]),
    ("take(a, places)", EVERY, lambda c: np.take(c.a, c.held_places)),
    ("compress(mask, a)", EVERY, lambda c: np.compress(c.mask, c.a)),
    ("take(s, rows, 0)", EVERY, lambda c: np.take(c.square, c.places[: c.side] % c.side, 0)),
    ("a[::3].copy()", EVERY, lambda c: c.a[::3].copy()),
    ("s.T.copy()", EVERY, lambda c: c.square.T.copy()),
    ("s[:, ::-1].copy()", EVERY, lambda c: c.square[:, ::-1].copy()),
    ("nonzero(a)", "biuf", lambda c: np.nonzero(c.a)),
    ("argwhere(s > k)", "biuf", lambda c: np.argwhere(c.square > c.middle)),
    ("asarray(a)", EVERY, lambda c: np.array(c.a)),
)

_ASSIGNMENT = _group(
    "assignment",
    ("a += 1", NUMBERS, lambda c: _added(c, 1)),
    ("a += b", "biuf", lambda c: _added(c, c.b)),
    ("a[mask] = k", EVERY, lambda c: _set(c, c.mask, c.middle)),
    ("a[places] = k", EVERY, lambda c: _set(c, c.places, c.middle)),
    ("a[places] = b[places]", EVERY, lambda c: _set(c, c.places, c.b[: len(c.places)])),
    ("a[1::2] = b[::2]", EVERY, lambda c: _set(c, np.s_[1::2], c.b[: c.n // 2 * 2 : 2])),
    ("a[n//3:] = k", EVERY, lambda c: _set(c, np.s_[c.n // 3 :], c.middle)),
    ("copyto(a, b, where)", EVERY, _sized(lambda c: np.copyto(c.scratch, c.b, where=c.mask))),
    ("a.sort()", EVERY, _sized(lambda c: c.scratch.sort())),
    writes=True,
)

_FUNCTIONS = _group(
    "functions",
    ("where(mask, a, b)", EVERY, lambda c: np.where(c.mask, c.a, c.b)),
    ("where(mask, a, k)", EVERY, lambda c: np.where(c.mask, c.a, c.middle)),
    ("choose(choice, [a, b])", "biufM", lambda c: np.choose(c.choice, [c.a, c.b])),
    ("clip(a, low, high)", ORDERED, lambda c: np.clip(c.a, c.low, c.high)),
    ("round(a, 1)", "f", lambda c: np.round(c.a, 1)),
    ("concatenate([a, b])", EVERY, lambda c: np.concatenate([c.a, c.b])),
    ("hstack([s, s])", EVERY, lambda c: np.hstack([c.square, c.square])),
    ("repeat(a, 2)", EVERY, lambda c: np.repeat(c.a, 2)),
    ("tile(a, 2)", EVERY, lambda c: np.tile(c.a, 2)),
    ("roll(a, 7)", EVERY, lambda c: np.roll(c.a, 7)),
    ("flip(a).copy()", EVERY, lambda c: np.flip(c.a).copy()),
    ("pad(s, 1)", "biuf", lambda c: np.pad(c.square, 1)),
    ("diff(a)", "biufM", lambda c: np.diff(c.a)),
)

_PRODUCTS = _group(
    "products",
    ("dot(a, b)", "biuf", lambda c: np.dot(c.a, c.b)),
    ("s @ vector", "biuf", lambda c: c.square @ c.vector),
    ("m @ m.T", "biuf", lambda c: c.small @ c.small.T),
    ("outer(row, row)", NUMBERS, lambda c: np.outer(c.square[0], c.square[1])),
)

#: What is done with arrays of any length.
OPERATIONS: list[Operation] = [*_UFUNCS, *_REDUCTIONS, *_SORTING, *_INDEXING, *_ASSIGNMENT, *_FUNCTIONS, *_PRODUCTS]

#: The groups of `OPERATIONS`, in order.
GROUPS: list[str] = list(dict.fromkeys(operation.group for operation in OPERATIONS))


def _looked_up(*names: str) -> list[Operation]:
    return [operation for operation in OPERATIONS if operation.name in names]


#: What is done with ten elements: some of `OPERATIONS`, and what takes the same time at any length.
SMALL: list[Operation] = [
    *_group(
        "views and items",
        ("a[3]", EVERY, lambda c: c.a[3]),
        ("a[2:5]", EVERY, lambda c: c.a[2:5]),
        ("a.T", EVERY, lambda c: c.a.T),
        ("a.reshape(2, 5)", EVERY, lambda c: c.a.reshape(2, 5)),
        ("a[3] = k", EVERY, lambda c: c.a.__setitem__(3, c.middle)),
        ("a.copy()", EVERY, lambda c: c.a.copy()),
    ),
    *_looked_up("a + 1", "a + b", "a * b", "a > k", "sqrt(a)", "a.sum()", "a.mean()", "a.min()", "a.argmax()", "cumsum(a)"),
    *_looked_up("sort(a)", "a[mask]", "a[places]", "asarray(a)", "where(mask, a, b)", "concatenate([a, b])", "clip(a, low, high)"),
]

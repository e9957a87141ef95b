"""What scripts do with arrays every day: printing, copying, iterating, testing, passing around."""

import copy
import itertools
import json
import pickle
import random

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same, check
from tests.namespace.both import check_both

_RNG = np.random.default_rng(8)
ARRAYS = {
    "integers": _RNG.integers(-90, 90, (4, 6)),
    "floats": _RNG.standard_normal((4, 6)) * 10.0 ** _RNG.integers(-5, 5, (4, 6)),
    "special": np.array([np.nan, np.inf, -np.inf, -0.0, 1e300, 1e-300]),
    "complex": _RNG.standard_normal(5) + 1j * _RNG.standard_normal(5),
    "bools": _RNG.random(9) < 0.5,
    "times": _RNG.integers(0, 9999, 7).astype("M8[h]"),
    "texts": np.array(["a", "bcd", ""]),
    "no axes": np.array(7),
    "empty": np.zeros((0, 3)),
    "many": np.arange(3000).reshape(30, 100),
    "long": np.arange(20_000) % 97,
    "records": np.array([(1, 2.5)], [("n", "i4"), ("x", "f8")]),
}
OPTIONS = [
    {},
    {"precision": 2},
    {"suppress": True, "precision": 3},
    {"threshold": 5},
    {"threshold": 0, "edgeitems": 1},
    {"linewidth": 30},
    {"sign": "+"},
    {"floatmode": "fixed", "precision": 4},
    {"formatter": {"int": lambda x: f"<{x}>", "float": lambda x: f"{x:.1e}"}},
    {"nanstr": "missing", "infstr": "far"},
    {"threshold": 10**9},
    {"legacy": "1.13"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options) or "none")
@pytest.mark.parametrize("name", ARRAYS)
def test_printed(name, options, both):
    def printed(a):
        with np.printoptions(**options):
            return str(a), repr(a).replace("CompactArray(", "array(").replace("\n" + " " * 7, "\n"), f"{a}", np.array2string(a)

    theirs, ours = printed(ARRAYS[name]), printed(CompactArray(ARRAYS[name]))
    assert (ours[0], ours[2], ours[3]) == (theirs[0], theirs[2], theirs[3])
    # The longer name moves the lines to the right, and may break them elsewhere.
    assert "".join(ours[1].split()) == "".join(theirs[1].split())


def test_printing_reads_what_is_printed(shipped):
    a = compactarray.zeros((10**6, 10**6))
    a[5, 5] = 7
    assert str(a[:10, :10]).count("7.") == 1
    assert len(str(a)) < 1000
    assert len(repr(a)) < 1000


COPIES = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "pickle": lambda a: pickle.loads(pickle.dumps(a)),
    "pickle 2": lambda a: pickle.loads(pickle.dumps(a, 2)),
    "pickle, out of band": lambda a: (lambda kept: pickle.loads(pickle.dumps(a, 5, buffer_callback=kept.append), buffers=kept))([]),
    "in a list": lambda a: copy.deepcopy([a, a]),
    "twice in one": lambda a: (lambda pair: pair[0] is pair[1])(copy.deepcopy((a, a))),
    "in a dict": lambda a: copy.deepcopy({"x": a})["x"],
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", ARRAYS)
def test_copied(name, how, both):
    # Buffers that are kept out of band are shared by NumPy.
    check(COPIES[how], ARRAYS[name], aliasing="band" not in how)


USES = {
    "hash": hash,
    "in a set": lambda a: {a},
    "key of a dict": lambda a: {a: 1},
    "truth": bool,
    "truth of one": lambda a: bool(a.ravel()[:1]),
    "truth of none": lambda a: bool(a.ravel()[:0]),
    "not": lambda a: not a,
    "and": lambda a: a.ndim and a.ravel()[0] and 5,
    "if": lambda a: 1 if a.any() else 2,
    "in": lambda a: (a.flat[0] if a.size else 1) in a,
    "not in": lambda a: 10**6 in a,
    "in, a row": lambda a: a[0] in a,
    "in, text": lambda a: "a" in a,
    "in, None": lambda a: None in a,
    "in a list": lambda a: a in [a],
    "index of a list": lambda a: [1, 2].index(a),
    "iteration": list,
    "nested iteration": lambda a: [x for row in a for x in row],
    "unpacking": lambda a: [*a],
    "unpacking two": lambda a: (lambda first, *rest: (first, rest))(*a),
    "assignment of two": lambda a: unpacked(a),
    "sum": sum,
    "sum of rows": lambda a: sum(row.sum() for row in a),
    "min and max": lambda a: (min(a), max(a)),
    "sorted": lambda a: sorted(a.ravel()),
    "reversed": lambda a: list(reversed(a)),
    "zip": lambda a: list(zip(a, a[::-1], strict=True)),
    "enumerate": lambda a: list(enumerate(a)),
    "map": lambda a: list(map(str, a)),
    "filter": lambda a: list(filter(None, a.ravel())),
    "any and all": lambda a: (any(a), all(a)),
    "len": len,
    "range": lambda a: range(a.ravel()[0]),
    "list index": lambda a: [10, 20, 30][a.ravel()[0] * 0],
    "string formatting": lambda a: "%s" % (a.ravel()[:1],),  # noqa: UP031
    "format of one": lambda a: f"{a.ravel()[0]:>8}",
    "format of many": lambda a: f"{a:.2f}",
    "join": lambda a: ",".join(map(str, a.ravel()[:3].tolist())),
    "json": lambda a: json.dumps(a.tolist()),
    "json of the array": lambda a: json.dumps(a),
    "== None": lambda a: a == None,  # noqa: E711
    "!= None": lambda a: a != None,  # noqa: E711
    "is None": lambda a: a is None,
    "== text": lambda a: a == "x",
    "!= text": lambda a: a != "x",
    "< text": lambda a: a < "x",
    "== list": lambda a: a == a.tolist(),
    "== object": lambda a: a == object,  # noqa: E721
    "chained comparison": lambda a: 0 < a < 3,
    "range of items": lambda a: [a[k] for k in range(len(a))],
    "round": lambda a: round(a.ravel()[0], 1),
    "divmod": lambda a: divmod(a, 3),
    "pow with modulus": lambda a: pow(a, 2, 5),
    "abs": abs,
    "int of one": lambda a: int(a.ravel()[:1][0]),
    "slice of a list": lambda a: list(range(9))[: a.ravel()[0] * 0 + 2],
    "product": lambda a: list(itertools.product(a.ravel()[:2], repeat=2)),
    "groupby": lambda a: [(key, len(list(group))) for key, group in itertools.groupby(a.ravel())],
    "isinstance": lambda a: (isinstance(a, list), hasattr(a, "__len__"), callable(a), np.iterable(a), np.isscalar(a)),
    "dir": lambda a: "sum" in dir(a),
    "setattr": lambda a: setattr(a, "no_such_attribute", 1),
    "del item": lambda a: a.__delitem__(0),
    "call": lambda a: a(),
    "await": lambda a: a.__await__,
    "random.choice": lambda a: random.Random(1).choice(a),
    "exchange": lambda a: exchanged(a),
}


def unpacked(a):
    first, second = a
    return first, second


def exchanged(a):
    a[0], a[1] = a[1].copy(), a[0].copy()
    return a


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", [name for name in ARRAYS if name not in ("many", "long")])
def test_use(name, use, both):
    check(USES[use], ARRAYS[name], messages=False, any_nan=True, any_zero=True)


def test_match():
    def told(a):
        match a:
            case list() | tuple() | int() | str() | None:
                return "never"
            case compactarray.ndarray(ndim=0):
                return "a number"
            case compactarray.ndarray(shape=(length,)):
                return length
            case compactarray.ndarray(shape=(rows, _)):
                return "rows", rows

    for array in ARRAYS.values():
        assert_same(told(CompactArray(array)), told(array))


def test_loops_over_rows_and_columns(both):
    def program(np):
        table = np.arange(24).reshape(4, 6)
        found = []
        for i, row in enumerate(table):
            for j, value in enumerate(row):
                if value % 5 == 0:
                    found.append((i, j, int(value)))
            row[i] = -1
        for column in table.T:
            column += 1
        total = 0
        for value in table.flat:
            total += value
        return table, found, total, [list(index) for index in np.ndindex(2, 2)], list(np.ndenumerate(table))[:3]

    check_both(program)

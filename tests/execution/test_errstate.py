"""Floating-point errors: reported once for an operation, in the way that errstate asks for, from any tile."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray.testing import check
from tests.execution.test_calls import sample

OPERATIONS = {
    "division by zero": lambda a: a / (a - a),
    "division by 0": lambda a: 1 / (a * 0),
    "integer division by 0": lambda a: a.astype("i8") // 0,
    "overflow": lambda a: a * 1e308 * 10,
    "underflow": lambda a: (a + 1) * 1e-308 * 1e-10,
    "invalid": lambda a: np.sqrt(-a - 1),
    "log of 0": lambda a: np.log(a * 0),
    "in place": lambda a: a.__itruediv__(0),
    "out": lambda a: np.divide(a, 0, out=a),
    "reduce": lambda a: np.multiply.reduce((a + 2) * 1e300),
    "accumulate": lambda a: np.multiply.accumulate(a[0] * 1e300 + 1e300),
    "outer": lambda a: np.divide.outer(a[0], a[1] * 0),
    "cast": lambda a: (a * np.nan).astype("i4"),
    "cast to a narrow float": lambda a: (a + 1e300).astype("f4"),
    "assignment": lambda a: a.astype("i4").__setitem__(..., a * np.inf),
    "cast to a target": lambda a: np.exp(a * 0 + 100, out=np.zeros_like(a, "f4")),
    "cast of few values to a target": lambda a: np.exp(abs(a).astype("i8") % 50 + 90, out=np.zeros_like(a, "f4")),
    "cast before accumulating": lambda a: np.bitwise_and.accumulate(a * np.nan, dtype="i1"),
    "remainder": lambda a: np.remainder(a, 0),
    "floor_divide": lambda a: a // 0,
    "power": lambda a: (a + 2) ** 5000,
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("action", ["warn", "ignore", "raise"])
@pytest.mark.parametrize("kind", ["narrow", "constant", "sparse with any fill", "few values"])
def test_actions(name, action, kind):
    def run(a):
        with np.errstate(all=action):
            return OPERATIONS[name](a)

    values = np.nan_to_num(sample(kind, "f8", (5, 8)), nan=1, posinf=5, neginf=-5).clip(-1e5, 1e5)
    check(run, values, any_nan=True, mutation=action != "raise")


@pytest.mark.parametrize("name", ["division by zero", "overflow", "invalid", "reduce"])
def test_calls_and_logs(name):
    """Callbacks get what NumPy gives them, as often."""

    class Log:
        def __init__(self):
            self.lines = []

        def write(self, line):
            self.lines.append(line)

    def called(a):
        seen = []
        with np.errstate(all="call", call=lambda kind, flag: seen.append((kind, flag))):
            OPERATIONS[name](a)
        return seen

    def logged(a):
        log = Log()
        with np.errstate(all="log", call=log):
            OPERATIONS[name](a)
        return log.lines

    values = np.arange(40.0).reshape(5, 8)
    check(called, values)
    check(logged, values)


def test_print(capfd):
    outputs = []
    for make in (np.asarray, compactarray.asarray):
        with np.errstate(all="print"):
            make(np.arange(40.0)) / 0
        outputs.append(capfd.readouterr())
    assert outputs[0] == outputs[1]


def test_codes_that_do_not_occur_raise_no_errors():
    """A table of a dictionary may be computed at once, but only its own values may warn."""
    for values in (np.array([1.0, 4.0, 9.0] * 30), np.array([0.25, 0.5] * 40), np.arange(1, 90.0)):
        for function, shift in itertools.product([np.log, np.sqrt, np.reciprocal], [0, 1]):
            check(lambda a, f=function, s=shift: f(a[s:]), values)


@pytest.mark.parametrize("size", [3, 40, 100_000])
@pytest.mark.parametrize("make", [compactarray.asarray, compactarray.array])
def test_the_warning_names_the_line_of_the_caller(size, make):
    for function in (lambda a: a / a, lambda a: a.__itruediv__(0), lambda a: np.log(a), lambda a: np.multiply.reduce(a + 1e300)):
        with pytest.warns(RuntimeWarning) as caught:
            function(make(np.zeros(size)))
        assert {warning.filename for warning in caught} == {__file__}

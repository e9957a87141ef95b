"""The registry names every function of NumPy's that dispatches, each on one route, and all have cases or reasons."""

from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from numpy.testing.overrides import get_overridable_numpy_array_functions

from compactarray import registry
from tests.cases import ELSEWHERE, TEXT

#: The set is short by dozens of functions before these are imported.
SUBMODULES = [
    "fft",
    "linalg",
    "strings",
    "char",
    "ma",
    "polynomial",
    "rec",
    "lib.recfunctions",
    "lib.scimath",
    "lib.stride_tricks",
    "lib.npyio",
]


def overridable():
    for name in SUBMODULES:
        import_module(f"numpy.{name}")
    return get_overridable_numpy_array_functions()


def path(function):
    """Return the name of a function as the cases call it."""
    module = function.__module__.replace("numpy", "np", 1)
    if module == "np.strings" and function.__name__.startswith("_"):
        return f"np.char{function.__name__.replace('_', '.', 1)}"
    return f"{module}.{function.__name__}"


def test_every_function_is_registered():
    assert not [function for function in overridable() if registry.lookup(function) is None]


def test_nothing_else_is_registered():
    known = overridable()
    assert not [entry.function for entry in registry.entries() if entry.function not in known]


def test_one_route_for_each_function():
    twice = [name for name, count in Counter(path(entry.function) for entry in registry.entries()).items() if count > 1]
    assert not twice


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: path(entry.function))
def test_entry(entry):
    """A route that decodes nothing whole has a body and cases; one that does, a reason."""
    if entry.route in ("dense", "refused"):
        assert entry.reason
        return
    assert entry.body is not None
    assert path(entry.function) in TEXT.keys() | ELSEWHERE.keys()


def named(name):
    """Return the function of a name that cases call it by; None where this NumPy has none."""
    function = np
    for part in name.split(".")[1:]:
        function = getattr(function, part, None)
    return function


def test_cases_are_of_registered_functions():
    known = {entry.function for entry in registry.entries() if entry.route in ("native", "composed")}
    assert not [name for name in TEXT if named(name) not in {None, *known}]

"""Bodies take the parameters of NumPy's functions: names, kinds and defaults."""

import inspect

import numpy as np
import pytest

from compactarray import CompactArray, registry
from compactarray.methods_numeric import NumericMethods

#: Parameters that later versions of NumPy have.
NEWER = {"descending", "sorted", "correction", "mean", "axis", "device", "min", "max", "copy", "shape", "subok", "ndmax"}
#: Passed on to NumPy's function, which knows whether it has them.
NEWER_METHODS = {"stable", "descending"}
#: NumPy's own signature, seen from Python, tells less than it takes.
OPAQUE = {"arange", "where", "copyto"}

BODIES = [entry for entry in registry.entries() if entry.body is not None and entry.function.__name__ not in OPAQUE]


def parameters(function):
    return {p.name: (p.kind, repr(p.default)) for p in inspect.signature(function).parameters.values()}


@pytest.mark.parametrize("entry", BODIES, ids=lambda entry: f"{entry.function.__module__}.{entry.function.__name__}")
def test_signature(entry):
    try:
        expected = parameters(entry.function)
        expected.pop("like", None)  # NumPy's own, which brings the call here
    except ValueError:
        pytest.skip("NumPy tells no signature")
    actual = parameters(entry.body)
    assert {name: actual.get(name) for name in expected} == expected
    assert actual.keys() - expected.keys() <= NEWER
    shared = [name for name in actual if name in expected]
    assert shared == list(expected)


METHODS = [name for name in vars(NumericMethods) if not name.startswith("_") and hasattr(np.ndarray, name)]


@pytest.mark.parametrize("name", METHODS)
def test_signature_of_a_method(name):
    """As far as ndarray's tell: what they take as keywords, ours name."""
    try:
        expected = inspect.signature(getattr(np.ndarray, name)).parameters.values()
    except ValueError:
        pytest.skip("NumPy tells no signature")
    actual = inspect.signature(getattr(NumericMethods, name)).parameters
    named = [p for p in expected if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name not in NEWER_METHODS]
    assert [p.name for p in named if p.name != "other"] == [name for name in actual if name in {p.name for p in named} - {"other"}]
    assert all(repr(actual[p.name].default) == repr(p.default) for p in named if p.name in actual)


def test_every_method_of_ndarray_is_there():
    absent = {name for name in dir(np.ndarray) if not name.startswith("_")} - set(dir(CompactArray))
    assert not absent

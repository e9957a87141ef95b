"""Bodies take the parameters of NumPy's functions: names, kinds and defaults."""

import inspect

import pytest

from compactarray import registry

#: Parameters that later versions of NumPy have.
NEWER = {"descending", "sorted", "correction", "mean", "axis", "device", "min", "max", "copy", "shape", "subok"}
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

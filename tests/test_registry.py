"""The registry keeps one route for each function, with a reason where one is due."""

import numpy as np
import pytest

from compactarray import registry


@pytest.fixture(autouse=True)
def _own_entries(monkeypatch):
    monkeypatch.setattr(registry, "_ENTRIES", {})
    monkeypatch.setattr(registry, "_DECLARED", {})


def test_a_body_is_registered_by_function_object():
    @registry.implements(np.roll, "native")
    def body(a):
        return a

    entry = registry.lookup(np.roll)
    assert (entry.function, entry.route, entry.body, entry.reason) == (np.roll, "native", body, "")
    assert registry.entries() == (entry,)
    assert registry.lookup(np.flip) is None


def test_registering_twice_is_a_mistake():
    registry.register(registry.Entry(np.roll, "native", None))
    with pytest.raises(ValueError, match="roll is registered twice"):
        registry.register(registry.Entry(np.roll, "composed", None))


@pytest.mark.parametrize("route", ["dense", "refused"])
def test_dense_and_refused_need_a_reason(route):
    with pytest.raises(ValueError, match="needs a reason"):
        registry.register(registry.Entry(np.roll, route, None))
    registry.register(registry.Entry(np.roll, route, None, "because"))


def test_a_function_is_declared_by_its_name():
    registry.declare("numpy.fft.fft", "dense", "because")
    registry.declare("numpy.no_such_function", "dense", "of another NumPy")
    entry = registry.lookup(np.fft.fft)
    assert (entry.function, entry.route, entry.body, entry.reason) == (np.fft.fft, "dense", None, "because")
    assert registry.entries() == (entry,)
    with pytest.raises(ValueError, match="registered twice"):
        registry.declare("numpy.fft.fft", "native")
    with pytest.raises(ValueError, match="needs a reason"):
        registry.declare("numpy.fft.ifft", "dense")

"""The registry keeps one route for each function, with a reason where one is due."""

import numpy as np
import pytest

from compactarray import registry


@pytest.fixture(autouse=True)
def _own_entries(monkeypatch):
    monkeypatch.setattr(registry, "_ENTRIES", {})


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

"""NumPy's ``*_like`` functions on compact arrays: never dense."""

from typing import Any

import numpy as np

from compactarray import creation
from compactarray.registry import implements


def _check(subok: bool, device: str | None) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')


@implements(np.zeros_like, route="native")
def zeros_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: str | None = None
) -> Any:
    """As numpy.zeros_like."""
    _check(subok, device)
    return creation.zeros_like(a, dtype, order, subok, shape)


@implements(np.ones_like, route="native")
def ones_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: str | None = None) -> Any:
    """As numpy.ones_like."""
    _check(subok, device)
    return creation.ones_like(a, dtype, order, subok, shape)


@implements(np.empty_like, route="native")
def empty_like(
    prototype: Any, /, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: str | None = None
) -> Any:
    """As numpy.empty_like; the elements are zeros."""
    _check(subok, device)
    return creation.empty_like(prototype, dtype, order, subok, shape)


@implements(np.full_like, route="native")
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: str | None = None,
) -> Any:
    """As numpy.full_like."""
    _check(subok, device)
    fresh = creation.empty_like(a, dtype, order, subok, shape)
    np.copyto(fresh, fill_value, casting="unsafe")  # type: ignore[arg-type]
    return fresh

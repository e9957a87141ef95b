"""Which ufunc ndarray's ``**`` runs: squares, roots and reciprocals have ufuncs of their own, by version of NumPy."""

from functools import lru_cache
from typing import Any

import numpy as np


class _Probe(np.ndarray[Any, Any]):
    """An empty array that notes the ufunc that its operator runs."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        raise _Noted(ufunc)


class _Noted(Exception):
    """Carries the ufunc out of the operator."""


def power_ufunc(dtype: np.dtype[Any], exponent: Any) -> np.ufunc:
    """Return the ufunc that ``array ** exponent`` runs for an array of `dtype`: np.power, or a unary one."""
    return _power_ufunc(dtype, type(exponent), exponent)  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _power_ufunc(dtype: np.dtype[Any], kind: type, exponent: Any) -> np.ufunc:
    try:
        np.empty(0, dtype).view(_Probe) ** exponent
    except _Noted as noted:
        ufunc: np.ufunc = noted.args[0]
        return ufunc
    return np.power

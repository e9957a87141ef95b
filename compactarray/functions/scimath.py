"""numpy.lib.scimath: functions whose results are complex where no real ones would do."""

from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.functions.common import compact, tilewise
from compactarray.numerics.errstate import ErrorsOfSteps
from compactarray.registry import implements

_sci: Any = np.emath

#: Types that become complex64; all others become complex128.
_SINGLE = frozenset("bBhHfF")


def _dtype_if(array: CompactArray, test: Callable[[Any], Any]) -> np.dtype[Any]:
    """Return the dtype of an array, made complex if any element of it passes a test."""
    if array.dtype.kind == "c" or not any(bool(np.any(test(tile))) for tile in array._view.tiles()):
        return array.dtype
    return np.dtype(np.complex64 if array.dtype.char in _SINGLE else np.complex128)


def _unless_negative(array: CompactArray) -> np.dtype[Any]:
    if array.dtype.kind in "biuf" and array.size and not np.fmin.reduce(array, axis=None) < 0:
        return array.dtype
    return _dtype_if(array, lambda tile: tile < 0)


def _by_ufunc(ufunc: np.ufunc, x: Any, choose: Callable[[CompactArray], np.dtype[Any]]) -> Any:
    """Return what a ufunc gives of the elements in the dtype that is chosen for them."""
    array = compact(x)
    dtype = choose(array)
    return ufunc(array) if dtype == array.dtype else ufunc(array, dtype=dtype)


def _unless_above_one(array: CompactArray) -> np.dtype[Any]:
    return _dtype_if(array, lambda tile: abs(tile) > 1)


@implements(_sci.sqrt, route="composed", inline=True)
def sqrt(x: Any) -> Any:
    """As numpy.lib.scimath.sqrt."""
    return _by_ufunc(np.sqrt, x, _unless_negative)


@implements(_sci.log, route="composed", inline=True)
def log(x: Any) -> Any:
    """As numpy.lib.scimath.log."""
    return _by_ufunc(np.log, x, _unless_negative)


@implements(_sci.log10, route="composed", inline=True)
def log10(x: Any) -> Any:
    """As numpy.lib.scimath.log10."""
    return _by_ufunc(np.log10, x, _unless_negative)


@implements(_sci.log2, route="composed", inline=True)
def log2(x: Any) -> Any:
    """As numpy.lib.scimath.log2."""
    return _by_ufunc(np.log2, x, _unless_negative)


@implements(_sci.arccos, route="composed", inline=True)
def arccos(x: Any) -> Any:
    """As numpy.lib.scimath.arccos."""
    return _by_ufunc(np.arccos, x, _unless_above_one)


@implements(_sci.arcsin, route="composed", inline=True)
def arcsin(x: Any) -> Any:
    """As numpy.lib.scimath.arcsin."""
    return _by_ufunc(np.arcsin, x, _unless_above_one)


@implements(_sci.arctanh, route="composed", inline=True)
def arctanh(x: Any) -> Any:
    """As numpy.lib.scimath.arctanh."""
    return _by_ufunc(np.arctanh, x, _unless_above_one)


@implements(_sci.logn, route="composed", inline=True)
def logn(n: Any, x: Any) -> Any:
    """As numpy.lib.scimath.logn."""
    n, x = compact(n), compact(x)
    dtypes = _unless_negative(n), _unless_negative(x)
    wanted = np.divide(*(np.log(np.full(1, 2, dtype) + dtype.type(1)) for dtype in reversed(dtypes))).dtype

    with ErrorsOfSteps() as errors:

        def ratio(base: Any, tile: Any) -> Any:
            do = errors.of("ratio")
            logs = [do(np.log, part.astype(dtype, copy=False)) for part, dtype in ((tile, dtypes[1]), (base, dtypes[0]))]
            return do(np.divide, *logs)

        return tilewise(ratio, wanted, n, x)


@implements(_sci.power, route="composed", inline=True)
def power(x: Any, p: Any) -> Any:
    """As numpy.lib.scimath.power."""
    x, p = compact(x), compact(p)
    dtype = _unless_negative(x)
    if p.dtype.kind in "bi" and p.size and np.any(p < 0):
        p = p * 1.0
    return np.power(x, p) if dtype == x.dtype else np.power(x, p, dtype=np.result_type(dtype, p.dtype))

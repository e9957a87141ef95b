"""interp: tiles of places, each with the few points that lie next to them."""

from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.dense import run_dense
from compactarray.execution.mapping import in_c_order, results_of
from compactarray.functions.common import compact, tilewise, wrap
from compactarray.geometry.tiles import pieces
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import built


@implements(np.interp, route="native", inline=True)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """As numpy.interp; points that are not in order, or many and periodic: dense."""
    xp, fp = compact(xp), compact(fp)
    points = (xp, fp)
    few = xp.size <= settings().tile_length
    if xp.shape != fp.shape or xp.ndim != 1 or not xp.size or fp.dtype.kind not in "biufc" or xp.dtype.kind not in "biuf":
        return np.interp(0.0, *(np.zeros((1,) * p.ndim if p.ndim != 1 else p.shape, p.dtype) for p in points), left, right, period)  # type: ignore[call-overload]
    if not few and (period is not None or not _in_order(xp)):
        return run_dense(np.interp, (x, xp, fp, left, right, period), {}, CompactArray, CompactArray.from_view)
    x = compact(x)
    if not x.ndim:
        return interp(x[None], xp, fp, left, right, period)[0]
    dtype = np.dtype(np.complex128 if fp.dtype.kind == "c" else np.float64)
    if few:
        places, values = np.asarray(xp), np.asarray(fp)

        def between(tile: Array) -> Array:
            return np.asarray(np.interp(tile, places, values, left, right, period))

        flat = in_c_order(x._view)
        if flat is not None and dtype.kind == "f":
            return wrap(built(dtype, x.shape, (results for _, results in results_of(flat, between, dtype))))
        return tilewise(between, dtype, x, order="C")
    return tilewise(_Nearby(xp, fp, left, right), dtype, x, order="C")


def _in_order(xp: CompactArray) -> bool:
    """Tell whether places ascend; looked at by tiles that overlap by one."""
    parts = (np.asarray(xp[start : stop + 1]) for start, stop in pieces(0, xp.size, settings().tile_length))
    return all(bool((part[1:] >= part[:-1]).all()) for part in parts)


class _Nearby:
    """Interpolates a tile between the points on both sides of each place."""

    def __init__(self, xp: CompactArray, fp: CompactArray, left: Any, right: Any) -> None:
        self._xp = xp
        self._fp = fp
        self._ends = left, right

    def __call__(self, tile: Array) -> Array:
        places = np.ascontiguousarray(tile, np.float64).reshape(-1)
        before = np.asarray(np.searchsorted(self._xp, np.where(np.isnan(places), 0.0, places), side="right")) - 1
        last = self._xp.size - 1
        # The ends decide what lies outside of all points.
        near = np.unique(np.concatenate([[0, max(0, last - 1), last], before.clip(0, last), (before + 1).clip(0, last)]))
        found = np.interp(places, np.asarray(self._xp[near]), np.asarray(self._fp[near]), *self._ends)
        return np.asarray(found).reshape(tile.shape)

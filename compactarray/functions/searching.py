"""Looking values up: in sorted arrays, in bins."""

from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.haystack import FEW, is_small, place_of_codes, placed
from compactarray.execution.mapping import in_c_order, in_shape, places_of_values
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.common import compact, finished, inline, wrap
from compactarray.functions.indexing import take
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, built

#: Arguments that NumPy takes for certain: sides, and kinds of dtypes that compare with each other.
_SIDES = ("left", "right")
_PAIRS = frozenset((*(a + b for a in "biuf" for b in "biuf"), "SS", "UU"))
#: Needles that are looked up together, in tiles: a long haystack is decoded once for each such batch.
_BATCH = 8


@implements(np.searchsorted, route="native", inline=True)
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """As numpy.searchsorted; values are looked up once where they are held as codes.

    A few of them are looked for in the codes of a long array; for many it is decoded tile by tile.
    """
    a = compact(a)
    needle = v if isinstance(v, (CompactArray, np.ndarray)) else np.asarray(v)
    order: Any = None if sorter is None else np.empty(0, sorter.dtype if hasattr(sorter, "dtype") else np.asarray(sorter).dtype)
    if order is not None or side not in _SIDES or a.dtype.kind + needle.dtype.kind not in _PAIRS:
        np.empty(0, a.dtype).searchsorted(np.empty(0, needle.dtype), side, order)
    side = "left" if side in ("left", b"left") else "right"
    if a.ndim != 1 or (sorter is not None and np.shape(sorter) != a.shape):
        # NumPy's error.
        np.searchsorted(sham(a.shape), 0, side, None if sorter is None else sham(np.shape(sorter), np.intp))
    if sorter is not None:
        if len(a) and not 0 <= np.min(sorter) <= np.max(sorter) < len(a):
            # An error, where NumPy comes by the place.
            return inline(np.searchsorted, a, needle, side, sorter)
        a = take(a, sorter)
    return _searched(a._view, needle, side)


def _searched(hay: AnyView, needle: Any, side: Any) -> Any:
    """Return where needles belong in a sorted array."""
    view = needle._view if isinstance(needle, CompactArray) else PlainView(needle)
    if view.size <= (settings().tile_length if isinstance(view, PlainView) else FEW):
        found = placed(hay, view.read().reshape(-1), side).reshape(view.shape)
        # A Python number, like an array without axes, has a number for its place.
        return finished(found) if found.shape else found[()]
    flat = in_c_order(view)
    if flat is not None:
        known = PlainView(hay.read()) if is_small(hay.size, hay.dtype) else hay
        array = known.array if isinstance(known, PlainView) else None
        places = places_of_values(
            flat,
            lambda values: placed(known, values, side),
            hay.shape[0],
            lambda lane: None if array is None else place_of_codes(lane, array, side),
        )
        return wrap(in_shape(places, view.shape))
    batches = regions(view.shape, _BATCH * settings().tile_length)
    ranks = (placed(hay, np.asarray(tile_of(operand(view), batch)).reshape(-1), side) for batch in batches)
    return wrap(built(np.dtype(np.intp), view.shape, ranks))


@implements(np.digitize, route="composed", inline=True)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """As numpy.digitize."""
    x, bins = compact(x), compact(bins)
    np.digitize(np.zeros(1, x.dtype), np.zeros(1, bins.dtype))
    if bins.ndim != 1:
        # NumPy's error.
        return np.digitize(np.empty(0, x.dtype), np.zeros((1,) * bins.ndim, bins.dtype))
    if is_small(bins.size, bins.dtype):
        bins = np.asarray(bins)
    side = "left" if right else "right"
    steps = bins[1:], bins[:-1]
    if np.all(steps[0] >= steps[1]):
        return _searched(compact(bins)._view, x, side)
    if not np.all(steps[0] <= steps[1]):
        raise ValueError("bins must be monotonically increasing or decreasing")
    return bins.shape[0] - _searched(compact(bins[::-1])._view, x, side)

"""Where needles belong in a sorted array: in its codes for a few of them, tile by tile for many."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from math import ceil, floor
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.numerics.integers import NOT_INTEGER
from compactarray.numerics.rules import holds
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import AnyView, View

#: So many needles are looked for in the codes, or one by one.
FEW = 64
#: Looking for one needle, element by element, costs as much as decoding so many.
_DEAR = 32_768
#: The longest haystack that is translated to codes, one element after the other.
_MANY = 4_096
#: Bytes of a haystack that is decoded whole.
SMALL = 1 << 23


def is_small(size: int, dtype: np.dtype[Any]) -> bool:
    """Tell whether a haystack is decoded whole."""
    return size * dtype.itemsize <= SMALL


def placed(view: AnyView, needles: Array, side: Any) -> Array:
    """Return ``numpy.searchsorted(view, needles, side)`` for a view with one axis and 1-D needles."""
    if not isinstance(view, View):
        return np.asarray(view.array.searchsorted(needles, side))
    if needles.size <= FEW and view.size and isinstance(view.storage, BlockStorage) and view.steps == (1,):
        found = _in_lanes(view, view.storage, needles, side)
        if found is not None:
            return found
    if is_small(view.size, view.dtype):
        return np.asarray(view.read().searchsorted(needles, side))
    return _by_tiles(view, needles, side)


def _by_tiles(view: View, needles: Array, side: Any) -> Array:
    """Return where needles belong: in which tile first, then where in the tile."""
    length, tile = view.shape[0], settings().tile_length
    starts = np.arange(0, length, tile)
    firsts = np.empty(starts.size, view.dtype)
    view.storage.gather(view.offset + starts * view.steps[0], firsts)
    # The place lies in the last tile whose first element is smaller (or equal, to the right of it).
    tiles = np.maximum(firsts.searchsorted(needles, side) - 1, 0)
    found = np.empty(needles.size, np.intp)
    order = np.argsort(tiles, kind="stable")
    bounds = np.searchsorted(tiles[order], np.arange(starts.size + 1))
    for k, start in enumerate(starts.tolist()):
        mine = order[bounds[k] : bounds[k + 1]]
        if mine.size:
            stretch = view.basic(slice(start, start + tile)).read()
            found[mine] = stretch.searchsorted(needles[mine], side) + start
    return found


# --- a few needles ----------------------------------------------------------------------------------


class _Sequence:
    """Elements that are read when they are asked for, as what Python compares as NumPy's order does, for `bisect`."""

    def __init__(self, length: int, item: Callable[[int], Any], common: np.dtype[Any]) -> None:
        self._length = length
        self._item = item
        self._common = common

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[bool, Any]:
        return self.rank(self._item(index))

    def rank(self, value: Any) -> tuple[bool, Any]:
        """Return what Python compares as NumPy compares `value`: NaN and NaT come last."""
        found = value if value.dtype == self._common or value.dtype.kind in "SU" else np.asarray(value).astype(self._common)
        number = found.view(np.int64).item() if self._common.kind in "mM" else found.item()
        if number != number or (self._common.kind in "mM" and number == NOT_INTEGER):
            return True, 0
        return False, number

    def places(self, needles: Array, side: Any) -> Array:
        """Return where needles belong among the elements."""
        search = bisect_left if side == "left" else bisect_right
        return np.array([search(self, self.rank(needle)) for needle in needles], np.intp)


def _in_lanes(view: View, storage: BlockStorage, needles: Array, side: Any) -> Array | None:
    """Return where needles belong, from codes; None where some lane of them has no codes in their order."""
    common = np.result_type(view.dtype, needles.dtype)
    text = common.kind in "SU" and needles.dtype.kind == view.dtype.kind
    if not text and (common.kind not in "biufmM" or common.itemsize > 8):
        return None
    low, high = view.offset, view.offset + view.shape[0]
    entries = storage.entries
    if len(entries) == 1:
        return _in_lane(storage, low, high, needles, side, common)
    before = bisect_right(entries, low, key=lambda entry: entry.start)
    number = bisect_left(entries, high, key=lambda entry: entry.start) - before
    # Behind the first stretch there are others; which of them begins with an element that is not behind the needle?
    firsts = _Sequence(number, lambda index: storage.item(entries[before + index].start), common)
    ranks = firsts.places(needles, side) + (before - 1)
    found = np.empty(needles.size, np.intp)
    for rank in sorted(set(ranks.tolist())):
        mine = ranks == rank
        start, stop = max(low, entries[rank].start), min(high, entries[rank].stop)
        places = _in_lane(storage, start, stop, needles[mine], side, common)
        if places is None:
            return None
        found[mine] = places + (start - low)
    return found


def _in_lane(storage: BlockStorage, start: int, stop: int, needles: Array, side: Any, common: np.dtype[Any]) -> Array | None:
    """Return where needles belong among elements that one encoding holds, or None where it must not be decoded whole."""
    end, lane = storage.lane(start, stop)
    if lane is None or end != stop:
        return None
    found = _in_codes(lane, needles, side, common)
    if found is None and needles.size * _DEAR < lane.length:
        return _Sequence(lane.length, lane.item, common).places(needles, side)
    if found is None and is_small(lane.length, lane.dtype):
        return np.asarray(lane.decoded(0, lane.length).searchsorted(needles, side))
    return found


def in_lane(lane: Encoding, needles: Array, side: Any, common: np.dtype[Any]) -> Array:
    """Return where needles belong among the sorted elements of a lane; decoded where its codes do not tell.

    `common` is the dtype in which NumPy compares both.
    """
    found = _in_codes(lane, needles, side, common)
    return np.asarray(lane.decoded(0, lane.length).searchsorted(needles, side)) if found is None else found


def place_of_codes(lane: Encoding, hay: Array, side: Any) -> Callable[[Array], Array] | None:
    """Return what tells from codes of a lane where their values belong in a sorted array, or None."""
    if lane.exceptions is not None or hay.size > _MANY:
        return None
    if isinstance(lane, NarrowFloat) and hay.dtype == lane.dtype:
        bounds = _rounded(hay, lane.codes.dtype, up=side == "right")
        return lambda codes: np.asarray(bounds.searchsorted(codes, side))
    if not isinstance(lane, Narrow):
        return None
    # v is above h, or at least h, where the code of v is at least the first one whose value is.
    firsts = _firsts_in_frame(lane, int(lane.codes.max()), hay, side == "right", np.result_type(lane.dtype, hay.dtype))
    if firsts is None:
        return None
    codes = np.array([code for code in firsts if not code >> 8 * lane.codes.itemsize], lane.codes.dtype)
    return lambda found: np.asarray(codes.searchsorted(found, "right"))


def _rounded(values: Array, narrow: np.dtype[Any], up: bool) -> Array:
    """Return floats rounded up, or down, to a narrower dtype."""
    with np.errstate(all="ignore"):
        found = values.astype(narrow)
        wrong = found < values if up else found > values
        return np.where(wrong, np.nextafter(found, narrow.type(np.inf if up else -np.inf)), found)


def _in_codes(lane: Encoding, needles: Array, side: Any, common: np.dtype[Any]) -> Array | None:
    """Return where needles belong among the elements of a lane, or None where its codes do not tell."""
    exceptions = lane.exceptions
    if exceptions is None:
        if isinstance(lane, Narrow):
            firsts = _firsts_in_frame(lane, lane.codes.item(-1), needles, side == "left", common)
            return None if firsts is None else _from(lane.codes, firsts)
        if isinstance(lane, Dictionary):
            return _from(lane.codes, lane.table.searchsorted(needles, side).tolist())
        if isinstance(lane, NarrowFloat) and common == lane.dtype:
            return np.asarray(lane.codes.searchsorted(_rounded(needles.astype(common), lane.codes.dtype, up=side == "left"), side))
        if isinstance(lane, Coded) and lane.codes.dtype == common:
            return np.asarray(lane.codes.searchsorted(needles, side))
    if not isinstance(lane, Constant):
        return None
    before = np.asarray(lane.value.searchsorted(needles, side))
    if exceptions is None:
        return before * lane.length
    # Sorted, what is not the fill lies around it, in order.
    others = _in_codes(exceptions.values, needles, side, common)
    return None if others is None else before * (lane.length - exceptions.count) + others


def _firsts_in_frame(lane: Narrow, most: int, needles: Array, left: bool, common: np.dtype[Any]) -> list[int] | None:
    """Return for each needle the first code, of those up to `most`, that means an element behind it (or at it), or None.

    r + s * c < v exactly where c < ceil((v - r) / s), and r + s * c <= v exactly where c <= floor((v - r) / s);
    and an integer is below v where it is below ceil(v), and up to v where it is up to floor(v).
    """
    low, high = lane.reference, lane.reference + lane.stride * most
    if common.kind == "f" and not (holds(common, low, high) and holds(common, low, high + 1)):
        return None
    if lane.dtype.kind in "mM":
        if needles.dtype != common or lane.dtype != common:
            return None
        # NaT, the least of integers, is the last of moments.
        values = [high + 1 if value == NOT_INTEGER else value for value in needles.view(np.int64).tolist()]
    else:
        values = needles.tolist()
    found = []
    for value in values:
        if not value <= high:
            # NaN, too.
            found.append(1 << 8 * lane.codes.itemsize)
        elif value < low:
            found.append(0)
        elif left:
            found.append(-((low - ceil(value)) // lane.stride))
        else:
            found.append((floor(value) - low) // lane.stride + 1)
    return found


def _from(codes: Array, firsts: list[int]) -> Array:
    """Return where the first of sorted codes lies that is at least each of some integers."""
    if max(firsts, default=0) >> 8 * codes.itemsize:
        # Beyond all codes.
        beyond = [code >> 8 * codes.itemsize for code in firsts]
        places = codes.searchsorted(np.array([0 if out else code for code, out in zip(firsts, beyond, strict=True)], codes.dtype))
        return np.where(beyond, codes.size, places)
    return np.asarray(codes.searchsorted(np.array(firsts, codes.dtype)))

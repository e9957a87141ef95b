"""Reductions of whole arrays from their codes: sums, extremes, any and all, and where an extreme lies."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.execution import sparse_reduction
from compactarray.execution.even import evened
from compactarray.execution.lanes import integer
from compactarray.execution.tally import Piece, code_counts, decoded, gapless, lanes_of, tally_of
from compactarray.execution.threads import in_parts
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import pieces
from compactarray.kernels import sum_codes
from compactarray.numerics.rules import holds, wrapped
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, View

EXTREMES = frozenset((np.maximum, np.minimum, np.fmax, np.fmin))
#: Elements that are looked at first where the first one found decides.
_HEAD = 512
#: No sum of numbers below this, however many, overflows.
_FAR = 1e30
LOGIC = frozenset((np.logical_or, np.logical_and))


def whole(ufunc: np.ufunc, view: View, dtype: np.dtype[Any]) -> Any:
    """Return ``ufunc.reduce(view, axis=None)`` of `dtype` from the codes, or None where these do not suffice.

    Sums of integers are exact (modulo the range of the dtype); so are those of floats as far as the elements
    are integers, and the rest is added in pairs.
    """
    flat = gapless(view)
    if flat is None or view.dtype.kind not in "biufmM":
        return None
    if ufunc is np.add and view.dtype.kind in "biuf" and dtype.kind in "iuf":
        return _sum(flat, dtype)
    if ufunc in EXTREMES and dtype == view.dtype:
        if dtype.kind == "b":
            return _truth(np.logical_or if ufunc in (np.maximum, np.fmax) else np.logical_and, flat)
        return _extreme(ufunc, flat)
    return _truth(ufunc, flat) if ufunc in LOGIC and dtype.kind == "b" and view.dtype.kind in "biuf" else None


# --- sums -----------------------------------------------------------------------------------------------


class _Sum:
    """The sum of integers, exact, and the sums of what is none.

    Parameters
    ----------
    dtype : dtype
        Of the result.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.exact = 0
        self.integers = False
        self.parts: list[Any] = []
        #: Whether NaN is among the elements, and the greatest magnitude of others in their company.
        self.missing = False
        self.greatest = 0.0

    def add(self, total: int) -> None:
        """Add a sum of integers."""
        self.exact += total
        self.integers = True

    def add_values(self, values: Array) -> None:
        """Add values, which are no more than a tile."""
        if values.dtype.kind in "biu" and (self.dtype.kind != "f" or values.dtype.itemsize < 8):
            # In 64 bits, modulo which sums of integers are taken; a tile of narrower ones comes nowhere near.
            self.add(int(np.add.reduce(values)))
        else:
            found = np.add.reduce(values.astype(np.float64, copy=False))
            if found != found:
                magnitudes = np.absolute(values, dtype=np.float64)
                self.missing = self.missing or bool((values != values).any())
                self.greatest = max(self.greatest, float(np.fmax.reduce(magnitudes, initial=0.0)))
            self.parts.append(found)

    def result(self) -> Any:
        """Return the sum as a scalar; None where NumPy has to say what an overflow comes to."""
        dtype = self.dtype
        if dtype.kind != "f":
            return wrapped(self.exact, dtype)
        if not self.parts and holds(np.dtype(np.float64), self.exact, self.exact):
            found = dtype.type(self.exact)
        else:
            parts = [*self.parts, float(self.exact)] if self.integers else self.parts
            found = dtype.type(np.add.reduce(np.array(parts)))
        if self.missing and self.greatest < _FAR and all(part != part or abs(part) < _FAR for part in self.parts):
            # NaN, of which nothing is to be warned: nothing else is infinite, or comes near it.
            return dtype.type(np.nan)
        return found if np.isfinite(found) else None


def _sum(flat: View, dtype: np.dtype[Any]) -> Any:
    total = _Sum(dtype)
    with np.errstate(all="ignore"):
        for piece in lanes_of(flat, runs=True):
            _add_piece(total, flat, piece)
        return total.result()


def _add_piece(total: _Sum, flat: View, piece: Piece) -> None:
    lane = piece.lane
    if lane is None:
        total.add_values(decoded(flat, piece))
        return
    if isinstance(lane, Coo):
        found = sparse_reduction.reduced(np.add, lane, total.dtype)
        if found is not None and total.dtype.kind == "f":
            total.parts.append(found)
            return
        if found is not None:
            total.add(int(found))
            return
    elif _add_codes(total, lane):
        if lane.exceptions is not None:
            _exchange_exceptions(total, lane)
        return
    for start, stop in pieces(0, lane.length, settings().tile_length):
        total.add_values(lane.decoded(start, stop))


def _add_codes(total: _Sum, lane: Encoding) -> bool:
    """Add what the codes of a lane mean, exceptions aside; tell whether that was possible."""
    if isinstance(lane, Runs):
        _add_runs(total, lane)
    elif isinstance(lane, Narrow):
        total.add(lane.length * lane.reference + lane.stride * sum(map(int, in_parts(sum_codes, lane.codes))))
    elif total.dtype.char == "d" and (even := evened(lane, recoded=False)) is not None:
        codes = even.lane.codes
        summed = sum(map(int, in_parts(sum_codes, codes)))
        total.parts.append(np.float64(codes.size * even.lane.reference + summed) * even.step)
    elif isinstance(lane, (Dictionary, Bits)):
        values = lane.table if isinstance(lane, Dictionary) else lane.pair
        counts = code_counts(lane)[: values.size]
        if lane.dtype.kind in "biu":
            total.add(sum(int(value) * count for value, count in zip(values.tolist(), counts.tolist(), strict=True)))
        else:
            # What does not occur is no infinity times nothing.
            present = np.flatnonzero(counts)
            total.parts.append(np.add.reduce(values[present].astype(np.float64) * counts[present]))
    elif isinstance(lane, Constant):
        value = integer(lane, lane.dtype) if lane.dtype.kind != "b" else int(lane.value[0])
        if value is None:
            total.parts.append(np.float64(lane.value[0]) * lane.length)
        else:
            total.add(value * lane.length)
    elif isinstance(lane, Raw) and lane.dtype.kind == "f":
        # NumPy adds in pairs, whatever the length.
        total.parts.extend(in_parts(partial(np.add.reduce, dtype=np.promote_types(lane.dtype, np.float32)), lane.codes))
    else:
        return False
    return True


def _add_runs(total: _Sum, lane: Runs) -> None:
    """Add each value as often as its run is long."""
    values, lengths = lane.values, lane.lengths()
    if isinstance(values, Narrow) and int(values.codes.max()) * lane.length < 1 << 63:
        total.add(lane.length * values.reference + values.stride * int(values.codes.astype(np.int64) @ lengths))
        return
    elements = values.decoded(0, values.length)
    if lane.dtype.kind == "f" or (total.dtype.kind == "f" and lane.dtype.itemsize == 8):
        total.parts.append(np.add.reduce(elements.astype(np.float64) * lengths))
    else:
        # Modulo 2**64, as the sum is in the end; narrower ones come nowhere near.
        total.add(int(elements.astype(np.int64) @ lengths))


def _exchange_exceptions(total: _Sum, lane: Encoding) -> None:
    """Take off what the codes mean that exceptions stand before, and add the exceptions."""
    exceptions = lane.exceptions
    assert exceptions is not None
    hidden = np.empty(exceptions.count, lane.dtype)
    lane.take_codes(exceptions.places(0, lane.length)[2], hidden)
    if isinstance(lane, Narrow):
        # Integers, also as floats; exactly so in 64 bits, or below 2**53.
        total.add(-int(np.add.reduce(hidden.astype(np.int64))))
    elif lane.dtype.kind in "biu":
        total.add(-sum(hidden.tolist()))
    else:
        total.parts.append(-np.add.reduce(hidden.astype(np.float64)))
    total.add_values(exceptions.values.decoded(0, exceptions.count))


def squared_deviations(view: AnyView, middle: float) -> Any:
    """Return the sum of the squared deviations of all elements from `middle`, or None where no tally tells it."""
    if middle != middle:
        # So is every deviation, and NumPy does not warn of that.
        return np.float64(np.nan)
    flat = gapless(view)
    tally = None if flat is None or view.dtype.kind not in "biuf" else tally_of(flat)
    if tally is None:
        return None
    with np.errstate(all="ignore"):
        deviations = tally.values.astype(np.float64) - middle
        found = np.add.reduce(deviations * deviations * tally.counts)
    return found if np.isfinite(found) else None


# --- extremes -------------------------------------------------------------------------------------------


def _extreme(ufunc: np.ufunc, flat: View) -> Any:
    found = []
    for piece in lanes_of(flat, runs=True):
        value = None if piece.lane is None else _extreme_of_lane(ufunc, piece.lane)
        if value is None:
            for start, stop in pieces(piece.start, piece.stop, settings().tile_length):
                found.append(ufunc.reduce(flat.basic(slice(start, stop)).read()))
        else:
            found.append(value)
    return ufunc.reduce(np.array(found, flat.dtype))


def _extreme_of_lane(ufunc: np.ufunc, lane: Encoding) -> Any:
    """Return the extreme of a lane, or None where its codes are not in the order of values."""
    if isinstance(lane, Coo):
        return sparse_reduction.reduced(ufunc, lane, lane.dtype)
    if isinstance(lane, Runs):
        return ufunc.reduce(lane.values.decoded(0, lane.values.length))
    codes = ordered_codes(lane)
    if codes is None:
        return None
    if lane.exceptions is None:
        return item_of(lane, ufunc.reduce(codes))
    found = ufunc.reduce(lane.exceptions.values.decoded(0, lane.exceptions.count))
    if (found != found and ufunc in (np.maximum, np.minimum)) or lane.exceptions.count == lane.length:
        return found
    # What exceptions stand before must not count: it becomes the code of an element that is none.
    places = lane.exceptions.places(0, lane.length)[2]
    gaps = np.flatnonzero(places != np.arange(places.size))
    codes = codes.copy()
    codes[places] = codes[int(gaps[0]) if gaps.size else places.size]
    return ufunc(found, item_of(lane, ufunc.reduce(codes)))


def ordered_codes(lane: Encoding) -> Array | None:
    """Return the codes of a lane where they have the order of the values, NaN included; else None."""
    if isinstance(lane, Dictionary):
        # Sorted as NumPy sorts; a NaN comes last, and would be the least as well as the greatest.
        return None if lane.dtype.kind not in "SU" and (lane.table[-1:] != lane.table[-1:]).any() else lane.codes
    return lane.codes if isinstance(lane, Coded) else None


def item_of(lane: Encoding, code: Any) -> np.generic:
    """Return what one code of a lane means."""
    assert isinstance(lane, Coded)
    return lane.rebuilt((np.array([code], lane.codes.dtype),), 1, None).item(0)


def place_of_extreme(function: Callable[..., Any], view: AnyView) -> int | None:
    """Return what ``numpy.argmax`` or ``numpy.argmin`` (`function`) gives for a flattened view, or None."""
    flat = gapless(view) if isinstance(view, View) and is_contiguous(view.shape, view.steps) else None
    if flat is None or view.dtype.kind not in "biufmMSU":
        return None
    # A NaN, or the truth that is looked for, often comes soon.
    head = flat.basic(slice(0, min(_HEAD, settings().tile_length))).read()
    place = int(function(head))
    if head[place] != head[place] or (view.dtype.kind == "b" and bool(head[place]) is (function is np.argmax)):
        return place
    places, values = [], []
    for piece in lanes_of(flat, runs=True):
        found = None if piece.lane is None else _place_in_lane(function, piece.lane)
        if found is None:
            for start, stop in pieces(piece.start, piece.stop, settings().tile_length):
                tile = flat.basic(slice(start, stop)).read()
                places.append(start + int(function(tile)))
                values.append(tile[places[-1] - start])
                if values[-1] != values[-1]:
                    break
        else:
            places.append(piece.start + found)
            values.append(flat.storage.item(flat.offset + places[-1]))
    return places[int(function(np.array(values, flat.dtype)))]


def _place_in_lane(function: Callable[..., Any], lane: Encoding) -> int | None:
    if isinstance(lane, Coo):
        return sparse_reduction.extreme_position(function, lane)
    if isinstance(lane, Constant):
        return 0
    if isinstance(lane, Runs):
        return int(lane.edges()[int(function(lane.values.decoded(0, lane.values.length)))])
    codes = ordered_codes(lane)
    if codes is None or lane.exceptions is None:
        return None if codes is None else int(function(codes))
    found = int(function(codes))
    places, others = lane.exceptions.places(0, lane.length)[2], lane.exceptions.values.decoded(0, lane.exceptions.count)
    near = int(places.searchsorted(found))
    if near < places.size and places[near] == found:
        # What an exception stands before does not count.
        return None
    other = int(function(others))
    candidates = sorted([(found, lane.item(found)), (int(places[other]), others[other])], key=lambda candidate: candidate[0])
    return candidates[int(function(np.array([value for _, value in candidates], lane.dtype)))][0]


# --- any and all ----------------------------------------------------------------------------------------


def _truth(ufunc: np.ufunc, flat: View) -> Any:
    """Return whether any (or every) element is true; what follows the deciding element is not looked at."""
    wanted = ufunc is np.logical_or
    if bool(ufunc.reduce(flat.basic(slice(0, min(_HEAD, settings().tile_length))).read())) is wanted:
        return np.bool_(wanted)
    for piece in lanes_of(flat, runs=True):
        lane = piece.lane
        if isinstance(lane, Runs):
            decided = bool(ufunc.reduce(lane.values.decoded(0, lane.values.length))) is wanted
        elif isinstance(lane, Bits) and lane.exceptions is None and lane.dtype.kind == "b":
            whole_words = lane.packed[: lane.length // 64 * 8].view(np.uint64)
            decided = bool((whole_words != (0 if wanted else 2**64 - 1)).any())
            rest = range(lane.length // 64 * 64, lane.length)
            decided = decided or any(bool(lane.item(position)) is wanted for position in rest)
        else:
            tiles = pieces(piece.start, piece.stop, settings().tile_length)
            decided = any(bool(ufunc.reduce(flat.basic(slice(low, high)).read())) is wanted for low, high in tiles)
        if decided:
            return np.bool_(wanted)
    return np.bool_(not wanted)

"""Accumulations of flat elements: on codes where they are integers, else on values that mostly stay where they are computed."""

from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode_flat
from compactarray.execution.lanes import Integers, integers
from compactarray.geometry.tiles import pieces
from compactarray.kernels import running_extremes, running_sums, running_words
from compactarray.numerics import rules
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.results import Results
from compactarray.storage.view import View, whole

_EXTREMES = frozenset((np.maximum, np.minimum, np.fmax, np.fmin))
#: Runs whose values are decoded at once.
_MOST_RUNS = 1 << 20
#: Codes of running sums have four bytes.
_CODES = np.dtype(np.uint32)
#: Bytes of a machine word, modulo which integers are added in place, and what such a word counts.
_WORD, _MODULUS = 8, 1 << 64


def on_codes(ufunc: np.ufunc, view: View, axis: int, dtype: np.dtype[Any]) -> View | None:
    """Return an accumulation of a C-contiguous view, or None where its codes do not suffice.

    Sums of integers, if four bytes hold the differences between them; running extremes of one lane.
    """
    if ufunc in _EXTREMES and dtype == view.dtype and view.shape[axis] == view.size:
        of_runs = _extremes_of_runs(ufunc, view)
        if of_runs is not None:
            return of_runs
    lanes = _lanes(view)
    if lanes is None:
        return None
    if ufunc in _EXTREMES and dtype == view.dtype:
        return _extremes(ufunc, lanes, view.shape, axis)
    if ufunc is not np.add or dtype.itemsize <= _CODES.itemsize or dtype.kind not in "iuf":
        return None
    terms = [integers(lane, dtype) for lane in lanes]
    found = [lane for lane in terms if lane is not None and lane.codes is not None]
    length, inner = view.shape[axis], prod(view.shape[axis + 1 :])
    if len(found) < len(terms) or (len(found) > 1 and (inner > 1 or length < view.size)):
        return None
    low, high = _bounds(found, length, inner)
    if high - low > np.iinfo(_CODES).max or not rules.expands(dtype, low, high):
        return None
    low = 0 if low > 0 and high <= np.iinfo(_CODES).max else low
    out = np.empty(view.size, _CODES)
    start, total = 0, -low
    for lane in found:
        assert lane.codes is not None
        lines = (length, inner) if len(found) == 1 else (lane.codes.size, 1)
        total = int(running_sums(lane.codes, lane.stride, lane.reference, total, *lines, out[start : start + lane.codes.size]))
        start += lane.codes.size
    return _whole(Narrow(dtype, out, Frame(_CODES, low, 1, 0), None), view.shape)


def _lanes(view: View) -> list[Encoding] | None:
    """Return the encodings, without exceptions, that hold all elements of a C-contiguous view."""
    storage = view.storage
    if not isinstance(storage, BlockStorage):
        return None
    found: list[Encoding] = []
    start, stop = view.offset, view.offset + view.size
    while start < stop:
        start, lane = storage.lane(start, stop)
        if lane is None or lane.exceptions is not None:
            return None
        found.append(lane)
    return found


def _bounds(lanes: list[Integers], length: int, inner: int) -> tuple[int, int]:
    """Return bounds of all partial sums: they are reached where all terms are the least, or the greatest."""
    low = high = 0
    least, most = 0, 0
    for lane in lanes:
        assert lane.codes is not None
        terms = length if len(lanes) == 1 else lane.codes.size
        least, most = lane.interval
        low, high = low + min(0, least * terms), high + max(0, most * terms)
    if len(lanes) == 1 and least > 0:
        low = least
    if len(lanes) == 1 and most < 0:
        high = most
    return low, high


def _extremes(ufunc: np.ufunc, lanes: list[Encoding], shape: tuple[int, ...], axis: int) -> View | None:
    """Return running extremes of one lane whose codes are in the order of the values: those of the codes."""
    lane = lanes[0]
    ordered = isinstance(lane, Narrow) or (isinstance(lane, Dictionary) and lane.in_order)
    if len(lanes) > 1 or not ordered or not isinstance(lane, Coded):
        return None
    if shape[axis] == lane.codes.size and lane.codes.dtype.kind == "u":
        codes = np.empty_like(lane.codes)
        running_extremes(lane.codes, ufunc in (np.maximum, np.fmax), codes)
    else:
        codes = ufunc.accumulate(lane.codes.reshape(shape), axis).reshape(-1)
    return _whole(lane.rebuilt((codes,), codes.size, None), shape)


def _extremes_of_runs(ufunc: np.ufunc, view: View) -> View | None:
    """Return running extremes of one line of runs: those of their values. None for what is not one lane of runs."""
    if not isinstance(view.storage, BlockStorage):
        return None
    end, lane = view.storage.lane(view.offset, view.offset + view.size, folded=True)
    if end < view.offset + view.size or not isinstance(lane, Runs) or lane.exceptions is not None or lane.values.length > _MOST_RUNS:
        return None
    values = ufunc.accumulate(lane.values.decoded(0, lane.values.length))
    return _whole(lane.with_values(encode_flat(values, many=True)), view.shape)


def _whole(lane: Encoding, shape: tuple[int, ...]) -> View:
    return whole(storage_of(lane.dtype, [lane], settings().block_length), shape)


def _lane_of_integers(view: View, start: int, stop: int) -> Narrow | None:
    """Return the codes of elements of a view with one axis, if these are all that stands for them, in a frame of integers."""
    if not isinstance(view.storage, BlockStorage) or view.steps != (1,):
        return None
    end, lane = view.storage.lane(view.offset + start, view.offset + stop)
    if end < view.offset + stop or not isinstance(lane, Narrow) or lane.exceptions is not None or lane.dtype.kind not in "iu":
        return None
    return lane


def of_values(ufunc: np.ufunc, view: View, dtype: np.dtype[Any]) -> View:
    """Return an accumulation along the one axis of a view, of its values: raw where these look incompressible."""
    # The dtype of moments has a unit, which the argument does not take.
    wanted = None if dtype.kind in "mM" else dtype
    results = Results(dtype, view.size)
    carry: Array | None = None
    for start, stop in pieces(0, view.size, settings().tile_length):
        room = results.room(stop - start)
        lane = _lane_of_integers(view, start, stop) if ufunc is np.add and dtype.kind in "iu" and dtype.itemsize == _WORD else None
        if lane is not None:
            frame = (np.uint64(lane.stride % _MODULUS), np.uint64(lane.reference % _MODULUS))
            running_words(lane.codes, *frame, np.uint64(0) if carry is None else carry.view(np.uint64)[0], room.view(np.uint64))
            carry = room[-1:].copy()
            results.advance(stop - start)
            continue
        tile = view.basic(slice(start, stop)).read(dtype=dtype)
        if carry is not None:
            tile[:1] = ufunc(carry, tile[:1])
        carry = ufunc.accumulate(tile, 0, wanted, out=room)[-1:].copy()
        results.advance(stop - start)
    return whole(results.finish(), view.shape)

"""Ufuncs on float64 that are float32 in truth, where the narrow floats have the same results."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.execution.comparing import COMPARISONS, marked
from compactarray.execution.lanes import Lane, Work
from compactarray.numerics.intervals import CLIP

#: Ufuncs that tell something of a value.
_TESTS = frozenset((*COMPARISONS, np.isnan, np.isinf, np.isfinite, np.signbit))
#: Ufuncs that pick a value, change its sign, or round it to an integer: float32 gives float32 without rounding anything else.
_EXACT = frozenset(
    (
        *(np.negative, np.absolute, np.fabs, np.positive, np.conjugate, np.rint, np.floor, np.ceil, np.trunc),
        *(np.maximum, np.minimum, np.fmax, np.fmin, np.copysign, CLIP),
    )
)
_NARROW, _WIDE = np.dtype(np.float32), np.dtype(np.float64)


def in_narrow_floats(ufunc: np.ufunc, lanes: list[Lane], work: Work) -> Encoding | None:
    """Return the result of a ufunc computed on the narrow floats, or None where it may differ from that on wide ones."""
    if ufunc not in _TESTS and ufunc not in _EXACT:
        return None
    if ufunc in COMPARISONS and not isinstance(lanes[0], NarrowFloat):
        lanes, ufunc = lanes[::-1], COMPARISONS[ufunc]
    operands: list[Any] = []
    for lane in lanes:
        if isinstance(lane, NarrowFloat) and lane.codes.dtype == _NARROW and lane.dtype == _WIDE:
            operands.append(lane.codes)
            continue
        scalar = _scalar(lane)
        if scalar is None:
            return None
        narrow = _narrow(scalar)
        if narrow is None and ufunc in COMPARISONS:
            ufunc, narrow = _moved_limit(ufunc, scalar)
        if narrow is None:
            return None
        operands.append(narrow)
    model = next(lane for lane in lanes if isinstance(lane, NarrowFloat))
    if ufunc in _TESTS:
        return marked(lambda start, stop: ufunc(*_cut(operands, start, stop)), model.length, _NARROW.itemsize, work)
    out = work.room(model.length, _NARROW)
    ufunc(*operands, out=out)
    return model.rebuilt((out,), model.length, None)


def _cut(operands: list[Any], start: int, stop: int) -> list[Any]:
    return [value[start:stop] if value.shape else value for value in operands]


def _scalar(lane: Lane) -> np.float64 | None:
    """Return the float64 that a scalar operand is, or None."""
    if type(lane) is Constant:
        lane = lane.value[0]
    if isinstance(lane, (int, float, np.floating)) and not isinstance(lane, (bool, np.longdouble)):
        return np.float64(lane)
    return None


def _narrow(scalar: np.float64) -> np.float32 | None:
    """Return a scalar as float32, if it is one."""
    with np.errstate(all="ignore"):
        narrow = np.float32(scalar)
    return narrow if np.float64(narrow).tobytes() == scalar.tobytes() else None


def _moved_limit(ufunc: np.ufunc, limit: np.float64) -> tuple[np.ufunc, np.float32 | None]:
    """Return a comparison with a float32 that comes out as one with a limit between two of them; None for equality.

    Proof: no float32 lies between the limit and the greatest float32 below it, so that x < limit and x <= limit hold where
    x <= that one, and x > limit and x >= limit where x > that one; NaN is neither.
    """
    if ufunc in (np.equal, np.not_equal) or np.isnan(limit):
        return ufunc, None
    with np.errstate(all="ignore"):
        below = np.float32(limit)
    if np.float64(below) > limit:
        below = np.nextafter(below, np.float32(-np.inf))
    return (np.less_equal if ufunc in (np.less, np.less_equal) else np.greater), below

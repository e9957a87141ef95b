"""Arithmetic of integers in the narrowest dtype that interval arithmetic proves exact.

Integers, floats that are integers, moments and spans of time, in frames of reference. With a scalar the
codes often stay what they are and only the frame changes; else the same ufunc runs on values in a narrow
dtype, a tile at a time, and its results are the codes of a new frame.
"""

from operator import and_, or_, xor
from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.execution.lanes import Integers, Lane, Work, integers, tiles
from compactarray.kernels import Kernel, add_u1, add_u2, multiply_u1, multiply_u2, subtract_u1, subtract_u2
from compactarray.numerics import rules
from compactarray.numerics.integers import code_dtype, compute_dtype
from compactarray.numerics.intervals import CLIP, Interval, has_rule, result_interval, stays_exact_in_floats
from compactarray.storage.base import Array

_TIME = frozenset((np.add, np.subtract, np.negative, np.absolute, np.maximum, np.minimum, np.fmax, np.fmin))
#: Ufuncs that leave an integer what it is, in a float dtype or in any.
_IDENTITIES = frozenset((np.positive, np.rint, np.floor, np.ceil, np.trunc, np.conjugate))

_EXTREMES = frozenset((np.maximum, np.minimum, np.fmax, np.fmin, CLIP))
_U1, _U2, _U4 = np.dtype("u1"), np.dtype("u2"), np.dtype("u4")
_BITWISE: dict[np.ufunc, Any] = {np.bitwise_and: and_, np.bitwise_or: or_, np.bitwise_xor: xor}
_WIDENING: dict[np.ufunc, dict[np.dtype[Any], Kernel]] = {
    np.add: {_U1: add_u1, _U2: add_u2},
    np.subtract: {_U1: subtract_u1, _U2: subtract_u2},
    np.multiply: {_U1: multiply_u1, _U2: multiply_u2},
}


def arithmetic(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any], work: Work) -> Encoding | None:
    """Return the result of a ufunc on lanes of integers, of `dtype`, or None where that is not proved exact."""
    if dtype.kind not in "iufmM" or (dtype.kind in "mM" and ufunc not in _TIME):
        return None
    if ufunc in _IDENTITIES and isinstance(lanes[0], Narrow) and lanes[0].dtype == dtype:
        return lanes[0]
    if not has_rule(ufunc):
        return None
    operands = []
    for lane in lanes:
        found = integers(lane, dtype)
        if found is None:
            return None
        operands.append(found)
    interval = _proved(ufunc, operands, dtype)
    if interval is None:
        return None
    return _same_codes(ufunc, operands, dtype, work) or _computed(ufunc, operands, dtype, interval, work)


def _proved(ufunc: np.ufunc, operands: list[Integers], dtype: np.dtype[Any]) -> Interval | None:
    """Return the interval of the results, if the logical dtype computes them without wrapping or rounding."""
    intervals = [found.interval for found in operands]
    interval = result_interval(ufunc, intervals)
    if interval is None or not rules.expands(dtype, *interval):
        return None
    return interval if dtype.kind != "f" or stays_exact_in_floats(ufunc, intervals) else None


def _same_codes(ufunc: np.ufunc, operands: list[Integers], dtype: np.dtype[Any], work: Work) -> Encoding | None:
    """Return the result of an operation that changes nothing but the frame, or turns the codes around; or None."""
    lanes = [found for found in operands if found.codes is not None]
    if len(lanes) != 1:
        return None
    lane, codes = lanes[0], lanes[0].codes
    assert codes is not None
    if codes.dtype.itemsize >= dtype.itemsize:
        return None
    by = sum(found.reference for found in operands if found.codes is None)
    turned = False
    if ufunc is np.multiply and by > 0:
        reference, stride = rules.scaled(lane.reference, lane.stride, by)
    elif ufunc is np.add or (ufunc is np.subtract and operands[0].codes is not None):
        reference, stride = lane.reference + (by if ufunc is np.add else -by), lane.stride
    elif ufunc is np.absolute and lane.reference >= 0:
        reference, stride = lane.reference, lane.stride
    elif ufunc in (np.subtract, np.negative, np.invert):
        reference, stride = rules.negated(lane.reference, lane.stride, lane.widest.most)
        reference, turned = reference + (by if ufunc is not np.invert else -1), True
    else:
        return None
    if dtype.kind == "f" and not rules.expands(dtype, min(reference, 0), reference + stride * lane.widest.most):
        return None
    if turned:
        # The greatest code less c, for every code that there is.
        codes = np.invert(codes, out=work.room(codes.size, codes.dtype))
    return Narrow(dtype, codes, Frame(codes.dtype, reference, stride, 0), None)


def _computed(ufunc: np.ufunc, given: list[Integers], dtype: np.dtype[Any], interval: Interval, work: Work) -> Encoding | None:
    """Return the result computed in the narrowest dtype that holds operands and results."""
    reference, stride, operands = _set_apart(ufunc, given, interval)
    if operands is not given:
        interval = result_interval(ufunc, [found.interval for found in operands]) or interval
    widest = result_interval(ufunc, [found.widest.interval for found in operands])
    codes = _codes_for(interval)
    if codes is None:
        return None
    if widest is not None and _codes_for(widest) == codes and rules.expands(dtype, *_in_frame(widest, reference, stride)):
        # As good, and the same for neighbouring lanes, which can then be joined.
        interval = widest
    low, high = interval
    if low > 0 and code_dtype(high + 1) == codes:
        low = 0
    length = next(found.codes.size for found in operands if found.codes is not None)
    kernel, pair = _widening(ufunc, operands, codes)
    if kernel is not None:
        out = work.room(length, codes)
        kernel(*pair, low, out)
        return framed(dtype, out, reference + stride * low, stride)
    compute = compute_dtype(*_hull([interval, *(found.interval for found in operands)]))
    if compute is None:
        return None
    out = work.room(length, codes)
    for start, stop in tiles(length, compute.itemsize):
        _tile(ufunc, [found.values(start, stop, compute) for found in operands], low, out[start:stop], compute)
    return framed(dtype, out, reference + stride * low, stride)


def _set_apart(ufunc: np.ufunc, operands: list[Integers], interval: Interval) -> tuple[int, int, list[Integers]]:
    """Return a frame, and operands of smaller numbers, so that results are reference + stride * what those come to."""
    coded = [found for found in operands if found.codes is not None]
    if ufunc in (np.add, np.subtract) and len(coded) == len(operands):
        left, right = operands
        if left.stride == right.stride or not left.most or not right.most:
            # (r + s*c) - (q + s*d) = (r - q) + s*(c - d): the codes are added as they are.
            reference = left.reference + (right.reference if ufunc is np.add else -right.reference)
            stride = left.stride if left.most else right.stride
            return reference, stride, [found._replace(reference=0, stride=1) for found in operands]
    if ufunc in (np.floor_divide, np.right_shift, np.remainder) and operands[0].codes is not None and operands[1].codes is None:
        found = rules.divided(operands[0].reference, operands[1].reference, ufunc is np.right_shift)
        if found is not None:
            reference = 0 if ufunc is np.remainder else found[0]
            return reference, 1, [operands[0]._replace(reference=found[1]), operands[1]]
    if ufunc in _BITWISE and (_codes_for(interval) is None or _codes_for(interval) == _U4):
        width = 8 * max(found.codes.dtype.itemsize for found in coded if found.codes is not None)
        parts = rules.low_parts([(found.reference, found.reference + found.stride * found.most) for found in operands], width)
        if parts is not None:
            high = _BITWISE[ufunc](*(found.reference - part for found, part in zip(operands, parts, strict=True)))
            return high, 1, [found._replace(reference=part) for found, part in zip(operands, parts, strict=True)]
    if ufunc in _EXTREMES:
        # max(r + s*c, r + s*d) = r + s*max(c, d), for s > 0.
        operands = _limited(ufunc, operands)
        reference, stride = min(found.reference for found in coded), coded[0].stride
        if all(found.stride == stride for found in coded) and not any((found.reference - reference) % stride for found in operands):
            places = ((found.reference - reference) // stride for found in operands)
            return reference, stride, [found._replace(reference=at, stride=1) for found, at in zip(operands, places, strict=True)]
    return 0, 1, operands


def _limited(ufunc: np.ufunc, operands: list[Integers]) -> list[Integers]:
    """Return operands of an extreme with limits that lie no farther off than they have to: max(x, v) = max(x, max(v, least x))."""
    first, *limits = operands
    if first.codes is None or any(found.codes is not None for found in limits):
        return operands
    low, high = first.interval
    if ufunc in (np.maximum, np.fmax, CLIP):
        limits[0] = limits[0]._replace(reference=max(limits[0].reference, low))
        high = max(high, limits[0].reference)
    if ufunc in (np.minimum, np.fmin, CLIP):
        limits[-1] = limits[-1]._replace(reference=min(limits[-1].reference, high))
    return [first, *limits]


def _widening(ufunc: np.ufunc, operands: list[Integers], codes: np.dtype[Any]) -> tuple[Kernel | None, list[Array]]:
    """Return the kernel for codes that are the values, of one width, and results of twice that; None where there is none."""
    pair = [found.codes for found in operands if found.codes is not None and found.stride == 1 and not found.reference]
    if len(pair) != 2 or pair[0].dtype != pair[1].dtype or codes.itemsize != 2 * pair[0].itemsize:
        return None, pair
    return _WIDENING.get(ufunc, {}).get(pair[0].dtype), pair


def _tile(ufunc: np.ufunc, values: list[Any], low: int, out: Array, compute: np.dtype[Any]) -> None:
    """Write the codes of one tile, results less `low`, to `out`."""
    same = out.dtype.itemsize == compute.itemsize
    found = out.view(compute) if same else np.empty(out.size, compute)
    if ufunc is np.remainder and type(values[1]) is int:
        # x - d * floor(x / d): NumPy divides by one number in a vectorized loop, and has none for remainders.
        np.floor_divide(*values, out=found)
        found *= values[1]
        np.subtract(values[0], found, out=found)
    else:
        ufunc(*values, out=found)
    if low:
        # Modulo 2**w: a difference to the least result may be beyond a signed dtype, not beyond the unsigned one.
        found = found.view(f"u{compute.itemsize}")
        found -= found.dtype.type(low % (1 << 8 * compute.itemsize))
    if not same:
        out[...] = found


def framed(dtype: np.dtype[Any], codes: Array, reference: int, stride: int) -> Encoding:
    """Return codes in a frame; the values themselves where those are not wider."""
    lane = Narrow(dtype, codes, Frame(codes.dtype, reference, stride, 0), None)
    return lane if codes.dtype.itemsize < dtype.itemsize else Raw(lane.decoded(0, lane.length))


def _codes_for(interval: Interval) -> np.dtype[Any] | None:
    low, high = interval
    return code_dtype(high - low + 1)


def _in_frame(interval: Interval, reference: int, stride: int) -> Interval:
    return reference + stride * interval[0], reference + stride * interval[1]


def _hull(intervals: list[Interval]) -> Interval:
    return min(low for low, _ in intervals), max(high for _, high in intervals)

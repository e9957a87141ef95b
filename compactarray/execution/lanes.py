"""Operations that never leave the codes.

A *lane* is what execution sees of a stretch of blocks: here an `Encoding` whose codes can be worked on, or a
scalar. Each function returns the encoding of the result, or None where codes do not suffice (then the
stretch is decoded). Exactness is `numerics.rules`' business.
"""

from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.narrow import Frame, Narrow
from compactarray.kernels import add_u1, add_u2, select_codes, sum_codes
from compactarray.numerics import rules
from compactarray.storage.base import Array

#: A lane, or a Python scalar, or a NumPy scalar of the dtype of the operation.
Lane = Encoding | Any

_PAIR = np.array([False, True])
_COMPARISONS = frozenset((np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal))


def elementwise(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any]) -> Encoding | None:
    """Return the result of a ufunc on lanes of one length; `dtype` is that of the result."""
    encodings = [lane for lane in lanes if isinstance(lane, Encoding)]
    if any(encoding.exceptions is not None for encoding in encodings):
        return None
    if all(type(encoding) is Constant for encoding in encodings):
        values = [lane.value if isinstance(lane, Constant) else lane for lane in lanes]
        return Constant(ufunc(*values).astype(dtype, copy=False), encodings[0].length)
    if ufunc is np.add and len(lanes) == 2:
        return _added(lanes[0], lanes[1], dtype)
    if ufunc is np.subtract and len(lanes) == 2:
        other = _negated(lanes[1], dtype)
        return None if other is None else _added(lanes[0], other, dtype)
    if ufunc in _COMPARISONS:
        return _compared(ufunc, lanes[0], lanes[1])
    return None


def _integer(lane: Lane, dtype: np.dtype[Any]) -> int | None:
    """Return the integer that a scalar lane (or a constant of the dtype) stands for, or None."""
    if type(lane) is Constant:
        lane = lane.value[0] if lane.dtype == dtype else None
    if type(lane) is int:
        return lane
    if isinstance(lane, np.generic) and lane.dtype != dtype:
        return None
    if isinstance(lane, (np.floating, float)):
        # -0.0 is no integer here: adding it is not adding 0 everywhere.
        return int(lane) if float(lane).is_integer() and not (lane == 0 and np.signbit(lane)) else None
    return int(lane) if isinstance(lane, np.integer) else None


def _greatest(lane: Narrow) -> int:
    return int(lane.codes.max())


def _added(left: Lane, right: Lane, dtype: np.dtype[Any]) -> Encoding | None:
    if dtype.kind not in "iuf":
        return None
    if not isinstance(left, Narrow):
        left, right = right, left
    if not isinstance(left, Narrow) or left.dtype != dtype:
        return None
    if isinstance(right, Narrow):
        return _added_codes(left, right, dtype) if right.dtype == dtype else None
    by = _integer(right, dtype)
    if by is None:
        return None
    reference = rules.shifted(dtype, left.reference, left.stride, _greatest(left), by)
    if reference is None:
        return None
    return Narrow(dtype, left.codes, Frame(left.codes.dtype, reference, left.stride, 0), None)


def _negated(lane: Lane, dtype: np.dtype[Any]) -> Lane | None:
    """Return a lane of the negative values, for a sum; its reference may lie outside of the dtype."""
    if not isinstance(lane, Narrow):
        value = _integer(lane, dtype)
        return None if value is None or (dtype.kind == "f" and not value) else -value
    if lane.dtype != dtype:
        return None
    most = _greatest(lane)
    frame = Frame(lane.codes.dtype, *rules.negated(lane.reference, lane.stride, most), 0)
    return Narrow(dtype, lane.codes.dtype.type(most) - lane.codes, frame, None)


def _added_codes(left: Narrow, right: Narrow, dtype: np.dtype[Any]) -> Encoding | None:
    ours, others = _greatest(left), _greatest(right)
    frame = rules.add_frames(dtype, (left.reference, left.stride, ours), (right.reference, right.stride, others))
    if frame is None or frame.codes.itemsize >= dtype.itemsize:
        return None
    wide = np.promote_types(left.codes.dtype, right.codes.dtype)
    a, b = left.codes.astype(wide, copy=False), right.codes.astype(wide, copy=False)
    if frame.codes.itemsize <= wide.itemsize:
        # Shared codes are not written: NumPy makes a new array.
        codes = np.add(a, b)
    else:
        codes = np.empty(a.size, frame.codes)
        (add_u1 if wide.itemsize == 1 else add_u2)(a, b, codes)
    return Narrow(dtype, codes, Frame(codes.dtype, frame.reference, frame.stride, 0), None)


_MIRRORED: dict[np.ufunc, np.ufunc] = {
    np.less: np.greater,
    np.less_equal: np.greater_equal,
    np.greater: np.less,
    np.greater_equal: np.less_equal,
    np.equal: np.equal,
    np.not_equal: np.not_equal,
}


def _compared(ufunc: np.ufunc, left: Lane, right: Lane) -> Encoding | None:
    if isinstance(left, Narrow) and isinstance(right, Narrow):
        if left.meaning != right.meaning:
            return None
        return bits(ufunc(left.codes, right.codes))
    if not isinstance(left, Narrow):
        left, right, ufunc = right, left, _MIRRORED[ufunc]
    if not isinstance(left, Narrow) or left.dtype.kind not in "iuf":
        return None
    value = _number(right, left.dtype)
    if value is None:
        return None
    most = (1 << 8 * left.codes.itemsize) - 1
    test = rules.code_test(ufunc, left.reference, left.stride, value, most)
    if test.compare is None:
        return Constant(_PAIR[int(test.always) : int(test.always) + 1].copy(), left.length)
    return bits(test.compare(left.codes, left.codes.dtype.type(test.code)))


def _number(lane: Lane, dtype: np.dtype[Any]) -> Any:
    """Return the number that a scalar is compared as with elements of `dtype`, or None where that is not sure."""
    if type(lane) is Constant:
        lane = lane.value[0] if lane.dtype == dtype else None
    if type(lane) is int and dtype.kind in "iu":
        return lane
    if not isinstance(lane, Encoding) and type(lane) in (int, float) and dtype == np.float64:
        lane = np.float64(lane)
    if isinstance(lane, np.generic) and lane.dtype == dtype:
        number = lane.item()
        return None if number != number else number
    return None


def bits(marks: Array) -> Bits:
    """Return bools as bits."""
    return Bits(np.packbits(marks, bitorder="little"), _PAIR, marks.size)


def marks_of(lane: Encoding) -> Array:
    """Return the bools of a lane as bytes 0 and 1."""
    out = np.empty(lane.length, bool)
    lane.decode(0, lane.length, out)
    return out.view(np.uint8)


def selected(mask: Encoding, left: Lane, right: Lane, dtype: np.dtype[Any]) -> Encoding | None:
    """Return ``where(mask, left, right)`` in codes, for narrow lanes and scalars that one frame holds."""
    pair = [_framed(left, dtype), _framed(right, dtype)]
    if pair[0] is None or pair[1] is None or not (isinstance(left, Narrow) or isinstance(right, Narrow)):
        return None
    (first, codes), (second, others) = pair[0], pair[1]
    if first == second:
        reference, stride, wide = first[0], first[1], np.result_type(codes, others)
    else:
        shared = rules.common_reference(dtype, [(*first, _most(codes)), (*second, _most(others))])
        if shared is None:
            return None
        reference, wide = shared
        stride = 1
    if wide.itemsize >= dtype.itemsize:
        return None
    ours = _moved(codes, first[0] - reference if stride == 1 else 0, wide, mask.length)
    theirs = _moved(others, second[0] - reference if stride == 1 else 0, wide, mask.length)
    out = np.empty(mask.length, wide)
    select_codes(ours, theirs, marks_of(mask), out)
    return Narrow(dtype, out, Frame(wide, reference, stride, 0), None)


def extreme(lane: Encoding, ufunc: np.ufunc) -> int | None:
    """Return the greatest or the least value of a lane of integers (also in a float dtype), or None."""
    if not isinstance(lane, Narrow) or lane.exceptions is not None or lane.dtype.kind not in "iuf":
        return None
    # A frame keeps the order of values: the extreme code means the extreme value.
    return lane.reference + lane.stride * int(ufunc.reduce(lane.codes))


def _framed(lane: Lane, dtype: np.dtype[Any]) -> tuple[tuple[int, int], Array] | None:
    """Return the frame (reference, stride) and codes of a lane; a scalar is one code 0."""
    if isinstance(lane, Narrow):
        return ((lane.reference, lane.stride), lane.codes) if lane.dtype == dtype and lane.exceptions is None else None
    value = _integer(lane, dtype)
    if value is None or not rules.holds(dtype, value, value):
        return None
    return (value, 1), np.zeros(1, np.uint8)


def _most(codes: Array) -> int:
    return int(codes.max())


def _moved(codes: Array, by: int, dtype: np.dtype[Any], length: int) -> Array:
    """Return codes of another reference and dtype, `length` of them."""
    moved = codes.astype(dtype, copy=False)
    if by:
        moved = moved + dtype.type(by)
    return moved if moved.size == length else np.full(length, moved[0])


def summed(lane: Encoding, dtype: np.dtype[Any]) -> int | None:
    """Return the exact sum of a lane of integers (or of integers in a float dtype), or None."""
    if lane.exceptions is not None or dtype.kind not in "iuf" or lane.dtype.kind not in "biuf":
        return None
    if isinstance(lane, Narrow):
        return lane.length * lane.reference + lane.stride * int(sum_codes(lane.codes))
    if isinstance(lane, Bits) and lane.dtype.kind == "b":
        return int(np.bitwise_count(lane.packed).sum(dtype=np.int64))
    if type(lane) is Constant:
        value = _integer(lane, lane.dtype) if lane.dtype.kind != "b" else int(lane.value[0])
        if value is not None and (lane.dtype.kind != "f" or rules.holds(lane.dtype, value, value)):
            return value * lane.length
    return None

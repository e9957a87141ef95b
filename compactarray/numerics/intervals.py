"""Interval arithmetic of integers: in which interval the results of a ufunc lie, with the proof of each rule.

An interval is a pair (low, high) of Python integers, both included; all arithmetic here is exact. A result
interval that a dtype holds proves that nothing wraps around, so that the ufunc may be computed in any
integer dtype that holds the operands and the results.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Interval = tuple[int, int]

#: The ufunc behind numpy.clip, which NumPy does not export.
CLIP: Any = np._core.umath.clip  # type: ignore[attr-defined]


def _corners(function: Callable[[int, int], int]) -> Callable[[Interval, Interval], Interval]:
    """Return the rule for a function that is monotone in each operand while the other is fixed.

    Proof: such a function takes its extremes over a rectangle in the corners.
    """

    def rule(left: Interval, right: Interval) -> Interval:
        found = [function(x, y) for x in left for y in right]
        return min(found), max(found)

    return rule


def _floor_divide(left: Interval, right: Interval) -> Interval | None:
    # Monotone in the dividend, and in the divisor while that keeps its sign; NumPy divides by 0 in its own way.
    return None if right[0] <= 0 <= right[1] else _corners(lambda x, y: x // y)(left, right)


def _remainder(left: Interval, right: Interval) -> Interval | None:
    # For divisors d > 0 in 0..d - 1, and no greater than a dividend that is not negative.
    if right[0] <= 0:
        return None
    return 0, min(right[1] - 1, left[1]) if left[0] >= 0 else right[1] - 1


def _ceiling(left: Interval, right: Interval) -> int:
    """Return the greatest integer of as many bits as either operand has."""
    return (1 << max(left[1].bit_length(), right[1].bit_length())) - 1


def _bitwise_and(left: Interval, right: Interval) -> Interval | None:
    # No bit is set that is not set in both: at most the lesser of the two.
    return None if min(left[0], right[0]) < 0 else (0, min(left[1], right[1]))


def _bitwise_or(left: Interval, right: Interval) -> Interval | None:
    # At least the greater of the two, and no bit beyond theirs.
    return None if min(left[0], right[0]) < 0 else (max(left[0], right[0]), _ceiling(left, right))


def _bitwise_xor(left: Interval, right: Interval) -> Interval | None:
    return None if min(left[0], right[0]) < 0 else (0, _ceiling(left, right))


def _left_shift(left: Interval, right: Interval) -> Interval | None:
    # x * 2**s, monotone in both for one sign of x; a dtype that holds the results also keeps every shift of x != 0
    # below its width, and a longer shift of 0 is 0 in NumPy as well.
    return None if right[0] < 0 or right[1] > 62 else _corners(lambda x, y: x << y)(left, right)


def _right_shift(left: Interval, right: Interval) -> Interval | None:
    # floor(x / 2**s); a shift by the width or more is 0 or -1 in NumPy, as in integers without a width.
    return None if right[0] < 0 or right[1] > 62 else _corners(lambda x, y: x >> y)(left, right)


def _absolute(only: Interval) -> Interval:
    low, high = only
    return (0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


def _square(only: Interval) -> Interval:
    low, high = _absolute(only)
    return low * low, high * high


_UNARY: dict[np.ufunc, Callable[[Interval], Interval | None]] = {
    np.negative: lambda only: (-only[1], -only[0]),
    # -1 - x, where there is a sign.
    np.invert: lambda only: (-1 - only[1], -1 - only[0]),
    np.absolute: _absolute,
    np.square: _square,
    np.sign: lambda only: (int(np.sign(only[0])), int(np.sign(only[1]))),
}
_BINARY: dict[np.ufunc, Callable[[Interval, Interval], Interval | None]] = {
    np.add: _corners(lambda x, y: x + y),
    np.subtract: _corners(lambda x, y: x - y),
    np.multiply: _corners(lambda x, y: x * y),
    np.maximum: _corners(max),
    np.minimum: _corners(min),
    np.fmax: _corners(max),
    np.fmin: _corners(min),
    np.floor_divide: _floor_divide,
    np.remainder: _remainder,
    np.bitwise_and: _bitwise_and,
    np.bitwise_or: _bitwise_or,
    np.bitwise_xor: _bitwise_xor,
    np.left_shift: _left_shift,
    np.right_shift: _right_shift,
}


def has_rule(ufunc: np.ufunc) -> bool:
    """Tell whether `result_interval` knows a rule for a ufunc at all."""
    return ufunc in _UNARY or ufunc in _BINARY or ufunc is CLIP


def result_interval(ufunc: np.ufunc, intervals: list[Interval]) -> Interval | None:
    """Return the interval of the results of a ufunc on integers in `intervals`, or None where no rule is known.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.numerics.intervals import result_interval
    >>> result_interval(np.multiply, [(-2, 3), (0, 10)])
    (-20, 30)
    """
    if len(intervals) == 1:
        unary = _UNARY.get(ufunc)
        return None if unary is None else unary(intervals[0])
    if len(intervals) == 2:
        binary = _BINARY.get(ufunc)
        return None if binary is None else binary(intervals[0], intervals[1])
    if ufunc is CLIP:
        # Monotone in all three.
        (low, high), least, most = intervals
        return min(max(low, least[0]), most[0]), min(max(high, least[1]), most[1])
    return None


def stays_exact_in_floats(ufunc: np.ufunc, intervals: list[Interval]) -> bool:
    """Tell whether a ufunc on integers that are held in a float dtype has the result of integer arithmetic.

    For results that the dtype counts exactly (see `rules.holds`). Proof: sums, differences, products and
    extremes of integers are integers, so not rounded; +0.0 results but where a zero is multiplied with a
    negative number or negated, which is -0.0. Quotients and remainders of x >= 0 and d > 0 come from fmod,
    which is exact.
    """
    if ufunc in (np.add, np.subtract, np.maximum, np.minimum, np.fmax, np.fmin, CLIP, np.square, np.absolute, np.sign):
        return True
    if ufunc is np.multiply:
        return not any(a[0] <= 0 <= a[1] and b[0] < 0 for a, b in (intervals, intervals[::-1]))
    if ufunc is np.negative:
        return not intervals[0][0] <= 0 <= intervals[0][1]
    return ufunc in (np.floor_divide, np.remainder) and intervals[0][0] >= 0 and intervals[1][0] > 0

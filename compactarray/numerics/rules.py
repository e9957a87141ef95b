"""When computing on codes gives exactly what computing on values gives: every such rule, with its proof.

Codes are unsigned integers c; in a frame (reference r, stride s > 0) they mean the values r + s*c. All
arithmetic here is on Python integers, which are exact.
"""

from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

import numpy as np

from compactarray.numerics.integers import code_dtype, value_range


class CodeTest(NamedTuple):
    """A comparison of codes with a code, or (where `compare` is None) the answer `always` for every code."""

    compare: Any
    code: int
    always: bool


#: Bits of the widest integers.
_WIDTH = 64
_COMPARE: dict[np.ufunc, Any] = {np.less: lt, np.less_equal: le, np.greater: gt, np.greater_equal: ge, np.equal: eq, np.not_equal: ne}


def holds(dtype: np.dtype[Any], low: int, high: int) -> bool:
    """Tell whether every integer in ``low..high`` is a value of `dtype` that its arithmetic reaches without rounding.

    Proof: within the range of an integer dtype nothing wraps around. A float counts every integer up to its
    limit exactly, so a sum of two integers that stays within it is not rounded; and it is +0.0, never -0.0,
    where it is zero, since codes never mean -0.0 and x + (-x) is +0.0.
    """
    least, most = value_range(dtype)
    return least <= low and high <= most


def expands(dtype: np.dtype[Any], low: int, high: int) -> bool:
    """Tell whether codes of a frame with the values ``low..high`` expand to them exactly in `dtype`.

    Proof: beyond `holds`, a float multiplies the code with the stride before it adds the reference, so that
    the product, at most ``high - low``, has to be exact as well.
    """
    return holds(dtype, low, high) and (dtype.kind != "f" or high - low <= value_range(dtype)[1])


def scaled(reference: int, stride: int, by: int) -> tuple[int, int]:
    """Return the frame of products with an integer greater than 0.

    Proof: (r + s*c) * k = r*k + (s*k)*c.
    """
    return reference * by, stride * by


def negated(reference: int, stride: int, most: int) -> tuple[int, int]:
    """Return the frame in which ``most - c`` means the negative of what c means.

    Proof: -(r + s*c) = -(r + s*m) + s*(m - c), and m - c lies in 0..m for every code c of at most m.
    """
    return -(reference + stride * most), stride


def divided(reference: int, by: int, shift: bool) -> tuple[int, int] | None:
    """Return quotient and rest of a reference by a divisor, or by 2 to the power of a shift; None for divisors that are not positive.

    Proof: floor((r + x) / d) = floor(r / d) + floor((r mod d + x) / d), as r = d*floor(r / d) + r mod d; and (r + x) mod d is
    (r mod d + x) mod d. A shift by k divides by 2^k and rounds down.
    """
    divisor = 1 << by if shift and 0 <= by < _WIDTH else 0 if shift else by
    return divmod(reference, divisor) if divisor > 0 else None


def low_parts(intervals: list[tuple[int, int]], width: int) -> list[int] | None:
    """Return the least integers of intervals, taken modulo 2^width; None where an interval goes beyond a multiple of 2^width.

    Then all integers of an interval agree in the bits above, and bitwise operations on the integers are those on the bits above (which
    are the same everywhere) and those on the low parts. Proof: x = h*2^w + l with 0 <= l < 2^w, in two's complement without end.
    """
    if any(low >> width != high >> width for low, high in intervals):
        return None
    return [low & ((1 << width) - 1) for low, _ in intervals]


def code_test(ufunc: np.ufunc, reference: int, stride: int, value: Any, most: int) -> CodeTest:
    """Return the test of a code that is the comparison of its value with the number `value`, never NaN.

    `most` is the greatest code of the dtype. Proof, for <: r + s*c < v exactly where c < (v - r)/s, and for
    integers c that is c < ceil((v - r)/s). The others: c <= floor(..) for <=, and > and >= are their
    negations; equality needs (v - r) to be a multiple of s. Infinite values lie beyond all codes.
    """
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return CodeTest(None, 0, bool(_COMPARE[ufunc](0.0, value)))
    # (v - r)/s as a fraction of integers: a number, float or not, is one exactly.
    numerator, denominator = value.as_integer_ratio()
    code, rest = divmod(numerator - reference * denominator, denominator * stride)
    if ufunc in (np.equal, np.not_equal):
        if rest or not 0 <= code <= most:
            return CodeTest(None, 0, ufunc is np.not_equal)
        return CodeTest(_COMPARE[ufunc], code, False)
    below = ufunc in (np.less, np.greater_equal)
    # c < ceil(d/s), or c <= floor(d/s); the greater ones are the negations of these.
    bound = code + (rest > 0) if below else code
    negated = ufunc in (np.greater, np.greater_equal)
    if bound < 0 or (below and bound == 0):
        return CodeTest(None, 0, negated)
    if bound > most:
        return CodeTest(None, 0, not negated)
    compare = {(True, False): lt, (True, True): ge, (False, False): le, (False, True): gt}[below, negated]
    return CodeTest(compare, bound, False)


def common_reference(dtype: np.dtype[Any], frames: list[tuple[int, int, int]]) -> tuple[int, np.dtype[Any]] | None:
    """Return a reference and a dtype of codes that frames of stride 1, each (reference, 1, greatest code), share.

    Proof: with q the least reference, r + c = q + ((r - q) + c), and (r - q) + c is at most the width of the
    interval of all values, for which the dtype of codes is chosen.
    """
    if any(stride != 1 for _, stride, _ in frames):
        return None
    low = min(reference for reference, _, _ in frames)
    high = max(reference + most for reference, _, most in frames)
    codes = code_dtype(high - low + 1)
    return None if codes is None or not holds(dtype, low, high) else (low, codes)


def wrapped(total: int, dtype: np.dtype[Any]) -> np.generic:
    """Return an integer as a value of an integer dtype, modulo its range.

    Proof: sums in an integer dtype are taken modulo 2^w, whatever their order.
    """
    width = 8 * dtype.itemsize
    total &= (1 << width) - 1
    if dtype.kind == "i" and total >> (width - 1):
        total -= 1 << width
    result: np.generic = dtype.type(total)
    return result

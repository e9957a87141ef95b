"""Comparisons of codes: the results are bits."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.text import Text
from compactarray.execution.lanes import FALSE_TRUE, Lane, Work, constant_bool, count_of, integers, tiles
from compactarray.geometry.tiles import pieces
from compactarray.numerics import rules
from compactarray.numerics.integers import compute_dtype
from compactarray.storage.base import Array

#: Tiles that are tested together where nothing is decoded.
_DIRECT = 4
#: Each comparison, and the one that is the same with its operands exchanged.
COMPARISONS: dict[np.ufunc, np.ufunc] = {
    np.less: np.greater,
    np.less_equal: np.greater_equal,
    np.greater: np.less,
    np.greater_equal: np.less_equal,
    np.equal: np.equal,
    np.not_equal: np.not_equal,
}
#: The ufuncs that operators stand for between arrays.
_UFUNCS: dict[Any, np.ufunc] = {
    operator.lt: np.less,
    operator.le: np.less_equal,
    operator.gt: np.greater,
    operator.ge: np.greater_equal,
    operator.eq: np.equal,
    operator.ne: np.not_equal,
}


def compared(ufunc: np.ufunc, left: Lane, right: Lane, work: Work) -> Encoding | None:
    """Return the bits of a comparison of two lanes, or None where codes do not suffice."""
    if isinstance(left, Encoding) and isinstance(right, Encoding) and type(left) is type(right):
        same = _of_one_meaning(ufunc, left, right, work)
        if same is not None:
            return same
    if not isinstance(left, (Narrow, Dictionary, Text)):
        left, right, ufunc = right, left, COMPARISONS[ufunc]
    if isinstance(left, Narrow) and left.dtype.kind in "iufmM":
        value = _number(right, left.dtype)
        if value is not None:
            return _with_number(ufunc, left, value, work)
    if isinstance(left, Text):
        return _with_string(ufunc, left, right, work)
    return _of_integers(ufunc, left, right, work)


def _of_one_meaning(ufunc: np.ufunc, left: Encoding, right: Encoding, work: Work) -> Encoding | None:
    """Compare codes of one order-preserving meaning."""
    ordered = (Narrow, Dictionary, Text)
    if not isinstance(left, ordered) or not isinstance(right, ordered) or left.meaning != right.meaning:
        return None
    if isinstance(left, Dictionary) and not left.in_order:
        return None
    ours, others = left.codes, right.codes
    return marked_directly(lambda start, stop, out: ufunc(ours[start:stop], others[start:stop], out=out), left.length, work)


def _with_number(ufunc: np.ufunc, left: Narrow, value: Any, work: Work) -> Encoding:
    most = (1 << 8 * left.codes.itemsize) - 1
    test = rules.code_test(ufunc, left.reference, left.stride, value, most)
    if test.compare is None:
        return constant_bool(test.always, left.length)
    codes, code = left.codes, left.codes.dtype.type(test.code)
    compare = _UFUNCS[test.compare]
    return marked_directly(lambda start, stop, out: compare(codes[start:stop], code, out=out), left.length, work)


def _with_string(ufunc: np.ufunc, left: Text, right: Lane, work: Work) -> Encoding | None:
    """Compare text with a string: with its code, or with what lies where no code stands for it."""
    value = right.value[0] if type(right) is Constant else right
    if isinstance(value, Encoding) or not isinstance(value, str if left.dtype.kind == "U" else bytes):
        return None
    wanted = np.array([value])
    codes, fits = left.translate(wanted)
    code = codes[0]
    if not fits[0]:
        if ufunc in (np.equal, np.not_equal):
            return constant_bool(ufunc is np.not_equal, left.length)
        # Codes up to this one mean less than the string, and all others more.
        code = left.greatest_below(wanted)
        ufunc = np.less_equal if ufunc in (np.less, np.less_equal) else np.greater
    found = left.codes
    return marked(lambda start, stop: ufunc(found[start:stop], code), left.length, found.itemsize, work)


def _of_integers(ufunc: np.ufunc, left: Lane, right: Lane, work: Work) -> Encoding | None:
    """Compare integers in the narrowest dtype that holds both sides."""
    if not isinstance(left, Encoding) or not isinstance(right, Encoding):
        return None
    dtype = _compared_in(left.dtype, right.dtype)
    if dtype is None:
        return None
    ours, others = integers(left, dtype), integers(right, dtype)
    if ours is None or others is None:
        return None
    least, most = min(ours.interval[0], others.interval[0]), max(ours.interval[1], others.interval[1])
    compute = compute_dtype(least, most)
    if compute is None:
        return None

    def test(start: int, stop: int) -> Array:
        found: Array = ufunc(ours.values(start, stop, compute), others.values(start, stop, compute))
        return found

    return marked(test, left.length, compute.itemsize, work)


def marked(test: Callable[[int, int], Array], length: int, itemsize: int, work: Work) -> Bits:
    """Return as bits what a test of elements ``start:stop`` finds, a tile at a time."""
    packed = work.bits(length)
    for start, stop in tiles(length, itemsize):
        packed[start // 8 : -(-stop // 8)] = np.packbits(test(start, stop), bitorder="little")
    return Bits(packed, FALSE_TRUE, length)


def marked_directly(test: Callable[[int, int, Array], Any], length: int, work: Work) -> Bits:
    """Return as bits what a test of elements ``start:stop`` writes to an array of bools; for tests that decode nothing.

    Only the bools have to find room in the cache. Tiles are longer, which several threads need: each call takes a lock for a moment.
    """
    packed, most = work.bits(length), -(-settings().tile_length // 8) * 8 * _DIRECT
    room = np.empty(min(length, most), bool)
    for start, stop in pieces(0, length, most):
        out = room[: stop - start]
        test(start, stop, out)
        packed[start // 8 : -(-stop // 8)] = np.packbits(out, bitorder="little")
    return Bits(packed, FALSE_TRUE, length)


def _compared_in(left: np.dtype[Any], right: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return the dtype in which NumPy compares, where integers say how the comparison comes out."""
    if left.kind in "iuf" and right.kind in "iuf":
        return np.promote_types(left, right)
    return left if left.kind in "mM" and left == right else None


def _number(lane: Lane, dtype: np.dtype[Any]) -> Any:
    """Return the number that a scalar is compared as with elements of `dtype`, or None where that is not sure."""
    if type(lane) is Constant:
        lane = lane.value[0] if lane.dtype == dtype else None
    if type(lane) is int and dtype.kind in "iu":
        return lane
    if not isinstance(lane, Encoding) and type(lane) in (int, float) and dtype == np.float64:
        lane = np.float64(lane)
    if dtype.kind in "mM":
        return None if isinstance(lane, Encoding) else count_of(lane, dtype)
    if isinstance(lane, np.generic) and lane.dtype == dtype:
        number = lane.item()
        return None if number != number else number
    return None

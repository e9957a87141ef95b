"""Tables whose values are multiples of one number, but for rounding: sums of them are sums of integers.

Proof: where each value x of a table is within one epsilon of ``m * step`` as this is rounded, m an integer, it is within 1.5
epsilons of the exact product. Sums of the integers are exact; they are rounded once as they become floats, and once as they are
multiplied by the step. So a sum is off by at most 2.5 epsilons of the sum of magnitudes, and one of products by 5: NumPy's own
summation is allowed ``2 * (1 + log2(n))`` of them.
"""

from typing import Any, NamedTuple

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.dictionary import Dictionary, lookup
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.numerics.integers import code_dtype

#: Sums of fewer terms are NumPy's.
FEW = 16
#: Magnitudes between which neither products of two values nor sums of them lose digits.
_LEAST, _MOST = 1e-140, 1e140
#: Bytes of codes that are made anew where the multiples leave gaps.
_RECODED = 1 << 23


class Even(NamedTuple):
    """A lane of integers, and the number of which the elements are such multiples."""

    lane: Narrow
    step: float
    #: The greatest magnitude of an element.
    most: float


def evened(lane: Any, recoded: bool = True) -> Even | None:
    """Return a lane of float64 as multiples of one number, or None where its values are not that.

    Where the multiples leave gaps, codes are made anew, if they may be.
    """
    if not isinstance(lane, Dictionary) or lane.dtype.char != "d" or lane.exceptions is not None or lane.length < FEW:
        return None
    table = lane.table
    magnitudes = np.abs(table)
    least, most = float(np.min(magnitudes, where=magnitudes > 0, initial=_MOST)), float(magnitudes.max())
    if table.size < 2 or not (least >= _LEAST and most < _MOST) or (np.signbit(table) & (table == 0)).any():
        return None
    distance = float((table[1:] - table[:-1]).min())
    if not distance > 0 or (table[-1] - table[0]) / distance > 1 << 16 or most / distance > 1 << 31:
        return None
    multiples = np.rint(table / distance)
    farthest = int(magnitudes.argmax())
    step = float(table[farthest] / multiples[farthest])
    if (np.abs(table - multiples * step) > np.finfo(np.float64).eps * magnitudes).any():
        return None
    codes, numbers = lane.codes, multiples.astype(np.int64)
    numbers -= numbers[0]
    if numbers[-1] != table.size - 1:
        narrow = code_dtype(int(numbers[-1]) + 1)
        if not recoded or narrow is None or narrow.itemsize > 2 or narrow.itemsize * codes.size > _RECODED:
            return None
        codes = np.empty(lane.codes.size, narrow)
        lookup(numbers.astype(narrow), lane.codes, codes)
    return Even(Narrow(lane.dtype, codes, Frame(codes.dtype, int(multiples[0]), 1, 0), None), step, most)


def as_integers(lane: Encoding, dtype: np.dtype[Any]) -> tuple[Encoding, float]:
    """Return a lane as one of integers, and the number that these count; itself and 1 where it is no such one."""
    even = evened(lane) if dtype.char == "d" else None
    return (lane, 1.0) if even is None else (even.lane, even.step)

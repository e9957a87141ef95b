"""Logic on bits: eight elements a byte, sixty-four a machine word."""

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.execution.lanes import FALSE_TRUE, Lane, Work
from compactarray.storage.base import Array

_BINARY: dict[np.ufunc, np.ufunc] = {
    np.logical_and: np.bitwise_and,
    np.bitwise_and: np.bitwise_and,
    np.multiply: np.bitwise_and,
    np.minimum: np.bitwise_and,
    np.fmin: np.bitwise_and,
    np.logical_or: np.bitwise_or,
    np.bitwise_or: np.bitwise_or,
    np.add: np.bitwise_or,
    np.maximum: np.bitwise_or,
    np.fmax: np.bitwise_or,
    np.logical_xor: np.bitwise_xor,
    np.bitwise_xor: np.bitwise_xor,
    np.not_equal: np.bitwise_xor,
}
#: a == b is not (a xor b), a < b is b and not a, and so on: what is negated before, and what after.
_NEGATED: dict[np.ufunc, tuple[np.ufunc, bool, bool, bool]] = {
    np.equal: (np.bitwise_xor, False, False, True),
    np.less: (np.bitwise_and, True, False, False),
    np.greater: (np.bitwise_and, False, True, False),
    np.less_equal: (np.bitwise_or, True, False, False),
    np.greater_equal: (np.bitwise_or, False, True, False),
}


def logic(ufunc: np.ufunc, lanes: list[Lane], work: Work) -> Encoding | None:
    """Return the result of a ufunc on lanes of bools, of which one is held as bits, or None."""
    first = lanes[0]
    if ufunc in (np.logical_not, np.invert) and isinstance(first, Bits):
        return _of_bits(np.invert(first.packed, out=work.bits(first.length)), first.length)
    if len(lanes) != 2 or (ufunc not in _BINARY and ufunc not in _NEGATED):
        return None
    left, right = (_packed(lane) for lane in lanes)
    if left is None or right is None:
        return None
    length = next(lane.length for lane in lanes if isinstance(lane, Encoding))
    if ufunc in _BINARY:
        return _of_bits(_BINARY[ufunc](left, right, out=work.bits(length)), length)
    operation, not_left, not_right, after = _NEGATED[ufunc]
    out = work.bits(length)
    if not_left or not_right:
        operation(np.invert(left if not_left else right), right if not_left else left, out=out)
    else:
        operation(left, right, out=out)
    return _of_bits(np.invert(out, out=out) if after else out, length)


def is_mask(lane: Lane) -> bool:
    """Tell whether a lane holds bools as bits."""
    return isinstance(lane, Bits) and lane.dtype.kind == "b"


def _packed(lane: Lane) -> Array | None:
    """Return the packed bits of a lane of bools; one byte for a scalar, which NumPy repeats."""
    if isinstance(lane, Bits) and is_mask(lane):
        return lane.packed
    if type(lane) is Constant and lane.dtype.kind == "b" and lane.value.view(np.uint8)[0] <= 1:
        lane = bool(lane.value[0])
    if isinstance(lane, (bool, np.bool_)):
        return np.full(1, 255 if lane else 0, np.uint8)
    return None


def _of_bits(packed: Array, length: int) -> Encoding:
    """Return a fresh array of packed bits as a lane; bits beyond the last element are cleared."""
    if length % 8:
        packed[-1] &= np.uint8((1 << length % 8) - 1)
    return Bits(packed, FALSE_TRUE, length)

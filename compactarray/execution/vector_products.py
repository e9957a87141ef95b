"""Products of a matrix of codes and a vector of floats: codes are multiplied as they are, and become values in the sums."""

from typing import NamedTuple

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.narrow import Narrow
from compactarray.execution.even import evened
from compactarray.execution.operands import Operand
from compactarray.execution.threads import CODES, in_order, shares
from compactarray.geometry.layout import is_contiguous
from compactarray.kernels import multiply_rows
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.numerics.integers import INTEGER_LIMIT
from compactarray.storage.base import Array
from compactarray.storage.beside import bare
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import AnyView, View
from compactarray.storage.views import result_view

#: Lengths of rows between which the error is within that of a sum in pairs.
_SHORTEST, _LONGEST = 16, 1 << 15
#: Magnitudes of the vector between which no product loses digits.
_LEAST, _MOST = 1e-140, 1e140
#: Codes that a thread multiplies at a time, at most.
_AT_ONCE = 1 << 21
#: Rows of which more than one in so many has an exception are decoded.
_RARE = 16


class _Terms(NamedTuple):
    """Elements that are ``step * (reference + stride * code)``, none of them negative."""

    codes: Array
    reference: int
    stride: int
    step: float


def times_vector(matrix: Operand, vector: Operand) -> AnyView | None:
    """Return ``matrix @ vector`` as float64 for a matrix in C order, or None where its codes do not suffice.

    With elements ``s * (r + t*c)``, none negative, a sum is ``s * (r * sum(v) + t * sum(c*v))``: the magnitudes of the two parts
    add up to those of the terms, so that nothing is lost by their cancelling.
    """
    if not isinstance(matrix, View) or len(matrix.shape) != 2 or not is_contiguous(matrix.shape, matrix.steps):
        return None
    rows, length = matrix.shape
    if not isinstance(matrix.storage, BlockStorage) or not _SHORTEST <= length <= _LONGEST or matrix.dtype.kind not in "iuf":
        return None
    held = vector.read() if isinstance(vector, View) else np.asarray(vector)
    factors = np.ascontiguousarray(held, np.float64)
    magnitudes = np.abs(factors[factors != 0])
    if not magnitudes.size or not (magnitudes.min() >= _LEAST and magnitudes.max() <= _MOST):
        return None
    total = float(np.add.reduce(factors))
    height = max(1, min(_AT_ONCE, shares(matrix.size, CODES)) // length)

    def products(start: int) -> Array | None:
        return _rows(matrix, start, min(start + height, rows), factors, total)

    with ErrorsOnce("matmul"):
        first = products(0)
        if first is None:
            return None
        found = [first, *in_order(products, range(height, rows, height))]
    parts = [part for part in found if part is not None]
    return result_view(np.concatenate(parts)) if len(parts) == len(found) else None


def _rows(matrix: View, start: int, stop: int, factors: Array, total: float) -> Array | None:
    """Return the products of some rows, or None."""
    assert isinstance(matrix.storage, BlockStorage)
    length = factors.size
    found = np.empty(stop - start)
    at, end = matrix.offset + start * length, matrix.offset + stop * length
    done = 0
    while at < end:
        reached, lane = matrix.storage.lane(at, end)
        count = (reached - at) // length
        if lane is None or not count:
            return None
        if lane.length != count * length:
            lane = lane.cut(0, count * length)
        if not _products(lane, factors, total, found[done : done + count]):
            return None
        done += count
        at += count * length
    return found


def _products(lane: Encoding, factors: Array, total: float, out: Array) -> bool:
    """Write the products of the rows of a lane; tell whether its codes sufficed."""
    length = factors.size
    rows = np.empty(0, np.int64)
    if lane.exceptions is not None:
        rows = np.unique(lane.exceptions.places(0, lane.length)[2] // length)
    terms = _terms(bare(lane)) if rows.size * _RARE <= out.size else None
    if terms is None:
        return False
    multiply_rows(terms.codes, factors, out)
    if terms.stride != 1:
        out *= terms.stride
    if terms.reference:
        out += terms.reference * total
    if terms.step != 1:
        out *= terms.step
    for row in rows.tolist():
        out[row] = np.dot(lane.decoded(row * length, (row + 1) * length).astype(np.float64, copy=False), factors)
    return True


def _terms(lane: Encoding) -> _Terms | None:
    even = evened(lane)
    frame = lane if even is None else even.lane
    if not isinstance(frame, Narrow) or frame.dtype.kind not in "iuf" or not frame.codes.flags.c_contiguous:
        return None
    if frame.reference < 0 or frame.reference + frame.stride * int(frame.codes.max()) > INTEGER_LIMIT[8]:
        return None
    return _Terms(frame.codes, frame.reference, frame.stride, 1.0 if even is None else even.step)

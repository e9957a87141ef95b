"""Ufuncs that never leave the codes: which way serves a ufunc on lanes, exceptions included."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Framed
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import encode_flat
from compactarray.execution import run_lanes, sparse_elementwise
from compactarray.execution.arithmetic import arithmetic
from compactarray.execution.comparing import COMPARISONS, compared
from compactarray.execution.lanes import FALSE_TRUE, Lane, Work, bits, constant_bool, marks_of
from compactarray.execution.masks import is_mask, logic
from compactarray.execution.narrow_floats import in_narrow_floats
from compactarray.execution.tables import through_table
from compactarray.kernels.coordinates import addresses as locate
from compactarray.kernels.coordinates import merge, put_bits
from compactarray.numerics.integers import exact_integer
from compactarray.numerics.intervals import CLIP
from compactarray.storage.base import Array

#: Lanes in which more than one element out of so many is an exception are decoded.
_RARE = 8
_EXTREMES = frozenset((np.maximum, np.minimum, np.fmax, np.fmin, CLIP))
_KINDS_OF_NUMBERS = frozenset((np.isnan, np.isinf, np.isnat, np.isfinite))
#: Ufuncs that take longer than looking a result up, also on narrow integers.
_COSTLY = frozenset((np.remainder, np.floor_divide, np.fmod, np.gcd, np.lcm, np.power, np.left_shift, np.right_shift))


def elementwise(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any], work: Work) -> Encoding | None:
    """Return the result of a ufunc on lanes of one length, or None where codes do not suffice.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Of one output.
    lanes : list
        Encodings and scalars, at least one an encoding.
    dtype : dtype
        Of the result.
    work : Work
        The whole operation, at the stretch that the lanes are.
    """
    if run_lanes.are_runs(lanes):
        return run_lanes.elementwise(ufunc, lanes, dtype, work)
    encodings = [lane for lane in lanes if isinstance(lane, Encoding)]
    if any(encoding.exceptions is not None for encoding in encodings):
        if all(isinstance(encoding, Constant) for encoding in encodings):
            # The values of COO, and what their fills come to.
            return sparse_elementwise.elementwise(ufunc, lanes, dtype)
        return _with_exceptions(ufunc, lanes, dtype, work)
    if all(type(encoding) is Constant for encoding in encodings):
        values = [lane.value if isinstance(lane, Constant) else lane for lane in lanes]
        return Constant(ufunc(*values).astype(dtype, copy=False), encodings[0].length)
    return _on_codes(ufunc, lanes, dtype, work, stripped=False)


def _on_codes(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any], work: Work, stripped: bool) -> Encoding | None:
    """Try the ways in turn, the cheapest first."""
    result = through_table(ufunc, lanes, dtype, work, stripped) if ufunc in _COSTLY else None
    if result is None and any(isinstance(lane, NarrowFloat) for lane in lanes):
        return in_narrow_floats(ufunc, lanes, work)
    if result is None and any(is_mask(lane) for lane in lanes):
        result = logic(ufunc, lanes, work)
    if ufunc in _KINDS_OF_NUMBERS and isinstance(lanes[0], Framed):
        # What codes of a frame mean are numbers, none of them infinite, and moments.
        return constant_bool(ufunc is np.isfinite, lanes[0].length)
    if ufunc is np.logical_not and isinstance(lanes[0], Narrow) and lanes[0].dtype.kind in "iuf":
        # Whatever is not zero, of either sign, is true.
        ufunc, lanes = np.equal, [lanes[0], lanes[0].dtype.type(0)]
    if result is None and ufunc in COMPARISONS and len(lanes) == 2:
        result = compared(ufunc, lanes[0], lanes[1], work)
    if result is None and ufunc in _EXTREMES:
        result = _extremes(ufunc, lanes, work)
    if result is None:
        result = arithmetic(ufunc, lanes, dtype, work)
    return result if result is not None or ufunc in _COSTLY else through_table(ufunc, lanes, dtype, work, stripped)


def _extremes(ufunc: np.ufunc, lanes: list[Lane], work: Work) -> Encoding | None:
    """Return the greater or lesser of values (or limited ones) from codes that are in their order; None for other codes."""
    model = next(lane for lane in lanes if isinstance(lane, Encoding) and type(lane) is not Constant)
    operands: list[Any] = []
    for lane in lanes:
        if isinstance(lane, (Narrow, Dictionary)) and lane.meaning == model.meaning:
            operands.append(lane.codes)
        elif isinstance(model, Narrow):
            code = _code_of(lane, model)
            if code is None:
                return None
            operands.append(code)
        else:
            return None
    if not isinstance(model, (Narrow, Dictionary)) or (isinstance(model, Dictionary) and not model.in_order):
        return None
    return model.rebuilt((ufunc(*operands, out=work.room(model.length, model.codes.dtype)),), model.length, None)


def _code_of(lane: Lane, model: Narrow) -> Any:
    """Return the code that a scalar of the lane's own dtype has in its frame; None where it has none."""
    value = lane.value[0] if type(lane) is Constant else lane
    if not isinstance(value, np.generic) or value.dtype != model.dtype or model.dtype.kind not in "mM":
        return None
    count = exact_integer(value)
    if count is None:
        return None
    code, rest = divmod(count - model.reference, model.stride)
    return model.codes.dtype.type(code) if not rest and 0 <= code < 1 << 8 * model.codes.itemsize else None


def _with_exceptions(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any], work: Work) -> Encoding | None:
    """Compute on the codes, then once more on the values where a lane has an exception."""
    bare = [_bare(lane) for lane in lanes]
    if all(type(lane) is Constant for lane in bare if isinstance(lane, Encoding)):
        return None
    held = [lane.exceptions for lane in lanes if isinstance(lane, Encoding) and lane.exceptions is not None]
    length = next(lane.length for lane in lanes if isinstance(lane, Encoding))
    if sum(exceptions.count for exceptions in held) * _RARE > length:
        return None
    result = _on_codes(ufunc, bare, dtype, work, stripped=True)
    if result is None:
        return None
    if len(held) == 1 and all(_has_exceptions(lane) or _is_single(lane) for lane in lanes):
        # Where the results' exceptions are is known.
        local, offsets = held[0].positions, held[0].offsets
        operands = [held[0].values.decoded(0, held[0].count) if _has_exceptions(lane) else _single(lane) for lane in lanes]
    elif len(lanes) == len(held) == 2:
        local, offsets, operands = _merged(lanes[0], lanes[1])
    else:
        places = [exceptions.places(0, length)[2] for exceptions in held]
        positions = places[0] if len(places) == 1 else _union(places, length)
        operands = [taken(lane, positions) if isinstance(lane, Encoding) else lane for lane in lanes]
        return overwritten(result, positions, ufunc(*operands).astype(dtype, copy=False), held[0].block_length)
    values = ufunc(*operands).astype(dtype, copy=False)
    if values.dtype.kind == "b":
        return _marked(result, lanes, local, offsets, values)
    if isinstance(result, Raw):
        return overwritten(result, _located(local, offsets, held[0].block_length), values, held[0].block_length)
    return _patched(result, Exceptions(local, offsets, encode_flat(values), held[0].block_length))


def _has_exceptions(lane: Lane) -> bool:
    return isinstance(lane, Encoding) and lane.exceptions is not None


def _is_single(lane: Lane) -> bool:
    return not isinstance(lane, Encoding) or type(lane) is Constant


def _single(lane: Lane) -> Any:
    """Return a scalar operand; that of a constant lane is strong, as an array is."""
    return lane.value[0] if isinstance(lane, Constant) else lane


def _located(local: Array, offsets: Array, block_length: int) -> Array:
    """Return the positions of exceptions in their lane."""
    positions = np.empty(local.size, np.int64)
    locate(local, offsets, block_length, 0, positions)
    return positions


def _merged(left: Encoding, right: Encoding) -> tuple[Array, Array, list[Array]]:
    """Return where either of two lanes has an exception (in its block, and of how many), and the elements of both there."""
    ours, theirs = left.exceptions, right.exceptions
    assert ours is not None and theirs is not None
    counts, most = (ours.count, theirs.count), ours.count + theirs.count
    # Which exception of a lane is at a place, or one past the last where it has none there.
    ranks = [np.empty(most, np.uint64), np.empty(most, np.uint64)]
    local, offsets = np.empty(most, np.uint16), np.empty_like(ours.offsets)
    sides = [
        (np.arange(n, dtype=np.uint64), np.uint64(n), held.positions, held.offsets)
        for n, held in zip(counts, (ours, theirs), strict=True)
    ]
    count = int(merge(*sides[0], *sides[1], *ranks, local, offsets))
    local = local[:count].copy()
    positions = _located(local, offsets, ours.block_length)
    operands = []
    for lane, held, rank in zip((left, right), (ours, theirs), ranks, strict=True):
        out = np.empty(count, lane.dtype)
        lane.take_codes(positions, out)
        mine = np.flatnonzero(rank[:count] < held.count)
        out[mine] = held.values.decoded(0, held.count)
        operands.append(out)
    return local, offsets, operands


def _union(places: list[Array], length: int) -> Array:
    """Return the different positions among several, in ascending order."""
    marks = np.zeros(length, bool)
    for found in places:
        marks[found] = True
    return np.flatnonzero(marks)


def taken(lane: Encoding, positions: Array) -> Array:
    """Return the elements of a lane at ascending positions, among which all its exceptions lie."""
    out = np.empty(positions.size, lane.dtype)
    exceptions = lane.exceptions
    if exceptions is None:
        lane.take_codes(positions, out)
    elif exceptions.count == positions.size:
        exceptions.values.decode(0, positions.size, out)
    else:
        lane.take_codes(positions, out)
        ranks = positions.searchsorted(exceptions.places(0, lane.length)[2])
        out[ranks] = exceptions.values.decoded(0, exceptions.count)
    return out


def overwritten(result: Encoding, positions: Array, values: Array, block_length: int) -> Encoding:
    """Return a fresh lane without exceptions with other values at ascending positions."""
    if isinstance(result, Raw):
        result.codes[positions] = values
        return result
    if values.dtype.kind == "b" and positions.size * 16 > result.length:
        marks = marks_of(result)
        marks[positions] = values
        return bits(marks)
    blocks = -(-result.length // block_length)
    offsets = np.searchsorted(positions, np.arange(blocks + 1, dtype=np.int64) * block_length).astype(np.int64)
    return _patched(result, Exceptions((positions % block_length).astype(np.uint16), offsets, encode_flat(values), block_length))


def _marked(result: Encoding, lanes: list[Lane], local: Array, offsets: Array, values: Array) -> Encoding:
    """Return a fresh lane of bools without exceptions with other values at ascending positions."""
    length = next(lane.exceptions.block_length for lane in lanes if isinstance(lane, Encoding) and lane.exceptions is not None)
    if isinstance(result, Bits) and result.pair is FALSE_TRUE:
        packed = result.packed
        if any(np.may_share_memory(packed, part) for lane in lanes if isinstance(lane, Encoding) for part in lane.payload()):
            packed = packed.copy()
        put_bits(local, offsets, length, values.view(np.uint8), packed)
        return Bits(packed, FALSE_TRUE, result.length)
    if type(result) is Constant and (values == result.value).all():
        return result
    return overwritten(result, _located(local, offsets, length), values, length)


def _patched(result: Encoding, exceptions: Exceptions) -> Encoding:
    """Return a lane without exceptions with some."""
    if type(result) is Constant:
        return Coo(result.value, result.length, exceptions)
    return result.rebuilt(result.payload(), result.length, exceptions)


def _bare(lane: Lane) -> Lane:
    """Return a lane without its exceptions."""
    if isinstance(lane, Coo):
        return Constant(lane.value, lane.length)
    if isinstance(lane, Encoding) and lane.exceptions is not None:
        return lane.rebuilt(lane.payload(), lane.length, None)
    return lane

"""Ufuncs and choices on sparse lanes: on the stored values, and once on the fills.

The patterns of several lanes are merged: where only one has an element stored, the others have their fill
there. The function is called on all values that occur, and on no others, so that it warns of what NumPy
would warn of. What it makes of the fills is the fill of the result; stored values that become that fill,
bit for bit, are dropped.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.kernels.coordinates import merge
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import storage_of
from compactarray.storage.growing import Growing
from compactarray.storage.sparse import at_a_time, distinct, form, pays

#: An encoding, or a Python or NumPy scalar.
Lane = Encoding | Any
#: Sums of stored elements above this share of the length are not merged: tiles are quicker.
_MOST = 0.4
#: Stored elements of one pattern that are worked on together: 16 MB of values.
_MOST_STORED = 1 << 21


def elementwise(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any]) -> Encoding | None:
    """Return the result of a ufunc of one output on sparse lanes, or None where they are not, or it would not be.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Of one output.
    lanes : list
        Encodings of one length, in COO or constant, at least one in COO; and scalars.
    dtype : dtype
        Of the result.
    """
    return None if ufunc.nout != 1 else _mapped(ufunc, lanes, dtype)


def chosen(mask: Encoding, left: Lane, right: Lane, dtype: np.dtype[Any]) -> Encoding | None:
    """Return ``where(mask, left, right)`` on sparse lanes, the mask among them, or None where they are not."""
    return _mapped(np.where, [mask, left, right], dtype)


def computed(function: Callable[..., Any], lanes: list[Lane], dtype: np.dtype[Any]) -> Storage | None:
    """Return the result of a function of elements, of one output, on whole sparse operands as a storage, or None.

    See `elementwise`.
    """
    result = _mapped(function, lanes, dtype)
    return None if result is None else storage_of(dtype, [result], settings().block_length)


def called(ufunc: np.ufunc, left: Array, right: Array, dtype: np.dtype[Any]) -> Array:
    """Return what a ufunc makes of arrays of one length, in a dtype; not treated as scalars where they have one element."""
    if left.size == 1:
        return np.asarray(ufunc(np.repeat(left, 2), np.repeat(right, 2))[:1].astype(dtype, copy=False))
    return np.asarray(ufunc(left, right).astype(dtype, copy=False))


def _mapped(function: Callable[..., Any], lanes: list[Lane], dtype: np.dtype[Any]) -> Encoding | None:
    encodings = [lane for lane in lanes if isinstance(lane, Encoding)]
    sparse = [lane for lane in encodings if lane.exceptions is not None]
    if not sparse or not all(isinstance(lane, Constant) for lane in encodings):
        return None
    length, block_length = sparse[0].length, _block_length(sparse[0])
    if block_length != settings().block_length or any(_block_length(lane) != block_length for lane in sparse):
        return None
    # As few as that stay sparse, or become bits; more than that are better decoded.
    if sum(_count(lane) for lane in sparse) > _MOST * length or not (
        dtype.kind == "b" or pays(max(map(_count, sparse)), length, dtype)
    ):
        return None
    fill = _called(function, lanes, [np.full(1, lane.value) for lane in sparse if isinstance(lane, Constant)], dtype)
    # Merging takes room for what is merged; one pattern is taken over as it is.
    one = all(_same_pattern(sparse[0], lane) for lane in sparse[1:])
    bounds = _cuts(sparse, length, block_length, _MOST_STORED if one else at_a_time())
    if len(bounds) == 2:
        positions, offsets, values, shared = _piece(function, lanes, dtype)
        return form(fill, length, positions, offsets, values, block_length, shared)
    return _joined(function, lanes, dtype, fill, bounds, block_length)


def _piece(function: Callable[..., Any], lanes: list[Lane], dtype: np.dtype[Any]) -> tuple[Array, Array, Array, bool]:
    """Return the pattern and the values of a result, its fills aside, and whether a lane shares the pattern."""
    sparse = [lane for lane in lanes if isinstance(lane, Encoding) and lane.exceptions is not None]
    values, positions, offsets, shared = _aligned(sparse)
    return positions, offsets, _called(function, lanes, values, dtype), shared


def _cuts(sparse: list[Encoding], length: int, block_length: int, most: int) -> list[int]:
    """Return where to cut lanes, at the edges of blocks, so that pieces have about `most` elements stored."""
    stored = sum(lane.exceptions.offsets for lane in sparse if lane.exceptions is not None)
    assert isinstance(stored, np.ndarray)
    bounds, block = [0], 0
    while block < stored.size - 1:
        block = max(block + 1, int(stored.searchsorted(stored[block] + most, side="right")) - 1)
        bounds.append(min(block * block_length, length))
    return bounds


def _joined(
    function: Callable[..., Any], lanes: list[Lane], dtype: np.dtype[Any], fill: Array, bounds: list[int], block_length: int
) -> Encoding | None:
    """Return the result made piece by piece: no more is held than that, and what a piece takes."""
    count, most = 0, sum(_count(lane) for lane in lanes if isinstance(lane, Encoding))
    places, found = Growing(np.empty(0, np.uint16), most), Growing(np.empty(0, dtype), most)
    counts = [np.zeros(1, np.int64)]
    for start, stop in pairwise(bounds):
        cut = [lane.slice(start, stop) if isinstance(lane, Encoding) else lane for lane in lanes]
        if not any(isinstance(lane, Encoding) and lane.exceptions is not None for lane in cut):
            counts.append(np.full(-(-(stop - start) // block_length), count))
            continue
        positions, offsets, values, shared = _piece(function, cut, dtype)
        positions, offsets, values = distinct(fill, positions, offsets, values, shared)
        places.extend(positions)
        found.extend(values)
        counts.append(offsets[1:] + count)
        count += positions.size
    return form(fill, bounds[-1], places.finish(), np.concatenate(counts), found.finish(), block_length)


def _called(function: Callable[..., Any], lanes: list[Lane], values: list[Array], dtype: np.dtype[Any]) -> Array:
    """Return what a function makes of the values of the sparse lanes; constants and scalars are what they are everywhere.

    An operand that is an array is one of two elements at least: some loops of NumPy treat an array of one
    element as they treat a scalar, whose power of 2 (say) may differ in the last bit.
    """
    size = values[0].size
    following = iter(values)
    operands: list[Any] = []
    for lane in lanes:
        if isinstance(lane, Constant):
            array = np.full(size, lane.value) if lane.exceptions is None else next(following)
            operands.append(array if size > 1 else np.repeat(array, 2))
        else:
            operands.append(lane)
    result = function(*operands)
    return np.asarray(result if size > 1 else result[:1].copy()).astype(dtype, copy=False)


def _block_length(lane: Encoding) -> int:
    return 0 if lane.exceptions is None else lane.exceptions.block_length


def _count(lane: Encoding) -> int:
    return 0 if lane.exceptions is None else lane.exceptions.count


def _aligned(sparse: list[Encoding]) -> tuple[list[Array], Array, Array, bool]:
    """Return the values of all lanes where any has one stored, the pattern of these, and whether a lane shares it."""
    if all(_same_pattern(sparse[0], lane) for lane in sparse[1:]):
        first = _stored(sparse[0])[0]
        return [_stored(lane)[1] for lane in sparse], first.positions, first.offsets, True
    if len(sparse) == 2 and sparse[0].dtype.itemsize == sparse[1].dtype.itemsize:
        return *_merged(sparse[0], sparse[1]), False
    return *_merged_by_rank(sparse), False


def _same_pattern(left: Encoding, right: Encoding) -> bool:
    ours, theirs = left.exceptions, right.exceptions
    assert ours is not None and theirs is not None
    if ours.count != theirs.count:
        return False
    return np.array_equal(ours.offsets, theirs.offsets) and np.array_equal(ours.positions, theirs.positions)


def _stored(lane: Encoding) -> tuple[Exceptions, Array, Array]:
    """Return the exceptions of a sparse lane, their values, and its fill."""
    assert lane.exceptions is not None and isinstance(lane, Constant)
    return lane.exceptions, lane.exceptions.values.decoded(0, lane.exceptions.count), lane.value


def _merged(left: Encoding, right: Encoding) -> tuple[list[Array], Array, Array]:
    """Return the values of two lanes where either has one stored, and the pattern of these."""
    ours, values, fill = _stored(left)
    theirs, others, other_fill = _stored(right)
    most = ours.count + theirs.count
    out, other_out = np.empty(most, words(fill).dtype), np.empty(most, words(fill).dtype)
    positions, offsets = np.empty(most, np.uint16), np.empty_like(ours.offsets)
    count = int(
        merge(
            words(values), words(fill)[0], ours.positions, ours.offsets,
            words(others), words(other_fill)[0], theirs.positions, theirs.offsets,
            out, other_out, positions, offsets,
        )
    )  # fmt: skip
    positions.resize(count, refcheck=False)
    return [out[:count].view(left.dtype), other_out[:count].view(right.dtype)], positions, offsets


def _merged_by_rank(lanes: list[Encoding]) -> tuple[list[Array], Array, Array]:
    """As `_merged`, for any number of lanes of any dtypes: first is merged which of its values each lane has."""
    stored = [_stored(lane) for lane in lanes]
    positions, offsets = stored[0][0].positions, stored[0][0].offsets
    ranks = [np.arange(positions.size, dtype=np.uint64)]
    for k, (exceptions, _, _) in enumerate(stored[1:], 1):
        # A rank past the last one stands for the fill.
        before, count = positions.size, exceptions.count
        here, there = np.empty(before + count, np.uint64), np.empty(before + count, np.uint64)
        fresh, bounds = np.empty(before + count, np.uint16), np.empty_like(offsets)
        size = int(
            merge(
                np.arange(before, dtype=np.uint64), np.uint64(before), positions, offsets,
                np.arange(count, dtype=np.uint64), np.uint64(count), exceptions.positions, exceptions.offsets,
                here, there, fresh, bounds,
            )
        )  # fmt: skip
        for earlier in range(k):
            ranks[earlier] = np.append(ranks[earlier], np.uint64(stored[earlier][0].count))[here[:size].view(np.int64)]
        ranks.append(there[:size])
        fresh.resize(size, refcheck=False)
        positions, offsets = fresh, bounds
    filled = [np.append(values, fill)[found.view(np.int64)] for (_, values, fill), found in zip(stored, ranks, strict=True)]
    return filled, positions, offsets

"""Ufuncs on runs: computed once for each run, where all operands are runs, constants or scalars."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.execution.lanes import FALSE_TRUE, Lane, Work
from compactarray.kernels import fill_bits
from compactarray.storage.base import Array


def are_runs(lanes: list[Lane]) -> bool:
    """Tell whether lanes are runs, constants and scalars, some of them runs, without exceptions."""
    encodings = [lane for lane in lanes if isinstance(lane, Encoding)]
    if any(encoding.exceptions is not None or not isinstance(encoding, (Runs, Constant)) for encoding in encodings):
        return False
    return any(isinstance(encoding, Runs) for encoding in encodings)


def elementwise(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any], work: Work) -> Encoding:
    """Return the result of a ufunc of one output on lanes of which `are_runs` is true, of one length."""
    runs = [lane for lane in lanes if isinstance(lane, Runs)]
    heads, ranks = _merged(runs)
    rank = iter(ranks)
    operands = [_values(lane, next(rank)) if isinstance(lane, Runs) else _scalar(lane) for lane in lanes]
    values = np.asarray(ufunc(*operands)).astype(dtype, copy=False)
    result = runs[0].with_heads(heads.positions, heads.offsets, Raw(values))
    if dtype.kind != "b":
        return result
    packed = work.bits(result.length)
    packed[...] = 0
    fill_bits(values.view(np.uint8), result.edges(), packed)
    return Bits(packed, FALSE_TRUE, result.length)


def _merged(runs: list[Runs]) -> tuple[Exceptions, list[Array | None]]:
    """Return where any of several runs begins, and for each of the operands which of its runs lies there (None: as they come)."""
    first = runs[0].heads
    if all(_alike(first, other.heads) for other in runs[1:]):
        return first, [None] * len(runs)
    places = [lane.heads.places(0, lane.length)[2] for lane in runs]
    # Timsort merges what comes sorted.
    union = np.sort(np.concatenate(places), kind="stable")
    union = union[np.append(True, union[1:] != union[:-1])]
    edges = np.arange(0, runs[0].length + first.block_length, first.block_length)[: first.offsets.size]
    offsets = union.searchsorted(edges).astype(np.int64)
    heads = Exceptions((union % first.block_length).astype(np.uint16), offsets, first.values, first.block_length)
    return heads, [place.searchsorted(union, side="right") - 1 for place in places]


def _alike(left: Exceptions, right: Exceptions) -> bool:
    return left.positions is right.positions or (
        left.positions.size == right.positions.size
        and bool((left.positions == right.positions).all())
        and bool((left.offsets == right.offsets).all())
    )


def _values(lane: Runs, ranks: Array | None) -> Array:
    values = lane.values.decoded(0, lane.values.length)
    return values if ranks is None else values[ranks]


def _scalar(lane: Lane) -> Any:
    """Return a scalar operand; that of a constant lane is strong, as an array is."""
    return lane.value[0] if isinstance(lane, Constant) else lane

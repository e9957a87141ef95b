"""Stretches of flat operands that are lanes: where each of them is held by one encoding."""

from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.folded import unfolded_blocks
from compactarray.execution.operands import Operand, is_scalar
from compactarray.execution.run_lanes import are_runs
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import View


def stretch(operands: list[Operand], start: int, most: int, runs: bool = False) -> tuple[int, list[Any] | None]:
    """Return where the stretch from `start` on ends in which every operand is one lane, and the lanes.

    None for the lanes where one of the operands is none. Scalars, and arrays without axes, are lanes as
    scalars. Only if `runs` is true may the lanes be runs, all of them.
    """
    stop = most
    lanes: list[Any] | None = []
    for value in operands:
        if is_scalar(value):
            lane = value
        elif isinstance(value, np.ndarray):
            lane = value[()] if not value.shape else None
        elif not value.shape:
            lane = value.item()
        elif isinstance(value, View) and isinstance(value.storage, BlockStorage) and value.steps == (1,):
            end, lane = value.storage.lane(value.offset + start, value.offset + most, folded=True)
            stop = min(stop, end - value.offset)
            if lane is not None and lane.exceptions is not None and value.storage.block_length != settings().block_length:
                # Positions of exceptions count within blocks of another length than the result's.
                lane = None
        else:
            lane = None
        if lane is None or lanes is None:
            lanes = None
        else:
            lanes.append(lane)
    if lanes is not None and not any(isinstance(lane, Encoding) for lane in lanes):
        lanes = None
    if lanes is None or (runs and are_runs(lanes)):
        return stop, lanes
    return _unfolded(lanes, start, stop)


def _unfolded(lanes: list[Any], start: int, stop: int) -> tuple[int, list[Any]]:
    """Return lanes whose elements all have codes, of not more elements than that is cheap for, and where they end."""
    if not any(isinstance(lane, Encoding) and lane.folded for lane in lanes):
        return stop, lanes
    widest = min(unfolded_blocks(lane.dtype) for lane in lanes if isinstance(lane, Encoding))
    length = min(stop - start, widest * settings().block_length)
    return start + length, [lane.lane(0, length) if isinstance(lane, Encoding) and lane.folded else lane for lane in lanes]


def cut(lanes: list[Any], length: int) -> list[Any]:
    """Return lanes of which each encoding is cut to the first `length` elements."""
    return [lane.slice(0, length) if isinstance(lane, Encoding) and lane.length != length else lane for lane in lanes]


def in_blocks(start: int, stop: int, size: int, lanes: list[Any] | None) -> tuple[int, list[Any] | None]:
    """Return a stretch cut to whole blocks (but for the last of all), and its lanes cut likewise.

    Where no whole block lies in the stretch, the block that it is in is to be decoded: no lanes.
    """
    block = settings().block_length
    if stop < size:
        whole = stop // block * block
        if whole <= start:
            return min(start // block * block + block, size), None
        stop = whole
    if lanes is None or start % block:
        return stop, None
    return stop, cut(lanes, stop - start)

"""Operands that share elements with what is written."""

from typing import Any

import numpy as np

from compactarray.execution.operands import Operand, is_scalar
from compactarray.storage.view import View


def apart(value: Operand, targets: list[Any]) -> Operand:
    """Return an operand that no write to a target changes before it is read: a copy where it overlaps one.

    An operand that *is* the target, element by element, is read before it is written, tile by tile.
    """
    for target in targets:
        if target is None or is_scalar(value):
            continue
        if isinstance(value, View):
            if value.shares_storage(target) and not _same_elements(value, target):
                return value.snapshot()
        elif isinstance(target, np.ndarray) and value is not target and np.may_share_memory(value, target):
            same = value.shape == target.shape and value.strides == target.strides
            if not (same and value.__array_interface__["data"] == target.__array_interface__["data"]):
                return value.copy()
    return value


def _same_elements(value: View, target: View) -> bool:
    return (
        value.storage is target.storage
        and value.shape == target.shape
        and value.steps == target.steps
        and value.offset == target.offset
    )

"""Operands that share elements with what is written."""

from typing import Any

import numpy as np

from compactarray.execution.operands import Operand, is_scalar
from compactarray.geometry.ghost import ghost
from compactarray.storage.view import View

#: Steps that NumPy may take to find out whether two views share elements.
_WORK = 1000


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


def overlap_each_other(targets: tuple[Any, ...]) -> bool:
    """Tell whether two targets are views that share elements of one storage, or all of them."""
    one, other = targets
    if type(one) is not View or type(other) is not View or one.storage is not other.storage:
        return False
    laid = [ghost(view.shape, view.steps, view.offset) for view in targets]
    # Where it would take long to tell, they do.
    shares: Any = np.may_share_memory
    return bool(shares(laid[0], laid[1], _WORK))


def _same_elements(value: View, target: View) -> bool:
    return (
        value.storage is target.storage
        and value.shape == target.shape
        and value.steps == target.steps
        and value.offset == target.offset
    )

"""What the setting ``on_dense`` says of operations that decode whole operands; asked before anything is decoded."""

import sys
import warnings
from collections.abc import Iterable
from typing import Any

from compactarray.config import settings
from compactarray.registry import DenseWarning
from compactarray.storage.view import View


def heed_policy(name: str, operands: Iterable[Any]) -> None:
    """Warn, or raise, where the operation `name` is going to decode views among its operands whole.

    Raises
    ------
    DenseWarning
        Where the setting is ``"error"``; nothing has been decoded then.
    """
    policy = settings().on_dense
    if policy == "allow":
        return
    nbytes = sum(value.size * value.dtype.itemsize for value in operands if isinstance(value, View))
    if not nbytes:
        return
    message = f"{name} decodes its arguments whole: {nbytes:,} bytes (see compactarray.config(on_dense=...))"
    if policy == "error":
        raise DenseWarning(message)
    warnings.warn(message, DenseWarning, stacklevel=_level_of_caller())


def _level_of_caller() -> int:
    """Return the stacklevel, for the caller of this function, of the first frame outside of this package and NumPy."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("compactarray", "numpy"):
        level, frame = level + 1, frame.f_back
    return level

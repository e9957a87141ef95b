"""What the setting ``on_dense`` says of operations that decode whole operands; asked before anything is decoded."""

import warnings
from collections.abc import Iterable
from typing import Any

from compactarray.config import settings
from compactarray.numerics.errstate import level_of_caller
from compactarray.registry import DenseWarning
from compactarray.storage.view import View


def heed_policy(name: str, operands: Iterable[Any], reason: str = "", free: int = 0) -> None:
    """Warn, or raise, where the operation `name` is going to decode views among its operands whole.

    At most `free` bytes together may be decoded in any case.

    Raises
    ------
    DenseWarning
        Where the setting is ``"error"``; nothing has been decoded then.
    """
    policy = settings().on_dense
    if policy == "allow":
        return
    nbytes = sum(value.size * value.dtype.itemsize for value in operands if isinstance(value, View))
    if nbytes <= free:
        return
    why = f", as {reason}" if reason else ""
    message = f"{name} decodes its arguments whole{why}: {nbytes:,} bytes (see compactarray.config(on_dense=...))"
    if policy == "error":
        raise DenseWarning(message)
    warnings.warn(message, DenseWarning, stacklevel=level_of_caller())

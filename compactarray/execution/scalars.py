"""Python numbers among the operands of a ufunc."""

from typing import Any

import numpy as np

from compactarray.execution.operands import Operand, is_scalar


def strong(ufunc: np.ufunc, operands: list[Operand], kwargs: dict[str, Any]) -> list[Operand]:
    """Return operands with Python numbers as arrays of the dtype that NEP 50 gives them beside narrow floats.

    What such a conversion warns of (an overflow) has been warned of with the dtypes, not once for every tile.
    """
    if not any(type(value) in (int, float, complex) for value in operands):
        return operands
    if not any(value.dtype.char in "efF" for value in operands if not is_scalar(value)) or kwargs.get("signature") is not None:
        return operands
    given = kwargs.get("dtype")
    if given is not None and not (isinstance(given, type) and issubclass(given, np.dtype)):
        given = np.dtype(given)
    wanted: Any = {} if given is None else {"signature": (*[None] * ufunc.nin, *[given] * ufunc.nout)}
    kinds = tuple(
        type(value) if type(value) in (int, float, complex) else np.asarray(value).dtype if is_scalar(value) else value.dtype
        for value in operands
    )
    resolved = ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout), **wanted, casting=kwargs.get("casting", "same_kind"))
    with np.errstate(all="ignore"):
        return [
            np.array(value, dtype) if type(value) in (int, float, complex) else value
            for value, dtype in zip(operands, resolved, strict=False)
        ]

"""Floating-point errors of an operation done in tiles: reported once, as NumPy reports them for one call."""

import sys
import warnings
from functools import reduce
from operator import or_
from types import TracebackType
from typing import Any

import numpy as np

_KINDS = ("divide", "over", "under", "invalid")
_FLAGS = {"divide": 1, "over": 2, "under": 4, "invalid": 8}


class ErrorsOnce:
    """Within it, errors that would be warned of, printed, logged or called back for are noted; they are reported at the end.

    Parameters
    ----------
    name : str
        The name of the ufunc, which the messages give.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._noted: dict[str, int] = {}

    def __enter__(self) -> "ErrorsOnce":
        before = np.geterr()
        self._before = before
        noted: Any = {kind: "call" for kind in _KINDS if before[kind] not in ("ignore", "raise")}  # type: ignore[literal-required]
        self._state = np.errstate(call=self._note, **noted)
        self._call = np.geterrcall()
        self._state.__enter__()
        return self

    def _note(self, message: str, flag: int) -> None:
        self._noted[message] = flag

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._state.__exit__(kind, error, trace)
        if kind is None:
            # NumPy passes all flags together with each message.
            together = reduce(or_, self._noted.values(), 0)
            for message in self._noted:
                self._report(message, together)

    def _report(self, message: str, flag: int) -> None:
        """Do what the state in force says of an error, as NumPy's _error_handler."""
        wanted = {name: self._before[name] for name in _KINDS}  # type: ignore[literal-required]
        names = {"divide by zero": "divide", "overflow": "over", "underflow": "under", "invalid value": "invalid"}
        action = wanted[names[message]]
        text = f"{message} encountered in {self._name}"
        if action == "warn":
            # Past the frames of this package: the line that NumPy would name.
            warnings.warn(text, RuntimeWarning, stacklevel=_frames_inside())
        elif action == "print":
            print(f"Warning: {text}", file=sys.stderr)
        elif action == "call" and callable(self._call):
            self._call(message, flag)
        elif action == "log" and self._call is not None and not callable(self._call):
            self._call.write(f"Warning: {text}\n")


def _frames_inside() -> int:
    """Return the stack level of the first caller outside of this package."""

    level, frame = 1, sys._getframe(1)
    # NumPy's operators are defined in Python, too.
    inside = (__name__.partition(".")[0], "numpy")
    while frame is not None and (frame.f_globals.get("__name__") or "").partition(".")[0] in inside and frame.f_back:
        level, frame = level + 1, frame.f_back
    return level

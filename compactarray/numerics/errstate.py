"""What goes wrong in an operation done in tiles: reported once, as NumPy reports it for one call."""

import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import or_
from types import TracebackType
from typing import Any

import numpy as np

#: NumPy's messages, in the order in which it looks for them, and the errors that they tell of.
_ERRORS = {"divide by zero": "divide", "overflow": "over", "underflow": "under", "invalid value": "invalid"}
#: The flags that NumPy gives to callbacks.
_FLAGS = {"divide by zero": 1, "overflow": 2, "underflow": 4, "invalid value": 8}


class ErrorsOnce:
    """Within it, floating-point errors that are not to be ignored are noted; at the end they are reported.

    As NumPy does it for one call: each kind once, in one order, after everything was computed.

    Parameters
    ----------
    name : str or callable
        The name of the ufunc, which the messages give, or what returns it when it is needed.
    """

    def __init__(self, name: str | Callable[[], str]) -> None:
        self._name = name
        self._noted: dict[str, int] = {}

    def __enter__(self) -> "ErrorsOnce":
        before: Any = np.geterr()
        self._before = before
        noted: Any = {kind: "call" for kind in _ERRORS.values() if before[kind] != "ignore"}
        self._state = np.errstate(call=self._note, **noted)
        self._call = np.geterrcall()
        self._state.__enter__()
        return self

    def noting(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function gives; errors are noted, and reported by `report`."""
        self.__enter__()
        try:
            return function(*arguments)
        finally:
            self._state.__exit__(None, None, None)

    def report(self) -> None:
        """Report what was noted."""
        # NumPy passes all flags together with each message.
        together = reduce(or_, self._noted.values(), 0)
        for message in _ERRORS:
            if message in self._noted:
                self._report(message, together)

    def report_now(self, noted: dict[str, int]) -> None:
        """Report what was noted elsewhere, as the state in force says."""
        before: Any = np.geterr()
        self._before, self._call, self._noted = before, np.geterrcall(), noted
        self.report()

    def _note(self, message: str, flag: int) -> None:
        self._noted[message] = flag

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._state.__exit__(kind, error, trace)
        if kind is None:
            self.report()

    def _report(self, message: str, flag: int) -> None:
        """Do what the state in force says of an error, as NumPy's _error_handler."""
        action = self._before[_ERRORS[message]]
        text = f"{message} encountered in {self._name if isinstance(self._name, str) else self._name()}"
        if action == "warn":
            warnings.warn(text, RuntimeWarning, stacklevel=level_of_caller())
        elif action == "raise":
            raise FloatingPointError(text)
        elif action == "print":
            print(f"Warning: {text}", file=sys.stderr)
        elif action == "call" and callable(self._call):
            self._call(message, flag)
        elif action == "log" and self._call is not None and not callable(self._call):
            self._call.write(f"Warning: {text}\n")


#: Ufuncs in which nothing goes wrong, and those in which nothing does for integers.
_SILENT: frozenset[np.ufunc] = frozenset(
    (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.isnan, np.invert)
) | {np.logical_and, np.logical_or, np.logical_not, np.bitwise_and, np.bitwise_or, np.bitwise_xor}
_INTEGERS = frozenset("iub")
_MODULAR = frozenset((np.add, np.subtract, np.multiply, np.negative, np.absolute, np.square, np.maximum, np.minimum))


def told(ufunc: np.ufunc, method: str, operands: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Return ``getattr(ufunc, method)(*operands, **kwargs)`` for ndarrays and scalars; NumPy's warnings name the line of the caller.

    NumPy would name the line that does it, here, and Python shows what is warned of at one line only once.
    """
    function = ufunc if method == "__call__" else getattr(ufunc, method)
    if ufunc in _SILENT:
        return function(*operands, **kwargs)
    kinds = {value.dtype.kind for value in operands if isinstance(value, np.ndarray)}
    # What objects warn of is their own affair.
    if "O" in kinds or (ufunc in _MODULAR and kinds <= _INTEGERS):
        return function(*operands, **kwargs)
    try:
        result = _logged(function, operands, kwargs)
    except BaseException:
        _LOG.lines.clear()
        raise
    if _LOG.lines:
        _report_logged()
    return result


class _Log(threading.local):
    """Takes what NumPy writes, for each thread by itself. In a log it says where it was, too: in the ufunc, or in a cast before."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        """Keep a line."""
        self.lines.append(line)


_LOG = _Log()


# A decorator takes half the time of the same state in a with statement.
@np.errstate(all="log", call=_LOG)
def _logged(function: Callable[..., Any], operands: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    return function(*operands, **kwargs)


def _report_logged() -> None:
    """Report what NumPy has written to the log, as the state in force says."""
    noted: dict[str, dict[str, int]] = {}
    lines, _LOG.lines = _LOG.lines, []
    for line in lines:
        message, _, name = line.strip().removeprefix("Warning: ").partition(" encountered in ")
        noted.setdefault(name, {})[message] = _FLAGS[message]
    for name, messages in noted.items():
        ErrorsOnce(name).report_now(messages)


class ErrorsOfSteps:
    """Runs the ufuncs of a formula that is computed tile by tile, and reports what went wrong in each of its steps once.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.numerics.errstate import ErrorsOfSteps
    >>> with ErrorsOfSteps() as steps, np.errstate(all="ignore"):
    ...     do = steps.of("ratio")
    ...     do(np.divide, do(np.add, 1, 2), 4)
    np.float64(0.75)
    """

    def __init__(self) -> None:
        self._noted: dict[tuple[str, int], ErrorsOnce] = {}

    def __enter__(self) -> "ErrorsOfSteps":
        return self

    def of(self, part: str) -> Callable[..., Any]:
        """Return what runs the ufuncs of one part of the formula, for one tile, in their order."""
        count = 0

        def do(ufunc: np.ufunc, *operands: Any) -> Any:
            nonlocal count
            count += 1
            return self._noted.setdefault((part, count), ErrorsOnce(ufunc.__name__)).noting(ufunc, *operands)

        return do

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            for noted in self._noted.values():
                noted.report()


@contextmanager
def casts_told(told: bool = True) -> Iterator[None]:
    """Within it, what NumPy warns of for pairs of dtypes is not repeated, if it has been told for the operation as a whole.

    That is: complex numbers that are made real, and moments without a unit.
    """
    if not told:
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        warnings.filterwarnings("ignore", "The 'generic' unit", DeprecationWarning)
        yield


def level_of_caller() -> int:
    """Return the stacklevel, for the caller of this function, of the first frame outside of this package and NumPy.

    That is the line that NumPy would name; some of NumPy's functions are written in Python, too.
    """
    level, frame = 1, sys._getframe(1)
    inside = (__name__.partition(".")[0], "numpy")
    while frame.f_back is not None and (frame.f_globals.get("__name__") or "").partition(".")[0] in inside:
        level, frame = level + 1, frame.f_back
    return level

"""Running the same thing with NumPy and with this package in the place of ``np``."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy

import compactarray
from compactarray.testing import assert_same


def outcome(run: Callable[[Any], Any], module: Any) -> tuple[Any, Any, list[tuple[str, str]]]:
    """Return the result, the error and the warnings of a function of the module."""
    result, error = None, None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = run(module)
        except Exception as raised:
            error = raised
    return result, error, sorted((w.category.__name__, str(w.message)) for w in caught)


def check_both(run: Callable[[Any], Any], messages: bool = True, **options: Any) -> None:
    """Run a function of ``np`` both ways, and compare results, errors and warnings."""
    expected, expected_error, expected_warnings = outcome(run, numpy)
    actual, actual_error, actual_warnings = outcome(run, compactarray)
    if expected_error is not None or actual_error is not None:
        assert type(actual_error) is type(expected_error), (actual_error, expected_error)
        text = str(actual_error).replace("CompactArray", "ndarray").replace("compactarray", "numpy")
        assert not messages or text == str(expected_error)
        return
    assert actual_warnings == expected_warnings
    assert_same(actual, expected, **options)


def evaluated(text: str) -> Callable[[Any], Any]:
    """Return a function of ``np`` that evaluates an expression."""
    code = compile(text, text, "eval")
    return lambda np: eval(code, {"np": np})

"""The oracle: does CompactArray give what NumPy gives?

`assert_same` compares two values, `check` two runs of a function. Both look at every bit, and at what ``assert_array_equal`` lets
pass: the sign of zero, the payload of NaN, dtype and byte order, scalar or 0-d array, the order of strides, aliasing, warnings and
the text of errors. Where an answer is free (the order of ties, the payload of a computed NaN), an option says so.
"""

import re
import warnings as _warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from compactarray.array import CompactArray
from compactarray.namespace.exposed import decoding

__all__ = ["assert_same", "check"]

#: How the two array types are called in messages of errors: "unhashable type: 'numpy.ndarray'".
_TYPE_NAME = re.compile(r"(numpy\.)?ndarray|(compactarray\.)?(array\.)?CompactArray")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What counts as the same; the options of `assert_same`."""

    order: bool = True
    strides: bool = False
    flags: bool = False
    any_nan: bool = False
    any_zero: bool = False
    ulps: int = 0
    error: Any = 0.0
    dense: bool | None = False


def assert_same(
    actual: object,
    expected: object,
    *,
    order: bool = True,
    strides: bool = False,
    flags: bool = False,
    any_nan: bool = False,
    any_zero: bool = False,
    ulps: int = 0,
    error: Any = 0.0,
    dense: bool | None = False,
) -> None:
    """Raise AssertionError unless `actual` is what `expected`, NumPy's answer, calls for.

    An ndarray calls for a CompactArray, a NumPy scalar for a scalar of the same type, a tuple, list or dict for the same container of
    answers that are the same, and any other object for an equal one of the same type.

    Parameters
    ----------
    actual, expected : object
        The answers, ours and NumPy's.
    order : bool, optional
        Axes longer than 1 must be in the same order of strides (K order).
    strides : bool, optional
        Strides must be equal, in bytes, but for axes of length 1 and empty arrays, where they mean nothing.
    flags : bool, optional
        The contiguity and writeable flags must be equal.
    any_nan : bool, optional
        One NaN is as good as another.
    any_zero : bool, optional
        0.0 is as good as -0.0.
    ulps : int, optional
        Floating values may be so many representable numbers apart.
    error : float or array_like, optional
        Floating values may differ by so much, absolutely.
    dense : bool or None, optional
        An ndarray calls for a CompactArray (False), for an ndarray (True), or for either (None).

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray import CompactArray
    >>> from compactarray.testing import assert_same
    >>> zeros = np.array([0.0, 0.0])
    >>> assert_same(CompactArray(zeros), zeros)
    >>> assert_same(CompactArray(-zeros), zeros)
    Traceback (most recent call last):
        ...
    AssertionError: 2 of 2 elements differ, first at (0,): -0.0 (8000000000000000) instead of 0.0 (0000000000000000)
    >>> assert_same(CompactArray(-zeros), zeros, any_zero=True)
    """
    rules = _Rules(order=order, strides=strides, flags=flags, any_nan=any_nan, any_zero=any_zero, ulps=ulps, error=error, dense=dense)
    _compare(actual, expected, rules, "")


def check(
    function: Callable[..., object],
    *arguments: object,
    messages: bool = True,
    warnings: bool = True,
    aliasing: bool = True,
    mutation: bool = True,
    **options: Any,
) -> None:
    """Run `function` on ndarrays and on CompactArrays made of them, and compare all that can be observed.

    Compared are the result, or the error raised; the warnings; the arguments after the call; which argument the result *is*; and
    aliasing: a write into the result changes the arguments exactly where it does so in NumPy, and the reverse.

    Parameters
    ----------
    function : callable
        Called once with ndarrays and once with CompactArrays.
    *arguments : object
        Each ndarray is passed as a fresh copy in K order, and as a CompactArray of such a copy; anything else as it is. To test
        another layout, make the view in `function`.
    messages : bool, optional
        Errors must have the same text, where the names of the array types are taken as one, not only the same class.
    warnings : bool, optional
        The same warnings must be given, as often.
    aliasing : bool, optional
        Tell whether results are arguments, and try writes into both.
    mutation : bool, optional
        The arguments must be the same after the call.
    **options
        As of `assert_same`, for the results.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.testing import check
    >>> table = np.arange(12).reshape(3, 4)
    >>> check(lambda a: a[::2, 1], table)
    >>> check(lambda a: a[7], table)
    >>> check(lambda a: a[1].copy() if type(a) is np.ndarray else a[1], table)
    Traceback (most recent call last):
        ...
    AssertionError: argument 0, after a write into the result: 4 of 12 elements differ, first at (1, 0): -5 (fffffffffffffffb) \
instead of 4 (0000000000000004)
    """
    rules = _Rules(**options)
    theirs = [_fresh(argument) for argument in arguments]
    ours = [CompactArray(_fresh(argument)) if isinstance(argument, np.ndarray) else argument for argument in arguments]
    expected, expected_error, expected_warnings = _run(function, theirs)
    actual, actual_error, actual_warnings = _run(function, ours)

    _compare_errors(actual_error, expected_error, messages)
    if expected_error is None:
        if aliasing:
            _compare_identity(actual, expected, ours, theirs)
        _compare(actual, expected, rules, "result")
    if warnings and sorted(actual_warnings) != sorted(expected_warnings):
        _fail("", f"warned {actual_warnings} instead of {expected_warnings}")
    if mutation:
        _compare_all(ours, theirs, "after the call")
    if aliasing and expected_error is None:
        _compare_aliasing(actual, expected, ours, theirs)


def __getattr__(name: str) -> Any:
    """Return a name of numpy.testing's, which compares what `numpy.asarray` makes of arrays."""
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    found = getattr(np.testing, name)
    # It looks into containers, and asks for instances of ndarray.
    return decoding(found) if name == "assert_equal" else found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(np.testing)})


# -- one run of a function ----------------------------------------------------------------------------------------------------


def _fresh(argument: object) -> object:
    """Return a copy of an ndarray, in K order, or the argument itself."""
    return argument.copy(order="K") if isinstance(argument, np.ndarray) else argument


def _run(function: Callable[..., object], arguments: list[Any]) -> tuple[object, Exception | None, list[tuple[str, str]]]:
    """Return the result, the error and the warnings of a call."""
    result, error = None, None
    with _warnings.catch_warnings(record=True) as caught:
        _warnings.simplefilter("always")
        try:
            result = function(*arguments)
        except Exception as raised:  # whatever it is, it is to be compared
            error = raised
    return result, error, [(w.category.__name__, _neutral(str(w.message))) for w in caught]


def _neutral(message: str) -> str:
    """Return the message with one name for both array types."""
    return _TYPE_NAME.sub("<array>", message)


def _compare_errors(actual: Exception | None, expected: Exception | None, messages: bool) -> None:
    if type(actual) is type(expected) and (actual is None or not messages or _neutral(str(actual)) == _neutral(str(expected))):
        return
    told = ["nothing" if e is None else f"{type(e).__name__}: {e}" for e in (actual, expected)]
    raise AssertionError(f"raised {told[0]} instead of {told[1]}") from actual


def _compare_identity(actual: object, expected: object, ours: list[Any], theirs: list[Any]) -> None:
    for place, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        if isinstance(their, np.ndarray) and (actual is our) != (expected is their):
            _fail("result", f"is {'' if actual is our else 'not '}argument {place} itself")


def _compare_aliasing(actual: object, expected: object, ours: list[Any], theirs: list[Any]) -> None:
    """Write into the results and compare the arguments; write into the arguments and compare the results."""
    results = list(zip(_leaves(actual), _leaves(expected), strict=True))
    results = [(our, their) for our, their in results if isinstance(their, np.ndarray)]
    for our, their in results:
        if our.flags.writeable != their.flags.writeable:
            _fail("result", f"has flags.writeable {our.flags.writeable} instead of {their.flags.writeable}")
        if _probe(our, their):
            _compare_all(ours, theirs, "after a write into the result")
    for our, their in zip(ours, theirs, strict=True):
        if results and isinstance(their, np.ndarray) and _probe(our, their):
            _compare_all([r for r, _ in results], [r for _, r in results], "after a write into an argument", "result")


def _compare_all(ours: list[Any], theirs: list[Any], when: str, name: str = "argument") -> None:
    for place, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        if isinstance(their, np.ndarray):
            _compare(our, their, _Rules(dense=None), f"{name} {place}, {when}")


def _probe(ours: Any, theirs: NDArray[Any]) -> bool:
    """Overwrite all elements of both arrays by different ones; return whether that could be done."""
    repeats = any(step == 0 and length > 1 for step, length in zip(theirs.strides, theirs.shape, strict=True))
    if not theirs.flags.writeable or repeats or not theirs.size:
        return False
    probe = _different(theirs)
    ours[...] = probe
    theirs[...] = probe
    return True


def _different(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of the same shape and dtype that is different everywhere."""
    dtype = array.dtype
    if dtype.names is not None:
        result = array.copy()
        for name in dtype.names:
            result[name] = _different(array[name])
        return result
    if dtype.kind == "b":
        return ~array
    if dtype.kind in "OT" or dtype.char in "gG":
        fill, other = ("x", "y") if dtype.kind in "OT" else (1, 2)
        return np.array([other if bool(v == fill) else fill for v in array.flat], dtype).reshape(array.shape)
    if dtype.kind in "SU":
        return np.where(array == np.array("x", dtype), np.array("y", dtype), np.array("x", dtype)).astype(dtype)
    flipped = ~np.frombuffer(array.tobytes(), np.uint8)
    return np.frombuffer(flipped.tobytes(), dtype).reshape(array.shape)


def _leaves(value: object) -> list[Any]:
    """Return the answers in nested tuples, lists and dicts, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


# -- two values -------------------------------------------------------------------------------------------------------------


def _fail(where: str, message: str) -> NoReturn:
    raise AssertionError(f"{where}: {message}" if where else message)


def _compare(actual: Any, expected: Any, rules: _Rules, where: str) -> None:
    """Raise AssertionError, which names the place, unless the two answers are the same."""
    if isinstance(expected, np.ndarray):
        _compare_arrays(actual, expected, rules, where)
        return
    if type(actual) is not type(expected):
        _fail(where, f"{_told(actual)} instead of {_told(expected)}")
    if isinstance(expected, dict):
        if list(actual) != list(expected):
            _fail(where, f"the keys {list(actual)} instead of {list(expected)}")
        for key in expected:
            _compare(actual[key], expected[key], rules, f"{where}[{key!r}]")
    elif isinstance(expected, tuple | list):
        if len(actual) != len(expected):
            _fail(where, f"{len(actual)} items instead of {len(expected)}")
        for place, (our, their) in enumerate(zip(actual, expected, strict=True)):
            _compare(our, their, rules, f"{where}[{place}]")
    elif isinstance(expected, np.generic):
        _compare_dtypes(actual.dtype, expected.dtype, where)
        _compare_values(np.array(actual, expected.dtype), np.array(expected, expected.dtype), rules, where)
    elif isinstance(expected, float | complex):
        _compare_values(np.array(actual), np.array(expected), rules, where)
    elif not _same_objects(actual, expected):
        _fail(where, f"{_told(actual)} instead of {_told(expected)}")


def _told(value: object) -> str:
    """Return a short description of a value, with its type."""
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _compare_arrays(actual: Any, expected: NDArray[Any], rules: _Rules, where: str) -> None:
    wanted = {False: (CompactArray,), True: (type(expected),), None: (CompactArray, type(expected))}[rules.dense]
    if type(actual) not in wanted:
        _fail(where, f"{_told(actual)} instead of an array of shape {expected.shape} and dtype {expected.dtype}")
    if actual.shape != expected.shape:
        _fail(where, f"shape {actual.shape} instead of {expected.shape}")
    _compare_dtypes(actual.dtype, expected.dtype, where)
    if rules.order and _axes(actual) != _axes(expected):
        _fail(where, f"strides {actual.strides}, in another order than {expected.strides}")
    if rules.strides and _strides(actual) != _strides(expected):
        _fail(where, f"strides {actual.strides} instead of {expected.strides}")
    if rules.flags:
        for flag in ("c_contiguous", "f_contiguous", "writeable"):
            if getattr(actual.flags, flag) != getattr(expected.flags, flag):
                _fail(where, f"flags.{flag} is not {getattr(expected.flags, flag)}")
    values = np.asarray(actual)
    if type(values) is not np.ndarray or values.shape != expected.shape:
        _fail(where, f"converts to {_told(values)}, not to an ndarray of shape {expected.shape}")
    _compare_dtypes(values.dtype, expected.dtype, f"{where} converted" if where else "converted")
    _compare_values(values, np.asarray(expected), rules, where)


def _compare_dtypes(actual: np.dtype[Any], expected: np.dtype[Any], where: str) -> None:
    """Compare byte order too, and C types of one size: ``long`` is not ``long long``."""
    if actual != expected or actual.char != expected.char:
        _fail(where, f"dtype {actual!r} instead of {expected!r}")


def _strides(array: Any) -> list[int]:
    """Return the strides that mean something: of axes longer than 1, unless the array is empty."""
    if array.size == 0:
        return []
    return [step for step, length in zip(array.strides, array.shape, strict=True) if length > 1]


def _axes(array: Any) -> tuple[int, ...]:
    """Return the rank of these axes by the length of their stride; equal strides have one rank."""
    steps = [abs(step) for step in _strides(array)]
    ranks = sorted(set(steps))
    return tuple(ranks.index(step) for step in steps)


def _compare_values(actual: NDArray[Any], expected: NDArray[Any], rules: _Rules, where: str) -> None:
    wrong = _differing(actual, expected, rules)
    if not wrong.any():
        return
    first = tuple(int(place) for place in np.argwhere(wrong)[0])
    count = f"{np.count_nonzero(wrong)} of {wrong.size} elements differ, first at {first}: " if wrong.ndim else ""
    _fail(where, f"{count}{_bits(actual, first)} instead of {_bits(expected, first)}")


def _bits(array: NDArray[Any], place: tuple[int, ...]) -> str:
    """Return an element as text, with its bits where text may hide them."""
    with np.errstate(all="ignore"):  # a signalling NaN may warn
        text = repr(array[place]) if array.dtype.kind not in "iufcmM" else str(array[place])
    if array.dtype.kind not in "iufcmM":
        return text
    cell = np.array(array[place], array.dtype)
    big = array.dtype.newbyteorder("S") == array.dtype.newbyteorder("<")
    return f"{text} ({(cell if big else cell.byteswap()).tobytes().hex()})"


# -- elements ---------------------------------------------------------------------------------------------------------------


def _differing(actual: NDArray[Any], expected: NDArray[Any], rules: _Rules) -> NDArray[np.bool_]:
    """Return where two arrays of one shape and dtype are not the same."""
    dtype = expected.dtype
    if dtype.names is not None:
        wrong = np.zeros(expected.shape, bool)
        for name in dtype.names:  # never the padding between fields
            field = _differing(actual[name], expected[name], rules)
            wrong |= field.any(axis=tuple(range(wrong.ndim, field.ndim)))
        return wrong
    if dtype.kind == "c":
        return _differing(actual.real, expected.real, rules) | _differing(actual.imag, expected.imag, rules)
    if dtype.kind == "f":
        return _floats_differing(actual, expected, rules)
    if dtype.kind == "b":  # any byte but 0 is true
        return np.asarray((actual.view(np.uint8) != 0) != (expected.view(np.uint8) != 0))
    if dtype.kind in "OT":
        ours, theirs = (array.astype(object).ravel().tolist() for array in (actual, expected))
        same = [_same_objects(our, their) for our, their in zip(ours, theirs, strict=True)]
        return ~np.array(same, bool).reshape(expected.shape)
    return _bytes_differing(actual, expected)


def _bytes_differing(actual: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.bool_]:
    shape = (*expected.shape, expected.dtype.itemsize)
    ours, theirs = (np.frombuffer(array.tobytes(), np.uint8).reshape(shape) for array in (actual, expected))
    return np.asarray((ours != theirs).any(axis=-1))


def _floats_differing(actual: NDArray[Any], expected: NDArray[Any], rules: _Rules) -> NDArray[np.bool_]:
    """Compare bits, and then by what the rules allow where bits differ."""
    with np.errstate(all="ignore"):
        both_nan = (actual != actual) & (expected != expected)
        if expected.dtype.itemsize > 8:  # extended precision has padding bits
            wrong = ~((actual == expected) & (np.signbit(actual) == np.signbit(expected)) | both_nan)
        else:
            wrong = _bytes_differing(actual, expected)
        if rules.any_nan:
            wrong &= ~both_nan
        if rules.any_zero:
            wrong &= ~((actual == 0) & (expected == 0))
        if rules.ulps:
            wrong &= ~(_ulps_between(actual, expected) <= rules.ulps)
        if np.any(rules.error):
            wrong &= ~(np.abs(actual - expected) <= np.asarray(rules.error))
    return np.asarray(wrong)


def _ulps_between(actual: NDArray[Any], expected: NDArray[Any]) -> NDArray[Any]:
    """Return how many representable numbers lie between, NaN where one is not finite."""
    spacing = np.spacing(np.maximum(np.abs(actual), np.abs(expected)))
    return np.asarray(np.abs(actual - expected) / spacing)


def _same_objects(actual: Any, expected: Any) -> bool:
    """Return whether two Python objects are one, or equal and of one type."""
    if actual is expected:
        return True
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, tuple | list):
        return len(actual) == len(expected) and all(map(_same_objects, actual, expected))
    if isinstance(expected, float | complex | np.ndarray | np.generic):
        try:
            _compare(actual, expected, _Rules(dense=True), "")
        except AssertionError:
            return False
        return True
    return bool(actual == expected)

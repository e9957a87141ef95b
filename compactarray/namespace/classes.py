"""What stands here for NumPy's classes that give or are arrays."""

from abc import ABCMeta
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.creation import empty
from compactarray.namespace.results import compacted


class _ArrayType(ABCMeta):
    """Lets `ndarray` be a class of both kinds of arrays, and the parent of NumPy's kind only."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        """Make a class; subclasses are NumPy's, whose instances own dense memory."""
        if not any(type(base) is mcls for base in bases):
            return super().__new__(mcls, name, bases, namespace, **kwargs)
        parents = tuple(np.ndarray if type(base) is mcls else base for base in bases)
        return type(name, parents, namespace, **kwargs)

    def __call__(
        cls, shape: Any, dtype: Any = float, buffer: Any = None, offset: int = 0, strides: Any = None, order: Any = None
    ) -> Any:
        """As numpy.ndarray: of zeros, or with the elements that are in a buffer now."""
        if buffer is None and strides is None and not offset:
            return empty(shape, dtype, "F" if order in ("F", "f") else "C")
        return compacted(np.ndarray(shape, dtype, buffer, offset, strides, order))

    def __getattr__(cls, name: str) -> Any:
        return getattr(CompactArray, name)

    def __dir__(cls) -> list[str]:
        return dir(CompactArray)


class ndarray(metaclass=_ArrayType):  # noqa: N801 - NumPy's name
    """The class of arrays, to ``isinstance``, ``match`` and annotations: CompactArray and numpy.ndarray.

    Called, it makes a CompactArray. Its methods are those of CompactArray. What is derived from it is derived from numpy.ndarray.

    Examples
    --------
    >>> import numpy, compactarray as np
    >>> isinstance(np.arange(3), np.ndarray), isinstance(numpy.arange(3), np.ndarray), isinstance([1], np.ndarray)
    (True, True, False)
    """

    def __class_getitem__(cls, item: Any) -> Any:
        """As numpy.ndarray: an alias for annotations."""
        return np.ndarray[item]


ndarray.register(CompactArray)
ndarray.register(np.ndarray)


class vectorize(np.vectorize):  # noqa: N801 - NumPy's name
    """As numpy.vectorize, with compact arrays for results.

    Examples
    --------
    >>> import compactarray as np
    >>> np.vectorize(lambda x, y: max(x, y))([1, 5], 3)
    CompactArray([3, 5])
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function for each element, or make a decorator of what has none yet."""
        return compacted(super().__call__(*args, **kwargs))


def frompyfunc(function: Callable[..., Any], wrapper: Any) -> Callable[..., Any]:
    """Return numpy.frompyfunc, whose ufuncs are wrapped."""

    def make(*args: Any, **kwargs: Any) -> Any:
        made = function(*args, **kwargs)
        return wrapper(made, made.__name__, __name__)

    return update_wrapper(make, function)

"""NumPy's ufuncs with compact arrays for results, whatever the operands are."""

from typing import Any

import numpy as np

from compactarray.namespace.results import compacted
from compactarray.namespace.wrapping import documentation


class Ufunc:
    """A ufunc of NumPy's that gives compact arrays where that gives ndarrays.

    Everything else is asked of the ufunc itself; it is equal to that, and an instance of `numpy.ufunc` to ``isinstance``.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.namespace.ufuncs import Ufunc
    >>> add = Ufunc(np.add, "add", "compactarray")
    >>> add([1, 2], 3), add.outer([1, 2], [10, 20]).shape, add.identity
    (CompactArray([4, 5]), (2, 2), 0)
    """

    def __init__(self, ufunc: np.ufunc, name: str, module: str) -> None:
        self._ufunc = ufunc
        self.__name__ = self.__qualname__ = name
        self.__module__ = module
        self.__doc__ = documentation(ufunc)
        self.__wrapped__ = ufunc

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return compacted(self._ufunc(*args, **kwargs), args, kwargs.get("out"))

    def reduce(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.reduce."""
        return compacted(self._ufunc.reduce(*args, **kwargs), args, kwargs.get("out"))

    def accumulate(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.accumulate."""
        return compacted(self._ufunc.accumulate(*args, **kwargs), args, kwargs.get("out"))

    def reduceat(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.reduceat."""
        return compacted(self._ufunc.reduceat(*args, **kwargs), args, kwargs.get("out"))

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.outer."""
        return compacted(self._ufunc.outer(*args, **kwargs), args, kwargs.get("out"))

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # type: ignore[override]
        """What ``isinstance`` is told."""
        return np.ufunc

    def __getattr__(self, name: str) -> Any:
        if name == "_ufunc":
            raise AttributeError(name)  # not made yet: unpickling asks
        return getattr(self._ufunc, name)

    def __dir__(self) -> list[str]:
        return dir(self._ufunc)

    def __eq__(self, other: object) -> bool:
        return (other._ufunc if type(other) is Ufunc else other) is self._ufunc

    def __hash__(self) -> int:
        return hash(self._ufunc)

    def __repr__(self) -> str:
        return repr(self._ufunc)

    def __reduce__(self) -> str:
        return self.__name__

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
        return compacted(self._ufunc(*args, **kwargs), kwargs["out"] if "out" in kwargs else args[self._ufunc.nin :])

    def reduce(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.reduce."""
        return compacted(self._ufunc.reduce(*args, **kwargs), _out(args, kwargs, 3))

    def accumulate(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.accumulate."""
        return compacted(self._ufunc.accumulate(*args, **kwargs), _out(args, kwargs, 3))

    def reduceat(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.reduceat."""
        return compacted(self._ufunc.reduceat(*args, **kwargs), _out(args, kwargs, 4))

    def outer(self, *args: Any, **kwargs: Any) -> Any:
        """As numpy.ufunc.outer."""
        return compacted(self._ufunc.outer(*args, **kwargs), kwargs.get("out"))

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


def _out(args: tuple[Any, ...], kwargs: dict[str, Any], place: int) -> Any:
    """Return the target of a ufunc's method."""
    return args[place] if len(args) > place else kwargs.get("out")

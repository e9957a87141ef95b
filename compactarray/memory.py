"""What gives C code the memory of an array: refused, with the way out, or given as a copy."""

import sys
from types import GenericAlias
from typing import Any, NoReturn

import numpy as np

from compactarray.storage.plain import PlainView

Array = np.ndarray[Any, Any]


def refused(name: str) -> property:
    """Return a property that an array does not have, and says why: code that asks for it falls back on `__array__`."""
    message = f"'CompactArray' object has no attribute {name!r}: its elements are encoded; numpy.asarray(a) decodes them into memory"

    def get(self: Any) -> NoReturn:
        raise AttributeError(message)

    return property(get, doc=f"As numpy.ndarray.{name} there is none: encoded elements have no memory of their own to point at.")


class Memory:
    """The protocols that lend or give memory."""

    __slots__ = ()

    __array_interface__ = refused("__array_interface__")
    __array_struct__ = refused("__array_struct__")
    ctypes = refused("ctypes")
    data = refused("data")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return the elements as an ndarray (see `compactarray.methods.Methods`)."""
        raise NotImplementedError

    def __bytes__(self) -> bytes:
        bytes(np.empty(0, self.dtype))  # type: ignore[attr-defined]  # some dtypes have no buffers, as NumPy says
        return self.tobytes()  # type: ignore[attr-defined, no-any-return]

    if sys.version_info >= (3, 12):

        def __buffer__(self, flags: int) -> memoryview:
            """There is no memory to lend.

            Raises
            ------
            TypeError
                Always, as of an object that has no buffer.
            """
            raise TypeError("a CompactArray lends no memory, its elements are encoded; numpy.asarray(a) decodes them")

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """As numpy.ndarray.__dlpack__: of a decoded copy; elements that are kept plain are shared.

        Raises
        ------
        BufferError
            Where `copy` is False: encoded elements cannot be shared.
        """
        plain = isinstance(self._view, PlainView)  # type: ignore[attr-defined]
        if copy is False and not plain:
            raise BufferError("encoded elements cannot be exported without a copy")
        dense: Any = self._view.array if plain else np.array(self)  # type: ignore[attr-defined]
        return dense.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)

    def __dlpack_device__(self) -> tuple[int, int]:
        """As numpy.ndarray.__dlpack_device__: the memory of the CPU, into which a copy is decoded."""
        kind, number = np.empty(0).__dlpack_device__()
        return kind, number

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False, /) -> Any:
        """As numpy.ndarray.__array_wrap__: the class of results of functions that have asked for an ndarray."""
        wrapped = type(self)(array)  # type: ignore[call-arg]
        return wrapped[()] if return_scalar and not np.ndim(array) else wrapped  # type: ignore[index]

    def __class_getitem__(cls, item: Any) -> GenericAlias:
        """As numpy.ndarray.__class_getitem__: an alias for annotations, ``CompactArray[tuple[int], numpy.dtype[numpy.float64]]``."""
        # How many parameters there are NumPy says.
        np.ndarray[item]
        return GenericAlias(cls, item)

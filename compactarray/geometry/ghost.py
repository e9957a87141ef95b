"""NumPy's own index algebra on arrays that are never read.

A *ghost* is an ndarray of one-byte elements with the shape and the strides (in elements) of a view, at an
invented address. Whatever basic operation is done to it gives the shape, strides and offset, or the error,
that NumPy would give. A *sham* has the same shape with all strides zero over one real element, so NumPy may
even read it: it serves to raise NumPy's own errors for index expressions that are not valid.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# Far from anything that is mapped, and far from both ends, so that offsets of any sign stay valid numbers.
_ADDRESS = 1 << 60


_BYTE = np.dtype(np.int8)


class _Phantom:
    """Describes memory that is not there, for NumPy to make an array of."""

    __slots__ = ("__array_interface__",)

    def __init__(self, shape: tuple[int, ...], strides: tuple[int, ...], offset: int, dtype: np.dtype[Any] = _BYTE) -> None:
        self.__array_interface__ = {
            "version": 3,
            "typestr": dtype.str,
            "descr": dtype.descr,
            "shape": shape,
            "strides": strides,
            "data": (_ADDRESS + offset, False),
        }


def ghost(shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Array:
    """Return a ghost; nothing may read or write its elements."""
    return np.asarray(_Phantom(shape, strides, offset))


def typed_ghost(shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any], offset: int = 0) -> Array:
    """Return a ghost of another dtype, its strides and offset in bytes: for what depends on the size of elements."""
    return np.asarray(_Phantom(shape, strides, offset, dtype))


def geometry_of(array: Array) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Return shape, strides and offset, in elements, of what was made from a ghost."""
    return array.shape, array.strides, array.__array_interface__["data"][0] - _ADDRESS


def sham(shape: tuple[int, ...], dtype: Any = np.int8) -> Array:
    """Return an array of `shape` whose elements are all the same one; indexing it raises NumPy's errors."""
    one = np.zeros((), dtype)
    if one.dtype.kind == "T":  # as_strided does not know this dtype
        return np.broadcast_to(one, shape)
    return np.lib.stride_tricks.as_strided(one, shape, (0,) * len(shape))

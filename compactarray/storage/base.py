"""What a storage is: a flat address space that can be read and written, without a shape."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings

Array = np.ndarray[Any, Any]


class Held(NamedTuple):
    """What some blocks of one encoding take."""

    name: str
    blocks: int
    elements: int
    nbytes: int


class Storage(ABC):
    """`size` elements of `dtype` at addresses 0 to ``size - 1``.

    `pitch` is the number of bytes from one address to the next that NumPy would report: the item size, or
    more where the storage is a part of a wider element.
    """

    __slots__ = ("dtype", "size", "pitch", "lock")

    def __init__(self, dtype: np.dtype[Any], size: int, pitch: int | None = None, lock: Any = None) -> None:
        self.dtype = dtype
        self.size = size
        #: Held while writing, and while reading what may be written meanwhile; the parts of a storage share it.
        self.lock = threading.RLock() if lock is None else lock
        self.pitch = dtype.itemsize if pitch is None else pitch

    def adopt(self, lock: Any, pitch: int) -> None:
        """Become part of a wider storage: use its lock and its pitch."""
        self.lock = lock
        self.pitch = pitch

    @abstractmethod
    def read(self, start: int, count: int, step: int, out: Array) -> None:
        """Write the run of `count` elements from `start` at distance `step` (positive) to the 1-D `out`."""

    @abstractmethod
    def gather(self, addresses: Array, out: Array) -> None:
        """Write the elements at `addresses` (1-D, int64) to the 1-D `out`."""

    def fresh(self, start: int, count: int) -> Array:
        """Return neighbours as a new array."""
        out = np.empty(count, self.dtype)
        if count:
            self.read(start, count, 1, out)
        return out

    def gather_run(self, start: int, count: int, step: int, out: Array) -> None:
        """Read a run element by element, a tile at a time."""
        most = settings().tile_length
        for first in range(0, count, most):
            number = min(most, count - first)
            self.gather(start + first * step + step * np.arange(number), out[first : first + number])

    @abstractmethod
    def write(self, start: int, count: int, step: int, values: Array) -> None:
        """Overwrite a run with 1-D `values` of the dtype."""

    @abstractmethod
    def scatter(self, addresses: Array, values: Array) -> None:
        """Overwrite the elements at `addresses`; of equal addresses the last value counts."""

    @abstractmethod
    def fill(self, start: int, count: int, step: int, value: Array) -> None:
        """Overwrite a run with one value, an array of shape (1,)."""

    def rewrite(self, values: Array) -> None:
        """Overwrite all elements with values of which many are what was there; the form they are held in may stay."""
        self.write(0, self.size, 1, values)

    @abstractmethod
    def item(self, address: int) -> Any:
        """Return one element as a NumPy scalar."""

    @abstractmethod
    def put_item(self, address: int, value: Any) -> None:
        """Overwrite one element with a NumPy scalar of the dtype."""

    @abstractmethod
    def checkpoint(self) -> Any:
        """Return what `restore` needs to undo all writes that come after; the caller holds the lock."""

    @abstractmethod
    def restore(self, checkpoint: Any) -> None:
        """Return to a checkpoint."""

    @abstractmethod
    def copy(self) -> "Storage":
        """Return an independent storage of the same values; payloads are shared until one is written."""

    @abstractmethod
    def section(self, start: int, stop: int) -> "Storage | None":
        """Return an independent storage of ``start:stop`` that shares payloads, or None off block edges."""

    @abstractmethod
    def buffers(self, start: int, stop: int) -> Iterator[Array]:
        """Yield the arrays that hold the addresses ``start:stop``; the same array may come twice."""

    @abstractmethod
    def held(self, start: int, stop: int) -> Iterator[Held]:
        """Yield what each stretch of blocks that holds any of ``start:stop`` takes."""

    @property
    def nbytes(self) -> int:
        """Bytes really held, each buffer counted once, and whole where only a part of it is in use."""
        owners = {}
        for buffer in self.buffers(0, self.size):
            while isinstance(buffer.base, np.ndarray):
                buffer = buffer.base
            owners[id(buffer)] = buffer.nbytes
        return sum(owners.values())

    def nbytes_between(self, start: int, stop: int) -> int:
        """Bytes held for the addresses ``start:stop``."""
        if start == 0 and stop == self.size:
            return self.nbytes
        parts = {}
        for buffer in self.buffers(start, stop):
            parts[buffer.__array_interface__["data"][0], buffer.nbytes] = buffer.nbytes
        return sum(parts.values())

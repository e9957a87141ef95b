"""Storages of elements with parts: complex numbers and records. Each part is a storage at equal addresses."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from compactarray.storage.base import Array, Held, Storage


class PartsStorage(Storage):
    """Complex numbers as real and imaginary storages, or records as a storage a field.

    All parts share one lock, which is held while reading too: so a reader never sees one part of an
    element before a write and another one after it.
    """

    __slots__ = ("parts",)

    def __init__(self, dtype: np.dtype[Any], parts: tuple[Storage, ...], pitch: int | None = None) -> None:
        super().__init__(dtype, parts[0].size, pitch)
        self.parts = parts
        self.adopt(self.lock, self.pitch)

    def adopt(self, lock: Any, pitch: int) -> None:
        super().adopt(lock, pitch)
        for part in self.parts:
            part.adopt(lock, pitch)

    def _each(self, values: Array) -> Iterator[tuple[Storage, Array]]:
        """Yield every part with a view of that part of `values`."""
        if self.dtype.names is None:
            yield self.parts[0], values.real
            yield self.parts[1], values.imag
        else:
            for name, part in zip(self.dtype.names, self.parts, strict=True):
                yield part, values[name]

    def __reduce__(self) -> Any:
        return PartsStorage, (self.dtype, self.parts)

    def read(self, start: int, count: int, step: int, out: Array) -> None:
        with self.lock:
            for part, piece in self._each(out):
                part.read(start, count, step, piece)

    def gather(self, addresses: Array, out: Array) -> None:
        with self.lock:
            for part, piece in self._each(out):
                part.gather(addresses, piece)

    def item(self, address: int) -> Any:
        found = np.empty(1, self.dtype)
        self.read(address, 1, 1, found)
        return found[0]

    def put_item(self, address: int, value: Any) -> None:
        with self.lock:
            before = [part.item(address) for part in self.parts]
            try:
                for part, piece in self._each(np.array([value], self.dtype)):
                    part.put_item(address, piece[0])
            except BaseException:
                for part, old in zip(self.parts, before, strict=True):
                    part.put_item(address, old)
                raise

    def write(self, start: int, count: int, step: int, values: Array) -> None:
        self._all_or_none(values, lambda part, piece: part.write(start, count, step, piece))

    def scatter(self, addresses: Array, values: Array) -> None:
        self._all_or_none(values, lambda part, piece: part.scatter(addresses, piece))

    def fill(self, start: int, count: int, step: int, value: Array) -> None:
        self._all_or_none(value, lambda part, piece: part.fill(start, count, step, piece))

    def rewrite(self, values: Array) -> None:
        self._all_or_none(values, lambda part, piece: part.rewrite(piece))

    def _all_or_none(self, values: Array, write: Callable[[Storage, Array], None]) -> None:
        """Write to every part; after a failure in one, undo what was written to the others."""
        with self.lock:
            before = self.checkpoint()
            try:
                for part, piece in self._each(values):
                    write(part, np.ascontiguousarray(piece))
            except BaseException:
                self.restore(before)
                raise

    def checkpoint(self) -> Any:
        return [part.checkpoint() for part in self.parts]

    def restore(self, checkpoint: Any) -> None:
        for part, before in zip(self.parts, checkpoint, strict=True):
            part.restore(before)

    def copy(self) -> Storage:
        with self.lock:
            copies = tuple(part.copy() for part in self.parts)
        return PartsStorage(self.dtype, copies)

    def section(self, start: int, stop: int) -> Storage | None:
        with self.lock:
            sections = [part.section(start, stop) for part in self.parts]
        found = tuple(section for section in sections if section is not None)
        return PartsStorage(self.dtype, found) if len(found) == len(sections) else None

    def buffers(self, start: int, stop: int) -> Iterator[Array]:
        for part in self.parts:
            yield from part.buffers(start, stop)

    def held(self, start: int, stop: int) -> Iterator[Held]:
        for part in self.parts:
            yield from part.held(start, stop)


class SwappedStorage(Storage):
    """Elements in the other byte order, kept in the native one."""

    __slots__ = ("native",)

    def __init__(self, dtype: np.dtype[Any], native: Storage) -> None:
        super().__init__(dtype, native.size, native.pitch, native.lock)
        self.native = native

    def adopt(self, lock: Any, pitch: int) -> None:
        super().adopt(lock, pitch)
        self.native.adopt(lock, pitch)

    def __reduce__(self) -> Any:
        return SwappedStorage, (self.dtype, self.native)

    def read(self, start: int, count: int, step: int, out: Array) -> None:
        found = np.empty(count, self.native.dtype)
        self.native.read(start, count, step, found)
        swapped_copy(found, out)

    def gather(self, addresses: Array, out: Array) -> None:
        found = np.empty(addresses.size, self.native.dtype)
        self.native.gather(addresses, found)
        swapped_copy(found, out)

    def _swapped(self, values: Array) -> Array:
        fresh = np.empty(values.shape, self.native.dtype)
        swapped_copy(values, fresh)
        return fresh

    def write(self, start: int, count: int, step: int, values: Array) -> None:
        self.native.write(start, count, step, self._swapped(values))

    def scatter(self, addresses: Array, values: Array) -> None:
        self.native.scatter(addresses, self._swapped(values))

    def fill(self, start: int, count: int, step: int, value: Array) -> None:
        self.native.fill(start, count, step, self._swapped(value))

    def item(self, address: int) -> Any:
        return self.native.item(address)

    def put_item(self, address: int, value: Any) -> None:
        self.native.put_item(address, value)

    def checkpoint(self) -> Any:
        return self.native.checkpoint()

    def restore(self, checkpoint: Any) -> None:
        self.native.restore(checkpoint)

    def copy(self) -> Storage:
        return SwappedStorage(self.dtype, self.native.copy())

    def section(self, start: int, stop: int) -> Storage | None:
        native = self.native.section(start, stop)
        return None if native is None else SwappedStorage(self.dtype, native)

    def buffers(self, start: int, stop: int) -> Iterator[Array]:
        return self.native.buffers(start, stop)

    def held(self, start: int, stop: int) -> Iterator[Held]:
        return self.native.held(start, stop)


def swapped_copy(values: Array, out: Array) -> None:
    """Copy between arrays that differ in byte order only, bit by bit (a cast could quiet a NaN)."""
    out.view(out.dtype.newbyteorder("="))[...] = values.view(values.dtype.newbyteorder("=")).byteswap()

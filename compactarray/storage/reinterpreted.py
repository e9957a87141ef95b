"""The bytes of a storage read as elements of another dtype: what `.view(dtype)` goes through."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.storage.base import Array, Held, Storage

#: Of so many old elements at least one must be wanted, to read or write what lies between as well.
_NEAR = 8


class ReinterpretedStorage(Storage):
    """Elements of `dtype` over the bytes of another storage.

    Where the new elements are smaller, each old address becomes `ratio` new ones. Where they are larger,
    addresses stay what they were, and an element covers `ratio` old ones from its address on.
    """

    __slots__ = ("inner", "ratio", "narrower")

    def __init__(self, dtype: np.dtype[Any], inner: Storage) -> None:
        old, new = inner.dtype.itemsize, dtype.itemsize
        self.narrower = new < old
        self.ratio = old // new if self.narrower else new // old
        super().__init__(
            dtype,
            inner.size * self.ratio if self.narrower else max(0, inner.size - self.ratio + 1),
            inner.pitch // self.ratio if self.narrower else inner.pitch,
            inner.lock,
        )
        self.inner = inner

    def _covered(self, addresses: Array) -> tuple[Array, Array]:
        """Return the inner addresses that hold the elements, and how `_bytes` finds the elements in them."""
        if self.narrower:
            return addresses // self.ratio, addresses % self.ratio
        return (addresses[:, None] + np.arange(self.ratio)).ravel(), np.empty(0, np.int64)

    def gather(self, addresses: Array, out: Array) -> None:
        inner, within = self._covered(addresses)
        found = np.empty(inner.size, self.inner.dtype)
        self.inner.gather(inner, found)
        if self.narrower:
            out[...] = found.view(self.dtype).reshape(-1, self.ratio)[np.arange(addresses.size), within]
        else:
            out[...] = found.view(self.dtype)

    def __reduce__(self) -> Any:
        return ReinterpretedStorage, (self.dtype, self.inner)

    def read(self, start: int, count: int, step: int, out: Array) -> None:
        for first, number in self._pieces(count):
            self._read(start + first * step, number, step, out[first : first + number])

    def _read(self, start: int, count: int, step: int, out: Array) -> None:
        if self.narrower and step <= _NEAR * self.ratio:
            out[...] = self._cover(start, count, step)[1]
        elif not self.narrower and step == self.ratio:
            found = np.empty(count * self.ratio, self.inner.dtype)
            self.inner.read(start, found.size, 1, found)
            out[...] = found.view(self.dtype)
        elif self.ratio == 1:
            found = np.empty(count, self.inner.dtype)
            self.inner.read(start, count, step, found)
            out[...] = found.view(self.dtype)
        else:
            self.gather(start + step * np.arange(count), out)

    def _pieces(self, count: int) -> Iterator[tuple[int, int]]:
        """Yield the first of each piece of `count` elements, and how many are in it."""
        most = settings().tile_length * (self.ratio if self.narrower else 1)
        for first in range(0, count, most):
            yield first, min(most, count - first)

    def _cover(self, start: int, count: int, step: int) -> tuple[Array, Array]:
        """Return the old elements from the first to the last that smaller new ones lie in, and the view of the new ones in them."""
        first, last = start // self.ratio, (start + (count - 1) * step) // self.ratio + 1
        found = np.empty(last - first, self.inner.dtype)
        self.inner.read(first, last - first, 1, found)
        return found, found.view(self.dtype)[start - first * self.ratio :][: (count - 1) * step + 1 : step]

    def scatter(self, addresses: Array, values: Array) -> None:
        inner, within = self._covered(addresses)
        if not self.narrower:
            self.inner.scatter(inner, np.ascontiguousarray(values).view(self.inner.dtype))
            return
        # Several new elements share an old one: gather each old one once, change it, put it back.
        with self.lock:
            touched, places = np.unique(inner, return_inverse=True)
            found = np.empty(touched.size, self.inner.dtype)
            self.inner.gather(touched, found)
            found.view(self.dtype).reshape(-1, self.ratio)[places, within] = values
            self.inner.scatter(touched, found)

    def write(self, start: int, count: int, step: int, values: Array) -> None:
        for first, number in self._pieces(count):
            self._write(start + first * step, number, step, values[first : first + number])

    def _write(self, start: int, count: int, step: int, values: Array) -> None:
        if self.narrower and step <= _NEAR * self.ratio:
            with self.lock:
                found, places = self._cover(start, count, step)
                places[...] = values
                self.inner.write(start // self.ratio, found.size, 1, found)
        elif not self.narrower and step == self.ratio:
            self.inner.write(start, count * self.ratio, 1, np.ascontiguousarray(values).view(self.inner.dtype))
        elif self.ratio == 1:
            self.inner.write(start, count, step, np.ascontiguousarray(values).view(self.inner.dtype))
        else:
            self.scatter(start + step * np.arange(count), values)

    def fill(self, start: int, count: int, step: int, value: Array) -> None:
        self.write(start, count, step, np.broadcast_to(value, count))

    def item(self, address: int) -> Any:
        found = np.empty(1, self.dtype)
        self.gather(np.array([address]), found)
        return found[0]

    def put_item(self, address: int, value: Any) -> None:
        self.scatter(np.array([address]), np.array([value], self.dtype))

    def checkpoint(self) -> Any:
        return self.inner.checkpoint()

    def restore(self, checkpoint: Any) -> None:
        self.inner.restore(checkpoint)

    def copy(self) -> Storage:
        return ReinterpretedStorage(self.dtype, self.inner.copy())

    def section(self, start: int, stop: int) -> Storage | None:
        return None

    def buffers(self, start: int, stop: int) -> Iterator[Array]:
        return self.inner.buffers(*self._spanned(start, stop))

    def _spanned(self, start: int, stop: int) -> tuple[int, int]:
        """Return the inner addresses that ``start:stop`` covers."""
        if self.narrower:
            return start // self.ratio, -(-stop // self.ratio)
        return start, stop + self.ratio - 1

    def held(self, start: int, stop: int) -> Iterator[Held]:
        return self.inner.held(*self._spanned(start, stop))

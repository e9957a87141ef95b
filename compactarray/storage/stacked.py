"""Storages of tables whose columns follow each other (F order): each in a storage of its own."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from compactarray.geometry.layout import address_bounds
from compactarray.storage.base import Array, Storage
from compactarray.storage.columns import ColumnsStorage


class StackedStorage(ColumnsStorage):
    """Columns one after the other: address ``a`` is element ``a % n`` of column ``a // n``, where each has n elements.

    Parameters
    ----------
    dtype : dtype
        Of all columns.
    parts : tuple of Storage
        The columns, of one length, which is not 0.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.builder import constant_storage
    >>> from compactarray.storage.stacked import StackedStorage
    >>> table = StackedStorage(np.dtype(int), tuple(constant_storage(np.array([k]), 100) for k in range(3)))
    >>> table.size, table.item(7), table.item(107)
    (300, np.int64(0), np.int64(1))
    """

    __slots__ = ()

    def adopt(self, lock: Any, pitch: int) -> None:
        self.lock = lock
        self.pitch = pitch
        for part in self.parts:
            part.adopt(lock, pitch)

    def __reduce__(self) -> Any:
        return StackedStorage, (self.dtype, self.parts)

    def place(self, column: int) -> tuple[int, int]:
        return 1, column * self.rows

    def narrowed(self, shape: tuple[int, ...], steps: tuple[int, ...], offset: int) -> tuple[Storage, tuple[int, ...], int]:
        low, stop = address_bounds(shape, steps, offset)
        column, first = divmod(low, self.rows)
        if first + stop - low > self.rows or column >= len(self.parts):
            return self, steps, offset
        return self.parts[column], steps, offset - column * self.rows

    def apart(self, shape: tuple[int, ...], steps: tuple[int, ...], offset: int) -> bool:
        low, stop = address_bounds(shape[:-1], steps[:-1], offset)
        return not steps[-1] % self.rows and low // self.rows == (stop - 1) // self.rows

    def across(self, shape: tuple[int, ...], steps: tuple[int, ...], offset: int) -> int | None:
        found = [axis for axis, step in enumerate(steps) if shape[axis] > 1 and not step % self.rows]
        if len(found) != 1:
            return None
        order = (*(axis for axis in range(len(shape)) if axis != found[0]), found[0])
        whole = self.apart(tuple(shape[axis] for axis in order), tuple(steps[axis] for axis in order), offset)
        return found[0] if whole else None

    # --- runs and addresses -------------------------------------------------------------------------

    def _runs(self, start: int, count: int, step: int) -> Iterator[tuple[Storage, int, int, int, slice]]:
        rows, done = self.rows, 0
        while done < count:
            column, row = divmod(start + done * step, rows)
            number = min(count - done, (rows - row - 1) // step + 1)
            yield self.parts[column], row, number, step, slice(done, done + number)
            done += number

    def _columns(self, addresses: Array) -> Iterator[tuple[Storage, Array, Array | slice]]:
        if not addresses.size:
            return
        columns, rows = np.divmod(addresses, self.rows)
        first = int(columns[0])
        if (columns == first).all():
            yield self.parts[first], rows, slice(None)
            return
        order = columns.argsort(kind="stable")
        edges = columns[order].searchsorted(np.arange(len(self.parts) + 1)).tolist()
        for part, low, high in zip(self.parts, edges, edges[1:], strict=False):
            if low < high:
                chosen = order[low:high]
                yield part, rows[chosen], chosen

    # --- reading and writing ------------------------------------------------------------------------

    def item(self, address: int) -> Any:
        column, row = divmod(address, self.rows)
        return self.parts[column].item(row)

    def read(self, start: int, count: int, step: int, out: Array) -> None:
        for part, first, length, distance, chosen in self._runs(start, count, step):
            part.read(first, length, distance, out[chosen])

    def put_item(self, address: int, value: Any) -> None:
        column, row = divmod(address, self.rows)
        self.parts[column].put_item(row, value)

    def rewrite(self, values: Array) -> None:
        with self.lock:
            for part, column in zip(self.parts, values.reshape(len(self.parts), -1), strict=True):
                part.rewrite(column)

    # --- copies and what is held --------------------------------------------------------------------

    def copy(self) -> "StackedStorage":
        with self.lock:
            return StackedStorage(self.dtype, tuple(part.copy() for part in self.parts))

    def section(self, start: int, stop: int) -> Storage | None:
        rows = self.rows
        first, last = start // rows, -(-stop // rows)
        if start == stop:
            return None
        with self.lock:
            if last - first == 1:
                return self.parts[first].section(start - first * rows, stop - first * rows)
            if start % rows or stop % rows:
                return None
            return StackedStorage(self.dtype, tuple(part.copy() for part in self.parts[first:last]))

    def _touched(self, start: int, stop: int) -> Iterator[tuple[Storage, int, int]]:
        rows = self.rows
        for column in range(start // rows, -(-stop // rows) if stop > start else 0):
            base = column * rows
            yield self.parts[column], max(start - base, 0), min(stop - base, rows)


def stack_of(columns: Sequence[Storage]) -> Storage:
    """Return the storage of columns one after the other, which belong to it from now on; where there is but one, that."""
    return columns[0] if len(columns) == 1 else StackedStorage(columns[0].dtype, tuple(columns))

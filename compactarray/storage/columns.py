"""Storages of tables: the elements of each column in a storage of its own, and addresses that go row by row."""

from collections.abc import Iterator, Sequence
from math import gcd
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.geometry.tiles import pieces
from compactarray.storage.base import Array, Held, Storage

#: Where the columns of a tile are many, at least one in so many elements of it are of one column.
_TALL = 16
#: Rows whose elements of a column are brought together before they are written: whole blocks.
_PIECE = 1 << 20


class ColumnsStorage(Storage):
    """Elements at addresses that agree modulo the number of columns, each such column in a storage of its own.

    Address ``a`` is element ``a // k`` of column ``a % k``. No element has parts in two columns, so that a reader sees
    each block of a column as it was before a write or as it is after it, as in any other storage.

    Parameters
    ----------
    dtype : dtype
        Of all columns.
    parts : tuple of Storage
        The columns, of one length.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.builder import constant_storage
    >>> from compactarray.storage.columns import ColumnsStorage
    >>> table = ColumnsStorage(np.dtype(int), tuple(constant_storage(np.array([k]), 100) for k in range(3)))
    >>> table.size, table.item(7)
    (300, np.int64(1))
    """

    __slots__ = ("parts",)

    def __init__(self, dtype: np.dtype[Any], parts: tuple[Storage, ...]) -> None:
        super().__init__(dtype, len(parts) * parts[0].size)
        self.parts = parts
        self.adopt(self.lock, self.pitch)

    def adopt(self, lock: Any, pitch: int) -> None:
        super().adopt(lock, pitch)
        for part in self.parts:
            part.adopt(lock, len(self.parts) * pitch)

    def __reduce__(self) -> Any:
        return ColumnsStorage, (self.dtype, self.parts)

    @property
    def rows(self) -> int:
        """The number of elements in each column."""
        return self.parts[0].size

    def place(self, column: int) -> tuple[int, int]:
        """Return the distance between the addresses of the elements of a column, and the first of them."""
        return len(self.parts), column

    def narrowed(self, shape: tuple[int, ...], steps: tuple[int, ...], offset: int) -> tuple[Storage, tuple[int, ...], int]:
        """Return storage, steps and offset of a view whose elements lie in one column: that column; else they stay what they are."""
        width = len(self.parts)
        for step in steps:
            if step % width:
                return self, steps, offset
        return self.parts[offset % width], tuple([step // width for step in steps]), offset // width

    def apart(self, shape: tuple[int, ...], steps: tuple[int, ...], offset: int) -> bool:
        """Tell of a view that is not empty whether what follows along all axes but the last lies in one column."""
        return not any(step % len(self.parts) for step in steps[:-1])

    def across(self, shape: tuple[int, ...], steps: tuple[int, ...], offset: int) -> int | None:
        """Return the one axis of a view, not an empty one, along which elements lie in different columns; None where it is not one."""
        found = [axis for axis, step in enumerate(steps) if step % len(self.parts)]
        return found[0] if len(found) == 1 else None

    # --- runs and addresses -------------------------------------------------------------------------

    def _runs(self, start: int, count: int, step: int) -> Iterator[tuple[Storage, int, int, int, slice]]:
        """Yield for each column that a run touches the run within it (start, count, step), and which elements of the whole it has."""
        width = len(self.parts)
        period = width // gcd(width, step)
        for first in range(min(period, count)):
            row, column = divmod(start + first * step, width)
            yield self.parts[column], row, -(-(count - first) // period), step * period // width, slice(first, None, period)

    def _columns(self, addresses: Array) -> Iterator[tuple[Storage, Array, Array | slice]]:
        """Yield for each column that has any of `addresses` its own addresses, and which of all they are, in order."""
        width = len(self.parts)
        rows, columns = np.divmod(addresses, width)
        if not columns.size:
            return
        if (columns == columns[0]).all():
            yield self.parts[int(columns[0])], rows, slice(None)
            return
        # NumPy sorts 16 bits by counting.
        small = columns.astype(np.uint16 if width <= 1 << 16 else np.int64)
        order = small.argsort(kind="stable")
        ends = np.bincount(columns, minlength=width).cumsum().tolist()
        for part, first, last in zip(self.parts, [0, *ends], ends, strict=False):
            if first < last:
                chosen = order[first:last]
                yield part, rows[chosen], chosen

    # --- reading ------------------------------------------------------------------------------------

    def item(self, address: int) -> Any:
        row, column = divmod(address, len(self.parts))
        return self.parts[column].item(row)

    def read(self, start: int, count: int, step: int, out: Array) -> None:
        width = len(self.parts)
        period = width // gcd(width, step)
        if period == 1:
            self.parts[start % width].read(start // width, count, step // width, out)
            return
        # Some rows at a time, so that the places between those of one column stay in the cache for the next.
        tile = settings().tile_length
        most = max(1, tile // period, tile // _TALL) * period
        if count <= most:
            self._read_runs(start, count, step, out)
            return
        # A block that is read in several pieces must not be written in between.
        with self.lock:
            for low in range(0, count, most):
                number = min(most, count - low)
                self._read_runs(start + low * step, number, step, out[low : low + number])

    def _read_runs(self, start: int, count: int, step: int, out: Array) -> None:
        for part, first, length, distance, chosen in self._runs(start, count, step):
            part.read(first, length, distance, out[chosen])

    def gather(self, addresses: Array, out: Array) -> None:
        for part, rows, chosen in self._columns(addresses):
            found = np.empty(rows.size, self.dtype)
            part.gather(rows, found)
            out[chosen] = found

    # --- writing ------------------------------------------------------------------------------------

    def put_item(self, address: int, value: Any) -> None:
        row, column = divmod(address, len(self.parts))
        self.parts[column].put_item(row, value)

    def write(self, start: int, count: int, step: int, values: Array) -> None:
        with self.lock:
            for part, first, length, distance, chosen in self._runs(start, count, step):
                column = values[chosen]
                for low, high in pieces(first, first + (length - 1) * distance + 1, _PIECE):
                    # Cut between blocks; rounded up, as the first element may lie behind the edge.
                    begin, end = -((first - low) // distance), -((first - high) // distance)
                    if begin < end:
                        part.write(first + begin * distance, end - begin, distance, np.ascontiguousarray(column[begin:end]))

    def scatter(self, addresses: Array, values: Array) -> None:
        with self.lock:
            for part, rows, chosen in self._columns(addresses):
                part.scatter(rows, values[chosen])

    def fill(self, start: int, count: int, step: int, value: Array) -> None:
        with self.lock:
            for part, first, length, distance, _ in self._runs(start, count, step):
                part.fill(first, length, distance, value)

    def rewrite(self, values: Array) -> None:
        with self.lock:
            for column, part in enumerate(self.parts):
                part.rewrite(np.ascontiguousarray(values[column :: len(self.parts)]))

    def checkpoint(self) -> Any:
        return [part.checkpoint() for part in self.parts]

    def restore(self, checkpoint: Any) -> None:
        with self.lock:
            for part, before in zip(self.parts, checkpoint, strict=True):
                part.restore(before)

    # --- copies and what is held --------------------------------------------------------------------

    def copy(self) -> "ColumnsStorage":
        with self.lock:
            return ColumnsStorage(self.dtype, tuple(part.copy() for part in self.parts))

    def section(self, start: int, stop: int) -> Storage | None:
        width = len(self.parts)
        if start % width or stop % width or start == stop:
            return None
        with self.lock:
            found = [part.section(start // width, stop // width) for part in self.parts]
        parts = tuple(part for part in found if part is not None)
        return ColumnsStorage(self.dtype, parts) if len(parts) == width else None

    def _touched(self, start: int, stop: int) -> Iterator[tuple[Storage, int, int]]:
        """Yield the columns that have any of the addresses ``start:stop``, and the rows from the first to the last of them."""
        width = len(self.parts)
        for column, part in enumerate(self.parts):
            # Rounded up: row r of the column has the address r * width + column.
            first, last = -((column - start) // width), -((column - stop) // width)
            if first < last:
                yield part, first, last

    def buffers(self, start: int, stop: int) -> Iterator[Array]:
        for part, first, last in self._touched(start, stop):
            yield from part.buffers(first, last)

    def held(self, start: int, stop: int) -> Iterator[Held]:
        for part, first, last in self._touched(start, stop):
            yield from part.held(first, last)


def table_of(columns: Sequence[Storage]) -> Storage:
    """Return the storage of a table of columns, which belong to it from now on; where there is but one, that."""
    return columns[0] if len(columns) == 1 else ColumnsStorage(columns[0].dtype, tuple(columns))

"""Tables by columns, or by rows: which of the two takes less, and how columns are built."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.tabular import is_tabular
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array, Storage
from compactarray.storage.builder import Builder
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.compaction import compact
from compactarray.storage.stacked import StackedStorage

#: The most columns of a table.
MOST_COLUMNS = 256
#: A column has at least one in so many elements of a block: less does not pay for an encoding of its own.
_TALL = 128
#: A table has at least one in so many elements of a block: to look at less costs as much as to encode it.
_LARGE = 16
#: By columns, a table must take no more than this part of what it takes by rows, which computes quicker, and save this
#: part of what it takes dense.
_MARGIN, _SAVED = 0.9, 0.01
#: The same for columns in F order: their blocks compute quicker than those of rows do.
_MARGIN_OF_STACKS = 0.7
#: Columns in F order are no longer than so many blocks.
_LONGEST = 4
#: Bytes of columns that wait to be encoded.
_WAITING = 1 << 25
#: Blocks of a table that come first, and tell how the others are encoded.
_FIRST = 16
#: Rows whose columns are copied together, so that they stay in the cache.
_BAND = 2_048


def is_tall(rows: int) -> bool:
    """Tell whether columns of so many elements are worth an encoding each.

    Examples
    --------
    >>> from compactarray.config import config
    >>> from compactarray.storage.tables import is_tall
    >>> with config(block_length=65_536):
    ...     is_tall(100), is_tall(1000)
    (False, True)
    """
    return rows * _TALL >= settings().block_length


def as_table(array: Array) -> Array | None:
    """Return an array as a table with its last axis for columns; None where its shape or its dtype is not that of one."""
    if array.ndim < 2 or not 2 <= array.shape[-1] <= MOST_COLUMNS or not is_encodable(array.dtype) or array.itemsize == 1:
        return None
    if not is_tall(array.size // array.shape[-1]) or array.size * _LARGE < settings().block_length:
        return None
    if array.ndim > 2 and not array.flags.c_contiguous:
        return None
    return array.reshape(-1, array.shape[-1])


def as_stack(array: Array) -> Array | None:
    """Return an array as a table whose columns follow each other in memory, along its first axis; None where it is not that.

    Where columns are many blocks long, few blocks have data of two of them.
    """
    if array.ndim < 2 or not 2 <= array.shape[0] <= MOST_COLUMNS or not is_encodable(array.dtype) or array.itemsize == 1:
        return None
    rows = array.size // array.shape[0]
    if not is_tall(rows) or array.size * _LARGE < settings().block_length or rows > _LONGEST * settings().block_length:
        return None
    return array.reshape(array.shape[0], -1).T if array.flags.c_contiguous else None


def smaller(array: Array, by_rows: Storage, level: str = "fast") -> Storage:
    """Return the storage of an array by columns where that is smaller than the one `by_rows`, else that one.

    At the level "small", that is where it will be once it is compacted.
    """
    for table, build, margin in ((as_table(array), by_columns, _MARGIN), (as_stack(array), stacked, _MARGIN_OF_STACKS)):
        if table is None:
            continue
        if level != "fast" and _shrinks(table, build, level):
            return build(table)
        if is_tabular(table):
            found, rival = build(table), by_rows.nbytes
            if found.nbytes <= min(margin * rival, rival - _SAVED * table.nbytes):
                return found
    return by_rows


def _shrinks(table: Array, build: Callable[[Array], ColumnsStorage], level: str) -> bool:
    """Tell of the first rows of a table whether they take less by columns at a level other than "fast"."""
    first = table[: -(-_FIRST * settings().block_length // table.shape[1])]
    rows = Builder(table.dtype, first.size)
    rows.append(first.reshape(-1) if build is by_columns else first.T.reshape(-1))
    taken = []
    for storage in (build(first), rows.finish()):
        compact(storage, level)
        taken.append(storage.nbytes)
    return taken[0] <= min(_MARGIN * taken[1], taken[1] - _SAVED * first.nbytes)


def by_columns(table: Array) -> ColumnsStorage:
    """Return the storage of the columns of an array with two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.tables import by_columns
    >>> by_columns(np.stack([np.arange(200), np.arange(200) * 10**15], 1)).nbytes <= 400
    True
    """
    rows, width = table.shape
    together = most_at_once(table.dtype)
    parts: list[Storage] = []
    for first in range(0, width, together):
        columns = table[:, first : first + together]
        builders = [Builder(table.dtype, rows) for _ in range(columns.shape[1])]
        _append(builders, columns)
        parts.extend(builder.finish() for builder in builders)
    return ColumnsStorage(table.dtype, tuple(parts))


def stacked(table: Array) -> StackedStorage:
    """Return the storage of the columns of an array with two axes, one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.tables import stacked
    >>> stacked(np.stack([np.arange(200), np.arange(200) * 10**15], 1)).nbytes <= 400
    True
    """
    parts: list[Storage] = []
    for column in table.T:
        builder = Builder(table.dtype, column.size)
        builder.append(column)
        parts.append(builder.finish())
    return StackedStorage(table.dtype, tuple(parts))


def most_at_once(dtype: np.dtype[Any]) -> int:
    """Return how many columns may be built at the same time: each has a block of values that waits to be encoded."""
    return max(1, _WAITING // (settings().block_length * dtype.itemsize))


def _append(builders: Sequence[Builder], table: Array) -> None:
    """Append the columns of a table to builders, whole blocks at a time."""
    rows, width = table.shape
    block = settings().block_length
    buffer = np.empty((width, min(block, rows)), table.dtype)
    for start in range(0, rows, block):
        number = min(block, rows - start)
        for low in range(0, number, _BAND):
            high = min(low + _BAND, number)
            buffer[:, low:high] = table[start + low : start + high].T
        for builder, line in zip(builders, buffer, strict=True):
            builder.append(line[:number])


class TableBuilder:
    """Encodes the rows of a table as they come, by rows or by columns: what comes first decides.

    Holds these first rows, or the encoded blocks and for each column at most one block of values.

    Parameters
    ----------
    dtype : dtype
        The logical dtype.
    width : int
        The number of columns; 0 where there are none.
    expected : int, optional
        How many elements will come, as far as is known.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.tables import TableBuilder
    >>> builder = TableBuilder(np.dtype(np.int64), 2)
    >>> for start in range(0, 50_000, 1_000):
    ...     builder.append(np.stack([np.arange(start, start + 1_000), np.full(1_000, 2**60)], 1).reshape(-1))
    >>> storage = builder.finish()
    >>> storage.size, len(storage.parts), storage.nbytes < storage.size * 2
    (100000, 2, True)
    """

    def __init__(self, dtype: np.dtype[Any], width: int, expected: int = 0) -> None:
        self._dtype = dtype
        self._width = width
        self._expected = expected
        self.size = 0
        self._first: list[Array] = []
        self._columns: list[Builder] = []
        few = not 2 <= width <= min(MOST_COLUMNS, most_at_once(dtype)) or not is_encodable(dtype)
        self._rows = Builder(dtype, expected) if few else None

    def append(self, values: Array) -> None:
        """Append 1-D values, whole rows of them."""
        self.size += values.size
        if self._rows is not None:
            self._rows.append(values)
        elif self._columns:
            _append(self._columns, values.reshape(-1, self._width))
        else:
            self._first.append(values.copy())
            if self.size >= _FIRST * settings().block_length:
                self._decide()

    def _decide(self) -> None:
        """Go on by columns where what has come takes less so."""
        first = np.concatenate(self._first)
        rows = Builder(self._dtype, first.size)
        rows.append(first)
        self._first = []
        if isinstance(smaller(first.reshape(-1, self._width), rows.finish()), ColumnsStorage):
            self._columns = [Builder(self._dtype, self._expected // self._width) for _ in range(self._width)]
        else:
            self._rows = Builder(self._dtype, self._expected)
        self.size = 0
        self.append(first)

    def finish(self) -> Storage:
        """Return the storage of all that was appended; the builder is used up."""
        if self._columns:
            return ColumnsStorage(self._dtype, tuple(builder.finish() for builder in self._columns))
        if self._rows is not None:
            return self._rows.finish()
        first = np.concatenate([np.empty(0, self._dtype), *self._first])
        self._rows = Builder(self._dtype, first.size)
        self._rows.append(first)
        return smaller(first.reshape(-1, self._width), self._rows.finish())


def in_rows(pieces: Iterable[Array], width: int) -> Iterator[Array]:
    """Yield the elements of 1-D pieces in pieces of whole rows; a last one that is not whole, if there is any.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.tables import in_rows
    >>> [piece.tolist() for piece in in_rows([np.arange(4), np.arange(4, 6), np.arange(6, 9)], 3)]
    [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    """
    waiting: Array | None = None
    for piece in pieces:
        if waiting is not None:
            missing = width - waiting.size
            waiting, piece = np.concatenate([waiting, piece[:missing]]), piece[missing:]
            if waiting.size < width:
                continue
            yield waiting
        whole = piece.size // width * width if width else piece.size
        if whole:
            yield piece[:whole]
        # Copied: the next piece may come in the same buffer.
        waiting = piece[whole:].copy() if whole < piece.size else None
    if waiting is not None:
        yield waiting

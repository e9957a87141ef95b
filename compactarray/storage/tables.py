"""Tables by columns, or by rows: which of the two takes less, and how columns are built."""

import numpy as np

from compactarray.config import settings
from compactarray.encodings.tabular import is_tabular
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array, Storage
from compactarray.storage.builder import Builder
from compactarray.storage.columns import ColumnsStorage

#: The most columns of a table.
MOST_COLUMNS = 256
#: A column has at least one in so many elements of a block: less does not pay for an encoding of its own.
_TALL = 128
#: A table has at least one in so many elements of a block: to look at less costs as much as to encode it.
_LARGE = 8
#: By columns, a table must take no more than this part of what it takes by rows, which computes quicker, and save this
#: part of what it takes dense.
_MARGIN, _SAVED = 0.9, 0.01
#: Bytes of columns that wait to be encoded.
_WAITING = 1 << 25
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


def smaller(array: Array, by_rows: Storage) -> Storage:
    """Return the storage of an array by columns where that is smaller than the one `by_rows`, else that one."""
    table = as_table(array)
    if table is None or not is_tabular(table):
        return by_rows
    found, rival = by_columns(table), by_rows.nbytes
    return found if found.nbytes <= min(_MARGIN * rival, rival - _SAVED * table.nbytes) else by_rows


def by_columns(table: Array) -> ColumnsStorage:
    """Return the storage of the columns of an array with two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.tables import by_columns
    >>> by_columns(np.stack([np.arange(200), np.arange(200) * 10**15], 1)).nbytes
    400
    """
    rows, width = table.shape
    block = settings().block_length
    together = max(1, _WAITING // (block * table.itemsize))
    parts: list[Storage] = []
    for first in range(0, width, together):
        columns = table[:, first : first + together]
        builders = [Builder(table.dtype, rows) for _ in range(columns.shape[1])]
        buffer = np.empty((columns.shape[1], min(block, rows)), table.dtype)
        for start in range(0, rows, block):
            number = min(block, rows - start)
            for low in range(0, number, _BAND):
                high = min(low + _BAND, number)
                buffer[:, low:high] = columns[start + low : start + high].T
            for builder, line in zip(builders, buffer, strict=True):
                builder.append(line[:number])
        parts.extend(builder.finish() for builder in builders)
    return ColumnsStorage(table.dtype, tuple(parts))

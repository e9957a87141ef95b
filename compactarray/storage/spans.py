"""Blocks joined to spans: values in, encodings of as many blocks as have one meaning out.

Payloads grow in place and are cut to size at the end, so that building holds the result and one block.
"""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.dictionary import Dictionary, numpy_order
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.select import encode
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import words


class Growing:
    """A 1-D array that grows in place by doubling; memory that was not written to is not resident."""

    __slots__ = ("_array", "size")

    def __init__(self, first: Array) -> None:
        self._array = first.copy()
        self.size = first.size

    def extend(self, values: Array) -> None:
        """Append `values`."""
        size = self.size + values.size
        if size > self._array.size:
            self._array.resize(max(size, 2 * self._array.size), refcheck=False)
        self._array[self.size : size] = values
        self.size = size

    def finish(self) -> Array:
        """Return the array, cut to its size."""
        self._array.resize(self.size, refcheck=False)
        return self._array


class SharedTable:
    """A dictionary that grows by the tables of blocks, and hands out codes in order of arrival."""

    __slots__ = ("values", "width", "_sorted", "_codes")

    def __init__(self, table: Array, width: int) -> None:
        self.width = width
        self.values = table
        self._codes = np.argsort(words(table), kind="stable")
        self._sorted = words(table)[self._codes]

    def translation(self, table: Array) -> Array | None:
        """Return the shared code of each entry of `table`, adding what is new; None if that is too much."""
        wanted = words(table)
        ranks = np.minimum(self._sorted.searchsorted(wanted), self._sorted.size - 1)
        known = self._sorted[ranks] == wanted
        fresh = wanted.size - int(np.count_nonzero(known))
        # A table may double while it is small, but a block must not bring mostly new values to a large one.
        if self.values.size + fresh > 1 << 8 * self.width or fresh > max(256, wanted.size // 2):
            return None
        codes = self._codes[ranks]
        if fresh:
            codes[~known] = np.arange(self.values.size, self.values.size + fresh)
            self.values = np.concatenate([self.values, table[~known]])
            self._codes = np.argsort(words(self.values), kind="stable")
            self._sorted = words(self.values)[self._codes]
        return codes.astype(code_dtype(1 << 8 * self.width))

    def ranks(self) -> tuple[Array, Array]:
        """Return the sorted table, and where each code's value is in it."""
        order = numpy_order(self.values)
        rank = np.empty(order.size, code_dtype(1 << 8 * self.width))
        rank[order] = np.arange(order.size)
        return self.values[order], rank


class Span:
    """The blocks gathered so far of one meaning."""

    def __init__(self, first: Encoding, table: SharedTable | None, block_length: int) -> None:
        self._block_length = block_length
        self._model = first
        self.table = table
        self.meaning: Hashable = first.meaning
        self._payload = [Growing(part) for part in first.payload()]
        self._length = first.length
        self._counts = [0 if first.exceptions is None else first.exceptions.count]
        self._positions: Growing | None = None
        self._values: Span | None = None
        if first.exceptions is not None:
            self._note_exceptions(first)

    def takes(self, encoding: Encoding) -> bool:
        """Tell whether `encoding` can be joined to the span."""
        if encoding.meaning != self.meaning:
            return False
        if encoding.exceptions is None or self._values is None:
            return True
        return self._values.takes(encoding.exceptions.values)

    def append(self, encoding: Encoding) -> None:
        """Join a block of the same meaning."""
        for growing, part in zip(self._payload, encoding.payload(), strict=True):
            growing.extend(part)
        self._length += encoding.length
        self._counts.append(0 if encoding.exceptions is None else encoding.exceptions.count)
        if encoding.exceptions is not None:
            self._note_exceptions(encoding)

    def _note_exceptions(self, encoding: Encoding) -> None:
        exceptions = encoding.exceptions
        assert exceptions is not None
        if self._positions is None or self._values is None:
            # The form of the exceptions (COO, say) is that of the first block that has any.
            self._model = encoding
            self._positions = Growing(exceptions.positions)
            self._values = Span(exceptions.values, None, self._block_length)
        else:
            self._positions.extend(exceptions.positions)
            self._values.append(exceptions.values)

    def finish(self) -> Encoding:
        """Return the encoding of all blocks."""
        exceptions = None
        if self._positions is not None and self._values is not None:
            offsets = np.concatenate([[0], np.cumsum(self._counts, dtype=np.int64)])
            exceptions = Exceptions(self._positions.finish(), offsets, self._values.finish(), self._block_length)
        payload = [growing.finish() for growing in self._payload]
        return self._model.rebuilt(payload, self._length, exceptions)


class SpanBuilder:
    """Encodes blocks and joins them to spans; dictionaries are shared between spans."""

    def __init__(self, block_length: int) -> None:
        self._block_length = block_length
        self._spans: list[Span | Encoding] = []
        self._tables: dict[int, SharedTable] = {}

    def append(self, values: Array) -> None:
        """Encode one block, whole but for the last, and join it to the span before where that is possible."""
        encoding = encode(values, self._block_length)
        table = None
        if isinstance(encoding, Dictionary):
            encoding, table = self._shared(encoding)
        last = self._spans[-1] if self._spans else None
        if isinstance(last, Span):
            if last.table is table and (table is not None or last.takes(encoding)):
                last.append(encoding)
                return
            if last.table is None:
                self._spans[-1] = last.finish()
        self._spans.append(Span(encoding, table, self._block_length))

    def _shared(self, encoding: Dictionary) -> tuple[Encoding, SharedTable]:
        """Return `encoding` with the codes of a shared table, and that table."""
        width = encoding.codes.dtype.itemsize
        table = self._tables.get(width)
        translation = None if table is None else table.translation(encoding.table)
        if table is None or translation is None:
            table = self._tables[width] = SharedTable(encoding.table, width)
            return encoding, table
        codes = translation[encoding.codes]
        return Dictionary(codes, encoding.table), table

    def finish(self) -> list[Encoding]:
        """Return the spans; the codes of dictionaries are put in the order of their sorted tables."""
        sorted_tables: dict[int, tuple[Array, Array]] = {}
        finished: list[Encoding] = []
        for span in self._spans:
            if isinstance(span, Encoding):
                finished.append(span)
                continue
            encoding = span.finish()
            if span.table is not None and isinstance(encoding, Dictionary):
                if id(span.table) not in sorted_tables:
                    sorted_tables[id(span.table)] = span.table.ranks()
                table, rank = sorted_tables[id(span.table)]
                for start in range(0, encoding.codes.size, self._block_length):
                    part = encoding.codes[start : start + self._block_length]
                    part[...] = rank[part]
                encoding = Dictionary(encoding.codes, table, encoding.exceptions)
            finished.append(encoding)
        return finished


def encoded_spans(dtype: np.dtype[Any], blocks: Iterable[Array] | Iterator[Array], block_length: int) -> list[Encoding]:
    """Encode consecutive blocks of values of `dtype`, all but the last whole, and join what can be joined."""
    builder = SpanBuilder(block_length)
    for values in blocks:
        builder.append(np.ascontiguousarray(values, dtype))
    return builder.finish()

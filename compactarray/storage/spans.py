"""Blocks joined to spans: values in, encodings of as many blocks as have one meaning out.

Payloads grow in place and are cut to size at the end, so that building holds the result and one block.
"""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bitmap import Bitmap
from compactarray.encodings.dictionary import Codebook, Dictionary, lookup, numpy_order
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.likeness import alike, comparable, likeness, noisy, samples
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode, remains_incompressible, with_encoded_exceptions
from compactarray.encodings.small import encode_small, shrunk
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import word_dtype, words
from compactarray.storage.growing import Growing

#: Blocks that are looked at together; of elements of eight bytes, of narrower ones as many more.
_TOGETHER = 16
#: Bytes of the narrowest elements that may be noise.
_LEAST_NOISE = 4
#: Elements of a block that a sample can be taken of.
_SAMPLED = 1_024
#: Blocks that get the form of the one before without a choice; of narrow elements more, as above.
_MOST_ALIKE = 64
#: The same, where it is noise, of which samples tell more.
_MOST_NOISE = 256
_WIDE = 8
#: From how many chosen ones, at the most, it is known what blocks of a form look like; the later ones count for more.
_MOST_SEEN = 8
#: After so many failures one in 32 blocks is tried in the form of the one before.
_MOST_FAILED = 5
#: Entries of the first array of a folded form after which another span begins, and values of runs and bitmaps: these wait
#: to be encoded, and take several times as much while they are.
_MOST_FOLDED, _MOST_WAITING = 1 << 20, 1 << 18


class SharedTable:
    """The dictionary of several blocks: codes in order of arrival, sorted when all have come."""

    __slots__ = ("dtype", "width", "_book", "_closed")

    def __init__(self, dtype: np.dtype[Any], width: int) -> None:
        self.dtype = dtype
        self.width = width
        self._book = Codebook(word_dtype(dtype), 1 << 8 * width)
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether no more blocks are taken."""
        return self._closed

    def encoded(self, values: Array) -> Dictionary | None:
        """Return a block in shared codes, new values added; None where it brings too many of them."""
        before = self._book.count
        codes = self._book.codes(words(values))
        if codes is None:
            return None
        fresh = self._book.count - before
        entry = 2 * self.width if values.dtype.kind in "SU" else values.itemsize
        if before and fresh * entry > values.size * self.width // 2:
            # The table would grow by more than half of what the codes take: better a table of its own. (Strings would take no less
            # room there; if most of them are new, there may be a better form for them.)
            self._book.forget(before)
            return None
        # The table comes when it is complete.
        return Dictionary(codes.astype(code_dtype(1 << 8 * self.width), copy=False), self._unsorted()[:1])

    def close(self) -> None:
        """Take no more blocks; free what finding words needs."""
        self._book.close()
        self._closed = True

    def _unsorted(self) -> Array:
        return self._book.table[: self._book.count].view(self.dtype)

    def ranks(self) -> tuple[Array, Array]:
        """Return the sorted table, and where each code's value is in it."""
        table = self._unsorted()
        order = numpy_order(table)
        rank = np.empty(order.size, code_dtype(1 << 8 * self.width))
        rank[order] = np.arange(order.size)
        return table[order], rank


class Span:
    """The blocks gathered so far of one meaning."""

    def __init__(self, first: Encoding, table: SharedTable | None, block_length: int, expected: int = 0) -> None:
        self._block_length = block_length
        blocks = max(1, -(-expected // max(1, first.length)))
        if isinstance(first, (Runs, Bitmap)):
            blocks = min(blocks, 2 + _MOST_WAITING // max(1, first.values.length))
        # What is shared by many comes at the end: a part of the unsorted table would keep all of it alive.
        self._model: Encoding = first
        if table is not None and isinstance(first, Dictionary):
            self._model = Dictionary(first.codes[:0], first.table[:1].copy())
        elif isinstance(first, Raw):
            self._model = Raw(first.payload()[0][:0].copy())
        self.table = table
        self.meaning: Hashable = first.meaning
        self._payload = [Growing(part, part.size * blocks) for part in first.payload()]
        self._length = first.length
        self._counts = [self._counted(first)]
        self._positions: Growing | None = None
        self._values: Span | None = None
        if first.exceptions is not None:
            self._note_exceptions(first)

    def takes(self, encoding: Encoding) -> bool:
        """Tell whether `encoding` can be joined to the span."""
        if encoding.meaning != self.meaning or not self._model.continued_by(encoding, self._length):
            return False
        if encoding.folded and self._payload and self._payload[0].size > _MOST_FOLDED:
            return False
        if isinstance(encoding, (Runs, Bitmap)) and self._payload[-1].size > _MOST_WAITING:
            return False
        if encoding.exceptions is None or self._values is None:
            return True
        return self._values.takes(encoding.exceptions.values)

    @property
    def raw(self) -> bool:
        """Whether values can be joined as they are."""
        return isinstance(self._model, Raw)

    def append_raw(self, values: Array) -> None:
        """Join a copy of values to raw ones."""
        self._payload[0].own()
        self.append(Raw(values))

    @property
    def together(self) -> bool:
        """Whether several blocks can be encoded at once in the form of those that are there."""
        return self._model.together

    def again(self, values: Array) -> Encoding | None:
        """Return a block in the form of the ones that are there, if it takes them well."""
        return self._model.again(values, self._block_length)

    def append(self, encoding: Encoding) -> None:
        """Join a block of the same meaning."""
        for growing, part in zip(self._payload, encoding.payload(), strict=True):
            growing.extend(part)
        self._length += encoding.length
        self._counts.append(self._counted(encoding))
        if encoding.exceptions is not None:
            self._note_exceptions(encoding)

    def _counted(self, encoding: Encoding) -> Array:
        """Return how many exceptions each block of `encoding` has."""
        if encoding.exceptions is None:
            return np.zeros(-(-encoding.length // self._block_length), np.int64)
        return np.diff(encoding.exceptions.offsets)

    def _note_exceptions(self, encoding: Encoding) -> None:
        exceptions = encoding.exceptions
        assert exceptions is not None
        if self._positions is None or self._values is None:
            # The form of the exceptions (COO, say) is that of the first block that has any.
            self._model = encoding
            self._positions = Growing(exceptions.positions, 0)
            self._values = Span(exceptions.values, None, self._block_length)
        else:
            self._positions.extend(exceptions.positions)
            self._values.append(exceptions.values)

    def finish(self) -> Encoding:
        """Return the encoding of all blocks."""
        exceptions = None
        if self._positions is not None and self._values is not None:
            offsets = np.concatenate([[0], np.cumsum(np.concatenate(self._counts), dtype=np.int64)])
            exceptions = Exceptions(self._positions.finish(), offsets, self._values.finish(), self._block_length)
        payload = [growing.finish() for growing in self._payload]
        found = self._model.rebuilt(payload, self._length, exceptions)
        return with_encoded_exceptions(found) if isinstance(found, (Runs, Bitmap)) else found


class SpanBuilder:
    """Encodes blocks and joins them to spans; dictionaries are shared between spans.

    Parameters
    ----------
    block_length : int
        The block length of the storage.
    expected : int
        How many elements will come, as far as is known.
    level : str, optional
        ``"fast"`` or ``"small"``: how small what is appended as values is to become.
    """

    def __init__(self, block_length: int, expected: int = 0, level: str = "fast") -> None:
        self._block_length = block_length
        self._level = level
        self._expected = expected
        self._spans: list[Span | Encoding] = []
        self._tables: dict[int, SharedTable] = {}
        # What the last blocks looked like, on the average of so many, that one form was chosen for (or that they were noise), how many
        # have got it since, and how many more are to be chosen for before that is tried again, where it failed so many times.
        self._known: Array | None = None
        self._seen = 0
        self._noise = False
        self._alike = self._apart = self._failed = 0

    def append(self, values: Array) -> None:
        """Encode values, whole blocks but for the last of all, and join them to the span before where that is possible."""
        if values.size <= self._block_length:
            if not self._repeated(values):
                self._chosen(values)
            return
        at = 0
        while at < values.size:
            done = self._repeated(values[at:])
            if not done:
                done = self._chosen(values[at : at + self._block_length])
            at += done

    def _chosen(self, values: Array) -> int:
        """Encode one block in the form that suits it best; return its length."""
        self._apart = max(0, self._apart - 1)
        last = self._spans[-1] if self._spans else None
        if self._level == "fast" and isinstance(last, Span) and last.raw and remains_incompressible(values):
            # Not copied before it is joined, nor looked at as closely as the first one was.
            self._expected -= values.size
            last.append_raw(values)
        else:
            self._join(*self._encoded(values, last.table if isinstance(last, Span) else None))
        self._note(values, last)
        return values.size

    def _note(self, values: Array, before: Span | Encoding | None) -> None:
        """Note what the block, which has just been encoded, looks like, and the span, if it continues that."""
        last = self._spans[-1]
        known, seen = (self._known, self._seen) if last is before else (None, 0)
        self._forget()
        if self._level != "fast" or values.size < self._block_length or not isinstance(last, Span) or last.table is not None:
            return
        self._noise = last.raw and values.dtype.kind in "fiu" and values.itemsize >= _LEAST_NOISE
        if comparable(values.dtype) and not self._noise and not self._apart:
            # What one block alone looks like is a matter of luck.
            found = likeness(samples(values, values.size))[0]
            self._known = found if known is None else (known * seen + found) / (seen + 1)
            self._seen = min(seen + 1, _MOST_SEEN)

    def _forget(self) -> None:
        """Let a form be chosen for the next block."""
        self._alike, self._noise, self._known, self._seen = 0, False, None, 0

    def _repeated(self, values: Array) -> int:
        """Encode the first of some blocks in the form of the one before, as long as they look like it; return how many elements."""
        length, last = self._block_length, self._spans[-1] if self._spans else None
        most = _MOST_NOISE if self._noise else _MOST_ALIKE
        blocks = min(values.size // length, _many(most, values.dtype) - self._alike)
        if isinstance(last, Span) and self._noise:
            return self._kept(last, values, blocks)
        if not isinstance(last, Span) or self._known is None:
            return 0
        if _SAMPLED <= values.size < length:
            # What is left at the end.
            length, blocks = values.size, 1
        if blocks <= 0:
            return 0
        blocks = min(blocks, _many(_TOGETHER, values.dtype))
        blocks = alike(self._known, likeness(samples(values[: blocks * length], length)))
        at, stop = 0, blocks * length
        step = stop if last.together else length
        while at < stop:
            encoding = last.again(values[at : min(at + step, stop)])
            if encoding is None and step > length:
                # It is not all of them that do not fit.
                step = length
                continue
            if encoding is None:
                # The more often that fails, the less often it is tried.
                self._failed = min(self._failed + 1, _MOST_FAILED)
                self._apart = 1 << self._failed
                self._forget()
                return at
            self._join(encoding, None)
            self._failed = 0
            last = self._spans[-1]
            assert isinstance(last, Span)
            at += step
        self._alike += blocks
        return stop

    def _kept(self, last: Span, values: Array, blocks: int) -> int:
        """Join the first ones of some blocks as they are, as long as they are noise; return how many elements."""
        length = self._block_length
        if blocks:
            count = noisy(samples(values[: blocks * length], length), values.dtype) * length
        else:
            # What is left at the end, and less than a block.
            few = values.size >= length or values.size < _SAMPLED
            count = 0 if few else noisy(samples(values, values.size), values.dtype) * values.size
        if count:
            self._expected -= count
            last.append_raw(values[:count])
            self._alike += blocks
        return count

    def append_encoded(self, encoding: Encoding) -> None:
        """Join blocks that are encoded already, whole but for the last; their payload is copied."""
        self._join(encoding, None)
        self._forget()

    def append_raw(self, values: Array) -> None:
        """Join blocks as they are, whole but for the last; they are copied, once."""
        last = self._spans[-1] if self._spans else None
        if isinstance(last, Span) and last.raw:
            self._expected -= values.size
            last.append_raw(values)
        else:
            self._join(Raw(values.copy()), None)
        self._forget()

    def end(self) -> None:
        """Join nothing more to the last span."""
        last = self._spans[-1] if self._spans else None
        if isinstance(last, Span) and last.table is None:
            self._spans[-1] = last.finish()
        self._forget()

    def _join(self, encoding: Encoding, table: SharedTable | None) -> None:
        if isinstance(encoding, (Runs, Bitmap)):
            # Values are encoded when all have come.
            encoding = encoding.with_values(Raw(encoding.values.decoded(0, encoding.values.length)))
        last = self._spans[-1] if self._spans else None
        remaining = max(0, self._expected)
        self._expected -= encoding.length
        if isinstance(last, Span):
            if last.table is table and (table is not None or last.takes(encoding)):
                last.append(encoding)
                return
            if last.table is None:
                self._spans[-1] = last.finish()
        self._spans.append(Span(encoding, table, self._block_length, remaining))

    def _encoded(self, values: Array, table: SharedTable | None) -> tuple[Encoding, SharedTable | None]:
        """Encode a block; after one with a shared dictionary try that first, unless the block looks uniform."""
        if table is not None and not table.closed and (values[:: values.size // 16 + 1] != values[0]).any():
            found = table.encoded(values)
            if found is not None:
                return found, table
        encoding = (encode_small if self._level == "small" else encode)(values, self._block_length)
        if not isinstance(encoding, Dictionary):
            return encoding, None
        width = encoding.codes.dtype.itemsize
        table = self._tables.get(width)
        found = None if table is None else table.encoded(values)
        if table is None or found is None:
            if table is not None:
                table.close()
            table = self._tables[width] = SharedTable(values.dtype, width)
            found = table.encoded(values)
        assert found is not None
        return found, table

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
                    lookup(rank, part.copy(), part)
                encoding = Dictionary(encoding.codes, table, encoding.exceptions)
            finished.append(encoding)
        if self._level == "small":
            return [shrunk(encoding, self._block_length) for encoding in finished]
        return finished


def _many(blocks: int, dtype: np.dtype[Any]) -> int:
    """Return how many blocks are as much work as so many of eight bytes an element."""
    return blocks * max(1, _WIDE // dtype.itemsize)


def encoded_spans(
    dtype: np.dtype[Any], blocks: Iterable[Array] | Iterator[Array], block_length: int, expected: int = 0, level: str = "fast"
) -> list[Encoding]:
    """Encode consecutive blocks of values of `dtype`, all but the last whole, and join what can be joined."""
    builder = SpanBuilder(block_length, expected, level)
    for values in blocks:
        builder.append(np.ascontiguousarray(values, dtype))
    return builder.finish()

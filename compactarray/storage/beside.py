"""Few exceptions that move beside the codes, and not among them.

Numbers for exceptions among the codes may double the width of what is moved, and have to be parted from the codes again. Where
exceptions are rare, the codes are moved without them, and once more zeros with a number at the place of each exception: where
a number comes out, there the exception goes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import encode_flat
from compactarray.numerics.integers import code_dtype
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.directory import Directory, Entry
from compactarray.storage.spans import SpanBuilder

#: Rare is at most one in so many.
_RARE = 1024
#: In a block there are to be no more than one in so many.
_CROWDED = 16
#: Bytes of the zeros at the most.
_MOST = 1 << 23
#: Numbers that are looked through together: the greatest of them tells whether there is any but zero.
_ROW = 4096


def bare(encoding: Encoding) -> Encoding:
    """Return an encoding without its exceptions."""
    if encoding.exceptions is None:
        return encoding
    if isinstance(encoding, Coo):
        return Constant(encoding.value, encoding.length)
    return encoding.rebuilt(encoding.payload(), encoding.length, None)


class Values:
    """The values of exceptions by their numbers.

    Parameters
    ----------
    values : sequence of Encoding
        The values, in the order of their numbers.
    one_value : bool
        Whether all are the same, and have the number 0.
    dtype : dtype
        Of the values.
    """

    def __init__(self, values: Sequence[Encoding], one_value: bool, dtype: np.dtype[Any]) -> None:
        self._one = values[0].slice(0, 1) if one_value else None
        self._storage: BlockStorage | None = None
        if values and not one_value:
            joined = SpanBuilder(settings().block_length)
            for encoding in values:
                joined.append_encoded(encoding)
            self._storage = storage_of(dtype, joined.finish(), settings().block_length)

    def at(self, numbers: Array) -> Encoding:
        """Return the values that have some numbers."""
        if self._one is not None:
            return self._one.rebuilt((), numbers.size, None)
        assert self._storage is not None
        found = np.empty(numbers.size, self._storage.dtype)
        self._storage.gather(numbers, found)
        return Raw(found)


class Beside:
    """The exceptions of several encodings, numbered from one on; where all have one value, all have the number one."""

    __slots__ = ("_values", "_one_value", "_dtype", "_of", "_next", "_storages", "_ordered")

    def __init__(self, encodings: Sequence[Encoding]) -> None:
        self._values = [encoding.exceptions.values for encoding in encodings if encoding.exceptions is not None]
        self._one_value = all(type(value) is Constant for value in self._values) and len({v.meaning for v in self._values}) == 1
        count = 1 if self._one_value else sum(value.length for value in self._values)
        self._dtype = code_dtype(count + 1) or np.dtype(np.uint64)
        self._of = encodings[0].dtype
        self._next = 1
        self._storages: dict[int, Storage] = {}
        self._ordered: list[Storage] = []

    @classmethod
    def of(cls, cuts: Mapping[int, Sequence[Entry]]) -> "Beside | None":
        """Return the exceptions of entries, by storage; None where there are none, or too many to be worth a move of their own."""
        encodings = [entry.encoding for entries in cuts.values() for entry in entries]
        count = sum(encoding.exceptions.count for encoding in encodings if encoding.exceptions is not None)
        size = sum(encoding.length for encoding in encodings)
        if not count or count * _RARE > size:
            return None
        found = cls(encodings)
        return found if size * found._dtype.itemsize <= _MOST else None

    def number(self, key: int, entries: Sequence[Entry], storage: Storage) -> None:
        """Lay out the numbers of the exceptions in entries of a storage, at their addresses among zeros."""
        assert isinstance(storage, BlockStorage)
        start, stop = entries[0].start, entries[-1].stop
        found = np.zeros(stop - start, self._dtype)
        for entry in entries:
            exceptions = entry.encoding.exceptions
            if exceptions is None:
                continue
            places = exceptions.places(0, entry.encoding.length)[2] + (entry.start - start)
            found[places] = 1 if self._one_value else np.arange(self._next, self._next + places.size)
            self._next += places.size
        self._storages[key] = BlockStorage(self._dtype, stop, Directory([Entry(start, stop, Raw(found))]), storage.block_length)

    def order(self, keys: Sequence[int]) -> None:
        """Set which storages are moved."""
        self._ordered = [self._storages[key] for key in keys]

    def moved(self, pieces: Callable[[Sequence[Storage]], Iterable[Array]]) -> tuple[int, Exceptions | None] | None:
        """Return how many elements the result has, and its exceptions; None where these are too many in one block."""
        size, places, numbers = _located(pieces(self._ordered))
        # What has been looked through is not held while the codes move.
        self._storages, self._ordered = {}, []
        if not places.size:
            return size, None
        length = settings().block_length
        offsets = places.searchsorted(np.arange(-(-size // length) + 1, dtype=np.int64) * length).astype(np.int64)
        if int((offsets[1:] - offsets[:-1]).max()) * _CROWDED > length:
            return None
        values = Values(self._values, self._one_value, self._of).at(numbers - 1)
        if isinstance(values, Raw):
            values = encode_flat(values.codes)
        return size, Exceptions((places % length).astype(np.uint16), offsets, values, length)


def _located(pieces: Iterable[Array]) -> tuple[int, Array, Array]:
    """Return how many numbers came, where those are that are not zero, and what they are."""
    size, places, numbers = 0, [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for piece in pieces:
        flat = piece.reshape(-1)
        found = _nonzero(flat)
        places.append(found + size)
        numbers.append(flat[found].astype(np.int64))
        size += flat.size
    return size, np.concatenate(places), np.concatenate(numbers)


def _nonzero(flat: Array) -> Array:
    """Return where numbers are not zero, which they seldom are."""
    whole = flat.size // _ROW * _ROW
    rows = flat[:whole].reshape(-1, _ROW)
    hits = np.flatnonzero(np.maximum.reduce(rows, axis=1)) if whole else np.empty(0, np.int64)
    row, column = np.nonzero(rows[hits])
    return np.concatenate([hits[row] * _ROW + column, np.flatnonzero(flat[whole:]) + whole])

"""Rows of bits that are whole bytes: moved as rows of bytes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Array
from compactarray.encodings.bits import Bits
from compactarray.storage.base import Storage
from compactarray.storage.blocks import BlockStorage, storage_of


class Rows(NamedTuple):
    """The elements of a storage from an address on, as rows of neighbouring ones."""

    storage: Storage
    offset: int
    number: int
    length: int


def _bytes_of(rows: Rows) -> tuple[Bits, Array] | None:
    """Return the encoding of rows, and their bits, row by row; None where rows are not whole bytes of one encoding."""
    storage = rows.storage
    if not isinstance(storage, BlockStorage) or rows.offset % 8 or rows.length % 8 or not rows.length:
        return None
    entries = storage.entries
    encoding = entries[0].encoding
    if len(entries) > 1 or entries[0].mutable or not isinstance(encoding, Bits) or encoding.exceptions is not None:
        return None
    start = rows.offset // 8
    return encoding, encoding.packed[start : start + rows.number * rows.length // 8].reshape(rows.number, rows.length // 8)


def picked(rows: Rows, places: Array) -> Storage | None:
    """Return a storage of some of the rows; None where they are no bytes of bits."""
    found = _bytes_of(rows)
    return None if found is None else _storage(found[0], found[1].take(places, axis=0))


def side_by_side(parts: Sequence[Rows]) -> Storage | None:
    """Return a storage of as many rows of several parts, each followed by that of the next part; None as of `picked`."""
    held = [_bytes_of(part) for part in parts]
    found = [part for part in held if part is not None]
    if len(found) < len(held) or len({encoding.meaning for encoding, _ in found}) != 1:
        return None
    return _storage(found[0][0], np.concatenate([rows for _, rows in found], axis=1))


def _storage(model: Bits, rows: Array) -> Storage:
    packed = rows.reshape(-1)
    return storage_of(model.dtype, [model.rebuilt((packed,), 8 * packed.size, None)], settings().block_length)

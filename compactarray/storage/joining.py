"""Stretches of storages laid one after the other, payload by payload, where all codes mean the same."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bits import Bits, copy_bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.select import encode_flat
from compactarray.storage.base import Storage
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.directory import Entry
from compactarray.storage.meanings import kinds_of
from compactarray.storage.spans import SpanBuilder


class Stretch(NamedTuple):
    """The addresses ``start:stop`` of a storage."""

    storage: Storage
    start: int
    stop: int


class _Piece(NamedTuple):
    """The elements ``start:stop`` of an encoding, and where they go."""

    encoding: Encoding
    start: int
    stop: int
    at: int


def cut(source: Stretch) -> list[Entry]:
    """Return frozen entries for the whole blocks that hold any of a stretch of a `BlockStorage`."""
    storage = source.storage
    assert isinstance(storage, BlockStorage)
    length = storage.block_length
    low, high = source.start // length * length, min(-(-source.stop // length) * length, storage.size)
    found = storage.compacted().overlapping(low, high)
    return [entry.cut(max(low, entry.start), min(high, entry.stop)) for entry in found]


def joined(sources: Sequence[Stretch]) -> Storage | None:
    """Return the storage of stretches of one dtype one after the other; None where their codes differ in meaning.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.builder import Builder
    >>> from compactarray.storage.joining import Stretch, joined
    >>> builder = Builder(np.dtype(np.int64))
    >>> builder.append(np.arange(9))
    >>> storage = builder.finish()
    >>> joined([Stretch(storage, 5, 9), Stretch(storage, 0, 2)]).size
    6
    """
    pieces: list[_Piece] = []
    at = 0
    for source in sources:
        if not isinstance(source.storage, BlockStorage):
            return None
        for entry in cut(source):
            start, stop = max(source.start, entry.start), min(source.stop, entry.stop)
            pieces.append(_Piece(entry.encoding, start - entry.start, stop - entry.start, at))
            at += stop - start
    kinds = kinds_of([piece.encoding for piece in pieces])
    if len(kinds) != 1:
        return None
    model = kinds[0]
    if isinstance(model, Coded):
        payload: tuple[Array, ...] = (_joined_codes(pieces),)
    elif isinstance(model, Bits):
        payload = (_joined_bits(pieces, at),)
    elif isinstance(model, Constant):
        payload = ()
    else:
        return None
    exceptions = _joined_exceptions(pieces, at)
    if isinstance(model, Constant):
        encoding: Encoding = (Constant if exceptions is None else Coo)(model.value, at, exceptions)
    else:
        encoding = model.rebuilt(payload, at, exceptions)
    return storage_of(model.dtype, [encoding], settings().block_length)


def _joined_codes(pieces: Sequence[_Piece]) -> Array:
    return np.concatenate([piece.encoding.payload()[0][piece.start : piece.stop] for piece in pieces])


def _joined_bits(pieces: Sequence[_Piece], size: int) -> Array:
    packed = np.zeros(-(-size // 8), np.uint8)
    for piece in pieces:
        copy_bits(piece.encoding.payload()[0], piece.start, piece.stop - piece.start, packed, piece.at)
    return packed


def _joined_exceptions(pieces: Sequence[_Piece], size: int) -> Exceptions | None:
    places, values = [], []
    for piece in pieces:
        exceptions = piece.encoding.exceptions
        if exceptions is None:
            continue
        low, high, positions = exceptions.places(piece.start, piece.stop)
        if low < high:
            places.append(positions + piece.at)
            values.append(exceptions.part(low, high))
    if not places:
        return None
    length = settings().block_length
    total = np.concatenate(places)
    offsets = total.searchsorted(np.arange(0, size + length, length)[: -(-size // length) + 1]).astype(np.int64)
    return Exceptions((total % length).astype(np.uint16), offsets, _joined_values(values), length)


def _joined_values(values: Sequence[Encoding]) -> Encoding:
    """Return encoded values one after the other in one encoding that can be cut anywhere."""
    builder = SpanBuilder(settings().block_length)
    for encoding in values:
        builder.append_encoded(encoding)
    spans = builder.finish()
    if len(spans) == 1:
        return spans[0]
    return encode_flat(np.concatenate([span.decoded(0, span.length) for span in spans]))

"""Which encoding a block gets: the ordered list of candidates, and the choice by bytes."""

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics

#: All encodings. Cheap tests come first, and among equals the one that is quicker to work on.
ENCODINGS: tuple[type[Encoding], ...] = (Constant, Bits, Narrow, NarrowFloat, Coo, Dictionary, Raw)
#: Those whose codes can be cut anywhere and that need no exceptions: for the values of exceptions.
_FLAT: tuple[type[Encoding], ...] = (Constant, Narrow, NarrowFloat, Raw)
#: An encoding that saves less than this share is not worth decoding.
_WORTHWHILE = 0.95


def candidates(stats: Statistics, encodings: tuple[type[Encoding], ...]) -> list[tuple[float, type[Encoding]]]:
    """Return estimated bytes and encoding of all that apply, best first; raw is always among them."""
    limit = stats.dense * _WORTHWHILE
    found: list[tuple[float, type[Encoding]]] = []
    for encoding in encodings[:-1]:
        size = encoding.estimate(stats, limit)
        if size is not None and size <= limit:
            found.append((size, encoding))
            limit = min(limit, size)
            if encoding is Constant:
                return [*found, (stats.dense, Raw)]
    found.sort(key=lambda pair: pair[0])
    found.append((stats.dense, encodings[-1]))
    return found


def encode(values: Array, block_length: int) -> Encoding:
    """Encode one block in the smallest form that is proved exact.

    Parameters
    ----------
    values : ndarray
        1-D, contiguous, native byte order, at least one element, at most `block_length`.
    block_length : int
        The block length of the storage.
    """
    stats = Statistics(values)
    for _, encoding in candidates(stats, ENCODINGS):
        encoded = encoding.encode(values, stats, block_length)
        if encoded is not None:
            return with_encoded_exceptions(encoded)
    raise AssertionError("raw encodes everything")  # pragma: no cover


def encode_flat(values: Array) -> Encoding:
    """Encode values without exceptions, so that the result can be cut at any element."""
    stats = Statistics(values)
    for _, encoding in candidates(stats, _FLAT):
        encoded = encoding.encode(values, stats, values.size or 1)
        if encoded is not None and encoded.exceptions is None:
            return encoded
    return Raw(values.copy())


def with_encoded_exceptions(encoding: Encoding) -> Encoding:
    """Return `encoding` with the values of its exceptions encoded in turn."""
    exceptions = encoding.exceptions
    if exceptions is None or not isinstance(exceptions.values, Raw):
        return encoding
    values = encode_flat(exceptions.values.codes)
    smaller = Exceptions(exceptions.positions, exceptions.offsets, values, exceptions.block_length)
    return encoding.rebuilt(encoding.payload(), encoding.length, smaller)

"""Sorted results, written from a tally as encodings: nothing is decoded, and nothing is looked at twice."""

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.execution.tally import Tally
from compactarray.numerics.integers import NOT_INTEGER, code_dtype, integer_image, value_range
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import storage_of

#: An encoding that saves less than this share is not worth decoding.
_WORTHWHILE = 0.95


def sorted_storage(tally: Tally, block_length: int) -> Storage:
    """Return a storage of the values of a tally, each as often as it occurs, in their order."""
    ends = tally.ends
    size = int(ends[-1])
    edges = np.arange(0, size, block_length)
    # The first and the last value of each block.
    first = ends.searchsorted(edges, side="right")
    last = ends.searchsorted(np.minimum(edges + block_length, size) - 1, side="right")
    kinds = _kinds(tally, first, last)
    stretches = np.flatnonzero(np.concatenate([[True], kinds[1:] != kinds[:-1]]))
    encodings: list[Encoding] = []
    for low, high in zip(stretches.tolist(), [*stretches[1:].tolist(), edges.size], strict=True):
        start, stop = low * block_length, min(high * block_length, size)
        if kinds[low] == _CODED:
            assert tally.model is not None
            encodings.append(_coded(tally, ends, start, stop))
        elif kinds[low] >= 0:
            encodings.append(Constant(tally.values[first[low] : first[low] + 1].copy(), stop - start))
        else:
            for block in range(low, high):
                begin = block * block_length
                encodings.append(_block(tally, ends, begin, min(begin + block_length, size), int(first[block]), int(last[block])))
    return storage_of(tally.values.dtype, encodings, block_length)


#: Kinds of blocks: codes of the tally's model, anything else; other numbers are of the only value in a block.
_CODED, _OTHER = -1, -2


def _kinds(tally: Tally, first: Array, last: Array) -> Array:
    """Return the kind of each block."""
    kinds = np.full(first.size, _OTHER)
    if tally.model is not None and not isinstance(tally.model, Constant):
        coded = np.concatenate([[0], np.cumsum(tally.codes >= 0)])
        kinds[coded[last + 1] - coded[first] == last + 1 - first] = _CODED
    alone = first == last
    if first.size > 2:
        # One block alone of a single value is left to its neighbours.
        beside = np.concatenate([[False], alone[1:] & alone[:-1] & (first[1:] == first[:-1]), [False]])
        alone &= beside[1:] | beside[:-1] | (kinds == _OTHER)
    kinds[alone] = first[alone]
    return kinds


def _repeated(codes: Array, counts: Array, ends: Array, start: int, stop: int) -> Array:
    """Return elements ``start:stop`` of codes repeated by counts."""
    low, high = int(ends.searchsorted(start, side="right")), int(ends.searchsorted(stop - 1, side="right")) + 1
    number = counts[low:high].copy()
    number[0] = ends[low] - start
    number[-1] -= ends[high - 1] - stop
    return np.repeat(codes[low:high], number)


def _coded(tally: Tally, ends: Array, start: int, stop: int) -> Encoding:
    """Return elements ``start:stop`` as a lane of the tally's model."""
    model = tally.model
    assert model is not None
    part = model.payload()[0]
    codes = _repeated(tally.codes.astype(words(part[:0]).dtype), tally.counts, ends, start, stop)
    if isinstance(model, Bits):
        return model.rebuilt((np.packbits(codes, bitorder="little"),), codes.size, None)
    return model.rebuilt((codes.view(part.dtype),), codes.size, None)


def _block(tally: Tally, ends: Array, start: int, stop: int, first: int, last: int) -> Encoding:
    """Return elements ``start:stop``, which lie in one block, in the smallest form that needs no look at them."""
    values = tally.values[first : last + 1]
    wide = np.arange(values.size, dtype=code_dtype(values.size))
    codes = _repeated(wide, tally.counts[first : last + 1], ends[first : last + 1], start, stop)
    narrow = _frame(values)
    length = stop - start
    as_narrow = np.inf if narrow is None else length * narrow.codes.itemsize
    as_dictionary = np.inf if codes.itemsize > 2 else codes.nbytes + values.nbytes
    limit = length * values.itemsize * _WORTHWHILE
    if narrow is not None and as_narrow <= min(as_dictionary, limit):
        return Narrow(values.dtype, _offsets(values, narrow)[codes], narrow, None)
    return Dictionary(codes, values) if as_dictionary <= limit else Raw(values[codes])


def _frame(values: Array) -> Frame | None:
    """Return a frame of sorted values that are all integers, or None where none saves anything."""
    if values.dtype.kind not in "iufmM" or values.itemsize == 1:
        return None
    image = integer_image(values)
    if values.dtype.kind in "fmM" and (image == NOT_INTEGER).any():
        return None
    low, high = int(image[0]), int(image[-1])
    codes = code_dtype(high - low + 1)
    if codes is None or codes.itemsize >= values.itemsize:
        return None
    if low >= 0 and code_dtype(high + 1) == codes and high <= value_range(values.dtype)[1]:
        low = 0
    return Frame(codes, low, 1, 0)


def _offsets(values: Array, frame: Frame) -> Array:
    """Return the codes of integers in a frame."""
    unsigned = words(np.ascontiguousarray(integer_image(values)))
    modulus = 1 << 8 * unsigned.itemsize
    return (unsigned - unsigned.dtype.type(frame.reference % modulus)).astype(frame.codes)

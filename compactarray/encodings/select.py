"""Which encoding a block gets: the ordered list of candidates, and the choice by bytes."""

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bitmap import Bitmap
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.decimal import Decimal, decimal_image, exponent_of
from compactarray.encodings.dictionary import Dictionary, hopeless
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.radix import Radix
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.sequence import ArithmeticSequence
from compactarray.encodings.stats import Statistics
from compactarray.encodings.text import Text
from compactarray.numerics.words import is_wide, words

#: All encodings. Cheap tests come first, and among equals the one that is quicker to work on.
ENCODINGS: tuple[type[Encoding], ...] = (
    *(Constant, Bits, ArithmeticSequence, Narrow, NarrowFloat, Coo, Runs, Bitmap, Text, Radix, Decimal, Dictionary, Raw),
)
#: Those that take longer to work on than their bytes are worth, but at the level "small".
_SLOW: tuple[type[Encoding], ...] = (Radix,)
_FAST = tuple(encoding for encoding in ENCODINGS if encoding not in _SLOW)
#: All in the order in which they are asked for estimates: what takes less than a byte an element saves others a closer look.
_FIRST: tuple[type[Encoding], ...] = (Constant, Bits, ArithmeticSequence, Coo, Runs)
_ASKED = (*_FIRST, *(encoding for encoding in ENCODINGS[:-1] if encoding not in _FIRST))
#: Those whose codes can be cut anywhere and that need no exceptions: for the values of exceptions.
_FLAT: tuple[type[Encoding], ...] = (Constant, Narrow, NarrowFloat, Decimal, Text, Raw)
#: The same, for the values of runs and bitmaps, of which there are many.
_FLAT_MANY: tuple[type[Encoding], ...] = (Constant, Narrow, NarrowFloat, Decimal, Text, Dictionary, Raw)
#: An encoding that saves less than this share is not worth decoding.
_WORTHWHILE = 0.95
#: An encoding that takes more than so much more than was expected is compared with the next one; some bytes are always more.
_AS_EXPECTED, _OVERHEAD = 1.1, 64
#: How many values tell that a block looks incompressible, and how many of them may occur again.
_SAMPLE = 1_024
_REPEATED = 8
#: A sample that is as long shows of a block what there is.
_ALL = 256
#: A value that occurs so often in the sample is one of few that do, like the limits of what was clipped.
_OFTEN = 8
#: The share of integers, or of narrow floats, from which on the others are exceptions that pay.
_SHARE = 0.93


def candidates(stats: Statistics, encodings: tuple[type[Encoding], ...]) -> list[tuple[float, type[Encoding]]]:
    """Return estimated bytes and encoding of all that apply, best first; raw is always among them."""
    limit = stats.dense * _WORTHWHILE
    found: list[tuple[float, type[Encoding]]] = []
    for encoding in _ASKED:
        if encoding not in encodings:
            continue
        size = encoding.estimate(stats, limit)
        if size is not None and size <= limit:
            found.append((size, encoding))
            limit = min(limit, size)
            if encoding is Constant:
                return [*found, (stats.dense, Raw)]
    found.sort(key=lambda pair: (pair[0], encodings.index(pair[1])))
    found.append((stats.dense, encodings[-1]))
    return found


def encode(values: Array, block_length: int) -> Encoding:
    """Encode one block in the smallest form that is proved exact and quick to work on: that of the level "fast".

    Parameters
    ----------
    values : ndarray
        1-D, contiguous, native byte order, at least one element, at most `block_length`.
    block_length : int
        The block length of the storage.
    """
    stats = Statistics(values)
    best: Encoding | None = None
    encodings = _FAST
    while True:
        size, encoding = candidates(stats, encodings)[0]
        if best is not None and best.nbytes <= size:
            return best
        encoded = encoding.encode(values, stats, block_length)
        if encoded is not None:
            encoded = with_encoded_exceptions(encoded)
            best = encoded if best is None or encoded.nbytes < best.nbytes else best
            if encoding is Raw or encoded.nbytes <= size * _AS_EXPECTED + _OVERHEAD:
                return best
        # It does not serve, or what was expected of it did not come true: the next one.
        encodings = tuple(other for other in encodings if other is not encoding)


def looks_incompressible(values: Array) -> bool:
    """Tell from a sample whether a block of values is best kept raw; for values that need not be scanned.

    In a sample of 1,024, even a dictionary of 25,000 values shows itself by some twenty repetitions. Forms
    that would save less than half are left alone.
    """
    if values.size < _SAMPLE or values.dtype.kind not in "fiu" or values.itemsize < 4:
        return False
    sample = values[:: values.size // _SAMPLE | 1]
    found = np.sort(words(sample))
    edges = np.flatnonzero(found[1:] != found[:-1]) + 1
    numbers = np.diff(edges, prepend=0, append=found.size)
    rare = numbers[numbers < _OFTEN]
    total = int(rare.sum())
    # Half of the elements are a few values; or the others repeat themselves as those of a dictionary would.
    if total * 2 < found.size or total - rare.size >= max(2, _REPEATED * (total / found.size) ** 2):
        return False
    if values.dtype.kind == "f":
        with np.errstate(all="ignore"):
            integers = np.count_nonzero(np.rint(sample) == sample)
            narrow = np.count_nonzero(sample.astype(np.float32) == sample) if values.itemsize == 8 else 0
        if max(integers, narrow) >= _SHARE * sample.size:
            return False
        exponent = exponent_of(sample[:: _SAMPLE // 32])
        return not exponent or decimal_image(sample, exponent)[1] < _SHARE * sample.size
    found = np.sort(sample)
    # Nine tenths of the values within four bytes (or two of four) are a frame with exceptions.
    low, high = int(found[sample.size // 20]), int(found[-1 - sample.size // 20])
    return high - low >= (1 << 4 * values.itemsize)


def remains_incompressible(values: Array) -> bool:
    """Tell from samples whether a block that follows one that was kept raw is to be kept raw, too; False where that is not clear.

    It has to show nothing at all that a block could be encoded for: no value twice, no integers (or no range and no
    stride of them), no decimals, no equal neighbours.
    """
    stats = Statistics(values)
    if stats.dtype.kind not in "fiu" or stats.itemsize < 4 or stats.sample_words[0].size < max(_ALL, stats.sample.size):
        return False
    if stats.dtype.kind == "f":
        if not stats.fractions or exponent_of(stats.sample[::8]) or NarrowFloat.estimate(stats, 0.0) is not None:
            return False
    else:
        found = np.sort(stats.sample)
        near = found.size // 2
        # Half of the values within half as many bits would be a frame with exceptions; so would multiples of a number.
        if (
            int((words(found)[near:] - words(found)[:-near]).min()) < 1 << 4 * stats.itemsize
            or np.gcd.reduce(words(found) - words(found)[0]) > 1
        ):
            return False
    return stats.runs is None and hopeless(stats.words)


def encode_flat(values: Array, many: bool = False) -> Encoding:
    """Encode values without exceptions, so that the result can be cut at any element; with a table if there are many."""
    if values.size and not is_wide(values.dtype) and (words(values) == words(values[:1])).all():
        return Constant(values[:1].copy(), values.size)
    stats = Statistics(values)
    for _, encoding in candidates(stats, _FLAT_MANY if many else _FLAT):
        encoded = encoding.encode(values, stats, values.size or 1)
        if encoded is not None and encoded.exceptions is None:
            return encoded
    return Raw(values.copy())


def with_encoded_exceptions(encoding: Encoding) -> Encoding:
    """Return `encoding` with the values of its exceptions, heads or marked elements encoded in turn."""
    if isinstance(encoding, Runs):
        return encoding.with_values(encode_flat(encoding.heads.values.decoded(0, encoding.heads.count), many=True))
    if isinstance(encoding, Bitmap):
        return encoding.with_values(encode_flat(encoding.values.decoded(0, encoding.values.length), many=True))
    exceptions = encoding.exceptions
    if exceptions is None or not isinstance(exceptions.values, Raw):
        return encoding
    values = encode_flat(exceptions.values.codes)
    smaller = Exceptions(exceptions.positions, exceptions.offsets, values, exceptions.block_length)
    return encoding.rebuilt(encoding.payload(), encoding.length, smaller)

"""The level "small": codes in as many bits as they need, nested as deep as that pays."""

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bitmap import Bitmap
from compactarray.encodings.codes import Coded
from compactarray.encodings.delta import Delta
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.packed import Packed
from compactarray.encodings.radix import Radix
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import ENCODINGS, with_encoded_exceptions
from compactarray.encodings.stats import Statistics
from compactarray.encodings.turned import Turned

#: A form that is slower to read must save this share at least.
_WORTHWHILE = 0.97
#: Forms that take up to so many times the least are tried.
_NEAR = 8


def encode_small(values: Array, block_length: int) -> Encoding:
    """Return one block in the form that takes the fewest bytes once it is `shrunk`, which it is not yet."""
    stats = Statistics(values)
    limit = float(stats.dense)
    sizes = [(encoding.estimate(stats, limit), encoding) for encoding in ENCODINGS]
    least = min(size for size, _ in sizes if size is not None)
    found = [encoding.encode(values, stats, block_length) for size, encoding in sizes if size is not None and size <= _NEAR * least]
    forms = [with_encoded_exceptions(form) for form in found if form is not None]
    return min(forms, key=lambda form: shrunk(form, block_length).nbytes)


def shrunk(encoding: Encoding, block_length: int) -> Encoding:
    """Return the elements of an encoding with its codes, and those of what is nested in it, in as few bits as they need.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.select import encode
    >>> from compactarray.encodings.small import shrunk
    >>> codes = encode(np.random.default_rng(1).integers(0, 1000, 65_536), 65_536)
    >>> codes.nbytes, shrunk(codes, 65_536).nbytes
    (131072, 81920)
    """
    if isinstance(encoding, (Runs, Bitmap)):
        return encoding.with_values(_nested(encoding.values, block_length))
    if isinstance(encoding, Radix):
        return _shrunk_numbers(encoding, block_length)
    exceptions = encoding.exceptions
    if exceptions is not None and not isinstance(encoding, Coded):
        values = _nested(exceptions.values, block_length)
        fewer = Exceptions(exceptions.positions, exceptions.offsets, values, exceptions.block_length)
        return encoding.rebuilt(encoding.payload(), encoding.length, fewer)
    return _smallest(encoding, block_length, patched=True) if isinstance(encoding, Coded) else encoding


def _shrunk_numbers(encoding: Radix, block_length: int) -> Radix:
    """Return strings with their numbers shrunk, each part by itself or several together, whatever takes less."""

    def nested(form: Radix) -> Radix:
        return form.with_numbers(tuple(_nested(number, block_length) for number in form.numbers))

    apart = nested(encoding)
    # What the first block takes tells whether the numbers of all are to be joined, which takes several times as much meanwhile.
    first = encoding.slice(0, min(encoding.length, block_length))
    assert isinstance(first, Radix)
    joined = first.joined()
    if joined is None or nested(joined).nbytes >= nested(first).nbytes:
        return apart
    together = encoding.joined()
    return apart if together is None else min(apart, nested(together), key=lambda form: form.nbytes)


def _nested(values: Encoding, block_length: int) -> Encoding:
    """Return the values in another encoding shrunk: these have no exceptions, and get none."""
    return _smallest(values, block_length, patched=False) if isinstance(values, Coded) else values


def _smallest(encoding: Coded, block_length: int, patched: bool) -> Encoding:
    codes = (Turned.of(encoding) if isinstance(encoding, Raw) else None) or encoding
    packed = (Packed.of(codes, block_length, patched), Delta.of(codes, block_length))
    forms = [with_encoded_exceptions(form) for form in packed if form is not None]
    best = min(forms, key=lambda form: form.nbytes, default=encoding)
    return best if best.nbytes <= _WORTHWHILE * encoding.nbytes else encoding

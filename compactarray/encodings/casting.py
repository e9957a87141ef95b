"""Elements of another dtype by a change of meaning: the codes stay."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bitmap import Bitmap
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode_flat
from compactarray.encodings.sequence import ArithmeticSequence
from compactarray.numerics import rules
from compactarray.numerics.words import words

#: Kinds of numbers.
_KINDS = "biuf"


def recast(encoding: Encoding, dtype: np.dtype[Any]) -> Encoding | None:
    """Return the elements cast to `dtype` as numpy.ndarray.astype casts them, in the same codes; None where that cannot be.

    Integers that the dtype holds exactly, bools, dictionaries whose values stay different, and float64 that are float32 in truth.
    Exceptions are cast by themselves, with NumPy's warnings.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.casting import recast
    >>> from compactarray.encodings.select import encode
    >>> recast(encode(np.arange(100), 100), np.dtype("f4")).decoded(0, 3)
    array([0., 1., 2.], dtype=float32)
    """
    if encoding.dtype.kind not in _KINDS or dtype.kind not in _KINDS or not dtype.isnative:
        return None
    if isinstance(encoding, Constant):
        value = encoding.value.astype(dtype)
        if encoding.exceptions is None:
            return Constant(value, encoding.length)
        return type(encoding)(value, encoding.length, _recast_exceptions(encoding.exceptions, dtype))
    if isinstance(encoding, (Runs, Bitmap)) and encoding.exceptions is None:
        values = recast(encoding.values, dtype)
        return None if values is None or isinstance(values, Coo) else _with_values(encoding, values)
    bare = _of_codes(encoding, dtype)
    if bare is None or encoding.exceptions is None:
        return bare
    if isinstance(bare, Raw):
        return None
    return bare.rebuilt(bare.payload(), bare.length, _recast_exceptions(encoding.exceptions, dtype))


def _with_values(encoding: Runs | Bitmap, values: Encoding) -> Encoding:
    if isinstance(encoding, Runs):
        return encoding.with_values(values)
    fill = encoding.value.astype(values.dtype)
    return Bitmap(fill, encoding.packed, encoding.counts, values, encoding.length, encoding.block_length)


def _recast_exceptions(exceptions: Exceptions, dtype: np.dtype[Any]) -> Exceptions:
    values = encode_flat(exceptions.values.decoded(0, exceptions.count).astype(dtype))
    return Exceptions(exceptions.positions, exceptions.offsets, values, exceptions.block_length)


def _of_codes(encoding: Encoding, dtype: np.dtype[Any]) -> Encoding | None:
    """Return what the codes mean, exceptions aside, in another dtype."""
    if isinstance(encoding, Narrow):
        low, high = encoding.reference, encoding.reference + encoding.stride * int(encoding.codes.max())
        if dtype.kind == "b" or encoding.codes.itemsize >= dtype.itemsize or not rules.expands(dtype, low, high):
            return None
        return Narrow(dtype, encoding.codes, Frame(encoding.codes.dtype, encoding.reference, encoding.stride, 0), None)
    if isinstance(encoding, ArithmeticSequence):
        low, high = sorted((encoding.first, encoding.first + encoding.step * (encoding.length - 1)))
        if dtype.kind == "b" or not rules.expands(dtype, low, high):
            return None
        return ArithmeticSequence(dtype, encoding.first, encoding.step, encoding.length)
    if isinstance(encoding, NarrowFloat):
        return Raw(encoding.codes) if encoding.codes.dtype == dtype else None
    if isinstance(encoding, Bits):
        pair = _recast_values(encoding.pair, dtype)
        return None if pair is None or dtype.kind == "b" else Bits(encoding.packed, pair, encoding.length)
    if isinstance(encoding, Dictionary):
        table = _recast_values(encoding.table, dtype)
        if table is None or dtype.itemsize <= encoding.codes.itemsize:
            return None
        return Dictionary(encoding.codes, table)
    return None


def _recast_values(values: Array, dtype: np.dtype[Any]) -> Array | None:
    """Return different values in another dtype, if they stay different, in their order, and nothing is to be warned of."""
    try:
        with np.errstate(all="raise"):
            found: Array = values.astype(dtype)
    except FloatingPointError:
        return None
    ascending = (found[:-1] < found[1:]).all() and not (found != found).any()
    return found if ascending and np.unique(words(found)).size == found.size else None

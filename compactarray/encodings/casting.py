"""Elements of another dtype by a change of meaning: the codes stay."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bitmap import Bitmap
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary, lookup, numpy_order
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode_flat
from compactarray.encodings.sequence import ArithmeticSequence
from compactarray.encodings.text import Text
from compactarray.numerics import rules
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import words

#: Kinds of numbers.
_KINDS = "biuf"
#: Runs whose values are cast at once.
_MOST_RUNS = 1 << 20
#: The greatest code point that NumPy takes from bytes to strings of code points and back.
_ASCII = 127


def recast(encoding: Encoding, dtype: np.dtype[Any]) -> Encoding | None:
    """Return the elements cast to `dtype` as numpy.ndarray.astype casts them, in the same codes; None where that cannot be.

    Integers that the dtype holds exactly, bools, dictionaries whose values stay different, and float64 that are float32 in truth.
    Exceptions, and the values of runs, are cast by themselves, with NumPy's warnings.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.casting import recast
    >>> from compactarray.encodings.select import encode
    >>> recast(encode(np.arange(100), 100), np.dtype("f4")).decoded(0, 3)
    array([0., 1., 2.], dtype=float32)
    """
    if "S" in encoding.dtype.kind + dtype.kind or "U" in encoding.dtype.kind + dtype.kind:
        return _recast_text(encoding, dtype)
    if encoding.dtype.kind not in _KINDS or dtype.kind not in _KINDS or not dtype.isnative:
        return None
    if isinstance(encoding, Constant):
        value = encoding.value.astype(dtype)
        if encoding.exceptions is None:
            return Constant(value, encoding.length)
        return type(encoding)(value, encoding.length, _recast_exceptions(encoding.exceptions, dtype))
    if isinstance(encoding, (Runs, Bitmap)) and encoding.exceptions is None:
        values = recast(encoding.values, dtype)
        if values is None and isinstance(encoding, Runs) and dtype.kind != "b" and encoding.values.length <= _MOST_RUNS:
            # Few values, each of which occurs: they are cast by themselves.
            values = encode_flat(encoding.values.decoded(0, encoding.values.length).astype(dtype), many=True)
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


# --- strings ----------------------------------------------------------------------------------------


def _recast_text(encoding: Encoding, dtype: np.dtype[Any]) -> Encoding | None:
    """Return what `recast` does to or from strings: text of another width, or the values of codes in another dtype."""
    if encoding.exceptions is not None or dtype.kind not in _KINDS + "SU" or not dtype.isnative or not dtype.itemsize:
        return None
    if isinstance(encoding, Text):
        return _of_width(encoding, dtype)
    if not encoding.length or not isinstance(encoding, (Constant, Bits, Dictionary, Narrow)):
        return None
    if isinstance(encoding, Constant):
        return Constant(encoding.value.astype(dtype), encoding.length)
    table = _table(encoding)
    try:
        with np.errstate(all="raise"):
            found = None if table is None else table.astype(dtype)
    except (ValueError, OverflowError, FloatingPointError):
        # Perhaps of a value that does not occur: the elements themselves will tell.
        return None
    return None if found is None else looked_up(encoding, found)


def _of_width(text: Text, dtype: np.dtype[Any]) -> Encoding | None:
    """Return text as strings of another dtype that holds them all; None where they would be cut or refused."""
    length = text.codes.itemsize // text.unit
    if dtype.kind not in "SU" or length > dtype.itemsize // (4 if dtype.kind == "U" else 1) or text.codes.itemsize >= dtype.itemsize:
        return None
    if dtype.kind != text.dtype.kind and (text.unit > 1 or (np.ascontiguousarray(text.codes).view(np.uint8) > _ASCII).any()):
        return None
    return Text(dtype, text.codes, text.unit)


def _table(encoding: Encoding) -> Array | None:
    """Return the values of codes of at most two bytes, where they are fewer than the elements."""
    if isinstance(encoding, Bits):
        return encoding.pair
    if isinstance(encoding, Dictionary):
        return encoding.table if encoding.held.size <= encoding.length else None
    assert isinstance(encoding, Narrow)
    if encoding.codes.itemsize > 2:
        return None
    count = int(encoding.codes.max()) + 1
    codes = np.arange(count).astype(encoding.codes.dtype)
    return encoding.rebuilt((codes,), count, None).decoded(0, count) if count <= encoding.length else None


def looked_up(encoding: Encoding, values: Array) -> Encoding | None:
    """Return the values of codes as a dictionary; None where its codes would be no narrower than they are."""
    order = numpy_order(values)
    ordered = words(values[order])
    first = np.append(True, ordered[1:] != ordered[:-1])
    table = ordered[first].view(values.dtype)
    dtype = code_dtype(table.size)
    if dtype is None or values.itemsize <= dtype.itemsize:
        return None
    ranks = np.empty(values.size, dtype)
    ranks[order] = np.cumsum(first) - 1
    if isinstance(encoding, Bits):
        return Bits(encoding.packed, values, encoding.length) if table.size == 2 and not ranks[0] else None
    assert isinstance(encoding, Coded)
    codes = np.empty(encoding.length, dtype)
    lookup(ranks, encoding.codes, codes)
    return Dictionary(codes, table)

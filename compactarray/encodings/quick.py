"""Forms for the results of operations: proposed by a sample, proved on all values, and found in a fraction of a scan's time."""

import math
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.decimal import Decimal, decimal_image, exponent_of
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Frame, round_reference
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs, folded_runs
from compactarray.encodings.select import encode_flat, looks_incompressible
from compactarray.kernels import whole_u1, whole_u2
from compactarray.numerics.integers import INTEGER_LIMIT, code_dtype
from compactarray.numerics.words import is_wide, words

#: Values that are looked at, and how many of them must differ, where codes take more than a byte: few suggest a dictionary.
_SAMPLE, _DIFFERENT = 256, 32
#: So many different ones among them are too many for a dictionary of 256 values.
_SCATTERED = 200
#: The share of whole numbers from which on the others are exceptions, and one in how many may be one.
_MOSTLY, _FEW_OTHERS = 0.93, 8
#: The least length of runs, on average, that are looked for.
_RUN = 16
#: Values that are proved at a time.
_PIECE = 1 << 15
#: The most values of which the integers are kept that they come to: 4 MB.
_KEPT = 1 << 19
#: Stretches that are raw like the ones before are looked at less and less often, at last one in so many.
_SELDOM = 16
_NARROW, _WIDE = np.dtype(np.float32), np.dtype(np.float64)


def quick(values: Array) -> Encoding | None:
    """Return 1-D contiguous values in a form that suits them, or None where only a scan can tell which one that is.

    Exact; with exceptions only where floats are whole numbers but for a few. Where no form saves much, `Raw` around the array itself.
    """
    if values.dtype.kind not in "iufmM" or not values.dtype.isnative or values.size < _SAMPLE:
        return None
    if looks_incompressible(values):
        return Raw(values)
    sample = values[:: values.size // _SAMPLE | 1]
    _, numbers = np.unique(words(sample), return_counts=True)
    if 2 * numbers.max() > sample.size:
        return None
    runs = _runs(values)
    if runs is not None:
        return runs
    many = numbers.size >= _DIFFERENT
    if values.dtype.kind != "f":
        return _framed(values, many)
    with np.errstate(all="ignore"):
        integers = np.count_nonzero(np.rint(sample) == sample)
    if 2 * integers > sample.size:
        if integers == sample.size:
            return _whole(values, many)
        return _mostly_whole(values) if many and integers > _MOSTLY * sample.size else None
    exponent = exponent_of(sample[:: sample.size // 64])
    if exponent and decimal_image(sample, exponent)[1] == sample.size:
        return _decimal(values, exponent, many)
    if values.dtype == _WIDE and narrowed(sample) is not None:
        return narrowed(values) if many else None
    # What is left is a dictionary of codes of two bytes at the best: to find it takes longer than most operations.
    return Raw(values) if numbers.size >= _SCATTERED else None


class Quick:
    """Finds forms for the parts of one result, as `quick` does; parts that follow raw ones are looked at less and less often."""

    __slots__ = ("alike",)

    def __init__(self) -> None:
        #: How many parts in a row were kept raw.
        self.alike = 0

    def form(self, values: Array) -> Encoding | None:
        """Return what `quick` does."""
        # Constants at both ends tell that something is different from before.
        known = self.alike & (self.alike - 1) and self.alike % _SELDOM and values[0] != values[-1]
        # A few that are left at the end stay with raw ones: another form would save nothing, and all would move to make room for it.
        form = Raw(values) if known or (self.alike and values.size < _SAMPLE) else quick(values)
        self.alike = self.alike + 1 if isinstance(form, Raw) else 0
        return form


def _runs(values: Array) -> Encoding | None:
    """Return values as runs, if a sample says that nearly all are equal to the next one, and they save much."""
    places = np.arange(0, values.size - 1, values.size // _SAMPLE | 1)
    sample = words(values)
    equal = np.count_nonzero(sample[places] == sample[places + 1])
    if equal * _RUN < places.size * (_RUN - 1):
        return None
    found = folded_runs(Raw(values), settings().block_length)
    return found if isinstance(found, Runs) else None


def simple(values: Array) -> Encoding:
    """Return values in the form that `quick` finds, or as a constant, or as they are."""
    form = quick(values)
    if form is not None:
        return form
    equal = words(values) == words(values[:1]) if not is_wide(values.dtype) else values == values[0]
    return Constant(values[:1].copy(), values.size) if equal.all() else Raw(values)


def _framed(values: Array, many: bool) -> Encoding | None:
    """Return integers in the frame between the least and the greatest of them."""
    image = values.view(np.int64) if values.dtype.kind in "mM" else values
    low, high = int(image.min()), int(image.max())
    frame = _frame(low, high, values.dtype, many)
    if frame is None or (values.dtype.kind in "mM" and low == np.iinfo(np.int64).min):
        return None
    codes = np.empty(image.size, frame.codes)
    numbers = words(image)
    base = numbers.dtype.type(frame.reference % (1 << 8 * numbers.itemsize))
    for start in range(0, image.size, _PIECE):
        piece = numbers[start : start + _PIECE]
        codes[start : start + _PIECE] = piece - base if frame.reference else piece
    return Narrow(values.dtype, codes, frame, None)


def _frame(low: int, high: int, dtype: np.dtype[Any], many: bool) -> Frame | None:
    codes = code_dtype(high - low + 1)
    if codes is None or codes.itemsize >= dtype.itemsize or (codes.itemsize > 1 and not many):
        return None
    return Frame(codes, round_reference(low, high, 1 << 8 * codes.itemsize, dtype), 1, 0)


def _whole(values: Array, many: bool) -> Encoding | None:
    """Return floats that are all integers, in the frame between the least and the greatest of them."""
    with np.errstate(all="ignore"):
        least, most = float(values.min()), float(values.max())
    limit = INTEGER_LIMIT[values.dtype.itemsize]
    if not -limit <= least <= most <= limit or not (least.is_integer() and most.is_integer()):
        return None
    frame = _frame(int(least), int(most), values.dtype, many)
    if frame is None or int(most) - frame.reference > limit:
        return None
    codes = np.empty(values.size, frame.codes)
    for start in range(0, values.size, _PIECE):
        piece, target = values[start : start + _PIECE], codes[start : start + _PIECE]
        np.copyto(target, piece - frame.reference if frame.reference else piece, casting="unsafe")
        back = target.astype(values.dtype)
        if frame.reference:
            back += frame.reference
        # Fractions, and -0.0, do not come back.
        if (words(back) != words(piece)).any():
            return None
    return Narrow(values.dtype, codes, frame, None)


def _mostly_whole(values: Array) -> Encoding | None:
    """Return float64 of which nearly all are integers, in their frame, the others as exceptions; None where these are many."""
    if values.dtype != _WIDE:
        return None
    with np.errstate(all="ignore"):
        least, most = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    if not (-INTEGER_LIMIT[8] <= least <= most <= INTEGER_LIMIT[8]):
        return None
    low = math.floor(least)
    frame = _frame(low, math.ceil(most), values.dtype, True)
    if frame is None or frame.codes.itemsize > 2:
        return None
    codes = np.empty(values.size, frame.codes)
    reach = float((1 << 8 * frame.codes.itemsize) - 1)
    kernel = whole_u1 if frame.codes.itemsize == 1 else whole_u2
    outside = values.size - int(kernel(values, values.view(np.int64), float(frame.reference), reach, codes))
    if outside * _FEW_OTHERS > values.size:
        return None
    form = Narrow(values.dtype, codes, frame, None)
    return form if not outside else Narrow(values.dtype, codes, frame, _others(form, values, outside))


def _others(form: Narrow, values: Array, count: int) -> Exceptions:
    """Return those of some values, `count` of them, that codes do not express."""
    places, at = np.empty(count, np.int64), 0
    back = np.empty(min(_PIECE, values.size), values.dtype)
    for start in range(0, values.size, _PIECE):
        piece = values[start : start + _PIECE]
        form.decode_codes(start, start + piece.size, back[: piece.size])
        found = np.flatnonzero(words(back[: piece.size]) != words(piece))
        np.add(found, start, out=places[at : at + found.size])
        at += found.size
    assert at == count
    length = settings().block_length
    edges = np.arange(-(-values.size // length) + 1, dtype=np.int64) * length
    return Exceptions(
        (places % length).astype(np.uint16), places.searchsorted(edges).astype(np.int64), encode_flat(values[places]), length
    )


def _decimal(values: Array, exponent: int, many: bool) -> Encoding | None:
    """Return floats that all have so few digits, as decimals."""
    least, most = 0, 0
    images: list[Array] = []
    for start in range(0, values.size, _PIECE):
        piece = values[start : start + _PIECE]
        image, integers, low, high = decimal_image(piece, exponent)
        if integers < piece.size:
            return None
        if values.size <= _KEPT:
            images.append(image)
        least, most = (min(least, low), max(most, high)) if start else (low, high)
    frame = _frame(least, most, values.dtype, many)
    if frame is None:
        return None
    codes = np.empty(values.size, frame.codes)
    for start in range(0, values.size, _PIECE):
        image = images[start // _PIECE] if images else decimal_image(values[start : start + _PIECE], exponent)[0]
        np.subtract(image, frame.reference, out=codes[start : start + _PIECE], casting="unsafe")
    return Decimal(values.dtype, codes, frame, exponent, None)


def narrowed(values: Array) -> Encoding | None:
    """Return float64 values as float32, if all of them are that in truth; else None."""
    codes = np.empty(values.size, _NARROW)
    with np.errstate(all="ignore"):
        for start in range(0, values.size, _PIECE):
            piece, target = values[start : start + _PIECE], codes[start : start + _PIECE]
            target[...] = piece
            if (words(target.astype(_WIDE)) != words(piece)).any():
                return None
    return NarrowFloat(_WIDE, codes, None)

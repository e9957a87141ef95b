"""One meaning for the codes of several encodings.

Elements are moved as codes where the codes of all of them mean the same. Where they do not, a meaning that
covers all is looked for: a frame around several frames, a table of the values of several tables. While codes
move, exceptions are codes as well: those from `Common.base` on number the exceptions, so that nobody needs to
know where they were to tell where they are.
"""

from collections.abc import Hashable, Sequence
from math import gcd
from typing import Any

import numpy as np

from compactarray.encodings.base import Array, Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary, numpy_order
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Frame, Framed
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.text import Text
from compactarray.numerics.integers import NOT_INTEGER, code_dtype, value_range
from compactarray.numerics.words import words

#: Where so many of the elements are raw, all are moved as values.
_MOSTLY_RAW = 0.75


class Common:
    """A meaning that several encodings share, and what their codes are while they move.

    Parameters
    ----------
    model : Encoding
        One of that meaning.
    encodings : sequence of Encoding
        All that take part.
    widened : bool
        Whether the codes of the model are wider than those of any encoding.
    """

    __slots__ = ("model", "dtype", "base", "values", "one_value", "widened", "runs", "_numbered")

    def __init__(self, model: Encoding, encodings: Sequence[Encoding], widened: bool = False) -> None:
        self.model = model
        self.widened = widened
        #: The encodings of the values of exceptions, in the order of their numbers.
        self.values: list[Encoding] = []
        #: Whether any of the codes were those of runs.
        self.runs = False
        #: Whether all exceptions have the same value, and thereby the number 0.
        self.one_value = False
        #: The least code that numbers an exception; None where there are no exceptions.
        self.base: int | None = None
        self._numbered = 0
        #: The dtype of codes while they move.
        self.dtype: np.dtype[Any] = words(model.codes).dtype if isinstance(model, Coded) else np.dtype(np.uint8)
        if isinstance(model, Raw):
            # The codes are the values, also those of encodings that are not raw.
            self.dtype = model.dtype
            return
        if isinstance(model, Text):
            # Byte strings, which cannot number exceptions: there are none.
            self.dtype = model.codes.dtype
            return
        self.values = [encoding.exceptions.values for encoding in encodings if encoding.exceptions is not None]
        if self.values:
            self.one_value = all(type(value) is Constant for value in self.values) and len({v.meaning for v in self.values}) == 1
            self.base = self._capacity(encodings)
            count = 1 if self.one_value else sum(value.length for value in self.values)
            self.dtype = np.promote_types(self.dtype, code_dtype(self.base + count) or np.uint64)
        elif isinstance(model, Bits):
            self.dtype = np.dtype(bool)

    @property
    def is_straight(self) -> bool:
        """Whether the codes that move are those of the model as they are."""
        return isinstance(self.model, Coded) and self.base is None and not self.widened

    def _capacity(self, encodings: Sequence[Encoding]) -> int:
        """Return a number above all codes that occur."""
        if isinstance(self.model, Dictionary):
            return self.model.held.size
        if not isinstance(self.model, Coded):
            return 2
        if any(isinstance(e, Coded) and e.code_meaning != self.model.code_meaning for e in encodings):
            return 1 << 8 * self.dtype.itemsize
        codes = [words(e.codes) if isinstance(e, Coded) else self._translated(_values(e)) for e in encodings]
        return 1 + max(int(part.max()) for part in codes if part.size)

    def codes_of(self, encoding: Encoding) -> Encoding:
        """Return the codes of an encoding as an encoding of unsigned integers.

        To be called once for each of the encodings, in their order: that is how exceptions get their numbers.
        """
        if isinstance(encoding, Runs):
            return encoding.with_values(self.codes_of(encoding.values))
        if isinstance(self.model, Raw):
            return encoding
        exceptions = self._numbers(encoding.exceptions)
        if isinstance(encoding, Constant):
            code = self._translated(encoding.value)
            return Constant(code, encoding.length) if exceptions is None else Coo(code, encoding.length, exceptions)
        if isinstance(encoding, Bits):
            return Bits(encoding.packed, self._translated(encoding.pair), encoding.length, exceptions)
        if isinstance(encoding, Text):
            return Raw(encoding.codes) if encoding.codes.dtype == self.dtype else Text(self.dtype, encoding.codes, 1)
        assert isinstance(encoding, Coded)
        codes = words(encoding.codes)
        if isinstance(encoding, Dictionary) and not (isinstance(self.model, Dictionary) and encoding.held is self.model.held):
            return Dictionary(codes, self._translated(encoding.table), exceptions)
        reference, stride = 0, 1
        if isinstance(encoding, Framed) and isinstance(self.model, Framed):
            # Modulo 2^w, as what is decoded: a stride beyond that multiplies nothing but the code 0.
            modulus = 1 << 8 * self.dtype.itemsize
            reference = (encoding.reference - self.model.reference) // self.model.stride % modulus
            stride = encoding.stride // self.model.stride % modulus
        if (reference, stride) == (0, 1) and codes.dtype == self.dtype and exceptions is None:
            return Raw(codes)
        return Narrow(self.dtype, codes, Frame(codes.dtype, reference, stride, 0), exceptions)

    def _translated(self, values: Array) -> Array:
        """Return the codes of values in the meaning of the model."""
        if isinstance(self.model, Constant):
            return np.zeros(values.size, self.dtype)
        codes, _ = self.model.translate(values)
        assert codes is not None
        if isinstance(self.model, Text):
            return codes
        return words(codes).astype(self.dtype)

    def _numbers(self, exceptions: Exceptions | None) -> Exceptions | None:
        """Return exceptions at the same places whose values are the codes that number them."""
        if exceptions is None or self.base is None:
            return None
        first = self.base + self._numbered
        values: Encoding
        if self.one_value:
            values = Constant(np.array([first], self.dtype), exceptions.count)
        else:
            values = Raw(np.arange(first, first + exceptions.count, dtype=self.dtype))
            self._numbered += exceptions.count
        return Exceptions(exceptions.positions, exceptions.offsets, values, exceptions.block_length)


def common(encodings: Sequence[Encoding]) -> Common | None:
    """Return a meaning that encodings of one dtype share, or can cheaply be brought to; None where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.select import encode
    >>> from compactarray.storage.meanings import common
    >>> found = common([encode(np.arange(300) % 150 + 100, 65_536), encode(np.array([7, 7, 7]), 65_536)])
    >>> found.model.name, found.dtype
    ('narrow', dtype('uint8'))
    """
    if any(isinstance(encoding, Runs) and encoding.exceptions is not None for encoding in encodings):
        return None
    found = _shared([encoding.values if isinstance(encoding, Runs) else encoding for encoding in encodings])
    if found is not None:
        found.runs = any(isinstance(encoding, Runs) for encoding in encodings)
    return found


def _shared(encodings: Sequence[Encoding]) -> Common | None:
    kinds = kinds_of(encodings)
    coded = [kind for kind in kinds if isinstance(kind, Coded)]
    others = [kind for kind in kinds if isinstance(kind, (Constant, Bits))]
    if len(coded) + len(others) < len(kinds):
        return None
    if len(kinds) == 1 and not isinstance(kinds[0], Text):
        return Common(kinds[0], encodings)
    raw = sum(encoding.length for encoding in encodings if isinstance(encoding, Raw))
    if raw:
        mostly = raw >= _MOSTLY_RAW * sum(encoding.length for encoding in encodings)
        return Common(next(kind for kind in coded if isinstance(kind, Raw)), encodings) if mostly else None
    values = np.concatenate([_values(kind) for kind in others]) if others else np.empty(0, kinds[0].dtype)
    if any(isinstance(kind, Text) for kind in coded):
        return _in_one_text(coded, values, encodings)
    if len(coded) == 1 and coded[0].translate(values)[1].all():
        return Common(coded[0], encodings)
    framed = [kind for kind in coded if isinstance(kind, Framed)]
    tables = [kind for kind in coded if isinstance(kind, Dictionary)]
    if framed and len(framed) == len(coded) and len({(kind.family, kind.unit) for kind in framed}) == 1:
        return _in_one_frame(framed, values, encodings)
    if len(tables) == len(coded):
        return _in_one_table(tables, values, encodings)
    return None


def kinds_of(encodings: Sequence[Encoding]) -> list[Encoding]:
    """Return one encoding of each meaning; tables that are not the same object may mean the same."""
    found: dict[Hashable, Encoding] = {}
    for encoding in encodings:
        shared = (encoding.codes.dtype, id(encoding.held)) if isinstance(encoding, Dictionary) else None
        found.setdefault(shared or encoding.meaning, encoding)
    return list(found.values())


def _values(encoding: Encoding) -> Array:
    """Return the values that the codes of a constant, or of bits, mean."""
    assert isinstance(encoding, (Constant, Bits))
    return encoding.value if isinstance(encoding, Constant) else encoding.pair


def _in_one_frame(kinds: list[Framed], values: Array, encodings: Sequence[Encoding]) -> Common | None:
    """Return the frame around frames and values.

    Exact: with r the least reference and s a common divisor of strides and of distances to r, each value is
    r + s*c with c = (r' - r)/s + (s'/s)*c', an integer; and all lie in the range of the frame's own dtype.
    """
    dtype = kinds[0].dtype
    integers = kinds[0].image(values)
    if dtype.kind in "fmM" and (integers == NOT_INTEGER).any():
        return None
    points = [int(value) for value in integers]
    frames = [(kind.reference, kind.reference + kind.stride * _greatest(kind.codes.dtype)) for kind in kinds]
    widest = max(kind.codes.dtype.itemsize for kind in kinds)
    found = _frame_around(kinds, frames, points)
    if found is None or found.codes.itemsize > widest:
        # Not all of each frame need be in use.
        frames = [_bounds(e) for e in encodings if isinstance(e, Framed) and e.codes.size]
        found = _frame_around(kinds, frames, points)
    if found is None or found.codes.itemsize >= dtype.itemsize:
        return None
    model = kinds[0].framed(np.empty(0, found.codes), found, None)
    return Common(model, encodings, widened=found.codes.itemsize > widest)


def _in_one_text(kinds: list[Coded], values: Array, encodings: Sequence[Encoding]) -> Common | None:
    """Return the longest of texts whose code points have one width, if it takes tables and values as well."""
    texts = [kind for kind in kinds if isinstance(kind, Text)]
    tables = [kind.table for kind in kinds if isinstance(kind, Dictionary)]
    if len({text.unit for text in texts}) > 1 or any(encoding.exceptions is not None for encoding in encodings):
        return None
    longest = max(texts, key=lambda text: text.codes.itemsize)
    return Common(longest, encodings) if all(longest.translate(part)[1].all() for part in (*tables, values)) else None


def _greatest(dtype: np.dtype[Any]) -> int:
    return (1 << 8 * dtype.itemsize) - 1


def _bounds(encoding: Framed) -> tuple[int, int]:
    """Return the least and the greatest value of the codes that occur."""
    first, last = (encoding.reference + encoding.stride * int(c) for c in (encoding.codes.min(), encoding.codes.max()))
    return first, last


def _frame_around(kinds: list[Framed], bounds: list[tuple[int, int]], points: list[int]) -> Frame | None:
    dtype = kinds[0].dtype
    least, most = value_range(dtype)
    low = min([first for first, _ in bounds] + points)
    high = max([min(last, most) for _, last in bounds] + points)
    stride = gcd(*(kind.stride for kind in kinds), *(kind.reference - low for kind in kinds), *(point - low for point in points))
    codes = code_dtype((high - low) // stride + 1)
    if codes is None or low < least or high - low > (most if dtype.kind == "f" else high - low):
        return None
    return Frame(codes, low, stride, 0)


def _in_one_table(kinds: list[Dictionary], values: Array, encodings: Sequence[Encoding]) -> Common | None:
    """Return the bits, or the dictionary of no wider codes than there were, of the values of tables and others."""
    dtype = values.dtype
    found = np.unique(words(np.concatenate([*(kind.table for kind in kinds), values]))).view(dtype)
    if found.size == 2 and not kinds:
        return Common(Bits(np.empty(0, np.uint8), found, 0), encodings)
    width = max((kind.codes.dtype.itemsize for kind in kinds), default=1)
    if found.size > 1 << 8 * width or width >= dtype.itemsize:
        return None
    codes = np.empty(0, f"u{width}")
    return Common(Dictionary(codes, found[numpy_order(found)]), encodings)

"""What the values that are left of a block take, when the one that occurs most is kept apart."""

from compactarray.encodings.base import Encoding
from compactarray.encodings.decimal import Decimal
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.stats import Statistics
from compactarray.encodings.text import Text
from compactarray.numerics.integers import code_dtype

_FORMS: tuple[type[Encoding], ...] = (Narrow, NarrowFloat, Decimal, Text)
#: Of values of which a sample shows so few for each that there are, one byte is expected to tell them apart.
_FEW, _OFTEN = 128, 3


def value_width(stats: Statistics) -> float:
    """Return the bytes that one of the values that are not the fill is expected to take."""
    if "value_width" not in stats.__dict__:
        stats.__dict__["value_width"] = _value_width(stats)
    found: float = stats.__dict__["value_width"]
    return found


def _value_width(stats: Statistics) -> float:
    if stats.itemsize == 1 or stats.dtype.kind == "b":
        return float(stats.itemsize)
    if stats.integers == stats.length:
        codes = code_dtype(stats.bounds[1] - stats.bounds[0] + 1)
        return float(stats.itemsize if codes is None else min(stats.itemsize, codes.itemsize))
    found, counts = stats.sample_words
    others = found[1:].repeat(counts[1:]).view(stats.dtype)
    if not others.size:
        return float(stats.itemsize)
    sample = Statistics(others)
    limit = float(sample.dense)
    sizes = [encoding.estimate(sample, limit) for encoding in _FORMS]
    best = min([limit, *(size for size in sizes if size is not None)]) / sample.length
    different = found.size - 1
    if different <= _FEW and different * _OFTEN <= sample.length:
        best = min(best, 1 + different * stats.itemsize / stats.length)
    return best

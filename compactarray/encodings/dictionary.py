"""Dictionary: codes of 1 or 2 bytes, and a table of the values in NumPy's order."""

from collections.abc import Hashable
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.stats import Statistics
from compactarray.kernels import distinct, lookup_u1, lookup_u2
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import words

_LARGEST = 65_536
_PROBE = 2_048


class Dictionary(Coded):
    """value = table[code]; the table is sorted as NumPy sorts, equal values by their bits."""

    __slots__ = ("table",)
    name = "dictionary"
    family = "dictionary"

    def __init__(self, codes: Array, table: Array, exceptions: Exceptions | None = None) -> None:
        super().__init__(table.dtype, codes, exceptions)
        self.table = table

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        found = _distinct(stats, limit)
        if found is None:
            return None
        table, _ = found
        width = 1 if table.size <= 256 else 2
        return float(stats.length * width + table.size * stats.itemsize)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        found = _distinct(stats, float(stats.dense))
        if found is None:
            return None
        table, codes = found
        order = numpy_order(table.view(values.dtype))
        narrow = code_dtype(table.size)
        rank = np.empty(table.size, narrow)
        rank[order] = np.arange(table.size)
        return cls(rank[codes], table[order].view(values.dtype))

    def copy_meaning(self, fresh: "Dictionary") -> None:
        fresh.table = self.table

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        codes = self.codes[start:stop]
        target = out if out.flags.c_contiguous else np.empty(codes.size, out.dtype)
        lookup = lookup_u1 if codes.dtype.itemsize == 1 else lookup_u2
        lookup(words(self.table), codes, words(target))
        if target is not out:
            out[...] = target

    def take_codes(self, positions: Array, out: Array) -> None:
        out[...] = self.table[self.codes[positions]]

    def item_of_code(self, position: int) -> np.generic:
        item: np.generic = self.table[self.codes.item(position)]
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        table = words(self.table)
        order = np.argsort(table, kind="stable")
        wanted = words(np.ascontiguousarray(values))
        ranks = order[np.minimum(table.searchsorted(wanted, sorter=order), table.size - 1)]
        return ranks.astype(self.codes.dtype), np.asarray(table[ranks] == wanted)

    def tables(self) -> tuple[Array, ...]:
        return (self.table,)

    @property
    def code_meaning(self) -> Hashable:
        return self.codes.dtype, self.table.tobytes()


def numpy_order(values: Array) -> Array:
    """Return the order that sorts `values` as NumPy does, values that compare equal (and NaNs) by their bits."""
    by_bits = np.argsort(words(values), kind="stable")
    order: Array = by_bits[np.argsort(values[by_bits], kind="stable")]
    return order


def _distinct(stats: Statistics, limit: float) -> tuple[Array, Array] | None:
    """Return the different words and the codes in order of occurrence, or None where they do not pay."""
    if stats.itemsize == 1 or stats.dtype.kind == "b":
        return None
    found: tuple[Array, Array] | None = stats.__dict__.get("dictionary")
    if found is not None:
        return found
    most = min(_LARGEST, int((limit - stats.length) / stats.itemsize))
    if most > 256:
        most = max(256, min(_LARGEST, int((limit - 2 * stats.length) / stats.itemsize)))
    if most < 1 or _hopeless(stats):
        return None
    slots = 1 << max(4, 2 * most - 1).bit_length()
    table = np.empty(most, stats.words.dtype)
    codes = np.empty(stats.length, np.uint16)
    count = distinct(np.ascontiguousarray(stats.words), np.zeros(slots, np.int32), table, codes)
    if count < 0:
        return None
    found = stats.__dict__["dictionary"] = (table[:count].copy(), codes)
    return found


def _hopeless(stats: Statistics) -> bool:
    """Tell from the first values whether nearly all of the block's values are different.

    With d different values among many, a probe of p repeats about p * p / (2 * d) of them; a dictionary of
    more than a quarter of a million values never pays.
    """
    probe: Any = stats.words[:_PROBE]
    if probe.size < _PROBE:
        return False
    return bool(_PROBE - np.unique(probe).size < 8)

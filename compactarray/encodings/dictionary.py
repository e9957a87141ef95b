"""Dictionary: codes of 1 or 2 bytes, and a table of the values in NumPy's order."""

from collections.abc import Hashable
from typing import Any, Self

import numpy as np

from compactarray.encodings.base import Array
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.stats import Statistics
from compactarray.encodings.string_table import StringTable, string_table
from compactarray.encodings.text import packed_bytes
from compactarray.kernels import distinct, distinct_rows, lookup_rows_u1, lookup_rows_u2, lookup_u1, lookup_u2
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import is_wide, units, words

_LARGEST = 65_536
_PROBE = 2_048
_ROOMY = 4_095
_WIDE_SHARE = 0.75
#: Different bytes that can be told apart by fewer bits.
_FEW_BYTES = 128


class Dictionary(Coded):
    """value = table[code]; the table is sorted as NumPy sorts, equal values by their bits. Many strings are packed."""

    __slots__ = ("held",)
    name = "dictionary"
    family = "dictionary"

    def __init__(self, codes: Array, table: Array, exceptions: Exceptions | None = None) -> None:
        super().__init__(table.dtype, codes, exceptions)
        #: The table, as it is or packed; the same object in all encodings that share it.
        self.held: Array | StringTable = string_table(table) or table

    @property
    def table(self) -> Array:
        """The values of the codes."""
        return self.held.values() if isinstance(self.held, StringTable) else self.held

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        found = _distinct(stats, limit)
        if found is None:
            return None
        table, _ = found
        width = 1 if table.size <= 256 else 2
        return stats.length * width + table.size * _entry_bytes(stats)

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
        fresh.held = self.held

    def values_of(self, codes: Array) -> Array:
        """Return the values that codes stand for."""
        return self.held.take(codes) if isinstance(self.held, StringTable) else self.held[codes]

    @property
    def in_order(self) -> bool:
        """Whether each value of the table is less than the next: no NaN, and not both zeros."""
        if self.dtype.kind in "SU":
            return True
        return is_ascending(self.table)

    def decode_codes(self, start: int, stop: int, out: Array) -> None:
        codes = self.codes[start:stop]
        if isinstance(self.held, StringTable) and codes.size < self.held.size:
            out[...] = self.held.take(codes)
            return
        target = out if out.flags.c_contiguous else np.empty(codes.size, out.dtype)
        lookup(words(self.table), codes, words(target))
        if target is not out:
            out[...] = target

    def fresh(self, start: int, stop: int) -> Array:
        if self.exceptions is not None or self.dtype.kind in "SU":
            return super().fresh(start, stop)
        found: Array = self.table[self.codes[start:stop]]
        return found

    def take_codes(self, positions: Array, out: Array) -> None:
        out[...] = self.values_of(self.codes[positions])

    def item_of_code(self, position: int) -> np.generic:
        if isinstance(self.held, StringTable):
            return self.dtype.type(self.held.item(self.codes.item(position)))  # type: ignore[no-any-return]
        item: np.generic = self.held[self.codes.item(position)]
        return item

    def translate(self, values: Array) -> tuple[Array, Array]:
        if isinstance(self.held, StringTable):
            places, there = self.held.places(values)
            return places.astype(self.codes.dtype), there
        table = words(self.held)
        order = np.argsort(table, kind="stable")
        wanted = words(np.ascontiguousarray(values))
        ranks = order[np.minimum(table.searchsorted(wanted, sorter=order), table.size - 1)]
        return ranks.astype(self.codes.dtype), np.asarray(table[ranks] == wanted)

    def put_item(self, position: int, value: np.generic) -> bool:
        if isinstance(self.held, StringTable) or self.dtype.kind in "bSU" or value != value:
            return super().put_item(position, value)
        if self.exceptions is not None and self.exceptions.lookup(position) is not None:
            return False
        # Values that compare equal are neighbours: the two zeros.
        table, wanted = self.held, np.asarray(value, self.dtype)
        code = int(table.searchsorted(wanted))
        bits = wanted.tobytes()
        while code < table.size and table[code] == wanted:
            if table[code].tobytes() == bits:
                self.codes[position] = code
                return True
            code += 1
        return False

    def with_entry(self, value: Array) -> "Dictionary":
        """Return the same elements with one more value in the table, if the codes are wide enough for it."""
        if self.held.size >= 1 << 8 * self.codes.itemsize:
            return self
        table = np.concatenate([self.table, value])
        order = numpy_order(table)
        place = int(np.flatnonzero(order == table.size - 1)[0])
        return Dictionary(self.codes + (self.codes >= place), table[order], self.exceptions)

    def tables(self) -> tuple[Array, ...]:
        return self.held.buffers() if isinstance(self.held, StringTable) else (self.held,)

    @property
    def code_meaning(self) -> Hashable:
        return self.codes.dtype, self.held.key() if isinstance(self.held, StringTable) else self.held.tobytes()


def is_ascending(table: Array) -> bool:
    """Tell whether each value of a table is less than the next: no NaN, and not both zeros."""
    return bool((table[:-1] < table[1:]).all()) and not bool((table[-1:] != table[-1:]).any())


def numpy_order(values: Array) -> Array:
    """Return the order that sorts `values` as NumPy does, values that compare equal (and NaNs) by their bits."""
    if values.dtype.kind in "iumM" or (values.dtype.kind == "f" and _tells_apart(values)):
        # What compares equal has the same bits.
        return np.argsort(values)
    by_bits = np.argsort(words(values), kind="stable")
    order: Array = by_bits[np.argsort(values[by_bits], kind="stable")]
    return order


def _tells_apart(values: Array) -> bool:
    """Tell whether there is no NaN, and no zero of either sign beside one of the other."""
    if np.isnan(values).any():
        # A signalling one would be reported by a comparison.
        return False
    signs = np.signbit(values[values == 0])
    return bool(signs.all() or not signs.any())


def lookup(table: Array, codes: Array, out: Array) -> None:
    """Write ``table[codes]`` to the contiguous `out`; all codes are in range."""
    if is_wide(table.dtype):
        rows, look_up = units(table), lookup_rows_u1 if codes.dtype.itemsize == 1 else lookup_rows_u2
        look_up(rows.reshape(-1), rows.shape[1], codes, units(out).reshape(-1))
        return
    (lookup_u1 if codes.dtype.itemsize == 1 else lookup_u2)(table, codes, out)


class Codebook:
    """Different words in order of arrival, and the hash table that finds them.

    Parameters
    ----------
    dtype : dtype
        Of the words.
    most : int
        How many words there may be.
    """

    __slots__ = ("table", "count", "_slots")

    def __init__(self, dtype: np.dtype[Any], most: int) -> None:
        self.table = np.empty(most, dtype)
        self.count = 0
        # Sparsely filled while that fits the first-level cache: a collision costs a mispredicted branch.
        self._slots = np.zeros(1 << max(4, 2 * most - 1, min(16 * most, _ROOMY)).bit_length(), np.int32)

    def codes(self, found: Array) -> Array | None:
        """Return the codes (uint16) of a block of words, new ones added; None, and no change, if they are too many."""
        codes = np.empty(found.size, np.uint16)
        count = self._added(np.ascontiguousarray(found), codes, self.count)
        if count < 0:
            self.forget(self.count)
            return None
        self.count = count
        return codes

    def _added(self, found: Array, codes: Array, count: int) -> int:
        """Return how many words there are with `found`, -1 if too many, where there were `count`."""
        if is_wide(found.dtype):
            rows = units(found)
            return int(distinct_rows(rows.reshape(-1), rows.shape[1], self._slots, units(self.table).reshape(-1), codes, count))
        return int(distinct(found, self._slots, self.table, codes, count))

    def close(self) -> None:
        """Keep the words only, in no more room than they take; no more are added."""
        self.table = self.table[: self.count].copy()
        self._slots = np.empty(0, np.int32)

    def forget(self, count: int) -> None:
        """Forget all words but the first `count`; the hash table is made anew."""
        self._slots[:] = 0
        known = self.table[:count].copy()
        self.count = self._added(known, np.empty(count, np.uint16), 0) if count else 0


def _distinct(stats: Statistics, limit: float) -> tuple[Array, Array] | None:
    """Return the different words and the codes in order of occurrence, or None where they do not pay."""
    if stats.dtype.kind == "b" or (stats.itemsize == 1 and limit < stats.dense):
        return None
    found: tuple[Array, Array] | None = stats.__dict__.get("dictionary")
    if found is not None:
        return found
    if stats.itemsize == 1:
        return _distinct_bytes(stats)
    entry = _entry_bytes(stats)
    most = min(_LARGEST, int((limit - stats.length) / entry))
    if most > 256:
        # Codes of two bytes are slower to work on and to share: they must save a good part.
        wide = min(limit, _WIDE_SHARE * stats.dense) - 2 * stats.length
        most = max(256, min(_LARGEST, int(wide / entry)))
    if most < 1 or hopeless(stats.words):
        return None
    book = Codebook(stats.words.dtype, most)
    codes = book.codes(stats.words)
    if codes is None:
        return None
    found = stats.__dict__["dictionary"] = (book.table[: book.count].copy(), codes)
    return found


def _distinct_bytes(stats: Statistics) -> tuple[Array, Array] | None:
    """Return the same of elements of one byte, of which codes are no narrower before they are packed."""
    occur = np.bincount(stats.words, minlength=256) > 0
    table = np.flatnonzero(occur).astype(np.uint8)
    if table.size > _FEW_BYTES:
        return None
    codes = (np.cumsum(occur) - 1).astype(np.uint8)[stats.words]
    found = stats.__dict__["dictionary"] = (table, codes)
    return found


def _entry_bytes(stats: Statistics) -> float:
    """Return what an entry of the table takes, packed where the values are strings."""
    if stats.dtype.kind not in "SU":
        return float(stats.itemsize)
    return min(float(stats.itemsize), packed_bytes(stats))


def hopeless(found: Array) -> bool:
    """Tell from the first words whether nearly all of the block's words are different.

    With d different values among many, a probe of p repeats about p * p / (2 * d) of them; a dictionary of
    more than a quarter of a million values never pays.
    """
    probe = np.sort(found[:_PROBE])
    return probe.size == _PROBE and int(np.count_nonzero(probe[1:] == probe[:-1])) < 8

"""Ranks: the place of each element's value among the different values of a view, and what follows from them.

Values that NumPy's order holds equal have one rank. Ranks are looked up by code, tile by tile, and never
make values.
"""

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import lookup
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.execution.tally import Piece, Tally, code_count, codes_between, decoded, has_table, meaning_of, meanings
from compactarray.geometry.tiles import pieces
from compactarray.kernels import first_places, scatter_ranks
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.order import keys, new_classes
from compactarray.numerics.words import words
from compactarray.storage.base import Array
from compactarray.storage.view import View


class Ranks:
    """The ranks of the elements of a gapless view.

    Parameters
    ----------
    flat : View
        The view, of one axis.
    lanes : list of Piece
        Its pieces.
    tally : Tally
        Its tally.
    around : ndarray, optional
        Places in the sorted view: ranks tell only the values at these places, and what lies between them, apart.
    """

    def __init__(self, flat: View, lanes: list[Piece], tally: Tally, around: Array | None = None) -> None:
        self._flat = flat
        self._lanes = lanes
        self._tally = tally
        fresh = new_classes(tally.values)
        if around is not None:
            fresh = _parted(fresh, np.cumsum(fresh)[tally.ends.searchsorted(around, side="right")])
        self._classes = np.cumsum(fresh) - 1
        #: The first value of each rank, and how many elements have it.
        self.values = tally.values[fresh]
        self.counts = np.add.reduceat(tally.counts, np.flatnonzero(fresh))
        dtype = code_dtype(self.values.size)
        assert dtype is not None, "values are counted one by one"
        self.dtype = dtype
        self._tables: dict[Hashable, Array | None] = {}
        self._sizes: dict[Hashable, int] = {}

    def of(self, values: Array) -> Array:
        """Return the ranks of values that occur in the view."""
        found: Array = self._classes[self._tally.keys.searchsorted(keys(values))].astype(self.dtype)
        return found

    def _table(self, lane: Encoding) -> Array | None:
        """Return the rank of each code of a lane's meaning, or None where each code is its rank."""
        meaning = meaning_of(lane)
        if meaning not in self._tables:
            self._tables[meaning] = self._made_table(lane)
        return self._tables[meaning]

    def _made_table(self, lane: Encoding) -> Array | None:
        size = self._code_counts()[meaning_of(lane)]
        if self._tally.model is not None:
            used = self._tally.codes >= 0
            codes, ranks = self._tally.codes[used], self._classes[used]
        else:
            codes = np.arange(size)
            found = self._tally.keys.searchsorted(keys(meanings(lane, codes)))
            # Codes that do not occur get any rank.
            ranks = self._classes[np.minimum(found, self._classes.size - 1)]
        if _code_bytes(lane) == self.dtype.itemsize and np.array_equal(codes, ranks):
            return None
        table = np.zeros(max(size, int(codes.max(initial=0)) + 1), self.dtype)
        table[codes] = ranks
        return table

    def _code_counts(self) -> dict[Hashable, int]:
        """Return for each meaning a number that all codes in the view are below."""
        if not self._sizes:
            for _, _, lane in self._lanes:
                if has_table(lane):
                    assert lane is not None
                    meaning = meaning_of(lane)
                    self._sizes[meaning] = max(self._sizes.get(meaning, 0), code_count(lane))
        return self._sizes

    def shared(self) -> Array | None:
        """Return the ranks of all elements where these are the codes that are held, else None."""
        lane = self._lanes[0].lane
        if len(self._lanes) > 1 or not isinstance(lane, Coded) or not self._lanes[0].counted or lane.exceptions is not None:
            return None
        return words(lane.codes) if self._table(lane) is None else None

    def all(self) -> Array:
        """Return the ranks of all elements; not to be written to."""
        found = self.shared()
        if found is None:
            found = np.empty(self._flat.size, self.dtype)
            for start, ranks in self.tiles():
                found[start : start + ranks.size] = ranks
        return found

    def tiles(self) -> Iterator[tuple[int, Array]]:
        """Yield where each tile begins, and its ranks; not to be written to."""
        for piece in self._lanes:
            lane = piece.lane
            if not piece.counted or lane is None:
                yield piece.start, self.of(decoded(self._flat, piece))
            elif lane.exceptions is None:
                for start, stop in pieces(0, lane.length, settings().tile_length):
                    yield piece.start + start, self._of_codes(lane, start, stop)
            else:
                yield from self._with_exceptions(piece, lane)

    def _of_codes(self, lane: Encoding, start: int, stop: int) -> Array:
        table = self._table(lane)
        if isinstance(lane, Constant):
            return np.full(stop - start, 0 if table is None else table[0], self.dtype)
        first = start // 8 * 8
        codes = codes_between(lane, first, stop)[start - first :]
        if table is None:
            return codes
        out = np.empty(codes.size, table.dtype)
        lookup(words(table), codes, out)
        return out

    def _with_exceptions(self, piece: Piece, lane: Encoding) -> Iterator[tuple[int, Array]]:
        exceptions = lane.exceptions
        assert exceptions is not None
        positions = exceptions.places(0, lane.length)[2]
        ranks = self.of(exceptions.values.decoded(0, exceptions.count))
        for start, stop in pieces(0, lane.length, settings().tile_length):
            found = self._of_codes(lane, start, stop)
            low, high = positions.searchsorted((start, stop))
            if high > low:
                found = found.copy()
                found[positions[low:high] - start] = ranks[low:high]
            yield piece.start + start, found

    # --- what follows from ranks --------------------------------------------------------------------

    def firsts(self) -> Array:
        """Return where each rank occurs first."""
        places = np.full(self.values.size, -1, np.int64)
        missing = places.size
        for start, ranks in self.tiles():
            missing = first_places(ranks, start, places, missing)
            if not missing:
                break
        return places

    def order(self) -> Array:
        """Return the stable order of the elements, as numbers of 32 bits: a counting sort."""
        starts = np.cumsum(self.counts) - self.counts
        found = np.empty(self._flat.size, np.uint32)
        for start, ranks in self.tiles():
            scatter_ranks(ranks, start, starts, found)
        return found


def _parted(fresh: Array, apart: Array) -> Array:
    """Return which values begin a new rank where only the classes `apart` (counted from 1) are told from the others."""
    classes = np.cumsum(fresh)
    kept = np.isin(classes, apart) | np.isin(classes - 1, apart)
    kept[:1] = True
    return fresh & kept


def _code_bytes(lane: Encoding) -> int:
    return lane.codes.dtype.itemsize if isinstance(lane, Coded) else 1


def counted_lane(codes: Array, dtype: np.dtype[Any]) -> Narrow:
    """Return integers from 0 on as a lane of an integer dtype."""
    return Narrow(dtype, codes, Frame(codes.dtype, 0, 1, 0), None)

"""The *tally* of a view: which values occur in it, and how often, found from the codes.

Where codes have at most 16 bits, they are counted in a table; elements that are no such codes (exceptions,
blocks of wider codes) are *loose*: decoded and sorted. A view of too many loose elements has no tally.
"""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.runs import Runs
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import pieces
from compactarray.kernels import tally_codes
from compactarray.numerics.order import keys, values_of
from compactarray.numerics.words import words
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.view import AnyView, View

#: The greatest share of loose elements: one in so many.
_LOOSE = 4
#: Runs that are looked at together, and elements that a run must have on average.
_RUNS, _LONG = 1 << 18, 8
#: Codes that are counted in one go: their counts have 32 bits.
_MANY = 1 << 31


class Piece(NamedTuple):
    """A stretch of a flat view: its lane, or None where its block has to be decoded."""

    start: int
    stop: int
    lane: Encoding | None

    @property
    def counted(self) -> bool:
        """Whether the codes have at most 16 bits, exceptions aside."""
        return has_table(self.lane)


class Tally(NamedTuple):
    """The different values of a view, in NumPy's order, and how often each occurs.

    Values are told apart by their bits: 0.0 from -0.0, and one NaN from another.
    """

    #: The keys of the values, ascending (see `numerics.order`).
    keys: Array
    values: Array
    counts: Array
    #: A lane of the only meaning that codes have, if they have but one, and the code of each value, -1 for loose ones.
    model: Encoding | None
    codes: Array

    def kept(self, which: Array) -> "Tally":
        """Return the tally of some of the values."""
        return Tally(self.keys[which], self.values[which], self.counts[which], self.model, self.codes[which])

    @property
    def ends(self) -> Array:
        """How many elements come up to and with each value in the sorted view."""
        return np.cumsum(self.counts)


def has_table(lane: Encoding | None) -> bool:
    """Tell whether a lane has codes of at most 16 bits, exceptions aside."""
    if isinstance(lane, Runs):
        return has_table(lane.values)
    if isinstance(lane, Coded):
        return lane.codes.dtype.itemsize <= 2
    return isinstance(lane, (Constant, Bits))


def gapless(view: AnyView) -> View | None:
    """Return the elements of an encoded view in the order of their addresses, as one axis; None where there are gaps."""
    if not isinstance(view, View) or not isinstance(view.storage, BlockStorage):
        return None
    axes = sorted(range(len(view.shape)), key=lambda axis: -abs(view.steps[axis]))
    shape, steps = tuple(view.shape[a] for a in axes), tuple(abs(view.steps[a]) for a in axes)
    if not view.size or not is_contiguous(shape, steps):
        return None
    backward = sum((length - 1) * step for length, step in zip(view.shape, view.steps, strict=True) if step < 0)
    return View(view.storage, (view.size,), (1,), view.offset + backward)


def lanes_of(flat: View, runs: bool = False) -> list[Piece]:
    """Return the pieces of a gapless view; only if `runs` is true may lanes be runs, without exceptions and of values with codes."""
    storage = flat.storage
    assert isinstance(storage, BlockStorage)
    found = []
    start, size = 0, flat.size
    while start < size:
        end, lane = storage.lane(flat.offset + start, flat.offset + size, folded=runs)
        if lane is not None and lane.folded:
            lane = _few_runs(lane, storage.block_length)
            end, lane = (
                storage.lane(flat.offset + start, flat.offset + size) if lane is None else (flat.offset + start + lane.length, lane)
            )
        found.append(Piece(start, end - flat.offset, lane))
        start = end - flat.offset
    return found


def _few_runs(lane: Encoding, block_length: int) -> Encoding | None:
    """Return as much of a folded lane as has not too many runs; None for what is not made of long runs, of values with codes."""
    if not isinstance(lane, Runs) or lane.exceptions is not None or lane.values.folded or lane.values.length * _LONG > lane.length:
        return None
    share = lane.length * _RUNS // lane.values.length // block_length * block_length
    return lane if share >= lane.length else lane.slice(0, share) if share else None


class Counted(NamedTuple):
    """What counting codes tells, before anything is sorted."""

    #: For each meaning a lane that has it, the codes that occur, what they mean and how often they occur.
    models: list[Encoding]
    groups: list[tuple[Array, Array, Array]]
    #: Loose elements, in no order.
    loose: list[Array]

    def values(self) -> tuple[Array, Array]:
        """Return what codes mean and how often it occurs; a value of several meanings comes once for each."""
        if not self.groups:
            return self.loose[0][:0], np.empty(0, np.int64)
        return np.concatenate([values for _, values, _ in self.groups]), np.concatenate([counts for *_, counts in self.groups])


def counted(flat: View, lanes: list[Piece] | None = None) -> Counted | None:
    """Return how often each code occurs, or None where too many elements are loose: over a quarter."""
    lanes = lanes_of(flat, runs=True) if lanes is None else lanes
    if sum(map(_loose, lanes)) * _LOOSE > flat.size:
        return None
    groups: dict[Hashable, _Group] = {}
    loose: list[Array] = []
    for piece in lanes:
        lane = piece.lane
        if not piece.counted or lane is None:
            loose.append(decoded(flat, piece))
            continue
        model = lane.values if isinstance(lane, Runs) else lane
        groups.setdefault(meaning_of(model), _Group(model)).add(lane)
        if lane.exceptions is not None:
            loose.append(lane.exceptions.values.decoded(0, lane.exceptions.count))
    return Counted([group.model for group in groups.values()], [group.found() for group in groups.values()], loose)


def tally_of(flat: View, lanes: list[Piece] | None = None) -> Tally | None:
    """Return the tally of a gapless view, or None where too many elements are loose (see `counted`)."""
    found = counted(flat, lanes)
    return None if found is None else _merged(found)


def values_of_lanes(lanes: list[Piece]) -> Tally | None:
    """Return the values that lanes can mean, each of them once or more, without counting; None where any is loose.

    Exceptions may be an eighth of the elements.
    """
    if any(not piece.counted for piece in lanes) or sum(map(_loose, lanes)) * 2 * _LOOSE > lanes[-1].stop:
        return None
    sizes: dict[Hashable, tuple[Encoding, int]] = {}
    loose = []
    for piece in lanes:
        lane = piece.lane
        assert lane is not None
        model, size = sizes.get(meaning_of(lane), (lane, 0))
        sizes[meaning_of(lane)] = model, max(size, code_count(lane))
        if lane.exceptions is not None:
            loose.append(lane.exceptions.values.decoded(0, lane.exceptions.count))
    models = [model for model, _ in sizes.values()]
    codes = [np.arange(size) for _, size in sizes.values()]
    groups = [(found, meanings(model, found), np.ones(found.size, np.int64)) for model, found in zip(models, codes, strict=True)]
    return _merged(Counted(models, groups, loose))


def _loose(piece: Piece) -> int:
    if not piece.counted or piece.lane is None:
        return piece.stop - piece.start
    return 0 if piece.lane.exceptions is None else piece.lane.exceptions.count


def decoded(flat: View, piece: Piece) -> Array:
    """Return the elements of a piece."""
    if piece.lane is not None:
        return piece.lane.decoded(0, piece.stop - piece.start)
    return flat.basic(slice(piece.start, piece.stop)).read()


def meaning_of(lane: Encoding) -> Hashable:
    """Return what is the same of lanes whose codes are counted together."""
    return id(lane.held) if isinstance(lane, Dictionary) else lane.meaning


class _Group:
    """The codes of one meaning, counted."""

    def __init__(self, model: Encoding) -> None:
        self.model = model
        self.counts = np.zeros(0, np.int64)

    def add(self, lane: Encoding) -> None:
        """Count the codes of a lane, but for those that exceptions stand before."""
        counts = code_counts(lane)
        if lane.exceptions is not None:
            positions = lane.exceptions.places(0, lane.length)[2]
            # An array of bools is counted as bytes.
            hidden = np.bincount(codes_at(lane, positions), minlength=counts.size)
            counts -= hidden[: counts.size]
        if counts.size > self.counts.size:
            self.counts, counts = counts, self.counts
        self.counts[: counts.size] += counts

    def found(self) -> tuple[Array, Array, Array]:
        """Return the codes that occur, what they mean, and how often they occur."""
        present = np.flatnonzero(self.counts)
        return present, meanings(self.model, present), self.counts[present]


def code_counts(lane: Encoding) -> Array:
    """Return how often each code of a lane occurs, from 0 on; codes that exceptions stand before count."""
    if isinstance(lane, Runs):
        # Exact: sums are no more than elements, and far below 2**53.
        codes = codes_at(lane.values, np.arange(lane.values.length))
        return np.bincount(codes, lane.lengths()).astype(np.int64)
    if isinstance(lane, Constant):
        return np.array([lane.length])
    if isinstance(lane, Bits):
        # Sixty-four at a time; what is left is a number of few bits.
        ones = int(np.bitwise_count(lane.packed[: lane.length // 64 * 8].view(np.uint64)).sum(dtype=np.int64))
        rest = int.from_bytes(lane.packed[lane.length // 64 * 8 : -(-lane.length // 8)].tobytes(), "little")
        ones += (rest & ((1 << lane.length % 64) - 1)).bit_count()
        return np.array([lane.length - ones, ones])
    assert isinstance(lane, Coded)
    codes = words(lane.codes)
    tables = 4 if codes.dtype.itemsize == 1 else 2
    total = np.zeros(256 if codes.dtype.itemsize == 1 else code_count(lane), np.int64)
    for start, stop in pieces(0, lane.length, _MANY):
        counts = np.zeros((tables, total.size), np.uint32)
        tally_codes(codes[start:stop], *counts, *counts[: 4 - tables])
        total += counts.sum(axis=0, dtype=np.int64)
    return total


def code_count(lane: Encoding) -> int:
    """Return a number that all codes of a lane are below, not far above the greatest."""
    if isinstance(lane, Constant):
        return 1
    if isinstance(lane, Bits):
        return 2
    if isinstance(lane, Dictionary):
        return lane.held.size
    assert isinstance(lane, Coded)
    return int(words(lane.codes).max()) + 1


def codes_at(lane: Encoding, positions: Array) -> Array:
    """Return the codes of a lane at positions."""
    if isinstance(lane, Constant):
        return np.zeros(positions.size, np.uint8)
    if isinstance(lane, Bits):
        return lane.packed[positions >> 3] >> (positions & 7).astype(np.uint8) & np.uint8(1)
    assert isinstance(lane, Coded)
    return words(lane.codes)[positions]


def codes_between(lane: Encoding, start: int, stop: int) -> Array:
    """Return the codes ``start:stop`` of a lane that has codes; `start` is a multiple of 8."""
    if isinstance(lane, Bits):
        return np.unpackbits(lane.packed[start // 8 : -(-stop // 8)], count=stop - start, bitorder="little")
    assert isinstance(lane, Coded)
    return words(lane.codes)[start:stop]


def meanings(lane: Encoding, codes: Array) -> Array:
    """Return the values that codes of a lane mean; all of them must be in use."""
    if isinstance(lane, Constant):
        return lane.value[codes]
    if isinstance(lane, Bits):
        return lane.pair[codes]
    assert isinstance(lane, Coded)
    if isinstance(lane, Dictionary):
        return lane.values_of(codes)
    payload = codes.astype(words(lane.codes[:0]).dtype).view(lane.codes.dtype)
    return lane.rebuilt((payload,), codes.size, None).decoded(0, codes.size)


# --- merging ----------------------------------------------------------------------------------------


def _merged(found: Counted) -> Tally:
    """Return the tally of groups of counted codes and of loose values."""
    models, groups, loose = found
    if len(groups) == 1:
        codes, values, counts = groups[0]
        ranks = keys(values)
        if (ranks[1:] < ranks[:-1]).any():
            order = np.argsort(ranks)
            codes, values, counts, ranks = codes[order], values[order], counts[order], ranks[order]
        tally = Tally(ranks, values, counts, models[0], codes)
    else:
        tally = _united(*found.values())
    return _with_loose(tally, loose) if loose else tally


def _united(values: Array, counts: Array) -> Tally:
    """Return the tally of values of several groups, among which the same value may occur more than once."""
    found = keys(values)
    order = np.argsort(found, kind="stable")
    found, edges = _runs(found[order])
    totals = np.add.reduceat(counts[order], edges) if edges.size else counts
    return Tally(found, values_of(found, values.dtype), totals, None, np.full(found.size, -1))


def _runs(ordered: Array) -> tuple[Array, Array]:
    """Return the different ones of sorted keys, and where each begins."""
    fresh = np.ones(ordered.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    if fresh.all():
        return ordered, np.arange(ordered.size)
    edges = np.flatnonzero(fresh)
    return ordered[edges], edges


def _with_loose(tally: Tally, loose: list[Array]) -> Tally:
    """Return a tally with loose values counted in."""
    dtype = loose[0].dtype
    ordered = np.sort(keys(np.concatenate(loose) if len(loose) > 1 else loose[0]))
    size = ordered.size
    ordered, edges = _runs(ordered)
    counts = np.diff(edges, append=size)
    codes = np.full(ordered.size, -1)
    # The fewer ones are put in between the others.
    places = ordered.searchsorted(tally.keys)
    near = np.minimum(places, ordered.size - 1)
    known = ordered[near] == tally.keys
    counts[near[known]] += tally.counts[known]
    codes[near[known]] = tally.codes[known]
    new = ~known
    if new.any():
        places = places[new]
        ordered = np.insert(ordered, places, tally.keys[new])
        counts = np.insert(counts, places, tally.counts[new])
        codes = np.insert(codes, places, tally.codes[new])
    return Tally(ordered, values_of(ordered, dtype), counts, tally.model, codes)

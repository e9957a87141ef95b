"""COO: a fill value of any kind, and positions and values of the elements that differ from it."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from compactarray.encodings.base import Array, Encoding, Positions
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.stats import Statistics
from compactarray.encodings.widths import value_width
from compactarray.kernels import collect
from compactarray.kernels.coordinates import find, update
from compactarray.numerics.words import words

#: Up to this many writes at a time are put between the elements that are there.
_FEW = 16
#: So many writes of few elements are taken before the storage is asked whether it would rather thaw the block:
#: together they cost what it costs to encode the block anew.
_PATIENCE = 256
#: A block with so many times as many exceptions as the one before may be better off in another form.
_MORE = 1.5
#: Up to so many look-ups are done one by one.
_SINGLE = 8
#: A look-up by bisection takes as long as so many steps of making a table.
_SEARCH = 128
#: A table for look-ups has a bit for each element; of longer encodings than this it would not be small.
_MOST_MARKED = 1 << 26


class Coo(Constant):
    """Coordinate form; each element that is not the fill is an exception."""

    __slots__ = ("_writes",)
    name = "coo"
    family = "constant"

    def __init__(self, value: Array, length: int, exceptions: Exceptions | None = None) -> None:
        super().__init__(value, length, exceptions)
        self._writes = 0

    @classmethod
    def estimate(cls, stats: Statistics, limit: float) -> float | None:
        # The values are encoded in turn; count on what integers of their range take.
        others = stats.sample.size - int(stats.sample_words[1][0])
        if others * 2 > stats.sample.size:
            return None
        width = value_width(stats)
        if others * (2 + width) > stats.sample.size * width:
            return None
        return float((stats.length - stats.fills) * (2 + width) + 16 + stats.itemsize)

    @classmethod
    def encode(cls, values: Array, stats: Statistics, block_length: int) -> Self | None:
        most = stats.length - stats.fills + 1
        positions, found = np.empty(most, np.uint16), np.empty(most, stats.words.dtype)
        count = collect(stats.words, stats.fill, positions, found)
        exceptions = Exceptions.of_block(positions[:count], Raw(found[:count].view(values.dtype)), block_length)
        fill = np.array([stats.fill], stats.words.dtype).view(values.dtype)
        return cls(fill, values.size, exceptions)

    def again(self, values: Array, block_length: int) -> Encoding | None:
        if self.exceptions is None:
            return None
        found = words(values)
        positions, kept = np.empty(found.size + 1, np.uint16), np.empty(found.size + 1, found.dtype)
        count = int(collect(found, words(self.value)[0], positions, kept))
        if not count:
            return Constant(self.value, values.size)
        others = None
        if count * self.length <= _MORE * self.exceptions.count * values.size:
            others = self.exceptions.values.again(kept[:count].view(self.dtype), block_length)
        return None if others is None else Coo(self.value, values.size, Exceptions.of_block(positions[:count], others, block_length))

    def rebuilt(self, payload: Sequence[Array], length: int, exceptions: Exceptions | None) -> Encoding:
        return (Constant if exceptions is None else Coo)(self.value, length, exceptions)

    # --- reading ------------------------------------------------------------------------------------

    def take(self, positions: Array, out: Array) -> None:
        exceptions = self.exceptions
        if exceptions is None or positions.size <= _SINGLE:
            super().take(positions, out)
            return
        ranks = self.ranks(np.ascontiguousarray(positions, np.int64))
        hits = np.flatnonzero(ranks >= 0)
        values = np.empty(hits.size, self.dtype)
        exceptions.values.take(ranks[hits], values)
        out[...] = self.value
        out[hits] = values

    def ranks(self, addresses: Array) -> Array:
        """Return which exception lies at each of some addresses (int64), or -1 where none does."""
        exceptions, places = self.exceptions, -(-self.length // 64)
        if exceptions is None:
            return np.full(addresses.size, -1)
        if self.length <= _MOST_MARKED and addresses.size * _SEARCH >= places + exceptions.count:
            ranks = np.empty(addresses.size, np.int64)
            marks, before = np.zeros(places, np.uint64), np.empty(places, np.int64)
            find(addresses, exceptions.positions, exceptions.offsets, exceptions.block_length, marks, before, ranks)
            return ranks
        blocks, local = np.divmod(addresses, exceptions.block_length)
        there, low, high = exceptions.positions, exceptions.offsets[blocks], exceptions.offsets[blocks + 1]
        end = high
        # Bisection of all at once; where it is done, nothing moves any more.
        for _ in range(int(np.diff(exceptions.offsets).max()).bit_length()):
            middle = (low + high) >> 1
            below = (there[np.minimum(middle, there.size - 1)] < local) & (low < high)
            low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        hit = (low < end) & (there[np.minimum(low, there.size - 1)] == local)
        return np.where(hit, low, -1)

    # --- writing ------------------------------------------------------------------------------------

    def put_item(self, position: int, value: np.generic) -> bool:
        if self.exceptions is not None and self.dtype.kind not in "bSU":
            found = self.exceptions.lookup(position)
            if np.asarray(value, self.dtype).tobytes() == (self.value[0] if found is None else found).tobytes():
                return True
        return super().put_item(position, value)

    def put(self, positions: Positions, values: Array) -> bool:
        """Overwrite elements: what is not the fill becomes an exception, and what was one may cease to be one.

        Exceptions are never changed in place, since lanes and copies share them: new ones take their place
        in one step. False where there would be too many for the form to pay, and now and then where few
        elements are written, so that the storage can decide for a form that is quicker to write.
        """
        few = values.size <= _FEW
        if few:
            self._writes += 1
            if self._writes > _PATIENCE:
                return False
        if isinstance(positions, slice):
            positions = np.arange(*positions.indices(self.length))
        if not positions.size:
            return True
        others = ~self.fits(values)
        if self.exceptions is None:
            # The storage makes the first ones: it knows the length of its blocks.
            return not others.any()
        form = _Form(self.exceptions.values, values, others)
        there = self.exceptions.positions
        merged, codes = _inserted(form, there, positions, others) if few else _merged(form, there, positions, others)
        # Clearly smaller than raw it must stay; else what form the block is to have is a question of its own.
        if merged.size * (2 + self.dtype.itemsize) > 0.75 * self.length * self.dtype.itemsize:
            return False
        self.exceptions = Exceptions.of_block(merged, form.encoding(codes), self.exceptions.block_length)
        return True


class _Form:
    """The values of exceptions and values that join them, as codes of one encoding: that of the former, if it holds all.

    Parameters
    ----------
    before : Encoding
        The values of exceptions.
    values : ndarray
        New values.
    others : ndarray of bool
        Which of them will be exceptions; what becomes of the rest does not matter.
    """

    def __init__(self, before: Encoding, values: Array, others: Array) -> None:
        self._model: Encoding | None = None
        if isinstance(before, Raw):
            self.stored, self.fresh = before.codes, values
            return
        codes, fits = before.translate(values)
        if not isinstance(before, (Coded, Constant)) or not (fits | ~others).all():
            self.stored, self.fresh = before.decoded(0, before.length), values
            return
        self._model = before
        if isinstance(before, Coded) and codes is not None:
            self.stored, self.fresh = before.codes, codes
        else:
            self.stored, self.fresh = np.zeros(before.length, bool), np.zeros(values.size, bool)

    def encoding(self, codes: Array) -> Encoding:
        """Return the encoding of what is made of `stored` and `fresh` codes."""
        if self._model is None:
            return Raw(codes)
        return self._model.rebuilt(() if isinstance(self._model, Constant) else (codes,), codes.size, None)


def _inserted(form: _Form, there: Array, positions: Array, others: Array) -> tuple[Array, Array]:
    """Return positions and codes after a few writes, each put where it belongs, or what is there taken away."""
    stored = form.stored
    for k, (position, other) in enumerate(zip(positions.tolist(), others.tolist(), strict=True)):
        rank = int(there.searchsorted(np.uint16(position)))
        present = rank < there.size and there.item(rank) == position
        stored = _replaced(stored, rank, form.fresh[k : k + other], present)
        if other != present:
            there = _replaced(there, rank, np.array([position] if other else [], np.uint16), present)
    return there, stored


def _replaced(array: Array, rank: int, fresh: Array, old: int) -> Array:
    """Return a copy in which `fresh` elements stand in place of the `old` ones (none or one) at `rank`."""
    out = np.empty(array.size + fresh.size - old, array.dtype)
    out[:rank] = array[:rank]
    out[rank : rank + fresh.size] = fresh
    out[rank + fresh.size :] = array[rank + old :]
    return out


def _merged(form: _Form, there: Array, positions: Array, others: Array) -> tuple[Array, Array]:
    """Return positions and codes after many writes, which are sorted and merged with those that are there."""
    places, fresh = positions.astype(np.uint16), form.fresh
    if (places[1:] < places[:-1]).any():
        order = np.argsort(places, kind="stable")
        places, fresh, others = places[order], fresh[order], others[order]
    most = there.size + places.size + 1
    out, merged = np.empty(most, form.stored.dtype), np.empty(most, np.uint16)
    codes = words(np.ascontiguousarray(form.stored))
    count = int(update(codes, there, words(np.ascontiguousarray(fresh)), places, others.view(np.uint8), words(out), merged))
    return merged[:count].copy(), out[:count].copy()

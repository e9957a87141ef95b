"""Codes that sort as their values do, for what is sorted without being counted."""

from functools import cache
from math import gcd, prod
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.frames import Frame, Framed
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.narrow_float import NarrowFloat
from compactarray.encodings.raw import Raw
from compactarray.encodings.text import Text, cut_around, narrowed
from compactarray.execution.ranks import Ranks
from compactarray.execution.tally import Piece, gapless, lanes_of, values_of_lanes
from compactarray.geometry.layout import contiguous_strides
from compactarray.geometry.tiles import pieces, regions
from compactarray.kernels import scatter_ranks, tally_codes
from compactarray.numerics.integers import code_dtype, value_range
from compactarray.numerics.order import keys, new_classes
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.view import AnyView, View, whole

#: Keys of so many values are counted; their counts have 32 bits.
_COUNTED = 1 << 16
#: Bits of the places in numbers that hold a key of 32 bits before a place.
_PLACE_BITS = np.uint64(32)
#: Strings of more keys than these are compared, not sorted by one key after the other.
_FEW_KEYS = 4


class Sortable(NamedTuple):
    """The codes of a view, which sort as its values do, in the layout of the view, and a lane of their meaning."""

    codes: Array
    model: Encoding
    #: Whether the codes may be written to; else they may be the payload itself.
    own: bool = False

    def restored(self, codes: Array) -> View:
        """Return codes as values, laid out as they are."""
        axes = tuple(sorted(range(codes.ndim), key=lambda axis: -codes.strides[axis]))
        moved = codes.transpose(axes)
        flat = moved.reshape(-1)
        lane = self.model.rebuilt((flat,), flat.size, None)
        storage = storage_of(self.model.dtype, [lane], settings().block_length)
        return whole(storage, moved.shape).transpose(tuple(axes.index(axis) for axis in range(codes.ndim)))

    def values(self, codes: Array) -> Array:
        """Return the values of 1-D codes."""
        return self.model.rebuilt((np.ascontiguousarray(codes),), codes.size, None).decoded(0, codes.size)

    def sort_keys(self) -> list[Array]:
        """Return keys of at most 32 bits that together sort as the values do, the least significant first.

        Values that NumPy's order holds equal have equal keys.
        """
        if isinstance(self.model, (Framed, Dictionary)):
            return [self.codes]
        return keys_of(self.codes)


def keys_of(values: Array) -> list[Array]:
    """Return keys of at most 32 bits that together sort as values do; see `Sortable.sort_keys`."""
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind in "SU":
        return _text_keys(values)
    narrow = min(values.itemsize, 4)
    found = [np.empty(values.size, f"u{narrow}") for _ in range(values.itemsize // narrow)]
    flat = values.reshape(-1)
    for start, stop in pieces(0, values.size, settings().tile_length):
        tile = flat[start:stop]
        if tile.dtype.kind == "f":
            # One zero and one NaN.
            with np.errstate(invalid="ignore"):
                tile = tile + tile.dtype.type(0)
            tile[np.isnan(tile)] = np.nan
        key = keys(tile)
        found[0][start:stop] = key & key.dtype.type((1 << 8 * narrow) - 1)
        if len(found) == 2:
            found[1][start:stop] = key >> key.dtype.type(32)
    return [key.reshape(values.shape) for key in found]


def _text_keys(values: Array) -> list[Array]:
    """Return four bytes of byte strings, or one code point, as a key each; the last ones are the least significant."""
    flat = np.ascontiguousarray(values).reshape(-1)
    if flat.dtype.kind == "S":
        flat = flat.astype(f"S{-(-flat.itemsize // 4) * 4}", copy=False)
    rows = flat.view(">u4" if flat.dtype.kind == "S" else np.uint32).reshape(flat.size, flat.itemsize // 4)
    return [np.ascontiguousarray(key, np.uint32).reshape(values.shape) for key in rows.T[::-1]]


def stable_order(codes: Sortable) -> Array:
    """Return the stable order of all codes in C order, as places of 32 bits where they are sorted by keys."""
    if codes.codes.dtype.kind in "SU" and codes.codes.itemsize > 4 * _FEW_KEYS:
        return np.argsort(codes.codes, axis=None, kind="stable")
    return order_by_keys([whole_key(key.reshape(-1)) for key in codes.sort_keys()])


def sortable(view: AnyView) -> Sortable | None:
    """Return the codes of a view where they sort as values do, or None.

    They are those of one encoding, or of frames that can be joined, or else the ranks of values that can be counted.
    """
    if not isinstance(view, View) or not isinstance(view.storage, BlockStorage) or not view.size:
        return None
    model = view.storage.single()
    if model is not None and _keeps_order(model):
        return Sortable(strided(model.codes[view.offset :], view.shape, view.steps), model)
    flat = gapless(view)
    if flat is None:
        return None
    lanes = lanes_of(flat)
    found = _joined(lanes, view.dtype, flat.size) or _ranked(flat, lanes)
    if found is None:
        return None
    codes = strided(found.codes[view.offset - flat.offset :], view.shape, view.steps)
    return found._replace(codes=codes, own=found.own and codes.flags.writeable)


def strided(array: Array, shape: tuple[int, ...], steps: tuple[int, ...]) -> Array:
    """Return a view of a 1-D array from its first element on, with strides counted in elements; not to be written to."""
    if steps == contiguous_strides(shape):
        return array[: prod(shape)].reshape(shape)
    # Where steps are negative, the first element is not the one with the least address.
    return np.lib.stride_tricks.as_strided(array, shape, tuple(step * array.itemsize for step in steps), writeable=False)


def _ranked(flat: View, lanes: list[Piece]) -> Sortable | None:
    """Return the ranks of values that can be counted, of at most 16 bits. Of sparse elements the pattern says more."""
    if all(isinstance(piece.lane, Constant) for piece in lanes) and any(isinstance(piece.lane, Coo) for piece in lanes):
        return None
    tally = values_of_lanes(lanes)
    if tally is None or tally.values.size > 1 << 16 or not new_classes(tally.values).all():
        return None
    ranks = Ranks(flat, lanes, tally)
    found = ranks.all()
    return Sortable(found, Dictionary(found[:0], ranks.values), ranks.shared() is None)


def _keeps_order(model: Coded) -> bool:
    """Tell whether codes sort as values do, and equal values have equal codes."""
    if isinstance(model, Dictionary):
        if model.dtype.kind in "SU":
            return True
        found = keys(model.table)
        return bool((found[1:] > found[:-1]).all()) and bool(new_classes(model.table).all())
    return isinstance(model, (Framed, NarrowFloat, Text)) or (isinstance(model, Raw) and model.dtype.kind != "b")


def _joined(lanes: list[Piece], dtype: np.dtype[Any], size: int) -> Sortable | None:
    """Return the codes of narrow lanes in one frame, or None where there is none."""
    frames = []
    for piece in lanes:
        lane = piece.lane
        if not isinstance(lane, Narrow) or lane.exceptions is not None:
            return None
        frames.append((lane.reference, lane.stride, int(lane.codes.max())))
    low = min(reference for reference, _, _ in frames)
    high = max(reference + stride * most for reference, stride, most in frames)
    step = gcd(*(stride for _, stride, _ in frames), *(reference - low for reference, _, _ in frames))
    narrow = code_dtype((high - low) // step + 1)
    if narrow is None or (dtype.kind == "f" and high - low > value_range(dtype)[1]):
        return None
    codes = np.empty(size, narrow)
    for piece, (reference, stride, _) in zip(lanes, frames, strict=True):
        assert isinstance(piece.lane, Narrow)
        for start, stop in pieces(0, piece.lane.length, settings().tile_length):
            out = codes[piece.start + start : piece.start + stop]
            out[...] = piece.lane.codes[start:stop]
            if stride != step:
                out *= narrow.type(stride // step)
            if reference != low:
                out += narrow.type((reference - low) // step)
    return Sortable(codes, Narrow(dtype, codes[:0], Frame(narrow, low, step, 0), None), True)


def working_copy(view: AnyView, narrow: bool = True) -> Sortable:
    """Return the elements of any view, decoded; integers and strings, unless told otherwise, as narrow as their order allows."""
    if narrow and isinstance(view, View) and view.dtype.kind in "SU" and view.dtype.isnative and view.size:
        return _narrowed_text(view)
    if narrow and isinstance(view, View) and view.dtype.kind in "iu" and view.dtype.isnative and view.size:
        low, high = _bounds(view)
        codes = code_dtype(high - low + 1)
        if codes is not None and codes.itemsize < view.dtype.itemsize:
            model = Narrow(view.dtype, np.empty(0, codes), Frame(codes, low, 1, 0), None)
            return Sortable(_narrowed(view, low, codes), model, True)
    array = view.read() if isinstance(view, View) else view.array.copy(order="K")
    return Sortable(array, Raw(np.empty(0, view.dtype)), True)


def _narrowed_text(view: View) -> Sortable:
    """Return strings as codes of one text."""
    unit, length = cut_around(view.tiles())
    model = Text(view.dtype, np.empty(0, f"S{unit * length}"), unit)
    axes = view.layout("K")
    moved = view.transpose(axes)
    flat = np.empty(moved.size, model.codes.dtype)
    at = 0
    for tile in moved.tiles():
        flat[at : at + tile.size] = narrowed(tile, unit, length)
        at += tile.size
    codes = flat.reshape(moved.shape).transpose(tuple(axes.index(axis) for axis in range(len(axes))))
    return Sortable(codes, model, True)


def _bounds(view: View) -> tuple[int, int]:
    """Return the least and the greatest of integers."""
    bounds = [(int(tile.min()), int(tile.max())) for tile in view.tiles()]
    return min(low for low, _ in bounds), max(high for _, high in bounds)


def _narrowed(view: View, low: int, narrow: np.dtype[Any]) -> Array:
    axes = view.layout("K")
    moved = view.transpose(axes)
    flat = np.empty(moved.size, narrow)
    at = 0
    for tile in moved.tiles():
        np.subtract(tile, tile.dtype.type(low), out=flat[at : at + tile.size], casting="unsafe")
        at += tile.size
    return flat.reshape(moved.shape).transpose(tuple(axes.index(axis) for axis in range(len(axes))))


# --- orders from keys -------------------------------------------------------------------------------


class Key(NamedTuple):
    """One key of each element, less than `span`, of at most 32 bits: of its own, or joined by tiles to one that counts for less."""

    values: Array
    span: int
    lesser: "Key | None" = None

    def at(self, index: slice | Array) -> Array:
        """Return the keys of some elements; not to be written to."""
        found: Array = self.values[index]
        if self.lesser is None:
            return found
        dtype = code_dtype(self.span)
        assert dtype is not None
        found = found.astype(dtype)
        found *= dtype.type(self.lesser.span)
        found += self.lesser.at(index)
        return found

    def is_sorted(self) -> bool:
        """Tell whether the keys ascend."""
        if self.lesser is None:
            return is_sorted(self.values)
        ends = pieces(0, self.values.size - 1, settings().tile_length)
        return all(is_sorted(self.at(slice(start, stop + 1))) for start, stop in ends)


def whole_key(values: Array) -> Key:
    """Return a key that may be any number of its dtype."""
    return Key(values, 1 << 8 * values.itemsize)


def order_by_keys(found: list[Key]) -> Array:
    """Return the order of 1-D keys, the least significant first: stable, as places of 32 bits.

    The list is emptied: each key is let go as soon as it has been sorted by.
    """
    order: Array | None = None
    while found:
        key = found.pop(0)
        while found and _is_joined(key, found[0]):
            other = found.pop(0)
            if 1 in (key.span, other.span):
                key = key if other.span == 1 else other
            else:
                key = Key(other.values, key.span * other.span, key)
        last = [key]
        del key
        order = _reordered(order, last)
    assert order is not None
    return order


def _is_joined(key: Key, other: Key) -> bool:
    """Tell whether a key and one that counts for more are sorted by together."""
    return 1 in (key.span, other.span) or code_dtype(key.span * other.span) is not None


def _reordered(order: Array | None, last: list[Key]) -> Array:
    """Return `order`, sorted stably by the key (taken from a list, which lets it go) of what it names."""
    key = last.pop()
    if order is None and key.is_sorted():
        return np.arange(key.values.size, dtype=np.uint32)
    if order is None and key.span <= _COUNTED:
        return _order_by_counting(key)
    pairs = _ordered_pairs(key, order)
    del key
    # The lower half of each: what does not fit is cut off.
    places = narrowed_in_place(pairs, np.dtype(np.uint32))
    return places if order is None else order[places]


def _order_by_counting(key: Key) -> Array:
    tiles = [slice(start, stop) for start, stop in pieces(0, key.values.size, settings().tile_length)]
    counts = np.zeros(1 << 8 * key.at(slice(0, 0)).itemsize, np.uint32)
    for tile in tiles:
        tally_codes(np.ascontiguousarray(key.at(tile)), counts, counts, counts, counts)
    starts = np.cumsum(counts, dtype=np.int64) - counts
    order = np.empty(key.values.size, np.uint32)
    for tile in tiles:
        scatter_ranks(np.ascontiguousarray(key.at(tile)), tile.start, starts, order)
    return order


def _ordered_pairs(key: Key, order: Array | None) -> Array:
    """Return keys (of what an order names), each with its place in the lower 32 bits, sorted: stably, since no two are the same."""
    pairs = np.empty(key.values.size, np.uint64)
    for start, stop in pieces(0, pairs.size, settings().tile_length):
        tile = pairs[start:stop]
        tile[...] = key.at(slice(start, stop) if order is None else order[start:stop])
        tile <<= _PLACE_BITS
        tile |= np.arange(start, stop, dtype=np.uint64)
    pairs.sort()
    return pairs


def narrowed_in_place(found: Array, dtype: np.dtype[Any]) -> Array:
    """Return small integers from 0 on, flat, in a narrower dtype and in the memory that they have; `found` is used up."""
    if found.base is not None or found.dtype.itemsize <= dtype.itemsize or not found.flags.owndata:
        return found.reshape(-1).astype(dtype, copy=False)
    size = found.size
    wide = found.reshape(-1)
    narrow = wide.view(dtype)
    # Each tile is copied before it is written to where others were: in front of it.
    for start, stop in pieces(0, size, settings().tile_length):
        narrow[start:stop] = wide[start:stop].astype(dtype)
    del wide, narrow
    found.resize(-(-size * dtype.itemsize // found.itemsize), refcheck=False)
    return found.view(dtype)[:size]


def orders_of_lines(found: Array, axis: int, most: int) -> Array:
    """Return the stable order of each line of keys of at most 32 bits along an axis, in C order, in few bytes."""
    length = found.shape[axis]
    lines = np.moveaxis(found, axis, -1)
    orders = np.empty(found.shape, code_dtype(length))
    out = np.moveaxis(orders, axis, -1)
    for region in regions(lines.shape[:-1], max(1, most // max(1, length))):
        pairs = lines[(*region, ...)].astype(np.uint64, order="C")
        pairs <<= _PLACE_BITS
        pairs |= np.arange(length, dtype=np.uint64)
        pairs.sort(axis=-1)
        np.copyto(out[(*region, ...)], pairs, casting="unsafe")
    return orders


def is_sorted(array: Array) -> bool:
    """Tell whether a 1-D array of codes is sorted already."""
    for start, stop in pieces(0, array.size - 1, settings().tile_length):
        if not (array[start:stop] <= array[start + 1 : stop + 1]).all():
            return False
    return True


def sorted_lines(found: Array, axis: int, own: bool, keep_ties: bool = False, **options: Any) -> Array:
    """Return codes sorted along an axis, in K order; not to be written to.

    Parameters
    ----------
    found : ndarray
        The codes. Such as are sorted already are returned as they are.
    axis : int
        The axis.
    own : bool
        Whether they may be sorted in place.
    keep_ties : bool, optional
        Whether the options ask for a stable sort.
    **options
        Those of `numpy.ndarray.sort`.
    """
    kind = found.dtype.kind
    if kind not in "biufmM" or options.get("descending"):
        return _sorted(found, axis, own, **options)
    if found.ndim == 1 and is_sorted(found):
        return found
    # Where equal codes are the same, it does not matter whether a sort is stable.
    if kind in "biu" and found.dtype.itemsize <= 2:
        return _sorted_narrow(found, axis, own)
    return _sorted(found, axis, own, kind="stable" if keep_ties and kind == "f" and not _ties_are_alike(found) else None)


def _sorted(found: Array, axis: int, own: bool, **options: Any) -> Array:
    result = found if own and found.flags.writeable else found.copy(order="K")
    result.sort(axis=axis, **options)
    return result


def _sorted_narrow(found: Array, axis: int, own: bool) -> Array:
    """Return numbers of at most 16 bits sorted along an axis: by vector code, where NumPy has it, or by counting."""
    vector = _has_vector_code()
    if found.dtype.itemsize == 2 and vector:
        return _sorted(found, axis, own)
    if found.shape[axis] >= _LONG and not vector:
        return _sorted(found, axis, own, kind="stable")
    # There is vector code for wider numbers, on more machines for those of 32 bits.
    result = found.astype(found.dtype, order="K", copy=True)
    wide = np.dtype(f"{'i' if found.dtype.kind == 'i' else 'u'}{2 if vector else 4}")
    lines, out = np.moveaxis(found, axis, -1), np.moveaxis(result, axis, -1)
    for region in regions(lines.shape[:-1], max(1, settings().tile_length // max(1, lines.shape[-1]))):
        tile = lines[(*region, ...)].astype(wide, order="C")
        tile.sort(axis=-1)
        np.copyto(out[(*region, ...)], tile, casting="unsafe")
    return result


@cache
def _has_vector_code() -> bool:
    """Tell whether NumPy sorts numbers of 16 bits faster by vector code than by counting: found out by trying."""
    probe = (np.arange(_LONG * 8) * 40_503 % 65_536).astype(np.uint16)

    def seconds(kind: Any) -> float:
        start = perf_counter()
        np.sort(probe, kind=kind)
        return perf_counter() - start

    return min(seconds(None) for _ in range(3)) < min(seconds("stable") for _ in range(3))


def _ties_are_alike(values: Array) -> bool:
    """Tell whether floats that sort as equals have the same bits: there is neither -0.0 nor NaN."""
    flat = values.reshape(-1)
    for start, stop in pieces(0, flat.size, settings().tile_length):
        tile = flat[start:stop]
        zeros = tile == 0
        if (zeros.any() and np.signbit(tile[zeros]).any()) or np.isnan(tile).any():
            return False
    return True


#: Lines of codes of 16 bits from which on NumPy sorts them faster by counting than as wider numbers.
_LONG = 512

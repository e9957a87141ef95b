"""Functions of single values, looked up by code: computed once for each value that codes can mean.

Results are small integers or truths: places in bins, membership. Each is written as codes or bits at once.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import lookup
from compactarray.execution.lanes import FALSE_TRUE, constant_bool
from compactarray.execution.ranks import counted_lane
from compactarray.execution.sortable import strided
from compactarray.execution.tally import Piece, code_count, codes_between, gapless, lanes_of, meaning_of, meanings
from compactarray.geometry.layout import contiguous_strides, is_contiguous
from compactarray.geometry.tiles import pieces
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import words
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.view import AnyView, View, whole

#: Gets 1-D values, returns as many results.
ValueFunction = Callable[[Array], Array]
#: Gets a lane, returns such a function of its codes, or None.
CodeFunction = Callable[[Encoding], ValueFunction | None]

#: Bools that are packed in one go: a multiple of eight.
_PACKED = 1 << 16


def in_c_order(view: AnyView) -> View | None:
    """Return the elements of an encoded view in C order as one axis, codes moved as they are; None where that takes a decode."""
    if not isinstance(view, View) or not isinstance(view.storage, BlockStorage) or not view.size:
        return None
    if is_contiguous(view.shape, view.steps):
        return gapless(view)
    model = view.storage.single()
    if model is None:
        return None
    codes = strided(model.codes[view.offset :], view.shape, view.steps).flatten()
    return whole(storage_of(view.dtype, [model.rebuilt((codes,), codes.size, None)], view.storage.block_length), (codes.size,))


def in_shape(flat: View, shape: tuple[int, ...]) -> View:
    """Return the elements of a fresh view with one axis in a shape, in C order."""
    return View(flat.storage, shape, contiguous_strides(shape), flat.offset)


def places_of_values(flat: View, function: ValueFunction, most: int, of_codes: CodeFunction) -> View:
    """Return the results of a function whose results are integers from 0 to `most`, for a view in C order.

    ``of_codes(lane)`` returns a function that gives the results for codes of a lane, or None.
    """
    dtype = code_dtype(most + 1)
    assert dtype is not None
    found = np.empty(flat.size, dtype)
    for start, results in results_of(flat, function, dtype, of_codes):
        found[start : start + results.size] = results
    return whole(storage_of(np.dtype(np.intp), [counted_lane(found, np.dtype(np.intp))], settings().block_length), (flat.size,))


def truth_of_values(flat: View, function: ValueFunction) -> View:
    """Return the results of a function whose results are bools, for a view in C order, as bits."""
    packed = np.empty(-(-flat.size // 8), np.uint8)
    marks = np.empty(_PACKED, bool)
    done = filled = 0
    for _, results in results_of(flat, function, np.dtype(bool)):
        at = 0
        while at < results.size:
            taken = min(results.size - at, _PACKED - filled)
            marks[filled : filled + taken] = results[at : at + taken]
            filled, at = filled + taken, at + taken
            if filled == _PACKED:
                packed[done : done + _PACKED // 8] = np.packbits(marks, bitorder="little")
                done, filled = done + _PACKED // 8, 0
    packed[done:] = np.packbits(marks[:filled], bitorder="little")
    ones = int(np.bitwise_count(packed).sum(dtype=np.int64))
    lane: Encoding = Bits(packed, FALSE_TRUE, flat.size)
    if ones in (0, flat.size):
        lane = constant_bool(ones > 0, flat.size)
    return whole(storage_of(lane.dtype, [lane], settings().block_length), (flat.size,))


def results_of(
    flat: View, function: ValueFunction, dtype: np.dtype[Any], of_codes: CodeFunction = lambda lane: None
) -> Iterator[tuple[int, Array]]:
    """Yield the results for all elements in order, and where each tile of them begins."""
    tables: dict[Hashable, Array] = {}
    for piece in lanes_of(flat):
        lane = piece.lane
        number = code_count(lane) if piece.counted and lane is not None else 0
        if lane is None or not piece.counted or number > piece.stop - piece.start:
            yield from _by_tiles(flat, piece, function, dtype, of_codes)
            continue
        meaning = meaning_of(lane)
        table = tables.get(meaning)
        if table is None or table.size < number:
            table = tables[meaning] = function(meanings(lane, np.arange(number))).astype(dtype, copy=False)
        yield from _through_table(piece, lane, table, function)


def _by_tiles(
    flat: View, piece: Piece, function: ValueFunction, dtype: np.dtype[Any], of_codes: CodeFunction
) -> Iterator[tuple[int, Array]]:
    lane = piece.lane
    coded = of_codes(lane) if isinstance(lane, Coded) else None
    for start, stop in pieces(piece.start, piece.stop, settings().tile_length):
        if coded is not None and isinstance(lane, Coded):
            results = coded(lane.codes[start - piece.start : stop - piece.start])
        else:
            results = function(flat.basic(slice(start, stop)).read())
        yield start, results.astype(dtype, copy=False)


def _through_table(piece: Piece, lane: Encoding, table: Array, function: ValueFunction) -> Iterator[tuple[int, Array]]:
    exceptions = lane.exceptions
    if exceptions is not None:
        positions = exceptions.places(0, lane.length)[2]
        others = function(exceptions.values.decoded(0, exceptions.count)).astype(table.dtype, copy=False)
    # Tiles begin at multiples of eight, where bits can be cut.
    for start, stop in pieces(0, lane.length, -(-settings().tile_length // 8) * 8):
        found = np.empty(stop - start, table.dtype)
        if isinstance(lane, Constant):
            found[...] = table[0]
        else:
            lookup(words(table), codes_between(lane, start, stop), words(found))
        if exceptions is not None:
            low, high = positions.searchsorted((start, stop))
            found[positions[low:high] - start] = others[low:high]
        yield piece.start + start, found

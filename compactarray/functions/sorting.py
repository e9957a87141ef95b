"""Sorting and selecting: by counting codes, or on codes that sort as their values do."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.raw import Raw
from compactarray.execution.columns import axis_of_columns
from compactarray.execution.mapping import in_c_order
from compactarray.execution.ordering import sorted_storage
from compactarray.execution.ranks import Ranks, counted_lane
from compactarray.execution.sortable import (
    Key,
    Sortable,
    keys_of,
    narrowed_in_place,
    order_by_keys,
    orders_of_lines,
    sortable,
    sorted_lines,
    stable_order,
    whole_key,
    working_copy,
)
from compactarray.execution.sparse_lines import sorted_sparse
from compactarray.execution.tally import Tally, gapless, lanes_of, tally_of
from compactarray.functions.common import NO_VALUE, compact, dense, finished, wrap
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.order import new_classes
from compactarray.numerics.words import is_encodable
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.blocks import storage_of
from compactarray.storage.builder import can_encode
from compactarray.storage.columns import table_of
from compactarray.storage.stacked import StackedStorage, stack_of
from compactarray.storage.view import AnyView, View, from_columns, whole

#: Places of elements are kept in 32 bits.
_MOST = 1 << 32
#: Elements of lines that are put in order together.
_PANEL = 1 << 20
#: So many neighbours in a sorted array are compared to tell whether it is worth encoding.
_PROBE = 1_024


def _options(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and value is not NO_VALUE}


def _is_stable(options: dict[str, Any]) -> bool:
    return bool(options.get("stable")) or options.get("kind", "quicksort") not in ("quicksort", "heapsort")


def _axis(a: CompactArray, axis: Any) -> int | None:
    """Return an axis; None where all elements are one line."""
    if axis is None:
        return None
    axis = normalize_axis_index(axis, a.ndim)
    return None if a.ndim == 1 else axis


def _tally(view: AnyView) -> Tally | None:
    flat = gapless(view)
    return None if flat is None else tally_of(flat)


def _columns(a: CompactArray, along: int | None) -> tuple[tuple[int, ...], list[View]] | None:
    """Return the columns of a table to be sorted each, and the axes of the table with that of its columns last; None for others."""
    if along is None or a.ndim != 2 or not isinstance(a._view, View) or axis_of_columns(a._view) != 1 - along:
        return None
    order = (along, 1 - along)
    columns = a._view.transpose(order).columns()
    return None if columns is None else (order, columns)


@implements(np.sort, route="native", inline=True)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: Any = NO_VALUE) -> Any:
    """As numpy.sort; by counting, or on one working copy in the narrowest form."""
    a = compact(a)
    along = _axis(a, axis)
    options = _options(kind=kind, order=order, stable=stable, descending=descending)
    # NumPy refuses what it would refuse for no elements.
    np.empty(0, a.dtype).sort(**options)
    if along is None and not options.get("descending"):
        tally = _tally(a._view)
        if tally is not None and (not _is_stable(options) or new_classes(tally.values).all()):
            return wrap(whole(sorted_storage(tally, settings().block_length), (a.size,)))
    columns = _columns(a, along)
    if columns is not None:
        order, lines = columns
        # Columns that follow each other in memory do so in the result.
        stack = isinstance(a._view, View) and type(a._view.storage) is StackedStorage
        order = order[::-1] if stack else order
        parts = [sort(wrap(line), **options)._view for line in lines]
        table = from_columns(parts, tuple(a.shape[axis] for axis in order), stack_of if stack else table_of)
        return wrap(table.transpose(tuple(order.index(axis) for axis in range(a.ndim))))
    codes = sortable(a._view)
    if codes is None and along is not None and not options.get("descending"):
        found = sorted_sparse(a._view, along, _is_stable(options))
        if found is not None:
            return wrap(found)
    codes = codes or working_copy(a._view)
    array = codes.codes.reshape(-1) if along is None else codes.codes
    return _encoded(codes, sorted_lines(array, -1 if along is None else along, codes.own, _is_stable(options), **options))


def _encoded(codes: Sortable, array: Array) -> CompactArray:
    """Return sorted codes as values; encoded anew where neighbours are often equal now."""
    if not isinstance(codes.model, Raw):
        return wrap(codes.restored(array))
    if not is_encodable(array.dtype) or array.nbytes <= settings().plain_below:
        return finished(array)
    flat = array.reshape(-1) if array.flags.c_contiguous else array.T.reshape(-1)
    probed = flat[: flat.size // 2 * 2].reshape(-1, 2)[:: max(1, flat.size // (2 * _PROBE))]
    repeats = np.count_nonzero(probed[:, 0] == probed[:, 1])
    return finished(array) if repeats * 8 > len(probed) else wrap(codes.restored(array))


# --- orders -----------------------------------------------------------------------------------------


@implements(np.argsort, route="native", inline=True)
def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: Any = NO_VALUE) -> Any:
    """As numpy.argsort; by counting, or on one working copy and the indices."""
    a = compact(a)
    along = _axis(a, axis)
    options = _options(kind=kind, order=order, stable=stable, descending=descending)
    np.empty(0, a.dtype).argsort(**options)
    if options.get("descending") or a.size > _MOST or not a.size:
        found = None
    elif along is None:
        found = _order(a._view, _is_stable(options))
    else:
        found = _orders(a._view, along)
    if found is None:
        array = working_copy(a._view, narrow=False).codes
        found = np.argsort(array.reshape(-1) if along is None else array, -1 if along is None else along, **options)
    return indices(found, a.size if along is None else a.shape[along])


def _order(view: AnyView, stable: bool) -> Array | None:
    """Return the stable order of all elements in C order, or None where NumPy's own way to it is as good."""
    flat = in_c_order(view)
    if flat is not None:
        lanes = lanes_of(flat)
        tally = tally_of(flat, lanes)
        if tally is not None:
            return Ranks(flat, lanes, tally).order()
    codes = sortable(view)
    if codes is None and view.dtype.kind in "SU":
        codes = working_copy(view)
    if codes is None:
        return None
    if isinstance(codes.model, Raw) and codes.codes.itemsize > 4 and not stable:
        return np.argsort(codes.codes, axis=None)
    return stable_order(codes)


def _orders(view: AnyView, axis: int) -> Array | None:
    """Return the stable order of each line along an axis, or None where NumPy's own way to it is as good."""
    codes = sortable(view)
    found = [] if codes is None else codes.sort_keys()
    return orders_of_lines(found[0], axis, _PANEL) if len(found) == 1 else None


def indices(found: Array, length: int) -> CompactArray:
    """Return fresh places of elements, less than `length`, as an array of indices: in no order, but narrow."""
    if found.size * 8 <= settings().plain_below or not found.size:
        return finished(found.astype(np.intp, copy=False))
    codes = code_dtype(length)
    if codes is None or not found.flags.c_contiguous:
        return finished(found.astype(np.intp, copy=False))
    shape = found.shape
    lane = counted_lane(narrowed_in_place(found, codes), np.dtype(np.intp))
    return wrap(whole(storage_of(lane.dtype, [lane], settings().block_length), shape))


# --- selecting --------------------------------------------------------------------------------------


def _checked(a: CompactArray, kth: Any, axis: Any, kind: Any, order: Any) -> Array:
    """Return the places of a partition; NumPy's errors where it refuses them."""
    places = np.asarray(kth)
    np.empty(1, a.dtype).partition(0, kind=kind, order=order)
    length = a.size if axis is None else a.shape[normalize_axis_index(axis, a.ndim)]
    if places.dtype.kind not in "iu" or places.ndim > 1 or ((places >= length) | (places < -length)).any():
        np.zeros(length, bool).partition(places if isinstance(kth, CompactArray) else kth)
    return np.where(places < 0, places + length, places).reshape(-1)


@implements(np.partition, route="native", inline=True)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """As numpy.partition; sorted where that is cheap, else on one working copy."""
    a = compact(a)
    places = _checked(a, kth, axis, kind, order)
    along = _axis(a, axis)
    if along is None:
        tally = _tally(a._view)
        if tally is not None:
            return wrap(whole(sorted_storage(tally, settings().block_length), (a.size,)))
    codes = sortable(a._view)
    if codes is None:
        codes = working_copy(a._view, narrow=False)
        array = codes.codes.flatten() if along is None else codes.codes
        array.partition(np.asarray(kth), -1 if along is None else along, kind, order)
        return finished(array)
    if along is None and places.size == 1:
        array = codes.codes.flatten()
        array.partition(places)
    else:
        # NumPy selects several places, or places of several lines, more slowly than it sorts.
        array = codes.codes.reshape(-1) if along is None else codes.codes
        array = sorted_lines(array, -1 if along is None else along, codes.own)
    return _encoded(codes, array)


@implements(np.argpartition, route="native", inline=True)
def argpartition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """As numpy.argpartition; by counting where there is a tally, else on one working copy."""
    a = compact(a)
    places = _checked(a, kth, axis, kind, order)
    along = _axis(a, axis)
    if along is None and places.size:
        flat = in_c_order(a._view)
        lanes = [] if flat is None else lanes_of(flat)
        tally = None if flat is None or a.size > _MOST else tally_of(flat, lanes)
        if flat is not None and tally is not None:
            return indices(Ranks(flat, lanes, tally, around=places).order(), a.size)
    codes = sortable(a._view)
    array = working_copy(a._view, narrow=False).codes if codes is None else codes.codes
    options = {} if order is None else {"order": order}
    return indices(np.argpartition(array, np.asarray(kth), axis, kind, **options), a.size if along is None else a.shape[along])


# --- several keys -----------------------------------------------------------------------------------


@implements(np.sort_complex, route="composed", inline=True)
def sort_complex(a: Any) -> Any:
    """As numpy.sort_complex."""
    found = sort(a)
    if found.dtype.kind == "c":
        return found
    return found.astype("F" if found.dtype.char in "bhBH" else "G" if found.dtype.char == "g" else "D")


@implements(np.lexsort, route="native", inline=True)
def lexsort(keys: Any, axis: Any = -1) -> Any:
    """As numpy.lexsort, for keys of one axis by narrow keys of each; others are decoded whole."""
    items = [compact(key) for key in keys]
    shapes = {item.shape for item in items}
    if len(shapes) != 1 or items[0].ndim != 1 or axis not in (0, -1) or not 0 < items[0].size <= _MOST:
        return dense(np.lexsort, keys, axis)
    # Strings in foreign byte order NumPy sorts in an order of its own.
    if any(item.dtype.kind not in "biufmM" and not (item.dtype.kind in "SU" and item.dtype.isnative) for item in items):
        return dense(np.lexsort, keys, axis)
    if any(not can_encode(item.dtype) for item in items):
        return dense(np.lexsort, keys, axis)
    return indices(order_by_keys([key for item in items for key in _keys(item._view)]), items[0].size)


def _keys(view: AnyView) -> list[Key]:
    """Return keys that sort as the elements of a view with one axis do: ranks, codes, or made of the values."""
    flat = in_c_order(view)
    if flat is not None:
        lanes = lanes_of(flat)
        tally = tally_of(flat, lanes)
        if tally is not None:
            ranks = Ranks(flat, lanes, tally)
            return [Key(ranks.all(), ranks.values.size)]
    codes = sortable(view)
    if codes is None and view.dtype.kind in "SU":
        codes = working_copy(view)
    found = keys_of(working_copy(view, narrow=False).codes) if codes is None else codes.sort_keys()
    return [whole_key(key) for key in found]

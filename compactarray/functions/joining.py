"""Joining and splitting: concatenate and its relatives copy by tiles, splits are views."""

from collections.abc import Iterator, Sequence
from math import prod
from operator import index as as_integer
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import looks_incompressible
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.assembled import Joined, assembled, flat
from compactarray.functions.common import back, compact, dense, empty_model, wrap
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import is_contiguous
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage import sparse_moves
from compactarray.storage.base import Array, Storage
from compactarray.storage.bit_rows import Rows, side_by_side
from compactarray.storage.blocks import storage_of
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.rearranged import end_to_end, rearranged
from compactarray.storage.tables import MOST_COLUMNS, is_tall
from compactarray.storage.view import AnyView, View, built, from_columns, whole

#: Up to so many elements, counted as often as lists are nested, NumPy joins blocks list by list, which decides the layout.
_SLICED = 2 * 512 * 512
#: Bytes up to which an ndarray is encoded before it is joined.
_COPIED = 1 << 20


@implements(np.concatenate, route="native", inline=True)
def concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.concatenate."""
    if axis is None and dtype is None and any(type(array) in (int, float, complex) for array in arrays):
        # Python's numbers have no dtype of their own here.
        weak = np.concatenate([empty_model(array) for array in arrays], axis=None).dtype
        arrays = [np.array(array).astype(weak) if type(array) in (int, float, complex) else array for array in arrays]
    parts = [compact(array) for array in arrays]
    if axis is None and out is None and not all(part.flags.c_contiguous for part in parts):
        flattened = [flat(part._view) for part in parts]
        models = [compact(np.empty(0, part.dtype)) for part in parts]
        return wrap(assembled(Joined(flattened, 0, joined_dtype(models, 0, dtype, casting))))
    if axis is None:
        parts, axis = [part.ravel() for part in parts], 0
        if out is not None and out.ndim != 1:
            raise ValueError("Output array must be 1D")
    if dtype is not None and out is not None:
        np.concatenate([np.empty(0)], out=np.empty(0), dtype=dtype)
    wanted = joined_dtype(parts, axis, dtype if out is None else out.dtype, casting)
    axis = normalize_axis_index(axis, parts[0].ndim)
    if out is None:
        return joined(parts, axis, wanted)
    total = sum(part.shape[axis] for part in parts)
    if out.shape != (*parts[0].shape[:axis], total, *parts[0].shape[axis + 1 :]):
        raise ValueError("Output array is the wrong shape")
    start = 0
    for part in parts:
        place = (*(slice(None),) * axis, slice(start, start + part.shape[axis]))
        out[place] = part
        start += part.shape[axis]
    return out


def joined_dtype(parts: Sequence[CompactArray], axis: Any, dtype: Any = None, casting: Any = "same_kind") -> np.dtype[Any]:
    """Return the dtype of the result; NumPy's errors for parts that do not go together."""
    models = []
    for part in parts:
        shape = list(part.shape)
        if -len(shape) <= as_integer(axis) < len(shape):
            # Without elements there, joined shams take no memory.
            shape[axis] = 0
        models.append(sham(tuple(shape), part.dtype))
    return np.concatenate(models, axis, dtype=dtype, casting=casting).dtype  # type: ignore[no-any-return]


def joined_like(parts: Sequence[CompactArray], axis: int, like: CompactArray) -> CompactArray:
    """Return parts joined along an axis, of the dtype and in the order of memory of another array."""
    return joined(parts, axis, like.dtype, like._view.layout("K"))


def joined(parts: Sequence[CompactArray], axis: int, dtype: np.dtype[Any], order: tuple[int, ...] | None = None) -> CompactArray:
    """Return arrays after each other along an axis, by default laid out as numpy.concatenate lays them out."""
    order = strides_order(parts) if order is None else order
    place = order.index(axis)
    moved = [part._view.transpose(order) for part in parts]
    shape = list(moved[0].shape)
    shape[place] = sum(part.shape[place] for part in moved)
    moved = [part for part in moved if part.shape[place]]
    if not prod(shape):
        return back(built(dtype, tuple(shape), iter(())), order)
    if any(part.dtype != dtype for part in moved):
        operands = [operand(part) for part in moved]
        tiles = (tile.reshape(-1).astype(dtype, copy=False) for tile in _tiles(operands, shape, place, settings().tile_length))
        return back(built(dtype, tuple(shape), tiles), order)
    columns = _columns(moved, shape) if place == len(shape) - 1 else None
    if columns is not None:
        return back(from_columns(columns, tuple(shape)), order)
    if all(isinstance(part, View) for part in moved) and prod(shape) * dtype.itemsize > settings().plain_below:
        sparse = sparse_moves.joined(moved, prod(shape[:place]))
        if sparse is not None:
            return back(whole(sparse, tuple(shape)), order)
    moved = [_uncopied(part) for part in _fewer(moved, place)] if len(moved) > 1 else moved
    if place and len(moved) > 1:
        rows = _side_by_side(moved, place)
        if rows is not None:
            return back(whole(rows, tuple(shape)), order)
    if place == 0 and all(isinstance(part, View) and is_contiguous(part.shape, part.steps) for part in moved):
        return back(end_to_end(moved, tuple(shape)), order)
    return back(rearranged(moved, tuple(shape), lambda operands, most: _tiles(operands, shape, place, most)), order)


def _columns(parts: Sequence[AnyView], shape: Sequence[int]) -> list[AnyView] | None:
    """Return copies of the columns of tables, and of single columns between them; None where that is not what the parts are."""
    if len(shape) < 2 or shape[-1] > MOST_COLUMNS or not is_tall(prod(shape[:-1])):
        return None
    found: list[AnyView] = []
    tables = 0
    for part in parts:
        columns = part.columns() if isinstance(part, View) else None
        if columns is None and part.shape[-1] > 1:
            return None
        tables += columns is not None
        found.extend(column.copied("C") for column in ([part[..., 0]] if columns is None else columns))
    return found if tables else None


def _side_by_side(parts: Sequence[AnyView], place: int) -> Storage | None:
    """Return parts joined along an axis that is not the first, as rows of bytes; None for what is no rows of bits."""
    rows: list[Rows] = []
    for part in parts:
        if not isinstance(part, View) or not is_contiguous(part.shape, part.steps):
            return None
        rows.append(Rows(part.storage, part.offset, prod(part.shape[:place]), prod(part.shape[place:])))
    return side_by_side(rows)


def _tiles(parts: Sequence[View | Array], shape: Sequence[int], place: int, most: int) -> Iterator[Array]:
    """Yield the elements of parts joined along an axis, in C order."""
    outer, row = tuple(shape[:place]), prod(shape[place:])
    if row <= most and outer:
        for region in regions(outer, most // row):
            at = sum(isinstance(item, slice) for item in region)
            yield np.concatenate([tile_of(part, region) for part in parts], at)
        return
    for index in np.ndindex(*outer):
        for part in parts:
            for region in regions(part.shape[place:], most):
                yield tile_of(part, (*index, *region))


def _fewer(parts: list[AnyView], place: int) -> list[AnyView]:
    """Return parts of which small plain ones that stand together have been joined."""
    found: list[AnyView] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, PlainView) and isinstance(last, PlainView) and last.size <= settings().tile_length:
            found[-1] = PlainView(np.concatenate([last.array, part.array], place))
        else:
            found.append(part)
    return found


def _uncopied(part: AnyView) -> AnyView:
    """Return a large ndarray that no encoding makes smaller as an encoded view of its own memory; other parts as they are.

    Joined to others it will be copied once. No other array's memory seems to be next to it, so that joined neighbours are copied too.
    """
    if isinstance(part, View) or part.array.nbytes <= _COPIED or part.dtype.kind not in "iuf" or not can_encode(part.dtype):
        return part
    array = part.array
    if not (array.flags.c_contiguous and array.dtype.isnative) or not looks_incompressible(array.reshape(-1)):
        return part
    codes = np.frombuffer(array.data.cast("B"), array.dtype)
    return whole(storage_of(array.dtype, [Raw(codes)], settings().block_length), array.shape)


def strides_order(parts: Sequence[CompactArray]) -> tuple[int, ...]:
    """Return the axes from slowest to fastest; as NumPy's PyArray_CreateMultiSortedStridePerm."""
    order = list(range(parts[0].ndim))
    layouts = [(part.shape, part.strides) for part in parts]
    for first in range(1, len(order)):
        axis, place = order[first], first
        for earlier in range(first - 1, -1, -1):
            other, ambiguous, swap = order[earlier], True, False
            for lengths, steps in layouts:
                if lengths[axis] != 1 and lengths[other] != 1:
                    if abs(steps[axis]) <= abs(steps[other]):
                        swap = False
                    elif ambiguous:
                        swap = True
                    ambiguous = False
            if not ambiguous and not swap:
                break
            if swap:
                place = earlier
        if place != first:
            order.insert(place, order.pop(first))
    return tuple(order)


def _several(arrays: Any, name: str) -> Any:
    """Return the arrays to join; NumPy's error for an iterator."""
    if not hasattr(arrays, "__getitem__"):
        raise TypeError('arrays to stack must be passed as a "sequence" type such as list or tuple.')
    return arrays


@implements(np.stack, route="composed", inline=True)
def stack(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.stack."""
    parts = [compact(array) for array in arrays]
    if not parts:
        raise ValueError("need at least one array to stack")
    if len({part.shape for part in parts}) != 1:
        raise ValueError("all input arrays must have the same shape")
    place = normalize_axis_index(axis, parts[0].ndim + 1)
    index = (slice(None),) * place + (None,)
    return concatenate([part[(*index, ...)] for part in parts], place, out, dtype=dtype, casting=casting)


def _least(parts: Any, function: Any) -> list[Any]:
    found = function(*[compact(part) for part in _several(parts, function.__name__)])
    return list(found) if isinstance(found, (tuple, list)) else [found]


@implements(np.vstack, route="composed", inline=True)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.vstack."""
    return concatenate(_least(tup, np.atleast_2d), 0, dtype=dtype, casting=casting)


@implements(np.hstack, route="composed", inline=True)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """As numpy.hstack."""
    parts = _least(tup, np.atleast_1d)
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@implements(np.dstack, route="composed", inline=True)
def dstack(tup: Any) -> Any:
    """As numpy.dstack."""
    return concatenate(_least(tup, np.atleast_3d), 2)


@implements(np.column_stack, route="composed", inline=True)
def column_stack(tup: Any) -> Any:
    """As numpy.column_stack."""
    parts = [compact(part) for part in _several(tup, "column_stack")]
    # As NumPy's array(part, ndmin=2).T.
    return concatenate([part[(None,) * (2 - part.ndim) + (...,)].T if part.ndim < 2 else part for part in parts], 1)


@implements(np.append, route="composed", inline=True)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """As numpy.append."""
    return concatenate((compact(arr), compact(values)), axis)


@implements(np.block, route="composed", inline=True)
def block(arrays: Any) -> Any:
    """As numpy.block."""
    depth = _depth(arrays)
    if depth is None:
        return dense(np.block, arrays)
    leaves = [compact(leaf) for leaf in _leaves(arrays)]
    ndim = max(depth, *(leaf.ndim for leaf in leaves))
    if depth == 0:
        return leaves[0].copy()
    if depth * sum(leaf.size for leaf in leaves) <= _SLICED:
        return _block(arrays, depth, ndim)
    # As NumPy: in F order where all arrays are in F order and not all in C order.
    fortran = all(leaf.flags.f_contiguous for leaf in leaves) and not all(leaf.flags.c_contiguous for leaf in leaves)
    whole = _joined_blocks(arrays, depth, ndim, np.result_type(*(leaf.dtype for leaf in leaves)))
    axes = tuple(reversed(range(ndim))) if fortran else tuple(range(ndim))
    return back(assembled(whole.transpose(axes)), axes)


def _depth(arrays: Any) -> int | None:
    """Return how deep the lists are nested, everywhere alike; None where they are not, or are empty or tuples."""
    if isinstance(arrays, tuple):
        return None
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(item) for item in arrays}
    found = depths.pop() if len(depths) == 1 else None
    return None if found is None else found + 1


def _leaves(arrays: Any) -> Iterator[Any]:
    if isinstance(arrays, list):
        for item in arrays:
            yield from _leaves(item)
    else:
        yield arrays


def _block(arrays: Any, depth: int, ndim: int) -> Any:
    if not depth:
        array = compact(arrays)
        return array[(None,) * (ndim - array.ndim) + (...,)]
    return concatenate([_block(item, depth - 1, ndim) for item in arrays], -depth)


def _joined_blocks(arrays: Any, depth: int, ndim: int, dtype: np.dtype[Any]) -> Any:
    """Return the operand of nested lists of arrays, of which no part is copied before the whole is."""
    if not depth:
        return operand(_block(arrays, 0, ndim)._view)
    parts = [_joined_blocks(item, depth - 1, ndim, dtype) for item in arrays]
    axis = ndim - depth
    if len({(part.shape[:axis], part.shape[axis + 1 :]) for part in parts}) > 1:
        raise ValueError(f"Mismatched array shapes in block along axis {axis}.")
    return Joined(parts, axis, dtype)


# --- splitting: views -------------------------------------------------------------------------------


@implements(np.array_split, route="native")
def array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """As numpy.array_split: views."""
    ary = compact(ary)
    total = ary.shape[axis]
    try:
        sections = len(indices_or_sections) + 1
        ends = [0, *list(indices_or_sections), total]
    except TypeError:
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ValueError("number sections must be larger than 0.") from None
        each, extras = divmod(total, sections)
        sizes = [0] + extras * [each + 1] + (sections - extras) * [each]
        ends = list(np.cumsum(sizes))
    moved = np.swapaxes(ary, axis, 0)
    return [np.swapaxes(moved[ends[k] : ends[k + 1]], axis, 0) for k in range(sections)]


@implements(np.split, route="native")
def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """As numpy.split: views."""
    try:
        len(indices_or_sections)
    except TypeError:
        if compact(ary).shape[axis] % indices_or_sections:
            raise ValueError("array split does not result in an equal division") from None
    return array_split(ary, indices_or_sections, axis)


@implements(np.hsplit, route="native")
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As numpy.hsplit: views."""
    if np.ndim(ary) == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


@implements(np.vsplit, route="native")
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As numpy.vsplit: views."""
    if np.ndim(ary) < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit, route="native")
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """As numpy.dsplit: views."""
    if np.ndim(ary) < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


if hasattr(np, "unstack"):  # NumPy 2.1

    @implements(np.unstack, route="native")
    def unstack(x: Any, /, *, axis: int = 0) -> Any:
        """As numpy.unstack: views."""
        if x.ndim == 0:
            raise ValueError("Input array must be at least 1-d.")
        moved = np.moveaxis(x, axis, 0)
        return tuple(moved[k] for k in range(moved.shape[0]))

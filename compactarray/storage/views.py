"""Views made from views by copying: of another dtype, of another shape."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.casting import recast
from compactarray.encodings.quick import simple
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import looks_incompressible
from compactarray.geometry.layout import is_contiguous
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.results import Results
from compactarray.storage.tables import is_tall
from compactarray.storage.transfer import announce_cast, cast
from compactarray.storage.view import AnyView, View, built, encoded, from_columns, whole

#: Bytes of a result whose form is not looked for.
_SUMMARY = 1 << 16
#: Numbers that are cast at a time, and how many of them tell whether they stay where they are cast to.
_CAST, _SAMPLE = 1 << 18, 2048


def converted(view: AnyView, dtype: np.dtype[Any], order: str = "K", casting: Any = "unsafe") -> AnyView:
    """Return a copy of another dtype, tile by tile (constants at once), laid out in C, F, A or K order."""
    if not view.size:
        return PlainView(np.empty(view.shape, view.dtype).astype(dtype, order, casting))  # type: ignore[arg-type]
    if isinstance(view, PlainView):
        return result_view(view.array.astype(dtype, order, casting))  # type: ignore[arg-type]
    if dtype.kind in "SU" and not dtype.itemsize:
        # How long strings are made of elements hangs on these elements' dtype.
        dtype = np.empty(0, view.dtype).astype(dtype).dtype
    if dtype.kind in "mM" and view.dtype.kind in "mMSU" and np.datetime_data(dtype)[0] == "generic":
        # The unit is that of what is converted, of text the finest that any element takes.
        dtype = np.result_type(
            *{tile.astype(dtype).dtype for tile in (view.tiles() if view.dtype.kind in "SU" else [np.empty(0, view.dtype)])}
        )
    axes = view.layout(order)
    moved = view.transpose(axes)
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    if view.size * max(dtype.itemsize, view.dtype.itemsize) <= settings().plain_below:
        return PlainView(moved.read().astype(dtype, "C", casting).transpose(back))
    announce_cast(view.dtype, dtype)
    if view.dtype.kind == "U" and dtype.kind == "M":
        # NumPy looks for characters that no moment has before it reads any of them.
        for tile in moved.tiles():
            tile.astype("S")
    if not can_encode(dtype):
        with ErrorsOnce("cast"):
            return built(dtype, moved.shape, (cast(tile, dtype, casting) for tile in moved.tiles())).transpose(back)
    columns = moved.columns()
    if columns is not None and is_encodable(dtype) and is_tall(columns[0].size):
        with ErrorsOnce("cast"):
            return from_columns([converted(column, dtype, "C", casting) for column in columns], moved.shape).transpose(back)
    results = Results(dtype, view.size)
    with ErrorsOnce("cast"):
        for piece in _pieces(moved, dtype, results, casting):
            if isinstance(piece, Encoding):
                results.append_encoded(piece)
            elif piece.dtype.kind in "iuf" and dtype.kind in "iuf" and dtype.isnative and casting != "same_value":
                _append_cast(results, piece, dtype)
            else:
                results.append(cast(piece, dtype, casting))
    return whole(results.finish(), moved.shape).transpose(back)


def _append_cast(results: Results, values: Array, dtype: np.dtype[Any]) -> None:
    """Append numbers as numbers of another dtype, cast to where they may stay."""
    if results.fresh:
        with np.errstate(all="ignore"):
            if looks_incompressible(values[:: values.size // _SAMPLE | 1].astype(dtype)):
                results.reserve()
    for start in range(0, values.size, _CAST):
        part = values[start : start + _CAST]
        np.copyto(results.room(part.size), part, casting="unsafe")
        results.advance(part.size)


def result_view(array: Array) -> AnyView:
    """Return the view of a result: plain where it is small or cannot be encoded, else encoded."""
    if array.nbytes <= settings().plain_below or not can_encode(array.dtype):
        return PlainView(array)
    return encoded(array)


def summary_view(array: Array) -> AnyView:
    """Return the view of a result that has far fewer elements than its operand: what form suits it best is not worth a scan."""
    if not settings().plain_below < array.nbytes <= _SUMMARY or not can_encode(array.dtype):
        return result_view(array)
    return whole(storage_of(array.dtype, [simple(np.ascontiguousarray(array).reshape(-1))], settings().block_length), array.shape)


def _pieces(view: View, dtype: np.dtype[Any], results: Results, casting: Any) -> Iterator[Array | Encoding]:
    """Yield the elements in C order: whole blocks that need only another meaning with that, the rest by tiles."""
    storage = view.storage
    if not isinstance(storage, BlockStorage) or not is_contiguous(view.shape, view.steps) or casting == "same_value":
        yield from view.tiles()
        return
    start, block = 0, settings().block_length
    while start < view.size:
        stop, lane = storage.lane(view.offset + start, view.offset + view.size, folded=True)
        stop -= view.offset
        if stop < view.size:
            stop = max(stop // block * block, min(start // block * block + block, view.size))
        found = None
        if lane is not None and lane.length >= stop - start and results.takes_encoded and storage.block_length == block:
            found = recast(lane.slice(0, stop - start), dtype)
        if found is not None:
            yield found
        elif type(lane) is Raw and lane.length >= stop - start and dtype.kind in "iuf" and dtype.isnative and not start % block:
            yield lane.codes[: stop - start]
        else:
            stop = min(stop, (start // block + 1) * block)
            yield from View(storage, (stop - start,), (1,), view.offset + start).tiles()
        start = stop


def reshaped_copy(view: AnyView, shape: tuple[int, ...], order: str) -> AnyView:
    """Return a copy in another shape, elements taken and laid out in C or F order."""
    if isinstance(view, PlainView):
        return PlainView(view.array.reshape(shape, order=order))  # type: ignore[call-overload]
    fresh = view.copied(order)
    found = View(fresh.storage, fresh.shape, fresh.steps, fresh.offset).reshaped(shape, order)
    assert found is not None
    return found

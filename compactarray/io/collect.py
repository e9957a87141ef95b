"""Pieces in, a compact array out: encoded while they come, or plain where the dtype is not encoded."""

from collections.abc import Iterable
from math import prod
from typing import Any, Literal

import numpy as np

from compactarray.array import CompactArray
from compactarray.storage.builder import can_encode
from compactarray.storage.plain import PlainView
from compactarray.storage.tables import TableBuilder, in_rows

Array = np.ndarray[Any, Any]


def collected(
    dtype: np.dtype[Any],
    pieces: Iterable[Array],
    shape: tuple[int, ...] | None = None,
    order: Literal["C", "F"] = "C",
    width: int = 0,
) -> CompactArray:
    """Return the array of the elements in `pieces`.

    Parameters
    ----------
    dtype : dtype
        Of every piece, and of the result.
    pieces : iterable of ndarray
        1-D, in address order; each may be the same buffer, overwritten.
    shape : tuple of int, optional
        Shape of the result; one dimension by default.
    order : {"C", "F"}, optional
        Whether the last or the first axis is the fastest in `pieces`.
    width : int, optional
        The number of columns, of a table without a shape.
    """
    if can_encode(dtype):
        if shape is not None:
            width = row_length(shape, order)
        builder = TableBuilder(dtype, width)
        for piece in in_rows(pieces, width):
            builder.append(piece)
        return CompactArray.from_storage(builder.finish(), (builder.size,) if shape is None else shape, order=order)
    flat = _joined(dtype, pieces) if shape is None else _filled(np.empty(prod(shape), dtype), pieces)
    return CompactArray.from_view(PlainView(flat if shape is None else flat.reshape(shape, order=order)))


def row_length(shape: tuple[int, ...], order: str) -> int:
    """Return how many neighbouring elements are of different columns; 0 for an array that is no table."""
    return 0 if len(shape) < 2 or 0 in shape else shape[-1 if order == "C" else 0]


def _joined(dtype: np.dtype[Any], pieces: Iterable[Array]) -> Array:
    kept = [piece.copy() for piece in pieces]
    return np.concatenate(kept) if kept else np.empty(0, dtype)


def _filled(flat: Array, pieces: Iterable[Array]) -> Array:
    """Copy `pieces` into `flat`, whose length is theirs together."""
    at = 0
    for piece in pieces:
        flat[at : at + piece.size] = piece
        at += piece.size
    return flat

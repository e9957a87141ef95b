"""Comparisons of records, which are no ufuncs: field by field, as ndarray's operators compare them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.operands import broadcast, operand, result_axes, shammed, tile_of, transposed
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import regions
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, built


def compared(function: Callable[[Any, Any], Any], left: Any, right: Any) -> AnyView:
    """Return ``left == right`` or ``left != right`` (`function`) for arrays of records, by tiles."""
    operands = [operand(left), operand(right)]
    function(*(np.empty(0, value.dtype) for value in operands))
    try:
        shape = broadcast_shapes(*(value.shape for value in operands))
    except ValueError:
        function(*map(shammed, operands))
        raise
    axes = result_axes([broadcast(value, shape) for value in operands if value.shape], shape, "K")
    moved = [transposed(broadcast(value, shape), axes) for value in operands]
    lengths = tuple(shape[axis] for axis in axes)

    def tiles() -> Iterator[Array]:
        for region in regions(lengths, settings().tile_length):
            yield np.asarray(function(*(tile_of(value, region) for value in moved))).reshape(-1)

    return built(np.dtype(bool), lengths, tiles()).transpose(tuple(axes.index(axis) for axis in range(len(axes))))

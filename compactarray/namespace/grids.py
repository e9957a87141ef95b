"""NumPy's grids of indices, broadcast and not dense, and what joins by indexing."""

from collections.abc import Callable
from operator import index as as_integer
from typing import Any

import numpy as np

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.namespace.creating import is_foreign
from compactarray.namespace.results import compacted


def _stacked(grids: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return open grids, broadcast to a shape, along a new first axis."""
    full = [np.broadcast_to(grid, shape) for grid in grids]
    return np.stack(full) if full else CompactArray(np.empty((0, *shape), dtype))  # type: ignore[arg-type]


def indices(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Any:
    """As numpy.indices.

    Examples
    --------
    >>> from compactarray.namespace.grids import indices
    >>> indices((2, 3))[1]
    CompactArray([[0, 1, 2],
                  [0, 1, 2]])
    """
    lengths = tuple(dimensions)
    if not all(isinstance(length, int) for length in lengths) or min(lengths, default=0) < 0:
        return compacted(np.indices(dimensions, dtype, sparse))
    axes = range(len(lengths))
    grids = [creation.arange(n, dtype=dtype).reshape(tuple(n if k == axis else 1 for k in axes)) for axis, n in enumerate(lengths)]
    return tuple(grids) if sparse else _stacked(grids, lengths, dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = float, *, like: Any = None) -> Any:  # noqa: N803 - NumPy's names
    """As numpy.tri: compared tile by tile.

    Examples
    --------
    >>> from compactarray.namespace.grids import tri
    >>> tri(2, 3, dtype=int)
    CompactArray([[1, 0, 0],
                  [1, 1, 0]])
    """
    if is_foreign(like):
        return np.tri(N, M, k, dtype, like=like)
    rows, columns = as_integer(N), as_integer(N if M is None else M)
    if max(rows, columns) < 2:
        return compacted(np.tri(rows, columns, k, dtype))
    mask = np.greater_equal.outer(creation.arange(rows), creation.arange(-k, columns - k))
    return mask.astype(dtype, copy=False)


def fromfunction(function: Callable[..., Any], shape: Any, *, dtype: Any = float, like: Any = None, **kwargs: Any) -> Any:
    """As numpy.fromfunction: the function gets compact indices."""
    if is_foreign(like):
        return np.fromfunction(function, shape, dtype=dtype, like=like, **kwargs)
    return compacted(function(*indices(shape, dtype), **kwargs))


class Grid:
    """As numpy.mgrid, not dense on the way."""

    def __getitem__(self, key: Any) -> Any:
        grids: Any = np.ogrid[key]
        if not isinstance(grids, (tuple, list)):
            return compacted(grids)
        return _stacked([CompactArray(grid) for grid in grids], np.broadcast_shapes(*(grid.shape for grid in grids)), int)


class Indexed:
    """What NumPy makes of an index expression (`numpy.r_`, `numpy.ogrid`), with compact arrays for results."""

    def __init__(self, maker: Any) -> None:
        self._maker = maker

    def __getitem__(self, key: Any) -> Any:
        return compacted(self._maker[key])

    def __getattr__(self, name: str) -> Any:
        if name == "_maker":
            raise AttributeError(name)  # not made yet: unpickling asks
        return getattr(self._maker, name)

    def __len__(self) -> int:
        return 0

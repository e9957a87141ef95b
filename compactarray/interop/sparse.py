"""The library `sparse`: its COO arrays to compact ones and back, and as a measure of what compact ones take."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.interop.coordinates import CHUNK, from_coordinates, stored
from compactarray.storage.base import Array
from compactarray.storage.sparse import sparse_of


def coo_nbytes(array: np.ndarray[Any, Any]) -> int | None:
    """Return the bytes of `array` in `sparse.COO`, or None where `sparse` cannot be imported.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.interop.sparse import coo_nbytes
    >>> coo_nbytes(np.eye(100))
    2400
    """
    try:
        import sparse  # noqa: PLC0415 - half a second, which only those who use it should spend
    except ImportError:
        return None
    return int(sparse.COO.from_numpy(array).nbytes)


def from_sparse(array: Any) -> CompactArray:
    """Return a compact array of a `sparse.COO` (or `DOK`, or `GCXS`), of any fill value and any number of axes.

    Examples
    --------
    >>> import numpy as np
    >>> import sparse
    >>> from compactarray.interop.sparse import from_sparse
    >>> from_sparse(sparse.COO.from_numpy(np.eye(3), fill_value=1.0))
    CompactArray([[1., 0., 0.],
                  [0., 1., 0.],
                  [0., 0., 1.]])
    """
    coo = array.asformat("coo") if hasattr(array, "asformat") else array
    fill = np.empty(1, coo.dtype)
    fill[...] = coo.fill_value
    return from_coordinates(fill, coo.shape, _chunks(coo))


def _chunks(coo: Any) -> Iterator[tuple[Array, Array]]:
    """Yield addresses and values, some at a time where they are in order, as they are made to be."""
    before = -1
    for first in range(0, coo.nnz, CHUNK):
        part = slice(first, first + CHUNK)
        addresses = _addresses(coo.coords[:, part], coo.shape)
        if addresses[0] <= before or (addresses[1:] <= addresses[:-1]).any():
            raise ValueError("the coordinates of a sparse.COO array must be sorted and distinct")
        before = int(addresses[-1])
        yield addresses, coo.data[part]


def _addresses(coords: Array, shape: tuple[int, ...]) -> Array:
    if not shape:
        return np.zeros(coords.shape[1], np.int64)
    return np.asarray(np.ravel_multi_index(tuple(coords.astype(np.intp)), shape), np.int64)


def to_sparse(array: CompactArray, fill_value: Any = None) -> Any:
    """Return the `sparse.COO` array of the same elements.

    Parameters
    ----------
    array : CompactArray
        Of numbers, bools or moments.
    fill_value : scalar, optional
        What is not stored; by default what the array itself does not store, else 0.

    Examples
    --------
    >>> import compactarray
    >>> from compactarray.interop.sparse import to_sparse
    >>> to_sparse(compactarray.full((1000, 1000), 7.0))
    <COO: shape=(1000, 1000), dtype=float64, nnz=0, fill_value=7.0>
    """
    import sparse  # noqa: PLC0415 - see above

    view = array._view
    own = sparse_of(view) if fill_value is None else None
    fill = np.zeros(1, view.dtype) if own is None else own.fill
    if fill_value is not None:
        fill[...] = fill_value
    # Counted first, so that no more is held than the result.
    count = sum(found.size for _, found in stored(view, fill, by_value=False))
    coords, values = np.empty((len(view.shape), count), np.intp), np.empty(count, view.dtype)
    at = 0
    for addresses, found in stored(view, fill, by_value=False):
        values[at : at + found.size] = found
        if view.shape:
            coords[:, at : at + found.size] = np.unravel_index(addresses, view.shape)
        at += found.size
    return sparse.COO(coords, values, shape=view.shape, has_duplicates=False, sorted=True, fill_value=fill[0])

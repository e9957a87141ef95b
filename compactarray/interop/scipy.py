"""Matrices of scipy.sparse: to compact arrays and back, without a dense one between."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.interop.coordinates import CHUNK, from_coordinates, in_order, stored
from compactarray.storage.base import Array
from compactarray.storage.sparse import rows_and_columns
from compactarray.storage.view import AnyView


def from_scipy(matrix: Any) -> CompactArray:
    """Return a compact array of a matrix or array of scipy.sparse, of any format.

    The values are those of ``matrix.toarray()``, and so is the order: Fortran order for the format "csc", C
    order for all others. What comes on the way is no larger than the coordinates.

    Examples
    --------
    >>> import scipy.sparse  # doctest: +SKIP
    >>> from compactarray.interop.scipy import from_scipy
    >>> from_scipy(scipy.sparse.eye_array(1000, format="csr")).nbytes  # doctest: +SKIP
    2152
    """
    fill = np.zeros(1, matrix.dtype)
    if matrix.format == "csc":
        turned = from_coordinates(fill, matrix.shape[::-1], _by_rows(_canonical(matrix)))
        return turned.transpose()
    if matrix.format in ("csr", "bsr", "dia", "lil", "dok") or (matrix.format == "coo" and len(matrix.shape) == 2):
        return from_coordinates(fill, matrix.shape, _by_rows(_canonical(matrix.tocsr())))
    matrix = matrix.copy()
    matrix.sum_duplicates()
    addresses = np.ravel_multi_index(matrix.coords, matrix.shape)
    return from_coordinates(fill, matrix.shape, in_order(np.asarray(addresses, np.int64), _added(matrix.data)))


def _canonical(matrix: Any) -> Any:
    """Return a matrix by rows or columns with sorted indices and no element twice; itself, where it is that."""
    if matrix.has_canonical_format:
        return matrix
    matrix = matrix.copy()
    matrix.sum_duplicates()
    return matrix


def _added(values: Array) -> Array:
    """Return values as they come out where scipy adds them to zeros: -0.0 as 0.0."""
    return values if values.dtype.kind not in "fc" else values + values.dtype.type(0)


def _by_rows(matrix: Any) -> Iterator[tuple[Array, Array]]:
    """Yield addresses and values, some rows at a time; what a matrix by columns calls so are its columns."""
    starts, length = matrix.indptr, matrix.shape[-1] if matrix.format == "csr" else matrix.shape[0]
    top, rows = 0, starts.size - 1
    while top < rows:
        bottom = max(top + 1, int(np.searchsorted(starts, starts[top] + CHUNK, side="right")) - 1)
        first, last = int(starts[top]), int(starts[bottom])
        lines = np.repeat(np.arange(top, bottom, dtype=np.int64), np.diff(starts[top : bottom + 1]))
        yield lines * length + matrix.indices[first:last], _added(matrix.data[first:last])
        top = bottom


def to_scipy(array: CompactArray, format: str = "csr") -> Any:
    """Return the sparse array of scipy that holds what is not 0 of an array of one or two axes.

    Parameters
    ----------
    array : CompactArray
        Of numbers or bools. -0.0 becomes 0.0, which is not stored.
    format : str, optional
        The format of the result; an array of other than two axes comes as "coo".

    Examples
    --------
    >>> import compactarray
    >>> from compactarray.interop.scipy import to_scipy
    >>> to_scipy(compactarray.eye(1000)).nnz  # doctest: +SKIP
    1000
    """
    import scipy.sparse  # noqa: PLC0415 - a tenth of a second, which only those who use it should spend

    view = array._view
    if len(view.shape) != 2:
        return _coordinates(scipy.sparse, view)
    if view.contiguous("F") and not view.contiguous("C"):
        return _csr(scipy.sparse, view.transpose((1, 0))).T.asformat(format)
    return _csr(scipy.sparse, view).asformat(format)


def _coordinates(sparse: Any, view: AnyView) -> Any:
    count = _count(view)
    coords, values = np.empty((len(view.shape), count), np.int64), np.empty(count, view.dtype)
    at = 0
    for addresses, found in _nonzeros(view):
        values[at : at + found.size] = found
        if view.shape:
            coords[:, at : at + found.size] = np.unravel_index(addresses, view.shape)
        at += found.size
    return sparse.coo_array((values, tuple(coords)), shape=view.shape)


def _nonzeros(view: AnyView) -> Iterator[tuple[Array, Array]]:
    return stored(view, np.zeros(1, view.dtype), by_value=True)


def _count(view: AnyView) -> int:
    """Return how many elements there are to be stored: counted first, so that no more is held than the result."""
    return sum(found.size for _, found in _nonzeros(view))


def _csr(sparse: Any, view: AnyView) -> Any:
    (rows, length), count = view.shape, _count(view)
    index = np.int32 if max(count, length) <= np.iinfo(np.int32).max else np.int64
    columns, values = np.empty(count, index), np.empty(count, view.dtype)
    ends = np.zeros(rows + 1, index)
    at = 0
    for addresses, found in _nonzeros(view):
        lines, places = rows_and_columns(addresses, length)
        first, last = int(lines[0]), int(lines[-1])
        within = ends[first + 1 : last + 2]
        np.add(within, np.bincount(lines - first), out=within, casting="unsafe")
        columns[at : at + found.size], values[at : at + found.size] = places, found
        at += found.size
    np.cumsum(ends, out=ends)
    return sparse.csr_array((values, columns, ends), shape=view.shape)

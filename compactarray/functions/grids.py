"""Counting points in bins of several dimensions."""

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.bins import extremes
from compactarray.functions.common import compact, dense, finished
from compactarray.geometry.tiles import pieces
from compactarray.kernels import add_weights
from compactarray.registry import implements
from compactarray.storage.base import Array


@implements(np.histogramdd, route="native", inline=True)
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """As numpy.histogramdd; by tiles of points."""
    columns = _columns(sample)
    given = bins
    bins = [np.asarray(item) if isinstance(item, CompactArray) else item for item in bins] if np.iterable(bins) else bins
    kinds = {column.dtype.kind for column in columns}
    if not columns[0].size or kinds - set("biuf") or (weights is not None and compact(weights).dtype.kind not in "biuf"):
        return dense(np.histogramdd, sample, given, range, density, weights)
    dtype = np.result_type(*(np.empty(0, column.dtype) for column in columns))
    # The ends of all elements tell the bins; and NumPy's errors.
    ends = np.stack([extremes(column).astype(dtype) for column in columns], axis=1)
    edges = list(np.histogramdd(ends, bins, range)[1])
    counts = _counted(columns, dtype, edges, None if weights is None else compact(weights))
    if density:
        total = counts.sum()
        for axis, places in enumerate(edges):
            counts = counts / np.diff(places).reshape([-1 if k == axis else 1 for k, _ in enumerate(edges)])
        counts /= total
    return finished(counts), _edges(edges, given, bins)


def _edges(edges: list[Array], given: Any, bins: Any) -> list[CompactArray]:
    """Return the edges of all axes: arrays that were given are what is returned, and one array is one."""
    items = list(bins) if np.iterable(bins) else []
    made: dict[int, CompactArray] = {}
    found = []
    for axis, places in enumerate(edges):
        item = given[axis] if items else None
        if isinstance(item, CompactArray) and item.ndim == 1:
            found.append(item)
            continue
        if id(places) not in made:
            made[id(places)] = compact(places) if any(places is other for other in items) else finished(places)
        found.append(made[id(places)])
    return found


def _columns(sample: Any) -> list[CompactArray]:
    """Return the coordinates of points, one array for each."""
    if len(getattr(sample, "shape", ())) == 2:
        return [sample[:, k] for k in np.arange(sample.shape[1])]
    if isinstance(sample, CompactArray):
        sample = np.atleast_2d(sample)
        return [sample[k] for k in np.arange(sample.shape[0])]
    found = [compact(item) for item in sample]
    if any(item.ndim != 1 for item in found):
        return _columns(np.atleast_2d(compact(np.asarray(sample))).T)
    if len({item.size for item in found}) > 1:
        np.atleast_2d([np.zeros(item.size, np.int8) for item in found])
    return found


def _counted(columns: Sequence[CompactArray], dtype: np.dtype[Any], edges: Sequence[Array], weights: CompactArray | None) -> Array:
    """Return how many points, or what weights of points, lie in each bin."""
    shape = tuple(places.size + 1 for places in edges)
    # Beyond what an index can be, this is NumPy's error.
    np.ravel_multi_index(tuple(np.zeros(1, np.intp) for _ in shape), shape)
    size = int(np.prod(shape))
    sums: Array = np.zeros(size, np.intp if weights is None else np.float64)
    operands = [operand(column._view) for column in columns]
    shares = None if weights is None else operand(weights.reshape(-1)._view)
    if shares is not None and shares.shape[0] != columns[0].size:
        np.bincount([0], [0, 0])
    for start, stop in pieces(0, columns[0].size, settings().tile_length):
        part = (slice(start, stop),)
        values = [np.asarray(tile_of(column, part)).astype(dtype, copy=False) for column in operands]
        places = np.ravel_multi_index(tuple(_bins(x, e) for x, e in zip(values, edges, strict=True)), shape)
        if shares is None:
            np.add.at(sums, places, 1)
        else:
            add_weights(places, np.ascontiguousarray(tile_of(shares, part), np.float64), sums)
    core = (slice(1, -1),) * len(edges)
    return sums.reshape(shape).astype(float, casting="safe")[core]


def _bins(values: Array, edges: Array) -> Array:
    """Return the bin of each value, as NumPy tells it: the last edge belongs to the last bin."""
    found = np.searchsorted(edges, values, side="right")
    found[values == edges[-1]] -= 1
    return found


@implements(np.histogram2d, route="native", inline=True)
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """As numpy.histogram2d; by tiles of points."""
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    number = len(bins) if isinstance(bins, Sized) else 1
    if number not in (1, 2):
        bins = [bins, bins] if isinstance(bins, CompactArray) else [np.asarray(bins)] * 2
    found, edges = histogramdd([x, y], bins, range, density, weights)
    return found, edges[0], edges[1]

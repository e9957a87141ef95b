"""Cutting shapes into pieces of bounded size, in C order, and addresses into groups."""

from collections.abc import Iterator
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Region = tuple[int | slice, ...]


def regions(shape: tuple[int, ...], most: int) -> Iterator[Region]:
    """Yield index expressions of pieces of at most `most` elements, which follow each other in C order.

    Each piece fixes the leading axes, cuts one axis and takes the rest whole; so the pieces, flattened and
    joined, are the array flattened.
    """
    if 0 in shape:
        return
    inner = 1
    axis = len(shape)
    while axis and inner * shape[axis - 1] <= most:
        axis -= 1
        inner *= shape[axis]
    if axis == 0:
        yield (slice(None),) * len(shape)
        return
    axis -= 1
    chunk = max(1, most // inner)
    rest = (slice(None),) * (len(shape) - axis - 1)
    for outer in _counts(shape[:axis]):
        for start in range(0, shape[axis], chunk):
            yield (*outer, slice(start, min(start + chunk, shape[axis])), *rest)


def _counts(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield all index tuples of `shape` in C order (np.ndindex without its array)."""
    for flat in range(prod(shape)):
        counts = []
        for length in reversed(shape):
            flat, digit = divmod(flat, length)
            counts.append(digit)
        yield tuple(reversed(counts))


def pieces(start: int, stop: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield bounds that cut ``start:stop`` at the multiples of `length`."""
    while start < stop:
        end = min(stop, (start // length + 1) * length)
        yield start, end
        start = end


def groups(ranks: Array) -> Iterator[tuple[int, slice | Array]]:
    """Yield each value of `ranks` and where it occurs, in order: a slice where `ranks` ascend, else indices."""
    if not ranks.size:
        return
    order = None
    if (ranks[1:] < ranks[:-1]).any():
        order = np.argsort(ranks, kind="stable")
        ranks = ranks[order]
    edges = [0, *(np.flatnonzero(ranks[1:] != ranks[:-1]) + 1).tolist(), ranks.size]
    for first, last in pairwise(edges):
        chosen = slice(first, last) if order is None else order[first:last]
        yield int(ranks[first]), chosen

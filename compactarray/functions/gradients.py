"""gradient: differences of neighbours on both sides, by tiles that overlap."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.common import back, compact
from compactarray.geometry.tiles import pieces, regions
from compactarray.numerics.errstate import ErrorsOfSteps
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import AnyView, built


@implements(np.gradient, route="native", inline=True)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """As numpy.gradient."""
    f = compact(f)
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = [_Spacing(f.shape[k], given) for k, given in zip(axes, _spacings(varargs, axes, f.shape), strict=True)]
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    dtype, kind = _dtypes(f.dtype)
    found = []
    for k, spacing in zip(axes, spacings, strict=True):
        if f.shape[k] < edge_order + 1:
            raise ValueError(
                "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are required."
            )
        layout = f._view.layout("K")
        source = operand(f._view.transpose(layout))
        found.append(back(_along(source, layout.index(k), spacing, edge_order, dtype, kind), layout))
    return found[0] if len(axes) == 1 else tuple(found)


def _dtypes(dtype: np.dtype[Any]) -> tuple[np.dtype[Any], np.dtype[Any] | None]:
    """Return the dtype of the result, and the one that elements are given first, if any."""
    if dtype.kind == "M":
        found = np.dtype(dtype.str.replace("M", "m", 1))
        return found, found
    if dtype.kind in "mfc":
        return dtype, None
    return np.dtype(np.float64), np.dtype(np.float64) if dtype.kind in "iu" else None


def _spacings(given: tuple[Any, ...], axes: tuple[int, ...], shape: tuple[int, ...]) -> list[Any]:
    """Return the spacing of each axis: a number, or the places of elements along it."""
    if not given:
        return [1.0] * len(axes)
    if len(given) == 1 and np.ndim(given[0]) == 0:
        return list(given) * len(axes)
    if len(given) != len(axes):
        raise TypeError("invalid number of arguments")
    for places, axis in zip(given, axes, strict=True):
        if np.ndim(places) == 0:
            continue
        if np.ndim(places) != 1:
            raise ValueError("distances must be either scalars or 1d")
        if len(places) != shape[axis]:
            raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    return list(given)


class _Spacing:
    """How far elements along an axis are apart: everywhere alike, or as their places tell."""

    __slots__ = ("everywhere", "length", "_places", "_weights")

    def __init__(self, length: int, given: Any) -> None:
        self.length = length
        self._places = None if np.ndim(given) == 0 else compact(given)
        self.everywhere = given
        self._weights: dict[str, tuple[Any, ...]] = {}
        if self._places is not None:
            first: Any = self.between(0, 2)[0]
            cuts = pieces(0, length - 1, settings().tile_length)
            alike = all(bool((self.between(start, stop + 1) == first).all()) for start, stop in cuts)
            self.everywhere = first if alike else None

    def weights(self, end: str, edge_order: int) -> tuple[Any, ...]:
        """Return the weights of the elements at the first or the last end, or what their difference is divided by."""
        if end not in self._weights:
            steps = self.everywhere
            if steps is None:
                steps = self.between(0, edge_order + 1) if end == "first" else self.between(self.length - edge_order - 1, self.length)
            one = steps if np.ndim(steps) == 0 else steps[0]
            self._weights[end] = (one,) if edge_order == 1 else _weights(steps, end)
        return self._weights[end]

    def between(self, start: int, stop: int) -> Array:
        """Return the distances between the elements from `start` to `stop`."""
        assert self._places is not None
        places = np.asarray(self._places[start:stop])
        return np.diff(places.astype(np.float64) if places.dtype.kind in "iu" else places)


def _along(source: Any, axis: int, spacing: _Spacing, edge_order: int, dtype: np.dtype[Any], kind: np.dtype[Any] | None) -> AnyView:
    """Return the gradient along an axis of an operand, in C order."""
    shape, length = source.shape, source.shape[axis]

    def tiles() -> Iterator[Array]:
        with ErrorsOfSteps() as errors:
            for region in regions(shape, settings().tile_length):
                part = region[axis]
                start, stop, _ = part.indices(length) if isinstance(part, slice) else (part, part + 1, 1)
                low = max(0, min(start - 1, length - edge_order - 1))
                high = min(length, max(stop + 1, edge_order + 1))
                tile = tile_of(source, (*region[:axis], slice(low, high), *region[axis + 1 :]))
                if kind is not None:
                    tile = tile.view(kind) if kind.kind == "m" else tile.astype(kind)
                place = sum(isinstance(item, slice) for item in region[:axis])
                tile = np.moveaxis(tile, place, 0)
                found = np.empty((stop - start, *tile.shape[1:]), dtype)
                _fill(found, tile, spacing, (low, start, stop), edge_order, errors)
                yield np.moveaxis(found, 0, place).reshape(-1)

    return built(dtype, shape, tiles())


def _fill(found: Array, f: Array, spacing: _Spacing, places: tuple[int, int, int], edge_order: int, errors: ErrorsOfSteps) -> None:
    """Fill in the gradient from `start` to `stop`, given the elements from `low`; as NumPy computes it."""
    low, start, stop = places
    length = spacing.length
    first, last = max(start, 1), min(stop, length - 1)
    step: Any = spacing.everywhere
    if first < last:
        do = errors.of("inside")
        before, middle, after = (f[first - low + k : last - low + k] for k in (-1, 0, 1))
        inside = found[first - start : last - start]
        if step is not None:
            inside[...] = do(np.divide, do(np.subtract, after, before), 2.0 * step)
        else:
            steps = spacing.between(first - 1, last + 1).reshape(-1, *(1,) * (f.ndim - 1))
            h, d = steps[:-1], steps[1:]
            a = do(np.divide, -d, do(np.multiply, h, do(np.add, h, d)))
            b = do(np.divide, do(np.subtract, d, h), do(np.multiply, h, d))
            c = do(np.divide, h, do(np.multiply, d, do(np.add, h, d)))
            inside[...] = _weighted(do, (a, b, c), (before, middle, after))
    # At the ends of the axis.
    if start == 0:
        found[0] = _one_sided(errors.of("first"), f, spacing.weights("first", edge_order), 0)
    if stop == length:
        found[-1] = _one_sided(errors.of("last"), f, spacing.weights("last", edge_order), len(f) - edge_order - 1)


def _weighted(do: Any, weights: Any, elements: Any) -> Any:
    """Return the weighted sum of three neighbours."""
    products = [do(np.multiply, weight, part) for weight, part in zip(weights[:2], elements[:2], strict=True)]
    both = do(np.add, *products)
    return do(np.add, both, do(np.multiply, weights[2], elements[2]))


def _one_sided(do: Any, f: Array, weights: tuple[Any, ...], at: int) -> Any:
    """Return the gradient at an end of the axis, from the elements that begin there; one weight divides a difference."""
    if len(weights) == 1:
        return do(np.divide, do(np.subtract, f[at + 1], f[at]), weights[0])
    return _weighted(do, weights, (f[at], f[at + 1], f[at + 2]))


def _weights(steps: Any, end: str) -> tuple[Any, ...]:
    """Return the weights of three elements at an end of the axis."""
    if np.ndim(steps) == 0:
        return (-1.5 / steps, 2.0 / steps, -0.5 / steps) if end == "first" else (0.5 / steps, -2.0 / steps, 1.5 / steps)
    h, d = steps[0], steps[1]
    if end == "first":
        return -(2.0 * h + d) / (h * (h + d)), (h + d) / (h * d), -h / (d * (h + d))
    return d / (h * (h + d)), -(d + h) / (h * d), (2.0 * d + h) / (d * (h + d))

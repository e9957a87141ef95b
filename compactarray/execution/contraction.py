"""Generalized ufuncs: products of matrices and vectors by panels, the others on decoded operands."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution import sparse_products
from compactarray.execution.elementwise import at_once
from compactarray.execution.inner import inner_product
from compactarray.execution.operands import (
    axes_of,
    in_place,
    is_scalar,
    laid_out,
    model_of_layout,
    operand,
    shammed,
    shape_of,
)
from compactarray.execution.policy import heed_policy
from compactarray.execution.reduction import reduce
from compactarray.execution.rooms import Rooms
from compactarray.execution.row_products import row_products
from compactarray.execution.vector_products import times_vector
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import Region, regions
from compactarray.numerics.errstate import ErrorsOnce, casts_told
from compactarray.numerics.integers import INTEGER_LIMIT
from compactarray.storage.base import Array
from compactarray.storage.builder import can_encode
from compactarray.storage.view import View, built
from compactarray.storage.views import result_view

#: The axes of one product, by ufunc: those of the operands, and of the result. Others are looped over.
_AXES: dict[Any, tuple[str, str, str]] = {np.matmul: ("mk", "kn", "mn")}
# As of NumPy 2.0 and 2.2.
for _name, _axes in (("vecdot", ("k", "k", "")), ("matvec", ("mk", "k", "m")), ("vecmat", ("k", "kn", "n"))):
    if hasattr(np, _name):
        _AXES[getattr(np, _name)] = _axes
_VECDOT = getattr(np, "vecdot", None)
#: Tiles that make a panel: 8 MB of float64.
_PANEL = 16
#: Rows or columns that are few, and tiles that are then worked on together.
_FEW, _FEW_TILES = 4, 2
#: Below so many terms at a time, sums of products cost more than the products.
_DEEP = 32


def _panel() -> int:
    """Return how many elements a panel has at most."""
    return _PANEL * settings().tile_length


def call(ufunc: np.ufunc, inputs: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc(*inputs, out=outs, **kwargs)`` for operands of which some are views.

    Returns views, ndarrays or scalars, one or a tuple as the ufunc has outputs. Where `outs` names a target
    for an output, the target is written, and None stands for it.
    """
    operands = [operand(value) for value in inputs]
    if ufunc is np.matmul and not outs and not kwargs and max(prod(shape_of(value)) for value in operands) > _panel():
        sparse = sparse_products.quick_product(*operands)
        if sparse is not None:
            return sparse
    targets = [None if out is None else operand(out) for out in outs] or [None] * ufunc.nout
    if prod(max(1, prod(shape_of(value))) for value in operands) > _panel():
        products = None
        if ufunc in _AXES and not (kwargs.get("keepdims") and outs):
            products = _Products(ufunc, operands, targets[0], kwargs)
            if products.large and can_encode(products.dtype):
                bare = ufunc is np.matmul and targets[0] is None and not kwargs
                if bare and products.are_vectors and products.dtype.char in "?bhilqBHILQfd":
                    with ErrorsOnce(ufunc.__name__):
                        return inner_product(operands[0], operands[1], products.dtype)
                if bare and products.dtype.char == "d" and [len(shape_of(value)) for value in operands] == [2, 1]:
                    found = times_vector(operands[0], operands[1])
                    if found is not None:
                        return found
                if ufunc is _VECDOT and targets[0] is None and _along_rows(kwargs, operands[0]):
                    rows = row_products(operands[0], operands[1], products.dtype)
                    if rows is not None:
                        return rows
                sparse = sparse_products.product(operands[0], operands[1], products.dtype) if bare else None
                return products.run() if sparse is None else sparse
        if products is None or products.large:
            heed_policy(f"numpy.{ufunc.__name__}", operands)
    return _encoded(at_once(ufunc, operands, targets, True, kwargs))


def _along_rows(kwargs: dict[str, Any], value: Any) -> bool:
    """Tell whether a call names no axis but the last one, and nothing else."""
    return not kwargs or (kwargs.keys() == {"axis"} and kwargs["axis"] in (-1, len(shape_of(value)) - 1))


def _encoded(results: Any) -> Any:
    if isinstance(results, tuple):
        return tuple(_encoded(result) for result in results)
    return result_view(results) if isinstance(results, np.ndarray) else results


class _Products:
    """One call: a product of rows (``m``) and columns (``n``), summed over ``k``, for every index of the axes looped over."""

    def __init__(self, ufunc: np.ufunc, operands: list[Any], target: Any, kwargs: dict[str, Any]) -> None:
        self._ufunc, self._operands, self._target, self._kwargs = ufunc, operands, target, kwargs
        arrays = operands if target is None else [*operands, target]
        # NumPy refuses dtypes and numbers of axes for arrays without elements as well.
        few = [np.asarray(value) if is_scalar(value) else value for value in arrays]
        zeros = [np.empty((0,) * len(value.shape), value.dtype) for value in few]
        with casts_told():
            if target is not None:
                ufunc(*zeros, **kwargs)
            found = ufunc(*zeros[:2], **kwargs)
        # Of vectors of objects comes the object itself.
        self.dtype: np.dtype[Any] = found.dtype if isinstance(found, (np.ndarray, np.generic)) else np.dtype(object)
        self._zeros = zeros[:2]
        # Halves are summed up as NumPy does it.
        self._compute = np.dtype(np.float32) if self.dtype.char == "e" else self.dtype
        self._rooms = Rooms()
        self._names = self._dropped(_AXES[ufunc])
        places = self._places()
        moved = [_moved(value, place) for value, place in zip(arrays, places, strict=False)]
        # What is held as it is needs no copy.
        self._moved = [in_place(value) for value in moved[:2]]
        self._lengths = self._checked(moved)
        self._result_places = places[2]
        self.large = max(*(prod(value.shape) for value in operands), self._size()) > _panel()

    @property
    def are_vectors(self) -> bool:
        """Whether the operands have one axis each."""
        return all(len(value.shape) == 1 for value in self._operands)

    def _dropped(self, names: tuple[str, str, str]) -> tuple[str, str, str]:
        """Return the names of axes; vectors in a product of matrices have one axis less."""
        left, right, result = names
        if self._ufunc is np.matmul and len(self._operands[0].shape) == 1:
            left, result = "k", result.replace("m", "")
        if self._ufunc is np.matmul and len(self._operands[1].shape) == 1:
            right, result = "k", result.replace("n", "")
        return left, right, result

    def _places(self) -> list[tuple[int, ...]]:
        """Return where the named axes of the operands and of the result are, counted from the end or the start."""
        given = self._kwargs.get("axes")
        if given is not None:
            found = [tuple(entry) if isinstance(entry, tuple) else (entry,) for entry in given]
            return [*found, ()][:3]
        axis = self._kwargs.get("axis")
        if axis is not None:
            return [(axis,), (axis,), ()]
        return [tuple(range(-len(names), 0)) for names in self._names]

    def _checked(self, moved: list[Any]) -> dict[str, int]:
        """Return the lengths of the named axes, and set the shape that is looped over; NumPy's error where they do not fit."""
        lengths: dict[str, int] = {}
        fit = True
        for value, names in zip(moved, self._names, strict=False):
            for name, length in zip(names, _named(value.shape, names), strict=True):
                fit = fit and lengths.setdefault(name, length) == length
        loops = [_loops(value.shape, names) for value, names in zip(moved, self._names, strict=False)]
        try:
            self._outer = broadcast_shapes(*loops)
        except ValueError:
            fit = False
        if not fit or (self._target is not None and loops[2] != self._outer):
            out = {} if self._target is None else {"out": shammed(self._target)}
            self._ufunc(*map(shammed, self._operands), **out, **self._kwargs)
            raise AssertionError("NumPy takes operands of these shapes")
        return lengths

    def _exact(self) -> np.dtype[Any]:
        """Return a float dtype that counts all sums of products of integers exactly, and has BLAS; else the dtype itself.

        Proof: a sum of k products of integers, in any order, is nowhere greater than k * max|a| * max|b|; up to its limit a
        float counts every integer, and so rounds none.
        """
        bound = self._lengths.get("k", 1)
        for value in self._moved:
            bound *= max(abs(int(found)) for found in _extremes(value)) if value.size else 0
        fitting = [np.dtype(f"f{size}") for size in (4, 8) if bound <= INTEGER_LIMIT[size]]
        return fitting[0] if fitting else self.dtype

    def _size(self) -> int:
        return prod(self._outer) * prod(self._lengths[name] for name in self._names[2])

    def run(self) -> Any:
        """Compute the products; None where they went to the target."""
        if self.dtype.kind in "iu":
            self._compute = self._exact()
        tells = self.dtype.kind != "c" and any(value.dtype.kind == "c" for value in self._zeros)
        if tells:
            self._ufunc(*self._zeros, **self._kwargs)
        with casts_told(tells):
            return self._run(self._target)

    def _run(self, target: Any) -> Any:
        order = () if target is not None else self._order()
        names = self._names[2]
        turned = len(names) == 2 and (self._lengths["n"] > _panel() or self._comes_first("n", order))
        names = names[::-1] if turned else names
        shape = (*self._outer, *(self._lengths[name] for name in names))
        with ErrorsOnce(self._ufunc.__name__):
            if isinstance(target, np.ndarray):
                self._fill(_moved(target, self._result_places), names, turned)
                return None
            found = built(self.dtype, shape, self._tiles(names, turned))
        if not shape and target is None and not self._kwargs.get("keepdims"):
            return found.item()
        found = found.transpose(self._back(turned))
        if target is not None:
            target.write(found)
            return None
        if self._kwargs.get("keepdims"):
            axis = self._kwargs.get("axis", -1) % (len(found.shape) + 1)
            index: Any = (*(slice(None),) * axis, None, ...)
            found = found.basic(index) if isinstance(found, View) else found[index]
        return laid_out(found, order)

    def _order(self) -> tuple[int, ...]:
        """Return the axes of the result from slowest to fastest, as NumPy lays it out."""
        if max(len(value.shape) for value in self._operands) > 16:
            return ()
        return axes_of(np.asarray(self._ufunc(*map(model_of_layout, self._operands), **self._kwargs)))

    def _comes_first(self, name: str, order: tuple[int, ...]) -> bool:
        """Tell whether a named axis of the result is slower than the other one."""
        places = [place % len(order) for place in self._result_places] if order else [0, 1]
        ranks = [order.index(place) for place in places] if order else [0, 1]
        return ranks[self._names[2].index(name)] == min(ranks)

    def _back(self, turned: bool) -> tuple[int, ...]:
        """Return the axes of what is computed (loops, rows, columns) in their order in the result."""
        ndim = len(self._outer) + len(self._names[2])
        named = [len(self._outer) + k for k in range(len(self._names[2]))]
        places = {place % ndim: axis for place, axis in zip(self._result_places, named[::-1] if turned else named, strict=True)}
        loops = iter(range(len(self._outer)))
        return tuple(places[axis] if axis in places else next(loops) for axis in range(ndim))

    def _fill(self, target: Array, names: str, turned: bool) -> None:
        """Write the products to an ndarray with the named axes last."""
        flat = (target.swapaxes(-1, -2) if turned else target).flat
        start = 0
        for tile in self._tiles(names, turned):
            flat[start : start + tile.size] = tile
            start += tile.size

    def _tiles(self, names: str, turned: bool) -> Iterator[Array]:
        """Yield the products in C order of the loops and the named axes."""
        lengths = {name: self._lengths.get(name, 1) for name in "mkn"}
        item = max(lengths["m"] * lengths["k"], lengths["k"] * lengths["n"], lengths["m"] * lengths["n"])
        for region in regions(self._outer, max(1, self._most() // max(1, item))):
            for tile in self._bands(region, names, turned):
                yield tile.astype(self.dtype, copy=False).reshape(-1)

    def _most(self) -> int:
        """Return how many elements are worked on together.

        Where few products are made of each, what was decoded must not have left the cache.
        """
        few = min(self._lengths.get("m", 1), self._lengths.get("n", 1)) <= _FEW
        few = few and any(isinstance(value, View) and value.size > _FEW_TILES * settings().tile_length for value in self._moved)
        return max(1, _FEW_TILES * _panel() // _PANEL) if few else _panel()

    def _bands(self, region: Region, names: str, turned: bool) -> Iterator[Array]:
        """Yield the products of one region of the loops, rows after rows."""
        sizes = {name: self._lengths.get(name, 1) for name in "mkn"}
        rows, columns = ("n", "m") if turned else ("m", "n")
        volume = prod(len(range(*part.indices(n))) for part, n in zip(region, self._outer, strict=True) if isinstance(part, slice))
        room = max(1, self._most() // volume)
        height = max(1, min(sizes[rows], room // max(1, min(sizes["k"], room)), room // max(1, sizes[columns])))
        width = max(1, min(sizes[columns], room // height))
        outer = tuple(len(range(*part.indices(n))) for part, n in zip(region, self._outer, strict=True) if isinstance(part, slice))
        other = 0 if turned else 1
        resident = None
        if prod(self._moved[other].shape[-len(self._names[other]) :]) <= room and sizes[rows] > height:
            resident = self._piece(other, region, {})
        depth, chunk = self._pieces(other, sizes["k"], height, width, room)
        for top in range(0, sizes[rows], height):
            for first in range(0, sizes[columns], width):
                cuts = {rows: slice(top, min(top + height, sizes[rows])), columns: slice(first, min(first + width, sizes[columns]))}
                shape = (*outer, *(cuts[name].stop - cuts[name].start for name in names))
                total = np.zeros(shape, self._compute) if not sizes["k"] else np.empty(shape, self._compute)
                self._sum_up(total, region, cuts, resident, turned, depth, chunk)
                yield total

    def _pieces(self, other: int, terms: int, height: int, width: int, room: int) -> tuple[int, int]:
        """Return how many terms and how many columns are taken at a time: as long runs as there are."""
        value, names = self._moved[other], self._names[other]
        steps = dict(zip(names, (abs(step) for step in value.strides[-len(names) :]), strict=True))
        most = max(1, min(terms, room // height))
        if len(names) == 1 or steps["k"] <= min(steps.values()):
            return most, max(1, min(width, room // most))
        depth = max(1, min(most, max(room // max(1, width), _DEEP)))
        return depth, max(1, min(width, room // depth))

    def _sum_up(
        self, total: Array, region: Region, cuts: dict[str, slice], resident: Array | None, turned: bool, depth: int, chunk: int
    ) -> None:
        """Write the products of some rows and columns to an array: sums over pieces of the other axis."""
        rows, columns = ("n", "m") if turned else ("m", "n")
        mine, other = (1, 0) if turned else (0, 1)
        names = self._names[other]
        for start in range(0, self._lengths["k"], depth):
            terms = slice(start, min(start + depth, self._lengths["k"]))
            part = against = None  # not to be held beside what comes next
            part = self._piece(mine, region, {rows: cuts[rows], "k": terms})
            for first in range(cuts[columns].start, cuts[columns].stop, chunk):
                piece = {columns: slice(first, min(first + chunk, cuts[columns].stop)), "k": terms}
                against = None
                if resident is None:
                    against = self._piece(other, region, piece)
                else:
                    index: Any = (..., *(piece[name] for name in names))
                    against = resident[index]
                place = total
                if columns in self._names[2]:
                    place = total[..., first - cuts[columns].start : piece[columns].stop - cuts[columns].start]
                out = (
                    place
                    if not start and not turned and place.ndim and place.flags.c_contiguous and place.dtype.char in "fd"
                    else None
                )
                product = self._ufunc(*((against, part) if turned else (part, against)), out=out)
                if product is out:
                    continue
                if turned:
                    product = product.swapaxes(-1, -2)
                if start:
                    np.add(place, product, out=place)
                else:
                    place[...] = product

    def _piece(self, which: int, region: Region, cuts: dict[str, slice]) -> Array:
        """Return the part of an operand in a region of the loops and cuts of its named axes, in the dtype to compute in."""
        value, names = self._moved[which], self._names[which]
        loops = _loops(value.shape, names)
        parts: list[Any] = []
        for part, length, full in zip(region[len(region) - len(loops) :], loops, self._outer[len(region) - len(loops) :], strict=True):
            once = length == 1 and full != 1
            parts.append((slice(1) if isinstance(part, slice) else 0) if once else part)
        where = (*parts, *(cuts.get(name, slice(None)) for name in names))
        if self._compute.kind != self.dtype.kind and isinstance(value, View):
            return value.basic((*where, ...)).read(dtype=self._compute)
        return np.asarray(self._rooms.tile(which, value, where)).astype(self.dtype, copy=False).astype(self._compute, copy=False)


def _extremes(value: Any) -> tuple[Any, Any]:
    """Return the least and the greatest element of an operand."""
    if isinstance(value, View):
        return reduce(np.minimum, value, {"axis": None}), reduce(np.maximum, value, {"axis": None})
    return np.min(value), np.max(value)


def _moved(value: Any, places: tuple[int, ...]) -> Any:
    """Return an operand with its named axes at the end."""
    ndim = len(value.shape)
    named = [place % ndim for place in places]
    return value.transpose((*(axis for axis in range(ndim) if axis not in named), *named))


def _named(shape: tuple[int, ...], names: str) -> tuple[int, ...]:
    return shape[len(shape) - len(names) :]


def _loops(shape: tuple[int, ...], names: str) -> tuple[int, ...]:
    return shape[: len(shape) - len(names)]

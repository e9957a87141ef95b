"""Ufunc calls by tiles: operands are decoded a tile at a time, results encoded as they come."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.execution.lanes import elementwise
from compactarray.execution.operands import (
    Operand,
    broadcast,
    flattened,
    is_scalar,
    mask_operand,
    model,
    operand,
    result_axes,
    shammed,
    shape_of,
    tile_of,
    transposed,
)
from compactarray.execution.policy import heed_policy
from compactarray.execution.stretches import in_blocks, stretch
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import pieces, regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import Builder, can_encode
from compactarray.storage.view import AnyView, PlainView, View, whole

#: Blocks that lanes are worked on at a time.
STRETCH = 8
#: What writes results: a view, or an ndarray.
Target = View | Array


def call(ufunc: np.ufunc, inputs: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``ufunc(*inputs, out=outs, **kwargs)`` for operands of which some are views.

    Returns views, ndarrays or scalars, one or a tuple as the ufunc has outputs. Where `outs` names a target
    for an output, the target is written, and None stands for it.
    """
    operands = [operand(value) for value in inputs]
    targets = [None if out is None else operand(out) for out in outs] or [None] * ufunc.nout
    where = mask_operand(kwargs.pop("where", True))
    size = max(prod(shape_of(value)) for value in operands)
    if _is_small(operands, targets, size) or _is_plain(operands, targets):
        return _at_once(ufunc, operands, targets, where, kwargs)
    shape = _common_shape(ufunc, operands, targets, where, kwargs)
    if 0 in shape or not shape:
        return _at_once(ufunc, operands, targets, where, kwargs)
    dtypes = _result_dtypes(ufunc, operands, targets, where, kwargs)
    if not all(can_encode(dtype) for dtype in dtypes):
        heed_policy(f"numpy.{ufunc.__name__}", operands)
        return _at_once(ufunc, operands, targets, where, kwargs)
    return Tiled(ufunc, operands, targets, where, kwargs, shape, dtypes).run()


def _is_small(operands: list[Operand], targets: list[Any], size: int) -> bool:
    """Tell whether all that takes part is so small that it is decoded at once."""
    if size * 8 > settings().plain_below:
        return False
    return all(target is None or target.size * 8 <= settings().plain_below for target in targets) and all(
        prod(shape_of(value)) == size or prod(shape_of(value)) <= 1 for value in operands
    )


def _is_plain(operands: list[Operand], targets: list[Any]) -> bool:
    """Tell whether nothing encoded takes part."""
    return not any(isinstance(value, View) for value in (*operands, *targets))


def _at_once(ufunc: np.ufunc, operands: list[Operand], targets: list[Any], where: Any, kwargs: dict[str, Any]) -> Any:
    """Let NumPy do the whole on decoded operands; for small ones, and for dtypes that are never encoded."""
    dense = [value.read() if isinstance(value, View) else value for value in operands]
    if any(target is not None for target in targets):
        kwargs["out"] = tuple(target.read() if isinstance(target, View) else target for target in targets)
    if where is not True:
        kwargs["where"] = where.read() if isinstance(where, View) else where
    results = ufunc(*dense, **kwargs)
    single = not isinstance(results, tuple)
    found = []
    for result, target in zip((results,) if single else results, targets, strict=True):
        if isinstance(target, View):
            target.write(result)
        found.append(None if target is not None else result)
    return found[0] if single else tuple(found)


def _common_shape(ufunc: np.ufunc, operands: list[Operand], targets: list[Any], where: Any, kwargs: dict[str, Any]) -> tuple[int, ...]:
    """Return the shape of the operation; NumPy's error where there is none."""
    arrays = [*operands, where, *(target for target in targets if target is not None)]
    try:
        shape = broadcast_shapes(*(shape_of(value) for value in arrays))
    except ValueError:
        shape = None
    if shape is None or any(target is not None and target.shape != shape for target in targets):
        outs = tuple(None if target is None else shammed(target) for target in targets)
        with np.errstate(all="ignore"):
            ufunc(*(shammed(value) for value in operands), out=outs, where=shammed(where), **kwargs)
        raise AssertionError("NumPy takes operands of these shapes")
    return shape


def _result_dtypes(
    ufunc: np.ufunc, operands: list[Operand], targets: list[Any], where: Any, kwargs: dict[str, Any]
) -> list[np.dtype[Any]]:
    """Return the dtypes of the outputs; NumPy's errors for dtypes that do not go together."""
    extra = dict(kwargs)
    if any(target is not None for target in targets):
        extra["out"] = tuple(None if target is None else model(target) for target in targets)
    if where is not True:
        extra["where"] = model(where)
    results = ufunc(*(_boxed(value, model(value)) for value in operands), **extra)
    return [result.dtype for result in (results if isinstance(results, tuple) else (results,))]


def _boxed(value: Operand, stand_in: Any) -> Any:
    return value if is_scalar(value) else stand_in


class Tiled:
    """One ufunc call, cut into tiles."""

    def __init__(
        self,
        ufunc: np.ufunc,
        operands: list[Operand],
        targets: list[Any],
        where: Any,
        kwargs: dict[str, Any],
        shape: tuple[int, ...],
        dtypes: list[np.dtype[Any]],
    ) -> None:
        self._ufunc = ufunc
        self._dtypes = dtypes
        self._targets = targets
        self._kwargs = {key: value for key, value in kwargs.items() if key not in ("order", "subok")}
        order = kwargs.get("order", "K") or "K"
        operands = _strong(ufunc, operands)
        spread = [broadcast(value, shape) for value in operands if not is_scalar(value) and value.shape]
        self._axes = result_axes(spread, shape, order)
        self._shape = tuple(shape[axis] for axis in self._axes)
        moved = [transposed(broadcast(apart(value, targets), shape), self._axes) for value in (*operands, where)]
        outs: list[Any] = [None if target is None else transposed(target, self._axes) for target in targets]
        present = [out for out in outs if out is not None]
        flat = flattened([*moved, *present], self._shape)
        self._tile_shape = self._shape
        if flat is not None:
            self._tile_shape = (prod(self._shape),)
            moved, rest = flat[: len(moved)], iter(flat[len(moved) :])
            outs = [None if out is None else next(rest) for out in outs]
        self._operands, self._where = moved[:-1], moved[-1]
        self._outs = outs

    def run(self) -> Any:
        """Compute all tiles; return one result a output, None for those that have a target."""
        builders = [Builder(d, prod(self._shape)) if out is None else None for d, out in zip(self._dtypes, self._outs, strict=True)]
        with ErrorsOnce(self._ufunc.__name__):
            for region in self._regions(builders[0]):
                for builder, out, tile in zip(builders, self._outs, self._tile(region), strict=True):
                    if builder is not None:
                        builder.append(tile.reshape(-1))
                    elif isinstance(out, View):
                        out.basic((*region, ...)).write(tile)
        found = tuple(None if builder is None else self._finished(builder) for builder in builders)
        return found[0] if len(found) == 1 else found

    def _regions(self, builder: Builder | None) -> Iterator[tuple[int | slice, ...]]:
        """Yield the tiles that are to be computed on values; what codes suffice for is done on the way."""
        if len(self._tile_shape) != 1 or not self._has_lanes(builder):
            yield from regions(self._tile_shape, settings().tile_length)
            return
        start, size, block = 0, self._tile_shape[0], settings().block_length
        while start < size:
            stop, lanes = stretch(self._operands, start, size)
            if lanes is None or not all(type(lane) is Constant for lane in lanes if isinstance(lane, Encoding)):
                stop = min(stop, start + STRETCH * block)
            stop, lanes = in_blocks(start, stop, size, lanes)
            result = None if lanes is None else elementwise(self._ufunc, lanes, self._dtypes[0])
            if result is None:
                yield from ((slice(low, high),) for low, high in pieces(start, stop, settings().tile_length))
            elif builder is not None:
                builder.append_encoded(result)
            else:
                self._outs[0].storage.put_encoded(self._outs[0].offset + start, result)
            start = stop

    def _has_lanes(self, builder: Builder | None) -> bool:
        """Tell whether codes may suffice: one output, nothing but operands, and a target that takes whole blocks."""
        if len(self._dtypes) != 1 or self._where is not True or set(self._kwargs):
            return False
        if builder is not None:
            return builder.takes_encoded
        out = self._outs[0]
        if not isinstance(out, View) or not isinstance(out.storage, BlockStorage) or out.dtype != self._dtypes[0]:
            return False
        storage, block = out.storage, settings().block_length
        whole_end = out.offset + out.size == storage.size or not out.size % block
        return storage.block_length == block and not out.offset % block and out.steps == (1,) and whole_end

    def _tile(self, region: tuple[int | slice, ...]) -> tuple[Array, ...]:
        """Return the results of one tile; tiles of targets that are ndarrays are written directly."""
        tiles = [tile_of(value, region) for value in self._operands]
        shape = _region_shape(self._tile_shape, region)
        buffers = []
        for dtype, out, target in zip(self._dtypes, self._outs, self._targets, strict=True):
            if target is None:
                buffers.append(np.zeros(shape, dtype) if self._where is not True else np.empty(shape, dtype))
            elif isinstance(out, View):
                keep = self._where is not True
                buffers.append(
                    out.basic((*region, ...)).read(np.empty(shape, target.dtype)) if keep else np.empty(shape, target.dtype)
                )
            else:
                buffers.append(out[(*region, ...)])
        extra = {} if self._where is True else {"where": tile_of(self._where, region)}
        results = self._ufunc(*tiles, out=tuple(buffers), **extra, **self._kwargs)
        return results if isinstance(results, tuple) else (results,)

    def _finished(self, builder: Builder) -> AnyView:
        view: AnyView = whole(builder.finish(), self._shape)
        if view.size * view.dtype.itemsize <= settings().plain_below:
            view = PlainView(view.read())
        return view.transpose(tuple(self._axes.index(axis) for axis in range(len(self._axes))))


def _strong(ufunc: np.ufunc, operands: list[Operand]) -> list[Operand]:
    """Return operands with Python floats as arrays of the dtype that NEP 50 gives them beside narrow floats.

    What such a conversion warns of (an overflow) has been warned of with the dtypes, not once for every tile.
    """
    if not any(type(value) in (float, complex) for value in operands):
        return operands
    if not any(value.dtype.char in "efF" for value in operands if not is_scalar(value)):
        return operands
    kinds = tuple(
        type(value) if type(value) in (int, float, complex) else np.asarray(value).dtype if is_scalar(value) else value.dtype
        for value in operands
    )
    resolved = ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout))
    with np.errstate(all="ignore"):
        return [
            np.asarray(value).astype(dtype) if type(value) in (float, complex) else value
            for value, dtype in zip(operands, resolved, strict=False)
        ]


def _region_shape(shape: tuple[int, ...], region: tuple[int | slice, ...]) -> tuple[int, ...]:
    return tuple(len(range(*part.indices(length))) for length, part in zip(shape, region, strict=True) if isinstance(part, slice))


def apart(value: Operand, targets: list[Any]) -> Operand:
    """Return an operand that no write to a target changes before it is read: a copy where it overlaps one.

    An operand that *is* the target, element by element, is read before it is written, tile by tile.
    """
    for target in targets:
        if target is None or is_scalar(value):
            continue
        if isinstance(value, View):
            if value.shares_storage(target) and not _same_elements(value, target):
                return value.copied()
        elif isinstance(target, np.ndarray) and value is not target and np.may_share_memory(value, target):
            same = value.shape == target.shape and value.strides == target.strides
            if not (same and value.__array_interface__["data"] == target.__array_interface__["data"]):
                return value.copy()
    return value


def _same_elements(value: View, target: View) -> bool:
    return (
        value.storage is target.storage
        and value.shape == target.shape
        and value.steps == target.steps
        and value.offset == target.offset
    )

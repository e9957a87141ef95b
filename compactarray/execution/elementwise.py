"""Ufunc calls by tiles: operands are decoded a tile at a time, results encoded as they come."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.quick import Quick
from compactarray.encodings.select import with_encoded_exceptions
from compactarray.execution import codes, sparse_calls, whole_calls
from compactarray.execution.columns import by_columns, by_stack
from compactarray.execution.lanes import Work
from compactarray.execution.operands import (
    Operand,
    at_edges,
    broadcast,
    decoded,
    flattened,
    in_c_order,
    is_scalar,
    mask_operand,
    model,
    operand,
    payload,
    result_axes,
    shammed,
    shape_of,
    transposed,
)
from compactarray.execution.overlaps import apart
from compactarray.execution.policy import heed_policy
from compactarray.execution.rooms import Rooms
from compactarray.execution.scalars import strong
from compactarray.execution.stretches import in_blocks, stretch
from compactarray.execution.threads import in_order, shares
from compactarray.execution.wide import Wide, computed, worthwhile
from compactarray.geometry.layout import broadcast_shapes
from compactarray.geometry.tiles import pieces, regions
from compactarray.numerics.errstate import ErrorsOnce, casts_told, told
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import can_encode
from compactarray.storage.columns import table_of
from compactarray.storage.plain import PlainView
from compactarray.storage.results import FIRST, Results
from compactarray.storage.stacked import stack_of
from compactarray.storage.view import AnyView, View, whole

#: Blocks that are worked on at a time, and blocks with exceptions, whose positions take eight bytes each meanwhile.
STRETCH = 64
WITH_EXCEPTIONS = 8
#: Blocks of values that are computed before they are looked at: 16 MB of float64.
VALUES_AT_ONCE = 32
#: Bytes of results that are computed at once.
_AT_ONCE = 1 << 25
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
        return at_once(ufunc, operands, targets, where, kwargs)
    shape = _common_shape(ufunc, operands, targets, where, kwargs)
    if 0 in shape or not shape:
        return at_once(ufunc, operands, targets, where, kwargs)
    dtypes = _result_dtypes(ufunc, operands, targets, where, kwargs)
    if not all(can_encode(dtype) for dtype in dtypes):
        heed_policy(f"numpy.{ufunc.__name__}", operands)
        return at_once(ufunc, operands, targets, where, kwargs)
    # What is noted in vain, on operands that turn out not to serve, and then again, is reported once.
    with casts_told(_tells_of_casts([*operands, *targets], kwargs)), ErrorsOnce(ufunc.__name__):
        if len(dtypes) == 1 and targets[0] is None and where is True and not kwargs:
            found = whole_calls.computed(ufunc, operands, shape, dtypes[0])
            if found is not None:
                return found
        if len(dtypes) == 1 and where is True and not kwargs and _takes_sparse(targets[0], ufunc, operands):
            sparse = sparse_calls.computed(ufunc, strong(ufunc, operands, kwargs), shape, dtypes[0])
            target = targets[0]
            if sparse is not None and target is None:
                return sparse
            if sparse is not None and isinstance(target, View) and target.takes_over(sparse):
                return None
        return Tiled(ufunc, operands, targets, where, kwargs, shape, dtypes).run()


def _takes_sparse(target: Any, ufunc: np.ufunc, operands: list[Operand]) -> bool:
    """Tell whether there is no target, or one that may take over the blocks of a result."""
    if not isinstance(target, View):
        return target is None
    return target.size == target.storage.size and _is_of_loop(target.dtype, ufunc, operands)


def _is_of_loop(dtype: np.dtype[Any], ufunc: np.ufunc, operands: list[Operand]) -> bool:
    """Tell whether a ufunc computes in the dtype of a target.

    NumPy computes without regard to it, and casts what comes: 1 - 2 in bytes is 255, also in a target of more.
    """
    with np.errstate(all="ignore"):  # what numbers overflow has been told with the dtypes of the results
        return _result_dtypes(ufunc, operands, [None], True, {}) == [dtype]


def _tells_of_casts(values: list[Any], kwargs: dict[str, Any]) -> bool:
    """Tell whether NumPy may have warned of how dtypes are cast, when it was asked for those of the results."""
    dtypes = [value.dtype for value in values if value is not None and not is_scalar(value)]
    kinds = {dtype.kind for dtype in dtypes}
    if "m" in kinds:
        return bool(kinds & set("biu")) or any(map(is_scalar, values)) or np.dtype("m8") in dtypes
    return "c" in kinds and (len(kinds) > 1 or not kwargs.keys().isdisjoint(("dtype", "signature", "casting")))


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


def at_once(ufunc: np.ufunc, operands: list[Operand], targets: list[Any], where: Any, kwargs: dict[str, Any]) -> Any:
    """Let NumPy do the whole on decoded operands; for small ones, and for dtypes that are never encoded."""
    dense = [decoded(value) for value in operands]
    if any(target is not None for target in targets):
        kwargs["out"] = tuple([decoded(target) for target in targets])
    if where is not True:
        kwargs["where"] = decoded(where)
    results = told(ufunc, "__call__", dense, kwargs)
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


class Stretch(NamedTuple):
    """Elements ``start:stop`` of all operands, and their lanes, or None where they have to be decoded."""

    start: int
    stop: int
    lanes: list[Any] | None


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
        operands = strong(ufunc, operands, kwargs)
        spread = [broadcast(value, shape) for value in operands if not is_scalar(value) and value.shape]
        # Given targets take part in the layout of those that are not.
        spread += [target for target in targets if target is not None]
        self._axes = result_axes(spread, shape, order)
        self._shape = tuple(shape[axis] for axis in self._axes)
        moved = [transposed(broadcast(apart(value, targets), shape), self._axes) for value in (*operands, where)]
        outs: list[Any] = [None if target is None else transposed(target, self._axes) for target in targets]
        present = [out for out in outs if out is not None]
        tables = all(map(is_encodable, dtypes))
        self._columns = by_columns(moved, self._shape, ufunc, present) if tables else None
        self._stack = by_stack(moved, self._shape, ufunc, present) if tables and self._columns is None else None
        flat = flattened([*moved, *present], self._shape)
        if flat is None:
            moved = [in_c_order(value) for value in moved]
            flat = flattened([*moved, *present], self._shape)
        self._tile_shape = self._shape
        if flat is not None:
            self._tile_shape = (prod(self._shape),)
            moved, rest = [at_edges(value) for value in flat[: len(moved)]], iter(flat[len(moved) :])
            outs = [None if out is None else next(rest) for out in outs]
        self._operands, self._where = moved[:-1], moved[-1]
        self._outs = outs
        self._rooms, self._quick = Rooms(), Quick()

    def run(self) -> Any:
        """Compute all tiles; return one result a output, None for those that have a target."""
        found = tuple(None if storage is None else self._finished(storage) for storage in self._storages())
        return found[0] if len(found) == 1 else found

    def _storages(self) -> list[Storage | None]:
        """Compute all tiles; return the storage of each output in C order, None for those that have a target."""
        if self._columns is not None:
            return self._column_by_column(self._columns, self._shape[:-1], table_of)
        if self._stack is not None:
            return self._column_by_column(self._stack, self._shape[1:], stack_of)
        builders = [Results(d, prod(self._shape)) if out is None else None for d, out in zip(self._dtypes, self._outs, strict=True)]
        with ErrorsOnce(self._ufunc.__name__):
            if len(builders) == 1 and builders[0] is not None and self._on_payloads(builders[0]):
                return [builders[0].finish()]
            for region in self._regions(builders[0]):
                for builder, out, tile in zip(builders, self._outs, self._tile(region, builders), strict=True):
                    if builder is not None:
                        builder.advance(tile.size)
                    elif isinstance(out, View):
                        out.basic((*region, ...)).write(tile)
        return [None if builder is None else builder.finish() for builder in builders]

    def _column_by_column(
        self, columns: list[list[Operand]], shape: tuple[int, ...], joined: Callable[[Sequence[Storage]], Storage]
    ) -> list[Storage | None]:
        """Do what `_storages` does, as one call for each column of tables."""
        kwargs, inputs = {**self._kwargs, "order": "C"}, len(self._operands)
        simple = self._outs == [None] and self._where is True and not self._kwargs
        found: list[list[Storage | None]] = []
        with ErrorsOnce(self._ufunc.__name__):
            for values in columns:
                storage = self._of_lanes(values[:inputs], prod(shape)) if simple else None
                if storage is not None:
                    found.append([storage])
                    continue
                targets = iter(values[inputs + 1 :])
                outs = [None if out is None else next(targets) for out in self._outs]
                found.append(Tiled(self._ufunc, values[:inputs], outs, values[inputs], kwargs, shape, self._dtypes)._storages())
        tables = ([part for part in parts if part is not None] for parts in zip(*found, strict=True))
        return [joined(parts) if parts else None for parts in tables]

    def _of_lanes(self, operands: list[Operand], size: int) -> Storage | None:
        """Compute one short column of which each operand is one lane; None for other columns."""
        if len(self._shape) > 2 or size > WITH_EXCEPTIONS * settings().block_length:
            return None
        stop, lanes = stretch(operands, 0, size)
        if stop < size or lanes is None:
            return None
        work, wide, dtype = Work(size), Wide(self._ufunc, size), self._dtypes[0]
        result = codes.elementwise(self._ufunc, lanes, dtype, work)
        if result is None and dtype.kind == "b":
            result = wide.marks(lanes, size, work)
        results = Results(dtype, size)
        if result is not None:
            results.append_encoded(result)
        else:
            wide.values(lanes, results.room(size))
            results.advance(size)
        return results.finish()

    def _on_payloads(self, builder: Results) -> bool:
        """Let NumPy compute on raw payloads where they lie, in whatever order; tell whether that was possible."""
        if len(self._tile_shape) == 1 or self._where is not True:
            return False
        if self._dtypes[0].kind not in "iuf" or prod(self._shape) * self._dtypes[0].itemsize > _AT_ONCE:
            return False
        arrays = [payload(value) if isinstance(value, View) else value for value in self._operands]
        if any(array is None for array in arrays):
            return False
        size = prod(self._shape)
        self._ufunc(*arrays, out=builder.room(size).reshape(self._shape), **self._kwargs)
        builder.advance(size)
        return True

    def _regions(self, builder: Results | None) -> Iterator[tuple[int | slice, ...]]:
        """Yield the tiles that are to be computed on values; what codes suffice for is done on the way."""
        if len(self._tile_shape) != 1 or not self._has_lanes(builder):
            yield from regions(self._tile_shape, settings().tile_length)
            return
        size = self._tile_shape[0]
        work, wide = Work(size), Wide(self._ufunc, size)

        def on_codes(part: Stretch) -> tuple[Stretch, Encoding | None]:
            if part.lanes is None:
                return part, None
            result = codes.elementwise(self._ufunc, part.lanes, self._dtypes[0], work.at(part.start))
            if result is None and self._dtypes[0].kind == "b":
                result = wide.marks(part.lanes, part.stop - part.start, work.at(part.start))
            return part, result

        parts = self._stretches(size)
        head = list(islice(parts, 1))
        several = any(size >= worthwhile(part.lanes, self._dtypes[0]) * settings().block_length for part in head)
        parts = chain(head, parts)
        for part, result in in_order(on_codes, parts) if several else map(on_codes, parts):
            if result is not None:
                self._put(builder, part.start, result)
            elif part.lanes is not None:
                self._compute(builder, part.start, part.lanes, part.stop - part.start, wide)
            else:
                yield from ((slice(low, high),) for low, high in pieces(part.start, part.stop, settings().tile_length))

    def _stretches(self, size: int) -> Iterator[Stretch]:
        """Yield the stretches of flat operands that are worked on together."""
        start, block = 0, settings().block_length
        while start < size:
            stop, lanes = stretch(self._operands, start, size, runs=True)
            encodings = [lane for lane in lanes or () if isinstance(lane, Encoding)]
            if lanes is None or any(lane.exceptions is not None for lane in encodings):
                stop = min(stop, start + WITH_EXCEPTIONS * block)
            elif not all(type(lane) is Constant for lane in encodings):
                stop = min(stop, start + STRETCH * block, start + shares(size, worthwhile(lanes, self._dtypes[0])))
            stop, lanes = in_blocks(start, stop, size, lanes)
            yield Stretch(start, stop, lanes)
            start = stop

    def _put(self, builder: Results | None, start: int, result: Encoding) -> None:
        """Put the result of whole blocks where it belongs."""
        if builder is not None:
            builder.append_encoded(result)
        else:
            self._outs[0].storage.put_encoded(self._outs[0].offset + start, with_encoded_exceptions(result))

    def _compute(self, builder: Results | None, start: int, lanes: list[Any], length: int, wide: Wide) -> None:
        """Compute whole blocks of values."""
        # A few first, unless a sample is clear: they tell whether values will stay where they are computed.
        block, low, high = settings().block_length, 0, 0
        stay = (builder is None or builder.fresh) and wide.stay(lanes, length, self._dtypes[0])
        if builder is not None and stay:
            builder.reserve()
        while high < length:
            number = VALUES_AT_ONCE if builder is None and stay else WITH_EXCEPTIONS
            if builder is not None and builder.in_place:
                number = FIRST if builder.fresh else VALUES_AT_ONCE
            low, high = high, min(length, high + number * block)
            cut = [lane.slice(low, high) if isinstance(lane, Encoding) else lane for lane in lanes]
            if builder is not None:
                wide.values(cut, builder.room(high - low))
                builder.advance(high - low)
                continue
            values = np.empty(high - low, self._dtypes[0])
            wide.values(cut, values)
            form = self._quick.form(values)
            if form is not None:
                self._put(None, start + low, form)
            else:
                self._outs[0].basic((slice(start + low, start + high),)).write(values)

    def _has_lanes(self, builder: Results | None) -> bool:
        """Tell whether codes may suffice: one output, nothing but operands, and a target that takes whole blocks."""
        if len(self._dtypes) != 1 or self._where is not True or set(self._kwargs):
            return False
        if builder is not None:
            return builder.takes_encoded
        out = self._outs[0]
        if not isinstance(out, View) or not isinstance(out.storage, BlockStorage):
            return False
        if not _is_of_loop(out.dtype, self._ufunc, self._operands):
            return False
        storage, block = out.storage, settings().block_length
        whole_end = out.offset + out.size == storage.size or not out.size % block
        return storage.block_length == block and not out.offset % block and out.steps == (1,) and whole_end

    def _tile(self, region: tuple[int | slice, ...], builders: list[Results | None]) -> tuple[Array, ...]:
        """Return the results of one tile, where results without a target, and targets that are ndarrays, have their place."""
        tiles = [self._rooms.tile(k, value, region) for k, value in enumerate(self._operands)]
        shape = _region_shape(self._tile_shape, region)
        buffers = []
        for builder, out, target in zip(builders, self._outs, self._targets, strict=True):
            if builder is not None:
                room = builder.room(prod(shape)).reshape(shape)
                if self._where is not True:
                    room[...] = 0
                buffers.append(room)
            elif isinstance(out, View):
                keep = self._where is not True
                buffers.append(
                    out.basic((*region, ...)).read(np.empty(shape, target.dtype)) if keep else np.empty(shape, target.dtype)
                )
            else:
                buffers.append(out[(*region, ...)])
        extra = {} if self._where is True else {"where": self._rooms.tile("where", self._where, region)}
        results = computed(self._ufunc, tiles, tuple(buffers), **extra, **self._kwargs)
        return results if isinstance(results, tuple) else (results,)

    def _finished(self, storage: Storage) -> AnyView:
        view: AnyView = whole(storage, self._shape)
        if view.size * view.dtype.itemsize <= settings().plain_below:
            view = PlainView(view.read())
        return view.transpose(tuple(self._axes.index(axis) for axis in range(len(self._axes))))


def _region_shape(shape: tuple[int, ...], region: tuple[int | slice, ...]) -> tuple[int, ...]:
    return tuple(len(range(*part.indices(length))) for length, part in zip(shape, region, strict=True) if isinstance(part, slice))

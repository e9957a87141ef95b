"""Operands of an operation: views, ndarrays and scalars under one shape, cut into tiles."""

from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode_flat
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import address_bounds, contiguous_strides, is_contiguous
from compactarray.storage import run_moves
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.joining import Stretch
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View, whole

Operand = View | Array | Any

#: Bytes of codes that are moved for an operand whose elements are in another order.
_MOVED = 1 << 24
#: Blocks for which what is broadcast is repeated in memory.
_REPEATED = 8
_PYTHON_SCALARS = frozenset((bool, int, float, complex))


def operand(value: Any) -> Operand:
    """Return an operand in normal form: a View, an ndarray of no subclass, or a Python scalar (which NEP 50 holds weak)."""
    kind = type(value)
    if kind is View or kind is np.ndarray or kind in _PYTHON_SCALARS:
        return value
    return value.array if kind is PlainView else np.asarray(value)


def mask_operand(value: Any) -> Operand:
    """Return the operand of ``where=`` in normal form; what is no array is converted to bool, as NumPy does."""
    if value is True:
        return True
    found = operand(value) if isinstance(value, (View, PlainView, np.ndarray)) else np.asarray(value, bool)
    return True if isinstance(found, np.ndarray) and not found.shape and found.dtype.kind == "b" and found else found


def decoded(value: Any) -> Any:
    """Return an operand with an ndarray for a view: with the view's own strides, by which NumPy lays results out."""
    kind = type(value)
    if kind is PlainView:
        return value.array
    if kind is not View:
        return value
    shape, steps = value.shape, value.steps
    if steps == contiguous_strides(shape):
        array = value.storage.fresh(value.offset, prod(shape))
        return array if len(shape) == 1 else array.reshape(shape)
    low, high = address_bounds(shape, steps, value.offset)
    if low < high <= low + max(2 * value.size, settings().plain_below // 8):
        return _strided(value, low, high)
    if not any(step == 0 and length > 1 for step, length in zip(steps, shape, strict=True)):
        return value.read()
    # Elements that are repeated are read once.
    index = tuple(slice(1) if step == 0 else slice(None) for step in steps)
    return np.broadcast_to(value.basic(index).read(), shape)


def _strided(view: View, low: int, high: int) -> Array:
    """Return a view's elements in their places among all from `low` to `high`."""
    dtype = view.storage.dtype
    run = np.empty(high - low, dtype)
    view.storage.read(low, high - low, 1, run)
    buffer = run.view(np.uint8) if dtype.kind in "mMV" else run
    size = dtype.itemsize
    strides = tuple(step * size for step in view.steps)
    return np.ndarray(view.shape, dtype, buffer, (view.offset - low) * size, strides)


def is_scalar(value: Operand) -> bool:
    """Tell whether an operand is a Python scalar."""
    return type(value) in _PYTHON_SCALARS


def shape_of(value: Operand) -> tuple[int, ...]:
    """Return the shape of an operand."""
    return () if is_scalar(value) else value.shape


def model(value: Operand) -> Any:
    """Return an empty array that stands for an operand in questions about dtypes; scalars stand for themselves."""
    return value if is_scalar(value) else np.empty(0, value.dtype)


def shammed(value: Operand) -> Any:
    """Return an array of an operand's shape and dtype that holds no elements of it, to let NumPy find errors."""
    return value if is_scalar(value) else sham(value.shape, value.dtype)


def broadcast(value: Operand, shape: tuple[int, ...]) -> Operand:
    """Return an operand broadcast to `shape`; scalars, and arrays without axes, stay what they are."""
    if is_scalar(value) or value.shape == shape:
        return value
    if isinstance(value, View):
        return value.mapped(lambda array: np.broadcast_to(array, shape))
    return value if not value.shape else np.broadcast_to(value, shape)


def transposed(value: Operand, axes: tuple[int, ...]) -> Operand:
    """Return an operand of the full shape with its axes in another order."""
    return value if is_scalar(value) or not value.shape else value.transpose(axes)


def tile_of(value: Operand, region: tuple[int | slice, ...]) -> Any:
    """Return the part of an operand that a region takes, as an ndarray (or a scalar)."""
    if is_scalar(value):
        return value
    if isinstance(value, View):
        return value.basic((*region, ...)).read()
    return value[(*region, ...)] if value.shape else value


def flattened(values: list[Operand], shape: tuple[int, ...]) -> list[Operand] | None:
    """Return operands as one axis where every one is contiguous or a scalar, else None."""
    if len(shape) == 1:
        return values
    flat: list[Operand] = []
    size = int(np.prod(shape, dtype=object))
    for value in values:
        if is_scalar(value) or not value.shape:
            flat.append(value)
        elif isinstance(value, View):
            if not is_contiguous(value.shape, value.steps):
                return None
            flat.append(View(value.storage, (size,), (1,), value.offset, value.writeable))
        elif value.flags.c_contiguous:
            flat.append(value.reshape(-1))
        else:
            return None
    return flat


def result_axes(values: list[Operand], shape: tuple[int, ...], order: str) -> tuple[int, ...]:
    """Return the axes of a result from slowest to fastest, as nditer lays it out for operands and an order."""
    forward = tuple(range(len(shape)))
    if len(shape) < 2 or order == "C":
        return forward
    if order == "F":
        return forward[::-1]
    arrays = [value for value in values if not is_scalar(value) and value.shape]
    if order == "A":
        fortran = all(_contiguous(value, "F") for value in arrays) and not all(_contiguous(value, "C") for value in arrays)
        return forward[::-1] if fortran else forward
    if all(_contiguous(value, "C") for value in arrays if value.shape == shape) and all(v.shape == shape for v in arrays):
        return forward
    if len(shape) > 16:
        return forward
    # Small arrays whose axes are ordered alike tell how NumPy would lay out the result.
    models = [model_of_layout(value, np.dtype(np.int8)) for value in arrays]
    operands: Any = [*models, None]
    flags: Any = [["readonly"]] * len(models) + [["writeonly", "allocate"]]
    iterator = np.nditer(
        operands,
        flags=["zerosize_ok"],
        op_flags=flags,
        op_dtypes=[np.dtype(np.int8)] * (len(models) + 1),
    )
    return axes_of(iterator.operands[-1])


def axes_of(array: Array) -> tuple[int, ...]:
    """Return the axes of an array of NumPy's making from slowest to fastest."""
    strides = array.strides
    return tuple(sorted(range(array.ndim), key=lambda axis: -strides[axis]))


def laid_out(view: AnyView, order: tuple[int, ...]) -> AnyView:
    """Return a result with its axes in an order from slowest to fastest in memory: a copy, if they are not."""
    if not order:
        return view
    moved = view.transpose(order)
    if moved.contiguous("C"):
        return view
    return moved.copied("C").transpose(tuple(order.index(axis) for axis in range(len(order))))


def _contiguous(value: Operand, order: str) -> bool:
    if isinstance(value, View):
        return value.contiguous(order)
    return bool(value.flags.c_contiguous if order == "C" else value.flags.f_contiguous)


def model_of_layout(value: Operand, dtype: np.dtype[Any] | None = None) -> Array:
    """Return zeros with at most two elements an axis whose axes are ordered as those of an operand; by default of its dtype."""
    if is_scalar(value):
        return np.asarray(value)
    dtype = value.dtype if dtype is None else dtype
    shape = tuple(min(length, 2) for length in value.shape)
    steps = value.steps if isinstance(value, View) else value.strides
    axes = sorted(range(len(shape)), key=lambda axis: -abs(steps[axis]))
    strides = contiguous_strides(tuple(shape[axis] for axis in axes))
    laid = [0] * len(shape)
    for axis, stride in zip(axes, strides, strict=True):
        laid[axis] = stride * dtype.itemsize if steps[axis] else 0
    return np.lib.stride_tricks.as_strided(np.zeros(prod(shape), dtype), shape, laid)


def _repeated(value: View) -> View | None:
    """Return what is broadcast along its first axes as stretches of one buffer, in which it is repeated some times; None for others.

    Each stretch begins in the buffer where the repeated elements are at that moment, so that their number may be any.
    """
    axis = next((k for k, step in enumerate(value.steps) if step and value.shape[k] > 1), len(value.steps))
    row, most = prod(value.shape[axis:]), _REPEATED * settings().block_length
    if not 0 < row <= most or value.size <= 2 * most or not is_contiguous(value.shape[axis:], value.steps[axis:]):
        return None
    assert isinstance(value.storage, BlockStorage)
    end, lane = value.storage.lane(value.offset, value.offset + row)
    if end < value.offset + row or not isinstance(lane, Coded) or lane.codes.dtype.itemsize >= value.dtype.itemsize:
        return None
    if lane.exceptions is not None:
        return _with_exceptions_repeated(value, lane, most)
    codes = np.tile(lane.codes, -(-most // row) + 1)
    buffer = lane.rebuilt((codes,), codes.size, None)
    stretches = (buffer.slice(start % row, start % row + min(most, value.size - start)) for start in range(0, value.size, most))
    return whole(storage_of(value.dtype, stretches, settings().block_length), value.shape)


def _with_exceptions_repeated(value: View, lane: Coded, most: int) -> View | None:
    """Do what `_repeated` does for elements with exceptions, if blocks begin where the elements do; else return None."""
    exceptions, row = lane.exceptions, lane.length
    assert exceptions is not None
    if most % row or exceptions.block_length != settings().block_length:
        return None
    low, high, places = exceptions.places(0, row)
    places = (np.arange(0, most, row)[:, None] + places).reshape(-1)
    edges = np.arange(0, most + exceptions.block_length, exceptions.block_length, dtype=np.int64)
    values = np.tile(exceptions.values.decoded(low, high), most // row)
    repeated = Exceptions(
        (places % exceptions.block_length).astype(np.uint16),
        places.searchsorted(edges).astype(np.int64),
        encode_flat(values),
        exceptions.block_length,
    )
    buffer = lane.rebuilt((np.tile(lane.codes, most // row),), most, repeated)
    stretches = (buffer.slice(0, min(most, value.size - start)) for start in range(0, value.size, most))
    return whole(storage_of(value.dtype, stretches, settings().block_length), value.shape)


def _unfolded(value: View, runs: Runs) -> tuple[View, Encoding]:
    """Return a view of runs, and what holds it, with a code for each element, if these take little; else both as they are."""
    if not isinstance(runs.values, Coded) or runs.length * runs.values.codes.itemsize > _MOVED:
        return value, runs
    lane = runs.lane(0, runs.length)
    return View(storage_of(value.dtype, [lane], settings().block_length), value.shape, value.steps, value.offset, False), lane


def in_c_order(value: Operand) -> Operand:
    """Return an operand with its elements in C order where that takes little: narrow codes, or runs, moved to a copy of their own."""
    if not isinstance(value, View) or is_contiguous(value.shape, value.steps) or not isinstance(value.storage, BlockStorage):
        return value
    entries = value.storage.entries
    encoding = entries[0].encoding
    runs = run_moves.copied(value.storage, value.shape, value.steps, value.offset) if value.size else None
    if runs is not None:
        return whole(runs, value.shape)
    repeated = _repeated(value)
    if repeated is not None:
        return repeated
    if len(entries) == 1 and isinstance(encoding, Runs) and encoding.exceptions is None:
        value, encoding = _unfolded(value, encoding)
    if len(entries) > 1 or not isinstance(encoding, Coded) or encoding.codes.dtype.itemsize >= value.dtype.itemsize:
        return value
    return value.copied("C") if value.size * encoding.codes.dtype.itemsize <= _MOVED else value


def at_edges(value: Operand) -> Operand:
    """Return a flat operand of runs that begins inside of a block as a copy that begins with one; any other as it is."""
    if not isinstance(value, View) or value.steps != (1,) or not isinstance(value.storage, BlockStorage):
        return value
    if not value.offset % value.storage.block_length or not isinstance(value.storage.entries[0].encoding, Runs):
        return value
    runs = run_moves.end_to_end([Stretch(value.storage, value.offset, value.offset + value.size)])
    return value if runs is None else whole(runs, value.shape)


def payload(value: View) -> Array | None:
    """Return an array over the values themselves, not to be written, where one raw encoding holds all of them."""
    encoding = value.storage.single() if isinstance(value.storage, BlockStorage) else None
    if not isinstance(encoding, Raw):
        return None
    codes = encoding.codes
    steps = tuple(step * codes.itemsize for step in value.steps)
    laid = np.lib.stride_tricks.as_strided(codes[value.offset :], value.shape, steps, writeable=False)
    return laid


def in_place(value: Operand) -> Operand:
    """Return the array that an operand is held in as it is, not to be written, if it is one; else the operand."""
    found = payload(value) if isinstance(value, View) and value.size else None
    return value if found is None else found

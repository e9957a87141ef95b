"""Operands of an operation: views, ndarrays and scalars under one shape, cut into tiles."""

from typing import Any

import numpy as np

from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import contiguous_strides, is_contiguous
from compactarray.storage.base import Array
from compactarray.storage.view import PlainView, View

Operand = View | Array | Any

_PYTHON_SCALARS = (bool, int, float, complex)


def operand(value: Any) -> Operand:
    """Return an operand in normal form: a View, an ndarray, or a Python scalar (which NEP 50 holds weak)."""
    if isinstance(value, (View, np.ndarray)) or type(value) in _PYTHON_SCALARS:
        return value
    return value.array if isinstance(value, PlainView) else np.asarray(value)


def mask_operand(value: Any) -> Operand:
    """Return the operand of ``where=`` in normal form; what is no array is converted to bool, as NumPy does."""
    found = operand(value) if isinstance(value, (View, PlainView, np.ndarray)) or value is True else np.asarray(value, bool)
    return True if isinstance(found, np.ndarray) and not found.shape and found.dtype.kind == "b" and found else found


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
    models = [_small_model(value) for value in arrays]
    operands: Any = [*models, None]
    flags: Any = [["readonly"]] * len(models) + [["writeonly", "allocate"]]
    iterator = np.nditer(
        operands,
        flags=["zerosize_ok"],
        op_flags=flags,
        op_dtypes=[np.dtype(np.int8)] * (len(models) + 1),
    )
    strides = iterator.operands[-1].strides
    return tuple(sorted(forward, key=lambda axis: -strides[axis]))


def _contiguous(value: Operand, order: str) -> bool:
    if isinstance(value, View):
        return value.contiguous(order)
    return bool(value.flags.c_contiguous if order == "C" else value.flags.f_contiguous)


def _small_model(value: Operand) -> Array:
    """Return an array with at most two elements an axis whose axes are ordered as those of an operand."""
    shape = tuple(min(length, 2) for length in value.shape)
    steps = value.steps if isinstance(value, View) else value.strides
    axes = sorted(range(len(shape)), key=lambda axis: -abs(steps[axis]))
    strides = contiguous_strides(tuple(shape[axis] for axis in axes))
    laid = [0] * len(shape)
    for axis, stride in zip(axes, strides, strict=True):
        laid[axis] = stride if steps[axis] else 0
    buffer = np.empty(1 << len(shape), np.int8)
    return np.lib.stride_tricks.as_strided(buffer, shape, laid)

"""Operands of operations on tables, taken apart column by column: what is computed of a column lies together."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution.operands import Operand, is_scalar, transposed
from compactarray.storage.base import Array, Storage
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.stacked import StackedStorage
from compactarray.storage.tables import MOST_COLUMNS
from compactarray.storage.view import View

#: An operation goes column by column where each has at least one in so many elements of a block: every column costs some
#: microseconds by itself.
_LONG = 32
#: What NumPy computes otherwise where an operand is one number for many elements: the square, for an exponent of 2.
_OTHERWISE = frozenset((np.power, np.float_power))


def is_long(rows: int) -> bool:
    """Tell whether columns of so many elements are worth an operation each."""
    return rows * _LONG >= settings().block_length


def axis_of_columns(view: View) -> int | None:
    """Return the axis along which the columns of a table lie next to each other, if they are long; else None."""
    storage = view.storage
    if not isinstance(storage, ColumnsStorage) or not view.size:
        return None
    across = storage.across(view.shape, view.steps, view.offset)
    if across is None or not is_long(view.size // view.shape[across]) or view.shape[across] > MOST_COLUMNS:
        return None
    return across


def by_columns(
    operands: list[Operand], shape: tuple[int, ...], ufunc: np.ufunc | None = None, targets: Sequence[Operand] = ()
) -> list[list[Operand]] | None:
    """Return the operands of each column, along the last axis of a shape; None where that would not pay.

    It does for tables by columns together with scalars, and with vectors along the rows or the columns.

    Parameters
    ----------
    operands : list
        Broadcast to the shape; scalars, and arrays without axes, are what they are.
    shape : tuple of int
        Of the operation.
    ufunc : numpy.ufunc, optional
        The operation, if it is one.
    targets : sequence, optional
        What is written to, of the full shape; comes after the operands.
    """
    if not _any_in(ColumnsStorage, (*operands, *targets)):
        return None
    return _apart(operands, shape, ufunc, targets)


def by_stack(
    operands: list[Operand], shape: tuple[int, ...], ufunc: np.ufunc | None = None, targets: Sequence[Operand] = ()
) -> list[list[Operand]] | None:
    """Return the same for tables whose columns follow each other, along the first axis of a shape."""
    if len(shape) < 2 or shape[0] > MOST_COLUMNS or not _any_in(StackedStorage, (*operands, *targets)):
        return None
    turn = (*range(1, len(shape)), 0)
    turned = [[transposed(value, turn) for value in values] for values in (operands, targets)]
    return _apart(turned[0], (*shape[1:], shape[0]), ufunc, turned[1])


def _any_in(kind: type[Storage], values: Sequence[Operand]) -> bool:
    return any(isinstance(value, View) and type(value.storage) is kind for value in values)


def _apart(
    operands: list[Operand], shape: tuple[int, ...], ufunc: np.ufunc | None, targets: Sequence[Operand]
) -> list[list[Operand]] | None:
    if len(shape) < 2 or not is_long(prod(shape[:-1])):
        return None
    found = []
    for value in operands:
        columns = columns_of(value, shape, ufunc not in _OTHERWISE)
        if columns is None:
            return None
        found.append(columns)
    for target in targets:
        columns = target.columns() if isinstance(target, View) else None
        if columns is None:
            return None
        found.append(columns)
    return [list(column) for column in zip(*found, strict=True)]


def columns_of(value: Operand, shape: tuple[int, ...], rows: bool = True) -> list[Any] | None:
    """Return an operand of each column; None for what is laid out row by row, and for one number a column if `rows` is false."""
    if is_scalar(value) or not value.shape:
        return [value] * shape[-1]
    steps = value.steps if isinstance(value, View) else value.strides
    if shape[-1] > 1 and not steps[-1]:
        return [value[..., 0]] * shape[-1]
    if not any(step for step, length in zip(steps[:-1], shape[:-1], strict=True) if length > 1):
        row = value[(0,) * (len(shape) - 1) + (...,)]
        numbers: Array = row.read() if isinstance(row, View) else row
        return [numbers[k, ...] for k in range(shape[-1])] if rows else None
    return value.columns() if isinstance(value, View) else None

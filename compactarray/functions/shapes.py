"""Functions that give views or tell shapes: they read no element."""

from collections.abc import Callable
from inspect import signature
from typing import Any, NamedTuple

import numpy as np

from compactarray.array import CompactArray
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import address_bounds
from compactarray.registry import implements
from compactarray.storage.base import Storage
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.plain import PlainView
from compactarray.storage.view import View

#: NumPy's own bodies of these make basic views of their first argument, and read nothing.
_VIEWING: tuple[Callable[..., Any], ...] = (
    np.broadcast_to,
    np.diagonal,
    np.expand_dims,
    np.flip,
    np.fliplr,
    np.flipud,
    np.matrix_transpose,
    np.moveaxis,
    np.permute_dims,
    np.rollaxis,
    np.rot90,
    np.squeeze,
    np.swapaxes,
    np.transpose,
)


def _register_viewing(function: Callable[..., Any]) -> None:
    def body(a: Any, *args: Any, **kwargs: Any) -> Any:
        if function is np.flip and not a.ndim:
            # The one that gives a scalar: it indexes, so it would read what must not be read.
            np.flip(sham(()), *args, **kwargs)
            return a[()]
        view = a._view.mapped(lambda array: function(array, *args, **kwargs))
        return CompactArray.from_view(view, a._owner())

    body.__signature__ = signature(function)  # type: ignore[attr-defined]
    implements(function, route="native")(body)


for _function in {id(function): function for function in _VIEWING}.values():
    _register_viewing(_function)


@implements(np.shape, route="native")
def shape(a: Any) -> tuple[int, ...]:
    """As numpy.shape."""
    return a.shape  # type: ignore[no-any-return]


@implements(np.ndim, route="native")
def ndim(a: Any) -> int:
    """As numpy.ndim."""
    return a.ndim  # type: ignore[no-any-return]


@implements(np.size, route="native")
def size(a: Any, axis: Any = None) -> int:
    """As numpy.size."""
    return np.size(sham(a.shape), axis)


@implements(np.reshape, route="native")
def reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """As numpy.reshape."""
    return a.reshape(shape, order=order, copy=copy)


@implements(np.ravel, route="native")
def ravel(a: Any, order: str = "C") -> Any:
    """As numpy.ravel."""
    return a.ravel(order)


@implements(np.copy, route="native")
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """As numpy.copy."""
    return a.copy(order)


@implements(np.real, route="native")
def real(val: Any) -> Any:
    """As numpy.real."""
    return val.real


@implements(np.imag, route="native")
def imag(val: Any) -> Any:
    """As numpy.imag."""
    return val.imag


@implements(np.iscomplexobj, route="native")
def iscomplexobj(x: Any) -> bool:
    """As numpy.iscomplexobj."""
    return bool(x.dtype.kind == "c")


@implements(np.isrealobj, route="native")
def isrealobj(x: Any) -> bool:
    """As numpy.isrealobj."""
    return bool(x.dtype.kind != "c")


@implements(np.astype, route="native")
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: str | None = None) -> Any:
    """As numpy.astype."""
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    return x.astype(dtype, copy=copy)


@implements(np.may_share_memory, route="native")
def may_share_memory(a: Any, b: Any, /, max_work: Any = 0) -> bool:
    """As numpy.may_share_memory: whether the ranges of addresses of one storage overlap."""
    left, right = addressed(a), addressed(b)
    if left is not None and right is not None:
        if left.storage is not right.storage:
            return left.storage.lock is right.storage.lock
        low, high = address_bounds(left.shape, left.steps, left.offset)
        first, last = address_bounds(right.shape, right.steps, right.offset)
        return low < last and first < high
    if left is not None or right is not None:
        return False
    dense = [x._view.array if isinstance(x, CompactArray) and isinstance(x._view, PlainView) else x for x in (a, b)]
    return np.may_share_memory(dense[0], dense[1], max_work)


class Place(NamedTuple):
    """Where the elements of an array are."""

    storage: Storage
    shape: tuple[int, ...]
    steps: tuple[int, ...]
    offset: int


def addressed(a: Any) -> Place | None:
    """Return where the elements of an encoded array are; those of one column of a table, in the table that it was taken from."""
    view = a._view if isinstance(a, CompactArray) else None
    if not isinstance(view, View):
        return None
    owner = a._owner()._view
    if isinstance(owner, View) and isinstance(owner.storage, ColumnsStorage):
        parts = owner.storage.parts
        for column, part in enumerate(parts):
            if part is view.storage:
                pitch, first = owner.storage.place(column)
                return Place(owner.storage, view.shape, tuple(pitch * step for step in view.steps), pitch * view.offset + first)
    return Place(view.storage, view.shape, view.steps, view.offset)


@implements(np.array_repr, route="native")
def array_repr(arr: Any, max_line_width: Any = None, precision: Any = None, suppress_small: Any = None) -> str:
    """As numpy.array_repr, of the class CompactArray."""
    options = {"linewidth": max_line_width, "precision": precision, "suppress": suppress_small}
    with np.printoptions(**{name: value for name, value in options.items() if value is not None}):
        return repr(arr)


@implements(np.array_str, route="native")
def array_str(a: Any, max_line_width: Any = None, precision: Any = None, suppress_small: Any = None) -> str:
    """As numpy.array_str."""
    options = {"linewidth": max_line_width, "precision": precision, "suppress": suppress_small}
    with np.printoptions(**{name: value for name, value in options.items() if value is not None}):
        return str(a)

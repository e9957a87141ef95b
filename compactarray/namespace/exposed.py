"""What works on memory, or asks for instances of ndarray, and so does not dispatch: as NumPy has it, as far as a namespace can go."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.execution.policy import heed_policy
from compactarray.geometry.layout import address_bounds
from compactarray.namespace.results import compacted
from compactarray.storage.plain import PlainView
from compactarray.storage.view import View

#: Containers in containers are looked into so far.
_DEPTH = 4
#: Why whole arrays are decoded.
_MEMORY = "it works on memory, or asks for instances of ndarray"
_WRITING = frozenset(("readwrite", "writeonly"))


def as_strided(x: Any, shape: Any = None, strides: Any = None, subok: bool = False, writeable: bool = True, **newer: Any) -> Any:
    """As numpy.lib.stride_tricks.as_strided: a view, which must not reach beyond what the array's storage holds.

    Raises
    ------
    ValueError
        Where elements would lie outside of it, or between others: NumPy would show other memory.

    Examples
    --------
    >>> import compactarray as np
    >>> a = np.asarray(np.arange(6))
    >>> np.lib.stride_tricks.as_strided(a, (3, 2), (16, 8))
    CompactArray([[0, 1],
                  [2, 3],
                  [4, 5]])
    """
    if not isinstance(x, CompactArray):
        return compacted(np.lib.stride_tricks.as_strided(x, shape, strides, subok, writeable, **newer))
    view = x._view
    if isinstance(view, PlainView):
        return x._viewed(PlainView(np.lib.stride_tricks.as_strided(view.array, shape, strides, False, writeable, **newer)))
    lengths = view.shape if shape is None else tuple(shape)
    steps = x.strides if strides is None else tuple(strides)
    if len(lengths) != len(steps) or any(length < 0 for length in lengths):
        # NumPy's errors.
        np.lib.stride_tricks.as_strided(np.empty(0), lengths, steps)
    low, high = address_bounds(lengths, tuple(step // view.dtype.itemsize for step in steps), view.offset)
    if any(step % view.dtype.itemsize for step in steps) or (0 not in lengths and (low < 0 or high > view.storage.size)):
        raise ValueError("strides must lead from element to element of the array, and not beyond them")
    in_elements = tuple(step // view.dtype.itemsize for step in steps)
    return x._viewed(View(view.storage, lengths, in_elements, view.offset, view.writeable and writeable))


class nditer:  # noqa: N801 - NumPy's name
    """As numpy.nditer, on decoded operands: what is written to them is written to compact ones when the iteration ends.

    Where no compact operand is written to, it is NumPy's own.

    Examples
    --------
    >>> import compactarray as np
    >>> a = np.asarray([1, 2, 3])
    >>> for x in np.nditer(a, op_flags=["readwrite"]):
    ...     x[...] = 2 * x
    >>> a
    CompactArray([2, 4, 6])
    """

    def __new__(cls, op: Any, *args: Any, **kwargs: Any) -> Any:
        """Return an iterator; see numpy.nditer."""
        several = isinstance(op, (tuple, list))
        given = list(op) if several else [op]
        heed_policy("numpy.nditer", _views(given), _MEMORY)
        dense = [_dense(value) for value in given]
        made = np.nditer(dense if several else dense[0], *args, **kwargs)
        targets = [
            (value, elements)
            for value, elements, flags in zip(given, dense, _flags(len(given), *args[1:2], **kwargs), strict=True)
            if isinstance(value, CompactArray) and isinstance(value._view, View) and not _WRITING.isdisjoint(flags)
        ]
        if not targets:
            return made
        found = super().__new__(cls)
        found._made, found._targets, found._pending = made, targets, True
        return found

    _made: Any
    _targets: list[tuple[CompactArray, Any]]
    #: Whether anything may have been written since the last time.
    _pending: bool

    def _write_back(self) -> None:
        if self._pending:
            self._pending = False
            for target, elements in self._targets:
                target[...] = elements

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        try:
            self._pending = True
            return next(self._made)
        except StopIteration:
            self._write_back()
            raise

    def iternext(self) -> bool:
        """As numpy.nditer.iternext."""
        self._pending = True
        more: bool = self._made.iternext()
        if not more:
            self._write_back()
        return more

    def close(self) -> None:
        """As numpy.nditer.close."""
        self._made.close()
        self._write_back()

    def __enter__(self) -> Any:
        self._made.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def __del__(self) -> None:
        # After an iteration that was broken off.
        for target, _ in self._targets:
            if target.flags.writeable:
                self._write_back()

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, index: Any) -> Any:
        return self._made[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._pending = True
        self._made[index] = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def _flags(count: int, op_flags: Any = None, **rest: Any) -> list[Any]:
    """Return the flags of each operand: those that are given may be for all of them."""
    if not op_flags:
        return [()] * count
    return [op_flags] * count if isinstance(op_flags[0], str) else list(op_flags)


def _views(value: Any, depth: int = _DEPTH) -> Iterator[Any]:
    """Yield the views of compact arrays, also of those in lists, tuples and dicts."""
    if isinstance(value, CompactArray):
        yield value._view
    elif type(value) in (list, tuple, dict) and depth:
        for item in value.values() if type(value) is dict else value:
            yield from _views(item, depth - 1)


def _dense(value: Any, depth: int = _DEPTH) -> Any:
    """Return a value with ndarrays for compact arrays, also in lists, tuples and dicts; plain ones lend their memory."""
    if isinstance(value, CompactArray):
        dense = np.asarray(value)
        if not value.flags.writeable:
            dense.flags.writeable = False
        return dense
    if type(value) in (list, tuple) and depth:
        return type(value)(_dense(item, depth - 1) for item in value)
    if type(value) is dict and depth:
        return {key: _dense(item, depth - 1) for key, item in value.items()}
    return value


def decoding(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gets ndarrays for compact arrays: one that asks for instances of ndarray.

    Examples
    --------
    >>> import numpy
    >>> from compactarray import CompactArray
    >>> from compactarray.namespace.exposed import decoding
    >>> decoding(numpy.char.array)(CompactArray(numpy.array(["a", "b"]))).dtype
    dtype('<U1')
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        heed_policy(f"numpy.{function.__name__}", _views((args, kwargs)), _MEMORY)
        return compacted(function(*_dense(args), **_dense(kwargs)))

    return call

"""NumPy's functions that make arrays: with its parameters, and never dense on the way where that can be."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import prod
from typing import Any

import numpy as np

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.io.collect import collected
from compactarray.namespace.results import compacted, owned
from compactarray.registry import lookup
from compactarray.storage.base import Array

#: What gives values, and is no array.
_LITERALS = frozenset((list, tuple, bool, int, float, complex, str, bytes))
_AVOIDED = "Unable to avoid copy while creating an array as requested."


def is_foreign(like: Any) -> bool:
    """Tell whether what an array is to be ``like=`` is of a class that makes arrays by itself."""
    return (
        like is not None
        and not isinstance(like, CompactArray)
        and type(like) is not np.ndarray
        and hasattr(like, "__array_function__")
    )


def _check_device(device: Any) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')


def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
    like: Any = None,
    **newer: Any,
) -> Any:
    """As numpy.array: a CompactArray, plain where it is small.

    Parameters
    ----------
    object, dtype, copy, order, subok, ndmin, like
        As of numpy.array. What is no CompactArray cannot be shared: ``copy=False`` raises ValueError then.
    **newer
        What later versions of NumPy take.

    Examples
    --------
    >>> import compactarray
    >>> compactarray.array([[1, 2], [3, 4]], ndmin=3)
    CompactArray([[[1, 2],
                   [3, 4]]])
    """
    if is_foreign(like):
        return np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, like=like, **newer)
    if isinstance(object, CompactArray):
        return _deep(_copied(object, dtype, order, copy), ndmin)
    if copy is False:
        raise ValueError(_AVOIDED)
    stack = not newer and type(object) in (list, tuple) and _stacked(object)
    if isinstance(stack, CompactArray):
        return _deep(_copied(stack, dtype, order, None), ndmin)
    if hasattr(object, "nnz"):
        return _deep(_copied(CompactArray(object), dtype, order, None), ndmin)
    dense = np.array(object, dtype, copy=None, order=order, subok=subok, ndmin=ndmin, **newer)
    if type(dense) is not np.ndarray:
        return dense.copy(order) if copy and dense is object else dense
    # A view of it is not kept.
    found = owned(dense[...] if dense is object else dense)
    found.flags.writeable = True
    return found


def _copied(a: CompactArray, dtype: Any, order: Any, copy: bool | None) -> CompactArray:
    """Return a CompactArray as one of a dtype and order: itself, where nothing has to change and `copy` is not true."""
    wanted = a.dtype if dtype is None else _complete(np.dtype(dtype), a.dtype)
    if not copy:
        laid = order in (None, "K") or (order == "A" and (a.flags.c_contiguous or a.flags.f_contiguous))
        if wanted == a.dtype and (laid or (order in ("C", "F") and a.flags[order])):
            return a
        if copy is False:
            raise ValueError(_AVOIDED)
    return a.astype(wanted, "K" if order is None else order)


def _complete(dtype: np.dtype[Any], source: np.dtype[Any]) -> np.dtype[Any]:
    """Give ``"U"``, ``"S"`` or ``"M8"`` the length or unit that NumPy would take from `source`."""
    return np.empty(0, source).astype(dtype).dtype


def _deep(a: CompactArray, ndmin: int) -> Any:
    return a if a.ndim >= ndmin else a.reshape((1,) * (ndmin - a.ndim) + a.shape)


def _stacked(items: Any) -> Any:
    """Return compact arrays of one shape as one, or None where they are not that."""
    if not items or not all(isinstance(item, CompactArray) and item.ndim for item in items):
        return None
    return np.stack(items) if len({item.shape for item in items}) == 1 else None


def asarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: bool | None = None, like: Any = None) -> Any:
    """As numpy.asarray: `a` itself if it is a CompactArray of that dtype and order; other arrays are encoded, whatever their size.

    Examples
    --------
    >>> import compactarray
    >>> a = compactarray.asarray([1, 2, 3])
    >>> compactarray.asarray(a) is a
    True
    """
    _check_device(device)
    if is_foreign(like):
        return np.asarray(a, dtype, order, copy=copy, like=like)
    if isinstance(a, CompactArray):
        return _copied(a, dtype, order, copy)
    if copy is False:
        raise ValueError(_AVOIDED)
    if type(a) in _LITERALS:
        # Values that were in no array: plain where they are few, like results.
        return array(a, dtype, order=order)
    return _copied(CompactArray(a, dtype), dtype, order, None)


def asanyarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: bool | None = None, like: Any = None) -> Any:
    """As numpy.asanyarray: instances of subclasses of ndarray are left what they are."""
    if isinstance(a, np.ndarray) and type(a) is not np.ndarray:
        return np.asanyarray(a, dtype, order, device=device, copy=copy, like=like)
    return asarray(a, dtype, order, device=device, copy=copy, like=like)


def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """As numpy.ascontiguousarray: with one axis at least."""
    return _deep(asarray(a, dtype, "C", like=like), 1)


def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """As numpy.asfortranarray: with one axis at least."""
    return _deep(asarray(a, dtype, "F", like=like), 1)


def require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """As numpy.require: of a CompactArray, the order of axes and whether it can be written are asked."""
    if is_foreign(like) or (isinstance(a, np.ndarray) and type(a) is not np.ndarray):
        return np.require(a, dtype, requirements, like=like)
    # What the words mean, and which do not go together, NumPy tells for an array that has nothing.
    model = np.require(np.empty((2, 2, 2))[:, ::-1, ::-1], None, requirements)
    order = "F" if model.flags.f_contiguous else "C" if model.flags.c_contiguous else None
    found = asarray(a, dtype, order)
    words = {str(word).upper() for word in requirements or ()}
    if not found.flags.writeable and words & {"W", "WRITEABLE"}:
        return found.copy("A")
    return found.copy("A") if words & {"O", "OWNDATA"} and found.base is not None else found


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
    """As numpy.from_dlpack, but that what is no CompactArray is always copied: ``copy=False`` raises ValueError then."""
    if isinstance(x, CompactArray):
        _check_device(device)
        return x.copy("K") if copy else x
    if copy is False:
        raise ValueError(_AVOIDED)
    return array(np.from_dlpack(x, device=device), copy=True)


def _small(count: Any) -> bool:
    """Tell whether so many elements, or a shape of so many, are few enough to be left to NumPy."""
    if type(count) is tuple:
        if not all(type(length) is int and length >= 0 for length in count):
            return False
        count = prod(count)
    return type(count) is int and 0 <= 16 * count <= settings().plain_below


def _are_small(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Tell whether what comes after the first argument of arange or eye leaves an array small, too: at most one more of its kind."""
    return len(args) <= 1 and all(arg is None or _small(arg) for arg in args) and not kwargs.keys() - {"dtype"}


def making(function: Callable[..., Any], small: Callable[..., Any]) -> Callable[..., Any]:
    """Return the body of a function that is registered for ``like=``, with that parameter, small arrays being `small`'s."""
    entry = lookup(function)
    assert entry is not None and entry.body is not None
    body = entry.body
    eyes = function in (np.eye, np.identity)
    more = function in (np.eye, np.arange)

    def make(*args: Any, like: Any = None, **kwargs: Any) -> Any:
        if is_foreign(like):
            return function(*args, like=like, **kwargs)
        if not args and not kwargs:
            return function()  # NumPy says what is missing
        if args and _small(args[0]) and (not more or _are_small(args[1:], kwargs)):
            model = small(*args, **kwargs)
            # A square has more elements than its side says.
            if type(model) is np.ndarray and (not eyes or model.nbytes <= settings().plain_below):
                return owned(model)
        return body(*args, **kwargs)

    return make


def alike(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``*_like`` function: of an instance of a subclass of ndarray NumPy's, else ours."""
    entry = lookup(function)
    assert entry is not None and entry.body is not None
    body = entry.body

    def make(*args: Any, **kwargs: Any) -> Any:
        model = args[0] if args else kwargs.get("a", kwargs.get("prototype"))
        subclass = isinstance(model, np.ndarray) and type(model) is not np.ndarray and kwargs.get("subok", True)
        return compacted(function(*args, **kwargs)) if subclass else body(*args, **kwargs)

    return make


def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """As numpy.linspace; for scalar bounds made tile by tile."""
    _check_device(device)
    return compacted(creation.linspace(start, stop, num, endpoint, retstep, dtype, axis))


def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, *, like: Any = None) -> Any:
    """As numpy.fromiter, piece by piece.

    Examples
    --------
    >>> import compactarray
    >>> compactarray.fromiter((k * k for k in range(5)), int)
    CompactArray([ 0,  1,  4,  9, 16])
    """
    if is_foreign(like):
        return np.fromiter(iter, dtype, count, like=like)
    wanted, length = np.dtype(dtype), settings().tile_length
    if 0 <= count <= length or wanted.subdtype is not None or wanted.kind in "SU":
        return owned(np.fromiter(iter, wanted, count))
    # NumPy's error for what is none.
    source = iter.__iter__() if hasattr(iter, "__iter__") else np.fromiter(iter, wanted, count)
    found = 0

    def pieces() -> Iterator[Array]:
        nonlocal found
        while found != count:
            most = length if count < 0 else min(length, count - found)
            piece = np.fromiter(islice(source, most), wanted)
            found += piece.size
            yield piece
            if piece.size < most:
                return

    made = collected(wanted, pieces())
    if count > found:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {found} items.")
    return made

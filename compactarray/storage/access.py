"""Reading and writing by index expressions, as ndarray's ``[]`` does."""

from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.geometry.ghost import sham
from compactarray.geometry.index import Advanced, InvalidIndexError, as_basic
from compactarray.geometry.tiles import regions
from compactarray.storage.base import Array
from compactarray.storage.overwriting import frozen, one_axis, overwritten, overwritten_at, overwritten_where, pays
from compactarray.storage.parts import PartsStorage
from compactarray.storage.plain import PlainView
from compactarray.storage.rearranged import compressed
from compactarray.storage.small import assigned, is_small, picked
from compactarray.storage.transfer import Source, dense
from compactarray.storage.view import AnyView, View, encoded

#: Indices that give copies, if they have an axis.
_ARRAYS = frozenset((list, np.ndarray, View, PlainView))


def get(view: View, index: Any) -> Any:
    """Return what ``view[index]`` is: a view, a view of a copy, or a NumPy scalar.

    Whether a view shares the storage of `view` tells `View.shares_storage`.
    """
    fields = _fields(view, index)
    if fields is not None:
        return fields
    if type(index) in _ARRAYS and _is_short(index) and is_small(view):
        array = picked(view, _read(index))
        return PlainView(array) if array.nbytes <= settings().plain_below else encoded(array)
    basic = as_basic(index)
    if basic is not None:
        found = view.basic(basic.index)
        if not found.shape and not basic.ellipsis:
            return found.item()
        return found.copied() if basic.copies else found
    mask = _full_mask(view, index)
    try:
        if mask is not None:
            return compressed(view, mask.array if isinstance(mask, PlainView) else mask)
        return view.gather(view.resolve(index))
    except InvalidIndexError:
        sham(view.shape)[_read(index)]
        raise AssertionError(f"NumPy takes the index {index!r}") from None


def put(view: View, index: Any, value: Any) -> None:
    """Do what ``view[index] = value`` does; nothing is written where the index or the value is not valid.

    A `value` that is a view must not overlap `view`.
    """
    try:
        _put(view, index, value)
    except (TypeError, ValueError, OverflowError):
        heed_index(view, index)
        raise


def heed_index(view: View, index: Any) -> None:
    """Raise NumPy's error for an index that is not valid: it comes before any of the value.

    Only where elements of an array of indices are too large, it comes after them.
    """
    if not view.writeable or view.dtype.names is not None:
        return
    try:
        np.broadcast_to(np.int8(0), view.shape)[_read(index)]
    except IndexError as error:
        if as_basic(index) is not None or "out of bounds" not in str(error):
            raise


def _put(view: View, index: Any, value: Any) -> None:
    if not view.writeable:
        raise ValueError("assignment destination is read-only")
    fields = _fields(view, index)
    if fields is not None:
        put(fields, ..., value)
        return
    if is_small(view) and view.dtype.names is None:
        assigned(view, _read(index), value.read() if isinstance(value, (View, PlainView)) else value)
        return
    basic = as_basic(index)
    target = None if basic is None else view.basic(basic.index)
    try:
        if target is not None:
            if not target.shape and isinstance(value, View) and value.size == 1 and view.dtype.names is None:
                value = PlainView(value.read())
            if not target.shape and not isinstance(value, View):
                # A single element takes a value as an element does, which is stricter than casting an array.
                cell = np.empty((), view.dtype)
                cell[... if basic and basic.ellipsis else ()] = value.array if isinstance(value, PlainView) else value
                value = cell
            elif isinstance(value, np.generic) and view.dtype.names is None:
                # Casting would take what an element does not.
                cell = np.empty((), view.dtype)
                cell[()] = value
                value = cell
            source = broadcast(as_source(value, view.dtype, len(target.shape)), target.shape)
            if isinstance(source, View) and source.dtype == view.dtype and (target.takes_over(source) or overwritten(target, source)):
                return
            target.write(source)
            return
        source = as_source(value, view.dtype)
        mask = _full_mask(view, index)
        if mask is not None:
            if len(source.shape) > 1:
                raise _MismatchError
            put_masked(view, mask, source)
            return
        picked = view.resolve(_apart(index, view))
        source = broadcast(source, picked.result_shape)
        if not _scattered(view, picked, source):
            view.scatter(picked, source)
    except (InvalidIndexError, _MismatchError):
        sham(view.shape, view.dtype)[_read(index)] = sham(value.shape, value.dtype) if isinstance(value, View) else value
        raise AssertionError(f"NumPy takes the index {index!r} with a value of shape {np.shape(value)}") from None


def _is_short(index: Any) -> bool:
    """Tell whether an index is one array or list, and short."""
    if isinstance(index, list):
        return 0 < len(index) <= settings().plain_below // 8
    return isinstance(index, (np.ndarray, View, PlainView)) and bool(index.shape) and index.size <= settings().plain_below // 8


def _apart(index: Any, view: View) -> Any:
    """Return an index in which what is about to be written is a copy."""
    if isinstance(index, tuple):
        return tuple(_apart(item, view) for item in index)
    return frozen(index) if isinstance(index, View) and index.shares_storage(view) else index


def _read(index: Any) -> Any:
    """Return an index with ndarrays for the views in it."""
    if isinstance(index, tuple):
        return tuple(map(_read, index))
    return index.read() if isinstance(index, (View, PlainView)) else index


class _MismatchError(Exception):
    """A value does not broadcast to where it is to go; NumPy knows the words for it."""


def as_source(value: Any, dtype: np.dtype[Any], ndim: int = 64) -> Source:
    """Return something that can be assigned as a view or an ndarray.

    Python objects are converted to `dtype`; lists may be nested as deep as the `ndim` axes they go to.
    """
    if isinstance(value, (View, np.ndarray)):
        return value
    if isinstance(value, PlainView):
        return value.array
    if isinstance(value, np.generic):
        return np.asarray(value)
    # The same conversion as in an assignment: also of what has an __array__, and with NumPy's errors.
    if isinstance(value, (list, tuple)) and dtype.names is None:
        return _converted_list(value, dtype, ndim)
    cell = np.empty(np.shape(value) if not isinstance(value, (tuple, str, bytes)) or dtype.names is None else (), dtype)
    cell[...] = value
    return cell


def _converted_list(value: Any, dtype: np.dtype[Any], ndim: int) -> Array:
    """Return a nested list as an array; NumPy's error where it is ragged, or deeper than where it is to go."""
    try:
        found = np.array(value, dtype)
    except (ValueError, TypeError):
        np.empty((1,) * min(ndim, 32), dtype)[...] = value
        raise
    if found.ndim > ndim:
        np.empty((1,) * ndim, dtype)[...] = value
    return found


def broadcast(source: Source, shape: tuple[int, ...]) -> Source:
    """Return `source` broadcast to `shape` as an assignment does, which ignores leading axes of length 1."""
    if source.shape == shape:
        return source
    surplus = len(source.shape) - len(shape)
    if surplus > 0:
        if any(length != 1 for length in source.shape[:surplus]):
            raise _MismatchError
        source = source[(0,) * surplus + (...,)]
    try:
        if isinstance(source, View):
            return source.mapped(lambda array: np.broadcast_to(array, shape))
        return np.broadcast_to(source, shape)  # type: ignore[call-overload,no-any-return]
    except ValueError:
        raise _MismatchError from None


def _fields(view: View, index: Any) -> View | None:
    """Return the view of the field, or of the list of fields, that `index` names, if it names any."""
    names = view.dtype.names
    if names is None:
        return None
    if isinstance(index, str):
        if index not in names:
            raise ValueError(f"no field of name {index}")
        return view.part(index)
    if isinstance(index, list) and index and all(isinstance(name, str) for name in index):
        dtype = sham((), view.dtype)[index].dtype
        storage = view.storage
        assert isinstance(storage, PartsStorage)
        parts = tuple(storage.parts[names.index(name)] for name in index)
        return View(PartsStorage(dtype, parts, storage.pitch), view.shape, view.steps, view.offset, view.writeable)
    return None


def _full_mask(view: View, index: Any) -> Array | AnyView | None:
    """Return the mask of the view's own shape that `index` is, if it is one."""
    if type(index) is tuple and len(index) == 1:
        index = index[0]
    if isinstance(index, (np.ndarray, View, PlainView)) and index.dtype.kind == "b" and index.shape == view.shape:
        return index if index.shape else None
    return None


def _scattered(view: View, picked: Advanced, source: Source) -> bool:
    """Write what an index picks as codes, where that pays and can be done."""
    if not pays(view, prod(picked.result_shape)):
        return False
    values = one_axis(source, view.dtype)
    return values is not None and overwritten_at(view, lambda: view.picked_addresses(picked), values)


def put_masked(view: View, mask: Array | AnyView, source: Source) -> None:
    """Overwrite the elements where `mask` is true with one value, or with as many values as there are."""
    count = 0
    for region in regions(view.shape, settings().tile_length):
        count += int(np.count_nonzero(dense(mask[(*region, ...)], np.dtype(bool))))
    if source.shape not in ((), (1,), (count,)):
        raise _MismatchError
    if pays(view, count):
        moving = one_axis(source, view.dtype)
        if moving is not None and overwritten_where(view, mask.array if isinstance(mask, PlainView) else mask, moving):
            return
    values = source if source.shape == (count,) else broadcast(source, (count,))
    at = 0
    for region in regions(view.shape, settings().tile_length):
        marks = dense(mask[(*region, ...)], np.dtype(bool))
        number = int(np.count_nonzero(marks))
        if number:
            part = view.basic((*region, ...))
            part.scatter(part.resolve(marks), values[at : at + number])
            at += number

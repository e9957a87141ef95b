"""Ufuncs and their methods, sent to what runs them; results go to `out` where one is given."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from compactarray.config import settings
from compactarray.execution import accumulation, contraction, elementwise, reduction, updates
from compactarray.execution.operands import decoded, operand
from compactarray.execution.overlaps import apart, overlap_each_other
from compactarray.execution.policy import heed_policy
from compactarray.execution.totals import LOGIC
from compactarray.geometry.ghost import sham
from compactarray.geometry.layout import address_bounds
from compactarray.numerics.errstate import casts_told, told
from compactarray.storage.plain import PlainView
from compactarray.storage.small import changed, is_small
from compactarray.storage.view import View

#: Ufuncs whose results, cut off to fewer bits, are those of what is cut off.
_MODULAR = frozenset((np.add, np.subtract, np.multiply, np.bitwise_and, np.bitwise_or, np.bitwise_xor))
#: Methods with one array and one result.
_METHODS: dict[str, Any] = {"reduce": reduction.reduce, "accumulate": accumulation.accumulate, "reduceat": accumulation.reduceat}


def run(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``getattr(ufunc, method)(*inputs, out=outs, **kwargs)`` for views.

    Returns views, ndarrays or scalars, one or a tuple; what went to a target of `outs` is None.
    """
    if outs:
        _check_targets(outs)
        if len(outs) == 2 and method == "__call__" and overlap_each_other(outs):
            return _into_overlapping(ufunc, inputs, outs, kwargs)
        if len(outs) == 1 and type(outs[0]) is View and method == "__call__" and is_small(outs[0]):
            small = _small(inputs, kwargs)
            if small is not None:
                operands = small
                changed(outs[0], lambda target: told(ufunc, method, operands, {**kwargs, "out": target}))
                return None
    elif method != "at":
        small = _small(inputs, kwargs)
        if small is not None:
            return told(ufunc, method, small, kwargs)
    if method == "__call__" and ufunc.signature is None:
        return elementwise.call(ufunc, inputs, outs, kwargs)
    if method == "__call__":
        return contraction.call(ufunc, tuple([_apart(value, outs) for value in inputs]), outs, kwargs)
    if method == "outer":
        if ufunc.nin != 2 or ufunc.signature is not None:
            return getattr(ufunc, method)(*map(decoded, inputs), **kwargs)
        return elementwise.call(ufunc, accumulation.outer_shape(*inputs), outs, kwargs)
    if method == "at":
        return _at(ufunc, inputs)
    return _along_axis(ufunc, method, _apart(inputs[0], outs), tuple(map(decoded, inputs[1:])), outs, kwargs)


def _into_overlapping(ufunc: np.ufunc, inputs: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do a ufunc whose two targets share elements, which NumPy writes in turn: on all that lies between them, decoded.

    Operands that lie there too are those places: it depends on them what NumPy copies first.
    """
    heed_policy(f"numpy.{ufunc.__name__}", list(outs), "its targets overlap each other")
    storage = outs[0].storage
    there = [type(value) is View and value.storage is storage and value.size > 0 for value in inputs]
    among = [*outs, *(value for value, is_there in zip(inputs, there, strict=True) if is_there)]
    bounds = [address_bounds(view.shape, view.steps, view.offset) for view in among]
    low, high = min(first for first, _ in bounds), max(last for _, last in bounds)
    place = View(storage, (high - low,), (1,), low, True)
    array = place.read()

    def laid(view: View) -> Any:
        steps = tuple(step * array.itemsize for step in view.steps)
        return np.lib.stride_tricks.as_strided(array[view.offset - low :], view.shape, steps)

    if "where" in kwargs:
        kwargs["where"] = decoded(kwargs["where"])
    operands = [laid(value) if is_there else decoded(value) for value, is_there in zip(inputs, there, strict=True)]
    ufunc(*operands, out=tuple(map(laid, outs)), **kwargs)
    place.write(array)
    return None, None


def _check_targets(outs: tuple[Any, ...]) -> None:
    """Refuse, before anything is computed, what cannot be written to."""
    for out in outs:
        if isinstance(out, np.ndarray):
            writeable = out.flags.writeable
        elif isinstance(out, (View, PlainView)):
            writeable = out.writeable
        elif out is None:
            continue
        else:
            raise TypeError("return arrays must be of ArrayType")
        if not writeable:
            raise ValueError("output array is read-only")


def _small(inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any] | None:
    """Return operands decoded, where all are small and what they broadcast to is; else None.

    A mask among the keywords is decoded with them.
    """
    limit = settings().plain_below
    dense: list[Any] = []
    shape: tuple[int, ...] = ()
    cells = 1
    for value in inputs:
        kind = type(value)
        if kind is View:
            if prod(value.shape) * value.storage.dtype.itemsize > limit:
                return None
            value = decoded(value)
        elif kind is PlainView:
            value = value.array
        array = np.asarray(value) if kind is list or kind is tuple else value
        if isinstance(array, np.ndarray) and (its_shape := array.shape) != shape and its_shape:
            cells *= array.size
            if array.nbytes > limit or cells > limit:
                return None
            shape = its_shape
        dense.append(value)
    if "where" in kwargs and not isinstance(kwargs["where"], bool):
        mask = _small((kwargs["where"],), {})
        if mask is None:
            return None
        kwargs["where"] = mask[0]
    return dense


def _apart(value: Any, outs: tuple[Any, ...]) -> Any:
    return apart(operand(value), [operand(out) for out in outs if out is not None]) if outs else value


def _at(ufunc: np.ufunc, inputs: tuple[Any, ...]) -> None:
    array, indices, *values = inputs
    if isinstance(array, View):
        updates.at(ufunc, array, indices, tuple(values))
    else:
        ufunc.at(decoded(array), updates.plain_index(indices), *map(decoded, values))


def _along_axis(ufunc: np.ufunc, method: str, array: Any, rest: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``reduce``, ``accumulate`` or ``reduceat``, and write the result to its target, if there is one."""
    out = None if not outs or outs[0] is None else operand(outs[0])
    if not isinstance(array, View) or array.size * array.dtype.itemsize <= settings().plain_below or not array.shape:
        return _by_numpy(ufunc, method, array, rest, out, kwargs)
    if array.dtype.kind in "SU" and not (method == "reduce" and ufunc in LOGIC):
        # NumPy refuses nearly all of these; what it takes is rare.
        heed_policy(f"numpy.{ufunc.__name__}.{method}", [array], "strings are seldom added up")
        return _by_numpy(ufunc, method, array, rest, out, kwargs)
    if array.dtype.kind == "c" and kwargs.get("dtype") is not None and np.dtype(kwargs["dtype"]).kind not in "cO":
        # NumPy warns of this once.
        np.empty(0, array.dtype).astype(kwargs["dtype"])
        with casts_told():
            return _by_tiles(ufunc, method, array, rest, out, kwargs)
    return _by_tiles(ufunc, method, array, rest, out, kwargs)


def _by_tiles(ufunc: np.ufunc, method: str, array: View, rest: tuple[Any, ...], out: Any, kwargs: dict[str, Any]) -> Any:
    """Do a method tile by tile."""
    if out is None:
        return _METHODS[method](ufunc, array, *rest, kwargs)
    asked = kwargs.get("dtype")
    dtype = _resolved(ufunc, out.dtype, array.dtype) if asked is None else np.dtype(asked)
    if dtype is None or _may_be_cast_at_the_end(ufunc, dtype, out.dtype):
        _check_target(ufunc, method, array, rest, out, kwargs)
    if dtype is None or not _may_be_cast_at_the_end(ufunc, dtype, out.dtype):
        heed_policy(f"numpy.{ufunc.__name__}.{method}", [array], "its target holds the partial results, which do not fit")
        return _by_numpy(ufunc, method, array, rest, out, kwargs)
    # The dtype of moments has a unit, which the argument does not take.
    if asked is None and dtype.kind not in "mM" and dtype != _resolved(ufunc, None, array.dtype):
        kwargs["dtype"] = dtype
    result = _METHODS[method](ufunc, array, *rest, kwargs)
    if isinstance(out, View):
        out.write(result if isinstance(result, View) else np.asarray(decoded(result)))
    else:
        out[...] = decoded(result)
    return None


def _by_numpy(ufunc: np.ufunc, method: str, array: Any, rest: tuple[Any, ...], out: Any, kwargs: dict[str, Any]) -> Any:
    """Let NumPy do the whole on decoded operands; for small ones, and where the array is not encoded."""
    if "where" in kwargs:
        kwargs["where"] = decoded(kwargs["where"])
    if out is None:
        return getattr(ufunc, method)(decoded(array), *rest, **kwargs)
    target = decoded(out)
    getattr(ufunc, method)(decoded(array), *rest, out=target, **kwargs)
    if isinstance(out, View):
        out.write(target)
    return None


def _check_target(ufunc: np.ufunc, method: str, array: View, rest: tuple[Any, ...], out: Any, kwargs: dict[str, Any]) -> None:
    """Raise NumPy's errors for a target that does not fit, before anything is computed."""
    given: dict[str, Any] = {key: kwargs[key] for key in ("axis", "keepdims", "dtype") if key in kwargs}
    few = np.zeros((1,) * len(array.shape), array.dtype)
    starts = ([0],) * len(rest)
    function = getattr(ufunc, method)
    with np.errstate(all="ignore"):
        function(few, *starts, out=np.empty(np.shape(function(few, *starts, **given)), out.dtype), **given)
    if out.shape != _result_shape(method, array.shape, rest, given):
        function(sham(array.shape, array.dtype), *rest, out=sham(out.shape, out.dtype), **given)
        raise AssertionError("NumPy takes a target of this shape")


def _resolved(ufunc: np.ufunc, first: np.dtype[Any] | None, dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return the dtype that NumPy reduces in, for a target of the dtype `first`; None where there is none."""
    try:
        return ufunc.resolve_dtypes((first, dtype, None), reduction=True, casting="unsafe")[2]
    except TypeError:
        return None


def _may_be_cast_at_the_end(ufunc: np.ufunc, dtype: np.dtype[Any], target: np.dtype[Any]) -> bool:
    """Tell whether a target gets the same from the result in `dtype` as from NumPy, which keeps partial results in the target.

    Floats may be rounded at either time; integers that wrap around do so at any time.
    """
    if np.can_cast(dtype, target, "safe") or (dtype.kind == target.kind and dtype.kind in "fc"):
        return True
    return dtype.kind in "iu" and target.kind in "iu" and ufunc in _MODULAR


def _result_shape(method: str, shape: tuple[int, ...], rest: tuple[Any, ...], given: dict[str, Any]) -> tuple[int, ...]:
    axis = given.get("axis", 0)
    axes = tuple(range(len(shape))) if axis is None else normalize_axis_tuple(axis, len(shape))
    if method == "accumulate":
        return shape
    if method == "reduceat":
        return tuple(np.size(rest[0]) if k in axes else n for k, n in enumerate(shape))
    if given.get("keepdims"):
        return tuple(1 if k in axes else n for k, n in enumerate(shape))
    return tuple(n for k, n in enumerate(shape) if k not in axes)

"""Ufuncs and their methods, sent to what runs them; results go to `out` where one is given."""

from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.execution import accumulation, contraction, elementwise, reduction
from compactarray.execution.elementwise import apart
from compactarray.execution.operands import operand
from compactarray.geometry.ghost import sham
from compactarray.storage.view import PlainView, View


def run(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], outs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do ``getattr(ufunc, method)(*inputs, out=outs, **kwargs)`` for views.

    Returns views, ndarrays or scalars, one or a tuple; what went to a target of `outs` is None.
    """
    if method == "__call__" and not outs and not kwargs:
        small = _small(inputs)
        if small is not None:
            return ufunc(*small)
    if any(not isinstance(out, (View, PlainView, np.ndarray, type(None))) for out in outs):
        raise TypeError("return arrays must be of ArrayType")
    if method == "__call__" and ufunc.signature is None:
        return elementwise.call(ufunc, inputs, outs, kwargs)
    if method == "__call__":
        return _to_out(contraction.call(ufunc, tuple(_apart(value, outs) for value in inputs), kwargs), outs, ufunc, kwargs)
    if method == "outer":
        if ufunc.nin != 2 or ufunc.signature is not None:
            return getattr(ufunc, method)(*(_dense(value) for value in inputs), **kwargs)
        return elementwise.call(ufunc, accumulation.outer_shape(*inputs), outs, kwargs)
    if method == "at":
        return _at(ufunc, inputs)
    array = _apart(inputs[0], outs)
    if isinstance(array, View):
        body = {"reduce": reduction.reduce, "accumulate": accumulation.accumulate}.get(method)
        if method == "reduce" and outs and outs[0] is not None:
            _check_reduction(ufunc, array, outs[0], kwargs)
        if body is not None:
            return _to_out(body(ufunc, array, kwargs), outs, ufunc, kwargs)
        return _to_out(accumulation.reduceat(ufunc, array, _dense(inputs[1]), kwargs), outs, ufunc, kwargs)
    rest = tuple(_dense(value) for value in inputs[1:])
    if isinstance(kwargs.get("where"), (View, PlainView)):
        kwargs["where"] = kwargs["where"].read()
    return _to_out(getattr(ufunc, method)(_dense(array), *rest, **kwargs), outs, ufunc, kwargs)


def _small(inputs: tuple[Any, ...]) -> list[Any] | None:
    """Return operands decoded where all are small and of one shape (or scalars): the quickest way for them."""
    limit = settings().plain_below
    dense = []
    shape: tuple[int, ...] = ()
    for value in inputs:
        if type(value) is View:
            if value.size * value.storage.dtype.itemsize > limit:
                return None
            value = value.read()
        elif type(value) is PlainView:
            value = value.array
        if isinstance(value, np.ndarray):
            if value.nbytes > limit or (shape and value.shape and value.shape != shape):
                return None
            shape = value.shape or shape
        dense.append(value)
    return dense


def _dense(value: Any) -> Any:
    return value.read() if isinstance(value, (View, PlainView)) else value


def _apart(value: Any, outs: tuple[Any, ...]) -> Any:
    return apart(operand(value), [operand(out) for out in outs if out is not None]) if outs else value


def _at(ufunc: np.ufunc, inputs: tuple[Any, ...]) -> None:
    array, indices, *values = inputs
    index = tuple(_dense(item) for item in indices) if isinstance(indices, tuple) else _dense(indices)
    if isinstance(array, View):
        accumulation.at(ufunc, array, index, tuple(values))
    else:
        ufunc.at(_dense(array), index, *(_dense(value) for value in values))


def _check_reduction(ufunc: np.ufunc, array: View, out: Any, kwargs: dict[str, Any]) -> None:
    """Let NumPy refuse a target whose dtype has no loop: it takes part in choosing one."""
    given = {key: kwargs[key] for key in ("axis", "keepdims", "dtype") if key in kwargs}
    with np.errstate(all="ignore"):
        few = np.zeros((1,) * len(array.shape), array.dtype)
        ufunc.reduce(few, out=np.empty(np.shape(ufunc.reduce(few, **given)), out.dtype), **given)


def _to_out(result: Any, outs: tuple[Any, ...], ufunc: np.ufunc, kwargs: dict[str, Any]) -> Any:
    """Write results to their targets, under the casting rule of the call."""
    if not outs:
        return result
    results = result if isinstance(result, tuple) else (result,)
    for value, out in zip(results, outs, strict=True):
        if out is None:
            continue
        shape = np.shape(value) if not isinstance(value, View) else value.shape
        if out.shape != shape:
            # Let NumPy word it, for arrays of these shapes.
            if ufunc.signature is None:
                ufunc.reduce(sham((1, *shape), out.dtype), out=sham(out.shape, out.dtype))
            np.copyto(sham(out.shape, out.dtype), sham(shape, out.dtype))
            raise ValueError(f"output operand of shape {out.shape} does not match the result's shape {shape}")
        if not np.can_cast(value.dtype, out.dtype, kwargs.get("casting", "same_kind")):
            ufunc(*(np.empty(0, value.dtype) for _ in range(ufunc.nin)), out=np.empty(0, out.dtype))
        if isinstance(out, View):
            out.write(value if isinstance(value, View) else np.asarray(_dense(value)))
        else:
            (out.array if isinstance(out, PlainView) else out)[...] = _dense(value)
    return tuple(v if o is None else None for v, o in zip(results, outs, strict=True)) if isinstance(result, tuple) else None

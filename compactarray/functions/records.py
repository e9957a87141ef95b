"""Functions of records, field by field or some records at a time."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np
import numpy.lib.recfunctions as rfn

from compactarray import creation
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.common import back, compact, small, wrap
from compactarray.geometry.tiles import regions
from compactarray.numerics.words import is_encodable
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.tables import MOST_COLUMNS, is_tall
from compactarray.storage.view import built, from_columns


@implements(rfn.structured_to_unstructured, route="native")
def structured_to_unstructured(arr: Any, dtype: Any = None, copy: bool = False, casting: Any = "unsafe") -> Any:
    """As numpy.lib.recfunctions.structured_to_unstructured, but always a copy."""
    found = small(rfn.structured_to_unstructured, arr, dtype, True, casting)
    if found is not NotImplemented:
        return found
    arr = compact(arr)
    model = rfn.structured_to_unstructured(np.zeros(1, arr.dtype), dtype, True, casting)
    layout = arr._view.layout("K")
    source = operand(arr._view.transpose(layout))
    number = model.shape[-1]
    names = arr.dtype.names
    flat = len(names) == number and all(arr.dtype[name].names is None for name in names)
    if flat and number <= MOST_COLUMNS and is_tall(arr.size) and is_encodable(model.dtype):
        columns = [arr.transpose(layout)[name].astype(model.dtype, "C", casting) for name in names]
        return back(from_columns([column._view for column in columns], (*source.shape, number)), (*layout, len(layout)))

    def tiles() -> Iterator[Array]:
        for region in regions(source.shape, max(1, settings().tile_length // number)):
            yield rfn.structured_to_unstructured(np.asarray(tile_of(source, region)), dtype, True, casting).reshape(-1)

    return back(built(model.dtype, (*source.shape, number), tiles()), (*layout, len(layout)))


@implements(rfn.unstructured_to_structured, route="native")
def unstructured_to_structured(
    arr: Any, dtype: Any = None, names: Any = None, align: bool = False, copy: bool = False, casting: Any = "unsafe"
) -> Any:
    """As numpy.lib.recfunctions.unstructured_to_structured, but always a copy."""
    found = small(rfn.unstructured_to_structured, arr, dtype, names, align, True, casting)
    if found is not NotImplemented:
        return found
    arr = compact(arr)
    options = (dtype, names, align, True, casting)
    lead, number = arr.shape[:-1], prod(arr.shape[-1:])
    model = rfn.unstructured_to_structured(np.zeros((1,) * (arr.ndim - 1) + arr.shape[-1:], arr.dtype), *options)
    source = operand(arr._view)

    def tiles() -> Iterator[Array]:
        for region in regions(lead, max(1, settings().tile_length // number)):
            tile = np.asarray(tile_of(source, (*region, slice(None))))
            yield rfn.unstructured_to_structured(tile, *options).reshape(-1)

    return wrap(built(model.dtype, lead, tiles()))


@implements(rfn.apply_along_fields, route="composed")
def apply_along_fields(func: Callable[..., Any], arr: Any) -> Any:
    """As numpy.lib.recfunctions.apply_along_fields; the function gets a compact array."""
    if arr.dtype.names is None:
        raise ValueError("arr must be a structured array")
    return func(structured_to_unstructured(arr), axis=-1)


@implements(rfn.assign_fields_by_name, route="composed")
def assign_fields_by_name(dst: Any, src: Any, zero_unassigned: bool = True) -> None:
    """As numpy.lib.recfunctions.assign_fields_by_name."""
    if dst.dtype.names is None:
        dst[...] = src
        return
    for name in dst.dtype.names:
        if name in src.dtype.names:
            assign_fields_by_name(dst[name], src[name], zero_unassigned)
        elif zero_unassigned:
            dst[name] = 0


@implements(rfn.require_fields, route="composed")
def require_fields(array: Any, required_dtype: Any) -> Any:
    """As numpy.lib.recfunctions.require_fields."""
    fresh = creation.zeros(array.shape, np.dtype(required_dtype))
    assign_fields_by_name(fresh, array)
    return fresh


@implements(rfn.recursive_fill_fields, route="composed")
def recursive_fill_fields(input: Any, output: Any) -> Any:
    """As numpy.lib.recfunctions.recursive_fill_fields."""
    for field in output.dtype.names:
        try:
            current = input[field]
        except ValueError:
            continue
        if current.dtype.names is not None:
            recursive_fill_fields(current, output[field])
        else:
            output[field][: len(current)] = current
    return output


@implements(rfn.rename_fields, route="native")
def rename_fields(base: Any, namemapper: Any) -> Any:
    """As numpy.lib.recfunctions.rename_fields: a view."""
    # NumPy renames the fields of an array without elements.
    return base.view(rfn.rename_fields(np.empty(0, base.dtype), namemapper).dtype)


@implements(rfn.repack_fields, route="native")
def repack_fields(a: Any, align: bool = False, recurse: bool = False) -> Any:
    """As numpy.lib.recfunctions.repack_fields."""
    return a.astype(rfn.repack_fields(a.dtype, align, recurse), copy=False)

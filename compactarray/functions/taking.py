"""Arrays made of what is elsewhere, ``like=`` a compact one: encoded as it comes."""

import builtins
from collections.abc import Callable, Iterator
from itertools import islice
from math import prod
from operator import index as as_integer
from typing import Any

import numpy as np

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.bits import Bits
from compactarray.functions.common import Collected, wrap
from compactarray.geometry.tiles import pieces
from compactarray.numerics.words import is_encodable
from compactarray.registry import declare
from compactarray.storage.base import Array
from compactarray.storage.blocks import storage_of
from compactarray.storage.view import built, whole

_ORDERS = {"C": "C", "F": "F", "C_CONTIGUOUS": "C", "F_CONTIGUOUS": "F", "CONTIGUOUS": "C", "FORTRAN": "F"}


def array(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0, ndmax: int = 0
) -> CompactArray:
    """As numpy.array."""
    if not isinstance(object, CompactArray):
        options: dict[str, Any] = {"ndmax": ndmax} if ndmax else {}  # NumPy 2.4
        return CompactArray(np.array(object, dtype, copy=None if copy else copy, order=order, ndmin=ndmin, **options))
    found = _arranged(object, dtype, order, copy)
    return found if found.ndim >= ndmin else found[(None,) * (ndmin - found.ndim) + (...,)]


def _arranged(a: CompactArray, dtype: Any, order: Any, copy: Any) -> CompactArray:
    """Return an array in a dtype and order: itself, where that is what it is and no copy is asked for."""
    wanted = a.dtype if dtype is None else np.dtype(dtype)
    order = "K" if order is None else order
    fits = order in "KA" or (order == "C" and a.flags.c_contiguous) or (order == "F" and a.flags.f_contiguous)
    if copy or not fits or wanted != a.dtype:
        if copy is False:
            # NumPy's error.
            np.asarray([0], copy=False)
        return a.astype(wanted, order)
    return a


def asarray(a: Any, dtype: Any = None, order: Any = None, *, device: str | None = None, copy: Any = None) -> CompactArray:
    """As numpy.asarray."""
    if not isinstance(a, CompactArray):
        return CompactArray(np.asarray(a, dtype, order, device=device))  # type: ignore[arg-type]
    return _arranged(a, dtype, order, copy)


def asanyarray(a: Any, dtype: Any = None, order: Any = None, *, device: str | None = None, copy: Any = None) -> CompactArray:
    """As numpy.asanyarray."""
    return asarray(a, dtype, order, device=device, copy=copy)


def ascontiguousarray(a: Any, dtype: Any = None) -> CompactArray:
    """As numpy.ascontiguousarray."""
    found = asarray(a, dtype, "C")
    return found if found.ndim else found.reshape(1)


def asfortranarray(a: Any, dtype: Any = None) -> CompactArray:
    """As numpy.asfortranarray."""
    found = asarray(a, dtype, "F")
    return found if found.ndim else found.reshape(1)


def require(a: Any, dtype: Any = None, requirements: Any = None) -> CompactArray:
    """As numpy.require."""
    if not isinstance(a, CompactArray):
        return CompactArray(np.require(a, dtype, requirements))
    names: list[Any] = [requirements] if isinstance(requirements, str) else list(requirements or ())
    # NumPy's errors.
    np.require(np.zeros(1), None, names)
    wanted = {str(name).upper() for name in names}
    orders = {_ORDERS[name] for name in wanted & _ORDERS.keys()}
    order = orders.pop() if orders else "A"
    found = _arranged(a, dtype, order, None)
    owned = bool(wanted & {"O", "OWNDATA"}) and not found.flags.owndata
    writeable = bool(wanted & {"W", "WRITEABLE"}) and not found.flags.writeable
    return found.copy(order) if owned or writeable else found


# --- from memory, files and iterators ---------------------------------------------------------------


def frombuffer(buffer: Any, dtype: Any = None, count: int = -1, offset: int = 0) -> CompactArray:
    """As numpy.frombuffer, but a copy."""
    return CompactArray(np.frombuffer(buffer, float if dtype is None else dtype, count, offset))


def fromfile(file: Any, dtype: Any = None, count: int = -1, sep: str = "", offset: int = 0) -> CompactArray:
    """As numpy.fromfile; some elements at a time, but for text."""
    wanted = np.dtype(float if dtype is None else dtype)
    if sep:
        return CompactArray(np.fromfile(file, wanted, count, sep, offset=offset))
    if not hasattr(file, "fileno"):
        with open(file, "rb") as opened:
            return fromfile(opened, wanted, count, sep, offset)
    if count < 0:
        place = file.tell()
        count = max(0, file.seek(0, 2) - place - offset) // wanted.itemsize
        file.seek(place)
    collected = Collected(wanted)
    while count:
        most = min(count, settings().tile_length)
        part = np.fromfile(file, wanted, most, offset=offset)
        collected.append(part)
        offset, count = 0, count - most if part.size == most else 0
    return collected.finish()


def fromiter(iter: Any, dtype: Any, count: int = -1) -> CompactArray:
    """As numpy.fromiter; some elements at a time."""
    wanted, count = np.dtype(dtype), as_integer(count)
    if wanted.hasobject or wanted.itemsize == 0:
        return CompactArray(np.fromiter(iter, wanted, count))
    items = builtins.iter(iter)
    collected, done = Collected(wanted), 0
    while count < 0 or done < count:
        most = settings().tile_length if count < 0 else min(count - done, settings().tile_length)
        part = np.fromiter(islice(items, most), wanted)
        collected.append(part)
        done += part.size
        if part.size < most:
            break
    if done < count:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {done} items.")
    return collected.finish()


# --- from functions ---------------------------------------------------------------------------------


def fromfunction(function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """As numpy.fromfunction; the function gets compact arrays of indices."""
    lengths = [as_integer(length) for length in shape]
    places: list[Any] = []
    for axis, length in enumerate(lengths):
        along = creation.arange(length).astype(dtype)
        spread = np.broadcast_to(along[(slice(None), *(None,) * (len(lengths) - axis - 1))], tuple(lengths))  # type: ignore[arg-type]
        places.append(spread.copy("C"))
    return function(*places, **kwargs)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = float) -> CompactArray:  # noqa: N803 - NumPy's names
    """As numpy.tri; some rows at a time."""
    # NumPy's errors and lengths, of arrays without elements.
    model = np.tri(N, 0, k, dtype)
    wanted = model.dtype
    shape = (model.shape[0], model.shape[0] if M is None else np.tri(0, M, k, dtype).shape[1])

    if is_encodable(wanted) and wanted.kind in "biuf" and prod(shape) * wanted.itemsize > settings().plain_below:
        return _triangle(shape, k, np.array([0, 1], wanted))

    def tiles() -> Iterator[Array]:
        for start, stop in pieces(0, shape[0], max(1, settings().tile_length // max(1, shape[1]))):
            yield np.tri(stop - start, shape[1], k + start, wanted).reshape(-1)

    return wrap(built(wanted, shape, tiles()))


def _triangle(shape: tuple[int, ...], k: Any, pair: Array) -> CompactArray:
    """Return an array with the second value of a pair on and below a diagonal: as bits."""
    packed = np.empty(-(-prod(shape) // 8), np.uint8)
    done = ones = 0
    # Rows of which eight at a time fill bytes.
    for start, stop in pieces(0, shape[0], max(8, settings().tile_length // max(1, shape[1]) // 8 * 8)):
        marks = np.tri(stop - start, shape[1], k + start, bool).reshape(-1)
        ones += int(np.count_nonzero(marks))
        tile = np.packbits(marks, bitorder="little")
        packed[done : done + tile.size] = tile
        done += tile.size
    if ones in (0, prod(shape)):
        return CompactArray.from_value(pair[int(ones > 0)], shape, pair.dtype)
    return wrap(whole(storage_of(pair.dtype, [Bits(packed, pair, prod(shape))], settings().block_length), shape))


_BODIES = (
    *(array, asarray, asanyarray, ascontiguousarray, asfortranarray, require),
    *(frombuffer, fromfile, fromiter, fromfunction, tri),
)
for _body in _BODIES:
    declare(f"numpy.{_body.__name__}", "native", body=_body)

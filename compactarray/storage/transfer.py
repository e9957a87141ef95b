"""Between views and ndarrays: how strided elements are read from a storage and written to one.

Axes are sorted by stride, flipped and coalesced first (K order): what is contiguous in some order of axes
is one run. What remains strided is read in bands that cover it, or run by run, or address by address,
whichever touches least.
"""

from typing import Any, Protocol, Self

import numpy as np

from compactarray.config import settings
from compactarray.geometry.layout import Normal, normal_form
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOnce
from compactarray.storage.base import Array, Storage

Axes = list[tuple[int, int]]

#: Elements that a band may cover: 8 MB of float64.
_BAND = 1 << 20
#: A band may decode so many elements for each one that is wanted.
_WASTE = 8
#: Contiguous stretches from this length on are handled one by one.
_LONG = 256


class Source(Protocol):
    """What values are taken from when writing: an ndarray, or a view."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __getitem__(self, index: Any) -> Self: ...

    def transpose(self, axes: Any) -> Self: ...


def _normal_index(shape: tuple[int, ...], normal: Normal, repeated: int) -> tuple[tuple[Any, ...], list[int]]:
    """Return the index that brings an array of `shape` to the axes of `normal`, and the order of axes then.

    Of repeated axes the element `repeated` is taken.
    """
    index: list[Any] = []
    kept = []
    for axis, length in enumerate(shape):
        if axis in normal.repeated:
            index.append(repeated)
        elif length == 1:
            index.append(0)
        else:
            index.append(slice(None, None, -1 if axis in normal.flipped else None))
            kept.append(axis)
    return tuple(index), [kept.index(axis.origin) for axis in normal.axes]


def read_view(storage: Storage, strides: tuple[int, ...], offset: int, out: Array) -> None:
    """Write the elements of a view, of the shape of `out`, to `out`, of any strides and dtype."""
    if not out.size:
        return
    if out.dtype != storage.dtype:
        announce_cast(storage.dtype, out.dtype)
        with ErrorsOnce("cast"):
            _read_view(storage, strides, offset, out)
    else:
        _read_view(storage, strides, offset, out)


def _read_view(storage: Storage, strides: tuple[int, ...], offset: int, out: Array) -> None:
    normal = normal_form(out.shape, strides, offset)
    index, order = _normal_index(out.shape, normal, 0)
    # The ellipsis keeps a single element an array.
    target = out[(*index, ...)].transpose(order)
    _read_axes(storage, normal.offset, [(axis.length, axis.stride) for axis in normal.axes], target)
    if normal.repeated:
        once = tuple(slice(0, 1) if axis in normal.repeated else slice(None) for axis in range(out.ndim))
        out[...] = out[once].copy()


def _read_axes(storage: Storage, offset: int, axes: Axes, out: Array) -> None:
    runs = _coalesced(axes)
    if len(runs) == 1:
        _read_run(storage, offset, runs[0], out)
        return
    cover = 1 + sum((length - 1) * stride for length, stride in axes)
    if cover > _WASTE * out.size:
        _read_apart(storage, offset, axes, out)
        return
    length, stride = axes[0]
    inner = cover - (length - 1) * stride
    chunk = max(1, (_BAND - inner) // stride + 1) if inner < _BAND else 1
    if chunk >= length:
        band = np.empty(cover, storage.dtype)
        storage.read(offset, cover, 1, band)
        steps = tuple(stride * band.itemsize for _, stride in axes)
        out[...] = cast_view(np.lib.stride_tricks.as_strided(band, out.shape, steps), out.dtype)
        return
    for first in range(0, length, chunk):
        number = min(chunk, length - first)
        begin = offset + first * stride
        if number == 1:
            _read_axes(storage, begin, axes[1:], out[first])
        else:
            _read_axes(storage, begin, [(number, stride), *axes[1:]], out[first : first + number])


def _read_run(storage: Storage, offset: int, run: tuple[int, int], out: Array) -> None:
    """Read one run of addresses to an array of any shape, in C order."""
    count, step = run
    if out.dtype == storage.dtype and (out.flags.c_contiguous or out.ndim == 1):
        storage.read(offset, count, step, out.reshape(-1) if out.ndim != 1 else out)
        return
    for region in regions(out.shape, settings().tile_length):
        target = out[(*region, ...)]
        tile = np.empty(target.size, storage.dtype)
        storage.read(offset, tile.size, step, tile)
        target[...] = cast_view(tile.reshape(target.shape), out.dtype)
        offset += tile.size * step


def _read_apart(storage: Storage, offset: int, axes: Axes, out: Array) -> None:
    """Read what lies far apart: long stretches one by one, the rest by address."""
    if axes[-1][1] == 1 and axes[-1][0] >= _LONG:
        length, stride = axes[0]
        for k in range(length):
            _read_axes(storage, offset + k * stride, axes[1:], out[k])
        return
    for region in regions(out.shape, settings().tile_length):
        addresses = _addresses(offset, axes, region)
        target = out[(*region, ...)]
        tile = np.empty(addresses.size, storage.dtype)
        storage.gather(addresses.reshape(-1), tile)
        target[...] = cast_view(tile.reshape(target.shape), out.dtype)


def _coalesced(axes: Axes) -> Axes:
    """Return `axes` with neighbours merged; an element alone is a run of one."""
    merged: Axes = []
    for length, stride in axes:
        if merged and merged[-1][1] == stride * length:
            merged[-1] = (merged[-1][0] * length, stride)
        else:
            merged.append((length, stride))
    return merged or [(1, 1)]


def _addresses(offset: int, axes: Axes, region: tuple[int | slice, ...]) -> Array:
    """Return the addresses of a region of a view, in the region's shape."""
    total = np.full((), offset, np.int64)
    for (length, stride), part in zip(axes, region, strict=True):
        if isinstance(part, slice):
            total = np.add.outer(total, np.arange(*part.indices(length), dtype=np.int64) * stride)
        else:
            total = total + part * stride
    return total


def write_view(storage: Storage, shape: tuple[int, ...], strides: tuple[int, ...], offset: int, values: Source) -> None:
    """Overwrite the elements of a view with `values` of the same shape, cast as NumPy's assignment casts."""
    if 0 in shape:
        return
    if values.dtype != storage.dtype:
        announce_cast(values.dtype, storage.dtype)
        with ErrorsOnce("cast"):
            _write_view(storage, shape, strides, offset, values)
    else:
        _write_view(storage, shape, strides, offset, values)


def _write_view(storage: Storage, shape: tuple[int, ...], strides: tuple[int, ...], offset: int, values: Source) -> None:
    normal = normal_form(shape, strides, offset)
    # Where several elements have one address, the last one written stays.
    index, order = _normal_index(shape, normal, -1)
    values = values[(*index, ...)].transpose(order)
    axes = [(axis.length, axis.stride) for axis in normal.axes]
    if isinstance(values, np.ndarray) and not any(values.strides[k] for k in range(values.ndim) if values.shape[k] > 1):
        _fill_axes(storage, normal.offset, axes, dense(values.reshape(-1)[:1] if values.ndim == 0 else values.flat[:1], storage.dtype))
    else:
        _write_axes(storage, normal.offset, axes, values)


def dense(values: Any, dtype: np.dtype[Any]) -> Array:
    """Return values (an ndarray, or a view that is read) as an ndarray of `dtype`."""
    array = values if isinstance(values, np.ndarray) else values.read()
    return array if array.dtype == dtype else cast(array, dtype)


def announce_cast(old: np.dtype[Any], new: np.dtype[Any]) -> None:
    """Let NumPy warn of what a cast discards; it is warned of once, not for every tile."""
    np.empty(0, old).astype(new)


def cast(array: Array, dtype: np.dtype[Any], casting: Any = "unsafe") -> Array:
    """Return an array of another dtype without the warning of `announce_cast`."""
    if array.dtype.kind == "c" and dtype.kind in "iuf" and casting == "unsafe":
        array = array.real
    found: Array = array.astype(dtype, casting=casting)
    return found


def cast_view(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return what of an array is to be assigned to one of `dtype`, without the warning of `announce_cast`."""
    return array.real if array.dtype.kind == "c" and dtype.kind in "iuf" else array


def _fill_axes(storage: Storage, offset: int, axes: Axes, value: Array) -> None:
    runs = _coalesced(axes)
    if len(runs) == 1:
        storage.fill(offset, *runs[0], value)
    elif runs[-1][0] >= _LONG:
        for k in range(runs[0][0]):
            _fill_axes(storage, offset + k * runs[0][1], runs[1:], value)
    else:
        for region in regions(tuple(length for length, _ in runs), settings().tile_length):
            addresses = _addresses(offset, runs, region).reshape(-1)
            storage.scatter(addresses, np.broadcast_to(value, addresses.shape))


def _write_axes(storage: Storage, offset: int, axes: Axes, values: Source) -> None:
    runs = _coalesced(axes)
    if len(runs) == 1:
        step = runs[0][1]
        if isinstance(values, np.ndarray) and values.flags.c_contiguous and values.dtype == storage.dtype:
            storage.write(offset, runs[0][0], step, values.reshape(-1))
            return
        for region in regions(values.shape, _BAND):
            tile = np.ascontiguousarray(dense(values[(*region, ...)], storage.dtype)).reshape(-1)
            storage.write(offset, tile.size, step, tile)
            offset += tile.size * step
    elif runs[-1][0] >= _LONG:
        length, stride = axes[0]
        for k in range(length):
            _write_axes(storage, offset + k * stride, axes[1:], values[(k, ...)])
    else:
        for region in regions(values.shape, settings().tile_length):
            tile = np.ascontiguousarray(dense(values[(*region, ...)], storage.dtype)).reshape(-1)
            storage.scatter(_addresses(offset, axes, region).reshape(-1), tile)

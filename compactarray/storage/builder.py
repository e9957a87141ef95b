"""Values in, a storage out: the one way in which storages come into being."""

from itertools import pairwise
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.select import encode_flat
from compactarray.numerics.words import is_encodable
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import storage_of
from compactarray.storage.parts import PartsStorage, SwappedStorage
from compactarray.storage.spans import SpanBuilder


def can_encode(dtype: np.dtype[Any]) -> bool:
    """Tell whether a dtype is kept encoded; objects, longdouble and strings of no length stay plain ndarrays."""
    if dtype.names is not None:
        return _has_separate_fields(dtype) and all(can_encode(dtype[name]) for name in dtype.names)
    if dtype.kind not in "biufcmMSU":
        return False
    return is_encodable(dtype.newbyteorder("=")) or (dtype.kind == "c" and dtype.itemsize in (8, 16))


def _has_separate_fields(dtype: np.dtype[Any]) -> bool:
    """Tell whether a record has fields, and none overlaps another."""
    fields = sorted((offset, offset + kind.itemsize) for kind, offset, *_ in (dtype.fields or {}).values())
    return bool(fields) and all(end <= start for (_, end), (start, _) in pairwise(fields))


class Builder:
    """Encodes values as they come and joins them to a storage.

    Holds the encoded blocks and at most one block of values that wait for the rest of it.

    Parameters
    ----------
    dtype : dtype
        The logical dtype; `can_encode` must be true of it.
    expected : int, optional
        How many elements will come, as far as is known.
    block_length : int, optional
        By default that of the settings in force.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.builder import Builder
    >>> builder = Builder(np.dtype(np.int64))
    >>> builder.append(np.arange(5))
    >>> builder.finish().nbytes
    5
    """

    def __init__(self, dtype: np.dtype[Any], expected: int = 0, block_length: int | None = None) -> None:
        if not can_encode(dtype):
            raise TypeError(f"arrays of dtype {dtype} are kept plain, not encoded")
        self.dtype = dtype
        self._length = settings().block_length if block_length is None else block_length
        self.size = 0
        self._inner: list[Builder] = []
        for part in self._inner_dtypes():
            self._inner.append(Builder(part, expected, self._length))
        if not self._inner:
            self._spans = SpanBuilder(self._length, expected)
            self._waiting = np.empty(0, dtype)
            self._filled = 0

    def _inner_dtypes(self) -> list[np.dtype[Any]]:
        """Return the dtypes of the storages that this one is made of, if it is made of others."""
        if self.dtype.names is not None:
            return [self.dtype[name] for name in self.dtype.names]
        if not self.dtype.isnative:
            return [self.dtype.newbyteorder("=")]
        if self.dtype.kind == "c":
            return [np.dtype(f"f{self.dtype.itemsize // 2}")] * 2
        return []

    def append(self, values: Array) -> None:
        """Append 1-D `values` of the dtype."""
        if values.dtype != self.dtype:
            values = values.astype(self.dtype)
        self.size += values.size
        if self._inner:
            # Cut, so that a field taken out of a long array is not copied as a whole.
            for start in range(0, values.size, self._length):
                for builder, part in zip(self._inner, self._parts(values[start : start + self._length]), strict=True):
                    builder.append(part)
            return
        at = 0
        if self._filled:
            at = self._wait(values)
        while values.size - at >= self._length:
            self._spans.append(np.ascontiguousarray(values[at : at + self._length]))
            at += self._length
        if at < values.size:
            self._wait(values[at:])

    @property
    def takes_encoded(self) -> bool:
        """Whether encoded blocks can be appended now: between blocks, and where elements have no parts."""
        return not self._inner and not self._filled

    def append_encoded(self, encoding: Encoding) -> None:
        """Append whole blocks (but for the last of all) that are encoded already."""
        self.size += encoding.length
        self._spans.append_encoded(encoding)

    def append_raw(self, values: Array) -> None:
        """Append whole blocks (but for the last of all) as they are; they are copied."""
        self.size += values.size
        self._spans.append_raw(values)

    def end_span(self) -> None:
        """Let what comes next lie in a payload of its own: what has come need not be moved to make room for it."""
        if not self._inner:
            self._spans.end()

    def _parts(self, values: Array) -> list[Array]:
        if self.dtype.names is not None:
            return [values[name] for name in self.dtype.names]
        if not self.dtype.isnative:
            return [values.byteswap().view(self._inner[0].dtype)]
        return [values.real, values.imag]

    def _wait(self, values: Array) -> int:
        """Keep values until their block is whole; return how many were taken."""
        taken = min(values.size, self._length - self._filled)
        if not self._waiting.size:
            self._waiting = np.empty(self._length, self.dtype)
        self._waiting[self._filled : self._filled + taken] = values[:taken]
        self._filled += taken
        if self._filled == self._length:
            self._spans.append(self._waiting)
            self._filled = 0
        return taken

    def finish(self) -> Storage:
        """Return the storage of all that was appended; the builder is used up."""
        if self._inner:
            parts = tuple(builder.finish() for builder in self._inner)
            if self.dtype.names is None and not self.dtype.isnative:
                return SwappedStorage(self.dtype, parts[0])
            return PartsStorage(self.dtype, parts)
        if self._filled:
            self._spans.append(self._waiting[: self._filled].copy())
        self._waiting = np.empty(0, self.dtype)
        return storage_of(self.dtype, self._spans.finish(), self._length)


def constant_storage(value: Array, size: int) -> Storage:
    """Return a storage of `size` times one value, an array of shape (1,), at no cost whatever the size."""
    dtype = value.dtype
    if dtype.names is not None:
        return PartsStorage(dtype, tuple(constant_storage(np.ascontiguousarray(value[n]), size) for n in dtype.names))
    if not dtype.isnative:
        native = value.byteswap().view(dtype.newbyteorder("="))
        return SwappedStorage(dtype, constant_storage(native, size))
    if dtype.kind == "c":
        return PartsStorage(dtype, tuple(constant_storage(half.copy(), size) for half in (value.real, value.imag)))
    return storage_of(dtype, [Constant(value.copy(), size)], settings().block_length)


def sparse_storage(fill: Array, size: int, addresses: Array, values: Array) -> Storage:
    """Return a storage of `size` times a fill (an array of shape (1,)) but for `values` at ascending `addresses`."""
    length = settings().block_length
    if not addresses.size:
        return constant_storage(fill, size)
    offsets = np.searchsorted(addresses, np.arange(0, size + length, length, dtype=np.int64)).astype(np.int64)
    positions = (addresses % length).astype(np.uint16)
    exceptions = Exceptions(positions, offsets[: -(-size // length) + 1], encode_flat(values), length)
    return storage_of(fill.dtype, [Coo(fill.copy(), size, exceptions)], length)

"""The ``.npy`` format as a stream: a header, then the elements, block by block through one buffer.

Never the whole array, and never a memory map: its pages count as resident, and a file cut short kills the process that maps it.
"""

import math
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, FileIO
from typing import IO, Any, Literal, NoReturn

import numpy as np
from numpy.lib import format as npy_format
from numpy.lib.stride_tricks import as_strided

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.storage.builder import Builder

#: The buffer is some blocks long, but never more bytes than this.
BUFFER_BYTES = 8 << 20
BUFFER_BLOCKS = 4

#: As `numpy.load`: longer headers may not be safe to evaluate.
MAX_HEADER_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class Header:
    """What a ``.npy`` header says, and where it was read."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    order: Literal["C", "F"]

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that follow the header."""
        return self.size * self.dtype.itemsize


def read_header(file: IO[bytes], name: str, max_header_size: int = MAX_HEADER_SIZE) -> Header:
    """Read the header of a ``.npy`` stream, and leave `file` at the first element.

    Parameters
    ----------
    file : file object
        Open for reading, at the magic string.
    name : str
        What errors call it.
    max_header_size : int, optional
        As in `numpy.load`.

    Raises
    ------
    ValueError
        If there is no valid header, or the elements are pickled objects.
    """
    try:
        shape, fortran, dtype = _parse_header(file, max_header_size)
    except OSError:
        raise
    except Exception as error:
        # The header is text from outside, evaluated as a literal: whatever that raises says that this is no .npy file.
        raise ValueError(f"{name}: not a valid .npy file: {error}") from error
    if min(shape, default=0) < 0:
        raise ValueError(f"{name}: not a valid .npy file: shape is not valid: {shape}")
    if dtype.hasobject:
        raise ValueError(f"{name}: Object arrays cannot be loaded when allow_pickle=False")
    return Header(name, dtype, shape, "F" if fortran else "C")


def _parse_header(file: IO[bytes], max_header_size: int) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, Fortran order and dtype, as NumPy's readers do for each version of the format."""
    version = npy_format.read_magic(file)
    if version == (1, 0):
        return npy_format.read_array_header_1_0(file, max_header_size)
    if version == (2, 0):
        return npy_format.read_array_header_2_0(file, max_header_size)
    if version == (3, 0):
        return npy_format.read_array_header_2_0(_as_version_2(file), max_header_size)
    raise ValueError(f"Invalid version {version!r}")


def _as_version_2(file: IO[bytes]) -> BytesIO:
    """Return the header of version 3 as one of version 2, for which NumPy has a public reader.

    The two differ in the encoding of field names only, and those stand in string literals, where an escape means the same.
    """
    length_bytes = file.read(4)
    if len(length_bytes) < 4:
        raise ValueError(f"EOF: reading array header length, expected 4 bytes got {len(length_bytes)}")
    (length,) = struct.unpack("<I", length_bytes)
    text = file.read(length)
    if len(text) < length:
        raise ValueError(f"EOF: reading array header, expected {length} bytes got {len(text)}")
    escaped = text.decode("utf-8").encode("ascii", "backslashreplace")
    return BytesIO(struct.pack("<I", len(escaped)) + escaped)


def blocks(file: IO[bytes], header: Header) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the elements that follow `header`, in address order, in pieces that share one buffer.

    Raises
    ------
    ValueError
        If the stream ends early: the file was not fully written.
    """
    _refuse_short_file(file, header)
    if header.dtype.itemsize == 0:
        # Nothing is stored of elements without bytes, however many there are.
        yield np.empty(header.size, header.dtype)
        return
    length = min(BUFFER_BLOCKS * settings().block_length, max(1, BUFFER_BYTES // header.dtype.itemsize), max(1, header.size))
    buffer = np.empty(length, header.dtype)
    raw = memoryview(buffer.view(np.uint8))
    for start in range(0, header.size, length):
        count = min(length, header.size - start)
        wanted = count * header.dtype.itemsize
        found = _fill(file, raw[:wanted])
        if found < wanted:
            _truncated(header, start * header.dtype.itemsize + found)
        yield buffer[:count]


def _fill(file: IO[bytes], target: memoryview) -> int:
    """Read until `target` is full or `file` ends; return the number of bytes read."""
    found = 0
    # zip members, gzip files and sockets return fewer bytes than asked for before they end.
    while found < len(target):
        count = _read_into(file, target[found:])
        if not count:
            break
        found += count
    return found


def _read_into(file: IO[bytes], target: memoryview) -> int:
    """Read at most ``len(target)`` bytes straight into `target` where the object can, else by a copy."""
    readinto = getattr(file, "readinto", None)
    if readinto is not None:
        return int(readinto(target) or 0)
    piece = file.read(len(target))
    target[: len(piece)] = piece
    return len(piece)


def _refuse_short_file(file: IO[bytes], header: Header) -> None:
    """Raise at once where a regular file is too short, rather than after reading all there is."""
    # Compressed streams have a file number too, but their position is not the file's.
    if not isinstance(getattr(file, "raw", None), FileIO):
        return
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode):
        found = max(0, status.st_size - file.tell())
        if found < header.nbytes:
            _truncated(header, found)


def _truncated(header: Header, found: int) -> NoReturn:
    raise ValueError(f"{header.name}: truncated: expected {header.nbytes} bytes of elements, found {found}")


def read_array(file: IO[bytes], name: str, max_header_size: int = MAX_HEADER_SIZE) -> CompactArray:
    """Return the array of a ``.npy`` stream, compacted while it is read."""
    header = read_header(file, name, max_header_size)
    builder = Builder(header.dtype)
    for piece in blocks(file, header):
        builder.append(piece)
    return CompactArray.from_storage(builder.finish(), header.shape, order=header.order)


class _HeaderWritten(Exception):
    """Carries the first bytes that NumPy writes."""


class _FirstWrite:
    """Takes the first write and ends there."""

    def write(self, data: bytes) -> NoReturn:
        raise _HeaderWritten(data)


def header_bytes(a: CompactArray) -> tuple[bytes, Literal["C", "F"]]:
    """Return the header that `numpy.save` writes for the dense array, and the order of the elements after it.

    NumPy's own writer chooses version, padding and order and gives its warnings: it sees an array of the same dtype, shape and
    strides laid over one element, and is stopped before it reads one.
    """
    if a.size:
        shadow = as_strided(np.empty(1, a.dtype), a.shape, a.strides, writeable=False)
    else:
        shadow = np.empty(a.shape, a.dtype)
    order: Literal["C", "F"] = "F" if shadow.flags.fnc else "C"
    try:
        npy_format.write_array(_FirstWrite(), shadow)  # type: ignore[arg-type]
    except _HeaderWritten as written:
        return bytes(written.args[0]), order
    raise AssertionError("numpy.lib.format.write_array wrote no header")


def write_array(file: IO[bytes], a: CompactArray, allow_pickle: bool = True) -> None:
    """Write `a` as ``numpy.save`` writes the dense array, byte for byte, by tiles."""
    if a.dtype.hasobject:
        # Pickled by NumPy, as StringDType is too; such arrays are plain, so there is no dense copy.
        npy_format.write_array(file, np.asarray(a), allow_pickle=allow_pickle)
        return
    header, order = header_bytes(a)
    file.write(header)
    for tile in a.tiles(order):
        file.write(_raw_bytes(tile))


def _raw_bytes(tile: np.ndarray[Any, Any]) -> Any:
    """Return the bytes of a tile, without a copy where it is contiguous."""
    if tile.dtype.itemsize == 0:
        return b""
    return memoryview(np.ascontiguousarray(tile).view(np.uint8))

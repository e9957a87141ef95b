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
from compactarray.io.collect import collected

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
        version, text = _raw_header(file, max_header_size)
        shape, fortran, dtype = _parsed(version, text, max_header_size)
    except ValueError as error:
        raise ValueError(f"{name}: not a valid .npy file: {error}") from error
    if min(shape, default=0) < 0:
        raise ValueError(f"{name}: not a valid .npy file: shape is not valid: {shape}")
    if dtype.hasobject:
        raise ValueError(f"{name}: Object arrays cannot be loaded when allow_pickle=False")
    return Header(name, dtype, shape, "F" if fortran else "C")


def _raw_header(file: IO[bytes], max_header_size: int) -> tuple[tuple[int, int], bytes]:
    """Return the version of the format and the header's text, as bytes."""
    version = npy_format.read_magic(file)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"Invalid version {version!r}")
    width, code = (2, "<H") if version == (1, 0) else (4, "<I")
    (length,) = struct.unpack(code, _exactly(file, width, "array header length"))
    # A character takes at most four bytes; so many must not even be read where the length is nonsense.
    if length > 4 * max_header_size:
        raise ValueError(f"Header info length ({length}) is large and may not be safe to load securely.")
    return version, _exactly(file, length, "array header")


def _exactly(file: IO[bytes], count: int, what: str) -> bytes:
    found = b""
    while len(found) < count and (piece := file.read(count - len(found))):
        found += piece
    if len(found) < count:
        raise ValueError(f"EOF: reading {what}, expected {count} bytes got {len(found)}")
    return found


def _parsed(version: tuple[int, int], text: bytes, max_header_size: int) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, Fortran order and dtype, as NumPy's public readers find them."""
    if version == (3, 0):
        # For which NumPy has none. Versions 2 and 3 differ in the encoding of field names only, and those stand in string
        # literals, where an escape means the same.
        text = text.decode("utf-8").encode("ascii", "backslashreplace")
    try:
        if version == (1, 0):
            return npy_format.read_array_header_1_0(BytesIO(struct.pack("<H", len(text)) + text), max_header_size)
        return npy_format.read_array_header_2_0(BytesIO(struct.pack("<I", len(text)) + text), max_header_size)
    except Exception as error:
        # Text from outside is evaluated as a literal: whatever that raises says that this is no header.
        raise ValueError(str(error) or type(error).__name__) from error


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
    raw = memoryview(buffer.view(np.uint8))  # type: ignore[arg-type]
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
    return collected(header.dtype, blocks(file, header), header.shape, header.order)


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
    return memoryview(np.ascontiguousarray(tile).view(np.uint8))  # type: ignore[arg-type]

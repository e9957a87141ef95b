"""`load`: a ``.npy`` or ``.npz`` file as compact arrays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from numpy.lib import format as npy_format

from compactarray.array import CompactArray
from compactarray.io.npy import MAX_HEADER_SIZE, read_array
from compactarray.io.npz import NpzFile
from compactarray.storage.compaction import check_level

#: How a zip archive begins: with a member, or, where it has none, with the end of its directory.
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


def load(
    file: Any,
    mmap_mode: str | None = None,
    allow_pickle: bool = False,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    *,
    level: str = "fast",
    max_header_size: int = MAX_HEADER_SIZE,
) -> CompactArray | NpzFile:
    """Load a ``.npy`` or ``.npz`` file as compact arrays, as `numpy.load` loads dense ones.

    The file is read block by block through one small buffer, and encoded on the way: the dense array is never held. Fortran order is
    kept.

    Parameters
    ----------
    file : file object, str or path
        Must be opened in binary mode, and support ``read`` and ``seek``.
    mmap_mode : {None, "r", "c"}, optional
        Files are never mapped. ``"r"`` makes an array that cannot be written, ``"c"`` one that can; the other modes, which write to
        the file, raise ValueError. It means nothing for ``.npz`` files, as in `numpy.load`.
    allow_pickle, fix_imports, encoding : optional
        As in `numpy.load`, but that pickled objects are never loaded, whatever is allowed.
    level : str, optional
        As for `CompactArray`; the members of an archive are ``"fast"``.
    max_header_size : int, optional
        As in `numpy.load`.

    Returns
    -------
    CompactArray or NpzFile
        A `NpzFile` maps the names of the members to arrays, each loaded when it is asked for; close it, or use it as a context
        manager.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    EOFError
        If the file is empty.
    ValueError
        If the file is not one of NumPy's, is cut short, or holds pickled objects, which are never loaded. The message names the file.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> import compactarray
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "counts.npy"
    >>> np.save(path, np.arange(100_000) % 200)
    >>> counts = compactarray.load(path)
    >>> counts.dtype, counts.dense_nbytes
    (dtype('int64'), 800000)
    >>> counts.nbytes < 101_000
    True
    >>> folder.cleanup()
    """
    if mmap_mode not in (None, "r", "c"):
        raise ValueError(f"mmap_mode={mmap_mode!r} would write to the file, which is never mapped; use numpy.load")
    if encoding not in ("ASCII", "latin1", "bytes"):
        raise ValueError("encoding must be 'ASCII', 'latin1', or 'bytes'")
    check_level(level)
    if hasattr(file, "read"):
        return _finished(_load_stream(file, _name_of(file), max_header_size, owned=False), level, mmap_mode)
    path = os.fspath(file)
    stream = open(path, "rb")  # noqa: SIM115 - an NpzFile keeps it open, and closes it
    try:
        loaded = _load_stream(stream, os.fsdecode(path), max_header_size, owned=True)
    except BaseException:
        stream.close()
        raise
    if not isinstance(loaded, NpzFile):
        stream.close()
    return _finished(loaded, level, mmap_mode)


def _finished(loaded: CompactArray | NpzFile, level: str, mmap_mode: str | None) -> CompactArray | NpzFile:
    if isinstance(loaded, NpzFile):
        return loaded
    if level != "fast":
        loaded.compact(level)
    if mmap_mode == "r":
        loaded.flags.writeable = False
    return loaded


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[IO[bytes], bool]]:
    """Open `path`; give the stream and whether it is a zip archive.

    Raises
    ------
    ValueError
        If it is neither ``.npy`` nor ``.npz``.
    """
    with open(path, "rb") as stream:
        yield stream, is_archive(stream, os.fspath(path))


def is_archive(file: IO[bytes], name: str) -> bool:
    """Return whether `file` is a zip archive rather than a ``.npy`` stream, and leave it where it was.

    Raises
    ------
    ValueError
        If it is neither.
    EOFError
        If it is empty, as in `numpy.load`.
    """
    start = file.read(len(npy_format.MAGIC_PREFIX))
    file.seek(-len(start), os.SEEK_CUR)
    if start.startswith(_ZIP_MAGIC):
        return True
    if start == npy_format.MAGIC_PREFIX:
        return False
    if not start:
        raise EOFError(f"{name}: No data left in file")
    raise ValueError(f"{name}: neither a .npy nor a .npz file (pickles are never loaded)")


def _load_stream(file: IO[bytes], name: str, max_header_size: int, owned: bool) -> CompactArray | NpzFile:
    if is_archive(file, name):
        return NpzFile(file, name, max_header_size=max_header_size, own_file=owned)
    return read_array(file, name, max_header_size)


def _name_of(file: Any) -> str:
    """Return what to call a file object in messages."""
    name = getattr(file, "name", None)
    return os.fsdecode(name) if isinstance(name, str | bytes) else f"<{type(file).__name__}>"

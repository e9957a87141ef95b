"""``.npz`` archives: a mapping that loads its members on access, and writing members as streams."""

import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy_format

from compactarray.array import CompactArray
from compactarray.io.npy import MAX_HEADER_SIZE, read_array, write_array

if TYPE_CHECKING:
    from zipfile import ZipFile


def open_zip(file: Any, mode: str = "r", compression: int = 0) -> "ZipFile":
    """Open `file` as a zip archive, with members and archives of more than 2 GB allowed."""
    import zipfile  # noqa: PLC0415 - 13 ms, which `import compactarray` must not cost; NumPy imports it late too

    return zipfile.ZipFile(file, mode=mode, compression=compression, allowZip64=True)  # type: ignore[call-overload, no-any-return]


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Turn what zipfile and zlib raise on a damaged archive into a ValueError that names it."""
    import zipfile  # noqa: PLC0415 - as in `open_zip`

    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{name}: damaged archive: {str(error) or type(error).__name__}") from error


class _Attributes:
    """The members of an archive as attributes."""

    def __init__(self, members: "NpzFile") -> None:
        # The archive is closed when nothing else refers to it.
        self._members = weakref.proxy(members)

    def __getattr__(self, name: str) -> CompactArray:
        try:
            found: CompactArray = object.__getattribute__(self, "_members")[name]
        except KeyError:
            raise AttributeError(name) from None
        return found

    def __dir__(self) -> list[str]:
        return list(object.__getattribute__(self, "_members"))


class NpzFile(Mapping[str, CompactArray]):
    """The arrays of a ``.npz`` archive, each read and compacted when it is asked for.

    As `numpy.lib.npyio.NpzFile`: a context manager, with ``files``, and with keys that may end in ``.npy`` or not. Nothing is kept
    of a member once it has been handed out.

    Parameters
    ----------
    file : file object, str or path
        The archive, open for reading in binary mode, or where it is.
    name : str, optional
        What errors call it.
    max_header_size : int, optional
        As in `numpy.load`.
    own_file : bool, optional
        Whether closing this closes `file`.

    Attributes
    ----------
    files : list of str
        Names of the members, without ``.npy``.
    f : object
        Has each member as an attribute; None once the archive was closed.

    Examples
    --------
    >>> import io
    >>> import numpy as np, compactarray
    >>> archive = io.BytesIO()
    >>> np.savez(archive, mask=np.ones((300, 300), bool), ids=np.arange(5))
    >>> position = archive.seek(0)
    >>> with compactarray.load(archive) as arrays:
    ...     print(sorted(arrays), arrays["mask"].nbytes < 100)
    ['ids', 'mask'] True
    """

    def __init__(self, file: Any, name: str | None = None, *, max_header_size: int = MAX_HEADER_SIZE, own_file: bool = False) -> None:
        self.name = str(file) if name is None else name
        self._max_header_size = max_header_size
        with damage_named(self.name):
            self._zip: ZipFile | None = open_zip(file)
        self._file = file if own_file else None
        self._members = self._zip.namelist()
        self.f: _Attributes | None = _Attributes(self)
        self.files = [member.removesuffix(".npy") for member in self._members]

    def __getitem__(self, key: str) -> CompactArray:
        with self.member(key) as stream:
            return read_array(stream, f"{self.name}[{key}]", self._max_header_size)

    @contextmanager
    def member(self, key: str) -> Iterator[IO[bytes]]:
        """Open the member `key` as a stream.

        Raises
        ------
        KeyError
            If there is no such member.
        ValueError
            If the archive was closed, or the member is damaged or no ``.npy`` file.
        """
        if key in self._members:
            member = key
        elif key in self.files:
            member = key + ".npy"
        else:
            raise KeyError(f"{key} is not a file in the archive")
        if self._zip is None:
            raise ValueError(f"{self.name}: the archive was closed")
        name = f"{self.name}[{key}]"
        with damage_named(name):
            try:
                stream = self._zip.open(member)
            except RuntimeError as error:
                # A password or a kind of compression that zipfile does not have.
                raise ValueError(f"{name}: {error}") from error
            with stream:
                yield stream

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __contains__(self, key: object) -> bool:
        return key in self.files or key in self._members

    def __repr__(self) -> str:
        shown = ", ".join(self.files[:5]) + ("..." if len(self.files) > 5 else "")
        return f"NpzFile {self.name!r} with keys: {shown}"

    def close(self) -> None:
        """Close the archive, and its file where `load` opened it."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None
            self.f = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "NpzFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        # Where opening failed there is nothing to close.
        if hasattr(self, "_zip") and hasattr(self, "_file"):
            self.close()


def write_archive(file: Any, members: dict[str, Any], compression: int, allow_pickle: bool) -> None:
    """Write `members` as `numpy.savez` does: compact arrays by tiles, anything else by NumPy itself."""
    with open_zip(file, "w", compression) as archive:
        for key, value in members.items():
            # Sizes are not known in advance by zipfile: room for large ones is always made, as in NumPy.
            with archive.open(key + ".npy", "w", force_zip64=True) as stream:
                if isinstance(value, CompactArray):
                    write_array(stream, value, allow_pickle)
                else:
                    npy_format.write_array(stream, np.asanyarray(value), allow_pickle=allow_pickle)

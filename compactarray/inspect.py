"""What ``.npy`` and ``.npz`` files would take as compact arrays, without holding one of them, dense or compact."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.candidates import Candidates, candidates_in, sampled_starts
from compactarray.config import settings
from compactarray.info import Info, Share
from compactarray.io.collect import row_length
from compactarray.io.load import opened
from compactarray.io.npy import Header, blocks, read_header
from compactarray.io.npz import NpzFile
from compactarray.io.progress import Progress
from compactarray.storage.builder import can_encode
from compactarray.storage.compaction import check_level, compact
from compactarray.storage.tables import TableBuilder, in_rows

#: Elements are encoded and counted in sections of so many dense bytes, then dropped: an incompressible file is not held either. What
#: a dictionary shared between sections would save on a longer array is not counted.
SECTION_BYTES = 64 << 20

#: Above this part of its dense size, a compact array is not worth the trouble.
NOT_WORTH = 0.9

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What one array of a file takes.

    Attributes
    ----------
    file : str
        Path of the file.
    member : str or None
        Name of the array in a ``.npz`` archive.
    info : Info
        Dtype, shape, dense bytes, bytes held and the encodings' shares.
    candidates : Candidates
        What every encoding would take on some blocks; empty unless it was asked for.
    """

    file: str
    member: str | None
    info: Info
    candidates: Candidates = field(default_factory=Candidates)

    @property
    def name(self) -> str:
        """The file, and the member in brackets."""
        return self.file if self.member is None else f"{self.file}[{self.member}]"

    @property
    def worthwhile(self) -> bool:
        """Whether compacting saves at least a tenth."""
        return self.info.nbytes <= NOT_WORTH * self.info.dense_nbytes

    def as_dict(self) -> dict[str, Any]:
        """Return the report as what `json` can write."""
        found = {"file": self.file, "member": self.member, **self.info.as_dict(), "worthwhile": self.worthwhile}
        return {**found, "candidates": self.candidates.as_list()} if self.candidates else found


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a member of an archive, cannot be reported.

    Attributes
    ----------
    file : str
        Path of the file.
    message : str
        One line that names it.
    """

    file: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as what `json` can write."""
        return {"file": self.file, "error": self.message}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of each array."""

    level: str
    candidates: bool
    force_progress: bool


def inspect_file(
    path: str | os.PathLike[str], *, level: str = "fast", candidates: bool = False, force_progress: bool = False
) -> Iterator[Report | Problem]:
    """Report what each array of a file would take as a compact array.

    The elements are read block by block into one buffer, encoded, counted and dropped. A bar on the standard error stream shows
    how far that is when it takes longer than a second.

    Parameters
    ----------
    path : str or path
        A ``.npy`` or ``.npz`` file.
    level : str, optional
        ``"fast"`` or ``"small"``: how small the array is to become.
    candidates : bool, optional
        Tell also what every encoding would take on some blocks.
    force_progress : bool, optional
        Draw the bar from the beginning, on a terminal or not.

    Yields
    ------
    Report or Problem
        One for each array; a damaged member does not end the iteration.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> from compactarray.inspect import inspect_file
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "counts.npy"
    >>> np.save(path, np.arange(100_000) % 200)
    >>> (report,) = inspect_file(path)
    >>> report.info.dense_nbytes, report.info.nbytes < 101_000, report.worthwhile
    (800000, True, True)
    >>> folder.cleanup()
    """
    check_level(level)
    file = os.fspath(path)
    wanted = _Wanted(level, candidates, force_progress)
    try:
        with opened(file) as (stream, archive):
            if not archive:
                yield _report(stream, file, None, wanted)
                return
            # The archive's directory is read here, so that a damaged one is the file's problem, not a member's.
            with NpzFile(stream, file) as members:
                for member in members:
                    yield from _member(members, member, wanted)
    except (OSError, ValueError, EOFError) as error:
        yield Problem(file, _one_line(file, error))


def _member(members: NpzFile, member: str, wanted: _Wanted) -> Iterator[Report | Problem]:
    try:
        with members.member(member) as stream:
            report = _report(stream, members.name, member, wanted)
    except (OSError, ValueError) as error:
        yield Problem(members.name, _one_line(members.name, error))
    else:
        yield report


def _one_line(file: str, error: Exception) -> str:
    """Return what happened in one line that begins with the file."""
    if isinstance(error, OSError) and error.strerror:
        return f"{file}: {error.strerror}"
    text = " ".join(str(error).split())
    return text if text.startswith(file) else f"{file}: {text}"


def _report(stream: IO[bytes], file: str, member: str | None, wanted: _Wanted) -> Report:
    name = file if member is None else f"{file}[{member}]"
    header = read_header(stream, name)
    sample = _Sample(header) if wanted.candidates else None
    with _progress(header, wanted.force_progress) as advance:
        info = measure(stream, header, advance, wanted.level, sample)
    return Report(file, member, info, Candidates() if sample is None else candidates_in(sample.blocks))


class _Sample:
    """Some blocks of an array of which the elements come piece by piece."""

    def __init__(self, header: Header) -> None:
        self.blocks: list[np.ndarray[Any, Any]] = []
        self._length = settings().block_length
        size = header.nbytes // max(1, header.dtype.itemsize) if can_encode(header.dtype) else 0
        self._starts = sampled_starts(size, self._length)
        self._size = 0

    def add(self, piece: np.ndarray[Any, Any]) -> None:
        """Keep what `piece` has of the blocks that are looked at: of one that is cut, its beginning."""
        end = self._size + piece.size
        while self._starts and self._starts[0] < end:
            start = self._starts.pop(0) - self._size
            self.blocks.append(piece[start : start + self._length].copy())
        self._size = end


@contextmanager
def _progress(header: Header, force: bool) -> Iterator[Advance]:
    label = os.path.basename(header.name)
    with Progress(label, header.nbytes, stream=sys.stderr, force=force) as progress:
        yield progress.advance


def measure(stream: IO[bytes], header: Header, advance: Advance, level: str = "fast", sample: _Sample | None = None) -> Info:
    """Return what the elements after `header` take when compacted, holding one section of them at a time."""
    nbytes = columns = 0
    shares: dict[str, Share] = {}
    width = row_length(header.shape, header.order)
    for info in _sections(_sampled(blocks(stream, header), sample), header.dtype, width, advance, level):
        nbytes += info.nbytes
        columns = max(columns, info.columns)
        for share in info.shares:
            shares[share.name] = _sum(shares.get(share.name), share)
    return Info(
        dtype=header.dtype,
        shape=header.shape,
        nbytes=nbytes,
        dense_nbytes=header.nbytes,
        shares=tuple(sorted(shares.values(), key=lambda share: -share.nbytes)),
        columns=columns,
    )


def _sampled(pieces: Iterator[np.ndarray[Any, Any]], sample: _Sample | None) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the pieces, of which the sample takes its blocks."""
    for piece in pieces:
        if sample is not None:
            sample.add(piece)
        yield piece


def _sections(
    pieces: Iterator[np.ndarray[Any, Any]], dtype: np.dtype[Any], width: int, advance: Advance, level: str
) -> Iterator[Info]:
    """Yield what the elements take, a section of whole rows at a time."""
    if not can_encode(dtype):
        yield _plain(pieces, dtype, advance)
        return
    length = max(1, SECTION_BYTES // max(1, dtype.itemsize))
    builder = TableBuilder(dtype, width)
    for piece in in_rows(pieces, width):
        builder.append(piece)
        advance(piece.nbytes)
        if builder.size >= length:
            yield _info(builder, width, level)
            builder = TableBuilder(dtype, width)
    if builder.size:
        yield _info(builder, width, level)


def _plain(pieces: Iterator[np.ndarray[Any, Any]], dtype: np.dtype[Any], advance: Advance) -> Info:
    """Return what elements take that are not encoded; they are read all the same, to know that they are there."""
    size = 0
    for piece in pieces:
        size += piece.size
        advance(piece.nbytes)
    nbytes = size * dtype.itemsize
    return Info(dtype, (size,), nbytes, nbytes, (Share("plain", 1, size, nbytes),))


def _info(builder: TableBuilder, width: int, level: str) -> Info:
    shape = (builder.size // width, width) if width else (builder.size,)
    storage = builder.finish()
    if level != "fast":
        compact(storage, level)
    return CompactArray.from_storage(storage, shape).info


def _sum(first: Share | None, second: Share) -> Share:
    if first is None:
        return second
    return Share(second.name, first.blocks + second.blocks, first.elements + second.elements, first.nbytes + second.nbytes)

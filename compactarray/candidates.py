"""What every encoding would have taken: the candidates of a choice, and why it fell as it did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Array
from compactarray.encodings.select import ENCODINGS, encode
from compactarray.encodings.small import encode_small, shrunk
from compactarray.encodings.stats import Statistics
from compactarray.geometry.layout import address_bounds
from compactarray.storage.builder import can_encode
from compactarray.storage.view import AnyView, View

#: How many blocks are looked at, evenly spread.
MOST_BLOCKS = 8

#: The names of the levels in a table of candidates.
_LEVELS = ("fast", "small")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one encoding, or one level, would take on the blocks that were looked at.

    Attributes
    ----------
    part : str
        Which part of the elements: a field, ``real``, ``imag``, or empty where they have no parts.
    name : str
        The encoding; or ``level fast`` and ``level small``, what the choice comes to.
    applies : int
        On how many of the blocks it can be used.
    blocks : int
        How many blocks were looked at.
    bytes_per_element : float or None
        Estimated on the blocks where it applies, weighted by their elements (measured, for the levels); None if there are none.
    chosen : int
        On how many of the blocks the level "fast" chooses it.
    """

    part: str
    name: str
    applies: int
    blocks: int
    bytes_per_element: float | None
    chosen: int


class Candidates(tuple[Candidate, ...]):
    """Candidates as a table: text, HTML and JSON.

    Examples
    --------
    >>> import numpy as np, compactarray
    >>> found = compactarray.CompactArray(np.arange(100_000) % 300).info.candidates
    >>> [(c.name, c.bytes_per_element) for c in found if c.chosen]
    [('narrow', 2.0)]
    """

    __slots__ = ()

    def as_list(self) -> list[dict[str, Any]]:
        """Return the same as plain objects, for JSON."""
        return [{name: getattr(candidate, name) for name in Candidate.__slots__} for candidate in self]

    def lines(self) -> list[str]:
        """Return the rows as aligned text, under a heading; none without candidates."""
        if not self:
            return []
        lines = [f"{'candidate':<24}{'bytes/element':>14}{'applies to':>16}{'chosen':>8}"]
        for label, *cells in self._cells():
            lines.append(f"{label:<24}{cells[0]:>14}{cells[1]:>16}{cells[2]:>8}")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines()) or "no candidates: the array is empty, or kept plain"

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - 2 ms, for what few programs need

        head = "".join(f"<th>{name}</th>" for name in ("candidate", "bytes/element", "applies to", "chosen"))
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in self._cells())
        return f"<table><tr>{head}</tr>{rows}</table>"

    def _cells(self) -> Iterator[tuple[str, str, str, str]]:
        for candidate in self:
            label = f"{candidate.part}: {candidate.name}" if candidate.part else candidate.name
            size = "-" if candidate.bytes_per_element is None else f"{candidate.bytes_per_element:.4f}"
            applies = f"{candidate.applies} of {candidate.blocks}"
            yield label, size, applies, str(candidate.chosen) if candidate.chosen else ""


def candidates_of(view: AnyView) -> Candidates:
    """Return what the encodings would take on some blocks of the storage that a view touches; each is decoded by itself."""
    if not isinstance(view, View) or not can_encode(view.storage.dtype):
        return Candidates()
    columns = view.columns()
    if columns is None:
        return candidates_in(_blocks(view, MOST_BLOCKS))
    # Of a table one block a column, for each is encoded by itself.
    chosen = columns[:: -(-len(columns) // MOST_BLOCKS)]
    return candidates_in(block for column in chosen for block in _blocks(column, max(1, MOST_BLOCKS // len(chosen))))


def _blocks(view: View, most: int) -> Iterator[Array]:
    low, high = address_bounds(view.shape, view.steps, view.offset)
    length = settings().block_length
    for start in sampled_starts(high - low, length, most):
        block = np.empty(min(length, high - low - start), view.storage.dtype)
        view.storage.read(low + start, block.size, 1, block)
        yield block


def sampled_starts(size: int, block_length: int, most: int = MOST_BLOCKS) -> list[int]:
    """Return where the blocks begin that are looked at, of `size` elements.

    Examples
    --------
    >>> from compactarray.candidates import sampled_starts
    >>> sampled_starts(2_500, 1_000), sampled_starts(16_000, 1_000)[-2:]
    ([0, 1000, 2000], [13000, 15000])
    """
    blocks = -(-size // block_length)
    count = min(blocks, most)
    return [round(k * (blocks - 1) / max(1, count - 1)) * block_length for k in range(count)]


def candidates_in(blocks: Iterable[Array]) -> Candidates:
    """Return what the encodings would take on some blocks of values, all of one dtype."""
    tallies: dict[str, _Tally] = {}
    for block in blocks:
        for part, values in _parts(block):
            tallies.setdefault(part, _Tally()).add(values)
    return Candidates(candidate for part, tally in tallies.items() for candidate in tally.candidates(part))


def _parts(values: Array, name: str = "") -> Iterator[tuple[str, Array]]:
    """Yield the arrays that are encoded each by itself: fields, halves of complex numbers, in native byte order."""
    dtype = values.dtype
    if dtype.names is not None:
        for field in dtype.names:
            yield from _parts(values[field], f"{name}.{field}" if name else field)
    elif dtype.kind == "c":
        for half, part in (("real", values.real), ("imag", values.imag)):
            yield from _parts(part, f"{name}.{half}" if name else half)
    elif values.size:
        yield name, np.ascontiguousarray(values, dtype.newbyteorder("="))


class _Tally:
    """Bytes and elements of every candidate, summed up over blocks."""

    def __init__(self) -> None:
        self._blocks = 0
        self._found: dict[str, list[float]] = {encoding.name: [0, 0, 0, 0] for encoding in ENCODINGS}
        self._found.update({f"level {level}": [0, 0, 0, 0] for level in _LEVELS})

    def add(self, values: Array) -> None:
        self._blocks += 1
        stats = Statistics(values)
        for encoding in ENCODINGS:
            self._note(encoding.name, encoding.estimate(stats, float(stats.dense)), values.size)
        fast = encode(values, values.size)
        self._found[fast.name][3] += 1
        self._note("level fast", fast.nbytes, values.size)
        self._note("level small", shrunk(encode_small(values, values.size), values.size).nbytes, values.size)

    def _note(self, name: str, size: float | None, length: int) -> None:
        if size is None:
            return
        found = self._found[name]
        found[0] += 1
        found[1] += size
        found[2] += length

    def candidates(self, part: str) -> Iterator[Candidate]:
        """Yield the encodings from the smallest to those that do not apply, and then the levels."""
        rows = [self._candidate(part, name) for name in self._found]
        levels = len(_LEVELS)
        yield from sorted(rows[:-levels], key=lambda row: np.inf if row.bytes_per_element is None else row.bytes_per_element)
        yield from rows[-levels:]

    def _candidate(self, part: str, name: str) -> Candidate:
        applies, nbytes, elements, chosen = self._found[name]
        return Candidate(part, name, int(applies), self._blocks, nbytes / elements if elements else None, int(chosen))

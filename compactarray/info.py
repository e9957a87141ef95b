"""What an array takes, and which encodings hold it: text, HTML and JSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from compactarray.candidates import Candidates, candidates_of
from compactarray.geometry.layout import address_bounds
from compactarray.storage.base import Held
from compactarray.storage.view import AnyView, View

_BAR = 40


@dataclass(frozen=True, slots=True)
class Share:
    """What the blocks of one encoding take together."""

    name: str
    blocks: int
    elements: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Info:
    """Bytes held and dense, and the shares of the encodings.

    Attributes
    ----------
    dtype : numpy.dtype
        The logical dtype.
    shape : tuple of int
        The shape.
    nbytes, dense_nbytes : int
        Bytes really held, and bytes that NumPy would hold.
    shares : tuple of Share
        By bytes, the largest first.
    columns : int
        How many columns of a table are encoded each by itself; 0 where elements are encoded as they follow each other.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    nbytes: int
    dense_nbytes: int
    shares: tuple[Share, ...]
    columns: int = 0
    _view: AnyView | None = field(default=None, compare=False, repr=False)

    @property
    def candidates(self) -> Candidates:
        """What every encoding, and each level, would take: on at most eight blocks, decoded and looked at when this is asked for.

        Examples
        --------
        >>> import numpy as np, compactarray
        >>> a = compactarray.CompactArray(np.arange(100_000) // 1000 * 7 % 31)
        >>> for candidate in a.info.candidates[:2]:
        ...     print(candidate.name, candidate.applies, candidate.chosen)
        runs 2 2
        narrow 2 0
        """
        return Candidates() if self._view is None else candidates_of(self._view)

    @property
    def ratio(self) -> float:
        """Bytes held over dense bytes; 1 for an empty array."""
        return self.nbytes / self.dense_nbytes if self.dense_nbytes else 1.0

    def as_dict(self, *, candidates: bool = False) -> dict[str, Any]:
        """Return the same as plain objects, for JSON; with what all encodings would take, if that is asked for."""
        found: dict[str, Any] = {
            "dtype": str(self.dtype),
            "shape": list(self.shape),
            "nbytes": self.nbytes,
            "dense_nbytes": self.dense_nbytes,
            "ratio": self.ratio,
            "columns": self.columns,
            "shares": [{"encoding": s.name, "blocks": s.blocks, "elements": s.elements, "nbytes": s.nbytes} for s in self.shares],
        }
        return {**found, "candidates": self.candidates.as_list()} if candidates else found

    @property
    def _by(self) -> str:
        return f", {self.columns} columns each by itself" if self.columns else ""

    def __repr__(self) -> str:
        held = f"{self.nbytes:,} bytes held, {self.dense_nbytes:,} dense ({self.ratio:.4g} of it)"
        head = f"{self.dtype} {self.shape}: {held}{self._by}"
        lines = [head]
        total = sum(share.elements for share in self.shares) or 1
        for share in self.shares:
            bar = "█" * max(1, round(_BAR * share.elements / total))
            part = f"{100 * share.elements / total:5.1f}%"
            lines.append(f"  {share.name:<12} {part} of elements {share.nbytes:>12,} bytes  {bar}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape  # noqa: PLC0415 - 2 ms, for what few programs need

        total = sum(share.elements for share in self.shares) or 1
        rows = []
        for share in self.shares:
            width = 100 * share.elements / total
            rows.append(
                f"<tr><td>{escape(share.name)}</td><td style='text-align:right'>{share.nbytes:,}</td>"
                f"<td style='width:200px'><div style='background:#4c78a8;height:0.8em;width:{width:.1f}%'></div></td>"
                f"<td style='text-align:right'>{width:.1f}%</td></tr>"
            )
        head = f"<b>CompactArray</b> {escape(str(self.dtype))} {self.shape}: <b>{self.nbytes:,}</b> bytes held"
        held = f"{self.dense_nbytes:,} dense ({self.ratio:.4g} of it){self._by}"
        return f"<div>{head}, {held}<table>{''.join(rows)}</table></div>"


def info_of(view: AnyView) -> Info:
    """Return the `Info` of a view; of its storage only the blocks that it touches count."""
    dense = view.size * view.dtype.itemsize
    if not isinstance(view, View):
        return Info(view.dtype, view.shape, view.nbytes, dense, (Share("plain", 1, view.size, view.nbytes),))
    columns = view.columns()
    shares: dict[str, Share] = {}
    for held in chain.from_iterable(map(_held, [view] if columns is None else columns)):
        before = shares.get(held.name, Share(held.name, 0, 0, 0))
        shares[held.name] = Share(held.name, before.blocks + held.blocks, before.elements + held.elements, before.nbytes + held.nbytes)
    ordered = tuple(sorted(shares.values(), key=lambda share: -share.nbytes))
    return Info(view.dtype, view.shape, view.nbytes, dense, ordered, len(columns or ()), view)


def _held(view: View) -> Iterator[Held]:
    low, high = address_bounds(view.shape, view.steps, view.offset)
    return view.storage.held(low, high) if high > low else iter(())

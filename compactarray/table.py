"""Text for terminals: what arrays take, aligned, in 100 columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compactarray.info import Info, Share

#: Widths of the columns: array, dtype, shape, dense, held, ratio.
_NAME, _DTYPE, _SHAPE, _BYTES, _RATIO = 34, 16, 15, 14, 7
WIDTH = _NAME + _DTYPE + _SHAPE + 2 * _BYTES + _RATIO

_BAR = 24
#: One mark for each encoding, the largest share first; more than these are drawn alike.
_MARKS = "#=+-:*%"

#: Widths of the columns of timings: what stands in the row, and an operation each.
_LABEL, _CELL = 22, 13
#: How many operations fit in a row.
ACROSS = (WIDTH - _LABEL) // _CELL


@dataclass(frozen=True, slots=True)
class Timing:
    """What an operation takes: time as ratio to NumPy's, and the bytes in use at the peak, ours and NumPy's."""

    name: str
    ratio: float
    peak: int
    dense_peak: int


def heading() -> str:
    """Return the head of the table."""
    names = _row("array", "dtype", "shape", "dense bytes", "bytes held", "ratio")
    return f"{names}\n{'-' * WIDTH}"


def array_lines(name: str, info: Info, remark: str = "") -> list[str]:
    """Return two lines on an array: its sizes, then a bar of its encodings with their shares of the elements.

    Parameters
    ----------
    name : str
        What to call it; a long one gets a line of its own.
    info : Info
        What it takes.
    remark : str, optional
        Put at the end.
    """
    shape = str(info.shape).replace(" ", "")
    cells = (_dtype_text(info.dtype), shape, f"{info.dense_nbytes:,}", f"{info.nbytes:,}", f"{_ratio(info):.3f}")
    lines = [_row(name, *cells)] if len(name) < _NAME else [name, _row("", *cells)]
    shares = "  ".join(f"{mark} {share.name} {share.elements / _elements(info):.1%}" for mark, share in _marked(info))
    second = f"    [{bar(info)}] {shares}" + (f"  in {info.columns} columns" if info.columns else "")
    if remark and len(second) + 2 + len(remark) > WIDTH:
        return [*lines, second, f"    {remark}"]
    return [*lines, second + (f"{remark:>{WIDTH - len(second)}}" if remark else "")]


def timing_lines(timings: Sequence[Timing]) -> list[str]:
    """Return three lines on operations: their names, ratios of time, and megabytes with NumPy's in brackets; none without operations.

    Parameters
    ----------
    timings : sequence of Timing
        At most `ACROSS`.

    Examples
    --------
    >>> from compactarray.table import Timing, timing_lines
    >>> print(*timing_lines([Timing("x + x", 0.25, 2_000_000, 8_000_000)]), sep="\\n")
                                  x + x
        time / NumPy               0.25
        peak MB (NumPy)       2.0 (8.0)
    """
    if not timings:
        return []
    rows = {
        "": [timing.name for timing in timings],
        "time / NumPy": [f"{timing.ratio:.2f}" for timing in timings],
        "peak MB (NumPy)": [f"{timing.peak / 1e6:.1f} ({timing.dense_peak / 1e6:.1f})" for timing in timings],
    }
    return [f"    {label:<{_LABEL - 4}}" + "".join(f"{cell:>{_CELL}}" for cell in cells) for label, cells in rows.items()]


def bar(info: Info) -> str:
    """Return a bar as long as the dense array, filled as far as bytes are held, each encoding with its mark."""
    filled = ""
    held = 0
    for mark, share in _marked(info):
        held += share.nbytes
        length = min(_BAR, round(_BAR * held / max(1, info.dense_nbytes)))
        # What is there is shown, however small.
        filled += mark * max(length - len(filled), 1 if len(filled) < _BAR else 0)
    return f"{filled[:_BAR]:.<{_BAR}}"


def _row(name: str, dtype: str, shape: str, dense: str, held: str, ratio: str) -> str:
    left = f"{name:<{_NAME}}{dtype:<{_DTYPE}}{shape:<{_SHAPE}}"
    return f"{left}{dense:>{_BYTES}}{held:>{_BYTES}}{ratio:>{_RATIO}}"


def _marked(info: Info) -> list[tuple[str, Share]]:
    marks = _MARKS + _MARKS[-1] * len(info.shares)
    return list(zip(marks, info.shares, strict=False))


def _dtype_text(dtype: np.dtype[Any]) -> str:
    text = f"{len(dtype.names)} fields" if dtype.names is not None else str(dtype)
    return text if len(text) < _DTYPE else text[: _DTYPE - 2] + "…"


def _ratio(info: Info) -> float:
    return info.nbytes / info.dense_nbytes if info.dense_nbytes else 1.0


def _elements(info: Info) -> int:
    return max(1, sum(share.elements for share in info.shares))

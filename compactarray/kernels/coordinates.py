"""Elements in coordinate form: out of a block, and back over one."""

from typing import Any

import numpy as np

from compactarray.kernels.compiler import Kernel

Array = np.ndarray[Any, Any]


def _collect(words, fill, positions, values):  # type: ignore[no-untyped-def]
    # Without a branch: every element is written, and counted where it is to stay.
    count = 0
    for i in range(words.size):
        word = words[i]
        positions[count] = i
        values[count] = word
        count += word != fill
    return count


def _collect_twin(words: Array, fill: Any, positions: Array, values: Array) -> int:
    found = np.flatnonzero(words != fill)
    positions[: found.size] = found
    values[: found.size] = words[found]
    return int(found.size)


def _overlay(values, positions, start, out):  # type: ignore[no-untyped-def]
    values = values[: positions.size]
    for i in range(positions.size):
        out[np.int64(positions[i]) - start] = values[i]
    return 0


def _overlay_twin(values: Array, positions: Array, start: int, out: Array) -> int:
    out[positions.astype(np.intp) - start] = values
    return 0


#: ``(words, fill, positions, values) -> count``: what is not the fill; the outputs are one element longer.
collect = Kernel(_collect, _collect_twin, ("rT", "sT", "wu2", "wT"), ("u1", "u2", "u4", "u8"))
#: ``(values, positions, start, out)``: values at positions less `start`, written over `out`.
overlay = Kernel(_overlay, _overlay_twin, ("rT", "ru2", "si8", "wT"), ("u1", "u2", "u4", "u8"))

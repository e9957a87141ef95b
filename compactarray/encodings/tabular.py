"""Whether the columns of a table are data of different kinds: told from a sample, for nearly nothing."""

from typing import Any

import numpy as np

from compactarray.encodings.base import Array
from compactarray.numerics.words import words

#: Elements of a sample, at the most and of each column at the least.
_SAMPLE, _LEAST = 4_096, 64
#: By columns, a table must take no more than this part of what it takes by rows.
_MARGIN = 0.85
#: The part of a column that must be whole numbers, or decimals of three places.
_MOST = 0.93
_POWERS = (1.0, 1000.0)
#: Which part of a sample may occur in it only once if a dictionary is to hold all values: of a large sample, and of a small one.
_SINGLE, _SINGLE_FEW = 0.07, 0.35


def is_tabular(table: Array) -> bool:
    """Tell whether a table promises to take less by columns than by rows.

    The same rough estimate is made of the bytes that each column of a sample takes and of those that all of
    it together takes, so that its errors matter little: data of one kind, like images and grids, are estimated alike.

    Parameters
    ----------
    table : ndarray
        Of two axes, rows and columns.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.encodings.tabular import is_tabular
    >>> counts, noise = np.arange(2000.0), np.random.default_rng(0).random(2000)
    >>> is_tabular(np.stack([counts, noise], 1)), is_tabular(np.stack([noise, noise], 1))
    (True, False)
    """
    rows, width = table.shape
    number = max(_LEAST, _SAMPLE // width)
    # At an odd distance: what repeats itself every day shows more than one hour.
    sample = np.ascontiguousarray(table[:: rows // number | 1].T)
    together = sample.reshape(1, -1)[:, :: max(1, sample.size // _SAMPLE | 1)]
    return bool(_bytes(sample, _SINGLE_FEW).mean() <= _MARGIN * _bytes(np.ascontiguousarray(together), _SINGLE)[0])


def _bytes(lines: Array, single: float) -> Array:
    """Return for each line about how many bytes one of its elements takes; in a dictionary, if no more than this part occurs once."""
    ordered = np.sort(words(lines), axis=1)
    length = lines.shape[1]
    edges = np.ones((len(lines), length + 1), bool)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=edges[:, 1:-1])
    distinct = np.count_nonzero(edges[:, 1:], axis=1)
    once = np.count_nonzero(edges[:, 1:] & edges[:, :-1], axis=1) / length
    found = np.minimum(float(lines.itemsize), np.where(distinct <= 256, 1.0, 2.0) + 10 * np.where(once <= single, 0.0, 1.0))
    found = np.minimum(found, _of_numbers(lines))
    found[distinct <= 2] = np.minimum(found[distinct <= 2], 0.125)
    # What is not the value in the middle is an exception, of two bytes more.
    rare = np.count_nonzero(ordered != ordered[:, length // 2, None], axis=1) / length
    return np.asarray(np.minimum(found, rare * (2 + found)))


def _of_numbers(lines: Array) -> Array:
    """Return for each line how many bytes hold its elements as integers, or as decimals."""
    found = np.full(len(lines), float(lines.itemsize))
    if lines.dtype.kind not in "iufmM":
        return found
    left = np.arange(len(lines))
    with np.errstate(all="ignore"):
        values = (lines.view(np.int64) if lines.dtype.kind in "mM" else lines).astype(np.float64, copy=False)
        precision = np.finfo(lines.dtype if lines.dtype.kind == "f" else np.float64).eps
        for power in _POWERS if lines.dtype.kind == "f" else _POWERS[:1]:
            scaled = values[left] * power
            whole = np.rint(scaled)
            # As many digits as a float has tell a decimal from its neighbours.
            near = np.abs(whole - scaled) <= np.abs(scaled) * precision
            some = np.count_nonzero(near, axis=1) >= _MOST * lines.shape[1]
            low = np.where(near, whole, np.inf).min(axis=1)[some]
            high = np.where(near, whole, -np.inf).max(axis=1)[some]
            found[left[some]] = np.minimum(found[left[some]], _width(high - low))
            left = left[~some]
            if not left.size:
                break
    return found


def _width(spread: Array) -> Any:
    """Return the bytes of codes for integers of a spread."""
    return np.where(spread < 1 << 8, 1.0, np.where(spread < 1 << 16, 2.0, np.where(spread < 1 << 32, 4.0, 8.0)))

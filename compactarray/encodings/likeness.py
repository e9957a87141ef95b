"""Blocks that look like the one before: what a sample tells, so that not every block has to be chosen for.

A sample only proposes: a block is encoded in the form of the one before (`Encoding.again`) with the same proof as any other.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from compactarray.numerics.words import is_wide, words

Array = np.ndarray[Any, Any]

#: Elements of a block that are looked at: so many stretches of so many neighbours.
_STRETCHES = _NEIGHBOURS = 8
#: By so much, of 64, the numbers of different words and of equal neighbours may differ in samples of blocks that are alike.
_MARGINS = np.array([14, 12])
#: Fewer different words than so many, on the average, may be none in another sample.
_RARE = 3
#: Codes of a block that are looked at; of 256 different ones, they would show some 160.
_CODES = 256
#: A sample of noise has no more of the following: equal values, floats that end in zeros.
_SOME = 2
#: The digits after the point that are tried.
_POWERS = np.array([10.0, 100.0, 1000.0, 10000.0])
#: Floats of more than so many bits are integers whatever they are multiplied by.
_LARGE = {4: 2.0**22, 8: 2.0**51}
#: Bits at the end of a float that are zero where it is a narrow float, or an integer.
_TAIL = {4: 0x7F, 8: 0xFFFF}


@lru_cache(4)
def places(length: int) -> Array:
    """Return which elements of a block of `length` are looked at, in ascending order; all of a short one."""
    if length <= _STRETCHES * _NEIGHBOURS:
        return np.arange(length)
    # At an odd distance, so that a table in C order does not show some columns only.
    starts = np.arange(_STRETCHES) * ((length - _NEIGHBOURS) // (_STRETCHES - 1) - 1 | 1)
    found: Array = (starts[:, None] + np.arange(_NEIGHBOURS)).reshape(-1)
    return found


def samples(values: Array, length: int) -> Array:
    """Return some words of each block of `length` among `values`, which are whole blocks: a row a block."""
    taken: Array = words(values).reshape(-1, length)[:, places(length)]
    return taken


def likeness(taken: Array) -> Array:
    """Return numbers that describe rows of samples: how many different words there are, and how many equal neighbours."""
    ordered = np.sort(taken, axis=1)
    found = np.empty((len(taken), 2), np.intp)
    np.add.reduce(ordered[:, 1:] != ordered[:, :-1], axis=1, out=found[:, 0])
    np.add.reduce(taken[:, 1:] == taken[:, :-1], axis=1, out=found[:, 1])
    return found


def alike(known: Array, found: Array) -> int:
    """Return how many rows of numbers are like the known ones (an average), up to the first that is not."""
    unlike = (np.abs(found - known) > _MARGINS).any(axis=1)
    # One value everywhere is a form of its own, unless samples of few others show none now and then.
    unlike |= (found[:, 0] == 0) & (known[0] >= _RARE)
    return int(unlike.argmax()) if unlike.any() else len(unlike)


def noisy(taken: Array, dtype: np.dtype[Any]) -> int:
    """Return how many rows of samples show nothing to encode, up to the first that does: values of `dtype` of 4 or 8 bytes."""
    ordered = np.sort(taken if dtype.kind == "f" else taken.view(dtype), axis=1)
    clear = np.add.reduce(ordered[:, 1:] == ordered[:, :-1], axis=1) > _SOME
    half = taken.shape[1] // 2
    if dtype.kind == "f":
        clear |= np.add.reduce(taken & taken.dtype.type(_TAIL[dtype.itemsize]) == 0, axis=1) > _SOME
        values = np.ascontiguousarray(taken[:, ::4]).view(dtype)
        with np.errstate(all="ignore"):
            powers = _POWERS.astype(dtype)[:, None, None]
            rounded = np.rint(values * powers)
            exact = (rounded / powers == values) & (np.abs(rounded) <= _LARGE[dtype.itemsize])
        clear |= (np.add.reduce(exact, axis=2) > values.shape[1] // 2).any(axis=0)
    else:
        numbers = words(ordered)
        # Half of the values within half of the bits are a frame with exceptions; so are multiples of a number.
        near = numbers[:, half:] - numbers[:, : numbers.shape[1] - half]
        clear |= near.min(axis=1) < numbers.dtype.type(1 << 4 * dtype.itemsize)
        clear |= np.gcd.reduce(numbers[:, :: max(1, taken.shape[1] // 16)] - numbers[:, :1], axis=1) > 1
    return int(clear.argmax()) if clear.any() else len(clear)


def spread(codes: Array) -> tuple[int, int, bool]:
    """Return what a sample of unsigned codes tells.

    That is a divisor of all differences, the width of the middle four fifths, and whether they are so few different ones that one byte
    would tell them apart.
    """
    ordered = np.sort(codes[:: max(1, codes.size // _CODES - 1) | 1])
    tenth = ordered.size // 10
    divisor = int(np.gcd.reduce(ordered[:: max(1, ordered.size // 16)] - ordered[0]))
    few = ordered.size >= _CODES and 3 * int(np.count_nonzero(ordered[1:] != ordered[:-1])) < 2 * ordered.size
    return divisor, int(ordered[-1 - tenth]) - int(ordered[tenth]), few


def comparable(dtype: np.dtype[Any]) -> bool:
    """Tell whether blocks of a dtype are compared: not those of wide strings."""
    return not is_wide(dtype)

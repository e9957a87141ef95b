"""Timing in turns, and the peak of memory: what the classes and the table have in common."""

import gc
import math
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import compactarray

Work = Callable[[], object]


#: The setting that benchmarks run with: kernels are compiled before they are used.
KERNELS = "numba"


def _nothing() -> None:
    pass


def compile_first() -> None:
    """Wait for compiled kernels from now on: how long compiling takes is not what is timed.

    Warnings of floating-point errors, which NumPy and compactarray both give, are of no interest either.
    """
    compactarray.config(kernels=KERNELS)
    np.seterr(all="ignore")


def best(
    works: Sequence[Work],
    *,
    turns: int = 7,
    least: int = 2,
    number: int = 1,
    seconds: float = math.inf,
    warm: bool = True,
    prepare: Work = _nothing,
) -> list[float]:
    """Return the best seconds of each of `works`, run in turns, so that a busy machine hurts all of them.

    Parameters
    ----------
    works : sequence of callable
        What is timed.
    turns, least : int
        How many turns there are, and how many at least once `seconds` are over.
    number : int
        How often each is run in its turn; the mean counts.
    seconds : float
        No new turn begins after so long.
    warm : bool
        One turn more goes before them, for caches and kernels.
    prepare : callable
        Called before each turn, outside of what is timed.
    """
    found = [math.inf] * len(works)
    gc.collect()
    gc.disable()
    try:
        begun = time.perf_counter()
        for turn in range(-1 if warm else 0, turns):
            if turn >= least and time.perf_counter() - begun > seconds:
                break
            prepare()
            for i, work in enumerate(works):
                start = time.perf_counter()
                for _ in range(number):
                    work()
                if turn >= 0:
                    found[i] = min(found[i], (time.perf_counter() - start) / number)
    finally:
        gc.enable()
    return found


def peak(work: Work) -> tuple[int, Any]:
    """Return by how many bytes `work` raises the memory in use at most, its result included, and that result.

    Counted is what Python and NumPy allocate for arrays and objects; scratch memory inside a loop in C is not.
    """
    tracemalloc.start()
    try:
        result = work()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()

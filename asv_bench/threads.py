"""The table of threads: what two threads make of operations that take one thread some milliseconds.

Beside each operation, in the same turns, `np.exp` is run on an ndarray, whole and in two halves by two threads: what it gains tells
whether the machine has two cores to give at all. Where it does not, nothing is judged.
"""

import math
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from benchmarks.datasets import DATASETS
from benchmarks.operations import OPERATIONS, Case, Operation
from benchmarks.timing import best

import compactarray

#: Seconds that an operation takes one thread, from which on it is judged; what `np.exp` must gain for that; what is to be gained.
LEAST = 2e-3
IDLE = 1.8
GAIN = 1.6
#: Elements that `np.exp` is run on.
_EXP = 1 << 20


@dataclass(frozen=True, slots=True)
class Gain:
    """The seconds of an operation on a data set by one thread and by two, and those of `np.exp`."""

    data: str
    operation: str
    seconds: tuple[float, float]
    exp: tuple[float, float]

    @property
    def gain(self) -> float:
        """How many times as fast two threads are."""
        return self.seconds[0] / self.seconds[1]

    @property
    def possible(self) -> float:
        """The same for `np.exp` in two halves."""
        return self.exp[0] / self.exp[1]

    @property
    def verdict(self) -> str:
        """What to say of it."""
        if self.possible < IDLE:
            return "not judged"
        return "" if self.gain >= GAIN else "BELOW"


class Halves:
    """`np.exp` of an ndarray, whole or in two halves by two threads."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._values = np.linspace(0.0, 1.0, _EXP)
        self._out = np.empty(_EXP)

    def _part(self, part: slice) -> None:
        np.exp(self._values[part], out=self._out[part])

    def whole(self) -> None:
        """By this thread."""
        self._part(slice(None))

    def halves(self) -> None:
        """By two threads."""
        list(self._pool.map(self._part, (slice(_EXP // 2), slice(_EXP // 2, None))))


def _run(operation: Operation, case: Case, threads: int) -> None:
    with compactarray.config(num_threads=threads):
        operation.run(case)


def _once(operation: Operation, case: Case) -> float:
    """Return the seconds of an operation by one thread, what is loaded or compiled once left out."""
    found = math.inf
    for _ in range(2):
        operation.prepare(case)
        start = time.perf_counter()
        _run(operation, case, 1)
        found = time.perf_counter() - start
    return found


def gains(name: str, n: int, pattern: str, seconds: float, halves: Halves) -> Iterator[Gain]:
    """Yield what two threads gain on a data set, for the operations that take one thread long enough."""
    values = DATASETS[name](n)
    # One each: operations that write find what they write to as it was.
    cases = [Case("compact", values), Case("compact", values)]
    for operation in OPERATIONS:
        wanted = re.search(pattern, f"{operation.group}: {operation.name}") and operation.applies(name, values.dtype)
        if not wanted or _once(operation, cases[0]) < LEAST:
            continue
        works = [partial(_run, operation, case, threads) for case, threads in zip(cases, (1, 2), strict=True)]
        one, two, whole, half = best(
            [*works, halves.whole, halves.halves],
            seconds=seconds,
            prepare=partial(_prepare, operation, cases),
        )
        if one >= LEAST:
            yield Gain(name, operation.name, (one, two), (whole, half))


def _prepare(operation: Operation, cases: list[Case]) -> None:
    for case in cases:
        operation.prepare(case)


def _told(line: Gain) -> str:
    one, two = (seconds * 1e3 for seconds in line.seconds)
    return f"  {line.data:<14}{line.operation:<28}{one:12.2f}{two:14.2f}{line.gain:7.2f}{line.possible:7.2f}  {line.verdict}".rstrip()


def print_threads(names: list[str], n: int, pattern: str = "", seconds: float = 0.6) -> list[Gain]:
    """Print the table and return its lines; see `ratios.print_operations` for the parameters."""
    print(f"Two threads, {n:,} elements: operations that take one thread {LEAST * 1e3:g} ms or more, best of interleaved turns")
    print(f"Judged (mark {GAIN}) where np.exp in two halves gains {IDLE} in the same turns\n")
    print(f"  {'data':<14}{'operation':<28}{'1 thread ms':>12}{'2 threads ms':>14}{'gain':>7}{'exp':>7}")
    found = []
    with ThreadPoolExecutor(2) as pool:
        halves = Halves(pool)
        for name in names:
            for line in gains(name, n, pattern, seconds, halves):
                print(_told(line), flush=True)
                found.append(line)
    judged = [line for line in found if line.possible >= IDLE]
    print(f"\n{len(found)} operations, {len(judged)} judged, {sum(line.verdict == 'BELOW' for line in judged)} below {GAIN}")
    for line in sorted((line for line in judged if line.verdict), key=lambda line: line.gain):
        print(f"  {line.gain:5.2f} (np.exp {line.possible:.2f})  {line.data:<14}{line.operation}")
    return found

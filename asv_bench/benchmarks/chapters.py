"""Every operation of `benchmarks.operations` on every data set, a class for each group of them; and their peak memory."""

import sys

import numpy as np

import compactarray
from benchmarks.datasets import DATASETS, KINDS
from benchmarks.operations import GROUPS, OPERATIONS, Case, Operation, case
from benchmarks.timing import compile_first, peak

#: A quarter of what ``table.py`` takes: there are thousands of cells.
N = 1_000_000

_BY_NAME = {operation.name: operation for operation in OPERATIONS}
_DTYPES = {name: make(10).dtype for name, make in DATASETS.items()}


def names_of(group: str) -> list[str]:
    """Return the names of a group's operations."""
    return [operation.name for operation in OPERATIONS if operation.group == group]


class _Chapter:
    """The operations of one group."""

    param_names = ("kind", "data", "operation")
    case: Case
    operation: Operation

    def setup(self, kind: str, data: str, operation: str) -> None:
        self.operation = _BY_NAME[operation]
        if not self.operation.applies(data, _DTYPES[data]):
            raise NotImplementedError(f"{operation} is not for {_DTYPES[data]}")
        compile_first()
        self.case = case(kind, data, N)
        self.operation.prepare(self.case)

    def time_operation(self, kind: str, data: str, operation: str) -> None:
        self.operation.run(self.case)


class Ufuncs(_Chapter):
    params = (KINDS, list(DATASETS), names_of("ufuncs"))


class Reductions(_Chapter):
    params = (KINDS, list(DATASETS), names_of("reductions"))


class Sorting(_Chapter):
    params = (KINDS, list(DATASETS), names_of("sorting"))


class Indexing(_Chapter):
    params = (KINDS, list(DATASETS), names_of("indexing"))


class Assignment(_Chapter):
    params = (KINDS, list(DATASETS), names_of("assignment"))


class Functions(_Chapter):
    params = (KINDS, list(DATASETS), names_of("functions"))


class Products(_Chapter):
    params = (KINDS, list(DATASETS), names_of("products"))


class Memory(_Chapter):
    """Bytes in use at the peak of an operation, its result included: one operation of each kind of route."""

    params = (
        KINDS,
        ["counts", "prices", "mask", "stars 1%", "noise"],
        ["a + b", "exp(a)", "a.sum()", "s.sum(axis=0)", "sort(a)", "unique(a)", "a[mask]", "s.T.copy()", "where(mask, a, b)"],
    )

    def track_peak(self, kind: str, data: str, operation: str) -> int:
        return peak(lambda: self.operation.run(self.case))[0]

    track_peak.unit = "bytes"  # type: ignore[attr-defined]
    time_operation = None  # timed above


assert {name for cls in _Chapter.__subclasses__() for name in cls.params[2]} == set(_BY_NAME), f"a class for each of {GROUPS}"

if "asv_runner" in sys.modules:
    # asv forks its processes from one that has imported this: what is loaded and compiled here need not be in each of them.
    compile_first()
    for _make in DATASETS.values():
        np.array(compactarray.CompactArray(_make(5000)))

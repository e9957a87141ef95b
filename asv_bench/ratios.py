"""The table of operations: time as ratio to NumPy and peak memory, on every data set; and what ten elements cost.

The marks are those of the design. A cell counts as at least `FLOOR` in a geometric mean. An operation that takes NumPy less than
`QUICK` seconds is judged by the difference, and counts in no mean.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.datasets import DATASETS, KINDS
from benchmarks.operations import OPERATIONS, SMALL, Case, Operation
from benchmarks.timing import best, peak

from compactarray.config import settings

FLOOR = 0.02
QUICK = 10e-6
#: What an operation may cost more than NumPy's where NumPy is quick, in seconds.
OVERHEAD = 5e-6
#: What an operation may hold besides its result.
TILES = 32 << 20

#: The marks of geometric means, by data set; the others have none.
MEANS = {
    **dict.fromkeys(["counts", "labels", "image", "mask", "stars 1%", "outlier"], 0.25),
    **dict.fromkeys(["ids", "stamps", "sensor", "whole floats", "article 10%"], 0.6),
    "float32-born": 0.9,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One operation on one data set: seconds and peak bytes of both, and the bytes of the compact result.

    `kept` is what the data set's array holds, as ratio to its dense bytes.
    """

    data: str
    operation: str
    group: str
    kept: float
    seconds: tuple[float, float]
    peaks: tuple[int, int]
    held: int
    mark: float

    @property
    def ratio(self) -> float:
        """Time as ratio to NumPy's."""
        return self.seconds[1] / self.seconds[0]

    @property
    def quick(self) -> bool:
        """NumPy is so quick that the difference counts."""
        return self.seconds[0] < QUICK

    @property
    def slow(self) -> bool:
        """Above its mark."""
        return self.excess > 1

    @property
    def excess(self) -> float:
        """How many times its mark it takes."""
        return (self.seconds[1] - self.seconds[0]) / OVERHEAD if self.quick else self.ratio / self.mark

    @property
    def heavy(self) -> bool:
        """More memory than the result and the tiles."""
        return self.peaks[1] > self.held + TILES


def mark_of(data: str, operation: Operation, kind: str) -> float:
    """Return the highest ratio that the design allows: products of floating matrices are BLAS's, noise cannot be compacted."""
    if operation.group == "products" and kind == "f":
        return 1.15
    return 1.1 if data == "noise" else 1.0


def held_bytes(result: Any) -> int:
    """Return the bytes that a result holds, in all of its parts."""
    if isinstance(result, tuple | list):
        return sum(map(held_bytes, result))
    return int(getattr(result, "nbytes", 0))


def measured(data: str, operation: Operation, cases: Sequence[Case], seconds: float) -> Cell:
    """Return the cell of an operation on the dense and on the compact case."""
    peaks = []
    held = 0
    for case in cases:
        operation.prepare(case)
        highest, result = peak(partial(operation.run, case))
        peaks.append(highest)
        held = held_bytes(result)
        del result
    theirs, ours = best(
        [partial(operation.run, case) for case in cases],
        seconds=seconds,
        warm=False,
        prepare=lambda: [operation.prepare(case) for case in cases],
    )
    dense, compact = peaks
    mark = mark_of(data, operation, cases[0].values.dtype.kind)
    kept = cases[1].a.info.ratio
    return Cell(data, operation.name, operation.group, kept, (theirs, ours), (dense, compact), held, mark)


def mean_of(cells: Sequence[Cell]) -> float:
    """Return the geometric mean of the ratios, NaN if none counts."""
    counted = [max(cell.ratio, FLOOR) for cell in cells if not cell.quick]
    return math.exp(sum(map(math.log, counted)) / len(counted)) if counted else math.nan


def remark_on(cell: Cell) -> str:
    """Return what is wrong with a cell."""
    wrong = []
    if cell.slow:
        over = (cell.seconds[1] - cell.seconds[0]) * 1e6
        wrong.append(f"{over:.1f} µs over NumPy" if cell.quick else f"ABOVE {cell.mark:g}")
    if cell.heavy:
        wrong.append("MEMORY")
    return ", ".join(wrong)


def cell_line(cell: Cell) -> str:
    """Return the cell as a line of its data set's table."""
    times = "".join(f"{seconds * 1e3:11.3f}" for seconds in cell.seconds)
    memory = "".join(f"{number / 2**20:9.1f}" for number in cell.peaks)
    return f"  {cell.operation:<24}{times}{cell.ratio:9.3f}{memory}  {remark_on(cell)}".rstrip()


def chosen(names: str | None) -> list[str]:
    """Return the data sets that `names`, a list with commas, begins the names of; all of them for None.

    Examples
    --------
    >>> chosen("counts,stars")
    ['counts', 'stars 1%']
    """
    if not names:
        return list(DATASETS)
    found = []
    for wanted in names.split(","):
        matching = [name for name in DATASETS if name.startswith(wanted.strip())]
        if not matching:
            raise SystemExit(f"no data set is called {wanted!r}; there are {', '.join(DATASETS)}")
        found += matching
    return found


def print_operations(names: list[str], n: int, pattern: str = "", seconds: float = 0.2) -> list[Cell]:
    """Print the table and return its cells.

    Parameters
    ----------
    names : list of str
        The data sets.
    n : int
        Elements of each.
    pattern : str
        A regular expression; only operations in whose name or group it is found are timed.
    seconds : float
        After so long no further turn is made of an operation.
    """
    operations = [operation for operation in OPERATIONS if re.search(pattern, f"{operation.group}: {operation.name}")]
    print(f"Operations on {n:,} elements, num_threads={settings().num_threads}")
    print("Times are the best of several turns; memory is the peak of what is allocated during an operation, result included")
    cells: list[Cell] = []
    for name in names:
        own = list(_print_data(name, n, operations, seconds))
        if own:
            print(f"  {'geometric mean':<24}{'':22}{mean_of(own):9.3f}  {_judged(name, own)}")
        cells += own
    print_matrix(cells)
    print_worst(cells)
    print_means(cells)
    return cells


def _print_data(name: str, n: int, operations: Sequence[Operation], seconds: float) -> Iterator[Cell]:
    values = DATASETS[name](n)
    cases = [Case(kind, values) for kind in KINDS]
    info = cases[1].a.info
    shares = ", ".join(share.name for share in info.shares)
    print(f"\n{name}: {values.dtype}, {info.ratio:.4f} of the dense bytes held, {shares}")
    print(f"  {'operation':<24}{'NumPy ms':>11}{'ours ms':>11}{'ratio':>9}{'NumPy MB':>9}{'ours MB':>9}")
    for operation in operations:
        if operation.applies(name, values.dtype):
            cell = measured(name, operation, cases, seconds)
            print(cell_line(cell), flush=True)
            yield cell


def _judged(name: str, cells: Sequence[Cell]) -> str:
    """Return how a data set's mean and cells stand to their marks."""
    mark = MEANS.get(name)
    slow = sum(cell.slow for cell in cells)
    above = f"{slow} of {len(cells)} cells above their marks, {sum(cell.heavy for cell in cells)} heavy"
    if mark is None:
        return f"(no mark); {above}"
    return f"(mark {mark:g}{'' if mean_of(cells) <= mark else ', ABOVE'}); {above}"


def print_matrix(cells: Sequence[Cell], columns: int = 9) -> None:
    """Print the ratios alone, operations down and data sets across."""
    ratios = {(cell.operation, cell.data): cell for cell in cells}
    rows = list(dict.fromkeys(cell.operation for cell in cells))
    names = list(dict.fromkeys(cell.data for cell in cells))
    for first in range(0, len(names), columns):
        across = names[first : first + columns]
        print("\nRatios to NumPy; ! is above the mark, ~ needs more memory than result and tiles")
        print(f"{'':<24}" + "".join(f"{name.split()[0][:7]:>8}" for name in across))
        for row in rows:
            line = "".join(_short(ratios.get((row, name))) for name in across)
            if line.strip():
                print(f"{row:<24}{line}".rstrip())
        means = [mean_of(of_data(cells)[name]) for name in across]
        print(f"{'geometric mean':<24}" + "".join(f"{mean:7.2f} " for mean in means).rstrip())


def _short(cell: Cell | None) -> str:
    if cell is None:
        return " " * 8
    number = "quick" if cell.quick else f"{cell.ratio:.2f}" if cell.ratio < 100 else f"{cell.ratio:.0f}"
    return f"{number:>7}" + ("!" if cell.slow else "~" if cell.heavy else " ")


def print_worst(cells: Sequence[Cell]) -> None:
    """Print every cell above its mark, the worst first."""
    slow = sorted((cell for cell in cells if cell.slow), key=lambda cell: -cell.excess)
    print(f"\n{len(slow)} of {len(cells)} cells above their marks, the worst first")
    for cell in slow:
        print(f"  {cell.ratio:9.2f}  {cell.data:<14}{cell.operation:<24}{remark_on(cell)}")
    heavy = sorted((cell for cell in cells if cell.heavy), key=lambda cell: cell.held - cell.peaks[1])
    print(f"\n{len(heavy)} cells that hold more than their result and {TILES >> 20} MB, the worst first")
    for cell in heavy:
        print(f"  {cell.peaks[1] / 2**20:8.1f} MB, result {cell.held / 2**20:8.1f} MB  {cell.data:<14}{cell.operation}")


def of_data(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """Return the cells by data set, in order."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.data, []).append(cell)
    return found


def print_means(cells: Sequence[Cell]) -> None:
    """Print geometric means by data set and group, in Markdown."""
    groups = list(dict.fromkeys(cell.group for cell in cells))
    print("\nBytes held / dense, and geometric means of time / NumPy\n")
    print("| data | bytes | " + " | ".join([*groups, "all"]) + " |")
    print("|---|" + "---:|" * (len(groups) + 2))
    for name, own in of_data(cells).items():
        means = [mean_of([cell for cell in own if cell.group == group]) for group in groups]
        numbers = ["" if math.isnan(mean) else f"{mean:.2f}" for mean in [*means, mean_of(own)]]
        print(f"| {name} | {own[0].kept:.3f} | " + " | ".join(numbers) + " |")


def overheads(name: str, operation: Operation, number: int = 2000) -> list[float]:
    """Return the seconds of an operation on ten elements: NumPy's, plain, encoded."""
    values = DATASETS[name](10)
    cases = [Case(kind, values) for kind in ("numpy", "plain", "compact")]
    return best([partial(operation.run, case) for case in cases], turns=9, number=number)


def print_overheads(names: Sequence[str] = ("counts", "prices", "mask"), pattern: str = "") -> None:
    """Print what `SMALL` costs on ten elements, in microseconds over NumPy."""
    print("\nOn ten elements, microseconds: NumPy's, and what a plain and an encoded array cost over it (limit 5)")
    print(f"  {'':<24}" + "".join(f"{name:>12}{'plain':>8}{'encoded':>8}" for name in names))
    for operation in SMALL:
        if not re.search(pattern, f"{operation.group}: {operation.name}"):
            continue
        line, worst = "", 0.0
        for name in names:
            if not operation.applies(name, DATASETS[name](10).dtype):
                line += " " * 28
                continue
            theirs, *ours = (seconds * 1e6 for seconds in overheads(name, operation))
            worst = max(worst, *(own - theirs for own in ours))
            line += f"{theirs:12.2f}" + "".join(f"{own - theirs:8.2f}" for own in ours)
        print(f"  {operation.name:<24}{line}{'  ABOVE' if worst > OVERHEAD * 1e6 else ''}".rstrip(), flush=True)

"""What a whole process costs: importing, and the peak of loading a file. Each is measured in processes of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import compactarray
from benchmarks.datasets import KINDS, counts
from compactarray.kernels import KERNELS

_IMPORT = """
import time
import numpy
start = time.perf_counter()
import compactarray
print(time.perf_counter() - start)
"""

#: What the first array and the first result cost over NumPy's, as a user meets them: kernels come when they are ready.
_FIRST = """
import time
import numpy
dense = numpy.arange(4_000_000) % 200
start = time.perf_counter()
numpy.array(dense).sum()
theirs = time.perf_counter() - start
import compactarray
start = time.perf_counter()
compactarray.CompactArray(dense).sum()
print(time.perf_counter() - start - theirs)
"""

_LOAD = """
import sys
{imports}

def peak():
    # The high-water mark of this process; getrusage's would be inherited from the process that started it.
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
before = peak()
a = {load}(sys.argv[1])
print(peak() - before, a.nbytes)
"""


#: Numba itself is imported before anything is timed.
_KERNELS = """
import time
import numba
from compactarray.kernels import KERNELS
KERNELS["sum_codes"].compiled("u1")
for _, kernel in sorted(KERNELS.items()):
    start = time.perf_counter()
    for dtype in kernel.dtypes:
        kernel.compiled(dtype)
    print(time.perf_counter() - start)
"""


def run(code: str, *arguments: str, **variables: str) -> list[float]:
    """Run `code` in a fresh interpreter, with `variables` in its environment; return the numbers that it prints."""
    # Where no bytecode may be kept, compiling the source would be timed as importing it.
    # Settings in the environment would be measured instead of what is shipped.
    left_out = ("PYTHONDONTWRITEBYTECODE", "COMPACTARRAY_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    # The package of this process, wherever it is.
    environment["PYTHONPATH"] = str(Path(compactarray.__file__).parent.parent)
    environment |= variables
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True, env=environment)
    return [float(word) for word in done.stdout.split()]


def import_seconds() -> float:
    """Return how long `import compactarray` takes after `import numpy`."""
    return run(_IMPORT)[0]


def first_seconds(*, cold: bool = False) -> float:
    """Return by how much the first array and its sum take longer than NumPy's, with or without a cache of compiled kernels."""
    if not cold:
        return run(_FIRST)[0]
    with tempfile.TemporaryDirectory() as folder:
        return run(_FIRST, NUMBA_CACHE_DIR=folder)[0]


def kernel_seconds() -> dict[str, float]:
    """Return how long each kernel takes to compile for all its dtypes, in a fresh process without a cache."""
    with tempfile.TemporaryDirectory() as folder:
        found = run(_KERNELS, NUMBA_CACHE_DIR=folder)
    return dict(zip(sorted(KERNELS), found, strict=True))


def load_peak(kind: str, path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return by how many bytes loading `path` raises the peak of resident memory, and the bytes held then."""
    load = "numpy.load" if kind == "numpy" else "compactarray.load"
    peak, held = run(_LOAD.format(imports=f"import {load.split('.')[0]}", load=load), os.fspath(path))
    return int(peak), int(held)


def write_counts(path: str | os.PathLike[str], gigabytes: float) -> None:
    """Write a ``.npy`` file of int64 counts, a piece at a time."""
    piece = counts(1 << 20)
    pieces = round(gigabytes * 1e9 / piece.nbytes)
    with open(path, "wb") as file:
        header = {"descr": "<i8", "fortran_order": False, "shape": (pieces * piece.size,)}
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(pieces):
            file.write(memoryview(piece))


class Import:
    """`import compactarray`, over `import numpy`."""

    def track_import(self) -> float:
        return min(import_seconds() for _ in range(5)) * 1e3

    track_import.unit = "ms"  # type: ignore[attr-defined]


class Kernels:
    """What the compiler takes for each kernel, all dtypes of it together."""

    params = sorted(KERNELS)
    param_names = ("kernel",)
    timeout = 300

    def setup_cache(self) -> dict[str, float]:
        return kernel_seconds()

    def track_compiling(self, seconds: dict[str, float], kernel: str) -> float:
        return seconds[kernel] * 1e3

    track_compiling.unit = "ms"  # type: ignore[attr-defined]


class First:
    """The first array and the first result in a fresh process, over NumPy's."""

    def track_warm(self) -> float:
        return min(first_seconds() for _ in range(3)) * 1e3

    def track_cold(self) -> float:
        return first_seconds(cold=True) * 1e3

    track_warm.unit = "ms"  # type: ignore[attr-defined]
    track_cold.unit = "ms"  # type: ignore[attr-defined]


class Load:
    """The peak of loading a file of counts."""

    params = (KINDS,)
    param_names = ("kind",)

    def setup(self, kind: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "counts.npy"
        write_counts(self.path, 0.1)

    def teardown(self, kind: str) -> None:
        self.folder.cleanup()

    def track_peak_over_held(self, kind: str) -> int:
        peak, held = load_peak(kind, self.path)
        return peak - held

    track_peak_over_held.unit = "bytes"  # type: ignore[attr-defined]

"""Print sizes and times for several values of each threshold of the choice of encodings.

    python asv_bench/sweep.py [FOLDER_OF_NPY_AND_NPZ] [--repeat 5]

A threshold that trades bytes for speed is worth changing where one of the columns falls and the others stay. The value in force is
marked with "*". Sizes are geometric means of bytes held over dense bytes; times are sums over all arrays, each the best of some runs.
"""

import argparse
import importlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.timing import Work, compile_first
from compression import LEAST, arrays_of

import compactarray

Array = np.ndarray[Any, Any]

#: Module, name of the threshold, values to try.
THRESHOLDS: list[tuple[str, str, tuple[float, ...]]] = [
    ("runs", "_PREFERENCE", (1.0, 1.15, 1.3, 1.6, 2.0)),
    ("bitmap", "_PREFERENCE", (1.0, 1.15, 1.3, 1.6, 2.0)),
    ("dictionary", "_WIDE_SHARE", (0.5, 0.65, 0.75, 0.85, 0.95)),
    ("select", "_WORTHWHILE", (0.8, 0.9, 0.95, 0.99)),
    ("select", "_AS_EXPECTED", (1.02, 1.1, 1.3, 2.0)),
]


@contextmanager
def threshold(module: str, name: str, value: float) -> Iterator[float]:
    """Set a threshold for a while; yields what it was."""
    found = importlib.import_module(f"compactarray.encodings.{module}")
    before = getattr(found, name)
    setattr(found, name, value)
    try:
        yield before
    finally:
        setattr(found, name, before)


def shortest(work: Callable[[], object], repeat: int) -> float:
    """Return the least time of some runs, in seconds of the processor, of which others take none away."""
    found = math.inf
    for _ in range(repeat):
        start = time.thread_time()
        work()
        found = min(found, time.thread_time() - start)
    return found


def measured(arrays: Sequence[Array], repeat: int) -> tuple[float, list[float]]:
    """Return the mean size, and the milliseconds that encoding, decoding, adding and slicing take for all arrays together."""
    logs, sums = [], [0.0] * 4
    for values in arrays:
        a = compactarray.CompactArray(values)
        logs.append(math.log(max(LEAST, a.nbytes / values.nbytes)))
        flat = a.reshape(-1)
        works: list[Work] = [partial(compactarray.CompactArray, values), partial(np.array, a)]
        works.append(partial(np.add, a, a) if values.dtype.kind in "iuf" else partial(np.equal, a, a))
        works.append(partial(flat.__getitem__, np.arange(0, flat.size, 97)))
        for k, work in enumerate(works):
            sums[k] += 1e3 * shortest(work, repeat)
    return math.exp(sum(logs) / max(1, len(logs))), sums


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", nargs="?", type=Path, help="a folder of .npy and .npz files; by default the data sets of the benchmarks"
    )
    parser.add_argument("--repeat", type=int, default=5, help="runs of which the best counts")
    options = parser.parse_args()
    compile_first()
    compactarray.config(num_threads=1)
    arrays = [values for _, values in arrays_of(options.folder) if values.nbytes and values.dtype.kind != "O"]
    measured(arrays, 1)  # kernels
    print(f"{'threshold':<28}{'value':>8}{'size':>9}{'encode':>10}{'decode':>9}{'x + x':>9}{'x[idx]':>9}   (ms, {len(arrays)} arrays)")
    for module, name, values in THRESHOLDS:
        for value in values:
            with threshold(module, name, value) as before:
                size, times = measured(arrays, options.repeat)
            mark = "*" if value == before else " "
            row = "".join(f"{ms:>{width}.1f}" for ms, width in zip(times, (10, 9, 9, 9), strict=True))
            print(f"{module + '.' + name:<28}{value:>7}{mark}{size:>9.4f}{row}", flush=True)


if __name__ == "__main__":
    main()

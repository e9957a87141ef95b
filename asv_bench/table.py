"""Print the figures that the project watches, as a table: `python table.py [FOLDER_OF_NPZ] [--load GIGABYTES]`.

Times are the best of several runs in which NumPy and compactarray take turns, so that a busy machine hurts both. Ratios are to NumPy.
"""

import argparse
import gc
import importlib.util
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.datasets import DATASETS, counts, float32_born, image, mask, outlier, stars
from benchmarks.process import import_seconds, load_peak, run, write_counts

import compactarray
from compactarray.demo import article_image

Array = np.ndarray[Any, Any]
Work = Callable[[], object]

#: The first result in a fresh process, kernels compiled in the background.
_FIRST = """
import time
import numpy
dense = numpy.arange(4_000_000) % 200
import compactarray
start = time.perf_counter()
compactarray.CompactArray(dense)
print(time.perf_counter() - start)
"""


def best(works: list[Work], repeats: int = 7, number: int = 1) -> list[float]:
    """Return the best seconds of each of `works`, run in turns."""
    found = [math.inf] * len(works)
    gc.disable()
    try:
        for turn in range(repeats + 1):
            for i, work in enumerate(works):
                start = time.perf_counter()
                for _ in range(number):
                    work()
                if turn:  # the first turn warms caches and kernels
                    found[i] = min(found[i], (time.perf_counter() - start) / number)
    finally:
        gc.enable()
    return found


def sizes() -> Iterator[tuple[str, float, float]]:
    """Yield name, bytes held / dense bytes, and the limit that the design sets."""
    million = 1_000_000
    cases: list[tuple[str, Array, float]] = [
        ("a million int64 counts below 256", counts(million), 0.126),
        ("the founding article's image", article_image(), 0.126),
        ("a million float64 zeros, 1% random", stars(million), 0.0127),
        ("float32 data as float64", float32_born(million), 0.501),
        ("a bool mask", mask(million), 0.126),
        ("one 10**15 among a million counts", outlier(million), 0.127),
        ("a uint8 image / 255.0", image(million), 0.127),
    ]
    for name, values, limit in cases:
        yield name, compactarray.CompactArray(values).nbytes / values.nbytes, limit


def print_sizes(folder: Path | None) -> None:
    print("Bytes held / dense bytes" + " " * 20 + "measured   limit")
    for name, ratio, limit in sizes():
        print(f"  {name:<40}{ratio:10.4f}{limit:8.4f}  {'ok' if ratio <= limit else 'ABOVE'}")
    if folder is None:
        return
    ratios = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as arrays:
            for name in arrays.files:
                values = arrays[name]
                ratio = compactarray.CompactArray(values).nbytes / max(1, values.nbytes)
                ratios.append(ratio)
                print(f"    {path.stem + '/' + name:<38}{ratio:10.4f}  {values.dtype}")
    if ratios:
        mean = math.exp(sum(math.log(max(ratio, 1e-6)) for ratio in ratios) / len(ratios))
        print(f"  geometric mean of {len(ratios)} arrays{mean:>21.4f}")


def print_speeds(n: int) -> None:
    print(f"\nTimes / ndarray.copy(), {n:,} elements    compact  decode    copy   encodings")
    for name, make in DATASETS.items():
        values = make(n)
        a = compactarray.CompactArray(values)
        works: list[Work] = [values.copy, partial(compactarray.CompactArray, values), partial(np.array, a), a.copy]
        copy, compact, decode, ours = best(works, repeats=5)
        shares = ", ".join(f"{share.name} {share.elements / values.size:.0%}" for share in a.info.shares)
        print(f"  {name:<40}{compact / copy:8.2f}{decode / copy:8.2f}{ours / copy:8.4f}   {shares}")


def _loop(a: Any, places: list[int]) -> None:
    for place in places:
        a[place]


def _loop_set(a: Any, places: list[int], values: list[Any]) -> None:
    for place, value in zip(places, values, strict=True):
        a[place] = value


def print_small() -> None:
    print("\nOn ten elements, microseconds over NumPy" + " " * 6 + "get     set   slice    copy   (limit 5)")
    works = [lambda x: x[3], lambda x: x.__setitem__(3, x_3), lambda x: x[2:5], lambda x: x.copy()]
    for name in ("counts", "prices", "image", "noise"):
        dense = DATASETS[name](10)
        compact = compactarray.CompactArray(dense)
        x_3 = dense[3]
        pairs = [best([partial(work, dense), partial(work, compact)], repeats=9, number=5000) for work in works]
        print(f"  {name:<40}" + "".join(f"{(ours - theirs) * 1e6:8.2f}" for theirs, ours in pairs))


def parts_of(side: int, places: Array, values: Array) -> list[tuple[Callable[[Any], object], int]]:
    """Return what is done with parts of an array of side x side elements, and how often in one run."""
    listed, scalars = places.tolist(), list(values)
    start = side * side // 3
    return [
        (lambda x: np.array(x[start : start + 1000]), 200),
        (lambda x: np.array(x.reshape(side, side).T, order="C"), 1),
        (lambda x: x[places], 1),
        (lambda x: x.__setitem__(places, values), 1),
        (lambda x: _loop(x, listed), 1),
        (lambda x: _loop_set(x, listed, scalars), 1),
    ]


def print_parts(n: int) -> None:
    print("\nParts of a large array, times / NumPy   1,000   array(a.T)   100,000 at random: fancy get  set   scalar get  set")
    side = math.isqrt(n)
    places = np.random.default_rng(1).integers(0, side * side, 100_000)
    for name in ("counts", "prices", "whole floats", "image", "mask", "stars 1%", "article 10%", "float32-born", "noise"):
        dense = DATASETS[name](side * side)
        compact = compactarray.CompactArray(dense)
        row = ""
        # Each place gets the value that it has: a write that fits, and leaves the data as they are.
        for (work, number), width in zip(parts_of(side, places, dense[places]), (9, 13, 27, 6, 13, 6), strict=True):
            theirs, ours = best([partial(work, dense), partial(work, compact)], repeats=4, number=number)
            row += f"{ours / theirs:>{width}.2f}"
        print(f"  {name:<34}{row}")


def print_process(gigabytes: float) -> None:
    print("\nProcesses")
    imports = min(import_seconds() for _ in range(9)) * 1e3
    print(f"  import over import numpy: {imports:.0f} ms (limit 60)")
    first = min(run(_FIRST)[0] for _ in range(3)) * 1e3
    print(f"  first array of 4 million in a fresh process: {first:.0f} ms")
    if not gigabytes:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.npy"
        write_counts(path, gigabytes)
        start = time.perf_counter()
        peak, held = load_peak("compact", path)
        seconds = time.perf_counter() - start
    over = (peak - held) / 2**20
    print(f"  load of {gigabytes:g} GB of counts: {held / 1e6:.1f} MB held, {seconds:.1f} s in all")
    print(f"  peak resident memory above what is held: {over:.1f} MiB (limit 64)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of .npz files whose sizes are averaged")
    parser.add_argument("--load", type=float, default=1.0, metavar="GIGABYTES", help="size of the file to load; 0 for none")
    parser.add_argument("--elements", type=int, default=4_000_000, help="length of the arrays that are timed")
    parser.add_argument("--only", nargs="*", choices=["sizes", "speeds", "small", "parts", "process"], help="print only these")
    options = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "sizes": lambda: print_sizes(options.folder),
        "speeds": lambda: print_speeds(options.elements),
        "small": print_small,
        "parts": lambda: print_parts(options.elements),
        "process": lambda: print_process(options.load),
    }
    if importlib.util.find_spec("numba"):
        compactarray.config(kernels="numba")  # compiled from the first call on: compiling is not what is timed
    print(f"compactarray {compactarray.__version__}, NumPy {np.__version__}\n")
    for name in options.only or parts:
        parts[name]()


if __name__ == "__main__":
    main()

"""Print the figures that the project watches, as tables.

    python asv_bench/table.py [FOLDER_OF_NPZ] [--load GIGABYTES]       sizes, speeds, parts, ten elements, processes
    python asv_bench/table.py --only operations                        some hundred operations on all data sets
    python asv_bench/table.py --only operations --data counts,stars --ops "sort|sum" --threads 1
    python asv_bench/table.py --only threads                           what two threads gain, beside np.exp in two halves
    python asv_bench/table.py --only overhead                          what ten elements cost
    python asv_bench/table.py --only encodings                         each encoding: encode, decode, single elements
    python asv_bench/table.py --only sparse                            sparse algebra beside scipy.sparse and sparse.COO

Times are the best of several runs in which NumPy and compactarray take turns, so that a busy machine hurts both. Ratios are to NumPy.
Kernels are compiled before anything is timed.
"""

import argparse
import math
import platform
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import peers
from benchmarks.datasets import DATASETS, counts, float32_born, image, mask, outlier, stars
from benchmarks.encodings import TYPICAL, Case
from benchmarks.process import first_seconds, import_seconds, kernel_seconds, load_peak, write_counts
from benchmarks.timing import Work, best, compile_first
from plot import svg
from ratios import chosen, print_operations, print_overheads
from threads import print_threads

import compactarray
from compactarray.config import settings
from compactarray.demo import article_image
from compactarray.kernels import KERNELS

Array = np.ndarray[Any, Any]

#: What is printed unless something is asked for, and what takes minutes.
QUICK_PARTS = ["sizes", "speeds", "small", "parts", "process"]
LONG_PARTS = ["operations", "overhead", "encodings", "sparse", "threads", "kernels"]


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
        copy, compact, decode, ours = best(works, turns=5)
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
        pairs = [best([partial(work, dense), partial(work, compact)], turns=9, number=5000) for work in works]
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
            theirs, ours = best([partial(work, dense), partial(work, compact)], turns=4, number=number)
            row += f"{ours / theirs:>{width}.2f}"
        print(f"  {name:<34}{row}")


def print_encodings(n: int, names: list[str], turns: int = 9) -> None:
    """Print how fast each encoding is, copying the dense array being 1; below the mark that stands beside it is marked with "<"."""
    print(
        f"\nndarray.copy() / time, {n:,} elements   held   encode (mark)  decode (mark)   times / NumPy:  a[i]  a[i:i+1000]  a[i] = v"
    )
    for name in names:
        case = Case(name, n)
        copy, encode, decode = best(case.works(), turns=turns)
        typical = case.typical
        row = f"  {name:<34}{case.compact.nbytes / case.dense.nbytes:11.3f}"
        for speed, mark in ((copy / encode, typical.encode), (copy / decode, typical.decode)):
            row += f"{speed:9.2f} ({mark:.2f})" if mark else f"{speed:9.2f}       "
            row += "<" if speed < mark else " "
        parts = [best(works, turns=max(3, turns // 2)) for works in case.pairs().values()]
        row += " " * 15 + "".join(f"{ours / theirs:>{width}.1f}" for (theirs, ours), width in zip(parts, (8, 13, 10), strict=True))
        held = {share.name for share in case.compact.info.shares}
        print(row + ("" if typical.encoding in held else f"   held as {', '.join(sorted(held))}"), flush=True)


def print_process(gigabytes: float) -> None:
    print("\nProcesses")
    imports = min(import_seconds() for _ in range(9)) * 1e3
    print(f"  import over import numpy: {imports:.0f} ms (limit 60)")
    first = min(first_seconds() for _ in range(3)) * 1e3
    print(f"  first array of 4 million and a sum in a fresh process, over NumPy: {first:.0f} ms (limit 250)")
    print(f"  the same without a cache of kernels: {first_seconds(cold=True) * 1e3:.0f} ms (limit 2000)")
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


def print_kernels() -> None:
    print("\nKernels: specializations, and milliseconds to compile them without a cache")
    found = kernel_seconds()
    for name, seconds in sorted(found.items(), key=lambda item: -item[1]):
        print(f"  {name:<18}{len(KERNELS[name].dtypes):3}{seconds * 1e3:9.0f}")
    number = sum(len(kernel.dtypes) for kernel in KERNELS.values())
    print(f"  {len(found)} kernels, {number} specializations, {sum(found.values()):.1f} s in all")


def print_all_operations(names: list[str], n: int, pattern: str, plot: Path | None) -> None:
    cells = print_operations(names, n, pattern)
    if plot is not None:
        plot.write_text(svg(cells), encoding="utf-8")


def print_sparse(n: int) -> None:
    """Print what sparse algebra takes beside CSR and COO; libraries that are not installed are left out."""
    side = math.isqrt(n)
    held = {}
    for kind in peers.MATRICES:
        try:
            held[kind] = peers.matrices(kind, n)
        except NotImplementedError as error:
            print(f"  {error}")
    print(f"\nSparse algebra, {side} x {side}, 1% not zero: milliseconds, and ours / theirs (limits 1.5 and 0.1)")
    others = [kind for kind in held if kind != "compact"]
    print(f"  {'':<20}" + "".join(f"{kind:>12}" for kind in held) + "".join(f"{'/ ' + kind:>14}" for kind in others))
    for name, run in peers.ALGEBRA.items():
        found = dict(zip(held, best([partial(run, matrices) for matrices in held.values()]), strict=True))
        ours = found["compact"]
        row = "".join(f"{seconds * 1e3:12.3f}" for seconds in found.values())
        print(f"  {name:<20}{row}" + "".join(f"{ours / found[kind]:14.2f}" for kind in others))


def processor() -> str:
    """Return the name of the processor, and how many cores this process may use."""
    name = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        models = [line.partition(":")[2].strip() for line in described.read_text().splitlines() if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name}, {settings().num_threads} threads"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of .npz files whose sizes are averaged")
    parser.add_argument("--load", type=float, default=1.0, metavar="GIGABYTES", help="size of the file to load; 0 for none")
    parser.add_argument("--elements", type=int, default=1 << 22, help="length of the arrays that are timed")
    parser.add_argument("--only", nargs="*", choices=[*QUICK_PARTS, *LONG_PARTS], help="print only these")
    parser.add_argument("--data", metavar="NAMES", help="data sets of the operations, with commas; the beginning of a name will do")
    parser.add_argument("--ops", default="", metavar="REGEX", help="time only operations in whose name or group this is found")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot of the operations' memory against time, as SVG")
    parser.add_argument("--threads", type=int, help="threads that an operation may use; as configured by default")
    options = parser.parse_args()
    compile_first()
    if options.threads:
        compactarray.config(num_threads=options.threads)
    parts: dict[str, Callable[[], object]] = {
        "sizes": lambda: print_sizes(options.folder),
        "speeds": lambda: print_speeds(options.elements),
        "small": print_small,
        "parts": lambda: print_parts(options.elements),
        "process": lambda: print_process(options.load),
        "operations": lambda: print_all_operations(chosen(options.data), options.elements, options.ops, options.plot),
        "overhead": lambda: print_overheads(pattern=options.ops),
        "encodings": lambda: print_encodings(options.elements, [name for name in TYPICAL if re.search(options.ops, name)]),
        "sparse": lambda: print_sparse(options.elements),
        "threads": lambda: print_threads(chosen(options.data), options.elements, options.ops),
        "kernels": print_kernels,
    }
    print(f"{date.today()}: python asv_bench/table.py {shlex.join(sys.argv[1:])}")
    print(f"compactarray {compactarray.__version__}, NumPy {np.__version__}, Python {platform.python_version()}, {processor()}\n")
    for name in options.only or QUICK_PARTS:
        parts[name]()


if __name__ == "__main__":
    main()

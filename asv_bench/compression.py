"""Print what arrays take, beside compressors, as a table in Markdown.

    python asv_bench/compression.py                                      the data sets of the benchmarks
    python asv_bench/compression.py FOLDER                               every array of the .npy and .npz files of a folder
    python asv_bench/compression.py FOLDER --docs docs/encodings.md      the same, put between the two marks in a page

Ratios are bytes held over dense bytes. Compressors that are not installed are left out; what one of them cannot take counts as dense.
"""

import argparse
import importlib
import importlib.metadata
import math
import platform
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.datasets import DATASETS

import compactarray

Array = np.ndarray[Any, Any]
#: Returns the bytes that an array takes, or None where it cannot be taken.
Measure = Callable[[Array], int | None]

#: Lines of a page between which the table stands.
BEGIN, END = "<!-- compression: begin -->", "<!-- compression: end -->"

#: Elements of a data set that is made.
ELEMENTS = 1_000_000
#: The least ratio that enters a mean: a constant array takes next to nothing, in whatever form.
LEAST = 1e-4


def compact(level: str) -> Measure:
    """Return what measures the arrays of a level."""
    return lambda values: compactarray.CompactArray(values, level=level).nbytes


def blosc(codec: str, level: int, shuffle: str) -> Measure:
    """Return what measures blosc2 with one filter."""
    blosc2 = importlib.import_module("blosc2")

    def measure(values: Array) -> int | None:
        settings = {
            "codec": getattr(blosc2.Codec, codec),
            "clevel": level,
            "filters": [getattr(blosc2.Filter, shuffle)],
            "typesize": min(values.itemsize, blosc2.MAX_TYPESIZE),
        }
        return len(blosc2.compress2(values.tobytes("K"), **settings))

    return measure


def zstd() -> Measure:
    """Return what measures Zstandard at its usual level, without a filter."""
    compressor = importlib.import_module("zstandard").ZstdCompressor(level=3)
    return lambda values: len(compressor.compress(values.tobytes("K")))


def pco() -> Measure:
    """Return what measures pcodec, which takes numbers only."""
    pcodec = importlib.import_module("pcodec")

    def measure(values: Array) -> int | None:
        numbers = np.ravel(values, "K")
        if numbers.dtype.kind in "mM":
            numbers = numbers.view(np.int64)
        elif numbers.dtype.kind == "b":
            numbers = numbers.view(np.uint8)
        if numbers.dtype.kind not in "iuf" or not numbers.dtype.isnative:
            return None
        return len(pcodec.standalone.simple_compress(numbers, pcodec.ChunkConfig()))

    return measure


#: Name of a column -> what makes the measure; ImportError where its library is missing.
COLUMNS: dict[str, Callable[[], Measure]] = {
    "fast": lambda: compact("fast"),
    "small": lambda: compact("small"),
    "blosc2 zstd 5, shuffle": lambda: blosc("ZSTD", 5, "SHUFFLE"),
    "blosc2 lz4, bitshuffle": lambda: blosc("LZ4", 5, "BITSHUFFLE"),
    "zstd 3": zstd,
    "pcodec": pco,
}


def available() -> dict[str, Measure]:
    """Return the measures whose libraries are installed."""
    found = {}
    for name, make in COLUMNS.items():
        try:
            found[name] = make()
        except ImportError:
            continue
    return found


def arrays_of(folder: Path | None) -> Iterator[tuple[str, Array]]:
    """Yield name and array of all files of a folder, or of the benchmarks' data sets."""
    if folder is None:
        for name, make in DATASETS.items():
            yield name, make(ELEMENTS)
        return
    for path in sorted(folder.iterdir()):
        if path.suffix == ".npy":
            yield path.stem, np.load(path)
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                for member in arrays.files:
                    yield path.stem if len(arrays.files) == 1 else f"{path.stem}/{member}", arrays[member]


def encodings_of(values: Array) -> str:
    """Return the encodings that hold most of an array, the largest share of the elements first."""
    shares = sorted(compactarray.CompactArray(values).info.shares, key=lambda share: -share.elements)
    return ", ".join(share.name for share in shares[:2])


def table(folder: Path | None) -> list[str]:
    """Return the table as lines of Markdown, geometric means last."""
    measures = available()
    lines = [f"| array | dtype | dense bytes | encodings | {' | '.join(measures)} |", "|---|---|---:|---|" + "---:|" * len(measures)]
    logs: dict[str, list[float]] = {name: [] for name in measures}
    for name, values in arrays_of(folder):
        if not values.nbytes:
            continue
        cells = []
        for column, measure in measures.items():
            size = measure(values)
            ratio = 1.0 if size is None else size / values.nbytes
            logs[column].append(math.log(max(ratio, LEAST)))
            cells.append("-" if size is None else f"{ratio:.3f}")
        lines.append(f"| {name} | {values.dtype} | {values.nbytes:,} | {encodings_of(values)} | {' | '.join(cells)} |")
    means = [f"**{math.exp(sum(found) / max(1, len(found))):.3f}**" for found in logs.values()]
    count = len(next(iter(logs.values())))
    return [*lines, f"| **geometric mean of {count}** | | | | {' | '.join(means)} |"]


def processor() -> str:
    """Return the name of the processor."""
    described = Path("/proc/cpuinfo")
    if described.exists():
        models = [line.partition(":")[2].strip() for line in described.read_text().splitlines() if line.startswith("model name")]
        if models:
            return models[0]
    return platform.processor() or platform.machine()


def section(folder: Path | None) -> str:
    """Return the table and how it was made."""
    command = "python asv_bench/compression.py" + (" FOLDER" if folder else "")
    versions = ", ".join(f"{name} {version(name)}" for name in ("blosc2", "zstandard", "pcodec") if version(name))
    made = f"Measured on {date.today()} by `{command}` ({processor()}, NumPy {np.__version__}{', ' + versions if versions else ''})."
    return "\n".join([made, "", *table(folder)])


def version(name: str) -> str:
    """Return the version of an installed package, or an empty text."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def rewrite(page: Path, text: str) -> None:
    """Put `text` between the marks in a page.

    Raises
    ------
    ValueError
        If the page has no such marks.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of .npy and .npz files")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="the page in which the table is rewritten")
    options = parser.parse_args()
    text = section(options.folder)
    print(text)
    if options.docs is not None:
        rewrite(options.docs, text)


if __name__ == "__main__":
    main()

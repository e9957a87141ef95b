"""``python -m compactarray demo``: what real arrays take, that every answer is NumPy's, and what computing costs."""

import math
import sys
import textwrap
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any, TextIO

import numpy as np

from compactarray._version import __version__
from compactarray.array import CompactArray
from compactarray.config import config
from compactarray.interop.sparse import coo_nbytes
from compactarray.table import WIDTH, Timing, array_lines, heading, timing_lines
from compactarray.testing import assert_same

Array = np.ndarray[Any, Any]

#: The founding article's image: 1024 x 1024 pixels of uniform noise, 90% of them black. So many are not: with two coordinates of
#: eight bytes and a value each they make the article's 2,514,648 bytes in `sparse.COO`.
ARTICLE_SHAPE = (1024, 1024)
ARTICLE_PIXELS = 104_777
ARTICLE_COO_NBYTES = 2_514_648


@dataclass(frozen=True, slots=True)
class Example:
    """An array of the demonstration, and a value that its stored form has no room for."""

    title: str
    array: Array
    outlier: Any


def article_image() -> Array:
    """Return the founding article's noise: the brightest `ARTICLE_PIXELS` of uniformly random pixels, the others black.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.demo import article_image
    >>> image = article_image()
    >>> image.nbytes, int(np.count_nonzero(image))
    (8388608, 104777)
    """
    noise = np.random.default_rng(2019).random(ARTICLE_SHAPE)
    darkest = np.partition(noise.reshape(-1), -ARTICLE_PIXELS)[-ARTICLE_PIXELS]
    return np.where(noise >= darkest, noise, 0.0)


def article_examples() -> Iterator[Example]:
    """Yield the founding article's two arrays."""
    yield Example("ones, 1024 x 1024", np.ones(ARTICLE_SHAPE, np.uint64), np.uint64(2**63))
    yield Example("noise, 90% of the pixels black", article_image(), -1e300)


def real_examples() -> Iterator[Example]:
    """Yield the arrays that ship with the package, and two made of them."""
    with files("compactarray.data").joinpath("samples.npz").open("rb") as file, np.load(file) as samples:
        yield Example("temperature, two decimals, NaN", samples["temperature"], 1e-300)
        yield Example("wind direction, whole, NaN", samples["wind_direction"], -0.0)
        yield Example("precipitation, mostly 0", samples["precipitation"], np.inf)
        yield Example("hours of a year", samples["hours"], np.datetime64("NaT", "ns"))
        yield Example("earthquakes, milliseconds", samples["quake_times"], -1)
        yield Example("annual rain, world grid, mm", samples["annual_rain"], 10**15)
        yield Example("bird strikes, cost, mostly 0", samples["repair_cost"], 2**62)
        yield Example("diamonds, price", samples["diamond_price"], -(10**15))
        yield Example("diamonds, carat, two decimals", samples["diamond_carat"], np.pi)
        yield Example("diamonds, cut, five grades", samples["diamond_cut"], 1000)
        yield Example("computed tomography slice", samples["ct"], -(2**15))
        mri = samples["mri"]
        yield Example("magnetic resonance, ten slices", mri, np.nan)
        # A picture as image libraries hold it: 256 shades, scaled to [0, 1] in float64.
        yield Example("the same, a picture in [0, 1]", np.round(mri / mri.max() * 255) / 255.0, 0.123456789)
        yield Example("the same, a mask", mri > 100, True)


def _item(x: Any) -> Any:
    return x[tuple(n // 2 for n in x.shape)]


def _slices(x: Any) -> Any:
    return x[::-3].T[..., 1:]


def _fancy(x: Any) -> Any:
    rows = np.random.default_rng(0).integers(-len(x), len(x), 1000)
    return x[rows]


def _mask(x: Any) -> Any:
    # The same mask for both: it is computed from positions, not from the elements.
    return x[np.arange(x.size).reshape(x.shape) % 7 == 3]


def _comparison(x: Any) -> Any:
    return x == x[(0,) * x.ndim]


def _arithmetic(x: Any) -> Any:
    # Moments can be subtracted, not added; masks the other way round.
    return np.subtract(x, x[::-1]) if x.dtype.kind == "M" else np.add(x, x[::-1])


def _extreme(x: Any) -> Any:
    return np.max(x)


def _view(x: Any) -> Any:
    view = x.reshape(-1)[5::2][::-1]
    view[:100] = x[(0,) * x.ndim]
    return x


#: What is done with each array; each must give the same bits on an ndarray and on a CompactArray.
READS: dict[str, Callable[[Any], Any]] = {
    "every element": lambda x: x,
    "an item": _item,
    "slices, transposed": _slices,
    "an index array": _fancy,
    "a mask": _mask,
    "a comparison": _comparison,
    "a sum or difference of two arrays": _arithmetic,
    "the maximum": _extreme,
}
#: Those that compute, of these and of what is timed, where NumPy itself leaves open which of several NaNs comes out.
COMPUTED = ("a sum or difference of two arrays", "the maximum", "x + x", "x.sum()", "np.exp")

WRITES: dict[str, Callable[[Any], Any]] = {"writing through a view": _view}


def _write_outlier(x: Any, outlier: Any) -> Any:
    x[tuple(n // 3 for n in x.shape)] = outlier
    return x


def failures(example: Example) -> list[str]:
    """Return what differs from NumPy on `example`: nothing, if all is well.

    Parameters
    ----------
    example : Example
        Left as it is; writes go to copies.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.demo import Example, failures
    >>> failures(Example("counts", np.arange(2000) % 9, 10**15))
    []
    """
    checks: dict[str, Callable[[Any], Any]] = {**READS, **WRITES}
    checks["writing an outlier"] = lambda x: _write_outlier(x, example.outlier)
    dense, compact = example.array.copy(), CompactArray(example.array)
    found = []
    for name, check in checks.items():
        try:
            # A NaN that is computed may be any NaN; what is only moved or written is compared bit by bit.
            assert_same(check(compact), check(dense), any_nan=name in COMPUTED)
        except Exception as error:
            # An operation that raises is as wrong as one that differs: show it, and go on.
            found.append(f"{name}: {error or type(error).__name__}")
    return found


#: How many checks `failures` makes on an array.
CHECKS = len(READS) + len(WRITES) + 1

#: Arrays are timed flat and repeated until they have so many elements: ratios on few elements tell of calls, not of work.
TIMED = 1 << 20
#: How often an operation is timed, in turns with NumPy's.
TURNS = 5


@dataclass(frozen=True, slots=True)
class Operands:
    """What is computed with: an array, an element in the middle of its order, and which elements are above that."""

    x: Any
    median: Any
    mask: Any


_COMMON: dict[str, Callable[[Operands], Any]] = {
    "x + x": lambda o: o.x + o.x,
    "x > median": lambda o: o.x > o.median,
    "x.sum()": lambda o: o.x.sum(),
    "x[mask]": lambda o: o.x[o.mask],
}

#: What is timed, by the kind of the dtype.
COMPUTATIONS: dict[str, dict[str, Callable[[Operands], Any]]] = {
    "f": {**_COMMON, "np.exp": lambda o: np.exp(o.x), "np.sort": lambda o: np.sort(o.x)},
    "i": {**_COMMON, "np.where": lambda o: np.where(o.mask, o.x, 0), "np.unique": lambda o: np.unique(o.x)},
    "M": {
        "x - x[::-1]": lambda o: o.x - o.x[::-1],
        "x > median": lambda o: o.x > o.median,
        "x.max()": lambda o: o.x.max(),
        "x[mask]": lambda o: o.x[o.mask],
        "np.diff": lambda o: np.diff(o.x),
        "np.sort": lambda o: np.sort(o.x),
    },
    "b": {
        "~x": lambda o: ~o.x,
        "x ^ x[::-1]": lambda o: o.x ^ o.x[::-1],
        "x.sum()": lambda o: o.x.sum(),
        "x[mask]": lambda o: o.x[o.mask],
        "np.where": lambda o: np.where(o.x, 1.0, 0.0),
        "np.nonzero": lambda o: np.nonzero(o.x),
    },
}
COMPUTATIONS["u"] = COMPUTATIONS["i"]


def operands(array: Array) -> tuple[Operands, Operands]:
    """Return what is computed with, dense and compact: `array` flat, repeated to `TIMED` elements if it has fewer."""
    flat = np.resize(array, max(TIMED, array.size))
    median = np.sort(flat)[flat.size // 2]
    # Of a mask itself, what is true is above the middle.
    mask = flat if flat.dtype.kind == "b" else flat > median
    return Operands(flat, median, mask), Operands(CompactArray(flat), median, CompactArray(mask))


def computed(array: Array) -> tuple[list[Timing], list[str]]:
    """Return what computing with `array` takes, and what differs from NumPy: nothing, if all is well.

    Parameters
    ----------
    array : ndarray
        Left as it is.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.demo import computed
    >>> timings, found = computed(np.arange(2000) % 9)
    >>> [timing.name for timing in timings], found
    (['x + x', 'x > median', 'x.sum()', 'x[mask]', 'np.where', 'np.unique'], [])
    """
    dense, compact = operands(array)
    timings, found = [], []
    # What is timed must not be a compiler at work. A float64 may be too large to be an exponent.
    with config(kernels="numba"), np.errstate(over="ignore"):
        for name, computation in COMPUTATIONS[array.dtype.kind].items():
            theirs, ours = partial(computation, dense), partial(computation, compact)
            try:
                rounding = _rounding(dense.x) if name == "x.sum()" else 0.0
                assert_same(ours(), theirs(), any_nan=name in COMPUTED, error=rounding)
            except Exception as error:
                # As in `failures`.
                found.append(f"{name}: {error or type(error).__name__}")
                continue
            peaks = _peak(ours), _peak(theirs)
            timings.append(Timing(name, _ratio(ours, theirs), *peaks))
    return timings, found


def _rounding(x: Array) -> float:
    """Return by how much sums of `x` may differ that add in another order."""
    if x.dtype.kind != "f":
        return 0.0
    terms = float(np.nansum(np.abs(x)))
    return float(2 * np.finfo(x.dtype).eps * (1 + math.log2(x.size)) * terms)


def _peak(work: Callable[[], object]) -> int:
    """Return by how many bytes `work` raises the memory that Python and NumPy have allocated, its result included."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _ratio(ours: Callable[[], object], theirs: Callable[[], object]) -> float:
    """Return the time of `ours` as ratio to that of `theirs`, the best of `TURNS` turns each."""
    best = [math.inf, math.inf]
    for _ in range(TURNS):
        for i, work in enumerate((ours, theirs)):
            start = time.perf_counter()
            work()
            best[i] = min(best[i], time.perf_counter() - start)
    return best[0] / best[1]


def run_demo(stream: TextIO | None = None) -> int:
    """Print the demonstration.

    Parameters
    ----------
    stream : file object, optional
        Where to; the standard output by default.

    Returns
    -------
    int
        0, or 1 if an answer differs from NumPy's.
    """
    out = sys.stdout if stream is None else stream
    print(f"compactarray {__version__} on NumPy {np.__version__}: arrays in fewer bytes, with NumPy's answers\n", file=out)
    print(heading(), file=out)
    results = [_show(example, out) for example in article_examples()]
    _show_coo(out)
    print(file=out)
    results += [_show(example, out) for example in real_examples()]
    total, wrong = (sum(numbers) for numbers in zip((0, 0), *results, strict=True))
    print("-" * WIDTH, file=out)
    print("Bars show bytes held out of dense bytes; percentages are of the elements.", file=out)
    for paragraph in _legend():
        print(textwrap.fill(paragraph, WIDTH), file=out)
    print(f"{total - wrong} of {total} answers equal NumPy's, bit for bit.", file=out)
    return 1 if wrong else 0


def _legend() -> Iterator[str]:
    yield f"Checked on every array: {', '.join([*READS, *WRITES, 'writing an outlier'])}, and what is timed."
    yield (
        f"Timed with every array made flat and repeated to {TIMED:,} elements: the best of {TURNS} runs in turns with NumPy, on "
        "compiled kernels, as ratio to NumPy's time, so that less than 1 is faster. Peaks are of the memory that is allocated "
        "during an operation, its result included. mask is x > median; np.where chooses between x and 0, of a mask between 1.0 "
        "and 0.0. Sums of floats are rounded in another order than NumPy's, and may differ by that."
    )


def _show(example: Example, out: TextIO) -> tuple[int, int]:
    """Print one array; return how many checks there were, and how many of them failed."""
    info = CompactArray(example.array).info
    timings, different = computed(example.array)
    wrong = failures(example) + different
    total = CHECKS + len(COMPUTATIONS[example.array.dtype.kind])
    remark = f"{len(wrong)} of {total} checks FAILED" if wrong else f"{total} checks equal"
    lines = [*array_lines(example.title, info, remark), *timing_lines(timings)]
    print("\n".join(lines), file=out, flush=True)
    for line in wrong:
        print(f"    FAILED {line}", file=out)
    return total, len(wrong)


def _show_coo(out: TextIO) -> None:
    """Print what the article's image takes in coordinate form."""
    measured = coo_nbytes(article_image())
    here = "sparse is not installed" if measured is None else f"{measured:,} bytes measured here"
    print(f"    sparse.COO: {ARTICLE_COO_NBYTES:,} bytes in the founding article, {here}", file=out)

"""``python -m compactarray demo``: what real arrays take, and that every answer is NumPy's."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TextIO

import numpy as np

from compactarray._version import __version__
from compactarray.array import CompactArray
from compactarray.interop.sparse import coo_nbytes
from compactarray.table import WIDTH, array_lines, heading
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
#: Those that compute, where NumPy itself leaves open which of several NaNs comes out.
COMPUTED = ("a sum or difference of two arrays", "the maximum")

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
    wrong = sum(results)
    total = CHECKS * len(results)
    print("-" * WIDTH, file=out)
    print("Bars show bytes held out of dense bytes; percentages are of the elements.", file=out)
    checks = ", ".join([*READS, *WRITES, "writing an outlier"])
    print(textwrap.fill(f"Checked on every array: {checks}.", WIDTH), file=out)
    print(f"{total - wrong} of {total} answers equal NumPy's, bit for bit.", file=out)
    return 1 if wrong else 0


def _show(example: Example, out: TextIO) -> int:
    """Print one array; return how many checks failed."""
    info = CompactArray(example.array).info
    wrong = failures(example)
    remark = f"{len(wrong)} of {CHECKS} checks FAILED" if wrong else f"{CHECKS} checks equal"
    print("\n".join(array_lines(example.title, info, remark)), file=out, flush=True)
    for line in wrong:
        print(f"    FAILED {line}", file=out)
    return len(wrong)


def _show_coo(out: TextIO) -> None:
    """Print what the article's image takes in coordinate form."""
    measured = coo_nbytes(article_image())
    here = "sparse is not installed" if measured is None else f"{measured:,} bytes measured here"
    print(f"    sparse.COO: {ARTICLE_COO_NBYTES:,} bytes in the founding article, {here}", file=out)

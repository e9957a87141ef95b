"""Native and composed functions decode no argument whole: every read is of a few tiles."""

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray, registry
from compactarray.execution import contraction, haystack
from compactarray.functions import histograms, moments
from compactarray.storage import movement, transfer
from compactarray.storage.base import Storage
from tests.cases import CASES, SAMPLES, call
from tests.functions.test_cases import available
from tests.functions.test_completeness import path

TILE = 16
#: Batches of needles, and bands that cover strided elements, are of so many tiles.
ALLOWED = 8 * TILE
#: They hold one working copy of what they sort, and tell so.
WORKING_COPY = {
    *("np.sort", "np.argsort", "np.partition", "np.argpartition", "np.sort_complex"),
    *("np.unique", "np.unique_all", "np.unique_counts", "np.unique_inverse", "np.unique_values"),
    *("np.intersect1d", "np.setxor1d", "np.union1d", "np.setdiff1d", "np.isin", "np.lexsort"),
    *("np.median", "np.quantile", "np.percentile", "np.nanmedian", "np.nanquantile", "np.nanpercentile"),
}
#: Calls that a route leaves to the dense one, as it says: an axis of unique, an error of NumPy's; and bins, which are few.
DENSE_CALLS = [
    "np.unique(",
    "np.trim_zeros(o",
    "np.isin(x, n, kind",
    "np.block([[v], x])",
    "np.block([])",
    "np.vdot(v, m)",
    "np.array_str",
    "np.histogram(c)",
    "np.histogram(d)",
    "np.histogram(v, s)",
    "np.histogram(x, 'scott')",
    "np.histogram_bin_edges(v, 'doane')",
    "np.pad(v, 2, 'mean')",
    "np.pad(x, 2, 'reflect', reflect_type='odd')",
    "np.pad(m, {",
    "np.interp(v, p, x, period",
    "np.interp(v, p, x)",
    "np.piecewise(v, [False, b]",
    "np.polyval(f, 3)",
    "np.polynomial.polynomial.polyval2d(x, x, t",
    "np.polynomial.polynomial.polygrid2d(x, x[:3], t",
    "np.logspace(0, 1, 5, base=q",
    "np.busday_count(d, d, out",
    "np.is_busday(d, out",
    "np.datetime_as_string(d, 'auto')",
    "np.histogramdd((x, v), (s, 3))",
    "np.linalg.norm(t, 2, axis=(1, 2))",
    "np.linalg.norm(f, 'nuc')",
    "np.linalg.matrix_norm(t, ord=2)",
    "np.linalg.matrix_power(f[:9, :9], -1)",
]

BOUNDED = {path(entry.function) for entry in registry.entries() if entry.route in ("native", "composed")} - WORKING_COPY


def bounded(case):
    sorts = "np.sort(" in case.text or "np.argsort(" in case.text
    return case.function in BOUNDED and available(case) and not sorts and not case.text.startswith(tuple(DENSE_CALLS))


def classes(cls=Storage):
    for child in cls.__subclasses__():
        yield child
        yield from classes(child)


@pytest.fixture
def reads(monkeypatch):
    """Record how many elements each read of a storage gives."""
    counts = []

    def recorded(original, count_of):
        def method(self, *args):
            counts.append(count_of(*args))
            return original(self, *args)

        return method

    # Bands and panels have sizes of their own, of a few MB; here they are as small as tiles are.
    monkeypatch.setattr(transfer, "_BAND", ALLOWED)
    monkeypatch.setattr(movement, "_WHOLE", ALLOWED)
    monkeypatch.setattr(contraction, "_PANEL", ALLOWED // TILE)
    monkeypatch.setattr(haystack, "SMALL", ALLOWED)
    monkeypatch.setattr(histograms, "_BLOCK", ALLOWED)
    monkeypatch.setattr(moments, "_PANEL", ALLOWED // 2)
    for cls in classes():
        if "read" in vars(cls):
            monkeypatch.setattr(cls, "read", recorded(cls.read, lambda start, count, step, out: count))
        if "fresh" in vars(cls):
            monkeypatch.setattr(cls, "fresh", recorded(cls.fresh, lambda start, count: count))
        if "gather" in vars(cls):
            monkeypatch.setattr(cls, "gather", recorded(cls.gather, lambda addresses, out: addresses.size))
    return counts


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [c for c in CASES if bounded(c)], ids=lambda c: c.text)
def test_reads_are_of_tiles(case, reads):
    with compactarray.config(block_length=TILE, tile_length=TILE, plain_below=0, num_threads=1, on_dense="error"):
        arrays = [CompactArray(SAMPLES[name].copy("K")) for name in case.names]
        reads.clear()
        with np.errstate(all="ignore"):
            try:
                call(case, *arrays)
            except compactarray.DenseWarning:
                raise
            except Exception:
                # The errors are NumPy's, and test_cases compares them; an argument is not decoded for them either.
                pass
    assert max(reads, default=0) <= ALLOWED


def test_the_recorder_sees_a_decode(reads):
    with compactarray.config(block_length=TILE, tile_length=TILE, plain_below=0):
        np.asarray(CompactArray(SAMPLES["v"]))
    assert max(reads) > ALLOWED

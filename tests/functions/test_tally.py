"""Sorting, selecting, sets and histograms on every kind of data: by counting, on codes, and where neither serves."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.execution.ordered import UnservedError, by_tally
from compactarray.execution.tally import gapless, tally_of
from compactarray.functions import histograms, quantiles
from compactarray.testing import assert_same, check
from tests.strategies import ENCODED, KINDS, LAYOUTS, make, shaped

LENGTH = 120
#: What has no order of ties: these answers are NumPy's to the bit.
EXACT = {
    "sort stable": lambda a: np.sort(a, kind="stable"),
    "argsort stable": lambda a: np.argsort(a, stable=True),
    "unique with places": lambda a: np.unique(a, True, True, True),
    "unique with inverse": lambda a: np.unique(a, return_inverse=True)[1],
    "isin": lambda a: np.isin(a, a[3:60:4]),
    "isin inverted": lambda a: np.isin(a, a[:2], invert=True),
    "searchsorted": lambda a: np.searchsorted(np.sort(a[:70]), a),
    "searchsorted right": lambda a: np.searchsorted(np.sort(a), a, side="right"),
    "searchsorted few": lambda a: np.searchsorted(np.sort(a), a[:5]),
    "searchsorted one": lambda a: np.sort(a).searchsorted(a[7], "right"),
    "digitize": lambda a: np.digitize(a, np.sort(a[a == a][:30])),
    "lexsort": lambda a: np.lexsort((a[::-1], a)),
}
#: Values only: one zero, one NaN, is as good as another.
VALUES = {
    "sort": np.sort,
    "sort quick": lambda a: np.sort(a, kind="quicksort"),
    "partition": lambda a: np.partition(a, [9, -40])[[9, -40]],
    "unique": np.unique,
    "unique with counts": lambda a: np.unique(a, return_counts=True),
    "unique apart": lambda a: np.unique(a, equal_nan=False),
    "unique values": lambda a: np.sort(np.unique_values(a)),
    "unique counts": lambda a: np.sort(np.unique_counts(a).counts),
    "median": np.median,
    "nanmedian": np.nanmedian,
    "quantile": lambda a: np.quantile(a, [0.1, 0.5, 1.0]),
    "percentile": lambda a: np.percentile(a, 30, keepdims=True),
    "nanquantile": lambda a: np.nanquantile(a, 0.35),
    "nanpercentile": lambda a: np.nanpercentile(a, [[20, 70], [0, 100]]),
    "histogram": np.histogram,
    "histogram in a range": lambda a: np.histogram(a, 7, (-5, 60)),
    "histogram edges": lambda a: np.histogram(a, [-3, 0, 1.5, 9, 90], density=True),
    "histogram with weights": lambda a: np.histogram(a, 5, (0, 50), weights=np.arange(a.size) / 7),
    "histogram edges with weights": lambda a: np.histogram(a, [0, 5, 6, 7, 30], weights=np.arange(a.size) / 7),
    "intersect1d": lambda a: np.intersect1d(a, a[:50]),
    "union1d": lambda a: np.union1d(a[20:], a[:50]),
    "setdiff1d": lambda a: np.setdiff1d(a, a[:50]),
    "setxor1d": lambda a: np.setxor1d(a[30:], a[:50]),
}
FREE = {"any_nan": True, "any_zero": True}


@pytest.fixture(params=["blocks", "one block"])
def encoded(request):
    """Encode arrays of a few hundred elements, in many blocks and in one; nothing is so small that NumPy does it."""
    length = 8 if request.param == "blocks" else 65_536
    with compactarray.config(block_length=length, tile_length=length // 2, plain_below=0):
        yield request.param


def compare(values):
    for function in EXACT.values():
        check(function, values, any_nan=True)
    for function in VALUES.values():
        # Whether a signalling NaN is met, and warned about, hangs on the order of ties.
        check(function, values, **FREE, warnings=values.dtype.kind in "SU" or not np.isnan(values).any())


@pytest.mark.parametrize("dtype", ENCODED)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_as_numpy(kind, dtype, miniature):
    compare(make(kind, dtype, LENGTH))


@pytest.mark.parametrize("dtype", ["u2", "f8", "m8[ns]"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore")
def test_as_numpy_in_one_block(kind, dtype):
    with compactarray.config(block_length=65_536, tile_length=65_536, plain_below=0):
        compare(make(kind, dtype, LENGTH))


@pytest.mark.parametrize("dtype", ["i4", "f8", "u1", "M8[D]"])
@pytest.mark.parametrize("kind", KINDS)
def test_orders_of_ties_are_free(kind, dtype, encoded):
    values = make(kind, dtype, LENGTH)
    a = CompactArray(values)
    ordered = np.sort(values)
    assert_same(values[np.asarray(np.argsort(a))], ordered, dense=True, **FREE)
    for kth in (0, 17, LENGTH - 1, [3, -9, 40]):
        for found in (np.asarray(np.partition(a, kth)), values[np.asarray(np.argpartition(a, kth))]):
            assert_partitioned(found, kth, ordered)


def assert_partitioned(found, kth, ordered):
    assert_same(np.sort(found), ordered, dense=True, **FREE)
    for place in np.atleast_1d(kth) % ordered.size:
        assert_same(np.sort(found[:place]), ordered[:place], dense=True, **FREE)
        assert_same(found[place], ordered[place], dense=True, **FREE)


SHAPED = {
    "sort": lambda a: np.sort(a),
    "sort first axis": lambda a: np.sort(a, axis=0),
    "sort all": lambda a: np.sort(a, None),
    "argsort": lambda a: np.argsort(a, 1, stable=True),
    "argsort first axis": lambda a: np.argsort(a, axis=0, stable=True),
    "argsort all": lambda a: np.argsort(a, None, stable=True),
    "median": lambda a: np.median(a, 0),
    "median of lines": lambda a: np.median(a, 1, keepdims=True),
    "median of all": lambda a: np.median(a, (0, 1), keepdims=True),
    "quantile": lambda a: np.quantile(a, [0.2, 0.9], axis=1),
    "percentile": lambda a: np.percentile(a, 15, axis=0, method="higher"),
    "nanmedian": lambda a: np.nanmedian(a, 1),
    "nanquantile": lambda a: np.nanquantile(a, 0.4, 0),
    "nanpercentile": lambda a: np.nanpercentile(a, [3, 5], -1, keepdims=True),
    "unique": lambda a: np.unique(a, True, True, True),
    "isin": lambda a: np.isin(a, a[0]),
    "searchsorted": lambda a: np.searchsorted(np.sort(a, None), a),
    "histogram": lambda a: np.histogram(a, 6, (0, 50)),
    "partition": lambda a: np.partition(a, 2)[:, 2],
    "partition of columns": lambda a: np.partition(a, 3, 0)[3],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [("narrow", "i4"), ("few values", "f8"), ("outliers", "M8[D]"), ("noise", "f8"), ("two values", "?"), ("sparse", "f4")],
)
@pytest.mark.filterwarnings("ignore")
def test_shapes_and_layouts(layout, kind, dtype, encoded):
    values = shaped(kind, dtype, (24, 30), "F" if kind == "narrow" else "C")
    for name, function in SHAPED.items():
        view = LAYOUTS[layout]
        if view(values).ndim == 2:
            free = {"any_nan": True} if "argsort" in name or "inverse" in name else FREE
            check(lambda a, function=function, view=view: function(view(a)), values, **free)


def spans(*kinds, dtype="f8"):
    return np.concatenate([make(kind, dtype, 100, seed) for seed, kind in enumerate(kinds)])


MIXTURES = {
    "dictionaries": spans("few values", "few values", "few values"),
    "frames": spans("narrow", "strided", "ramp", dtype="i8"),
    "wide frames": np.concatenate([np.arange(100) * 70_000 + 7, 10**12 + np.arange(100), np.arange(100)[::-1]]),
    "everything": spans("narrow", "sparse", "two values", "constant", "noise", "outliers", "few values"),
    "mostly noise": spans("noise", "noise", "constant"),
    "moments": spans("narrow", "ramp", "few values", "extremes", dtype="M8[s]"),
    "zeros": np.array([0.0, -0.0, 1.0, -0.0, 0.0, np.nan, -np.nan, 2.0] * 40),
    "infinities": np.array([np.inf, -np.inf, 1.0, 5.0, np.inf] * 50),
}


@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("start", [0, 5])
@pytest.mark.filterwarnings("ignore")
def test_views_of_several_spans(name, start, miniature):
    values = MIXTURES[name]
    for function in EXACT.values():
        check(lambda a, function=function: function(a[start:]), values, any_nan=True)
    for function in VALUES.values():
        check(
            lambda a, function=function: function(a[start:-3]),
            values,
            **FREE,
            warnings=values.dtype.kind in "SU" or not np.isnan(values).any(),
        )


@pytest.mark.filterwarnings("ignore")
def test_values_written_in_place(encoded):
    """Changed blocks belong to their array alone: what is shared with a result is not written to."""
    values = make("narrow", "i8", 300)
    a = CompactArray(values)
    for place, value in ((3, 4), (5, 10**12), (100, -1)):
        a[place] = values[place] = value
    for function in EXACT.values():
        assert_same(function(a), function(values))
    inverse, ordered = np.unique(a, return_inverse=True)[1], np.sort(a)
    expected = np.unique(values, return_inverse=True)[1], np.sort(values)
    a[:] = 7
    assert_same((inverse, ordered), expected)
    ordered[:] = 8
    assert_same(a, np.full(300, 7))


def sparse_samples():
    rng = np.random.default_rng(4)
    even = np.where(rng.random((20, 30)) < 0.1, rng.random((20, 30)) - 0.3, 0.0)
    uneven = np.zeros((40, 30))
    uneven[3] = rng.random(30)
    zeros = even.copy()
    zeros[::3, ::7] = -0.0
    missing = even.copy()
    missing[2:4, 5:9] = np.nan
    filled = np.full((20, 30), 7.5)
    filled[4, :12] = rng.random(12) * 20
    return {"even": even, "uneven": uneven, "zeros": zeros, "missing": missing, "filled": filled, "fill": np.full((20, 30), 2.5)}


@pytest.mark.parametrize("name", sparse_samples())
@pytest.mark.filterwarnings("ignore")
def test_sparse_lines(name, encoded):
    values = sparse_samples()[name]
    for axis in (0, 1):
        for view in (lambda a: a, lambda a: a.T, lambda a: a[::-1, ::-1]):
            check(lambda a, axis=axis, view=view: np.sort(view(a), axis, kind="stable"), values)
            check(lambda a, axis=axis, view=view: np.sort(view(a), axis), values, **FREE)
            check(lambda a, axis=axis, view=view: np.median(view(a), axis), values, **FREE)
            check(lambda a, axis=axis, view=view: np.quantile(view(a), [0.03, 0.5, 0.99], axis), values, **FREE)


@pytest.mark.parametrize("kind", ["narrow", "sparse", "noise", "outliers"])
@pytest.mark.filterwarnings("ignore")
def test_long_lines_are_taken_one_by_one(kind, encoded, monkeypatch):
    monkeypatch.setattr(quantiles, "_LONG", 20)
    for axis in (0, 1, (0, 2)):
        check(lambda a, axis=axis: np.median(a, axis), shaped(kind, "f8", (6, 25, 4)), **FREE)
        check(lambda a, axis=axis: np.nanpercentile(a, [20, 80], axis), shaped(kind, "f8", (6, 25, 4)), **FREE)


def test_ordered_arrays_are_for_quantiles_only():
    """What the memory behind them holds means nothing."""
    a = by_tally(tally_of(gapless(CompactArray(np.arange(300) % 7)._view)))
    assert np.median(a) == 3
    for function in (np.sum, np.sort, np.abs, np.unique, lambda a: a + 1):
        with pytest.raises(UnservedError):
            function(a)


METHODS = [
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "linear"),
    *("median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["narrow", "outliers", "noise"])
def test_methods_of_quantiles(method, kind, miniature):
    for dtype in ("i2", "f4", "f8"):
        values = make(kind, dtype, 299)
        for q in (0.5, [0, 0.123, 0.5, 0.77, 1], np.linspace(0, 1, 40), np.float32(0.3)):
            with np.errstate(all="ignore"):
                check(lambda a, q=q: np.quantile(a, q, method=method), values, **FREE)
                check(lambda a, q=q: np.nanquantile(a.reshape(13, 23), q, 1, method=method), values, **FREE)


OUTS = {
    "median": lambda a, out: np.median(a, out=out[0, ...]),
    "median with axes": lambda a, out: np.median(a.reshape(10, 30), 1, out[:10]),
    "quantile": lambda a, out: np.quantile(a, [0.1, 0.3], out=out[:2]),
    "kept axes": lambda a, out: np.percentile(a, 5, out=out[:1], keepdims=True),
    "kept, wrong shape": lambda a, out: np.percentile(a, 5, out=out[:2], keepdims=True),
    "wrong shape": lambda a, out: np.quantile(a, 0.1, out=out[:2]),
    "nanmedian": lambda a, out: np.nanmedian(a, None, out[0, ...]),
    "wrong dtype": lambda a, out: np.median(a, out=out[0, ...].view("i8")),
}


@pytest.mark.parametrize("name", OUTS)
@pytest.mark.filterwarnings("ignore")
def test_targets(name, encoded):
    check(OUTS[name], make("narrow", "f8", 300), np.zeros(300), mutation=True)


@pytest.mark.parametrize("rule", ["auto", "fd", "rice", "sqrt", "sturges", "scott", "doane", "stone", "other"])
@pytest.mark.parametrize("kind", ["narrow", "constant", "outliers", "noise", "float32-born"])
@pytest.mark.filterwarnings("ignore")
def test_rules_for_bins(rule, kind, miniature):
    for dtype in ("i4", "f8"):
        values = make(kind, dtype, 400)
        values = values[np.abs(values.astype("f8")) < 1e6] if dtype == "f8" else values % 1000
        for limits in (None, (2, 60), (1e7, 2e7), (5, 5)):
            check(lambda a, limits=limits: np.histogram_bin_edges(a, rule, limits), values)
            check(lambda a, limits=limits: np.histogram(a, rule, limits), values)


COUNTED = {
    "counts": lambda a: np.bincount(a),
    "minlength": lambda a: np.bincount(a, minlength=500),
    "weights": lambda a: np.bincount(a, np.arange(a.size) / 7),
    "weights and minlength": lambda a: np.bincount(a, np.arange(a.size) % 9, 500),
    "wrong weights": lambda a: np.bincount(a, [1.0, 2.0]),
    "complex weights": lambda a: np.bincount(a, np.ones(a.size) * 1j),
    "negative minlength": lambda a: np.bincount(a, minlength=-1),
    "negative": lambda a: np.bincount(a - a.dtype.type(20)),
    "two axes": lambda a: np.bincount(a.reshape(2, -1)),
    "none": lambda a: np.bincount(a[:0], minlength=3),
    "backwards": lambda a: np.bincount(a[::-2]),
}


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("dtype", ["i8", "u1", "i4", "u8", "?", "f8"])
@pytest.mark.filterwarnings("ignore")
def test_bincount(name, dtype, encoded):
    for values in (np.arange(300) % 90, np.arange(300)[::-1] * 37, np.where(np.arange(300) == 5, 9_000, np.arange(300) % 7)):
        check(COUNTED[name], values.astype(dtype))


def test_weights_are_added_one_after_the_other(encoded):
    rng = np.random.default_rng(3)
    weights = rng.standard_normal(500) * 10.0 ** rng.integers(-8, 8, 500)
    for places in (rng.integers(0, 5, 500), 1_000 + rng.integers(0, 5, 500), rng.integers(0, 70_000, 500)):
        check(np.bincount, places, weights)


def test_large_arrays_are_counted_in_compiled_code(shipped):
    """Long enough that kernels are asked for, with all ways to sort, as shipped."""
    rng = np.random.default_rng(1)
    n = 300_000
    samples = [
        rng.integers(0, 200, n),
        rng.integers(0, 9_900, n) / 100,
        10**12 + rng.permutation(n),
        rng.random(n),
        rng.random(n) < 0.3,
        np.where(rng.random(n) < 0.01, rng.random(n), 0.0),
        rng.standard_normal(n).astype("f4").astype("f8"),
        np.arange(n),
        np.repeat(rng.permutation(n // 500) * 1_000_003, 500),
    ]
    functions = [*EXACT.values(), VALUES["sort"], VALUES["unique"], VALUES["unique with counts"], np.median]
    with compactarray.config(kernels="numba"):
        for values in samples:
            a = CompactArray(values)
            for function in functions:
                assert_same(function(a), function(values))


def test_a_tally_tells_values_apart_by_their_bits(encoded):
    values = np.array([0.0, -0.0, np.nan, -np.nan, 3.0, 0.0] * 30)
    flat = gapless(CompactArray(values)._view)
    tally = tally_of(flat)
    assert tally.values.tobytes() == np.array([-0.0, 0.0, 3.0, np.nan, -np.nan]).tobytes()
    assert tally.counts.tolist() == [30, 60, 30, 30, 30]


def test_noise_has_no_tally(encoded):
    assert tally_of(gapless(CompactArray(np.random.default_rng(0).random(300))._view)) is None


def test_views_with_gaps_have_no_order_of_addresses(encoded):
    a = CompactArray(np.arange(300))
    assert gapless(a[::2]._view) is None
    assert gapless(np.broadcast_to(a[:1], 300)._view) is None
    assert gapless(a.reshape(20, 15).T[::-1]._view).offset == 0


@pytest.mark.parametrize("many", [0, 1 << 18])
@pytest.mark.parametrize("often", [1, 255, 256, 600, 70_000])
def test_very_many_counts_in_few_bytes(monkeypatch, many, often):
    monkeypatch.setattr(histograms, "_MANY_COUNTS", many)
    places = np.random.default_rng(0).permutation(np.concatenate([np.full(often, 7), np.arange(3000), np.arange(0, 3000, 2)]))
    for values in (places, places.astype("u2"), np.sort(places)):
        assert_same(np.bincount(CompactArray(values)), np.bincount(values))
        assert_same(np.bincount(CompactArray(values), minlength=90_000), np.bincount(values, minlength=90_000))


def test_orders_by_several_keys():
    rng, n = np.random.default_rng(1), 700
    noise, digits = rng.standard_normal(n), rng.integers(0, 3, n)
    keys = [
        digits,
        rng.integers(0, 200, n),
        noise,
        noise.round(),
        noise > 0,
        digits * 0,
        digits * 10**9,
        np.sort(noise),
        np.where(digits, noise, np.nan),
    ]
    for chosen in itertools.product(keys, repeat=3):
        assert_same(np.lexsort(tuple(map(CompactArray, chosen))), np.lexsort(chosen))

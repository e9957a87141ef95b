"""Sums of evenly spaced values from integers, and products of codes with a few exceptions."""

from fractions import Fraction
from math import log2
from typing import Any

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.encodings.dictionary import Dictionary
from compactarray.execution import contraction, deviations, vector_products
from compactarray.execution.even import evened
from compactarray.storage.beside import bare
from compactarray.testing import assert_same

Array = np.ndarray[Any, Any]
RNG = np.random.default_rng(8)
SIZE = 20_000
EVEN = {
    "shades": RNG.integers(0, 256, SIZE) / 255.0,
    "few shades": RNG.choice([0, 3, 4, 90, 255], SIZE) / 255.0,
    "signed": RNG.integers(-128, 128, SIZE) / 127.0,
    "volts": RNG.integers(0, 4096, SIZE) * (3.3 / 4096),
    "cents": RNG.integers(100, 900, SIZE) / 100,
    "far": 1e6 + RNG.integers(0, 200, SIZE) / 10,
}
UNEVEN = {
    "roots": np.sqrt(RNG.integers(0, 200, SIZE)),
    "missing": np.where(RNG.random(SIZE) < 0.1, np.nan, EVEN["shades"]),
    "infinite": np.where(RNG.random(SIZE) < 0.1, np.inf, EVEN["shades"]),
    "both zeros": np.where(RNG.random(SIZE) < 0.1, -0.0, EVEN["shades"]),
    "tiny": RNG.integers(0, 256, SIZE) * 5e-324,
    "one value in two": np.where(RNG.random(SIZE) < 0.5, 0.1, 0.25),
}


def _near(found: Any, terms: Array) -> None:
    """Check a sum against the exact one, within what floating reductions may differ."""
    exact = sum(map(Fraction, terms.tolist()), Fraction(0))
    allowed = 2 * np.finfo(float).eps * (1 + log2(terms.size)) * float(np.abs(terms).sum())
    assert abs(float(Fraction(float(found)) - exact)) <= allowed


def _table(values: Array) -> Dictionary:
    table, codes = np.unique(values, return_inverse=True)
    return Dictionary(codes.astype(np.uint8 if table.size <= 256 else np.uint16), table)


@pytest.mark.parametrize("values", EVEN.values(), ids=EVEN)
def test_values_are_multiples(values: Array) -> None:
    found = evened(_table(values))
    assert found is not None
    multiples = found.lane.decoded(0, values.size)
    assert (multiples == np.rint(multiples)).all()
    np.testing.assert_array_max_ulp(multiples * found.step, values, 2)


@pytest.mark.parametrize("name", ["roots", "tiny"])
def test_what_is_not_even(name: str) -> None:
    assert evened(_table(UNEVEN[name])) is None


@pytest.mark.parametrize("values", [*EVEN.values(), *UNEVEN.values()], ids=[*EVEN, *UNEVEN])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_sums(values: Array) -> None:
    a, s = CompactArray(values), values.reshape(100, 200)
    b = np.abs(values[::-1]) + 1
    if not np.isfinite(values).all():
        for axis in (None, 0, 1):
            assert_same(CompactArray(s).sum(axis=axis), s.sum(axis=axis))
        return
    _near(a.sum(), values)
    for found, terms in zip(CompactArray(s).sum(axis=0), s.T, strict=True):
        _near(found, terms)
    for found, terms in zip(CompactArray(s).sum(axis=1), s, strict=True):
        _near(found, terms)
    exact = sum((Fraction(x) * Fraction(y) for x, y in zip(values.tolist(), b.tolist(), strict=True)), Fraction(0))
    found = Fraction(float(np.dot(a, CompactArray(b)))) - exact
    assert abs(found) <= 2 * np.finfo(float).eps * (1 + log2(values.size)) * float(np.abs(values * b).sum())
    np.testing.assert_allclose(np.asarray(CompactArray(s).var(axis=0)), s.var(axis=0), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(CompactArray(s).var(axis=1)), s.var(axis=1), rtol=1e-12)


def _with(values: Array, places: Any, others: Any) -> Array:
    values = values.copy()
    values[places] = others
    return values


COUNTS = RNG.integers(0, 256, 300_000)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (_with(COUNTS, 7, 10**15), COUNTS[::-1].copy()),
        (_with(COUNTS, [7, 299_999], -(10**17)), _with(COUNTS, [7, 9], 10**18)),
        (_with(COUNTS, 0, 2**62).astype(np.uint64), COUNTS.astype(np.uint64)),
        (_with(COUNTS - 9, 70_000, 10**9).astype(np.int32), COUNTS.astype(np.int16)),
    ],
)
def test_products_of_integers_with_exceptions(left: Array, right: Array) -> None:
    assert_same(np.dot(CompactArray(left), CompactArray(right)), np.dot(left, right))


@pytest.mark.parametrize("other", [0.5, np.nan, np.inf, -1e300])
def test_products_of_floats_with_exceptions(other: float) -> None:
    left, right = _with(COUNTS.astype(float), [5, 80_000], other), COUNTS[::-1].astype(float)
    found, wanted = np.dot(CompactArray(left), CompactArray(right)), np.dot(left, right)
    np.testing.assert_allclose(found, wanted, rtol=1e-13)
    assert found.dtype == wanted.dtype


VECTOR = RNG.standard_normal(200)
MATRICES = {
    **EVEN,
    **UNEVEN,
    "counts": RNG.integers(0, 256, SIZE),
    "negative": RNG.integers(-100, 100, SIZE),
    "ids": 4_000_000_000_000 + RNG.permutation(SIZE),
    "outlier": _with(RNG.integers(0, 256, SIZE), 7_000, 10**15),
    "whole": _with(RNG.integers(0, 3_000, SIZE).astype(float), 3, np.nan),
    "runs": np.repeat(RNG.permutation(SIZE // 50) * 1_000_003, 50),
    "steps of sixty": RNG.integers(0, 200, SIZE) * 60,
    "small": RNG.integers(0, 256, SIZE).astype(np.uint8),
    "float32": RNG.integers(0, 256, SIZE).astype(np.float32),
}


@pytest.mark.parametrize("values", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize("block", [np.s_[:], np.s_[10:90], np.s_[:, 20:90]])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_products_with_vectors(values: Array, block: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contraction, "_panel", lambda: 1_000)
    monkeypatch.setattr(vector_products, "_AT_ONCE", 3_000)
    matrix = values.reshape(100, 200)[block]
    vector = VECTOR[: matrix.shape[1]]
    found, wanted = CompactArray(values).reshape(100, 200)[block] @ CompactArray(vector), matrix @ vector
    assert found.dtype == wanted.dtype and found.shape == wanted.shape
    terms = np.abs(matrix.astype(float) * vector).sum(axis=1)
    found = np.asarray(found)
    with np.errstate(all="ignore"):
        close = np.abs(found - wanted) <= 2 * (2 * np.finfo(float).eps * (1 + log2(vector.size)) * terms + 1e-300)
    assert (close | (found == wanted) | ((found != found) & (wanted != wanted))).all()


@pytest.mark.parametrize("other", [np.nan, np.inf, 1e300, 1e-300, 0.0])
def test_products_with_unlikely_vectors(other: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contraction, "_panel", lambda: 1_000)
    values, vector = EVEN["shades"].reshape(100, 200), np.full(200, other)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(np.asarray(CompactArray(values) @ vector), values @ vector, rtol=1e-13)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("others", [10**15, -(10**9), 256])
def test_variances_of_integers_with_exceptions(axis: int, others: int) -> None:
    values = _with(COUNTS, [5, 9_000, 123_456, 299_999], others).reshape(500, 600)
    found = CompactArray(values).var(axis=axis)
    np.testing.assert_allclose(np.asarray(found), values.var(axis=axis), rtol=1e-13)
    np.testing.assert_allclose(np.asarray(CompactArray(values).std(axis=axis, ddof=1)), values.std(axis=axis, ddof=1), rtol=1e-13)


def test_products_of_steps_that_multiply_to_one(monkeypatch: pytest.MonkeyPatch, shipped: None) -> None:
    """Eighths times eights are integers, but what was written over neither is, nor what it hides."""
    monkeypatch.setattr(contraction, "_panel", lambda: 1_000)
    numbers = RNG.choice(60_000, 200, replace=False)
    left, right = RNG.choice(numbers, SIZE) / 8.0, RNG.choice(numbers, SIZE) * 8.0
    arrays = CompactArray(left), CompactArray(right)
    for place in (5, 900):
        for dense, array in zip((left, right), arrays, strict=True):
            dense[place] = array[place] = 0.123456789 + place
            place += 1
    lanes = [array._view.storage.lane(0, SIZE)[1] for array in arrays]
    assert all(isinstance(lane, Dictionary) and lane.exceptions is not None for lane in lanes)
    assert (evened(bare(lanes[0])).step, evened(bare(lanes[1])).step) == (0.125, 8.0)
    exact = float(sum(Fraction(x) * Fraction(y) for x, y in zip(left.tolist(), right.tolist(), strict=True)))
    bound = 2 * np.finfo(float).eps * (1 + log2(SIZE)) * np.abs(left * right).sum()
    assert abs(float(arrays[0] @ arrays[1]) - exact) <= bound


@pytest.mark.parametrize("length", [50, 5_000])
def test_variances_of_lines_longer_than_are_held(length: int, monkeypatch: pytest.MonkeyPatch, shipped: None) -> None:
    monkeypatch.setattr(deviations, "_LONGEST", 100)
    values = _with(COUNTS, [5, 9_000, 123_456, 299_999], 10**15).reshape(-1, length)
    view = CompactArray(values)._view
    assert (deviations.squared_deviations(view, (1,)) is None) == (length > 100)
    np.testing.assert_allclose(np.asarray(CompactArray(values).var(axis=1)), values.var(axis=1), rtol=1e-13)

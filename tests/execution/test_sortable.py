"""Codes sorted along axes: the layout of the copy, and every way to sort narrow ones."""

import numpy as np
import pytest

from compactarray.execution import sortable
from compactarray.execution.sortable import Key, keys_of, narrowed_in_place, order_by_keys, sorted_lines, whole_key
from compactarray.testing import assert_same


@pytest.mark.parametrize("vector", [True, False])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i1", "i2", "?", "u4", "f4"])
def test_sorted_lines(vector, dtype, monkeypatch):
    monkeypatch.setattr(sortable, "_has_vector_code", lambda: vector)
    rng = np.random.default_rng(2)
    for shape in ((7, 30), (3, 700), (60, 5), (2, 3, 4), (900,)):
        codes = rng.integers(0, 100, shape).astype(dtype)
        for view in (codes, codes[::-1], codes.T, codes.copy("F")):
            for axis in range(view.ndim):
                expected = np.sort(view, axis)
                assert_same(sorted_lines(view, axis, False), expected, dense=True, strides=True)
                assert_same(sorted_lines(view.copy("K"), axis, True), expected, dense=True, strides=True)


def test_sorted_codes_are_not_copied():
    codes = np.arange(50, dtype="u4")
    assert sorted_lines(codes, 0, False) is codes


@pytest.mark.parametrize("dtype", ["i2", "u4", "i8", "f4", "f8", "M8[s]"])
def test_orders_by_keys(dtype):
    rng = np.random.default_rng(2)
    for spread in (3, 10**9):
        columns = [rng.integers(-spread, spread, 200).astype("i8").astype(dtype) for _ in range(3)]
        if columns[0].dtype.kind == "f":
            columns[1][:40] = [0.0, -0.0, np.nan, -np.nan] * 10
        found = order_by_keys([whole_key(key) for column in columns for key in keys_of(column)])
        assert_same(found, np.lexsort(columns).astype("u4"), dense=True)


def test_spans_of_keys():
    """Keys are joined where both together have 32 bits, and are skipped where they are all the same."""
    rng = np.random.default_rng(2)
    for spans in ((1, 256), (256, 1), (1, 1), (2, 128), (16, 4096, 65_536), (65_536, 65_536), (3, 1 << 32, 5)):
        columns = [rng.integers(0, min(span, 50), 300).astype("u4") for span in spans]
        narrow = [Key(column.astype(np.min_scalar_type(span - 1)), span) for column, span in zip(columns, spans, strict=True)]
        assert_same(order_by_keys(narrow), np.lexsort(columns).astype("u4"), dense=True)


def test_indices_are_narrowed_where_they_are():
    for size in (1, 2, 1_001):
        for dtype in ("u1", "u2", "u4"):
            values = np.arange(size) % 200
            expected = values.astype(dtype)
            assert_same(narrowed_in_place(values, np.dtype(dtype)), expected, dense=True)
            view = np.arange(2 * size)[::2] % 200
            assert_same(narrowed_in_place(view[:], np.dtype(dtype)), view.astype(dtype), dense=True)

"""Strings: which form they get, and that it is exact for strings that are easily taken for others."""

import itertools
import operator

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.select import encode
from compactarray.encodings.string_table import StringTable, string_table
from compactarray.encodings.text import Text, codes_of
from compactarray.kernels import text as rows
from compactarray.testing import assert_same, check
from tests.helpers import same
from tests.strategies import TEXT, extremes, make

DTYPES = [np.dtype(dtype) for dtype in (*TEXT, "U9", "S12", "U40")]
COMPARISONS = (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge)


def names(length, distinct, width=20, seed=0):
    """Return strings of letters, of many lengths."""
    rng = np.random.default_rng(seed)
    pool = ["".join(map(chr, rng.integers(97, 123, rng.integers(1, 12)))) for _ in range(distinct)]
    return np.array(pool, f"U{width}")[rng.integers(0, distinct, length)]


def different(length):
    """Return different strings of letters, in no order."""
    found = np.unique(names(2 * length, 4 * length))
    return np.random.default_rng(1).permutation(found)[:length]


def held(values):
    """Return the encoding of one block."""
    found = encode(values, 65_536)
    same(found.decoded(0, values.size), values)
    return found


def test_few_strings_are_a_dictionary_in_order():
    found = held(names(1000, 20))
    assert isinstance(found, Dictionary)
    assert found.codes.itemsize == 1
    same(found.table, np.unique(names(1000, 20)))


def test_different_strings_are_text_of_their_own_length():
    values = different(5000)
    found = held(values)
    assert isinstance(found, Text)
    assert found.codes.dtype == np.dtype(f"S{np.strings.str_len(values).max()}")


@pytest.mark.parametrize(("letter", "unit"), [("z", 1), ("\xe9", 1), ("\u0416", 2), ("\U0001f600", 4)])
def test_code_points_take_what_the_widest_needs(letter, unit):
    values = np.array([f"{letter}{k}" for k in range(300)], "U30")
    found = held(values)
    assert isinstance(found, Text)
    assert (found.unit, found.codes.itemsize, found.exceptions) == (unit, 4 * unit, None)


def test_a_few_long_or_wide_strings_are_exceptions():
    values = different(2000)
    values[[5, 700]] = "x" * 20
    values[1999] = "\u0416"
    found = held(values)
    assert isinstance(found, Text)
    assert found.unit == 1
    assert found.exceptions is not None
    assert found.exceptions.count == 3


def test_full_width_is_raw():
    assert held(np.frombuffer(np.random.default_rng(0).bytes(8000), "S8")).name in ("raw", "text")
    assert held(np.array([chr(0x1F600 + k) * 3 for k in range(500)], "U3")).name == "raw"


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_codes_sort_as_strings(dtype):
    values = np.unique(np.concatenate([extremes(dtype), make("noise", dtype, 200)]))
    for unit, length in itertools.product((1, 2, 4) if dtype.kind == "U" else (1,), (1, 2, 5, 40)):
        codes, fits = codes_of(values, unit, length)
        assert (np.sort(codes[fits]) == codes[fits]).all()
        assert np.unique(codes[fits]).size == fits.sum()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ["ramp", "noise", "few values", "sparse with any fill"])
def test_comparisons_with_a_string(kind, dtype, miniature):
    values = np.concatenate([make(kind, dtype, 60), extremes(dtype)])
    a = CompactArray(values)
    others = [*extremes(dtype).tolist()[::2], *extremes(f"{dtype.kind}9").tolist()[1::2], *values[:2].tolist()]
    for other, compare in itertools.product(others, COMPARISONS):
        assert_same(compare(a, other), compare(values, other))
        assert_same(compare(other, a), compare(other, values))


def test_dictionaries_and_texts_are_moved_together(miniature):
    check(lambda a: np.concatenate([a[:40], a[-40:]])[::-1].copy(), np.concatenate([names(50, 3), names(50, 50)]))
    check(lambda a: np.repeat(a, 3)[a.size :], np.concatenate([names(50, 50), np.array(["\u0416" * 4] * 9), names(50, 50)]))


# -- packed tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letters", ["", "\xe9", "\u0416", "\U0001f600", "\0"])
@pytest.mark.parametrize("kind", ["U", "S"])
def test_string_table(kind, letters):
    texts = sorted({f"{k}{letters * (k % 3)}{k}" for k in range(400)} | {""})
    if kind == "S":
        table = np.unique(np.array([text.encode("utf-8") for text in texts], "S40"))
    else:
        table = np.unique(np.array(texts, "U40"))
    found = string_table(table)
    assert isinstance(found, StringTable)
    assert sum(part.nbytes for part in found.buffers()) < table.nbytes / 2
    same(found.values(), table)
    places = np.random.default_rng(0).integers(0, table.size, 1000)
    same(found.take(places), table[places])
    assert [found.item(k) for k in range(table.size)] == table.tolist()
    for wanted in (table[::37], table[5:7], np.array(["none", "", "\uffff"] if kind == "U" else [b"none", b"", b"\xff"])):
        where, there = found.places(wanted)
        same(there, np.isin(wanted, table))
        assert (table[where[there]] == wanted[there]).all()


def test_small_or_incompressible_tables_are_not_packed():
    assert string_table(np.array(["a", "b"])) is None
    assert string_table(np.arange(10_000.0)) is None
    assert string_table(np.unique(np.array([f"{k:05}" for k in range(1000)], "S5"))) is None
    assert string_table(np.array(["x" * 300, "y"] * 600, "U300")) is None


def test_arrays_of_packed_tables(shipped):
    values = names(20_000, 3000, 30)
    a = CompactArray(values)
    assert a.nbytes < values.nbytes / 20
    assert_same(a, values)
    for function in (
        lambda a: a[7],
        lambda a: a == a[7],
        lambda a: a < a[::-1],
        lambda a: np.sort(a),
        lambda a: np.unique(a, return_inverse=True, return_counts=True),
        lambda a: np.argsort(a, kind="stable"),
        lambda a: np.isin(a, a[:50]),
        lambda a: np.searchsorted(np.sort(a), a[:100]),
        lambda a: a[a > "m"],
        lambda a: np.concatenate([a, a[:10]]),
        lambda a: a.astype("S30"),
        lambda a: np.strings.str_len(a),
    ):
        check(function, values)


def test_writing_to_a_packed_table():
    values = names(20_000, 3000, 30)
    a = CompactArray(values)
    with compactarray.config(plain_below=0):
        for place, value in ((3, values[-1]), (9, "new"), (slice(50, 90), values[:40]), (slice(7, 400, 3), "y" * 30)):
            a[place] = value
            values[place] = value
            assert_same(a, values)


# -- rows that hash alike -----------------------------------------------------------------------------------------------------


def test_rows_are_told_apart_where_hashes_are_not(monkeypatch):
    monkeypatch.setattr(rows, "_hashes", lambda found: np.zeros(found.shape[0], np.uint64))
    values = names(500, 100)
    with compactarray.config(kernels="numpy"):
        assert_same(CompactArray(values), values)
        assert isinstance(encode(values, 65_536), Dictionary)


# -- everywhere ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*TEXT, ">U3"])
@pytest.mark.parametrize("kind", ["narrow", "few values", "noise", "sparse with any fill"])
def test_orders_casts_and_views(kind, dtype, miniature):
    values = make(kind, dtype, 60)
    other = "zz" if np.dtype(dtype).kind == "U" else b"zz"
    for function in (
        lambda a: np.argsort(a, kind="stable"),
        lambda a: np.lexsort((a, a[::-1])),
        lambda a: np.where(a > a[0], a, other),
        lambda a: [a.astype(target) for target in ("U12", "S12", "U1", "S1")],
        lambda a: np.strings.str_len(a),
        lambda a: a[0] in a,
    ):
        check(function, values)
    if np.dtype(dtype).isnative:
        a, letters = CompactArray(values), np.dtype(dtype).kind + "1"
        a.view(letters)[5] = values.view(letters)[5] = other[:1]
        assert_same(a, values)
        assert_same(a.view(letters), values.view(letters))


def test_strings_of_no_length_stay_plain():
    for dtype in ("U0", "S0"):
        values = np.zeros(3, np.dtype(dtype)).astype(np.dtype(dtype))
        assert_same(CompactArray(values), values)

"""The kernels of coordinates and of sparse algebra: source, twin and compiled code give the same, and what they should."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from compactarray.kernels import coordinates, sparse, sparse_products, sparse_views
from compactarray.testing import assert_same

#: (length, block length, share stored): blocks without any, blocks full, a last block that is short.
SHAPES = [(1, 8, 1.0), (7, 8, 0.5), (64, 8, 0.2), (64, 8, 0.9), (61, 8, 0.02), (300, 24, 0.3), (300, 65536, 0.1), (50, 8, 1.0)]
WORDS = ["u1", "u2", "u4", "u8"]


def pattern(length, block_length, share, seed=0):
    """Return (addresses, positions, offsets) of elements at random places, one at least."""
    rng = np.random.default_rng([seed, length, block_length])
    places = np.flatnonzero(rng.random(length) < share)
    places = places if places.size else np.array([length - 1])
    edges = np.arange(-(-length // block_length) + 1) * block_length
    return places, (places % block_length).astype("u2"), places.searchsorted(edges)


def outcomes(kernel, dtype, arguments):
    """Yield the result and the arguments after a call of the source, the twin and the compiled code."""
    for function in (kernel.python, kernel.twin, kernel.compiled(dtype)):
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        with np.errstate(all="ignore"):
            result = function(*copies)
        yield int(result), copies


@pytest.mark.parametrize("word", WORDS)
def test_merge(word):
    for (length, block_length, share), other in itertools.product(SHAPES, [0.05, 0.4, 1.0]):
        places, positions, offsets = pattern(length, block_length, share)
        others, other_positions, other_offsets = pattern(length, block_length, other, 1)
        values = (np.arange(places.size) % 100 + 100).astype(word)
        other_values = (np.arange(others.size) % 100 + 10).astype(word)
        both = np.union1d(places, others)
        dense, other_dense = np.full(length, 1, word), np.full(length, 2, word)
        dense[places], other_dense[others] = values, other_values
        empty = [np.empty(places.size + others.size, d) for d in (word, word, "u2")]
        scalar = np.dtype(word).type
        arguments = (
            values,
            scalar(1),
            positions,
            offsets,
            other_values,
            scalar(2),
            other_positions,
            other_offsets,
            *empty,
            offsets * 0,
        )
        for count, after in outcomes(coordinates.merge, word, arguments):
            out, other_out, merged, bounds = after[8:]
            assert count == both.size
            assert_same(out[:count], dense[both], dense=True)
            assert_same(other_out[:count], other_dense[both], dense=True)
            assert_same(merged[:count], (both % block_length).astype("u2"), dense=True)
            assert_same(bounds, both.searchsorted(np.arange(offsets.size) * block_length), dense=True)


@pytest.mark.parametrize("word", WORDS)
def test_discard_also_in_place(word):
    for (length, block_length, share), many in itertools.product(SHAPES, [2, 200]):
        places, positions, offsets = pattern(length, block_length, share)
        values = np.random.default_rng(3).integers(0, many, places.size).astype(word)
        kept = values != 1
        empty = np.empty(places.size, word), np.empty(places.size, "u2"), offsets * 0
        for count, after in outcomes(coordinates.discard, word, (values, np.dtype(word).type(1), positions, offsets, *empty)):
            assert count == np.count_nonzero(kept)
            assert_same(after[4][:count], values[kept], dense=True)
            assert_same(after[5][:count], positions[kept], dense=True)
            assert_same(after[6], places[kept].searchsorted(np.arange(offsets.size) * block_length), dense=True)
        for function in (coordinates.discard.twin, coordinates.discard.compiled(word)):
            own, here, bounds = values.copy(), positions.copy(), offsets * 0
            count = function(own, np.dtype(word).type(1), here, offsets, own, here, bounds)
            assert_same(own[:count], values[kept], dense=True)
            assert_same(here[:count], positions[kept], dense=True)


@pytest.mark.parametrize("word", WORDS)
def test_update(word):
    rng = np.random.default_rng(2)
    for stored, written in itertools.product([0, 1, 30, 200], [1, 2, 40, 200]):
        positions = np.sort(rng.permutation(200)[:stored]).astype("u2")
        codes, fresh = rng.integers(0, 200, stored).astype(word), rng.integers(0, 200, written).astype(word)
        places = np.sort(rng.integers(0, 200, written)).astype("u2")
        others = (rng.random(written) < 0.7).view("u1")
        dense, marks = np.zeros(200, word), np.zeros(200, bool)
        dense[positions], marks[positions] = codes, True
        dense[places], marks[places] = fresh, others
        work = np.empty(stored + written + 1, word), np.empty(stored + written + 1, "u2")
        for count, after in outcomes(coordinates.update, word, (codes, positions, fresh, places, others, *work)):
            assert_same(after[-1][:count], np.flatnonzero(marks).astype("u2"), dense=True)
            assert_same(after[-2][:count], dense[marks], dense=True)


def test_addresses_and_cut():
    for (length, block_length, share), start in itertools.product(SHAPES, [0, -5, 1000]):
        places, positions, offsets = pattern(length, block_length, share)
        for _, after in outcomes(coordinates.addresses, "u2", (positions, offsets, block_length, start, np.empty(places.size, "i8"))):
            assert_same(after[4], places + start, dense=True)
        empty = np.empty_like(positions), np.empty_like(offsets)
        for _, after in outcomes(coordinates.cut, "i8", (places + start, start, block_length, *empty)):
            assert_same(after[3], positions, dense=True)
            assert_same(after[4], offsets, dense=True)


def test_find_and_mark():
    for length, block_length, share in SHAPES:
        places, positions, offsets = pattern(length, block_length, share)
        wanted = np.random.default_rng(4).integers(0, length, 50)
        ranks = np.full(length, -1)
        ranks[places] = np.arange(places.size)
        table = np.zeros(-(-length // 64), "u8"), np.empty(-(-length // 64), "i8"), np.empty(50, "i8")
        for _, after in outcomes(coordinates.find, "i8", (wanted, positions, offsets, block_length, *table)):
            assert_same(after[6], ranks[wanted], dense=True)
        packed = np.full(-(-length // 8), 0b1010, "u1")
        for _, after in outcomes(coordinates.mark, "u2", (positions, offsets, block_length, packed)):
            assert_same(np.unpackbits(after[3] ^ packed, count=length, bitorder="little").astype(bool), ranks >= 0, dense=True)
        values = (np.arange(positions.size) % 3 == 0).astype("u1")
        wanted = np.unpackbits(packed, count=length, bitorder="little")
        wanted[places] = values
        for _, after in outcomes(coordinates.put_bits, "u2", (positions, offsets, block_length, values, packed)):
            assert_same(np.unpackbits(after[4], count=length, bitorder="little"), wanted, dense=True)


# --- sparse algebra ------------------------------------------------------------------------------------

MATRICES = [
    (1, 40, 8, 0.5),
    (40, 1, 8, 0.5),
    (7, 9, 8, 0.4),
    (6, 50, 8, 0.9),
    (5, 3, 65536, 0.4),
    (30, 30, 24, 0.05),
    (3, 700, 64, 0.8),
]
START = -3


def matrix(rows, length, block_length, share, dtype, seed=0):
    """Return a dense matrix and, as kernels take it, what of it is stored; block 0 begins before the first element."""
    places, _, _ = pattern(rows * length, block_length, share, seed)
    rng = np.random.default_rng(seed)
    if dtype == "f8":
        values = rng.standard_normal(places.size) * 10.0 ** rng.integers(-8, 9, places.size)
    else:
        values = rng.integers(-(2**62), 2**62, places.size)
    dense = np.zeros((rows, length), dtype)
    dense.reshape(-1)[places] = values
    edges = np.arange(-(-(rows * length - START) // block_length) + 1) * block_length
    within = places - START
    return dense, (values, (within % block_length).astype("u2"), within.searchsorted(edges), block_length, START, length)


def exact(value):
    return Fraction(float(value)) if isinstance(value, (float, np.floating)) else int(value)


def within_bound(found, left, right):
    """Compare a product with the exact one: equal modulo 2**64, or as near as a sum of floats has to be."""
    for (row, column), value in np.ndenumerate(found):
        terms = [exact(x) * exact(y) for x, y in zip(left[row], right[:, column], strict=True)]
        if found.dtype.kind == "i":
            assert (int(value) - sum(terms)) % 2**64 == 0
        else:
            bound = 2 * Fraction(float(np.finfo("f8").eps)) * (1 + int(np.log2(len(terms)))) * sum(map(abs, terms))
            assert abs(exact(value) - sum(terms)) <= bound


@pytest.mark.parametrize("dtype", ["f8", "i8"])
@pytest.mark.parametrize("shape", MATRICES)
def test_vectors(dtype, shape):
    dense, stored = matrix(*shape, dtype)
    rows, columns = dense.shape
    for vector, step in ((matrix(columns, 1, 8, 0.9, dtype, 1)[0].reshape(-1), 1), (np.full(1, 3, dtype), 0)):
        for group in (1, 4):
            for _, after in outcomes(sparse.times_vector, dtype, (*stored, vector, step, group, np.zeros(2 * rows, dtype))):
                full = np.broadcast_to(vector, columns)
                within_bound((after[-1][0::2] + after[-1][1::2])[:, None], dense, full[:, None])
    for vector, step in ((matrix(rows, 1, 8, 0.9, dtype, 1)[0].reshape(-1), 1), (np.full(1, 3, dtype), 0)):
        for _, after in outcomes(sparse.vector_times, dtype, (*stored, vector, step, np.zeros(2 * columns, dtype))):
            full = np.broadcast_to(vector, rows)
            within_bound((after[-1][0::2] + after[-1][1::2])[None], full[None], dense)


@pytest.mark.parametrize("dtype", ["f8", "i8"])
@pytest.mark.parametrize("shape", MATRICES)
def test_matrices(dtype, shape):
    dense, stored = matrix(*shape, dtype)
    rows, length = dense.shape
    right = matrix(length, 4, 8, 0.9, dtype, 1)[0]
    work = np.empty(4, dtype), np.zeros(rows * 4, dtype), np.zeros(rows * 4, dtype)
    for group in (1, 3):
        for _, after in outcomes(sparse_products.times_matrix, dtype, (*stored, right.reshape(-1), 4, group, *work)):
            within_bound((after[-2] + after[-1]).reshape(rows, 4), dense, right)


@pytest.mark.parametrize("dtype", ["f8", "i8"])
@pytest.mark.parametrize("shape", MATRICES)
def test_extremes(dtype, shape):
    dense, stored = matrix(*shape, dtype)
    values = stored[0]
    if dtype == "f8":
        values[::7], values[::5] = np.nan, -np.inf
        dense[dense != 0] = values
    for greatest, start in ((1, -np.inf), (0, np.inf), (1, 3), (0, 3)):
        begin = np.full(dense.shape[1], np.clip(start, -(2.0**62), 2.0**62) if dtype == "i8" else start, dtype)
        expected, counts = begin.copy(), np.count_nonzero(dense, axis=0)
        for column, line in enumerate(dense.T):
            for value in line[line != 0]:
                expected[column] = (np.maximum if greatest else np.minimum)(expected[column], value)
        for _, after in outcomes(sparse.extremes, dtype, (*stored, greatest, begin, np.zeros_like(counts))):
            assert_same(after[-2], expected, any_nan=True, any_zero=True, dense=True)
            assert_same(after[-1], counts, dense=True)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shape", MATRICES)
def test_transpose(word, shape):
    dense, (_, positions, offsets, block_length, start, length) = matrix(*shape, "i8")
    rows = dense.shape[0]
    dense = (dense % 199 + (dense != 0)).astype(word)
    values, turned = dense[dense != 0], dense.T.reshape(-1)
    places = np.flatnonzero(turned)
    counts = np.count_nonzero(dense, axis=0)
    for _, after in outcomes(sparse.count_columns, "u2", (positions, offsets, block_length, start, length, np.zeros(length, "i8"))):
        assert_same(after[-1], counts, dense=True)
    blocks = -(-dense.size // block_length)
    work = np.cumsum(counts) - counts, np.empty_like(values), np.empty_like(positions), np.zeros(blocks, "i8")
    for shift in {-1, block_length.bit_length() - 1 if not block_length & (block_length - 1) else -1}:
        head = (values, positions, offsets, block_length, shift, start, length, rows)
        for _, after in outcomes(sparse.transpose, word, (*head, *work)):
            assert_same(after[9], turned[places], dense=True)
            assert_same(after[10], (places % block_length).astype("u2"), dense=True)
            assert_same(after[11], np.bincount(places // block_length, minlength=blocks), dense=True)


@pytest.mark.parametrize("dtype", ["f8", "i8"])
@pytest.mark.parametrize("width", [3, 40, 700])
def test_multiply(dtype, width):
    for share in (0.05, 0.6):
        left, right = matrix(6, 30, 8, share, dtype)[0], matrix(30, width, 8, share, dtype, 1)[0]
        parts = []
        for one in (left, right):
            rows, columns = np.nonzero(one)
            parts += [one[rows, columns], rows.searchsorted(np.arange(len(one) + 1)), columns]
        touched = (left != 0).astype(int) @ (right != 0).astype(int) != 0
        size = np.count_nonzero(touched)
        marks = -(-width // 64)
        work = (
            np.zeros(2 * width, dtype),
            np.zeros(marks, "u8"),
            np.empty(marks * 64 + 1, "i8"),
            np.empty(size, dtype),
            np.empty(size, "i8"),
        )
        for plain in (0, 1):
            for count, after in outcomes(sparse_products.multiply, dtype, (*parts, width, plain, *work)):
                assert count == size
                assert_same(after[-1], np.flatnonzero(touched), dense=True)
                assert not after[8].any() and not after[9].any()
                found = np.zeros(touched.shape, dtype)
                found[touched] = after[-2]
                if plain and dtype == "f8":
                    # One after the other: the error grows with the number of terms, for which there is no bound here.
                    assert (np.abs(found - left @ right) <= 1e-13 * (np.abs(left) @ np.abs(right))).all()
                else:
                    within_bound(found, left, right)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
@pytest.mark.parametrize("shape", MATRICES)
def test_sum_columns(dtype, shape):
    dense, (values, *pattern) = matrix(*shape, "f8" if dtype == "f4" else dtype)
    totals = np.zeros(dense.shape[1], dtype)
    expected = totals.copy()
    for row in dense.astype(dtype):
        expected += row
    for _, after in outcomes(sparse.sum_columns, dtype, (values.astype(dtype), *pattern, totals)):
        assert_same(after[-1], expected, any_zero=True, dense=True)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shape", MATRICES)
def test_pick(word, shape):
    """Every second row and third column, either way round; rows turned where that is asked for."""
    dense, (_, positions, offsets, block_length, start, _) = matrix(*shape, "i8")
    length = dense.shape[1]
    dense = (dense % 199 + (dense != 0)).astype(word)
    values, part = dense[dense != 0], dense[::2, ::3]
    steps, lengths = np.array([2 * length, 3]), np.array(part.shape)
    for flip, weights, base in ((1, [part.shape[1], 1], 0), (-1, [part.shape[1], -1], part.shape[1] - 1)):
        expected = part[:, ::flip].reshape(-1)
        places = np.flatnonzero(expected)
        work = np.empty_like(values), np.empty(values.size, "i8")
        arguments = values, positions, offsets, block_length, start, steps, lengths, np.array(weights), base, int(flip < 0), *work
        for count, after in outcomes(sparse_views.pick, word, arguments):
            assert count == places.size
            assert_same(after[-2][:count], expected[places], dense=True)
            assert_same(after[-1][:count], places, dense=True)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shape", MATRICES)
def test_lay_and_distribute(word, shape):
    dense, (_, positions, offsets, block_length, start, length) = matrix(*shape, "i8")
    dense = (dense % 199 + (dense != 0)).astype(word)
    values, wide = dense[dense != 0], np.pad(dense, [(0, 0), (3, 2)])
    counts = np.count_nonzero(dense, axis=1)
    expected = np.flatnonzero(wide)
    places = np.cumsum(counts) - counts
    arguments = values, positions, offsets, block_length, start, length, length + 5, 3, places
    for _, after in outcomes(sparse_views.lay, word, (*arguments, np.empty_like(values), np.empty(values.size, "i8"))):
        assert_same(after[-2], values, dense=True)
        assert_same(after[-1], expected, dense=True)
    mixed = np.random.default_rng(1).permutation(expected)
    order = np.argsort(mixed >> 1 & 7, kind="stable")
    arguments = values, mixed, 1, np.zeros(8, "i8"), np.empty_like(values), np.empty_like(mixed)
    for _, after in outcomes(sparse_views.distribute, word, arguments):
        assert_same(after[-2], values[order], dense=True)
        assert_same(after[-1], mixed[order], dense=True)


@pytest.mark.parametrize("dtype", ["f8", "i8"])
def test_inner(dtype):
    """The sum of products of what two patterns have in common, within the bound of a sum; the room is left as it was."""
    for seed, share in ((0, 0.3), (1, 0.02)):
        left, (values, positions, offsets, block_length, _, _) = matrix(1, 900, 64, share, dtype, seed)
        right, (others, there, bounds, _, _, _) = matrix(1, 900, 64, 0.2, dtype, seed + 5)
        arguments = values, positions, offsets, others, there, bounds, 8, np.zeros(block_length, dtype), np.zeros(2, dtype)
        with np.errstate(over="ignore"):
            for _, after in outcomes(sparse_products.inner, dtype, arguments):
                within_bound((after[-1][:1] + after[-1][1:])[:, None], left, right.T)
                assert not after[-2].any()

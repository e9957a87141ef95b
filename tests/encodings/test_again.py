"""Blocks that get the form of the one before: exact whatever they hold, and no larger than a choice would make them."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray.encodings import ENCODINGS
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.likeness import alike, likeness, noisy, samples
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode, with_encoded_exceptions
from compactarray.encodings.stats import Statistics
from compactarray.storage.spans import SpanBuilder
from compactarray.testing import assert_same
from tests.helpers import same
from tests.strategies import ENCODED, KINDS, extremes, make

RNG = np.random.default_rng(5)
N = 4_096


def decoded(encoding):
    out = np.empty(encoding.length, encoding.dtype)
    encoding.decode(0, encoding.length, out)
    return out


@pytest.mark.parametrize("cls", ENCODINGS, ids=lambda cls: cls.name)
@pytest.mark.parametrize("dtype", ENCODED)
def test_the_same_form_is_exact_or_refused(cls, dtype):
    for kind, block_length in itertools.product(KINDS, (8, 500)):
        values = make(kind, dtype, block_length)
        model = cls.encode(values, Statistics(values), block_length)
        if model is None:
            continue
        for form in {id(m): m for m in (model, with_encoded_exceptions(model))}.values():
            others = [values, values[::-1].copy(), np.resize(extremes(dtype), block_length)]
            others += [make(other, dtype, block_length, seed=3) for other in KINDS]
            for other in others:
                found = form.again(other, block_length)
                if found is not None:
                    assert (found.dtype, found.length) == (other.dtype, other.size)
                    same(decoded(found), other)
                    assert all(not np.shares_memory(buffer, other) for buffer in found.buffers())


#: Blocks of many kinds, as long as they are told.
BLOCKS = {
    "counts": lambda n: RNG.integers(0, 200, n) * 1.0,
    "whole": lambda n: RNG.integers(0, 60_000, n) * 1.0,
    "wide": lambda n: RNG.integers(0, 10**9, n) * 1.0,
    "hundreds": lambda n: RNG.integers(0, 200, n) * 100.0,
    "prices": lambda n: RNG.integers(0, 60_000, n) / 100,
    "tenths": lambda n: RNG.integers(0, 200, n) / 10,
    "noise": lambda n: RNG.standard_normal(n),
    "narrow": lambda n: RNG.standard_normal(n).astype("f4").astype("f8"),
    "zeros": lambda n: np.zeros(n),
    "stars": lambda n: np.where(RNG.random(n) < 0.01, RNG.integers(1, 9_000, n), 0.0),
    "third": lambda n: np.where(RNG.random(n) < 0.3, RNG.integers(1, 9_000, n), 0.0),
    "mask": lambda n: (RNG.random(n) < 0.5) * 7.0,
    "runs": lambda n: np.repeat(RNG.standard_normal(n // 20 + 1), 20)[:n],
    "categories": lambda n: RNG.standard_normal(100)[RNG.integers(0, 100, n)],
    "minus zeros": lambda n: np.where(RNG.random(n) < 0.001, -0.0, RNG.integers(0, 200, n)),
    "NaN at the end": lambda n: np.append(RNG.integers(0, 60_000, n - 1) / 100, np.nan),
}


def built(blocks, length, **options):
    builder = SpanBuilder(length, sum(block.size for block in blocks), **options)
    builder.append(np.concatenate(blocks))
    return builder.finish()


def alone(blocks, length):
    """Return the bytes of blocks that know nothing of each other, but that a table is shared."""
    found = [encode(block, length) for block in blocks]
    tables = {encoding.tables()[0].tobytes() for encoding in found if encoding.name == "dictionary"}
    return sum(e.nbytes - (e.tables()[0].nbytes if e.name == "dictionary" else 0) for e in found) + sum(map(len, tables))


@pytest.mark.parametrize("first", BLOCKS)
def test_a_change_is_seen(first):
    for second in BLOCKS:
        blocks = [BLOCKS[kind](N) for kind in (first, first, first, second, second, first, second)]
        found = built(blocks, N)
        same(np.concatenate([decoded(encoding) for encoding in found]), np.concatenate(blocks))
        # (A shared table takes blocks for which another form would be smaller.)
        if "categories" not in (first, second):
            assert sum(encoding.nbytes for encoding in found) <= 1.05 * alone(blocks, N) + 500 * len(blocks), second


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "u2", "M8[s]"])
def test_what_goes_on_as_it_began(kind, dtype):
    values = BLOCKS[kind](40 * N - 7)
    with np.errstate(invalid="ignore"):
        values = values.astype("i8").astype(dtype) if dtype == "M8[s]" else values.astype(dtype)
    found = built([values], N)
    same(np.concatenate([decoded(encoding) for encoding in found]), values)
    blocks = [values[start : start + N] for start in range(0, values.size, N)]
    assert sum(encoding.nbytes for encoding in found) <= 1.05 * alone(blocks, N) + 2_000


@pytest.mark.parametrize("kind", ["counts", "prices", "noise"])
def test_one_value_that_does_not_fit(kind):
    for position in (N, 3 * N - 1, 5 * N + 17):
        for value in (np.nan, -0.0, np.inf, 1e300, 5e-324, -1.0, 0.1 + 2**-56):
            values = BLOCKS[kind](8 * N)
            values[position] = value
            assert_same(compactarray.CompactArray(values), values)
            with compactarray.config(block_length=N):
                assert_same(compactarray.CompactArray(values), values)


def test_times_that_go_on_keep_their_width():
    values = (1_700_000_000_000 + np.cumsum(RNG.integers(1, 9, 30 * N))).view("M8[ms]")
    found = built([values], N)
    same(np.concatenate([decoded(encoding) for encoding in found]), values)
    assert sum(encoding.nbytes for encoding in found) <= 2.01 * values.size


def test_what_samples_tell():
    for length in (8, 64, 1_000, N):
        values = np.concatenate([BLOCKS[kind](length) for kind in ("noise", "noise", "counts", "noise")])
        taken = samples(values, length)
        assert taken.shape == (4, min(length, 64))
        assert noisy(taken, values.dtype) == 2
        found = likeness(taken)
        assert alike(found[0], found[:2]) == 2
    zeros = likeness(samples(np.zeros(2 * N), N))
    assert alike(zeros[0], zeros) == 2
    assert alike(found[0], zeros) == 0
    for values in (RNG.integers(-(2**62), 2**62, 2 * N), RNG.integers(0, 2**31, 2 * N).astype("i4")):
        assert noisy(samples(values, N), values.dtype) == 2
        assert noisy(samples(values // 1000 * 1000, N), values.dtype) == 0


def test_runs_of_a_block():
    values = np.repeat(RNG.standard_normal(50), RNG.integers(1, 40, 50))
    heads = Exceptions.of_block(np.array([0]), Raw(values[:1].copy()), values.size)
    assert Runs(heads, 1).again(values, values.size).values.length == 50

"""Values in, storages out: any cuts give the same storage, and neighbouring blocks of one meaning become one span."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.encodings import ENCODINGS
from compactarray.encodings.stats import Statistics
from compactarray.storage.builder import Builder, sparse_storage
from compactarray.storage.spans import Span, encoded_spans
from compactarray.testing import assert_same
from tests.helpers import same
from tests.storage.test_storage import read
from tests.strategies import ENCODED, KINDS, STORED, make


@given(st.lists(st.integers(0, 40), max_size=8), st.sampled_from(STORED), st.sampled_from(KINDS), st.sampled_from([8, 24, 65_536]))
def test_any_cuts(lengths, dtype, kind, block_length):
    values = make(kind, dtype, sum(lengths))
    builder = Builder(values.dtype, block_length=block_length)
    for start, stop in itertools.pairwise([0, *np.cumsum(lengths).tolist()]):
        piece = values[start:stop].copy()
        builder.append(piece)
        piece[...] = make("noise", dtype, 1)[0]
    storage = builder.finish()
    assert storage.size == values.size
    same(read(storage), values)
    assert [(h.name, h.elements) for h in storage.held(0, storage.size)] == [
        (h.name, h.elements) for h in _at_once(values, block_length).held(0, values.size)
    ]


def _at_once(values, block_length):
    builder = Builder(values.dtype, block_length=block_length)
    builder.append(values)
    return builder.finish()


def test_other_dtypes_are_cast():
    builder = Builder(np.dtype("f8"))
    builder.append(np.arange(5, dtype="i2"))
    same(read(builder.finish()), np.arange(5.0))


def test_an_empty_storage():
    storage = Builder(np.dtype("f8")).finish()
    assert storage.size == 0
    same(read(storage), np.empty(0))
    assert storage.nbytes <= 8


def decoded(encoding, start, stop):
    out = make("noise", encoding.dtype, stop - start, 6)
    encoding.decode(start, stop, out)
    return out


@pytest.mark.parametrize("cls", ENCODINGS, ids=lambda cls: cls.name)
@pytest.mark.parametrize("dtype", ENCODED)
def test_joined_and_sliced(cls, dtype):
    """Blocks of one meaning join to a span, from which every stretch of blocks can be cut again."""
    for kind, block in itertools.product(KINDS, (8, 64)):
        values = make(kind, dtype, 3 * block + block // 2)
        blocks = np.split(values, range(block, values.size, block))
        parts = [cls.encode(part, Statistics(part), block) for part in blocks]
        if None in parts:
            continue
        span = Span(parts[0], None, block)
        if not all(span.takes(part) for part in parts):
            continue
        for part in parts[1:]:
            if span.takes(part):
                span.append(part)
            else:
                break
        else:
            whole = span.finish()
            assert whole.length == values.size
            same(decoded(whole, 0, values.size), values)
            for start in range(0, values.size, block):
                for stop in {start + block, start + 1, values.size}:
                    stop = min(stop, values.size)
                    piece = whole.slice(start, stop)
                    same(decoded(piece, 0, stop - start), values[start:stop])
                    for ours, theirs in zip(piece.payload(), whole.payload(), strict=True):
                        # How many entries each block has is counted anew.
                        assert np.shares_memory(ours, theirs) or (cls.folded and (ours.dtype == np.int64 or not ours.size))


@pytest.mark.parametrize("kind", ["constant", "narrow", "sparse", "two values", "few values", "float32-born", "noise"])
def test_a_homogeneous_array_is_one_span(kind):
    values = make(kind, "f8", 1024 * 30)
    spans = encoded_spans(values.dtype, values.reshape(30, 1024), 1024)
    assert len(spans) == 1
    assert sum(span.length for span in spans) == values.size


def test_dictionaries_are_shared_and_sorted():
    rng = np.random.default_rng(3)
    pool = np.append(rng.standard_normal(200), [np.nan, -0.0, 0.0])
    values = pool[rng.integers(0, pool.size, 40 * 1024)]
    (span,) = encoded_spans(values.dtype, values.reshape(40, 1024), 1024)
    assert span.name == "dictionary"
    table = span.table
    assert_same(table, table[np.argsort(table, kind="stable")], dense=True)
    assert len(set(table.view("u8").tolist())) == table.size == pool.size
    same(decoded(span, 0, values.size), values)


def test_building_holds_no_dense_copy():
    chunk = np.random.default_rng(1).integers(0, 200, 65_536)
    builder = Builder(chunk.dtype, block_length=65_536)
    for _ in range(40):
        builder.append(chunk)
    storage = builder.finish()
    assert storage.nbytes <= 40 * 65_536 * 1.01
    assert len(list(storage.held(0, storage.size))) == 1


@given(
    st.lists(st.integers(0, 500), unique=True, max_size=30).map(sorted), st.integers(501, 600), st.sampled_from(["f8", "i2", "M8[D]"])
)
def test_sparse_storage(addresses, size, dtype):
    """What the coordinate form of other libraries is turned into."""
    fill, new = make("constant", dtype, 1), make("noise", dtype, len(addresses), 4)
    expected = np.repeat(fill, size)
    expected[addresses] = new
    storage = sparse_storage(fill, size, np.array(addresses, np.int64), new)
    same(read(storage), expected)
    storage.put_item(size - 1, new[0] if len(new) else fill[0])
    expected[size - 1] = new[0] if len(new) else fill[0]
    same(read(storage), expected)

"""What every encoding in the ordered list must do; a new one is tested by being listed, given a sample.

The samples say which data an encoding is for; all else runs on every kind of data that the encoding takes.
"""

import itertools
from functools import lru_cache

import numpy as np
import pytest

from compactarray.encodings import ENCODINGS
from compactarray.encodings.bitmap import Bitmap
from compactarray.encodings.codes import Coded
from compactarray.encodings.coo import Coo
from compactarray.encodings.delta import Delta
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.packed import Packed
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode, with_encoded_exceptions
from compactarray.encodings.small import shrunk
from compactarray.encodings.stats import Statistics
from compactarray.encodings.writing import written
from compactarray.testing import assert_same
from tests.helpers import same
from tests.strategies import ENCODED, KINDS, extremes, make

#: Data that the encoding must take: kind and dtypes.
SAMPLES = {
    "constant": ("constant", ENCODED),
    "bits": ("two values", ENCODED),
    "coo": ("sparse with any fill", [d for d in ENCODED if d not in ("?", "i1", "u1", "S1")]),
    "narrow": ("outliers", ["i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "M8[D]", "m8[ns]"]),
    "narrow_float": ("float32-born", ["f8"]),
    "dictionary": (
        "few values",
        ["i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "M8[D]", "m8[ns]", "S3", "S7", "U1", "U2", "U5"],
    ),
    "sequence": ("ramp", ["i4", "u4", "i8", "u8", "f4", "f8", "M8[D]", "m8[ns]"]),
    "runs": ("runs", [d for d in ENCODED if d != "?"]),
    "bitmap": ("half filled", [d for d in ENCODED if d != "?"]),
    "decimal": ("decimals", ["f8"]),
    "radix": ("ramp", ["U2", "U5", "S3", "S7"]),
    "text": ("ramp", ["U1", "U2", "U5", "S7"]),
    "raw": ("noise", ENCODED),
    "packed": ("narrow", ["i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "M8[D]", "m8[ns]"]),
    "delta": ("narrow", ["i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "M8[D]", "m8[ns]"]),
}

#: Encodings that keep the values of some elements only: codes of their own would express no others.
WITHOUT_CODES = ("coo", "runs", "bitmap", "sequence", "radix", "packed", "delta")

LENGTHS = {8: [3, 8], 65_536: [1, 65, 500]}

#: Those that are chosen by what values they hold, and those that are made of others.
FORMS = (*ENCODINGS, Packed, Delta)

EVERY_ENCODING = pytest.mark.parametrize("cls", FORMS, ids=lambda cls: cls.name)
EVERY_DTYPE = pytest.mark.parametrize("dtype", ENCODED)


def encode_as(cls, values, block_length):
    """Return values in an encoding, or None where it does not take them."""
    if cls not in (Packed, Delta):
        return cls.encode(values, Statistics(values), block_length)
    found = encode(values, block_length)
    return cls.of(found, block_length) if isinstance(found, Coded) else None


@lru_cache
def encoded(cls, dtype):
    """Return (values, block length, encoding) for all the data of a dtype that the encoding takes."""
    found = []
    for kind, (block_length, lengths) in itertools.product(KINDS, LENGTHS.items()):
        for length in lengths:
            values = make(kind, dtype, length)
            encoding = encode_as(cls, values, block_length)
            if encoding is not None:
                found.append((values, block_length, encoding))
                smaller = shrunk(with_encoded_exceptions(encoding), block_length)
                if smaller is not encoding and cls in (Coo, Runs, Bitmap):
                    # What is nested is shrunk; codes themselves that are, are other encodings.
                    found.append((values, block_length, smaller))
    return found


def decoded(encoding, start=0, stop=None):
    stop = encoding.length if stop is None else stop
    out = make("noise", encoding.dtype, stop - start, seed=9)
    encoding.decode(start, stop, out)
    return out


def position_sets(length):
    """Return slices and integer arrays to read and write at, empty and repeated ones among them."""
    rng = np.random.default_rng(length)
    return [
        slice(0, length),
        slice(length // 2, length),
        slice(0, length, 3),
        np.arange(length)[::-1].copy(),
        rng.integers(0, length, 5),
        np.zeros(3, np.int64),
        np.array([], np.int64),
    ]


def test_every_encoding_has_a_sample():
    assert sorted(cls.name for cls in FORMS) == sorted(SAMPLES)


@EVERY_ENCODING
def test_sample_is_taken(cls):
    kind, dtypes = SAMPLES[cls.name]
    for dtype in dtypes:
        values = make(kind, dtype, 1000)
        encoding = encode_as(cls, values, 65_536)
        assert encoding is not None, dtype
        assert type(encoding) is cls
        same(decoded(encoding), values)


@EVERY_ENCODING
@EVERY_DTYPE
def test_round_trip(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        assert (encoding.dtype, encoding.length) == (values.dtype, values.size)
        same(decoded(encoding), values)


@EVERY_ENCODING
@EVERY_DTYPE
def test_decodes_any_range_into_any_stride(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        length = values.size
        edges = sorted({0, 1, 7, 8, 9, length // 2, length - 1, length} & set(range(length + 1)))
        for start in edges:
            for stop in edges[edges.index(start) :]:
                same(decoded(encoding, start, stop), values[start:stop])
        wide = make("noise", dtype, 3 * length, seed=5)
        kept = wide.copy()
        encoding.decode(0, length, wide[::-3])
        kept[::-3] = values
        same(wide, kept)


@EVERY_ENCODING
@EVERY_DTYPE
def test_few_elements_as_a_new_array(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        for start, stop in ((0, values.size), (0, 1), (values.size // 2, values.size), (values.size // 3, values.size - 1), (1, 1)):
            found = encoding.fresh(start, stop)
            same(found, values[start:stop])
            assert found.flags.writeable
            assert not any(np.shares_memory(found, buffer) for buffer in encoding.buffers())


@EVERY_ENCODING
def test_decodes_ranges_of_long_blocks(cls):
    """Loops go by pieces of some thousand elements, and by eights."""
    kind, dtypes = SAMPLES[cls.name]
    for dtype in dtypes:
        values = make(kind, dtype, 20_011)
        encoding = encode_as(cls, values, 65_536)
        assert encoding is not None, dtype
        for start, stop in ((0, 20_011), (8, 19_990), (3, 17_000), (8_192, 8_200), (8_191, 16_385)):
            # Elements of one byte need not begin where words do.
            out = np.zeros(stop - start + 1, values.dtype)[int(values.itemsize == 1) :][: stop - start]
            encoding.decode(start, stop, out)
            same(out, values[start:stop])


@EVERY_ENCODING
@EVERY_DTYPE
def test_take_and_item(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        for positions in position_sets(values.size):
            places = np.arange(values.size)[positions]
            out = make("noise", dtype, places.size, seed=7)
            encoding.take(places, out)
            same(out, values[places])
        for position in {0, values.size // 2, values.size - 1}:
            assert_same(encoding.item(position), values[position])


@EVERY_ENCODING
@EVERY_DTYPE
def test_nbytes_counts_the_buffers(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        assert encoding.nbytes == sum(buffer.nbytes for buffer in encoding.buffers())
        assert all(not np.shares_memory(buffer, values) for buffer in encoding.buffers()), "holds the caller's memory"


def writes(values):
    """Yield positions and what to write there, in turns: values that are there, small ones, odd ones, anything."""
    kinds = itertools.cycle(["there", "narrow", "outliers", "constant", "noise"])
    for turn, (positions, kind) in enumerate(zip(position_sets(values.size) * 2, kinds, strict=False)):
        count = np.arange(values.size)[positions].size
        if kind == "there":
            yield positions, values[np.random.default_rng(turn).integers(0, values.size, count)]
        else:
            yield positions, make(kind, values.dtype, count, turn)


@EVERY_ENCODING
@EVERY_DTYPE
def test_written_gives_a_changed_copy(cls, dtype):
    for values, block_length, encoding in encoded(cls, dtype):
        for positions, new in writes(values):
            changed = written(encoding, positions, new, block_length)
            same(decoded(encoding), values)
            if changed is not None:
                expected = values.copy()
                expected[positions] = new
                same(decoded(changed), expected)
                assert_same(changed.item(0), expected[0])


@EVERY_ENCODING
@EVERY_DTYPE
def test_put_writes_all_or_nothing(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        for positions, new in writes(values):
            owned, expected = encoding.owned(), values.copy()
            if owned.put(positions, new):
                expected[positions] = new
            same(decoded(owned), expected)
            same(decoded(encoding), values)


@EVERY_ENCODING
@EVERY_DTYPE
def test_put_item(cls, dtype):
    for values, _, encoding in encoded(cls, dtype):
        for value in [values[-1], *extremes(dtype)]:
            owned, expected = encoding.owned(), values.copy()
            if owned.put_item(values.size // 2, value):
                expected[values.size // 2] = value
            same(decoded(owned), expected)


@EVERY_ENCODING
@EVERY_DTYPE
def test_values_that_are_there_fit(cls, dtype):
    for values, block_length, encoding in encoded(cls, dtype):
        fits = encoding.fits(values)
        assert fits.shape == values.shape
        if encoding.exceptions is None and cls.name not in WITHOUT_CODES:
            assert fits.all()
        pool = np.concatenate([extremes(dtype), values])
        new = pool[encoding.fits(pool)][: values.size]
        changed = written(encoding, np.arange(new.size), new, block_length)
        assert changed is not None or encoding.exceptions is not None
        if changed is not None:
            same(decoded(changed, 0, new.size), new)


def test_a_frame_that_begins_below_the_dtype_takes_no_values():
    """Results may have frames of which only the upper codes occur; a difference to their reference wraps around."""
    frame = Frame(np.dtype("u2"), -(2**40), 2**25, 0)
    encoding = Narrow(np.dtype("i4"), np.full(8, 2**15, "u2"), frame, None)
    codes, fits = encoding.translate(np.array([0, 5, -(2**31)], "i4"))
    assert codes.shape == (3,) and not fits.any()

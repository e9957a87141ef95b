"""Ufuncs on codes, at sizes at which they run on codes: every form with every other, bits and warnings as NumPy's."""

import itertools

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.config import settings
from compactarray.encodings.bits import Bits
from compactarray.encodings.dictionary import Dictionary
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.storage.blocks import storage_of
from compactarray.testing import assert_same, check

SHIPPED = settings().plain_below > 0
#: More than one block, not a whole number of them.
SIZE = 65_536 + 777 if SHIPPED else 59
RNG = np.random.default_rng(20)


def _with(values, others, every):
    """Return floats or moments of which every so many-th is another."""
    values = values.copy()
    values[5::every] = np.resize(np.array(others, values.dtype), values[5::every].shape)
    return values


def _counts(low, high):
    return RNG.integers(low, high, SIZE)


INTEGERS = {
    "counts": _counts(0, 200),
    "counts, another array": _counts(0, 256),
    "a few": _counts(0, 7),
    "negative": _counts(-100, 100),
    "far from zero": _counts(10**12, 10**12 + 90),
    "in steps": 3 + 5 * _counts(0, 250),
    "two bytes": _counts(-20_000, 40_000),
    "four bytes": _counts(0, 2**31),
    "outliers": _with(_counts(0, 200), [2**62, -(2**62), 0], 97),
    "sparse": _with(np.zeros(SIZE, np.int64), [5, -7, 2**40], 130),
    "runs": np.repeat(_counts(0, 10**9), 40)[:SIZE],
    "half zeros": np.where(RNG.random(SIZE) < 0.5, 0, _counts(1, 9_000)),
    "sequence": np.arange(SIZE) * 7 - 3,
    "constant": np.full(SIZE, 3),
    "int16": _counts(0, 100).astype(np.int16),
    "uint64": _counts(0, 100).astype(np.uint64),
    "a mask": _counts(0, 2).astype(bool),
}
FLOATS = {
    "whole": _counts(0, 200).astype(float),
    "whole, with NaN": _with(_counts(1, 200).astype(float), [np.nan, np.inf, -0.0, 0.5], 101),
    "whole and negative": _counts(-50, 50).astype(float),
    "image": _counts(0, 256) / 255.0,
    "another image": _counts(0, 100) / 7.0,
    "with both zeros": RNG.choice([-0.0, 0.0, 1.5, np.nan], SIZE),
    "float32 in truth": _counts(0, 60_000).astype(np.float32) / np.float32(7),
    "wide float32 in truth": (RNG.random(SIZE, np.float32)).astype(float),
    "noise": RNG.standard_normal(SIZE),
    "counts": INTEGERS["counts"],
    "a mask": INTEGERS["a mask"],
    "constant": np.full(SIZE, 0.25),
    "two values": RNG.choice([0.5, -2.0], SIZE),
}
TIMES = {
    "days": _counts(0, 200).astype("M8[D]"),
    "days, some missing": _with(_counts(0, 200).astype("M8[D]"), ["NaT"], 90),
    "seconds": (1_600_000_000 + 60 * _counts(0, 60_000)).astype("M8[s]"),
    "spans": _counts(-30, 30).astype("m8[D]"),
    "spans, some missing": _with(_counts(-30, 30).astype("m8[D]"), ["NaT"], 90),
    "spans of seconds": _counts(0, 3600).astype("m8[s]"),
}
UNARY = [np.negative, np.absolute, np.square, np.sign, np.positive, np.invert, np.logical_not, np.sqrt, np.log, np.exp, np.reciprocal,
    np.floor, np.rint, np.isnan, np.isfinite, np.signbit, np.isnat, np.conjugate, np.bitwise_count]  # fmt: skip
BINARY = [np.add, np.subtract, np.multiply, np.true_divide, np.floor_divide, np.remainder, np.maximum, np.minimum, np.fmax, np.fmin,
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.logical_and, np.logical_or, np.logical_xor,
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift, np.gcd, np.arctan2, np.copysign]  # fmt: skip
SCALARS = [
    0,
    1,
    -1,
    3,
    200,
    2**40,
    True,
    0.0,
    -0.0,
    0.5,
    2.0,
    np.nan,
    np.inf,
    np.int64(7),
    np.int8(-3),
    np.float64(3.0),
    np.float32(0.1),
]


def _takes(ufunc, *dtypes):
    """Tell whether NumPy has a loop."""
    try:
        with np.errstate(all="ignore"):
            ufunc(*(np.ones(1, dtype) for dtype in dtypes))
    except TypeError:
        return False
    return True


#: Between zeros of both signs either is the greater.
EXTREMES = (np.maximum, np.minimum, np.fmax, np.fmin)


def _same(function, *arrays, ufunc=None):
    check(function, *arrays, any_nan=True, any_zero=ufunc in EXTREMES)


@pytest.mark.parametrize("ufunc", UNARY, ids=lambda f: f.__name__)
def test_one_operand(ufunc):
    for group in (INTEGERS, FLOATS, TIMES):
        for array in group.values():
            if _takes(ufunc, array.dtype):
                _same(lambda a: ufunc(a), array)


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda f: f.__name__)
def test_two_operands(ufunc):
    for group in (INTEGERS, FLOATS, TIMES):
        pairs = itertools.product(enumerate(group.values()), repeat=2)
        for (i, left), (j, right) in pairs:
            # A part of the forms with each other: all would take minutes.
            if not (i - j) % (5 if SHIPPED else 3) and _takes(ufunc, left.dtype, right.dtype):
                _same(lambda a, b: ufunc(a, b), left, right, ufunc=ufunc)


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda f: f.__name__)
def test_scalars(ufunc):
    arrays = [INTEGERS[name] for name in ("counts", "negative", "in steps", "outliers", "uint64", "a mask", "sparse")]
    arrays += [FLOATS[name] for name in ("whole", "whole, with NaN", "image", "with both zeros", "two values")]
    for array, scalar in itertools.product(arrays, SCALARS):
        _same(lambda a, s=scalar: ufunc(a, s), array, ufunc=ufunc)
        _same(lambda a, s=scalar: ufunc(s, a), array, ufunc=ufunc)


@pytest.mark.parametrize("ufunc", [np.add, np.subtract, np.maximum, np.less, np.equal, np.multiply], ids=lambda f: f.__name__)
def test_scalars_of_time(ufunc):
    for array in (*TIMES.values(), INTEGERS["counts"]):
        for scalar in (
            np.timedelta64(3, "D"),
            np.timedelta64(3, "s"),
            np.datetime64("1970-02-03"),
            np.timedelta64("NaT", "D"),
        ):
            if _takes(ufunc, array.dtype, np.asarray(scalar).dtype):
                _same(lambda a, s=scalar: ufunc(a, s), array)


def test_pairs_of_small_tables():
    """They pay where the elements outnumber the pairs of entries by far."""
    image, other = (np.tile(FLOATS[name], 9) for name in ("image", "another image"))
    for ufunc in (np.add, np.multiply, np.true_divide, np.less, np.arctan2):
        _same(lambda a, b, f=ufunc: f(a, b), image, other)
    counts = np.tile(INTEGERS["counts"], 9)
    _same(lambda a: [a // a[::-1], a / a[::-1], a % a[::-1]], counts)


def test_operands_that_share_their_codes():
    for array in (INTEGERS["counts"], FLOATS["whole"], FLOATS["image"]):
        _same(lambda a: a * np.sqrt(a), array)
        _same(lambda a: (a + 1) - a, array)
        _same(lambda a: np.hypot(a, a), array)


def test_codes_that_do_not_occur_warn_of_nothing():
    # 0 is a code, of a frame that begins at 0, but no value.
    for array in (INTEGERS["counts"] + 1, FLOATS["whole, with NaN"]):
        _same(lambda a: [np.log(a), 1 / a, a % 7, 5 // a], array)


def test_results_are_compact():
    if not SHIPPED:
        return
    counts, image, mask = CompactArray(INTEGERS["counts"]), CompactArray(FLOATS["image"]), CompactArray(INTEGERS["a mask"])
    for result, share in [
        (counts + 1, 0.126), (counts * 3, 0.126), (-counts, 0.126), (counts + counts, 0.251), (counts > 9, 0.126), (np.sqrt(counts), 0.13),
        (image * 2, 0.13), (np.exp(image), 0.13), (~mask, 0.126), (mask & mask, 0.126), (counts // 7, 0.126),
    ]:  # fmt: skip
        assert result.nbytes <= share * result.dense_nbytes


@pytest.mark.parametrize("name", ["counts", "outliers", "a mask"])
def test_payloads_that_are_shared_are_not_written(name):
    """The codes that a result takes over from its operand are copied before either is written."""

    def write(a):
        b = a + 1 if a.dtype != bool else np.logical_or(a, False)
        a[3] = 0
        b[4] = 1
        a[10:20] = 1
        return [a, b]

    _same(write, INTEGERS[name])


@pytest.mark.parametrize("values", [[False, True, True], [3, 5, 10**12, 7]], ids=["bools", "integers"])
def test_sums_of_codes_with_exceptions(values):
    """What codes mean that exceptions stand before is taken off, whatever the codes are."""
    table = np.array(values)
    elements = table[np.random.default_rng(1).integers(0, table.size, 500)]
    block = settings().block_length
    coded = Bits(np.packbits(elements, bitorder="little"), table[:2], 500) if table.dtype.kind == "b" else None
    if coded is None:
        coded = Dictionary(np.searchsorted(np.sort(table), elements).astype("u1"), np.sort(table))
    places = np.arange(0, 500, 9)
    edges = np.arange(0, 500 + block, block)[: -(-500 // block) + 1]
    others = Raw(~elements[places] if table.dtype.kind == "b" else elements[places] + 1)
    exceptions = Exceptions((places % block).astype("u2"), places.searchsorted(edges).astype("i8"), others, block)
    storage = storage_of(table.dtype, [coded.rebuilt(coded.payload(), 500, exceptions)], block)
    ours = CompactArray.from_storage(storage, (500,))
    for function in (np.sum, np.count_nonzero, lambda a: np.add.reduce(a, dtype="f8")):
        assert_same(function(ours), function(np.asarray(ours)))

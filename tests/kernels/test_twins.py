"""Every kernel, its NumPy twin, and the compiled code give the same: results, arrays written, and bits."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray.encodings.dictionary import Codebook
from compactarray.encodings.spelling import reciprocal
from compactarray.kernels import KERNELS, OF_COORDINATES
from compactarray.kernels.compiler import SHORT
from compactarray.testing import assert_same
from tests.strategies import KINDS, make

LENGTHS = (1, 7, 300)


def _distinct(values):
    words = values.view(f"u{values.dtype.itemsize}")
    for most, known in ((256, 0), (5, 0), (300, 1), (300, words.size)):
        slots, table, codes = np.zeros(2048, "i4"), np.zeros(most, words.dtype), np.zeros(words.size, "u2")
        with np.errstate(over="ignore"):
            count = KERNELS["distinct"].python(words[:known], slots, table, codes, 0)
        yield (words, slots, table, codes, count)


def _lookup(values, width):
    table = values[: 256 if width == "u1" else None]
    yield (table, np.random.default_rng(1).integers(0, table.size, 300).astype(width), np.empty(300, values.dtype))


def _distinct_rows(values):
    for width, (most, known) in itertools.product((1, 3), ((300, 0), (5, 0), (600, 1), (600, values.size // 3))):
        units = values[: values.size // width * width]
        slots, table = np.zeros(2048, "i4"), np.zeros(most * width, values.dtype)
        with np.errstate(over="ignore"):
            rows = units[: min(known * width, units.size)]
            count = KERNELS["distinct_rows"].python(rows, width, slots, table, np.zeros(rows.size // width, "u2"), 0)
        yield (units, width, slots, table, np.zeros(units.size // width, "u2"), count)


def _lookup_rows(values, codes):
    for width in {1, min(3, values.size)}:
        table = values[: values.size // width * width]
        places = np.random.default_rng(1).integers(0, min(256, table.size // width), 50).astype(codes)
        yield (table, width, places, np.empty(50 * width, values.dtype))


def _widen_rows(values):
    for width in {1, min(4, values.size)}:
        codes = values[: values.size // width * width]
        yield (codes, width, width + 3, np.empty(codes.size // width * (width + 3), "u4"))


def _points(values):
    """Return rows of code points of one page and some others, as they are in strings of four bytes or one."""
    width = min(5, values.size)
    points = values[: values.size // width * width].copy()
    pages = np.array([0, 0, 0x400, 0, 0x100][:width], "u4") * (values.itemsize > 1)
    if values.itemsize > 1:
        points.reshape(-1, width)[::2] %= 256
        points.reshape(-1, width)[::4] += pages
    return points, width, pages


def _count_letters(values):
    points, width, pages = _points(values)
    for length in (width, max(1, width - 2)):
        yield (points, width, pages[:length], np.ones(257 * length, "u4"))


def _spell_rows(values):
    points, width, pages = _points(values)
    rng = np.random.default_rng(1)
    for length, letters in ((width, 256), (width, 40), (max(1, width - 2), 255)):
        ranks = np.full((length, 256), 0xFFFF, "u2")
        for row in ranks:
            row[np.sort(rng.permutation(256)[:letters])] = np.arange(letters)
        ends = np.array([length] if length < 3 else [2, length], "i8")
        rows, radices = points.size // width, np.full(length, letters, "u4")
        yield (points, width, pages[:length], ranks.reshape(-1), radices, ends, np.ones(ends.size * rows, "u4"), np.zeros(rows, "u1"))


def _unspell_rows(values):
    rng = np.random.default_rng(1)
    for radices in ([3, 1, 256, 7], [1, 200, 31, 2, 10]):
        ends = np.array([2, len(radices)], "i8")
        most = np.array([radices[0] * radices[1], np.prod(radices[2:])])
        codes = rng.integers(0, most[:, None], (2, values.size)).astype("u4")
        found = [reciprocal(radix, 1 << 31) for radix in radices]
        factors, shifts = (np.array(part, "u8") for part in zip(*found, strict=True))
        letters = np.resize(values, 256 * len(radices))
        out = np.empty(values.size * 6, values.dtype)
        yield (letters, np.array(radices, "u4"), factors, shifts, ends, codes.reshape(-1), np.zeros(512, "u8"), 6, out)


def _unpack_rows(values, out):
    lengths = np.random.default_rng(1).integers(0, 8, 300).astype("u1")
    lengths = lengths[: np.searchsorted(np.cumsum(lengths), values.size, "right")]
    ends = np.cumsum(lengths, dtype="i8")
    places = np.arange(lengths.size, dtype="u2")[::-1].copy()
    yield (values, lengths, (ends - lengths)[::8].astype("u4"), places, 9, np.empty(9 * places.size, out))


def _lookup_pairs(values):
    count = int(np.sqrt(values.size))
    left, right = np.random.default_rng(1).integers(0, count, (2, 300)).astype("u1")
    yield (values, left, right, np.uint32(count), np.empty(300, values.dtype))


def _overlay(values):
    positions = np.sort(np.random.default_rng(1).permutation(2 * values.size)[: values.size]).astype("u2") + np.uint16(5)
    yield (values, positions, 5, np.zeros(2 * values.size, values.dtype))


def _mask(values):
    return (np.random.default_rng(1).random(values.size) < 0.5).view("u1")


def _lines(values, width):
    small = values >> np.array(4, values.dtype)
    for outer, inner in ((1, 1), (2, 3), (1, 5), (4, 1)):
        length = small.size // (outer * inner)
        yield (small[: outer * length * inner], outer, length, inner, np.zeros(outer * inner, width))


def _running(values):
    small = values >> np.array(8 * values.itemsize - 4, values.dtype)
    for (outer, inner), (stride, reference, first) in itertools.product(((1, 1), (2, 3), (1, 5), (4, 1)), ((1, 0, 0), (3, -7, 9))):
        length = small.size // (outer * inner)
        if length:
            yield (small[: outer * length * inner], stride, reference, first, length, inner, np.zeros(small.size, "u4"))


def _two(values):
    """Return operands of few bits (scalars of NumPy would warn of an overflow), what is taken off, and where results go."""
    small = values >> np.array(8 * values.dtype.itemsize - 4, values.dtype)
    yield (small, small[::-1].copy(), -15, np.zeros(values.size, f"u{2 * values.dtype.itemsize}"))


def _expanded(values, out):
    """Return codes, frames and where values go, none of which overflows: scalars of NumPy would warn of that."""
    for stride, reference in ((1, 0), (1, 2**40 + 1), (60, 0), (60, 7)):
        scalar = np.dtype(out).type
        yield (values, scalar(stride), scalar(reference), np.empty(values.size, out))


def _packed(values, packed):
    bits = 8 * values.itemsize
    for width in sorted({1, 3, bits // 2, bits - 1}):
        codes = values & values.dtype.type((1 << width) - 1)
        lanes = -(-codes.size // bits)
        out = np.zeros(lanes * width, codes.dtype)
        if not packed:
            yield (codes, lanes, width, out)
            continue
        KERNELS["pack"].twin(codes, lanes, width, out)
        for start in {0, codes.size // 3, codes.size - 1}:
            yield (out, lanes, width, start, np.zeros(codes.size - start, codes.dtype))


def _counts(values):
    size = 1 << min(16, 8 * values.itemsize)
    yield (values, *np.zeros((4, size), "u4"))


def _ranks(values):
    """Return small ranks, and how many elements have each."""
    ranks = (np.argsort(np.argsort(values, kind="stable")) // 3 % 100).astype(values.dtype)
    return ranks, np.bincount(ranks, minlength=100)


def _places(values):
    ranks, counts = _ranks(values)
    places = np.where(counts > 0, -1, 0)
    yield (ranks, 70, places, int(np.count_nonzero(counts)))
    # Some are found already; some are never found.
    places = np.where(np.arange(100) % 2, -1, 5)
    yield (ranks, 70, places, int(np.count_nonzero(places < 0)))


def _starts(values):
    ranks, counts = _ranks(values)
    yield ranks, np.cumsum(counts) - counts


def _weights(values):
    places = np.abs(values.astype("i8") % 50).astype(values.dtype)
    yield (places, np.random.default_rng(1).random(values.size), np.zeros(60))


def _bins(values):
    finite = values[np.isfinite(values)]
    for number in (1, 7, 100):
        for low, high in ((-3.0, 50.0), (finite.min(initial=0), finite.max(initial=1))):
            with np.errstate(all="ignore"):
                edges = np.linspace(low, high, number + 1)
                if np.isfinite(high - low) and (edges[1:] > edges[:-1]).all():
                    yield (values, edges, low, high, high - low, np.zeros(number, "i8"))


def _frames(values, width):
    for base in (values.dtype.type(0), values.min()):
        yield (values, base, ~values.dtype.type(0), np.zeros(values.size, f"u{width}"))


def _strides(values, width):
    for base, stride in ((values.dtype.type(0), 1), (values.min(), 7), (values.min(), 100)):
        few = (values % values.dtype.type(256)) // values.dtype.type(stride) * values.dtype.type(stride) + base
        for numbers in (values, few):
            reach = np.uint64(stride * ((1 << 8 * width) - 1))
            yield (numbers, base, ~values.dtype.type(0), np.uint64(stride), reach, np.zeros(values.size, f"u{width}"))


def _framed_floats(values, width, powers=()):
    for reference in (0.0, -100.0):
        for rest in [(power, reference) for power in powers] or [(reference,)]:
            yield (values, values.view("i8"), *rest, 2.0 ** (8 * width) - 1, np.zeros(values.size, f"u{width}"))


#: For each kernel, how to make arguments of values.
ARGUMENTS = {
    "scan_floats": lambda v: [(v, v.view("i8"), v.view("i8")[0], 2.0**53, np.zeros(v.size, "i8"))],
    "distinct": _distinct,
    "lookup_pairs": _lookup_pairs,
    "lookup_u1": lambda v: _lookup(v, "u1"),
    "lookup_u2": lambda v: _lookup(v, "u2"),
    "distinct_rows": _distinct_rows,
    "count_letters": _count_letters,
    "spell_rows": _spell_rows,
    "unspell_rows": _unspell_rows,
    "lookup_rows_u1": lambda v: _lookup_rows(v, "u1"),
    "lookup_rows_u2": lambda v: _lookup_rows(v, "u2"),
    "widen_rows": _widen_rows,
    "measure_rows": lambda v: [
        (v[: v.size // w * w], w, np.zeros(v.size // w, "i8"), np.zeros(v.size // w, v.dtype)) for w in {1, min(4, v.size)}
    ],
    "narrow_rows": lambda v: [
        (v[: v.size // w * w], w, np.zeros(v.size // w * n, "u1"), n) for w, n in ((1, 1), (min(4, v.size), min(3, v.size)))
    ],
    "unpack_rows_u1": lambda v: _unpack_rows(v, "u1"),
    "unpack_rows_u4": lambda v: _unpack_rows(v, "u4"),
    "collect": lambda v: [(v, v[0], np.zeros(v.size + 1, "u2"), np.zeros(v.size + 1, v.dtype))],
    "collect_runs": lambda v: [
        (v, np.zeros(v.size, "u2"), np.zeros_like(v)),
        (v // v.dtype.type(40), np.zeros(v.size, "u2"), np.zeros_like(v)),
    ],
    **{f"frame_u{width}": lambda v, width=width: _frames(v, width) for width in (1, 2, 4)},
    **{f"strides_u{width}": lambda v, width=width: _strides(v, width) for width in (1, 2, 4)},
    **{f"decimals_u{width}": lambda v, width=width: _framed_floats(v, width, (1.0, 100.0, 1e20)) for width in (1, 2, 4)},
    **{f"whole_u{width}": lambda v, width=width: _framed_floats(v, width) for width in (1, 2, 4)},
    "narrow_floats": lambda v: [(v, np.zeros(v.size, "f4"))],
    "overlay": _overlay,
    "part": lambda v: [
        (v, np.sort(v)[place], np.zeros(v.size + 1, "u2"), np.zeros(v.size + 1, v.dtype), np.zeros_like(v))
        for place in {0, v.size // 2, v.size - 1}
    ],
    "sum_codes": lambda v: [(v,)],
    "dot_codes": lambda v: [(v, v[::-1].copy())],
    # Whole numbers, whose sums are the same in any order.
    "multiply_rows": lambda v: [
        (v, np.arange(length) % 5 - 2.0, np.zeros(v.size // length)) for length in {1, v.size} | ({50} if v.size == 300 else set())
    ],
    "sum_lines": lambda v: _lines(v, "u4"),
    "sum_lines_u4": lambda v: _lines(v, "u8"),
    "running_extremes": lambda v: [(v, greatest, np.zeros_like(v)) for greatest in (True, False)],
    "running_sums": _running,
    "running_words": lambda v: [
        (v, np.uint64(stride), np.uint64(reference), np.uint64(first), np.zeros(v.size, "u8"))
        for stride, reference, first in ((1, 0, 0), (60, 2**40, 9))
    ],
    "widen_words": lambda v: _expanded(v, "u8"),
    **dict.fromkeys(("add_u1", "add_u2", "subtract_u1", "subtract_u2", "multiply_u1", "multiply_u2"), _two),
    "select_codes": lambda v: [(v, v[::-1].copy(), _mask(v), np.zeros_like(v))],
    "reverse_codes": lambda v: [(v, row, np.zeros_like(v)) for row in {1, v.size} | ({50} if v.size == 300 else set())],
    "repeat_codes": lambda v: [(v, np.arange(v.size) % 5 % most, np.zeros(4 * v.size + 2, v.dtype)) for most in (1, 3, 5)],
    "pack": lambda v: _packed(v, packed=False),
    "unpack": lambda v: _packed(v, packed=True),
    "pack_bools": lambda v: [(v & np.uint64(0x0101010101010101), np.zeros(v.size, "u1"))],
    "unpack_bools": lambda v: [(v, np.zeros(v.size, "u8"))],
    "running_pages": lambda v: [(v, v[::page].copy(), page, np.zeros_like(v)) for page in (1, 8, 1024)],
    "fill_runs": lambda v: [(v, np.arange(v.size + 1) ** 2 // most, np.zeros(v.size**2 // most, v.dtype)) for most in (1, 5, 300)],
    "fill_bits": lambda v: [
        (v & 1, np.arange(v.size + 1) ** 2 // most + low, np.zeros((v.size**2 // most + low + 7) // 8, "u1"))
        for most, low in ((1, 0), (5, 3), (300, 9))
    ],
    "place_marked": lambda v: [
        (np.append(v[:1], v[: int(m.sum())]), m, np.zeros_like(v)) for m in (_mask(v), _mask(v) | 1, _mask(v) * 0)
    ],
    "scan_decimals": lambda v: [(v, v.view("i8"), 10.0**k, 2.0**51, np.zeros(v.size, "i8")) for k in (1, 2, 20)],
    "widen_codes": lambda v: [(v, stride, reference, np.zeros(v.size)) for stride in (1.0, 5.0) for reference in (0.0, -77.0)],
    "widen_floats": lambda v: [(v, np.zeros(v.size))],
    "divide_codes": lambda v: [(v, stride, reference, 1e3, np.zeros(v.size)) for stride in (1.0, 5.0) for reference in (0.0, -77.0)],
    "choose_codes": lambda v: [
        (np.tile(v, 3), np.arange(v.size) % most - (low == v.size), np.zeros_like(v)) for most, low in ((3, 0), (4, 0), (2, v.size))
    ],
    "replace_codes": lambda v: [(v, _mask(v), v[::-1].copy(), np.zeros_like(v)), (v, _mask(v) * 0, v[:1], np.zeros_like(v))],
    "compress_codes": lambda v: [(v, _mask(v), np.zeros(v.size + 1, v.dtype))],
    "tally_codes": _counts,
    "first_places": _places,
    "scatter_ranks": lambda v: [(ranks, 0, starts, np.zeros(v.size, "u4")) for ranks, starts in _starts(v)],
    "add_weights": _weights,
    "bin_values": _bins,
}
#: What of the arguments, after the call, is an answer; all arrays, unless told here. -1 says that there is none.
ANSWERS = {
    "distinct": lambda count, a: [] if count < 0 else [a[2][:count], a[3]],
    # Rows with what is no letter have any codes; what is room for codes is no answer.
    "spell_rows": lambda _, a: [a[6].reshape(a[5].size, -1) * (a[7] == 0), a[7]],
    "unspell_rows": lambda _, a: [a[8]],
    "distinct_rows": lambda count, a: [] if count < 0 else [a[3][: count * a[1]], a[4]],
    "part": lambda count, a: [a[2][:count], a[3][:count], a[4]],
    "collect": lambda count, a: [a[2][:count], a[3][:count]],
    "collect_runs": lambda count, a: [a[1][:count], a[2][:count]],
    "compress_codes": lambda count, a: [a[2][:count]],
    "repeat_codes": lambda count, a: [a[2][:count]],
    # How counts are spread over the tables is free.
    "tally_codes": lambda _, a: [a[1] + a[2] + a[3] + a[4]],
}

CASES = [(name, dtype) for name, kernel in KERNELS.items() if name in ARGUMENTS for dtype in sorted(kernel.dtypes, key=str)]


def samples(name, dtype):
    """Yield arguments for a kernel; the first is of the dtype."""
    for kind, length in itertools.product(KINDS, LENGTHS):
        yield from ARGUMENTS[name](make(kind, dtype, length))


def outcome(name, function, arguments):
    """Return the result of a call and the arrays that it wrote."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    with np.errstate(all="ignore"):
        result = function(*arguments)
    result = tuple(map(int, result)) if isinstance(result, tuple) else int(result)
    return [result, *ANSWERS.get(name, lambda _, a: [x for x in a if isinstance(x, np.ndarray)])(result, arguments)]


def test_every_kernel_has_samples():
    # The kernels of coordinates have a module of their own.
    assert sorted(ARGUMENTS) == sorted(KERNELS.keys() - OF_COORDINATES)


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=str)
def test_twin_is_like_the_source(name, dtype):
    kernel = KERNELS[name]
    for arguments in samples(name, dtype):
        assert_same(outcome(name, kernel.twin, arguments), outcome(name, kernel.python, arguments), dense=True)


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=str)
def test_compiled_is_like_the_twin(name, dtype):
    kernel = KERNELS[name]
    compiled = kernel.compiled(dtype)
    assert kernel.compiled(dtype) is compiled
    for arguments in samples(name, dtype):
        assert_same(outcome(name, compiled, arguments), outcome(name, kernel.twin, arguments), dense=True)


@pytest.mark.parametrize("modes", [("numpy", "numba"), ("numba", "numpy")], ids=str)
def test_codebooks_do_not_depend_on_who_serves(modes):
    """Compiled code takes over in the middle, and short blocks stay with the twin."""
    book, words = Codebook(np.dtype("u8"), 1000), make("noise", "u8", 300)
    for mode, start, stop in zip((*modes, *modes), (0, 0, 100, 200), (200, 200, 300, 300), strict=True):
        with compactarray.config(kernels=mode):
            codes = book.codes(words[start:stop])
        assert_same(book.table[codes], words[start:stop], dense=True)
        assert book.count == max(stop, 200)


def test_every_kernel_is_listed_by_its_name():
    assert len(set(map(id, KERNELS.values()))) == len(KERNELS)


@pytest.mark.parametrize("mode", ["numpy", "numba", "auto"])
def test_arrays_are_the_same_in_every_mode(mode):
    """Long enough that compiled kernels are asked for."""
    with compactarray.config(kernels=mode, block_length=65_536):
        for kind in KINDS:
            values = make(kind, "f8", 5 * SHORT)
            assert_same(compactarray.CompactArray(values), values)

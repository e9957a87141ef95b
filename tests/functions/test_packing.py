"""Bits packed from what is held as bits, and taken apart; triangles and interpolation through codes."""

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.testing import assert_same, check

_RNG = np.random.default_rng(12)


@pytest.mark.parametrize("bitorder", ["big", "little"])
@pytest.mark.parametrize("length", [1, 7, 8, 9, 63, 64, 65, 5000])
def test_packed_bits(length, bitorder, both):
    for source in (_RNG.random(length) < 0.5, _RNG.random(length) < 0.01, np.zeros(length, bool), np.ones(length, bool)):
        check(lambda a: np.packbits(a, bitorder=bitorder), source)
        check(lambda a: np.packbits(a[3:], bitorder=bitorder), source)
        check(lambda a: np.packbits(a.astype("i8"), bitorder=bitorder), source)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("shape", [(30, 64), (30, 70), (3, 4, 16)])
def test_along_axes(shape, axis, both):
    bits, octets = _RNG.random(shape) < 0.3, _RNG.integers(0, 256, shape).astype("u1")
    for use in (lambda a: a, lambda a: a.T, lambda a: a[1:]):
        check(lambda a, use=use: np.packbits(use(a), axis), bits)
        for count in (None, 5, -3, 200):
            check(lambda a, use=use, count=count: np.unpackbits(use(a), axis, count, "little"), octets)


@pytest.mark.parametrize("dtype", [float, "i4", bool, "c8", "O", "u1"])
@pytest.mark.parametrize("lengths", [(5, None), (70, None), (70, 7), (7, 70), (33, 31), (0, 5), (5, 0)])
def test_triangles(lengths, dtype, both):
    for k in (-80, -3, 0, 2, 80):
        found = np.tri(*lengths, k, dtype, like=CompactArray(np.zeros(3)))
        assert_same(found, np.tri(*lengths, k, dtype))


@pytest.mark.parametrize("kind", ["counts", "quarters", "random", "with NaN", "bools"])
def test_interpolation(kind, both):
    values = {
        "counts": _RNG.integers(0, 90, 600),
        "quarters": _RNG.integers(0, 90, 600) / 4,
        "random": _RNG.random((20, 30)),
        "with NaN": np.where(_RNG.random(600) < 0.1, np.nan, 3.0),
        "bools": _RNG.random((20, 30)) < 0.5,
    }[kind]
    for points in ([1, 5, 60.0], [3.0]):
        check(lambda a, points=points: np.interp(a, points, np.sqrt(points)), values)
        check(lambda a, points=points: np.interp(a.T, points, np.sqrt(points), left=-1, right=np.nan), values)
        check(lambda a, points=points: np.interp(a, points, points, period=7), values)


def test_sums_of_products_along_rows(both):
    for values in (_RNG.integers(0, 90, (16, 17)), _RNG.integers(0, 90, (16, 17)) / 4):
        for text in ("ij,ij->i", "ij,ij->j", "ij,ij", "ij,ij,ij->i"):
            check(lambda a, text=text: np.einsum(text, *[a] * text.split("->")[0].replace(",", " ").count("ij")), values)
        check(lambda a: np.einsum("ij,ij->i", a, a[::-1]), values)


@pytest.mark.parametrize("bitorder", ["big", "little"])
@pytest.mark.parametrize("length", [100_003, 262_144])
def test_many_packed_bits(length, bitorder):
    for share in (0.5, 0.0001):
        marks = _RNG.random(length) < share
        check(lambda a: np.packbits(a, bitorder=bitorder), marks)
        octets = np.packbits(marks)
        check(lambda a: np.unpackbits(a, bitorder=bitorder), octets)
        held = CompactArray(marks)
        packed = np.packbits(held, bitorder=bitorder)
        assert packed.nbytes <= held.nbytes + 1024
        # What is written to one is not seen in the other.
        packed[:] = 0
        assert_same(held, marks)

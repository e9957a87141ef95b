"""Every kernel, its NumPy twin, and the compiled code give the same: results, arrays written, and bits."""

import itertools

import numpy as np
import pytest

import compactarray
from compactarray.kernels import KERNELS
from compactarray.kernels.compiler import SHORT
from compactarray.testing import assert_same
from tests.strategies import KINDS, make


def _scan_arguments(dtype, values):
    limit = {2: 2.0**11, 4: 2.0**24, 8: 2.0**53}[np.dtype(dtype).itemsize]
    return (values, values.view("i8"), values.view("i8")[0], limit, np.zeros(values.size, "i8"))


def _distinct_arguments(dtype, values):
    words = values.view(f"u{np.dtype(dtype).itemsize}")
    for most in (256, 5):
        slots = 1 << max(4, 2 * most - 1).bit_length()
        yield (words, np.zeros(slots, "i4"), np.zeros(most, words.dtype), np.zeros(words.size, "u2"))


def _lookup_arguments(width, values):
    table = values[: 256 if width == "u1" else None]
    codes = np.random.default_rng(1).integers(0, table.size, 300).astype(width)
    return (table, codes, np.empty(300, values.dtype))


def _samples(name, dtype):
    """Yield arguments for a kernel; the first is of the dtype."""
    for kind, length in itertools.product(KINDS, (1, 7, 300)):
        values = make(kind, dtype, length)
        if name == "scan_floats":
            yield _scan_arguments(dtype, values)
        elif name == "distinct":
            yield from _distinct_arguments(dtype, values)
        elif name.startswith("lookup"):
            yield _lookup_arguments(name[-2:], values)
        else:
            raise KeyError(f"the kernel {name} has no sample arguments")


CASES = [(name, dtype) for name, kernel in KERNELS.items() for dtype in sorted(kernel.dtypes, key=str)]


def outcome(function, arguments):
    """Return the result of a call and the arrays that it may have written."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    result = function(*arguments)
    result = tuple(map(int, result)) if isinstance(result, tuple) else int(result)
    return result, [a for a in arguments if isinstance(a, np.ndarray)]


def same_outcome(name, one, other, arguments):
    first, second = outcome(one, arguments), outcome(other, arguments)
    assert first[0] == second[0]
    if first[0] == -1:
        return
    for place, (ours, theirs) in enumerate(zip(first[1], second[1], strict=True)):
        # The slots of the hash table and the unused end of the table are nobody's business.
        if name == "distinct":
            if place == 1:
                continue
            ours, theirs = (a[: first[0]] if place == 2 else a for a in (ours, theirs))
        assert_same(ours, theirs, dense=True)


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=str)
@pytest.mark.filterwarnings("ignore:(overflow|invalid value)")
def test_twin_is_like_the_source(name, dtype):
    kernel = KERNELS[name]
    for arguments in _samples(name, dtype):
        with np.errstate(all="ignore"):
            same_outcome(name, kernel.twin, kernel.python, arguments)


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=str)
def test_compiled_is_like_the_twin(name, dtype):
    kernel = KERNELS[name]
    compiled = kernel.compiled(dtype)
    assert kernel.compiled(dtype) is compiled
    for arguments in _samples(name, dtype):
        with np.errstate(all="ignore"):
            same_outcome(name, compiled, kernel.twin, arguments)


def test_every_kernel_is_listed_by_its_name():
    assert len(set(map(id, KERNELS.values()))) == len(KERNELS)


@pytest.mark.parametrize("mode", ["numpy", "numba", "auto"])
def test_arrays_are_the_same_in_every_mode(mode):
    """Long enough that compiled kernels are asked for."""
    with compactarray.config(kernels=mode, block_length=65_536):
        for kind in KINDS:
            values = make(kind, "f8", 5 * SHORT)
            assert_same(compactarray.CompactArray(values), values)

"""Strides without data, against NumPy's own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compactarray.geometry.ghost import geometry_of, ghost, sham
from compactarray.geometry.layout import (
    address_bounds,
    contiguous_strides,
    is_contiguous,
    k_order,
    normal_form,
    reshaped_strides,
)
from compactarray.geometry.tiles import pieces, regions
from tests.strategies import basic_indices

small_shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@st.composite
def views(draw):
    """Draw a view of an array of bytes, whose strides are counted in elements for that reason."""
    shape = draw(small_shapes)
    array = np.arange(math.prod(shape)).astype("u1").reshape(shape).copy(order=draw(st.sampled_from("CF")))
    view = array[draw(basic_indices(shape))]
    if not isinstance(view, np.ndarray):
        return array
    view = view.transpose(draw(st.permutations(range(view.ndim))))
    if draw(st.integers(0, 4)) == 0:
        view = np.broadcast_to(view, (3, *view.shape))
    return view


@given(views())
def test_contiguity(view):
    assert is_contiguous(view.shape, view.strides, "C") == view.flags.c_contiguous
    assert is_contiguous(view.shape, view.strides, "F") == view.flags.f_contiguous


@given(small_shapes)
def test_contiguous_strides(shape):
    for order in "CF":
        assert is_contiguous(shape, contiguous_strides(shape, order), order)
        if 0 not in shape:
            assert contiguous_strides(shape, order) == np.empty(shape, "u1", order).strides


@given(views())
def test_k_order(view):
    axes = k_order(view.shape, view.strides)
    fresh = contiguous_strides(tuple(view.shape[axis] for axis in axes))
    expected = view.copy(order="K").strides
    if view.size:
        assert all(fresh[rank] == expected[axis] for rank, axis in enumerate(axes) if view.shape[axis] > 1)


@given(views(), st.data())
def test_reshape(view, data):
    size = view.size
    divisors = [n for n in range(1, size + 1) if size % n == 0] or [0]
    first = data.draw(st.sampled_from(divisors))
    rest = size // first if first else 3
    second = data.draw(st.sampled_from([n for n in range(1, rest + 1) if rest % n == 0]))
    shape = (first, second, rest // second) if size else (first, 3)
    for order in "CF":
        try:
            expected = view.reshape(shape, order=order, copy=False).strides
        except ValueError:
            expected = None
        actual = reshaped_strides(view.shape, view.strides, shape, order)
        if expected is None or actual is None:
            assert actual is expected
        elif size:
            assert [a for a, n in zip(actual, shape, strict=True) if n > 1] == [
                e for e, n in zip(expected, shape, strict=True) if n > 1
            ]


@given(views(), small_shapes)
def test_reshape_to_and_from_ones(view, shape):
    """Axes of length 1 anywhere."""
    if view.size == 1:
        ones = (1,) * len(shape)
        assert reshaped_strides(view.shape, view.strides, ones, "C") is not None


@given(views())
def test_address_bounds_and_normal_form(view):
    base = view
    while base.base is not None:
        base = base.base
    offset = view.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    low, high = address_bounds(view.shape, view.strides, offset)
    if not view.size:
        assert low == high
        return
    ends = np.lib.array_utils.byte_bounds(view)
    start = base.__array_interface__["data"][0]
    assert (low + start, high + start) == ends
    normal = normal_form(view.shape, view.strides, offset)
    grid = np.full((), normal.offset)
    for axis in normal.axes:
        assert axis.length > 1
        assert axis.stride > 0
        grid = np.add.outer(grid, np.arange(axis.length) * axis.stride)
    addresses = set(grid.ravel().tolist())
    memory = base.reshape(-1, order="A") if base.flags.contiguous else base.ravel("K")
    assert sorted(memory[sorted(addresses)].tolist()) == sorted(set(view.ravel().tolist()))


@given(views(), st.data())
def test_ghosts_are_viewed_as_arrays_are(view, data):
    index = data.draw(basic_indices(view.shape))
    shadow = ghost(view.shape, view.strides, 1000)
    assert geometry_of(shadow) == (view.shape, view.strides, 1000)
    theirs = view[index]
    if isinstance(theirs, np.ndarray):
        shape, strides, offset = geometry_of(shadow[index])
        assert (shape, strides) == (theirs.shape, theirs.strides)
        assert offset - 1000 == theirs.__array_interface__["data"][0] - view.__array_interface__["data"][0]


def test_ghosts_of_any_size():
    shape, strides, offset = (2**40, 2**20), (-(2**20), 1), 2**59
    assert geometry_of(ghost(shape, strides, offset)) == (shape, strides, offset)
    assert geometry_of(ghost(shape, strides, offset)[5, ::-1]) == ((2**20,), (-1,), 2**59 - 5 * 2**20 + 2**20 - 1)


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (10**6, 10**6)])
def test_shams_take_no_memory(shape):
    assert sham(shape).shape == shape
    assert sham(shape, "f8").dtype == "f8"
    with pytest.raises(IndexError, match="out of bounds|too many"):
        sham(shape)[10**7]


@given(small_shapes, st.integers(1, 30))
def test_regions(shape, most):
    array = np.arange(math.prod(shape)).reshape(shape)
    found = [array[(*region, ...)] for region in regions(shape, most)]
    assert all(1 <= part.size <= max(1, most) for part in found)
    assert np.concatenate([np.empty(0, int), *[part.ravel() for part in found]]).tolist() == array.ravel().tolist()


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 20))
def test_pieces(start, count, length):
    found = list(pieces(start, start + count, length))
    assert [n for low, high in found for n in range(low, high)] == list(range(start, start + count))
    assert all(low // length == (high - 1) // length for low, high in found)

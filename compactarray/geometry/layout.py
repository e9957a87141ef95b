"""Shapes and strides: contiguity, K order, reshaping without a copy, and normal forms of views.

Strides and offsets count elements (addresses of a storage), never bytes.
"""

from math import prod
from typing import NamedTuple

Shape = tuple[int, ...]
Strides = tuple[int, ...]


class Axis(NamedTuple):
    """One axis of a normal form: its length, its positive stride, and the axis it came from."""

    length: int
    stride: int
    origin: int


class Normal(NamedTuple):
    """A view's elements, each once, in ascending order of address as far as strides tell.

    `axes` are sorted from the largest stride to the smallest, none of length 1 or stride 0; `flipped` and
    `repeated` name the original axes that ran backwards, and those of stride 0.
    """

    offset: int
    axes: tuple[Axis, ...]
    flipped: tuple[int, ...]
    repeated: tuple[int, ...]


def contiguous_strides(shape: Shape, order: str = "C") -> Strides:
    """Return the strides of a contiguous array, the last axis (``"C"``) or the first (``"F"``) fastest."""
    if len(shape) == 1:
        return (1,)
    strides = []
    step = 1
    for length in shape if order == "F" else reversed(shape):
        strides.append(step)
        step *= max(length, 1)
    return tuple(strides if order == "F" else reversed(strides))


def is_contiguous(shape: Shape, strides: Strides, order: str = "C") -> bool:
    """Tell whether the elements follow each other in C or F order."""
    if 0 in shape:
        return True
    expected = 1
    axes = zip(shape, strides, strict=True)
    for length, stride in axes if order == "F" else reversed(tuple(axes)):
        if length != 1:
            if stride != expected:
                return False
            expected *= length
    return True


def k_order(shape: Shape, strides: Strides) -> tuple[int, ...]:
    """Return the axes from the largest stride to the smallest, as NumPy's ``order="K"`` takes them.

    NumPy's insertion sort (npyiter_find_best_axis_ordering, PyArray_CreateSortedStridePerm) is stable and
    compares magnitudes.
    """
    return tuple(sorted(range(len(shape)), key=lambda axis: -abs(strides[axis])))


def normal_form(shape: Shape, strides: Strides, offset: int) -> Normal:
    """Return the `Normal` form of a view that is not empty."""
    axes = []
    flipped = []
    repeated = []
    for origin, (length, stride) in enumerate(zip(shape, strides, strict=True)):
        if length == 1:
            continue
        if stride == 0:
            repeated.append(origin)
        elif stride < 0:
            offset += stride * (length - 1)
            flipped.append(origin)
            axes.append(Axis(length, -stride, origin))
        else:
            axes.append(Axis(length, stride, origin))
    axes.sort(key=lambda axis: -axis.stride)
    return Normal(offset, tuple(axes), tuple(flipped), tuple(repeated))


def broadcast_shapes(*shapes: Shape) -> Shape:
    """Return the shape that all `shapes` broadcast to.

    As numpy.broadcast_shapes, without its limit to 32 axes.

    Raises
    ------
    ValueError
        Where there is no such shape.
    """
    found = [1] * max(map(len, shapes), default=0)
    for shape in shapes:
        for axis in range(1, len(shape) + 1):
            length = shape[-axis]
            if length != 1 and found[-axis] != length:
                if found[-axis] != 1:
                    raise ValueError(f"shapes {shapes} do not broadcast")
                found[-axis] = length
    return tuple(found)


def address_bounds(shape: Shape, strides: Strides, offset: int) -> tuple[int, int]:
    """Return the lowest address of a view and one past the highest; (offset, offset) for an empty one."""
    if 0 in shape:
        return offset, offset
    low = high = offset
    for length, stride in zip(shape, strides, strict=True):
        reach = stride * (length - 1)
        if reach < 0:
            low += reach
        else:
            high += reach
    return low, high + 1


def reshaped_strides(shape: Shape, strides: Strides, new: Shape, order: str) -> Strides | None:
    """Return the strides of the same elements in shape `new`, or None where that takes a copy.

    As NumPy's _attempt_nocopy_reshape: axes are grouped so that products of lengths agree, and each group
    of old axes must be one run.
    """
    if new == shape:
        return strides
    if prod(new) == 0 or prod(shape) == 0:
        return contiguous_strides(new, order)
    old = [(n, s) for n, s in zip(shape, strides, strict=True) if n != 1]
    if order == "F":
        old.reverse()
        new = new[::-1]
    result: list[int] = [0] * len(new)
    taken = 0
    axis = 0
    while axis < len(new):
        if taken == len(old):
            break
        first, last = taken, taken + 1
        begin, end = axis, axis + 1
        before, after = old[first][0], new[begin]
        while before != after:
            if before < after:
                before *= old[last][0]
                last += 1
            else:
                after *= new[end]
                end += 1
        for k in range(first, last - 1):
            if old[k][1] != old[k + 1][1] * old[k + 1][0]:
                return None
        step = old[last - 1][1]
        for k in range(end - 1, begin - 1, -1):
            result[k] = step
            step *= new[k]
        taken, axis = last, end
    # What is left has length 1; NumPy continues with the last stride.
    for k in range(axis, len(new)):
        result[k] = result[axis - 1] if axis else 1
    return tuple(reversed(result)) if order == "F" else tuple(result)

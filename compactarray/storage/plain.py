"""Plain views: an ndarray with the methods of a view of encoded elements, so that its semantics are NumPy's own."""

from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from compactarray.config import settings
from compactarray.geometry.layout import k_order
from compactarray.geometry.tiles import regions
from compactarray.storage.base import Array

Shape = tuple[int, ...]


class PlainView:
    """An ndarray, with the methods of a `View`."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype."""
        return self.array.dtype

    @property
    def shape(self) -> Shape:
        """The shape."""
        return self.array.shape

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.array.size

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides in bytes."""
        return self.array.strides

    @property
    def writeable(self) -> bool:
        """Whether elements may be written."""
        return self.array.flags.writeable

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return self.array.nbytes

    def contiguous(self, order: str) -> bool:
        """Tell whether the elements follow each other in C or F order."""
        return self.array.flags.c_contiguous if order == "C" else self.array.flags.f_contiguous

    def shares_storage(self, other: Any) -> bool:
        """Tell whether the two may share memory."""
        return isinstance(other, PlainView) and np.may_share_memory(self.array, other.array)

    def mapped(self, function: Callable[[Array], Array]) -> "PlainView":
        """Return the view that a function makes of the array."""
        return PlainView(function(self.array))

    def basic(self, index: Any) -> "PlainView":
        """Return the view that an index makes, always an array."""
        return PlainView(self.array[(*index, ...) if isinstance(index, tuple) else (index, ...)])

    def __getitem__(self, index: Any) -> Self:
        return type(self)(self.array[index])

    def transpose(self, axes: Any) -> "PlainView":
        """Return the view with its axes in another order."""
        return PlainView(self.array.transpose(axes))

    def reshaped(self, shape: Shape, order: str) -> "PlainView | None":
        """Return the array in another shape, or None where that takes a copy."""
        fresh = self.array.reshape(shape, order=order)  # type: ignore[call-overload]
        return PlainView(fresh) if np.may_share_memory(fresh, self.array) or not fresh.size else None

    def part(self, which: int | str) -> "PlainView":
        """Return the view of a field, or of the real (0) or imaginary (1) part."""
        if isinstance(which, str):
            return PlainView(self.array[which])
        return PlainView(self.array.imag if which else self.array.real)

    def reinterpreted(self, dtype: np.dtype[Any]) -> "PlainView":
        """Return the view of the same bytes as another dtype."""
        return PlainView(self.array.view(dtype))

    def readonly(self) -> "PlainView":
        """Return the view without the right to write."""
        fresh = self.array.view()
        fresh.flags.writeable = False
        return PlainView(fresh)

    def item(self) -> Any:
        """Return the element of an array without axes."""
        return self.array[()]

    def read(self, out: Array | None = None, dtype: Any = None) -> Array:
        """Return the array itself (or of another dtype), or copy it to `out`."""
        if out is None:
            return self.array if dtype is None else self.array.astype(dtype, copy=False)
        np.copyto(out, self.array, casting="unsafe")
        return out

    def tiles(self, order: str = "C") -> Iterator[Array]:
        """Yield the elements in C or F order, in 1-D pieces of at most a tile."""
        array = self.array if order == "C" else self.array.T
        for region in regions(array.shape, settings().tile_length):
            yield array[(*region, ...)].reshape(-1)

    def layout(self, order: str) -> tuple[int, ...]:
        """Return the axes from slowest to fastest in a copy in C, F, A or K order."""
        return layout_axes(self, self.strides, order)

    def snapshot(self) -> "PlainView":
        """Return a view of the elements as they are now."""
        return self.copied()

    def copied(self, order: str = "K") -> "PlainView":
        """Return an independent copy in C, F, A or K order."""
        return PlainView(self.array.copy(order=order))  # type: ignore[arg-type]


def layout_axes(view: Any, strides: tuple[int, ...], order: str) -> tuple[int, ...]:
    """Return the axes of a view (of either kind) from slowest to fastest in a copy in C, F, A or K order."""
    forward = tuple(range(len(view.shape)))
    if order == "A":
        order = "F" if view.contiguous("F") and not view.contiguous("C") else "C"
    if order == "K":
        # NumPy looks for the plain orders first; that decides where axes of length 1 go.
        order = "C" if view.contiguous("C") else "F" if view.contiguous("F") else "K"
    if order == "K":
        return k_order(view.shape, strides)
    return forward if order == "C" else forward[::-1]

"""`CompactArray`: a view with NumPy's face."""

from collections.abc import Iterator
from math import prod
from typing import Any, Literal, Self

import numpy as np

from compactarray.flatiter import FlatIterator
from compactarray.geometry.ghost import geometry_of, ghost, sham, typed_ghost
from compactarray.info import Info, info_of
from compactarray.memory import Memory
from compactarray.methods import Methods
from compactarray.methods_numeric import NumericMethods
from compactarray.protocols import Protocols
from compactarray.registry import CONVERTERS
from compactarray.storage import access
from compactarray.storage.base import Storage
from compactarray.storage.compaction import check_level, compact
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View, constant, encoded, whole
from compactarray.text import repr_of, str_of

Order = Literal["C", "F", "A", "K"]


class CompactArray(Protocols, NumericMethods, Methods, Memory):
    """An array that holds its elements losslessly in the smallest form found, and else is an ndarray.

    Parameters
    ----------
    x : array_like
        Anything that np.asarray takes, and arrays of scipy.sparse and `sparse`. Elements are copied, in the memory order
        of `x`, and encoded; a CompactArray is shared unless `copy` is true.
    dtype : dtype, optional
        The logical dtype; by default that of `x`.
    copy : bool, optional
        None copies where that is needed, True always; False raises ValueError where it is needed.

    See Also
    --------
    compactarray.asarray, compactarray.from_chunks, compactarray.load

    Notes
    -----
    As numpy.ndarray, but `nbytes` is what is really held (`dense_nbytes` is what NumPy would hold), and
    records taken out by an integer index are copies.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray import CompactArray
    >>> a = CompactArray(np.arange(200) % 100)
    >>> a.dtype, a.dense_nbytes, a.nbytes
    (dtype('int64'), 1600, 200)
    >>> a[5] = 10**15
    >>> a[3:7]
    CompactArray([               3,                4, 1000000000000000,
                                 6])
    """

    __slots__ = ("_view", "_base")
    __hash__ = None  # type: ignore[assignment]
    #: Above ndarray, below what wraps arrays.
    __array_priority__ = 10.0

    _view: AnyView
    _base: "CompactArray | None"

    def __init__(self, x: Any, dtype: Any = None, copy: bool | None = None, *, level: str = "fast") -> None:
        check_level(level)
        self._base = None
        self._view = self._encoded(x, dtype, copy, level)
        if level != "fast":
            if self._base is not None or isinstance(x, CompactArray):
                self._base, self._view = None, self._view.copied("K")
            self.compact(level)

    def _encoded(self, x: Any, dtype: Any, copy: bool | None, level: str) -> AnyView:
        """Return the view of what the constructor is given; a CompactArray becomes the base of one that is not copied."""
        if type(x) is not np.ndarray and hasattr(x, "nnz"):
            convert = CONVERTERS.get(type(x).__module__.partition(".")[0])
            x = x if convert is None or copy is False else convert(x)
        wanted = None if dtype is None else np.dtype(dtype)
        if isinstance(x, CompactArray):
            if wanted is None or wanted == x.dtype:
                self._base = None if copy else x._owner()
                return x._view.copied("K") if copy else x._view
            if copy is False:
                raise ValueError("Unable to avoid copy while creating an array as requested.")
            return x.astype(wanted)._view  # type: ignore[no-any-return]
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        array = np.asarray(x) if wanted is None or isinstance(x, np.ndarray) else np.asarray(x, wanted)
        return encoded(array, wanted, level)

    def compact(self, level: str = "fast") -> None:
        """Encode all elements anew, in place; views of them stay views.

        After many writes, or for the result of an operation, this finds smaller forms than there are: fragments are joined, and
        what is no longer in use is let go. Of a view, all that it is a view of is encoded.

        Parameters
        ----------
        level : str, optional
            ``"fast"``, forms that are computed on as they are; or ``"small"``, codes in as many bits as they need and
            differences of neighbours, which cost some time whenever they are read. What is written later is kept as ``"fast"``.

        Raises
        ------
        ValueError
            If there is no such level.

        Examples
        --------
        >>> import numpy as np
        >>> import compactarray
        >>> a = compactarray.CompactArray(np.random.default_rng(1).integers(0, 1000, 65_536))
        >>> a.nbytes
        131072
        >>> a.compact("small")
        >>> a.nbytes
        81920
        """
        check_level(level)
        if isinstance(self._view, View):
            compact(self._view.storage, level)

    @classmethod
    def from_view(cls, view: AnyView, base: "CompactArray | None" = None) -> Self:
        """Return the array around a view; `base` is the array that it shares elements with, if any."""
        fresh = object.__new__(cls)
        fresh._view = view
        fresh._base = base
        return fresh

    @classmethod
    def from_storage(cls, storage: Storage, shape: tuple[int, ...], order: Literal["C", "F"] = "C") -> Self:
        """Return the array of all of `storage` in a shape, the last (C) or the first (F) axis fastest."""
        if prod(shape) != storage.size:
            raise ValueError(f"cannot shape {storage.size} elements as {shape}")
        return cls.from_view(whole(storage, shape, order))

    @classmethod
    def from_value(cls, value: Any, shape: tuple[int, ...], dtype: np.dtype[Any], order: Literal["C", "F"] = "C") -> Self:
        """Return an array of one value; costs the same whatever the shape."""
        cell = np.empty(1, dtype)
        np.copyto(cell, value, casting="unsafe")
        # Let NumPy refuse a shape that is too large or negative; nothing of that size is made.
        np.broadcast_to(np.int8(0), shape)
        return cls.from_view(constant(cell, shape, order))

    def _show(self, view: AnyView) -> None:
        self._view = view

    def _owner(self) -> "CompactArray":
        return self if self._base is None else self._base

    def _viewed(self, view: AnyView) -> "CompactArray":
        return CompactArray.from_view(view, self._owner())

    # --- attributes ---------------------------------------------------------------------------------

    @property
    def dtype(self) -> np.dtype[Any]:
        """The logical dtype; assigning to it reinterprets the bytes in place, as for ndarray."""
        return self._view.dtype

    @dtype.setter
    def dtype(self, dtype: Any) -> None:
        view = self._view
        if isinstance(view, PlainView):
            array: Any = view.array
            array.dtype = dtype
            return
        # Whether that can be, and that it is deprecated, NumPy says.
        model: Any = typed_ghost(view.shape, view.strides, view.dtype)
        model.dtype = dtype
        self._view = view.reinterpreted(model.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape; assigning to it reshapes in place, as for ndarray."""
        return self._view.shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        view = self._view
        if isinstance(view, PlainView):
            view.array.shape = shape
            return
        # Refused is what NumPy refuses, in its words; what it would have to copy for must not come to a ghost.
        sham(view.shape).shape = shape
        try:
            model = ghost(view.shape, view.steps, view.offset).reshape(shape, copy=False)
        except ValueError:
            message = "Incompatible shape for in-place modification. Use `.reshape()` to make a copy with the desired shape."
            raise AttributeError(message) from None
        self._view = View(view.storage, *geometry_of(model), view.writeable)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._view.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._view.size

    @property
    def itemsize(self) -> int:
        """Bytes of one element of the logical dtype."""
        return self._view.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes really held; for a view, of the blocks that its elements lie in."""
        return self._view.nbytes

    @property
    def dense_nbytes(self) -> int:
        """Bytes that NumPy would hold: what ndarray calls nbytes."""
        return self._view.size * self._view.dtype.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides in bytes, as NumPy would have them; assigning to it lays the view anew, within its storage."""
        return self._view.strides

    @strides.setter
    def strides(self, strides: Any) -> None:
        view = self._view
        if isinstance(view, PlainView):
            view.array.strides = strides
            return
        # What fits into the memory of the whole storage, NumPy says, and that this is deprecated.
        width = view.dtype.itemsize
        memory: Any = ghost((view.storage.size * width,), (1,), 0)
        model: Any = np.ndarray(view.shape, f"V{width}", memory, view.offset * width, view.strides)
        model.strides = strides
        if any(step % width for step in model.strides):
            raise ValueError("strides must lead from element to element of the array")
        steps = tuple(step // width for step in model.strides)
        self._view = View(view.storage, view.shape, steps, view.offset, view.writeable)

    @property
    def base(self) -> "CompactArray | None":
        """The array that this one is a view of, or None."""
        return self._base

    @property
    def device(self) -> str:
        """As numpy.ndarray.device."""
        return "cpu"

    @property
    def info(self) -> Info:
        """What the array takes: bytes held and dense, and the shares of the encodings."""
        return info_of(self._view)

    @property
    def real(self) -> "CompactArray":
        """The real part, a view; a real array is its own real part."""
        view = self._view
        if view.dtype.kind == "c":
            return self._viewed(view.part(0))
        if isinstance(view, PlainView) and view.array.real is not view.array:
            part = view.array.real
            return self._from_plain(part) if isinstance(part, np.ndarray) else part
        return self

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> "CompactArray":
        """The imaginary part, a view; of a real array, zeros that cannot be written."""
        view = self._view
        if isinstance(view, PlainView):
            part = view.array.imag
            return self._from_plain(part) if isinstance(part, np.ndarray) else part
        if view.dtype.kind == "c":
            return self._viewed(view.part(1))
        axes = view.layout("A")
        zeros = constant(np.zeros(1, view.dtype), tuple(view.shape[axis] for axis in axes)).readonly()
        return CompactArray.from_view(zeros.transpose(tuple(axes.index(axis) for axis in range(len(axes)))))

    @imag.setter
    def imag(self, value: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError("array does not have imaginary part to set")
        self.imag[...] = value

    @property
    def flat(self) -> FlatIterator:
        """The elements in C order, to iterate over, to index and to assign to."""
        return FlatIterator(self, self._view)

    @flat.setter
    def flat(self, value: Any) -> None:
        view = self._view
        if isinstance(view, PlainView):
            array: Any = view.array
            array.flat = np.asarray(value) if isinstance(value, CompactArray) else value
        elif not view.writeable:
            raise ValueError("array is read-only")
        elif np.size(value):  # without any, an index is refused, and this is not
            self.flat[...] = value

    # --- indexing -----------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        view = self._view
        if type(view) is View:
            shape = view.shape
            if type(index) is int and len(shape) == 1:
                length = shape[0]
                if -length <= index < length:
                    return view.storage.item(view.offset + (index if index >= 0 else index + length) * view.steps[0])
            elif type(index) is slice and len(shape) == 1:
                return CompactArray.from_view(view.basic(index), self if self._base is None else self._base)
            elif type(index) is tuple and len(index) == len(shape):
                address = _address(index, view)
                if address is not None:
                    return view.storage.item(address)
            found = access.get(view, _without_arrays(index, view.shape))
            if not isinstance(found, (View, PlainView)):
                return found
            return CompactArray.from_view(found, self._owner() if view.shares_storage(found) else None)
        array = view.array  # type: ignore[union-attr]
        found = array[_plain_index(index)]
        if not isinstance(found, np.ndarray) or (array.dtype.kind == "O" and found.dtype.kind != "O"):
            return found
        shared = found.base is not None and (found.base is array or found.base is array.base)
        return CompactArray.from_view(PlainView(found), self._owner() if shared else None)

    def __setitem__(self, index: Any, value: Any) -> None:
        view = self._view
        if isinstance(value, CompactArray):
            source = value._view
            value = source.snapshot() if source.shares_storage(view) else source
        if type(view) is View:
            if view.writeable and not isinstance(value, (View, PlainView)):
                address = _address(index if type(index) is tuple else (index,), view)
                if address is not None:
                    dtype = view.storage.dtype
                    if dtype.kind not in "biufc" or type(value) is not dtype.type:
                        # A cell takes the value as an element of an array does, with the same errors.
                        cell = np.empty(1, dtype)
                        cell[0] = value
                        value = cell[0]
                    view.storage.put_item(address, value)
                    return
            access.put(view, _without_arrays(index, view.shape), value)
        else:
            dense = value.read() if isinstance(value, (View, PlainView)) else value
            view.array[_plain_index(index)] = dense  # type: ignore[union-attr]

    def __len__(self) -> int:
        if not self._view.shape:
            raise TypeError("len() of unsized object")
        return self._view.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self._view.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[k] for k in range(self._view.shape[0]))

    # --- text ---------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return repr_of(self._view, type(self).__name__)

    def __str__(self) -> str:
        return str_of(self._view)

    def _repr_html_(self) -> str:
        return self.info._repr_html_()


def _address(index: tuple[Any, ...], view: View) -> int | None:
    """Return the address of the element that plain integers pick, one for each axis; else None."""
    if len(index) != len(view.shape):
        return None
    if len(index) == 1 and type(k := index[0]) is int and 0 <= k < view.shape[0]:
        return view.offset + k * view.steps[0]
    address = view.offset
    for k, length, step in zip(index, view.shape, view.steps, strict=True):
        if type(k) is not int or not -length <= k < length:
            return None
        address += (k if k >= 0 else k + length) * step
    return address


def _without_arrays(index: Any, shape: tuple[int, ...]) -> Any:
    """Return an index without the CompactArrays in it: integers, and a mask of the whole array, stay compact."""
    if type(index) is tuple:
        if len(index) == 1:
            return (_without_arrays(index[0], shape),)
        return tuple(_without_arrays(item, ()) for item in index)
    if isinstance(index, CompactArray):
        view = index._view
        kept = view.dtype.kind in "iu" or (view.dtype.kind == "b" and view.shape == shape)
        return view if isinstance(view, View) and view.shape and kept else np.asarray(index)
    return index


def _plain_index(index: Any) -> Any:
    if type(index) is tuple:
        return tuple(_plain_index(item) for item in index)
    return np.asarray(index) if isinstance(index, CompactArray) else index

"""Methods of `CompactArray` that work through its view: conversions, copies, shapes."""

import builtins
from collections.abc import Iterator
from math import prod
from operator import index as as_integer
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from compactarray.geometry.ghost import sham
from compactarray.numerics.words import as_dtype
from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View
from compactarray.storage.views import converted, reshaped_copy

#: The flag of dtypes (strings of code points among them) that NumPy writes as bytes in the order of memory, if asked for "K".
_NEEDS_INIT = 8

Array = np.ndarray[Any, Any]


class Flags:
    """As numpy.flagsobj, for what a view tells; `writeable` can be cleared."""

    __slots__ = ("_array",)

    def __init__(self, array: "Methods") -> None:
        self._array = array

    @property
    def c_contiguous(self) -> bool:
        """Elements follow each other in C order."""
        return self._array._view.contiguous("C")

    @property
    def f_contiguous(self) -> bool:
        """Elements follow each other in F order."""
        return self._array._view.contiguous("F")

    @property
    def writeable(self) -> bool:
        """Elements can be written."""
        return self._array._view.writeable

    @writeable.setter
    def writeable(self, value: bool) -> None:
        self._array.setflags(write=value)

    @property
    def owndata(self) -> bool:
        """The array is no view of another."""
        return self._array._base is None

    aligned = True
    writebackifcopy = False

    @property
    def forc(self) -> bool:
        """F or C contiguous."""
        return self.f_contiguous or self.c_contiguous

    @property
    def behaved(self) -> bool:
        """Aligned and writeable."""
        return self.writeable

    @property
    def carray(self) -> bool:
        """Behaved and C contiguous."""
        return self.writeable and self.c_contiguous

    @property
    def farray(self) -> bool:
        """As NumPy tells it: not C contiguous (whether F contiguous or not)."""
        return not self.c_contiguous

    @property
    def fnc(self) -> bool:
        """F and not C contiguous."""
        return self.f_contiguous and not self.c_contiguous

    contiguous = c_contiguous
    fortran = f_contiguous

    _NAMES: ClassVar[dict[str, str]] = {
        "C": "c_contiguous",
        "CONTIGUOUS": "c_contiguous",
        "C_CONTIGUOUS": "c_contiguous",
        "F": "f_contiguous",
        "FORTRAN": "f_contiguous",
        "F_CONTIGUOUS": "f_contiguous",
        "W": "writeable",
        "WRITEABLE": "writeable",
        "O": "owndata",
        "OWNDATA": "owndata",
        "A": "aligned",
        "ALIGNED": "aligned",
        "X": "writebackifcopy",
        "WRITEBACKIFCOPY": "writebackifcopy",
        "B": "behaved",
        "BEHAVED": "behaved",
        "CA": "carray",
        "CARRAY": "carray",
        "FA": "farray",
        "FARRAY": "farray",
        "FNC": "fnc",
        "FORC": "forc",
    }

    def __getitem__(self, name: str) -> bool:
        if name not in self._NAMES:
            raise KeyError("Unknown flag")
        found: bool = getattr(self, self._NAMES[name])
        return found

    def __setitem__(self, name: str, value: bool) -> None:
        if self._NAMES.get(name) != "writeable":
            raise KeyError("Unknown flag")
        self.writeable = value

    @property
    def num(self) -> int:
        """The flags as NumPy numbers them."""
        flags = ("c_contiguous", "f_contiguous", "owndata", "aligned", "writeable")
        return sum(bit for name, bit in zip(flags, (1, 2, 4, 0x100, 0x400), strict=True) if getattr(self, name))

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Flags) and self.num == other.num

    def __repr__(self) -> str:
        names = ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY")
        return "\n".join(f"  {name} : {self[name]}" for name in names) + "\n"


class Methods:
    """What does not need to know more of an array than its view."""

    __slots__ = ()

    if TYPE_CHECKING:
        _view: AnyView
        _base: Any

    @classmethod
    def from_view(cls, view: AnyView, base: Any = None) -> Any:
        """Return the array around a view (see `CompactArray`)."""
        raise NotImplementedError

    def _viewed(self, view: AnyView) -> Any:
        raise NotImplementedError

    def _show(self, view: AnyView) -> None:
        """Become the array around another view of the same elements."""
        raise NotImplementedError

    # --- to NumPy and Python ------------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return the elements as an ndarray, decoded tile by tile straight to `dtype`.

        Raises
        ------
        ValueError
            Where `copy` is False: encoded elements cannot be shared.
        """
        view = self._view
        if isinstance(view, PlainView):
            return np.array(view.array, dtype, copy=copy)
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return view.read(dtype=None if dtype is None else np.dtype(dtype))

    def tiles(self, order: str = "C") -> Iterator[Array]:
        """Iterate over the elements in C or F order, as 1-D ndarrays of at most a tile."""
        return self._view.tiles(order)

    def tolist(self) -> Any:
        """As numpy.ndarray.tolist."""
        if isinstance(self._view, PlainView):
            return self._view.array.tolist()
        if not self._view.shape:
            return self._view.item().item()
        if len(self._view.shape) == 1:
            return [value for tile in self._view.tiles() for value in tile.tolist()]
        return [self[k].tolist() for k in range(self._view.shape[0])]  # type: ignore[index]

    def item(self, *args: Any) -> Any:
        """As numpy.ndarray.item."""
        view = self._view
        if isinstance(view, PlainView):
            return view.array.item(*args)
        if len(args) == 1 and isinstance(args[0], tuple):
            args = args[0]
        if not args:
            if view.size != 1:
                raise ValueError("can only convert an array of size 1 to a Python scalar")
            return view.mapped(lambda array: array[(0,) * array.ndim + (...,)]).item().item()
        if len(args) == 1 and len(view.shape) != 1:
            return self.flat[_flat_position(args[0], view)].item()  # type: ignore[attr-defined]
        if len(args) != len(view.shape):
            raise ValueError("incorrect number of indices for array")
        return view.basic((*(as_integer(k) for k in args), ...)).item().item()

    def tobytes(self, order: str = "C") -> bytes:
        """As numpy.ndarray.tobytes."""
        if isinstance(self._view, PlainView):
            return self._view.array.tobytes(order)  # type: ignore[arg-type]
        if order not in ("C", "F", "A", "K", None):
            return np.empty(0).tobytes(order)  # type: ignore[arg-type]
        if order == "A":
            order = "F" if self._view.contiguous("F") and not self._view.contiguous("C") else "C"
        if order == "K" and self._view.dtype.flags & _NEEDS_INIT:
            return b"".join(tile.tobytes() for tile in self._view.transpose(self._view.layout("K")).tiles())
        return b"".join(tile.tobytes() for tile in self._view.tiles("F" if order == "F" else "C"))

    def _few(self) -> Array:
        """Return the elements where there is at most one; else a stand-in on which NumPy raises its errors."""
        view = self._view
        return view.read() if view.size <= 1 or isinstance(view, PlainView) else sham(view.shape, view.dtype)

    def __bool__(self) -> bool:
        return bool(self._few())

    def __int__(self) -> int:
        return int(self._few())

    def __float__(self) -> float:
        return float(self._few())

    def __complex__(self) -> complex:
        return complex(self._few())

    def __index__(self) -> int:
        return as_integer(self._few())

    def __format__(self, spec: str) -> str:
        if not self._view.shape or spec:
            return format(self._few(), spec)
        return str(self)

    # --- copies -------------------------------------------------------------------------------------

    def copy(self, order: str = "C") -> Any:
        """As numpy.ndarray.copy; shares the encoded blocks until one of the arrays writes to them."""
        return self.from_view(self._view.copied(_order(order)))

    def __copy__(self) -> Any:
        return self.copy("K")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if isinstance(self._view, PlainView):
            return self.from_view(PlainView(self._view.array.__deepcopy__(memo)))
        return self.copy("K")

    def __reduce__(self) -> Any:
        # As NumPy's pickles: in C order, or in F order where the array is that.
        return _unpickled, (type(self), self._view.copied("A"))

    def astype(self, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True) -> Any:
        """As numpy.ndarray.astype, tile by tile; the result is encoded anew."""
        dtype = as_dtype(dtype)
        order = _order(order)
        view = self._view
        if casting != "unsafe":
            # Whether the rule allows it, and the words where it does not, are NumPy's.
            np.empty(0, view.dtype).astype(dtype, casting=casting)
        if dtype != view.dtype:
            return self.from_view(converted(view, dtype, order, casting))
        return self if not copy and _is_laid_out(view, order) else self.from_view(view.copied(order))

    def fill(self, value: Any) -> None:
        """As numpy.ndarray.fill."""
        cell = np.empty((), self._view.dtype)
        if isinstance(value, Methods) and value._view.shape and cell.dtype.kind != "O":
            value = sham(value._view.shape)  # refused, in NumPy's words
        cell.fill(value)
        self[...] = cell  # type: ignore[index]

    # --- views --------------------------------------------------------------------------------------

    @property
    def flags(self) -> Flags:
        """As numpy.ndarray.flags."""
        return Flags(self)

    def setflags(self, write: bool | None = None, align: bool | None = None, uic: bool | None = None) -> None:
        """As numpy.ndarray.setflags; a view of an array that cannot be written stays read-only."""
        if uic:
            raise ValueError("cannot set WRITEBACKIFCOPY flag to True")
        if write is None:
            return
        view = self._view
        if write and not view.writeable and self._base is not None and not self._base._view.writeable:
            raise ValueError("cannot set WRITEABLE flag to True of this array")
        if isinstance(view, PlainView):
            view.array.setflags(write=write)
        else:
            self._show(View(view.storage, view.shape, view.steps, view.offset, bool(write)))

    def view(self, dtype: Any = None, type: Any = None) -> Any:
        """As numpy.ndarray.view, for a dtype; views as other classes are not made."""
        if type is None and isinstance(dtype, builtins.type) and (issubclass(dtype, np.ndarray) or self._is_a(dtype)):
            type, dtype = dtype, None
        # Where NumPy would give an ndarray, and no more than that, it is a compact array.
        if type is not None and type is not np.ndarray and not self._is_a(type):
            if not (isinstance(type, builtins.type) and issubclass(type, np.ndarray)):
                raise ValueError("Type must be a sub-type of ndarray type")
            raise TypeError("a CompactArray cannot be viewed as another class; use numpy.asarray")
        dtype = self._view.dtype if dtype is None else as_dtype(dtype)
        if dtype == self._view.dtype:
            return self._viewed(self._view.mapped(lambda array: array.view()))
        return self._viewed(self._view.reinterpreted(dtype))

    def _is_a(self, kind: Any) -> bool:
        """Tell whether arrays like this one are of a class, which is no dtype besides."""
        return isinstance(kind, type) and kind is not object and isinstance(self, kind)

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        """As numpy.ndarray.reshape: a view where that is possible, else a copy in C or F order."""
        view = self._view
        if not shape:
            raise TypeError("reshape() takes exactly 1 argument (0 given)")
        if isinstance(view, PlainView):
            return self._from_plain(view.array.reshape(*shape, order=order, **({} if copy is None else {"copy": copy})))
        if len(shape) == 1 and shape[0] is None:
            copy = None  # as NumPy
        new = _new_shape(view, shape)
        if order not in ("C", "F", "A"):
            _order(order)
            raise ValueError("order 'K' is not permitted for reshaping")
        if order == "A":
            order = "F" if view.contiguous("F") and not view.contiguous("C") else "C"
        found = None if copy else view.reshaped(new, order)
        if found is not None:
            return self._viewed(found)
        if copy is False:
            raise ValueError("Unable to avoid creating a copy while reshaping.")
        return self.from_view(reshaped_copy(view, new, order))

    def ravel(self, order: str = "C") -> Any:
        """As numpy.ndarray.ravel: a view where the elements follow each other in that order."""
        view = self._view
        if isinstance(view, PlainView):
            return self._from_plain(view.array.ravel(order))  # type: ignore[arg-type]
        order = _order(order)
        if order == "A":
            order = "F" if view.contiguous("F") and not view.contiguous("C") else "C"
        ordered = view.transpose(view.layout(order))
        if not ordered.contiguous("C"):
            return self.flatten(order)
        found = ordered.reshaped((ordered.size,), "C")
        assert found is not None
        return self._viewed(found)

    def flatten(self, order: str = "C") -> Any:
        """As numpy.ndarray.flatten: always a copy."""
        view = self._view
        if isinstance(view, PlainView):
            return self._from_plain(view.array.flatten(order))  # type: ignore[arg-type]
        ordered = view.transpose(view.layout(_order(order))).copied("C")
        found = ordered.reshaped((ordered.size,), "C")
        assert found is not None
        return self.from_view(found)

    def _from_plain(self, array: Array) -> Any:
        """Return the array around an ndarray that may share the elements of this plain one."""
        view = PlainView(array)
        return self._viewed(view) if np.may_share_memory(array, self._view.array) else self.from_view(view)  # type: ignore[union-attr]

    def transpose(self, *axes: Any) -> Any:
        """As numpy.ndarray.transpose."""
        return self._viewed(self._view.mapped(lambda array: array.transpose(*axes)))

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """The view with its axes reversed."""
        view = self._view
        return self._viewed(view.transpose(tuple(range(len(view.shape)))[::-1]))

    @property
    def mT(self) -> Any:  # noqa: N802 - NumPy's name
        """The view with its last two axes swapped."""
        return self._viewed(self._view.mapped(lambda array: array.mT))

    def squeeze(self, axis: Any = None) -> Any:
        """As numpy.ndarray.squeeze: the array itself, where there is no axis to leave out."""
        view = self._view.mapped(lambda array: array.squeeze(axis))
        return self if len(view.shape) == len(self._view.shape) else self._viewed(view)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """As numpy.ndarray.swapaxes."""
        return self._viewed(self._view.mapped(lambda array: array.swapaxes(axis1, axis2)))

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        """As numpy.ndarray.diagonal: a view that cannot be written."""
        return self._viewed(self._view.mapped(lambda array: array.diagonal(offset, axis1, axis2)))


def _unpickled(cls: Any, view: AnyView) -> Any:
    return cls.from_view(view)


def _order(order: Any) -> str:
    """Return an order in one letter; NumPy's error for what is none."""
    if order in ("C", "F", "A", "K"):
        return str(order)
    np.empty(0).copy(order=order)
    return {None: "C"}.get(order) or str(order).upper()


def _is_laid_out(view: AnyView, order: str) -> bool:
    """Tell whether a view has the layout that a copy in `order` would have."""
    if order == "K":
        return True
    if order == "A":
        return view.contiguous("C") or view.contiguous("F")
    return view.contiguous(order)


def _flat_position(position: Any, view: View) -> int:
    position = as_integer(position)
    if not -view.size <= position < view.size:
        raise IndexError(f"index {position} is out of bounds for size {view.size}")
    return position


def _new_shape(view: AnyView, shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the shape asked for, -1 resolved; errors are NumPy's."""
    alone = len(shape) == 1 and (not hasattr(shape[0], "__index__") or np.ndim(shape[0]) > 0)
    wanted = shape[0] if alone else shape
    if wanted is None or isinstance(wanted, (str, bytes)):
        return sham(view.shape).reshape(wanted).shape  # type: ignore[arg-type]
    if any(isinstance(length, (bool, np.bool_)) for length in (wanted if np.iterable(wanted) else ())):
        raise TypeError("an integer is required")
    lengths = tuple(as_integer(length) for length in (wanted if np.iterable(wanted) else (wanted,)))
    if lengths.count(-1) == 1:
        rest = prod(length for length in lengths if length != -1)
        if rest > 0 and view.size % rest == 0:
            lengths = tuple(view.size // rest if length == -1 else length for length in lengths)
    if min(lengths, default=0) < 0 or prod(lengths) != view.size:
        # Not a valid shape: the one element is as good as any to let NumPy say so.
        np.broadcast_to(np.int8(0), view.shape).reshape(lengths)
    return lengths

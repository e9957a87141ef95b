"""ndarray's methods that compute: each calls NumPy's function of that name, which finds its route."""

import os
import pickle
from importlib import import_module
from math import prod
from operator import index as as_integer
from typing import Any

import numpy as np

from compactarray.storage.plain import PlainView
from compactarray.storage.view import AnyView, View, built

_NO_VALUE: Any = np._NoValue


#: Of the pickles that `dump` writes.
_PROTOCOL = 5


class NumericMethods:
    """Reductions, sorting, searching, and what else an ndarray computes."""

    __slots__ = ()

    _view: AnyView
    _base: Any

    # --- reductions ---------------------------------------------------------------------------------

    def _reduced(self, ufunc: np.ufunc, axis: Any, dtype: Any, out: Any, keepdims: Any, initial: Any, where: Any) -> Any:
        """Return ``ufunc.reduce``; by the shortest way, where nothing special is asked for."""
        if dtype is None and out is None and keepdims is False and initial is _NO_VALUE and where is True:
            return self.__array_ufunc__(ufunc, "reduce", self, axis=axis)  # type: ignore[attr-defined]
        reduce: Any = ufunc.reduce
        return reduce(self, axis, dtype, out, keepdims, initial, where)

    def sum(
        self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = _NO_VALUE, where: Any = True
    ) -> Any:
        """As numpy.ndarray.sum."""
        return self._reduced(np.add, axis, dtype, out, keepdims, initial, where)

    def prod(
        self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, initial: Any = _NO_VALUE, where: Any = True
    ) -> Any:
        """As numpy.ndarray.prod."""
        return self._reduced(np.multiply, axis, dtype, out, keepdims, initial, where)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = _NO_VALUE, where: Any = True) -> Any:
        """As numpy.ndarray.max."""
        return self._reduced(np.maximum, axis, None, out, keepdims, initial, where)

    def min(self, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = _NO_VALUE, where: Any = True) -> Any:
        """As numpy.ndarray.min."""
        return self._reduced(np.minimum, axis, None, out, keepdims, initial, where)

    def any(self, axis: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
        """As numpy.ndarray.any."""
        return np.logical_or.reduce(self, axis, bool, out, keepdims, where=where)  # type: ignore[call-overload]

    def all(self, axis: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
        """As numpy.ndarray.all."""
        return np.logical_and.reduce(self, axis, bool, out, keepdims, where=where)  # type: ignore[call-overload]

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True) -> Any:
        """As numpy.ndarray.mean."""
        return np.mean(self, axis, dtype, out=out, keepdims=keepdims, where=where)  # type: ignore[call-overload]

    def var(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        keepdims: bool = False,
        *,
        where: Any = True,
        mean: Any = _NO_VALUE,
    ) -> Any:
        """As numpy.ndarray.var."""
        return np.var(self, axis, dtype, out=out, ddof=ddof, keepdims=keepdims, where=where, mean=mean)  # type: ignore[call-overload]

    def std(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: float = 0,
        keepdims: bool = False,
        *,
        where: Any = True,
        mean: Any = _NO_VALUE,
    ) -> Any:
        """As numpy.ndarray.std."""
        return np.std(self, axis, dtype, out=out, ddof=ddof, keepdims=keepdims, where=where, mean=mean)  # type: ignore[call-overload]

    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
        """As numpy.ndarray.argmax."""
        return np.argmax(self, axis, out=out, keepdims=keepdims)  # type: ignore[call-overload]

    def argmin(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any:
        """As numpy.ndarray.argmin."""
        return np.argmin(self, axis, out=out, keepdims=keepdims)  # type: ignore[call-overload]

    def cumsum(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        """As numpy.ndarray.cumsum."""
        return np.cumsum(self, axis, dtype, out=out)  # type: ignore[call-overload]

    def cumprod(self, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        """As numpy.ndarray.cumprod."""
        return np.cumprod(self, axis, dtype, out=out)  # type: ignore[call-overload]

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
        """As numpy.ndarray.trace."""
        return np.trace(self, offset, axis1, axis2, dtype, out=out)  # type: ignore[call-overload]

    # --- elements -----------------------------------------------------------------------------------

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Any:
        """As numpy.ndarray.clip."""
        return np.clip(self, min, max, out=out, **kwargs)  # type: ignore[call-overload]

    def round(self, decimals: int = 0, out: Any = None) -> Any:
        """As numpy.ndarray.round."""
        return np.round(self, decimals, out=out)  # type: ignore[call-overload]

    def conj(self, *out: Any) -> Any:
        """As numpy.ndarray.conj: of a real array, the array itself."""
        if out and self._view.dtype.kind not in "cO":
            np.copyto(out[0], self)  # type: ignore[arg-type]
            return out[0]
        if out:
            return np.conjugate(self, *out)  # type: ignore[call-overload]
        if self._view.dtype.kind in "cO":
            return np.conjugate(self)  # type: ignore[call-overload]
        np.empty((), self._view.dtype).conj()
        return self

    def conjugate(self, *out: Any) -> Any:
        """As numpy.ndarray.conjugate: of a real array, the array itself."""
        return self.conj(*out)

    def byteswap(self, inplace: bool = False) -> Any:
        """As numpy.ndarray.byteswap."""
        view = self._view
        if isinstance(view, PlainView):
            found = view.array.byteswap(inplace)
            return self if inplace else self.from_view(PlainView(found))  # type: ignore[attr-defined]
        axes = view.layout("A")
        swapped = built(view.dtype, view.transpose(axes).shape, (tile.byteswap() for tile in view.transpose(axes).tiles()))
        swapped = swapped.transpose(tuple(axes.index(axis) for axis in range(len(axes))))
        if not inplace:
            return self.from_view(swapped)  # type: ignore[attr-defined]
        if not view.writeable:
            raise ValueError("array to be byte-swapped is read-only")
        self[...] = self.from_view(swapped)  # type: ignore[attr-defined,index]
        return self

    # --- picking ------------------------------------------------------------------------------------

    def take(self, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
        """As numpy.ndarray.take."""
        return np.take(self, indices, axis, out=out, mode=mode)  # type: ignore[call-overload]

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """As numpy.ndarray.put."""
        np.put(self, indices, values, mode)  # type: ignore[arg-type]

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        """As numpy.ndarray.compress."""
        return np.compress(condition, self, axis, out=out)  # type: ignore[call-overload]

    def choose(self, *choices: Any, out: Any = None, mode: str = "raise") -> Any:
        """As numpy.ndarray.choose: the choices are one argument, or several."""
        if not choices:
            raise TypeError("choose() takes exactly 1 argument (0 given)")
        return np.choose(self, choices[0] if len(choices) == 1 else choices, out=out, mode=mode)  # type: ignore[call-overload]

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        """As numpy.ndarray.repeat."""
        return np.repeat(self, repeats, axis)  # type: ignore[call-overload]

    def nonzero(self) -> Any:
        """As numpy.ndarray.nonzero."""
        return np.nonzero(self)  # type: ignore[call-overload,arg-type]

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        """As numpy.ndarray.searchsorted."""
        return np.searchsorted(self, v, side, sorter)  # type: ignore[call-overload]

    def dot(self, b: Any, out: Any = None) -> Any:
        """As numpy.ndarray.dot."""
        return np.dot(self, b, out=out)  # type: ignore[call-overload]

    # --- order --------------------------------------------------------------------------------------

    def sort(self, axis: Any = -1, kind: Any = None, order: Any = None, **kwargs: Any) -> None:
        """As numpy.ndarray.sort: in place."""
        if not self._view.writeable:
            raise ValueError("sort array is read-only")
        self[...] = np.sort(self, _whole(axis), kind, order, **kwargs)  # type: ignore[call-overload,index]

    def argsort(self, axis: Any = -1, kind: Any = None, order: Any = None, **kwargs: Any) -> Any:
        """As numpy.ndarray.argsort."""
        return np.argsort(self, axis, kind, order, **kwargs)  # type: ignore[call-overload,arg-type]

    def partition(self, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> None:
        """As numpy.ndarray.partition: in place."""
        if not self._view.writeable:
            raise ValueError("partition array is read-only")
        self[...] = np.partition(self, kth, _whole(axis), kind, order)  # type: ignore[call-overload,index]

    def argpartition(self, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
        """As numpy.ndarray.argpartition."""
        return np.argpartition(self, kth, axis, kind, order)  # type: ignore[call-overload,arg-type]

    # --- fields, size, files ------------------------------------------------------------------------

    def getfield(self, dtype: Any, offset: int = 0) -> Any:
        """As numpy.ndarray.getfield: a view, of a field that starts at a multiple of its size (else a read-only copy)."""
        dtype = np.dtype(dtype)
        np.empty((), self._view.dtype).getfield(dtype, offset)
        view = self._view
        if isinstance(view, PlainView):
            return self._viewed(PlainView(view.array.getfield(dtype, offset)))  # type: ignore[attr-defined]
        if dtype.itemsize == 0 or offset % dtype.itemsize or view.dtype.itemsize % dtype.itemsize:
            return self.from_view(PlainView(view.read().getfield(dtype, offset)).readonly())  # type: ignore[attr-defined]
        return self[..., np.newaxis].view(dtype)[..., offset // dtype.itemsize]  # type: ignore[index]

    def setfield(self, val: Any, dtype: Any, offset: int = 0) -> None:
        """As numpy.ndarray.setfield."""
        self.getfield(dtype, offset)[...] = val

    def resize(self, *new_shape: Any, refcheck: bool = True) -> None:
        """As numpy.ndarray.resize, in place; references to the array cannot be counted, and are not looked for."""
        if not new_shape or (len(new_shape) == 1 and new_shape[0] is None):
            return
        lengths = new_shape[0] if len(new_shape) == 1 and np.iterable(new_shape[0]) else new_shape
        shape = tuple(as_integer(length) for length in lengths)
        if any(length < 0 for length in shape):
            raise ValueError("negative dimensions not allowed")
        view = self._view
        if not (view.contiguous("C") or view.contiguous("F")):
            raise ValueError("resize only works on single-segment arrays")
        if prod(shape) != view.size:
            if self._base is not None:
                raise ValueError("cannot resize this array: it does not own its data")
            if not view.writeable:
                raise ValueError("cannot resize this array: it is read-only")
        self._view = _resized(view, shape)  # type: ignore[misc]

    def tofile(self, fid: Any, /, sep: str = "", format: str = "%s") -> None:
        """As numpy.ndarray.tofile, tile by tile."""
        opened = isinstance(fid, (str, os.PathLike))
        file = open(fid, "wb") if opened else fid  # noqa: SIM115
        try:
            if not sep:
                for tile in self._view.tiles():
                    tile.tofile(file)
                return
            for number, tile in enumerate(self._view.tiles()):
                if number:
                    file.write(sep.encode())
                file.flush()
                tile.tofile(file, sep, format)
        finally:
            if opened:
                file.close()

    def dump(self, file: Any) -> None:
        """As numpy.ndarray.dump, but that the pickle is of a newer protocol, which writes buffers as they are."""
        if hasattr(file, "write"):
            pickle.dump(self, file, protocol=_PROTOCOL)
            return
        with open(os.fspath(file), "wb") as opened:
            pickle.dump(self, opened, protocol=_PROTOCOL)

    def dumps(self) -> bytes:
        """As numpy.ndarray.dumps; see `dump`."""
        return pickle.dumps(self, protocol=_PROTOCOL)

    def to_device(self, device: Any, /, *, stream: Any = None) -> Any:
        """As numpy.ndarray.to_device: the array itself."""
        np.empty(0).to_device(device, stream=stream)
        return self

    def __array_namespace__(self, *, api_version: Any = None) -> Any:
        """Return this package, which has the functions of the array API standard."""
        # Which versions there are NumPy knows.
        np.empty(0).__array_namespace__(api_version=api_version)
        return import_module(__name__.partition(".")[0])

    def __delitem__(self, index: Any) -> None:
        raise ValueError("cannot delete array elements")


def _whole(axis: Any) -> Any:
    """Return an axis to sort along; None means nothing to a method."""
    if axis is None:
        raise TypeError("'NoneType' object cannot be interpreted as an integer")
    return axis


def _resized(view: AnyView, shape: tuple[int, ...]) -> AnyView:
    """Return the elements in their order in memory in another shape, cut off or filled up with zeros."""
    order = "C" if view.contiguous("C") else "F"
    flat = view if order == "C" else view.transpose(tuple(reversed(range(len(view.shape)))))
    size = prod(shape)
    if isinstance(view, PlainView):
        array = flat.array.reshape(-1).copy()  # type: ignore[union-attr]
        array.resize(size, refcheck=False)
        return PlainView(array.reshape(shape, order=order))  # type: ignore[call-overload]
    assert isinstance(flat, View)
    run = View(flat.storage, (flat.size,), (1,), flat.offset, flat.writeable)
    if size == view.size:
        fresh: AnyView = run
    else:
        kept = run.basic(slice(0, min(size, run.size)))

        def tiles() -> Any:
            yield from kept.tiles()
            missing = size - kept.size
            while missing > 0:
                yield np.zeros(min(missing, 65_536), view.dtype)
                missing -= 65_536

        fresh = built(view.dtype, (size,), tiles())
    found = fresh.reshaped(shape, order)
    assert found is not None
    return found

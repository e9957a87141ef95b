"""Python's operators on compact arrays: each runs its ufunc, unless the operation belongs to the other operand.

When it does is decided as for ndarray, so that what stands beside an ndarray can stand beside a compact array.
"""

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from compactarray.execution.powers import power_ufunc
from compactarray.storage.view import AnyView

Operator = Callable[..., Any]

#: Classes of operands that never want an operation for themselves. A memory map's results are ndarrays.
BASIC: frozenset[type] = frozenset(
    {bool, int, float, complex, str, bytes, list, tuple, slice, type(None), np.ndarray, np.memmap, *np.sctypeDict.values()}
)
_MISSING = object()
_NUMBERS = (int, float, complex, np.number)


def _binary(ufunc: np.ufunc, name: str) -> tuple[Operator, Operator, Operator]:
    """Return the operator of a ufunc, the reflected one, and the one in place."""
    function: Any = getattr(operator, name, None) or getattr(operator, f"{name}_", divmod)
    own, reflected = f"__{name}__", f"__r{name}__"

    def forward(self: "Operators", other: Any) -> Any:
        kind = type(other)
        if kind in BASIC or kind is type(self):
            return self.__array_ufunc__(ufunc, "__call__", self, other)
        if _belongs_to(other, reflected):
            return self._by_other(function, ufunc, (self, other)) if issubclass(kind, np.ndarray) else NotImplemented
        return ufunc(self, other)

    def backward(self: "Operators", other: Any) -> Any:
        kind = type(other)
        if kind in BASIC:
            return self.__array_ufunc__(ufunc, "__call__", other, self)
        if issubclass(kind, np.ndarray) and _overrides(kind, own):
            # It has left the operation to a class that it does not know.
            return self._by_other(function, ufunc, (other, self))
        return ufunc(other, self)

    def in_place(self: "Operators", other: Any) -> Any:
        kind = type(other)
        if kind in BASIC or kind is type(self):
            return self.__array_ufunc__(ufunc, "__call__", self, other, out=(self,))
        return NotImplemented if _wins(other) else ufunc(self, other, out=(self,))

    return forward, backward, in_place


def _comparison(ufunc: np.ufunc, name: str, swapped: np.ufunc) -> Operator:
    """Return the operator of a comparison; `swapped` is the one with the operands the other way round."""
    function = getattr(operator, name)

    def compare(self: "Operators", other: Any) -> Any:
        kind = type(other)
        if kind in BASIC or kind is type(self):
            return self._compared(ufunc, other)
        if issubclass(kind, np.ndarray):
            # Python asks a subclass first.
            if _overrides(kind, "__array_ufunc__"):
                return swapped(other, self)
            return self._by_other(function, ufunc, (self, other))
        return NotImplemented if _belongs_to(other, "") else self._compared(ufunc, other)

    return compare


def _unary(ufunc: np.ufunc) -> Operator:
    def compute(self: "Operators") -> Any:
        return self.__array_ufunc__(ufunc, "__call__", self)

    return compute


def _overrides(kind: type, name: str) -> bool:
    """Tell whether a subclass of ndarray has a method of its own."""
    return getattr(kind, name) is not getattr(np.ndarray, name)


def _belongs_to(other: Any, reflected: str) -> bool:
    """Tell whether an operation is the other operand's, through its reflected method, if the first one is an ndarray."""
    kind = type(other)
    if issubclass(kind, np.ndarray):
        # Python asks a subclass first, if it has the method.
        return _overrides(kind, reflected)
    override = getattr(kind, "__array_ufunc__", _MISSING)
    return override is None or (override is _MISSING and _wins(other))


def _wins(other: Any) -> bool:
    """Tell whether an operand that does not know `__array_ufunc__` has a higher priority than ndarray's 0."""
    if hasattr(type(other), "__array_ufunc__"):
        return False
    try:
        return float(getattr(other, "__array_priority__", -1.0)) > 0
    except (TypeError, ValueError):
        return False


class Operators:
    """The operators of ndarray, on what has its `__array_ufunc__`."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    if TYPE_CHECKING:
        _view: AnyView

        def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
            """Run a ufunc."""

        def _compared(self, ufunc: np.ufunc, other: Any) -> Any:
            """Run a comparison."""

        def _by_other(self, function: Operator, ufunc: np.ufunc, operands: tuple[Any, Any]) -> Any:
            """Run an operator that belongs to a subclass of ndarray."""

    __lt__ = _comparison(np.less, "lt", np.greater)
    __le__ = _comparison(np.less_equal, "le", np.greater_equal)
    __eq__ = _comparison(np.equal, "eq", np.equal)
    __ne__ = _comparison(np.not_equal, "ne", np.not_equal)
    __gt__ = _comparison(np.greater, "gt", np.less)
    __ge__ = _comparison(np.greater_equal, "ge", np.less_equal)

    __add__, __radd__, __iadd__ = _binary(np.add, "add")
    __sub__, __rsub__, __isub__ = _binary(np.subtract, "sub")
    __mul__, __rmul__, __imul__ = _binary(np.multiply, "mul")
    __matmul__, __rmatmul__, _ = _binary(np.matmul, "matmul")
    __truediv__, __rtruediv__, __itruediv__ = _binary(np.true_divide, "truediv")
    __floordiv__, __rfloordiv__, __ifloordiv__ = _binary(np.floor_divide, "floordiv")
    __mod__, __rmod__, __imod__ = _binary(np.remainder, "mod")
    __divmod__, __rdivmod__, _ = _binary(np.divmod, "divmod")
    __lshift__, __rlshift__, __ilshift__ = _binary(np.left_shift, "lshift")
    __rshift__, __rrshift__, __irshift__ = _binary(np.right_shift, "rshift")
    __and__, __rand__, __iand__ = _binary(np.bitwise_and, "and")
    __xor__, __rxor__, __ixor__ = _binary(np.bitwise_xor, "xor")
    __or__, __ror__, __ior__ = _binary(np.bitwise_or, "or")
    _power, _reflected_power, _power_in_place = _binary(np.power, "pow")

    __neg__ = _unary(np.negative)
    __pos__ = _unary(np.positive)
    __abs__ = _unary(np.absolute)
    __invert__ = _unary(np.invert)

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        """As ndarray: some scalar exponents have ufuncs of their own, and there is no modulus."""
        if modulo is not None:
            return NotImplemented
        ufunc = power_ufunc(self._view.dtype, other) if isinstance(other, _NUMBERS) else np.power
        return self._power(other) if ufunc.nin == 2 else ufunc(self)

    def __rpow__(self, other: Any, modulo: Any = None) -> Any:
        """As ndarray: there is no modulus."""
        return NotImplemented if modulo is not None else self._reflected_power(other)

    def __ipow__(self, other: Any) -> Any:  # type: ignore[misc]
        """As ndarray: some scalar exponents have ufuncs of their own."""
        ufunc = power_ufunc(self._view.dtype, other) if isinstance(other, _NUMBERS) else np.power
        return self._power_in_place(other) if ufunc.nin == 2 else ufunc(self, out=(self,))

    def __imatmul__(self, other: Any) -> Any:  # type: ignore[misc]
        """As ndarray: the second operand must be a matrix, so that the result is not broadcast."""
        if type(other) not in BASIC and _wins(other):
            return NotImplemented
        matrix = (-2, -1)
        axes = [matrix, matrix, matrix] if len(self._view.shape) != 1 else [(-1,), matrix, (-1,)]
        try:
            return np.matmul(self, other, out=(self,), axes=axes)
        except np.exceptions.AxisError:
            needs = "requires the first operand to have at least one and the second at least two dimensions."
            raise ValueError(f"inplace matrix multiplication {needs}") from None

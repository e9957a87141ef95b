"""Numbers at equal distances between ends that are arrays: linspace, logspace, geomspace."""

from collections.abc import Callable, Iterator
from operator import index as as_integer
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import broadcast, is_scalar, operand, tile_of
from compactarray.functions.common import common_shape, compact, dense, wrap
from compactarray.geometry.tiles import regions
from compactarray.numerics.errstate import ErrorsOfSteps
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.view import View, built

_PYTHON_NUMBERS = (bool, int, float, complex)


@implements(np.linspace, route="native")
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: Any = 0,
    *,
    device: str | None = None,
) -> Any:
    """As numpy.linspace."""
    spaced = _Spaced(start, stop, num, endpoint, device)
    found = spaced.finish(None if dtype is None else np.dtype(dtype), axis)
    return (found, spaced.step()) if retstep else found


@implements(np.logspace, route="native")
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: Any = 0) -> Any:
    """As numpy.logspace; for bases that are arrays: dense."""
    if not isinstance(base, (float, int)) and np.ndim(base):
        return dense(np.logspace, start, stop, num, endpoint, base, dtype, axis)
    base = np.asarray(base)[()] if isinstance(base, CompactArray) else base
    spaced = _Spaced(start, stop, num, endpoint, None)
    powers = np.power(base, np.ones(1, spaced.dtype)).dtype
    return spaced.finish(powers if dtype is None else np.dtype(dtype), axis, lambda do, tile: do(np.power, base, tile))


@implements(np.geomspace, route="composed")
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: Any = 0) -> Any:
    """As numpy.geomspace."""
    start, stop = compact(start), compact(stop)
    num = as_integer(num)
    if num < 0:
        np.linspace(0, 1, num)
    if np.any(np.equal(start, 0)) or np.any(np.equal(stop, 0)):
        raise ValueError("Geometric sequence cannot include zero")
    computed = np.result_type(start.dtype, stop.dtype, float(num), np.zeros((), dtype))
    wanted = computed if dtype is None else np.dtype(dtype)
    start, stop = start.astype(computed), stop.astype(computed)
    sign = np.sign(start)
    start, stop = np.true_divide(start, sign), np.true_divide(stop, sign)
    found: Any = logspace(np.log10(start), np.log10(stop), num, endpoint, 10.0, computed)
    if num > 0:
        # So that the ends are what was given, and not nearly so.
        found[0] = start
        if num > 1 and endpoint:
            found[-1] = stop
    found = np.multiply(found, sign, out=found) if num else found
    return (np.moveaxis(found, 0, axis) if axis else found).astype(wanted, copy=False)


class _Spaced:
    """Numbers at equal distances, along a first axis that is new."""

    def __init__(self, start: Any, stop: Any, num: Any, endpoint: bool, device: str | None) -> None:
        self._num = as_integer(num)
        if self._num < 0 or device not in (None, "cpu"):
            np.linspace(0, 1, self._num, device=device)  # type: ignore[arg-type]
        self._parts = self._num - 1 if endpoint else self._num
        self._endpoint = endpoint
        ends = [value if type(value) in _PYTHON_NUMBERS else compact(value) for value in (start, stop)]
        models = [value if type(value) in _PYTHON_NUMBERS else np.empty(0, value.dtype) for value in ends]
        self.dtype = np.linspace(*models, 1).dtype
        operands = [value if type(value) in _PYTHON_NUMBERS else operand(value._view) for value in ends]
        self._shape = common_shape(operands[::-1])
        self._ends = [value if is_scalar(value) else broadcast(value, self._shape) for value in operands]
        self._still = self._parts > 0 and self._any_still()

    def _any_still(self) -> bool:
        """Tell whether any distance is zero, or too small for one."""
        tiles = (self._differences(region) for region in regions(self._shape, settings().tile_length))
        with np.errstate(all="ignore"):
            return any(bool(np.any(difference / self._parts == 0)) for difference in tiles)

    def _differences(self, region: Any) -> Any:
        start, stop = (tile_of(end, region) for end in self._ends)
        return np.subtract(stop, start, dtype=type(self.dtype))

    def step(self) -> Any:
        """Return the distances."""
        if self._parts <= 0:
            return np.nan
        start, stop = (wrap(end) if isinstance(end, View) else end for end in self._ends)
        return np.true_divide(np.subtract(stop, start, dtype=type(self.dtype)), self._parts)

    def finish(self, dtype: np.dtype[Any] | None, axis: Any, then: Callable[..., Any] | None = None) -> Any:
        """Return the array of a dtype; `then` makes something else of each tile."""
        wanted = self.dtype if dtype is None else dtype
        shape = (self._num, *self._shape)
        floored = then is None and np.issubdtype(wanted, np.integer)

        def tiles() -> Iterator[Array]:
            with ErrorsOfSteps() as errors:
                for region in regions(shape, settings().tile_length):
                    rows = region[0] if isinstance(region[0], slice) else slice(region[0], region[0] + 1)
                    low, high, _ = rows.indices(self._num)
                    do = errors.of("numbers")
                    tile = self._tile(do, low, high, region[1:])
                    tile = tile if then is None else then(do, tile)
                    tile = np.floor(tile) if floored else tile
                    yield tile.astype(wanted, copy=False).reshape(-1)

        found: Any = wrap(built(wanted, shape, tiles()))
        return np.moveaxis(found, 0, axis) if axis else found

    def _tile(self, do: Callable[..., Any], low: int, high: int, region: Any) -> Array:
        start, stop = (tile_of(end, region) for end in self._ends)
        delta = np.asarray(do(np.subtract, np.asarray(stop, self.dtype), np.asarray(start, self.dtype)))
        y = np.arange(low, high).astype(self.dtype).reshape(-1, *(1,) * delta.ndim)
        if self._parts <= 0:
            y = do(np.multiply, y, delta)
        elif self._still:
            # As NumPy does it for denormal numbers.
            y = do(np.multiply, do(np.divide, y, self._parts), delta)
        else:
            y = do(np.multiply, y, do(np.divide, delta, self._parts))
        y = do(np.add, y, start)
        if self._endpoint and self._num > 1 and high == self._num:
            y[-1, ...] = stop
        return np.asarray(y, self.dtype)

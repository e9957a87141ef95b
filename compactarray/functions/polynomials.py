"""Polynomials: their values, by tiles of points; and sums, products, derivatives and integrals of their coefficients."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.polynomial import polynomial

from compactarray import creation
from compactarray.config import settings
from compactarray.execution.operands import operand, tile_of
from compactarray.functions.common import compact, dense, small, tilewise, wrap
from compactarray.functions.joining import concatenate
from compactarray.geometry.tiles import pieces, regions
from compactarray.numerics.errstate import ErrorsOfSteps
from compactarray.registry import declare, implements
from compactarray.storage.base import Array
from compactarray.storage.view import built


@implements(np.polyval, route="native", inline=True)
def polyval(p: Any, x: Any) -> Any:
    """As numpy.polyval."""
    if isinstance(p, np.poly1d) or isinstance(x, np.poly1d):
        return dense(np.polyval, p, x)
    p, x = compact(p), compact(x)
    if p.ndim != 1 or p.dtype.kind not in "biufc" or x.dtype.kind not in "biufc":
        return dense(np.polyval, p, x)
    if not x.ndim:
        return polyval(p, x[None])[0]
    dtype = np.polyval(np.ones(min(1, p.size), p.dtype), np.ones(1, x.dtype)).dtype
    with ErrorsOfSteps() as errors:

        def value(tile: Array) -> Array:
            do, found = errors.of("values"), np.zeros_like(tile)
            for start, stop in pieces(0, p.size, settings().tile_length):
                for coefficient in np.asarray(p[start:stop]):
                    found = do(np.add, do(np.multiply, found, tile), coefficient)
            return found

        return tilewise(value, dtype, x)


@implements(np.vander, route="native")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803 - NumPy's name
    """As numpy.vander; some rows at a time."""
    x = compact(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    number = x.size if N is None else N
    # NumPy's errors, and the dtype.
    dtype = np.vander(np.zeros(1, x.dtype), number if not isinstance(number, int) or number < 0 else 1, increasing).dtype
    source = operand(x._view)

    def tiles() -> Iterator[Array]:
        for start, stop in pieces(0, x.size, max(1, settings().tile_length // max(1, number))):
            yield np.vander(np.asarray(tile_of(source, (slice(start, stop),))), number, increasing).reshape(-1)

    return wrap(built(dtype, (x.size, number), tiles()))


# --- coefficients -----------------------------------------------------------------------------------


def _of_class(*values: Any) -> bool:
    return any(isinstance(value, np.poly1d) for value in values)


def _aligned(a1: Any, a2: Any) -> tuple[Any, Any]:
    """Return coefficients with zeros before the fewer ones, so that the lowest powers stand together."""
    a1, a2 = np.atleast_1d(compact(a1)), np.atleast_1d(compact(a2))
    missing = len(a2) - len(a1)
    if missing > 0:
        a1 = concatenate((creation.zeros(missing, a1.dtype), a1))
    elif missing < 0:
        a2 = concatenate((creation.zeros(-missing, a2.dtype), a2))
    return a1, a2


@implements(np.polyadd, route="composed", inline=True)
def polyadd(a1: Any, a2: Any) -> Any:
    """As numpy.polyadd."""
    return dense(np.polyadd, a1, a2) if _of_class(a1, a2) else np.add(*_aligned(a1, a2))


@implements(np.polysub, route="composed", inline=True)
def polysub(a1: Any, a2: Any) -> Any:
    """As numpy.polysub."""
    return dense(np.polysub, a1, a2) if _of_class(a1, a2) else np.subtract(*_aligned(a1, a2))


@implements(np.polymul, route="composed", inline=True)
def polymul(a1: Any, a2: Any) -> Any:
    """As numpy.polymul."""
    return dense(np.polymul, a1, a2) if _of_class(a1, a2) else np.convolve(_trimmed(a1), _trimmed(a2))  # type: ignore[arg-type]


def _trimmed(a: Any) -> Any:
    """Return coefficients without the zeros of the highest powers."""
    a = np.atleast_1d(compact(a))
    if a.ndim > 1:
        raise ValueError("Polynomial must be 1d only.")
    marks = np.not_equal(a, 0)
    if not np.any(marks):
        return compact(np.zeros(1, a.dtype))
    return a[int(np.argmax(marks)) :]


@implements(np.polyder, route="composed", inline=True)
def polyder(p: Any, m: Any = 1) -> Any:
    """As numpy.polyder."""
    if _of_class(p):
        return dense(np.polyder, p, m)
    m = int(m)
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    p = compact(p)
    for _ in range(m):
        p = np.multiply(p[:-1], creation.arange(len(p) - 1, 0, -1))
    return p


@implements(np.polyint, route="composed", inline=True)
def polyint(p: Any, m: Any = 1, k: Any = None) -> Any:
    """As numpy.polyint."""
    if _of_class(p):
        return dense(np.polyint, p, m, k)
    m = int(m)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    constants = np.atleast_1d(np.zeros(m) if k is None else np.asarray(k))
    if len(constants) == 1 and m > 1:
        constants = constants[0] * np.ones(m, float)
    if len(constants) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    p = compact(p)
    for constant in constants[:m]:
        p = _integral(p, constant)
    return p


def _integral(p: Any, constant: Any) -> Any:
    """Return the coefficients of an integral, with a constant at the end."""
    number, source, last = len(p), operand(p._view), np.asarray([constant])
    dtype = np.concatenate((np.true_divide(np.empty(0, p.dtype), np.empty(0, int)), last)).dtype

    def tiles() -> Iterator[Array]:
        for start, stop in pieces(0, number, settings().tile_length):
            yield np.true_divide(tile_of(source, (slice(start, stop),)), np.arange(number - start, number - stop, -1)).astype(dtype)
        yield last.astype(dtype)

    return wrap(built(dtype, (number + 1,), tiles()))


# --- in several variables ---------------------------------------------------------------------------


def _at_points(function: Callable[..., Any], whole: Callable[[], Any], points: Sequence[Any], c: Any) -> Any:
    """Return the values at points, tile by tile, of a polynomial whose coefficients are no more than a tile."""
    points = [compact(value) for value in points]
    if len({value.shape for value in points}) > 1:
        # NumPy's error.
        function(*(np.broadcast_to(0.0, value.shape) for value in points), np.zeros((1,) * len(points)))
    if np.ndim(c) != len(points) or np.size(c) > settings().tile_length:
        return whole()
    coefficients = np.asarray(c)
    model = np.asarray(function(*(np.zeros(1, value.dtype) for value in points), coefficients))
    if model.dtype.kind not in "fc" or not points[0].ndim:
        return whole()
    return tilewise(lambda *tiles: np.asarray(function(*tiles, coefficients)), model.dtype, *points, order="C")


def polyval2d(x: Any, y: Any, c: Any) -> Any:
    """As numpy.polynomial.polynomial.polyval2d."""
    found = small(polynomial.polyval2d, x, y, c)
    if found is not NotImplemented:
        return found
    return _at_points(polynomial.polyval2d, lambda: dense(polynomial.polyval2d, x, y, c), (x, y), c)


def polyvalnd(pts: Any, c: Any) -> Any:
    """As numpy.polynomial.polynomial.polyvalnd."""
    function: Any = polynomial.polyvalnd  # type: ignore[attr-defined]
    found = small(function, pts, c)
    if found is not NotImplemented:
        return found
    return _at_points(lambda *args: function(args[:-1], args[-1]), lambda: dense(function, pts, c), list(pts), c)


def polygrid2d(x: Any, y: Any, c: Any) -> Any:
    """As numpy.polynomial.polynomial.polygrid2d."""
    x, y = compact(x), compact(y)
    if not (x.ndim and y.ndim) or np.ndim(c) != 2 or np.size(c) > settings().tile_length:
        return dense(polynomial.polygrid2d, x, y, c)
    coefficients = np.asarray(c)
    dtype = np.asarray(polynomial.polygrid2d(np.zeros(1, x.dtype), np.zeros(1, y.dtype), coefficients)).dtype
    first, second = (operand(value.reshape(-1)._view) for value in (x, y))

    def tiles() -> Iterator[Array]:
        for rows, columns in regions((x.size, y.size), settings().tile_length):
            rows = slice(rows, rows + 1) if isinstance(rows, int) else rows
            parts = np.asarray(tile_of(first, (rows,))), np.asarray(tile_of(second, (columns,)))
            yield np.asarray(polynomial.polygrid2d(*parts, coefficients)).reshape(-1)

    return wrap(built(dtype, (*x.shape, *y.shape), tiles()))


for _body in (polyval2d, polyvalnd, polygrid2d):
    declare(f"numpy.polynomial.polynomial.{_body.__name__}", "native", body=_body)

"""Random numbers as compact arrays: large ones drawn piece by piece where that leaves NumPy's stream as it is.

A distribution with scalar parameters draws its numbers one after the other, so pieces of any length make up what one call would
have given, and leave the generator in the same state. Integers and booleans of less than 32 bits do not: a call draws several from
one word, and drops what is left of it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from itertools import chain
from math import prod
from numbers import Number
from operator import index as as_integer
from threading import RLock
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.namespace.results import compacted
from compactarray.namespace.wrapping import documentation
from compactarray.storage.base import Array
from compactarray.storage.view import built

Draw = Callable[..., Any]

#: The distributions that can be drawn in pieces, by the number of parameters before ``size``.
_PIECEWISE = {
    0: "random random_sample ranf sample standard_cauchy standard_exponential standard_normal tomaxint",
    1: "chisquare exponential geometric logseries pareto poisson power rayleigh standard_gamma standard_t weibull zipf",
    2: "beta binomial f gamma gumbel integers laplace logistic lognormal negative_binomial noncentral_chisquare normal randint "
    "random_integers uniform vonmises wald",
    3: "hypergeometric noncentral_f triangular",
}
PLACES = {name: place for place, names in _PIECEWISE.items() for name in names.split()}
#: What is drawn whole.
WHOLE = ["choice", "dirichlet", "multinomial", "multivariate_hypergeometric", "multivariate_normal", "permutation", "permuted"]
#: The parameter ``dtype`` of integers, by position.
_DTYPE = 3


def drawn(draw: Draw, name: str, lock: Any = None) -> Draw:
    """Return a method or function that draws, with compact arrays for results.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.namespace.sampling import drawn
    >>> counts = drawn(np.random.default_rng(0).poisson, "poisson")(20, (300, 400))
    >>> counts.nbytes / counts.dense_nbytes
    0.125
    """
    place = PLACES.get(name)

    def call(*args: Any, **kwargs: Any) -> Any:
        if isinstance(kwargs.get("out"), CompactArray):
            return _into(draw, args, kwargs)
        shape = None if place is None else _shape(place, args, kwargs)
        if shape is None:
            return compacted(draw(*args, **kwargs), kwargs.get("out"))
        assert place is not None
        options = {key: value for key, value in kwargs.items() if key != "size"}
        with nullcontext() if lock is None else lock:
            return _in_pieces(draw, shape, place, args, options)

    return call


def _into(draw: Draw, args: tuple[Any, ...], kwargs: dict[str, Any]) -> CompactArray:
    """Draw into an ndarray like the compact target, and write that to it."""
    target = kwargs.pop("out")
    dense = np.asarray(target)
    dense.flags.writeable = target.flags.writeable
    draw(*args, **kwargs, out=dense)
    target[...] = dense
    return target  # type: ignore[no-any-return]


def _shape(place: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, ...] | None:
    """Return the shape to draw in pieces, or None for what NumPy is to draw at once."""
    size = args[place] if len(args) > place else kwargs.get("size")
    if size is None or kwargs.get("out") is not None:
        return None
    parameters = (*args[:place], *(value for key, value in kwargs.items() if key not in ("size", "dtype")))
    dtype = args[_DTYPE] if len(args) > _DTYPE else kwargs.get("dtype")
    if not all(isinstance(value, (Number, str, type(None))) for value in parameters):
        return None
    try:
        shape = tuple(map(as_integer, size)) if isinstance(size, (tuple, list)) else (as_integer(size),)
        narrow = dtype is not None and np.dtype(dtype).itemsize < 4
    except TypeError:
        return None  # NumPy says what is wrong
    large = min(shape, default=0) > 0 and 8 * prod(shape) > settings().plain_below
    return shape if large and not narrow else None


def _in_pieces(draw: Draw, shape: tuple[int, ...], place: int, args: tuple[Any, ...], options: dict[str, Any]) -> CompactArray:
    """Return an array of numbers that are drawn a tile at a time."""
    size, most = prod(shape), settings().tile_length
    before, after = args[:place], args[place + 1 :]

    def call(count: int) -> Array:
        # By position where it was given so.
        return draw(*before, count, *after, **options) if after else draw(*before, size=count, **options)

    def tiles() -> Iterator[Array]:
        for start in range(0, size, most):
            yield call(min(most, size - start))

    source = tiles()
    first = next(source)
    return CompactArray.from_view(built(first.dtype, shape, chain((first,), source)))


def _method(method: Draw, name: str) -> Draw:
    """Return a method of NumPy's generators, with compact arrays for results."""

    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return drawn(method.__get__(self), name, _lock_of(self))(*args, **kwargs)

    call.__doc__ = documentation(method)
    return call


def _lock_of(generator: Any) -> AbstractContextManager[Any] | None:
    """Return the lock that a generator's own methods take, so that no other thread draws between two pieces.

    That of NumPy before 2.4 cannot be taken twice, and is left to them.
    """
    lock = generator._bit_generator.lock
    return lock if isinstance(lock, type(RLock())) else None


def shuffle(shuffled: Draw) -> Draw:
    """Return ``shuffle`` for compact arrays too: they are decoded, shuffled, and written to."""

    @wraps(shuffled)
    def call(*args: Any, **kwargs: Any) -> Any:
        targets = [value for value in (*args, kwargs.get("x")) if isinstance(value, CompactArray)]
        if not targets:
            return shuffled(*args, **kwargs)
        (target,) = targets
        dense = np.asarray(target).copy()
        dense.flags.writeable = target.flags.writeable
        shuffled(
            *(dense if value is target else value for value in args), **{k: dense if v is target else v for k, v in kwargs.items()}
        )
        target[...] = dense
        return None

    return call


class Generator(np.random.Generator):
    """As numpy.random.Generator, with compact arrays for results: large ones are never dense where the stream allows it.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.random import Generator
    >>> rng = Generator(np.random.PCG64(7))
    >>> rng.integers(0, 9, 3), np.random.default_rng(7).integers(0, 9, 3)
    (CompactArray([8, 5, 6]), array([8, 5, 6]))
    """

    def shuffle(self, x: Any, axis: int = 0) -> None:
        """As numpy.random.Generator.shuffle."""
        shuffle(super().shuffle)(x, axis)

    def __reduce__(self) -> Any:
        _, arguments, *state = super().__reduce__()
        return (type(self), arguments, *state)


class RandomState(np.random.RandomState):
    """As numpy.random.RandomState, with compact arrays for results: large ones are never dense where the stream allows it."""

    def shuffle(self, x: Any) -> None:
        """As numpy.random.RandomState.shuffle."""
        shuffle(super().shuffle)(x)

    def rand(self, *shape: Any) -> Any:
        """As numpy.random.RandomState.rand."""
        return self.random_sample(size=shape) if shape else super().rand()

    def randn(self, *shape: Any) -> Any:
        """As numpy.random.RandomState.randn."""
        return self.standard_normal(size=shape) if shape else super().randn()

    def __reduce__(self) -> Any:
        _, arguments, *state = super().__reduce__()
        return (type(self), arguments, *state)


for _class in (Generator, RandomState):
    for _name in (*PLACES, *WHOLE):
        _found = getattr(_class.__bases__[0], _name, None)
        if _found is not None:
            setattr(_class, _name, _method(_found, _name))


def default_rng(seed: Any = None) -> Generator:
    """As numpy.random.default_rng: a generator whose numbers are NumPy's.

    Examples
    --------
    >>> import compactarray
    >>> compactarray.random.default_rng(3).normal(size=1_000_000).dtype
    dtype('float64')
    """
    if isinstance(seed, CompactArray):
        seed = np.asarray(seed)
    return seed if isinstance(seed, Generator) else Generator(np.random.default_rng(seed).bit_generator)

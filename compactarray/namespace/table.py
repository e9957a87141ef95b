"""What each public name of NumPy's is in this package."""

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from compactarray.creation import blank
from compactarray.flatiter import FlatIterator
from compactarray.namespace import classes, creating, exposed, grids
from compactarray.namespace.ufuncs import Ufunc
from compactarray.namespace.wrapping import converting, encoding, presented

#: NumPy's namespaces of functions, which are modules here too.
MODULES = ("char", "fft", "lib", "linalg", "polynomial", "random", "strings", "testing")
#: Modules within them whose functions give arrays.
_INNER = {
    "numpy.lib": "array_utils npyio recfunctions scimath stride_tricks",
    "numpy.polynomial": "chebyshev hermite hermite_e laguerre legendre polynomial polyutils",
}
#: Functions that have nothing to do with the elements of arrays, and are NumPy's own here.
_NUMPYS = frozenset(
    "base_repr binary_repr broadcast_shapes can_cast datetime_data format_float_positional format_float_scientific get_include "  # noqa: SIM905
    "get_printoptions getbufsize geterr geterrcall info isdtype isscalar issubdtype iterable may_share_memory mintypecode ndim "
    "nested_iters printoptions promote_types result_type set_printoptions setbufsize seterr seterrcall shape shares_memory "
    "show_config show_runtime size test typename".split()
)
#: Functions whose result may be far larger than their first argument (or all of them), which is encoded before.
_BLOWN_UP: dict[str, int | None] = {
    "numpy.broadcast_arrays": None,
    "numpy.broadcast_to": 1,
    "numpy.kron": 2,
    "numpy.meshgrid": None,
    "numpy.outer": 2,
    "numpy.repeat": 1,
    "numpy.resize": 1,
    "numpy.tile": 1,
    "numpy.lib.stride_tricks.broadcast_arrays": None,
    "numpy.lib.stride_tricks.broadcast_to": 1,
    "numpy.lib.stride_tricks.sliding_window_view": 1,
}
#: Bodies that take the parameters of NumPy's functions.
_MADE: dict[str, Callable[..., Any]] = {
    "array": creating.array,
    "asarray": creating.asarray,
    "asanyarray": creating.asanyarray,
    "ascontiguousarray": creating.ascontiguousarray,
    "asfortranarray": creating.asfortranarray,
    "from_dlpack": creating.from_dlpack,
    "fromfunction": grids.fromfunction,
    "fromiter": creating.fromiter,
    "indices": grids.indices,
    "linspace": creating.linspace,
    "require": creating.require,
    "tri": grids.tri,
}
#: Functions that are registered for ``like=``, and what makes small arrays instead.
_LIKE: dict[str, Callable[..., Any]] = {
    "arange": np.arange,
    "empty": blank,
    "eye": np.eye,
    "full": np.full,
    "identity": np.identity,
    "ones": np.ones,
    "zeros": np.zeros,
}
_ALIKE = ("empty_like", "full_like", "ones_like", "zeros_like")
#: What is neither a function nor NumPy's own.
_OBJECTS: dict[str, Any] = {
    "flatiter": FlatIterator,
    "c_": grids.Indexed(np.c_),
    "mgrid": grids.Grid(),
    "ndarray": classes.ndarray,
    "nditer": exposed.nditer,
    "ogrid": grids.Indexed(np.ogrid),
    "r_": grids.Indexed(np.r_),
    "vectorize": classes.vectorize,
}
#: Functions that ask for instances of ndarray.
_ON_DENSE = frozenset(("numpy.char.array", "numpy.char.asarray", "numpy.rec.array", "numpy.testing.assert_equal"))
_PACKAGE = __name__.partition(".")[0]


def attribute(name: str) -> Any:
    """Return what a public name of NumPy's main namespace is here.

    Raises
    ------
    AttributeError
        Where NumPy has no such name; its own words tell what became of those that it had.

    Examples
    --------
    >>> from compactarray.namespace.table import attribute
    >>> attribute("sort")([3, 1, 2])
    CompactArray([1, 2, 3])
    """
    if name in MODULES:
        return import_module(f"{_PACKAGE}.{name}")
    if name.startswith("_") and name not in ("__array_api_version__", "__array_namespace_info__"):
        raise AttributeError(f"module '{_PACKAGE}' has no attribute '{name}'")
    value = _asked(np, name, _PACKAGE)
    if name in _OBJECTS:
        return _OBJECTS[name]
    if name in _MADE:
        return _MADE[name]
    if name in _LIKE:
        return presented(creating.making(value, _LIKE[name]), value, name, _PACKAGE)
    if name in _ALIKE:
        return presented(creating.alike(value), value, name, _PACKAGE)
    if name == "frompyfunc":
        return presented(classes.frompyfunc(value, Ufunc), value, name, _PACKAGE)
    if name in ("emath", "rec"):
        return mirror(value, f"{_PACKAGE}.{name}")
    return value if name in _NUMPYS else _converted(value, np, name, _PACKAGE)


def names() -> list[str]:
    """Return the public names of NumPy's main namespace.

    Examples
    --------
    >>> from compactarray.namespace.table import names
    >>> "linalg" in names(), "sin" in names()
    (True, True)
    """
    return [name for name in sorted({*dir(np), *np.__all__}) if not name.startswith("_")]


def public() -> list[str]:
    """Return the names that ``from numpy import *`` brings; those of modules that NumPy has given up are not among them.

    Examples
    --------
    >>> from compactarray.namespace.table import public
    >>> "sin" in public(), "core" in public()
    (True, False)
    """
    return [name for name in np.__all__ if not name.startswith("_") and name not in ("core", "test")]


def _asked(module: ModuleType, name: str, here: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError as error:
        words = str(error).replace(f"module {module.__name__!r}", f"module {here!r}")
    raise AttributeError(words, name=name)


def _converted(value: Any, original: ModuleType, name: str, module: str) -> Any:
    """Return a function or ufunc with compact arrays for results, and what is neither as it is."""
    path = f"{original.__name__}.{name}"
    if path == "numpy.lib.stride_tricks.as_strided":
        return presented(exposed.as_strided, value, name, module)
    if path in _ON_DENSE:
        return exposed.decoding(value)
    if path in _BLOWN_UP:
        return encoding(value, creating.asarray, _BLOWN_UP[path], name, module)
    if isinstance(value, np.ufunc):
        return Ufunc(value, name, module)
    if isinstance(value, (type, ModuleType)) or not callable(value):
        return value
    return converting(value, name, module)


def mirror(original: ModuleType, name: str) -> ModuleType:
    """Return a module with the names of one of NumPy's, its functions giving compact arrays."""
    module = sys.modules.get(name)
    if module is None:
        module = ModuleType(name, f"As {original.__name__}, with compact arrays for results.")
        sys.modules[name] = module
        module.__getattr__, module.__dir__ = mirrored(original.__name__, module.__dict__)  # type: ignore[method-assign, assignment]
    return module


def mirrored(original: str, own: dict[str, Any]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a module with the names of one of NumPy's; `own` keeps what was asked for.

    Examples
    --------
    >>> from compactarray.namespace.table import mirrored
    >>> get, _ = mirrored("numpy.linalg", {"__name__": "an_example"})
    >>> get("inv")([[2.0]])
    CompactArray([[0.5]])
    """
    source, here = import_module(original), own["__name__"]
    inner = {name: f"{original}.{name}" for name in _INNER.get(original, "").split()}
    for name, path in inner.items():
        own[name] = mirror(import_module(path), f"{here}.{name}")

    def get(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {here!r} has no attribute {name!r}", name=name)
        found = _converted(_asked(source, name, here), source, name, here)
        own[name] = found
        return found

    def listed() -> list[str]:
        return sorted({*dir(source), *own})

    return get, listed

"""As numpy.random, with compact arrays for results: the same numbers, and large arrays drawn piece by piece.

The functions of the module draw from NumPy's own global generator.
"""

import sys
from typing import Any

import numpy as np

from compactarray.namespace import sampling
from compactarray.namespace.sampling import Generator, RandomState, default_rng
from compactarray.namespace.wrapping import presented

__all__ = ["Generator", "RandomState", "default_rng"]

_SHAPED = {"rand": "random_sample", "randn": "standard_normal"}


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    # What the module is called where it is compiled.
    found: Any = sys.modules[__name__] if name == "mtrand" else getattr(np.random, name)
    if name in sampling.PLACES or name in sampling.WHOLE:
        found = presented(sampling.drawn(found, name), found, name, __name__)
    elif name == "shuffle":
        found = presented(sampling.shuffle(found), found, name, __name__)
    elif name in _SHAPED:
        found = presented(_shaped(found, _SHAPED[name]), found, name, __name__)
    globals()[name] = found
    return found


def _shaped(draw: Any, name: str) -> Any:
    """Return ``rand`` or ``randn``: a distribution that takes the shape as arguments."""

    def call(*shape: Any) -> Any:
        return sampling.drawn(getattr(np.random, name), name)(size=shape) if shape else draw()

    return call


def __dir__() -> list[str]:
    return sorted({*dir(np.random), *globals()})

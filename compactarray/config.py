"""What can be set: block and tile lengths, the plain threshold, threads and kernels.

One frozen dataclass, `Config`, holds every setting. `settings` returns the one in force, and
`config` changes it, for good or for the length of a ``with`` block.
"""

import os
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Any

#: Positions within a block are kept in 16 bits, which bounds the block length.
MAX_BLOCK_LENGTH = 65_536


#: The settings that are words, and the words.
_CHOICES = {"kernels": ("auto", "numba", "numpy"), "on_dense": ("allow", "warn", "error")}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force.

    Attributes
    ----------
    block_length : int
        Elements in a block, a multiple of 8, at most 65,536. A storage keeps the length it was made with.
    tile_length : int
        Elements that an operation decodes at a time.
    plain_below : int
        Results of operations of at most so many dense bytes stay plain ndarrays inside.
    num_threads : int
        Threads that one operation may use, where it takes some milliseconds; by default the cores that this process may use.
    kernels : str
        ``"auto"``: NumPy code serves until the compiled kernel is ready, compiled in the background;
        ``"numba"``: wait for the compiler; ``"numpy"``: never compile.
    on_dense : str
        What becomes of a function that decodes encoded arguments whole: ``"allow"``, ``"warn"`` (a
        `DenseWarning` that names it and points at the line that called it) or ``"error"`` (raised).
    """

    block_length: int = MAX_BLOCK_LENGTH
    tile_length: int = 65_536
    plain_below: int = 4_096
    num_threads: int = 1
    kernels: str = "auto"
    on_dense: str = "allow"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _CHOICES:
                *most, last = map(repr, _CHOICES[field.name])
                if value not in _CHOICES[field.name]:
                    raise ValueError(f"{field.name} must be {', '.join(most)} or {last}, not {value!r}")
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{field.name} must be an int, not {type(value).__name__}")
            if value < (0 if field.name == "plain_below" else 1):
                raise ValueError(f"{field.name} must be positive, not {value}")
        if self.block_length > MAX_BLOCK_LENGTH or self.block_length % 8:
            raise ValueError(f"block_length must be a multiple of 8, at most {MAX_BLOCK_LENGTH}, not {self.block_length}")


def _available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _from_environment() -> Config:
    """Return the defaults, changed by the ``COMPACTARRAY_*`` variables of the environment."""
    changes: dict[str, Any] = {"num_threads": _available_cores()}
    for field in fields(Config):
        variable = f"COMPACTARRAY_{field.name.upper()}"
        text = os.environ.get(variable)
        if text is None:
            continue
        try:
            changes[field.name] = text if field.name in _CHOICES else int(text)
        except ValueError:
            raise ValueError(f"the environment variable {variable} must be an integer, not {text!r}") from None
    return Config(**changes)


class _State:
    """Holds the settings in force; an attribute of one object is replaced atomically."""

    current = _from_environment()


def settings() -> Config:
    """Return the settings in force.

    Examples
    --------
    >>> from compactarray.config import settings
    >>> settings().block_length % 8
    0
    """
    return _State.current


class config:  # noqa: N801 - a function to its users, a context manager where one wants
    """Change settings, for good or within a ``with`` block.

    The settings are the process's, not the thread's.

    Parameters
    ----------
    **changes
        Attributes of `compactarray.config.Config`.

    Raises
    ------
    TypeError, ValueError
        Where a name or a value is not one of `Config`; nothing is changed then.

    Examples
    --------
    >>> import compactarray
    >>> with compactarray.config(block_length=8):
    ...     a = compactarray.zeros(20)
    """

    def __init__(self, **changes: Any) -> None:
        self._before = _State.current
        _State.current = replace(self._before, **changes)

    def __enter__(self) -> Config:
        return _State.current

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _State.current = self._before

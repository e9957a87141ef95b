"""`numpy.save`, `numpy.savez` and `numpy.savez_compressed` for compact arrays: by tiles, never dense.

Where a path is given, the file appears whole or not at all; see `compactarray.io.atomic`.
"""

import os
from typing import Any

import numpy as np

from compactarray.io.atomic import whole_file
from compactarray.io.npy import write_array
from compactarray.io.npz import write_archive
from compactarray.registry import implements

#: zipfile's ZIP_STORED and ZIP_DEFLATED, which are part of the zip format; zipfile is imported late.
_STORED, _DEFLATED = 0, 8


@implements(np.save, route="native")
def save(file: Any, arr: Any, allow_pickle: bool = True) -> None:
    """As `numpy.save`, streamed by tiles; a file given by its path appears whole or not at all."""
    if hasattr(file, "write"):
        write_array(file, arr, allow_pickle)
        return
    with whole_file(_with_suffix(file, ".npy")) as stream:
        write_array(stream, arr, allow_pickle)


@implements(np.savez, route="native")
def savez(file: Any, *args: Any, allow_pickle: bool = True, **kwds: Any) -> None:
    """As `numpy.savez`, streamed by tiles; a file given by its path appears whole or not at all."""
    _save_members(file, args, kwds, _STORED, allow_pickle)


@implements(np.savez_compressed, route="native")
def savez_compressed(file: Any, *args: Any, allow_pickle: bool = True, **kwds: Any) -> None:
    """As `numpy.savez_compressed`, streamed by tiles; a file given by its path appears whole or not at all."""
    _save_members(file, args, kwds, _DEFLATED, allow_pickle)


def _save_members(file: Any, args: tuple[Any, ...], kwds: dict[str, Any], compression: int, allow_pickle: bool) -> None:
    members = dict(kwds)
    for i, value in enumerate(args):
        key = f"arr_{i}"
        if key in members:
            raise ValueError(f"Cannot use un-named variables and keyword {key}")
        members[key] = value
    if hasattr(file, "write"):
        write_archive(file, members, compression, allow_pickle)
        return
    with whole_file(_with_suffix(file, ".npz")) as stream:
        write_archive(stream, members, compression, allow_pickle)


def _with_suffix(file: Any, suffix: str) -> str:
    """Return the path with the suffix that NumPy appends where it is missing; bytes fail as they do there."""
    path: str = os.fspath(file)
    return path if path.endswith(suffix) else path + suffix

"""A storage encoded anew in its place, views of it staying what they are."""

from collections.abc import Iterator

import numpy as np

from compactarray.geometry.tiles import pieces
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.parts import PartsStorage, SwappedStorage
from compactarray.storage.reinterpreted import ReinterpretedStorage
from compactarray.storage.spans import encoded_spans

#: How small a storage can be asked to become.
LEVELS = ("fast", "small")


def compact(storage: Storage, level: str) -> None:
    """Encode all elements of a storage anew, in place: fragments are joined, and what is no longer in use is let go.

    Raises
    ------
    ValueError
        If there is no such level.
    """
    check_level(level)
    with storage.lock:
        if isinstance(storage, (PartsStorage, ColumnsStorage)):
            for part in storage.parts:
                compact(part, level)
        elif isinstance(storage, SwappedStorage):
            compact(storage.native, level)
        elif isinstance(storage, ReinterpretedStorage):
            compact(storage.inner, level)
        elif isinstance(storage, BlockStorage) and storage.size:
            fresh = encoded_spans(storage.dtype, _blocks(storage), storage.block_length, storage.size, level)
            start = 0
            for encoding in fresh:
                storage.put_encoded(start, encoding)
                start += encoding.length


def check_level(level: str) -> None:
    """Refuse what is no level."""
    if level not in LEVELS:
        raise ValueError(f"level must be {LEVELS[0]!r} or {LEVELS[1]!r}, not {level!r}")


def _blocks(storage: BlockStorage) -> Iterator[Array]:
    for start, stop in pieces(0, storage.size, storage.block_length):
        block = np.empty(stop - start, storage.dtype)
        storage.read(start, block.size, 1, block)
        yield block

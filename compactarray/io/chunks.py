"""`from_chunks`: one compact array made of many pieces that never exist together."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Literal

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.io.collect import collected, row_length
from compactarray.storage.compaction import check_level


def from_chunks(iterable: Iterable[Any], shape: Any = None, dtype: Any = None, *, level: str = "fast") -> CompactArray:
    """Join arrays along their first axis, as `numpy.concatenate` does, holding one of them at a time.

    The peak of memory is one chunk and the compact result, so the result may be far larger than what fits dense.

    Parameters
    ----------
    iterable : iterable of array_like
        The chunks; a generator is consumed lazily. All must agree in every dimension but the first.
    shape : int or tuple of int, optional
        Shape of the result; as in `numpy.reshape`, one dimension may be -1.
    dtype : data-type, optional
        Dtype of the result. Chunks are cast to it under the rule ``"same_kind"``. Without it the first chunk's dtype (in
        native byte order, as from `numpy.concatenate`) is the result's, and later chunks must be castable to that
        safely: the dtype cannot depend on chunks not yet seen.
    level : str, optional
        As for `CompactArray`.

    Returns
    -------
    CompactArray
        A new array in C order.

    Raises
    ------
    TypeError
        If a chunk cannot be cast to the dtype.
    ValueError
        If there is no chunk, dimensions do not match, or the elements do not fit `shape`.

    Examples
    --------
    >>> import numpy as np, compactarray
    >>> a = compactarray.from_chunks(np.full(1000, i) for i in range(500))
    >>> a.shape, a.dtype, a.dense_nbytes
    ((500000,), dtype('int64'), 4000000)
    >>> a.nbytes < a.dense_nbytes / 3
    True
    >>> compactarray.from_chunks([[1, 2], [3, 4]], shape=(2, -1)).tolist()
    [[1, 2], [3, 4]]
    """
    check_level(level)
    chunks = (_as_array(chunk) for chunk in iterable)
    first = next(chunks, None)
    if first is None:
        raise ValueError("need at least one array to concatenate")
    # Of a single dtype NumPy's promotion leaves native byte order and packed fields, as in np.concatenate.
    target = np.result_type(first.dtype) if dtype is None else _complete(np.dtype(dtype), first.dtype)
    casting: Literal["safe", "same_kind"] = "safe" if dtype is None else "same_kind"
    length = 0

    def pieces() -> Iterator[np.ndarray[Any, Any]]:
        nonlocal length
        for i, chunk in enumerate(chain([first], chunks)):
            _check_dimensions(chunk, first.shape, i)
            if not np.can_cast(chunk.dtype, target, casting):
                raise TypeError(_cast_message(chunk.dtype, target, casting, i))
            yield from _pieces(chunk, target)
            length += chunk.shape[0]

    joined = collected(target, pieces(), width=row_length((1, *first.shape[1:]), "C"))
    if level != "fast":
        joined.compact(level)
    shaped: CompactArray = joined.reshape((length, *first.shape[1:]) if shape is None else shape)
    return shaped


def _as_array(chunk: Any) -> Any:
    return chunk if isinstance(chunk, CompactArray) else np.asarray(chunk)


def _complete(target: np.dtype[Any], source: np.dtype[Any]) -> np.dtype[Any]:
    """Give ``"U"``, ``"S"`` or ``"M8"`` the length or unit that NumPy would take from `source`."""
    return np.empty(0, source).astype(target).dtype


def _check_dimensions(chunk: Any, first: tuple[int, ...], i: int) -> None:
    """Raise what `numpy.concatenate` raises where chunk `i` does not match the first one."""
    if chunk.ndim == 0:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    if chunk.ndim != len(first):
        raise ValueError(
            "all the input arrays must have same number of dimensions, but "
            f"the array at index 0 has {len(first)} dimension(s) and the array at index {i} has {chunk.ndim} dimension(s)"
        )
    for axis, (ours, theirs) in enumerate(zip(chunk.shape, first, strict=True)):
        if axis and ours != theirs:
            raise ValueError(
                "all the input array dimensions except for the concatenation axis must match exactly, but along dimension "
                f"{axis}, the array at index 0 has size {theirs} and the array at index {i} has size {ours}"
            )


def _cast_message(source: np.dtype[Any], target: np.dtype[Any], casting: str, i: int) -> str:
    message = f"Cannot cast array data from {source!r} to {target!r} according to the rule '{casting}'"
    hint = "; pass dtype= to say which dtype the result has" if casting == "safe" else ""
    return f"{message} (chunk {i}){hint}"


def _pieces(chunk: Any, target: np.dtype[Any]) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the elements in C order, cast to `target`, without a copy of the whole chunk."""
    if isinstance(chunk, CompactArray):
        for tile in chunk.tiles("C"):
            yield tile.astype(target, copy=False)
        return
    if chunk.dtype == target and chunk.flags.c_contiguous:
        yield chunk.reshape(-1)
        return
    if chunk.size == 0:
        return
    # NumPy's buffered iterator casts and gathers strided elements, a buffer at a time.
    yield from np.nditer(
        chunk,
        flags=["external_loop", "buffered", "refs_ok"],
        op_dtypes=[target],
        casting="same_kind",
        order="C",
        buffersize=settings().tile_length,
    )

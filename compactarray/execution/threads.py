"""Several threads for one operation: NumPy and the kernels release the lock while they compute."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from compactarray.config import settings

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Blocks of values, and blocks of codes, that are worth more than one thread: a millisecond or two of work.
VALUES = 16
CODES = 128
#: Bytes of an element of such blocks; of narrower ones it takes more.
_WIDE = 8
#: Blocks that a thread gets at least.
_LEAST = 4
#: Tiles that a thread gets at a time at the most.
_TILES = 16


class _Inside(threading.local):
    """Whether this thread runs a task: what a task does is not shared out again, which might wait for ever."""

    task = False


_INSIDE = _Inside()


def _run(task: Callable[[], Result]) -> Result:
    _INSIDE.task = True
    return task()


class _Pool:
    """The worker threads of this process: started when first needed, and anew after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._threads = 0

    def submit(self, task: Callable[[], Result], threads: int) -> "Future[Result]":
        """Run a task soon in one of so many threads, in the caller's context (NumPy's error state is part of it)."""
        with self._lock:
            if self._executor is None or self._threads < threads:
                from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - with `logging`, which it imports, 6 ms

                self._executor = ThreadPoolExecutor(threads, thread_name_prefix="compactarray")
                self._threads = threads
            executor = self._executor
        return executor.submit(copy_context().run, _run, task)

    def forget(self) -> None:
        """Forget threads that a fork did not take along."""
        self._lock = threading.Lock()
        self._executor = None


_POOL = _Pool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)


def shares(size: int, worthwhile: int) -> int:
    """Return how many elements each thread gets of an operation of `size`, whole blocks; all where one thread is enough.

    From `worthwhile` blocks on it is not.
    """
    threads, block = settings().num_threads, settings().block_length
    if threads < 2 or size < worthwhile * block:
        return max(size, 1)
    # Two shares a thread: one that is interrupted does not hold up the others for long.
    blocks = -(-size // block)
    return max(_LEAST, -(-blocks // (2 * threads))) * block


def share(count: int, size: int, worthwhile: int) -> int:
    """Return how many of `count` elements, which are part of an operation of `size`, each thread gets: whole blocks."""
    threads, block = settings().num_threads, settings().block_length
    return min(shares(size, worthwhile), max(_LEAST, -(-count // (threads * block))) * block)


def in_order(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in their order, computed by as many threads as the settings allow.

    An error is raised where its result would come; what follows it is not begun any more.
    """
    threads = 1 if _INSIDE.task else settings().num_threads
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            if threads > 1:
                try:
                    waiting.append(_POOL.submit(partial(function, item), threads))
                except RuntimeError:  # the interpreter is ending, or there are no threads here
                    threads = 1
            if threads < 2:
                yield from (future.result() for future in _drained(waiting))
                yield function(item)
            elif len(waiting) >= 2 * threads:
                yield waiting.popleft().result()
        yield from (future.result() for future in _drained(waiting))
    finally:
        for future in waiting:
            future.cancel()


def in_parts(function: Callable[..., Result], *arrays: Any) -> list[Result]:
    """Return ``function(*parts)`` for the parts of 1-D arrays of one length, in their order.

    They are cut at the same places whatever the number of threads, so that sums of floats do not depend on it.
    """
    size, most = arrays[0].size, VALUES * settings().block_length * _WIDE // min(_WIDE, arrays[0].itemsize)
    if size <= most:
        return [function(*arrays)]
    return list(in_order(lambda start: function(*[array[start : start + most] for array in arrays]), range(0, size, most)))


def tile_by_tile(function: Callable[[Item], Result], items: Iterable[Item], size: int) -> Iterator[Result]:
    """Yield ``function(item)`` for the tiles of an operation of `size` elements, in their order.

    Where it is large enough, several threads compute them, some neighbours each; so results should be small.
    """
    threads = 1 if _INSIDE.task else settings().num_threads
    if threads < 2 or size < VALUES * settings().block_length:
        yield from map(function, items)
        return
    rest = iter(items)
    # A tile at first: where there is no other, the tiles that it is made of may be shared out.
    group = list(islice(rest, 2))
    if len(group) < 2:
        yield from map(function, group)
        return
    many = min(_TILES, max(1, size // (2 * threads * settings().tile_length)))
    groups = iter(lambda: list(islice(rest, many)), [])
    for found in in_order(lambda tiles: [function(tile) for tile in tiles], chain([group], groups)):
        yield from found


def _drained(waiting: "deque[Future[Result]]") -> "Iterator[Future[Result]]":
    while waiting:
        yield waiting.popleft()

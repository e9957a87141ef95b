"""When a kernel is compiled, and what serves until then.

The only import of numba is here, and it happens when the first kernel is compiled. Under
``kernels="auto"`` a compiler thread works through the requests while the NumPy twin answers, so that
nobody waits; under ``"numba"`` the caller waits; under ``"numpy"`` the twin always answers.
"""

import os
import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from compactarray.config import settings

#: Arrays shorter than this are not worth a compiled kernel, nor a request for one.
SHORT = 4_096


class _Request(NamedTuple):
    kernel: "Kernel"
    dtype: np.dtype[Any]


class Kernel:
    """A loop over arrays: numba source, NumPy twin, and the specializations compiled so far.

    Parameters
    ----------
    python : callable
        The source that numba compiles: arrays in, preallocated arrays out, a scalar or a tuple returned.
    twin : callable
        The same in NumPy, with the same signature and the same result.
    arguments : tuple of str
        For each argument its role and type: ``r`` an array that is read, ``w`` one that is written, ``s`` a
        scalar; then a dtype, or ``T`` for the dtype of the first argument.
    dtypes : tuple of str
        The dtypes that the first argument may have, each a specialization. Others go to the twin.
    """

    __slots__ = ("name", "python", "twin", "arguments", "dtypes", "_ready", "_requested")

    def __init__(
        self,
        python: Callable[..., Any],
        twin: Callable[..., Any],
        arguments: tuple[str, ...],
        dtypes: tuple[str, ...],
    ) -> None:
        self.name = python.__name__
        self.python = python
        self.twin = twin
        self.arguments = arguments
        self.dtypes = frozenset(np.dtype(name) for name in dtypes)
        self._ready: dict[np.dtype[Any], Callable[..., Any]] = {}
        self._requested: set[np.dtype[Any]] = set()

    def __call__(self, first: np.ndarray[Any, Any], *rest: Any) -> Any:
        implementation = self._ready.get(first.dtype)
        if implementation is None or settings().kernels == "numpy":
            implementation = self._implementation(first, rest)
        return implementation(first, *rest)

    def _implementation(self, first: np.ndarray[Any, Any], rest: tuple[Any, ...]) -> Callable[..., Any]:
        """Return what serves now; request a specialization where that is worth it."""
        mode = settings().kernels
        if mode == "numpy" or first.dtype not in self.dtypes:
            return self.twin
        if mode == "auto" and max(first.size, *(part.size for part in rest if isinstance(part, np.ndarray)), 0) < SHORT:
            return self.twin
        if mode == "numba":
            return self.compiled(first.dtype)
        if first.dtype not in self._requested:
            self._requested.add(first.dtype)
            _COMPILER.request(_Request(self, first.dtype))
        return self.twin

    def compiled(self, dtype: Any) -> Callable[..., Any]:
        """Return the specialization for arrays of `dtype`, compiled now unless it was before."""
        dtype = np.dtype(dtype)
        if dtype not in self._ready:
            self._ready[dtype] = _compile(self.python, self.arguments, dtype)
        return self._ready[dtype]


class _Compiler:
    """The thread that compiles in the background; it ends soon after the main thread does."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._broken = False

    def forked(self) -> None:
        """Begin anew in a forked process, where the thread is gone.

        If it was at work, numba may be imported by half, and its lock is held for ever: the twins serve this process.
        """
        self._requests = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread = None
        self._broken = self._broken or self._busy

    def request(self, request: _Request) -> None:
        if self._broken:
            return
        self._requests.put(request)
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                # Not a daemon: a daemon inside LLVM while the interpreter ends can crash the process.
                self._thread = threading.Thread(target=self._work, name="compactarray-compiler", daemon=False)
                try:
                    self._thread.start()
                except RuntimeError:  # the interpreter is ending, or there are no threads here: the twins serve
                    self._thread = None

    def _work(self) -> None:
        main = threading.main_thread()
        while main.is_alive():
            try:
                kernel, dtype = self._requests.get(timeout=0.05)
            except queue.Empty:
                return
            self._busy = True
            try:
                kernel.compiled(dtype)
            except RuntimeError:
                # Numba cannot be imported any more once the interpreter has begun to end.
                if main.is_alive():
                    raise
            finally:
                self._busy = False


_COMPILER = _Compiler()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_COMPILER.forked)


def _compile(python: Callable[..., Any], arguments: tuple[str, ...], dtype: np.dtype[Any]) -> Callable[..., Any]:
    """Compile `python` for a first argument of `dtype`; cached on disk where there is a place for it."""
    import numba  # noqa: PLC0415 - half a second; most processes that handle small arrays never need it
    from numba import types  # noqa: PLC0415

    def numba_type(spec: str) -> Any:
        role, name = spec[0], spec[1:]
        scalar = numba.from_dtype(dtype if name == "T" else np.dtype(name))
        return scalar if role == "s" else types.Array(scalar, 1, "C", readonly=role == "r")

    signature = tuple(numba_type(spec) for spec in arguments)
    try:
        dispatcher = numba.njit(signature, cache=True, nogil=True, error_model="numpy")(python)
    except RuntimeError as error:
        if "no locator" not in str(error):
            raise
        # Nowhere to keep the compiled code (a read-only installation without a home): compile without.
        dispatcher = numba.njit(signature, cache=False, nogil=True, error_model="numpy")(python)
    compiled: Callable[..., Any] = dispatcher
    return compiled

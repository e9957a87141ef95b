"""The process that measures: reads calls from its standard input, and answers with what each held at its peak.

Run as ``python -m tests.memory.measure [SIDE]``. It makes the samples once and forks a child for each call, so that a call finds them untouched and leaves nothing behind. The
child tries the call on small samples first (what it imports, loads or caches once is no matter of its arguments), resets the
highest resident size that the kernel has noted for it, does the call, and asks for the highest resident size again. The
samples are resident in the child too, so what was resident before is what the samples take; what is held by the result, or
for the first time by a sample that was written to, is told apart.
"""

import ctypes
import gc
import json
import operator
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.lib.recfunctions

import compactarray
from compactarray import CompactArray
from compactarray.storage.view import View
from tests.memory.large import Call, call_of
from tests.memory.samples import SIDE, SMALL_SIDE, Samples

#: What the process is to be started with, so that what is resident is what is held: large blocks of memory go back to the
#: kernel when they are freed, and of small ones little is kept; NumPy asks for no huge pages, BLAS has one thread's buffer,
#: and nothing is compiled meanwhile. Operations may use two threads.
ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(2 << 20),
    "NUMPY_MADVISE_HUGEPAGE": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "COMPACTARRAY_KERNELS": "numpy",
    "COMPACTARRAY_NUM_THREADS": "2",
}

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
#: The C library's function that gives free memory back; not every C library has one.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None) if sys.platform == "linux" else lambda _: None


def resident(name: str) -> int:
    """Return a size from the status of this process, in bytes: ``VmRSS`` now, or ``VmHWM`` at its peak."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(f"no {name} in {_STATUS}")


def reset_peak() -> None:
    """Let the peak be what is resident now; what is free but kept goes back to the kernel first."""
    gc.collect()
    _trim(0)
    _CLEAR.write_text("5")


def why_not() -> str:
    """Return why nothing can be measured here, or nothing."""
    if sys.platform != "linux":
        return "the peak of a process can be reset on Linux only"
    try:
        reset_peak()
        resident("VmHWM")
    except (OSError, LookupError) as error:
        return f"this kernel does not tell the peak of a process: {error}"
    return ""


def _buffers(value: Any) -> Iterator[np.ndarray]:
    """Yield what arrays (in tuples, lists and dictionaries) hold encoded; a dense result is none of that."""
    if isinstance(value, CompactArray):
        if isinstance(value._view, View):
            for buffer in value._view.storage.buffers(0, value._view.storage.size):
                while isinstance(buffer.base, np.ndarray):
                    buffer = buffer.base
                yield buffer
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _buffers(item)


def _held(*values: Any) -> dict[int, int]:
    """Return the bytes of each buffer, by its place in memory."""
    return {buffer.__array_interface__["data"][0]: buffer.nbytes for buffer in _buffers(values)}


def _evaluated(call: Call, samples: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        return eval(call.code, {"np": np, "compactarray": compactarray, "operator": operator, **samples})


def peak_of(call: Call, small: dict[str, Any], large: dict[str, Any]) -> dict[str, Any]:
    """Do a call; return its peak over samples and result, the bytes of the result, and the seconds that it took."""
    _evaluated(call, small)
    before = _held(*large.values())
    reset_peak()
    base, start = resident("VmRSS"), time.perf_counter()
    result = _evaluated(call, large)
    seconds, peak = time.perf_counter() - start, resident("VmHWM")
    after = _held(result, *large.values())
    fresh = sum(nbytes for place, nbytes in after.items() if before.get(place) != nbytes)
    return {"over": peak - base - fresh, "result": fresh, "seconds": seconds}


def _in_child(call: Call, small: dict[str, Any], large: dict[str, Any]) -> str:
    """Return what `peak_of` a call tells, measured in a forked child, as JSON."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = peak_of(call, small, large)
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        with os.fdopen(writing, "w") as pipe:
            pipe.write(json.dumps(answer))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return told or json.dumps({"error": f"the process ended with {os.waitstatus_to_exitcode(status)}"})


def serve(side: int = SIDE) -> None:
    """Answer calls on samples of a side, one a line, until there are no more."""
    small, large = Samples(SMALL_SIDE), Samples(side)
    for line in sys.stdin:
        call = call_of(*json.loads(line))
        with compactarray.config(num_threads=1):  # threads would not be in the child
            few, many = ({name: samples[name] for name in call.names} for samples in (small, large))
        gc.freeze()  # a collection in the child would touch, and so copy, everything that was ever made
        print(_in_child(call, few, many), flush=True)


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))

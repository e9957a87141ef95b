"""No operation holds a whole array dense: the peak of resident memory, on four million elements, against the contract.

Beside the compact inputs and the compact result an operation may hold tiles of 32 MB. The calls are done in a process of their
own, see `tests.memory.measure`; that a decode of eight bytes an element is seen there is tested too.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compactarray import registry
from compactarray.config import Config, settings
from tests.functions.test_completeness import path
from tests.memory.large import CALLS, EXEMPT, FUNCTIONS, LARGER, Call, call_of
from tests.memory.limits import INCOMPRESSIBLE, LIMIT, WORKING_COPY
from tests.memory.measure import ENVIRONMENT, why_not
from tests.memory.samples import LARGER_SIDE, SIDE

ROOT = Path(__file__).parents[2]
#: Bytes of one dense copy of a sample, and of as many indices.
DENSE = 8 * SIDE * SIDE

Measure = Callable[[Call], dict[str, Any]]


def available(call: Call) -> bool:
    """Tell whether this NumPy has the function."""
    try:
        eval(call.group if call.group.startswith("np.") else "np", {"np": np})
    except AttributeError:
        return False
    return True


def measuring(side: int) -> Iterator[Measure]:
    """Give what measures calls on samples of a side, by a process that makes them when they are needed."""
    if (settings().block_length, settings().tile_length) != (Config().block_length, Config().tile_length):
        pytest.skip("blocks and tiles of a few elements take minutes for four million, and tell nothing of 32 MB")
    if why_not():
        pytest.skip(why_not())
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.memory.measure", str(side)],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def measured(call: Call) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps([call.group, call.text]) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, "the measuring process has ended"
        found: dict[str, Any] = json.loads(answer)
        return found

    with process:
        yield measured


@pytest.fixture(scope="session")
def measure() -> Iterator[Measure]:
    """Give what measures calls on four million elements, as long as the session lives."""
    yield from measuring(SIDE)


@pytest.fixture(scope="module")
def measure_larger() -> Iterator[Measure]:
    """Give what measures calls on more elements; its samples go with the module."""
    yield from measuring(LARGER_SIDE)


def allowed(call: Call) -> int:
    """Return how many bytes a call may hold beside its inputs and its result."""
    if INCOMPRESSIBLE.isdisjoint(call.names):
        return LIMIT
    return LIMIT + WORKING_COPY.get(call.group, 0) * DENSE


@pytest.mark.parametrize("call", [call for call in CALLS if available(call)], ids=lambda call: call.text)
def test_peak(call: Call, measure: Measure) -> None:
    found = measure(call)
    assert "error" not in found
    assert found["over"] < allowed(call), f"{found['over']:,} bytes beside inputs and a result of {found['result']:,}"


@pytest.mark.parametrize("text", LARGER)
def test_peak_does_not_grow(text: str, measure_larger: Measure) -> None:
    found = measure_larger(call_of("", text))
    assert "error" not in found
    assert found["over"] < LIMIT, f"{found['over']:,} bytes beside inputs and a result of {found['result']:,}"


@pytest.mark.parametrize(
    "text",
    [
        "np.asarray(noise).sum()",
        "compactarray.CompactArray(np.asarray(counts) + 1)",
        "np.fft.rfft(sparse)",
        "noise.__setitem__(..., np.asarray(other)[::-1])",
    ],
)
def test_a_whole_decode_is_seen(text: str, measure: Measure) -> None:
    found = measure(call_of("dense", text))
    assert found["over"] > LIMIT


def test_a_process_that_fails_is_told(measure: Measure) -> None:
    assert "ZeroDivisionError" in measure(call_of("", "counts.size // 0"))["error"]
    assert "ended with 3" in measure(call_of("", "__import__('os')._exit(3)"))["error"]


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: path(entry.function))
def test_every_function_has_calls(entry: registry.Entry) -> None:
    """A native or composed function has calls, or a reason for having none."""
    if entry.route in ("native", "composed"):
        assert path(entry.function) in FUNCTIONS.keys() ^ EXEMPT.keys()


def test_names_are_of_calls() -> None:
    assert {call.group for call in CALLS} >= WORKING_COPY.keys()
    assert not FUNCTIONS.keys() & EXEMPT.keys()
    assert len({call.text for call in CALLS}) == len(CALLS)
    assert {call.text for call in CALLS} >= set(LARGER)

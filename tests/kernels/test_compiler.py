"""The compiler thread: forks while it is at work."""

import os
import subprocess
import sys

import pytest

from compactarray.kernels import sum_codes
from compactarray.kernels.compiler import _Compiler, _Request

FORKS = """
import os, sys
import numpy as np
import compactarray
counts = compactarray.CompactArray(np.arange(200_000) % 200)
total = int(counts.sum())  # asks for a kernel, with which the thread begins now
for _ in range(3):
    child = os.fork()
    if not child:
        assert int(counts.sum()) == total and (counts + counts).max() == 398
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    (counts > 5).sum()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_while_kernels_are_compiled():
    settings = {name: value for name, value in os.environ.items() if not name.startswith("COMPACTARRAY_")}
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKS], capture_output=True, text=True, timeout=120, env=settings)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_process_forked_from_a_busy_one_compiles_nothing():
    compiler = _Compiler()
    compiler.forked()
    assert not compiler._broken
    compiler._busy = True
    compiler.forked()
    compiler.request(_Request(sum_codes, next(iter(sum_codes.dtypes))))
    assert compiler._thread is None and compiler._requests.empty()

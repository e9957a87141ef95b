"""The public API to type checkers: mypy in its strict mode finds nothing wrong in a client."""

import subprocess
import sys
from pathlib import Path

import pytest

import compactarray

CLIENT = Path(__file__).parent / "typing_client.py"
ROOT = Path(compactarray.__file__).parents[1]


def test_package_says_that_it_is_typed():
    assert (ROOT / "compactarray" / "py.typed").exists()


def test_client_runs():
    subprocess.run([sys.executable, "-W", "error", str(CLIENT)], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})


def test_client_passes_mypy(tmp_path):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
    done = subprocess.run([*command, "--cache-dir", str(tmp_path), str(CLIENT)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

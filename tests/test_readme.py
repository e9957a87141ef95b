"""README.md tells the truth: its example runs, its commands are those that are checked, its links lead somewhere."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")

#: Commands by the name of the marker above them, where `.ci/run` finds them.
COMMANDS = dict(re.findall(r"<!-- command: (\w+) -->\n+```sh\n(.*?)\n```", TEXT, re.DOTALL))


def test_example_runs(shipped):
    """The Python blocks together are one session."""
    session = "\n".join(re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(doctest.DocTestParser().get_doctest(session, {}, "README.md", str(README), 0))
    assert runner.failures == 0
    assert runner.tries >= 8


def test_example_stands_at_the_top():
    assert TEXT[: TEXT.index(">>>")].count("\n") < 30


def test_there_are_two_commands():
    assert sorted(COMMANDS) == ["demo", "test"]


@pytest.mark.parametrize("name", ["demo", "test"])
def test_command_sets_everything_up(name):
    command = COMMANDS[name]
    assert command.startswith("python3 -m venv .venv && ")
    assert "pip install" in command
    assert subprocess.run(["bash", "-n", "-c", command]).returncode == 0


def test_tests_run_as_shipped_and_in_miniature():
    lines = [line.strip().removesuffix(" && \\") for line in COMMANDS["test"].splitlines()]
    runs = [line for line in lines if line.endswith("-m pytest")]
    assert len(runs) == 2
    miniature = "COMPACTARRAY_BLOCK_LENGTH=8 COMPACTARRAY_TILE_LENGTH=4 COMPACTARRAY_PLAIN_BELOW=0 COMPACTARRAY_NUM_THREADS=2"
    assert runs[1] == f"{miniature} {runs[0]}"


def test_demo_command_runs_the_demo():
    """Setting up is what `.ci/run` does; here the last step runs in this environment."""
    last = COMMANDS["demo"].split("&&")[-1].split()
    assert last[0] == ".venv/bin/python"
    as_shipped = {name: value for name, value in os.environ.items() if not name.startswith("COMPACTARRAY_")}
    done = subprocess.run([sys.executable, *last[1:]], capture_output=True, text=True, cwd=ROOT, env=as_shipped)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/design.md"])
def test_links_lead_somewhere(page):
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target

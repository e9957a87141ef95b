"""The progress bar: on a terminal, after a second, wiped at the end."""

import io

import pytest

from compactarray.io import progress
from compactarray.io.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def run(stream, clock, times, **options):
    with Progress("a.npy", 10 * len(times), stream=stream, **options) as bar:
        for time in times:
            clock[0] = time
            bar.advance(10)
    return stream.getvalue()


def test_nothing_within_a_second(clock):
    assert run(Terminal(), clock, [0.2, 0.4, 0.99]) == ""


def test_nothing_where_there_is_no_terminal(clock):
    assert run(io.StringIO(), clock, [1, 2, 3]) == ""


def test_drawn_after_a_second_and_wiped(clock):
    text = run(Terminal(), clock, [0.5, 1.5, 1.55, 3.0])
    bars = text.split("\r")
    assert bars[1] == "a.npy [" + "=" * 15 + " " * 15 + "]  50%    2 s left"
    assert bars[2] == "a.npy [" + "=" * 30 + "] 100%" + " " * 12
    assert bars[-2].strip() == bars[-1] == ""
    assert len(bars) == 5


def test_forced(clock):
    assert "\ra.npy [" in run(io.StringIO(), clock, [0.0], force=True)


def test_nothing_to_do(clock):
    screen = io.StringIO()
    with Progress("a", 0, stream=screen, force=True) as bar:
        bar.advance(0)
    assert "100%" in screen.getvalue()


def test_standard_error_by_default(capsys):
    with Progress("a", 1, force=True) as bar:
        bar.advance(1)
    assert "a [" in capsys.readouterr().err

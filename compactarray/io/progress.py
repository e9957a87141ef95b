"""A progress bar on a terminal, for work that takes longer than a second."""

import sys
import time
from types import TracebackType
from typing import TextIO

#: Seconds before the bar appears, and between two updates.
PATIENCE = 1.0
INTERVAL = 0.1

_WIDTH = 30


class Progress:
    """A bar that appears when the work takes longer than a second, and is wiped when it is done.

    Parameters
    ----------
    label : str
        What is being worked on.
    total : int
        How much work there is, in the unit of `advance`.
    stream : file object, optional
        Where the bar is drawn; the standard error stream by default.
    force : bool, optional
        Draw even where `stream` is not a terminal, and from the beginning.

    Examples
    --------
    >>> import io
    >>> from compactarray.io.progress import Progress
    >>> screen = io.StringIO()
    >>> with Progress("counts.npy", 200, stream=screen, force=True) as progress:
    ...     progress.advance(100)
    >>> "counts.npy [===============               ]  50%" in screen.getvalue()
    True
    """

    def __init__(self, label: str, total: int, *, stream: TextIO | None = None, force: bool = False) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self._stream = sys.stderr if stream is None else stream
        self._active = force or self._stream.isatty()
        self._started = time.monotonic()
        self._next = self._started + (0.0 if force else PATIENCE)
        self._drawn = 0

    def advance(self, amount: int) -> None:
        """Add `amount` to the work that is done, and draw where it is time to."""
        self.done += amount
        if not self._active:
            return
        now = time.monotonic()
        if now >= self._next:
            self._next = now + INTERVAL
            self._draw(now - self._started)

    def _draw(self, elapsed: float) -> None:
        share = min(1.0, self.done / self.total) if self.total else 1.0
        filled = "=" * int(share * _WIDTH)
        left = f" {elapsed / share - elapsed:4.0f} s left" if 0 < share < 1 else ""
        line = f"{self.label} [{filled:{_WIDTH}}] {share:4.0%}{left}"
        # Spaces wipe what a longer line left behind.
        self._stream.write("\r" + line.ljust(self._drawn))
        self._stream.flush()
        self._drawn = len(line)

    def close(self) -> None:
        """Wipe the bar."""
        if self._drawn:
            self._stream.write("\r" + " " * self._drawn + "\r")
            self._stream.flush()
            self._drawn = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

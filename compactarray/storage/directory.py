"""Which encoding holds which addresses: an ordered list of stretches of whole blocks."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from compactarray.encodings.base import Encoding


class Entry:
    """A stretch ``start:stop`` of whole blocks and the encoding that holds it.

    An entry is *frozen* as long as `mutable` is false: its payload may be shared, nobody writes to it, and
    reading it takes no lock. A mutable entry is one block that belongs to one storage; its payload is
    written in place and its encoding replaced, both under the storage's lock. A mutable entry may be frozen
    (when the storage is copied); a frozen one never becomes mutable, it is replaced.
    """

    __slots__ = ("start", "stop", "encoding", "mutable")

    def __init__(self, start: int, stop: int, encoding: Encoding, mutable: bool = False) -> None:
        self.start = start
        self.stop = stop
        self.encoding = encoding
        self.mutable = mutable

    def cut(self, start: int, stop: int) -> "Entry":
        """Return the frozen entry for a part, which begins at the edge of a block."""
        if start == self.start and stop == self.stop:
            return Entry(start, stop, self.encoding)
        return Entry(start, stop, self.encoding.slice(start - self.start, stop - self.start))


class Directory:
    """Entries in order of address, without gaps. Never changed: a change makes a new directory."""

    __slots__ = ("starts", "entries")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.starts = [entry.start for entry in entries]

    def find(self, address: int) -> Entry:
        """Return the entry that holds `address`."""
        if len(self.starts) == 1:
            return self.entries[0]
        return self.entries[bisect_right(self.starts, address) - 1]

    def overlapping(self, start: int, stop: int) -> Iterator[Entry]:
        """Yield the entries that hold any of ``start:stop``, in order."""
        if start >= stop:
            return
        at = bisect_right(self.starts, start) - 1
        while at < len(self.entries) and self.entries[at].start < stop:
            yield self.entries[at]
            at += 1

    def replaced(self, entries: Sequence[Entry]) -> "Directory":
        """Return a directory with `entries` (ascending, of whole blocks) in place of what was there."""
        old = self.entries
        fresh: list[Entry] = []
        at, done = 0, old[0].start
        for entry in entries:
            until = bisect_right(self.starts, entry.start) - 1
            if until > at:
                if done < old[at].stop:
                    fresh.append(_rest(old[at], done))
                fresh.extend(old[at + 1 : until])
                at, done = until, old[until].start
            if done < entry.start:
                fresh.append(old[at].cut(done, entry.start))
            fresh.append(entry)
            done = entry.stop
            at = max(at, bisect_right(self.starts, done - 1) - 1)
        if done < old[at].stop:
            fresh.append(_rest(old[at], done))
        fresh.extend(old[at + 1 :])
        return Directory(fresh)


def _rest(entry: Entry, start: int) -> Entry:
    """Return what of `entry` begins at `start`, the entry itself where that is all."""
    return entry if start <= entry.start else entry.cut(start, entry.stop)

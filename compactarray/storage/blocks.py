"""The encoded storage: addresses to blocks, and how blocks are read and written.

Reading takes a snapshot of the directory; frozen entries are decoded without a lock, mutable ones under
it. Writing holds the lock, prepares what is new completely, and then puts it in place in one step; so after
a failure, and to a concurrent reader, every block is old or new.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding, Positions
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.folded import unfolded_blocks
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import encode
from compactarray.encodings.writing import patched, written
from compactarray.geometry.tiles import groups, pieces
from compactarray.storage.base import Array, Held, Storage
from compactarray.storage.directory import Directory, Entry
from compactarray.storage.spans import encoded_spans

#: Blocks kept raw for fast random writes; the least recently written one is encoded again.
THAWED = 4
#: Writes of a block that did not fit its form, after which it is thawed.
_PATIENCE = 32
#: Single values that are made exceptions of a block before it is.
_PATCHES = 128
#: Changed blocks that are put into the directory together.
_MANY = 1_024
#: Writes up to this length are tried on the codes of their block before it is encoded anew.
_SHORT = 1_024
#: Bytes of an element of which a tile is decoded at a time.
_WIDEST = 8
#: Blocks of a lane that begins inside of one, where that takes a copy.
_MOVED = 64
#: Steps up to this are read by decoding what lies between as well.
_DENSE_STEP = 8


class BlockStorage(Storage):
    """A storage of encoded blocks."""

    __slots__ = ("block_length", "_directory", "_thawed", "_misses")

    def __init__(self, dtype: np.dtype[Any], size: int, directory: Directory, block_length: int) -> None:
        super().__init__(dtype, size)
        self.block_length = block_length
        self._directory = directory
        # Ordered by the last write, the least recent first.
        self._thawed: dict[int, None] = {}
        self._misses: dict[int, int] = {}

    def __reduce__(self) -> Any:
        encodings = [entry.encoding for entry in self.compacted().entries]
        return storage_of, (self.dtype, encodings, self.block_length)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the directory."""
        return tuple(self._directory.entries)

    # --- reading ------------------------------------------------------------------------------------

    def item(self, address: int) -> Any:
        entry = self._directory.find(address)
        if entry.mutable:
            with self.lock:
                return entry.encoding.item(address - entry.start)
        return entry.encoding.item(address - entry.start)

    def read(self, start: int, count: int, step: int, out: Array) -> None:
        if step == 1:
            self._read_range(start, start + count, out)
        elif step <= _DENSE_STEP:
            most = max(1, settings().tile_length // step)
            for first in range(0, count, most):
                number = min(most, count - first)
                cover = np.empty((number - 1) * step + 1, self.dtype)
                begin = start + first * step
                self._read_range(begin, begin + cover.size, cover)
                out[first : first + number] = cover[::step]
        else:
            self.gather_run(start, count, step, out)

    def fresh(self, start: int, count: int) -> Array:
        entry = self._directory.find(start)
        low, high = start - entry.start, start - entry.start + count
        if count > _SHORT or start + count > entry.stop:
            return super().fresh(start, count)
        if entry.mutable:
            with self.lock:
                return entry.encoding.fresh(low, high)
        return entry.encoding.fresh(low, high)

    def _read_range(self, start: int, stop: int, out: Array) -> None:
        # As many bytes of narrow elements.
        directory, tile = self._directory, settings().tile_length * max(1, _WIDEST // self.dtype.itemsize)
        if len(directory.starts) == 1 and stop - start <= tile and not directory.entries[0].mutable:
            entry = directory.entries[0]
            entry.encoding.decode(start - entry.start, stop - entry.start, out)
            return
        for entry in directory.overlapping(start, stop):
            low, high = max(start, entry.start), min(stop, entry.stop)
            if entry.mutable:
                with self.lock:
                    entry.encoding.decode(low - entry.start, high - entry.start, out[low - start : high - start])
                continue
            # Tile by tile: a second pass over the values finds them in the cache.
            for first in range(low, high, tile):
                last = min(high, first + tile)
                entry.encoding.decode(first - entry.start, last - entry.start, out[first - start : last - start])

    def gather(self, addresses: Array, out: Array) -> None:
        directory = self._directory
        if len(directory.entries) == 1:
            self._take(directory.entries[0], addresses, out)
            return
        if not addresses.size:
            return
        ranks = np.searchsorted(np.array(directory.starts), addresses, side="right") - 1
        for rank, chosen in groups(ranks):
            found = np.empty(addresses[chosen].size, self.dtype)
            self._take(directory.entries[rank], addresses[chosen], found)
            out[chosen] = found

    def _take(self, entry: Entry, addresses: Array, out: Array) -> None:
        positions = addresses - entry.start
        if entry.mutable:
            with self.lock:
                entry.encoding.take(positions, out)
        else:
            entry.encoding.take(positions, out)

    def lane(self, start: int, stop: int, folded: bool = False) -> tuple[int, Encoding | None]:
        """Return where the stretch from `start` on that one encoding holds ends, and that encoding.

        None where it begins inside of a block that cannot be cut there. Only if `folded`, its elements may have no codes.
        """
        entry = self._directory.find(start)
        end = min(stop, entry.stop)
        encoding = entry.encoding
        flat = isinstance(encoding, (Coded, Constant)) and encoding.exceptions is None
        if start % self.block_length and not flat:
            if entry.mutable or end - start < self.block_length:
                return min(end, (start // self.block_length + 1) * self.block_length), None
            # Bits are shifted, and the positions of exceptions counted anew: not for more than will be worked on.
            end = min(end, start + _MOVED * self.block_length)
            return end, encoding.cut(start - entry.start, end - entry.start)
        if encoding.folded and folded and not entry.mutable and not start % self.block_length:
            return end, encoding.slice(start - entry.start, end - entry.start)
        if encoding.folded:
            end = min(end, (start // self.block_length + unfolded_blocks(self.dtype)) * self.block_length)
        if entry.mutable:
            with self.lock:
                return end, entry.encoding.slice(start - entry.start, end - entry.start).owned().lane(0, end - start)
        return end, encoding.lane(start - entry.start, end - entry.start)

    def encoding_at(self, address: int) -> Encoding:
        """Return the encoding that holds an element."""
        return self._directory.find(address).encoding

    @property
    def sole(self) -> Entry | None:
        """The entry that holds all elements, if there is one and it is frozen."""
        entries = self._directory.entries
        return entries[0] if len(entries) == 1 and not entries[0].mutable else None

    def single(self) -> Coded | None:
        """Return the one encoding that holds all elements as a code each without exceptions, if there is one."""
        encoding = None if self.sole is None else self.sole.encoding
        return encoding if isinstance(encoding, Coded) and encoding.exceptions is None else None

    def put_encoded(self, start: int, encoding: Encoding) -> None:
        """Put an encoding of whole blocks in place; it must not be changed afterwards."""
        with self.lock:
            self._replace([Entry(start, start + encoding.length, encoding)])

    def take_over(self, start: int, source: "BlockStorage", first: int, count: int) -> bool:
        """Share the payloads of `count` elements of another storage, from `first` on; False where they are not whole blocks."""
        stop = start + count
        if source.block_length != self.block_length or start % self.block_length or (stop % self.block_length and stop != self.size):
            return False
        section = source.section(first, first + count)
        if section is None:
            return False
        with self.lock:
            self._replace([Entry(start + entry.start, start + entry.stop, entry.encoding) for entry in section.entries])
        return True

    # --- writing ------------------------------------------------------------------------------------

    def put_item(self, address: int, value: Any) -> None:
        with self.lock:
            entry = self._directory.find(address)
            if entry.mutable and entry.encoding.put_item(address - entry.start, value):
                if self._thawed:
                    self._touch(address // self.block_length)
                return
            block, position = divmod(address, self.block_length)
            start, stop = address - position, min(address - position + self.block_length, self.size)
            encoding, done, misses = entry.encoding, False, self._misses.get(block, 0)
            if not entry.mutable:
                encoding = entry.cut(start, stop).encoding.owned()
                done = encoding.put_item(position, value)
            if not done and misses < _PATCHES and patched(encoding, position, value, self.block_length):
                done, self._misses[block] = True, misses + 1
            if not done:
                self._write_block(block, slice(position, position + 1), np.array([value], self.dtype))
            elif not entry.mutable:
                self._apply([Entry(start, stop, encoding, mutable=True)])

    def write(self, start: int, count: int, step: int, values: Array) -> None:
        if step == 1:
            self._write_range(start, start + count, lambda low, high: values[low - start : high - start])
            return
        at, last = 0, start + (count - 1) * step + 1
        for low, high in pieces(start, last, self.block_length):
            base = low // self.block_length * self.block_length
            first = start + at * step
            number = len(range(first, high, step))
            if number:
                positions = slice(first - base, first - base + (number - 1) * step + 1, step)
                with self.lock:
                    self._write_block(base // self.block_length, positions, values[at : at + number])
            at += number

    def fill(self, start: int, count: int, step: int, value: Array) -> None:
        if step != 1:
            for first in range(0, count, self.block_length):
                number = min(self.block_length, count - first)
                self.write(start + first * step, number, step, np.broadcast_to(value, number))
            return
        self._write_range(start, start + count, lambda low, high: np.broadcast_to(value, high - low), Constant(value.copy(), 0))

    def _write_range(self, start: int, stop: int, values: Callable[[int, int], Array], constant: Constant | None = None) -> None:
        """Write a stretch: whole blocks are encoded anew, those at the ends are changed."""
        length = self.block_length
        if stop - start <= _SHORT and constant is None and self._write_codes(start, stop, values):
            return
        first = min(-(-start // length) * length, stop)
        last = stop if stop == self.size else max(stop // length * length, first)
        if start < first:
            with self.lock:
                self._write_piece(start, first, values)
        if first < last:
            fresh: list[Encoding]
            if constant is not None:
                fresh = [Constant(constant.value, last - first)]
            else:
                blocks = (values(low, high) for low, high in pieces(first, last, length))
                fresh = encoded_spans(self.dtype, blocks, length, last - first)
            entries, at = [], first
            for encoding in fresh:
                entries.append(Entry(at, at + encoding.length, encoding))
                at += encoding.length
            with self.lock:
                self._replace(entries)
        if last < stop:
            with self.lock:
                self._write_piece(last, stop, values)

    def rewrite(self, values: Array) -> None:
        if not self._write_codes(0, self.size, lambda low, high: values, as_raw=True):
            self.write(0, self.size, 1, values)

    def _write_codes(self, start: int, stop: int, values: Callable[[int, int], Array], as_raw: bool = False) -> bool:
        """Write a short stretch of one block into its codes; tell whether these take it.

        Raw codes, which take anything, are written only if `as_raw` says so.
        """
        block = start // self.block_length
        base = block * self.block_length
        if stop > base + self.block_length:
            return False
        positions, coming = slice(start - base, stop - base), values(start, stop)
        with self.lock:
            entry = self._directory.find(start)
            if isinstance(entry.encoding, Raw) and not as_raw:
                return False
            if entry.mutable:
                return entry.encoding.put(positions, coming)
            end = min(base + self.block_length, self.size)
            encoding = entry.cut(base, end).encoding.owned()
            if not encoding.put(positions, coming):
                return False
            self._apply([Entry(base, end, encoding, mutable=True)])
        return True

    def _write_piece(self, start: int, stop: int, values: Callable[[int, int], Array]) -> None:
        block = start // self.block_length
        base = block * self.block_length
        self._write_block(block, slice(start - base, stop - base), np.ascontiguousarray(values(start, stop)))

    def scatter(self, addresses: Array, values: Array) -> None:
        changed: list[Entry] = []
        blocks = addresses // self.block_length
        with self.lock:
            for block, chosen in groups(blocks):
                positions = addresses[chosen] - block * self.block_length
                entry = self._changed(block, positions, values[chosen])
                if entry is not None:
                    changed.append(entry)
                if len(changed) >= _MANY:
                    self._apply(changed)
                    changed = []
            self._apply(changed)

    def _write_block(self, block: int, positions: Positions, values: Array) -> None:
        """Write into one block; the caller holds the lock."""
        entry = self._changed(block, positions, values)
        if entry is not None:
            self._apply([entry])

    def _apply(self, entries: list[Entry]) -> None:
        """Put changed blocks in place, and encode thawed ones that have become too many."""
        if entries:
            self._directory = self._directory.replaced(entries)
        if len(self._thawed) > THAWED:
            self._encode_oldest()

    def _changed(self, block: int, positions: Positions, values: Array) -> Entry | None:
        """Write in place where the block is mutable, and return None; else return the entry to put in its place."""
        start = block * self.block_length
        stop = min(start + self.block_length, self.size)
        entry = self._directory.find(start)
        if entry.mutable and entry.encoding.put(positions, values):
            if self._thawed:
                self._touch(block)
            return None
        if entry.mutable:
            entry.encoding = self._rewritten(block, entry.encoding, positions, values)
            self._apply([])
            return None
        encoding = entry.cut(start, stop).encoding.owned()
        if not encoding.put(positions, values):
            encoding = self._rewritten(block, encoding, positions, values)
        return Entry(start, stop, encoding, mutable=True)

    def _rewritten(self, block: int, encoding: Encoding, positions: Positions, values: Array) -> Encoding:
        """Return the block with values that its codes could not take: patched, thawed, or encoded anew."""
        misses = self._misses.get(block, 0) + 1
        if misses <= _PATIENCE:
            patched = written(encoding, positions, values, self.block_length)
            if patched is not None:
                self._misses[block] = misses
                return patched
        dense = np.empty(encoding.length, self.dtype)
        encoding.decode(0, encoding.length, dense)
        dense[positions] = values
        self._misses.pop(block, None)
        if values.size * 4 >= encoding.length:
            return encode(dense, self.block_length)
        self._touch(block, thaw=True)
        return Raw(dense)

    def _touch(self, block: int, thaw: bool = False) -> None:
        """Note that a thawed block (or one that is being thawed) was written last."""
        if thaw or block in self._thawed:
            self._thawed.pop(block, None)
            self._thawed[block] = None

    def _encode_oldest(self) -> None:
        """Encode the least recently written thawed blocks until few are left."""
        while len(self._thawed) > THAWED:
            block = next(iter(self._thawed))
            entry = self._directory.find(block * self.block_length)
            if entry.mutable and isinstance(entry.encoding, Raw):
                entry.encoding = encode(entry.encoding.codes, self.block_length)
            del self._thawed[block]

    def _replace(self, entries: list[Entry]) -> None:
        """Put `entries`, a stretch of blocks, into the directory, and forget what was noted of these blocks."""
        self._directory = self._directory.replaced(entries)
        first, last = entries[0].start // self.block_length, (entries[-1].stop - 1) // self.block_length
        for notes in (self._thawed, self._misses):
            for block in [b for b in notes if first <= b <= last]:
                del notes[block]

    def checkpoint(self) -> Any:
        return self._frozen()

    def restore(self, checkpoint: Any) -> None:
        with self.lock:
            self._directory = checkpoint
            self._thawed.clear()
            self._misses.clear()

    # --- copies and what is held --------------------------------------------------------------------

    def _frozen(self) -> Directory:
        """Return the directory with all entries frozen; later writes copy their block first."""
        with self.lock:
            for entry in self._directory.entries:
                entry.mutable = False
            self._thawed.clear()
            self._misses.clear()
            return self._directory

    def compacted(self) -> Directory:
        """Return a frozen directory in which thawed blocks are encoded again."""
        with self.lock:
            for block in self._thawed:
                entry = self._directory.find(block * self.block_length)
                if entry.mutable and isinstance(entry.encoding, Raw):
                    entry.encoding = encode(entry.encoding.codes, self.block_length)
            return self._frozen()

    def copy(self) -> "BlockStorage":
        return BlockStorage(self.dtype, self.size, self.compacted(), self.block_length)

    def section(self, start: int, stop: int) -> "BlockStorage | None":
        if start % self.block_length or (stop % self.block_length and stop != self.size):
            return None
        entries = []
        for entry in self.compacted().overlapping(start, stop):
            part = entry.cut(max(start, entry.start), min(stop, entry.stop))
            entries.append(Entry(part.start - start, part.stop - start, part.encoding))
        return BlockStorage(self.dtype, stop - start, Directory(entries), self.block_length)

    def _cuts(self, start: int, stop: int) -> Iterator[Entry]:
        """Yield frozen entries for the whole blocks that hold any of ``start:stop``."""
        length = self.block_length
        low, high = start // length * length, min(-(-stop // length) * length, self.size)
        for entry in self._directory.overlapping(low, high):
            yield entry.cut(max(low, entry.start), min(high, entry.stop))

    def buffers(self, start: int, stop: int) -> Iterator[Array]:
        for entry in self._cuts(start, stop):
            yield from entry.encoding.buffers()

    def held(self, start: int, stop: int) -> Iterator[Held]:
        for entry in self._cuts(start, stop):
            elements = entry.stop - entry.start
            yield Held(entry.encoding.name, -(-elements // self.block_length), elements, entry.encoding.nbytes)


def storage_of(dtype: np.dtype[Any], encodings: Iterable[Encoding], block_length: int) -> BlockStorage:
    """Return the storage that `encodings` make in sequence, all but the last of whole blocks."""
    entries: list[Entry] = []
    start = 0
    for encoding in encodings:
        entries.append(Entry(start, start + encoding.length, encoding))
        start += encoding.length
    directory = Directory(entries or [Entry(0, 0, Constant(np.zeros(1, dtype), 0))])
    return BlockStorage(dtype, start, directory, block_length)

"""Storages made of the elements of others, in another order or number: codes move, where they can, else values.

`moved` lets its caller read storages that look like the ones it was given but hold codes, and encodes what the
caller makes of them by putting the meaning back.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np

from compactarray.config import settings
from compactarray.encodings.codes import Coded
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import Runs
from compactarray.encodings.select import encode_flat
from compactarray.encodings.text import Text
from compactarray.geometry.layout import address_bounds, is_contiguous
from compactarray.geometry.tiles import Region, regions
from compactarray.storage import run_moves
from compactarray.storage.base import Array, Storage
from compactarray.storage.beside import Beside, bare
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import Builder
from compactarray.storage.columns import ColumnsStorage
from compactarray.storage.directory import Directory, Entry
from compactarray.storage.joining import Stretch, cut, joined
from compactarray.storage.meanings import Common, common
from compactarray.storage.parts import PartsStorage, SwappedStorage
from compactarray.storage.recoding import Recoder
from compactarray.storage.strided import copy_strided
from compactarray.storage.tables import is_tall
from compactarray.storage.transfer import read_view

#: Gives the elements of the result, 1-D pieces in order, read from storages (or from others of the same addresses
#: that hold codes); the number says how many elements a piece should have at most.
Pieces = Callable[[Sequence[Storage], int], Iterator[Array]]

#: Bytes of codes up to which a storage is laid out as one array before its elements are moved.
_WHOLE = 1 << 24
#: Bytes of the widest code.
_WIDEST = 8
#: A storage is laid out where at least one in so many of its elements is wanted; the second number is for what is
#: found by searching, in several entries or among exceptions.
_SPARSE, _SPARSE_SEARCHED = 16, 128
#: Elements of a strided view that are read at a time, of at most eight bytes each.
_PIECE = 1 << 20
#: For each of several entries at least one in so many elements of a block must be wanted: finding a common
#: meaning would cost more than to encode anew.
_FEW = 128
#: At most one in so many elements becomes an exception because others have a meaning that it does not share.
_SELDOM = 256


def moved(sources: Sequence[Stretch], size: int | None, pieces: Pieces) -> Storage:
    """Return a storage of `size` elements (None: as many as come) that `pieces` reads from the sources.

    The sources have one dtype, whose storages are encoded.
    """
    found = moved_as_codes(sources, size, pieces)
    if found is not None:
        return found
    parted = _by_parts(sources, lambda parts: moved(parts, size, pieces))
    if parted is not None:
        return parted
    builder = Builder(sources[0].storage.dtype, size or 0)
    for piece in pieces([source.storage for source in sources], settings().tile_length):
        builder.append(piece.reshape(-1))
    return builder.finish()


def moved_as_codes(sources: Sequence[Stretch], size: int | None, pieces: Pieces, as_array: bool = False) -> Storage | None:
    """Return what `moved` does, or None where the codes have no common meaning, or elements have parts.

    Where `as_array` is true, None too where the codes of a source are too large to be laid out as one array.
    """
    shared = _in_codes(sources, size)
    if shared is None:
        return None
    meaning, storages, beside = shared
    exceptions: Exceptions | None = None
    if beside is not None:
        found = beside.moved(lambda numbers: pieces(numbers, _PIECE))
        if found is None:
            # Too many in one block, where they would better be encoded anew.
            shared = _in_codes(sources, size, False)
            if shared is None:
                return None
            meaning, storages, _ = shared
        else:
            size, exceptions = found
    arrays = [array[1] for array in map(array_of, storages) if array is not None]
    if as_array and len(arrays) < len(storages):
        return None
    bound = sum(source.stop - source.start for source in sources) if size is None else size
    recoder = Recoder(meaning, size, bound, arrays, exceptions)
    most = max(1, 8 * settings().tile_length // meaning.dtype.itemsize)
    if recoder.straight and len(arrays) == len(storages):
        # What comes is the result itself: all of it may come at once.
        most = max(most, size or 0)
    for piece in pieces(storages, most):
        recoder.append(piece)
    result = recoder.finish()
    # A mask that another thread writes to meanwhile may pick others the second time.
    return None if exceptions is not None and result.size != size else result


def _by_parts(sources: Sequence[Stretch], make: Callable[[list[Stretch]], Storage]) -> Storage | None:
    """Return the storage of elements with parts, each part made from those of the sources; None for other elements."""
    storages = [source.storage for source in sources]
    columns: list[tuple[Storage, ...]]
    if all(isinstance(storage, SwappedStorage) for storage in storages):
        columns = [tuple(storage.native for storage in storages if isinstance(storage, SwappedStorage))]
    elif all(isinstance(storage, PartsStorage) for storage in storages):
        # Frozen first: then no part of an element changes between the moves of the parts.
        copies = [storage.copy() for storage in storages]
        columns = list(zip(*(copy.parts for copy in copies if isinstance(copy, PartsStorage)), strict=True))
    else:
        return None
    parts = []
    for column in columns:
        stretches = zip(column, sources, strict=True)
        parts.append(make([Stretch(storage, source.start, source.stop) for storage, source in stretches]))
    if isinstance(storages[0], SwappedStorage):
        return SwappedStorage(storages[0].dtype, parts[0])
    return PartsStorage(storages[0].dtype, tuple(parts))


def laid_end_to_end(sources: Sequence[Stretch]) -> Storage:
    """Return the storage of stretches of one dtype one after the other."""
    parted = _by_parts(sources, laid_end_to_end) or _by_columns(sources)
    if parted is not None:
        return parted

    def pieces(storages: Sequence[Storage], most: int) -> Iterator[Array]:
        for storage, (_, start, stop) in zip(storages, sources, strict=True):
            yield from stretch_of(storage, start, stop, most)

    size = sum(source.stop - source.start for source in sources)
    return joined(sources) or run_moves.end_to_end(sources) or moved(sources, size, pieces)


def _by_columns(sources: Sequence[Stretch]) -> Storage | None:
    """Return the storage of whole rows of tables of one width one after the other; None where the sources are not that."""
    tables = [source.storage for source in sources if type(source.storage) is ColumnsStorage]
    width = len(tables[0].parts) if tables else 0
    if len(tables) < len(sources) or any(len(table.parts) != width for table in tables):
        return None
    rows = [(source.start // width, source.stop // width) for source in sources]
    if any(source.start % width or source.stop % width for source in sources) or not is_tall(
        sum(stop - start for start, stop in rows)
    ):
        return None
    # Frozen first: then no row changes between the moves of its columns.
    copies = [table.copy().parts for table in tables]
    parts = []
    for column in range(width):
        stretches = [Stretch(copy[column], *bounds) for copy, bounds in zip(copies, rows, strict=True) if bounds[0] < bounds[1]]
        parts.append(laid_end_to_end(stretches))
    return ColumnsStorage(tables[0].dtype, tuple(parts))


def stretch_of(storage: Storage, start: int, stop: int, most: int) -> Iterator[Array]:
    """Yield the elements at neighbouring addresses, at most so many at a time where they are not in an array."""
    array = array_of(storage)
    if array is not None:
        yield array[1][start - array[0] : stop - array[0]]
        return
    for first in range(start, stop, most):
        piece = np.empty(min(most, stop - first), storage.dtype)
        storage.read(first, piece.size, 1, piece)
        yield piece


def array_of(storage: Storage) -> tuple[int, Array] | None:
    """Return the array that holds all elements of a storage as they are, if one does, and its first address."""
    if not isinstance(storage, BlockStorage):
        return None
    encoding = storage.single()
    return (storage.entries[0].start, encoding.codes) if isinstance(encoding, Raw) else None


# --- in -------------------------------------------------------------------------------------------------


def _in_codes(sources: Sequence[Stretch], size: int | None, beside: bool = True) -> tuple[Common, list[Storage], Beside | None] | None:
    """Return the meaning that the sources share, for each a storage of its codes at the same addresses, and exceptions.

    Where `beside` is false, exceptions are always among the codes.
    """
    spans: dict[int, Stretch] = {}
    for source in sources:
        if not isinstance(source.storage, BlockStorage):
            return None
        other = spans.get(id(source.storage), source)
        spans[id(source.storage)] = Stretch(source.storage, min(source.start, other.start), max(source.stop, other.stop))
    cuts = {key: cut(span) for key, span in spans.items()}
    for found in cuts.values():
        _unfold(found)
    entries = [entry for found in cuts.values() for entry in found]
    if any(entry.encoding.folded and not isinstance(entry.encoding, Runs) for entry in entries):
        return None
    if size is not None and len(entries) > 1 and size < len(entries) * (settings().block_length // _FEW):
        return None
    few = {key: _few(found, size) for key, found in cuts.items()}
    apart = Beside.of(cuts) if beside and not any(few.values()) else None
    meaning = None if apart is None else common([bare(entry.encoding) for entry in entries])
    if apart is None or meaning is None or not meaning.is_straight or isinstance(meaning.model, (Raw, Text)) or meaning.runs:
        apart, meaning = None, common([entry.encoding for entry in entries])
    if meaning is None and _set_apart(entries):
        meaning = common([entry.encoding for entry in entries])
    if meaning is None:
        return None
    storages = {}
    for key, found in cuts.items():
        if apart is not None:
            apart.number(key, found, spans[key].storage)
            for entry in found:
                entry.encoding = bare(entry.encoding)
        storages[key] = _of_codes(meaning, found, few[key], spans[key].storage)
    if apart is not None:
        apart.order([id(source.storage) for source in sources])
    return meaning, [storages[id(source.storage)] for source in sources], apart


def _few(entries: list[Entry], size: int | None) -> bool:
    """Tell whether so few elements are wanted that laying all out as an array does not pay."""
    simple = len(entries) == 1 and entries[0].encoding.exceptions is None
    return size is not None and size * (_SPARSE if simple else _SPARSE_SEARCHED) < entries[-1].stop - entries[0].start


def _set_apart(entries: list[Entry]) -> bool:
    """Make few elements of another meaning exceptions in that of the longest entry; tell whether there are such."""
    longest = max(entries, key=lambda entry: entry.stop - entry.start).encoding
    most = longest.length // _SELDOM
    if not isinstance(longest, Coded) or isinstance(longest, (Raw, Text)):
        return False
    found = [entry for entry in entries if entry.encoding.meaning != longest.meaning and entry.encoding.length <= most]
    if sum(entry.encoding.length for entry in found) > most:
        return False
    for entry in found:
        length, block = entry.encoding.length, settings().block_length
        offsets = np.minimum(np.arange(-(-length // block) + 1) * block, length)
        values = encode_flat(entry.encoding.decoded(0, length))
        places = (np.arange(length) % block).astype(np.uint16)
        codes = np.zeros(length, longest.codes.dtype)
        entry.encoding = longest.rebuilt((codes,), length, Exceptions(places, offsets, values, block))
    return bool(found)


def _unfold(entries: list[Entry]) -> None:
    """Put encodings with a code for each element in the place of others, but for runs, if they do not take too much."""
    folded = [entry for entry in entries if entry.encoding.folded and not isinstance(entry.encoding, Runs)]
    if sum(entry.stop - entry.start for entry in folded) * _WIDEST > _WHOLE:
        return
    for entry in entries:
        if isinstance(entry.encoding, Runs) and entry.encoding.values.folded:
            entry.encoding = entry.encoding.with_values(entry.encoding.values.cut(0, entry.encoding.values.length))
    for entry in folded:
        entry.encoding = entry.encoding.lane(0, entry.stop - entry.start)


def _of_codes(meaning: Common, entries: list[Entry], sparse: bool, storage: Storage) -> Storage:
    """Return a storage of the codes of entries, laid out as one array where that is worth it."""
    assert isinstance(storage, BlockStorage)
    codes = [Entry(entry.start, entry.stop, meaning.codes_of(entry.encoding)) for entry in entries]
    start, stop = entries[0].start, entries[-1].stop
    found = BlockStorage(meaning.dtype, stop, Directory(codes), storage.block_length)
    if array_of(found) or sparse or (stop - start) * meaning.dtype.itemsize > _WHOLE:
        return found
    joined = np.empty(stop - start, meaning.dtype)
    found.read(start, stop - start, 1, joined)
    return BlockStorage(meaning.dtype, stop, Directory([Entry(start, stop, Raw(joined))]), storage.block_length)


# --- copies ---------------------------------------------------------------------------------------------

Shape = tuple[int, ...]


def strided(array: tuple[int, Array], shape: Shape, steps: Shape, offset: int) -> Array:
    """Return the view of a storage's array (see `array_of`) that has a shape and steps; it must not be written."""
    start, codes = array
    strides = tuple(step * codes.itemsize for step in steps)
    return np.lib.stride_tricks.as_strided(codes[offset - start :], shape, strides, writeable=False)


def copied(storage: Storage, shape: Shape, steps: Shape, offset: int) -> Storage:
    """Return a storage of the elements of a view, which is not empty, in C order."""
    source = Stretch(storage, *address_bounds(shape, steps, offset))
    if is_contiguous(shape, steps):
        return laid_end_to_end([source])
    runs = run_moves.copied(storage, shape, steps, offset)
    if runs is not None:
        return runs
    return moved([source], prod(shape), lambda storages, most: elements_of(storages[0], shape, steps, offset, most))


def elements_of(storage: Storage, shape: Shape, steps: Shape, offset: int, most: int) -> Iterator[Array]:
    """Yield the elements of a view in C order."""
    if is_contiguous(shape, steps):
        yield from stretch_of(storage, offset, offset + prod(shape), most)
        return
    array = array_of(storage)
    for region in regions(shape, max(most, _PIECE // max(1, storage.dtype.itemsize * 2 // _WIDEST - 1))):
        lengths, distances, first = part_of(region, shape, steps, offset)
        out = np.empty(lengths, storage.dtype)
        if array is None:
            read_view(storage, distances, first, out)
        else:
            copy_strided(strided(array, lengths, distances, first), out)
        yield out


def gathered(source: Stretch, size: int, addresses: Callable[[], Iterator[Array]]) -> Storage:
    """Return a storage of `size` elements at addresses within a stretch; `addresses` gives them in pieces."""

    def pieces(storages: Sequence[Storage], most: int) -> Iterator[Array]:
        array = array_of(storages[0])
        for places in addresses():
            if array is not None:
                start, codes = array
                yield codes.take(places - start if start else places)
            else:
                found = np.empty(places.size, storages[0].dtype)
                storages[0].gather(places.reshape(-1), found)
                yield found

    return moved([source], size, pieces)


def part_of(region: Region, shape: Shape, steps: Shape, offset: int) -> tuple[Shape, Shape, int]:
    """Return shape, steps and offset of a part of a view, as `regions` describes it."""
    lengths, distances = [], []
    for part, length, step in zip(region, shape, steps, strict=True):
        if isinstance(part, int):
            offset += part * step
        else:
            start, stop, _ = part.indices(length)
            offset += start * step
            lengths.append(stop - start)
            distances.append(step)
    return tuple(lengths), tuple(distances), offset

"""Writing much at once: blocks are replaced by codes that were moved, from what they held and from what comes.

Whether that pays is decided here: a function that returns False has written nothing, because it would not, or
because the codes of what is there and of what comes have no common meaning.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.geometry.layout import address_bounds, is_contiguous
from compactarray.geometry.tiles import regions
from compactarray.kernels import replace_codes, select_codes
from compactarray.numerics.words import words
from compactarray.storage import sparse_writes
from compactarray.storage.base import Array, Storage
from compactarray.storage.blocks import BlockStorage
from compactarray.storage.builder import can_encode
from compactarray.storage.joining import Stretch, joined
from compactarray.storage.movement import array_of, elements_of, moved_as_codes, stretch_of
from compactarray.storage.parts import PartsStorage, SwappedStorage
from compactarray.storage.rearranged import flat, operand_of, truths
from compactarray.storage.transfer import Source
from compactarray.storage.view import AnyView, View, constant, encoded

#: One in so many elements must be written: to move all codes costs less then than to write some by address.
_SHARE = 40

#: Values that are no contiguous array are copied to one of at most so many bytes.
_COPIED = 1 << 23

#: Makes the storage of the blocks that a view spans, from the storage that they are in and those of the sources.
_Make = Callable[[Storage, Sequence[Storage]], Storage | None]


def pays(view: View, count: int) -> bool:
    """Tell whether to write so many elements is worth to move the codes of all that a view spans."""
    if not count:
        return False
    low, high = _blocks(view)
    return count * _SHARE >= high - low and (high - low) * view.dtype.itemsize > settings().plain_below


def one_axis(values: Source, dtype: np.dtype[Any]) -> View | None:
    """Return values encoded, along one axis in C order, one where all are the same element; None where they would be cast."""
    if 0 in values.shape or not can_encode(dtype):
        return None
    if isinstance(values, np.ndarray) and not any(step for step, n in zip(values.strides, values.shape, strict=True) if n > 1):
        values = values[(0,) * values.ndim + (...,)].reshape(1)
    strings = values.dtype.kind == dtype.kind and dtype.kind in "SU"
    if isinstance(values, np.ndarray) and strings and values.size * dtype.itemsize <= _COPIED:
        # Strings are as wide as the longest of them.
        values = values.astype(dtype)
    if values.dtype != dtype:
        return None
    found: AnyView | None
    if isinstance(values, np.ndarray):
        if values.size == 1:
            found = constant(values.reshape(1), (1,))
        elif values.flags.c_contiguous or values.nbytes <= _COPIED:
            found = encoded(np.ascontiguousarray(values).reshape(-1))
        else:
            found = None
    else:
        assert isinstance(values, View)
        size = prod(values.shape)
        found = values.reshaped((size,), "C") or values.copied("C").reshaped((size,), "C")
    return found if isinstance(found, View) else None


def overwritten(view: View, values: View) -> bool:
    """Write `values`, of the shape and dtype of the view, to all elements of it."""
    if not pays(view, view.size):
        return False
    if sparse_writes.overwritten(view, values):
        return True
    if not is_contiguous(view.shape, view.steps):
        return _changed(view, [values], lambda codes, operands: _write(codes, view, operands[0]))
    low, high = _blocks(view)
    start, stop = view.offset, view.offset + view.size

    def make(target: Storage, others: Sequence[Storage]) -> Storage | None:
        # Both ends have a copy of the storage to themselves, so that the meaning of what is lost does not count.
        before = [Stretch(target.copy(), low, start)] if low < start else []
        after = [Stretch(target.copy(), stop, high)] if stop < high else []
        sources = [*before, _stretch(values, others[0]), *after]

        def pieces(storages: Sequence[Storage], most: int) -> Iterator[Array]:
            for k, (storage, source) in enumerate(zip(storages, sources, strict=True)):
                if k == len(before):
                    yield from elements_of(storage, values.shape, values.steps, values.offset, most)
                else:
                    yield from stretch_of(storage, source.start, source.stop, most)

        straight = is_contiguous(values.shape, values.steps)
        return (joined(sources) if straight else None) or moved_as_codes(sources, high - low, pieces)

    return _replaced(view, [values], make)


def _write(codes: Array, view: View, values: View | Array) -> None:
    low, _ = _blocks(view)
    strides = tuple(step * codes.itemsize for step in view.steps)
    target = np.lib.stride_tricks.as_strided(codes[view.offset - low :], view.shape, strides)
    target[...] = values if isinstance(values, np.ndarray) else values.read()


def overwritten_at(view: View, addresses: Callable[[], Iterator[Array]], values: View) -> bool:
    """Write 1-D `values` (one, or as many) to addresses of the view's storage; of equal ones the last counts."""
    low, _ = _blocks(view)

    def write(codes: Array, operands: Sequence[View | Array]) -> None:
        at, single = 0, operands[0].shape[0] == 1
        for places in addresses():
            coming = _read(operands[0], at, 1 if single else places.size)
            # A scalar is assigned much faster than an array of one element.
            codes[(places - low if low else places).reshape(-1)] = coming[0] if single else coming
            at += 0 if single else places.size

    return _changed(view, [values], write)


def overwritten_where(view: View, mask: View | Array, values: View) -> bool:
    """Write to the elements where a mask of the view's shape is true.

    `values` has the view's shape, or one axis: of one element for all places, or of one for each in turn.
    """
    if not is_contiguous(view.shape, view.steps):
        return False
    low, high = _blocks(view)
    marks = frozen(mask)

    def make(target: Storage, others: Sequence[Storage]) -> Storage | None:
        def pieces(storages: Sequence[Storage], most: int) -> Iterator[Array]:
            yield from stretch_of(storages[0], low, view.offset, most)
            yield from _masked(operand_of(view, storages[0]), marks, operand_of(values, storages[1]))
            yield from stretch_of(storages[0], view.offset + view.size, high, most)

        return moved_as_codes([Stretch(target, low, high), _stretch(values, others[0])], high - low, pieces)

    return _replaced(view, [values], make)


def _masked(codes: View | Array, mask: View | Array, values: View | Array) -> Iterator[Array]:
    at = 0
    for region in regions(codes.shape, settings().tile_length):
        part, marks = flat(codes[(*region, ...)]), truths(mask[(*region, ...)])
        found = np.empty(part.size, part.dtype)
        if values.shape == codes.shape:
            select_codes(words(flat(values[(*region, ...)])), words(part), marks, words(found))
        elif values.shape[0] == 1:
            select_codes(np.full(part.size, words(_read(values, 0, 1))[0]), words(part), marks, words(found))
        else:
            number = int(np.count_nonzero(marks))
            coming = _read(values, at, number) if number else part[:1]
            replace_codes(words(part), marks, words(coming), words(found))
            at += number
        yield found


def _read(values: View | Array, start: int, count: int) -> Array:
    part = values[(slice(start, start + count), ...)]
    return np.ascontiguousarray(part if isinstance(part, np.ndarray) else part.read())


# --- what is common to them -----------------------------------------------------------------------------


def _blocks(view: View) -> tuple[int, int]:
    """Return the addresses of the whole blocks that a view, which is not empty, spans."""
    length = settings().block_length
    low, high = address_bounds(view.shape, view.steps, view.offset)
    return low // length * length, min(-(-high // length) * length, view.storage.size)


def frozen(values: View | Array) -> View | Array:
    """Return a view of a copy that nobody else writes to; an ndarray as it is."""
    return View(values.storage.copy(), values.shape, values.steps, values.offset) if isinstance(values, View) else values


def _stretch(view: View, storage: Storage) -> Stretch:
    return Stretch(storage, *address_bounds(view.shape, view.steps, view.offset))


def _changed(view: View, sources: Sequence[View], change: Callable[[Array, Sequence[View | Array]], None]) -> bool:
    """Replace the blocks that a view spans by what `change` makes of an array of their codes, in place."""
    low, high = _blocks(view)

    def make(target: Storage, others: Sequence[Storage]) -> Storage | None:
        def pieces(storages: Sequence[Storage], most: int) -> Iterator[Array]:
            held = array_of(storages[0])
            assert held is not None
            codes = held[1][low - held[0] : high - held[0]]
            if any(np.may_share_memory(codes, buffer) for buffer in target.buffers(low, high)):
                codes = codes.copy()
            change(codes, [operand_of(source, storage) for source, storage in zip(sources, storages[1:], strict=True)])
            yield codes

        stretches = [_stretch(source, storage) for source, storage in zip(sources, others, strict=True)]
        return moved_as_codes([Stretch(target, low, high), *stretches], high - low, pieces, as_array=True)

    return _replaced(view, sources, make)


def _replaced(view: View, sources: Sequence[View], make: _Make) -> bool:
    """Put the storages that `make` returns in the place of the blocks that a view spans, all of them or none."""
    low, _ = _blocks(view)
    # Frozen copies first, so that two locks are never held together.
    copies = [source.storage.copy() for source in sources]
    with view.storage.lock:
        fresh = []
        for target, *others in _parts([view.storage, *copies]):
            if not isinstance(target, BlockStorage) or target.block_length != settings().block_length:
                return False
            made = make(target, others)
            if not isinstance(made, BlockStorage):
                return False
            fresh.append((target, made))
        for target, made in fresh:
            for entry in made.entries:
                target.put_encoded(low + entry.start, entry.encoding)
    return True


def _parts(storages: Sequence[Storage]) -> Iterator[Sequence[Storage]]:
    """Yield the storages themselves, or those of each part where elements have parts."""
    if all(isinstance(storage, SwappedStorage) for storage in storages):
        yield from _parts([storage.native for storage in storages if isinstance(storage, SwappedStorage)])
    elif all(isinstance(storage, PartsStorage) for storage in storages):
        for column in zip(*(storage.parts for storage in storages if isinstance(storage, PartsStorage)), strict=True):
            yield from _parts(column)
    else:
        yield storages

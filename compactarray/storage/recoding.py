"""Codes that have been moved get their meaning back."""

from collections.abc import Sequence

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.codes import Coded
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.frames import Frame, Framed
from compactarray.encodings.raw import Raw
from compactarray.encodings.runs import folded_runs
from compactarray.encodings.select import encode, with_encoded_exceptions
from compactarray.kernels.coordinates import part
from compactarray.numerics.integers import code_dtype
from compactarray.numerics.words import words
from compactarray.storage.base import Array, Storage
from compactarray.storage.beside import Values
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.builder import Builder
from compactarray.storage.growing import Growing
from compactarray.storage.meanings import Common
from compactarray.storage.spans import SpanBuilder

#: A block of which one in so many elements is an exception is encoded anew; other blocks, and where the codes
#: are nothing but a fill.
_CROWDED, _CROWDED_FILL = 4, 2
#: Blocks whose exceptions are set apart together.
_APART = 16
#: A form that saves less than this share is given up.
_WORTHWHILE = 0.95
#: Elements that are decoded at a time to be encoded anew.
_PIECE = 1 << 20


class Recoder:
    """Takes codes that have been moved, and makes a storage of them.

    Parameters
    ----------
    meaning : Common
        What the codes mean.
    expected : int or None
        How many codes will come, as far as is known.
    most : int
        More than so many are not likely to come: for these room is reserved, which costs nothing while it is not used.
    sources : sequence of ndarray
        Arrays that codes may be views of; other arrays are kept rather than copied.
    exceptions : Exceptions or None
        Those of the result, where they do not come among the codes.
    """

    def __init__(
        self, meaning: Common, expected: int | None, most: int, sources: Sequence[Array], exceptions: Exceptions | None = None
    ) -> None:
        self._meaning = meaning
        self._expected = expected
        self._most = most
        self._sources = sources
        self._length = settings().block_length
        #: Whether the codes that come are those of the result as they are.
        self.straight = meaning.is_straight
        self._exceptions = exceptions
        # What has come: as one array, or by blocks.
        self._codes: Growing | None = None
        self._whole: Array | None = None
        self._spans = SpanBuilder(self._length, expected or 0)
        self._waiting = np.empty(0, meaning.dtype)
        self._values = Values(meaning.values, meaning.one_value, meaning.model.dtype)

    def append(self, codes: Array) -> None:
        """Append codes, an array of any shape, in C order."""
        if not self.straight:
            self._append_blocks(codes.reshape(-1))
        elif self._codes is not None:
            self._codes.extend(codes.reshape(-1))
        elif codes.size == self._expected and self._is_fresh(codes):
            self._whole = codes.reshape(-1)
        else:
            self._codes = Growing(codes.reshape(-1), self._most)

    def _is_fresh(self, codes: Array) -> bool:
        """Tell whether an array can be kept: it is all of its memory, and no source has it."""
        root = codes
        while isinstance(root.base, np.ndarray):
            root = root.base
        owned = root.flags.owndata and root.nbytes == codes.nbytes and codes.flags.c_contiguous
        return owned and not any(np.may_share_memory(root, source) for source in self._sources)

    def _append_blocks(self, codes: Array) -> None:
        """Encode what makes whole blocks, and keep the rest until more comes."""
        if self._waiting.size:
            missing = self._length - self._waiting.size
            self._waiting = np.concatenate([self._waiting, codes[:missing]])
            codes = codes[missing:]
            if self._waiting.size < self._length:
                return
            self._encode(self._waiting)
        whole = codes.size // self._length * self._length
        # Setting exceptions apart takes as much again, several times.
        step = max(1, whole) if self._meaning.base is None else _APART * self._length
        for start in range(0, whole, step):
            self._encode(codes[start : min(start + step, whole)])
        self._waiting = codes[whole:].copy()

    def _encode(self, codes: Array) -> None:
        """Encode codes of whole blocks, or of the last one."""
        base, length = self._meaning.base, self._length
        if base is None:
            self._put(codes, None)
            return
        codes, fill = np.ascontiguousarray(codes), isinstance(self._meaning.model, Constant)
        starts = range(0, codes.size, length)
        positions, numbers = np.empty(codes.size + 1, np.uint16), np.empty(codes.size + 1, codes.dtype)
        # The codes of a fill are all the same, and not kept.
        rest = np.empty(length if fill else codes.size, codes.dtype)
        offsets = np.zeros(len(starts) + 1, np.int64)
        for k, start in enumerate(starts):
            block, at = codes[start : start + length], int(offsets[k])
            target = rest[: block.size] if fill else rest[start : start + length]
            offsets[k + 1] = at + part(block, codes.dtype.type(base), positions[at:], numbers[at:], target)
        most = length // (_CROWDED_FILL if fill else _CROWDED)
        crowded = int((offsets[1:] - offsets[:-1]).max()) > most
        if crowded and codes.size > length:
            for start in starts:
                self._encode(codes[start : start + length])
            return
        count = int(offsets[-1])
        if not count:
            self._put(codes, None)
            return
        values = self._values.at(numbers[:count].astype(np.int64) - base)
        exceptions = Exceptions(positions[:count].copy(), offsets, values, length)
        kept = codes if fill else rest
        if crowded:
            found = self._with_meaning(kept, exceptions).decoded(0, codes.size)
            self._spans.append_encoded(encode(found, length))
        else:
            self._put(kept, exceptions)

    def _put(self, codes: Array, exceptions: Exceptions | None) -> None:
        """Append codes of whole blocks; where they have been widened, block by block as narrow as they can be."""
        if not self._meaning.widened:
            self._spans.append_encoded(self._with_meaning(codes, exceptions))
            return
        for start in range(0, codes.size, self._length):
            stop = min(start + self._length, codes.size)
            cut = None if exceptions is None else exceptions.slice(start, stop)
            self._spans.append_encoded(self._narrowed(codes[start:stop], cut))

    def _with_meaning(self, codes: Array, exceptions: Exceptions | None) -> Encoding:
        model = self._meaning.model
        if isinstance(model, Constant):
            return (Constant if exceptions is None else Coo)(model.value, codes.size, exceptions)
        if isinstance(model, Bits):
            packed = np.packbits(codes.astype(bool, copy=False), bitorder="little")
            return model.rebuilt((packed,), codes.size, exceptions)
        assert isinstance(model, Coded)
        if codes.dtype != model.codes.dtype:
            codes = codes.astype(words(model.codes).dtype, copy=False).view(model.codes.dtype)
        return model.rebuilt((codes,), codes.size, exceptions)

    def _narrowed(self, codes: Array, exceptions: Exceptions | None) -> Encoding:
        """Return one block in a frame as narrow as its codes allow, its reference as round as that allows."""
        model = self._meaning.model
        assert isinstance(model, Framed)
        low, high = int(codes.min()), int(codes.max())
        narrow = code_dtype(high - low + 1)
        if narrow is None or narrow.itemsize >= model.codes.dtype.itemsize:
            return self._with_meaning(codes, exceptions)
        round_low = low // (64 << 8 * (narrow.itemsize - 1)) * (64 << 8 * (narrow.itemsize - 1))
        low = round_low if high - round_low < 1 << 8 * narrow.itemsize else low
        frame = Frame(narrow, model.reference + model.stride * low, model.stride, 0)
        return model.framed((codes - codes.dtype.type(low)).astype(narrow), frame, exceptions)

    def finish(self) -> Storage:
        """Return the storage of all codes that came."""
        model = self._meaning.model
        if self.straight:
            codes = self._codes.finish() if self._codes is not None else self._whole
            if codes is None or not codes.size:
                return storage_of(model.dtype, [], self._length)
            assert isinstance(model, Coded)
            encodings = [model.rebuilt((codes.view(model.codes.dtype),), codes.size, self._exceptions)]
        else:
            if self._waiting.size:
                self._encode(self._waiting)
            encodings = [with_encoded_exceptions(encoding) for encoding in self._spans.finish()]
        if self._meaning.runs:
            encodings = [folded_runs(encoding, self._length) for encoding in encodings]
        storage = storage_of(model.dtype, encodings, self._length)
        if isinstance(model, Raw) or sum(e.nbytes for e in encodings) <= _WORTHWHILE * storage.size * model.dtype.itemsize:
            return storage
        return _anew(storage)


def _anew(storage: BlockStorage) -> Storage:
    """Return a storage of the same values, encoded by what they are."""
    builder = Builder(storage.dtype, storage.size)
    for start in range(0, storage.size, _PIECE):
        tile = np.empty(min(_PIECE, storage.size - start), storage.dtype)
        storage.read(start, tile.size, 1, tile)
        builder.append(tile)
    return builder.finish()

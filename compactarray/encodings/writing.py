"""A block with some values replaced: codes where they fit, exceptions where they do not."""

import numpy as np

from compactarray.encodings.base import Array, Encoding, Positions
from compactarray.encodings.constant import Constant
from compactarray.encodings.coo import Coo
from compactarray.encodings.exceptions import Exceptions
from compactarray.encodings.raw import Raw


def written(encoding: Encoding, positions: Positions, values: Array, block_length: int) -> Encoding | None:
    """Return a copy of the single block `encoding` with `values` put at `positions`.

    Where a position occurs more than once the last value counts, as in NumPy. None where the exceptions
    would become too many for the form to pay: the caller keeps the block raw then, or encodes it anew.
    """
    codes, fits = encoding.translate(values)
    present = 0 if encoding.exceptions is None else encoding.exceptions.count
    most = encoding.length // 16 + 4
    if present + fits.size - int(np.count_nonzero(fits)) > most:
        return None
    payload = tuple(part.copy() for part in encoding.payload())
    fresh = encoding.rebuilt(payload, encoding.length, None)
    if codes is not None and not fits.all():
        # The exceptions cover them; what they mean must be a value without an error.
        codes = np.where(fits, codes, codes.dtype.type(0))
    fresh.put_codes(positions, codes)
    return _with_exceptions(fresh, _merged(encoding, positions, values, fits, block_length))


def patched(encoding: Encoding, position: int, value: np.generic, block_length: int) -> bool:
    """Make one value an exception of the single block `encoding`, in place; False where these would become too many.

    Whoever has the exceptions of before keeps them: new ones take their place in one step.
    """
    before = encoding.exceptions
    if isinstance(encoding, (Constant, Raw)):
        # The first has a form of its own with exceptions, the other one takes everything.
        return False
    fresh = np.asarray(value, encoding.dtype)[None]
    places = np.array([position], np.uint16)
    if before is not None:
        there, values = before.positions, before.values.decoded(0, before.count)
        if there.size >= encoding.length // 16 + 4:
            return False
        rank = int(there.searchsorted(places[0]))
        after = rank + (rank < there.size and there.item(rank) == position)
        fresh = np.concatenate([values[:rank], fresh, values[after:]])
        places = np.concatenate([there[:rank], places, there[after:]])
    encoding.exceptions = Exceptions.of_block(places, Raw(fresh), block_length)
    return True


def _with_exceptions(encoding: Encoding, exceptions: Exceptions | None) -> Encoding:
    """Return `encoding` with other exceptions; a constant that gets some becomes COO."""
    if type(encoding) is Constant and exceptions is not None:
        return Coo(encoding.value, encoding.length, exceptions)
    return encoding.rebuilt(encoding.payload(), encoding.length, exceptions)


def _merged(encoding: Encoding, positions: Positions, values: Array, fits: Array, block_length: int) -> Exceptions | None:
    """Return the block's exceptions after a write: earlier ones not overwritten, and values that do not fit."""
    if isinstance(positions, slice):
        positions = np.arange(*positions.indices(encoding.length))
    before = encoding.exceptions
    if before is not None:
        earlier = np.empty(before.count, encoding.dtype)
        before.values.decode(0, before.count, earlier)
        positions = np.concatenate([before.positions.astype(np.intp), positions])
        values = np.concatenate([earlier, values])
        fits = np.concatenate([np.zeros(before.count, bool), fits])
    if before is None and not fits.size - int(np.count_nonzero(fits)):
        return None
    # Stable: of equal positions the last one written comes last, and only it counts.
    order = np.argsort(positions, kind="stable")
    last = np.ones(order.size, bool)
    last[:-1] = positions[order[1:]] != positions[order[:-1]]
    chosen = order[last]
    chosen = chosen[~fits[chosen]]
    return Exceptions.of_block(positions[chosen], Raw(values[chosen]), block_length)

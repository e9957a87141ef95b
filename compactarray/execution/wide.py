"""Results that no codes express: values computed a tile at a time, straight into the place where they may stay."""

from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.encodings.base import Encoding
from compactarray.encodings.casting import recast
from compactarray.encodings.codes import Coded
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.encodings.select import looks_incompressible
from compactarray.execution.comparing import marked, marked_directly
from compactarray.execution.lanes import Lane, Work
from compactarray.execution.rooms import Rooms
from compactarray.execution.threads import CODES, VALUES, in_order, share
from compactarray.geometry.tiles import pieces
from compactarray.storage.base import Array

_OCTET = 8
#: Elements whose results tell whether all stay as they are computed.
_SAMPLE = 2048
_BOOL = np.dtype(bool)
#: Ufuncs of text that take no target.
_TARGETLESS = frozenset(("_slice",))


def computed(ufunc: np.ufunc, operands: list[Any], outs: tuple[Array, ...], **kwargs: Any) -> Any:
    """Do ``ufunc(*operands, out=outs, **kwargs)``, also for what takes no target."""
    if ufunc.__name__ not in _TARGETLESS:
        return ufunc(*operands, out=outs, **kwargs)
    outs[0][...] = ufunc(*operands, **kwargs)
    return outs[0]


def worthwhile(lanes: list[Lane] | None, dtype: np.dtype[Any]) -> int:
    """Return from how many blocks on more than one thread is worth while for lanes whose codes may suffice.

    Exceptions take longer than codes, and so do tests of eight bytes an element; results that are values are shared out elsewhere.
    """
    encodings = [lane for lane in lanes or () if isinstance(lane, Encoding)]
    if any(lane.exceptions is not None for lane in encodings):
        return VALUES
    width = sum(lane.codes.itemsize for lane in encodings if isinstance(lane, Coded)) if dtype.kind == "b" else 0
    return VALUES if width >= _OCTET else CODES


class Wide:
    """The values of one operation's results.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Of one output.
    size : int
        The elements of the whole operation.
    """

    __slots__ = ("_ufunc", "_size", "_rooms")

    def __init__(self, ufunc: np.ufunc, size: int) -> None:
        self._ufunc = ufunc
        self._size = size
        self._rooms = Rooms()

    def values(self, lanes: list[Lane], out: Array) -> None:
        """Write the results for lanes of one length."""
        lanes = self._as_read(lanes)
        rooms = self._rooms
        raw = all(isinstance(lane, Raw) for lane in lanes if isinstance(lane, Encoding))

        def compute(bounds: tuple[int, int]) -> None:
            # Raw payloads are read where they lie; other lanes are decoded, no more of them than the cache holds.
            for start, stop in pieces(*bounds, bounds[1] if raw else settings().tile_length):
                tiles = [rooms.decoded(k, lane, start, stop) if isinstance(lane, Encoding) else lane for k, lane in enumerate(lanes)]
                computed(self._ufunc, tiles, (out[start:stop],))

        several = self._size >= VALUES * settings().block_length
        bounds = pieces(0, out.size, share(out.size, self._size, VALUES))
        for _ in in_order(compute, bounds) if several else map(compute, bounds):
            pass

    def stay(self, lanes: list[Lane], length: int, dtype: np.dtype[Any]) -> bool:
        """Tell from the results for a few elements whether those for all will stay as they are computed: nothing compresses them."""
        if (
            length < _SAMPLE
            or dtype.kind not in "iuf"
            or any(isinstance(lane, Encoding) and lane.exceptions is not None for lane in lanes)
        ):
            return False
        places = np.arange(0, length, length // _SAMPLE | 1)
        sample = []
        for lane in self._as_read(lanes):
            if isinstance(lane, Encoding):
                out = np.empty(places.size, lane.dtype)
                lane.take_codes(places, out)
                lane = out
            sample.append(lane)
        with np.errstate(all="ignore"):
            return looks_incompressible(self._ufunc(*sample, out=np.empty(places.size, dtype)))

    def _as_read(self, lanes: list[Lane]) -> list[Lane]:
        """Return lanes of integers as floats where the ufunc computes in these: NumPy would cast what is decoded once more."""
        if not any(isinstance(lane, Narrow) and lane.dtype.kind in "iu" for lane in lanes):
            return lanes
        wanted = self._ufunc.resolve_dtypes((*map(_kind, lanes), *[None] * self._ufunc.nout))
        return [_cast(lane, dtype) for lane, dtype in zip(lanes, wanted, strict=False)]

    def marks(self, lanes: list[Lane], length: int, work: Work) -> Encoding:
        """Return bools for lanes of one length, as bits."""

        rooms = self._rooms
        if all(isinstance(lane, Raw) for lane in lanes if isinstance(lane, Encoding)):

            def compare(start: int, stop: int, out: Array) -> None:
                self._ufunc(*(lane.decoded(start, stop) if isinstance(lane, Encoding) else lane for lane in lanes), out=out)

            return marked_directly(compare, length, work)

        def test(start: int, stop: int) -> Array:
            tiles = (rooms.decoded(k, lane, start, stop) if isinstance(lane, Encoding) else lane for k, lane in enumerate(lanes))
            return self._ufunc(*tiles, out=rooms.room("marks", stop - start, _BOOL))

        return marked(test, length, _OCTET, work)


def _kind(lane: Lane) -> Any:
    """Return the dtype of a lane; for a Python number its type."""
    if isinstance(lane, Encoding):
        return lane.dtype
    return type(lane) if type(lane) in (int, float, complex) else np.asarray(lane).dtype


def _cast(lane: Lane, dtype: np.dtype[Any]) -> Lane:
    """Return a lane of integers as one of floats that are the same numbers; other lanes as they are."""
    if dtype.kind != "f" or not isinstance(lane, Narrow) or lane.dtype.kind == "f" or lane.exceptions is not None:
        return lane
    return recast(lane, dtype) or lane

"""NumPy's functions of strings: computed once for each different string where these are held as codes, else by tiles.

Most ufuncs of strings, and the functions made of them, need nothing of this: they come as ufuncs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.encodings.text import Text
from compactarray.execution.mapping import in_c_order
from compactarray.execution.operands import operand, tile_of
from compactarray.execution.ranks import Ranks
from compactarray.execution.tables import looked_up
from compactarray.execution.tally import lanes_of, tally_of
from compactarray.functions.asking import register_elementwise
from compactarray.functions.common import common_shape, compact, finished, inline, spread, tilewise, wrap
from compactarray.geometry.tiles import pieces, regions
from compactarray.registry import declare
from compactarray.storage.base import Array
from compactarray.storage.blocks import BlockStorage, storage_of
from compactarray.storage.builder import can_encode
from compactarray.storage.view import View, whole

#: Different strings are worth to be found where so many elements share one.
_SHARED = 4
#: Codes of at most 16 bits are looked up.
_MOST = 1 << 16
#: The greatest code point of ASCII.
_ASCII = 127


def _called(function: Callable[..., Any], values: tuple[Any, ...], order: str = "C", **options: Any) -> Any:
    """Return what a function of strings gives for values that are broadcast to one shape.

    `order` is the one of NumPy's result for elements in any order.
    """
    if not any(isinstance(value, CompactArray) and isinstance(value._view, View) for value in values):
        return inline(function, *values, **options)
    # What Python has, NumPy takes for what goes with the first array.
    places = [k for k, value in enumerate(values) if not isinstance(value, (str, bytes, int))]
    arrays = [compact(values[k]) for k in places]
    size = max(array.size * array.itemsize for array in arrays)
    if any(not can_encode(array.dtype) for array in arrays) or size <= settings().plain_below:
        return inline(function, *values, **options)

    def of_arrays(*tiles: Any) -> Any:
        operands = dict(enumerate(values)) | dict(zip(places, tiles, strict=True))
        return function(*operands.values(), **options)

    first, rest = arrays[0], [np.asarray(array)[()] for array in arrays[1:] if not array.ndim]
    if len(rest) == len(arrays) - 1 and (order == "C" or first.flags.c_contiguous):
        found = _of_different(lambda strings: of_arrays(strings, *rest), first)
        if found is not None:
            return found
    return _by_tiles(of_arrays, arrays, order)


def _of_different(function: Callable[[Array], Any], a: CompactArray) -> Any:
    """Return the results for the different elements, looked up for each; None where they are too many to be found."""
    flat = in_c_order(a._view)
    if flat is None:
        return None
    lanes = lanes_of(flat)
    tally = tally_of(flat, lanes)
    if tally is None or tally.values.size > min(_MOST, a.size // _SHARED):
        return None
    ranks = Ranks(flat, lanes, tally)
    results, codes = function(ranks.values), ranks.all()

    def laid_out(result: Array) -> CompactArray:
        if not can_encode(result.dtype):
            # Nothing but empty strings.
            return finished(result[codes].reshape(a.shape))
        lane = looked_up(result, codes)
        return wrap(whole(storage_of(lane.dtype, [lane], settings().block_length), a.shape))

    return tuple(map(laid_out, results)) if isinstance(results, tuple) else laid_out(results)


def _by_tiles(function: Callable[..., Any], arrays: list[CompactArray], order: str) -> Any:
    """Return the results tile by tile, after a first pass that tells how long the strings among them are."""
    try:
        shape = common_shape([operand(array._view) for array in arrays])
    except ValueError:
        # NumPy looks at dtypes first.
        function(*(np.ones(1, array.dtype) for array in arrays))
        raise
    if 0 in shape:
        return inline(function, *arrays)
    operands = [operand(spread(array, shape)._view) for array in arrays]
    dtypes: list[np.dtype[Any]] = []
    single = True
    for region in regions(shape, settings().tile_length):
        results = function(*(tile_of(value, region) for value in operands))
        single = not isinstance(results, tuple)
        found = [result.dtype for result in ((results,) if single else results)]
        dtypes = [np.promote_types(*pair) for pair in zip(dtypes or found, found, strict=True)]
        if not any(dtype.kind in "SU" for dtype in dtypes):
            break
    if single:
        return _tilewise(function, dtypes[0], arrays, order)
    return tuple(_tilewise(lambda *tiles, k=k: function(*tiles)[k], dtype, arrays, order) for k, dtype in enumerate(dtypes))


def _tilewise(function: Callable[..., Array], dtype: np.dtype[Any], arrays: list[CompactArray], order: str) -> CompactArray:
    return tilewise(lambda *tiles: function(*tiles).astype(dtype, copy=False), dtype, *arrays, order=order)


# --- letters ----------------------------------------------------------------------------------------


def _in_place(function: Callable[..., Any], a: Any) -> Any:
    """Return what a function gives that changes letters, but neither dtype nor, in ASCII, length."""
    a = compact(a)
    view = a._view
    if not isinstance(view, View) or not can_encode(a.dtype) or a.size * a.itemsize <= settings().plain_below:
        return inline(function, a)
    found = _of_ascii(function, view)
    if found is None:
        found = _of_different(function, a)
    return tilewise(function, a.dtype, a, order="C") if found is None else found


def _of_ascii(function: Callable[[Array], Array], view: View) -> CompactArray | None:
    """Return the results for text in ASCII, whose bytes change as the strings do; None for other elements."""
    storage = view.storage
    model = storage.single() if isinstance(storage, BlockStorage) else None
    if not isinstance(model, Text) or model.unit > 1 or view.size != storage.size or not view.contiguous("C"):
        return None
    codes = np.empty_like(model.codes)
    for start, stop in pieces(0, codes.size, settings().tile_length):
        tile = np.ascontiguousarray(model.codes[start:stop])
        if int(tile.view(np.uint8).max()) > _ASCII:
            return None
        codes[start:stop] = function(tile)
    lane = model.rebuilt((codes,), codes.size, None)
    return wrap(whole(storage_of(lane.dtype, [lane], settings().block_length), view.shape))


def upper(a: Any) -> Any:
    """As numpy.strings.upper."""
    return _in_place(np.strings.upper, a)


def lower(a: Any) -> Any:
    """As numpy.strings.lower."""
    return _in_place(np.strings.lower, a)


def swapcase(a: Any) -> Any:
    """As numpy.strings.swapcase."""
    return _in_place(np.strings.swapcase, a)


def capitalize(a: Any) -> Any:
    """As numpy.strings.capitalize."""
    return _in_place(np.strings.capitalize, a)


def title(a: Any) -> Any:
    """As numpy.strings.title."""
    return _in_place(np.strings.title, a)


def translate(a: Any, table: Any, deletechars: Any = None) -> Any:
    """As numpy.strings.translate."""
    return _called(np.strings.translate, (a,), table=table, deletechars=deletechars)


# --- other lengths ----------------------------------------------------------------------------------


def center(a: Any, width: Any, fillchar: Any = " ") -> Any:
    """As numpy.strings.center."""
    return _called(np.strings.center, (a, width, fillchar), "K")


def ljust(a: Any, width: Any, fillchar: Any = " ") -> Any:
    """As numpy.strings.ljust."""
    return _called(np.strings.ljust, (a, width, fillchar), "K")


def rjust(a: Any, width: Any, fillchar: Any = " ") -> Any:
    """As numpy.strings.rjust."""
    return _called(np.strings.rjust, (a, width, fillchar), "K")


def zfill(a: Any, width: Any) -> Any:
    """As numpy.strings.zfill."""
    return _called(np.strings.zfill, (a, width), "K")


def expandtabs(a: Any, tabsize: Any = 8) -> Any:
    """As numpy.strings.expandtabs."""
    return _called(np.strings.expandtabs, (a, tabsize), "K")


def multiply(a: Any, i: Any) -> Any:
    """As numpy.strings.multiply."""
    return _called(np.strings.multiply, (a, i), "K")


def replace(a: Any, old: Any, new: Any, count: Any = -1) -> Any:
    """As numpy.strings.replace."""
    a = compact(a)
    if a.dtype.kind in "SU":
        # NumPy takes what has no dtype to be of the kind of the strings.
        old, new = (value if hasattr(value, "dtype") else np.asarray(value).astype(a.dtype.char) for value in (old, new))
    return _called(np.strings.replace, (a, old, new, count), "K")


def mod(a: Any, values: Any) -> Any:
    """As numpy.strings.mod."""
    if isinstance(values, (tuple, dict)):
        return inline(np.strings.mod, a, values)
    return _called(np.strings.mod, (a, values))


def partition(a: Any, sep: Any) -> Any:
    """As numpy.strings.partition."""
    return _called(np.strings.partition, (a, sep), "K")


def rpartition(a: Any, sep: Any) -> Any:
    """As numpy.strings.rpartition."""
    return _called(np.strings.rpartition, (a, sep), "K")


# --- bytes ------------------------------------------------------------------------------------------


def encode(a: Any, encoding: Any = None, errors: Any = None) -> Any:
    """As numpy.strings.encode."""
    return _called(np.strings.encode, (a,), encoding=encoding, errors=errors)


def decode(a: Any, encoding: Any = None, errors: Any = None) -> Any:
    """As numpy.strings.decode."""
    return _called(np.strings.decode, (a,), encoding=encoding, errors=errors)


for _body in (
    *(upper, lower, swapcase, capitalize, title, translate),
    *(center, ljust, rjust, zfill, expandtabs, multiply, replace, mod, partition, rpartition),
    *(encode, decode),
):
    declare(f"numpy.strings.{_body.__name__}", "native", body=_body)


# --- comparisons of numpy.char, which do not see whitespace at the end --------------------------------


def _compared(function: Callable[..., Any], x1: Any, x2: Any) -> Any:
    """Compare by tiles; bytes are not compared with text, which here is a TypeError."""
    models = [np.empty(0, value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype) for value in (x1, x2)]
    asked = function(*models)
    return asked if asked is NotImplemented else _called(function, (x1, x2), "K")


def equal(x1: Any, x2: Any) -> Any:
    """As numpy.char.equal."""
    return _compared(np.char.equal, x1, x2)


def not_equal(x1: Any, x2: Any) -> Any:
    """As numpy.char.not_equal."""
    return _compared(np.char.not_equal, x1, x2)


def greater(x1: Any, x2: Any) -> Any:
    """As numpy.char.greater."""
    return _compared(np.char.greater, x1, x2)


def greater_equal(x1: Any, x2: Any) -> Any:
    """As numpy.char.greater_equal."""
    return _compared(np.char.greater_equal, x1, x2)


def less(x1: Any, x2: Any) -> Any:
    """As numpy.char.less."""
    return _compared(np.char.less, x1, x2)


def less_equal(x1: Any, x2: Any) -> Any:
    """As numpy.char.less_equal."""
    return _compared(np.char.less_equal, x1, x2)


for _comparison in (equal, not_equal, greater, greater_equal, less, less_equal):
    declare(f"numpy.char.{_comparison.__name__}", "native", body=_comparison)


# --- lists of strings -------------------------------------------------------------------------------

register_elementwise(np.char.splitlines, "a")
register_elementwise(np.char.split, "a sep")
register_elementwise(np.char.rsplit, "a sep")
register_elementwise(np.char.join, "sep seq", measured=True)

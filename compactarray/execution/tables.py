"""Ufuncs through the table: computed on the values that the codes can mean, once, and not on every element.

For lanes of at most 65,536 different codes: unary ufuncs, ufuncs with scalars, operands that share one
payload, and pairs of small tables. The result shares the codes, or gets codes by one lookup each.
"""

from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.encodings.base import Encoding
from compactarray.encodings.bits import Bits
from compactarray.encodings.constant import Constant
from compactarray.encodings.dictionary import Dictionary, is_ascending, lookup, numpy_order
from compactarray.encodings.frames import Frame
from compactarray.encodings.narrow import Narrow
from compactarray.encodings.raw import Raw
from compactarray.execution.comparing import marked
from compactarray.execution.lanes import Lane, Work, constant_bool
from compactarray.kernels import lookup_pairs
from compactarray.numerics.integers import NOT_INTEGER, code_dtype, integer_image, value_range
from compactarray.numerics.words import words
from compactarray.storage.base import Array

#: A table is computed where at least so many elements for each of its entries look it up.
_USES = 4
#: Pairs pay only where the elements outnumber the pairs by so much: their table is made by sorting.
_PAIR_USES = 8
_PAIR = np.dtype(np.uint16)
#: Results that are looked at before all: most floats are no integers.
_FIRST = 256


class Table(NamedTuple):
    """Codes of at most 16 bits, the value of each of them, and what identifies the table."""

    codes: Array
    values: Array
    meaning: Any


class Recoded(NamedTuple):
    """The results of a ufunc on a table, encoded."""

    #: The code of each entry's result; for bools the result.
    codes: Array
    #: Whether each entry's code is that of its result.
    same: bool
    #: An encoding of the results' meaning, of any length; None for bools.
    model: Encoding | None
    #: Whether a floating-point error occurred for any entry.
    flagged: bool


def through_table(ufunc: np.ufunc, lanes: list[Lane], dtype: np.dtype[Any], work: Work, stripped: bool) -> Encoding | None:
    """Return the result of a ufunc on lanes of one length, or None where a table does not suffice or pay.

    `stripped` tells that codes of exceptions are among the codes.
    """
    memo, size = work.memo, work.size
    if dtype.kind not in "biufmMSU" or not dtype.itemsize:
        return None
    tables = [_table(lane, memo) if isinstance(lane, Encoding) and type(lane) is not Constant else None for lane in lanes]
    if any(table is None for table, lane in zip(tables, lanes, strict=True) if not _is_scalar(lane)):
        return None
    found = [table for table in tables if table is not None]
    shared = all(_share(found[0], table) for table in found[1:])
    entries = found[0].values.size if shared else prod(table.values.size for table in found)
    if not shared and (len(lanes) != 2 or any(table.codes.itemsize > 1 for table in found)):
        return None
    if entries * (_USES if shared else _PAIR_USES) > size:
        return None
    if shared:
        operands = [_scalar(lane) if table is None else table.values for lane, table in zip(lanes, tables, strict=True)]
    else:
        operands = _pair_values(*found)
    key = (ufunc, *(_scalar_key(lane) if table is None else table.meaning for lane, table in zip(lanes, tables, strict=True)))
    recoded = memo.get(key)
    if recoded is None:
        recoded = memo[key] = _recoded(ufunc, operands, dtype, _PAIR if not shared and entries > 256 else found[0].codes.dtype)
    if recoded.flagged:
        if stripped:
            return None
        _report_errors(ufunc, operands, dtype, found[0].codes if shared else _pairs(*found))
    return _applied(recoded, found[0].codes, work) if shared else _applied_to_pairs(recoded, found[0], found[1], work)


def _is_scalar(lane: Lane) -> bool:
    return not isinstance(lane, Encoding) or type(lane) is Constant


def _scalar(lane: Lane) -> Any:
    """Return a scalar operand; that of a constant lane is strong, as an array is."""
    return lane.value[0] if isinstance(lane, Constant) else lane


def _scalar_key(lane: Lane) -> Any:
    """Return what tells a scalar from all others: 1, True, 1.0 and int8(1) are equal, but not the same operand."""
    value = np.asarray(_scalar(lane))
    return type(lane), value.dtype.str, value.tobytes()


def _pair_values(left: Table, right: Table) -> list[Any]:
    """Return the operands for all pairs of entries."""
    return [np.repeat(left.values, right.values.size), np.tile(right.values, left.values.size)]


def _pairs(left: Table, right: Table) -> Array:
    """Return one code for each pair of codes."""
    codes: Array = left.codes.astype(np.uint32) * np.uint32(right.values.size) + right.codes
    return codes


def _share(left: Table, right: Table) -> bool:
    """Tell whether two tables are looked up by the same codes."""
    ours, others = left.codes, right.codes
    same = ours.dtype == others.dtype and ours.ctypes.data == others.ctypes.data and ours.strides == others.strides
    return same and left.values.size == right.values.size


def _table(lane: Encoding, memo: dict[Any, Any]) -> Table | None:
    """Return the codes of a lane and the value of each, or None."""
    if isinstance(lane, Dictionary):
        identity, values = _identity(lane, memo)
        return Table(lane.codes, values, ("dictionary", identity))
    if isinstance(lane, Narrow) and lane.codes.dtype.itemsize <= 2:
        count = int(lane.codes.max()) + 1
        widest = 1 << 8 * lane.codes.dtype.itemsize
        # Where nothing is gained by a shorter table, all lanes of the frame share the longest.
        count = widest if widest == 256 else min(widest, -(-count // 4096) * 4096)
        count = min(count, _entries_within(lane, count))
        model = Narrow(lane.dtype, np.arange(count).astype(lane.codes.dtype), _frame(lane), None)
        return Table(lane.codes, model.decoded(0, count), (lane.meaning, count))
    if isinstance(lane, Bits):
        marks = np.unpackbits(lane.packed, count=lane.length, bitorder="little")
        return Table(marks, lane.pair, lane.meaning)
    return None


def _entries_within(lane: Narrow, count: int) -> int:
    """Return how many codes from 0 on mean values of the lane's dtype."""
    most = value_range(lane.dtype)[1]
    reach = most - lane.reference
    return min(count, (min(reach, most) if lane.dtype.kind == "f" else reach) // lane.stride + 1)


def _frame(lane: Narrow) -> Frame:
    return Frame(lane.codes.dtype, lane.reference, lane.stride, 0)


def _identity(lane: Dictionary, memo: dict[Any, Any]) -> tuple[Any, Array]:
    """Return what identifies a table, and its values: equal ones are the same, however many objects hold them."""
    key = ("identity", id(lane.held))
    known = memo.get(key)
    if known is None:
        values = lane.table
        # What holds the table is kept as well, so that no other gets its id.
        known = memo[key] = (lane.held, memo.setdefault(("bytes", values.dtype.str, values.tobytes()), object()), values)
    return known[1], known[2]


def _recoded(ufunc: np.ufunc, operands: list[Any], dtype: np.dtype[Any], codes: np.dtype[Any]) -> Recoded:
    """Return the results of a ufunc on the values of a table in the form that suits them."""
    flags: list[int] = []
    noted: Any = {kind: "call" for kind, action in np.geterr().items() if action != "ignore"}
    with np.errstate(call=lambda message, flag: flags.append(flag), **noted):
        results = np.asarray(ufunc(*operands)).astype(dtype, copy=False)
    return _in_form(results, codes, bool(flags))


def looked_up(results: Array, codes: Array) -> Encoding:
    """Return ``results[codes]`` in the form that suits the results."""
    return _applied(_in_form(np.ascontiguousarray(results), codes.dtype, False), codes, Work(codes.size))


def _in_form(results: Array, codes: np.dtype[Any], flagged: bool) -> Recoded:
    """Return the values of a table in the form that suits them."""
    dtype = results.dtype
    if dtype.kind == "b":
        return Recoded(results, False, None, flagged)
    if dtype.itemsize <= codes.itemsize:
        return Recoded(results, False, Raw(results[:1]), flagged)
    if is_ascending(results):
        return Recoded(np.arange(results.size).astype(codes), True, Dictionary(np.zeros(1, codes), results), flagged)
    narrow = _narrow_results(results)
    if narrow is not None:
        return Recoded(narrow.codes, False, narrow, flagged)
    order = numpy_order(results)
    ordered = results[order]
    first = np.ones(ordered.size, bool)
    first[1:] = words(ordered)[1:] != words(ordered)[:-1]
    table = ordered[first]
    ranks = np.empty(results.size, code_dtype(table.size))
    ranks[order] = np.cumsum(first) - 1
    return Recoded(ranks, False, Dictionary(ranks[:1], table), flagged)


def _narrow_results(results: Array) -> Narrow | None:
    """Return results that are all integers, of a range that at most two bytes count, in a frame; else None."""
    if results.dtype.kind in "SU":
        return None
    if results.dtype.kind == "f" and (integer_image(results[:_FIRST]) == NOT_INTEGER).any():
        return None
    image = integer_image(results)
    if results.dtype.kind in "fmM" and (image == NOT_INTEGER).any():
        return None
    low, high = int(image.min()), int(image.max())
    codes = code_dtype(high - low + 1)
    if codes is None or codes.itemsize > 2 or codes.itemsize >= results.dtype.itemsize:
        return None
    if low > 0 and code_dtype(high + 1) == codes:
        low = 0
    unsigned = words(image)
    difference = unsigned - unsigned.dtype.type(low % (1 << 8 * unsigned.dtype.itemsize))
    return Narrow(results.dtype, difference.astype(codes), Frame(codes, low, 1, 0), None)


def _report_errors(ufunc: np.ufunc, operands: list[Any], dtype: np.dtype[Any], codes: Array) -> None:
    """Compute the results that do occur, under the error state in force: for its warnings only, also those of the cast to a target."""
    occurring = np.flatnonzero(np.bincount(codes))
    values = [value[occurring] if isinstance(value, np.ndarray) and value.shape else value for value in operands]
    ufunc(*values, out=np.empty(occurring.size, dtype), casting="unsafe")


def _applied(recoded: Recoded, codes: Array, work: Work) -> Encoding:
    """Return the results for all codes."""
    if recoded.model is None:
        return _looked_up(recoded.codes, codes, work)
    if recoded.same:
        return recoded.model.rebuilt((codes,), codes.size, None)
    out = work.room(codes.size, recoded.codes.dtype)
    lookup(words(recoded.codes), codes, words(out))
    return recoded.model.rebuilt((out,), out.size, None)


def _applied_to_pairs(recoded: Recoded, left: Table, right: Table, work: Work) -> Encoding:
    """Return the results for all pairs of codes."""
    count = np.uint32(right.values.size)
    if recoded.model is None:
        marks = recoded.codes.view(np.uint8)

        def found(start: int, stop: int) -> Array:
            out = np.empty(stop - start, np.uint8)
            lookup_pairs(marks, left.codes[start:stop], right.codes[start:stop], count, out)
            return out

        return marked(found, left.codes.size, 1, work)
    out = work.room(left.codes.size, recoded.codes.dtype)
    lookup_pairs(words(recoded.codes), left.codes, right.codes, count, words(out))
    return recoded.model.rebuilt((out,), out.size, None)


def _looked_up(truth: Array, codes: Array, work: Work) -> Encoding:
    """Return ``truth[codes]`` as bits, by comparing codes where the truth is that of an interval."""
    edges = np.flatnonzero(truth[1:] != truth[:-1])
    if not edges.size:
        return constant_bool(bool(truth[0]), codes.size)
    cast = codes.dtype.type
    compare: np.ufunc
    if edges.size == 1:
        edge = cast(edges[0])
        compare = np.greater if truth[-1] else np.less_equal
    elif edges.size == 2 and edges[1] == edges[0] + 1:
        edge = cast(edges[1])
        compare = np.not_equal if truth[0] else np.equal
    else:
        marks = truth.view(np.uint8)

        def found(start: int, stop: int) -> Array:
            out = np.empty(stop - start, np.uint8)
            lookup(marks, codes[start:stop], out)
            return out

        return marked(found, codes.size, codes.itemsize, work)
    return marked(lambda start, stop: compare(codes[start:stop], edge), codes.size, codes.itemsize, work)

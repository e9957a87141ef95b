"""einsum: products and sums that other functions know are left to them, all others are computed block by block."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from compactarray.array import CompactArray
from compactarray.config import settings
from compactarray.execution.operands import axes_of, in_place, model_of_layout, operand, tile_of
from compactarray.execution.pairwise import PairwiseTotal
from compactarray.execution.row_products import row_products
from compactarray.functions.common import back, compact, dense, finished, into, small, wrap
from compactarray.functions.products import tensordot
from compactarray.geometry.ghost import sham
from compactarray.geometry.tiles import regions
from compactarray.registry import implements
from compactarray.storage.base import Array
from compactarray.storage.plain import PlainView
from compactarray.storage.view import View, built

#: Elements of a result that is not too large to be dense for a moment.
_FEW = 1 << 16
#: Not all that it takes and gives is typed.
_PATH: Any = np.einsum_path


class _Sum(NamedTuple):
    """What is to be summed up: the labels of each array's axes, those of the result, and how long each axis is."""

    arrays: list[CompactArray]
    terms: list[str]
    output: str
    lengths: dict[str, int]

    @property
    def summed(self) -> str:
        """The labels that the result does not have."""
        return "".join(sorted(set("".join(self.terms)) - set(self.output)))


def _shammed(value: Any) -> Any:
    return sham(value.shape, value.dtype) if isinstance(value, CompactArray) else value


def _arrays(operands: Sequence[Any]) -> list[Any]:
    """Return the arrays among the operands, in order."""
    if isinstance(operands[0], str):
        return list(operands[1:])
    return list(operands[: len(operands) // 2 * 2 : 2])


def _with_plain_labels(operands: Sequence[Any]) -> tuple[Any, ...]:
    """Return operands with lists of labels decoded, which may be arrays, too."""
    if isinstance(operands[0], str):
        return tuple(operands)
    last = len(operands) - 1
    is_label = [k % 2 == 1 or (k == last and k > 0) for k in np.arange(len(operands))]
    return tuple(
        np.asarray(value) if label and isinstance(value, CompactArray) else value
        for value, label in zip(operands, is_label, strict=True)
    )


def _parsed(operands: Sequence[Any]) -> _Sum:
    """Return what the operands of einsum mean, as NumPy reads it; NumPy's errors."""
    shams = [_shammed(value) for value in operands]
    try:
        found = _PATH(*shams, optimize=False, einsum_call=True)
    except (ValueError, TypeError):
        np.einsum(*shams)
        raise
    order, text = found[1][0][0], next(item for item in found[1][0] if isinstance(item, str))
    parts, output = text.split("->")
    labels = dict(zip(order, parts.split(","), strict=True))
    arrays = [compact(value) for value in _arrays(operands)]
    terms = [labels[k] for k in np.arange(len(arrays))]
    lengths: dict[str, int] = {}
    for array, term in zip(arrays, terms, strict=True):
        for label, length in zip(term, array.shape, strict=True):
            lengths[label] = max(length, lengths.get(label, 0)) if length != 0 else 0
    return _Sum(arrays, terms, output, lengths)


@implements(np.einsum, route="composed")
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **kwargs: Any) -> Any:
    """As numpy.einsum."""
    options = {"optimize": optimize, **({} if out is None else {"out": out}), **kwargs}
    operands = _with_plain_labels(operands)
    given = _arrays(operands)
    # Of one array, it may be a view that is wanted.
    if len(given) > 1 and prod(np.size(value) for value in given) <= _FEW:
        found = small(np.einsum, *operands, **options)
        if found is not NotImplemented:
            return found
    what = _parsed(operands)
    if len(given) > 1 and prod(what.lengths[label] for label in what.output) <= _FEW:
        found = small(np.einsum, *operands, **options)
        if found is not NotImplemented:
            return found
    if len(given) == 1 and not what.summed and out is None and not kwargs:
        return _viewed(what.arrays[0], f"{what.terms[0]}->{what.output}")
    if any(array.dtype.kind not in "biufc" for array in what.arrays) or 0 in what.lengths.values():
        return dense(np.einsum, *operands, **options)
    corners = iter([_corner(array) for array in what.arrays])
    places = {id(value) for value in _arrays(operands)}
    model_operands = [next(corners) if id(value) in places and not isinstance(value, str) else value for value in operands]
    model = np.einsum(*model_operands, optimize=optimize, **kwargs)
    is_array, model = isinstance(model, np.ndarray), np.asarray(model)
    if out is not None:
        np.einsum(*model_operands, out=np.empty(model.shape, out.dtype), optimize=optimize, **kwargs)
        if out.shape != tuple(what.lengths[label] for label in what.output):
            np.einsum(*(_shammed(value) for value in operands), out=sham(out.shape, out.dtype).copy())
    layout = "".join(what.output[axis] for axis in axes_of(model))
    # NumPy looks for no floating-point errors here.
    with np.errstate(all="ignore"):
        found = _known(what, layout, model.dtype) if not kwargs.keys() - {"order"} else None
        if found is None:
            found = _by_blocks(what, layout, model.dtype, kwargs)
    if not what.output:
        found = finished(np.asarray(found)) if is_array else np.asarray(found)[()]
    return into(out, found)


def _corner(array: CompactArray) -> Array:
    """Return the first elements along each axis, laid out as all of them are."""
    found = model_of_layout(operand(array._view))
    found[...] = np.asarray(array[tuple(slice(0, 2) for _ in array.shape)])
    return found


# --- what other functions do ------------------------------------------------------------------------


def _known(what: _Sum, layout: str, dtype: np.dtype[Any]) -> Any:
    """Return the result where another function gives it, or None; `layout` has its labels from the slowest axis on."""
    if any(array.shape[k] != what.lengths[label] for array, term in _pairs(what) for k, label in enumerate(term)):
        return None
    if len(what.arrays) == 1:
        return _of_one(what, dtype)
    if len(what.arrays) != 2 or any(len(set(term)) < len(term) for term in what.terms) or dtype.kind not in "biufc":
        return None
    (a, b), (left, right) = what.arrays, what.terms
    both = set(left) & set(right)
    if set(what.summed) - both or any(array.dtype == np.float16 for array in (a, b)):
        return None
    if not what.summed:
        product = np.multiply(_spread(a, left, layout), _spread(b, right, layout))
        product = _from_zero(product)
        return _ordered(product if product.flags.c_contiguous else product.copy("C"), layout, what.output)
    if left == right and layout == what.output and left.startswith(layout):
        rows = row_products(_rows(a, len(layout)), _rows(b, len(layout)), dtype)
        if rows is not None:
            return wrap(rows)
    if both == set(what.summed):
        return _product(what, layout)
    return None


def _rows(array: CompactArray, kept: int) -> Any:
    """Return what holds an array, with its axes from one on as a single one where they follow each other in memory."""
    if array.ndim == kept + 1 or not array.flags.c_contiguous:
        return array._view
    return array.reshape(*array.shape[:kept], prod(array.shape[kept:]))._view


def _from_zero(found: Any) -> Any:
    """Return results without negative zeros: NumPy adds all products to zero."""
    if found.dtype.kind not in "fc" or not np.any(np.equal(found, 0)):
        return found
    return np.add(found, 0, out=found) if isinstance(found, CompactArray) else found + found.dtype.type(0)


def _pairs(what: _Sum) -> Iterator[tuple[CompactArray, str]]:
    return zip(what.arrays, what.terms, strict=True)


def _spread(array: CompactArray, term: str, order: str) -> Any:
    """Return a view of an array with its axes in an order of labels; axes of length one for those that it does not have."""
    moved = array.transpose(tuple(term.index(label) for label in order if label in term))
    return moved[tuple(slice(None) if label in term else None for label in order)]


def _ordered(found: Any, order: str, output: str) -> Any:
    """Return a result whose axes are in an order of labels with its axes as the output has them."""
    return found.transpose(tuple(order.index(label) for label in output))


def _of_one(what: _Sum, dtype: np.dtype[Any]) -> Any:
    """Return diagonals and sums of one array: a view, where nothing is summed."""
    array, term = what.arrays[0], what.terms[0]
    if not what.summed:
        return _viewed(array, f"{term}->{what.output}")
    if array.dtype == np.float16:
        return None
    every = "".join(dict.fromkeys(term))
    array = _viewed(array, f"{term}->{every}")
    found = _from_zero(np.add.reduce(array, tuple(every.index(label) for label in what.summed), dtype))
    return _ordered(found, "".join(label for label in every if label in what.output), what.output) if what.output else found


def _viewed(array: CompactArray, text: str) -> CompactArray:
    """Return the view that einsum gives where nothing is summed; NumPy makes it of an array that it must not read."""
    view = array._view
    if isinstance(view, PlainView):
        return wrap(PlainView(np.einsum(text, view.array)))
    return array._viewed(view.mapped(lambda ghost: np.einsum(text, ghost)))


def _product(what: _Sum, layout: str) -> Any:
    """Return the product of two matrices that the arrays are; None where the result would not be laid out as it should be."""
    pairs = list(_pairs(what))
    kept = ["".join(label for label in layout if label in term) for _, term in pairs]
    if layout == kept[1] + kept[0]:
        pairs, kept = pairs[::-1], kept[::-1]
    if layout != kept[0] + kept[1]:
        return None
    first = _spread(*pairs[0], kept[0] + what.summed)
    second = _spread(*pairs[1], what.summed + kept[1])
    return (
        _ordered(tensordot(first, second, len(what.summed)), layout, what.output)
        if what.output
        else tensordot(first, second, len(what.summed))
    )


# --- block by block ---------------------------------------------------------------------------------


def _by_blocks(what: _Sum, layout: str, dtype: np.dtype[Any], kwargs: dict[str, Any]) -> Any:
    """Return sums of products of blocks, which NumPy's own einsum computes."""
    shape = tuple(what.lengths[label] for label in layout)
    sources = [in_place(operand(array._view)) for array in what.arrays]
    keys = [(id(array), term) for array, term in _pairs(what)]
    text = f"{','.join(what.terms)}->{layout}"
    options = {name: value for name, value in kwargs.items() if name != "order"}

    def tile(region: Sequence[Any]) -> Array:
        parts = {label: _as_slice(part, what.lengths[label]) for label, part in zip(layout, region, strict=True)}
        sizes = {label: part.stop - part.start for label, part in parts.items()}
        total = PairwiseTotal(np.logical_or if dtype == np.bool_ else np.add)
        for block in _blocks(what, sizes):
            places = {**parts, **block}
            # An array that occurs twice is read once.
            read = dict(zip(keys, zip(sources, what.terms, strict=True), strict=True))
            found = {key: _part(source, term, places) for key, (source, term) in read.items()}
            tiles = [found[key] for key in keys]
            total.add(np.asarray(np.einsum(text, *tiles, **options)))
        return np.asarray(total.value(), dtype).reshape(-1)

    most = settings().tile_length
    # Where no element takes part in several sums, each block is as many whole sums as a tile has.
    again = any(set(layout) - set(term) for term in what.terms)
    most = max(1, most // 4 if again else most // min(most, prod(what.lengths[label] for label in what.summed)))
    found = back(built(dtype, shape, (tile(region) for region in regions(shape, most))), tuple(range(len(shape))))
    return _ordered(found, layout, what.output) if what.output else found


def _as_slice(part: Any, length: int) -> slice:
    if not isinstance(part, slice):
        return slice(part, part + 1)
    start, stop, _ = part.indices(length)
    return slice(start, stop)


def _part(source: View | Array, term: str, parts: dict[str, slice]) -> Array:
    """Return the block of an operand; an axis of length one goes with every place of its label."""
    region = tuple(slice(0, 1) if length == 1 else parts[label] for label, length in zip(term, source.shape, strict=True))
    return np.asarray(tile_of(source, region))


def _blocks(what: _Sum, sizes: dict[str, int]) -> Iterator[dict[str, slice]]:
    """Yield what to take along the axes that are summed, so that no operand gives more than a tile."""
    chunks = {label: what.lengths[label] for label in what.summed}
    for array, term in _pairs(what):
        while True:
            along = [label for label in dict.fromkeys(term) if label in chunks and chunks[label] > 1]
            volume = prod(chunks.get(label, sizes.get(label, 1)) for label, n in zip(term, array.shape, strict=True) if n > 1)
            if volume <= settings().tile_length or not along:
                break
            longest = max(along, key=lambda label: chunks[label])
            chunks[longest] = -(-chunks[longest] // 2)
    labels = list(chunks)
    counts = [-(-what.lengths[label] // chunks[label]) for label in labels]
    for index in np.ndindex(*counts):
        yield {
            label: slice(k * chunks[label], min((k + 1) * chunks[label], what.lengths[label]))
            for label, k in zip(labels, index, strict=True)
        }


@implements(np.einsum_path, route="native")
def einsum_path(*operands: Any, optimize: Any = "greedy", einsum_call: bool = False) -> Any:
    """As numpy.einsum_path: which asks for shapes only."""
    operands = _with_plain_labels(operands)
    shams = [_shammed(value) for value in operands]
    found = _PATH(*shams, optimize=optimize, einsum_call=einsum_call)
    if not einsum_call:
        return found
    return [compact(value) for value in _arrays(operands)], found[1]

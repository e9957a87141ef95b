"""Example calls of NumPy's functions on large arrays, as data: function -> calls, in the samples' names.

As `tests.cases`, but for what the calls hold and not for what they answer. Each call is an expression; `np` is NumPy,
`compactarray` the package, `operator` Python's module, every other name a sample of `tests.memory.samples`. There is a call
for each thing that a body does with its arguments, rather than for each keyword.
"""

from types import CodeType
from typing import NamedTuple

from tests.memory.formulas import EXEMPT_FORMULAS, FORMULAS
from tests.memory.operations import CREATION, INDEXING, METHODS, UFUNCS
from tests.memory.samples import NAMES

_REDUCED = """
    {0}(noise)
    {0}(counts)
    {0}(noise2, axis=0)
    {0}(noise2.T, axis=0)
    {0}(counts2, 1, keepdims=True)
    {0}(cube, axis=(0, 2))
"""
_TRUTH = """
    {0}(mask)
    {0}(noise)
    {0}(mask2, axis=0)
    {0}(counts2, 1, keepdims=True)
    {0}(noise2, 0, where=mask2)
"""
_NAN = """
    {0}(nans)
    {0}(nans2, axis=0)
    {0}(nans2, axis=1)
"""
_LOOKED_UP = """
    {0}(noise)
    {0}(counts)
    {0}(noise2, axis=0)
    {0}(noise2, 1, keepdims=True)
    {0}(cube, axis=1)
"""
_ACCUMULATED = """
    {0}(noise)
    {0}(counts)
    {0}(noise2, axis=0)
    {0}(noise2, axis=1)
    {0}(counts2.T, axis=0)
    {0}(noise, out=target)
"""
_SORTED = """
    {0}(counts)
    {0}(sparse)
    {0}(noise)
    {0}(counts2, 0)
    {0}(noise2, 0)
"""
_QUANTILE = """
    {0}(noise, {1}axis=None)
    {0}(counts, {1}axis=None)
    {0}(noise2, {1}axis=0)
    {0}(counts2, {1}axis=1)
"""
_UNIQUE = """
    {0}(counts)
    {0}(noise)
    {0}(sparse)
"""
_STACKED = """
    {0}([counts, counts])
    {0}([noise2, other2])
    {0}([noise2.T, other2.T])
"""
_SPLIT = """
    {0}(noise2, 4)
    {0}(cube, 2)
"""

#: Functions of NumPy's -> calls, one a line.
FUNCTIONS: dict[str, str] = {
    "np.sum": _REDUCED.format("np.sum") + "np.sum(sparse)\n np.sum(noise2, axis=1)\n np.sum(noise2, 0, where=mask2)\n np.sum(counts, dtype='f8')\n np.sum(noise2, 0, out=row)\n np.sum(pairs)\n np.sum(noise[::3])",
    "np.prod": "np.prod(noise2, axis=0)\n np.prod(counts)",
    "np.max": _REDUCED.format("np.max") + "np.max(sparse)\n np.max(noise2, 1, where=mask2, initial=0)",
    "np.min": "np.min(noise2, axis=0)\n np.min(counts)",
    "np.amax": "np.amax(noise2, 0)",
    "np.amin": "np.amin(noise2, 0)",
    "np.any": _TRUTH.format("np.any"),
    "np.all": "np.all(mask)\n np.all(noise2, axis=0)",
    "np.ptp": "np.ptp(noise)\n np.ptp(noise2, axis=0)\n np.ptp(counts2, 1)",
    "np.mean": _REDUCED.format("np.mean") + "np.mean(noise2, 1, where=mask2)",
    "np.var": "np.var(noise)\n np.var(counts2, 1)\n np.var(noise2, axis=0)\n np.var(noise2, 1, where=mask2)\n np.var(pairs)",
    "np.std": "np.std(noise2, 0, out=row)",
    "np.average": "np.average(noise)\n np.average(noise, weights=counts)\n np.average(noise2, 0, counts2)\n np.average(noise2, 1, row, True)",
    "np.argmax": _LOOKED_UP.format("np.argmax"),
    "np.argmin": "np.argmin(noise)\n np.argmin(counts2, axis=0)",
    "np.count_nonzero": "np.count_nonzero(mask)\n np.count_nonzero(noise)\n np.count_nonzero(sparse2, axis=0)\n np.count_nonzero(counts2, 1, keepdims=True)",
    "np.cumsum": _ACCUMULATED.format("np.cumsum"),
    "np.cumprod": "np.cumprod(noise)\n np.cumprod(counts2, 1)",
    "np.cumulative_sum": "np.cumulative_sum(noise)\n np.cumulative_sum(noise2, axis=0, include_initial=True)",
    "np.cumulative_prod": "np.cumulative_prod(counts, include_initial=True)\n np.cumulative_prod(other2, axis=1, include_initial=True)",
    "np.nansum": _NAN.format("np.nansum") + "np.nansum(nans, where=mask)",
    "np.nanprod": "np.nanprod(nans2, axis=0)",
    "np.nanmax": _NAN.format("np.nanmax") + "np.nanmax(nans, where=mask, initial=0)",
    "np.nanmin": "np.nanmin(nans2, axis=0)",
    "np.nanmean": _NAN.format("np.nanmean") + "np.nanmean(nans2, 0, where=mask2)",
    "np.nanargmax": _NAN.format("np.nanargmax") + "np.nanargmax(counts)",
    "np.nanargmin": "np.nanargmin(nans)",
    "np.nancumsum": "np.nancumsum(noise)\n np.nancumsum(counts)\n np.nancumsum(nans2, 0)\n np.nancumsum(noise2.T, 0)\n np.nancumsum(noise2.T)\n np.nancumsum(noise, out=target)",
    "np.nancumprod": "np.nancumprod(noise2, 1)",
    "np.concatenate": _STACKED.format("np.concatenate") + "np.concatenate([noise2, other2], axis=1)\n np.concatenate([counts2, noise2], axis=None)\n np.concatenate([noise2, other2], out=double_target)\n np.concatenate([noise, dense])\n np.concatenate([noise2, other2.T], 1)",
    "np.stack": _STACKED.format("np.stack") + "np.stack([noise, other], axis=1)\n np.stack([noise2, other2], -1)",
    "np.vstack": "np.vstack([noise2, other2])\n np.vstack([counts, counts])",
    "np.hstack": "np.hstack([noise2, other2])\n np.hstack([counts, counts])",
    "np.dstack": "np.dstack([noise2, other2])",
    "np.column_stack": "np.column_stack([noise, counts])\n np.column_stack([noise2, row])",
    "np.append": "np.append(noise, [1, 2])\n np.append(counts2, noise2)\n np.append(noise2, other2, axis=1)",
    "np.block": "np.block([[noise2, other2], [counts2, sparse2]])\n np.block([noise, other])",
    "np.delete": "np.delete(noise, 3)\n np.delete(noise2, [1, 5, -1], axis=1)\n np.delete(noise, slice(2, None, 3))\n np.delete(noise, mask)\n np.delete(noise, few_places)\n np.delete(counts2.T, slice(2, 9), 0)",
    "np.insert": "np.insert(noise, 3, 7)\n np.insert(noise2, [1, 5, 5], 7, axis=1)\n np.insert(noise, dense_few, 5)\n np.insert(counts, few_places, 5)\n np.insert(noise2.T, 2, row, 0)",
    "np.array_split": "np.array_split(noise, 7)\n np.array_split(noise2, [3, 9], axis=1)",
    "np.split": "np.split(noise, 4)\n np.split(noise2, 4, axis=1)",
    "np.hsplit": _SPLIT.format("np.hsplit"),
    "np.vsplit": _SPLIT.format("np.vsplit"),
    "np.dsplit": "np.dsplit(cube, 4)",
    "np.unstack": "np.unstack(cube)\n np.unstack(noise2, axis=1)",
    "np.atleast_1d": "np.atleast_1d(noise, counts2)",
    "np.atleast_2d": "np.atleast_2d(noise, counts2)",
    "np.atleast_3d": "np.atleast_3d(noise, counts2)",
    "np.broadcast_arrays": "np.broadcast_arrays(noise2, row)",
    "np.meshgrid": "np.meshgrid(row, row)\n np.meshgrid(row, row, indexing='ij', copy=False)\n np.meshgrid(noise, short, sparse=True)",
    "np.ix_": "np.ix_(mask, row[:50] > 0)\n np.ix_(few_places, places)",
    "np.repeat": "np.repeat(noise[::4], 2)\n np.repeat(counts, digits)\n np.repeat(counts, dense_digits)\n np.repeat(counts2, 2, axis=1)\n np.repeat(noise2, np.arange(noise2.shape[1]) % 2, axis=1)",
    "np.tile": "np.tile(noise, 2)\n np.tile(counts2, (2, 2))\n np.tile(noise2, (1, 2))\n np.tile(noise2, 1)\n np.tile(row, (row.size, 1))",
    "np.resize": "np.resize(noise, (3, noise.size // 2))\n np.resize(row, noise2.shape)\n np.resize(noise2.T, 7)",
    "np.pad": "np.pad(noise, 7)\n np.pad(counts2, 1)\n np.pad(noise2, ((1, 0), (2, 2)), constant_values=5)\n np.pad(noise2.T, 3, 'edge')\n np.pad(noise2, 2, 'wrap')",
    "np.roll": "np.roll(noise, 7)\n np.roll(noise2, -3)\n np.roll(counts2, 2, axis=1)\n np.roll(cube, (1, -2), axis=(0, 2))\n np.roll(noise2.T, 5, 1)",
    "np.fft.fftshift": "np.fft.fftshift(noise2)\n np.fft.fftshift(cube, 1)",
    "np.fft.ifftshift": "np.fft.ifftshift(noise2)",
    "np.trim_zeros": "np.trim_zeros(sparse)\n np.trim_zeros(noise, 'f')",
    "np.diag": "np.diag(row)\n np.diag(noise2)\n np.diag(noise2, 3)",
    "np.diagflat": "np.diagflat(row.reshape(2, -1), 1)",
    "np.tril": "np.tril(noise2)\n np.tril(counts2, -1)\n np.tril(noise2.T)",
    "np.triu": "np.triu(counts2, 1)\n np.triu(cube)",
    "np.fill_diagonal": "np.fill_diagonal(noise2, 7)\n np.fill_diagonal(counts2, row)\n np.fill_diagonal(tall, 1, wrap=True)",
    "np.where": "np.where(mask)\n np.where(mask, counts, 5)\n np.where(mask, noise, other)\n np.where(mask2, noise2, row)\n np.where(mask2, noise2.T, other2)\n np.where(counts, sparse, counts)",
    "np.nonzero": "np.nonzero(mask)\n np.nonzero(sparse2)\n np.nonzero(noise2.T)",
    "np.flatnonzero": "np.flatnonzero(mask)\n np.flatnonzero(noise2.T)",
    "np.argwhere": "np.argwhere(mask)\n np.argwhere(sparse2)",
    "np.take": "np.take(noise, places)\n np.take(counts, places)\n np.take(noise, dense_places)\n np.take(noise2, [3, -1, 5], axis=1)\n np.take(noise2, lines, 0)\n np.take(noise2, lines, 1)\n np.take(noise, places, out=target)\n np.take(noise2.T, places, mode='wrap')\n np.take(noise, few_places, mode='clip')",
    "np.compress": "np.compress(mask, noise)\n np.compress(mask, counts)\n np.compress(line_mask, noise2, axis=1)\n np.compress(line_mask, noise2, 0)",
    "np.extract": "np.extract(mask, noise)\n np.extract(mask2.T, counts2.T)",
    "np.choose": "np.choose(digits, [noise, counts, other, 5])\n np.choose(digits, [noise, counts, sparse, 5.0], out=target)",
    "np.take_along_axis": "np.take_along_axis(noise2, along, 1)\n np.take_along_axis(noise, places, None)\n np.take_along_axis(counts2, along[:1], 0)",
    "np.put_along_axis": "np.put_along_axis(noise2, along[:, :1], 5, 1)\n np.put_along_axis(noise2, along, other2, 0)\n np.put_along_axis(counts, few_places, 7, None)",
    "np.put": "np.put(noise, places, other)\n np.put(noise, few_places, 5)\n np.put(counts, dense_few, 10**12)",
    "np.place": "np.place(noise, mask, other)\n np.place(counts, mask, [1, 2, 3])",
    "np.putmask": "np.putmask(noise, mask, other)\n np.putmask(counts, mask, 7)\n np.putmask(noise2, mask2, row)",
    "np.copyto": "np.copyto(noise, other)\n np.copyto(target, counts)\n np.copyto(target2, noise2.T)\n np.copyto(counts, 5, where=mask)\n np.copyto(noise, other, where=mask)\n np.copyto(noise2, row)\n np.copyto(dense, noise)\n np.copyto(noise[1:], noise[:-1])",
    "np.clip": "np.clip(noise, -1, 1)\n np.clip(counts, 10, 60)\n np.clip(noise2, row, None)\n np.clip(noise, -1, 1, out=target)\n np.clip(noise2.T, other2, 5)",
    "np.ravel_multi_index": "np.ravel_multi_index((counts, digits), (200, 4))",
    "np.unravel_index": "np.unravel_index(places, noise2.shape)",
    "np.sort": _SORTED.format("np.sort") + "np.sort(counts2, None)\n np.sort(pairs)\n np.sort(mask)\n np.sort(noise2.T, 0)",
    "np.argsort": _SORTED.format("np.argsort") + "np.argsort(counts, kind='stable')",
    "np.partition": "np.partition(noise, 30)\n np.partition(counts, 30)\n np.partition(noise2, 5, axis=0)",
    "np.argpartition": "np.argpartition(noise, 30)\n np.argpartition(counts, 30)",
    "np.lexsort": "np.lexsort((counts, digits))\n np.lexsort((noise, counts))",
    "np.median": _QUANTILE.format("np.median", ""),
    "np.nanmedian": _QUANTILE.format("np.nanmedian", "") + "np.nanmedian(nans)",
    "np.quantile": _QUANTILE.format("np.quantile", "[0.1, 0.5], "),
    "np.nanquantile": "np.nanquantile(nans, 0.1)\n np.nanquantile(nans2, [0.1, 0.5], axis=1)",
    "np.percentile": _QUANTILE.format("np.percentile", "90, "),
    "np.nanpercentile": "np.nanpercentile(nans, 90)\n np.nanpercentile(counts, 90)",
    "np.histogram": "np.histogram(noise)\n np.histogram(counts, 50)\n np.histogram(noise, 20, (-1, 1), weights=counts)\n np.histogram(sparse2, short.size)",
    "np.histogram_bin_edges": "np.histogram_bin_edges(noise)\n np.histogram_bin_edges(counts, 'sturges')\n np.histogram_bin_edges(noise, 'fd')",
    "np.bincount": "np.bincount(counts)\n np.bincount(counts, weights=noise)\n np.bincount(places)",
    "np.sort_complex": "np.sort_complex(pairs)\n np.sort_complex(counts)",
    "np.searchsorted": "np.searchsorted(ordered, needles)\n np.searchsorted(needles, counts)\n np.searchsorted(short[:1], dense)",
    "np.digitize": "np.digitize(noise, short[:1])\n np.digitize(counts, [10, 50, 100])",
    "np.unique": _UNIQUE.format("np.unique") + "np.unique(counts, return_index=True, return_inverse=True, return_counts=True)\n np.unique(noise, return_inverse=True)",
    "np.unique_all": _UNIQUE.format("np.unique_all"),
    "np.unique_counts": "np.unique_counts(noise)\n np.unique_counts(counts)",
    "np.unique_inverse": "np.unique_inverse(noise)\n np.unique_inverse(counts)",
    "np.unique_values": "np.unique_values(noise)\n np.unique_values(counts)",
    "np.isin": "np.isin(counts, needles)\n np.isin(noise, needles)\n np.isin(counts, digits, invert=True)\n np.isin(places, few_places)",
    "np.intersect1d": "np.intersect1d(noise, needles)\n np.intersect1d(counts, digits)",
    "np.setxor1d": "np.setxor1d(noise, needles)\n np.setxor1d(counts, digits)",
    "np.union1d": "np.union1d(noise, needles)\n np.union1d(counts, digits)",
    "np.setdiff1d": "np.setdiff1d(noise, needles)\n np.setdiff1d(counts, digits)",
    "np.diff": "np.diff(noise)\n np.diff(counts)\n np.diff(noise, 2)\n np.diff(noise2, axis=0)\n np.diff(noise2.T)\n np.diff(noise, prepend=0)",
    "np.ediff1d": "np.ediff1d(noise)\n np.ediff1d(noise2.T, to_end=7)",
    "np.trapezoid": "np.trapezoid(noise)\n np.trapezoid(noise2, axis=0)\n np.trapezoid(noise, ordered)\n np.trapezoid(noise2, row)",
    "np.round": "np.round(noise, 2)\n np.round(counts, -1)\n np.round(noise2.T, 1)\n np.round(noise, 12, out=target)",
    "np.around": "np.around(noise, 1)",
    "np.fix": "np.fix(noise2.T)\n np.fix(counts)",
    "np.nan_to_num": "np.nan_to_num(nans)\n np.nan_to_num(nans, copy=False)\n np.nan_to_num(counts)\n np.nan_to_num(nans2, nan=row)",
    "np.angle": "np.angle(noise)\n np.angle(pairs)",
    "np.iscomplex": "np.iscomplex(noise)\n np.iscomplex(pairs)",
    "np.isreal": "np.isreal(noise)\n np.isreal(pairs)",
    "np.sinc": "np.sinc(noise2.T)\n np.sinc(counts)",
    "np.i0": "np.i0(noise)",
    "np.isposinf": "np.isposinf(noise)\n np.isposinf(counts)\n np.isposinf(nans, bool_target)",
    "np.isneginf": "np.isneginf(noise)",
    "np.real_if_close": "np.real_if_close(pairs)",
    "np.unwrap": "np.unwrap(noise)\n np.unwrap(noise2, axis=0)\n np.unwrap(counts, period=10)",
    "np.isclose": "np.isclose(noise, other)\n np.isclose(noise2, row)\n np.isclose(counts, 5)\n np.isclose(noise2, other2.T, equal_nan=True)",
    "np.allclose": "np.allclose(noise, noise)\n np.allclose(noise2, noise2.T, atol=99)",
    "np.array_equal": "np.array_equal(noise, noise)\n np.array_equal(counts, counts)\n np.array_equal(nans, nans, equal_nan=True)",
    "np.array_equiv": "np.array_equiv(noise2, noise2)\n np.array_equiv(target2, target2[0])",
    "np.dot": "np.dot(noise, other)\n np.dot(counts, counts)\n np.dot(noise2, thin)\n np.dot(noise2, row)\n np.dot(cube, tall[:cube.shape[2]])\n np.dot(noise, 3)\n np.dot(tall.T, tall)\n np.dot(row, noise2)\n np.dot(counts2, thin)",
    "np.vdot": "np.vdot(noise, other)\n np.vdot(pairs, pairs)\n np.vdot(noise2.T, other2)",
    "np.inner": "np.inner(noise, other)\n np.inner(noise2, row)",
    "np.outer": "np.outer(long, short)\n np.outer(row, row)",
    "np.tensordot": "np.tensordot(noise2, thin, 1)\n np.tensordot(cube, cube, ((0, 1), (0, 1)))\n np.tensordot(noise2, other2)",
    "np.trace": "np.trace(noise2)\n np.trace(cube, axis1=1, axis2=2)",
    "np.linalg.trace": "np.linalg.trace(cube)",
    "np.linalg.diagonal": "np.linalg.diagonal(cube)",
    "np.linalg.matrix_transpose": "np.linalg.matrix_transpose(cube)",
    "np.linalg.matmul": "np.linalg.matmul(noise2, thin)\n np.linalg.matmul(tall, thin[:16])",
    "np.linalg.vecdot": "np.linalg.vecdot(noise2, other2)\n np.linalg.vecdot(noise2, row)",
    "np.linalg.outer": "np.linalg.outer(short, long)",
    "np.linalg.tensordot": "np.linalg.tensordot(noise2, thin, axes=1)",
    "np.diag_indices_from": "np.diag_indices_from(noise2)",
    "np.tril_indices_from": "np.tril_indices_from(noise2)",
    "np.triu_indices_from": "np.triu_indices_from(noise2, 2)",
    "np.lib.stride_tricks.sliding_window_view": "np.lib.stride_tricks.sliding_window_view(noise, 5)\n np.sum(np.lib.stride_tricks.sliding_window_view(noise, 3), -1)",
    "np.zeros_like": "np.zeros_like(noise2)",
    "np.ones_like": "np.ones_like(noise2)",
    "np.empty_like": "np.empty_like(noise2)",
    "np.full_like": "np.full_like(noise2, 2.5)\n np.full_like(noise2, row)\n np.full_like(noise2, other2)",
    "np.flip": "np.flip(noise2)\n np.flip(noise2, 1).copy()",
    "np.transpose": "np.transpose(noise2)",
    "np.reshape": "np.reshape(noise2, -1)\n np.reshape(noise2.T, -1)\n np.reshape(noise2, -1, order='F')",
    "np.ravel": "np.ravel(noise2)\n np.ravel(noise2.T)",
    "np.copy": "np.copy(noise)\n np.copy(counts2.T, order='C')",
    "np.astype": "np.astype(noise, 'f4')\n np.astype(counts, 'f8')\n np.astype(noise2.T, 'i4')\n np.astype(mask, 'i8')",
    "np.array_repr": "np.array_repr(noise)",
    "np.array_str": "np.array_str(noise2)",
    "np.zeros": "np.zeros(noise2.shape, like=noise)",
    "np.ones": "np.ones(noise2.shape, like=noise)",
    "np.empty": "np.empty(noise2.shape, like=noise)",
    "np.full": "np.full(noise2.shape, 2.5, like=noise)\n np.full(noise2.shape, row, like=noise)",
    "np.eye": "np.eye(row.size, like=noise)",
    "np.identity": "np.identity(row.size, like=noise)",
    "np.arange": "np.arange(noise.size, like=noise)",
    "np.save": "file.seek(0) or np.save(file, noise)\n file.seek(0) or np.save(file, counts2.T)",
    "np.savez": "file.seek(0) or np.savez(file, noise, counts)",
    "np.savez_compressed": "file.seek(0) or np.savez_compressed(file, sparse=sparse)",
}  # fmt: skip
FUNCTIONS |= FORMULAS

#: Native or composed functions that have no calls here, and why.
EXEMPT: dict[str, str] = {
    **dict.fromkeys(
        ["np.shape", "np.ndim", "np.size", "np.iscomplexobj", "np.isrealobj", "np.may_share_memory", "np.shares_memory"],
        "tells of shapes, dtypes or places, and reads nothing",
    ),
    **dict.fromkeys(["np.result_type", "np.can_cast", "np.common_type", "np.min_scalar_type"], "asks for dtypes, and reads nothing"),
    **dict.fromkeys(
        [
            *("np.broadcast_to", "np.diagonal", "np.expand_dims", "np.fliplr", "np.flipud", "np.matrix_transpose", "np.moveaxis"),
            *("np.permute_dims", "np.rollaxis", "np.rot90", "np.squeeze", "np.swapaxes"),
        ],
        "a view, by the body that np.flip and np.transpose have too",
    ),
    **dict.fromkeys(["np.real", "np.imag"], "views; see the attributes"),
    **EXEMPT_FORMULAS,
}


class Call(NamedTuple):
    """One call."""

    group: str
    text: str
    code: CodeType
    names: tuple[str, ...]


def call_of(group: str, text: str) -> Call:
    """Return a call from its text."""
    code = compile(text, text, "eval")
    # The names inside of a comprehension are in code of its own.
    inner = [const.co_names for const in code.co_consts if isinstance(const, CodeType)]
    names = {name for found in (code.co_names, *inner) for name in found}
    return Call(group, text, code, tuple(sorted(names & NAMES)))


CALLS: list[Call] = [
    call_of(group, line.strip())
    for table in (FUNCTIONS, UFUNCS, INDEXING, METHODS, CREATION)
    for group, lines in table.items()
    for line in lines.splitlines()
    if line.strip()
]

#: Calls that are measured once more on samples of `LARGER_SIDE`, since what they held grew with the array: four million elements of
#: four bytes are no more than the tiles.
LARGER: list[str] = [
    "np.bincount(places)",
    "np.extract(mask2.T, counts2.T)",
    "np.lexsort((counts, digits))",
    "np.repeat(noise[::4], 2)",
    "noise2.flat[mask]",
]

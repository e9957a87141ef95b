"""Example calls on large arrays, as data: what is called -> calls, in the samples' names.

As `tests.cases`, but for what the calls hold and not for what they answer. Each call is an expression; `np` is NumPy,
`compactarray` the package, `operator` Python's module, every other name a sample of `tests.memory.samples`. There is a call
for each thing that a body does with its arguments, rather than for each keyword.
"""

from types import CodeType
from typing import NamedTuple

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
}

#: Ufuncs by their methods -> calls.
UFUNCS: dict[str, str] = {
    "ufunc.__call__, one operand": """
        np.exp(noise)
        np.sqrt(counts)
        np.negative(sparse)
        np.isnan(nans)
        np.absolute(pairs)
        np.sin(noise2.T)
        np.sin(noise[::3])
        np.exp(noise, out=target)
        np.exp(noise, out=noise)
        np.exp(noise, where=mask, out=target)
        np.sin(counts, dtype='f4')
        np.sin(noise2, order='F')
        np.exp(dense, out=target)
        np.exp(noise, out=dense)
        np.logical_not(mask)
    """,
    "ufunc.__call__, two operands": """
        np.add(noise, other)
        np.add(counts, noise)
        np.add(counts, 10**6)
        np.multiply(sparse, sparse)
        np.multiply(pairs, pairs)
        np.add(noise2, row)
        np.add(noise2, noise2.T)
        np.add(counts2, counts2.T)
        np.add(noise, dense)
        np.add(noise[1:], noise[:-1])
        np.add(row[:, None], row)
        np.less(noise, other)
        np.less(counts, 100)
        np.equal(noise2, noise2.T)
        np.maximum(noise, 0.5)
        np.power(noise, 2)
        np.floor_divide(counts, 7)
        np.logical_and(mask, counts)
        np.add(noise, other, out=target)
        np.add(noise, other, out=noise)
        np.add(noise2, noise2.T, out=noise2)
        np.add(counts, counts, out=whole_target)
        np.add(counts, counts, out=counts)
        np.less(noise, other, out=bool_target)
        np.add(noise, other, where=mask, out=noise)
    """,
    "ufunc.__call__, two results": """
        np.modf(noise)
        np.divmod(counts, 7)
        np.divmod(noise, other, out=(target, None))
        np.modf(noise2.T)
    """,
    "ufunc.__call__, generalized": """
        np.matmul(noise2, thin)
        np.matmul(noise2, other2)
        np.matmul(counts2, row)
        np.matmul(noise2.T, thin, out=tall[:thin.shape[0]])
        np.vecdot(noise2, other2, axis=0)
        np.vecdot(noise, other)
    """,
    "ufunc.reduce": """
        np.add.reduce(noise2, (0, 1))
        np.multiply.reduce(cube, 1)
        np.subtract.reduce(noise2, 0)
        np.subtract.reduce(noise)
        np.logical_xor.reduce(mask2, 0)
        np.add.reduce(noise2, 0, where=mask2, out=row)
        np.hypot.reduce(noise2, 1)
        np.bitwise_or.reduce(counts)
        np.maximum.reduce(sparse2, 0, keepdims=True)
        np.add.reduce(cube, 0)
    """,
    "ufunc.accumulate": """
        np.add.accumulate(noise2, 1)
        np.maximum.accumulate(counts)
        np.multiply.accumulate(noise2.T, 0)
        np.subtract.accumulate(noise)
    """,
    "ufunc.reduceat": """
        np.add.reduceat(noise, [0, 5, 5000])
        np.add.reduceat(noise2, [0, 5, 50], 0)
        np.add.reduceat(noise2, [0, 5, 50], 1)
        np.add.reduceat(counts, np.arange(0, counts.size, 7))
        np.maximum.reduceat(noise, [5000, 3, 7])
        np.add.reduceat(noise, dense_few)
    """,
    "ufunc.outer": """
        np.add.outer(long, short)
        np.multiply.outer(short, long)
        np.less.outer(row, row)
        np.add.outer(row, row, out=target2)
    """,
    "ufunc.at": """
        np.add.at(noise, dense_few, 1)
        np.add.at(counts, few_places, digits[:few_places.size])
        np.negative.at(noise, few_places)
        np.add.at(noise2, (lines, 5), row)
        np.add.at(noise, slice(None, None, 3), 1)
    """,
    "operators": """
        noise ** 2
        operator.iadd(noise, other)
        operator.iadd(noise2, noise2.T)
        operator.iadd(counts, 10**12)
        operator.imul(noise[::2], 2)
        operator.iadd(noise[1:], noise[:-1])
        1e9 in noise
    """,
}

#: Indexing -> calls.
INDEXING: dict[str, str] = {
    "[], basic": """
        noise[5:]
        noise[5:].copy()
        noise2[:, ::2].copy()
        noise2[::-1, 1:].copy('C')
        counts2.T[3]
        noise2[None, 5:, ..., None]
    """,
    "[], fancy": """
        noise[places]
        counts[places]
        sparse[few_places]
        noise[dense_places]
        noise[few_places]
        noise2[lines]
        noise2[:, lines]
        noise2[np.ix_(lines, lines)]
        noise2[:, [3, -1, 5]]
    """,
    "[], boolean": """
        noise[mask]
        counts[mask]
        sparse[mask]
        noise2.T[mask2]
        noise2[line_mask]
        noise2[:, line_mask]
        noise[noise > 0]
        noise[np.asarray(mask)]
    """,
    "[]=, basic": """
        noise.__setitem__(slice(5, None), 2.5)
        noise.__setitem__(slice(None, None, 3), 2.5)
        noise.__setitem__(..., other)
        noise2.__setitem__((slice(None), 5), row)
        noise2.__setitem__((slice(None), slice(1, None, 2)), other2[:, ::2])
        noise2.__setitem__(..., noise2.T)
        target2.__setitem__(..., noise2.T)
        noise2.T.__setitem__(..., other2)
        counts.__setitem__(slice(5, None), counts[:-5])
        counts.__setitem__(slice(1, None, 2), 10**12)
        noise.__setitem__(..., dense)
        target2.__setitem__(..., dense2.T)
        sparse.__setitem__(slice(None, None, 100), 1.5)
        noise2.__setitem__(..., row)
    """,
    "[]=, fancy": """
        noise.__setitem__(places, other)
        counts.__setitem__(places, 7)
        noise.__setitem__(few_places, 2.5)
        counts.__setitem__(dense_few, 10**12)
        noise2.__setitem__(lines, other2)
        noise2.__setitem__((slice(None), lines), other2)
        sparse.__setitem__(dense_few, 1.5)
    """,
    "[]=, boolean": """
        noise.__setitem__(mask, 2.5)
        counts.__setitem__(mask, 7)
        counts.__setitem__(mask, 10**12)
        noise.__setitem__(mask, other[:np.count_nonzero(mask)])
        noise2.__setitem__(line_mask, 2.5)
        noise.__setitem__(noise > 0, 0)
        sparse.__setitem__(mask, 0)
        target.__setitem__(mask, 1.5)
    """,
    "flat": """
        noise2.flat[::3]
        noise2.T.flat[5:]
        noise2.flat[lines]
        noise2.flat[mask]
        noise2.flat.__setitem__(slice(None, None, 3), 2.5)
        noise2.T.flat.__setitem__(slice(None), other)
        noise2.flat.__setitem__(dense_few, 2.5)
        any(value > 1e9 for value, _ in zip(noise2.T.flat, range(100_000)))
    """,
}

#: Methods and attributes of arrays that have a body of their own -> calls.
METHODS: dict[str, str] = {
    "astype": "noise.astype('f4')\n counts.astype('f8')\n counts.astype('u1')\n noise2.astype('f4', order='F')\n noise.astype('c16')\n noise.astype('>f8')",
    "copy": "noise.copy()\n noise2.copy('F')\n pairs.real.copy()\n noise2.T.__deepcopy__({})",
    "fill": "noise.fill(2.5)\n noise2[:, ::2].fill(2.5)",
    "flatten": "noise2.flatten()\n noise2.flatten('F')",
    "reshape": "noise2.T.reshape(4, -1)\n noise2.reshape(4, -1, order='F')",
    "byteswap": "noise.byteswap()\n noise.byteswap(inplace=True)",
    "view": "noise.view('i8')[::2].copy()\n noise.view('u4').copy()\n noise.view('c16').copy()\n noise.view('u8').sum()\n noise.view('u4').__setitem__(slice(None), 7)",
    "real and imag": "pairs.real.sum()\n noise.imag\n setattr(pairs, 'real', noise[:pairs.size])\n setattr(pairs, 'imag', 0)",
    "resize": "noise.resize(noise.size + 7)",
    "sort": "counts.sort()\n noise.sort()\n noise2.sort(0)",
    "partition": "noise.partition(30)\n counts.partition(30)",
    "getfield": "noise.getfield('i4', 4).copy()\n noise.setfield(7, 'i4', 4)",
    "tofile": "file.seek(0) or noise.tofile(file)\n file.seek(0) or counts2.T.tofile(file)",
    "dump": "file.seek(0) or noise.dump(file)\n file.seek(0) or counts.dump(file)",
    "item and text": "noise2.item(5)\n str(noise2)\n repr(counts2.T)\n noise.info",
    "tiles": "sum(tile.size for tile in noise2.T.tiles())\n sum(tile.size for tile in noise2.tiles('F'))",
    "conj": "pairs.conj()\n noise.conj()",
}  # fmt: skip

#: Functions of the package -> calls.
CREATION: dict[str, str] = {
    "CompactArray": "compactarray.CompactArray(dense)\n compactarray.CompactArray(dense2.T)\n compactarray.CompactArray(dense, 'f4')\n compactarray.CompactArray(noise, 'f4')\n compactarray.CompactArray(noise, copy=True)\n compactarray.CompactArray(dense2[:, ::2])",
    "asarray": "compactarray.asarray(dense)",
    "full": "compactarray.full(noise2.shape, 7)\n compactarray.full(noise2.shape, row)\n compactarray.full_like(noise2, row)",
    "arange": "compactarray.arange(0, noise.size * 0.1, 0.1)",
    "linspace": "compactarray.linspace(0, 1, noise.size)",
    "eye": "compactarray.eye(row.size)",
    "load": "saved.seek(0) or compactarray.load(saved)",
    "from_chunks": "compactarray.from_chunks(noise.tiles(), dtype='f8')",
}  # fmt: skip

#: Samples that no encoding makes smaller.
INCOMPRESSIBLE = frozenset(["noise", "noise2", "cube", "other", "other2", "pairs", "places", "nans", "nans2"])

#: What sorts (or selects from) incompressible data -> the dense copies of it, and arrays of indices, that it may hold beside tiles.
WORKING_COPY: dict[str, int] = {
    **dict.fromkeys(["np.sort", "np.sort_complex", "np.partition", "sort", "partition"], 1),
    **dict.fromkeys(["np.argsort", "np.argpartition", "np.lexsort"], 2),
    **dict.fromkeys(
        ["np.unique_counts", "np.unique_values", "np.union1d", "np.intersect1d", "np.setxor1d", "np.setdiff1d", "np.isin"], 1
    ),
    **dict.fromkeys(["np.unique", "np.unique_all", "np.unique_inverse"], 2),
    **dict.fromkeys(["np.median", "np.quantile", "np.percentile", "np.nanmedian", "np.nanquantile", "np.nanpercentile"], 1),
    "np.histogram_bin_edges": 1,
}

_TWICE = "the result is made compact first, and then made again where it is to go"
_INDEX = "an index, or the addresses that it stands for, is held whole with eight bytes each"
_VIEWED = "elements that are viewed as another dtype are read and written by addresses, all at once"

#: Calls that hold more than they may, and why; each a fault to be mended.
ABOVE: dict[str, str] = {
    "np.cumsum(noise, out=target)": _TWICE,
    "np.take(noise, places, out=target)": _TWICE,
    "np.round(noise, 12, out=target)": _TWICE,
    "np.choose(digits, [noise, counts, sparse, 5.0], out=target)": _TWICE,
    "noise.byteswap(inplace=True)": _TWICE,
    "np.copyto(noise[1:], noise[:-1])": "what overlaps its target is copied first",
    "operator.iadd(noise[1:], noise[:-1])": "what overlaps its target is copied first",
    "np.concatenate([noise, dense])": "an ndarray is encoded as a whole before it is joined",
    "np.clip(counts, 10, 60)": "without a kernel, all codes of a stretch become indices of eight bytes to look up a table",
    "np.floor_divide(counts, 7)": "without a kernel, all codes of a stretch become indices of eight bytes to look up a table",
    "np.searchsorted(short[:1], dense)": "needles that are an ndarray are looked up all at once",
    "np.bincount(places)": "the counts are kept dense, as many as there are values",
    "np.intersect1d(noise, needles)": "the sets are joined in one copy and sorted in another",
    "np.setxor1d(noise, needles)": "the sets are joined in one copy and sorted in another",
    "np.dot(noise, 3)": "zero is added to the whole product",
    "np.matmul(noise2, other2)": "panels of both operands and of the product are held at once",
    "noise[places]": _INDEX,
    "counts[places]": _INDEX,
    "noise[dense_places]": _INDEX,
    "noise2[np.ix_(lines, lines)]": _INDEX,
    "noise.__setitem__(places, other)": _INDEX,
    "counts.__setitem__(places, 7)": _INDEX,
    "noise2.T.flat[5:]": _INDEX,
    "noise2.T.flat.__setitem__(slice(None), other)": _INDEX,
    "noise.view('i8')[::2].copy()": _VIEWED,
    "noise.view('c16').copy()": _VIEWED,
    "noise.view('u4').__setitem__(slice(None), 7)": _VIEWED,
    "noise.getfield('i4', 4).copy()": _VIEWED,
    "noise.setfield(7, 'i4', 4)": _VIEWED,
    "file.seek(0) or noise.dump(file)": "pickles of protocol 2 hold bytes as text",
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

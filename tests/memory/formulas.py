"""Calls on large arrays of functions that are made of others; as in `tests.memory.large`."""

#: Functions of NumPy's -> calls, one a line.
FORMULAS: dict[str, str] = {
    "np.cov": """
        np.cov(noise, other)
        np.cov(noise2)
        np.cov(tall, rowvar=False)
        np.cov(counts, sparse, aweights=digits + 1)
    """,
    "np.corrcoef": """
        np.corrcoef(noise, other)
        np.corrcoef(tall, rowvar=False)
    """,
    "np.nanvar": """
        np.nanvar(nans)
        np.nanvar(nans2, axis=0)
        np.nanvar(nans2, axis=1)
        np.nanvar(counts)
    """,
    "np.nanstd": """
        np.nanstd(nans, where=mask)
    """,
    "np.gradient": """
        np.gradient(noise)
        np.gradient(noise2, axis=0)
        np.gradient(counts2, 0.5, axis=1)
        np.gradient(noise, ordered)
        np.gradient(noise2.T, row, axis=0)
    """,
    "np.cross": """
        np.cross(noise[:-1].reshape(-1, 3), other[:-1].reshape(-1, 3))
        np.cross(cube[:3], cube[1:], axis=0)
    """,
    "np.linalg.cross": """
        np.linalg.cross(cube[:3], cube[1:], axis=0)
    """,
    "np.kron": """
        np.kron(long, short)
        np.kron(digits[:1024].reshape(32, 32), thin[:64])
    """,
    "np.packbits": """
        np.packbits(mask)
        np.packbits(mask2, axis=0)
        np.packbits(counts2, axis=1)
    """,
    "np.unpackbits": """
        np.unpackbits(counts.astype('u1'))
        np.unpackbits(counts2.astype('u1'), axis=0)
    """,
    "np.convolve": """
        np.convolve(noise, short)
        np.convolve(counts, row[:99], 'same')
    """,
    "np.correlate": """
        np.correlate(noise, short)
        np.correlate(row, other, 'full')
    """,
    "np.interp": """
        np.interp(noise, short.cumsum(), short)
        np.interp(noise, ordered, other)
        np.interp(counts, np.arange(9), np.arange(9) ** 2)
    """,
    "np.lib.scimath.sqrt": """
        np.lib.scimath.sqrt(ordered)
        np.lib.scimath.sqrt(counts)
    """,
    "np.lib.scimath.log": """
        np.lib.scimath.log(noise)
        np.lib.scimath.log(counts)
    """,
    "np.lib.scimath.log10": """
        np.lib.scimath.log10(counts)
    """,
    "np.lib.scimath.log2": """
        np.lib.scimath.log2(counts)
    """,
    "np.lib.scimath.logn": """
        np.lib.scimath.logn(2, ordered)
        np.lib.scimath.logn(2, counts)
    """,
    "np.lib.scimath.power": """
        np.lib.scimath.power(counts, 0.5)
        np.lib.scimath.power(ordered, 0.5)
    """,
    "np.lib.scimath.arccos": """
        np.lib.scimath.arccos(counts)
        np.lib.scimath.arccos(sparse)
    """,
    "np.lib.scimath.arcsin": """
        np.lib.scimath.arcsin(counts)
    """,
    "np.lib.scimath.arctanh": """
        np.lib.scimath.arctanh(counts)
    """,
    "np.select": """
        np.select([mask], [noise], 5)
        np.select([mask, counts > 50], [noise, counts], other)
    """,
    "np.piecewise": """
        np.piecewise(counts, [mask], [np.negative, 0])
        np.piecewise(noise, [mask], [5, -5])
        np.piecewise(noise, [mask], [np.negative, 0])
    """,
    "np.apply_along_axis": """
        np.apply_along_axis(np.cumsum, 0, noise2)
        np.apply_along_axis(np.sum, 1, noise2)
        np.apply_along_axis(np.sum, 0, noise)
    """,
    "np.apply_over_axes": """
        np.apply_over_axes(np.sum, cube, (0, 2))
    """,
    "np.histogramdd": """
        np.histogramdd((noise, other), 50)
        np.histogramdd((noise, counts, digits), (5, 6, 7), weights=other)
    """,
    "np.histogram2d": """
        np.histogram2d(noise, counts, 99)
    """,
    "np.linalg.norm": """
        np.linalg.norm(noise)
        np.linalg.norm(noise2.T[::2])
        np.linalg.norm(noise2, axis=1)
        np.linalg.norm(counts2, 1, axis=0)
        np.linalg.norm(noise2, np.inf)
        np.linalg.norm(pairs)
        np.linalg.norm(counts, 3)
    """,
    "np.linalg.vector_norm": """
        np.linalg.vector_norm(noise2)
        np.linalg.vector_norm(noise2, axis=0, ord=1)
    """,
    "np.linalg.matrix_norm": """
        np.linalg.matrix_norm(cube)
    """,
    "np.linalg.matrix_power": """
        np.linalg.matrix_power(noise2, 2)
        np.linalg.matrix_power(noise2, 0)
    """,
    "np.linalg.multi_dot": """
        np.linalg.multi_dot([thin.T, noise2, thin])
        np.linalg.multi_dot([thin, thin.T, noise2, thin])
    """,
    "np.einsum": """
        np.einsum('ij->j', noise2)
        np.einsum('ij,jk->ik', noise2, thin)
        np.einsum('ij,ij->i', noise2, other2)
        np.einsum('ij,i,j->', noise2, row, row)
        np.einsum('bij,j->bi', cube, row[:cube.shape[2]])
        np.einsum('i,j->ij', row, row)
        np.einsum('ij,kj->i', noise2, thin.T)
    """,
    "np.einsum_path": """
        np.einsum_path('ij,jk,kl->il', noise2, noise2, noise2)
    """,
    "np.polyval": """
        np.polyval([1, 2, 3], noise)
        np.polyval(short, noise2.T)
    """,
    "np.vander": """
        np.vander(long, 8)
        np.vander(row)
    """,
    "np.polyadd": """
        np.polyadd(noise, other)
        np.polyadd(noise, row)
    """,
    "np.polysub": """
        np.polysub(noise, other)
    """,
    "np.polymul": """
        np.polymul(noise, short)
    """,
    "np.polyder": """
        np.polyder(noise)
    """,
    "np.polyint": """
        np.polyint(noise)
    """,
    "np.polynomial.polynomial.polygrid2d": """
        np.polynomial.polynomial.polygrid2d(row, row, thin[:3, :4])
    """,
    "np.linspace": """
        np.linspace(long, 5, 8)
        np.linspace(row, row[::-1], row.size, axis=1)
    """,
    "np.logspace": """
        np.logspace(long, 5, 8)
    """,
    "np.is_busday": """
        np.is_busday(counts.astype('M8[D]'))
    """,
    "np.datetime_as_string": """
        np.datetime_as_string(short.astype('i8').view('M8[D]'))
    """,
    "np.savetxt": """
        np.savetxt(file, digits[:100000], '%d')
    """,
    "np.lib.recfunctions.structured_to_unstructured": """
        np.lib.recfunctions.structured_to_unstructured(table)
    """,
    "np.lib.recfunctions.unstructured_to_structured": """
        np.lib.recfunctions.unstructured_to_structured(tall, names=list('abcdefghijklmnop'))
        np.lib.recfunctions.unstructured_to_structured(counts.reshape(-1, 2), 'f8,u1')
    """,
    "np.lib.recfunctions.apply_along_fields": """
        np.lib.recfunctions.apply_along_fields(np.sum, table)
    """,
    "np.lib.recfunctions.assign_fields_by_name": """
        np.lib.recfunctions.assign_fields_by_name(table, table[['f1']])
    """,
    "np.lib.recfunctions.require_fields": """
        np.lib.recfunctions.require_fields(table, [('f1', 'f4'), ('z', 'u1')])
    """,
    "np.lib.recfunctions.repack_fields": """
        np.lib.recfunctions.repack_fields(table[['f1']])
    """,
    "np.asarray": """
        np.asarray(noise2, order='F', like=noise)
        np.asarray(dense, like=noise)
    """,
    "np.fromiter": """
        np.fromiter(iter(range(1 << 20)), float, like=noise)
    """,
    "np.fromfile": """
        file.seek(0) or file.write(bytes(1 << 25)) and file.seek(0) or np.fromfile(file, like=noise)
    """,
    "np.fromfunction": """
        np.fromfunction(lambda i, j: i + j, noise2.shape, like=noise)
    """,
    "np.tri": """
        np.tri(row.size, like=noise)
    """,
}  # fmt: skip

#: Native or composed functions that have no calls here, and why.
EXEMPT_FORMULAS: dict[str, str] = {
    "np.strings.capitalize": "text: the body that np.is_busday has too",
    "np.strings.lower": "text: the body that np.is_busday has too",
    "np.strings.swapcase": "text: the body that np.is_busday has too",
    "np.strings.title": "text: the body that np.is_busday has too",
    "np.strings.upper": "text: the body that np.is_busday has too",
    "np.strings.expandtabs": "text: the body that np.is_busday has too",
    "np.strings.encode": "text: the body that np.is_busday has too",
    "np.strings.decode": "text: the body that np.is_busday has too",
    "np.strings.center": "text: the body that np.is_busday has too",
    "np.strings.ljust": "text: the body that np.is_busday has too",
    "np.strings.rjust": "text: the body that np.is_busday has too",
    "np.strings.zfill": "text: the body that np.is_busday has too",
    "np.strings.multiply": "text: the body that np.is_busday has too",
    "np.strings.mod": "text: the body that np.is_busday has too",
    "np.strings.replace": "text: the body that np.is_busday has too",
    "np.strings.translate": "text: the body that np.is_busday has too",
    "np.strings.partition": "text: the body that np.is_busday has too",
    "np.strings.rpartition": "text: the body that np.is_busday has too",
    "np.char.split": "text: the body that np.is_busday has too",
    "np.char.rsplit": "text: the body that np.is_busday has too",
    "np.char.splitlines": "text: the body that np.is_busday has too",
    "np.char.join": "text: the body that np.is_busday has too",
    "np.char.equal": "text: the body that np.is_busday has too",
    "np.char.not_equal": "text: the body that np.is_busday has too",
    "np.char.less": "text: the body that np.is_busday has too",
    "np.char.less_equal": "text: the body that np.is_busday has too",
    "np.char.greater": "text: the body that np.is_busday has too",
    "np.char.greater_equal": "text: the body that np.is_busday has too",
    "np.geomspace": "made of numpy.logspace and operations in place",
    "np.array2string": "the body of np.array_str",
    "np.busday_count": "the body that np.is_busday has too",
    "np.busday_offset": "the body that np.is_busday has too",
    "np.polynomial.polynomial.polyval2d": "the tiles of np.polyval",
    "np.polynomial.polynomial.polyvalnd": "the tiles of np.polyval",
    "np.lib.recfunctions.recursive_fill_fields": "assigns field by field, as the body of assign_fields_by_name",
    "np.lib.recfunctions.rename_fields": "a view",
    "np.array": "the body of np.asarray",
    "np.asanyarray": "the body of np.asarray",
    "np.ascontiguousarray": "the body of np.asarray",
    "np.asfortranarray": "the body of np.asarray",
    "np.require": "the body of np.asarray",
    "np.frombuffer": "the body of np.asarray",
}

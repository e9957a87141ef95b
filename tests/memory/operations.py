"""Example calls of what is no function of NumPy's, as data: ufuncs, indexing, methods, and the package's own functions.

As `tests.memory.large`.
"""

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
    "eye": "compactarray.eye(row.size)\n compactarray.eye(8, noise.size)",
    "load": "saved.seek(0) or compactarray.load(saved)",
    "from_chunks": "compactarray.from_chunks(noise.tiles(), dtype='f8')",
}  # fmt: skip

"""What a call may hold beside its inputs and its result; and the calls that hold more, with the reasons."""

#: Bytes of tiles.
LIMIT = 32_000_000

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
    "np.bincount(places)": "the counts are kept dense, as many as there are values",
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

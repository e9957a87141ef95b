"""What a call may hold beside its inputs and its result."""

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

"""Compiled loops: arrays in, preallocated arrays out.

`KERNELS` lists every kernel by name; each has a NumPy twin that gives the same answers.
"""

from compactarray.kernels.arithmetic import (
    add_u1,
    add_u2,
    compress_codes,
    dot_codes,
    multiply_u1,
    multiply_u2,
    select_codes,
    subtract_u1,
    subtract_u2,
    sum_codes,
    sum_lines,
    sum_lines_u4,
)
from compactarray.kernels.compiler import Kernel
from compactarray.kernels.coordinates import addresses, collect, cut, discard, find, mark, merge, overlay, update
from compactarray.kernels.counting import add_weights, bin_values, first_places, scatter_ranks, tally_codes
from compactarray.kernels.decimals import scan_decimals
from compactarray.kernels.dictionary import distinct, lookup_pairs, lookup_u1, lookup_u2
from compactarray.kernels.movement import choose_codes, fill_bits, fill_runs, place_marked, repeat_codes, replace_codes, reverse_codes
from compactarray.kernels.packing import pack, running_pages, unpack
from compactarray.kernels.running import running_sums
from compactarray.kernels.scan import scan_floats
from compactarray.kernels.sparse import count_columns, extremes, times_vector, transpose, vector_times
from compactarray.kernels.sparse_products import multiply, times_matrix
from compactarray.kernels.text import (
    distinct_rows,
    lookup_rows_u1,
    lookup_rows_u2,
    measure_rows,
    narrow_rows,
    unpack_rows_u1,
    unpack_rows_u4,
    widen_rows,
)

KERNELS: dict[str, Kernel] = {
    "scan_floats": scan_floats,
    "scan_decimals": scan_decimals,
    "collect": collect,
    "overlay": overlay,
    "distinct": distinct,
    "distinct_rows": distinct_rows,
    "lookup_rows_u1": lookup_rows_u1,
    "lookup_rows_u2": lookup_rows_u2,
    "measure_rows": measure_rows,
    "narrow_rows": narrow_rows,
    "unpack_rows_u1": unpack_rows_u1,
    "unpack_rows_u4": unpack_rows_u4,
    "widen_rows": widen_rows,
    "lookup_pairs": lookup_pairs,
    "lookup_u1": lookup_u1,
    "lookup_u2": lookup_u2,
    "running_sums": running_sums,
    "dot_codes": dot_codes,
    "sum_codes": sum_codes,
    "sum_lines": sum_lines,
    "sum_lines_u4": sum_lines_u4,
    "add_u1": add_u1,
    "add_u2": add_u2,
    "subtract_u1": subtract_u1,
    "subtract_u2": subtract_u2,
    "multiply_u1": multiply_u1,
    "multiply_u2": multiply_u2,
    "select_codes": select_codes,
    "compress_codes": compress_codes,
    "reverse_codes": reverse_codes,
    "repeat_codes": repeat_codes,
    "pack": pack,
    "unpack": unpack,
    "running_pages": running_pages,
    "fill_runs": fill_runs,
    "fill_bits": fill_bits,
    "place_marked": place_marked,
    "replace_codes": replace_codes,
    "choose_codes": choose_codes,
    "tally_codes": tally_codes,
    "first_places": first_places,
    "scatter_ranks": scatter_ranks,
    "add_weights": add_weights,
    "bin_values": bin_values,
    "addresses": addresses,
    "cut": cut,
    "discard": discard,
    "find": find,
    "mark": mark,
    "merge": merge,
    "update": update,
    "count_columns": count_columns,
    "extremes": extremes,
    "times_vector": times_vector,
    "transpose": transpose,
    "vector_times": vector_times,
    "multiply": multiply,
    "times_matrix": times_matrix,
}

#: Kernels of coordinates, and of sparse algebra.
OF_COORDINATES = frozenset(
    (
        *("addresses", "cut", "discard", "find", "mark", "merge", "update"),
        *("count_columns", "extremes", "times_vector", "transpose", "vector_times", "multiply", "times_matrix"),
    )
)

__all__ = [
    "KERNELS",
    "Kernel",
    "add_u1",
    "add_u2",
    "add_weights",
    "bin_values",
    "choose_codes",
    "collect",
    "compress_codes",
    "distinct",
    "distinct_rows",
    "dot_codes",
    "fill_bits",
    "fill_runs",
    "first_places",
    "lookup_pairs",
    "lookup_rows_u1",
    "lookup_rows_u2",
    "lookup_u1",
    "lookup_u2",
    "measure_rows",
    "multiply_u1",
    "multiply_u2",
    "narrow_rows",
    "overlay",
    "pack",
    "place_marked",
    "repeat_codes",
    "replace_codes",
    "reverse_codes",
    "scan_decimals",
    "scan_floats",
    "scatter_ranks",
    "select_codes",
    "subtract_u1",
    "subtract_u2",
    "running_pages",
    "running_sums",
    "sum_codes",
    "sum_lines",
    "sum_lines_u4",
    "tally_codes",
    "unpack",
    "unpack_rows_u1",
    "unpack_rows_u4",
    "widen_rows",
]

"""Compiled loops: arrays in, preallocated arrays out.

`KERNELS` lists every kernel by name; each has a NumPy twin that gives the same answers.
"""

from compactarray.kernels.arithmetic import add_u1, add_u2, compress_codes, select_codes, sum_codes
from compactarray.kernels.compiler import Kernel
from compactarray.kernels.coordinates import collect, overlay
from compactarray.kernels.dictionary import distinct, lookup_u1, lookup_u2
from compactarray.kernels.scan import scan_floats

#: All kernels by name.
KERNELS: dict[str, Kernel] = {
    "scan_floats": scan_floats,
    "collect": collect,
    "overlay": overlay,
    "distinct": distinct,
    "lookup_u1": lookup_u1,
    "lookup_u2": lookup_u2,
    "sum_codes": sum_codes,
    "add_u1": add_u1,
    "add_u2": add_u2,
    "select_codes": select_codes,
    "compress_codes": compress_codes,
}

__all__ = [
    "KERNELS",
    "Kernel",
    "add_u1",
    "add_u2",
    "collect",
    "compress_codes",
    "distinct",
    "lookup_u1",
    "lookup_u2",
    "overlay",
    "scan_floats",
    "select_codes",
    "sum_codes",
]

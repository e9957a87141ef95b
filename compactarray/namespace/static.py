"""What type checkers see of the names that are found when they are asked for (see `table`). Imported by them only.

Constants, dtypes and other classes are NumPy's own. Of functions that make arrays the result is told; functions that are not
named here are `Any` to type checkers.
"""

from collections.abc import Callable

from numpy import (
    False_,
    True_,
    bool,
    bool_,
    broadcast,
    busdaycalendar,
    byte,
    bytes_,
    cdouble,
    character,
    clongdouble,
    complex64,
    complex128,
    complexfloating,
    csingle,
    datetime64,
    double,
    dtype,
    e,
    errstate,
    euler_gamma,
    finfo,
    flexible,
    float16,
    float32,
    float64,
    floating,
    generic,
    half,
    iinfo,
    index_exp,
    inexact,
    inf,
    int8,
    int16,
    int32,
    int64,
    int_,
    intc,
    integer,
    intp,
    little_endian,
    long,
    longdouble,
    longlong,
    memmap,
    nan,
    ndenumerate,
    ndindex,
    nditer,
    newaxis,
    number,
    object_,
    pi,
    poly1d,
    record,
    s_,
    sctypeDict,
    short,
    signedinteger,
    single,
    str_,
    timedelta64,
    typecodes,
    ubyte,
    ufunc,
    uint,
    uint8,
    uint16,
    uint32,
    uint64,
    uintc,
    uintp,
    ulong,
    ulonglong,
    unsignedinteger,
    ushort,
    void,
)

from compactarray.array import CompactArray
from compactarray.namespace.classes import ndarray, vectorize

_Making = Callable[..., CompactArray]

arange: _Making
asanyarray: _Making
asarray: _Making
ascontiguousarray: _Making
asfortranarray: _Making
empty: _Making
empty_like: _Making
eye: _Making
from_dlpack: _Making
frombuffer: _Making
fromfile: _Making
fromfunction: _Making
fromiter: _Making
fromstring: _Making
full: _Making
full_like: _Making
geomspace: _Making
identity: _Making
indices: _Making
linspace: _Making
logspace: _Making
ones: _Making
ones_like: _Making
tri: _Making
zeros: _Making
zeros_like: _Making

__all__ = [
    "False_",
    "True_",
    "arange",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "bool",
    "bool_",
    "broadcast",
    "busdaycalendar",
    "byte",
    "bytes_",
    "cdouble",
    "character",
    "clongdouble",
    "complex128",
    "complex64",
    "complexfloating",
    "csingle",
    "datetime64",
    "double",
    "dtype",
    "e",
    "empty",
    "empty_like",
    "errstate",
    "euler_gamma",
    "eye",
    "finfo",
    "flexible",
    "float16",
    "float32",
    "float64",
    "floating",
    "from_dlpack",
    "frombuffer",
    "fromfile",
    "fromfunction",
    "fromiter",
    "fromstring",
    "full",
    "full_like",
    "generic",
    "geomspace",
    "half",
    "identity",
    "iinfo",
    "index_exp",
    "indices",
    "inexact",
    "inf",
    "int16",
    "int32",
    "int64",
    "int8",
    "int_",
    "intc",
    "integer",
    "intp",
    "linspace",
    "little_endian",
    "logspace",
    "long",
    "longdouble",
    "longlong",
    "memmap",
    "nan",
    "ndarray",
    "ndenumerate",
    "ndindex",
    "nditer",
    "newaxis",
    "number",
    "object_",
    "ones",
    "ones_like",
    "pi",
    "poly1d",
    "record",
    "s_",
    "sctypeDict",
    "short",
    "signedinteger",
    "single",
    "str_",
    "timedelta64",
    "tri",
    "typecodes",
    "ubyte",
    "ufunc",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintc",
    "uintp",
    "ulong",
    "ulonglong",
    "unsignedinteger",
    "ushort",
    "vectorize",
    "void",
    "zeros",
    "zeros_like",
]

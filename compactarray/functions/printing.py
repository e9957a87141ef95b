"""Elements as text: those that are shown, or all of them, some rows at a time."""

import os
from typing import Any

import numpy as np

from compactarray.config import settings
from compactarray.functions.common import compact
from compactarray.geometry.tiles import pieces
from compactarray.registry import implements
from compactarray.text import array_text


@implements(np.array2string, route="native", inline=True)
def array2string(
    a: Any,
    max_line_width: Any = None,
    precision: Any = None,
    suppress_small: Any = None,
    separator: Any = " ",
    prefix: Any = "",
    *,
    formatter: Any = None,
    threshold: Any = None,
    edgeitems: Any = None,
    sign: Any = None,
    floatmode: Any = None,
    suffix: Any = "",
    legacy: Any = None,
) -> str:
    """As numpy.array2string; reads the elements that it shows."""
    options = {"formatter": formatter, "threshold": threshold, "edgeitems": edgeitems, "sign": sign, "floatmode": floatmode}
    arguments = (max_line_width, precision, suppress_small, separator, prefix)
    return array_text(compact(a)._view, *arguments, **options, suffix=suffix, legacy=legacy)


@implements(np.savetxt, route="native", inline=True)
def savetxt(
    fname: Any,
    X: Any,  # noqa: N803 - NumPy's name
    fmt: Any = "%.18e",
    delimiter: Any = " ",
    newline: Any = "\n",
    header: Any = "",
    footer: Any = "",
    comments: Any = "# ",
    encoding: Any = None,
) -> None:
    """As numpy.savetxt; some rows at a time."""
    array = compact(X)
    if array.ndim not in (1, 2) or not array.size:
        model = np.zeros(array.shape if not array.size else (1,) * array.ndim, array.dtype)
        np.savetxt(fname, model, fmt, delimiter, newline, header, footer, comments, encoding)
        return
    if isinstance(fname, (str, os.PathLike)):
        path = os.fspath(fname)
        open(path, "w").close()
        with np.lib.npyio.DataSource().open(path, "wt", encoding=encoding) as file:
            savetxt(file, array, fmt, delimiter, newline, header, footer, comments, encoding)
        return
    length = array.shape[0]
    most = max(1, settings().tile_length // max(1, array.size // length))
    for start, stop in pieces(0, length, most):
        texts = (header if start == 0 else "", footer if stop == length else "")
        np.savetxt(fname, np.asarray(array[start:stop]), fmt, delimiter, newline, *texts, comments, encoding)

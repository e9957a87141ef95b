"""Copies of strided ndarrays, for narrow elements faster than NumPy's own.

NumPy copies one element after the other what is not contiguous. Narrow ones go faster by vectors or as parts
of wider words, and are transposed in blocks that stay in the cache.
"""

import numpy as np

from compactarray.kernels import reverse_codes
from compactarray.numerics.words import is_wide, word_dtype
from compactarray.storage.base import Array

#: The fastest axis is gone through outside of the others up to this length.
_SHORT = 16
#: Elements along the fastest axis that are transposed at a time.
_BLOCK = 256
#: Arrays of fewer elements are left to NumPy.
_SMALL = 4_096


def copy_strided(source: Array, out: Array) -> None:
    """Copy `source` to the C-contiguous `out` of its shape and dtype, bit by bit.

    Examples
    --------
    >>> import numpy as np
    >>> from compactarray.storage.strided import copy_strided
    >>> out = np.empty((2, 3), np.uint8)
    >>> copy_strided(np.arange(6, dtype=np.uint8).reshape(3, 2).T, out)
    >>> out.tolist()
    [[0, 2, 4], [1, 3, 5]]
    """
    if out.size < _SMALL or source.flags.c_contiguous or is_wide(out.dtype):
        out[...] = source
        return
    unsigned = word_dtype(out.dtype)
    kept = tuple(slice(None) if length != 1 else 0 for length in out.shape)
    _copy(source[kept].view(unsigned), out.reshape([length for length in out.shape if length != 1]).view(unsigned))


def _copy(source: Array, out: Array) -> None:
    """Copy words; no axis has length 1."""
    if source.ndim > 1 and out.shape[-1] <= _SHORT:
        if source.strides[-1]:
            for k in range(out.shape[-1]):
                out[..., k] = source[..., k]
        else:
            _repeat(source[..., 0], out)
    elif source.strides[-1] == -source.itemsize and source[..., ::-1].flags.c_contiguous:
        reverse_codes(source[..., ::-1].reshape(-1), out.shape[-1], out.reshape(-1))
    elif out.itemsize < 8 and abs(source.strides[-1]) > min((abs(step) for step in source.strides if step), default=0):
        for start in range(0, out.shape[-1], _BLOCK):
            out[..., start : start + _BLOCK] = source[..., start : start + _BLOCK]
    else:
        out[...] = source


def _repeat(source: Array, out: Array) -> None:
    """Write each of `source` to all places of the last axis of `out`."""
    width = out.shape[-1] * out.itemsize
    if width in (2, 4, 8):
        # All copies of an element are one word: its product with 1 in the place of each of them.
        wide = out.reshape(-1).view(f"u{width}").reshape(out.shape[:-1])
        pattern = sum(1 << 8 * out.itemsize * k for k in range(out.shape[-1]))
        np.multiply(source, wide.dtype.type(pattern), out=wide, dtype=wide.dtype)
        return
    for k in range(out.shape[-1]):
        out[..., k] = source

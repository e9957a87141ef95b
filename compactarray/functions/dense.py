"""The functions that decode their arguments whole, in groups of one reason each; and what ``like=`` makes."""

from typing import Any

import numpy as np

from compactarray import creation
from compactarray.array import CompactArray
from compactarray.registry import declare

#: Reason -> module -> functions.
DENSE: dict[str, dict[str, str]] = {
    "LAPACK works in place on dense matrices, and what is solved for comes of all elements": {
        "numpy.linalg": "cholesky cond det eig eigh eigvals eigvalsh inv lstsq matrix_rank "
        "pinv qr slogdet solve svd svdvals tensorinv tensorsolve",
        "numpy": "poly polydiv polyfit roots",
    },
    "every element of a transform depends on every other": {
        "numpy.fft": "fft fft2 fftn hfft ifft ifft2 ifftn ihfft irfft irfft2 irfftn rfft rfft2 rfftn",
    },
    "makes masked arrays, or records of NumPy's own classes": {
        "numpy.lib.recfunctions": "append_fields drop_fields find_duplicates join_by merge_arrays rec_append_fields "
        "rec_drop_fields rec_join stack_arrays",
    },
    "reads numbers from text, all of which tell how they are kept": {"numpy": "fromstring genfromtxt loadtxt"},
}

for _reason, _modules in DENSE.items():
    for _module, _names in _modules.items():
        for _name in _names.split():
            declare(f"{_module}.{_name}", "dense", _reason)


# --- arrays made ``like=`` a compact one ------------------------------------------------------------


def _check(device: str | None) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')


def zeros(shape: Any, dtype: Any = None, order: Any = "C", *, device: str | None = None) -> CompactArray:
    """As numpy.zeros."""
    _check(device)
    return creation.zeros(shape, float if dtype is None else dtype, order)


def ones(shape: Any, dtype: Any = None, order: Any = "C", *, device: str | None = None) -> CompactArray:
    """As numpy.ones."""
    _check(device)
    return creation.ones(shape, float if dtype is None else dtype, order)


def empty(shape: Any, dtype: Any = None, order: Any = "C", *, device: str | None = None) -> CompactArray:
    """As numpy.empty; the elements are zeros."""
    _check(device)
    return creation.empty(shape, float if dtype is None else dtype, order)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: str | None = None) -> CompactArray:
    """As numpy.full."""
    _check(device)
    return creation.full(shape, fill_value, dtype, order)


def eye(
    N: int,  # noqa: N803 - NumPy's names
    M: int | None = None,  # noqa: N803
    k: int = 0,
    dtype: Any = float,
    order: Any = "C",
    *,
    device: str | None = None,
) -> CompactArray:
    """As numpy.eye."""
    _check(device)
    return creation.eye(N, M, k, dtype, order)


def identity(n: int, dtype: Any = None) -> CompactArray:
    """As numpy.identity."""
    return creation.eye(n, dtype=float if dtype is None else dtype)


def arange(*args: Any, dtype: Any = None, device: str | None = None, **bounds: Any) -> CompactArray:
    """As numpy.arange."""
    _check(device)
    start, stop, step = ((*args, None, None, None)[:3]) if args else (bounds.get("start", 0), None, None)
    stop, step = bounds.get("stop", stop), bounds.get("step", step)
    model = [np.asarray(bound).dtype.kind for bound in (start, stop, step) if bound is not None]
    if any(kind not in "iuf" for kind in model) or len(args) > 3:
        return CompactArray(np.arange(*args, **({} if dtype is None else {"dtype": dtype}), **bounds))
    return creation.arange(start, stop, step, dtype if len(args) < 4 else args[3])


for _body in (zeros, ones, empty, full, eye, identity, arange):
    declare(f"numpy.{_body.__name__}", "native", body=_body)

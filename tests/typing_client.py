"""A client of the public API, for type checkers: tests/test_typing.py runs mypy on it, and Python."""

from typing import Any, assert_type

import numpy

import compactarray
import compactarray as np
from compactarray import CompactArray, DenseWarning, NpzFile, config, from_chunks, load
from compactarray.testing import assert_same, check


def total(a: CompactArray) -> float:
    """Use attributes and methods."""
    shape: tuple[int, ...] = a.shape
    kind: str = a.dtype.kind
    size: int = a.size + a.ndim + a.nbytes + a.dense_nbytes + a.itemsize + len(shape) + len(kind)
    flat: list[Any] = a.tolist()
    view = a[1:].T.reshape(-1)
    view += 1
    b: Any = a + 1 - a * 2.0
    writeable: bool = a.flags.writeable
    text: str = f"{a!r} {a} {a.info}"
    dense: numpy.ndarray[Any, Any] = numpy.asarray(a)
    return float(numpy.sum(a)) + size + len(flat) + float(b.sum()) + writeable + len(text) + float(dense.sum())


def made() -> list[CompactArray]:
    """Use what makes arrays."""
    array: CompactArray = np.zeros((2, 3), dtype=np.float64)
    assert_type(np.arange(5), CompactArray)
    assert_type(np.asarray([1, 2]), CompactArray)
    chunks: CompactArray = from_chunks(([k] for k in range(5)), dtype=int)
    other: CompactArray = np.array([[1, 2], [3, 4]])
    return [array, CompactArray([1, 2], dtype="f4", copy=True), chunks, other, CompactArray.from_value(1, (2,), np.dtype(int))]


def constants() -> float:
    """Use names that are NumPy's own."""
    number: np.float64 = np.float64(np.pi)
    dtype: np.dtype[np.int64] = np.dtype(np.int64)
    with np.errstate(divide="ignore"), config(block_length=64):
        pass
    missing: None = np.newaxis
    return float(number + np.inf * 0 if missing else number) + dtype.itemsize + np.finfo(np.float32).bits


def anything() -> Any:
    """Use functions, which are Any to type checkers."""
    return np.linalg.norm(np.sin(np.linspace(0, 1, 3))) + np.random.default_rng(1).random() + np.fft.fft([1, 2])[0]


def annotated(a: "CompactArray | np.ndarray") -> bool:
    """Use the class of arrays."""
    return isinstance(a, np.ndarray)


def loaded(path: str) -> CompactArray | NpzFile:
    """Use files."""
    return load(path, mmap_mode="r", allow_pickle=False)


if __name__ == "__main__":
    for each in made():
        assert isinstance(total(each), float)
        assert annotated(each)
    assert constants() > 0
    assert anything() is not None
    assert issubclass(DenseWarning, RuntimeWarning)
    assert_same(compactarray.asarray([1, 2]), numpy.array([1, 2]))
    check(lambda a: a + 1, numpy.arange(3))

"""Functions of the namespace give compact arrays, also of ndarrays and lists."""

import numpy
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same
from tests.cases import CASES, FREE, SAMPLES, ULPS
from tests.functions.test_cases import available
from tests.namespace.both import check_both, evaluated, outcome


def is_public(case):
    """Tell whether a case calls what the namespace has, and makes no array ``like=`` another."""
    return available(case) and "like=" not in case.text


def results_of(case, module):
    arrays = [SAMPLES[name].copy(order="K") for name in case.names]
    found, error, warned = outcome(lambda np: eval(case.code, {"np": np}, dict(zip(case.names, arrays, strict=True))), module)
    return found, error, warned, arrays


@pytest.mark.parametrize("case", [case for case in CASES if is_public(case)], ids=lambda case: case.text)
def test_case_on_ndarrays(case, both):
    expected, expected_error, expected_warnings, theirs = results_of(case, numpy)
    actual, actual_error, actual_warnings, ours = results_of(case, compactarray)
    assert (type(actual_error), str(actual_error)) == (type(expected_error), str(expected_error))
    assert actual_warnings == expected_warnings
    # A view of a target is one, and indexing is done by NumPy here.
    dense = None if "out=" in case.text or not case.text.startswith("np.") else any(actual is array for array in ours)
    options = {"any_zero": True} if case.function in FREE else {}
    assert_same(actual, expected, any_nan=True, ulps=ULPS.get(case.function, 0), dense=dense, **options)
    for our, their in zip(ours, theirs, strict=True):
        assert_same(our, their, dense=True)


CALLS = """
    np.sin([1, 2])
    np.add([1, 2], [[3], [4]])
    np.add(1, 2)
    np.add.reduce([[1, 2], [3, 4]])
    np.add.reduce([[1, 2], [3, 4]], axis=1, keepdims=True)
    np.add.accumulate([1, 2, 3])
    np.add.reduceat([1, 2, 3, 4], [0, 2])
    np.multiply.outer([1, 2], [3, 4])
    np.divmod([7, 8], 3)
    np.modf([1.5, -2.25])
    np.frexp([1.5, -2.25])
    np.matmul([[1, 2], [3, 4]], [1, 1])
    np.frompyfunc(lambda x, y: x + y, 2, 1)([1, 2], 3)
    np.frompyfunc(lambda x, y: x + y, 2, 1).nin
    np.vectorize(lambda x: x * 2)([1, 2, 3])
    np.vectorize(lambda x, y: x * y, otypes=[float])([[1], [2]], [3, 4])
    np.vectorize(signature='(n)->()')(lambda x: x.sum())([[1.0, 2.0], [3.0, 4.0]])
    np.sort([3, 1, 2])
    np.unique([3, 1, 3], return_counts=True)
    np.unique_all([3, 1, 3])
    np.where([True, False], 1, 2)
    np.split([1, 2, 3, 4], 2)
    np.array_split([1, 2, 3, 4], 3)
    np.meshgrid([1, 2], [3, 4, 5])
    np.meshgrid([1, 2], [3, 4, 5], indexing='ij', sparse=True)
    np.broadcast_to([1, 2, 3], (2, 3))
    np.broadcast_to(7, (2, 3))
    np.broadcast_arrays([1, 2], [[1], [2]])
    np.tile([1, 2], 3)
    np.repeat([1, 2], [2, 3])
    np.outer([1, 2], [3, 4])
    np.kron([1, 2], [3, 4])
    np.concatenate([[1, 2], [3]])
    np.linalg.svd([[1.0, 0.0], [0.0, 2.0]])
    np.linalg.eigh([[2.0, 0.0], [0.0, 2.0]])
    np.linalg.solve([[2.0, 0.0], [0.0, 2.0]], [1.0, 2.0])
    np.linalg.norm([3.0, 4.0])
    np.linalg.inv([[0.0]])
    np.fft.fft([1.0, 2.0, 3.0, 4.0])
    np.fft.rfftfreq(5)
    np.fft.fftshift([1, 2, 3])
    np.strings.upper(['a', 'b'])
    np.strings.find(['ab', 'b'], 'b')
    np.char.add(['a', 'b'], 'c')
    np.polynomial.polynomial.polyval([1.0, 2.0], [1, 2, 3])
    np.polynomial.chebyshev.chebfit([0.0, 1.0, 2.0], [1.0, 0.0, 1.0], 1)
    np.polyfit([0.0, 1.0], [1.0, 3.0], 1).shape
    np.emath.sqrt([-1.0, 4.0])
    np.lib.stride_tricks.sliding_window_view([1, 2, 3, 4], 2)
    np.lib.scimath.log([-1.0])
    np.lib.recfunctions.structured_to_unstructured(np.array([(1, 2)], 'i4,i4'))
    np.nan_to_num([np.nan, 1.0])
    np.percentile([1, 2, 3], [20, 50])
    np.histogram([1, 2, 3], bins=2)
    np.histogram2d([1, 2], [1, 2], bins=2)
    np.ix_([0, 1], [2, 3])
    np.unravel_index([3, 4], (2, 3))
    np.apply_along_axis(lambda x: x.sum(), 0, [[1, 2], [3, 4]])
    np.piecewise([1.0, -2.0], [[True, False], [False, True]], [lambda x: x * 2, 7])
    np.select([[True, False], [False, True]], [[1, 2], [3, 4]])
    np.einsum('ij,j', [[1, 2], [3, 4]], [1, 1])
    np.hanning(5)
    np.bartlett(3)
    np.tril_indices(3)
    np.diag([1, 2])
    np.vander([1, 2, 3], 2)
    np.asarray_chkfinite([1.0, 2.0])
    np.asarray_chkfinite([1.0, np.inf])
    np.isfortran(np.asarray([[1, 2], [3, 4]], order='F'))
    np.shape([[1, 2]])
    np.result_type([1, 2], 'f4')
    np.iscomplexobj([1j])
    np.ndim([1, 2])
    np.datetime_as_string(np.array(['2020-01-01'], 'M8[D]'))
    np.busday_count('2020-01-01', ['2020-02-01', '2020-03-01'])
    np.bincount([0, 1, 1])
    np.lexsort(([1, 0], [0, 0]))
    np.sum([1, 2], where=[True, False])
    np.sum(3)
    np.max([])
    np.concatenate([[1], [[2]]])
    np.testing.assert_array_equal(np.arange(3), np.arange(3))
    np.rec.array([(1, 2.0)], dtype='i4,f8').f1.sum()
    np.base_repr(5, 2)
    np.finfo(np.float32).eps
    np.matrix([[1, 2]]).T.tolist()
    np.unpackbits(np.array([7], np.uint8))
    np.copyto(np.zeros(2), [1, 2])
    [x.sum() for x in np.vsplit(np.arange(4).reshape(2, 2), 2)]
    np.interp([0.5, 1.5], [0, 1, 2], [0.0, 10.0, 20.0])
    np.cov([1.0, 2.0], [3.0, 5.0])
"""


@pytest.mark.parametrize("text", [line.strip() for line in CALLS.splitlines() if line.strip()])
def test_call_on_lists(text, both):
    check_both(evaluated(text), any_nan=True)


def test_targets_are_returned():
    target = numpy.zeros(2)
    assert compactarray.add([1, 2], 3, target) is target
    assert compactarray.add([1, 2], 3, out=target) is target
    assert compactarray.add([1, 2], 3, out=(target,)) is target
    assert compactarray.cumsum([1, 2], out=target) is target
    assert target.tolist() == [1, 3]


def test_results_share_nothing_with_ndarrays(both):
    array = numpy.arange(6)
    for make in (compactarray.asarray, compactarray.array, compactarray.ravel, lambda x: compactarray.reshape(x, (2, 3))):
        made = make(array)
        made[...] = -1
        assert array.tolist() == [0, 1, 2, 3, 4, 5]


def test_results_that_cannot_be_written(both):
    assert not compactarray.broadcast_to([1, 2], (2, 2)).flags.writeable
    assert not compactarray.frombuffer(b"abcdefgh", "u1").flags.writeable
    assert not compactarray.diagonal([[1, 2], [3, 4]]).flags.writeable


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    "make", [lambda np: np.ma.array([1, 2], mask=[0, 1]), lambda np: np.matrix([[1, 2]])], ids=["masked", "matrix"]
)
def test_subclasses_are_left(make):
    for module in (numpy, compactarray):
        for found in (module.sin(make(module)), module.asanyarray(make(module)), module.zeros_like(make(module))):
            assert type(found) is type(make(numpy))
        assert type(module.asarray(make(module))) in (numpy.ndarray, CompactArray)


def test_blown_up_results_are_never_dense(shipped):
    assert compactarray.broadcast_to([1.5, 2.5], (10**12, 2)).shape == (10**12, 2)
    assert compactarray.meshgrid(range(1000), range(1000), copy=False)[0].nbytes < 100_000

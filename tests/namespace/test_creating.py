"""Functions that make arrays take all of NumPy's parameters and give what it gives."""

import io

import numpy
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same
from tests.namespace.both import check_both, evaluated

CALLS = """
    np.array([1, 2, 3])
    np.array([[1, 2], [3, 4]], order='F')
    np.array([1, 2], dtype='f4', ndmin=3)
    np.array(5)
    np.array(5, ndmin=2)
    np.array([])
    np.array([1, 'a'])
    np.array([1, None])
    np.array([1.5, 2], int)
    np.array([[1, 2], [3]])
    np.array(np.arange(3))
    np.array(np.arange(3), copy=False)
    np.array(np.arange(3), copy=None)
    np.array(np.arange(6).reshape(2, 3), order='F')
    np.array(np.arange(6).reshape(2, 3).T)
    np.array(np.arange(6).reshape(2, 3).T, order='C')
    np.array(np.arange(6).reshape(2, 3).T, 'f4', order='A', ndmin=3)
    np.array([np.arange(3), np.arange(3)])
    np.array([np.arange(3), np.arange(3) / 2])
    np.array((np.arange(3), np.arange(3)), 'f4', ndmin=3)
    np.array([np.arange(3), np.arange(4)])
    np.array([np.array(1), np.array(2)])
    np.array([[np.arange(2), np.arange(2)], [np.arange(2), np.arange(2)]])
    np.array(['2020-01-01'], 'M8')
    np.array(np.array(['2020-01-01'], 'M8[D]'), 'M8')
    np.array(np.array(['ab', 'c']), 'S')
    np.array(np.array([1, 2]), 'U')
    np.array([1, 2], subok=True)
    np.array([1, 2], copy=False)
    np.array(range(4))
    np.array(b'abc')
    np.array({1: 2})
    np.array([(1, 2.0)], [('a', 'i4'), ('b', 'f8')])
    np.array([1], dtype='no dtype')
    np.array([1], order='X')
    np.asarray([1, 2])
    np.asarray([1, 2], 'f4', 'F')
    np.asarray([[1, 2], [3, 4]], order='F')
    np.asarray(np.ones((2, 3)), order='F')
    np.asarray([1, 2], copy=True)
    np.asarray([1, 2], device='cpu')
    np.asarray([1, 2], device='gpu')
    np.asanyarray([1, 2])
    np.ascontiguousarray(5)
    np.ascontiguousarray(np.ones((2, 3), order='F'))
    np.asfortranarray([[1, 2], [3, 4]], 'f4')
    np.copy([1, 2])
    np.copy(np.ones((2, 3), order='F'), order='C')
    np.require([[1, 2], [3, 4]], 'f4', ['F', 'O', 'W'])
    np.require(np.ones((2, 3), order='F'), None, 'C')
    np.require(np.ones(2), requirements=['F', 'C'])
    np.require(np.ones(2), requirements=['E'])
    np.zeros((2, 3), 'i4', 'F')
    np.zeros(shape=(2,), device='cpu')
    np.zeros(2, device='gpu')
    np.zeros()
    np.zeros(-1)
    np.zeros((2, 0))
    np.zeros([2, 3])
    np.zeros(3, 'U4')
    np.zeros(2, [('a', 'i4')])
    np.zeros(2, 'O')
    np.ones((2, 3), order='F')
    np.ones(3, bool)
    np.full((2, 2), [1, 2])
    np.full(3, 'ab')
    np.full(fill_value=2.5, shape=(2,))
    np.full((2,), 2.5, 'i4')
    np.full((2,), 'a', 'i4')
    np.empty((2, 0))
    np.empty(3, 'O')
    np.eye(3)
    np.eye(2, 3, k=1, dtype=int, order='F')
    np.eye(N=2)
    np.identity(3)
    np.identity(2, dtype='i2')
    np.arange(5)
    np.arange(2, 9, 3)
    np.arange(0.0, 1.0, 0.25)
    np.arange(5, dtype='f4')
    np.arange(start=1, stop=4)
    np.arange(5, device='cpu')
    np.arange(0, 5, 0)
    np.arange('2020-01', '2020-04', dtype='M8[M]')
    np.arange(5, step=2)
    np.linspace(0, 1, 5)
    np.linspace(0, 1, 5, endpoint=False, retstep=True)
    np.linspace([0, 1], [1, 2], 3, axis=1)
    np.linspace(0, 10, 3, dtype=int)
    np.linspace(0, 1, num=-1)
    np.logspace(0, 2, 3)
    np.geomspace(1, 1000, 4)
    np.zeros_like([[1, 2]])
    np.ones_like([1.5], dtype=int)
    np.full_like([1, 2], 2.5)
    np.full_like(np.ones((2, 3), order='F'), 7, shape=(3, 2))
    np.empty_like(np.ones((2, 0)))
    np.zeros_like(np.ones((2, 3), order='F'))
    np.tri(3)
    np.tri(3, 4, 1, int)
    np.tri(3, k=-1)
    np.tri(0)
    np.tri(1, 1)
    np.tril(np.ones((3, 3)))
    np.triu([[1, 2], [3, 4]], 1)
    np.diag([1, 2, 3], 1)
    np.indices((2, 3))
    np.indices((2, 3), dtype='f4')
    np.indices((2, 3), sparse=True)
    np.indices(())
    np.indices((2, 0))
    np.indices((2, -1))
    np.indices((4,))
    np.fromfunction(lambda i, j: i * 10 + j, (2, 3))
    np.fromfunction(lambda i: i > 1, (4,), dtype=int)
    np.fromfunction(lambda i, j: 7, (2, 3))
    np.fromiter((k * k for k in range(40)), int)
    np.fromiter(range(40), 'f4', count=9)
    np.fromiter(range(3), int, count=9)
    np.fromiter(range(20), 'i8', 30)
    np.fromiter([(1, 2), (3, 4)], '2i')
    np.fromiter([b'ab', b'c'], 'S2')
    np.fromiter([None, 1], 'O')
    np.fromiter([], float)
    np.fromiter(5, float)
    np.fromiter(['a'], float)
    np.frombuffer(b'12345678', 'u1')
    np.frombuffer(b'12345678', 'i2', 2, 2)
    np.frombuffer(b'123', 'i8')
    np.fromstring('1 2 3', sep=' ')
    np.mgrid[0:3]
    np.mgrid[0:3, 1:7:2]
    np.mgrid[0:1:5j, 0:2]
    np.mgrid[0:1.5:0.5, 0:2]
    np.mgrid[0:2, 0:3, 0:2]
    np.ogrid[0:3, 1:7:2]
    np.ogrid[0:1:5j]
    np.r_[1:4, 0, [5, 6]]
    np.r_['0,2', [1, 2], [3, 4]]
    np.r_[np.arange(3), np.arange(2)]
    np.r_[-1:1:5j]
    np.c_[[1, 2], [3, 4]]
    np.c_[np.arange(2), np.arange(2)]
    np.s_[1:2, ...]
    np.index_exp[1:2]
    np.meshgrid()
    np.meshgrid([1, 2], 3)
    np.mat('1 2') if hasattr(np, 'mat') else 0
    np.bmat([[np.eye(2)]]).tolist()
    np.block([[np.eye(2), np.zeros((2, 1))], [np.ones((1, 3))]])
    np.from_dlpack(np.arange(3))
    np.from_dlpack(np.arange(3), device='cpu')
    np.astype(np.arange(3), 'f4')
    np.require(5).ndim
    np.ndarray((2,), 'i2', buffer=b'abcdef', offset=2).tolist()
"""


@pytest.mark.parametrize("text", [line.strip() for line in CALLS.splitlines() if line.strip()])
def test_made(text, both):
    message = "copy=False" not in text and "from_dlpack" not in text
    copies = text in ("np.array(np.arange(3), copy=False)",)
    if copies:
        assert_same(compactarray.array(compactarray.arange(3), copy=False), numpy.arange(3))
        return
    check_both(evaluated(text), messages=message)


def test_array_of_an_array():
    a = compactarray.arange(6)
    assert compactarray.array(a, copy=None) is a
    assert compactarray.array(a, copy=False) is a
    assert compactarray.asarray(a) is compactarray.asanyarray(a) is compactarray.ascontiguousarray(a) is a
    assert compactarray.array(a) is not a
    b = compactarray.array(a)
    b[0] = 7
    assert a[0] == 0
    with pytest.raises(ValueError, match="avoid copy"):
        compactarray.asarray(a, "f4", copy=False)
    with pytest.raises(ValueError, match="avoid copy"):
        compactarray.asarray(numpy.arange(3), copy=False)


def test_like_what_makes_arrays_by_itself():
    class Other:
        def __array_function__(self, function, types, args, kwargs):
            return function.__name__

    for text in ["zeros(3", "ones(3", "arange(3", "array([1]", "asarray([1]", "fromiter([1], int", "eye(2", "full(2, 3", "tri(2"]:
        assert eval(f"np.{text}, like=other)", {"np": compactarray, "other": Other()}) == text.partition("(")[0]
    for like in (numpy.zeros(1), compactarray.zeros(1)):
        assert type(compactarray.zeros(3, like=like)) is CompactArray


def test_text_files(tmp_path, both):
    path = tmp_path / "table.txt"
    path.write_text("1,2.5\n3,4.5\n")
    check_both(lambda np: np.loadtxt(path, delimiter=","))
    check_both(lambda np: np.loadtxt(path, delimiter=",", unpack=True))
    check_both(lambda np: np.genfromtxt(path, delimiter=",", names=["a", "b"]))
    check_both(lambda np: np.fromregex(path, r"(\d+),", [("n", "i8")]))
    check_both(lambda np: np.savetxt(io.BytesIO(), np.arange(3)))


def test_binary_files(tmp_path, both):
    def through_a_file(np):
        np.arange(40).tofile(tmp_path / "raw")
        return np.fromfile(tmp_path / "raw", "i8"), np.fromfile(tmp_path / "raw", "i4", 3, offset=8)

    check_both(through_a_file)

    def through_npy(np):
        np.save(tmp_path / "a.npy", np.arange(40))
        np.savez(tmp_path / "a.npz", x=np.arange(3), y=[1.5])
        with np.load(tmp_path / "a.npz") as archive:
            return np.load(tmp_path / "a.npy"), sorted(archive), archive["y"]

    check_both(through_npy)


def test_load_takes_numpys_parameters(tmp_path):
    path = tmp_path / "a.npy"
    numpy.save(path, numpy.arange(40))
    for options in ({"mmap_mode": "r"}, {"mmap_mode": "c"}, {"allow_pickle": True}, {"encoding": "latin1", "fix_imports": False}):
        expected = numpy.load(path, **options)
        actual = compactarray.load(path, **options)
        assert_same(actual, numpy.asarray(expected))
        assert actual.flags.writeable == expected.flags.writeable
    with pytest.raises(ValueError, match="write to the file"):
        compactarray.load(path, "r+")
    with pytest.raises(ValueError, match="encoding must be"):
        compactarray.load(path, encoding="utf-8")
    numpy.save(path, numpy.array([None]))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        compactarray.load(path, allow_pickle=True)


def test_large_arrays_are_encoded(shipped):
    n = 300_000
    for make in (
        lambda np: np.zeros(n),
        lambda np: np.arange(n),
        lambda np: np.indices((500, 500)),
        lambda np: np.mgrid[0:500, 0:500],
        lambda np: np.tri(600),
        lambda np: np.fromiter(range(n), int),
        lambda np: np.fromfunction(lambda i, j: i + j, (500, 500), dtype=int),
        lambda np: np.array([1, 2, 3] * (n // 3)),
        lambda np: np.frombuffer(bytes(8 * n)),
    ):
        made = make(compactarray)
        assert_same(made, make(numpy))
        assert made.nbytes <= made.dense_nbytes / 2

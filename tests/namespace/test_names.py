"""Every public name of NumPy's is reachable, and is what it should be."""

import importlib
import inspect
import pickle
import subprocess
import sys
import types

import numpy
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.namespace import table

NAMES = sorted(name for name in {*dir(numpy), *numpy.__all__} if not name.startswith("_"))
SUBMODULES = {
    "linalg": numpy.linalg,
    "fft": numpy.fft,
    "random": numpy.random,
    "strings": numpy.strings,
    "char": numpy.char,
    "polynomial": numpy.polynomial,
    "polynomial.polynomial": numpy.polynomial.polynomial,
    "polynomial.chebyshev": numpy.polynomial.chebyshev,
    "lib": numpy.lib,
    "lib.stride_tricks": numpy.lib.stride_tricks,
    "lib.scimath": numpy.lib.scimath,
    "emath": numpy.emath,
    "testing": numpy.testing,
}


def reached(path):
    found = compactarray
    for name in path.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_reachable(name):
    found, original = getattr(compactarray, name), getattr(numpy, name)
    assert name in dir(compactarray)
    assert callable(found) == callable(original)
    if isinstance(original, type) and name not in ("flatiter", "ndarray", "nditer", "vectorize"):
        assert found is original
    if isinstance(original, types.ModuleType):
        assert isinstance(found, types.ModuleType)
    if isinstance(original, numpy.ufunc):
        assert isinstance(found, numpy.ufunc)
        assert found == original and hash(found) == hash(original)
        assert (found.nin, found.nout, found.types, found.signature) == (
            original.nin,
            original.nout,
            original.types,
            original.signature,
        )


@pytest.mark.filterwarnings("ignore:The chararray class")
@pytest.mark.parametrize("path", SUBMODULES)
def test_every_name_of_a_submodule_is_reachable(path):
    module, original = reached(path), SUBMODULES[path]
    for name in dir(original):
        if not name.startswith("_"):
            assert callable(getattr(module, name)) == callable(getattr(original, name)), name
            assert name in dir(module)


@pytest.mark.parametrize("name", ["pi", "e", "inf", "nan", "newaxis", "euler_gamma", "float64", "int8", "dtype", "errstate", "True_"])
def test_what_is_no_array_is_numpys_own(name):
    assert getattr(compactarray, name) is getattr(numpy, name)


@pytest.mark.parametrize("name", ["float", "int", "no_such_name", "in1d", "_no_such_name", "__no_such_name__"])
def test_names_that_numpy_does_not_have(name):
    with pytest.raises(AttributeError) as ours:
        getattr(compactarray, name)
    with pytest.raises(AttributeError) as theirs:
        getattr(numpy, name)
    assert str(ours.value).partition(".")[0].replace("compactarray", "numpy") == str(theirs.value).partition(".")[0]


def test_names_of_this_package_keep_their_meaning():
    code = """
import compactarray, compactarray.config, compactarray.inspect, compactarray.testing, compactarray.io.load
assert compactarray.testing.assert_same.__module__ == "compactarray.testing"
assert compactarray.inspect.__name__ == "compactarray.inspect"
with compactarray.config(block_length=8):
    pass
assert callable(compactarray.array) and callable(compactarray.info)
from compactarray import inspect, testing, linalg, random, functions
from compactarray.linalg import inv
from compactarray.lib.stride_tricks import sliding_window_view
from compactarray.polynomial.polynomial import polyval
from compactarray.random import default_rng
import compactarray.fft as fft
assert type(fft.fft([1, 2])) is type(inv([[2.0]])) is type(default_rng(1).random(3)) is compactarray.CompactArray
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_star_import():
    names: dict[str, object] = {}
    exec("from compactarray import *", names)
    assert {name for name in numpy.__all__ if not name.startswith("_")} - names.keys() <= {"core", "test"}
    assert names["load"] is compactarray.load


def test_importing_does_not_import_what_is_not_asked_for():
    code = "import sys, numpy; before = set(sys.modules); import compactarray; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy.random", "numpy.testing", "compactarray.random", "compactarray.linalg"} & set(eval(done.stdout))


@pytest.mark.parametrize("name", ["sin", "sum", "array", "zeros", "linspace", "zeros_like", "tile", "r_", "mgrid", "ndarray"])
def test_pickled(name):
    found = getattr(compactarray, name)
    again = pickle.loads(pickle.dumps(found))
    assert again is found or type(again) is type(found)


def test_pickled_functions_of_submodules():
    for function in (compactarray.linalg.inv, compactarray.fft.fft, compactarray.strings.upper, compactarray.lib.scimath.sqrt):
        assert pickle.loads(pickle.dumps(function)) is function


def test_signature_and_documentation():
    assert inspect.signature(compactarray.sum) == inspect.signature(numpy.sum)
    assert compactarray.sum.__name__ == "sum"
    assert "Sum of array elements" in compactarray.sum.__doc__
    assert "numpy" not in repr(compactarray.sum.__module__)


class TestArrayClass:
    def test_isinstance(self):
        for value, expected in [(compactarray.zeros(2), True), (numpy.zeros(2), True), ([1], False), (numpy.float64(1), False)]:
            assert isinstance(value, compactarray.ndarray) is expected
        assert issubclass(CompactArray, compactarray.ndarray)
        assert issubclass(numpy.ma.MaskedArray, compactarray.ndarray)

    def test_match(self):
        match compactarray.arange(6).reshape(2, 3):
            case compactarray.ndarray(shape=(rows, columns), dtype=dtype):
                assert (rows, columns, dtype) == (2, 3, numpy.int64)
            case _:
                raise AssertionError

    def test_call(self):
        a = compactarray.ndarray((2, 3), "i4")
        assert type(a) is CompactArray
        assert (a.shape, a.dtype) == ((2, 3), numpy.int32)
        b = compactarray.ndarray((2,), "i2", buffer=b"\x01\x00\x02\x00\x03\x00", offset=2)
        assert b.tolist() == [2, 3]

    def test_methods(self):
        assert compactarray.ndarray.sum(compactarray.arange(4)) == 6
        assert "sum" in dir(compactarray.ndarray)

    def test_subclass_is_numpys(self):
        class Named(compactarray.ndarray):
            pass

        assert Named.__mro__ == (Named, numpy.ndarray, object)
        assert type(numpy.zeros(2).view(Named) + 1) is Named

    def test_annotation(self):
        assert compactarray.ndarray[int, numpy.dtype[numpy.float64]] == numpy.ndarray[int, numpy.dtype[numpy.float64]]
        assert str(CompactArray[int, numpy.dtype[numpy.float64]]).startswith("compactarray.array.CompactArray[")


def test_namespace_of_the_array_api():
    a = compactarray.zeros(3)
    assert a.__array_namespace__() is compactarray
    assert a.__array_namespace__(api_version="2024.12") is compactarray
    with pytest.raises(ValueError, match="Version"):
        a.__array_namespace__(api_version="1999.01")
    assert compactarray.__array_api_version__ == numpy.__array_api_version__
    assert compactarray.__array_namespace_info__().default_device() == "cpu"


def test_table_names_what_numpy_has():
    assert table.names() == NAMES


def test_modules_of_the_package_hide_no_names():
    """Importing a module of the package makes it an attribute, whatever it is called."""
    importlib.import_module("compactarray.demo")
    importlib.import_module("compactarray.table")
    del vars(compactarray)["zeros"]
    assert compactarray.zeros(3).tolist() == [0, 0, 0]

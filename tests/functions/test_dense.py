"""The dense route: results are NumPy's and compact, `on_dense` is heeded, and warnings point at the line that called."""

import inspect
import warnings

import numpy as np
import numpy.lib.recfunctions as rfn
import pytest

import compactarray
from compactarray import CompactArray, DenseWarning, registry
from compactarray.testing import assert_same, check

CALLS = {
    "fft": lambda a: np.fft.fft(a),
    "svd": lambda a: np.linalg.svd(a.reshape(20, 30)).S,
    "solve": lambda a: np.linalg.solve(a[:400].reshape(20, 20), a[:20]),
    "inv": lambda a: np.linalg.inv(a[:400].reshape(20, 20)),
    "merge_arrays": lambda a: rfn.merge_arrays([a, -a]),
    "fft with out": lambda a: np.fft.ifft(a, out=a.astype(complex)),
    "polynomial": lambda a: np.polydiv(a[:9] + 1, a[:3] + 1),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_numpy(name, both):
    check(CALLS[name], np.random.default_rng(5).integers(0, 90, 600).astype("f8"), any_nan=True, ulps=4)


@pytest.mark.parametrize(
    "call",
    [lambda a: np.fft.fft(a), lambda a: a[:400].reshape(20, 20).copy().dot(a[:20]) + np.fft.fft(a)[0]],
    ids=["function", "among others"],
)
def test_a_warning_names_function_bytes_and_line(call, both):
    a = CompactArray(np.arange(600))
    with (
        compactarray.config(on_dense="warn"),
        pytest.warns(DenseWarning, match=r"numpy\.fft\.fft decodes .* 4,800 bytes") as caught,
    ):
        call(a)
    assert [(w.filename, w.lineno) for w in caught] == [(__file__, inspect.getsourcelines(call)[1])]


def test_an_error_comes_before_the_computation(both):
    with compactarray.config(on_dense="error"), pytest.raises(DenseWarning, match=r"numpy\.fft\.fft"):
        np.fft.fft(CompactArray(np.arange(600)))


DECODING = {
    "function": (lambda a: np.fft.fft(a), r"numpy\.fft\.fft"),
    "nested": (lambda a: rfn.merge_arrays([a, a]), r"numpy\.lib\.recfunctions\.merge_arrays"),
    "reduction": (lambda a: np.power.reduce(a), r"numpy\.power\.reduce"),
    "result that is not encoded": (lambda a: np.add(a, 1, dtype="g"), r"numpy\.add"),
}


@pytest.mark.parametrize("name", DECODING)
def test_an_error_comes_before_anything_is_decoded(name, monkeypatch):
    function, match = DECODING[name]
    a = CompactArray(np.arange(1.0, 4001.0))
    function(a)  # with the setting "allow" it answers
    monkeypatch.setattr("compactarray.storage.blocks.BlockStorage.read", lambda *_: pytest.fail("decoded"))
    with compactarray.config(on_dense="error"), pytest.raises(DenseWarning, match=match):
        function(a)


def test_plain_arrays_and_other_routes_do_not_warn():
    with warnings.catch_warnings(), compactarray.config(on_dense="error"):
        warnings.simplefilter("error")
        np.median(CompactArray(np.arange(6).astype("g")))
        np.sort(CompactArray(np.arange(600)))
        np.mean(CompactArray(np.arange(6)))


def test_a_function_of_a_newer_numpy_is_dense(monkeypatch):
    monkeypatch.delitem(registry._DECLARED, "numpy.fft.fft")
    a = CompactArray(np.arange(600))
    assert registry.lookup(np.fft.fft) is None
    assert_same(np.fft.fft(a), np.fft.fft(np.arange(600)))
    with compactarray.config(on_dense="error"), pytest.raises(DenseWarning):
        np.fft.fft(a)


def test_a_refused_function_says_why(monkeypatch):
    monkeypatch.setitem(registry._DECLARED, "numpy.fft.fft", ("refused", None, "there is no frequency"))
    with pytest.raises(TypeError, match="there is no frequency"):
        np.fft.fft(CompactArray(np.arange(6)))

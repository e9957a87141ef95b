"""The dense route: results are NumPy's and compact, `on_dense` is heeded, and warnings point at the line that called."""

import inspect
import warnings

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray, DenseWarning, registry
from compactarray.testing import check

CALLS = {
    "fft": lambda a: np.fft.fft(a),
    "svd": lambda a: np.linalg.svd(a.reshape(20, 30)).S,
    "multi_dot": lambda a: np.linalg.multi_dot([a, a]),
    "inv": lambda a: np.linalg.inv(a[:400].reshape(20, 20)),
    "apply_along_axis": lambda a: np.apply_along_axis(sorted, 0, a.reshape(20, 30)),
    "einsum with out": lambda a: np.einsum("ij->j", a.reshape(20, 30), out=a[:30]),
    "select": lambda a: np.select([a > 5, a < 3], [a, -a]),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_numpy(name, both):
    check(CALLS[name], np.random.default_rng(5).integers(0, 90, 600).astype("f8"), any_nan=True, ulps=4)


@pytest.mark.parametrize(
    "call",
    [lambda a: np.linalg.norm(a), lambda a: a[:400].reshape(20, 20).copy().dot(a[:20]) + np.linalg.norm(a)],
    ids=["function", "among others"],
)
def test_a_warning_names_function_bytes_and_line(call, both):
    a = CompactArray(np.arange(600))
    with (
        compactarray.config(on_dense="warn"),
        pytest.warns(DenseWarning, match=r"numpy\.linalg\.norm decodes .* 4,800 bytes") as caught,
    ):
        call(a)
    assert [(w.filename, w.lineno) for w in caught] == [(__file__, inspect.getsourcelines(call)[1])]


def test_an_error_comes_before_the_computation(both):
    with compactarray.config(on_dense="error"), pytest.raises(DenseWarning, match=r"numpy\.fft\.fft"):
        np.fft.fft(CompactArray(np.arange(600)))


DECODING = {
    "function": (lambda a: np.fft.fft(a), r"numpy\.fft\.fft"),
    "nested": (lambda a: np.linalg.multi_dot([a, a]), r"numpy\.linalg\.multi_dot"),
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
    monkeypatch.delitem(registry._DECLARED, "numpy.linalg.norm")
    a = CompactArray(np.arange(600))
    assert registry.lookup(np.linalg.norm) is None
    assert np.linalg.norm(a) == np.linalg.norm(np.arange(600))
    with compactarray.config(on_dense="error"), pytest.raises(DenseWarning):
        np.linalg.norm(a)


def test_a_refused_function_says_why(monkeypatch):
    monkeypatch.setitem(registry._DECLARED, "numpy.linalg.norm", ("refused", None, "there is no length"))
    with pytest.raises(TypeError, match="there is no length"):
        np.linalg.norm(CompactArray(np.arange(6)))

"""Several threads for one operation: the same results, errors where they belong, and no deadlock."""

import os
import threading
import warnings

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.config import settings
from compactarray.execution import threads
from compactarray.execution.threads import in_order
from compactarray.testing import assert_same, check

SIZE = 40 * settings().block_length + 5 if settings().plain_below == 0 else 20 * settings().block_length + 777


@pytest.fixture(autouse=True)
def several(monkeypatch):
    monkeypatch.setattr(threads, "CODES", 2)
    monkeypatch.setattr(threads, "VALUES", 2)
    with compactarray.config(num_threads=3):
        yield


def test_results_come_in_order():
    seen = set()

    def square(number):
        seen.add(threading.get_ident())
        return number * number

    assert list(in_order(square, range(200))) == [k * k for k in range(200)]
    assert threading.get_ident() not in seen


def test_an_error_comes_where_its_result_would():
    found = []

    def fail(number):
        if number == 7:
            raise ValueError("seven")
        return number

    with pytest.raises(ValueError, match="seven"):
        found.extend(in_order(fail, range(100)))
    assert found == list(range(7))


def test_a_task_that_shares_out_work_does_not_wait_for_ever():
    assert list(in_order(lambda k: sum(in_order(lambda j: j, range(k))), range(20))) == [sum(range(k)) for k in range(20)]


def test_operations():
    rng = np.random.default_rng(4)
    counts, noise = rng.integers(0, 200, SIZE), rng.standard_normal(SIZE)
    image = counts / 255.0
    patched = np.where(counts == 7, np.nan, counts)
    for a in (counts, noise, image, patched):
        check(lambda a: [a + a, a * 3, a < a[::-1].copy(), np.sqrt(np.abs(a)), a - noise[0]], a, any_nan=True)
        check(lambda a: a.__iadd__(a), a.copy(), any_nan=True)
    check(lambda a, b: [a + b, a > b], counts, noise)


@pytest.mark.parametrize("action", ["warn", "raise", "call"])
def test_errors_of_floats_are_those_of_one_call(action):
    a = np.arange(float(SIZE))
    a[::2] = 0
    called = []
    with np.errstate(divide=action, call=lambda *found: called.append(found)), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if action == "raise":
            with pytest.raises(FloatingPointError, match="divide by zero encountered in reciprocal"):
                np.reciprocal(CompactArray(a))
        else:
            np.reciprocal(CompactArray(a))
    assert len(caught) == (action == "warn")
    assert len(called) == (action == "call")


def test_callers_in_several_threads():
    a = CompactArray(np.arange(SIZE) % 200)
    expected = (np.arange(SIZE) % 200) * 2 + 1
    found = [None] * 6

    def work(k):
        found[k] = a * 2 + 1

    callers = [threading.Thread(target=work, args=(k,), daemon=k % 2 == 0) for k in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    for result in found:
        assert_same(result, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    a = CompactArray(np.arange(SIZE) % 200)
    assert int((a + a).sum()) == int((np.arange(SIZE) % 200).sum()) * 2
    child = os.fork()
    if not child:
        status = 1
        try:
            status = int(int((a + a).sum()) != int((np.arange(SIZE) % 200).sum()) * 2)
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0

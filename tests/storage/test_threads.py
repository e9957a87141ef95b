"""Many readers and one writer: a reader sees a block's old or new state, never a mixture; writers lose nothing."""

import itertools
import sys
import threading
import time

import numpy as np
import pytest

import compactarray
from compactarray import CompactArray
from tests.storage.test_columns import build as build_columns
from tests.storage.test_storage import build

BLOCK = 512
SIZE = 4 * BLOCK
SECONDS = 0.1
PLACES = np.random.default_rng(1).permutation(SIZE)

#: What a block is filled with; each value is the same all over the block, in another form each time.
VALUES = [0, 7, 300, 2**40 + 1, 0.5, 1e300, -1]

WRITERS = {
    "fill": lambda storage, values: storage.fill(0, SIZE, 1, values[:1]),
    "write": lambda storage, values: storage.write(0, SIZE, 1, values),
    "write a part of the end": lambda storage, values: [storage.write(b, BLOCK, 1, values[:BLOCK]) for b in range(0, SIZE, BLOCK)],
    "scatter": lambda storage, values: storage.scatter(PLACES, values),
}
READERS = {
    "read": lambda storage, out: storage.read(0, SIZE, 1, out),
    "gather": lambda storage, out: storage.gather(np.arange(SIZE), out),
}


@pytest.fixture(autouse=True)
def switching():
    """Let threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_threads(*functions):
    """Run functions of a stop event at the same time until the first ends; raise what any of them raised."""
    stop, errors = threading.Event(), []

    def guarded(function):
        try:
            function(stop)
        except BaseException as error:
            errors.append(error)
        finally:
            stop.set()

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


@pytest.mark.parametrize("dtype", ["f8", "c16", ">f8", [("a", "f8"), ("b", "f8")]], ids=str)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("reader", READERS)
def test_no_mixture(writer, reader, dtype):
    dtype = np.dtype(dtype)

    def filled(value):
        values = np.empty(SIZE, dtype)
        values[...] = value if dtype.names is None else (value, value)
        return values + 1j * values if dtype.kind == "c" else values

    storage = build(filled(0), BLOCK)
    forms = [filled(value) for value in VALUES]

    def write(stop):
        end = time.monotonic() + SECONDS
        for values in itertools.cycle(forms):
            WRITERS[writer](storage, values)
            if time.monotonic() > end or stop.is_set():
                return

    def read(stop):
        out = np.empty(SIZE, dtype)
        while not stop.is_set():
            READERS[reader](storage, out)
            for block in out.reshape(-1, BLOCK):
                assert (block == block[0]).all(), f"a mixture: {np.unique(block)}"
                if dtype.names:
                    assert block["a"][0] == block["b"][0]

    run_threads(write, read, read, read)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("reader", READERS)
def test_no_mixture_in_columns(writer, reader):
    """Each block of a column is seen as it was or as it is, also where it is read tile by tile."""
    storage = build_columns(np.zeros(SIZE), 2, BLOCK)

    def write(stop):
        end = time.monotonic() + SECONDS
        for value in itertools.cycle(VALUES):
            WRITERS[writer](storage, np.full(SIZE, float(value)))
            if time.monotonic() > end or stop.is_set():
                return

    def read(stop):
        out = np.empty(SIZE)
        while not stop.is_set():
            READERS[reader](storage, out)
            for block in out.reshape(-1, BLOCK, 2).transpose(0, 2, 1).reshape(-1, BLOCK):
                # Half a block is written at a time.
                for half in np.split(block, 2) if writer == "write a part of the end" else [block]:
                    assert (half == half[0]).all(), f"a mixture: {np.unique(half)}"

    with compactarray.config(tile_length=64):
        run_threads(write, read, read, read)


def test_items_seen_are_items_written():
    storage = build(np.zeros(SIZE), BLOCK)
    written = {0.0, *map(float, VALUES)}

    def write(stop):
        end = time.monotonic() + SECONDS
        for place, value in zip(itertools.cycle(PLACES.tolist()), itertools.cycle(VALUES), strict=False):
            storage.put_item(place, np.float64(value))
            if time.monotonic() > end or stop.is_set():
                return

    def read(stop):
        for place in itertools.cycle(range(SIZE)):
            assert float(storage.item(place)) in written
            if stop.is_set():
                return

    run_threads(write, read, read)


def test_writers_lose_nothing():
    """Neighbouring elements written by different threads, in values that need ever other forms."""
    storage, count = build(np.zeros(SIZE), BLOCK), 4

    def writer(number):
        def write(stop):
            for place in range(number, SIZE, count):
                storage.put_item(place, np.float64(VALUES[place % len(VALUES)] + number))

        return write

    threads = [threading.Thread(target=writer(number), args=(None,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out = np.empty(SIZE)
    storage.read(0, SIZE, 1, out)
    assert out.tolist() == [VALUES[place % len(VALUES)] + place % count for place in range(SIZE)]


def test_copies_are_whole_while_written():
    """A copy of an array that is being filled holds old and new blocks only."""
    a = CompactArray(np.zeros((8, 4096)))

    def write(stop):
        end = time.monotonic() + SECONDS
        for value in itertools.cycle(VALUES):
            a[...] = value
            if time.monotonic() > end or stop.is_set():
                return

    def copy(stop):
        while not stop.is_set():
            assert set(np.unique(np.asarray(a.copy())).tolist()) <= set(map(float, VALUES))

    run_threads(write, copy, copy)

"""Writing: copy on write, detached blocks, patches, thawing; and failures that leave every block old or new."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

import compactarray
from compactarray.storage import blocks
from tests.helpers import same
from tests.storage.test_storage import build, read
from tests.strategies import make

BLOCK = 64
PACKAGE = str(Path(compactarray.__file__).parent)


def shared(storage, other):
    """Return how many buffers of one storage share memory with the other."""
    theirs = list(other.buffers(0, other.size))
    return sum(any(np.shares_memory(ours, their) for their in theirs) for ours in storage.buffers(0, storage.size))


@pytest.mark.parametrize("kind", ["narrow", "sparse", "two values", "few values", "float32-born", "noise"])
def test_a_copy_shares_until_written(kind):
    values = make(kind, "f8", 50 * BLOCK)
    storage = build(values, BLOCK)
    copy = storage.copy()
    assert shared(copy, storage) == len(list(copy.buffers(0, copy.size)))
    held = copy.nbytes
    copy.put_item(5 * BLOCK + 3, np.float64(0.1))
    assert shared(copy, storage)
    assert copy.nbytes <= held + BLOCK * 8 + 100, "more than one block was detached"
    same(read(storage), values)
    values[5 * BLOCK + 3] = 0.1
    same(read(copy), values)


def test_a_write_detaches_one_block_and_what_it_pins_is_counted(shipped):
    values = np.random.default_rng(1).integers(0, 200, 10 * 65_536)
    storage = build(values)
    held = storage.nbytes
    storage.write(3 * 65_536, 65_536, 1, np.random.default_rng(2).integers(0, 2**60, 65_536))
    assert len(list(storage.held(0, storage.size))) == 3
    assert held + 8 * 65_536 <= storage.nbytes <= held + 8 * 65_536 + 1000


def test_whole_overwritten_storages_let_go():
    storage = build(make("noise", "f8", 10 * BLOCK), BLOCK)
    storage.write(0, 10 * BLOCK, 1, np.zeros(10 * BLOCK))
    assert storage.nbytes <= 16
    storage = build(make("noise", "f8", 10 * BLOCK), BLOCK)
    storage.fill(0, 10 * BLOCK, 1, np.zeros(1))
    assert storage.nbytes <= 16


def test_an_outlier_is_a_patch(shipped):
    values = np.random.default_rng(1).integers(0, 200, 65_536)
    storage = build(values)
    held = storage.nbytes
    for place in range(20):
        values[place * 1000] = 10**15 + place
        storage.put_item(place * 1000, values[place * 1000])
    assert storage.nbytes <= held + 20 * 10 + 100
    same(read(storage), values)
    storage.put_item(1000, np.int64(3))
    values[1000] = 3
    same(read(storage), values)


def test_a_fitting_write_changes_nothing_but_the_codes(shipped):
    storage = build(np.random.default_rng(1).integers(0, 200, 65_536))
    held, form = storage.nbytes, [h.name for h in storage.held(0, storage.size)]
    for place in range(1000):
        storage.put_item(place * 60, np.int64(place % 200))
    assert storage.nbytes == held
    assert [h.name for h in storage.held(0, storage.size)] == form


def test_few_blocks_stay_thawed():
    """Scattered writes that fit no form must not leave the array dense."""
    values = np.random.default_rng(1).integers(0, 200, 40 * 1024)
    storage = build(values, 1024)
    rng = np.random.default_rng(2)
    for _ in range(60 * 40):
        place, value = rng.integers(0, values.size), rng.integers(0, 2**60)
        storage.put_item(place, value)
        values[place] = value
    same(read(storage), values)
    raw = sum(held.blocks for held in storage.held(0, storage.size) if held.name == "raw")
    assert raw <= blocks.THAWED + 1
    assert storage.nbytes <= 0.45 * values.nbytes
    same(read(storage.copy()), values)


def test_a_thawed_block_is_encoded_again_in_a_copy():
    values = np.zeros(1024)
    storage = build(values, 1024)
    for place in range(1000):
        values[place] = place / 7
        storage.put_item(place, values[place])
    for place in range(1000):
        values[place] = 1
        storage.put_item(place, np.float64(1))
    assert storage.copy().nbytes < 0.2 * values.nbytes
    same(read(storage), values)


@pytest.mark.parametrize("kind", ["half filled", "runs", "ramp", "decimals", "few values", "sparse", "float32-born", "outliers"])
@pytest.mark.parametrize("dtype", ["f8", "i4", "f4"])
def test_loops_of_single_writes(kind, dtype):
    """What fits and what does not, again and again at the same places, until the block is thawed; copies keep what they had."""
    rng = np.random.default_rng(3)
    values = make(kind, dtype, 3 * 1_024 + 5)
    storage = build(values.copy(), 1_024)
    odd = np.concatenate([values[:50], make("noise", dtype, 9), make("extremes", dtype, 9)])
    places = rng.integers(0, values.size, 900)
    for k, place in enumerate(places.tolist()):
        if k % 200 == 7:
            copy, kept = storage.copy(), values.copy()
        value = values[rng.integers(0, values.size)] if k % 3 else odd[rng.integers(0, odd.size)]
        values[place] = value
        storage.put_item(place, values[place])
        assert storage.item(place).tobytes() == values[place].tobytes()
    same(read(storage), values)
    same(read(copy), kept)
    # The other blocks' payloads stay shared.
    storage = build(make(kind, dtype, 20 * 1_024), 1_024)
    held = storage.nbytes
    storage.put_item(3, odd[51])
    assert storage.nbytes <= held + 1_024 * values.itemsize + 200


# -- failures -----------------------------------------------------------------------------------------------------------------

SIZE = 5 * BLOCK
KINDS = ["constant", "narrow", "sparse", "two values", "few values", "float32-born", "noise"]

# name -> (writes to the storage, writes to the ndarray)
OPERATIONS = {
    "write a range": (lambda s, v: s.write(50, 250, 1, v[:250]), lambda e, v: e.__setitem__(slice(50, 300), v[:250])),
    "write steps": (lambda s, v: s.write(5, 24, 13, v[:24]), lambda e, v: e.__setitem__(slice(5, 305, 13), v[:24])),
    "scatter": (lambda s, v: s.scatter(PLACES, v[:90]), lambda e, v: e.__setitem__(PLACES, v[:90])),
    "fill": (lambda s, v: s.fill(30, 200, 1, v[:1]), lambda e, v: e.__setitem__(slice(30, 230), v[0])),
    "put one": (lambda s, v: s.put_item(70, v[3]), lambda e, v: e.__setitem__(70, v[3])),
}
PLACES = np.random.default_rng(8).permutation(SIZE)[:90]


class Trap:
    """Raises an error at the n-th line of the package that runs: wherever a failure or an interrupt may strike."""

    def __init__(self, countdown, error):
        self.countdown = countdown
        self.error = error
        self.sprung = False

    def __call__(self, frame, event, arg):
        return self.trace if frame.f_code.co_filename.startswith(PACKAGE) else None

    def trace(self, frame, event, arg):
        if event == "line":
            self.countdown -= 1
            if self.countdown == 0:
                self.sprung = True
                raise self.error
        return self.trace

    def run(self, function, *arguments):
        """Run the function; return whether the trap went off."""
        before = sys.gettrace()
        sys.settrace(self)
        try:
            function(*arguments)
        except self.error:
            pass
        finally:
            sys.settrace(before)
        return self.sprung


def check_old_or_new(actual, old, new):
    for start in range(0, SIZE, BLOCK):
        block = slice(start, start + BLOCK)
        held = actual[block].tobytes()
        assert held in (old[block].tobytes(), new[block].tobytes()), f"block {start // BLOCK} is neither old nor new"


def prepared(kind, dtype):
    """Return a storage with frozen, owned, patched and thawed blocks, and its values."""
    values = make(kind, dtype, SIZE)
    storage, odd = build(values, BLOCK), make("noise", dtype, 40, 3)
    for place in itertools.chain([70, 71], range(128, 168), [300]):
        values[place] = odd[place % 40]
        storage.put_item(place, values[place])
    return storage, values


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("dtype", ["f8", "i4", "c8", ">i2"])
def test_every_block_is_old_or_new_after_a_failure(operation, dtype):
    write, expect = OPERATIONS[operation]
    kinds = zip(KINDS, ["noise", "outliers", "narrow", "noise", "outliers", "constant", "narrow"], strict=True)
    for kind, new_kind in list(kinds)[:: 1 if dtype == "f8" else 3]:
        new = make(new_kind, dtype, SIZE, 5)
        line, step = 1, 1
        while True:
            storage, old = prepared(kind, dtype)
            copy, expected = storage.copy() if line % 2 else None, old.copy()
            expect(expected, new)
            trap = Trap(line, MemoryError if line % 3 else KeyboardInterrupt)
            if not trap.run(write, storage, new):
                same(read(storage), expected)
                break
            check_old_or_new(read(storage), old, expected)
            if copy is not None:
                same(read(copy), old)
            write(storage, new)
            same(read(storage), expected)
            line, step = line + step, step + 1


@pytest.mark.parametrize("name", ["empty", "concatenate", "flatnonzero", "ascontiguousarray", "zeros", "array", "packbits"])
def test_no_memory(name, monkeypatch):
    """The allocation that fails may be any."""
    right = getattr(np, name)
    for operation, kind in itertools.product(OPERATIONS, KINDS):
        write, expect = OPERATIONS[operation]
        new = make("noise", "f8", SIZE, 5)
        for turn in itertools.count():
            storage, old = prepared(kind, "f8")
            calls = itertools.count()

            def failing(*args, calls=calls, turn=turn, **kwargs):
                if next(calls) == turn:
                    raise MemoryError
                return right(*args, **kwargs)

            expected = old.copy()
            expect(expected, new)
            with monkeypatch.context() as patch:
                patch.setattr(np, name, failing)
                try:
                    write(storage, new)
                except MemoryError:
                    failed = True
                else:
                    failed = False
            check_old_or_new(read(storage), old, expected)
            if not failed:
                break
            write(storage, new)
            same(read(storage), expected)

"""Random views, views of views, writes, copies and re-encoding, step by step against ndarray."""

import copy
import operator
import pickle

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from compactarray import CompactArray
from compactarray.testing import assert_same
from tests.helpers import table
from tests.strategies import ENCODED, basic_indices, fancy_indices, kinds, make, shaped

_SHAPES = st.sampled_from([(50,), (7, 9), (3, 4, 5), (2, 40), (16, 8), (1, 1), ()])
_TABLES = st.sampled_from([(50, 2), (20, 3), (9, 8), (4, 5, 3)])
_DTYPES = st.sampled_from([*ENCODED, "c8", ">f8", np.dtype([("a", "i2"), ("b", "f8")])])


_SHIFTS = [(slice(1, None), slice(None, -1)), (slice(None), slice(None, None, -1)), (slice(None, -1), slice(1, None))]
_IN_PLACE = [operator.iadd, operator.isub, operator.imul, operator.ixor, operator.iand]


class Views(RuleBasedStateMachine):
    """Pairs of a NumPy view and ours; all of them must stay the same after every step."""

    pairs = Bundle("pairs")

    def __init__(self):
        super().__init__()
        self.all = []

    def _new(self, theirs, ours):
        if not isinstance(theirs, np.ndarray) or len(self.all) >= 12:
            return multiple()
        self.all.append((theirs, ours))
        return (theirs, ours)

    @initialize(target=pairs, kind=kinds, dtype=_DTYPES, shape=_SHAPES, order=st.sampled_from("CF"))
    def start(self, kind, dtype, shape, order):
        theirs = shaped(kind, dtype, shape, order)
        return self._new(theirs, CompactArray(theirs.copy("K")))

    @rule(target=pairs, kind=kinds, dtype=_DTYPES, shape=_SHAPES)
    def make_another(self, kind, dtype, shape):
        theirs = shaped(kind, dtype, shape)
        return self._new(theirs, CompactArray(theirs.copy("K")))

    @initialize(target=pairs, kind=kinds, dtype=st.sampled_from(ENCODED), shape=_TABLES)
    def start_with_a_table(self, kind, dtype, shape):
        return self.make_table(kind, dtype, shape)

    @rule(target=pairs, kind=kinds, dtype=st.sampled_from(ENCODED), shape=_TABLES)
    def make_table(self, kind, dtype, shape):
        theirs = shaped(kind, dtype, shape)
        return self._new(theirs, table(theirs))

    @rule(target=pairs, pair=pairs, data=st.data())
    def index(self, pair, data):
        theirs, ours = pair
        index = data.draw(basic_indices(theirs.shape))
        assert_same(ours[index], theirs[index], strides=True)
        return self._new(theirs[index], ours[index])

    @rule(target=pairs, pair=pairs, data=st.data())
    def transpose(self, pair, data):
        axes = data.draw(st.permutations(range(pair[0].ndim)))
        return self._new(*(side.transpose(axes) for side in pair))

    @rule(target=pairs, pair=pairs, split=st.booleans(), order=st.sampled_from("CFA"))
    def reshape(self, pair, split, order):
        size = pair[0].size
        shape = (2, size // 2) if split and size % 2 == 0 else (-1,)
        return self._new(*(side.reshape(shape, order=order) for side in pair))

    @rule(target=pairs, pair=pairs)
    def part(self, pair):
        theirs, ours = pair
        if theirs.dtype.names:
            return self._new(theirs["b"], ours["b"])
        if theirs.dtype.kind == "c":
            return self._new(theirs.imag, ours.imag)
        if theirs.dtype.kind == "U" or theirs.dtype.itemsize not in (1, 2, 4, 8):
            return multiple()  # not every word is a code point
        word = np.dtype(f"u{theirs.dtype.itemsize}")
        return self._new(theirs.view(word), ours.view(word))

    @rule(target=pairs, pair=pairs, how=st.sampled_from(["copy", "copy.copy", "deepcopy", "pickle", "constructor", "fancy"]))
    def copy(self, pair, how):
        if how == "pickle" and not pair[0].dtype.isnative:
            how = "copy"  # NumPy's pickles lose the byte order
        functions = {
            "copy": lambda a: a.copy("K"),
            "copy.copy": copy.copy,
            "deepcopy": copy.deepcopy,
            "pickle": lambda a: pickle.loads(pickle.dumps(a)) if isinstance(a, CompactArray) else a.copy("A"),
            "constructor": lambda a: CompactArray(a, copy=True) if isinstance(a, CompactArray) else a.copy("K"),
            "fancy": lambda a: a[np.ones(a.shape, bool)],
        }
        return self._new(*map(functions[how], pair))

    @rule(pair=pairs, data=st.data(), kind=kinds, seed=st.integers(0, 99))
    def write(self, pair, data, kind, seed):
        theirs, ours = pair
        index = data.draw(basic_indices(theirs.shape) | fancy_indices(theirs.shape))
        selected = theirs[index]
        value = make(kind, theirs.dtype, max(1, selected.size), seed)
        value = value.reshape(selected.shape) if selected.size and seed % 3 else value[0]
        theirs[index] = value
        ours[index] = CompactArray(value) if isinstance(value, np.ndarray) and seed % 2 else value

    @rule(pair=pairs, data=st.data(), kind=kinds, seed=st.integers(0, 99))
    def write_items(self, pair, data, kind, seed):
        theirs, ours = pair
        if not theirs.size:
            return
        for value in make(kind, theirs.dtype, 5, seed):
            place = tuple(data.draw(st.integers(0, length - 1)) for length in theirs.shape)
            theirs[place] = ours[place] = value

    @rule(pair=pairs, level=st.sampled_from(["fast", "small"]))
    def compact(self, pair, level):
        pair[1].compact(level)

    @rule(pair=pairs, data=st.data())
    def move_within(self, pair, data):
        if pair[0].ndim:
            target, source = data.draw(st.sampled_from(_SHIFTS))
            for side in pair:
                side[target] = side[source]

    @rule(pair=pairs, function=st.sampled_from(_IN_PLACE), shift=st.sampled_from([*_SHIFTS, "transposed", "scalar", "where"]))
    def operate(self, pair, function, shift):
        """In-place operations on integers, overlapping ones too; NumPy's errors for dtypes are the other tests' business."""
        theirs = pair[0]
        if theirs.dtype.kind not in "iu" or not theirs.ndim:
            return
        for side in pair:
            if shift == "transposed":
                function(side, side.T if theirs.shape == theirs.T.shape else side)
            elif shift == "scalar":
                function(side, 3)
            elif shift == "where":
                np.add(side, side[:1], out=side, where=side > 5)
            else:
                function(side[shift[0]], side[shift[1]])

    @rule(pair=pairs)
    def fill(self, pair):
        for side in pair:
            side[...] = side[(0,) * side.ndim] if side.size else 0

    @rule(pair=pairs, other=pairs)
    def assign_from_another(self, pair, other):
        if pair[0].shape == other[0].shape and pair[0].dtype == other[0].dtype:
            # By way of a copy: between overlapping runs of other steps (x[6:16] = x[:28:3]) NumPy reads what it has written.
            pair[0][...] = other[0].copy()
            pair[1][...] = other[1]

    @invariant()
    def all_are_the_same(self):
        for theirs, ours in self.all:
            assert_same(ours, theirs, order=False)


TestViews = Views.TestCase

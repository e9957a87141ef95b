"""Random numbers are NumPy's, also where they are drawn in pieces, and the generators end in the same state."""

import pickle

import numpy
import pytest

import compactarray
from compactarray import CompactArray
from compactarray.testing import assert_same
from tests.namespace.both import check_both

#: Distribution -> parameters; each is drawn with several sizes.
DISTRIBUTIONS = {
    "beta": (2.0, 3.0),
    "binomial": (10, 0.3),
    "chisquare": (3.0,),
    "exponential": (2.0,),
    "f": (2.0, 3.0),
    "gamma": (2.0,),
    "geometric": (0.3,),
    "gumbel": (1.0, 2.0),
    "hypergeometric": (10, 5, 7),
    "laplace": (),
    "logistic": (),
    "lognormal": (1.0,),
    "logseries": (0.5,),
    "negative_binomial": (3, 0.4),
    "noncentral_chisquare": (3.0, 1.0),
    "noncentral_f": (2.0, 3.0, 1.0),
    "normal": (1.0, 2.0),
    "pareto": (2.0,),
    "poisson": (20,),
    "power": (2.0,),
    "rayleigh": (),
    "standard_cauchy": (),
    "standard_exponential": (),
    "standard_gamma": (2.0,),
    "standard_normal": (),
    "standard_t": (4,),
    "triangular": (0, 1, 3),
    "uniform": (2, 5),
    "vonmises": (0, 1),
    "wald": (1, 2),
    "weibull": (2.0,),
    "zipf": (2.5,),
}
SIZES = [None, (), 0, 7, 1001, (3, 50, 7), [20, 30], (2, 0), -1, 2.5]
BIT_GENERATORS = ["PCG64", "MT19937", "Philox", "SFC64"]


def drawn_and_next(rng, draw):
    """Return what is drawn, and what the generator gives after it."""
    found = draw(rng)
    return found, rng.bit_generator.random_raw(3).tolist() if hasattr(rng, "bit_generator") else rng.randint(0, 2**31, 3).tolist()


@pytest.mark.parametrize("bits", BIT_GENERATORS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_generator(name, bits, both):
    for size in SIZES:
        check_both(
            lambda np, size=size: drawn_and_next(
                np.random.Generator(getattr(np.random, bits)(5)), lambda rng: getattr(rng, name)(*DISTRIBUTIONS[name], size=size)
            ),
            dense=None,
        )


@pytest.mark.parametrize("name", [*DISTRIBUTIONS, "random_sample", "tomaxint"])
def test_random_state(name, both):
    for size in SIZES:
        check_both(
            lambda np, size=size: drawn_and_next(
                np.random.RandomState(5), lambda rng: getattr(rng, name)(*DISTRIBUTIONS.get(name, ()), size=size)
            ),
            dense=None,
        )


INTEGERS = [
    ((0, 1000), {}),
    ((9,), {}),
    ((0, 2**40), {}),
    ((0, 2**32), {"dtype": "u8"}),
    ((-5, 5), {"endpoint": True}),
    ((0, 200), {"dtype": "i4"}),
    ((0, 200), {"dtype": "u4"}),
    ((0, 200), {"dtype": "u2"}),
    ((0, 200), {"dtype": numpy.uint8}),
    ((0, 2), {"dtype": bool}),
    ((0, 300), {"dtype": "u1"}),
    ((0, [5, 10]), {}),
    ((0, 5), {"dtype": "f8"}),
]


@pytest.mark.parametrize(("bounds", "options"), INTEGERS, ids=str)
def test_integers(bounds, options, both):
    for size in (None, 3, 1001, (3, 50, 7), (500, 2)):
        check_both(
            lambda np, size=size: drawn_and_next(np.random.default_rng(3), lambda rng: rng.integers(*bounds, size=size, **options))
        )
        if "endpoint" not in options:
            check_both(
                lambda np, size=size: drawn_and_next(np.random.RandomState(3), lambda rng: rng.randint(*bounds, size=size, **options)),
                messages=False,
            )


CALLS = {
    "by position": lambda rng: (rng.integers(0, 9, 700, "i8", True), rng.normal(0, 1, 700), rng.random(700, "f4")),
    "float32": lambda rng: (rng.standard_normal(700, "f4"), rng.standard_exponential(700, dtype="f4", method="inv")),
    "ziggurat or not": lambda rng: rng.standard_exponential(700, method="inv"),
    "odd counts of float32": lambda rng: (rng.random(701, "f4"), rng.random(3)),
    "arrays of parameters": lambda rng: rng.normal([1.0, 2.0], 1, (600, 2)),
    "choice": lambda rng: (
        rng.choice(5, 700),
        rng.choice([1.5, 2.5], 3),
        rng.choice(9, 4, replace=False),
        rng.choice(3, p=[0.1, 0.2, 0.7]),
    ),
    "permutation": lambda rng: (rng.permutation(700), rng.permutation([1, 2, 3])),
    "permuted": lambda rng: rng.permuted([[1, 2, 3], [4, 5, 6]], axis=1),
    "multinomial": lambda rng: rng.multinomial(5, [0.2, 0.8], 600),
    "dirichlet": lambda rng: rng.dirichlet([1.0, 2.0], 600),
    "multivariate_normal": lambda rng: rng.multivariate_normal([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]], 600),
    "multivariate_hypergeometric": lambda rng: rng.multivariate_hypergeometric([5, 6], 3, 600),
    "bytes": lambda rng: rng.bytes(5),
    "scalars": lambda rng: (rng.random(), rng.normal(), rng.integers(5), rng.standard_normal(dtype="f4")),
    "wrong parameters": lambda rng: rng.normal(0, -1, 700),
    "a wrong word": lambda rng: rng.standard_exponential(700, method="no such"),
    "too many arguments": lambda rng: rng.normal(0, 1, 700, 5),
    "spawned": lambda rng: [child.random(600) for child in rng.spawn(2)],
    "pickled": lambda rng: pickle.loads(pickle.dumps(rng)).random(600),
}


@pytest.mark.parametrize("name", CALLS)
def test_call(name, both):
    check_both(lambda np: CALLS[name](np.random.default_rng(11)))


def test_shuffled(both):
    def shuffled(np):
        rng, state = np.random.default_rng(2), np.random.RandomState(2)
        a, b, c, d = np.arange(600), np.arange(600).reshape(100, 6), [1, 2, 3], np.arange(12).reshape(3, 4)
        rng.shuffle(a)
        rng.shuffle(b)
        rng.shuffle(c)
        rng.shuffle(d, axis=1)
        state.shuffle(b)
        np.random.seed(3)
        np.random.shuffle(a)
        return a, b, c, d

    check_both(shuffled)


def test_into_targets(both):
    def drawn(np):
        rng = np.random.default_rng(2)
        a, b, c = np.zeros(600), np.zeros((10, 60), "f4"), np.zeros((2, 3), int)
        found = [
            rng.random(out=a) is a,
            rng.standard_normal(dtype="f4", out=b) is b,
            rng.permuted(np.arange(6).reshape(2, 3), axis=1, out=c) is c,
        ]
        return a, b, c, found

    check_both(drawn)


def test_module_functions(both):
    """They draw from NumPy's own global generator."""

    def drawn(np):
        np.random.seed(7)
        found = [
            np.random.rand(),
            np.random.rand(30, 40),
            np.random.randn(700),
            np.random.randn(),
            np.random.normal(1, 2, (30, 40)),
            np.random.randint(0, 10, 700),
            np.random.randint(0, 10, 700, dtype="u1"),
            np.random.random(700),
            np.random.choice(5, 3),
            np.random.permutation(700),
            np.random.uniform(size=3),
            np.random.poisson(3, 700),
        ]
        return found, numpy.random.random()  # noqa: NPY002 - the global generator is what this is about

    check_both(drawn)


def test_classes():
    rng = compactarray.random.default_rng(1)
    assert isinstance(rng, numpy.random.Generator)
    assert type(rng) is type(pickle.loads(pickle.dumps(rng))) is compactarray.random.Generator
    assert compactarray.random.default_rng(rng) is rng
    other = numpy.random.default_rng(1)
    assert compactarray.random.default_rng(other).bit_generator is other.bit_generator
    state = compactarray.random.RandomState(4)
    state.standard_normal()
    assert type(pickle.loads(pickle.dumps(state))) is compactarray.random.RandomState
    assert pickle.loads(pickle.dumps(state)).standard_normal() == state.standard_normal()


def test_large_arrays_are_compact(shipped):
    rng = compactarray.random.default_rng(1)
    counts = rng.poisson(20, (500, 400))
    assert type(counts) is CompactArray
    assert counts.nbytes < 0.2 * counts.dense_nbytes
    assert_same(counts, numpy.random.default_rng(1).poisson(20, (500, 400)))

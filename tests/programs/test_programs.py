"""The same output, whichever of the two is ``np``."""

import importlib

import numpy
import pytest

import compactarray
from compactarray.testing import assert_same

#: What floating reductions may differ by, relative to the largest value of each result: they may associate differently.
PROGRAMS = {
    "group_by": 1e-13,
    "gray_scott": 0.0,
    "image": 0.0,
    "kalman": 1e-11,
    "kmeans": 1e-12,
    "life": 0.0,
    "monte_carlo": 1e-13,
}


def compare(actual, expected, relative, dense=False):
    """Compare results, each with the bound that goes with its size."""
    if isinstance(expected, tuple | list):
        assert type(actual) is type(expected)
        for ours, theirs in zip(actual, expected, strict=True):
            compare(ours, theirs, relative, dense)
        return
    numbers = isinstance(expected, float) or (isinstance(expected, numpy.ndarray | numpy.generic) and expected.dtype.kind == "f")
    largest = float(numpy.nanmax(numpy.abs(expected), initial=0.0)) if numbers else 0.0
    assert_same(actual, expected, error=relative * largest, dense=dense)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name, both):
    main = importlib.import_module(f"tests.programs.{name}").main
    compare(main(compactarray), main(numpy), PROGRAMS[name])

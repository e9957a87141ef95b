"""Programs that nobody here wrote give the same with compact arrays, and with this package in the place of NumPy."""

import logging
from importlib.util import find_spec

import numpy
import pytest

import compactarray
from tests.programs.installed import PARTICULAR, PROGRAMS
from tests.programs.test_programs import compare


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """Keep emcee from telling that a test's chain is short."""
    monkeypatch.setattr(logging.getLogger(), "level", logging.ERROR)


WAYS = [
    (program, inside)
    for program in PROGRAMS
    for inside in (compactarray, numpy)
    if inside is compactarray or program not in PARTICULAR
]


@pytest.mark.parametrize(("program", "inside"), WAYS, ids=lambda value: value.__name__)
def test_installed(program, inside):
    package, relative = PROGRAMS[program]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install --no-deps -r tests/programs/requirements.txt")
    # What NumPy's own functions make within the package is an ndarray.
    compare(program(compactarray, inside), program(numpy, numpy), relative, dense=False if inside is compactarray else None)

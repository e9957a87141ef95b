"""Hypothesis profiles, and the suite in miniature.

As shipped: ``pytest``. In miniature, where every few elements there is the edge of a block or a tile, set in the environment
COMPACTARRAY_BLOCK_LENGTH=8, COMPACTARRAY_TILE_LENGTH=4, COMPACTARRAY_PLAIN_BELOW=0 and COMPACTARRAY_NUM_THREADS=2. Tests whose
meaning hangs on the settings take the fixture `miniature`, `shipped` or `both`. They do the same whatever is set, so
they are deselected where other lengths than those of the defaults are.
"""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

import compactarray
from compactarray.config import Config
from compactarray.config import settings as current

if "COMPACTARRAY_KERNELS" not in os.environ:
    # Compiled before they are used: numba catches warnings of its own, in all threads, and tests compare those of NumPy.
    compactarray.config(kernels="numba")

MINIATURE = {"block_length": 8, "tile_length": 4, "plain_below": 0, "num_threads": 2}
SHIPPED = {name: getattr(Config(), name) for name in MINIATURE}

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile("dev", max_examples=40, deadline=None, suppress_health_check=_QUIET, stateful_step_count=20)
settings.register_profile("ci", parent=settings.get_profile("dev"), max_examples=60, derandomize=True, print_blob=True)
settings.register_profile("nightly", parent=settings.get_profile("dev"), max_examples=2000, stateful_step_count=60)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what sets the lengths itself, unless they are those of the defaults."""
    if all(getattr(current(), name) == value for name, value in SHIPPED.items() if name != "num_threads"):
        return
    settled = [item for item in items if not {"miniature", "shipped", "both"}.isdisjoint(getattr(item, "fixturenames", ()))]
    if settled:
        config.hook.pytest_deselected(items=settled)
        left_out = set(settled)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Let the garbage collector, which some tests call, pass over tens of thousands of tests."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """Say which settings the suite runs under."""
    return f"compactarray: {current()}"


@pytest.fixture
def miniature() -> Iterator[None]:
    """Run a test in blocks of 8 elements and tiles of 4, nothing too small to encode, with two threads."""
    with compactarray.config(**MINIATURE):
        yield


@pytest.fixture
def shipped() -> Iterator[None]:
    """Run a test with the lengths of the defaults, whatever the environment says."""
    with compactarray.config(**SHIPPED):
        yield


@pytest.fixture(params=["shipped", "miniature"])
def both(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test both ways."""
    with compactarray.config(**(MINIATURE if request.param == "miniature" else SHIPPED)):
        yield request.param

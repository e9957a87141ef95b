"""Settings: from the environment, for a while, for good; and what is refused."""

import dataclasses
import os
import subprocess
import sys

import pytest

import compactarray
from compactarray.config import Config, settings
from tests.conftest import MINIATURE


def test_for_a_while():
    before = settings()
    with compactarray.config(block_length=16, num_threads=3) as inside:
        assert inside is settings()
        assert (settings().block_length, settings().num_threads) == (16, 3)
        with compactarray.config(block_length=24):
            assert (settings().block_length, settings().num_threads) == (24, 3)
        assert settings().block_length == 16
    assert settings() == before
    with pytest.raises(RuntimeError), compactarray.config(tile_length=5):
        raise RuntimeError
    assert settings() == before


def test_for_good():
    before = settings()
    compactarray.config(tile_length=77)
    assert settings().tile_length == 77
    compactarray.config(**dataclasses.asdict(before))
    assert settings() == before


WRONG = [
    ({"block_length": 0}, ValueError),
    ({"block_length": 12}, ValueError),
    ({"block_length": 65_544}, ValueError),
    ({"block_length": 8.0}, TypeError),
    ({"tile_length": 0}, ValueError),
    ({"tile_length": True}, TypeError),
    ({"plain_below": -1}, ValueError),
    ({"num_threads": 0}, ValueError),
    ({"kernels": "fast"}, ValueError),
    ({"no_such_setting": 1}, TypeError),
]


@pytest.mark.parametrize(("changes", "error"), WRONG, ids=str)
def test_what_is_refused(changes, error):
    before = settings()
    with pytest.raises(error):
        compactarray.config(**changes)
    assert settings() == before


def test_config_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().block_length = 8


def in_a_process(**variables):
    """Return the settings that a fresh process finds, or its error."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COMPACTARRAY_")}
    code = "from compactarray.config import settings; print(settings())"
    done = subprocess.run([sys.executable, "-c", code], env=clean | variables, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_the_environment():
    variables = {f"COMPACTARRAY_{name.upper()}": str(value) for name, value in MINIATURE.items()}
    assert in_a_process(COMPACTARRAY_KERNELS="numpy", **variables) == str(Config(**MINIATURE, kernels="numpy"))
    assert f"block_length={Config().block_length}" in in_a_process()
    assert "COMPACTARRAY_NUM_THREADS" in in_a_process(COMPACTARRAY_NUM_THREADS="many")
    assert "ValueError" in in_a_process(COMPACTARRAY_BLOCK_LENGTH="7")

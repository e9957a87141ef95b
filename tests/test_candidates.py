"""What every encoding would have taken: estimates that can be relied on, of every part of the elements."""

import json

import numpy as np
import pytest

from compactarray import CompactArray
from compactarray.candidates import MOST_BLOCKS, Candidates, sampled_starts
from compactarray.cli import main
from compactarray.encodings.select import ENCODINGS
from compactarray.inspect import inspect_file

RNG = np.random.default_rng(3)
NAMES = {encoding.name for encoding in ENCODINGS} | {"level fast", "level small"}

# What is chosen, and what one of its elements takes.
CHOSEN = {
    "narrow": (RNG.integers(0, 256, 200_000), 1.0),
    "decimal": (RNG.integers(0, 30_000, 200_000) / 100, 2.0),
    "runs": (np.repeat(RNG.integers(0, 60_000, 200), 1000), 0.01),
    "sequence": (np.arange(200_000) * 7, 0.01),
    "constant": (np.zeros(200_000), 0.01),
    "raw": (RNG.standard_normal(200_000), 8.0),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_chosen(name, shipped):
    values, size = CHOSEN[name]
    found = CompactArray(values).info.candidates
    assert {candidate.name for candidate in found} == NAMES
    (chosen,) = [candidate for candidate in found if candidate.chosen]
    assert (chosen.name, chosen.applies, chosen.blocks, chosen.chosen) == (name, 4, 4, 4)
    fast, small = found[-2:]
    assert (fast.name, small.name) == ("level fast", "level small")
    assert chosen.bytes_per_element == pytest.approx(size, rel=0.02, abs=0.01)
    assert small.bytes_per_element <= fast.bytes_per_element <= size * 1.02
    assert found[0] is chosen


def test_only_what_the_view_touches(both):
    length = 65_536 if both == "shipped" else 8
    values = np.concatenate([np.zeros(2 * length), RNG.integers(0, 200, 2 * length)])
    a = CompactArray(values)
    assert [candidate.name for candidate in a[: 2 * length].info.candidates if candidate.chosen] == ["constant"]
    assert "constant" not in [candidate.name for candidate in a[2 * length :].info.candidates if candidate.chosen]
    assert {candidate.blocks for candidate in a.info.candidates} == {4}
    assert {candidate.blocks for candidate in a[::-1].info.candidates} == {4}


def test_parts():
    dtype = np.dtype([("time", ">M8[s]"), ("wave", "c16"), ("inner", [("x", "f4")])])
    found = CompactArray(np.zeros(10, dtype)).info.candidates
    assert sorted({candidate.part for candidate in found}) == ["inner.x", "time", "wave.imag", "wave.real"]
    assert {candidate.name for candidate in found if candidate.chosen} == {"constant"}


@pytest.mark.parametrize("values", [np.zeros(0), np.array([None]), np.zeros((3, 0))])
def test_nothing_to_choose(values):
    found = CompactArray(values).info.candidates
    assert found == () and isinstance(found, Candidates)
    assert found.lines() == [] and "no candidates" in repr(found)


def test_blocks_are_spread():
    for size in range(1, 300):
        starts = sampled_starts(size, 8)
        assert starts == sorted(set(starts)) and len(starts) == min(MOST_BLOCKS, -(-size // 8))
        assert starts[0] == 0 and starts[-1] == (size - 1) // 8 * 8
    assert sampled_starts(0, 8) == []


def test_shown():
    info = CompactArray(np.arange(1000) % 50).info
    text, html = repr(info.candidates), info.candidates._repr_html_()
    for name in NAMES:
        assert name in text and f"<td>{name}</td>" in html
    assert "candidates" not in info.as_dict()
    listed = json.loads(json.dumps(info.as_dict(candidates=True)))["candidates"]
    assert {candidate["name"] for candidate in listed} == NAMES
    assert "applies to" not in repr(info)


@pytest.mark.parametrize(
    "make", [lambda: RNG.integers(0, 900, 20_000), lambda: np.zeros(9, "c8"), lambda: np.array(["a"]), lambda: np.zeros(0)]
)
def test_of_files(make, tmp_path, both):
    """Of a file that is read piece by piece as of the array."""
    values = make()
    np.save(tmp_path / "a.npy", values)
    (report,) = inspect_file(tmp_path / "a.npy", candidates=True)
    assert report.candidates == CompactArray(values).info.candidates
    (brief,) = inspect_file(tmp_path / "a.npy")
    assert brief.candidates == () and "candidates" not in brief.as_dict()
    assert ("candidates" in report.as_dict()) == bool(report.candidates)


def test_levels_of_files(tmp_path, shipped):
    values = RNG.integers(0, 16, 100_000)
    np.save(tmp_path / "a.npy", values)
    for level in ("fast", "small"):
        (report,) = inspect_file(tmp_path / "a.npy", level=level)
        assert report.info == CompactArray(values, level=level).info
    with pytest.raises(ValueError, match="level must be"):
        list(inspect_file(tmp_path / "a.npy", level="tiny"))


def test_command_line(tmp_path, capsys, shipped):
    path = str(tmp_path / "a.npy")
    np.save(path, RNG.integers(0, 16, 100_000))
    assert main(["inspect", "--level", "small", "--candidates", path]) == 0
    out = capsys.readouterr().out
    assert "packed" in out and "applies to" in out and "level small" in out
    assert max(map(len, out.splitlines())) <= 100
    assert main(["inspect", "--json", "--candidates", path]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert {candidate["name"] for candidate in entry["candidates"]} == NAMES

"""Lines of the table: aligned, a bar that fills as bytes are held, every encoding shown."""

import numpy as np
import pytest

from compactarray.info import Info, Share
from compactarray.table import ACROSS, WIDTH, Timing, array_lines, bar, heading, timing_lines


def info(*nbytes, dense=2400, dtype="f8"):
    shares = tuple(Share(f"encoding{i}", 1, 100, held) for i, held in enumerate(nbytes))
    return Info(np.dtype(dtype), (300,), sum(nbytes), dense, shares)


@pytest.mark.parametrize(
    ("nbytes", "expected"),
    [
        ((2400,), "#" * 24),
        ((1200,), "#" * 12 + "." * 12),
        ((600, 600), "#" * 6 + "=" * 6 + "." * 12),
        ((1,), "#" + "." * 23),
        ((1199, 1), "#" * 12 + "=" + "." * 11),
        ((5000,), "#" * 24),
        ((2400, 1), "#" * 24),
        ((100,) * 9, "#=+-:*%%%" + "." * 15),
        ((), "." * 24),
    ],
)
def test_bar(nbytes, expected):
    assert bar(info(*nbytes)) == expected


def test_heading_is_as_wide_as_the_table():
    names, rule = heading().splitlines()
    assert len(names) == len(rule) == WIDTH == 100


@pytest.mark.parametrize("name", ["a", "a" * 33, "a" * 34, "a" * 90])
@pytest.mark.parametrize("remark", ["", "fine"])
@pytest.mark.parametrize("shares", [1, 4, 7])
def test_lines(name, remark, shares):
    lines = array_lines(name, info(*[100] * shares), remark)
    text = "\n".join(lines)
    assert len(lines[0]) == WIDTH or lines[0] == name
    for word in (name, "float64", "(300,)", "2,400", *(f"encoding{i} {1 / shares:.1%}" for i in range(shares))):
        assert word in text
    assert text.endswith(remark)
    assert len(lines) <= 4


def test_empty_and_long_dtypes():
    assert "1.000" in array_lines("none", Info(np.dtype("f8"), (0,), 0, 0, ()))[0]
    assert "…" in array_lines("long", info(1, dtype="M8[25000s]"))[0]
    assert "2 fields" in array_lines("record", info(1, dtype="i4,i4"))[0]


@pytest.mark.parametrize("count", [1, ACROSS])
def test_timings(count):
    timings = [Timing("x ^ x[::-1]", 0.254 * 10**i, 12_560_000, 999_000_000) for i in range(count)]
    names, ratios, peaks = timing_lines(timings)
    assert len(names) == len(ratios) == len(peaks) <= WIDTH
    assert names.split("  ")[-1].strip() == "x ^ x[::-1]"
    assert ratios.split()[:3] == ["time", "/", "NumPy"]
    assert ratios.split()[3:] == [f"{timing.ratio:.2f}" for timing in timings]
    assert peaks.endswith(" 12.6 (999.0)" * count)


def test_no_timings():
    assert timing_lines([]) == []


def test_columns_are_told():
    shares = (Share("narrow", 2, 6, 6), Share("constant", 1, 3, 8))
    assert array_lines("table", Info(np.dtype("f8"), (3, 3), 14, 72, shares, 3))[1].endswith("in 3 columns")

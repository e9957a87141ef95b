"""The demonstration: everything it shows is true, and it fails when an answer is wrong."""

import io
import re

import numpy as np
import pytest

from compactarray import demo
from compactarray.config import settings
from compactarray.demo import CHECKS, Example, article_examples, article_image, computed, failures, real_examples, run_demo
from compactarray.interop.sparse import coo_nbytes
from compactarray.table import ACROSS, WIDTH

EXAMPLES = [*article_examples(), *real_examples()]

#: What is timed of each array.
TIMINGS = 6


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Time little: how long it takes is not what is tested."""
    monkeypatch.setattr(demo, "TIMED", 2000)
    monkeypatch.setattr(demo, "TURNS", 1)


def test_output(capsys, shipped):
    assert run_demo() == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= WIDTH
    for example in EXAMPLES:
        assert example.title in out
    total = (CHECKS + TIMINGS) * len(EXAMPLES)
    assert len(re.findall(r"^    time / NumPy( +[\d.]+){6}$", out, re.MULTILINE)) == len(EXAMPLES)
    assert len(re.findall(r"^    peak MB \(NumPy\)( +[\d.]+ \([\d.]+\)){6}$", out, re.MULTILINE)) == len(EXAMPLES)
    assert f"{total} of {total} answers equal NumPy's, bit for bit." in out
    assert "sparse.COO: 2,514,648 bytes in the founding article, 2,514,648 bytes measured here" in out
    assert "FAILED" not in out


def test_what_is_promised(shipped):
    """The figures of the first page: ones cost nothing, the article's image less than an eighth."""
    stream = io.StringIO()
    assert run_demo(stream) == 0
    ratios = dict(re.findall(r"^(\S.*?)  +.* ([\d.]+)$", stream.getvalue(), re.MULTILINE))
    assert float(ratios["ones, 1024 x 1024"]) < 0.001
    assert float(ratios["noise, 90% of the pixels black"]) <= 0.126
    assert float(ratios["the same, a mask"]) <= 0.126


def test_article_image():
    image = article_image()
    assert image.shape == (1024, 1024)
    assert image.nbytes == 8_388_608
    assert np.count_nonzero(image) == demo.ARTICLE_PIXELS
    assert image[image > 0].min() > 0.9
    assert coo_nbytes(image) == demo.ARTICLE_COO_NBYTES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_examples_are_left_alone_and_right(example, both):
    if both == "miniature":
        part = example.array.reshape(-1)[:2000].copy()
        example = Example(example.title, part, example.outlier)
    before = example.array.tobytes()
    assert failures(example) == []
    assert example.array.tobytes() == before


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_what_is_timed_is_right(example, both, monkeypatch):
    length = 2000 if both == "shipped" else 300
    monkeypatch.setattr(demo, "TIMED", length)
    part = example.array.reshape(-1)[:length].copy()
    before = part.tobytes()
    timings, found = computed(part)
    assert found == []
    assert part.tobytes() == before
    assert len(timings) == TIMINGS <= ACROSS
    for timing in timings:
        assert timing.ratio > 0
        assert timing.peak > 0 and timing.dense_peak > 0


def test_short_arrays_are_repeated():
    dense, compact = demo.operands(np.arange(6).reshape(2, 3))
    assert dense.x.shape == compact.x.shape == dense.mask.shape == (2000,)
    assert dense.x[:8].tolist() == [0, 1, 2, 3, 4, 5, 0, 1]
    assert dense.median == compact.median == 2
    assert demo.operands(np.zeros(2001))[1].x.size == 2001


def test_settings_are_as_they_were(shipped):
    before = settings()
    computed(np.arange(20))
    assert settings() == before


def test_sums_may_differ_by_rounding_alone(monkeypatch, shipped):
    x = np.random.default_rng(0).random(2000)
    bound = demo._rounding(x)
    assert 0 < bound < 1e-11
    assert demo._rounding(np.arange(3)) == 0

    def off_by(error):
        return lambda o: o.x.sum() if isinstance(o.x, np.ndarray) else o.x.sum() + error

    monkeypatch.setitem(demo.COMPUTATIONS["f"], "x.sum()", off_by(bound / 2))
    assert computed(x)[1] == []
    monkeypatch.setitem(demo.COMPUTATIONS["f"], "x.sum()", off_by(bound * 2))
    assert [line.split(":")[0] for line in computed(x)[1]] == ["x.sum()"]


def test_a_wrong_answer_is_told(monkeypatch, shipped):
    example = Example("counts", np.arange(2000) % 9, 10**15)

    def differs(x):
        return x[3] if isinstance(x, np.ndarray) else x[4]

    def fails(x):
        raise RuntimeError("broken")

    monkeypatch.setitem(demo.READS, "an item", differs)
    monkeypatch.setitem(demo.READS, "a mask", fails)
    found = failures(example)
    assert [line.split(":")[0] for line in found] == ["an item", "a mask"]
    assert "broken" in found[1]
    monkeypatch.setattr(demo, "real_examples", lambda: [example])
    monkeypatch.setattr(demo, "article_examples", lambda: [example])
    stream = io.StringIO()
    assert run_demo(stream) == 1
    checks = CHECKS + TIMINGS
    assert f"2 of {checks} checks FAILED" in stream.getvalue()
    assert f"{2 * checks - 4} of {2 * checks} answers" in stream.getvalue()
    monkeypatch.setitem(demo.COMPUTATIONS["i"], "x[mask]", lambda o: fails(o.x) if isinstance(o.x, np.ndarray) else 0)
    stream = io.StringIO()
    assert run_demo(stream) == 1
    assert "FAILED x[mask]: broken" in stream.getvalue()
    assert f"3 of {checks} checks FAILED" in stream.getvalue()


def test_without_sparse(monkeypatch, shipped):
    monkeypatch.setitem(__import__("sys").modules, "sparse", None)
    assert coo_nbytes(np.eye(3)) is None
    stream = io.StringIO()
    monkeypatch.setattr(demo, "real_examples", list)
    monkeypatch.setattr(demo, "article_examples", list)
    assert run_demo(stream) == 0
    assert "sparse is not installed" in stream.getvalue()

"""The demonstration: everything it shows is true, and it fails when an answer is wrong."""

import io
import re

import numpy as np
import pytest

from compactarray import demo
from compactarray.demo import CHECKS, Example, article_examples, article_image, failures, real_examples, run_demo
from compactarray.interop.sparse import coo_nbytes

EXAMPLES = [*article_examples(), *real_examples()]


def test_output(capsys, shipped):
    assert run_demo() == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    for example in EXAMPLES:
        assert example.title in out
    total = CHECKS * len(EXAMPLES)
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
    assert f"2 of {CHECKS} checks FAILED" in stream.getvalue()
    assert f"{2 * CHECKS - 4} of {2 * CHECKS} answers" in stream.getvalue()


def test_without_sparse(monkeypatch, shipped):
    monkeypatch.setitem(__import__("sys").modules, "sparse", None)
    assert coo_nbytes(np.eye(3)) is None
    stream = io.StringIO()
    monkeypatch.setattr(demo, "real_examples", list)
    monkeypatch.setattr(demo, "article_examples", list)
    assert run_demo(stream) == 0
    assert "sparse is not installed" in stream.getvalue()

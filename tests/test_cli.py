"""The command line: what it prints, where, and its exit codes."""

import io
import json
import os
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import compactarray
from compactarray import cli
from compactarray.cli import main

ROOT = Path(__file__).parent.parent


@pytest.fixture
def as_shipped(shipped):
    """The environment of a subprocess without settings: its work is not about the edges of blocks, and is long in miniature."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COMPACTARRAY_")}


@pytest.fixture
def folder(tmp_path, monkeypatch, as_shipped):
    """A folder with files of every kind, good and bad, to work in."""
    monkeypatch.chdir(tmp_path)
    np.save("counts.npy", np.arange(100_000) % 200)
    np.save("noise.npy", np.random.default_rng(0).random(50_000))
    np.savez("both.npz", zeros=np.zeros((300, 300)), noise=np.random.default_rng(1).random(5_000))
    np.save("objects.npy", np.array([1, None]))
    whole = io.BytesIO()
    np.save(whole, np.arange(100))
    tmp_path.joinpath("short.npy").write_bytes(whole.getvalue()[:-10])
    tmp_path.joinpath("pickle.npy").write_bytes(pickle.dumps([1]))
    tmp_path.joinpath("text.csv").write_text("a,b\n1,2\n")
    tmp_path.joinpath("empty.npy").write_bytes(b"")
    tmp_path.joinpath("damaged.npz").write_bytes(b"PK\x03\x04...")
    tmp_path.joinpath("folder").mkdir()
    return tmp_path


BAD = {
    "missing.npy": "missing.npy: No such file or directory",
    "objects.npy": "objects.npy: Object arrays cannot be loaded when allow_pickle=False",
    "short.npy": "short.npy: truncated: expected 800 bytes of elements, found 790",
    "pickle.npy": "pickle.npy: neither a .npy nor a .npz file (pickles are never loaded)",
    "text.csv": "text.csv: neither a .npy nor a .npz file (pickles are never loaded)",
    "empty.npy": "empty.npy: No data left in file",
    "damaged.npz": "damaged.npz: damaged archive: File is not a zip file",
    "folder": "folder: Is a directory",
}


@pytest.mark.parametrize("file", BAD)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_bad_file_gets_one_line(file, options, folder, capsys):
    assert main(["inspect", *options, file, "counts.npy"]) == 1
    out, err = capsys.readouterr()
    assert err == f"compactarray: {BAD[file]}\n"
    assert "counts.npy" in out


def test_inspect(folder, capsys):
    assert main(["inspect", "counts.npy", "both.npz"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 100
    for word in (
        "counts.npy",
        "both.npz[zeros]",
        "both.npz[noise]",
        "int64",
        "(300,300)",
        "800,000",
        "3 arrays: 1,560,000 bytes dense",
    ):
        assert word in out
    told = out[out.index("Not worth compacting") :]
    assert "both.npz[noise]" in told
    assert "zeros" not in told


def test_nothing_to_remark(folder, capsys):
    assert main(["inspect", "counts.npy"]) == 0
    out = capsys.readouterr().out
    assert "Not worth" not in out
    assert "arrays:" not in out


def test_json(folder, capsys):
    assert main(["inspect", "--json", "counts.npy", "both.npz", "missing.npy"]) == 1
    counts, zeros, noise, missing = json.loads(capsys.readouterr().out)
    assert counts["file"] == "counts.npy"
    assert counts["member"] is None
    assert counts["dtype"] == "int64"
    assert counts["shape"] == [100_000]
    assert counts["dense_nbytes"] == 800_000
    assert counts["nbytes"] == compactarray.load("counts.npy").nbytes
    assert counts["worthwhile"] is zeros["worthwhile"] is True
    assert noise["worthwhile"] is False
    assert missing == {"file": "missing.npy", "error": BAD["missing.npy"]}


def test_long_names_and_strange_dtypes_are_aligned(folder, capsys):
    name = "a_rather_long_name_that_needs_a_line_of_its_own.npz"
    np.savez(name, fields=np.zeros(20, "i4,f8"), text=np.array(["a" * 1_000_000]), none=np.empty(0))
    assert main(["inspect", name]) == 0
    out = capsys.readouterr().out
    assert name in out
    assert "2 fields" in out
    assert max(map(len, out.splitlines())) <= 100


def test_version_and_help(capsys):
    for option, word in (("--version", f"compactarray {compactarray.__version__}"), ("--help", "inspect")):
        with pytest.raises(SystemExit) as end:
            main([option])
        assert end.value.code == 0
        assert word in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["inspect"], ["nonsense"]])
def test_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_interrupted(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run_demo", interrupt)
    assert main(["demo"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_as_a_module(folder, as_shipped):
    command = [sys.executable, "-m", "compactarray", "inspect", folder / "counts.npy", folder / "missing.npy"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=as_shipped)
    assert done.returncode == 1
    assert "counts.npy" in done.stdout
    assert done.stderr == f"compactarray: {folder / 'missing.npy'}: No such file or directory\n"


def test_as_a_module_in_this_process(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["compactarray", "inspect", "missing.npy"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("compactarray", run_name="__main__")
    assert end.value.code == 1


def test_a_reader_that_leaves(folder, as_shipped):
    """`compactarray inspect ... | head -1` ends without a traceback."""
    command = [sys.executable, "-m", "compactarray", "inspect", *[folder / "counts.npy"] * 50]
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=as_shipped)
    finally:
        os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""

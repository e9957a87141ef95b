"""The command line: ``compactarray demo`` and ``compactarray inspect FILE...``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence

from compactarray._version import __version__
from compactarray.demo import run_demo
from compactarray.inspect import NOT_WORTH, Problem, Report, inspect_file
from compactarray.storage.compaction import LEVELS
from compactarray.table import array_lines, heading

_DESCRIPTION = "NumPy arrays held in as few bytes as they need."

_EPILOG = """\
examples:
  compactarray demo                         memory and time on real arrays, checked against NumPy
  compactarray inspect counts.npy data.npz  what would be saved on your own
  compactarray inspect --candidates a.npy   what each encoding would take of it
  compactarray inspect --json *.npy | jq    the same for programs
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="compactarray",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"compactarray {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "demo",
        help="compact real arrays that ship with the package, and check every answer",
        description="Compact real arrays that ship with the package and two synthetic images; show what each takes "
        "and check indexing and writing against NumPy. Exits with 1 if an answer differs.",
    )
    inspect = commands.add_parser(
        "inspect",
        help="tell what the arrays of .npy and .npz files would take",
        description="Tell what the arrays of .npy and .npz files would take as compact arrays. Files are read block by block; none is "
        "ever held whole. Exits with 1 if a file cannot be read; the others are reported all the same.",
    )
    inspect.add_argument("files", nargs="+", metavar="FILE", help="a .npy or .npz file")
    inspect.add_argument(
        "--level", choices=LEVELS, default=LEVELS[0], help="how small the arrays are to become (default: %(default)s)"
    )
    inspect.add_argument("--candidates", action="store_true", help="tell also what every encoding would take, on some blocks")
    inspect.add_argument("--json", action="store_true", help="print a JSON list instead of text")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Arguments after the program's name; those of the process by default.

    Returns
    -------
    int
        0, or 1 where a check failed or a file could not be read.

    Examples
    --------
    >>> from compactarray.cli import main
    >>> main(["inspect", "--json", "/nowhere/counts.npy"])
    [
      {
        "file": "/nowhere/counts.npy",
        "error": "/nowhere/counts.npy: No such file or directory"
      }
    ]
    1
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "demo":
            return run_demo()
        return _inspect(options.files, level=options.level, candidates=options.candidates, as_json=options.json)
    except BrokenPipeError:
        # The reader (`head`, a pager) has seen enough. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130


def _inspect(files: Sequence[str], *, level: str, candidates: bool, as_json: bool) -> int:
    reports: list[Report] = []
    entries: list[Report | Problem] = []
    for file in files:
        for entry in inspect_file(file, level=level, candidates=candidates):
            entries.append(entry)
            if isinstance(entry, Problem):
                print(f"compactarray: {entry.message}", file=sys.stderr)
                continue
            reports.append(entry)
            if not as_json:
                # Each as it is ready: a long list of files should not keep its reader waiting.
                _print_report(entry, first=len(reports) == 1)
    if as_json:
        print(json.dumps([entry.as_dict() for entry in entries], indent=2))
    else:
        _print_summary(reports)
    return 1 if any(isinstance(entry, Problem) for entry in entries) else 0


def _print_report(report: Report, *, first: bool) -> None:
    if first:
        print(heading())
    remark = "" if report.worthwhile else "not worth compacting"
    print("\n".join(array_lines(report.name, report.info, remark) + [f"    {line}" for line in report.candidates.lines()]), flush=True)


def _print_summary(reports: Sequence[Report]) -> None:
    """Print the sums, and which arrays are better left as they are."""
    if len(reports) > 1:
        dense = sum(report.info.dense_nbytes for report in reports)
        held = sum(report.info.nbytes for report in reports)
        print(f"\n{len(reports)} arrays: {dense:,} bytes dense, {held:,} held ({held / dense if dense else 1:.3f})")
    poor = [report.name for report in reports if not report.worthwhile]
    if poor:
        print(f"\nNot worth compacting (above {NOT_WORTH} of the dense size):", *poor, sep="\n  ")

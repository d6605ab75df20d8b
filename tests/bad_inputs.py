"""Give every bad input to the command line: ``python tests/bad_inputs.py`` prints the table.

Each case runs ``bordersim`` in this process, in a folder of its own, under a limit of
time and of memory.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import bad_input_cases as cases
import bad_input_more as more_cases
import bad_input_options as option_cases
from bad_input_cases import SHIPPED, BadInput

from bordersim import data_files, run_limits
from bordersim.cli import main

GROUPS: dict[str, tuple[BadInput, ...]] = {
    "files that are no scenario": cases.NOT_A_SCENARIO,
    "keys and names": cases.KEYS_AND_NAMES,
    "spans, scales, seeds": cases.SPANS_AND_PEOPLE,
    "extends": more_cases.PARENTS,
    "parameters": more_cases.PARAMETERS,
    "policies": more_cases.POLICIES,
    "shipped data": option_cases.DATA,
    "options": option_cases.OPTIONS,
}

SECONDS = 120
"""Whoever takes longer waits for something that will not come; most answers take a hundredth."""

_COUNTS = (" file:", " files:")


class TooSlowError(BaseException):
    """No answer in time; derived so that nothing on the way takes it for its own."""


@dataclass(frozen=True)
class Answer:
    """What came back: exit code, both streams, files that were not there before."""

    code: object
    stdout: str
    stderr: str
    written: tuple[str, ...]

    @property
    def first_line(self) -> str:
        """First line that names a problem; the count above it is left out."""
        if self.stderr.startswith("Usage:"):  # the problem stands in a box below
            boxed = [line.strip("│ ") for line in self.stderr.splitlines() if "│" in line]
            return " ".join(boxed)
        named = [line for line in self.stderr.splitlines() if not line.endswith(_COUNTS)]
        return named[0] if named else ""


def ask(case: BadInput, folder: Path, *more: str) -> Answer:
    """Make a bad input in an empty folder and give it to the command line."""
    with _inside(folder), _within(SECONDS):
        arguments = case.make(folder)
        before = _files(folder)
        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with (
            _instead_of_shipped(folder / SHIPPED),
            _with_memory(case.memory),
            _arguments([*arguments, *more]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                code = end.code
    written = tuple(sorted(_files(folder) - before))
    return Answer(code, out.getvalue(), err.getvalue(), written)


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _within(seconds: int) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _instead_of_shipped(folder: Path) -> Iterator[None]:
    package = data_files._PACKAGE
    if folder.is_dir():
        (folder / "_data").symlink_to(folder, target_is_directory=True)
        data_files._PACKAGE = folder
    try:
        yield
    finally:
        data_files._PACKAGE = package
        (folder / "_data").unlink(missing_ok=True)


@contextlib.contextmanager
def _with_memory(available: int | None) -> Iterator[None]:
    measured = run_limits.available_memory
    if available is not None:
        run_limits.available_memory = lambda: available
    try:
        yield
    finally:
        run_limits.available_memory = measured


@contextlib.contextmanager
def _arguments(arguments: list[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = ["bordersim", *arguments]
    try:
        yield
    finally:
        sys.argv = before


def verdict(case: BadInput, answer: Answer) -> str:
    """Say what is not as it should be; empty if all is well."""
    faults = []
    if answer.code != 2:
        faults.append(f"exit {answer.code}")
    if case.said not in answer.stderr:
        faults.append(f"does not say {case.said!r}")
    if answer.written:
        faults.append(f"wrote {', '.join(answer.written)}")
    if "Traceback" in answer.stderr + answer.stdout:
        faults.append("traceback")
    return "; ".join(faults)


def _cell(text: str) -> str:
    text = text if len(text) <= 150 else text[:147] + "..."
    return text.replace("|", "\\|").replace("`", "'")


def _print_table() -> int:
    # A reader of /dev/zero must not take the machine with it.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    n_cases = n_faults = 0
    for group, listed in GROUPS.items():
        print(f"\n### {group}\n\n| input | answer | exit |  |\n|---|---|---|---|")
        for case in listed:
            with tempfile.TemporaryDirectory() as name:
                try:
                    answer = ask(case, Path(name))
                    said, fault = answer.first_line, verdict(case, answer)
                    code = answer.code
                except (Exception, TooSlowError) as error:  # the table shows it
                    said, code = f"{type(error).__name__}: {error}", "-"
                    fault = "traceback"
            n_cases, n_faults = n_cases + 1, n_faults + bool(fault)
            print(f"| {case.what} | `{_cell(said)}` | {code} | {_cell(fault)} |", flush=True)
    print(f"\n{n_cases} bad inputs, {n_faults} not answered as they should be")
    return int(n_faults > 0)


if __name__ == "__main__":
    sys.exit(_print_table())

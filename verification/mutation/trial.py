"""Plant a fault in a copy of the project, run the tests, and see who notices."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from verification.mutation.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("src", "scenarios", "calibration", "docs", "tests", "verification", "pyproject.toml")
TESTS = (
    "tests/test_equations.py",
    "tests/test_twin_equations.py",
    "tests/test_twin.py",
    "tests/test_tiny_worlds.py",
)
"""Tests that are quick without a compiler, so that a fault costs no compilation."""

ENOUGH = 3
"""Failures after which the other tests are not asked any more."""

_FAILED = re.compile(r"^(?:FAILED|ERROR) ([^\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class Caught:
    """What became of one fault: the tests that failed, in their order."""

    fault: Fault | None
    failed: tuple[str, ...]
    seconds: float
    output: str


def misfits(faults: tuple[Fault, ...]) -> list[str]:
    """Faults whose text does not stand exactly once in its file."""
    found = []
    for fault in faults:
        times = (ROOT / "src" / "bordersim" / fault.file).read_text("utf-8").count(fault.before)
        if times != 1:
            found.append(f"{fault.file}: {fault.name}: its text stands there {times} times")
    return found


def try_fault(fault: Fault | None) -> Caught:
    """Run the tests on a copy with the fault planted; None plants nothing."""
    import time

    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bordersim-fault-") as name:
        copy = Path(name)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.png")
                shutil.copytree(source, copy / part, ignore=ignored)
            else:
                shutil.copy(source, copy / part)
        if fault is not None:
            path = copy / "src" / "bordersim" / fault.file
            text = path.read_text("utf-8")
            path.write_text(text.replace(fault.before, fault.after, 1), "utf-8")
        done = _run_tests(copy)
    failed = tuple(dict.fromkeys(_FAILED.findall(done.stdout)))
    if done.returncode not in (0, 1) and not failed:
        failed = ("the tests could not even be collected",)
    return Caught(fault, failed, time.perf_counter() - began, done.stdout[-4000:])


def _run_tests(copy: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_DISABLE_JIT": "1",
    }
    command = [
        sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-rfE",
        "-p", "no:cacheprovider", f"--maxfail={ENOUGH}", *TESTS,
    ]  # fmt: skip
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )

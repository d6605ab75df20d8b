"""Run measurements in fresh processes, in rounds, and keep what each found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.cases.child import Findings
from benchmarks.machine import ROOT
from benchmarks.plan import Case

PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
Results = dict[str, dict[str, Any]]


class CaseFailedError(Exception):
    """A measurement ended with an error."""


def run_case(case: Case) -> Findings:
    """Findings of one repetition.

    Raises
    ------
    CaseFailedError
        With the end of what the process wrote to stderr.
    """
    python = str(PEERS_PYTHON) if case.peers else sys.executable
    words = [python, "-m", f"benchmarks.cases.{case.module}", json.dumps(dict(case.options))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    done = subprocess.run(
        words, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise CaseFailedError(_end_of(done.stderr))
    findings: Findings = json.loads(done.stdout.splitlines()[-1])
    return findings | {"process_seconds": round(time.perf_counter() - begun, 3)}


def _end_of(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip().replace(str(ROOT), ".") if lines else "it said nothing"


def run_all(cases: Iterable[Case], say: Callable[[str], None], *, warm: bool = True) -> Results:
    """Every case in turn, round after round, so that pairs are neighbours in time.

    A case that fails keeps its error and is not tried again; the others go on.
    """
    cases = list(cases)
    results: Results = {
        case.name: {"options": dict(case.options), "runs": [], "error": None} for case in cases
    }
    if warm:
        say("compiled kernels: made once, before anything is timed")
        run_case(Case("warm-up", "whole_run", {"scale": 0.01}))
    for number in range(max((case.rounds for case in cases), default=0)):
        for case in cases:
            result = results[case.name]
            if number >= case.rounds or result["error"]:
                continue
            try:
                findings = run_case(case)
            except (CaseFailedError, OSError, ValueError) as error:
                result["error"] = f"{error}"
                say(f"round {number + 1}: {case.name} failed: {error}")
                continue
            result["runs"].append(findings)
            say(f"round {number + 1}: {case.name} {findings.get('seconds', 0.0):.3f} s")
    return results

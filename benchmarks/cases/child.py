"""What every measurement does in its process; standard library only.

A case is a function of keyword options that returns its findings.
:func:`answer` calls it with the options on the command line and prints the findings,
with the time and memory of the process, as the last line of stdout.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Findings = dict[str, Any]


def peak_mb() -> float:
    """Peak resident memory of this process so far, in MB (2**20 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def timed(work: Callable[[], Any]) -> tuple[Any, Findings]:
    """Do ``work`` once; its result, and wall and processor seconds (all threads)."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
    }


def answer(measure: Callable[..., Findings]) -> None:
    """Run ``measure`` with the options given as JSON, and print what it found."""
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    # Progress bars and notices of the measured libraries must not mix with the answer.
    stdout = os.dup(1)
    os.dup2(2, 1)
    findings = measure(**options)
    sys.stdout.flush()
    os.dup2(stdout, 1)
    print(json.dumps({"peak_mb": peak_mb()} | findings), flush=True)

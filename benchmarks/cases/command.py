"""A command from the start of its process to its end: seconds, processor seconds, memory.

It is started from a process as small as this one, because the peak that the system
gives for a child is never below that of the process it was forked from.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.cases.child import Findings, answer


def measure(words: list[str], programme: str = "python", empty_cache: bool = False) -> Findings:
    """Time a programme of this environment; ``{out}`` in its words is a new folder.

    With ``empty_cache`` it finds no compiled kernels.

    Raises
    ------
    RuntimeError
        When the command fails, with the end of what it wrote to stderr.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, tempfile.TemporaryFile() as errors:
        environment = dict(os.environ)
        if empty_cache:
            environment["BORDERSIM_CACHE"] = f"{folder}/cache"
        line = [str(Path(sys.executable).parent / programme)]
        line += [word.format(out=f"{folder}/results") for word in words]
        begun = time.perf_counter()
        child = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            raise RuntimeError(f"{programme}: {errors.read().decode(errors='replace')[-400:]}")
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
    }


if __name__ == "__main__":
    answer(measure)

"""Memory of a long sweep: what its processes hold after so many real runs (Linux only)."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from multiprocessing import active_children
from pathlib import Path
from time import perf_counter
from typing import Any

import bordersim as bs
from benchmarks.cases.child import Findings, answer, peak_mb
from benchmarks.worlds import NATION
from bordersim.batch import Standing

SCENARIO = "scenarios/historical.yaml"


def resident_mb(process: int) -> tuple[float, float]:
    """Memory in MB (2**20 bytes) that a process holds now, and the most it held so far."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    now, most = (int(told[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
    return now, most


@dataclass
class Watch:
    """Looks at the parent and its workers each time so many runs more are stored.

    Attributes
    ----------
    every
        So many runs.
    rows
        Of each look: runs, seconds, memory of the parent and of the largest worker now, and
        the most that they held so far, in MB.
    """

    every: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    _began: float = field(default_factory=perf_counter)

    def __call__(self, standing: Standing) -> None:
        """Hear how far the sweep is."""
        due = self.every * (len(self.rows) + 1)
        if standing.had < due:
            return
        workers = [resident_mb(worker.pid) for worker in active_children() if worker.pid]
        parent, parent_most = resident_mb(os.getpid())
        self.rows.append(
            {
                "runs": standing.had,
                "seconds": perf_counter() - self._began,
                "parent_mb": parent,
                "parent_peak_mb": parent_most,
                "worker_mb": max((now for now, _ in workers), default=0.0),
                "worker_peak_mb": max((most for _, most in workers), default=0.0),
            }
        )
        print(self.rows[-1], flush=True)  # on stderr: it takes a while


def measure(
    runs: int = 10_000, scale: float = 0.01, until: str = "2016-12", looks: int = 10
) -> Findings:
    """Sweep so many seeds of history with two workers, and look at memory on the way.

    The last look may be at fewer runs than all: it is taken when a part is stored.
    """
    watch = Watch(runs // looks)
    began = perf_counter()
    with tempfile.TemporaryDirectory() as out:
        study = bs.sweep(
            SCENARIO, seeds=runs, scale=scale, until=until, workers=2, out=out, progress=watch
        )
        n_bytes = sum(file.stat().st_size for file in Path(out).rglob("*.parquet"))
        stored = len(study)
    if stored != runs:
        raise AssertionError(f"{stored} of {runs} runs are stored")
    return {
        "seconds": perf_counter() - began,
        "runs": runs,
        "residents": round(NATION * scale),
        "bytes_a_run": n_bytes / runs,
        "rows": watch.rows,
        "end_peak_mb": peak_mb(),
    }


if __name__ == "__main__":
    answer(measure)

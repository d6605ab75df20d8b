"""One run, had or failed: what a process of a batch does, and what it hands back."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bordersim.errors import BordersimError
from bordersim.parts import FailedRun
from bordersim.results import Run

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

MonthDone = Callable[[int, int], None]
"""Called after every month with months done and months in all."""


@dataclass(frozen=True)
class Job:
    """One run to be had: a resolved scenario and a seed."""

    scenario: Scenario
    seed: int
    run_id: str


def simulate_job(
    job: Job, *, events: bool, check: bool, month_done: MonthDone | None = None
) -> Run | FailedRun:
    """Simulate; any error is a failed run, never the end of a batch."""
    from bordersim import compiled
    from bordersim.simulation import simulate

    began = time.perf_counter()
    cold = not compiled.kernels_are_compiled()

    def tell(done: int, months: int) -> None:
        nonlocal cold
        if cold:
            cold = False
            compiled.remember_compilation(time.perf_counter() - began)
        if month_done is not None:
            month_done(done, months)

    try:
        finished: Run = simulate(job.scenario, job.seed, events=events, check=check, progress=tell)
    except Exception as error:
        told = compiled.cache_fault(error) or error
        return _failed_run(job, told, error, time.perf_counter() - began)
    return replace(finished, policies=job.scenario.policies_text())


def _failed_run(job: Job, told: Exception, raised: Exception, wall_s: float) -> FailedRun:
    return FailedRun(
        run_id=job.run_id,
        scenario=job.scenario,
        seed=job.seed,
        error=str(told) or type(told).__name__,
        error_type=type(told).__name__,
        traceback="".join(traceback.format_exception(raised)).rstrip(),
        unforeseen=not isinstance(told, BordersimError),
        wall_s=wall_s,
    )

"""One run of history, kernels already loaded: seconds, memory and what happened in it."""

from __future__ import annotations

from typing import Any

import bordersim as bs
from benchmarks.cases.child import Findings, answer, timed
from benchmarks.worlds import SCENARIO, WORLDS, residents_of
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

COUNTED = ("considerers", "crossings", "arrivals", "candidates")


def warmed(scenario: Scenario) -> None:
    """Load the compiled kernels by a run too small to matter."""
    simulate(scenario.scaled(0.001).until("1996-01"), 1)


def counts_of(run: Run) -> dict[str, float]:
    """What happened in a run, in agents simulated."""
    counts = {name: float(run.value(name).sum()) * run.scale for name in COUNTED}
    return counts | {"person_months_in_china": float(run.value("stock_china").sum()) * run.scale}


def measure(world: str = "scaled", seed: int = 1, until: str = "", **options: Any) -> Findings:
    """Time one run.

    Parameters
    ----------
    world
        Name in :data:`benchmarks.worlds.WORLDS`; ``options`` are its arguments.
    seed
        Seed of the dynamics.
    until
        Last month instead of the scenario's own.
    """
    scenario = bs.load(SCENARIO)
    warmed(scenario)
    scenario = WORLDS[world](scenario, **options)
    if until:
        scenario = scenario.until(until)
    run, time_taken = timed(lambda: simulate(scenario, seed))
    return {
        **time_taken,
        **counts_of(run),
        "residents": residents_of(scenario),
        "months": run.n_months,
        "digest": run.digest,
    }


if __name__ == "__main__":
    answer(measure)

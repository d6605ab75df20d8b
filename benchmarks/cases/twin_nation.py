"""The twin in Mesa and the engine, side by side on one world: what the kernels gain.

Both simulate the same months of the same people and must give the same events.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks.cases.child import Findings, answer, timed
from benchmarks.worlds import NATION
from bordersim.data_files import scenarios_folder
from bordersim.engine import Engine
from bordersim.scenario import Scenario, load
from bordersim.simulation import simulate, sorted_events
from bordersim.twin import TwinModel


def _engine_seconds(scenario: Scenario, *, events: bool) -> tuple[float, np.ndarray]:
    """Seconds of every month together, and the events of the span."""
    engine = Engine(scenario, 1, events=events)
    world = engine.first_world()
    books = [engine.blank_books(1) for _ in range(scenario.end_month + 1)]
    log = []
    began = perf_counter()
    for record, ledger in books:
        world, happened = engine.step(world, record, ledger)
        log.append(happened)
    seconds = perf_counter() - began
    return seconds, np.stack(list(sorted_events(log).values()), axis=1)


def measure(residents: int = 1_000_000, until: str = "1995-12", repeats: int = 5) -> Findings:
    """Time the months of both; making the world is not counted for either."""
    nation = load(scenarios_folder() / "historical.yaml").until(until)
    scenario = nation.scaled(residents / NATION)
    simulate(nation.scaled(0.001))  # loads the kernels
    twin = TwinModel(scenario, 1)
    months = scenario.end_month + 1

    def live() -> None:
        for _ in range(months):
            twin.step()

    _, time_taken = timed(live)
    seconds = sorted(_engine_seconds(scenario, events=False)[0] for _ in range(repeats))
    _, events = _engine_seconds(scenario, events=True)
    same = events.tolist() == [list(row) for row in twin.events]
    if not same:
        raise AssertionError("the twin and the engine differ in their events")
    return {
        **time_taken,
        "agents": len(twin.residents),
        "steps": months,
        "events": len(events),
        "engine_seconds": seconds[repeats // 2],
        "engine_fastest": seconds[0],
    }


if __name__ == "__main__":
    answer(measure)

"""Ten scenarios that differ only from 2012 on: each alone, and sharing their past."""

from __future__ import annotations

from time import perf_counter, process_time

import bordersim as bs
from benchmarks.cases.child import Findings, answer
from benchmarks.worlds import NATION
from bordersim.data_files import scenarios_folder
from bordersim.simulation import simulate, simulate_alike


def measure(
    scale: float = 0.1, scenarios: int = 10, since: str = "2012-01", until: str = "2016-12"
) -> Findings:
    """Time both; the runs must be the same to the bit."""
    base = bs.load(scenarios_folder() / "historical.yaml").scaled(scale).until(until)
    asked = [
        base.add(
            {"id": "harder", "lever": "china.patrol_rate", "op": "scale", "value": 0.5 + k / 10,
             "from": since}
        ).named(f"s{k}")
        for k in range(scenarios)
    ]  # fmt: skip
    simulate(base.scaled(0.001))  # loads the kernels
    wall, cpu = perf_counter(), process_time()
    alone = [simulate(scenario, 1).digest for scenario in asked]
    alone_wall, alone_cpu = perf_counter() - wall, process_time() - cpu
    wall, cpu = perf_counter(), process_time()
    shared = {position: run.digest for position, run in simulate_alike(asked, 1)}
    shared_wall, shared_cpu = perf_counter() - wall, process_time() - cpu
    if [shared[position] for position in range(scenarios)] != alone:
        raise AssertionError("a shared past changed a run")
    return {
        "seconds": shared_wall,
        "cpu_seconds": shared_cpu,
        "alone_seconds": alone_wall,
        "alone_cpu_seconds": alone_cpu,
        "scenarios": scenarios,
        "residents": round(NATION * scale),
    }


if __name__ == "__main__":
    answer(measure)

"""What a process pays before its first month: imports, and loading compiled kernels."""

from __future__ import annotations

import time

from benchmarks.cases.child import Findings, answer


def measure() -> Findings:
    """Time the import, the first tiny run (which loads the kernels) and the same run again."""
    begun = time.perf_counter()
    import bordersim as bs
    from benchmarks.worlds import SCENARIO
    from bordersim.simulation import simulate

    imported = time.perf_counter()
    scenario = bs.load(SCENARIO).scaled(0.001).until("1995-01")
    loaded = time.perf_counter()
    simulate(scenario, 1)
    first = time.perf_counter()
    simulate(scenario, 1)
    return {
        "seconds": (first - loaded) - (time.perf_counter() - first),
        "import_seconds": imported - begun,
        "scenario_seconds": loaded - imported,
    }


if __name__ == "__main__":
    answer(measure)

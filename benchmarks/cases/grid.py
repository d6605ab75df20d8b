"""One grid of levers and seeds, through the sweep and through Mesa's ``batch_run``.

Both simulate the same runs in two processes; the sweep stores them as well.
"""

from __future__ import annotations

import tempfile
from itertools import product
from typing import Any

from benchmarks.cases.child import Findings, answer, timed
from benchmarks.worlds import NATION

LEVERS = {
    "china.tip_response": [0.1, 0.5, 0.9],
    "china.patrol_rate": [0.01, 0.05],
}


def _swept(scale: float, seeds: int, until: str) -> float:
    import bordersim as bs

    with tempfile.TemporaryDirectory() as folder:
        study = bs.sweep(
            "scenarios/historical.yaml", seeds=seeds, scale=scale, until=until, workers=2,
            design={"kind": "grid", "levers": LEVERS}, observables=["arrivals"], out=folder,
        )  # fmt: skip
        return float(sum(run.by_place("arrivals").sum() for run in study))


def _batch_run(scale: float, seeds: int, until: str) -> float:
    import mesa

    import bordersim as bs

    year, month = map(int, until.split("-"))
    months = (year - 1995) * 12 + month
    fixed: dict[str, Any] = {"scenario": "historical", "scale": scale, "time.end": until}
    rows = mesa.batch_run(
        bs.BorderModel, {**fixed, "seed": range(1, seeds + 1), **LEVERS},
        number_processes=2, data_collection_period=1, max_steps=months, display_progress=False,
    )  # fmt: skip
    seen = {(row["RunId"], row["Step"]): row["arrivals"] for row in rows}
    return float(sum(seen.values()))


def measure(
    through: str = "sweep", scale: float = 0.01, seeds: int = 4, until: str = "2016-12"
) -> Findings:
    """Time the grid, processes and their imports included; kernels are compiled before."""
    import bordersim as bs

    bs.run("scenarios/historical.yaml", scale=0.001, until="1995-02")
    work = _swept if through == "sweep" else _batch_run
    arrivals, time_taken = timed(lambda: work(scale, seeds, until))
    year, month = map(int, until.split("-"))
    runs = seeds * len(list(product(*LEVERS.values())))
    return {
        **time_taken,
        "agents": round(NATION * scale),
        "steps": runs * ((year - 1995) * 12 + month),
        "runs": runs,
        "arrivals": arrivals,
    }


if __name__ == "__main__":
    answer(measure)

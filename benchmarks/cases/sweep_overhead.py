"""What a sweep costs beyond its simulations, and what a second worker saves.

The sweep is the real one; its workers take the time of what they do, in processor seconds.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Any

import bordersim as bs
from benchmarks.cases.child import Findings, answer, timed
from benchmarks.worlds import NATION
from bordersim.sweeping import crew
from bordersim.sweeping.tasks import Kept, Work

SCENARIO = "scenarios/historical.yaml"
NOTES = "BORDERSIM_BENCHMARK_NOTES"
"""Environment variable that names the folder where workers note their seconds."""

_work = crew._work


class Stopwatch:
    """Of one worker after each of its tasks: runs, seconds in simulations, seconds in all."""

    def __init__(self) -> None:
        self._simulating = 0.0
        self._notes: list[tuple[int, float, float]] = []

    def do_task(self, do: Callable[..., Kept], *arguments: Any) -> Kept:
        """Do a task, and note what was spent until its end."""
        kept = do(*arguments)
        self._notes.append((len(kept.had), self._simulating, process_time()))
        note = Path(os.environ[NOTES]) / f"{os.getpid()}.json"
        note.write_text(json.dumps(self._notes))
        return kept

    def simulate(self, simulate: Callable[..., Iterator[Any]], *what: Any, **how: Any) -> Any:
        """Simulate alike, under the clock."""
        runs = simulate(*what, **how)
        while True:
            began = process_time()
            run = next(runs, None)
            self._simulating += process_time() - began
            if run is None:
                return
            yield run


def watched_work(pipe: Connection, work: Work) -> None:
    """Body of a worker that has a stopwatch."""
    from bordersim import simulation

    stopwatch = Stopwatch()
    for module, name, timed_by in (
        (crew, "do_task", stopwatch.do_task),
        (simulation, "simulate_alike", stopwatch.simulate),
    ):
        setattr(module, name, partial(timed_by, getattr(module, name)))
    _work(pipe, work)


def swept(
    runs: int, scale: float, until: str, workers: int
) -> tuple[Findings, list[list[list[float]]], list[str]]:
    """Sweep seeds of history: seconds of this process, notes of workers, digests of runs."""
    with tempfile.TemporaryDirectory() as notes, tempfile.TemporaryDirectory() as out:
        os.environ[NOTES] = notes
        study, taken = timed(
            lambda: bs.sweep(
                SCENARIO, seeds=runs, scale=scale, until=until, workers=workers, out=out
            )
        )
        noted = [json.loads(note.read_text()) for note in Path(notes).iterdir()]
        return taken, noted, list(study.runs.sort_values("seed")["digest"])


def measure(runs: int = 60, scale: float = 0.1, until: str = "2016-12") -> Findings:
    """Sweep with one worker and with two; all runs must be there, and the same.

    What a worker does before its second task (imports, kernels, whatever is done once) is
    told apart; what it does then is the price of a run.
    """
    crew._work = watched_work
    swept(2, 0.001, "1995-02", 1)  # compiles the kernels, loads what this process needs
    one, (noted,), digests = swept(runs, scale, until, 1)
    two, _, again = swept(runs, scale, until, 2)
    if digests != again or len(digests) != runs:
        raise AssertionError("the number of workers changed a sweep")
    (n_first, simulated_first, first), (_, simulated, last) = noted[0], noted[-1]
    later = runs - n_first
    return {
        "seconds": one["seconds"],
        "two_seconds": two["seconds"],
        "cpu_seconds": one["cpu_seconds"] + last,
        "start_seconds": first - simulated_first,
        "run_seconds": (simulated - simulated_first) / later,
        "worker_seconds": (last - first - simulated + simulated_first) / later,
        "parent_seconds": one["cpu_seconds"] / runs,
        "all_simulation_seconds": simulated,
        "runs": runs,
        "residents": round(NATION * scale),
    }


if __name__ == "__main__":
    answer(measure)

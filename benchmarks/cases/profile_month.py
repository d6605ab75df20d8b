"""Where a run's time goes: the engine with clocks between its kernels, beside the engine."""

from __future__ import annotations

import gc
import importlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bordersim as bs
from benchmarks.cases.child import Findings, answer, timed
from benchmarks.cases.whole_run import counts_of, warmed
from benchmarks.instrument import Stopwatch
from benchmarks.steps import ENGINE, MONTH, OPENED, PYTHON_PARTS, REMEMBERING, SIMULATION, UNITS
from benchmarks.worlds import SCENARIO
from bordersim.scenario import Scenario


def forget_caches() -> None:
    """Forget what earlier runs left behind, so that each does the work of the first."""
    for thing in gc.get_objects():
        if hasattr(type(thing), "cache_clear"):
            module = str(getattr(thing, "__module__", ""))
            if module.startswith(REMEMBERING):
                thing.cache_clear()


class Parts:
    """Python functions timed from outside: seconds by label, of nested parts only the inner."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[float] = []

    def timed(self, label: str, function: Any) -> Any:
        """``function``, adding what it takes to its label."""

        def call(*args: Any, **options: Any) -> Any:
            self._open.append(0.0)
            begun = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                taken = time.perf_counter() - begun
                own = taken - self._open.pop()
                self.seconds[label] = self.seconds.get(label, 0.0) + own
                if self._open:
                    self._open[-1] += taken

        return call


@contextmanager
def clocked(stopwatch: Stopwatch, parts: Parts) -> Iterator[None]:
    """The simulation with clocked functions in place of its own."""
    engine, simulation = (importlib.import_module(name) for name in (ENGINE, SIMULATION))
    kept: list[tuple[Any, str, Any]] = []

    def put(owner: Any, name: str, value: Any) -> None:
        kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    for name in stopwatch.opened:
        if hasattr(engine, name):
            put(engine, name, stopwatch.stand_in(name))
    for path, label in PYTHON_PARTS.items():
        *outer, name = path.split(".")
        owner: Any = engine if outer else simulation
        for step in outer:
            owner = getattr(owner, step, None)
        if hasattr(owner, name):
            put(owner, name, parts.timed(label, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, value in reversed(kept):
            setattr(owner, name, value)


def rows_of(total: float, stopwatch: Stopwatch, parts: Parts) -> list[list[Any]]:
    """Rows [where, step, seconds, unit's count, unit] that add up to ``total``."""
    kernels = stopwatch.seconds()
    rows: list[list[Any]] = [
        [owner, name, taken, *UNITS.get(name, ("", ""))] for (owner, name), taken in kernels.items()
    ]
    python = dict(parts.seconds)
    between = PYTHON_PARTS["Engine.step"]
    if between in python:
        python[between] -= sum(kernels.values())
    rows += [["python", label, taken, "", ""] for label, taken in python.items()]
    rest = total - sum(row[2] for row in rows)
    return [*rows, ["python", "everything else", rest, "", ""]]


def measure(scale: float = 1.0, repeats: int = 3, until: str = "") -> Findings:
    """Time plain and clocked runs in turn."""
    simulate = importlib.import_module(SIMULATION).simulate
    scenario: Scenario = bs.load(SCENARIO).scaled(scale)
    if until:
        scenario = scenario.until(until)
    stopwatch = Stopwatch(importlib.import_module(MONTH), OPENED)
    warmed(scenario)
    with clocked(stopwatch, Parts()):
        _, compiling = timed(lambda: warmed(scenario))
    rounds: list[dict[str, Any]] = []
    for _ in range(repeats):
        forget_caches()
        plain, plain_time = timed(lambda: simulate(scenario, 1))
        forget_caches()
        parts = Parts()
        stopwatch.reset()
        with clocked(stopwatch, parts):
            run, time_taken = timed(lambda: simulate(scenario, 1))
        if run.digest != plain.digest:
            raise AssertionError("the clocked run is not the plain run")
        rows = rows_of(time_taken["seconds"], stopwatch, parts)
        rounds.append({"plain": plain_time, "clocked": time_taken, "rows": rows})
    return {
        "seconds": sum(one["clocked"]["seconds"] for one in rounds) / len(rounds),
        "rounds": rounds,
        "counts": counts_of(plain) | {"months": float(plain.n_months)},
        "compile_seconds": compiling["seconds"],
        "digest": plain.digest,
    }


if __name__ == "__main__":
    answer(measure)

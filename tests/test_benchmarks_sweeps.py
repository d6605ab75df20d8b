"""The measurements of sweeps: what they take the time of, and what the page says of it."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks.cases import sweep_memory, sweep_overhead
from benchmarks.report import render
from benchmarks.tables import overhead
from bordersim.batch import Standing
from bordersim.sweeping import crew

SWEPT = {
    "seconds": 20.0, "two_seconds": 10.0, "cpu_seconds": 20.0, "start_seconds": 1.0,
    "run_seconds": 0.3, "worker_seconds": 0.018, "parent_seconds": 0.003,
    "all_simulation_seconds": 18.0, "runs": 1000, "residents": 2_400_000,
}  # fmt: skip


def found(**cases: list[dict[str, Any]]) -> dict[str, Any]:
    machine = {
        "processor": "Some CPU", "cores": 2, "memory_gb": 24.0, "system": "Linux 6.1",
        "load_before": 0.1, "load_after": 1.0,
    }  # fmt: skip
    return {
        "quick": False, "commit": "abc", "engine": "e1", "date": "2026-01-02", "minutes": 9.5,
        "machine": machine, "versions": {"python": "3.11"},
        "cases": {
            name: {"options": {}, "runs": runs, "error": None} for name, runs in cases.items()
        },
    }  # fmt: skip


def test_a_real_sweep_tells_its_simulations_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_work", crew._work)  # as it was, afterwards
    monkeypatch.setenv(sweep_overhead.NOTES, "")
    told = sweep_overhead.measure(runs=3, scale=0.001, until="1995-03")
    assert told["runs"] == 3
    for key in ("run_seconds", "worker_seconds", "parent_seconds", "start_seconds"):
        assert told[key] > 0.0, key
    # what was once a worker, in simulations, around them and in the parent is all there is
    worker = told["cpu_seconds"] - 3 * told["parent_seconds"]
    assert told["all_simulation_seconds"] + told["start_seconds"] < worker


def test_memory_is_looked_at_when_so_many_runs_are_stored() -> None:
    now, most = sweep_memory.resident_mb(os.getpid())
    assert 10 < now <= most
    watch = sweep_memory.Watch(every=10)
    for had in (0, 9):
        watch(Standing(had, had, float(had), 30, ""))
    assert watch.rows == []
    watch(Standing(12, 12, 12.0, 30, ""))
    watch(Standing(19, 19, 19.0, 30, ""))
    watch(Standing(20, 20, 20.0, 30, ""))
    assert [row["runs"] for row in watch.rows] == [12, 20]
    assert all(row["parent_mb"] > 10 for row in watch.rows)


def test_the_page_says_what_a_sweep_costs() -> None:
    assert overhead(SWEPT) == pytest.approx(0.07)
    page = render(found(sweep_1000=[SWEPT], sweep_overhead=[SWEPT | {"runs": 60}]))
    assert "| 60 | 300.0 | 18.0 | 3.0 | 7.0% | 1.0 | 20.0 | 2.00 |" in page
    assert "| a sweep's overhead over its simulations, scale 0.1 | below 0.1 | 0.07 | yes |" in page
    assert "| 1,000 runs, two workers' time over one's | below 0.556 | 0.50 | yes |" in page
    slow = SWEPT | {"worker_seconds": 0.1, "two_seconds": 15.0}
    assert render(found(sweep_1000=[slow])).count("| no |") == 2


def test_what_takes_long_is_added_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[list[str]] = []

    def run_all(cases: Any, _say: Any) -> dict[str, Any]:
        measured.append([case.name for case in cases])
        return {case.name: {"options": {}, "runs": [SWEPT], "error": None} for case in cases}

    monkeypatch.setattr(command, "run_all", run_all)
    monkeypatch.setattr(command, "facts", lambda: found() | {"commit": "new"})
    file = tmp_path / "results.json"
    file.write_text(json.dumps(found(grid_other=[SWEPT], long_other=[SWEPT])))

    def ask(**options: Any) -> dict[str, Any]:
        asked = argparse.Namespace(**{"quick": False, "only": None, "long": None} | options)
        return command._measured(asked, file)

    added = ask(long=["sweep_1000"])
    assert measured == [["sweep_1000"]]
    assert list(added["cases"]) == ["grid_other", "long_other", "sweep_1000"]
    assert (added["commit"], added["cases"]["sweep_1000"]["commit"]) == ("abc", "new")
    assert "sweep_1000 (`--long`): measured 2026-01-02, commit new." in render(added)
    file.write_text(json.dumps(added))
    whole = ask()
    assert measured[1][0] == "run_1"
    assert "sweep_1000" not in measured[1]
    assert whole["commit"] == "new"
    assert whole["cases"]["sweep_1000"] == added["cases"]["sweep_1000"]
    assert "sweep_1000" not in ask(only=["run_1"])["cases"]

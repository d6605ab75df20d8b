"""Fixtures shared by the tests of results, store, tables and command line.

``made_up_run`` builds a run from random counts: it stands for the engine where
a test is about what happens to a run afterwards, never about the model.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import typer.main

from bordersim.codes import LAST_MONTH, OBSERVABLES, Account, Obs
from bordersim.results import Run

HOMES = (
    "north_hamgyong",
    "ryanggang",
    "south_hamgyong",
    "south_pyongan",
    "north_pyongan",
    "pyongyang",
    "kangwon",
    "south_hwanghae",
    "north_hwanghae",
    "chagang",
    "military_camps",
)
SECTORS = (
    "yalu_lower",
    "yalu_middle",
    "yalu_upper",
    "tumen_musan",
    "tumen_hoeryong",
    "tumen_onsong",
)
END_2016 = 12 * 22 - 1

RunMaker = Callable[..., Run]

if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
    # Keys wrap around in machine code; NumPy's scalars would warn each time they do.
    np.seterr(over="ignore")

# A program builds its tree of commands once; the tests call it two thousand times, and
# building takes ten times as long as most answers.
typer.main.get_command = cache(typer.main.get_command)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile the engine once: of several workers, one compiles and the others wait.

    Compilation takes a minute and more on a machine that never ran this version; two
    workers that do it side by side take twice as long and leave the same files.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ or not session.items:
        return
    from bordersim._jit import cache_directory
    from bordersim.data_files import scenarios_folder
    from bordersim.scenario import load
    from bordersim.simulation import simulate

    scenario = load(scenarios_folder() / "base.yaml").scaled(0.001)
    with (cache_directory() / "compiling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        simulate(scenario, until="1995-01")


def make_run(**changes: Any) -> Run:
    """Run of random counts; the same arguments give the same counts."""
    fields: dict[str, Any] = {
        "scenario_name": "made-up",
        "seed": 1,
        "world_seed": 7,
        "scale": 1.0,
        "start_month": 0,
        "end_month": END_2016,
    } | changes
    n_months = fields["end_month"] - fields["start_month"] + 1
    rng = np.random.default_rng([fields["seed"], fields["start_month"], n_months])
    shape = (n_months, len(OBSERVABLES), len(HOMES), 2, 3)
    record = np.zeros(shape, dtype=np.int64)
    for name, measure in OBSERVABLES.items():
        n_places = {"home": len(HOMES), "sector": len(SECTORS)}.get(measure.places, 1)
        column = record[:, int(Obs[name.upper()])]
        if measure.by_person:
            column[:, :n_places] = rng.poisson(0.8, (n_months, n_places, 2, 3))
        else:
            column[:, :n_places, 0, 0] = rng.poisson(40.0, (n_months, n_places))
    ledger = rng.poisson(300.0, (n_months, len(Account), len(Account))).astype(np.int64)
    first_year, last_year = 1995 + fields["start_month"] // 12, 1995 + fields["end_month"] // 12
    derived = {
        "run_id": f"{fields['seed']:016x}",
        "homes": HOMES,
        "sectors": SECTORS,
        "record": record,
        "ledger": ledger,
        "digests": {year: f"{year * 7919:016x}" for year in range(first_year, last_year + 1)},
        "inputs": {"scale": float(fields["scale"]).hex()},
        "wall_s": 0.25,
    }
    return Run(**(derived | fields))


def make_events(n_events: int = 50, end_month: int = END_2016) -> dict[str, np.ndarray]:
    """Columns of an event log with random rows."""
    rng = np.random.default_rng(n_events)
    columns = {
        "month": np.sort(rng.integers(0, end_month + 1, n_events)),
        "phase": rng.integers(2, 10, n_events),
        "uid": rng.integers(0, 24_052_231, n_events),
        "event": rng.integers(0, 40, n_events),
        "place": rng.integers(-1, len(SECTORS), n_events),
        "counterpart": rng.integers(-1, 600, n_events),
        "amount": rng.integers(0, 10_000, n_events),
        "sequence": np.arange(n_events),
    }
    return {name: column.astype(np.int64) for name, column in columns.items()}


@pytest.fixture
def made_up_run() -> RunMaker:
    """Maker of runs with random counts; keyword arguments replace fields of ``Run``."""
    assert END_2016 <= LAST_MONTH
    return make_run

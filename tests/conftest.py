"""Fixtures shared by the tests of results, store, tables and command line.

``made_up_run`` builds a run from random counts: it stands for the engine where
a test is about what happens to a run afterwards, never about the model.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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


def pytest_configure() -> None:
    """Build the tree of commands once, as a program does.

    The tests call the program two thousand times in their own process, and building
    takes ten times as long as most answers.
    """
    import typer.main

    typer.main.get_command = cache(typer.main.get_command)


BEGIN_WITH = (
    # in this process and without the engine, which another worker compiles meanwhile
    "test_bad_input.py",
    "test_diff.py",
    "test_plot_layout.py",
    "test_plot_studies.py",
    "test_inference.py",
    "test_cli_schema.py",
    "test_observing_likelihood.py",
    # the longest, lest one of them is left to a single worker at the end
    "test_notebooks.py",
    "test_calibrate.py",
    "test_faults_stop.py",
    "test_faults_kill.py",
    "test_faults_disk.py",
    "test_sweep_cluster.py",
    "test_remote.py",
    "test_scale.py",
    "test_cli_json.py",
    "test_cli_init.py",
)
"""Files to begin with, in this order; it decides how long the tests take and nothing else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of ``BEGIN_WITH`` first."""
    rank = {name: place for place, name in enumerate(BEGIN_WITH)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


@pytest.hookimpl(trylast=True)  # the others may begin as soon as this worker's tests are known
def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile the engine once: of several workers, one compiles and the others read.

    Compilation takes a minute and more on a machine that never ran this version; two
    workers that do it side by side take twice as long and leave the same files.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ or not session.items:
        return
    from bordersim._jit import cache_directory
    from bordersim.data_files import scenarios_folder
    from bordersim.scenario import load
    from bordersim.simulation import simulate

    path = cache_directory() / "compiling.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _wait_before_compiling(path)
            return
        simulate(load(scenarios_folder() / "base.yaml").scaled(0.001), until="1995-01")


def _wait_before_compiling(path: Path) -> None:
    """Have this process wait for a lock when it first needs a compiled function."""
    from numba.core.dispatcher import Dispatcher

    compile_now = Dispatcher.compile

    def compile_later(self: Any, signature: Any) -> Any:
        Dispatcher.compile = compile_now
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        return compile_now(self, signature)

    Dispatcher.compile = compile_later


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

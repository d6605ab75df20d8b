"""Plans without resolving every cell: from the folder that planned them before, or in outline.

Resolving a scenario for a draw takes milliseconds, and answers have thousands of both.
"""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.remote import store_at
from bordersim.remote_place import Place
from bordersim.results import run_id
from bordersim.study import PLAN_FILE
from bordersim.sweeping.plan import Cell, Plan, make_plan, stored_plan
from bordersim.sweeping.spec import Sweep

_COLUMNS = ["scenario", "point", "draw", "seed", "run_id"]


def plan_for(sweep: Sweep, folder: Place) -> Plan:
    """Plan a sweep, by the plan in its folder where that is of the same cells.

    Raises
    ------
    ScenarioError
        As ``make_plan`` does; a plan that is stored was checked when it was made.
    """
    return _planned_before(sweep, folder) or make_plan(sweep)


def foreseen(sweep: Sweep, folder: Place) -> Plan:
    """Plan a sweep to count its runs only.

    Where its folder holds no run, ids stand for those that runs will have, and draws after
    the first are not held against the ranges of levers: that is done before any run begins.

    Raises
    ------
    ScenarioError
        When the first draw, or one of a plan that is worked out, leaves a range.
    """
    return plan_for(sweep, folder) if store_at(folder).marks() else _outlined(sweep)


def _planned_before(sweep: Sweep, folder: Place) -> Plan | None:
    told = stored_plan(folder)
    if told is None or told.get("identity") != sweep.identity():
        return None
    try:
        data = store_at(folder).read_beside(PLAN_FILE)
        table = pq.read_table(pa.BufferReader(data or b""), columns=_COLUMNS)
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
    *keys, ids = (table.column(name).to_pylist() for name in _COLUMNS)
    known = dict(zip(zip(*keys, strict=True), ids, strict=True))
    names = [scenario.name for scenario in sweep.scenarios]
    wanted = _cells(sweep, {})
    cells = [
        cell._replace(run_id=known.get((names[cell.scenario], *cell[1:4]), "")) for cell in wanted
    ]
    if not all(cell.run_id for cell in cells):
        return None
    points, draws = sweep.points(), sweep.drawn()
    for cell in (cells[0], cells[-1]):  # another engine gives other ids
        variant = sweep.variant(cell.scenario, points[cell.point], draws[cell.draw])
        if run_id(variant, cell.seed) != cell.run_id:
            return None
    return Plan(sweep, points, draws, cells)


def _outlined(sweep: Sweep) -> Plan:
    """Scenarios that are the same run under the first draw are taken to be so under all."""
    points, draws = sweep.points(), sweep.drawn()
    alike: dict[tuple[int, int], str] = {}
    for scenario in range(len(sweep.scenarios)):
        for point, values in enumerate(points):
            said = json.dumps(sweep.variant(scenario, values, draws[0]).resolved(), sort_keys=True)
            alike[scenario, point] = hashlib.sha256(said.encode()).hexdigest()[:16]
    return Plan(sweep, points, draws, _cells(sweep, alike))


def _cells(sweep: Sweep, alike: dict[tuple[int, int], str]) -> list[Cell]:
    """Every cell, seed first, scenario fastest."""
    return [
        Cell(scenario, point, draw, seed, f"{alike.get((scenario, point), '')}-{draw}-{seed}")
        for seed in range(sweep.first_seed, sweep.first_seed + sweep.n_seeds)
        for draw in range(sweep.n_draws)
        for point in range(sweep.n_points)
        for scenario in range(len(sweep.scenarios))
    ]

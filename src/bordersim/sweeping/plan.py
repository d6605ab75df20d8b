"""The plan of a sweep: one row a cell, in the order in which cells are simulated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.errors import Problem, ScenarioError
from bordersim.part_files import encoded
from bordersim.remote import store_at
from bordersim.remote_place import Place
from bordersim.results import run_id
from bordersim.store import Store
from bordersim.study import PLAN_FILE, PLAN_NOTE
from bordersim.sweeping.designs import Point
from bordersim.sweeping.spec import Sweep

MOST_MISTAKES = 20


class Cell(NamedTuple):
    """One run to be had.

    Attributes
    ----------
    scenario
        Position among the sweep's scenarios.
    point, draw
        Numbers of the design point and posterior draw.
    seed
        Seed of the dynamics.
    run_id
        Shared by cells that mean the same run.
    """

    scenario: int
    point: int
    draw: int
    seed: int
    run_id: str


@dataclass(frozen=True)
class Plan:
    """Every cell of a sweep, seed first, scenario fastest.

    Attributes
    ----------
    sweep
        What is planned.
    points, draws
        Values, by number.
    cells
        In order.
    """

    sweep: Sweep
    points: Sequence[Point]
    draws: Sequence[Point]
    cells: Sequence[Cell]

    def runs(self) -> dict[str, Cell]:
        """First cell of every run, in order."""
        found: dict[str, Cell] = {}
        for cell in self.cells:
            found.setdefault(cell.run_id, cell)
        return found

    def table(self) -> pa.Table:
        """One row a cell: scenario, point, draw, seed, run_id, values of axes, draws, nuisances."""
        names = [scenario.name for scenario in self.sweep.scenarios]
        columns: dict[str, pa.Array] = {
            "cell": pa.array(range(len(self.cells)), pa.int64()),
            "scenario": pa.array([names[cell.scenario] for cell in self.cells], pa.string()),
            "point": pa.array([cell.point for cell in self.cells], pa.int64()),
            "draw": pa.array([cell.draw for cell in self.cells], pa.int64()),
            "seed": pa.array([cell.seed for cell in self.cells], pa.int64()),
            "run_id": pa.array([cell.run_id for cell in self.cells], pa.string()),
        }
        axes = self.sweep.design.axes if self.sweep.design else ()
        for at, axis in enumerate(axes):
            values = [self.points[cell.point][at] for cell in self.cells]
            columns[axis.key] = pa.array(values, pa.float64())
        for at, key in enumerate(self.sweep.draws.keys if self.sweep.draws else ()):
            values = [self.draws[cell.draw][at] for cell in self.cells]
            columns[f"draw.{key}"] = pa.array(values, pa.float64())
        for name, drawn in (self.sweep.draws.nuisances if self.sweep.draws else {}).items():
            columns[f"draw.{name}"] = pa.array([drawn[c.draw] for c in self.cells], pa.float64())
        note = {PLAN_NOTE: json.dumps(self.sweep.plain(), sort_keys=True).encode()}
        return pa.table(columns).replace_schema_metadata(note)

    def write(self, store: Store) -> None:
        """Keep it beside the runs; an equal one is left as it is."""
        data = encoded(self.table())
        try:
            if store.read_beside(PLAN_FILE) == bytes(data):
                return
        except OSError:
            pass
        store.write_beside(PLAN_FILE, data)


class _Inputs:
    """Resolved inputs of a scenario, worked out once for all seeds."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        self._inputs = inputs

    def resolved(self) -> dict[str, Any]:
        return self._inputs


def make_plan(sweep: Sweep) -> Plan:
    """Work out every cell and the id of its run.

    Raises
    ------
    ScenarioError
        When a point or a draw takes a lever or parameter out of its range.
    """
    points, draws = sweep.points(), sweep.drawn()
    resolved: list[tuple[int, int, int, _Inputs]] = []
    problems: list[Problem] = []
    for draw in range(len(draws)):
        for point in range(len(points)):
            for scenario in range(len(sweep.scenarios)):
                try:
                    variant = sweep.variant(scenario, points[point], draws[draw])
                except ScenarioError as error:
                    place = _place(sweep, points[point], point, draw)
                    problems += [_placed(problem, place) for problem in error.problems]
                    if len(problems) > MOST_MISTAKES:
                        raise ScenarioError(problems) from None
                    continue
                resolved.append((scenario, point, draw, _Inputs(variant.resolved())))
    if problems:
        raise ScenarioError(problems)
    seeds = range(sweep.first_seed, sweep.first_seed + sweep.n_seeds)
    cells = [
        Cell(scenario, point, draw, seed, run_id(inputs, seed))  # type: ignore[arg-type]
        for seed in seeds
        for scenario, point, draw, inputs in resolved
    ]
    return Plan(sweep, points, draws, cells)


def _place(sweep: Sweep, point: Point, number: int, draw: int) -> str:
    axes = sweep.design.axes if sweep.design else ()
    values = ", ".join(f"{axis.key} = {v:g}" for axis, v in zip(axes, point, strict=True))
    at = f"point {number} ({values})" if values else ""
    return " of ".join(part for part in (at, f"draw {draw}" if sweep.draws else "") if part)


def _placed(problem: Problem, place: str) -> Problem:
    return Problem(problem.where, problem.key, f"{problem.message}, at {place} of the sweep")


def stored_plan(folder: Place) -> Mapping[str, Any] | None:
    """Give what the plan in a folder says of its sweep; None where there is none."""
    try:
        data = store_at(folder).read_beside(PLAN_FILE)
        told = pq.read_schema(pa.BufferReader(data or b"")).metadata or {}
        note: Mapping[str, Any] = json.loads(told[PLAN_NOTE])
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
    return note

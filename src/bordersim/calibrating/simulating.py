"""Runs at given points, by the sweep engine, and the table of what they measured."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bordersim.batch import Progress
from bordersim.calibrating.priors import FloatArray
from bordersim.calibrating.spec import digest_of
from bordersim.errors import ScenarioError, StoreError
from bordersim.observing import OBSERVABLES_NEEDED, Target, simulated_figures
from bordersim.part_files import StoreWarning
from bordersim.parts import OK
from bordersim.results import run_id
from bordersim.scenario import Scenario
from bordersim.study import Study
from bordersim.sweeping.api import hindrances
from bordersim.sweeping.carrying_out import Manner, carry_out
from bordersim.sweeping.draws import Draws
from bordersim.sweeping.plan import Cell, Plan
from bordersim.sweeping.spec import Sweep, kept_observables

REFUSED = "refused"
"""Status of a point that no run can be made of: a lever would leave its range."""

FIGURE = "figure."
"""Prefix of the columns of figures, before the id of their target."""


@dataclass(frozen=True)
class Batch:
    """Runs to be had.

    Attributes
    ----------
    name
        Of the batch.
    scenario
        What is run.
    keys
        Parameters that vary.
    points
        Their values, shape (points, keys).
    seeds
        Seeds at each point, shape (points, replicates).
    observables
        Series kept beside those that targets need.
    """

    name: str
    scenario: Scenario
    keys: tuple[str, ...]
    points: FloatArray
    seeds: npt.NDArray[np.int64]
    observables: tuple[str, ...] = ()


class _Inputs:
    """Resolved inputs of a scenario, worked out once for all seeds."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        self._inputs = inputs

    def resolved(self) -> dict[str, Any]:
        return self._inputs


@dataclass(frozen=True)
class Planned:
    """A batch with the run of every point and seed.

    Attributes
    ----------
    batch, plan
        What is run, and what the sweep engine is told.
    run_ids
        Shape (points, replicates); empty text where a point is refused.
    refused
        Point to what is wrong with it.
    """

    batch: Batch
    plan: Plan
    run_ids: tuple[tuple[str, ...], ...]
    refused: dict[int, str]


def planned(batch: Batch) -> Planned:
    """Work out every run; a point that cannot be run does not keep others from it."""
    rows = tuple(tuple(float(value) for value in row) for row in batch.points)
    digest = digest_of([batch.keys, [[value.hex() for value in row] for row in rows]])
    draws = Draws(batch.keys, rows, False, digest, len(rows), Path(batch.name))
    wanted = (*OBSERVABLES_NEEDED, *batch.observables)
    sweep = Sweep(
        name=batch.name,
        title=batch.name,
        scenarios=(batch.scenario,),
        first_seed=int(batch.seeds.min()),
        n_seeds=batch.seeds.shape[1],
        draws=draws,
        observables=kept_observables(wanted),
    )
    ids: list[tuple[str, ...]] = []
    cells: list[Cell] = []
    refused: dict[int, str] = {}
    for point, row in enumerate(rows):
        seeds = [int(seed) for seed in batch.seeds[point]]
        try:
            inputs = _Inputs(sweep.variant(0, (), row).resolved())
        except ScenarioError as error:
            refused[point] = "; ".join(problem.message for problem in error.problems)
            ids.append(("",) * len(seeds))
            continue
        ids.append(tuple(run_id(inputs, seed) for seed in seeds))  # type: ignore[arg-type]
        found = zip(seeds, ids[-1], strict=True)
        cells += [Cell(0, 0, point, seed, name) for seed, name in found]
    return Planned(batch, Plan(sweep, [()], rows, cells), tuple(ids), refused)


def simulate(work: Planned, manner: Manner, progress: Progress | None) -> None:
    """Have every run of a batch that is not stored yet.

    Raises
    ------
    ScenarioError
        When nothing can be simulated here.
    StoreError
        When the folder cannot be read or written.
    """
    if problems := hindrances(work.plan.sweep, manner):
        raise ScenarioError(problems)
    if work.plan.cells:
        carry_out(work.plan, manner, progress)


def measured(runs: pa.Table, folder: Path, targets: Sequence[Target]) -> pa.Table:
    """Give a table of runs with what each measured, a column a target; NaN for nothing.

    Parameters
    ----------
    runs
        Rows of ``rows_of``; status and error are filled in.
    folder
        The study that holds the runs.
    targets
        What is measured.

    Raises
    ------
    StoreError
        When a run that is stored cannot be read, or one is missing.
    """
    names, status, errors = (runs.column(c).to_pylist() for c in ("run_id", "status", "error"))
    study = _opened(folder) if any(names) else None
    stored = {} if study is None else {row["run_id"]: row for row in study.rows()}
    figures = np.full((len(names), len(targets)), np.nan)
    for at, name in enumerate(names):
        if study is None or status[at] == REFUSED:
            continue
        if name not in stored:
            raise StoreError(
                f"{folder}: run {name} is missing; it was made by another version of the "
                "engine, or removed. --redo simulates what is missing"
            )
        row = stored[name]
        status[at], errors[at] = row["status"], str(row.get("error") or "")
        if status[at] == OK:
            figures[at] = simulated_figures(study.loader(name)(), targets)
    table = runs.drop_columns([c for c in runs.column_names if c.startswith(FIGURE)])
    for name, column in (("status", status), ("error", errors)):
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(column, pa.string()))
    for at, target in enumerate(targets):
        table = table.append_column(FIGURE + target.id, pa.array(figures[:, at]))
    return table


def rows_of(work: Planned) -> pa.Table:
    """Give one row a run, measured or not: point, replicate, seed, run_id, ..., values."""
    batch = work.batch
    n_points, replicates = batch.seeds.shape
    points = np.repeat(np.arange(n_points), replicates)
    columns: dict[str, Any] = {
        "point": points,
        "replicate": np.tile(np.arange(replicates), n_points),
        "seed": batch.seeds.ravel(),
        "run_id": [name for ids in work.run_ids for name in ids],
        "status": [REFUSED if point in work.refused else "" for point in points],
        "error": [work.refused.get(int(point), "") for point in points],
    }
    columns |= {key: batch.points[points, at] for at, key in enumerate(batch.keys)}
    return pa.table(columns)


def _opened(folder: Path) -> Study:
    with warnings.catch_warnings():
        # Parts left damaged by a kill are simulated anew and hidden; what matters is missed.
        warnings.simplefilter("ignore", StoreWarning)
        return Study.open(folder)

"""Planned minus stored: what is missing of a study is simulated, by whomever."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from bordersim.batch import Progress, Standing
from bordersim.errors import StoreError
from bordersim.part_files import StoreWarning
from bordersim.parts import FAILED
from bordersim.remote import store_at
from bordersim.remote_place import Place
from bordersim.stored_runs import covered
from bordersim.sweeping.cost import Cost, seconds_a_run
from bordersim.sweeping.crew import Crew, Event
from bordersim.sweeping.plan import Cell, Plan
from bordersim.sweeping.queue import WorkQueue
from bordersim.sweeping.tasks import Ended, Item, Kept, Work

Workers = Callable[[Work, WorkQueue], Generator[Event, None, None]]
"""Something that does the tasks of a queue: processes here, or a cluster."""


@dataclass(frozen=True)
class Manner:
    """How a sweep is carried out; none of it changes a result.

    Attributes
    ----------
    folder
        The study: a folder, or a URL of an object store.
    n_workers
        Processes on this machine.
    scheduler
        Address of a Dask scheduler, whose workers simulate instead; None for this machine.
    shard
        (i, n): only the i-th of n parts of the plan, counted from 1.
    retry
        Also runs that failed before.
    together
        Scenarios of one seed, draw and point go to one worker: they share most of a past.
    """

    folder: Place
    n_workers: int
    scheduler: str | None = None
    shard: tuple[int, int] = (1, 1)
    retry: bool = False
    together: bool = False


@dataclass(frozen=True)
class Missing:
    """What of a plan is stored and what is not.

    Attributes
    ----------
    n_runs
        Runs planned, of this shard.
    stored
        Ids of those that are stored as wanted.
    failed
        Ids of those that failed, and are not tried again.
    todo
        Cells whose runs are to be had, in order.
    again
        Those of runs that are stored damaged, or with less than is wanted.
    """

    n_runs: int
    stored: frozenset[str]
    failed: frozenset[str]
    todo: Sequence[Cell]
    again: Sequence[Cell]


@dataclass(frozen=True)
class Account:
    """What became of a sweep.

    Attributes
    ----------
    n_cells
        Cells of the whole plan.
    n_runs
        Runs they mean, of this shard.
    stored
        Runs that were there before.
    simulated
        Runs that were simulated and stored now.
    failed
        Ids of the runs that failed, now or before.
    """

    n_cells: int
    n_runs: int
    stored: int
    simulated: int
    failed: tuple[str, ...]


def missing(plan: Plan, manner: Manner) -> Missing:
    """Look at what a study lacks; nothing is written.

    Raises
    ------
    StoreError
        When its folder cannot be read.
    """
    store = store_at(manner.folder)
    runs = _shard(plan.runs(), manner.shard)
    marks, damaged = store.marks(), store.damaged_parts()
    logged = store.with_events() if plan.sweep.events else frozenset(runs)
    stored: set[str] = set()
    failed: set[str] = set()
    todo: list[Cell] = []
    again: list[Cell] = []
    for run_id, cell in runs.items():
        mark = marks.get(run_id)
        if mark is None or (mark.status == FAILED and manner.retry):
            todo.append(cell)
        elif mark.status == FAILED:
            failed.add(run_id)
        elif (
            mark.part in damaged
            or run_id not in logged
            or not covered(mark, plan.sweep.observables)
        ):
            again.append(cell)
        else:
            stored.add(run_id)
    return Missing(len(runs), frozenset(stored), frozenset(failed), todo, again)


def _shard(runs: Mapping[str, Cell], shard: tuple[int, int]) -> dict[str, Cell]:
    """A part of a plan, in one piece: cells of one seed stay together."""
    number, n_shards = shard
    first, last = ((i * len(runs)) // n_shards for i in (number - 1, number))
    return dict(list(runs.items())[first:last])


def carry_out(plan: Plan, manner: Manner, progress: Progress | None = None) -> Account:
    """Have every run of a plan that is not stored yet.

    Raises
    ------
    StoreError
        When the study cannot be read or written; what was stored stays.
    BordersimError
        When nothing can be simulated here.
    """
    store = store_at(manner.folder)
    store.prepare()
    plan.write(store)
    lacking = missing(plan, manner)
    for error in store.damaged_parts().values():
        warnings.warn(str(error), StoreWarning, stacklevel=2)
    tally = _Tally(lacking, progress)
    tally.tell()
    queue = WorkQueue(
        _items(plan, lacking.todo),
        _items(plan, lacking.again),
        seconds_a_run(plan.sweep.scenarios[0]),
        together=manner.together,
    )
    try:
        if queue:
            with closing(_workers(manner)(Work(plan.sweep, manner.folder), queue)) as events:
                for event in events:
                    tally.hear(event)
    except BaseException:
        with suppress(StoreError):
            store.refresh_views()
        raise
    store.refresh_views()
    return Account(
        n_cells=len(plan.cells),
        n_runs=lacking.n_runs,
        stored=len(lacking.stored),
        simulated=len(tally.had),
        failed=tuple(sorted({*lacking.failed, *tally.failed})),
    )


def overview(plan: Plan, manner: Manner, lacking: Missing, cost: Cost) -> dict[str, Any]:
    """Give a plan, what of it is there, and what the rest will take, as plain data."""
    sweep = plan.sweep
    n_todo = len(lacking.todo) + len(lacking.again)
    done = {"stored": lacking.stored, "failed": lacking.failed}
    chosen = _shard(plan.runs(), manner.shard)
    rows = []
    for number, scenario in enumerate(sweep.scenarios):
        ids = [cell.run_id for cell in plan.cells if cell.scenario == number]
        ids = [run_id for run_id in ids if run_id in chosen]
        counts = {key: sum(run_id in known for run_id in ids) for key, known in done.items()}
        rest = len(ids) - sum(counts.values())
        rows.append({"scenario": scenario.name, "cells": len(ids), **counts, "missing": rest})
    workers = 1 if manner.scheduler else manner.n_workers
    return {
        "sweep": sweep.name,
        "title": sweep.title,
        "folder": str(manner.folder),
        "sizes": {
            "scenarios": len(sweep.scenarios),
            "points": sweep.n_points,
            "draws": sweep.n_draws,
            "seeds": sweep.n_seeds,
        },
        "points": sweep.design is not None,
        "draws": sweep.draws is not None,
        "axes": [axis.plain() for axis in sweep.design.axes] if sweep.design else [],
        "observables": None if sweep.observables is None else list(sweep.observables),
        "cells": len(plan.cells),
        "runs": lacking.n_runs,
        "shard": list(manner.shard),
        "stored": len(lacking.stored),
        "failed": failures(manner.folder, lacking.failed),
        "missing": n_todo,
        "scenarios": rows,
        "workers": manner.n_workers,
        "scheduler": manner.scheduler,
        "cost": {
            "seconds": n_todo * cost.seconds / max(1, min(workers, n_todo)),
            "bytes": n_todo * cost.n_bytes,
            "measured": cost.measured,
        },
    }


def failures(folder: Place, run_ids: Collection[str]) -> list[dict[str, Any]]:
    """Rows of runs that failed: run_id, scenario, seed, error_type, error, traceback."""
    names = ("run_id", "scenario", "seed", "error_type", "error", "traceback")
    store = store_at(folder)
    marks = store.marks()
    found: list[dict[str, Any]] = []
    for run_id in run_ids:
        if run_id in marks:
            rows = store.marker_rows(marks[run_id].part)
            found += [{k: row[k] for k in names} for row in rows if row["run_id"] == run_id]
    return sorted(found, key=lambda row: (row["scenario"], row["seed"], row["run_id"]))


def _workers(manner: Manner) -> Workers:
    if manner.scheduler is not None:
        from bordersim.sweeping.cluster import on_cluster

        return on_cluster(manner.scheduler)
    return lambda work, queue: Crew(work, manner.n_workers).carry_out(queue)


def _items(plan: Plan, cells: Collection[Cell]) -> list[Item]:
    return [
        Item(cell.scenario, plan.points[cell.point], plan.draws[cell.draw], cell.seed, cell.run_id)
        for cell in cells
    ]


class _Tally:
    """What is heard of a sweep, counted."""

    def __init__(self, lacking: Missing, progress: Progress | None) -> None:
        self._lacking = lacking
        self._progress = progress
        self._ended: set[str] = set()
        self.had: set[str] = set()
        self.failed: set[str] = set()
        self._latest = ""

    def hear(self, event: Event) -> None:
        if isinstance(event, Ended):
            self._ended.add(event.run_id)
        elif isinstance(event, Kept):
            self.had.update(event.had)
            self.failed.update(event.failed)
        self._latest = "runs"
        self.tell()

    def tell(self) -> None:
        if self._progress is None:
            return
        before = len(self._lacking.stored)
        ended = len(self._ended | self.had | self.failed)
        done = before + len(self._lacking.failed) + ended
        had = before + len(self.had)
        self._progress(Standing(had, done, float(done), self._lacking.n_runs, self._latest))

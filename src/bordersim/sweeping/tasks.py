"""What a worker does: simulate the runs of a task, and store them as one part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from bordersim.errors import BordersimError
from bordersim.one_run import Job, MonthDone, simulate_job
from bordersim.parts import FailedRun, RunTables, tables_of
from bordersim.remote import store_at
from bordersim.remote_place import Place
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.store import Store
from bordersim.sweeping.designs import Point
from bordersim.sweeping.spec import Sweep

_REMEMBERED = 8
"""Scenarios a worker keeps ready; each holds two megabytes of lever paths."""


class Item(NamedTuple):
    """One run to be had, in a few bytes.

    Attributes
    ----------
    scenario
        Position among the sweep's scenarios.
    point, draw
        Values of the axes and of the drawn parameters.
    seed, run_id
        Of the run.
    """

    scenario: int
    point: Point
    draw: Point
    seed: int
    run_id: str


class Task(NamedTuple):
    """Runs that one worker simulates and stores together.

    Attributes
    ----------
    items
        In the order of the plan.
    again
        They are stored already, but not as wanted: each goes to a part of its own, which
        counts more than what is there.
    """

    items: tuple[Item, ...]
    again: bool = False


class Ended(NamedTuple):
    """A run that ended, not yet stored: its id, and the seconds it took with all around it."""

    run_id: str
    seconds: float


class Kept(NamedTuple):
    """A task whose runs are on the disk.

    Attributes
    ----------
    had, failed
        Ids of its runs.
    """

    had: tuple[str, ...]
    failed: tuple[str, ...]


class StopWork(BaseException):
    """The worker is to store what it has and end."""


@dataclass(frozen=True)
class Work:
    """What every task of a sweep needs, sent to a worker once.

    Attributes
    ----------
    sweep
        The scenarios, and what is kept of a run.
    folder
        The study.
    """

    sweep: Sweep
    folder: Place

    @cached_property
    def store(self) -> Store:
        """Store of the study, the same for every task of a worker: it reads each marker once."""
        return store_at(self.folder)


def simulate_cells(
    sweep: Sweep, items: Sequence[Item], month_done: MonthDone | None = None
) -> Iterator[Run | FailedRun]:
    """Simulate cells of one seed; what several share of the past, once.

    Parameters
    ----------
    sweep
        Their scenarios.
    items
        The cells, scenario fastest.
    month_done
        Called every month with months done and months in all.

    Yields
    ------
    Run or FailedRun
        One for each item, in the order in which they end; no error is raised.
    """
    from bordersim.simulation import simulate_alike  # numba, once its threads are set

    left = dict(enumerate(items))
    try:
        scenarios = [_variant(sweep, item) for item in items]
        seed, events = items[0].seed, sweep.events
        alike = simulate_alike(scenarios, seed, events=events, progress=month_done)
        for position, run in alike:
            del left[position]
            yield replace(run, policies=scenarios[position].policies_text())
    except Exception:  # one by one, so that an error is its own run's alone
        for item in left.values():
            job = Job(_variant(sweep, item), item.seed, item.run_id)
            yield simulate_job(job, events=sweep.events, check=False, month_done=month_done)


def _variant(sweep: Sweep, item: Item) -> Scenario:
    return _variants(id(sweep))(sweep, item.scenario, item.point, item.draw)


@lru_cache(maxsize=1)
def _variants(_sweep: int) -> Callable[[Sweep, int, Point, Point], Scenario]:
    return lru_cache(maxsize=_REMEMBERED)(Sweep.variant)


def do_task(
    work: Work,
    task: Task,
    ended: Callable[[Ended], None] = lambda _: None,
    month_done: MonthDone | None = None,
) -> Kept:
    """Simulate a task's runs and store them; failures are rows of their own.

    When ``StopWork`` is raised on the way, what is finished is stored before it goes on.

    Raises
    ------
    StoreError
        When the study cannot be written.
    """
    store = work.store
    tables: list[RunTables] = []
    failed: list[str] = []
    try:
        for _, group in groupby(task.items, key=lambda item: item.seed):
            began = time.perf_counter()
            for run in simulate_cells(work.sweep, tuple(group), month_done):
                if isinstance(run, FailedRun):
                    failed.append(run.run_id)
                    record_failure(store, run)
                else:
                    tables.append(tables_of(run, work.sweep.observables))
                now = time.perf_counter()
                ended(Ended(run.run_id, now - began))
                began = now
    finally:
        _store(store, tables, again=task.again)
    return Kept(tuple(table.run_id for table in tables), tuple(failed))


def record_failure(store: Store, failed: FailedRun) -> None:
    """Keep a row for a run that failed, unless another process had it meanwhile."""
    mark = store.marks().get(failed.run_id)
    if mark is None or mark.status != "ok":
        store.record_failure(failed)


def _store(store: Store, tables: Sequence[RunTables], *, again: bool) -> None:
    if again:
        for table in tables:
            store.commit_again(table)
    elif tables:
        store.commit_new(tables)


def lost_run(sweep: Sweep, item: Item, how: str) -> FailedRun:
    """Row of a run whose process died twice."""
    text = (
        f"the process that simulated it {how} twice, the second time with no other beside it; "
        "the system does so when memory runs out: try a smaller scale, or more memory"
    )
    try:
        scenario = sweep.variant(item.scenario, item.point, item.draw)
    except BordersimError:  # the plan found it in order; its row says enough
        scenario = sweep.scenarios[item.scenario]
    return FailedRun(item.run_id, scenario, item.seed, text, "ProcessDied")

"""Run scenarios: once or over several seeds, in memory or into a store.

A run that is already stored is not simulated again. Several runs go to two
processes with one thread each; a result never depends on where it was computed.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.errors import BordersimError
from bordersim.parts import OK, FailedRun, run_row
from bordersim.results import Run, RunResults, run_id
from bordersim.store import Store
from bordersim.study import StoredRun, Study, itself, stored_run

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

MAX_WORKERS = 2
"""Runs at once; each keeps one core busy and holds one world in memory."""


@dataclass(frozen=True)
class Job:
    """One run to be had: a resolved scenario and a seed."""

    scenario: Scenario
    seed: int
    run_id: str


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Exactly one of ``results`` and ``failure`` is set; ``was_stored`` says that
    nothing had to be simulated, ``mismatch`` that the failure is a digest which
    differs from the stored one.
    """

    job: Job
    results: RunResults | None
    failure: FailedRun | None = None
    was_stored: bool = False
    mismatch: bool = False


@dataclass(frozen=True)
class Options:
    """How runs are made; none of it enters a run's id.

    ``events`` keeps the event log, ``check`` verifies people and money after
    every month (and so always simulates), ``out`` is the folder of studies:
    a run goes to ``out/<scenario name>``.
    """

    events: bool = False
    check: bool = False
    out: Path | None = None


Progress = Callable[[int, int, str], None]
"""Called with runs done, runs in all, and what was just finished."""


def run(  # noqa: PLR0913 - the options of one command, all but three keyword-only
    scenario: Scenario | str | Path,
    seed: int = 1,
    replicates: int = 1,
    *,
    scale: float | None = None,
    until: str | None = None,
    settings: Mapping[str, Any] | None = None,
    events: bool = False,
    check: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> RunResults | Study:
    """Simulate a scenario.

    Parameters
    ----------
    scenario
        A scenario, or the path of a scenario file.
    seed
        First seed of the dynamics; replicate ``i`` uses ``seed + i``.
    replicates
        Number of seeds, at least 1. With more than one, runs go to a pool of
        two processes: a script needs its ``if __name__ == "__main__":`` guard.
    scale
        Share of the population to simulate, in (0, 1]; the scenario's own
        when None.
    until
        Last month, such as "2012-06".
    settings
        Last layer over the scenario: parameter or lever keys to values.
    events
        Keep the event log.
    check
        Verify people and money after every month.
    out
        Folder that holds studies; the run is kept in ``out/<scenario name>``.
        In memory only when None.
    progress
        Called after every run.

    Returns
    -------
    RunResults or Study
        One run for one replicate, a study otherwise.

    Raises
    ------
    ScenarioError
        When the scenario or a setting is invalid; nothing is simulated then.
    BordersimError
        When the only run failed. Of several, the failed are rows of the study.
    """
    resolved = prepare(scenario, settings=settings, scale=scale, until=until)
    options = Options(events=events, check=check, out=None if out is None else Path(out))
    jobs = jobs_of(resolved, seed, replicates)
    outcomes = execute(jobs, options, progress)
    if len(outcomes) > 1:
        return study_of(outcomes)
    (outcome,) = outcomes
    if outcome.results is None:
        error = outcome.failure.error if outcome.failure else ""
        raise BordersimError(f"run {outcome.job.run_id} (seed {seed}) failed: {error}")
    return outcome.results


def prepare(
    scenario: Scenario | str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    scale: float | None = None,
    until: str | None = None,
) -> Scenario:
    """Load a scenario if need be and lay the caller's settings over it.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    from bordersim.scenario import load

    loaded = load(scenario) if isinstance(scenario, str | Path) else scenario
    layer: dict[str, Any] = dict(settings or {})
    if scale is not None:
        layer["population.scale"] = scale
    if until is not None:
        layer["time.end"] = until
    return loaded.with_settings(layer) if layer else loaded


def jobs_of(scenario: Scenario, seed: int, replicates: int) -> tuple[Job, ...]:
    """One job for each seed from ``seed`` on."""
    if replicates < 1:
        raise BordersimError(f"replicates is {replicates}; at least 1 is needed")
    return tuple(
        Job(scenario, number, run_id(scenario, number)) for number in range(seed, seed + replicates)
    )


def execute(
    jobs: Sequence[Job], options: Options, progress: Progress | None = None
) -> tuple[Outcome, ...]:
    """Have every job's results, simulating those that are not stored.

    Runs are committed as they finish, so that an interrupted call resumes where
    it stopped.

    Returns
    -------
    tuple of Outcome
        In the order of ``jobs``.
    """
    unique = {job.run_id: job for job in jobs}
    outcomes = _stored_outcomes(tuple(unique.values()), options)
    missing = [job for key, job in unique.items() if key not in outcomes]
    try:
        for job, result in _simulate_each(missing, options):
            outcomes[job.run_id] = _keep(job, result, options)
            if progress is not None:
                label = f"{job.scenario.name}, seed {job.seed}"
                progress(len(outcomes), len(unique), label)
    finally:
        for store in _stores_of(missing, options):
            if store.rows():
                store.refresh_views()
    return tuple(outcomes[job.run_id] for job in jobs)


def study_of(outcomes: Sequence[Outcome]) -> Study:
    """Study of outcomes, failures included as rows."""
    rows: list[dict[str, Any]] = []
    loaders: dict[str, Callable[[], RunResults]] = {}
    for outcome in outcomes:
        results = outcome.results
        if outcome.failure is not None:
            rows.append(run_row(outcome.failure) | {"has_events": False})
        elif isinstance(results, StoredRun):
            logged = results.run_id in results.store.with_events()
            rows.append(results.row.columns | {"has_events": logged})
        elif isinstance(results, Run):
            rows.append(run_row(results) | {"has_events": results.events is not None})
        if results is not None:
            loaders[results.run_id] = partial(itself, results)
    return Study(rows, loaders)


def open(folder: str | Path) -> Study:
    """Open a results folder, such as ``results/historical``.

    Raises
    ------
    StoreError
        When the folder holds no stored runs.
    """
    return Study.open(folder)


def store_of(job: Job, options: Options) -> Store | None:
    """Store that a job's run goes to, None when it stays in memory."""
    return None if options.out is None else Store(options.out / job.scenario.name)


def _stores_of(jobs: Sequence[Job], options: Options) -> list[Store]:
    """Stores that jobs go to, each once."""
    stores = (store_of(job, options) for job in jobs)
    return list({store.folder: store for store in stores if store is not None}.values())


def _stored_outcomes(jobs: Sequence[Job], options: Options) -> dict[str, Outcome]:
    """Outcomes of the jobs that are stored with everything asked for."""
    outcomes: dict[str, Outcome] = {}
    if options.check:
        return outcomes
    for store in _stores_of(jobs, options):
        rows = store.rows()
        logged = store.with_events() if options.events else set(rows)
        for job in jobs:
            row = rows.get(job.run_id)
            here = store_of(job, options) == store and job.run_id in logged
            if here and row is not None and row.columns["status"] == OK:
                outcomes[job.run_id] = Outcome(job, stored_run(store, row), was_stored=True)
    return outcomes


def _keep(job: Job, result: Run | FailedRun, options: Options) -> Outcome:
    """Store what a job gave; a stored run is only added to, and must agree."""
    store = store_of(job, options)
    known = store.finished(job.run_id) if store is not None else None
    if isinstance(result, Run) and known is not None and known.columns["digest"] != result.digest:
        text = f"digest {result.digest} differs from the stored {known.columns['digest']}"
        failure = FailedRun(job.run_id, job.scenario, job.seed, text, "Mismatch", "", result.wall_s)
        return Outcome(job, None, failure=failure, mismatch=True)
    if isinstance(result, FailedRun):
        if store is not None and known is None:
            store.record_failure(result)
        return Outcome(job, None, failure=result)
    if store is not None and known is None:
        store.commit([result])
    elif store is not None and result.events is not None:
        store.add_events(result)
    return Outcome(job, result)


def _simulate_each(jobs: Sequence[Job], options: Options) -> Iterator[tuple[Job, Run | FailedRun]]:
    if len(jobs) < 2:
        for job in jobs:
            yield job, _simulate_one(job, options.events, options.check)
        return
    pool = ProcessPoolExecutor(
        max_workers=min(MAX_WORKERS, len(jobs)),
        mp_context=get_context("spawn"),
        initializer=_one_thread,
    )
    try:
        futures: dict[Future[Run | FailedRun], Job] = {
            pool.submit(_simulate_one, job, options.events, options.check): job for job in jobs
        }
        for future in as_completed(futures):
            job = futures[future]
            error = future.exception()
            if error is None:
                yield job, future.result()
            else:  # the worker itself died: killed, or out of memory
                yield job, FailedRun(job.run_id, job.scenario, job.seed, *_described(error))
    finally:
        pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    # Before numba is imported in the worker; one thread a run is the rule.
    os.environ["NUMBA_NUM_THREADS"] = "1"


def _simulate_one(job: Job, events: bool, check: bool) -> Run | FailedRun:
    from bordersim.simulation import simulate

    began = time.perf_counter()
    try:
        finished: Run = simulate(job.scenario, job.seed, events=events, check=check)
    except Exception as error:  # any failure is a row of the store, never the end of a batch
        wall = time.perf_counter() - began
        return FailedRun(job.run_id, job.scenario, job.seed, *_described(error), wall)
    return finished


def _described(error: BaseException) -> tuple[str, str, str]:
    """Message, type and traceback of an error."""
    where = "".join(traceback.format_exception(error)).rstrip()
    return str(error) or type(error).__name__, type(error).__name__, where

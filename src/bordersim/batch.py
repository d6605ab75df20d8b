"""Several runs: what is stored is read, the rest is simulated and kept as it ends."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bordersim.errors import StoreError
from bordersim.one_run import Job, simulate_job
from bordersim.part_files import DamagedPartError, StoreWarning, part_name
from bordersim.parts import OK, FailedRun
from bordersim.pool import simulate_in_processes
from bordersim.results import Run, RunResults
from bordersim.store import Store
from bordersim.stored_runs import StoredRow
from bordersim.study import StoredRun, stored_run

MAX_PROCESSES = 2
"""Runs at once; each keeps one core busy and holds one world in memory."""


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


@dataclass(frozen=True)
class Standing:
    """How far a batch is.

    Attributes
    ----------
    had
        Runs whose results are there: simulated and kept, or stored before.
    ended
        These, and those that failed.
    done
        These, and those under way by the share of their months.
    n_runs
        Runs in all.
    latest
        Scenario and seed that got further; empty before the first month.
    """

    had: int
    ended: int
    done: float
    n_runs: int
    latest: str


Progress = Callable[[Standing], None]
"""Called once before the first month and then after every month."""


def execute(
    jobs: Sequence[Job], options: Options, progress: Progress | None = None
) -> tuple[Outcome, ...]:
    """Have every job's results, simulating those that are not stored.

    Runs are committed as they finish, so that an interrupted call resumes where
    it stopped. A stored run whose parts are damaged is simulated again.

    Returns
    -------
    tuple of Outcome
        In the order of ``jobs``.

    Raises
    ------
    StoreError
        When the results folder cannot be read or written; what was committed stays.
    """
    return _Batch(jobs, options, progress).execute()


class _Batch:
    """One call of ``execute``."""

    def __init__(self, jobs: Sequence[Job], options: Options, progress: Progress | None) -> None:
        self._order = [job.run_id for job in jobs]
        self._jobs = {job.run_id: job for job in jobs}
        self._options = options
        self._progress = progress
        self._stores: dict[Path, Store] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._shares: dict[str, float] = {}
        self._damaged: set[str] = set()
        self._had = 0

    def execute(self) -> tuple[Outcome, ...]:
        if not self._options.check:
            self._take_what_is_stored()
        missing = [job for key, job in self._jobs.items() if key not in self._outcomes]
        self._tell()
        for store in {store for job in missing if (store := self._store_of(job))}:
            store.prepare()
        try:
            with closing(self._simulate(missing)) as results:  # and its processes
                for job, result in results:
                    self._settle(self._keep(job, result))
                    self._tell(job)
            self._mend(missing)
        except BaseException:
            with suppress(StoreError):
                self._refresh_views()
            raise
        try:
            self._refresh_views()
        except StoreError as error:
            warnings.warn(str(error), StoreWarning, stacklevel=4)
        return tuple(self._outcomes[key] for key in self._order)

    def _store_of(self, job: Job) -> Store | None:
        if self._options.out is None:
            return None
        folder = self._options.out / job.scenario.name
        return self._stores.setdefault(folder, Store(folder))

    def _take_what_is_stored(self) -> None:
        for job in self._jobs.values():
            self._store_of(job)
        own = {part_name([run_id]) for run_id in self._jobs}
        for store in self._stores.values():
            rows, damaged = store.markers()
            for error in damaged:
                _warn_of(error, again=error.path.name in own)
            for run_id, job in self._jobs.items():
                row = rows.get(run_id)
                if row is None or row.columns["status"] != OK or self._store_of(job) != store:
                    continue
                run = stored_run(store, row)
                if self._is_whole(run) and self._has_events(run):
                    self._settle(Outcome(job, run, was_stored=True))

    def _is_whole(self, run: StoredRun) -> bool:
        """Whether a stored run can be read to its last byte."""
        try:
            run.load()
        except DamagedPartError as error:
            if run.run_id not in self._damaged:
                _warn_of(error, again=True)
            self._damaged.add(run.run_id)
            return False
        return True

    def _has_events(self, run: StoredRun) -> bool:
        """Whether a stored run has the event log, where one is asked for."""
        if not self._options.events:
            return True
        try:
            run.store.table("events", run.row)
        except DamagedPartError as error:
            _warn_of(error, again=True)
            return False
        except StoreError:  # it was stored without
            return False
        return True

    def _simulate(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Run | FailedRun], None, None]:
        events, check = self._options.events, self._options.check
        n_processes = min(MAX_PROCESSES, len(jobs))
        if n_processes > 1:
            yield from simulate_in_processes(
                jobs, n_processes, events=events, check=check, month_done=self._month_done
            )
            return
        for job in jobs:
            month_done = self._month_done_of(job)
            yield job, simulate_job(job, events=events, check=check, month_done=month_done)

    def _month_done_of(self, job: Job) -> Callable[[int, int], None]:
        return lambda done, months: self._month_done(job, done, months)

    def _month_done(self, job: Job, done: int, months: int) -> None:
        self._shares[job.run_id] = done / months
        self._tell(job)

    def _tell(self, latest: Job | None = None) -> None:
        if self._progress is None:
            return
        name = "" if latest is None else f"{latest.scenario.name}, seed {latest.seed}"
        ended = len(self._outcomes)
        done = ended + sum(self._shares.values())
        self._progress(Standing(self._had, ended, done, len(self._jobs), name))

    def _settle(self, outcome: Outcome) -> None:
        self._outcomes[outcome.job.run_id] = outcome
        self._shares.pop(outcome.job.run_id, None)
        self._had += outcome.results is not None

    def _keep(self, job: Job, result: Run | FailedRun) -> Outcome:
        """Store what a job gave; a stored run is only added to, and must agree."""
        store = self._store_of(job)
        if isinstance(result, FailedRun):
            if store is not None and store.finished(job.run_id) is None:
                store.record_failure(result)
            return Outcome(job, None, failure=result)
        if store is None:
            return Outcome(job, result)
        known = store.finished(job.run_id)
        if known is not None and known.columns["digest"] != result.digest:
            return Outcome(job, None, failure=_mismatch(job, result, known), mismatch=True)
        if known is None or not self._is_whole(stored_run(store, known)):
            store.commit([result])
        elif result.events is not None:
            store.add_events(result)
        return Outcome(job, result)

    def _mend(self, jobs: Sequence[Job]) -> None:
        """Store again what was stored in this call and has vanished since."""
        for job in jobs:
            store, run = self._store_of(job), self._outcomes[job.run_id].results
            if store is None or not isinstance(run, Run) or store.finished(job.run_id):
                continue
            store.commit([run])
            text = f"{store.folder}: seed {job.seed} had vanished since it was stored"
            warnings.warn(f"{text}; it is stored again.", StoreWarning, stacklevel=5)

    def _refresh_views(self) -> None:
        for store in self._stores.values():
            store.refresh_views()


def _mismatch(job: Job, run: Run, known: StoredRow) -> FailedRun:
    text = f"digest {run.digest} differs from the stored {known.columns['digest']}"
    return FailedRun(job.run_id, job.scenario, job.seed, text, "Mismatch", wall_s=run.wall_s)


def _warn_of(error: DamagedPartError, *, again: bool) -> None:
    text = f"{error.path}: {error.what}. Its run is simulated again." if again else str(error)
    warnings.warn(text, StoreWarning, stacklevel=6)

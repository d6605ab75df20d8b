"""Stored runs made again and held against what is stored: here, side by side, in threads."""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bordersim.batch import MAX_PROCESSES, Progress, Standing
from bordersim.errors import BordersimError
from bordersim.one_run import Job, simulate_job
from bordersim.parts import FailedRun
from bordersim.pool import end_with_parent, interrupts_held, numba_threads, simulate_in_processes
from bordersim.reexecution import Comparison, compare
from bordersim.results import Run
from bordersim.run_catalogue import Entry
from bordersim.study import stored_run

MOST_THREADS = 64
"""Runs at once in one process; each holds a world of its own in memory."""


@dataclass(frozen=True)
class Task:
    """A stored run and how to make it again; the job's id is the run's full name."""

    entry: Entry
    job: Job


@dataclass(frozen=True)
class Repeat:
    """One run made again.

    Attributes
    ----------
    task
        Which.
    threads
        Runs at once in its process; None where it was made as ``bordersim run`` does.
    outcome
        How it compares with what is stored, or why it could not be made.
    wall_s
        Seconds of the simulation alone.
    """

    task: Task
    threads: int | None
    outcome: Comparison | FailedRun
    wall_s: float


def sampled(entries: Iterable[Entry], size: int, seed: int) -> list[Entry]:
    """Choose runs at random, by a hash of seed and name.

    Parameters
    ----------
    entries
        To choose from; their order does not matter.
    size
        How many at most.
    seed
        Another seed, another choice; a run that is added moves at most one other out.

    Returns
    -------
    list of Entry
        In the order of ``entries``.
    """
    listed = list(entries)

    def rank(entry: Entry) -> bytes:
        return hashlib.sha256(f"{seed}:{entry.full_name}".encode()).digest()

    chosen = {entry.full_name for entry in sorted(listed, key=rank)[:size]}
    return [entry for entry in listed if entry.full_name in chosen]


def repeat(
    tasks: Sequence[Task], threads: Sequence[int] = (), progress: Progress | None = None
) -> Generator[Repeat, None, None]:
    """Make stored runs again, and compare each as it ends.

    Parameters
    ----------
    tasks
        Which. The event log is made again, too, where it is stored.
    threads
        How many copies of each run to make at once in a process of its own, whose
        ``NUMBA_NUM_THREADS`` is that number; each number in turn. When empty, a single
        run is made in this process and several in two.
    progress
        Called before the first month, and then now and then.

    Yields
    ------
    Repeat
        One for each copy, as they end.

    Raises
    ------
    DamagedPartError
        When a part of a stored run cannot be used.
    """
    meter = _Meter(sum(threads) * len(tasks) if threads else len(tasks), progress)
    if threads:
        for task in tasks:
            for at_once in threads:
                copies = _copies_at_once(task.job, at_once, task.entry.has_events)
                for result in copies:
                    yield _compared(task, at_once, result)
                    meter.ended(task.job)
        return
    by_name = {task.job.run_id: task for task in tasks}
    for logged in (False, True):
        jobs = [task.job for task in tasks if task.entry.has_events == logged]
        with closing(_simulated(jobs, logged, meter)) as results:
            for job, result in results:
                yield _compared(by_name[job.run_id], None, result)
                meter.ended(job)


class _Meter:
    """How far all tasks are together."""

    def __init__(self, n_runs: int, progress: Progress | None) -> None:
        self._n_runs = n_runs
        self._progress = progress
        self._ended = 0
        self._shares: dict[str, float] = {}
        self._tell("")

    def month_done(self, job: Job, done: int, months: int) -> None:
        self._shares[job.run_id] = done / months
        self._tell(f"{job.scenario.name}, seed {job.seed}")

    def ended(self, job: Job) -> None:
        self._shares.pop(job.run_id, None)
        self._ended += 1
        self._tell(f"{job.scenario.name}, seed {job.seed}")

    def _tell(self, latest: str) -> None:
        if self._progress is not None:
            done = self._ended + sum(self._shares.values())
            self._progress(Standing(self._ended, self._ended, done, self._n_runs, latest))


def _simulated(
    jobs: Sequence[Job], events: bool, meter: _Meter
) -> Generator[tuple[Job, Run | FailedRun], None, None]:
    if len(jobs) > 1:
        yield from simulate_in_processes(
            jobs, MAX_PROCESSES, events=events, check=False, month_done=meter.month_done
        )
        return
    for job in jobs:
        month_done: Callable[[int, int], None] = partial(meter.month_done, job)
        yield job, simulate_job(job, events=events, check=False, month_done=month_done)


def _compared(task: Task, threads: int | None, result: Run | FailedRun) -> Repeat:
    if isinstance(result, FailedRun):
        return Repeat(task, threads, result, result.wall_s)
    stored = stored_run(task.entry.store, task.entry.row)
    return Repeat(task, threads, compare(stored, result), result.wall_s)


def _copies_at_once(job: Job, threads: int, events: bool) -> list[Run | FailedRun]:
    """The same run several times at once, in the threads of a fresh process."""
    context = get_context("spawn")
    pipe, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, job, threads, events), daemon=True)
    with interrupts_held(), numba_threads(threads):
        process.start()
    theirs.close()
    try:
        results: list[Run | FailedRun] = pipe.recv()
    except EOFError:
        process.join()
        raise BordersimError(
            f"a process with {threads} runs at once ended with exit code {process.exitcode} "
            "and no result; the system ends a process that takes too much memory: try fewer"
        ) from None
    finally:
        process.kill()
        process.join()
        pipe.close()
    return results


def _work(pipe: Connection, job: Job, threads: int, events: bool) -> None:
    """Body of the process; it ends with the one that started it, and writes nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    gate = threading.Barrier(threads)
    results: list[Run | FailedRun] = []

    def work() -> None:
        gate.wait()
        results.append(simulate_job(job, events=events, check=False))

    copies = [threading.Thread(target=work) for _ in range(threads)]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join()
    pipe.send(results)

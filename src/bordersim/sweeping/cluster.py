"""Workers of a Dask cluster: the same tasks and the same results, done elsewhere.

Each worker stores what it simulates itself, and only a word a run goes back. It must see the
study: a folder under the same path, as on a shared file system, or a URL that it has keys for.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

from bordersim.errors import BordersimError, StoreError
from bordersim.parts import FailedRun
from bordersim.remote import store_at
from bordersim.sweeping.crew import Event
from bordersim.sweeping.queue import WorkQueue
from bordersim.sweeping.tasks import Ended, Kept, Task, Work, do_task, lost_run, record_failure

CONNECTING = 20.0
"""Seconds for a scheduler to answer."""

_AHEAD = 2
"""Tasks that wait at each worker, so that none is idle while the next is on its way."""

_ALLOWED_DEATHS = 1
"""Workers a task may lose before its runs are tried one by one."""


def on_cluster(address: str) -> Callable[[Work, WorkQueue], Generator[Event, None, None]]:
    """Give a way to do a queue's tasks on a Dask cluster.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://head:8786``.

    Raises
    ------
    BordersimError
        When Dask is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise BordersimError(
            "--scheduler needs Dask: install bordersim with its extra dask "
            '(pip install "bordersim[dask]"), here and on every worker'
        ) from None

    def carry_out(work: Work, queue: WorkQueue) -> Generator[Event, None, None]:
        try:
            client = distributed.Client(address, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise BordersimError(
                f"no Dask scheduler answers at {address} ({error}); give the address it prints "
                "when it starts, as tcp://HOST:PORT"
            ) from error
        with client:
            yield from _Cluster(client, work, queue).carry_out()

    return carry_out


class _Cluster:
    """One sweep on a cluster."""

    def __init__(self, client: Any, work: Work, queue: WorkQueue) -> None:
        self._client = client
        self._work = work
        self._queue = queue
        self._tasks: dict[Any, Task] = {}
        self._deaths: Counter[str] = Counter()

    def carry_out(self) -> Generator[Event, None, None]:
        import distributed

        self._client.wait_for_workers(1)
        futures = distributed.as_completed([], loop=self._client.loop, raise_errors=False)
        self._submit(futures)
        while self._tasks:
            future = next(futures)
            yield from self._result(future, self._tasks.pop(future))
            self._submit(futures)

    def _submit(self, futures: Any) -> None:
        slots = max(1, sum(self._client.nthreads().values()))
        while self._queue and len(self._tasks) < _AHEAD * slots:
            task = self._queue.take(slots)
            # The scenarios go with every task: what is scattered dies with the worker that has it.
            future = self._client.submit(_do, self._work, task, pure=False)
            self._tasks[future] = task
            futures.add(future)

    def _result(self, future: Any, task: Task) -> Generator[Event, None, None]:
        import distributed

        error = future.exception()
        if error is None:
            kept, seconds = future.result()
            for run_id in (*kept.had, *kept.failed):
                ended = Ended(run_id, seconds / len(task.items))
                self._queue.learn(ended.seconds)
                yield ended
            yield kept
        elif isinstance(error, distributed.KilledWorker | distributed.client.FutureCancelledError):
            yield from self._retry(task)
        elif isinstance(error, StoreError | BordersimError):
            raise error
        else:
            raise BordersimError(
                f"a worker of the cluster failed ({type(error).__name__}: {error}); every worker "
                "needs this version of bordersim, and to see the study's folder"
            ) from error

    def _retry(self, task: Task) -> Generator[Event, None, None]:
        """Have the runs of a task that killed its workers one by one; twice, and they fail."""
        for item in task.items:
            self._deaths[item.run_id] += 1
            if self._deaths[item.run_id] <= _ALLOWED_DEATHS:
                self._queue.put_alone(item, again=task.again)
                continue
            failed: FailedRun = lost_run(self._work.sweep, item, "was killed on the cluster")
            record_failure(store_at(self._work.folder), failed)
            yield Kept((), (item.run_id,))


def _do(work: Work, task: Task) -> tuple[Kept, float]:
    """Do a task where it was sent; the seconds come with it."""
    _one_thread()
    began = time.perf_counter()
    kept = do_task(work, task)
    return kept, time.perf_counter() - began


def _one_thread() -> None:
    """Let Numba have one thread in this process, whatever the worker's machine has.

    Nothing that a task is sent with loads Numba, so that it reads the environment after
    this; a worker that had it loaded already for others is told at run time.
    """
    if "numba" not in sys.modules:
        os.environ["NUMBA_NUM_THREADS"] = "1"
        return
    import numba

    numba.set_num_threads(1)

"""Workers on this machine: processes with one thread each, that store what they simulate.

As in ``pool``, processes are spawned, leave Ctrl-C to their parent, and end when it ends.
Unlike there they hand back no results: a word a run is all that the parent hears. One that
dies costs what it had not stored; the run it was at is tried once more, alone, and whatever
else it had to do goes to the others.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from bordersim.compiled import kernels_are_compiled
from bordersim.errors import BordersimError
from bordersim.pool import end_with_parent, interrupts_held, numba_threads
from bordersim.remote import store_at
from bordersim.sweeping.queue import WorkQueue
from bordersim.sweeping.tasks import (
    Ended,
    Item,
    Kept,
    StopWork,
    Task,
    Work,
    do_task,
    lost_run,
    record_failure,
)

GRACE = 3.0
"""Seconds that workers have, when the sweep is stopped, to store what they finished."""

_SECONDS_BETWEEN_REPORTS = 0.5
_READY = "ready"

Share = float
"""Of the run a worker is at: how much is done."""

Event = Ended | Kept | Share


@dataclass
class _Worker:
    """A process, the task it is at, and how many of its runs have ended."""

    pipe: Connection
    task: Task
    ended: int = 0
    ready: bool = False

    def __init__(self, work: Work, task: Task) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.task, self.ended, self.ready = task, 0, False
        self.process = context.Process(target=_work, args=(theirs, work), daemon=True)
        with interrupts_held(), numba_threads(1):
            self.process.start()
        theirs.close()

    def last_words(self) -> tuple[int, str]:
        """Exit code of a dead process, and how it ended in words."""
        self.process.join()
        code = self.process.exitcode or 0
        if code >= 0:
            return code, f"ended with exit code {code}"
        return code, f"was killed by {signal.Signals(-code).name}"


class Crew:
    """The workers of one sweep on this machine.

    Parameters
    ----------
    work
        What each is told first.
    n_workers
        Processes at once, at most.
    """

    def __init__(self, work: Work, n_workers: int) -> None:
        self._work = work
        self._n_workers = n_workers
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []
        self._deaths: Counter[str] = Counter()
        self._alone: list[Task] = []

    def carry_out(self, queue: WorkQueue) -> Generator[Event, None, None]:
        """Do everything in a queue; give what is heard of it.

        Raises
        ------
        BordersimError
            When processes cannot be started at all, or the study cannot be written.
        """
        try:
            yield from self._rounds(queue, self._n_workers)
            while self._alone:  # what may need the whole memory gets it
                self._dismiss()
                task = self._alone.pop(0)
                for item in task.items:
                    yield from self._rounds(_queue_of(item, task), 1)
            self._dismiss()
        finally:
            self._stop()

    def _rounds(self, queue: WorkQueue, n_workers: int) -> Generator[Event, None, None]:
        # Two that compile the same kernels at once would take as long for it as each alone.
        at_once = n_workers if kernels_are_compiled() else 1
        while queue or self._busy:
            while queue and len(self._busy) < at_once:
                self._begin(queue.take(n_workers))
            ready = wait([worker.pipe for worker in self._busy])
            for worker in [worker for worker in self._busy if worker.pipe in ready]:
                event = self._heard(worker, queue)
                if event is None:
                    continue
                at_once = n_workers
                if isinstance(event, Ended):
                    queue.learn(event.seconds)
                yield event

    def _begin(self, task: Task) -> None:
        while self._idle:
            worker = self._idle.pop()
            try:
                worker.pipe.send(task)
            except OSError:  # it died while nobody needed it
                _end(worker)
                continue
            worker.task, worker.ended = task, 0
            break
        else:
            worker = _Worker(self._work, task)  # it asks for its task when it is ready
        self._busy.append(worker)

    def _heard(self, worker: _Worker, queue: WorkQueue) -> Event | None:
        try:
            message: Event | str | BaseException = worker.pipe.recv()
            if isinstance(message, str):
                worker.ready = True
                worker.pipe.send(worker.task)
                return None
        except (EOFError, OSError):
            return self._bury(worker, queue)
        if isinstance(message, BaseException):
            raise message
        if isinstance(message, Ended):
            worker.ended += 1
        if isinstance(message, Kept):
            self._busy.remove(worker)
            self._idle.append(worker)
        return message

    def _bury(self, worker: _Worker, queue: WorkQueue) -> Event | None:
        """Give what a dead worker had to do to others; say so of a run that died twice."""
        self._busy.remove(worker)
        code, how = worker.last_words()
        worker.pipe.close()
        if not worker.ready and code >= 0:
            raise BordersimError(
                f"a process to simulate in {how} before it began; a script that sweeps "
                'must do so under `if __name__ == "__main__":`'
            )
        items = worker.task.items
        # Dead in the midst of storing, it may be any of them that was too much.
        suspects = items[worker.ended : worker.ended + 1] or items
        others = tuple(item for item in items if item not in suspects)
        queue.give_back(worker.task._replace(items=others))
        failed: list[str] = []
        for item in suspects:
            self._deaths[item.run_id] += 1
            if self._deaths[item.run_id] == 1:
                self._alone.append(worker.task._replace(items=(item,)))
                continue
            record_failure(store_at(self._work.folder), lost_run(self._work.sweep, item, how))
            failed.append(item.run_id)
        return Kept((), tuple(failed)) if failed else None

    def _dismiss(self) -> None:
        """End processes that have nothing to do."""
        for worker in self._idle:
            _end(worker)
        self._idle = []

    def _stop(self) -> None:
        """End all; those at work may store what they have finished."""
        for worker in self._busy:
            worker.process.terminate()
        deadline = time.monotonic() + GRACE
        for worker in self._busy:
            worker.process.join(max(0.0, deadline - time.monotonic()))
        for worker in (*self._busy, *self._idle):
            _end(worker)
        self._busy, self._idle = [], []


def _queue_of(item: Item, task: Task) -> WorkQueue:
    return WorkQueue((), [item], 1.0) if task.again else WorkQueue([item], (), 1.0)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _work(pipe: Connection, work: Work) -> None:
    """Body of a process: take tasks, store their runs, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    threading.Thread(target=end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError, StopWork):  # the parent has gone, or told it to go
        pipe.send(_READY)
        while not stop.is_set():
            task: Task = pipe.recv()
            try:
                pipe.send(do_task(work, task, pipe.send, _heeding(stop, pipe)))
            except BordersimError as error:
                pipe.send(error)


def _heeding(stop: threading.Event, pipe: Connection) -> Callable[[int, int], None]:
    """What to do after every month: stop when told to, and now and then say how far it is."""
    said = time.perf_counter()

    def month_done(done: int, months: int) -> None:
        nonlocal said
        if stop.is_set():
            raise StopWork
        now = time.perf_counter()
        if now - said > _SECONDS_BETWEEN_REPORTS:
            said = now
            pipe.send(done / months)

    return month_done

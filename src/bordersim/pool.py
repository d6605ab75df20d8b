"""Runs in processes of their own, each with one thread; one that dies costs its run alone.

Processes are spawned, never forked, and talk through a pipe each, so that it is known
which run a dead one was at. They leave Ctrl-C to their parent and end when it ends,
however it ends. They write nothing: whoever started them keeps what they hand back.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait

from bordersim.compiled import kernels_are_compiled
from bordersim.errors import BordersimError
from bordersim.one_run import Job, simulate_job
from bordersim.parts import FailedRun
from bordersim.results import Run

JobMonthDone = Callable[[Job, int, int], None]
"""Called now and then with a job, months done and months in all."""

_SECONDS_BETWEEN_REPORTS = 0.1
_READY = "ready"


def simulate_in_processes(
    jobs: Sequence[Job],
    n_processes: int,
    *,
    events: bool,
    check: bool,
    month_done: JobMonthDone | None = None,
) -> Iterator[tuple[Job, Run | FailedRun]]:
    """Simulate jobs side by side, and give each as it ends.

    When a process dies, another takes its place. The run it was at is tried once more
    when all others are through, alone, because what kills a process is most often
    that memory was short for several.

    Raises
    ------
    BordersimError
        When processes cannot be started at all.
    """
    crew = _Crew(events, check, month_done)
    try:
        yield from crew.simulate(jobs, n_processes)
        crew.dismiss()
        first = crew.lost
        crew.lost = []
        yield from crew.simulate([job for job, _ in first], 1)
        for job, how in crew.lost:
            yield job, _lost_run(job, how)
    finally:
        crew.dismiss()


class _Process:
    """A process and the job it is at."""

    def __init__(self, events: bool, check: bool) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.job: Job | None = None
        self.ready = False
        self._process = context.Process(target=_work, args=(theirs, events, check), daemon=True)
        with interrupts_held(), numba_threads(1):
            self._process.start()
        theirs.close()

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()

    def last_words(self) -> tuple[int, str]:
        """Exit code of a dead process, and how it ended in words."""
        self._process.join()
        code = self._process.exitcode or 0
        if code >= 0:
            return code, f"ended with exit code {code}"
        return code, f"was killed by {signal.Signals(-code).name}"


class _Crew:
    """The processes of a batch; ``lost`` are the jobs whose process died, and how."""

    def __init__(self, events: bool, check: bool, month_done: JobMonthDone | None) -> None:
        self._manner = (events, check)
        self._month_done = month_done
        self._idle: list[_Process] = []
        self._busy: list[_Process] = []
        self.lost: list[tuple[Job, str]] = []

    def simulate(
        self, jobs: Sequence[Job], n_processes: int
    ) -> Iterator[tuple[Job, Run | FailedRun]]:
        """Results as they come, at most ``n_processes`` jobs at once."""
        waiting = deque(jobs)
        # Two that compile the same kernels at once would take as long for it as each alone.
        at_once = n_processes if kernels_are_compiled() else 1
        while waiting or self._busy:
            while waiting and len(self._busy) < at_once:
                self._begin(waiting.popleft())
            for process in self._talking():
                job = process.job
                assert job is not None
                message = self._heard(process)
                if isinstance(message, tuple):
                    at_once = n_processes
                    if self._month_done is not None:
                        self._month_done(job, *message)
                elif message is not None:
                    at_once = n_processes
                    yield job, message

    def dismiss(self) -> None:
        """End every process."""
        for process in (*self._idle, *self._busy):
            process.end()
        self._idle, self._busy = [], []

    def _begin(self, job: Job) -> None:
        while self._idle:
            process = self._idle.pop()
            try:
                process.pipe.send(job)
            except OSError:  # it died while nobody needed it
                process.end()
                continue
            break
        else:
            process = _Process(*self._manner)  # it asks for its job when it is ready
        process.job = job
        self._busy.append(process)

    def _talking(self) -> list[_Process]:
        ready = wait([process.pipe for process in self._busy])
        return [process for process in self._busy if process.pipe in ready]

    def _heard(self, process: _Process) -> tuple[int, int] | Run | FailedRun | None:
        """What a process says: months done, a result, or nothing of its job."""
        try:
            message: str | tuple[int, int] | Run | FailedRun = process.pipe.recv()
            if isinstance(message, str):
                process.ready = True
                process.pipe.send(process.job)
                return None
        except (EOFError, OSError):
            self._bury(process)
            return None
        if isinstance(message, tuple):
            return message
        self._busy.remove(process)
        self._idle.append(process)
        return message

    def _bury(self, process: _Process) -> None:
        self._busy.remove(process)
        code, how = process.last_words()
        process.end()
        if not process.ready and code >= 0:
            raise BordersimError(
                f"a process to simulate in {how} before it began; a script that asks for "
                'several runs must do so under `if __name__ == "__main__":`'
            )
        assert process.job is not None
        self.lost.append((process.job, how))


def _lost_run(job: Job, how: str) -> FailedRun:
    text = (
        f"the process that simulated it {how} twice, the second time with no other beside it; "
        "the system does so when memory runs out: try a smaller scale, or more memory"
    )
    return FailedRun(job.run_id, job.scenario, job.seed, text, "ProcessDied")


def _work(pipe: Connection, events: bool, check: bool) -> None:
    """Body of a process: take a job, hand back its result, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # the parent has gone, and hears nothing
        pipe.send(_READY)
        while True:
            job: Job = pipe.recv()
            tell = _now_and_then(pipe)
            pipe.send(simulate_job(job, events=events, check=check, month_done=tell))


def _now_and_then(pipe: Connection) -> Callable[[int, int], None]:
    said: float | None = None

    def tell(done: int, months: int) -> None:
        nonlocal said
        now = time.perf_counter()
        if said is None or now - said > _SECONDS_BETWEEN_REPORTS:
            said = now
            pipe.send((done, months))

    return tell


def end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def numba_threads(number: int) -> Iterator[None]:
    """Let processes started in the block have so many threads of Numba each.

    They import the script that started them before anything else, and Numba with it, it
    may be: only the environment they inherit is early enough.
    """
    name = "NUMBA_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = str(number)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Answer signals to stop after the block; a process started in it never gets SIGINT.

    A Ctrl-C goes to every process of the terminal. One that gets it while Python starts
    would print a traceback; one that inherits a blocked SIGINT does not see it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # it would let signals through in between
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {n: signal.signal(n, lambda number, _: came.append(number)) for n in numbers}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    for signal_number in dict.fromkeys(came):
        signal.raise_signal(signal_number)

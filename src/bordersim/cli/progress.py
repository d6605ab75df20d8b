"""Progress of a batch of runs on stderr."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from bordersim.cli.output import say

SECONDS_BETWEEN_LINES = 30.0
"""How often a log, as against a terminal, hears that work goes on."""


class Reporter:
    """Shows runs done of runs in all: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    label
        What is being run.
    n_runs
        Runs in all.
    quiet
        Show nothing.
    """

    def __init__(self, label: str, n_runs: int, *, quiet: bool) -> None:
        self._label = label
        self._done, self._n_runs = 0, n_runs
        self._began = time.monotonic()
        self._bar: Progress | None = None
        self._stop = threading.Event()
        self._ticker: threading.Thread | None = None
        if quiet:
            return
        if sys.stderr.isatty():
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
            columns_after = (MofNCompleteColumn(), TimeElapsedColumn())
            console = Console(stderr=True)
            self._bar = Progress(*columns, *columns_after, console=console, transient=True)
            self._task = self._bar.add_task(label, total=n_runs)
        else:
            self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Reporter:
        if self._bar is not None:
            self._bar.start()
        if self._ticker is not None:
            self._ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._bar is not None:
            self._bar.stop()
        if self._ticker is not None:
            self._ticker.join()

    def __call__(self, done: int, n_runs: int, what: str) -> None:
        """Take note of a finished run."""
        self._done, self._n_runs = done, n_runs
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=n_runs, description=what)

    def _tick(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_LINES):
            elapsed = time.monotonic() - self._began
            say(f"{self._label}: {self._done} of {self._n_runs} runs done after {elapsed:.0f} s")

"""Progress of a batch of runs on stderr."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from bordersim.cli.output import say

if TYPE_CHECKING:
    from rich.progress import Progress

    from bordersim.batch import Standing

SECONDS_BETWEEN_LINES = 30.0
"""How often a log, as against a terminal, hears that work goes on."""

_ENOUGH = 0.01
"""Share of the whole that must have been watched before the rest is foretold."""


class Reporter:
    """Shows how far a batch is: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    label
        What is being run.
    quiet
        Show nothing.
    """

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label = label
        self._quiet = quiet
        self._compilation = ""
        self._first: tuple[float, Standing] | None = None
        self.standing: Standing | None = None
        self._bar: Progress | None = None
        self._stop = threading.Event()
        self._ticker: threading.Thread | None = None

    def __enter__(self) -> Reporter:
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

    def __call__(self, standing: Standing) -> None:
        """Take note of how far it is."""
        begins = self.standing is None
        self.standing = standing
        if self._quiet or (begins and standing.ended == standing.n_runs):
            return
        if begins:
            self._begin(standing)
        if standing.latest:  # a month is done, so all is loaded and compiled
            self._compilation = ""
            self._first = self._first or (time.perf_counter(), standing)
        if self._bar is not None:
            self._bar.update(
                self._bar.task_ids[0],
                total=None if self._compilation else standing.n_runs,  # None: no end in sight
                completed=standing.done,
                description=self._doing(standing),
                rest="" if self._compilation else self._share(standing),
            )

    def line(self) -> str:
        """How far it is, in one line of a log."""
        if self.standing is None or self._compilation:
            return self._compilation or self._label
        return f"{self._doing(self.standing)}: {self._share(self.standing)}"

    def _begin(self, standing: Standing) -> None:
        from bordersim.compiled import compilation_seconds, kernels_are_compiled

        if not kernels_are_compiled():
            seconds = f"about {compilation_seconds():.0f} s, once for this version"
            self._compilation = f"compiling the kernels, {seconds}"
        if sys.stderr.isatty():
            self._bar = _bar()
            self._bar.add_task(self._doing(standing), total=None, rest="")
            self._bar.start()
            return
        if self._compilation:
            say(self._compilation)
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def _doing(self, standing: Standing) -> str:
        if self._compilation:
            return self._compilation
        if standing.n_runs == 1:
            return standing.latest or self._label
        return f"{self._label}, {standing.ended} of {standing.n_runs} runs"

    def _share(self, standing: Standing) -> str:
        """Share that is done, and the time left by the pace since the first month."""
        share = f"{standing.done / standing.n_runs:.0%} done"
        if self._first is None:
            return share
        began, first = self._first
        if standing.done - first.done < _ENOUGH * standing.n_runs:
            return share
        pace = (time.perf_counter() - began) / (standing.done - first.done)
        return f"{share}, about {duration(pace * (standing.n_runs - standing.done))} left"

    def _tick(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_LINES):
            say(self.line())


def duration(seconds: float) -> str:
    """Seconds in the unit in which they are a number of some size."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _bar() -> Progress:
    """Bar that fits into 80 columns with the longest of its texts."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=10),
        TextColumn("{task.fields[rest]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )

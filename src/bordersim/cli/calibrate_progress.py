"""Progress of a calibration on stderr: a line a step, and how far its runs are."""

from __future__ import annotations

from types import TracebackType

from bordersim.batch import Standing
from bordersim.calibrating.events import Began, Ended, Event
from bordersim.cli.output import say
from bordersim.cli.progress import duration
from bordersim.cli.sweep_progress import SweepReporter


class CalibrationReporter:
    """Tells of every step; the runs of one are told as those of a sweep.

    Parameters
    ----------
    label
        What is calibrated.
    quiet
        Say nothing.
    """

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label = label
        self._quiet = quiet
        self._runs: SweepReporter | None = None
        self._title = label

    def __enter__(self) -> CalibrationReporter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def __call__(self, event: Event) -> None:
        """Take note of what happened."""
        if isinstance(event, Standing):
            if self._runs is None:
                self._runs = SweepReporter(self._title, quiet=self._quiet)
            self._runs(event)
            if event.ended == event.n_runs:
                self._close()
            return
        self._close()
        if isinstance(event, Began):
            self._title = event.title
        if not self._quiet:
            say(f"{self._label}: {_words(event)}")

    def _close(self) -> None:
        if self._runs is not None:
            self._runs.__exit__(None, None, None)
            self._runs = None


def _words(event: Began | Ended) -> str:
    if isinstance(event, Ended):
        how = f"in {duration(event.seconds)}" if event.seconds else "done before"
        return f"{event.step}: {event.found} ({how})"
    runs = f", {event.runs:,} runs" if event.runs else ""
    left = f"; all is done in about {duration(event.left)}" if event.left == event.left else ""
    return f"{event.title}{runs}{left}"

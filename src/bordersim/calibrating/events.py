"""What whoever waits for a calibration is told on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bordersim.batch import Standing


@dataclass(frozen=True)
class Began:
    """A step began.

    Attributes
    ----------
    step, title
        Its name, and what it does.
    runs
        Runs it needs; 0 for one that only reckons.
    left
        Seconds until the whole calibration is done, as far as can be told; NaN if not.
    """

    step: str
    title: str
    runs: int
    left: float


@dataclass(frozen=True)
class Ended:
    """A step is done.

    Attributes
    ----------
    step
        Its name.
    found
        What it found, in a line.
    seconds
        It took, in all calls; 0 where it was done before.
    """

    step: str
    found: str
    seconds: float


Event = Began | Ended | Standing
"""A step's beginning or end; or how far the runs of the present one are."""

Listener = Callable[[Event], None]


def nobody(_event: Event) -> None:
    """Tell no one."""

"""What the lines of the page hold: simulated values over periods, by run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bordersim.codes import EPOCH_YEAR
from bordersim.errors import BordersimError
from bordersim.plot.style import LOOKS, Look
from bordersim.reports import Period
from bordersim.results import FloatArray, RunResults

Runs = Sequence[RunResults]

FEWEST_PERIODS = 3
"""Runs that hold fewer whole years (or half-years) than this are drawn by month."""


@dataclass(frozen=True)
class Curve:
    """One simulated quantity of every run.

    ``years`` has shape (n,), decimal years; ``values`` (runs, n), NaN where there was
    nothing to measure. ``look`` is a key of ``LOOKS``, or a look of its own.
    """

    name: str
    look: str | Look
    years: FloatArray
    values: FloatArray

    @property
    def style(self) -> Look:
        """How it is drawn."""
        return self.look if isinstance(self.look, Look) else LOOKS[self.look]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which points any run has a value for, shape (n,)."""
        return np.asarray(np.isfinite(self.values).any(axis=0))


def common_span(runs: Runs) -> Period:
    """Months that every run simulated.

    Raises
    ------
    BordersimError
        When there are no runs, or no such month.
    """
    if not runs:
        raise BordersimError("no run to draw; give one run or several of the same scenario")
    first = max(run.start_month for run in runs)
    last = min(run.end_month for run in runs)
    if first > last:
        raise BordersimError("these runs have no month in common; draw them one by one")
    return Period(first, last)


def periods_of(span: Period, months: int) -> list[Period]:
    """Whole calendar periods of some months within a span; months when there are few."""
    first = -(-span.first // months)
    whole = [
        Period(i * months, i * months + months - 1) for i in range(first, (span.last + 1) // months)
    ]
    if months == 1 or len(whole) >= FEWEST_PERIODS:
        return whole
    return periods_of(span, 1)


def middle(period: Period) -> float:
    """Middle of a period in decimal years."""
    return EPOCH_YEAR + (period.first + period.last + 1) / 24


def limits_of(period: Period) -> tuple[float, float]:
    """Begin and end of a period in decimal years."""
    return EPOCH_YEAR + period.first / 12, EPOCH_YEAR + (period.last + 1) / 12


def over(
    runs: Runs, periods: Sequence[Period], figure: Callable[[RunResults, Period], float]
) -> tuple[FloatArray, FloatArray]:
    """A figure of every run over periods: middles of shape (n,), values (runs, n)."""
    values = [[figure(run, period) for period in periods] for run in runs]
    years = np.array([middle(period) for period in periods], dtype=np.float64)
    return years, np.array(values, dtype=np.float64).reshape(len(runs), len(periods))


def by_month(runs: Runs, span: Period, observable: str) -> FloatArray:
    """National monthly series of every run within a span, shape (runs, months)."""
    rows = []
    for run in runs:
        series = np.asarray(run.monthly(observable), dtype=np.float64)
        rows.append(series[span.first - run.start_month : span.last - run.start_month + 1])
    return np.array(rows)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Part over whole, NaN where the whole is zero."""
    out = np.full_like(part, np.nan)
    np.divide(part, whole, out=out, where=whole != 0)
    return out


def mean_over_runs(values: FloatArray) -> FloatArray:
    """Mean over the runs that have a value, shape (n,); NaN where none has."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0, dtype=np.float64))

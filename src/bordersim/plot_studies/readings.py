"""Months of quantities from many runs: each run is read once and let go of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.comparing.quantities import (
    MEAN,
    RATIO,
    REAL_RATIO,
    TOTAL,
    Cut,
    Quantity,
    monthly,
    over_window,
)
from bordersim.dates import parse_month
from bordersim.errors import StoreError
from bordersim.plot.series import middle, periods_of
from bordersim.reports import Period
from bordersim.results import FloatArray
from bordersim.study import Study

_MONTHS = {TOTAL: 12, RATIO: 6, REAL_RATIO: 6, MEAN: 1}
"""Months that one point of a line speaks of."""


@dataclass(frozen=True)
class Readings:
    """Quantities of runs over the months that all of them cover.

    Attributes
    ----------
    span
        Those months.
    scale, seeds
        Simulated share of the population, and the runs' seeds.
    row
        Run id to row.
    months
        Of each quantity, shape (runs, rows, months).
    """

    span: Period
    scale: float
    seeds: tuple[int, ...]
    row: dict[str, int]
    months: dict[str, FloatArray]

    def rows(self, run_ids: Sequence[str]) -> list[int]:
        """Rows of some runs."""
        return [self.row[run_id] for run_id in run_ids]

    def over(self, quantity: Quantity, window: Period) -> FloatArray:
        """Value of every run over a window, shape (runs,)."""
        first = window.first - self.span.first
        months = self.months[quantity.name][..., first : first + window.last - window.first + 1]
        return over_window(quantity, months)

    def line(self, quantity: Quantity) -> tuple[list[Period], FloatArray, FloatArray]:
        """Periods, their middles and every run's value, flows at a yearly rate."""
        periods = periods_of(self.span, _MONTHS[quantity.how])
        values = np.array([self.over(quantity, period) for period in periods]).T
        if quantity.how == TOTAL:
            values = values / np.array([period.years for period in periods])
        return periods, np.array([middle(period) for period in periods]), values


def read(study: Study, run_ids: Sequence[str], quantities: Sequence[Quantity]) -> Readings:
    """Read quantities of finished runs.

    Parameters
    ----------
    study
        Where they are.
    run_ids
        Cells that mean the same run share its id.
    quantities
        Of all people and places.

    Raises
    ------
    StoreError
        When the runs have no month in common, or were stored without a quantity.
    """
    ids = list(dict.fromkeys(run_ids))
    about = {row["run_id"]: row for row in study.rows() if row["run_id"] in set(ids)}
    first = max(parse_month(row["start"]) for row in about.values())
    last = min(parse_month(row["end"]) for row in about.values())
    if first > last:
        raise StoreError("these runs have no month in common; choose scenarios that have")
    months: dict[str, list[FloatArray]] = {quantity.name: [] for quantity in quantities}
    for run_id in ids:
        run = study.loader(run_id)()
        here = slice(first - run.start_month, last - run.start_month + 1)
        for quantity in quantities:
            months[quantity.name].append(monthly(run, quantity, Cut())[:, here])
    return Readings(
        span=Period(first, last),
        scale=float(next(iter(about.values()))["scale"]),
        seeds=tuple(sorted({int(row["seed"]) for row in about.values()})),
        row={run_id: index for index, run_id in enumerate(ids)},
        months={name: np.array(values) for name, values in months.items()},
    )

"""What every cell of a study gave, as numbers: one column a quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.comparing.pairing import Window, read_window, window_problems
from bordersim.comparing.quantities import (
    Cut,
    Quantity,
    cut_problems,
    monthly,
    over_window,
    quantity_of,
)
from bordersim.dates import month_label, parse_month
from bordersim.errors import Problem, ScenarioError, StoreError
from bordersim.parts import OK
from bordersim.reports import Period
from bordersim.results import FloatArray
from bordersim.study import Study

if TYPE_CHECKING:
    import pandas as pd

DEFAULT = ("arrivals", "deaths", "repatriations", "fee_median", "stock_china")
"""What is looked at when nothing is said: harm beside arrivals."""

FIRST_AXIS = 7
"""Columns of a study's cells before those of its design."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Numbers of a study, cell by cell.

    Attributes
    ----------
    cells
        As ``study.cells``.
    quantities, cuts
        What was measured, and of whom.
    window
        Months over which.
    values
        Shape (cells, quantities); NaN where a run is missing or had nothing to measure.
    """

    cells: pd.DataFrame
    quantities: tuple[Quantity, ...]
    cuts: tuple[Cut, ...]
    window: Period
    values: FloatArray

    def span(self) -> str:
        """The window in words."""
        return " to ".join(map(month_label, (self.window.first, self.window.last)))


def outcomes(study: Study, names: Sequence[str], window: Window, cut: Cut) -> Outcomes:
    """Measure every run of a study once; runs are read one after another and not kept.

    Parameters
    ----------
    study
        Of a sweep, or any other.
    names
        Observables, ``deaths`` or ``fee``.
    window
        As of a comparison; all that every run covers when None.
    cut
        Part of the people or places, as far as each quantity can be cut.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked for.
    StoreError
        When there is no finished run, or one does not keep what is asked for.
    """
    rows = {row["run_id"]: row for row in study.rows() if row["status"] == OK}
    if not rows:
        raise StoreError("no finished run to work with; sweep first")
    span, problems = read_window(window)
    covered = _covered(rows)
    if not problems:
        problems += window_problems(span, covered)
    first = next(iter(rows.values()))
    homes, sectors = first["homes"], first["sectors"]
    if not names:
        problems.append(Problem("compare", "metric", "nothing to look at; name an observable"))
    problems += cut_problems(names, cut, homes, sectors)
    if problems:
        raise ScenarioError(problems)
    quantities = tuple(quantity_of(name) for name in dict.fromkeys(names))
    cuts = tuple(cut.of(quantity, homes, sectors) for quantity in quantities)
    measured: dict[str, FloatArray] = {}
    span = span or covered
    for run_id in rows:
        run = study.loader(run_id)()
        months = slice(span.first - run.start_month, span.last - run.start_month + 1)
        measured[run_id] = np.array(
            [
                over_window(quantity, monthly(run, quantity, own)[:, months])
                for quantity, own in zip(quantities, cuts, strict=True)
            ],
            dtype=np.float64,
        )
    cells = study.cells
    nothing: FloatArray = np.full(len(quantities), np.nan)
    values = np.array([measured.get(run_id, nothing) for run_id in cells["run_id"]])
    return Outcomes(cells, quantities, cuts, span, values.reshape(len(cells), len(quantities)))


def _covered(rows: Mapping[str, Mapping[str, Any]]) -> Period:
    starts = [parse_month(row["start"]) for row in rows.values()]
    ends = [parse_month(row["end"]) for row in rows.values()]
    return Period(max(starts), min(ends))

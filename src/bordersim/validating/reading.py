"""What a study of posterior draws says of reports, conditions and years, run by run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bordersim.codes import EPOCH_YEAR, HARMS
from bordersim.errors import BordersimError
from bordersim.figures import a_year
from bordersim.parts import OK
from bordersim.reports import Period
from bordersim.results import FloatArray, RunResults
from bordersim.study import Study
from bordersim.validating.bars import Bars, Condition
from bordersim.validating.excerpt import Excerpt
from bordersim.validating.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.observing import Targets

SERIES = ("arrivals", "women_share", "stock", "delay", "fee", "dearest_tumen_fee")
"""Measures that are read year by year, for the figures."""

LAST_FITTED = Period(0, (2015 - EPOCH_YEAR) * 12 + 11)
"""Months that every run must cover: without them there is nothing to judge."""

Told = Callable[[int, int], None]
"""Called with runs read and runs in all."""


@dataclass(frozen=True)
class Readings:
    """Figures of every run of a study of posterior draws.

    Attributes
    ----------
    cells
        One row a run: draw, seed, run_id, in that order.
    targets
        Reports that the runs cover.
    figures
        Simulated figures, shape (runs, targets), natural units.
    conditions
        Those of the bars that the runs cover.
    values
        Shape (runs, conditions).
    years
        Calendar years, shape (years,).
    series
        Measures of ``SERIES``, and harms a year, each of shape (runs, years).
    scenario, title, scale, span
        What was simulated; the span in months.
    missing
        Planned runs that are not there, failed ones included.
    nuisances
        What reports depend on and the model not, by name, shape (runs,); empty when the
        posterior does not say.
    """

    cells: pd.DataFrame
    targets: Targets
    figures: FloatArray
    conditions: tuple[Condition, ...]
    values: FloatArray
    years: FloatArray
    series: Mapping[str, FloatArray]
    scenario: str
    scale: float
    span: Period
    missing: int
    nuisances: Mapping[str, FloatArray]

    @property
    def n_runs(self) -> int:
        """Runs that were read."""
        return len(self.cells)

    @property
    def n_draws(self) -> int:
        """Different draws among them."""
        return int(self.cells["draw"].nunique())


def observables_needed(bars: Bars) -> tuple[str, ...]:
    """Observables of a run that validation looks at."""
    from bordersim.observing import OBSERVABLES_NEEDED

    series = (name for key in SERIES for name in MEASURES[key].observables)
    return tuple(dict.fromkeys((*OBSERVABLES_NEEDED, *bars.observables(), *series, *HARMS)))


def read_study(
    study: Study, targets: Targets, bars: Bars, n_draws: int | None = None, told: Told | None = None
) -> Readings:
    """Read the runs of a study of posterior draws.

    Parameters
    ----------
    study
        Of one scenario, or several of which the one that lasts longest counts.
    targets
        Every report.
    bars
        With the conditions to be tested.
    n_draws
        Only the first so many draws; all when None.
    told
        Hears of progress.

    Raises
    ------
    BordersimError
        When the study holds no finished run that lasts to the end of 2015.
    """
    cells, missing = _cells(study, n_draws)
    needed = observables_needed(bars)
    first = study.loader(str(cells["run_id"].iloc[0]))()
    span = Period(first.start_month, first.end_month)
    covered = _covered(targets, first)
    conditions = tuple(one for one in bars.conditions() if one.covered_by(first))
    years = np.array(first.full_years(), dtype=np.float64)
    reader = _Reader(covered, conditions, years)
    for at, run_id in enumerate(cells["run_id"]):
        reader.add(Excerpt.of(study.loader(str(run_id))(), needed))
        if told is not None:
            told(at + 1, len(cells))
    return Readings(
        cells=cells,
        targets=covered,
        figures=np.array(reader.figures).reshape(len(cells), len(covered)),
        conditions=conditions,
        values=np.array(reader.values).reshape(len(cells), len(conditions)),
        years=years,
        series={key: np.array(rows) for key, rows in reader.series.items()},
        scenario=first.scenario_name,
        scale=first.scale,
        span=span,
        missing=missing,
        nuisances=_nuisances(study, cells),
    )


def _covered(targets: Targets, run: RunResults) -> Targets:
    from bordersim.observing import Targets as Made

    return Made(one for one in targets if run.covers(one.period.first, one.period.last))


def _cells(study: Study, n_draws: int | None) -> tuple[pd.DataFrame, int]:
    """Cells whose runs are read, in order of draw and seed, and how many are missing."""
    cells = study.cells
    if cells["point"].nunique() > 1:
        raise BordersimError("the study varies a design; validate one of posterior draws alone")
    ends = {row["scenario"]: row["end"] for row in study.rows()}
    longest = max(ends, key=lambda name: (ends[name], name))
    if ends[longest] < "2015-12":
        raise BordersimError(
            f"the runs end in {ends[longest]}; at least 2015-12 is needed, 2025-12 to judge all"
        )
    cells = cells[cells["scenario"] == longest]
    if n_draws is not None:
        cells = cells[cells["draw"] < n_draws]
    done = cells[cells["status"] == OK].sort_values(["draw", "seed"])
    if done.empty:
        raise BordersimError("the study holds no finished run of a posterior draw")
    return done.reset_index(drop=True), len(cells) - len(done)


def _nuisances(study: Study, cells: pd.DataFrame) -> dict[str, FloatArray]:
    from bordersim.sweeping.draws import NUISANCE

    begin = f"draw.{NUISANCE}"
    return {
        name.removeprefix(begin): cells[name].to_numpy(np.float64)
        for name in cells.columns
        if name.startswith(begin)
    }


class _Reader:
    """Figures of runs, one after another."""

    def __init__(
        self, targets: Targets, conditions: Sequence[Condition], years: FloatArray
    ) -> None:
        self.targets = targets
        self.conditions = conditions
        self.periods = [
            Period((int(year) - EPOCH_YEAR) * 12, (int(year) - EPOCH_YEAR) * 12 + 11)
            for year in years
        ]
        self.figures: list[FloatArray] = []
        self.values: list[list[float]] = []
        self.series: dict[str, list[list[float]]] = {key: [] for key in (*SERIES, *HARMS)}

    def add(self, run: RunResults) -> None:
        from bordersim.observing import simulated_figures

        self.figures.append(simulated_figures(run, self.targets))
        self.values.append([one.value(run) for one in self.conditions])
        for key in SERIES:
            figure = MEASURES[key].figure
            self.series[key].append([figure(run, period) for period in self.periods])
        for key in HARMS:
            self.series[key].append([a_year(run, key, period) for period in self.periods])

"""A second method on the same table, and a self-check with known truths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bordersim.calibrating.priors import FloatArray, Prior
from bordersim.calibrating.reported import Reports
from bordersim.calibrating.schema import CheckSection
from bordersim.calibrating.summaries import (
    Summary,
    coarse_summaries_of,
    reported_working,
    summaries_of,
    summarised,
)
from bordersim.calibrating.waves import Runs, filled, told_by
from bordersim.inference.regression import Nearest, regression_abc
from bordersim.inference.scores import Coverage
from bordersim.inference.self_check import coverage_on_table
from bordersim.observing import Nuisance, Targets, natural_scale, predict, working_scale

_DRAWS = 1_000
FEWEST = 20
"""Runs that regression ABC keeps at least."""

_ROWS_A_SUMMARY = 3
"""Runs kept, for each summary that they are regressed on; fewer would fit anything."""


class Table:
    """Runs of the first wave, which alone come from the prior, and their reports.

    Parameters
    ----------
    runs, reports
        Of the first wave; what is fitted.
    section, seed
        How it is done; of the reports' errors.
    """

    def __init__(self, runs: Runs, reports: Reports, section: CheckSection, seed: int) -> None:
        self.reports = reports.only(told_by(runs, reports.fitted))
        self.targets: Targets = self.reports.fitted
        self.shares = runs.shares
        self.figures = natural_scale(filled(runs.shares, runs.working(self.targets)), self.targets)
        self.summaries = self._affordable(int(section.accept * len(runs.shares)))
        self.section = section
        self.seed = seed

    @property
    def truths(self) -> int:
        """Known truths that may be left out so that enough runs stay to be regressed on."""
        needed = max(FEWEST, _ROWS_A_SUMMARY * len(self.summaries)) / self.section.accept
        return max(0, min(len(self.shares) // 2, int(len(self.shares) - needed) - 1))

    def _affordable(self, kept: int) -> list[Summary]:
        """The summaries that so many runs can be regressed on; none where there are too few."""
        choices = (summaries_of(self.targets), coarse_summaries_of(self.targets))
        kept = kept if kept >= FEWEST else 0
        enough = (some for some in choices if kept >= _ROWS_A_SUMMARY * len(some))
        return next(enough, [])

    @property
    def reported(self) -> FloatArray:
        """Summaries of the reports, shape (summaries,)."""
        return np.asarray(summarised(self.summaries, reported_working(self.targets)[None])[0])

    def replicated(self, figures: FloatArray, draw: np.random.Generator) -> FloatArray:
        """Summaries of reports as they would have been made of runs, shape (n, summaries)."""
        nuisances = drawn(self.reports.nuisances, len(figures), draw)
        # a run's figures at full scale are counts already: no luck of counting is added
        told = predict(figures, self.targets, draw, nuisances, count_noise=False)
        return summarised(self.summaries, working_scale(told, self.targets))

    def nearest(self) -> Nearest:
        """Regression ABC with the reports."""
        draw = np.random.default_rng([self.seed, 31])
        told = self.replicated(self.figures, draw)
        return regression_abc(
            self.shares, told, self.reported, self.seed, share=self.section.accept, draws=_DRAWS
        )

    def coverage(self, names: Sequence[str]) -> Coverage:
        """How often 90 % intervals of regression ABC hold known truths."""
        section = self.section

        def report(figures: FloatArray, draw: np.random.Generator) -> FloatArray:
            return np.asarray(self.replicated(figures[None], draw)[0])

        def learn(
            shares: FloatArray, figures: FloatArray
        ) -> Callable[[FloatArray, int], FloatArray]:
            told = self.replicated(figures, np.random.default_rng([self.seed, 32]))

            def posterior(observed: FloatArray, seed: int) -> FloatArray:
                found = regression_abc(
                    shares, told, observed, seed, share=section.accept, draws=_DRAWS
                )
                return found.draws

            return posterior

        return coverage_on_table(
            self.shares,
            self.figures,
            report,
            learn,
            self.seed,
            truths=section.truths,
            names=names,
        )


def drawn(
    nuisances: Sequence[Nuisance], n: int, draw: np.random.Generator
) -> dict[str, FloatArray]:
    """Draws of nuisances from their priors, each of shape (n,)."""
    return {one.name: np.asarray(one.from_unit(draw.random(n))) for one in nuisances}


def check_rows(
    priors: Sequence[Prior], draws: FloatArray, second: Nearest, section: CheckSection
) -> list[dict[str, Any]]:
    """Both methods side by side, one row a parameter; disagreement is told, not averaged.

    ``apart`` is the distance of the medians in standard deviations of the two together, on
    quantiles of the prior.
    """
    rows = []
    for at, prior in enumerate(priors):
        first, other = draws[:, at], second.draws[:, at]
        spread = float(np.hypot(first.std(), other.std()))
        apart = float(np.median(first) - np.median(other)) / spread if spread else 0.0
        ends = np.array([0.05, 0.5, 0.95])
        a, b = prior.at(np.quantile(first, ends)), prior.at(np.quantile(other, ends))
        rows.append(
            {
                "parameter": prior.parameter,
                "low": a[0], "median": a[1], "high": a[2],
                "abc_low": b[0], "abc_median": b[1], "abc_high": b[2],
                "apart": apart,
                "agree": abs(apart) <= section.disagree,
                "explained": float(second.explained[at]),
            }
        )  # fmt: skip
    return rows


def coverage_rows(found: Coverage) -> list[dict[str, Any]]:
    """One row a parameter: share of truths inside 90 % intervals, and how even ranks are."""
    chances = found.uniform()
    bins = found.histogram()
    return [
        {
            "parameter": name,
            "truths": found.truths,
            "inside_90": float(found.shares[at]),
            "uniform": float(chances[at]),
            "ranks": [int(count) for count in bins[:, at]],
        }
        for at, name in enumerate(found.names)
    ]

"""A validation: what posterior draws give for every report, and which bars hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.codes import HARMS
from bordersim.dates import month_label
from bordersim.reported import share_simulated
from bordersim.reports import rows_of
from bordersim.results import FloatArray
from bordersim.validating.bars import Bars
from bordersim.validating.judging import Verdict, conditions_table, judged, patterns_table
from bordersim.validating.reading import Readings
from bordersim.validating.scorecard import replicated, scorecard
from bordersim.wording import count

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

EPISODES = ((1998, 2008), (2009, 2015), (2016, 2019), (2020, 2025))
"""Years over which harm is told: to the peak, after it, held out, closed."""


@dataclass(frozen=True, eq=False, repr=False)
class Validation:
    """Reports, patterns and bars against the runs of posterior draws.

    Attributes
    ----------
    readings
        Figures of every run.
    bars
        By what they are judged.
    """

    readings: Readings
    bars: Bars

    @cached_property
    def reports(self) -> FloatArray:
        """Replicated reports, shape (replicates, targets)."""
        return replicated(self.readings)

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """Every report beside its simulated figure; see ``bordersim.validating.scorecard``."""
        return scorecard(self.readings, self.bars, self.reports)

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every bar, and whether it holds."""
        return judged(self.readings, self.bars, self.scorecard)

    @cached_property
    def conditions(self) -> pd.DataFrame:
        """Conditions of patterns, closure and claims, and the share of draws that keep each."""
        return conditions_table(self.readings, self.bars)

    @cached_property
    def patterns(self) -> pd.DataFrame:
        """P1 to P8, and the share of draws in which each holds."""
        return patterns_table(self.readings, self.bars)

    @property
    def holds(self) -> bool:
        """Whether every bar holds; one that cannot be judged does not."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def basis(self) -> str:
        """What was simulated, in a sentence."""
        read = self.readings
        seeds = count(int(read.cells["seed"].nunique()), "seed")
        draws = count(read.n_draws, "posterior draw")
        span = f"{month_label(read.span.first)} to {month_label(read.span.last)}"
        lost = f", {count(read.missing, 'run')} missing" if read.missing else ""
        return (
            f"{read.scenario}: {draws}, {seeds} each, {share_simulated(read.scale)}, {span}"
            f"{lost}. Simulated, no forecast."
        )

    def harms(self) -> pd.DataFrame:
        """People a year, arrivals and harm, over the years of ``EPISODES``.

        Columns: years, observable, simulated (median over runs), low, high.
        """
        import pandas as pd

        read, rows = self.readings, []
        for first, last in EPISODES:
            chosen = (read.years >= first) & (read.years <= last)
            if np.count_nonzero(chosen) < last - first + 1:
                continue
            for name in ("arrivals", *HARMS):
                means = read.series[name][:, chosen].mean(axis=1)
                middle, low, high = np.quantile(means, [0.5, *self.bars.quantiles])
                rows.append((f"{first}-{last}", name, float(middle), float(low), float(high)))
        return pd.DataFrame(rows, columns=["years", "observable", "simulated", "low", "high"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        import pandas as pd

        return {
            "bars": pd.DataFrame([vars(verdict) for verdict in self.verdicts]),
            "scorecard": self.scorecard,
            "patterns": self.patterns,
            "conditions": self.conditions,
            "harms": self.harms(),
        }

    def document(self) -> dict[str, Any]:
        """Everything as plain data."""
        read = self.readings
        return {
            "holds": self.holds,
            "scenario": read.scenario,
            "draws": read.n_draws,
            "runs": read.n_runs,
            "missing": read.missing,
            "scale": read.scale,
            "start": month_label(read.span.first),
            "end": month_label(read.span.last),
            "band": self.bars.band,
        } | {name: rows_of(table) for name, table in self.tables().items()}

    def plot(self) -> Mapping[str, Figure]:
        """Figures by name: arrivals, fees, shares (women, stock, delay), scores."""
        from bordersim.plot_validation import validation_figures

        return validation_figures(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write the scorecard as a page with its figures and tables; see ``write_page``."""
        from bordersim.plot_validation.page import write_page

        return write_page(self, Path(folder))

    def __repr__(self) -> str:
        held = sum(bool(verdict.holds) for verdict in self.verdicts)
        return f"Validation({held} of {len(self.verdicts)} bars hold)"

"""The scorecard: every report beside what the posterior draws give for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.codes import EPOCH_YEAR
from bordersim.reports import parse_period
from bordersim.results import FloatArray
from bordersim.validating.bars import Bars
from bordersim.validating.reading import Readings

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.observing import Target

FIT, HOLDOUT, CLOSURE, CONTEXT = LANES = ("fit", "hold-out", "closure", "context")
"""How a report is used: fitted, held out, held out and of the closure, or only told."""

INSIDE, PARTLY, OUTSIDE = "inside", "partly", "outside"
"""Whether band and report hold one another, overlap, or have nothing in common."""

REPLICATED = 4000
"""Reports replicated of each figure, at least."""

COLUMNS = (
    "id", "lane", "group", "quantity", "place", "period", "first_month", "last_month", "unit",
    "simulated", "low", "high", "predicted_low", "predicted_high", "reported_low", "reported_high",
    "error", "median", "band", "pit_low", "pit_high", "restates", "source",
)  # fmt: skip


_SIMULATED = ("simulated", "low", "high", "predicted_low", "predicted_high")


def lane_of(target: Target, bars: Bars) -> str:
    """Lane of a report; one that may be fitted is, unless it ends after the years fitted."""
    fitted_to = parse_period(str(bars.section.fit.arrivals.period)).last
    if target.use not in ("calibrate", "validate"):
        return CONTEXT
    if target.use == "calibrate" and target.period.last <= fitted_to:
        return FIT
    year = EPOCH_YEAR + target.period.first // 12
    return CLOSURE if year >= bars.closure_from else HOLDOUT


def replicated(readings: Readings) -> FloatArray:
    """Reports that would have been made of the runs' figures, shape (replicates, targets).

    Each run is replicated as often as the others. Counting adds no noise: a run's figures
    are counts already. Discrepancy and report error are drawn anew for each, nuisances from
    the posterior where it has them, from their priors else.
    """
    from bordersim.observing import nuisance_draws, predict

    times = math.ceil(REPLICATED / readings.n_runs)
    figures = np.tile(readings.figures, (times, 1))
    rng = np.random.default_rng(1)
    nuisances = nuisance_draws(len(figures), rng)
    nuisances |= {name: np.tile(values, times) for name, values in readings.nuisances.items()}
    return predict(figures, readings.targets, rng, nuisances, count_noise=False)


def scorecard(readings: Readings, bars: Bars, reports: FloatArray) -> pd.DataFrame:
    """Every report beside the simulated figure.

    Parameters
    ----------
    readings
        Figures of every run.
    bars
        With the width of bands.
    reports
        From ``replicated``.

    Returns
    -------
    DataFrame
        Columns ``COLUMNS``: ``simulated`` is the median over runs, ``low`` and ``high`` the
        band of the simulation alone, ``predicted_low`` and ``predicted_high`` that with
        discrepancy and report error; ``error`` how far the median lies from the report, as
        a share of it (0 within an interval); ``median`` where it lies ("inside", "above",
        "below"); ``band`` whether the latter band and the report agree ("inside", "partly",
        "outside"; see ``held``); ``pit_low`` and ``pit_high`` the shares of replicated
        reports below the reported ends; ``restates`` why a report says nothing that others do
        not say, and so has no likelihood of its own.
    """
    import pandas as pd

    rows = [
        _row(target, readings.figures[:, at], reports[:, at], bars)
        for at, target in enumerate(readings.targets)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(target: Target, figures: FloatArray, reports: FloatArray, bars: Bars) -> dict[str, Any]:
    figures, reports = figures[np.isfinite(figures)], reports[np.isfinite(reports)]
    low, high = target.low, target.high
    row: dict[str, Any] = {
        "id": target.id,
        "lane": lane_of(target, bars),
        "group": target.group,
        "quantity": target.quantity,
        "place": target.place,
        "period": target.period_text,
        "first_month": target.period.first,
        "last_month": target.period.last,
        "unit": target.unit,
        "reported_low": low,
        "reported_high": high,
        "restates": target.restates,
        "source": target.source,
    }
    if not figures.size:  # nothing to measure in any run
        return row | dict.fromkeys(_SIMULATED, np.nan) | _unknown()
    middle = float(np.median(figures))
    ends = [float(end) for end in np.quantile(figures, bars.quantiles)]
    predicted = [float(end) for end in np.quantile(reports, bars.quantiles)]
    return row | {
        "simulated": middle,
        "low": ends[0],
        "high": ends[1],
        "predicted_low": predicted[0],
        "predicted_high": predicted[1],
        "error": error_of(middle, low, high),
        "median": "above" if middle > high else "below" if middle < low else INSIDE,
        "band": held(predicted[0], predicted[1], low, high),
        "pit_low": _share_below(reports, low),
        "pit_high": _share_below(reports, high),
    }


def _unknown() -> dict[str, Any]:
    return {"error": np.nan, "median": "", "band": OUTSIDE, "pit_low": np.nan, "pit_high": np.nan}


def error_of(value: float, low: float, high: float) -> float:
    """Distance of a value from an interval as a share of its nearer end; 0 inside."""
    if value > high:
        return value / high - 1
    return value / low - 1 if value < low else 0.0


def held(low: float, high: float, reported_low: float, reported_high: float) -> str:
    """Whether a band and a report agree.

    "inside" when the band holds all of the report, or, where a report is wider than the
    band, lies within it; "partly" when they overlap; "outside" when they do not. Of a report
    open at one side, the end that it has must be within reach.
    """
    if high < reported_low or low > reported_high:
        return OUTSIDE
    holds = low <= reported_low and reported_high <= high
    within = reported_low <= low and high <= reported_high
    open_ended = math.isinf(reported_low) or math.isinf(reported_high)
    return INSIDE if holds or within or open_ended else PARTLY


def _share_below(reports: FloatArray, end: float) -> float:
    """Share of reports below an end; ties count half."""
    below, ties = np.count_nonzero(reports < end), np.count_nonzero(reports == end)
    return float(below + ties / 2) / len(reports)


def coverage(card: pd.DataFrame, reports: FloatArray, levels: FloatArray) -> FloatArray:
    """Share of some reports that central bands of each level hold at least in part.

    Parameters
    ----------
    card
        Rows of the scorecard; its index says which columns of ``reports`` are theirs.
    reports
        From ``replicated``.
    levels
        Shares of draws in a band, shape (levels,).

    Returns
    -------
    array
        Shape (levels,); NaN without reports.
    """
    if card.empty:
        return np.full(levels.shape, np.nan)
    chosen = reports[:, card.index.to_numpy()]
    low, high = (card[name].to_numpy() for name in ("reported_low", "reported_high"))
    shares = [
        np.mean((np.nanquantile(chosen, (1 - level) / 2, axis=0) <= high)
                & (np.nanquantile(chosen, (1 + level) / 2, axis=0) >= low))
        for level in levels
    ]  # fmt: skip
    return np.array(shares, dtype=np.float64)

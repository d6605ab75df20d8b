"""One page of figures: a run, or several, beside what was reported.

Lines are simulated (the band holds the middle 90 % of several runs); black marks
are reported. Colours are Okabe and Ito's, which stay apart for colour-blind
readers, and every line differs in dash as well, for print without colour.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bordersim.codes import EPOCH_YEAR
from bordersim.figures import fee, share_of_arrivals, total, women_share
from bordersim.reported import (
    BAND,
    arrivals_table,
    fees_table,
    shares_table,
    stock_table,
)
from bordersim.reports import Period, parse_period, rows_of
from bordersim.results import FloatArray, RunResults

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
REPORTED: dict[str, Any] = {"color": "black", "linestyle": "none", "zorder": 5}

HARM_LINES = {
    "caught at the river": ("interceptions",),
    "returned by China": ("repatriations",),
    "taken into custody": ("custody_entries",),
    "died in custody": ("deaths_custody",),
    "died at the river or shot": ("deaths_drowned", "deaths_shot_river", "deaths_shot_china"),
}

Runs = Sequence[RunResults]
Yearly = Callable[[RunResults, Period], float]


class Page(Figure):
    """A figure that shows itself in Jupyter without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=100)
        return picture.getvalue()


def run_page(runs: RunResults | Runs) -> Figure:
    """Draw arrivals, fees, the stock in China, harms, guards and shares.

    Parameters
    ----------
    runs
        One run, or several of the same scenario.

    Returns
    -------
    Figure
        Six panels on one page of 10 by 11.5 inches.
    """
    several: Runs = [runs] if isinstance(runs, RunResults) else list(runs)
    page = Page(figsize=(10, 11.5), layout="constrained")
    panels = page.subplots(3, 2)
    drawers = (_arrivals, _fees, _stock, _harms, _guards, _shares)
    for axes, draw in zip(panels.flat, drawers, strict=True):
        draw(axes, several)
        axes.grid(alpha=0.25, linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(*_span(several))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    first = several[0]
    count = f"seed {first.seed}" if len(several) == 1 else f"{len(several)} runs"
    page.suptitle(f"{first.scenario_name} ({count}, scale {first.scale:g})")
    return page


def _arrivals(axes: Axes, runs: Runs) -> None:
    _yearly(axes, runs, lambda run, when: total(run, "arrivals", when), label="simulated")
    table = arrivals_table(runs)
    for use, face, label in (
        ("calibrate", "black", "reported"),
        ("validate", "white", "not fitted"),
    ):
        some = table[table["use"] == use]
        if len(some):
            x, y = some["year"] + 0.5, some["reported"]
            axes.plot(x, y, marker="o", markersize=4, markerfacecolor=face, label=label, **REPORTED)
    _finish(axes, "Arrivals in the South", "people a year")


def _fees(axes: Axes, runs: Runs) -> None:
    sectors = runs[0].sectors
    for index, style in zip(range(len(sectors)), _styles(), strict=False):

        def yearly(run: RunResults, when: Period, sector: int = index) -> float:
            return fee(run, when, [sector])

        _yearly(axes, runs, yearly, label=sectors[index].replace("_", " "), **style)
    _intervals(axes, fees_table(runs))
    _finish(axes, "Fee for the crossing, by place", "nominal KRW million")


def _stock(axes: Axes, runs: Runs) -> None:
    months = _months(runs)
    lines = np.array([_monthly(run, "stock_china", months) for run in runs])
    _line(axes, EPOCH_YEAR + (months + 0.5) / 12, lines / 1000, label="simulated")
    table = stock_table(runs)
    context = table["use"] == "context"
    _intervals(axes, table[~context], per=1000)
    _intervals(axes, table[context], per=1000, color="0.6", label="reported, disputed")
    _finish(axes, "North Koreans in China", "thousand people")


def _harms(axes: Axes, runs: Runs) -> None:
    for (label, causes), style in zip(HARM_LINES.items(), _styles(), strict=False):

        def yearly(run: RunResults, when: Period, causes: tuple[str, ...] = causes) -> float:
            return sum(total(run, cause, when) for cause in causes)

        _yearly(axes, runs, yearly, label=label, **style)
    axes.set_yscale("symlog", linthresh=10)
    axes.set_ylim(bottom=0)
    _finish(axes, "Harm", "people a year (log scale above 10)")


def _guards(axes: Axes, runs: Runs) -> None:
    months = _months(runs)
    years = EPOCH_YEAR + (months + 0.5) / 12
    corrupt = [_monthly(run, "corrupt_guards", months) for run in runs]
    guards = [np.maximum(_monthly(run, "guards", months), 1.0) for run in runs]
    feared = [_monthly(run, "perceived_punishment", months) for run in runs]
    blue, orange = list(_styles())[:2]
    share = 100 * np.array(corrupt) / np.array(guards)
    _line(axes, years, share, label="took a bribe in the lookback", **blue)
    fear = 100 * np.array(feared)
    _line(axes, years, fear, label="perceived chance of punishment in a year", **orange)
    axes.set_ylim(bottom=0)
    _finish(axes, "Guards", "per cent")


def _shares(axes: Axes, runs: Runs) -> None:
    lines: dict[str, tuple[Yearly, str]] = {
        "women": (women_share, "share of women"),
        "paid a trafficker": (
            lambda run, when: share_of_arrivals(run, "arrivals_paid", when),
            "share of arrivals that",
        ),
        "direct (within three months)": (
            lambda run, when: share_of_arrivals(run, "arrivals_direct", when),
            "share of arrivals within three",
        ),
    }
    table = shares_table(runs)
    for (label, (yearly, reported)), style in zip(lines.items(), _styles(), strict=False):
        _yearly(axes, runs, yearly, label=label, **style)
        some = table[table["quantity"].str.startswith(reported)]
        _intervals(axes, some, color=style["color"], label=None)
    axes.set_ylim(0, 1)
    _finish(axes, "Arrivals: who and how (bars: reported)", "share of arrivals")


def _yearly(axes: Axes, runs: Runs, figure: Yearly, **style: Any) -> None:
    """One value for each full year, drawn at mid-year."""
    years = sorted(set.intersection(*(set(run.full_years()) for run in runs)))
    periods = [parse_period(str(year)) for year in years]
    values = np.array([[figure(run, period) for period in periods] for run in runs])
    _line(axes, np.array(years) + 0.5, values, **style)


def _line(axes: Axes, x: FloatArray, values: FloatArray, **style: Any) -> None:
    """Draw the mean over runs (first axis), and the band when there are several.

    A run with nothing to measure in a year (NaN) is left out of that year.
    """
    color = style.setdefault("color", OKABE_ITO[0])
    known = np.isfinite(values).any(axis=0)
    x, values = x[known], values[:, known]
    axes.plot(x, np.nanmean(values, axis=0), linewidth=1.6, **style)
    if len(values) > 1:
        low, high = np.nanquantile(values, BAND, axis=0)
        axes.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)


def _intervals(
    axes: Axes,
    table: Any,
    *,
    per: float = 1.0,
    color: str = "black",
    label: str | None = "reported",
) -> None:
    """Reported intervals as bars over the middle of their period."""
    for row in rows_of(table):
        period = parse_period(str(row["period"]))
        x = EPOCH_YEAR + (period.first + period.last + 1) / 24
        high = row["reported_high"] / per
        low = row["reported_low"] / per if np.isfinite(row["reported_low"]) else high
        spread = [[(high - low) / 2], [(high - low) / 2]]
        axes.errorbar(
            [x], [(low + high) / 2], spread, fmt="_", color=color, capsize=3, label=label, zorder=5
        )
        label = None  # once in the legend


def _finish(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel("year")
    axes.set_ylabel(unit)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False)


def _styles() -> Any:
    return (
        {"color": color, "linestyle": dash}
        for color, dash in zip(OKABE_ITO, cycle(DASHES), strict=False)
    )


def _months(runs: Runs) -> Any:
    start = max(run.start_month for run in runs)
    return np.arange(start, min(run.end_month for run in runs) + 1)


def _monthly(run: RunResults, observable: str, months: Any) -> FloatArray:
    series: FloatArray = np.asarray(run.monthly(observable), dtype=np.float64)
    return series[months[0] - run.start_month : months[-1] - run.start_month + 1]


def _span(runs: Runs) -> tuple[float, float]:
    months = _months(runs)
    return EPOCH_YEAR + months[0] / 12, EPOCH_YEAR + (months[-1] + 1) / 12

"""Simulated years as bands, with the reports of their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MultipleLocator

from bordersim.codes import EPOCH_YEAR
from bordersim.plot.style import HAIR, INK, LOOKS, MUTED, SHADE, SMALL
from bordersim.results import FloatArray
from bordersim.validating.frames import records
from bordersim.validating.scorecard import CLOSURE, CONTEXT, FIT, HOLDOUT

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.plot_effects import EffectFigure
    from bordersim.validating import Validation

SIMULATED = LOOKS["blue"].color
PREDICTED = LOOKS["sky"].color

FIRST_YEAR = 1998
"""Reports begin; the years before are burn-in and famine."""

_HARM = {
    "repatriations": ("returned by China", "wine"),
    "interceptions": ("caught at the river", "orange"),
    "custody_entries": ("into custody", "amber"),
    "deaths": ("died (all causes)", "brown"),
}

_DEATHS = ("deaths_custody", "deaths_drowned", "deaths_shot_river", "deaths_shot_china")


def draw_arrivals(page: EffectFigure, found: Validation) -> None:
    """Arrivals on a linear and a logarithmic scale, errors by year, harm."""
    panels = page.subplots(4, 1, sharex=True, height_ratios=[2.4, 1.9, 1.2, 1.9])
    card = whole_years(found.scorecard[found.scorecard["group"] == "arrivals"])
    for axes in panels:
        _lanes(axes, found)
    for axes in panels[:2]:
        _predicted(axes, card)
        _band(axes, found, "arrivals")
        draw_points(axes, card)
        axes.set_ylabel("people a year")
    panels[0].set_ylim(bottom=0)
    page.legend(handles=_key(), loc="outside lower left", frameon=False, ncols=3, fontsize=SMALL)
    _log(panels[1])
    _errors(panels[2], found, card)
    _harm(panels[3], found)
    panels[3].set_xlabel("year")


def draw_shares(page: EffectFigure, found: Validation) -> None:
    """Women's share, the stock in China, and years on the way."""
    panels = page.subplots(3, 1, sharex=True)
    card = found.scorecard
    for axes, group, series, words in (
        (panels[0], "women", "women_share", "share of women"),
        (panels[1], "stock", "stock", "people in China"),
        (panels[2], "delays", "delay", "years from leaving to arrival"),
    ):
        rows = card[card["group"] == group]
        if group == "delays":
            rows = rows[rows["unit"].str.contains("year")]
        _lanes(axes, found)
        _predicted(axes, rows[rows["lane"] != CONTEXT])
        _band(axes, found, series)
        draw_points(axes, rows)
        axes.set_ylabel(words)
        axes.set_ylim(bottom=0)
    panels[0].set_ylim(0, 1)
    panels[2].set_xlabel("year")
    panels[1].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    page.legend(handles=_key(), loc="outside lower left", frameon=False, ncols=3, fontsize=SMALL)


def middle_year(row: Any) -> float:
    """Middle of a report's months in decimal years."""
    return float(EPOCH_YEAR + (row.first_month + row.last_month + 1) / 24)


def whole_years(card: pd.DataFrame) -> pd.DataFrame:
    """Rows of calendar years that are judged."""
    whole = card["last_month"] - card["first_month"] == 11
    return card[whole & (card["lane"] != CONTEXT)]


def _lanes(axes: Axes, found: Validation) -> None:
    """Shade the hold-out and the closure, and say so above."""
    closure = found.bars.closure_from
    last = float(found.readings.years[-1]) + 1
    axes.set_xlim(FIRST_YEAR, max(last, 2016))
    axes.xaxis.set_major_locator(MultipleLocator(2))
    axes.grid(axis="y", color=HAIR, linewidth=0.3)
    axes.set_axisbelow(True)
    for first, end, words, shade in (
        (FIRST_YEAR, 2016, "fitted", None),
        (2016, closure, "held out", "#F0F0F0"),
        (closure, last, "closure", SHADE),
    ):
        if end <= first or first >= last:
            continue
        if shade is not None:
            axes.axvspan(first, end, color=shade, linewidth=0, zorder=0)
        if axes.get_subplotspec() is not None and axes.get_subplotspec().is_first_row():  # type: ignore[union-attr]
            axes.text(
                (first + end) / 2, 1.01, words, transform=axes.get_xaxis_transform(),
                ha="center", va="bottom", color=MUTED,
            )  # fmt: skip


def _band(axes: Axes, found: Validation, name: str) -> None:
    years, values = found.readings.years, found.readings.series[name]
    _fan(axes, years + 0.5, values, found, SIMULATED, 0.45)


def _fan(
    axes: Axes, years: FloatArray, values: FloatArray, found: Validation, color: str, alpha: float
) -> None:
    """Median and band over runs; a year with nothing to measure is left out."""
    known = np.isfinite(values).any(axis=0) & (years >= FIRST_YEAR)
    ends = np.nanquantile(values[:, known], [0.5, *found.bars.quantiles], axis=0)
    axes.fill_between(years[known], ends[1], ends[2], color=color, alpha=alpha, linewidth=0)
    axes.plot(years[known], ends[0], color=color, linewidth=1.2)


def _predicted(axes: Axes, card: pd.DataFrame) -> None:
    """Bands with report error, as bars over the months of each report."""
    for row in records(card):
        begin, end = EPOCH_YEAR + row.first_month / 12, EPOCH_YEAR + (row.last_month + 1) / 12
        axes.fill_between(
            [begin + 0.08, end - 0.08], [row.predicted_low] * 2, [row.predicted_high] * 2,
            color=PREDICTED, alpha=0.35, linewidth=0,
        )  # fmt: skip


def draw_points(axes: Axes, card: pd.DataFrame) -> None:
    """Reports over time: points, or lines as long as intervals; hollow if not fitted."""
    for row in records(card):
        context = row.lane == CONTEXT
        color = MUTED if context else INK
        face = color if row.lane == FIT else "white"
        style: dict[str, Any] = {"color": color, "zorder": 5}
        ends = [end for end in (row.reported_low, row.reported_high) if np.isfinite(end)]
        x = middle_year(row)
        if len(ends) == 2 and ends[1] > ends[0]:
            dash = (0, (2.0, 1.2)) if context else "-"
            axes.plot(
                [x, x], ends, linewidth=1.2, marker="_", markersize=6, linestyle=dash, **style
            )
        else:
            axes.plot(
                x, ends[-1], marker="o", markersize=3.6, markerfacecolor=face,
                markeredgewidth=0.9, linestyle="none", **style,
            )  # fmt: skip


def _log(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))


def _errors(axes: Axes, found: Validation, card: pd.DataFrame) -> None:
    """Error of the median by year, with the most that its median may be."""
    section = found.bars.section
    bars = {FIT: section.fit.arrivals.most_error, HOLDOUT: section.holdout.arrivals.most_error}
    for row in records(card):
        color = SIMULATED if row.band == "inside" else LOOKS["orange"].color
        axes.bar(middle_year(row), 100 * row.error, 0.7, color=color)
    for lane, most in bars.items():
        rows = card[card["lane"] == lane]
        if len(rows):
            span = [
                EPOCH_YEAR + rows["first_month"].min() / 12,
                EPOCH_YEAR + rows["last_month"].max() / 12,
            ]
            for sign in (-100, 100):
                axes.plot(span, [sign * most] * 2, color=MUTED, linewidth=0.8, linestyle="--")
    axes.axhline(0, color=INK, linewidth=0.6)
    errors = 100 * card[card["lane"] != CLOSURE]["error"].abs()
    reach = max(30.0, min(120.0, float(errors.max()) * 1.15)) if len(errors) else 30.0
    axes.set_ylim(-reach, reach)
    axes.set_ylabel("error of the\nmedian, %")


def _harm(axes: Axes, found: Validation) -> None:
    series = dict(found.readings.series)
    series["deaths"] = np.sum([series[name] for name in _DEATHS], axis=0)
    handles = []
    for name, (words, look) in _HARM.items():
        color = LOOKS[look].color
        _fan(axes, found.readings.years + 0.5, series[name], found, color, 0.25)
        handles.append(Line2D([], [], color=color, linewidth=1.2, label=words))
    _log(axes)
    axes.set_ylim(bottom=axes.get_ylim()[0] / 3)  # room for the key
    axes.set_ylabel("harm, people a year")
    axes.legend(handles=handles, loc="lower left", frameon=False, ncols=4, fontsize=SMALL)


def _key() -> list[Any]:
    def point(face: str, words: str) -> Line2D:
        return Line2D(
            [], [], marker="o", markersize=3.6, markerfacecolor=face, color=INK,
            markeredgewidth=0.9, linestyle="none", label=words,
        )  # fmt: skip

    return [
        Line2D([], [], color=SIMULATED, linewidth=1.2, label="simulated, median over draws"),
        Patch(color=SIMULATED, alpha=0.45, linewidth=0, label="90 % of draws"),
        Patch(color=PREDICTED, alpha=0.35, linewidth=0, label="90 % with report error"),
        point(INK, "reported, fitted"),
        point("white", "reported, not fitted"),
    ]

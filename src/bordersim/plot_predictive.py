"""What was expected of every report before and after fitting, and how the waves got there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MultipleLocator, NullLocator

from bordersim.codes import EPOCH_YEAR
from bordersim.plot.style import HAIR, INK, LOOKS, MEDIUM, MUTED, RC, SHADE
from bordersim.plot_effects import EffectFigure
from bordersim.plot_validation.over_time import draw_points, whole_years
from bordersim.validating.frames import records
from bordersim.validating.scorecard import FIT

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.calibrating.results import Calibration

_WIDTH = 6.3
"""Inches; a column of text."""

_ROW = 0.155
"""Inches for each report or parameter."""

_BANDS = ("#B8B8B8", LOOKS["amber"].color, LOOKS["blue"].color)
"""Of bands, in the order in which they are drawn; the last is the one to be read."""

_WITH_ERROR = "#BFD2E8"
"""Of the band that holds reports, discrepancy and errors of reporting included."""

_REACH = 8.0
"""Simulated over reported, and its inverse, to which the figure of reports goes."""

_YEARLY = ("arrivals", "women")

Bands = Mapping[str, "pd.DataFrame"]
"""Tables by what they are; rows with id, group, first_month, last_month, lane, low, simulated,
high, reported_low, reported_high, as in ``waves`` of a calibration and a scorecard."""


@contextmanager
def _page(height: float, title: str) -> Iterator[EffectFigure]:
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        page = EffectFigure(figsize=(_WIDTH, height), layout="constrained")
        yield page
        page.suptitle(title, x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold")


def screening_figure(found: Calibration) -> Figure:
    """What each parameter does to the reports, and what luck alone would do.

    Parameters
    ----------
    found
        Of a calibration that began with a screening.
    """
    rows = found.table("screening").to_dict("records")
    colors = {"kept": LOOKS["blue"].color, "asked for": LOOKS["sky"].color, "weak": SHADE}
    words = {
        "kept": "fitted: among the strongest",
        "asked for": "fitted: a conclusion rests on it",
        "weak": "fixed: weak",
        "inert": "fixed: no more than luck",
    }
    with _page(1.0 + _ROW * len(rows), _title(found, "what moves the reports at all")) as page:
        axes = page.subplots()
        for place, row in enumerate(rows):
            color = colors.get(row["verdict"], "white")
            axes.barh(place, row["effect"], 0.7, color=color, edgecolor=MUTED, linewidth=0.5)
            axes.plot(
                [row["floor"]] * 2, [place - 0.45, place + 0.45], color=LOOKS["wine"].color,
                linewidth=1.6,
            )  # fmt: skip
        _names(axes, [f"{row['parameter']}  ({row['strongest']})" for row in rows])
        axes.set_xlim(left=0)
        axes.set_xlabel("mean effect on the report moved most (in brackets), in its spreads")
        keys: list[Any] = [
            Patch(facecolor=colors.get(verdict, "white"), edgecolor=MUTED, label=words[verdict])
            for verdict in dict.fromkeys(row["verdict"] for row in rows)
        ]
        keys.append(Line2D([], [], color=LOOKS["wine"].color, linewidth=1.6, label="luck alone"))
        page.legend(handles=keys, loc="outside lower left", ncols=3, frameon=False)
    return page


def design_figure(found: Calibration) -> Figure:
    """Where in the priors the points of each wave lay, and where the posterior lies."""
    table = found.table("design")
    rows = found.table("identifiability").to_dict("records")
    order = [str(row["parameter"]) for row in rows]
    shares = found.table("shares")
    waves = sorted(table["wave"].unique())
    step = 0.8 / (len(waves) + 1)
    with _page(0.8 + 0.07 * (len(waves) + 2) * len(order), _title(found, "the design")) as page:
        axes = page.subplots()
        for place, name in enumerate(order):
            for at, wave in enumerate(waves):
                one = table[(table["wave"] == wave) & (table["parameter"] == name)].iloc[0]
                height = place - 0.4 + step * (at + 0.5)
                _bar(axes, height, (one["low"], one["simulated"], one["high"]), _shade(at))
            ends = np.quantile(shares[name], [0.05, 0.5, 0.95])
            color = LOOKS["blue"].color
            _bar(axes, place + 0.4 - step / 2, (ends[0], ends[1], ends[2]), color)
        _names(axes, order)
        axes.set_xlim(0, 1)
        axes.set_xlabel(
            "quantile of the prior; bars hold nine points of ten, the mark is the median"
        )
        counts = {wave: int(table[table["wave"] == wave]["points"].iloc[0]) for wave in waves}
        keys = [
            Patch(color=_shade(at), label=f"wave {wave}, {counts[wave]:,} points")
            for at, wave in enumerate(waves)
        ]
        keys.append(Patch(color=LOOKS["blue"].color, label="posterior"))
        page.legend(handles=keys, loc="outside lower left", ncols=4, frameon=False)
    return page


def years_figure(bands: Bands, title: str) -> Figure:
    """Arrivals, and women among them, year by year: bands and reports.

    Parameters
    ----------
    bands
        At most three tables, the widest first.
    title
        What they are of.
    """
    with _page(4.9, title) as page:
        upper, lower = page.subplots(2, 1, sharex=True, height_ratios=[2, 1])
        for at, table in enumerate(bands.values()):
            for axes, group in ((upper, "arrivals"), (lower, "women")):
                rows = whole_years(table[table["group"] == group])
                _years(axes, rows.sort_values("first_month"), _color(at, bands))
        for axes, group in ((upper, "arrivals"), (lower, "women")):
            draw_points(axes, whole_years(_all(bands, group)))
            axes.grid(axis="y", color=HAIR, linewidth=0.3)
            axes.set_axisbelow(True)
        upper.set_yscale("log")
        upper.set_ylim(bottom=10)
        upper.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        upper.set_ylabel("arrivals a year, log scale")
        lower.set(ylim=(0, 1), ylabel="share of women", xlabel="year")
        lower.xaxis.set_major_locator(MultipleLocator(2))
        page.legend(handles=_key(bands), loc="outside lower left", ncols=3, frameon=False)
    return page


def reports_figure(bands: Bands, title: str) -> Figure:
    """Every report that is no year: simulated over reported.

    An interval is taken by its geometric middle, a report that is open at one side by the
    end it has, and drawn as wide as it is.

    Parameters
    ----------
    bands
        At most three tables, the widest first.
    title
        What they are of.
    """
    rows = _others(bands)
    with _page(1.1 + _ROW * len(rows), title) as page:
        axes = page.subplots()
        for place, row in enumerate(records(rows)):
            for at, table in enumerate(bands.values()):
                for one in records(table[table["id"] == row.id]):
                    _of_report(axes, place, one, _color(at, bands), 0.8 - 0.25 * at)
            _reported(axes, place, row)
        axes.axvline(1, color=INK, linewidth=0.5)
        axes.set_xscale("log")
        axes.set_xlim(1 / _REACH, _REACH)
        axes.xaxis.set_major_locator(FixedLocator([0.125, 0.25, 0.5, 1, 2, 4, 8]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(axis="x", color=HAIR, linewidth=0.3)
        axes.set_axisbelow(True)
        held = ["" if row.lane == FIT else " (held out)" for row in records(rows)]
        _names(axes, [f"{row.id}{text}" for row, text in zip(records(rows), held, strict=True)])
        axes.set_xlabel("simulated over the middle of the report (log scale)")
        page.legend(
            handles=_key(bands, intervals=True), loc="outside lower left", ncols=3, frameon=False
        )
    return page


def _years(axes: Axes, rows: pd.DataFrame, color: str) -> None:
    at = EPOCH_YEAR + (rows["first_month"] + 6) / 12
    if "predicted_low" in rows:
        ends = rows["predicted_low"], rows["predicted_high"]
        axes.fill_between(at, *ends, color=_WITH_ERROR, linewidth=0)
    axes.fill_between(at, rows["low"], rows["high"], color=color, alpha=0.45, linewidth=0)
    axes.plot(at, rows["simulated"], color=color, linewidth=1.1)


def _bar(
    axes: Axes, height: float, ends: tuple[float, float, float], color: str, thick: float = 0.16
) -> None:
    """From low to high, with a mark at the middle."""
    low, middle, high = ends
    axes.barh(height, high - low, thick, left=low, color=color, linewidth=0)
    mark = INK if color != LOOKS["blue"].color else "white"
    axes.plot([middle] * 2, [height - thick / 2, height + thick / 2], color=mark, linewidth=0.9)


def _of_report(axes: Axes, place: int, row: Any, color: str, thick: float) -> None:
    """Band of one report over its middle, above that with report error where there is one."""
    if not np.isfinite(row.simulated):
        return
    names = ("low", "simulated", "high", "predicted_low", "predicted_high")
    ends = np.array([getattr(row, name, np.nan) for name in names]) / _middle(row)
    ends = np.clip(ends, 1 / _REACH, _REACH)
    if np.isfinite(ends[3]):
        axes.barh(place, ends[4] - ends[3], 0.8, left=ends[3], color=_WITH_ERROR, linewidth=0)
    _bar(axes, place, (ends[0], ends[1], ends[2]), color, thick)


def _reported(axes: Axes, place: int, row: Any) -> None:
    """The report: a line as wide as its interval, an arrowhead where it is open."""
    middle = _middle(row)
    low, high = row.reported_low / middle, row.reported_high / middle
    if np.isfinite(low) and np.isfinite(high):
        axes.plot([low, high], [place] * 2, color=INK, linewidth=1.2, marker="|", markersize=5)
    else:
        mark = "<" if np.isfinite(high) else ">"
        axes.plot(1, place, marker=mark, markersize=4, color=INK)


def _middle(row: Any) -> float:
    low, high = row.reported_low, row.reported_high
    if np.isfinite(low) and np.isfinite(high):
        return float(np.sqrt(low * high)) if low > 0 else float(high / 2)
    return float(high if np.isfinite(high) else low)


def _all(bands: Bands, group: str) -> pd.DataFrame:
    """Reports of a group that any table has, each once."""
    import pandas as pd

    rows = pd.concat([table[table["group"] == group] for table in bands.values()])
    kept: pd.DataFrame = rows.drop_duplicates("id", keep="last")
    return kept


def _others(bands: Bands) -> pd.DataFrame:
    import pandas as pd

    table = pd.concat(list(bands.values()))
    table = table[~table["group"].isin(_YEARLY) & table["lane"].isin([FIT, "hold-out"])]
    table = table.drop_duplicates("id", keep="last")
    groups = {name: at for at, name in enumerate(dict.fromkeys(table["group"]))}
    table = table.assign(order=table["group"].map(groups))
    kept: pd.DataFrame = table.sort_values(["order", "first_month", "id"])
    return kept


def _names(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _shade(wave: int) -> str:
    return ("#D0D0D0", "#A0A0A0", "#707070", "#484848", "#303030", "#202020")[wave]


def _color(at: int, bands: Bands) -> str:
    """The last band is blue, those before it grey and amber."""
    return _BANDS[-1] if at == len(bands) - 1 else _BANDS[at]


def _key(bands: Bands, *, intervals: bool = False) -> list[Any]:
    keys: list[Any] = [
        Patch(color=_color(at, bands), alpha=0.8, linewidth=0, label=name)
        for at, name in enumerate(bands)
    ]
    if any("predicted_low" in table for table in bands.values()):
        keys.append(Patch(color=_WITH_ERROR, linewidth=0, label="the same with report error"))
    if intervals:
        return [*keys, Line2D([], [], color=INK, marker="|", markersize=5, label="reported")]
    for face, words in ((INK, "reported, fitted"), ("white", "reported, not fitted")):
        keys.append(
            Line2D([], [], color=INK, marker="o", markersize=3.6, markerfacecolor=face,
                   linestyle="none", label=words)
        )  # fmt: skip
    return keys


def _title(found: Calibration, what: str) -> str:
    return f"{found.manifest['title']}: {what}"

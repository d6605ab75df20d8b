"""Reports below one another, each beside what draws give for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bordersim.plot.style import HAIR, INK, MUTED, SMALL
from bordersim.plot_validation.over_time import PREDICTED, SIMULATED
from bordersim.validating.frames import records
from bordersim.validating.scorecard import CONTEXT, FIT

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.plot_effects import EffectFigure
    from bordersim.validating import Validation

_ROW = 0.2
"""Inches for each report."""

_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)


def fees_height(found: Validation) -> float:
    """Inches that the figure of fees needs."""
    return 1.4 + _ROW * len(_fees(found))


def draw_fees(page: EffectFigure, found: Validation) -> None:
    """Every reported fee with the band of the simulation, and that with report error."""
    axes = page.subplots()
    rows = _fees(found)
    for place, row in enumerate(records(rows)):
        axes.barh(
            place, row.predicted_high - row.predicted_low, 0.72, left=row.predicted_low,
            color=PREDICTED, alpha=0.35, linewidth=0,
        )  # fmt: skip
        axes.barh(
            place, row.high - row.low, 0.36, left=row.low, color=SIMULATED, alpha=0.45, linewidth=0
        )
        axes.plot([row.simulated] * 2, [place - 0.3, place + 0.3], color=SIMULATED, linewidth=1.4)
        _reported(axes, place, row)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(axis="x", color=HAIR, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.set_yticks(range(len(rows)), [_label(row) for row in records(rows)])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("nominal KRW million, log scale")
    page.legend(handles=_key(), loc="outside lower left", ncols=3, frameon=False, fontsize=SMALL)


def _fees(found: Validation) -> pd.DataFrame:
    card = found.scorecard
    rows = card[(card["group"] == "fees") & np.isfinite(card["simulated"])]
    ordered: pd.DataFrame = rows.sort_values(["first_month", "reported_low"])
    return ordered


def _label(row: Any) -> str:
    words = {FIT: "", CONTEXT: " (context)"}.get(row.lane, " (held out)")
    place = row.place or row.quantity
    return f"{row.period}  {place}{words}"


def _reported(axes: Any, place: int, row: Any) -> None:
    color = MUTED if row.lane == CONTEXT else INK
    low, high = row.reported_low, row.reported_high
    if np.isinf(low) or np.isinf(high):
        end, mark = (high, "<") if np.isinf(low) else (low, ">")
        axes.plot(end, place, marker=mark, markersize=4.5, color=color, zorder=5)
        return
    axes.plot([low, high], [place, place], color=color, linewidth=1.6, marker="|", zorder=5)


def _key() -> list[Any]:
    return [
        Line2D([], [], color=SIMULATED, linewidth=1.4, label="simulated, median over draws"),
        Patch(color=SIMULATED, alpha=0.45, linewidth=0, label="90 % of draws"),
        Patch(color=PREDICTED, alpha=0.35, linewidth=0, label="90 % with report error"),
        Line2D([], [], color=INK, linewidth=1.6, marker="|", label="reported"),
        Line2D([], [], color=INK, marker="<", linestyle="none", label="reported, at most"),
    ]

"""The value of facts side by side: a row each, a column for all factors and for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bordersim.plot.style import HAIR, LOOKS, MEDIUM, MUTED, RC, SMALL
from bordersim.plot_effects import EffectFigure
from bordersim.valuing.targets import ALL, WEIGHT

if TYPE_CHECKING:
    from bordersim.valuing.results import NextFacts, Row

_WIDTH = 9.4
"""Inches; a page on its side."""

_ROW = 0.19
"""Inches for each fact."""


def next_facts_figure(found: NextFacts) -> Figure:
    """Draw the part of each variance that every fact would take away.

    Parameters
    ----------
    found
        The values.

    Returns
    -------
    Figure
        A point with one standard error to both sides, hollow where a fact that tells nothing
        could lie there by chance; a cross is the linear forecast.
    """
    overall = found.rows(WEIGHT, ALL)
    names = [_name(row) for row in overall]
    order = [row["fact"] for row in overall]
    shown = [ALL, *(part for part in found.parts if part != ALL)]
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        lines = sum(name.count("\n") + 1 for name in names)
        page = EffectFigure(figsize=(_WIDTH, 1.1 + _ROW * lines), layout="constrained")
        panels = page.subplots(1, len(shown), sharex=True, squeeze=False)[0]
        for place, (axes, part) in enumerate(zip(panels, shown, strict=True)):
            rows = {row["fact"]: row for row in found.rows(WEIGHT, part)}
            _draw(axes, [rows[name] for name in order], _places(names))
            title = "who did it" if part == ALL else part
            axes.set_title(title, loc="left", fontsize=MEDIUM)
            axes.set_yticks(_places(names), names if place == 0 else [""] * len(names))
            axes.set_ylim(lines - 0.5, -0.5)
        _share_range(panels, found)
        page.suptitle(
            f"{found.asked.title}\nVariance of each weight that a report would take away, %"
            + (f"; a trial, no answer: {found.trial()}" if found.trial() else ""),
            x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold",
        )  # fmt: skip
        page.supxlabel(
            "Point: reweighted draws, bar: one standard error to both sides; hollow: within what "
            "chance reaches. Cross: linear forecast.",
            x=0.01, ha="left", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
    return page


def _name(row: Row) -> str:
    names = row["facts"]
    return names[0] if len(names) == 1 else "\n+ ".join(names)


def _places(names: Sequence[str]) -> list[float]:
    """Middles of rows that are as high as their names have lines."""
    found, top = [], 0.0
    for name in names:
        n_lines = name.count("\n") + 1
        found.append(top + (n_lines - 1) / 2)
        top += n_lines
    return found


def _draw(axes: Axes, rows: Sequence[Row], places: Sequence[float]) -> None:
    blue, wine = LOOKS["blue"].color, LOOKS["orange"].color
    axes.axvline(0, color=MUTED, linewidth=0.6)
    for place, row in zip(places, rows, strict=True):
        if not math.isnan(row["linear"]):
            axes.plot([100 * row["linear"]], [place], "x", color=wine, markersize=4)
        if not row["judged"] or math.isnan(row["reduction"]):
            continue
        ends = [100 * (row["reduction"] + side * row["error"]) for side in (-1, 1)]
        axes.plot(ends, [place, place], color=blue, linewidth=1.3)
        face = blue if row["clear"] else "white"
        middle = [100 * row["reduction"]]
        axes.plot(middle, [place], "o", color=blue, markerfacecolor=face, markersize=4)
    axes.grid(color=HAIR, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def _share_range(panels: Sequence[Axes], found: NextFacts) -> None:
    """One scale for all panels: what a report does for one factor can be held to another."""
    told = [row["best"] for part in found.parts for row in found.rows(WEIGHT, part)]
    largest = max((100 * value for value in told if not math.isnan(value)), default=0.0)
    for axes in panels:
        axes.set_xlim(-8, max(20.0, 1.12 * largest))

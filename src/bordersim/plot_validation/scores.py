"""How often bands hold reports, where reports lie in them, and which patterns hold."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from bordersim.plot.style import HAIR, INK, LOOKS, MUTED, SHADE, SMALL
from bordersim.validating.frames import records
from bordersim.validating.scorecard import CLOSURE, FIT, HOLDOUT, coverage

if TYPE_CHECKING:
    from bordersim.plot_effects import EffectFigure
    from bordersim.validating import Validation

_LEVELS = np.linspace(0.05, 0.95, 19)

_LOOKS = {FIT: "blue", HOLDOUT: "orange", CLOSURE: "wine"}

_LETTERS = 52
"""Of a pattern's title beside its bar."""

_ROW = 0.19
"""Inches for each pattern or condition."""


def draw_scores(page: EffectFigure, found: Validation) -> None:
    """Coverage of central bands by their level, and the places of reports within them."""
    left, right = page.subplots(1, 2)
    _coverage(left, found)
    _places(right, found)


def _coverage(axes: Axes, found: Validation) -> None:
    card = found.scorecard
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle="--")
    for lane, look in _LOOKS.items():
        rows = card[(card["lane"] == lane) & np.isfinite(card["simulated"])]
        if len(rows):
            shares = coverage(rows, found.reports, _LEVELS)
            axes.plot(_LEVELS, shares, label=f"{lane} ({len(rows)} reports)", **LOOKS[look].line())
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("level of the band, with report error")
    axes.set_ylabel("share of reports it holds, at least in part")
    axes.legend(frameon=False, fontsize=SMALL, loc="upper left")


def _places(axes: Axes, found: Validation) -> None:
    """Share of replicated reports below each report; an interval is a bar between its ends."""
    card = found.scorecard
    lanes = [lane for lane in _LOOKS if (card["lane"] == lane).any()]
    for row, lane in enumerate(lanes):
        rows = card[(card["lane"] == lane) & np.isfinite(card["simulated"])]
        middles = (rows["pit_low"] + rows["pit_high"]).to_numpy() / 2
        order = np.argsort(middles)
        heights = row + np.linspace(-0.38, 0.38, len(rows)) if len(rows) > 1 else [float(row)]
        for y, at in zip(heights, order, strict=True):
            one = rows.iloc[at]
            color = LOOKS[_LOOKS[lane]].color
            axes.plot([one["pit_low"], one["pit_high"]], [y, y], color=color, linewidth=0.8)
            axes.plot(middles[at], y, marker=".", markersize=4, color=color)
    low, high = found.bars.quantiles
    axes.axvspan(low, high, color=SHADE, linewidth=0, zorder=0)
    axes.set_yticks(range(len(lanes)), lanes)
    axes.set_ylim(len(lanes) - 0.5, -0.5)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xlabel("share of replicated reports below the report")


def patterns_height(found: Validation) -> float:
    """Inches that the figure of patterns needs."""
    return 1.1 + _ROW * len(_pattern_rows(found))


def _pattern_rows(found: Validation) -> list[tuple[str, float, bool]]:
    """Label, share of draws, and whether it is a whole and not one of its conditions."""
    rows: list[tuple[str, float, bool]] = []
    wholes = [(one.id, f"{one.id} {one.title}", one.share) for one in records(found.patterns)]
    closure = found.bars.section.closure.title.split(",")[0]
    for group, title, share in (*wholes, ("closure", closure, np.nan)):
        rows.append((shorten(title, _LETTERS, placeholder=" ..."), float(share), True))
        parts = found.conditions[found.conditions["group"] == group]
        rows += [
            (f"{one.name}, {one.period}: {one.limits}", float(one.share), False)
            for one in records(parts)
        ]
    return rows


def draw_patterns(page: EffectFigure, found: Validation) -> None:
    """Share of draws in which each pattern, and each of its conditions, holds."""
    axes = page.subplots()
    rows = _pattern_rows(found)
    least = found.bars.section.patterns.least_draws
    for place, (_, share, whole) in enumerate(rows):
        if np.isnan(share):
            continue
        kept = share >= least if whole else True
        color = LOOKS["blue" if kept else "orange"].color if whole else LOOKS["sky"].color
        axes.barh(place, share, 0.7 if whole else 0.42, color=color)
    axes.axvline(least, color=INK, linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(rows)), [label for label, _, _ in rows])
    for text, (_, _, whole) in zip(axes.get_yticklabels(), rows, strict=True):
        text.set_fontweight("bold" if whole else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.grid(axis="x", color=HAIR, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"share of draws (dashed: least for a pattern, {least:.0%})")

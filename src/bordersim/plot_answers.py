"""Effects of many scenarios side by side: a row each, a column an observable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bordersim.answering.verdicts import ASSUMED
from bordersim.attributing.judging import NOT_IDENTIFIED
from bordersim.comparing.quantities import HARM
from bordersim.plot.style import HAIR, LOOKS, MEDIUM, MUTED, RC, SMALL
from bordersim.plot_effects import EffectFigure

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers, Row

_WIDTH = 9.4
"""Inches; a page on its side."""

_ROW = 0.2
"""Inches for each comparison."""

_OPEN = (ASSUMED, NOT_IDENTIFIED)


def answers_figure(found: Answers) -> Figure:
    """Draw every effect in per cent of its baseline.

    Parameters
    ----------
    found
        The answers.

    Returns
    -------
    Figure
        One panel an observable, harm in another colour; a hollow point where the data do
        not say how large an effect is, and no bar where there is no interval.
    """
    rows = [
        {row["observable"]: row for row in found.rows(question, contrast)}
        for question in found.asked.questions
        for contrast in question.contrasts
    ]
    names = [
        f"{contrast.scenario}, {contrast.span().replace(' to ', '-')}"
        for question in found.asked.questions
        for contrast in question.contrasts
    ]
    observables = found.asked.observables
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        height = 1.2 + _ROW * len(rows)
        page = EffectFigure(figsize=(_WIDTH, height), layout="constrained")
        panels = page.subplots(1, len(observables), sharey=True, squeeze=False)[0]
        for axes, observable in zip(panels, observables, strict=True):
            _draw(axes, [row[observable] for row in rows], observable)
        panels[0].set_yticks(range(len(rows)), names)
        panels[0].set_ylim(len(rows) - 0.5, -0.5)
        trial = found.trial()
        page.suptitle(
            f"{found.asked.title}: effects, % of the baseline; simulated, no forecast"
            + (f"\nA trial, no answer: {trial}" if trial else ""),
            x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold",
        )  # fmt: skip
        page.supxlabel(
            "Point: mean; bar: 90 % interval. Hollow: not identified by the data. "
            "Orange: harm. Panels have scales of their own.",
            x=0.01, ha="left", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
    return page


def _draw(axes: Axes, rows: Sequence[Row], observable: str) -> None:
    look = LOOKS["orange" if observable in HARM else "blue"]
    axes.axvline(0, color=MUTED, linewidth=0.6)
    for place, row in enumerate(rows):
        value, low, high = (
            100 * row[name] for name in ("relative", "relative_low", "relative_high")
        )
        if not math.isnan(low):
            axes.plot([low, high], [place, place], color=look.color, linewidth=1.5)
        if not math.isnan(value):
            face = "white" if row["verdict"] in _OPEN else look.color
            axes.plot([value], [place], "o", color=look.color, markerfacecolor=face, markersize=4)
    axes.set_title(observable.replace("_", " "), loc="left", fontsize=MEDIUM)
    axes.grid(color=HAIR, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(4))

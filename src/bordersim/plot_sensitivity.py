"""Sensitivity indices as a figure: bars with intervals, and the floor that luck reaches."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bordersim.plot.style import HAIR, INK, LOOKS, MEDIUM, MUTED, RC, SHADE, SMALL
from bordersim.plot_effects import EffectFigure
from bordersim.sensing.showing import head, title
from bordersim.sweeping.designs import MORRIS

if TYPE_CHECKING:
    from bordersim.sensing.analysis import Answer, Sensitivity
    from bordersim.sensing.indices import Index

_WIDTH = 6.3
"""Inches; a column of text."""

_ROW = 0.22
"""Inches for each input."""

_MAIN, _ALONE = LOOKS["sky"].color, LOOKS["amber"].color
_FLOOR = LOOKS["wine"].color


def sensitivity_figure(found: Sensitivity, answers: Sequence[Answer]) -> Figure:
    """Draw indices, one panel for each scenario and outcome.

    Parameters
    ----------
    found
        All indices.
    answers
        Those that are drawn.

    Returns
    -------
    Figure
        Inputs in one order in all panels: by how much they matter on the whole.
    """
    order = _order(answers)
    columns = min(2, len(answers))
    lines = math.ceil(len(answers) / columns)
    panel = 0.75 + _ROW * len(order)
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        page = EffectFigure(figsize=(_WIDTH, 0.85 + panel * lines), layout="constrained")
        grid = page.subplots(lines, columns, sharey=True, squeeze=False)
        for axes, answer in zip(grid.flat, answers, strict=False):
            _draw(axes, found, answer, order)
        for axes in grid.flat[len(answers) :]:
            axes.set_axis_off()
        for axes in grid[:, 0]:
            axes.set_yticks(range(len(order)), [found.inputs.axes[k].key for k in order])
        grid[0, 0].set_ylim(len(order) - 0.4, -0.6)
        page.suptitle(
            "\n".join(textwrap.wrap(f"{head(found)}; {found.span}; simulated, no forecast", 92)),
            x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold",
        )  # fmt: skip
        page.legend(handles=_key(found), loc="outside lower left", ncols=2, frameon=False)
    return page


def _order(answers: Sequence[Answer]) -> list[int]:
    ranks = [np.argsort(np.argsort([-index.value for index in one.main])) for one in answers]
    return [int(k) for k in np.argsort(np.mean(ranks, axis=0), kind="stable")]


def _draw(axes: Axes, found: Sensitivity, answer: Answer, order: Sequence[int]) -> None:
    screening = found.inputs.kind == MORRIS
    axes.grid(axis="x", color=HAIR, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    for place, k in enumerate(order):
        if screening:
            _bar(axes, place, 0.62, answer.main[k], _MAIN)
        else:
            _bar(axes, place - 0.18, 0.34, answer.main[k], _MAIN)
            _bar(axes, place + 0.18, 0.34, answer.indices["s1"][k], _ALONE)
    axes.set_xlim(left=0.0)
    axes.axvline(0.0, color=INK, linewidth=0.6)
    name = title(found, answer).split(":")[0]
    axes.set_title(name, loc="left", fontsize=SMALL, fontweight="bold")
    unit = answer.quantity.unit
    axes.set_xlabel(f"mean size of the effect, {unit}" if screening else "share of variance")


def _bar(axes: Axes, place: float, height: float, index: Index, color: str) -> None:
    """One bar, filled if it stands above its floor; interval and floor over it."""
    above = index.above is not False
    axes.barh(
        place, max(0.0, index.value), height, color=color if above else SHADE,
        edgecolor=color, linewidth=0.6,
    )  # fmt: skip
    low, high = max(0.0, index.low), max(0.0, index.high)
    axes.plot([low, high], [place, place], color=INK, linewidth=0.9)
    if not math.isnan(index.floor):
        half = height / 2 + 0.05
        axes.plot(
            [index.floor] * 2, [place - half, place + half], color=_FLOOR, linewidth=1.6,
            linestyle=(0, (1.6, 0.6)),
        )  # fmt: skip


def _key(found: Sensitivity) -> list[Any]:
    floor = Line2D([], [], color=_FLOOR, linewidth=1.6, linestyle=(0, (1.6, 0.6)))
    floor.set_label("floor: what luck alone reaches")
    interval = Line2D([], [], color=INK, linewidth=0.9, label="90 % interval")
    below = Patch(facecolor=SHADE, edgecolor=MUTED, label="not distinguishable from noise")
    if found.inputs.kind == MORRIS:
        return [Patch(color=_MAIN, label="mu*"), below, interval, floor]
    total = Patch(color=_MAIN, label="total index")
    alone = Patch(color=_ALONE, label="first index")
    return [total, alone, below, interval, floor]

"""The ledger of fates as a flow: from each fate in A to each in B."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from bordersim.comparing.fates import FATE_WORDS, Fate
from bordersim.dates import month_label
from bordersim.plot.style import INK, LOOKS, MEDIUM, MUTED, RC, SMALL
from bordersim.plot.text import spread
from bordersim.plot_effects import EffectFigure

if TYPE_CHECKING:
    from bordersim.comparing import Ledger
    from bordersim.results import FloatArray

_WIDTH, _HEIGHT = 6.3, 5.2
"""Inches."""

_FEWEST = 0.004
"""Share of all that changed from which a flow is drawn; those of ``_ALWAYS`` always are."""

_ALWAYS = (Fate.ARRIVED, Fate.DIED)

_GAP = 0.012
"""Between two fates, of the height."""

_LEFT, _RIGHT, _BAR = 0.0, 1.0, 0.016
_LINE = 0.030
"""Height of a line of text, of the height."""

_GROUPS: dict[str, tuple[Fate, ...]] = {
    "#BBBBBB": (Fate.NEVER_CONSIDERED, Fate.STAYED, Fate.PRICED_OUT, Fate.UNSERVED),
    LOOKS["sky"].color: (Fate.TURNED_BACK, Fate.RETURNED),
    LOOKS["orange"].color: (Fate.CAUGHT_RIVER, Fate.CAUGHT_CHINA, Fate.INFORMED_ON),
    LOOKS["amber"].color: (Fate.IN_CHINA, Fate.ON_THE_WAY),
    LOOKS["blue"].color: (Fate.ARRIVED, Fate.ARRIVED_BEFORE),
    INK: (Fate.DIED, Fate.DIED_BEFORE),
}
"""Fill of the fates in the North, turned back, caught, abroad, arrived, and dead."""

_FILL = {fate: color for color, fates in _GROUPS.items() for fate in fates}


@dataclass(frozen=True)
class _Column:
    """Where the fates of one side stand: bottom and height of each, by code."""

    bottom: dict[int, float]
    height: dict[int, float]


def flow_figure(ledger: Ledger) -> Figure:
    """Draw everybody whose fate differs, from A on the left to B on the right.

    Parameters
    ----------
    ledger
        Of any number of pairs; the mean over them is drawn.

    Returns
    -------
    Figure
        Widths are people. Flows too thin to be seen are counted below, not drawn.
    """
    flows = _changes(ledger.people)
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        page = EffectFigure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        axes = page.subplots()
        axes.set_axis_off()
        axes.set_xlim(-0.44, 1.44)
        axes.set_ylim(-0.08, 1.08)
        drawn = _draw(axes, flows) if flows.sum() > 0 else 0.0
        _explain(axes, ledger, float(flows.sum()), drawn)
    return page


def _changes(people: FloatArray) -> FloatArray:
    """People by fate in A and B, those whose fate is the same left out."""
    width = len(Fate)
    flows: FloatArray = people[:, :width].copy()
    flows[:, Fate.ARRIVED] += people[:, width:].sum(axis=1)
    np.fill_diagonal(flows, 0.0)
    return flows


def _draw(axes: Axes, flows: FloatArray) -> float:
    """Draw bars, flows and names; give the people drawn."""
    shown = flows >= _FEWEST * flows.sum()
    shown[_ALWAYS, :] = shown[:, _ALWAYS] = True
    flows = np.where(shown, flows, 0.0)
    total = float(flows.sum())
    sides = [_column(flows.sum(axis=1 - side), total) for side in (0, 1)]
    used = [dict(side.bottom) for side in sides]
    for a in reversed(range(len(Fate))):
        for b in reversed(range(len(Fate))):
            thick = flows[a, b] * _unit(sides, total)
            if thick <= 0:
                continue
            _ribbon(axes, used[0][a], used[1][b], thick, _FILL[Fate(b)])
            used[0][a] += thick
            used[1][b] += thick
    for side, x in zip(sides, (_LEFT - _BAR, _RIGHT), strict=True):
        for code, bottom in side.bottom.items():
            axes.add_patch(
                Rectangle((x, bottom), _BAR, side.height[code], color=_FILL[Fate(code)], lw=0)
            )
    _name(axes, sides[0], flows.sum(axis=1), _LEFT - 0.03, "right")
    _name(axes, sides[1], flows.sum(axis=0), _RIGHT + 0.03, "left")
    return total


def _unit(sides: Sequence[_Column], total: float) -> float:
    """Height of a person: that of the side with more gaps, so that flows are of one width."""
    return min(sum(side.height.values()) for side in sides) / total


def _column(people: FloatArray, total: float) -> _Column:
    """Stack the fates of one side, arrivals and deaths at the top."""
    codes = [code for code in range(len(Fate)) if people[code] > 0]
    room = 1.0 - _GAP * len(Fate)
    bottom: dict[int, float] = {}
    height = {code: float(people[code]) / total * room for code in codes}
    at = (1.0 - room - _GAP * (len(codes) - 1)) / 2
    for code in codes:
        bottom[code] = at
        at += height[code] + _GAP
    return _Column(bottom, height)


def _ribbon(axes: Axes, left: float, right: float, thick: float, color: str) -> None:
    middle = (_LEFT + _RIGHT) / 2
    points = [
        (_LEFT, left), (middle, left), (middle, right), (_RIGHT, right),
        (_RIGHT, right + thick), (middle, right + thick), (middle, left + thick),
        (_LEFT, left + thick), (_LEFT, left),
    ]  # fmt: skip
    curve = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Path(points, curve), facecolor=color, alpha=0.55, lw=0.3, edgecolor="white")
    )


def _name(axes: Axes, side: _Column, people: FloatArray, x: float, align: str) -> None:
    codes = list(side.bottom)
    wanted = [side.bottom[code] + side.height[code] / 2 for code in codes]
    heights = spread(wanted, [_LINE] * len(codes), -0.02, 1.02)
    for code, y, middle in zip(codes, heights, wanted, strict=True):
        axes.text(
            x, y, f"{FATE_WORDS[Fate(code)]} {people[code]:,.0f}",
            ha=align, va="center", fontsize=SMALL,
        )  # fmt: skip
        inner = x + (0.012 if align == "right" else -0.012)
        outer = x + (0.004 if align == "right" else -0.004)
        axes.plot([outer, inner], [y, middle], color=MUTED, linewidth=0.4, clip_on=False)


def _explain(axes: Axes, ledger: Ledger, total: float, drawn: float) -> None:
    a, b = ledger.names
    span = " to ".join(map(month_label, (ledger.window.first, ledger.window.last)))
    axes.text(
        -0.44, 1.08, f"Everybody whose fate differs, {span}", fontsize=MEDIUM, fontweight="bold",
        va="bottom",
    )  # fmt: skip
    axes.text(_LEFT, 1.025, f"A: {a}", ha="right", va="bottom", color=MUTED)
    axes.text(_RIGHT, 1.025, f"B: {b}", ha="left", va="bottom", color=MUTED)
    n = len(ledger.matrices)
    mean = "one pair" if n == 1 else f"mean of {n} pairs"
    axes.text(
        -0.44, -0.08,
        f"People by the end of the window, {mean}; simulated, no forecast. Of {total:,.0f} whose "
        f"fate differs,\n{total - drawn:,.0f} in flows too thin to be seen are not drawn. "
        "Flows have the colour of the fate in B.",
        color=MUTED, fontsize=SMALL, va="top",
    )  # fmt: skip

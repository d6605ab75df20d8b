"""Levers over time and place, as a matplotlib figure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bordersim.codes import EPOCH_YEAR
from bordersim.errors import Problem, ScenarioError
from bordersim.lever_changes import LeverTable, lever_table
from bordersim.lever_history import IN_FORCE, find_lever
from bordersim.plot.style import LOOKS, MUTED, RC, SMALL
from bordersim.scenario_views import ScenarioViews

_WIDTH = 6.3
"""Inches; a column of text."""

_HEIGHT = 2.1
"""Inches for each lever."""

_PANEL = 5.6
"""Width of a panel without its labels, in inches."""

_LETTER = 0.058
"""Width of a letter of the smallest type, in inches."""

_HANDLE = 0.7
"""Width of a line in the legend and the space around it, in inches."""

_LINE = 9.0
"""Points from one row of names to the next."""


class LeverFigure(Figure):
    """A figure that shows itself in Jupyter without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=120)
        return picture.getvalue()


def plot_levers(scenario: ScenarioViews, keys: Sequence[str]) -> Figure:
    """Draw levers over the span of a scenario, one panel each.

    Parameters
    ----------
    scenario
        The scenario.
    keys
        Keys of its levers, at least one.

    Returns
    -------
    Figure
        A line for every group of places that follow the same path, and a mark at the
        start of every policy that acts.

    Raises
    ------
    ScenarioError
        If there is no such lever, or none is named.
    """
    if not keys:
        raise ScenarioError([Problem("plot_lever()", "keys", "name at least one lever")])
    for key in keys:
        find_lever(scenario, key, "plot_lever()")
    style: Any = dict(RC)
    with mpl.rc_context(style):
        page = LeverFigure(figsize=(_WIDTH, _HEIGHT * len(keys) + 0.35), layout="constrained")
        panels = page.subplots(len(keys), 1, squeeze=False)
        for axes, key in zip(panels[:, 0], keys, strict=True):
            _draw(axes, lever_table(scenario, key))
        page.suptitle(scenario.title or scenario.name, x=0.01, ha="left")
    return page


def _draw(axes: Axes, table: LeverTable) -> None:
    edges = EPOCH_YEAR + np.arange(table.start, table.end + 2) / 12
    looks = sorted(LOOKS.values(), key=lambda look: look.dash != "-")
    for group, look in zip(table.groups, cycle(looks), strict=False):
        axes.stairs(group.path, edges, baseline=None, label=group.label, **look.line())
    top = max(float(group.path.max()) for group in table.groups)
    axes.set_ylim(0, top * 1.05 if top > 0 else 1)
    axes.set_xlim(edges[0], edges[-1])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(labelbottom=True)
    rows = _name_policies(axes, table)
    several = len(table.groups) > 1
    place = "" if several else f" ({table.groups[0].label})"
    title = f"{table.spec.key}: {table.spec.title}{place}"
    axes.set_title(title, loc="left", pad=4 + rows * _LINE)
    axes.set_ylabel(table.spec.unit)
    if several:
        widest = max(len(group.label) for group in table.groups) * _LETTER + _HANDLE
        axes.legend(
            loc="upper left", bbox_to_anchor=(0, -0.14), borderaxespad=0, frameon=False,
            ncols=max(int(_PANEL // widest), 1), fontsize=SMALL,
        )  # fmt: skip


def _name_policies(axes: Axes, table: LeverTable) -> int:
    """Mark where policies that act begin, named above the panel; give the rows of names."""
    ends: list[float] = []
    for step in sorted(table.steps, key=lambda step: step.policy.start if step.policy else 0):
        if step.policy is None or step.status != IN_FORCE:
            continue
        year = EPOCH_YEAR + max(step.policy.start, table.start) / 12
        # Where a name would leave the panel on the right it ends at its mark instead.
        share = (year - EPOCH_YEAR - table.start / 12) / ((table.end + 1 - table.start) / 12)
        width = len(step.source) * _LETTER / _PANEL
        first = share if share + width <= 1 else share - width
        row = next((i for i, end in enumerate(ends) if first > end), len(ends))
        ends[row : row + 1] = [first + width + _LETTER / _PANEL]
        axes.axvline(year, color=MUTED, linewidth=0.5, linestyle=(0, (1, 2)))
        axes.annotate(
            step.source, (year, 1), (0, 2 + row * _LINE), color=MUTED, fontsize=SMALL,
            ha="left" if first == share else "right", va="bottom",
            xycoords=axes.get_xaxis_transform(), textcoords="offset points",
        )  # fmt: skip
    return len(ends)

"""Effects as a figure: every quantity with its interval, and one of them by year."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bordersim.comparing.cells import by_point, effect_cell, name_cell
from bordersim.plot.style import HAIR, INK, LOOKS, MEDIUM, MUTED, RC, SHADE, SMALL

if TYPE_CHECKING:
    from bordersim.comparing import Comparison

_WIDTH = 6.3
"""Inches; a column of text."""

_ROW = 0.24
"""Inches for each quantity."""

_SERIES = 2.3
"""Inches for the panel by year."""

_SHADE = 0.25


class EffectFigure(Figure):
    """A figure that shows itself in Jupyter without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=120)
        return picture.getvalue()


def effect_figure(comparison: Comparison, observable: str) -> Figure:
    """Draw effects in per cent of A, and one of them by year.

    Parameters
    ----------
    comparison
        Of any number of pairs; without an interval only points are drawn.
    observable
        What is drawn by year.

    Returns
    -------
    Figure
        Two panels, one above the other.

    Raises
    ------
    BordersimError
        When the observable was not compared.
    """
    series = comparison.series(observable)
    rows = comparison.rows()
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        height = 1.35 + _ROW * len(rows)
        page = EffectFigure(figsize=(_WIDTH, height + _SERIES), layout="constrained")
        forest, by_year = page.subplots(2, 1, height_ratios=[height, _SERIES])
        _draw_forest(forest, rows)
        _draw_series(by_year, comparison, observable, series)
        a, b = comparison.names
        n = len(comparison.pairs)
        page.suptitle(
            f"{b} (B) against {a} (A), {n} pair{'s' * (n != 1)}; simulated, no forecast",
            x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold",
        )  # fmt: skip
    return page


def _draw_forest(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    look = LOOKS["blue"]
    axes.axvline(0, color=MUTED, linewidth=0.6)
    for place, row in enumerate(rows):
        value, low, high = (
            100 * row[name] for name in ("relative", "relative_low", "relative_high")
        )
        if not math.isnan(low):
            axes.plot([low, high], [place, place], color=look.color, linewidth=1.6)
        if not math.isnan(value):
            axes.plot([value], [place], "o", color=look.color, markersize=4.5)
        axes.annotate(
            effect_cell(row), (1, place), (4, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", va="center", ha="left", fontsize=SMALL,
        )  # fmt: skip
    axes.annotate(
        "B - A [90 %]", (1, -0.75), (4, 0), xycoords=axes.get_yaxis_transform(), color=MUTED,
        textcoords="offset points", va="center", ha="left", fontsize=SMALL,
    )  # fmt: skip
    names = [
        ", ".join(filter(None, (name_cell(row), point)))
        for point, here in by_point(rows).items()
        for row in here
    ]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -1.1)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=HAIR, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.margins(x=0.06)
    axes.set_xlabel("effect, % of A (point), and its 90 % interval (bar)")


def _draw_series(axes: Axes, comparison: Comparison, observable: str, series: Any) -> None:
    one = next(m for m in comparison.measured if m.quantity.name == observable)
    years = series.index
    monthly = years.freqstr.startswith("M")
    at = np.array([y.year + (y.month - 0.5) / 12 if monthly else y.year for y in years])
    look = LOOKS["blue"]
    first, last = comparison.window.first, comparison.window.last
    shift = 0.0 if monthly else 0.5
    axes.axvspan(
        1995 + first / 12 - shift, 1995 + (last + 1) / 12 - shift, color=SHADE, linewidth=0
    )
    axes.axhline(0, color=MUTED, linewidth=0.6)
    effect, low, high = (series[name].to_numpy(float) for name in ("effect", "low", "high"))
    axes.fill_between(at, low, high, color=look.color, alpha=_SHADE, linewidth=0)
    axes.plot(at, effect, "o-", color=look.color, markersize=3, linewidth=1.2)
    axes.set_xlim(at[0] - 0.6, at[-1] + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    over = "a month" if monthly else "a year"
    unit = one.quantity.unit + (f" {over}" if one.quantity.how == "total" else "")
    axes.set_ylabel(f"B - A, {unit}")
    axes.set_title(
        f"{observable.replace('_', ' ')}: effect by "
        f"{'month' if monthly else 'year'}, 90 % interval of each; grey: the window compared",
        loc="left", fontsize=SMALL, color=INK,
    )  # fmt: skip

"""Axes of time and of values: limits, ticks, how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from bordersim.codes import EPOCH_YEAR
from bordersim.dates import month_label
from bordersim.plot.panels import Panel
from bordersim.plot.series import limits_of
from bordersim.plot.style import HAIR
from bordersim.reports import Period

FEW_YEARS = 4
"""Shorter spans have months on the axis."""

HEADROOM = 1.06

ABOVE_MARKS = 11.0
"""Points kept free above marks for their numbers."""

APART = 9.0
"""Least distance between ticks with labels, in points."""

WIDE = 10.0
"""Least ratio of highest to lowest value for which a log axis is worth its trouble."""


def set_time_axis(axes: Axes, span: Period, side: str | None = None) -> None:
    """Give a panel the run's span and calendar ticks, with labels at "top" or "bottom"."""
    axes.set_xlim(*limits_of(span))
    months = span.last - span.first + 1
    step = 1 if months <= 12 else 3 if months <= 12 * FEW_YEARS else 12
    starts = [m for m in range(span.first, span.last + 2) if m % step == 0]
    every = _label_step(months)
    named = [m for m in starts if (m + (EPOCH_YEAR * 12 if step == 12 else 0)) % every == 0]
    axes.xaxis.set_major_locator(FixedLocator([EPOCH_YEAR + m / 12 for m in named]))
    axes.xaxis.set_minor_locator(FixedLocator([EPOCH_YEAR + m / 12 for m in starts]))
    axes.tick_params(axis="x", which="both", labelbottom=False, labeltop=False, direction="out")
    axes.tick_params(axis="x", which="major", length=3.5)
    axes.tick_params(axis="x", which="minor", length=2.0)
    if side is None:
        return
    axes.xaxis.set_major_formatter(FuncFormatter(_year if step == 12 else _month))
    axes.tick_params(axis="x", labelbottom=side == "bottom", labeltop=side == "top", pad=2.0)
    if side == "bottom":
        axes.set_xlabel("year (ticks on 1 January)" if step == 12 else "month")


def set_value_axis(axes: Axes, panel: Panel, height: float) -> None:
    """Give a panel of some height in points limits that hold everything, and round ticks."""
    values = panel.values
    free = 1 - ABOVE_MARKS / height
    if panel.scale == "log" and values.size and values.max() > WIDE * max(values.min(), 0):
        _logarithmic(axes, panel, free)
    else:
        highest = max(panel.top, panel.highest) * HEADROOM
        axes.set_ylim(0, max(highest, panel.highest_numbered / free))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(_number))
    axes.grid(axis="y", color=HAIR, linewidth=0.3, alpha=0.7)
    axes.set_axisbelow(True)


def _logarithmic(axes: Axes, panel: Panel, free: float) -> None:
    """Log axis, linear below a value when less must be shown, so that zero has a place.

    ``free`` is the share of the height below the numbers of the highest mark.
    """
    linear_below = panel.linear_below
    high = max(panel.highest * 1.35, 10 * linear_below)
    low = float(panel.values.min())
    if low >= linear_below:
        low /= 1.6
        axes.set_yscale("log")
        axes.set_ylim(low, max(high, _stretched(low, panel.highest_numbered, free)))
        axes.yaxis.set_major_locator(FixedLocator(_apart(axes, _tens(*axes.get_ylim()))))
        axes.yaxis.set_minor_locator(FixedLocator(_between_tens(*axes.get_ylim())))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(axis="y", which="minor", length=1.5, width=0.4)
    else:
        axes.set_yscale("symlog", linthresh=linear_below, linscale=0.8)
        # the linear part takes about one more decade's height
        top = max(high, _stretched(linear_below / 10, panel.highest_numbered, free))
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(FixedLocator([0.0, *_apart(axes, _tens(linear_below, top))]))
        axes.yaxis.set_minor_locator(NullLocator())


def _tens(low: float, high: float) -> list[float]:
    """Powers of ten between two values; with 2 and 5 where there are fewer than two."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    tens = [10.0**e for e in exponents if low <= 10.0**e <= high]
    if len(tens) >= 2:
        return tens
    return [f * 10.0**e for e in exponents for f in (1, 2, 5) if low <= f * 10.0**e <= high]


def _stretched(low: float, value: float, free: float) -> float:
    """Top of a log axis from ``low`` on which a value is at a share ``free`` of the height."""
    return low * (value / low) ** (1 / free) if value > low else low


def _apart(axes: Axes, ticks: Sequence[float]) -> list[float]:
    """Every tick, or every second and so on, so that labels keep apart; none beside 0."""
    points = 72 / axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    foot = axes.transAxes.transform((0, 0))[1]
    heights = {tick: (axes.transData.transform((0, tick))[1] - foot) * points for tick in ticks}
    linear = axes.get_yscale() == "symlog"
    for step in range(1, len(ticks) + 1):
        some = [tick for tick in ticks if not linear or heights[tick] >= APART][::step]
        if all(heights[b] - heights[a] >= APART for a, b in pairwise(some)):
            break
    return some


def _between_tens(low: float, high: float) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [f * 10.0**e for e in exponents for f in range(2, 10) if low <= f * 10.0**e <= high]


def _label_step(months: int) -> int:
    """Months between labels of the axis of time."""
    if months <= 12:
        return 1 if months <= 6 else 3
    if months <= 12 * FEW_YEARS:
        return 6
    return 24 if months <= 12 * 25 else 60


def _year(value: float, _: int) -> str:
    return f"{value:.0f}"


def _month(value: float, _: int) -> str:
    return month_label(round((value - EPOCH_YEAR) * 12))


def _number(value: float, _: int) -> str:
    return f"{value:,.10g}"

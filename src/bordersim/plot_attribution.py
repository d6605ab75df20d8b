"""A change as a waterfall: from the first period to the last, factor by factor."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bordersim.attributing.dividing import CHANGE
from bordersim.attributing.judging import NOT_IDENTIFIED
from bordersim.attributing.showing import head, label, places_of, stacked
from bordersim.attributing.spec import MOMENTUM, period_text
from bordersim.attributing.verdicts import SIZE_ONLY
from bordersim.comparing.quantities import quantity_of
from bordersim.plot.style import HAIR, INK, LOOKS, MEDIUM, MUTED, RC, SHADE, SMALL

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution

_WIDTH, _HEIGHT = 6.3, 2.7
"""Inches; a column of text, and a panel."""

_LETTERS = 84
"""Of the bold type of its head, in a line."""

_BAR = 0.62
_ROOM = 0.24
"""Of a panel's height, for the numbers above and below the bars."""


class WaterfallFigure(Figure):
    """A figure that shows itself in Jupyter without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=120)
        return picture.getvalue()


def waterfall_figure(found: Attribution, observables: Sequence[str]) -> Figure:
    """Draw one panel for each quantity.

    Parameters
    ----------
    found
        The answer.
    observables
        Of those that were divided.

    Returns
    -------
    Figure
        Bars between grey ones of both periods, each with its 90 % interval; hatched where
        the data do not say how large a share is.
    """
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        n = len(observables)
        page = WaterfallFigure(figsize=(_WIDTH, 0.75 + _HEIGHT * n), layout="constrained")
        panels = page.subplots(n, 1, squeeze=False)[:, 0]
        for axes, observable in zip(panels, observables, strict=True):
            _draw(axes, found, observable)
        page.suptitle(
            f"{found.question.title}\n{fill(head(found), _LETTERS)}",
            x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold",
        )  # fmt: skip
        page.supxlabel(
            "Bar: share, the mean over draws; line: its 90 % interval. Momentum: all factors held."
            "\nHatched: the data do not say how large it is.",
            x=0.01, ha="left", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
    return page


def _draw(axes: Axes, found: Attribution, observable: str) -> None:
    rows = {row["part"]: row for row in found.rows(observable)}
    verdicts = {row["part"]: row["verdict"] for row in found.verdicts(observable)}
    levels, asked = found.levels(observable), found.question
    parts = [MOMENTUM, *asked.names]
    last = len(parts) + 1
    reached = levels["first"]["value"]
    ends = [_level(axes, 0, levels["first"])]
    for place, part in enumerate(parts, 1):
        row = rows[part]
        open_ = verdicts[part] in (NOT_IDENTIFIED, SIZE_ONLY)
        ends.append(_step(axes, place, reached, row, hatched=open_))
        axes.plot([place - 1, place], [reached, reached], color=MUTED, linewidth=0.6)
        reached += row["share"]
    axes.plot([last - 1, last], [reached, reached], color=MUTED, linewidth=0.6)
    ends.append(_level(axes, last, levels["last"]))
    _write(axes, [rows[part] for part in parts], ends, levels)
    names = [period_text(asked.first), *parts, period_text(asked.last)]
    axes.set_xticks(range(last + 1), [name.replace("_", " ") for name in names])
    axes.tick_params(axis="x", length=0)
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.grid(axis="y", color=HAIR, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.6, last + 0.6)
    axes.set_ylabel(quantity_of(observable).unit)
    change = stacked(rows[CHANGE], None).replace("\n", " ")
    axes.set_title(f"{label(observable)}: change {change}", loc="left", fontsize=SMALL, color=INK)


def _level(axes: Axes, place: int, level: dict[str, float]) -> tuple[float, float]:
    """A grey bar from zero; the lowest and highest point of what was drawn."""
    axes.bar(place, level["value"], _BAR, color=SHADE, edgecolor=MUTED, linewidth=0.6)
    return _whisker(axes, place, level, 0.0, (0.0, level["value"]))


def _step(
    axes: Axes, place: int, reached: float, row: dict[str, Any], *, hatched: bool
) -> tuple[float, float]:
    """A floating bar from what was reached before."""
    look = LOOKS["blue" if row["share"] < 0 else "orange"]
    style: dict[str, Any] = {"color": look.color, "linewidth": 0.6}
    if hatched:
        style = {"facecolor": "white", "edgecolor": look.color, "hatch": "////", "linewidth": 0.6}
    axes.bar(place, row["share"], _BAR, bottom=reached, **style)
    return _whisker(axes, place, row, reached, (reached, reached + row["share"]))


def _whisker(
    axes: Axes, place: int, row: dict[str, Any], base: float, bar: tuple[float, float]
) -> tuple[float, float]:
    ends = list(bar)
    if not math.isnan(row["low"]):
        ends += [base + row["low"], base + row["high"]]
        for color, width in (("white", 3.0), (INK, 1.0)):  # seen on any bar
            axes.plot([place, place], ends[-2:], color=color, linewidth=width)
    return min(ends), max(ends)


def _write(
    axes: Axes,
    rows: Sequence[dict[str, Any]],
    ends: Sequence[tuple[float, float]],
    levels: dict[str, Any],
) -> None:
    """Numbers above what was drawn, with room for them."""
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    room = _ROOM * (high - low)
    axes.set_ylim(low - (0.05 * (high - low) if low < 0 else 0.0), high + room)
    texts = [_value(levels["first"]["value"]), *_shares(rows), _value(levels["last"]["value"])]
    for place, (text, end) in enumerate(zip(texts, ends, strict=True)):
        axes.annotate(
            text, (place, end[1]), (0, 3), textcoords="offset points",
            ha="center", va="bottom", fontsize=SMALL, linespacing=1.15,
        )  # fmt: skip


def _shares(rows: Sequence[dict[str, Any]]) -> list[str]:
    places = places_of(rows, ("share",))
    return [stacked(row, places) for row in rows]


def _value(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

"""Drawing on one panel: curves with their band, reported marks, labels beside the ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bordersim.plot.marks import Mark
from bordersim.plot.series import Curve, limits_of, middle
from bordersim.plot.style import HAIR, INK, LEADING, LOOKS, MUTED, SMALL
from bordersim.plot.text import broken, spread, width_of
from bordersim.reported import BAND

SWATCH = 13.0
"""Length of the sample of a line before its label, in points."""

REACH = 9.0
"""Gap between a panel and that sample, bridged by a leader, in points."""

DODGE = 2.0
"""Gap between labels in points."""

BOX_YEARS = 0.5
"""Periods from which an interval is drawn as a box."""

ROW = 8.5
"""Depth of the row of numbers below a panel, in points."""


def draw_curve(axes: Axes, curve: Curve) -> None:
    """Draw the mean over runs, and the middle 90 % when there are several.

    A run with nothing to measure at a point (NaN) is left out of it.
    """
    known = curve.known
    years, values = curve.years[known], curve.values[:, known]
    if not years.size:
        return
    look = curve.style
    gid = f"simulated: {curve.name}"
    single: dict[str, Any] = {"marker": "o", "markersize": 2.5} if years.size == 1 else {}
    axes.plot(years, np.nanmean(values, axis=0), gid=gid, zorder=3, **look.line(), **single)
    if len(values) > 1:
        low, high = np.nanquantile(values, BAND, axis=0)
        axes.fill_between(
            years, low, high, color=look.color, alpha=0.18, linewidth=0, gid=f"band: {curve.name}"
        )


def draw_mark(axes: Axes, mark: Mark, *, bar: bool) -> None:
    """Draw a reported figure over the months it speaks of.

    An interval is a bar with caps, or a box when it speaks of half a year or more; a
    point is a dot (on a bar as long as its period, if ``bar``), an
    upper bound a triangle pointing down. Ink is filled for figures fitted to, open for
    those held out, grey and dashed for context.
    """
    start, end = limits_of(mark.span)
    context = mark.use == "context"
    color = MUTED if context else INK if mark.look is None else LOOKS[mark.look].color
    gid = f"reported, {mark.use}: {mark.period}"
    face = "white" if mark.use != "calibrate" else color
    if mark.is_point or mark.is_upper:
        if bar:
            axes.plot([start, end], [mark.high] * 2, color=color, linewidth=0.9, zorder=5)
        axes.plot(
            [middle(mark.span)],
            [mark.high],
            marker="v" if mark.is_upper else "o",
            markersize=4,
            markerfacecolor=face,
            markeredgecolor=color,
            markeredgewidth=0.9,
            linestyle="none",
            clip_on=False,
            gid=gid,
            zorder=6,
        )
        return
    if mark.span.years < BOX_YEARS:
        axes.plot(
            [middle(mark.span)] * 2,
            [mark.low, mark.high],
            color=color,
            linewidth=1.1,
            marker="_",
            markersize=5,
            markeredgewidth=1.1,
            gid=gid,
            zorder=6,
        )
        return
    box = Rectangle(
        (start, mark.low),
        end - start,
        mark.high - mark.low,
        facecolor="none" if mark.use != "calibrate" else (*_rgb(color), 0.16),
        edgecolor=color,
        linewidth=0.9,
        linestyle=(0, (2.5, 1.5)) if context else "-",
        gid=gid,
        zorder=5,
    )
    axes.add_patch(box)


def label_ends(axes: Axes, curves: Sequence[tuple[Curve, str]], room: float) -> None:
    """Name each curve right of the panel, at the height where it ends.

    Parameters
    ----------
    axes
        With its limits set for good.
    curves
        Each with its label; those without a value are left out.
    room
        Points between the panel and the edge of the page.
    """
    shown = [(curve, text) for curve, text in curves if curve.known.any()]
    if not shown:
        return
    width, height = size_of(axes)
    ends = [_end_height(axes, curve) for curve, _ in shown]
    lines = [broken(text, room - REACH - SWATCH - 4) for _, text in shown]
    sizes = [len(text) * SMALL * LEADING + DODGE for text in lines]
    centres = spread([height * end for end in ends], sizes, 0.0, height + 5.0)
    for (curve, _), end, text, centre in zip(shown, ends, lines, centres, strict=True):
        y = centre / height
        start = 1 + REACH / width
        figure = axes.get_figure(root=True)
        assert figure is not None
        for xs, ys, style in (
            ([1.0, start], [end, y], {"color": HAIR, "linewidth": 0.6}),
            ([start, start + SWATCH / width], [y, y], curve.style.line()),
        ):
            figure.add_artist(Line2D(xs, ys, transform=axes.transAxes, **style))
        axes.annotate(
            "\n".join(text),
            (1, y),
            (REACH + SWATCH + 4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            linespacing=LEADING - 0.1,
            gid=f"label: {curve.name}",
            annotation_clip=False,
        )


def number_marks(axes: Axes, marks: Sequence[Mark], *, below: bool) -> None:
    """Write each mark's number above it, or in a row below the panel with a leader."""
    named = sorted((mark for mark in marks if mark.number), key=lambda mark: mark.number)
    if below:
        _number_below(axes, named)
        return
    for mark, x, place in zip(named, *_spread_across(axes, named), strict=True):
        axes.annotate(
            str(mark.number),
            (middle(mark.span), mark.high),
            (place - x, 3.0 if mark.is_point else 1.5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.75},
            gid=f"number: {mark.number}",
            zorder=4,
        )


def _number_below(axes: Axes, named: Sequence[Mark]) -> None:
    if not named:
        return
    width, height = size_of(axes)
    for mark, x, foot in zip(named, *_spread_across(axes, named), strict=True):
        leader = Line2D(
            [foot / width, x / width, x / width],
            [-3.5 / height, 0.0, _height(axes, mark.high if mark.is_upper else mark.low)],
            transform=axes.transAxes,
            color="#9A9A9A",
            linewidth=0.45,
            zorder=2,
            clip_on=False,
            gid=f"leader: {mark.number}",
        )
        axes.add_artist(leader)
        axes.annotate(
            str(mark.number),
            (foot / width, 0),
            (0, -3.5),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="top",
            gid=f"number: {mark.number}",
            annotation_clip=False,
        )


def _spread_across(axes: Axes, named: Sequence[Mark]) -> tuple[list[float], list[float]]:
    """Where the marks are, and where their numbers fit side by side, in points."""
    width, _ = size_of(axes)
    low, high = axes.get_xlim()
    at = [(middle(mark.span) - low) / (high - low) * width for mark in named]
    sizes = [width_of(str(mark.number)) + 2.0 for mark in named]
    return at, spread(at, sizes, 0.0, width)


def _rgb(color: str) -> tuple[float, float, float]:
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def _end_height(axes: Axes, curve: Curve) -> float:
    """Height of a curve's last value as a share of the panel's."""
    return _height(axes, float(np.nanmean(curve.values[:, np.flatnonzero(curve.known)[-1]])))


def _height(axes: Axes, value: float) -> float:
    """Height of a value as a share of the panel's, within it."""
    y = axes.transAxes.inverted().transform(axes.transData.transform((0, value)))[1]
    return float(np.clip(y, 0, 1))


def size_of(axes: Axes) -> tuple[float, float]:
    """Width and height of a panel in points."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = axes.get_position()
    width, height = figure.get_size_inches()
    return box.width * width * 72, box.height * height * 72

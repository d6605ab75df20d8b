"""The page: a title, how to read it, the lane of policies, six panels, notes.

All panels share one axis of time, so that a policy stands above what follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes

from bordersim.plot.axis import set_time_axis, set_value_axis
from bordersim.plot.caption import basis_of, notes_of
from bordersim.plot.draw import draw_curve, draw_mark, label_ends, number_marks, size_of
from bordersim.plot.key import draw_key
from bordersim.plot.lane import Room, Row, draw_lane, height_of, rows_of_lane
from bordersim.plot.panels import Panel, panels_of
from bordersim.plot.policies import marked, scenario_of
from bordersim.plot.series import Runs, common_span, limits_of
from bordersim.plot.sheet import A4, EDGE, INNER, LEFT, RIGHT, WRITTEN, Page, Sheet
from bordersim.plot.style import HAIR, LARGE, LEADING, MEDIUM, MUTED, RC, SHADE, SMALL
from bordersim.plot.text import broken
from bordersim.policies import Policy
from bordersim.reports import Period
from bordersim.results import RunResults
from bordersim.scenario import Scenario

ABOVE_PANEL, ABOVE_LANE = 15.5, 30.0
"""Room for the title of a panel; of the lane, with its years; in points."""

BELOW_HEADING, BELOW_PANELS = 32.0, 30.0
"""Room for the basis and the key; for the years and their label; in points."""

LEAST = 285.0
"""Points that panels divide at the least; a page is longer than A4 before they get fewer."""

EMPTY = "nothing to measure in this span"


def run_page(runs: RunResults | Runs, *, scenario: Scenario | str | Path | None = None) -> Page:
    """Draw a run, or several that differ in seed alone, on one page.

    Policies of the scenario; arrivals, fees, the stock in China, harm, corruption of
    the guards and their fear, each beside what was reported.

    Parameters
    ----------
    runs
        One run, or several of the same scenario.
    scenario
        The scenario the runs were made from, or its file, for the dated policies; the
        shipped scenarios are tried when None.

    Returns
    -------
    Page
        A figure of A4 size, or longer when there are more policies than that can hold.

    Raises
    ------
    BordersimError
        When there is nothing to draw, or ``scenario`` is not that of the runs.
    """
    several: Runs = [runs] if isinstance(runs, RunResults) else list(runs)
    span = common_span(several)
    found = scenario_of(several[0], scenario)
    shown = marked(found.policies, span) if found is not None else None
    title = found.title if found is not None and found.name == several[0].scenario_name else ""
    panels = panels_of(several)
    with matplotlib.style.context(["default", dict(RC)]):
        return _composed(several, panels, shown, title)


def _composed(
    runs: Runs, panels: Sequence[Panel], policies: list[Policy] | None, title: str
) -> Page:
    """Stack the parts from the top; panels divide what the others leave."""
    span = common_span(runs)
    name = runs[0].scenario_name
    heading = broken(f"{name}: {title}" if title else name, WRITTEN, LARGE, "bold")
    rows = rows_of_lane(policies or [], limits_of(span), Room(INNER, RIGHT - EDGE))
    notes = [line for note in notes_of(runs, panels, policies) for line in broken(note, WRITTEN)]
    lane = ABOVE_LANE + height_of(rows) if rows else 6.0
    taken = (
        2 * EDGE
        + LARGE * LEADING * len(heading)
        + BELOW_HEADING
        + lane
        + sum(ABOVE_PANEL + panel.foot for panel in panels)
        + BELOW_PANELS
        + SMALL * LEADING * len(notes)
    )
    height = max(A4[1], taken + LEAST)
    sheet = Sheet(Page(figsize=(A4[0] / 72, height / 72)), height)
    y = _write_heading(sheet, heading, runs)
    if rows:
        _draw_lane(sheet, rows, span, y - lane)
    guides = sorted({policy.start for policy in policies or []})
    _draw_panels(sheet, panels, (y - lane, height - taken), span, guides)
    _write_notes(sheet, notes)
    return sheet.page


def _write_heading(sheet: Sheet, heading: Sequence[str], runs: Runs) -> float:
    """Title, basis and key; the height below them."""
    y = sheet.height - EDGE
    for line in heading:
        y -= LARGE * LEADING
        sheet.write(y, line, fontsize=LARGE, fontweight="bold")
    sheet.write(y - 13.0, basis_of(runs))
    draw_key(sheet, y - 28.0, several=len(runs) > 1)
    return y - BELOW_HEADING


def _draw_lane(sheet: Sheet, rows: Sequence[Row], span: Period, y: float) -> None:
    """Lane of policies, its foot at ``y``, with the years above it."""
    axes = sheet.panel(y, height_of(rows))
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.spines["top"].set_visible(True)
    axes.xaxis.set_ticks_position("top")
    set_time_axis(axes, span, "top")
    title = (
        "Policies of the scenario that begin after its first month (bar: ramp, or until it ends)"
    )
    axes.set_title(title, loc="left", pad=17.0)
    draw_lane(axes, rows)


def _draw_panels(
    sheet: Sheet,
    panels: Sequence[Panel],
    room: tuple[float, float],
    span: Period,
    guides: Sequence[int],
) -> None:
    """Draw the panels from a height down, dividing the points that they have."""
    y, free = room
    shares = sum(panel.share for panel in panels)
    for letter, panel in zip("abcdef", panels, strict=True):
        height = free * panel.share / shares
        y -= ABOVE_PANEL + height
        axes = sheet.panel(y, height)
        draw_panel(axes, panel, letter, span, guides)
        y -= panel.foot
    set_time_axis(axes, span, "bottom")


def draw_panel(
    axes: Axes, panel: Panel, letter: str, span: Period, guides: Sequence[int] = ()
) -> None:
    """Draw one panel; labels come last, when its limits are set."""
    set_time_axis(axes, span)
    for month in guides:
        x, _ = limits_of(Period(month, month))
        axes.axvline(x, color=HAIR, linewidth=0.5, zorder=0, gid="guide")
    if panel.places is not None:
        style: dict[str, Any] = {"color": SHADE, "linewidth": 0, "zorder": 1}
        axes.fill_between(*panel.places, gid="range over places", **style)
    for curve in panel.curves:
        draw_curve(axes, curve)
    for mark in panel.marks:
        draw_mark(axes, mark, bar=panel.bars)
    set_value_axis(axes, panel, size_of(axes)[1])
    axes.set_ylabel(panel.unit, linespacing=1.1)
    axes.yaxis.set_label_coords(-(LEFT - EDGE - 12.0) / INNER, 0.5)
    axes.set_title(panel.title, loc="left", x=12.0 / INNER, pad=4.5)
    _write_letter(axes, letter)
    if not any(curve.known.any() for curve in panel.curves):
        style = {"transform": axes.transAxes, "ha": "center", "va": "center", "color": MUTED}
        axes.text(0.5, 0.5, EMPTY, **style)
    named = panel.curves if panel.named else ()
    label_ends(axes, [(curve, curve.name) for curve in named], RIGHT - EDGE / 2)
    number_marks(axes, panel.marks, below=panel.foot > 0)


def _write_letter(axes: Axes, letter: str) -> None:
    axes.annotate(
        letter,
        (0, 1),
        (0, 4.5),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=MEDIUM + 1,
        fontweight="bold",
        va="baseline",
        annotation_clip=False,
    )


def _write_notes(sheet: Sheet, lines: Sequence[str]) -> None:
    """Lines at the foot of the page."""
    for below, line in zip(range(len(lines) - 1, -1, -1), lines, strict=True):
        sheet.write(EDGE + SMALL * LEADING * below, line)

"""Sheets with panels of one width below each other, in the style of the page of a run."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import Colormap, Normalize

from bordersim.comparing.quantities import DEATHS
from bordersim.dates import month_label
from bordersim.plot.axis import set_time_axis
from bordersim.plot.caption import sources_of
from bordersim.plot.key import draw_key
from bordersim.plot.page import draw_panel
from bordersim.plot.panels import Panel
from bordersim.plot.sheet import A4, EDGE, INNER, LEFT, WRITTEN, Page, Sheet
from bordersim.plot.style import LARGE, LEADING, SMALL
from bordersim.plot.text import broken
from bordersim.plot_studies.readings import Readings
from bordersim.reported import share_simulated
from bordersim.wording import count

HEIGHT = 118.0
"""Of a panel, in points."""

BETWEEN = 24.0
"""Room for the title of a panel."""

BELOW_HEADING, BELOW_PANELS = 34.0, 34.0
"""Room for the basis and the key; for the years and their label."""

BAR = 46.0
"""Room for a colour bar with its label."""

ASSUMED = frozenset((*DEATHS, "deaths", "custody_entries", "stock_custody", "stock_dead"))
"""What no count exists to hold against."""

CAUTION = "Levels of death and custody rest on assumptions; no count exists to hold them against."


@dataclass(frozen=True)
class ColourBar:
    """Scale of lines that are too many to be named."""

    colours: Colormap
    norm: Normalize
    label: str


def sheet_of(
    heading: str,
    basis: str,
    panels: Sequence[Panel],
    readings: Readings,
    notes: Sequence[str],
    bar: ColourBar | None = None,
) -> Page:
    """Draw panels below each other, as high as they need.

    Parameters
    ----------
    heading, basis
        In bold, and below it.
    panels
        With their marks numbered.
    readings
        Whose span is the axis.
    notes
        Paragraphs; sources of the marks are added.
    bar
        For panels whose lines are coloured by a value.
    """
    title = broken(heading, WRITTEN, LARGE, "bold")
    below = broken(basis, WRITTEN)
    texts = [*notes, sources_of(panels)]
    words = [line for text in texts if text for line in broken(text, WRITTEN)]
    taken = (
        2 * EDGE
        + LARGE * LEADING * len(title)
        + SMALL * LEADING * (len(below) - 1)
        + BELOW_HEADING
        + (BAR if bar else 0.0)
        + sum(BETWEEN + panel.foot + HEIGHT * panel.share for panel in panels)
        + BELOW_PANELS
        + SMALL * LEADING * len(words)
    )
    sheet = Sheet(Page(figsize=(A4[0] / 72, taken / 72)), taken)
    y = taken - EDGE
    for line in title:
        y -= LARGE * LEADING
        sheet.write(y, line, fontsize=LARGE, fontweight="bold")
    y -= 13.0
    for line in below:
        sheet.write(y, line)
        y -= SMALL * LEADING
    banded = any(len(curve.values) > 1 for panel in panels for curve in panel.curves)
    draw_key(sheet, y - 6.0, several=banded)
    y -= BELOW_HEADING - 13.0 - SMALL * LEADING
    if bar is not None:
        y -= BAR
        _draw_bar(sheet, y + 24.0, bar)
    for letter, panel in zip(string.ascii_lowercase, panels, strict=False):
        y -= BETWEEN + HEIGHT * panel.share
        axes = sheet.panel(y, HEIGHT * panel.share)
        draw_panel(axes, panel, letter, readings.span)
        y -= panel.foot
    set_time_axis(axes, readings.span, "bottom")
    for above, line in enumerate(reversed(words)):
        sheet.write(EDGE + SMALL * LEADING * above, line)
    return sheet.page


def basis_of(readings: Readings, n_runs: int) -> str:
    """Span, share of the population, runs and seeds, in words."""
    seeds = readings.seeds
    together = len(seeds) > 1 and seeds == tuple(range(seeds[0], seeds[-1] + 1))
    named = f"{seeds[0]}-{seeds[-1]}" if together else ", ".join(map(str, seeds))
    span = f"{month_label(readings.span.first)} to {month_label(readings.span.last)}"
    return (
        f"Simulated, not observed; not a forecast. {span}; {share_simulated(readings.scale)}; "
        f"{count(n_runs, 'run')}, seed{'s' * (len(seeds) > 1)} {named}."
    )


def _draw_bar(sheet: Sheet, y: float, bar: ColourBar) -> None:
    axes = sheet.page.add_axes((LEFT / A4[0], y / sheet.height, INNER / A4[0], 7.0 / sheet.height))
    ends = (float(bar.norm.vmin or 0.0), float(bar.norm.vmax or 0.0))
    shades = np.linspace(0.0, 1.0, 256)[None]
    axes.imshow(shades, cmap=bar.colours, aspect="auto", extent=(*ends, 0.0, 1.0))
    axes.set_yticks([])
    axes.set_xlabel(bar.label, labelpad=1.0)
    axes.spines[:].set_visible(False)

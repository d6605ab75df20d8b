"""How to read the page: samples of lines and marks, in one row below the title."""

from __future__ import annotations

from collections.abc import Callable

from bordersim.plot.sheet import EDGE, WRITTEN, Sheet
from bordersim.plot.style import INK, LOOKS, MUTED
from bordersim.plot.text import width_of

SAMPLE = 14.0
"""Length of a sample in points."""

AFTER = 11.0
"""Gap between entries in points, at most."""

RISE = 2.4
"""Height of a sample above the baseline of its words, in points."""

Sampler = Callable[[Sheet, float, float], None]


def draw_key(sheet: Sheet, y: float, *, several: bool) -> None:
    """Draw the row with its baseline at ``y`` points."""
    entries: list[tuple[Sampler, str]] = [(_line, "simulated")]
    if several:
        entries.append((_band, "90 % of runs"))
    entries += [
        (_fitted, "reported, fitted"),
        (_held_out, "held out"),
        (_bar, "interval"),
        (_box, "of 6 months or more"),
        (_upper, "at most"),
        (_context, "context only"),
    ]
    taken = sum(SAMPLE + 3 + width_of(words) for _, words in entries)
    gap = min(AFTER, (WRITTEN - taken) / (len(entries) - 1))
    x = EDGE
    for sample, words in entries:
        sample(sheet, x, y + RISE)
        sheet.write(y, words, x=x + SAMPLE + 3)
        x += SAMPLE + 3 + width_of(words) + gap


def _line(sheet: Sheet, x: float, y: float) -> None:
    sheet.line([x, x + SAMPLE], [y, y], **LOOKS["blue"].line())


def _band(sheet: Sheet, x: float, y: float) -> None:
    style = {"facecolor": LOOKS["blue"].color, "alpha": 0.18, "linewidth": 0}
    sheet.box(x, y - 3.5, SAMPLE, 7.0, **style)


def _fitted(sheet: Sheet, x: float, y: float) -> None:
    _dot(sheet, x, y, "o", INK)


def _held_out(sheet: Sheet, x: float, y: float) -> None:
    _dot(sheet, x, y, "o", "white")


def _upper(sheet: Sheet, x: float, y: float) -> None:
    _dot(sheet, x, y, "v", INK)


def _bar(sheet: Sheet, x: float, y: float) -> None:
    middle = x + SAMPLE / 2
    style = {"color": INK, "linewidth": 1.1, "marker": "_", "markersize": 5}
    sheet.line([middle, middle], [y - 3, y + 3], **style)


def _box(sheet: Sheet, x: float, y: float) -> None:
    style = {"facecolor": (0, 0, 0, 0.16), "edgecolor": INK, "linewidth": 0.9}
    sheet.box(x, y - 3, SAMPLE, 6, **style)


def _context(sheet: Sheet, x: float, y: float) -> None:
    dash = (0, (2.5, 1.5))
    style = {"facecolor": "none", "edgecolor": MUTED, "linewidth": 0.9, "linestyle": dash}
    sheet.box(x, y - 3, SAMPLE, 6, **style)


def _dot(sheet: Sheet, x: float, y: float, marker: str, face: str) -> None:
    sheet.line([x, x + SAMPLE], [y, y], color=INK, linewidth=0.9)
    sheet.line(
        [x + SAMPLE / 2],
        [y],
        marker=marker,
        markersize=4,
        markerfacecolor=face,
        markeredgecolor=INK,
        markeredgewidth=0.9,
        linestyle="none",
    )

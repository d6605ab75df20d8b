"""Figures of small multiples: a heading above them, notes below."""

from __future__ import annotations

from matplotlib.layout_engine import ConstrainedLayoutEngine

from bordersim.plot.sheet import Page
from bordersim.plot.style import MEDIUM, MUTED, SMALL
from bordersim.plot.text import broken

_EDGE = 10.0
"""Margin of what is written, in points."""

LEADING = 1.4
"""Distance between lines, in sizes of type."""

_APART = 8.0
"""Between words and panels."""


def framed(words: tuple[str, str, str], size: tuple[float, float]) -> Page:
    """Give a page with its words written, and room for panels between them.

    Parameters
    ----------
    words
        Heading, basis below it, and notes at the foot.
    size
        Width of the page and height of all panels, in inches.
    """
    heading, basis, note = words
    width = size[0] * 72 - 2 * _EDGE
    large = MEDIUM + 1
    head = [(line, large, "bold") for line in broken(heading, width, large, "bold")]
    head += [(line, SMALL, "normal") for line in broken(basis, width)]
    foot = broken(note, width)
    above = 2 * _EDGE + sum(points * LEADING for _, points, _ in head)
    below = _APART + _EDGE + SMALL * LEADING * len(foot)
    height = size[1] * 72 + above + below
    room = (0.0, below / height, 1.0, size[1] * 72 / height)
    engine = ConstrainedLayoutEngine(rect=room, w_pad=0.08, h_pad=0.08)
    page = Page(figsize=(size[0], height / 72), layout=engine)
    y, left = height - _EDGE, _EDGE / (size[0] * 72)
    for line, points, weight in head:
        y -= points * LEADING
        page.text(left, y / height, line, fontsize=points, fontweight=weight)
    y = below - _APART
    for line in foot:
        y -= SMALL * LEADING
        page.text(left, y / height, line, fontsize=SMALL, color=MUTED)
    return page

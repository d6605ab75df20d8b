"""The sheet of paper: a figure measured in points from its lower left corner."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bordersim.plot.style import SMALL

A4 = (595.4, 841.7)
"""Width and height of the page, upright."""

LEFT, RIGHT, EDGE = 78.0, 122.0, 28.0
"""Margins left and right of the panels, and of all that is written."""

INNER = A4[0] - LEFT - RIGHT
"""Width of the panels."""

WRITTEN = A4[0] - 2 * EDGE
"""Width of what is written across the page."""


class Page(Figure):
    """A figure that shows itself in Jupyter without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=110)
        return picture.getvalue()


@dataclass(frozen=True)
class Sheet:
    """A page and its height; A4 unless more is to be said than fits."""

    page: Page
    height: float

    def write(self, y: float, text: str, *, x: float = EDGE, **style: Any) -> None:
        """Write a line with its baseline at ``y``."""
        full: dict[str, Any] = {"fontsize": SMALL, "va": "baseline", **style}
        self.page.text(x / A4[0], y / self.height, text, **full)

    def panel(self, y: float, height: float) -> Axes:
        """Axes between the margins, by their foot and height."""
        box = (LEFT / A4[0], y / self.height, INNER / A4[0], height / self.height)
        return self.page.add_axes(box)

    def line(self, xs: Sequence[float], ys: Sequence[float], **style: Any) -> None:
        """Draw a line, or a mark, anywhere."""
        across, up = ([x / A4[0] for x in xs], [y / self.height for y in ys])
        self.page.add_artist(Line2D(across, up, **style))

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a box by its lower left corner."""
        corner = (x / A4[0], y / self.height)
        size = (width / A4[0], height / self.height)
        self.page.add_artist(Rectangle(corner, *size, transform=self.page.transFigure, **style))

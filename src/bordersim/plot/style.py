"""Sizes, colours and dashes of the page.

The colours are chosen so that any two stay apart for readers with deuteranopia or
protanopia and in grey, and every look has a dash of its own: a test measures both.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

SMALL, MEDIUM, LARGE = 7.0, 8.0, 10.5
"""Sizes of type in points. Nothing on the page is smaller than the first."""

FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that every machine sets the page alike."""

LEADING = 1.25
"""Distance between lines of text, in sizes of type."""

INK = "#000000"
MUTED = "#5A5A5A"
HAIR = "#D0D0D0"
SHADE = "#E6E6E6"

Dash = str | tuple[int, tuple[float, ...]]


@dataclass(frozen=True)
class Look:
    """How one simulated line is drawn."""

    color: str
    dash: Dash

    def line(self, width: float = 1.4) -> dict[str, Any]:
        """Keyword arguments of a line."""
        return {"color": self.color, "linestyle": self.dash, "linewidth": width}


LOOKS = MappingProxyType(
    {
        "brown": Look("#661100", (0, (1.0, 1.0))),
        "blue": Look("#004488", "-"),
        "wine": Look("#994455", (0, (8.0, 1.5))),
        "orange": Look("#C4500A", (0, (4.0, 1.2))),
        "sky": Look("#6699CC", (0, (4.0, 1.2, 1.0, 1.2))),
        "amber": Look("#E69F00", (0, (2.0, 0.7))),
    }
)
"""By rising lightness; no colour without its dash."""

RC: MappingProxyType[str, Any] = MappingProxyType(
    {
        "font.family": [FAMILY],
        "font.size": SMALL,
        "axes.labelsize": SMALL,
        "axes.titlesize": MEDIUM,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "pdf.fonttype": 42,
        "svg.hashsalt": "bordersim",
    }
)
"""Laid over matplotlib's defaults, so that a reader's own style never leaks in."""

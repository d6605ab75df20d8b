"""Text of known width: measuring, breaking and spreading labels, in points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from bordersim.plot.style import FAMILY, SMALL

HINTED = 1.06
"""How much wider a screen's grid may set text than its outlines are."""


@cache
def width_of(text: str, size: float = SMALL, weight: str = "normal") -> float:
    """Width of one line of text in points, at most."""
    font = FontProperties(family=FAMILY, size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return HINTED * float(width)


def broken(text: str, width: float, size: float = SMALL, weight: str = "normal") -> list[str]:
    """Lines of at most ``width`` points; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}", size, weight) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres near those wanted whose extents do not overlap.

    Parameters
    ----------
    wanted, sizes
        Centre and extent of each label.
    low, high
        Bounds of the whole; given up only when there is no room.

    Returns
    -------
    list of float
        In the order of ``wanted``.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    centres = [0.0] * len(wanted)
    edge = low
    for i in order:
        centres[i] = max(wanted[i], edge + sizes[i] / 2)
        edge = centres[i] + sizes[i] / 2
    edge = max(high, low + sum(sizes))
    for i in reversed(order):
        centres[i] = min(centres[i], edge - sizes[i] / 2)
        edge = centres[i] - sizes[i] / 2
    return centres

"""Numbers and text as the page writes them."""

from __future__ import annotations

import math
from html import escape

from bordersim.app.readings import Quantity

NOTHING = "-"


def number(value: float, quantity: Quantity) -> str:
    """Write a value of a quantity; a dash where there is none."""
    return plain(value, decimals=0 if quantity.per is None else 2)


def plain(value: float, decimals: int = 0) -> str:
    """Write a number with commas; a dash for NaN, and never a negative zero."""
    if math.isnan(value):
        return NOTHING
    return f"{value:,.{decimals}f}".replace("-0.00", "0.00") if value else f"{0:.{decimals}f}"


def signed(value: float, quantity: Quantity) -> str:
    """Write a difference with its sign; 0 has none."""
    text = number(value, quantity)
    bare = text.strip("0.,") == ""
    return text.lstrip("-") if bare else (text if value < 0 or text == NOTHING else f"+{text}")


def share(value: float) -> str:
    """Write a share as a percentage."""
    return f"{100 * value:.0f} %"


def of_scale(scale: float) -> str:
    """Say what a scale does to counts."""
    if scale >= 1.0:
        return "Every resident is simulated: 24 million."
    stands = 1.0 / scale
    return (
        f"One simulated person stands for {stands:,.0f}, so counts come in steps of {stands:,.0f}. "
        "Rare ones, such as deaths and everything in one sector, are mostly luck at this scale; "
        "take a larger one, or many seeds with bordersim compare, before reading them."
    )


def html(text: object) -> str:
    """Escape text for use in markup and attributes."""
    return escape(str(text), quote=True)

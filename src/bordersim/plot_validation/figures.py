"""Every figure of a validation, and the sheet they are drawn on."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import matplotlib.style
from matplotlib.figure import Figure

from bordersim.plot.style import MEDIUM, RC
from bordersim.plot_effects import EffectFigure
from bordersim.plot_validation.over_time import draw_arrivals, draw_shares
from bordersim.plot_validation.scores import draw_patterns, draw_scores, patterns_height
from bordersim.plot_validation.side_by_side import draw_fees, fees_height

if TYPE_CHECKING:
    from bordersim.validating import Validation

WIDTH = 6.3
"""Inches; a column of text."""

_LETTERS = 92
"""Letters in a line of the heading."""

Draw = Callable[["EffectFigure", "Validation"], None]


def validation_figures(found: Validation) -> Mapping[str, Figure]:
    """Draw a validation.

    Parameters
    ----------
    found
        What was judged.

    Returns
    -------
    dict of Figure
        ``arrivals`` (with harm beneath), ``fees``, ``shares`` (women, stock in China,
        delay), ``scores`` (coverage and places of reports) and ``patterns``.
    """
    return {
        "arrivals": _sheet(found, "Arrivals, and harm beside them", 7.4, draw_arrivals),
        "fees": _sheet(found, "Every reported fee", fees_height(found), draw_fees),
        "shares": _sheet(found, "Women, people in China, years on the way", 6.4, draw_shares),
        "scores": _sheet(found, "How often bands hold reports", 3.6, draw_scores),
        "patterns": _sheet(
            found, "Patterns and their conditions", patterns_height(found), draw_patterns
        ),
    }


def _sheet(found: Validation, title: str, height: float, draw: Draw) -> Figure:
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        page = EffectFigure(figsize=(WIDTH, height), layout="constrained")
        draw(page, found)
        words = "\n".join(textwrap.wrap(f"{title}. {found.basis}", _LETTERS))
        page.suptitle(words, x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold")
    return page

"""Small line charts as SVG text: the played run over its baseline.

Matplotlib takes a tenth of a second for such a page of charts and fixes its colours; a
month that is played is to be seen at once, in the light and in the dark. So lines are
written here, and colours, fonts and widths come from the style of the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.app.words import html
from bordersim.codes import EPOCH_YEAR
from bordersim.results import FloatArray

WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 22

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Chart:
    """What one chart shows.

    Attributes
    ----------
    title, alt
        Heading; what somebody is told who cannot see it.
    played, baseline
        Monthly values from ``first_month`` on, NaN where there are none; equal lengths.
    first_month, last_month
        Ends of the time axis, since 1995-01.
    moves
        Months in which a lever was moved.
    """

    title: str
    alt: str
    played: FloatArray
    baseline: FloatArray
    first_month: int
    last_month: int
    moves: Sequence[int] = ()

    def svg(self) -> str:
        """Draw it."""
        highest = _highest(self.played, self.baseline)
        ticks = nice_ticks(highest)
        marks = "".join(
            f'<line class="moved" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            for x in (self._x(month) for month in sorted(set(self.moves)))
        )
        return (
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{html(self.alt)}">'
            f"{self._grid(ticks)}{self._years()}{marks}"
            f"{self._path(self.baseline, ticks[-1], 'baseline')}"
            f"{self._path(self.played, ticks[-1], 'played')}</svg>"
        )

    def _x(self, month: float) -> float:
        months = max(self.last_month - self.first_month, 1)
        return LEFT + (month - self.first_month) / months * (WIDTH - LEFT - RIGHT)

    def _grid(self, ticks: Sequence[float]) -> str:
        lines = []
        for value in ticks:
            y = _y(value, ticks[-1])
            lines.append(
                f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
                f'<text class="y" x="{LEFT - 5}" y="{y + 4:.1f}">{value:,.10g}</text>'
            )
        return "".join(lines)

    def _years(self) -> str:
        first, last = (EPOCH_YEAR + m // 12 for m in (self.first_month + 11, self.last_month))
        step = next(s for s in (1, 2, 5, 10, 20) if (last - first) / s <= 6)
        years = [year for year in range(first, last + 1) if year % step == 0]
        return "".join(
            f'<text class="x" x="{self._x(12 * (year - EPOCH_YEAR)):.1f}" '
            f'y="{HEIGHT - 6}">{year}</text>'
            for year in years
        )

    def _path(self, values: FloatArray, top: float, name: str) -> str:
        words, pen_down = [], False
        for at, value in enumerate(values.tolist()):
            if math.isnan(value):
                pen_down = False
                continue
            x, y = self._x(self.first_month + at), _y(value, top)
            words.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
            pen_down = True
        if not words:
            return ""
        dot = ""
        if name == "played" and not math.isnan(values[-1]):
            at_end = self._x(self.first_month + len(values) - 1), _y(float(values[-1]), top)
            dot = f'<circle class="now" cx="{at_end[0]:.1f}" cy="{at_end[1]:.1f}" r="3"/>'
        return f'<path class="{name}" d="{" ".join(words)}"/>{dot}'


def _y(value: float, top: float) -> float:
    return TOP + (1.0 - value / top) * (HEIGHT - TOP - BOTTOM)


def _highest(*lines: FloatArray) -> float:
    there = np.concatenate([line[~np.isnan(line)] for line in lines])
    return float(there.max()) if len(there) else 0.0


def nice_ticks(highest: float, most: int = 4) -> list[float]:
    """Round values from 0 to at least ``highest``, at most ``most`` steps.

    Parameters
    ----------
    highest
        0 or more; 0 gives an axis to 1.
    most
        Number of steps.

    Returns
    -------
    list of float
        Ascending, from 0, two values or more.
    """
    if highest <= 0.0:
        return [0.0, 1.0]
    rough = highest / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * s for s in _STEPS if power * s >= rough * (1 - 1e-12))
    count = max(math.ceil(highest / step - 1e-9), 1)
    return [step * i for i in range(count + 1)]

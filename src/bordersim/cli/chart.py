"""A path over months as a small chart of characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bordersim.codes import EPOCH_YEAR
from bordersim.wording import number

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII = " ....:::#"
_YEARS_BETWEEN = (1, 2, 5, 10, 20)
_ROOM_FOR_A_YEAR = 7


def chart(
    path: npt.NDArray[np.float64],
    start: int,
    top: float,
    *,
    size: tuple[int, int],
    ascii_only: bool,
) -> list[str]:
    """Draw a path as filled columns over a line of years.

    Parameters
    ----------
    path
        Shape (months,), none below 0.
    start
        Month of the first value, since 1995-01.
    top
        Value of the upper edge; the lower edge is 0.
    size
        Characters across, scale of values included, and rows above the line of years.
    ascii_only
        Whether the terminal shows nothing but ASCII.

    Returns
    -------
    list of str
        Lines from top to bottom. A character stands for the highest of its months,
        so that a change of a single month is seen.
    """
    width, rows = size
    margin = max(len(number(top)), 1) + 1
    # Every character stands for the same number of months.
    per_cell = -(-len(path) // max(width - margin - 1, 1))
    cells = [path[i : i + per_cell].max() for i in range(0, len(path), per_cell)]
    heights = [0 if top <= 0 else round(float(cell) / top * rows * 8) for cell in cells]
    # What is above zero is never drawn as nothing.
    heights = [
        max(height, 1) if cell > 0 else 0 for height, cell in zip(heights, cells, strict=True)
    ]
    blocks = _ASCII if ascii_only else _EIGHTHS
    side = "|" if ascii_only else "│"
    lines = []
    for row in range(rows, 0, -1):
        label = number(top) if row == rows else ""
        filled = "".join(blocks[min(max(height - 8 * (row - 1), 0), 8)] for height in heights)
        lines.append(f"{label:>{margin - 1}} {side}{filled}".rstrip())
    return [*lines, *_axis(start, len(cells), per_cell, margin, ascii_only)]


def _axis(start: int, n_cells: int, per_cell: int, margin: int, ascii_only: bool) -> list[str]:
    corner, dash, tick = ("+", "-", "+") if ascii_only else ("└", "─", "┴")
    years = _labelled_years(start, n_cells, per_cell)
    line = [dash] * n_cells
    below = [" "] * (n_cells + 4)
    for cell, year in years:
        line[cell] = tick
        below[cell : cell + 4] = str(year)
    zero = f"{'0':>{margin - 1}} "
    return [f"{zero}{corner}{''.join(line)}", (" " * (margin + 1) + "".join(below)).rstrip()]


def _labelled_years(start: int, n_cells: int, per_cell: int) -> Sequence[tuple[int, int]]:
    """Cells that hold a January, as far apart as labels need, with its year."""
    januaries = [
        (cell, EPOCH_YEAR + month // 12)
        for cell in range(n_cells)
        for month in range(start + cell * per_cell, start + (cell + 1) * per_cell)
        if month % 12 == 0
    ]
    for step in _YEARS_BETWEEN:
        if step * 12 / per_cell >= _ROOM_FOR_A_YEAR:
            break
    return [(cell, year) for cell, year in januaries if year % step == 0]

"""Heat maps over two axes of a grid: a level, or an effect, with its Monte-Carlo error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize, TwoSlopeNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from bordersim.comparing.estimates import Estimate, estimate
from bordersim.comparing.pairing import Window, read_window, window_problems
from bordersim.comparing.quantities import TOTAL, Quantity
from bordersim.dates import month_label
from bordersim.errors import Problem, ScenarioError
from bordersim.plot.sheet import Page
from bordersim.plot.style import INK, MUTED, RC
from bordersim.plot_studies.choosing import At, Chooser
from bordersim.plot_studies.frames import framed
from bordersim.plot_studies.readings import Readings, read
from bordersim.plot_studies.sheets import ASSUMED, CAUTION, basis_of
from bordersim.reports import Period
from bordersim.study import Study
from bordersim.wording import number

if TYPE_CHECKING:
    import pandas as pd

UNSURE = 2.0
"""An effect of fewer Monte-Carlo errors is hatched."""

MOST_WRITTEN = 8
"""Columns up to which each cell has its numbers written in it."""

_WIDTH, _NARROW, _PANEL = 7.6, 5.6, 2.9
"""Inches: two maps beside each other, one, and each row of them."""

_LEVELS: Colormap = mpl.colormaps["cividis"]
_EFFECTS: Colormap = mpl.colormaps["PuOr_r"]
"""Both keep their order for colour-blind readers; the second has its zero in white."""


@dataclass(frozen=True)
class Asked:
    """What a heat map is asked to show; see ``StudyPlots.heat_map``."""

    axes: tuple[str, str]
    observable: str | Sequence[str]
    scenario: str | None
    against: str | Mapping[str, float] | None
    window: Window
    at: At


@dataclass(frozen=True)
class HeatMap:
    """Estimates of one quantity at every cell: ``cells[row of y][column of x]``."""

    quantity: Quantity
    xs: list[float]
    ys: list[float]
    cells: list[list[Estimate]]

    @property
    def values(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Levels or effects, shape (ys, xs); NaN where nothing is known."""
        return np.array([[one.effect for one in row] for row in self.cells])


def heat_figure(study: Study, asked: Asked) -> Page:
    """Draw maps of a level or an effect; see ``StudyPlots.heat_map``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked.
    """
    chooser = Chooser(study)
    window, base, quantities = _checked(chooser, asked)
    cells = chooser.cells
    ids = [str(run_id) for run_id in (*cells["run_id"], *(() if base is None else base["run_id"]))]
    readings = read(study, ids, quantities)
    beyond = window_problems(window, readings.span)
    if beyond:
        raise ScenarioError(beyond)
    span = window or readings.span
    maps = [_map(readings, quantity, chooser, (asked.axes, span), base) for quantity in quantities]
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        return _drawn(maps, chooser, readings, asked, span)


def _checked(
    chooser: Chooser, asked: Asked
) -> tuple[Period | None, pd.DataFrame | None, list[Quantity]]:
    """Narrow the cells to those drawn; give the window, the baseline's cells, what is drawn."""
    quantities = chooser.quantities(asked.observable)
    window, problems = read_window(asked.window)
    chooser.problems += problems
    for key in asked.axes:
        chooser.axis(key)
    if asked.axes[0] == asked.axes[1]:
        chooser.problems.append(Problem("plot", asked.axes[0], "both axes; name another for y"))
    if chooser.kind not in ("grid", ""):
        message = f"a map needs a grid, and this design is {chooser.kind}; draw plot.fan"
        chooser.problems.append(Problem("plot", "design", message))
    drawn = set(asked.axes) & set(asked.at)
    chooser.problems += [Problem("plot", key, "is an axis, and held") for key in sorted(drawn)]
    chooser.hold({key: value for key, value in asked.at.items() if key not in drawn})
    everything = chooser.cells
    base: pd.DataFrame | None = None
    if isinstance(asked.against, str):
        chooser.only([asked.against])
        base, chooser.cells = chooser.cells, everything
        if asked.scenario is None and len(chooser.scenarios) == 2:
            chooser.cells = everything[everything["scenario"] != asked.against]
    chooser.one(asked.scenario)
    if asked.against is not None and not isinstance(asked.against, str):
        left = chooser.cells
        chooser.hold(asked.against)
        chooser.one_point()
        base, chooser.cells = chooser.cells, left
    chooser.check()
    return window, base, quantities


def _map(
    readings: Readings,
    quantity: Quantity,
    chooser: Chooser,
    where: tuple[tuple[str, str], Period],
    base: pd.DataFrame | None,
) -> HeatMap:
    (x, y), window = where
    values = readings.over(quantity, window)
    cells = _with_value(chooser.cells, readings, values)
    against = None if base is None else _with_value(base, readings, values)
    xs, ys = (sorted({float(value) for value in cells[key]}) for key in (x, y))
    found = [
        [_estimate(cells[(cells[x] == left) & (cells[y] == low)], against) for left in xs]
        for low in ys
    ]
    return HeatMap(quantity, xs, ys, found)


def _with_value(cells: pd.DataFrame, readings: Readings, values: Any) -> pd.DataFrame:
    rows = readings.rows([str(run_id) for run_id in cells["run_id"]])
    return cells.assign(value=values[rows])


def _estimate(here: pd.DataFrame, base: pd.DataFrame | None) -> Estimate:
    """Level of the cells of one square of the map, or their effect against a baseline.

    The baseline is at the same point where it has one, else the one point that it is.
    Several points in a square count as draws of it do: their mean, luck shared by seed.
    """
    if base is None:
        pairs = here.assign(base=0.0)
    else:
        keys = ["draw", "seed"] if base["point"].nunique() == 1 else ["point", "draw", "seed"]
        other = base[[*keys, "value"]].rename(columns={"value": "base"})
        pairs = here.merge(other, on=keys, how="inner")
    group = np.unique(pairs[["point", "draw"]].to_numpy(np.int64), axis=0, return_inverse=True)[1]
    return estimate(
        pairs["base"].to_numpy(np.float64),
        pairs["value"].to_numpy(np.float64),
        np.asarray(group, np.int64).reshape(-1),
        pairs["seed"].to_numpy(np.int64),
    )


def _drawn(
    maps: Sequence[HeatMap], chooser: Chooser, readings: Readings, asked: Asked, span: Period
) -> Page:
    columns = min(len(maps), 2)
    rows = math.ceil(len(maps) / columns)
    size = (_WIDTH if columns > 1 else _NARROW, _PANEL * rows)
    page = framed(_words(maps, chooser, readings, asked, span), size)
    grid = np.atleast_1d(page.subplots(rows, columns)).ravel()
    for axes, one in zip(grid, maps, strict=False):
        _draw(page, axes, one, chooser, asked)
    for axes in grid[len(maps) :]:
        axes.set_axis_off()
    return page


def _draw(page: Page, axes: Axes, one: HeatMap, chooser: Chooser, asked: Asked) -> None:
    effects = asked.against is not None
    values = one.values
    colours, norm = _scale(values, effects)
    shown = np.ma.masked_invalid(values)
    image = axes.imshow(shown, cmap=colours, norm=norm, aspect="auto", origin="lower")
    written = len(one.xs) <= MOST_WRITTEN
    for row, estimates in enumerate(one.cells):
        for column, found in enumerate(estimates):
            if effects and _unsure(found):
                corner = (column - 0.5, row - 0.5)
                hatch: dict[str, Any] = {
                    "fill": False,
                    "hatch": "////",
                    "edgecolor": "#8A8A8A",
                    "linewidth": 0.0,
                }
                axes.add_patch(Rectangle(corner, 1, 1, gid="unsure", **hatch))
            if written:
                _write(axes, (column, row), found, colours(norm(found.effect)))
    _outline_baseline(axes, one, asked)
    axes.set_xticks(range(len(one.xs)), [number(value) for value in one.xs])
    axes.set_yticks(range(len(one.ys)), [number(value) for value in one.ys])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(chooser.label(asked.axes[0]))
    axes.set_ylabel(chooser.label(asked.axes[1]))
    axes.set_title(one.quantity.title[0].upper() + one.quantity.title[1:].split(",")[0], loc="left")
    bar = page.colorbar(image, ax=axes, pad=0.02, aspect=24)
    bar.outline.set_visible(False)
    total = "in the window" if one.quantity.how == TOTAL else "mean of the window"
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    bar.set_label(f"{'effect, ' if effects else ''}{one.quantity.unit}, {total}")


def _outline_baseline(axes: Axes, one: HeatMap, asked: Asked) -> None:
    """Frame the square that is the baseline of all others."""
    against = asked.against
    if against is None or isinstance(against, str) or not set(asked.axes) <= set(against):
        return
    column, row = (
        int(np.argmin(np.abs(np.array(values) - against[key])))
        for key, values in zip(asked.axes, (one.xs, one.ys), strict=True)
    )
    frame = Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, fill=False, edgecolor=INK)
    axes.add_patch(frame)


def _scale(values: Any, effects: bool) -> tuple[Colormap, Normalize]:
    known = values[np.isfinite(values)]
    if effects:
        reach = float(np.abs(known).max(initial=0.0)) or 1.0
        return _EFFECTS, TwoSlopeNorm(0.0, -reach, reach)
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return _LEVELS, Normalize(low, high if high > low else low + 1)


def _unsure(found: Estimate) -> bool:
    """Whether luck may have made an effect; so too where its error is not known."""
    return not abs(found.effect) >= UNSURE * found.mc_error


def _write(axes: Axes, at: tuple[int, int], found: Estimate, colour: Sequence[float]) -> None:
    if math.isnan(found.effect):
        axes.text(*at, "none", ha="center", va="center", color=MUTED)
        return
    error = "" if math.isnan(found.mc_error) else f"\n±{number(found.mc_error, 2)}"
    luminance = float(np.dot(colour[:3], (0.299, 0.587, 0.114)))
    dark = luminance < 0.5
    axes.text(
        *at, number(found.effect, 3) + error, ha="center", va="center", linespacing=1.15,
        color="white" if dark else INK,
        bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip


def _words(
    maps: Sequence[HeatMap], chooser: Chooser, readings: Readings, asked: Asked, span: Period
) -> tuple[str, str, str]:
    name = chooser.scenarios[0]
    window = " to ".join(map(month_label, (span.first, span.last)))
    held = chooser.held(asked.at, asked.axes)
    basis = basis_of(readings, len(readings.row)) + (f" {held}" if held else "")
    errors = "±: Monte-Carlo standard error, what more seeds would reduce."
    caution = CAUTION if any(one.quantity.name in ASSUMED for one in maps) else ""
    if asked.against is None:
        return f"{name}: levels, {window}", basis, f"{errors} {caution}"
    if isinstance(asked.against, str):
        against = f"{asked.against} at the same point"
    else:
        against = " and ".join(f"{key} {number(value)}" for key, value in asked.against.items())
    framed_square = "" if isinstance(asked.against, str) else " Framed: the baseline."
    hatched = f"Hatched: fewer than {UNSURE:g} such errors from nothing, or an error not known."
    pairs = "Runs of the same draw and seed are compared."
    title = f"{name} against {against}: effects, {window}"
    return title, basis, f"{errors} {hatched}{framed_square} {pairs} {caution}"

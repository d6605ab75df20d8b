"""Fees by place: the tenth percentile, median and ninetieth of each year's deals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from bordersim.codes import EPOCH_YEAR
from bordersim.errors import Problem, ScenarioError
from bordersim.plot.draw import draw_mark
from bordersim.plot.marks import Mark
from bordersim.plot.sheet import Page
from bordersim.plot.style import HAIR, LOOKS, MUTED, RC
from bordersim.plot_studies.choosing import Chooser
from bordersim.plot_studies.frames import framed
from bordersim.plot_studies.marks import fee_marks_at
from bordersim.plot_studies.readings import Readings, read
from bordersim.plot_studies.sheets import basis_of
from bordersim.reports import Period, price_level
from bordersim.results import FloatArray, RunResults
from bordersim.study import Study
from bordersim.wording import place_words

_PARTS = ("fee_p10", "fee_median", "fee_p90")
_WIDTH, _PANEL, _COLUMNS = 7.6, 2.0, 3
"""Inches: the figure, each row of panels; panels in a row."""

_LEVELS = (0.1, 0.5, 0.9)

_RANKS = (np.arange(100) + 0.5) / 100
"""Where a month's fees are read between its three percentiles."""


@dataclass(frozen=True)
class FeesByPlace:
    """Percentiles of fees, nominal KRW million.

    ``values`` has shape (sectors, 3, years): tenth percentile, median, ninetieth; NaN
    where no run has a deal in that year.
    """

    sectors: tuple[str, ...]
    years: tuple[int, ...]
    values: FloatArray


def fees_by_place(runs: Sequence[RunResults], years: Sequence[int]) -> FeesByPlace:
    """Give percentiles of the fees of each sector and year, over the deals of all runs.

    A run keeps the tenth percentile, the median and the ninetieth of each month. The
    deals of a month are spread evenly between these in rank, and all months' taken
    together, in money of their day.
    """
    months = [_of_months(run) for run in runs]
    values = np.full((len(runs[0].sectors), len(_PARTS), len(years)), np.nan)
    for column, year in enumerate(years):
        first = (year - EPOCH_YEAR) * 12
        here = [
            (fees[first - run.start_month :][:12], deals[first - run.start_month :][:12])
            for run, (fees, deals) in zip(runs, months, strict=True)
        ]
        fees = np.concatenate([one for one, _ in here])
        deals = np.concatenate([many for _, many in here])
        for row in range(len(values)):
            values[row, :, column] = _pooled(fees[:, row], deals[:, row])
    return FeesByPlace(tuple(runs[0].sectors), tuple(years), values)


def _of_months(run: RunResults) -> tuple[FloatArray, FloatArray]:
    """Fees at ``_RANKS``, shape (months, sectors, ranks), and deals, (months, sectors)."""
    prices = price_level()[run.start_month : run.end_month + 1]
    low, median, high = (run.value(part) * prices[:, None] for part in _PARTS)
    below, above = _LEVELS[1] > _RANKS, _LEVELS[1] <= _RANKS
    share = np.empty_like(_RANKS)
    share[below] = np.interp(_RANKS[below], _LEVELS[:2], (0.0, 1.0))
    share[above] = np.interp(_RANKS[above], _LEVELS[1:], (0.0, 1.0))
    start = np.where(below, low[..., None], median[..., None])
    end = np.where(below, median[..., None], high[..., None])
    return start + share * (end - start), run.value("deals")


def _pooled(fees: FloatArray, deals: FloatArray) -> FloatArray:
    """Percentiles of some months together: fees (months, ranks), deals (months,)."""
    if not deals.sum() > 0:
        return np.full(len(_LEVELS), np.nan)
    weights = np.repeat(deals, fees.shape[1])
    order = np.argsort(fees, axis=None, kind="stable")
    below = np.cumsum(weights[order]) / weights.sum()
    at = np.searchsorted(below, np.array(_LEVELS) - 1e-12)
    return np.asarray(fees.ravel()[order][at])


def fees_figure(
    study: Study, scenario: str | None, years: Sequence[int], at: Mapping[str, float]
) -> Page:
    """Draw fees by place and year; see ``StudyPlots.fees``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked.
    """
    chooser = Chooser(study)
    chooser.one(scenario)
    chooser.hold(at)
    chooser.one_point()
    chooser.check()
    ids = [str(run_id) for run_id in chooser.cells["run_id"]]
    readings = read(study, ids, [])
    span = readings.span
    whole = range(EPOCH_YEAR - (-span.first // 12), EPOCH_YEAR + (span.last + 1) // 12)
    wrong = [year for year in years if year not in whole]
    if wrong or not whole:
        there = f"{whole[0]} to {whole[-1]}" if whole else "none"
        message = f"got {', '.join(map(str, wrong)) or 'none'}; whole years of these runs: {there}"
        raise ScenarioError([Problem("plot", "years", message)])
    found = fees_by_place([study.loader(key)() for key in readings.row], sorted(years) or whole)
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        return _drawn(found, readings, chooser.scenarios[0], chooser.held(at, ()))


def _drawn(found: FeesByPlace, readings: Readings, name: str, held: str) -> Page:
    first, last = ((year - EPOCH_YEAR) * 12 for year in (found.years[0], found.years[-1] + 1))
    span = Period(first, last - 1)
    reports = [fee_marks_at(sector, found.sectors, span) for sector in found.sectors]
    rows = math.ceil(len(found.sectors) / _COLUMNS)
    page = framed(_words(readings, name, held, reports), (_WIDTH, _PANEL * rows))
    grid = page.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, sector, values in zip(grid, found.sectors, found.values, strict=False):
        _draw(axes, found.years, values)
        axes.set_title(place_words([sector]).title(), loc="left")
    for axes, marks in zip(grid, reports, strict=False):
        for mark in marks:
            draw_mark(axes, mark, bar=True)
    _set_scale(grid[0], found, reports)
    for axes in grid[len(found.sectors) :]:
        axes.set_axis_off()
    page.supylabel("fee for the river crossing, KRW million, nominal", fontsize=7)
    return page


def _draw(axes: Axes, years: Sequence[int], values: FloatArray) -> None:
    look = LOOKS["blue"]
    middles = np.array(years) + 0.5
    low, median, high = values
    axes.vlines(middles, low, high, color=look.color, alpha=0.35, linewidth=4.5, gid="10-90 %")
    axes.plot(middles, median, "_", color=look.color, markersize=6.5, markeredgewidth=1.4,
              gid="median")  # fmt: skip
    axes.set_xlim(years[0] - 0.2, years[-1] + 1.2)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color=HAIR, linewidth=0.3, alpha=0.7)
    axes.set_axisbelow(True)
    if not np.isfinite(values).any():
        style: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "color": MUTED}
        axes.text(0.5, 0.5, "no deals", **style)


def _set_scale(axes: Axes, found: FeesByPlace, reports: Sequence[Sequence[Mark]]) -> None:
    """Give all panels, which share it, a log axis that holds everything."""
    ends = [end for own in reports for mark in own for end in (mark.low, mark.high)]
    every = np.append(found.values.ravel(), ends)
    every = every[np.isfinite(every) & (every > 0)]
    if every.size:
        axes.set_yscale("log")
        axes.set_ylim(every.min() / 1.5, every.max() * 1.5)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def _words(
    readings: Readings, name: str, held: str, reports: Sequence[Sequence[Mark]]
) -> tuple[str, str, str]:
    runs = " of all runs" if len(readings.row) > 1 else ""
    note = (
        f"Blue bar: from the tenth to the ninetieth percentile of the year's deals{runs}, pieced "
        "together from those of its months; dash: their median. Black: reported; a box or a bar "
        "with caps is an interval, a dot a single figure, a triangle an upper bound, dashes are "
        "context. A report that names a river stands at each place on it, one that names none "
        "at all. "
    )
    marks = sorted({(mark.span.first, _told(mark)) for own in reports for mark in own})
    sources = f"Reports: {'; '.join(told for _, told in marks)}." if marks else ""
    basis = basis_of(readings, len(readings.row))
    return f"{name}: fees by place", f"{basis} {held}".strip(), note + sources


def _told(mark: Mark) -> str:
    about = f", {mark.about}" if mark.about else ""
    return f"{mark.period}{about}: {mark.source}"

"""Fees by place: the tenth percentile, median and ninetieth of each year's deals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from bordersim.codes import EPOCH_YEAR
from bordersim.errors import Problem, ScenarioError
from bordersim.plot.caption import sources_of
from bordersim.plot.draw import draw_mark
from bordersim.plot.marks import Mark, numbered
from bordersim.plot.panels import Panel
from bordersim.plot.series import mean_over_runs, middle
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

NEAR, STEP = 18, 7.5
"""Months between marks below which their numbers stack; how high, in points."""


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
    """Give percentiles of each sector's fees by year.

    Percentiles of a month count by its deals, in money of its day; their mean over a
    year, and then over the runs that have deals there, is what is given. It is narrower
    than percentiles of all deals of the year together, of which there is no record.
    """
    by_run = [[_of_year(run, year) for year in years] for run in runs]
    stacked = np.moveaxis(np.array(by_run), 1, -1)  # runs, sectors, percentiles, years
    flat = stacked.reshape(len(runs), -1)
    values = mean_over_runs(flat).reshape(stacked.shape[1:])
    return FeesByPlace(tuple(runs[0].sectors), tuple(years), values)


def _of_year(run: RunResults, year: int) -> FloatArray:
    """Percentiles of one year, shape (sectors, 3)."""
    first = (year - EPOCH_YEAR) * 12
    deals = run.between("deals", first, first + 11)
    prices = price_level()[first : first + 12, None]
    found = []
    for part in _PARTS:
        paid = (run.between(part, first, first + 11) * prices * deals).sum(axis=0)
        n_deals = deals.sum(axis=0)
        mean = np.full(n_deals.shape, np.nan)
        np.divide(paid, n_deals, out=mean, where=n_deals > 0)
        found.append(mean)
    return np.array(found).T


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
    distinct = list({(mark.source, mark.period): mark for own in reports for mark in own}.values())
    (named,) = numbered([distinct])
    numbers = {(mark.source, mark.period): mark for mark in named}
    rows = math.ceil(len(found.sectors) / _COLUMNS)
    page = framed(_words(readings, name, held, named), (_WIDTH, _PANEL * rows))
    grid = page.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, sector, values in zip(grid, found.sectors, found.values, strict=False):
        _draw(axes, found.years, values)
        axes.set_title(place_words([sector]), loc="left")
    highest = float(np.nanmax(found.values, initial=0.0))
    highest = max([highest, *(mark.high for mark in distinct)])
    for axes, own in zip(grid, reports, strict=False):
        axes.set_ylim(0, highest * 1.12 or 1.0)
        marks = [numbers[mark.source, mark.period] for mark in own]
        for mark in marks:
            draw_mark(axes, mark, bar=True)
        _number(axes, marks)
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


def _number(axes: Axes, marks: Sequence[Mark]) -> None:
    """Write numbers above marks; those of about the same time one above the other."""
    above: dict[int, float] = {}
    for mark in sorted(marks, key=lambda one: one.high):
        month = (mark.span.first + mark.span.last) // 2
        near = [height for at, height in above.items() if abs(at - month) < NEAR]
        lift = max([0.0, *near])
        above[month] = lift + STEP
        axes.annotate(
            str(mark.number), (middle(mark.span), mark.high), (0, 3.0 + lift),
            textcoords="offset points", ha="center", va="bottom", gid=f"number: {mark.number}",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.2, "alpha": 0.75},
        )  # fmt: skip


def _words(readings: Readings, name: str, held: str, named: Sequence[Mark]) -> tuple[str, str, str]:
    several = len(readings.row) > 1
    note = (
        "Blue bar: from the tenth to the ninetieth percentile of fees; dash: median; means over "
        f"the months of a year by number of deals{', then over runs' if several else ''}. Black: "
        "reported; a box or a bar with caps is an interval, a dot a single figure, a triangle an "
        "upper bound, dashes are context. A report that names a river stands at each place on "
        "it, one that names none at all. Clients' homes, which fees depend on, differ by place. "
    )
    basis = basis_of(readings, len(readings.row))
    sources = sources_of([Panel("", "", [], list(named))])
    return f"{name}: fees by place", f"{basis} {held}".strip(), note + sources

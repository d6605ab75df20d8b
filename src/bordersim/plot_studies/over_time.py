"""Scenarios over time, and the fan of one axis of a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import ListedColormap, Normalize, to_hex

from bordersim.comparing.quantities import RATIO, REAL_RATIO, TOTAL, Quantity
from bordersim.errors import Problem
from bordersim.plot.marks import MINISTRY, numbered
from bordersim.plot.panels import Panel
from bordersim.plot.series import Curve, mean_over_runs
from bordersim.plot.sheet import Page
from bordersim.plot.style import LOOKS, RC, Dash, Look
from bordersim.plot_studies.choosing import Chooser
from bordersim.plot_studies.marks import marks_of
from bordersim.plot_studies.readings import Readings, read
from bordersim.plot_studies.sheets import ASSUMED, CAUTION, ColourBar, basis_of, sheet_of
from bordersim.reports import Period
from bordersim.results import FloatArray
from bordersim.study import Study
from bordersim.wording import number

if TYPE_CHECKING:
    import pandas as pd

ORDER = ("blue", "orange", "sky", "brown", "amber", "wine")
"""Looks of scenarios, in their order."""

NAMED = 6
"""Lines of a fan that are named at their ends; more are read off a colour bar."""

BANDED = 4
"""Lines of a fan up to which each has its band, if each is one point of the design."""

_DASHES: tuple[Dash, ...] = ("-", (0, (8.0, 1.5)), (0, (4.0, 1.2)), (0, (4.0, 1.2, 1.0, 1.2)),
                             (0, (2.0, 0.7)), (0, (1.0, 1.0)))  # fmt: skip

_SHADES = ListedColormap(mpl.colormaps["viridis"](np.linspace(0.0, 0.82, 256)))
"""Without its palest end, which is lost on paper."""

Line = tuple[str, Look, Sequence[str]]
"""Name, look and run ids."""


def series_figure(
    study: Study,
    observable: str | Sequence[str],
    scenarios: Sequence[str],
    at: Mapping[str, float],
) -> Page:
    """Draw scenarios over time; see ``StudyPlots.series``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked.
    """
    chooser = Chooser(study)
    quantities = chooser.quantities(observable)
    chooser.only(scenarios)
    chooser.hold(at)
    chooser.one_point()
    names = list(scenarios) or chooser.scenarios
    if len(names) > len(ORDER):
        message = f"{len(names)} scenarios; at most {len(ORDER)} can be told apart: name some"
        chooser.problems.append(Problem("plot", "scenarios", message))
    chooser.check()
    lines = [
        (name, LOOKS[look], _ids(chooser, chooser.cells["scenario"] == name))
        for name, look in zip(names, ORDER, strict=False)
    ]
    readings = read(study, [key for _, _, ids in lines for key in ids], quantities)
    title = " and ".join(names) if len(names) < 3 else f"{len(names)} scenarios"
    panels = _panels(quantities, readings, lines, len(lines))
    heading = f"{title}: {_about(quantities, observable)}"
    words = _words("scenario", len(readings.row), _several(lines), quantities)
    return _drawn(heading, panels, readings, (chooser.held(at, ()), words))


def fan_figure(
    study: Study,
    lever: str,
    observable: str | Sequence[str],
    scenario: str | None,
    at: Mapping[str, float],
) -> Page:
    """Draw every value of one axis over time; see ``StudyPlots.fan``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked.
    """
    chooser = Chooser(study)
    quantities = chooser.quantities(observable)
    chooser.one(scenario)
    chooser.axis(lever)
    chooser.hold({key: value for key, value in at.items() if key != lever})
    if lever in at:
        chooser.problems.append(Problem("plot", lever, "is drawn, and cannot be held at a value"))
    chooser.check()
    values = sorted({float(value) for value in chooser.cells[lever]})
    norm = Normalize(values[0], values[-1] if len(values) > 1 else values[0] + 1)
    named = len(values) <= NAMED
    lines = []
    for rank, value in enumerate(values):
        share = rank / max(len(values) - 1, 1) if named else float(norm(value))
        dash = _DASHES[rank] if named else "-"
        look = Look(to_hex(_SHADES(share)), dash)
        lines.append((number(value), look, _ids(chooser, chooser.cells[lever] == value)))
    readings = read(study, [key for _, _, ids in lines for key in ids], quantities)
    banded = len(lines) <= BANDED and chooser.cells["point"].nunique() == len(lines)
    panels = _panels(quantities, readings, lines, BANDED if banded else 0)
    bar = None if named else ColourBar(_SHADES, norm, chooser.label(lever))
    heading = f"{chooser.scenarios[0]}, by {chooser.label(lever)}: {_about(quantities, observable)}"
    words = _words("value", len(readings.row), banded and _several(lines), quantities)
    return _drawn(heading, panels, readings, (chooser.held(at, (lever,)), words), bar)


def _several(lines: Sequence[Line]) -> bool:
    """Whether any line has several runs, and so a band."""
    return any(len(ids) > 1 for _, _, ids in lines)


def _drawn(
    heading: str,
    panels: list[Panel],
    readings: Readings,
    notes: tuple[str, str],
    bar: ColourBar | None = None,
) -> Page:
    held, words = notes
    basis = basis_of(readings, len(readings.row))
    if held:
        basis += f" {held}"
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        return sheet_of(heading, basis, panels, readings, [words], bar)


def _panels(
    quantities: Sequence[Quantity], readings: Readings, lines: Sequence[Line], most_bands: int
) -> list[Panel]:
    every = [marks_of(one.name, readings.span) for one in quantities]
    numbers = iter(numbered([own for own in every if own and own[0].source != MINISTRY]))
    marks = [next(numbers) if own and own[0].source != MINISTRY else own for own in every]
    found = []
    for quantity, own in zip(quantities, marks, strict=True):
        periods, years, values = readings.line(quantity)
        curves = [
            Curve(name, look, years, _runs(values[readings.rows(ids)], len(lines) <= most_bands))
            for name, look, ids in lines
        ]
        panel = Panel(
            title=_title(quantity, periods),
            unit=_unit(quantity),
            curves=curves,
            marks=own,
            bars=quantity.name != "arrivals",
            named=len(lines) <= NAMED,
            top=0.0,
        )
        found.append(panel if panel.highest > 0 else replace(panel, top=1.0))
    return found


def _runs(values: FloatArray, banded: bool) -> FloatArray:
    """Every run's values where a band is to be drawn, else their mean alone."""
    return values if banded else mean_over_runs(values)[None]


def _ids(chooser: Chooser, which: pd.Series[bool]) -> list[str]:
    return [str(run_id) for run_id in chooser.cells["run_id"][which].unique()]


def _title(quantity: Quantity, periods: Sequence[Period]) -> str:
    title = quantity.title[0].upper() + quantity.title[1:]
    by_month = bool(periods) and periods[0].first == periods[0].last
    if quantity.how == TOTAL and by_month:
        return f"{title} (by month, at a yearly rate)"
    return (
        f"{title} (by half-year)" if quantity.how in (RATIO, REAL_RATIO) and not by_month else title
    )


def _unit(quantity: Quantity) -> str:
    words = quantity.unit.replace("nominal KRW million", "KRW million,\nnominal")
    return f"{words}\na year" if quantity.how == TOTAL else words


def _about(quantities: Sequence[Quantity], observable: str | Sequence[str]) -> str:
    """What was asked for, in words, and whether harm was added."""
    n_asked = 1 if isinstance(observable, str) else len(observable)
    named = " and ".join(one.title.split(",")[0] for one in quantities[:n_asked][:2])
    more = ", and more" if n_asked > 2 else ""
    return f"{named}{more}{', beside harm' if len(quantities) > n_asked else ''}"


def _words(each: str, n_runs: int, banded: bool, quantities: Sequence[Quantity]) -> str:
    """How the lines are to be read, and what a reader must know of harm."""
    arrivals = any(one.name == "arrivals" for one in quantities)
    reports = f" Reported arrivals: {MINISTRY}, by calendar year." if arrivals else ""
    lines = f"Lines: mean over the runs of each {each}"
    band = "; shading: the middle 90 % of its runs, not an error of the mean" if banded else ""
    harm = f" {CAUTION}" if any(one.name in ASSUMED for one in quantities) else ""
    return (lines if n_runs > 1 else "Lines: one run") + band + "." + harm + reports

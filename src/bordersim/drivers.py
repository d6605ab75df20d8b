"""What history sets and no government chooses: harvests, markets, exchange rates.

Each series is dated points with sources, joined by straight lines; before the first
and after the last point it is held flat. An annual value stands at July of its year.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bordersim.codes import EPOCH_YEAR, LAST_MONTH
from bordersim.dates import month_label
from bordersim.errors import Problem, ScenarioError, shortened
from bordersim.frozen import FrozenMap
from bordersim.parameters import Parameters
from bordersim.tables import Row, read_table
from bordersim.text_files import label_of

MonthlyPath = npt.NDArray[np.float64]

_MID_YEAR = 6
_SERIES = {"grain": "Mt", "markets": "count"}
_NOT_NEGATIVE = (0.0, math.inf)
_DATE = re.compile(r"([12][0-9]{3})(?:-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Point:
    """One reported value.

    Attributes
    ----------
    month
        Months since 1995-01; may be negative.
    value, unit
        As reported.
    source
        Who reported it.
    """

    month: int
    value: float
    unit: str
    source: str


@dataclass(frozen=True)
class Drivers:
    """Dated points of every driver.

    Attributes
    ----------
    series
        ``grain`` (Mt a year), ``markets`` (count) and ``exchange_rate`` (KRW thousand
        of 2015 per CNY) to their points, in order of time.
    """

    series: FrozenMap[tuple[Point, ...]]

    def monthly(self, name: str) -> MonthlyPath:
        """Give a series month by month.

        Parameters
        ----------
        name
            A key of ``series``.

        Returns
        -------
        ndarray
            Length LAST_MONTH + 1, in the unit of the series.
        """
        points = self.series[name]
        return np.interp(
            np.arange(LAST_MONTH + 1, dtype=np.float64),
            [float(point.month) for point in points],
            [point.value for point in points],
        )

    def lever_defaults(self, parameters: Parameters) -> dict[str, MonthlyPath]:
        """Turn series into the paths that levers start from.

        Parameters
        ----------
        parameters
            Holds the constants of the conversion, group ``drivers``.

        Returns
        -------
        dict
            ``food_shortage`` in [0, 1], ``market_index`` (not negative) and
            ``exchange_rate``; arrays of length LAST_MONTH + 1.
        """
        need = parameters.value("drivers.grain_need")
        span = parameters.value("drivers.grain_span")
        return {
            "food_shortage": np.clip((need - self.monthly("grain")) / span, 0.0, 1.0),
            "market_index": self.monthly("markets") / parameters.value("drivers.markets_full"),
            "exchange_rate": self.monthly("exchange_rate"),
        }


def read_drivers(folder: Path) -> Drivers:
    """Read ``drivers.csv`` and ``money.csv``.

    Parameters
    ----------
    folder
        Where the two files are.

    Returns
    -------
    Drivers
        Every series has at least one point.

    Raises
    ------
    ScenarioError
        With every mistake in the two files.
    """
    problems: list[Problem] = []
    path = folder / "drivers.csv"
    columns = ("series", "date", "value", "unit", "source")
    found: dict[str, list[Point]] = {name: [] for name in _SERIES}
    rows = read_table(path, columns, problems, closed=True)
    for row in rows:
        point = _point(row, problems)
        if point is not None:
            _append(found[row.cells["series"]], point, row, problems)
    for name, points in found.items():
        if rows and not points:
            problems.append(Problem(label_of(path), "series", f'no point of "{name}"'))
    rates = _exchange_rates(folder / "money.csv", problems)
    if problems:
        raise ScenarioError(problems)
    series = {**found, "exchange_rate": rates}
    return Drivers(FrozenMap({name: tuple(points) for name, points in series.items()}))


def _point(row: Row, problems: list[Problem]) -> Point | None:
    before = len(problems)
    series, unit = row.cells["series"], row.cells["unit"]
    if series not in _SERIES:
        message = f'unknown series "{shortened(series)}"; allowed: {", ".join(_SERIES)}'
        problems.append(Problem(row.where, "series", message))
    elif unit != _SERIES[series]:
        message = f'got "{shortened(unit)}"; "{series}" is in {_SERIES[series]}'
        problems.append(Problem(row.where, "unit", message))
    value = row.within("value", _NOT_NEGATIVE, problems)
    date = _DATE.fullmatch(row.cells["date"])
    if date is None:
        got = shortened(row.cells["date"])
        message = f'got "{got}", expected a year or a month such as 2003-03'
        problems.append(Problem(row.where, "date", message))
    if not row.cells["source"]:
        problems.append(Problem(row.where, "source", "required, but not given"))
    if date is None or len(problems) > before:
        return None
    of_year = _MID_YEAR if date[2] is None else int(date[2]) - 1
    month = 12 * (int(date[1]) - EPOCH_YEAR) + of_year
    return Point(month, value, unit, row.cells["source"])


def _append(points: list[Point], point: Point, row: Row, problems: list[Problem]) -> None:
    if points and point.month <= points[-1].month:
        message = f"{month_label(point.month)} is not after the point before it; one a date"
        problems.append(Problem(row.where, "", message))
    points.append(point)


def _exchange_rates(path: Path, problems: list[Problem]) -> list[Point]:
    columns = ("krw_per_usd", "cny_per_usd", "cpi_korea_2015")
    points: list[Point] = []
    for row in read_table(path, ("year", *columns, "source"), problems):
        before = len(problems)
        krw, cny, prices = (row.number(column, problems) for column in columns)
        year = row.within("year", (1000.0, 2999.0), problems, whole=True)
        if len(problems) > before:
            continue
        if min(krw, cny, prices) <= 0.0:
            problems.append(Problem(row.where, "", "rates and prices must be above zero"))
            continue
        real = krw / cny * (100.0 / prices) / 1000.0
        month = 12 * (int(year) - EPOCH_YEAR) + _MID_YEAR
        point = Point(month, real, "KRW thousand of 2015 per CNY", row.cells["source"])
        _append(points, point, row, problems)
    return points

"""What history sets and no government chooses: harvests, markets, exchange rates.

Each series is dated points with sources, joined by straight lines; before the first
and after the last point it is held flat. An annual value stands at July of its year.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bordersim.codes import EPOCH_YEAR, LAST_MONTH
from bordersim.errors import Problem, ScenarioError
from bordersim.frozen import FrozenMap
from bordersim.parameters import Parameters
from bordersim.tables import Row, read_table

MonthlyPath = npt.NDArray[np.float64]

_MID_YEAR = 6
_SERIES = ("grain", "markets")


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
    rows = read_table(
        folder / "drivers.csv", ("series", "date", "value", "unit", "source"), problems
    )
    found: dict[str, list[Point]] = {name: [] for name in _SERIES}
    for row in rows:
        series = row.cells["series"]
        if series not in found:
            message = f'unknown series "{series}"; allowed: {", ".join(_SERIES)}'
            problems.append(Problem(row.where, "series", message))
            continue
        value = row.number("value", problems)
        point = Point(_month(row, problems), value, row.cells["unit"], row.cells["source"])
        if value < 0.0:
            problems.append(Problem(row.where, "value", f"got {value:g}; cannot be negative"))
        if not point.source:
            problems.append(Problem(row.where, "source", "required, but not given"))
        found[series].append(point)
    found["exchange_rate"] = _exchange_rates(folder / "money.csv", problems)
    for name, points in found.items():
        months = [point.month for point in points]
        if not months or any(b <= a for a, b in pairwise(months)):
            message = f'series "{name}" needs points in order of time, one a date'
            problems.append(Problem("drivers", name, message))
    if problems:
        raise ScenarioError(problems)
    return Drivers(FrozenMap({name: tuple(points) for name, points in found.items()}))


def _exchange_rates(path: Path, problems: list[Problem]) -> list[Point]:
    columns = ("krw_per_usd", "cny_per_usd", "cpi_korea_2015")
    points: list[Point] = []
    for row in read_table(path, ("year", *columns, "source"), problems):
        krw, cny, prices = (row.number(column, problems) for column in columns)
        if min(krw, cny, prices) <= 0.0:
            problems.append(Problem(row.where, "", "rates and prices must be above zero"))
            continue
        real = krw / cny * (100.0 / prices) / 1000.0
        month = 12 * (int(row.number("year", problems)) - EPOCH_YEAR) + _MID_YEAR
        points.append(Point(month, real, "KRW thousand of 2015 per CNY", row.cells["source"]))
    return points


def _month(row: Row, problems: list[Problem]) -> int:
    year, _, of_year = row.cells["date"].partition("-")
    if year.isdigit() and of_year == "":
        return 12 * (int(year) - EPOCH_YEAR) + _MID_YEAR
    if year.isdigit() and of_year.isdigit() and 1 <= int(of_year) <= 12:
        return 12 * (int(year) - EPOCH_YEAR) + int(of_year) - 1
    message = f'got "{row.cells["date"]}", expected a year or a month such as 2003-03'
    problems.append(Problem(row.where, "date", message))
    return 0

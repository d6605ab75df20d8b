"""Reported figures, read from the evidence and brought to the run's terms.

Reports speak of half-years, of won or yuan of their day, of "some Tumen areas".
This module turns them into months, nominal KRW million and sectors; it holds no
figure of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from bordersim.codes import EPOCH_YEAR, LAST_MONTH
from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.errors import BordersimError
from bordersim.results import FloatArray

WON_PER_MILLION = 1e6

_PART_OF_YEAR = re.compile(r"(\d{4})-([HQ])(\d)")
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?")


@dataclass(frozen=True)
class Period:
    """Span of months a report speaks of, both ends included, from January 1995."""

    first: int
    last: int

    @property
    def years(self) -> float:
        """Length in years."""
        return (self.last - self.first + 1) / 12

    @property
    def middle_year(self) -> int:
        """Calendar year of the middle month."""
        return EPOCH_YEAR + (self.first + self.last) // 2 // 12


@cache
def evidence(name: str) -> pd.DataFrame:
    """Read one table of the evidence, such as "arrivals"; text columns are never NaN."""
    table = pd.read_csv(evidence_folder() / f"{name}.csv", comment="#", skipinitialspace=True)
    text = table.select_dtypes(include=["object", "string"]).columns
    return table.assign(**{column: table[column].fillna("") for column in text})


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as mappings from column to value."""
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


@cache
def money() -> pd.DataFrame:
    """Exchange rates and consumer prices by calendar year."""
    path = scenarios_folder() / "data" / "money.csv"
    return pd.read_csv(path, comment="#").set_index("year")


def parse_period(text: str) -> Period:
    """Read the period of a report.

    Understands a year, a month, half-years and quarters ("2002-H1", "2011-Q1")
    and ranges ("2008-2015", "2015-01..2015-10"). The part of a range before
    1995 is left out.

    Raises
    ------
    BordersimError
        When the text is none of these.
    """
    part = _PART_OF_YEAR.fullmatch(text)
    if part:
        length = {"H": 6, "Q": 3}[part[2]]
        first = (int(part[1]) - EPOCH_YEAR) * 12 + (int(part[3]) - 1) * length
        return Period(first, first + length - 1)
    years = re.fullmatch(r"(\d{4})-(\d{4})", text)
    ends = [years[1], years[2]] if years else text.split("..")
    dates = [_DATE.fullmatch(end) for end in ends]
    if not 1 <= len(dates) <= 2 or any(date is None for date in dates):
        raise BordersimError(f'"{text}" is no period; expected for example 2010, 2010-02, 2010-H1')
    months = [(int(d[1]) - EPOCH_YEAR) * 12 + int(d[2] or 1) - 1 for d in dates if d]
    open_year = dates[-1] is not None and dates[-1][2] is None
    return Period(max(months[0], 0), months[-1] + (11 if open_year else 0))


@cache
def price_level() -> FloatArray:
    """Consumer prices by month against 2015 = 1, shape (LAST_MONTH + 1,), read only."""
    years = EPOCH_YEAR + np.arange(LAST_MONTH + 1) // 12
    level = money()["cpi_korea_2015"].reindex(years).to_numpy(dtype=np.float64) / 100
    level.flags.writeable = False
    return level


def nominal_won(amount: float, currency: str, year: int) -> float:
    """Amount in KRW million of its day.

    Parameters
    ----------
    amount
        In whole units of ``currency``.
    currency
        "KRW", "CNY" or "USD".
    year
        Calendar year whose mean exchange rate applies.
    """
    won, yuan = (float(money()[name].to_dict()[year]) for name in ("krw_per_usd", "cny_per_usd"))
    per_unit = {"KRW": 1.0, "USD": won, "CNY": won / yuan}
    return amount * per_unit[currency] / WON_PER_MILLION


def sectors_of(place: str, sectors: Sequence[str]) -> list[int]:
    """Sectors that a report's words for a place mean.

    One sector when exactly one is named ("Tumen (Musan)"), else all sectors of
    the rivers named, else (no river named) every sector.
    """
    words = place.lower()
    named = [i for i, key in enumerate(sectors) if key.split("_")[-1] in words]
    if len(named) == 1:
        return named
    on_rivers = [i for i, key in enumerate(sectors) if key.split("_")[0] in words]
    return on_rivers or list(range(len(sectors)))


def fee_reports() -> pd.DataFrame:
    """Reported crossing fees, in nominal KRW million.

    Columns: period, place, low, high, kind, use, source, note, first, last (months).
    """
    rows: list[dict[str, Any]] = []
    for row in rows_of(evidence("fees")):
        if row["segment"] != "crossing":
            continue
        period = parse_period(str(row["period"]))
        rows.append(
            {
                "period": str(row["period"]),
                "place": row["place"],
                "low": nominal_won(row["low"], row["currency"], period.middle_year),
                "high": nominal_won(row["high"], row["currency"], period.middle_year),
                **{name: row[name] for name in ("kind", "use", "source", "note")},
                "first": period.first,
                "last": period.last,
            }
        )
    return pd.DataFrame(rows)

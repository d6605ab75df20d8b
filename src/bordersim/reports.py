"""Reported figures, read from the evidence and brought to the run's terms.

Reports speak of half-years, of won or yuan of their day, of "some Tumen areas".
This module turns them into months, nominal KRW million and sectors; it holds no
figure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from bordersim.codes import EPOCH_YEAR, LAST_MONTH
from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.periods import Period, parse_period
from bordersim.results import FloatArray

WON_PER_MILLION = 1e6

__all__ = [
    "CROSSING_FEE",
    "WON_PER_MILLION",
    "Period",
    "evidence",
    "fee_reports",
    "money",
    "nominal_won",
    "parse_period",
    "price_level",
    "rows_of",
    "sectors_of",
]

CROSSING_FEE = "fee for the river crossing"
"""Quantity of the evidence; fees of other parts of the journey are not comparable."""


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
        if row["quantity"] != CROSSING_FEE:
            continue
        period = parse_period(str(row["period"]))
        rows.append(
            {
                "period": str(row["period"]),
                "place": row["place"],
                "low": nominal_won(row["low"], row["unit"], period.middle_year),
                "high": nominal_won(row["high"], row["unit"], period.middle_year),
                **{name: row[name] for name in ("kind", "use", "source", "note")},
                "first": period.first,
                "last": period.last,
            }
        )
    return pd.DataFrame(rows)

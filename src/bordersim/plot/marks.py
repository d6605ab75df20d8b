"""Reported figures as marks: when, how much, of what, by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isnan

import pandas as pd

from bordersim.figures import (
    ALL_DEALS,
    BORDER_CLIENTS,
    DEAREST_TUMEN,
    INTERIOR_CLIENTS,
    fee_meaning,
)
from bordersim.plot.series import Runs
from bordersim.reported import (
    arrivals_table,
    fees_table,
    shares_table,
    stock_table,
)
from bordersim.reports import Period, parse_period, rows_of

EVERYWHERE = ("Yalu or Tumen", "unspecified")
"""Words for a place that say no less than the mean of all deals."""

MINISTRY = "Ministry of Unification"
"""Who counts arrivals."""

GUARDS_PART = "share of the crossing fee: guards"
RETURNED = "people returned by China per year"

FEE_LOOKS = {
    ALL_DEALS: None,
    BORDER_CLIENTS: None,
    DEAREST_TUMEN: "orange",
    INTERIOR_CLIENTS: "sky",
}
"""Look of the simulated line that a report of a fee compares with; None is plain ink."""


@dataclass(frozen=True)
class Mark:
    """One reported figure.

    Attributes
    ----------
    period, span
        As the report words it, and the months that means.
    low, high
        In the unit of its panel; equal for a point, ``low`` NaN for an upper bound.
    use
        ``calibrate`` (fitted to), ``validate`` (held out) or ``context``.
    source, about
        Who says it; what it speaks of, where that is not plain.
    look
        Look of the simulated line it compares with, or None.
    number
        By which the notes name it; 0 for none.
    """

    period: str
    span: Period
    low: float
    high: float
    use: str
    source: str
    about: str = ""
    look: str | None = None
    number: int = 0

    @property
    def is_point(self) -> bool:
        """Whether a single value is reported."""
        return self.low == self.high

    @property
    def is_upper(self) -> bool:
        """Whether only an upper bound is reported."""
        return isnan(self.low)


def arrival_marks(runs: Runs) -> list[Mark]:
    """Totals by calendar year, people."""
    return [
        Mark(
            period=str(row["year"]),
            span=parse_period(str(row["year"])),
            low=float(row["reported"]),
            high=float(row["reported"]),
            use=row["use"],
            source=MINISTRY,
        )
        for row in rows_of(arrivals_table(runs))
    ]


def fee_marks(runs: Runs) -> list[Mark]:
    """Fees for the crossing, nominal KRW million."""
    marks = []
    for row, mark in _with_rows(fees_table(runs)):
        note = row["note"] if mark.use == "context" or mark.is_upper else ""
        place = "" if row["place"] in EVERYWHERE else row["place"]
        about = ", ".join(str(text) for text in (place, note) if text)
        look = FEE_LOOKS[fee_meaning(str(row["place"]))]
        marks.append(replace(mark, about=about, look=look))
    return marks


def stock_marks(runs: Runs) -> list[Mark]:
    """North Koreans in China, thousand people."""
    return [
        replace(mark, low=mark.low / 1000, high=mark.high / 1000)
        for _, mark in _with_rows(stock_table(runs))
    ]


def returned_marks(runs: Runs) -> list[Mark]:
    """People returned by China, a year."""
    table = shares_table(runs)
    table = table[table["quantity"] == RETURNED]
    return [replace(mark, look="orange") for _, mark in _with_rows(table)]


def guards_part_marks(runs: Runs) -> list[Mark]:
    """Guards' part of the fee, per cent."""
    table = shares_table(runs)
    table = table[table["quantity"] == GUARDS_PART]
    return [
        replace(mark, low=100 * mark.low, high=100 * mark.high, look="orange")
        for _, mark in _with_rows(table)
    ]


def numbered(groups: list[list[Mark]]) -> list[list[Mark]]:
    """The same marks with numbers that go on from one panel to the next, by date."""
    count = 0
    out = []
    for group in groups:
        ordered = sorted(group, key=lambda mark: (mark.span.first + mark.span.last, mark.low))
        out.append([replace(mark, number=count + i + 1) for i, mark in enumerate(ordered)])
        count += len(group)
    return out


def _with_rows(table: pd.DataFrame) -> Iterator[tuple[dict[str, object], Mark]]:
    for row in rows_of(table):
        text = str(row["period"])
        low, high = float(row["reported_low"]), float(row["reported_high"])
        yield row, Mark(text, parse_period(text), low, high, str(row["use"]), str(row["source"]))

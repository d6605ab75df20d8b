"""What was reported of a quantity, as marks of a panel, within some months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bordersim.figures import ALL_DEALS, fee_meaning
from bordersim.plot.marks import EVERYWHERE, RETURNED, Mark, arrival_marks, stock_marks
from bordersim.reports import Period, evidence, fee_reports, parse_period, rows_of, sectors_of


def marks_of(quantity: str, span: Period) -> list[Mark]:
    """Every report of a quantity that lies within a span.

    Parameters
    ----------
    quantity
        Name of an observable or derived quantity, of all people and places.
    span
        Months that are drawn.

    Returns
    -------
    list of Mark
        In the unit of the quantity, flows a year; empty where nothing was reported.
    """
    if quantity == "arrivals":
        found = arrival_marks([])
    elif quantity == "stock_china":
        found = [_in_people(mark) for mark in stock_marks([])]
    elif quantity == "repatriations":
        found = [_mark(row, row["period"]) for row in _returned()]
    elif quantity == "fee":
        found = [_mark(row, row["place"]) for row in _fees() if row["place"] in EVERYWHERE]
    else:
        found = []
    return [mark for mark in found if _within(mark.span, span)]


def fee_marks_at(sector: str, sectors: Sequence[str], span: Period) -> list[Mark]:
    """Reports of crossing fees that speak of a sector, nominal KRW million.

    A report that names a river speaks of each of its sectors; one that names no place,
    of all.
    """
    return [
        _mark(row, row["place"])
        for row in _fees()
        if fee_meaning(str(row["place"])) == ALL_DEALS
        and sectors.index(sector) in sectors_of(str(row["place"]), sectors)
        and _within(Period(row["first"], row["last"]), span)
    ]


def _within(period: Period, span: Period) -> bool:
    return span.first <= period.first and period.last <= span.last


def _fees() -> list[dict[str, Any]]:
    return rows_of(fee_reports())


def _returned() -> list[dict[str, Any]]:
    return [row for row in rows_of(evidence("shares")) if row["quantity"] == RETURNED]


def _in_people(mark: Mark) -> Mark:
    return replace(mark, low=1000 * mark.low, high=1000 * mark.high)


def _mark(row: dict[str, Any], about: object) -> Mark:
    upper = row.get("kind") == "upper"
    text = str(row["period"])
    return Mark(
        period=text,
        span=parse_period(text),
        low=float("nan") if upper else float(row["low"]),
        high=float(row["high"]),
        use=str(row["use"]),
        source=str(row["source"]),
        about="" if about in (*EVERYWHERE, text) else str(about),
    )

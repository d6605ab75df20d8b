"""Tables of a validation as text cells, for a terminal and a page alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bordersim.codes import HARMS
from bordersim.reports import rows_of
from bordersim.validating.frames import records

if TYPE_CHECKING:
    from bordersim.validating.validation import Validation

Rows = list[tuple[str, ...]]

HARM_WORDS = {
    "arrivals": "arrived",
    "interceptions": "caught at the river",
    "repatriations": "returned by China",
    "custody_entries": "into custody",
    "deaths_custody": "died in custody",
    "deaths_drowned": "drowned or froze",
    "deaths_shot_river": "shot at the river",
    "deaths_shot_china": "shot in China",
}

_SHORT = {
    "arrivals in the South": "arrivals",
    "share of women among arrivals": "share of women",
    "fee for the river crossing": "fee, nominal KRW million",
    "North Koreans living in China": "stock in China",
    "share of the arrivals of a longer period": "share of a year's arrivals",
    "mean time from leaving to arrival in Seoul": "years on the way",
    "share of arrivals under one year after leaving": "arrived within a year",
    "share of arrivals within three months of leaving (direct)": "arrived within 3 months",
    "share of arrivals that had used a broker": "had paid",
    "share of arrivals that had paid a trafficker": "had paid",
    "people returned by China per year": "returned by China",
    "share of North Koreans in China caught per year": "caught in China",
    "split of the crossing fee broker : guards : Chinese side": "part of fee",
    "share of arrivals from a home": "share of arrivals from",
    "arrivals of officials posted abroad": "officials",
    "people settled in the South, cumulative": "settled in all",
    "arrivals a month, mean of a year": "arrivals a month",
    "arrivals of the last year over those of the first": "arrivals, last/first",
    "fee of the last year over that of the first": "fee, last/first",
    "fee of an interior resident over that of a border resident": "fee, interior/border",
    "fee in the dearest Tumen places over the typical one": "fee, dearest/typical",
}
"""Quantities of the evidence in few words; one without an entry stands for itself."""


def figure_form(unit: str) -> Callable[[float], str]:
    """Digits for figures of a unit: whole people, two decimals of shares, money by its size."""
    if unit.startswith("people"):
        return lambda value: f"{value:,.0f}"
    if "KRW" in unit:
        return lambda value: f"{value:,.1f}" if value >= 1 else f"{value:.2f}"
    return lambda value: f"{value:.2f}"


def bars_rows(found: Validation) -> Rows:
    """Bars: name, what is judged, what is asked, what was found, whether it holds."""
    words = {True: "holds", False: "FAILS", None: "not judged"}
    return [(one.bar, one.what, one.asked, one.got, words[one.holds]) for one in found.verdicts]


def report_rows(found: Validation, lane: str) -> Rows:
    """Reports of a lane, quantity by quantity.

    Quantity, period with place, simulated, with report error, reported, error, band.
    """
    card = found.scorecard
    rows: Rows = []
    for row in rows_of(card[card["lane"] == lane]):
        form = figure_form(str(row["unit"]))
        rows.append(
            (
                _SHORT.get(str(row["quantity"]), str(row["quantity"])),
                f"{row['period']} {row['place']}".strip(),
                _banded(row["simulated"], row["low"], row["high"], form),
                _interval(row["predicted_low"], row["predicted_high"], form),
                _reported(row, form),
                _error(row),
                str(row["band"]),
            )
        )
    return sorted(rows, key=lambda row: _order(rows, row[0]))


def _order(rows: Rows, quantity: str) -> int:
    """Place of a quantity's first row: its others follow."""
    return next(at for at, row in enumerate(rows) if row[0] == quantity)


def conditions_rows(found: Validation) -> Rows:
    """Patterns and the closure, each above its conditions."""
    rows: Rows = []
    shares = {one.id: (one.title, one.share) for one in records(found.patterns)}
    titles = {**shares, "closure": (found.bars.section.closure.title, math.nan)}
    for group, (title, share) in titles.items():
        whole = "" if math.isnan(share) else f"{share:.0%}"
        name = f"{group} {title}" if group in shares else str(title)
        rows.append((name, "", "", "", "", whole))
        chosen = found.conditions[found.conditions["group"] == group]
        for one in records(chosen):
            rows.append(
                (
                    f"- {one.name}",
                    one.period,
                    one.limits,
                    one.reported,
                    one.said,
                    f"{one.share:.0%}",
                )
            )
    return rows


def claims_rows(found: Validation) -> Rows:
    """Claims of the founding reports: id, what it says, test, reported, median, draws."""
    chosen = found.conditions[found.conditions["group"] == "claims"]
    return [
        (
            one.id,
            one.name,
            f"{one.period}: {one.limits}",
            one.reported,
            one.said,
            f"{one.share:.0%}",
        )
        for one in records(chosen)
    ]


def harms_rows(found: Validation, *, brackets: bool) -> Rows:
    """Arrivals and each harm, people a year, one column for each span of years."""
    table = found.harms()
    rows: Rows = []
    for name in ("arrivals", *HARMS):
        cells = []
        for row in records(table[table["observable"] == name]):
            if brackets:
                cells.append(_banded(row.simulated, row.low, row.high, figure_form("people")))
            else:
                cells.append(f"{row.simulated:,.0f} \u00b1{(row.high - row.low) / 2:,.0f}")
        rows.append((HARM_WORDS[name], *cells))
    return rows


def _banded(value: float, low: float, high: float, form: Callable[[float], str]) -> str:
    return "-" if math.isnan(value) else f"{form(value)} [{form(low)}, {form(high)}]"


def _interval(low: float, high: float, form: Callable[[float], str]) -> str:
    return "-" if math.isnan(low) else f"{form(low)}-{form(high)}"


def _reported(row: dict[str, Any], form: Callable[[float], str]) -> str:
    low, high = row["reported_low"], row["reported_high"]
    if math.isinf(low):
        return f"up to {form(high)}"
    if math.isinf(high):
        return f"from {form(low)}"
    return form(low) if low == high else f"{form(low)}-{form(high)}"


def _error(row: dict[str, Any]) -> str:
    if math.isnan(row["error"]):
        return "-"
    if row["median"] == "inside":
        return "inside"
    return "0%" if abs(row["error"]) < 0.005 else f"{row['error']:+.0%}"

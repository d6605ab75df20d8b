"""Simulated figures beside reported ones, as tables.

Every function takes one run or several of the same scenario. ``simulated`` is
the value of the one run, or the mean of several; ``simulated_low`` and
``simulated_high`` hold the middle 90 % of several and are NaN for one. Only
spans that every run covers are shown. ``inside`` says whether the simulated
value lies in the reported interval, and is missing where the report is a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bordersim.codes import EPOCH_YEAR, HARMS
from bordersim.corruption import guards_table, tips_table
from bordersim.dates import month_label
from bordersim.figures import (
    ALL_DEALS,
    DEAREST_TUMEN,
    FIGURES,
    PARTS_OF_FEE,
    SPLIT_OF_FEE,
    dearest_tumen_fee,
    fee,
    place_share,
    split_of_fee,
    stock_in_china,
    total,
    women_share,
)
from bordersim.reports import (
    CROSSING_FEE,
    Period,
    evidence,
    fee_reports,
    parse_period,
    rows_of,
    sectors_of,
)
from bordersim.results import RunResults

BAND = (0.05, 0.95)
"""Quantiles of the band over several runs."""

STOCK_IN_CHINA = "North Koreans living in China"

SIMULATED = ("simulated", "simulated_low", "simulated_high")
REPORTED = ("reported_low", "reported_high", "inside", "use", "source")

Runs = Sequence[RunResults]
Row = dict[str, Any]


def arrivals_table(runs: Runs) -> pd.DataFrame:
    """Arrivals in the South by calendar year.

    Columns: year, simulated and its band, reported, error (share of reported),
    use ("calibrate" or "validate").
    """
    rows = []
    for report in rows_of(evidence("arrivals")):
        period = parse_period(str(report["year"]))
        if covered(runs, period):
            row = {"year": report["year"], **across(runs, total, "arrivals", period)}
            row["reported"] = report["total"]
            row["error"] = row["simulated"] / report["total"] - 1
            rows.append(row | {"use": report["use"]})
    return pd.DataFrame(rows, columns=["year", *SIMULATED, "reported", "error", "use"])


def fees_table(runs: Runs) -> pd.DataFrame:
    """Every reported crossing fee beside the simulated one of its time and place.

    In nominal KRW million. Columns: period, place, simulated and its band,
    reported_low, reported_high, inside, use, source, note (what the report adds).
    """
    rows = []
    for report in rows_of(fee_reports()):
        period = Period(report["first"], report["last"])
        if covered(runs, period):
            words = str(report["place"])
            simulated = across(runs, FIGURES[CROSSING_FEE], period, words)
            key = {"period": report["period"], "place": words}
            row = key | simulated | _reported(report, simulated)
            rows.append(row | {"note": report["note"]})
    return pd.DataFrame(rows, columns=["period", "place", *SIMULATED, *REPORTED, "note"])


def fees_by_place_table(runs: Runs, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Fees of whole years by sector, in nominal KRW million, beside that year's reports.

    Columns: year, place, deals, simulated and its band, reported (text: every
    report of that year for that place).

    Parameters
    ----------
    runs
        Runs of one scenario.
    years
        Years to show; those for which the founding report S1 gives a fee when None.
    """
    rows: list[Row] = []
    for year in _founding_years() if years is None else years:
        period = parse_period(str(year))
        if covered(runs, period):
            rows.extend(_fee_rows(runs, year, period))
    return pd.DataFrame(rows, columns=["year", "place", "deals", *SIMULATED, "reported"])


def stock_table(runs: Runs) -> pd.DataFrame:
    """People in China, mean over the months of each reported period.

    Columns: period, simulated and its band, reported_low, reported_high,
    inside, use, source.
    """
    rows = []
    for report in _with_period("china"):
        period = parse_period(report["period"])
        if report["quantity"] == STOCK_IN_CHINA and covered(runs, period):
            simulated = across(runs, stock_in_china, period)
            rows.append({"period": report["period"], **simulated, **_reported(report, simulated)})
    return pd.DataFrame(rows, columns=["period", *SIMULATED, *REPORTED])


def shares_table(runs: Runs) -> pd.DataFrame:
    """Shares, delays, ratios and yearly counts that were reported.

    Columns: period, quantity, simulated and its band, reported_low,
    reported_high, inside, use, source.
    """
    rows = [row for row in _share_rows(runs) if np.isfinite(row["simulated"])]
    return pd.DataFrame(rows, columns=["period", "quantity", *SIMULATED, *REPORTED])


def harms_table(runs: Runs) -> pd.DataFrame:
    """People harmed, by calendar year and kind.

    Columns: year, harm (an observable of ``bordersim.codes.HARMS``), simulated
    and its band.
    """
    years = sorted(set.intersection(*(set(run.full_years()) for run in runs)))
    rows = [
        {"year": year, "harm": harm, **across(runs, total, harm, parse_period(str(year)))}
        for year in years
        for harm in HARMS
    ]
    return pd.DataFrame(rows, columns=["year", "harm", *SIMULATED])


def people_table(runs: Runs) -> pd.DataFrame:
    """Arrivals and people harmed, by calendar year and over the whole span.

    Columns: period (a year, or first and last month of the span), observable
    ("arrivals" or one of ``HARMS``), simulated and its band.
    """
    first, last = (max(run.start_month for run in runs), min(run.end_month for run in runs))
    years = sorted(set.intersection(*(set(run.full_years()) for run in runs)))
    periods = {str(year): parse_period(str(year)) for year in years}
    periods[f"{month_label(first)}..{month_label(last)}"] = Period(first, last)
    rows = [
        {"period": text, "observable": name, **across(runs, total, name, period)}
        for text, period in periods.items()
        for name in ("arrivals", *HARMS)
    ]
    return pd.DataFrame(rows, columns=["period", "observable", *SIMULATED])


def tables(runs: Runs) -> dict[str, pd.DataFrame]:
    """Every table of this module by name."""
    return {
        "arrivals": arrivals_table(runs),
        "fees_by_place": fees_by_place_table(runs),
        "fees": fees_table(runs),
        "stock_in_china": stock_table(runs),
        "shares": shares_table(runs),
        "harms": harms_table(runs),
        "people": people_table(runs),
        "guards": guards_table(runs),
        "corruption_tips": tips_table(runs),
    }


def share_simulated(scale: float) -> str:
    """Say which share of the population was simulated, and that counts are scaled up."""
    if scale == 1:
        return "every resident"
    one_in = round(1 / scale)
    if abs(one_in * scale - 1) < 1e-9:
        return f"one resident in {one_in:,}, counts scaled up"
    return f"{scale:g} of the residents, counts scaled up"


def seeds_of(runs: Runs) -> str:
    """Name the seeds: "seed 1", "seeds 1-8", "seeds 1, 4, 9"."""
    seeds = sorted({run.seed for run in runs})
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]}-{seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds))}"


def across(runs: Runs, figure: Callable[..., float], *arguments: Any) -> Row:
    """One figure over runs: its value or mean, and the band of several.

    NaN values (nothing to measure in a run) are left out of the mean.
    """
    values = np.array([figure(run, *arguments) for run in runs], dtype=np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return dict.fromkeys(SIMULATED, np.nan)
    band = np.quantile(values, BAND) if len(runs) > 1 else (np.nan, np.nan)
    return dict(zip(SIMULATED, (float(values.mean()), *map(float, band)), strict=True))


def covered(runs: Runs, period: Period) -> bool:
    """Whether every run simulated the whole period."""
    return all(run.covers(period.first, period.last) for run in runs)


def _reported(report: Row, simulated: Row) -> Row:
    """Reported side of a row; a point or a half-open report has no "inside"."""
    low, high = float(report["low"]), float(report["high"])
    inside: bool | None = None
    if report.get("kind") == "upper":
        low, inside = np.nan, simulated["simulated"] <= high
    elif low < high:
        inside = low <= simulated["simulated"] <= high
    if not np.isfinite(simulated["simulated"]):
        inside = None
    ends = {"reported_low": low, "reported_high": high, "inside": inside}
    return ends | {"use": report["use"], "source": report["source"]}


def _founding_years() -> list[int]:
    """Years for which S1 gives a fee."""
    founding = (row for row in rows_of(fee_reports()) if row["source"].startswith("S1"))
    return sorted({Period(row["first"], row["last"]).middle_year for row in founding})


def _fee_rows(runs: Runs, year: int, period: Period) -> Iterator[Row]:
    """Fees of one year: all deals, each sector, the dearest place on the Tumen."""
    sectors = runs[0].sectors
    reports = [
        report
        for report in rows_of(fee_reports())
        if Period(report["first"], report["last"]).middle_year == year
    ]
    places: list[tuple[str, list[int] | None]] = [(ALL_DEALS, list(range(len(sectors))))]
    places += [(sector, [index]) for index, sector in enumerate(sectors)]
    places += [(DEAREST_TUMEN, None)]
    for place, where in places:
        matching = [_fee_text(r) for r in reports if _speaks_of(str(r["place"]), where, sectors)]
        row: Row = {"year": year, "place": place, "reported": "; ".join(matching)}
        if where is None:
            yield row | {"deals": np.nan} | across(runs, dearest_tumen_fee, period)
        else:
            deals = across(runs, _deals, where, period)["simulated"]
            yield row | {"deals": deals} | across(runs, fee, period, where)


def _deals(run: RunResults, where: list[int], period: Period) -> float:
    return float(run.between("deals", period.first, period.last)[:, where].sum())


def _speaks_of(words: str, where: list[int] | None, sectors: Sequence[str]) -> bool:
    """Whether a report belongs in the row of these sectors; None is the dearest place."""
    if words.startswith("some Tumen") or where is None:
        return words.startswith("some Tumen") and where is None
    if "resident" in words:
        return False
    meant = sectors_of(words, sectors)
    # a report on a whole river says more about all deals than about any one sector
    return where == meant if len(meant) == 1 else len(where) == len(sectors)


def _fee_text(report: Row) -> str:
    low, high = report["low"], report["high"]
    amount = f"{low:.1f}" if low == high else f"{low:.1f}-{high:.1f}"
    if report["kind"] == "upper":
        amount = f"up to {high:.1f}"
    return f"{amount} ({report['place']}, {report['period']})"


def _with_period(name: str) -> list[Row]:
    """Rows of a table of the evidence whose period is text even when all are years."""
    table = evidence(name)
    return rows_of(table.assign(period=table["period"].astype(str)))


def _share_rows(runs: Runs) -> Iterator[Row]:
    for report in sorted(
        _with_period("shares") + _with_period("china"), key=lambda row: row["quantity"]
    ):
        period = parse_period(report["period"])
        if report["quantity"] == STOCK_IN_CHINA or not covered(runs, period):
            continue
        if report["quantity"] == SPLIT_OF_FEE:
            yield from _split_rows(runs, report, period)
        else:
            ends = {"low": float(report["low"]), "high": float(report["high"])}
            simulated = across(runs, FIGURES[report["quantity"]], period)
            key = {"period": report["period"], "quantity": report["quantity"]}
            yield key | simulated | _reported(report | ends, simulated)
    yield from _women_rows(runs)
    yield from _place_rows(runs)


def _split_rows(runs: Runs, report: Row, period: Period) -> Iterator[Row]:
    """One row each for trafficker, guards and the Chinese side, as shares of the fee."""
    low, high = (np.array(report[end].split(":"), dtype=float) for end in ("low", "high"))
    for part, who in enumerate(PARTS_OF_FEE):
        simulated = across(runs, split_of_fee, period, part)
        ends = {"low": low[part] / low.sum(), "high": high[part] / high.sum()}
        key = {"period": report["period"], "quantity": f"share of the crossing fee: {who}"}
        yield key | simulated | _reported(report | ends, simulated)


def _women_rows(runs: Runs) -> Iterator[Row]:
    """Share of women among arrivals, every fifth year."""
    for report in rows_of(evidence("arrivals")):
        period = parse_period(str(report["year"]))
        if report["year"] % 5 == 0 and covered(runs, period):
            share = report["female"] / report["total"]
            simulated = across(runs, women_share, period)
            key = {"period": str(report["year"]), "quantity": "share of women among arrivals"}
            yield key | simulated | _reported(report | {"low": share, "high": share}, simulated)


def _place_rows(runs: Runs) -> Iterator[Row]:
    """Share of all arrivals from the two provinces that most have come from."""
    counts = {
        row["province"]: row["cumulative_defectors_2024"]
        for row in rows_of(evidence("provinces").dropna(subset="cumulative_defectors_2024"))
    }
    two = sorted(counts, key=counts.__getitem__)[-2:]
    homes = [name.lower().replace(" ", "_") for name in two]
    start, end = (max(run.start_month for run in runs), min(run.end_month for run in runs))
    span = Period(start, end)
    share = sum(counts[name] for name in two) / sum(counts.values())
    simulated = across(runs, place_share, span, homes)
    years = f"{EPOCH_YEAR + start // 12}-{EPOCH_YEAR + end // 12}"
    key = {"period": years, "quantity": f"share of arrivals from {two[1]} and {two[0]}"}
    report = {"low": share, "high": share, "use": "context", "source": "Ministry, to 2024"}
    yield key | simulated | _reported(report, simulated)

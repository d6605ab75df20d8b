"""What ``bordersim run`` prints: each table's rows as text, and how to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from bordersim.cli.cells import (
    PLUS_MINUS,
    compared,
    form_of,
    known,
    money,
    people,
    percent,
    reported,
    simulated,
    with_error,
)
from bordersim.reports import rows_of

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]

HEADINGS = {
    "interceptions": "caught\nat river",
    "repatriations": "returned\nby China",
    "custody_entries": "into\ncustody",
    "deaths_custody": "died in\ncustody",
    "deaths_drowned": "drowned\nor froze",
    "deaths_shot_river": "shot at\nriver",
    "deaths_shot_china": "shot in\nChina",
    "arrivals": "arrived",
}
"""Observable of each harm, and of arrivals, to its heading."""

INTERVALS = ("fees", "stock_in_china", "shares")
"""Tables whose rows may hold intervals."""


@dataclass(frozen=True)
class Section:
    """One table as text.

    Attributes
    ----------
    title
        Above it, with the unit.
    headings
        May have several lines.
    rows
        Of as many cells as there are headings.
    notes
        Below it.
    spare
        Headings of columns to leave out, in order, where the terminal is too narrow.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()

    def gap(self, columns: int) -> int:
        """Blanks between columns: two where there is room, else one."""
        return 2 if self._width(2) <= columns else 1

    def fitting(self, columns: int) -> Section:
        """The table without as many of its spare columns as it takes to fit."""
        if not self.spare or self._width(1) <= columns:
            return self
        at = self.headings.index(self.spare[0])
        narrower = replace(
            self,
            headings=(*self.headings[:at], *self.headings[at + 1 :]),
            rows=tuple((*row[:at], *row[at + 1 :]) for row in self.rows),
            spare=self.spare[1:],
        )
        return narrower.fitting(columns)

    def _width(self, gap: int) -> int:
        widths = [
            max(len(line) for cell in column for line in cell.split("\n"))
            for column in zip(self.headings, *self.rows, strict=True)
        ]
        return sum(widths) + gap * (len(widths) - 1)


def sections_of(tables: Tables, n_runs: int) -> list[Section]:
    """Every table in the order in which it is printed; harm follows arrivals."""
    return [
        _arrivals(tables["arrivals"]),
        _people(tables["people"], n_runs),
        _fees(tables["fees"]),
        _fees_by_place(tables["fees_by_place"]),
        _stock(tables["stock_in_china"]),
        _shares(tables["shares"]),
        _guards(tables["guards"], n_runs),
        _tips(tables["corruption_tips"], n_runs),
    ]


def score_of(tables: Tables) -> Iterator[str]:
    """How well arrivals, and how often intervals, are met."""
    arrivals = tables["arrivals"]
    for use, words in (("calibrate", "fitted"), ("validate", "held out")):
        some = arrivals[arrivals["use"] == use]
        if len(some):
            years, errors = some["year"].tolist(), some["error"]
            if len(some) == 1:
                yield f"Arrivals {years[0]} ({words}): error {errors.iloc[0]:+.0%}."
            else:
                error = f"median error of a year {errors.abs().median():.0%}"
                yield f"Arrivals {years[0]}-{years[-1]} ({words}): {error}."
    if arrivals.empty:
        yield "No reported year of arrivals lies within the run."
    verdicts = [
        compared(row)
        for name in INTERVALS
        for row in rows_of(tables[name])
        if row["reported_low"] != row["reported_high"] and row["use"] != "context"
    ]
    told = [verdict for verdict in verdicts if verdict]
    if told:
        yield f"{told.count('inside')} of {len(told)} reported intervals hold the simulated value."


def _arrivals(frame: pd.DataFrame) -> Section:
    return Section(
        "Arrivals in the South, people by year",
        ("year", "simulated", "reported", "error", ""),
        tuple(
            (
                str(row["year"]),
                simulated(row, people),
                people(row["reported"]),
                f"{row['error']:+.0%}",
                "" if row["use"] == "calibrate" else "held out",
            )
            for row in rows_of(frame)
        ),
        ("Simulated in the month of debriefing, reported by the Ministry of Unification.",),
    )


def _people(frame: pd.DataFrame, n_runs: int) -> Section:
    """Harms by year and over the whole run, one column a kind, beside simulated arrivals."""
    band = f" (mean {PLUS_MINUS}half of the middle 90 %)" if n_runs > 1 else ""
    by_period = {
        period: {row["observable"]: with_error(row) for row in rows}
        for period, rows in groupby(rows_of(frame), key=lambda row: row["period"])
    }
    rows = [
        (period if len(period) == 4 else "all", *(counts[name] for name in HEADINGS))
        for period, counts in by_period.items()
    ]
    return Section(
        f"Harm, people by year{band}",
        ("year", *HEADINGS.values()),
        tuple(rows),
        (
            f"All: {' to '.join(rows_of(frame)[-1]['period'].split('..'))}. Levels of death and "
            "custody rest on assumptions; no count exists to hold them against.",
        ),
        (HEADINGS["arrivals"],),
    )


def _fees(frame: pd.DataFrame) -> Section:
    rows = rows_of(frame)
    context = [row for row in rows if row["note"] and row["use"] == "context"]
    notes = [
        "Simulated: the mean of the deals of the months and places that the report speaks of; for "
        "some Tumen areas, of the dearest; for residents, of clients from border or interior "
        "provinces. Yuan and dollars at the approximate mean rate of the year.",
        *(f"{row['period']}, {row['place']}: {row['note']}; context only." for row in context),
    ]
    return Section(
        "Fees for the crossing, report by report (nominal KRW million)",
        ("period", "place", "simulated", "reported", "compared"),
        tuple(
            (
                row["period"],
                row["place"],
                simulated(row, money),
                reported(row, money),
                compared(row),
            )
            for row in rows
        ),
        tuple(notes),
    )


def _fees_by_place(frame: pd.DataFrame) -> Section:
    """One row a place, two columns a year."""
    rows = rows_of(frame)
    years = list(dict.fromkeys(row["year"] for row in rows))
    places = list(dict.fromkeys(row["place"] for row in rows))
    cells = {(row["place"], row["year"]): row for row in rows}
    return Section(
        "Simulated fees for the crossing, by place (nominal KRW million)",
        ("place", *(f"{year}\n{what}" for year in years for what in ("deals", "fee"))),
        tuple(
            (
                place.replace("_", " "),
                *(
                    text
                    for row in (cells[place, year] for year in years)
                    for text in (known(row["deals"], people), simulated(row, money))
                ),
            )
            for place in places
        ),
    )


def _stock(frame: pd.DataFrame) -> Section:
    return Section(
        "People in China (mean over the months)",
        ("period", "simulated", "reported", "compared"),
        tuple(
            (row["period"], simulated(row, people), reported(row, people), compared(row))
            for row in rows_of(frame)
        ),
    )


def _shares(frame: pd.DataFrame) -> Section:
    """Quantities with their reports by date; a repeated name is not written again."""
    rows: list[tuple[str, ...]] = []
    last = ""
    for row in rows_of(frame.sort_values(["quantity", "period"])):
        form = form_of(row)
        name, last = "" if row["quantity"] == last else row["quantity"], row["quantity"]
        cells = simulated(row, form), reported(row, form), compared(row)
        rows.append((name, row["period"], *cells))
    return Section(
        "Shares, delays and ratios",
        ("quantity", "period", "simulated", "reported", "compared"),
        tuple(rows),
    )


def _guards(frame: pd.DataFrame, n_runs: int) -> Section:
    return Section(
        "Guards, by year" + (" (means of the runs)" if n_runs > 1 else ""),
        (
            "year",
            "willing at\ngoing bribe",
            "took any\nbribe",
            "feared\nchance",
            "punished\nguards",
            "going bribe\nKRW M of 2015",
        ),
        tuple(
            (
                str(row["year"]),
                *(percent(row[key]) for key in ("willing", "takers", "perceived_punishment")),
                people(row["punished"]),
                known(row["going_bribe"], money),
            )
            for row in rows_of(frame)
        ),
        (
            "Took any bribe: within the months that an inspection looks back on, for goods too. "
            "Feared chance: of punishment in a year, as guards see it.",
        ),
    )


def _tips(frame: pd.DataFrame, n_runs: int) -> Section:
    return Section(
        "Corruption tips: willing guards, averaged over a year, cross 2/3 or 1/3",
        ("sector", "to", "first", *(("runs",) if n_runs > 1 else ())),
        tuple(
            (
                row["sector"].replace("_", " "),
                row["to"],
                row["month"],
                *((f"{row['runs']} of {n_runs}",) if n_runs > 1 else ()),
            )
            for row in rows_of(frame)
        ),
        ("First time; the median over the runs that tip.",) if n_runs > 1 else (),
    )

"""Runs of one scenario beside the reports, where no posterior is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bordersim.reported import (
    arrivals_table,
    fees_table,
    seeds_of,
    share_simulated,
    shares_table,
    stock_table,
)
from bordersim.reporting.content import Absent, Block, Fold, Part, Prose, Table
from bordersim.reporting.finding import HISTORIES, FoundStudy
from bordersim.reporting.pictures import drawn
from bordersim.reports import rows_of
from bordersim.results import RunResults
from bordersim.wording import count, number

_MOST = 24
"""Runs that are read for it."""

Row = dict[str, Any]


def plain_part(one: FoundStudy) -> Part:
    """Put the runs of a study's baseline beside every report they cover."""
    ids = one.ids(one.baseline)
    title = f"Runs beside the reports: {one.baseline}"
    if not ids:
        return Part(title, [Absent(f"{one.name}: no run is finished.")])
    runs: list[RunResults] = [one.study.run(key) for key in ids[:_MOST]]
    said = f"{count(len(runs), 'run')} ({seeds_of(runs)}), {share_simulated(runs[0].scale)}. "
    if len(ids) > _MOST:
        said += f"The first {_MOST} of {len(ids)}. "
    said += "The mean over runs, with the middle 90 % of several; this is a point, no posterior."
    if one.baseline not in HISTORIES:
        said += " The scenario is not history: it need not agree with the reports."
    arrivals = rows_of(arrivals_table(runs))
    blocks: list[Block] = [Prose(said)]
    if arrivals:
        blocks.append(_arrivals(arrivals))
    else:
        blocks.append(Absent("The runs cover no year of which arrivals were reported."))
    blocks.append(drawn(lambda: _page(runs), _alt(arrivals, one.baseline), _CAPTION))
    for name, table, where in (
        ("Fees for the crossing, nominal KRW million", fees_table, ("period", "place")),
        ("People in China", stock_table, ("period",)),
        ("Shares, delays, ratios", shares_table, ("period", "quantity")),
    ):
        rows = rows_of(table(runs))
        if rows:
            blocks.append(Fold(f"{name}: {len(rows)}", [_reports(name, rows, where)]))
    return Part(title, blocks)


_CAPTION = "Policies above arrivals, fees, people in China, harm, corruption and fear."


def _page(runs: Sequence[RunResults]) -> Any:
    from bordersim.plot import run_page

    same = [run for run in runs if run.inputs == runs[0].inputs]
    return run_page(same)


def _alt(arrivals: Sequence[Row], name: str) -> str:
    if not arrivals:
        return f"{name}: arrivals, fees, people in China and harm over time."
    peak = max(arrivals, key=lambda row: float(row["simulated"]))
    told = max(arrivals, key=lambda row: float(row["reported"]))
    error = float(np.median([abs(row["error"]) for row in arrivals]))
    return (
        f"{name}: simulated arrivals are highest in {peak['year']} with {peak['simulated']:,.0f}, "
        f"reported ones in {told['year']} with {told['reported']:,.0f}; median error of a year "
        f"{error:.0%}."
    )


def _arrivals(rows: Sequence[Row]) -> Table:
    return Table(
        "Arrivals in the South",
        ("year", "simulated [90 %]", "reported", "error", "report is"),
        [
            (
                str(row["year"]),
                _banded(row, people=True),
                f"{row['reported']:,.0f}",
                f"{row['error']:+.0%}",
                "fitted" if row["use"] == "calibrate" else "held out",
            )
            for row in rows
        ],
    )


def _reports(caption: str, rows: Sequence[Row], where: tuple[str, ...]) -> Table:
    people = caption.startswith("People")
    return Table(
        caption,
        (*where, "simulated [90 %]", "reported", "agrees", "source"),
        [
            (
                *(str(row[key]) for key in where),
                _banded(row, people=people),
                _ends(row["reported_low"], row["reported_high"], people=people),
                {True: "inside", False: "outside"}.get(row["inside"], "-"),
                str(row["source"]),
            )
            for row in rows
        ],
        note="Agrees: whether the simulated value lies in a reported interval; - for a point.",
    )


def _banded(row: Row, *, people: bool) -> str:
    text = _figure(row["simulated"], people=people)
    ends = (row["simulated_low"], row["simulated_high"])
    if np.isnan(ends[0]):
        return text
    return f"{text} [{_figure(ends[0], people=people)}, {_figure(ends[1], people=people)}]"


def _ends(low: float, high: float, *, people: bool) -> str:
    if np.isnan(low):
        return f"up to {_figure(high, people=people)}"
    texts = dict.fromkeys(_figure(end, people=people) for end in (low, high))
    return "-".join(texts)


def _figure(value: float, *, people: bool) -> str:
    if np.isnan(value):
        return "-"
    return f"{value:,.0f}" if people else number(value, 3)

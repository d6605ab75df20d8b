"""Runs and studies as they show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from bordersim.dates import month_label
from bordersim.reported import arrivals_table, people_table, seeds_of, share_simulated
from bordersim.reports import rows_of
from bordersim.results import RunResults

if TYPE_CHECKING:
    from bordersim.study import Study

HEADINGS = {
    "interceptions": "caught at river",
    "repatriations": "returned by China",
    "custody_entries": "taken into custody",
    "deaths_custody": "died in custody",
    "deaths_drowned": "drowned or froze",
    "deaths_shot_river": "shot at river",
    "deaths_shot_china": "shot in China",
}
"""Observable of each harm to its heading."""

SHOWN_RUNS = 24
"""Rows of a study before the rest are counted."""


def run_html(run: RunResults) -> str:
    """Arrivals beside the reports, the stock in China and harm, by year.

    Parameters
    ----------
    run
        Of any span; one of less than a calendar year has only the last row.

    Returns
    -------
    str
        HTML.
    """
    reported = {str(row["year"]): row for row in rows_of(arrivals_table([run]))}
    stock = run.annual("stock_china").round()
    in_china = {str(year): value for year, value in stock.items()}
    by_period: dict[str, dict[str, float]] = {}
    for row in rows_of(people_table([run])):
        by_period.setdefault(row["period"], {})[row["observable"]] = row["simulated"]
    rows = [
        (
            period if len(period) == 4 else "all",
            _people(counts["arrivals"]),
            _reported(reported.get(period)),
            _people(in_china.get(period)),
            *(_people(counts[name]) for name in HEADINGS),
        )
        for period, counts in by_period.items()
    ]
    span = f"{month_label(run.start_month)} to {month_label(run.end_month)}"
    basis = f"{seeds_of([run])}, {share_simulated(run.scale)}, {span}; run {run.run_id}"
    headings = ("year", "arrived", "reported", "in China", *HEADINGS.values())
    return (
        f"<p><b>{escape(run.scenario_name)}</b>, simulated, no forecast: {escape(basis)}</p>"
        f"{_table(headings, rows)}"
        "<p><small>People. Reported in italics: held out of the fit. In China: mean over the "
        "months. Levels of death and custody rest on assumptions.</small></p>"
    )


def study_html(study: Study) -> str:
    """One line a run; what is wrong with the failed.

    Parameters
    ----------
    study
        Of any number of runs.

    Returns
    -------
    str
        HTML.
    """
    listed = rows_of(study.runs)
    rows = [
        (
            row["scenario"],
            str(row["seed"]),
            f"{row['scale']:g}",
            f"{row['start']} to {row['end']}",
            row["status"] if not row["error"] else f"{row['status']}: {_last_line(row['error'])}",
            f"{row['wall_s']:.1f} s",
            row["run_id"],
        )
        for row in listed[:SHOWN_RUNS]
    ]
    more = len(listed) - len(rows)
    rest = f"<p>and {more} more: <code>study.runs</code> has every row</p>" if more else ""
    headings = ("scenario", "seed", "scale", "span", "status", "wall", "run")
    return (
        f"<p><b>Study</b>: {len(study)} finished of {len(listed)} runs</p>"
        f"{_table(headings, rows)}{rest}"
    )


class _Italic(str):
    """Text of a cell that stands in italics."""


def _table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    inner = f"<i>{escape(text)}</i>" if isinstance(text, _Italic) else escape(text)
    return f"<td>{inner}</td>"


def _people(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _reported(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    text = _people(row["reported"])
    return text if row["use"] == "calibrate" else _Italic(text)


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1]

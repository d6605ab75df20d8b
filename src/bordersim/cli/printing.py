"""Tables of simulated and reported figures, for a terminal or a log."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bordersim.reports import rows_of
from bordersim.results import RunResults

if TYPE_CHECKING:
    import pandas as pd

LOG_WIDTH = 110
"""Width of a table when stdout is no terminal."""

Row = Mapping[str, Any]
Form = Callable[[float], str]
Cells = Callable[[Row], Sequence[str]]

HARM_TITLES = {
    "interceptions": "caught at the river",
    "repatriations": "returned by China",
    "custody_entries": "taken into custody",
    "deaths_custody": "died in custody",
    "deaths_drowned": "drowned or froze",
    "deaths_shot_river": "shot at the river",
    "deaths_shot_china": "shot in China",
}


def print_tables(
    title: str, runs: Sequence[RunResults], tables: Mapping[str, pd.DataFrame]
) -> None:
    """Print every table to stdout under one heading."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=LOG_WIDTH)
    console.print(f"[bold]{title}[/bold]")
    console.print(basis(runs))
    arrivals, *others = _rendered(tables, several=len(runs) > 1)
    console.print(arrivals)
    console.print(_arrivals_score(tables["arrivals"]))
    for table in others:
        if table.row_count:
            console.print(table)


def basis(runs: Sequence[RunResults]) -> str:
    """Say what the simulated figures are: one run, or the mean and band of several."""
    scale = runs[0].scale
    share = "every resident" if scale == 1 else f"{scale:g} of the population, scaled up"
    if len(runs) == 1:
        return f"Simulated: one run (seed {runs[0].seed}), {share}."
    seeds = f"{min(run.seed for run in runs)}-{max(run.seed for run in runs)}"
    return (
        f"Simulated: mean of {len(runs)} runs (seeds {seeds}), {share}; "
        "in brackets the middle 90 % of runs."
    )


def _rendered(tables: Mapping[str, pd.DataFrame], *, several: bool) -> list[Table]:
    return [
        _table(
            "Arrivals in the South, by year",
            ("year", "simulated", "reported", "error", ""),
            tables["arrivals"],
            lambda row: (
                str(row["year"]),
                _simulated(row, _people),
                f"{row['reported']:,.0f}",
                f"{row['error']:+.0%}",
                "" if row["use"] == "calibrate" else "not fitted",
            ),
        ),
        _table(
            "Fees for the crossing, by place (nominal KRW million)",
            ("year", "place", "deals", "simulated", "reported that year"),
            tables["fees_by_place"],
            lambda row: (
                str(row["year"]),
                row["place"].replace("_", " "),
                _known(row["deals"], _people),
                _simulated(row, _money),
                row["reported"],
            ),
        ),
        _table(
            "Fees for the crossing, report by report (nominal KRW million)",
            ("period", "place", "simulated", "reported", "inside"),
            tables["fees"],
            lambda row: (row["period"], row["place"], *_beside(row, _money)),
        ),
        _table(
            "People in China (mean over the months)",
            ("period", "simulated", "reported", "inside"),
            tables["stock_in_china"],
            lambda row: (row["period"], *_beside(row, _people)),
        ),
        _table(
            "Shares, delays and ratios",
            ("period", "quantity", "simulated", "reported", "inside"),
            tables["shares"],
            lambda row: (row["period"], row["quantity"], *_beside(row, _form_of(row))),
        ),
        _table(
            "Guards",
            ("year", "willing at the going bribe", "take bribes", "expect punishment", "punished"),
            tables["guards"],
            lambda row: (
                str(row["year"]),
                *(f"{row[key]:.0%}" for key in ("willing", "takers", "perceived_punishment")),
                _people(row["punished"]),
            ),
        ),
        _table(
            "Corruption tips (share of willing guards over a year crosses 2/3 or 1/3)",
            ("sector", "to", "month", "runs"),
            tables["corruption_tips"],
            lambda row: (row["sector"], row["to"], row["month"], str(row["runs"])),
        ),
        _harms(tables["harms"], several=several),
    ]


def _table(title: str, headings: Sequence[str], frame: pd.DataFrame, cells: Cells) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    left = {
        "year",
        "period",
        "place",
        "quantity",
        "inside",
        "sector",
        "to",
        "",
        "reported that year",
    }
    for heading in headings:
        table.add_column(heading, justify="left" if heading in left else "right")
    for row in rows_of(frame):
        table.add_row(*cells(row))
    return table


def _harms(frame: pd.DataFrame, *, several: bool) -> Table:
    """Harms by year, one column a kind."""
    title = "Harm, people by year" + (" (mean ± half the band)" if several else "")
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.add_column("year")
    for title in HARM_TITLES.values():
        table.add_column(title, justify="right")
    cells: dict[int, dict[str, str]] = {}
    for row in rows_of(frame):
        cells.setdefault(row["year"], {})[row["harm"]] = _with_error(row)
    for year, by_harm in cells.items():
        table.add_row(str(year), *(by_harm[harm] for harm in HARM_TITLES))
    return table


def _arrivals_score(frame: pd.DataFrame) -> str:
    fitted = frame[frame["use"] == "calibrate"]
    if fitted.empty:
        return "No reported year lies within the run."
    error = fitted["error"].abs().median()
    years = f"{fitted['year'].min()}-{fitted['year'].max()}"
    return f"Median absolute error of annual arrivals {years}: {error:.0%}."


def _beside(row: Row, form: Form) -> tuple[str, str, str]:
    low, high = row["reported_low"], row["reported_high"]
    if math.isnan(low):
        reported = f"up to {form(high)}"
    elif low == high:
        reported = form(low)
    else:
        reported = f"{form(low)}-{form(high)}"
    inside = {True: "yes", False: "no"}.get(row["inside"], "")
    return _simulated(row, form), reported, "context" if row["use"] == "context" else inside


def _simulated(row: Row, form: Form) -> str:
    text = _known(row["simulated"], form)
    if math.isnan(row["simulated_low"]):
        return text
    return f"{text} [{form(row['simulated_low'])}, {form(row['simulated_high'])}]"


def _with_error(row: Row) -> str:
    text = _known(row["simulated"], _people)
    if math.isnan(row["simulated_low"]):
        return text
    return f"{text} ± {_people((row['simulated_high'] - row['simulated_low']) / 2)}"


def _known(value: float, form: Form) -> str:
    return "-" if math.isnan(value) else form(value)


def _people(value: float) -> str:
    return f"{value:,.0f}"


def _money(value: float) -> str:
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _form_of(row: Row) -> Form:
    """Whole people for counts, two digits for shares and ratios."""
    return _people if row["reported_high"] >= 10 else "{:.2f}".format

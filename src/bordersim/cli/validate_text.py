"""What ``bordersim validate`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bordersim.cli.console import results_console
from bordersim.validating.scorecard import CLOSURE, CONTEXT, FIT, HOLDOUT
from bordersim.validating.tables import (
    bars_rows,
    claims_rows,
    conditions_rows,
    harms_rows,
    report_rows,
)

if TYPE_CHECKING:
    from bordersim.validating import Validation

_WIDE = 99
"""Columns of a terminal from which bands of the simulation alone are shown."""

_LANES = {
    FIT: "Reports fitted",
    HOLDOUT: "Reports held out",
    CLOSURE: "Closure of 2020: reports held out",
    CONTEXT: "Context: never fitted, not judged",
}

_HEADINGS = ("report", "simulated", "with report error", "reported", "error", "band")


def print_validation(found: Validation) -> None:
    """Print the verdicts, harm, every report, patterns and claims."""
    console = results_console()
    console.print("The calibrated model against every report", style="bold")
    console.print(found.basis)
    held = sum(bool(one.holds) for one in found.verdicts)
    console.print(f"{held} of {len(found.verdicts)} bars hold.")
    _table(console, "Bars", ("bar", "judged", "asked", "found", ""), bars_rows(found), (1,))
    years = tuple(dict.fromkeys(found.harms()["years"]))
    title = "Arrivals and harm, people a year (median over draws, half of the band)"
    _table(console, title, ("", *years), harms_rows(found, brackets=False), ())
    console.print(
        "Levels of death and custody rest on assumptions; no count exists to hold them against.",
        style="dim",
    )
    for lane, words in _LANES.items():
        rows = [_fitted(row, console.width) for row in report_rows(found, lane)]
        if rows:
            headings = _HEADINGS if console.width >= _WIDE else _NARROW
            _table(console, words, headings, _under_headings(rows), (0,))
    _explained(console, found)
    tested_as = ("pattern, condition", "period", "limits", "median", "draws")
    tested = [(name, when, limits, middle, share) for name, when, limits, _, middle, share in
              conditions_rows(found)]  # fmt: skip
    _table(console, "Patterns: share of draws in which they hold", tested_as, tested, (0,))
    told_as = ("claim", "tested as", "reported", "median", "draws")
    claims = [(f"{i}: {says}", *rest) for i, says, *rest in claims_rows(found)]
    _table(console, "What the founding reports say", told_as, claims, (0, 1, 2))


_NARROW = ("report", "simu-\nlated", "with report\nerror", "reported", "error", "band")


def _fitted(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    """On a narrow terminal, the median without the band of the simulation alone."""
    if width >= _WIDE:
        return row
    return (*row[:2], row[2].split(" ")[0], *row[3:])


def _under_headings(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Each quantity once, on a line of its own above its reports."""
    found: list[tuple[str, ...]] = []
    last = ""
    for name, report, *rest in rows:
        if name != last:
            found.append((name, *("" for _ in rest)))
        found.append((f"  {report}", *rest))
        last = name
    return found


def _explained(console: Console, found: Validation) -> None:
    band = f"{100 * found.bars.band:.0f} %"
    wide = f", in brackets {band} of them" if console.width >= _WIDE else ""
    console.print(
        f"Simulated: median over draws{wide}. With report error: {band} of the reports that would "
        "have been made. Error: of the median, to the nearer end. Band: inside, where the one with "
        "report error holds the report or lies within it; partly, where they overlap; or outside.",
        style="dim",
    )


def _table(
    console: Console,
    title: str,
    headings: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    wrapped: Sequence[int],
) -> None:
    """Print a table; only wrapped columns give way on a narrow terminal."""
    gap = 2 if console.width >= _WIDE else 1
    shown = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    words = {"bar", "judged", "asked", "found", "report", "period", "claim", "tested as",
             "reported", "limits", "band", "pattern, condition", ""}  # fmt: skip
    for at, heading in enumerate(headings):
        shown.add_column(
            heading,
            justify="left" if heading in words and not (heading == "reported" and at == 3)
            else "right",
            no_wrap=at not in wrapped,
            vertical="top",
        )  # fmt: skip
    for row in rows:
        style = "bold" if row[-1] == "FAILS" or row[-1] == "outside" else None
        shown.add_row(*row, style=style)
    console.print()
    console.print(title, style="bold")
    console.print(shown)

"""Tables of simulated and reported figures, for a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bordersim.cli.cells import PLUS_MINUS
from bordersim.cli.console import results_console
from bordersim.cli.sections import Section, score_of, sections_of
from bordersim.dates import month_label
from bordersim.reported import seeds_of, share_simulated
from bordersim.results import RunResults

if TYPE_CHECKING:
    import pandas as pd

LEFT = frozenset({"year", "period", "place", "quantity", "compared", "", "sector", "to", "first"})
"""Headings of columns that hold words; numbers stand at the right."""

PLAIN = str.maketrans({PLUS_MINUS: "+-"})
"""What is written where a terminal has no such sign."""


def print_tables(
    title: str, runs: Sequence[RunResults], tables: Mapping[str, pd.DataFrame]
) -> None:
    """Print every table to stdout under one heading."""
    console = results_console()
    _print(console, title, style="bold")
    _print(console, basis(runs))
    for line in score_of(tables):
        _print(console, line)
    for section in sections_of(tables, len(runs)):
        if section.rows:
            _print_section(console, section)


def basis(runs: Sequence[RunResults]) -> str:
    """Say what the simulated figures are: one run, or the mean and band of several."""
    share = share_simulated(runs[0].scale)
    first = max(run.start_month for run in runs)
    last = min(run.end_month for run in runs)
    span = f"{month_label(first)} to {month_label(last)}"
    if len(runs) == 1:
        return f"Simulated, no forecast: one run ({seeds_of(runs)}), {share}, {span}."
    return (
        f"Simulated, no forecast: mean of {len(runs)} runs ({seeds_of(runs)}), {share}, {span}; "
        "in brackets the middle 90 % of runs."
    )


def _print_section(console: Console, section: Section) -> None:
    """Print a table with what it needs to be read; narrow terminals get narrower gaps."""
    fitting = section.fitting(console.width)
    table = Table(
        box=None, pad_edge=False, padding=(0, fitting.gap(console.width), 0, 0), header_style="dim"
    )
    for heading in fitting.headings:
        words = heading in LEFT
        table.add_column(heading, justify="left" if words else "right", vertical="top")
    for row in fitting.rows:
        table.add_row(*(_writable(console, cell) for cell in row))
    console.print()
    _print(console, section.title, style="bold")
    console.print(table)
    for note in section.notes:
        _print(console, note, style="dim")


def _print(console: Console, text: str, style: str | None = None) -> None:
    console.print(_writable(console, text), style=style)


def _writable(console: Console, text: str) -> str:
    """Text with every sign that the terminal cannot write replaced."""
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        plain = text.translate(PLAIN)
        return plain.encode(console.encoding, errors="replace").decode(console.encoding)
    return text

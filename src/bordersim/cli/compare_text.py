"""What ``bordersim compare`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from bordersim.cli.console import results_console
from bordersim.cli.tables import open_table
from bordersim.comparing.cells import (
    Table,
    by_point,
    effect_table,
    error_table,
    fate_effect_table,
    move_table,
    source_table,
    units_of,
)
from bordersim.comparing.estimates import precision_words
from bordersim.dates import month_label
from bordersim.reported import share_simulated
from bordersim.reports import rows_of
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.comparing import Comparison, Ledger

_MOVES = 12
"""Moves printed; ``--json`` has the whole matrix."""

_WORDS = frozenset({"in B"})
"""Headings of columns of words besides the first."""


def print_comparison(comparison: Comparison, precision: str) -> None:
    """Print effects, then errors, then how they were made."""
    console = results_console()
    a, b = comparison.names
    rows = comparison.rows(precision)
    console.print(f"{b} (B) against {a} (A), {comparison.span()}", style="bold")
    console.print(
        f"Simulated, no forecast: {count(len(comparison.pairs), 'pair')}, "
        f"{share_simulated(comparison.scale)}."
    )
    for point, here in by_point(rows).items():
        if point:
            console.print()
            console.print(point, style="bold")
        _print(console, effect_table(here))
        _print(console, error_table(here, precision_words(precision)))
    console.print()
    for text in (units_of(rows), *comparison.methods()):
        console.print(text, style="dim")
    if comparison.note:
        console.print(f"{comparison.note[0].upper()}{comparison.note[1:]}.", style="dim")


def print_ledger(ledger: Ledger, point: str) -> None:
    """Print effects, what arrivals and deaths are made of, and the largest moves."""
    console = results_console()
    span = " to ".join(map(month_label, (ledger.window.first, ledger.window.last)))
    pairs = len(ledger.matrices)
    console.print()
    at = f", {point}" if point else ""
    console.print(f"What became of each person, {span}{at}", style="bold")
    console.print(f"People{'' if pairs == 1 else f', mean of {pairs} pairs'}.")
    _print(console, fate_effect_table(rows_of(ledger.summary().reset_index())))
    for name, verb in (("arrivals", "arrive"), ("deaths", "die")):
        _print(console, source_table(rows_of(ledger.sources(name).reset_index()), verb))
    moves = rows_of(ledger.moves())
    table = move_table(moves, _MOVES)
    _print(console, table)
    more = len(moves) - len(table[1])
    if more > 0:
        rest = sum(row["people"] for row in moves[len(table[1]) :])
        console.print(f"and {count(more, 'smaller move')}, {rest:,.0f} people", style="dim")


def _print(console: Console, table: Table) -> None:
    headings, rows = table
    if not rows:
        return
    shown = open_table(console, gap=2)
    for k, heading in enumerate(headings):
        words = k == 0 or heading in _WORDS
        shown.add_column(heading, justify="left" if words else "right", vertical="top")
    for row in rows:
        shown.add_row(*row)
    console.print()
    console.print(shown)

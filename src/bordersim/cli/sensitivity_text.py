"""What ``bordersim sensitivity`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from bordersim.cli.console import results_console
from bordersim.cli.tables import open_table
from bordersim.sensing.showing import (
    Table,
    head,
    index_table,
    luck_words,
    methods,
    pair_table,
    title,
)

if TYPE_CHECKING:
    from bordersim.sensing import Sensitivity

_PAIRS = 12
"""Pairs of inputs printed; ``--json`` has all."""


def print_sensitivity(found: Sensitivity, what: str) -> None:
    """Print indices, outcome by outcome, then what the columns mean."""
    console = results_console()
    console.print(what, style="bold")
    console.print(f"{head(found)}; {found.span}. Simulated, no forecast.")
    for answer in found.answers:
        console.print()
        console.print(title(found, answer), style="bold")
        console.print(luck_words(answer, found.n_seeds), style="dim")
        _print(console, index_table(found, answer), words=1)
    pairs = pair_table(found, _PAIRS)
    if pairs[1]:
        console.print()
        console.print("Pairs of inputs, the largest", style="bold")
        _print(console, pairs, words=3)
    console.print()
    for text in (*(f"{note}." for note in found.notes), *methods(found)):
        console.print(text, style="dim")


def _print(console: Console, table: Table, words: int) -> None:
    headings, rows = table
    shown = open_table(console)
    for k, heading in enumerate(headings):
        left = k < words or not heading
        shown.add_column(
            heading, justify="left" if left else "right", overflow="fold", no_wrap=k >= words
        )
    for row in rows:
        shown.add_row(*row, style="dim" if words == 1 and row[-1] else None)
    console.print(shown)

"""What ``bordersim next-facts`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as RichTable

from bordersim.cli.console import results_console
from bordersim.cli.sweep_text import duration_text, size_text
from bordersim.comparing.cells import Table
from bordersim.valuing.showing import best_words, head, methods, part_table, value_table
from bordersim.valuing.targets import WEIGHT
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.valuing.results import NextFacts

_WIDE = 96
"""Columns of a terminal from which tables have more room between theirs."""


def print_next_facts(found: NextFacts) -> None:
    """Print values, overall and by factor, and what the columns mean."""
    console = results_console()
    console.print(found.asked.title, style="bold")
    if trial := found.trial():
        console.print(f"A trial, no answer: {trial}.", style="bold")
    console.print(head(found))
    console.print(best_words(found))
    _heading(console, "Who did it: variance of all weights that each report would take away")
    _print(console, value_table(found))
    _heading(console, "By factor: variance of its weight that goes, %")
    _print(console, part_table(found, WEIGHT))
    console.print()
    for text in (*(f"{note}." for note in found.notes()), *methods(found)):
        console.print(text, style="dim")
    console.print(
        "--page FILE.md writes who could report each, whom that could hurt, and shares in people.",
        style="dim",
    )


def print_plans(document: Mapping[str, Any]) -> None:
    """Print what would be simulated, and what that would take."""
    console = results_console()
    console.print(document["title"], style="bold")
    console.print(
        f"{count(len(document['facts']), 'fact')} against the attribution of "
        f"{document['observable'].replace('_', ' ')}."
    )
    console.print()
    names = ("draws", "seeds", "runs", "stored", "failed", "missing")
    rows = [
        (str(one["study"]), *(f"{one[name]:,}" for name in names)) for one in document["studies"]
    ]
    _print(console, (("study", *names), rows))
    console.print()
    console.print(
        f"To come: about {duration_text(document['seconds'])} with "
        f"{count(document['workers'], 'worker')}, {size_text(document['bytes'])} on the disk."
    )
    console.print("Nothing was simulated or written.", style="dim")


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold")


def _print(console: Console, table: Table) -> None:
    headings, rows = table
    gap = 3 if console.width >= _WIDE else 1
    shown = RichTable(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    for k, heading in enumerate(headings):
        shown.add_column(
            heading, justify="right" if k else "left", no_wrap=bool(k), overflow="fold"
        )
    for row in rows:
        shown.add_row(*row)
    console.print(shown)

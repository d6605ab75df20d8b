"""What ``bordersim attribute`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as RichTable

from bordersim.attributing.dividing import CHANGE
from bordersim.attributing.showing import (
    SUM,
    beside_table,
    head,
    level_words,
    methods,
    order_table,
    pair_table,
    share_table,
    structure_table,
    verdict_table,
)
from bordersim.cli.console import results_console
from bordersim.cli.sweep_text import duration_text, size_text
from bordersim.cli.tables import open_table, print_heading
from bordersim.comparing.cells import Table
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution

_STACKED = 130
"""Columns from which intervals of many parts stand in one line."""

_MOST_FAILURES = 5


def print_attribution(found: Attribution, metrics: tuple[str, ...]) -> None:
    """Print shares in full, then the other quantities, structures, and what columns mean."""
    console = results_console()
    console.print(found.question.title, style="bold")
    console.print(head(found))
    there = found.observables
    full = [name for name in metrics or there[:1] if name in there]
    for name in full:
        _print_full(console, found, name)
    others = [name for name in there if name not in full]
    if others:
        print_heading(console, "Beside it, harm included")
        narrow = console.width < _STACKED
        _print(console, beside_table(found, others, narrow=narrow), words=1)
    for name in full if found.alternatives else ():
        print_heading(console, "Under other structures of the model")
        narrow = console.width < _STACKED
        _print(console, structure_table(found, name, narrow=narrow), words=1)
    console.print()
    for text in (*(f"{note}." for note in found.notes()), *methods(found)):
        console.print(text, style="dim")


def _print_full(console: Console, found: Attribution, name: str) -> None:
    print_heading(console, level_words(found, name))
    _print(console, share_table(found, name), words=1)
    print_heading(console, "What the data say of it")
    _print(console, verdict_table(found, name), words=1, last=True)
    print_heading(console, "What the order of the factors does")
    _print(console, order_table(found, name), words=1)
    pairs = pair_table(found, name)
    if pairs[1]:
        print_heading(console, "What two do together beyond what each does alone")
        _print(console, pairs, words=2)


def print_plan(document: Mapping[str, Any]) -> None:
    """Print what an attribution would do, and what it would take."""
    console = results_console()
    asked = document["question"]
    console.print(asked["title"], style="bold")
    console.print(
        f"{asked['scenario']}, {asked['from']} to {asked['to']}; "
        f"{document['coalitions']} coalitions; levers are held from {asked['held_from']}."
    )
    for name, levers in asked["factors"].items():
        console.print(f"{name}: {', '.join(levers)}")
    if asked["left_to_history"]:
        levers = ", ".join(asked["left_to_history"])
        console.print(f"as in the scenario, in every coalition: {levers}")
    console.print(f"divided: {', '.join(asked['observables'])}")
    console.print()
    table = RichTable(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("draws from", "draws", "runs", "stored", "failed", "missing"):
        table.add_column(heading, justify="left" if heading == "draws from" else "right")
    for row in document["sets"]:
        counts = (row["runs"], row["stored"], len(row["failed"]), row["missing"])
        table.add_row(row["set"], f"{row['draws']:,}", *(f"{number:,}" for number in counts))
    console.print(table)
    failed = [one for row in document["sets"] for one in row["failed"]]
    for one in failed[:_MOST_FAILURES]:
        console.print(f"failed: {one['scenario']}, seed {one['seed']}: {one['error']}")
    cost = document["cost"]
    basis = "by the runs stored here" if cost["measured"] else "by rule of thumb"
    workers = count(document["workers"], "worker")
    console.print()
    console.print(
        f"To come: about {duration_text(cost['seconds'])} with {workers}, "
        f"{size_text(cost['bytes'])} on the disk ({basis})."
    )
    console.print("Nothing was simulated or written.", style="dim")


def _print(console: Console, table: Table, words: int, *, last: bool = False) -> None:
    headings, rows = table
    shown = open_table(console)
    for k, heading in enumerate(headings):
        text = k < words or (last and k == len(headings) - 1)
        shown.add_column(
            heading,
            justify="left" if text else "right",
            no_wrap=not text,
            overflow="fold",
        )
    for row in rows:
        shown.add_row(*row, style="bold" if row[0] in (SUM, CHANGE) else None)
    console.print(shown)

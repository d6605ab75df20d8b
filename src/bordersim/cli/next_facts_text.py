"""What ``bordersim next-facts`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bordersim.cli.console import results_console
from bordersim.cli.sweep_text import duration_text, size_text
from bordersim.cli.tables import print_figures, print_heading
from bordersim.valuing.showing import best_words, head, methods, part_table, value_table
from bordersim.valuing.targets import WEIGHT
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.valuing.results import NextFacts


def print_next_facts(found: NextFacts) -> None:
    """Print values, overall and by factor, and what the columns mean."""
    console = results_console()
    console.print(found.asked.title, style="bold")
    if trial := found.trial():
        console.print(f"A trial, no answer: {trial}.", style="bold")
    console.print(head(found))
    console.print(best_words(found))
    print_heading(console, "Who did it: variance of all weights that each report would take away")
    print_figures(console, value_table(found))
    print_heading(console, "By factor: variance of its weight that goes, %")
    print_figures(console, part_table(found, WEIGHT))
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
    print_figures(console, (("study", *names), rows))
    console.print()
    console.print(
        f"To come: about {duration_text(document['seconds'])} with "
        f"{count(document['workers'], 'worker')}, {size_text(document['bytes'])} on the disk."
    )
    console.print("Nothing was simulated or written.", style="dim")

"""What ``bordersim answers`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bordersim.answering.showing import LOST_SIGN, expected, glance_table, judged_words, made_words
from bordersim.attributing.showing import level_words, share_table
from bordersim.cli.console import results_console
from bordersim.cli.sweep_text import duration_text, size_text
from bordersim.cli.tables import print_figures, print_heading
from bordersim.comparing.cells import effect_cell
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers
    from bordersim.answering.spec import Asked

_BESIDE = 2
"""Quantities in a table that 80 columns hold."""


def print_answers(found: Answers) -> None:
    """Print effects in per cent, claims, and what the answers were made from."""
    console = results_console()
    console.print(found.asked.title, style="bold")
    if trial := found.trial():
        console.print(f"A trial, no answer: {trial}.", style="bold")
    names = found.asked.observables
    for first in range(0, len(names), _BESIDE):
        part = names[first : first + _BESIDE]
        print_heading(console, "Effect, % of the baseline [90 % interval]")
        print_figures(console, glance_table(found, part), LOST_SIGN)
    for question in found.asked.questions:
        divided = found.attributions.get(question.id)
        if divided is not None:
            print_heading(console, question.asks)
            console.print(f"{level_words(divided, divided.observables[0])}.")
            print_figures(console, share_table(divided, divided.observables[0]), LOST_SIGN)
        for row in found.claims(question):
            _claim(console, row)
    console.print()
    console.print(made_words(found.made_from()).replace("`", ""), style="dim")
    console.print(
        "Simulated, no forecast; harm stands beside every count. --page FILE.md writes what the "
        "data say of each effect, and what became of people.",
        style="dim",
    )


def _claim(console: Console, row: Mapping[str, Any]) -> None:
    name = row["observable"].replace("_", " ")
    of = f" of {row['of']}" if row["of"] else ""
    console.print()
    console.print(f"{judged_words(row).capitalize()}: {row['says']} [{', '.join(row['evidence'])}]")
    console.print(
        f"  {row['scenario']}, {row['window']}: {name}{of} {effect_cell(row)}, expected "
        f"{expected(row)}",
        style="dim",
    )


def print_plans(asked: Asked, documents: Sequence[Mapping[str, Any]]) -> None:
    """Print what would be simulated, and what that would take."""
    console = results_console()
    console.print(asked.title, style="bold")
    questions, compared = len(asked.questions), len(asked.contrasts)
    console.print(f"{count(questions, 'question')}, {count(compared, 'comparison')}.")
    console.print()
    names = ("scenarios", "draws", "seeds", "runs", "stored", "failed", "missing")
    rows = [
        (
            str(one["sweep"]),
            *(f"{one['sizes'][name]:,}" for name in names[:3]),
            f"{one['runs']:,}",
            f"{one['stored']:,}",
            f"{len(one['failed']):,}",
            f"{one['missing']:,}",
        )
        for one in documents
    ]
    print_figures(console, (("study", *names), rows))
    seconds = sum(one["cost"]["seconds"] for one in documents)
    n_bytes = sum(one["cost"]["bytes"] for one in documents)
    workers = count(documents[0]["workers"], "worker")
    console.print()
    console.print(
        f"To come: at most {duration_text(seconds)} with {workers}, {size_text(n_bytes)} on the "
        "disk; less, as scenarios share their past."
    )
    console.print("Nothing was simulated or written.", style="dim")

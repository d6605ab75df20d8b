"""The page of the next fact in Markdown: the same runs give the same page, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bordersim.answering.page import table
from bordersim.valuing.showing import (
    ABOUT,
    best_words,
    error_words,
    head,
    methods,
    part_table,
    spread_table,
    value_table,
)
from bordersim.valuing.spec import Fact
from bordersim.valuing.targets import SHARE, WEIGHT

if TYPE_CHECKING:
    from bordersim.valuing.results import NextFacts

NOTE = "<!-- Written by bordersim next-facts. Change the file of facts or the runs, not this. -->"


def page_text(found: NextFacts, picture: str | None) -> str:
    """Write the page.

    Parameters
    ----------
    found
        The values.
    picture
        Address of the figure, relative to the page; left out when None.

    Returns
    -------
    str
        Markdown, with a line feed at the end.
    """
    return "\n\n".join(_sections(found, picture)) + "\n"


def _sections(found: NextFacts, picture: str | None) -> Iterator[str]:
    yield NOTE
    yield f"# {found.asked.title}"
    if trial := found.trial():
        yield f"> **A trial, no answer.** Made from {trial}."
    yield (
        f"{head(found)} Value within the model, before anybody has reported anything; how it is "
        "worked out, and how to ask about other reports: [valuing-facts.md](valuing-facts.md)."
    )
    yield best_words(found)
    yield "## Who did it"
    yield table(value_table(found))
    if picture is not None:
        yield f"![{alt_text(found)}]({picture})"
    yield "\n".join(f"- {text}" for text in (*found.notes(), *methods(found)))
    yield "## By factor: its weight"
    yield table(part_table(found, WEIGHT))
    yield "## By factor: its share in people"
    yield (
        "A share also narrows when a report tells how many there were, and not who did it; the "
        "weight above does not."
    )
    yield table(part_table(found, SHARE))
    yield "## The reports: who could make them, and whom that could hurt"
    yield table(report_table(found))
    yield "## How uncertain each figure is now"
    yield (
        "Standard deviations on the scale of each report. A report tells nothing that errs by much "
        "more than draws differ; luck, which differs between two histories with the same "
        "parameters, is added to its error."
    )
    yield table(spread_table(found))


def report_table(found: NextFacts) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Give every report: what it says, how it errs and why, who could make it, whom it hurts."""
    headings = ("report", "what", "error", "why", "who could", "harm")
    return headings, [
        (fact.id, fact.title, error_words(fact), fact.reason, fact.supplier, fact.harm)
        for fact in _in_order(found)
    ]


def _in_order(found: NextFacts) -> list[Fact]:
    facts = {fact.id: fact for fact in found.measured.there}
    return [facts[row["fact"]] for row in found.rows() if len(row["facts"]) == 1]


def alt_text(found: NextFacts) -> str:
    """What the figure shows, for those who cannot see it."""
    rows = [row for row in found.rows() if len(row["facts"]) == 1][:3]
    best = ", ".join(
        f"{row['fact']} {'' if row['judged'] else ABOUT}{100 * row['best']:.0f} %" for row in rows
    )
    return f"Variance that each report would take away, overall and by factor; most: {best}"

"""What ``bordersim calibrate`` prints, from its JSON documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from bordersim.cli.console import results_console
from bordersim.cli.progress import duration
from bordersim.cli.tables import WIDE, open_table
from bordersim.wording import count, number

Document = Mapping[str, Any]

_LEAST_LOST = 0.1
"""Contraction that goes with a group of reports from which it is named."""


_WORDS = ("alone narrow",)
"""Headings of columns of words that are not the first."""


def print_plan(document: Document) -> None:
    """Print what a calibration would do, and what it would take."""
    console = results_console()
    _print_head(console, document)
    rows = [
        (row["parameter"], row["distribution"], number(row["low"]), number(row["high"]))
        for row in document["priors"]
    ]
    _print(console, ("prior", "", "low", "high"), rows, words=2)
    console.print()
    _print_steps(console, document["steps"])
    processes = count(document["workers"], "process").replace("processs", "processes")
    console.print(
        f"To come: about {duration(document['seconds'])} with {processes}, by rule of thumb "
        "until runs of a step are stored.",
        style="dim",
    )
    console.print("Nothing was simulated or written.", style="dim")


def print_status(document: Document) -> None:
    """Print what of a calibration is done."""
    console = results_console()
    _print_head(console, document)
    _print_steps(console, document["steps"])


def print_results(document: Document) -> None:
    """Print what the reports tell of each parameter, and which tell it."""
    console = results_console()
    console.print(str(document["title"]), style="bold")
    for step in document["steps"]:
        console.print(f"{step['step']}: {step['found']}")
    console.print()
    wide = console.width >= WIDE
    headings = ("parameter", *(("prior 90 %",) if wide else ()), "posterior", "90 %", "narrowed")
    rows = [
        (
            row["parameter"],
            *((_interval(row["prior_low"], row["prior_high"]),) if wide else ()),
            number(row["median"]),
            _interval(row["low"], row["high"]),
            f"{max(0.0, row['contraction']):.0%}",
            row["verdict"],
        )
        for row in document["parameters"]
    ]
    _print(console, (*headings, ""), rows, words=1)
    _print_groups(console, document["groups"])
    _print_check(console, document)
    _print_structures(console, document["alternatives"])
    if document["fixed"]:
        fixed = ", ".join(f"{key} {number(value)}" for key, value in document["fixed"].items())
        console.print()
        console.print(f"Fixed, since screening found them inert or weak: {fixed}")
    for step, changed in document["runs_kept_from"].items():
        console.print(f"{step} was made from another file or engine: {'; '.join(changed)}")
    console.print()
    console.print(f"Draws: {document['posterior']}; in all {duration(document['seconds'])}.")
    console.print(
        "Narrowed: 1 - posterior / prior standard deviation, of quantiles of the prior.",
        style="dim",
    )


def _print_head(console: Console, document: Document) -> None:
    console.print(str(document["title"]), style="bold")
    keep = "" if document["keep"] is None else f", of which {document['keep']} are kept at most"
    console.print(
        f"{document['scenario']} at scale {number(document['scale'])}: "
        f"{count(len(document['priors']), 'parameter')}{keep}; "
        f"{count(document['reports'], 'report')} fitted, {document['held_out']} held out; "
        f"in {document['folder']}"
    )
    console.print()


def _print_steps(console: Console, steps: Sequence[Document]) -> None:
    rows = [
        (
            row["step"],
            f"{row['runs']:,}" if row["runs"] else "",
            f"{row['stored']:,}" if row["runs"] else "",
            row["state"],
            duration(row["seconds"]) if row["seconds"] else "",
            row["found"],
        )
        for row in steps
    ]
    _print(console, ("step", "runs", "stored", "", "took", ""), rows, words=1)
    console.print()


def _print_groups(console: Console, rows: Sequence[Document]) -> None:
    """Which group of reports narrows which parameters."""
    groups: dict[str, list[Document]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    console.print()
    table = []
    for group, members in groups.items():
        strong = sorted(members, key=lambda row: -row["lost"])
        named = [
            f"{row['parameter']} {row['lost']:.0%}" for row in strong if row["lost"] >= _LEAST_LOST
        ]
        told = ", ".join(named) or "nothing that others do not"
        table.append((group, f"{members[0]['reports']}", told))
    _print(console, ("reports", "number", "alone narrow"), table, words=1)


def _print_check(console: Console, document: Document) -> None:
    """Where the second method says something else, and how far to trust it."""
    apart = [row for row in document["check"] if not row["agree"]]
    console.print()
    if apart:
        console.print("Regression ABC, on the runs of the first wave, says otherwise", style="bold")
        rows = [
            (
                row["parameter"],
                f"{number(row['median'])} ({_interval(row['low'], row['high'])})",
                f"{number(row['abc_median'])} ({_interval(row['abc_low'], row['abc_high'])})",
                f"{row['apart']:+.1f}",
            )
            for row in apart
        ]
        _print(console, ("parameter", "emulator", "ABC", "sd apart"), rows, words=1)
    elif document["check"]:
        console.print("Regression ABC, on the runs of the first wave, agrees on all.")
    known = document["coverage"]
    if known:
        share = sum(row["inside_90"] for row in known) / len(known)
        console.print(
            f"Self-check: 90 % intervals of regression ABC held {share:.0%} of "
            f"{count(known[0]['truths'], 'known truth')}.",
            style="dim",
        )


def _print_structures(console: Console, rows: Sequence[Document]) -> None:
    if not rows:
        return
    console.print()
    console.print(f"Structures, by {count(rows[0]['held_out'], 'held-out report')}", style="bold")
    table = [
        (
            row["structure"],
            row["title"],
            f"{row['fit']:.1f}",
            f"{row['score']:.1f}",
            f"{row['against_main']:+.1f}",
            f"{row['error']:.1f}",
        )
        for row in rows
    ]
    headings = ("structure", "", "fit", "score", "against main", "error")
    _print(console, headings, table, words=2)
    console.print(
        "Fit: mean log likelihood of the fitted reports; score: log probability of those held "
        "out, larger is better; error: of sampling alone.",
        style="dim",
    )


def _interval(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def _print(
    console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]], words: int
) -> None:
    shown = open_table(console)
    for at, heading in enumerate(headings):
        left = at < words or not heading or heading in _WORDS
        shown.add_column(
            heading, justify="left" if left else "right", overflow="fold", no_wrap=at == 0
        )
    for row in rows:
        shown.add_row(*row)
    console.print(shown)

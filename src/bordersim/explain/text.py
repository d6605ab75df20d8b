"""A life as text for a terminal."""

from __future__ import annotations

import io
import math

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bordersim.dates import month_label
from bordersim.explain.life import RESPONSIBLE, Life, LifeMonth
from bordersim.explain.told import NO_CLOCK, Decision
from bordersim.explain.wordings import (
    chance_text,
    chosen,
    flip_text,
    headline,
    parting_lines,
    shown_chances,
    terms_of,
    utility,
    value_text,
    who_lines,
)

_WIDTH = 100
_FACTS_SHOWN = ("news", "money", "arrival", "custody", "onward", "matching")
"""Kinds of decisions whose facts are their story."""

_TABLES_SHOWN = ("choice", "new_guard", "known_guard", "guard_who_saw")
"""Kinds of decisions whose alternatives are always shown."""

_LARGEST = 1000.0
"""Relative changes from here on are not worth a line."""

_UNREMARKABLE = "is passed by"


def as_text(life: Life) -> str:
    """Write a life as plain text of at most 100 columns."""
    text = io.StringIO()
    console = Console(file=text, width=_WIDTH, highlight=False, markup=False, color_system=None)
    print_life(console, life)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def print_life(console: Console, life: Life) -> None:
    """Print a life: who it is, then a block for every month in which something happened.

    Parameters
    ----------
    console
        Where to; it must not read markup.
    life
        With a month asked for, that month is shown with every number.
    """
    run = life.run
    of = f"  in {run['scenario']}, seed {run['seed']}, run {run['run_id']}"
    console.print(Text(f"uid {life.uid}", style="bold").append(of, style="not bold"))
    console.print(RESPONSIBLE, style="dim")
    grid = Table.grid(padding=(0, 2))
    for name, value in who_lines(life):
        grid.add_row(Text(name, style="dim"), value)
    console.print(Padding(grid, (0, 0, 0, 2)))
    _print_parting(console, life)
    if not life.months:
        console.print()
        console.print(f"Nothing happened to this person from 1995-01 to {run['end']}.")
    for month in life.months:
        _print_month(console, month, full=life.asked is not None)
    if life.months:
        console.print()
        console.print(
            "Every decision above was worked out anew and is what the event log says. A flip "
            "changes one number and leaves all else as it was. M: KRW million of 2015.",
            style="dim",
        )


def _print_parting(console: Console, life: Life) -> None:
    lines = parting_lines(life)
    if not lines or life.parting is None:
        return
    console.print()
    console.print(lines[0], style="bold")
    for line in lines[1:]:
        console.print(line)
    numbers = life.parting["numbers"]
    if numbers:
        table = _table(console)
        for heading in ("of that step", "A", "B"):
            table.add_column(heading, justify="left" if heading == "of that step" else "right")
        for row in numbers:
            cells = (
                "-" if row[side] is None else value_text(row[side], row["unit"])
                for side in ("here", "there")
            )
            table.add_row(row["what"], *cells)
        console.print(Padding(table, (0, 0, 0, 2)))


def _print_month(console: Console, month: LifeMonth, *, full: bool) -> None:
    console.print()
    console.print(
        Text(month_label(month.month), style="bold").append(f"  {headline(month)}", style="bold")
    )
    for decision in month.decisions:
        if full or decision.choice != NO_CLOCK:
            _print_decision(console, decision, full=full)


def _print_decision(console: Console, decision: Decision, *, full: bool) -> None:
    _indented(console, f"{decision.question}: {decision.choice}", 2)
    if full or decision.kind in _FACTS_SHOWN:
        _print_facts(console, decision, full=full)
    tabled = decision.kind in _TABLES_SHOWN or decision.choice != _UNREMARKABLE
    if decision.alternatives and (full or tabled):
        _print_alternatives(console, decision)
    for chance in shown_chances(decision, full=full):
        _indented(console, chance_text(chance), 4)
    _print_flips(console, decision, full=full)


def _print_flips(console: Console, decision: Decision, *, full: bool) -> None:
    """The smallest change first, then the next; what is beyond reason only if all is asked for."""
    for number, flip in enumerate(sorted(decision.flips, key=lambda flip: flip.size)):
        if flip.then is None:
            prefix = "no flip: "
        else:
            prefix = "smallest change that flips it: " if number == 0 else "or "
        first = number == 0
        near = number == 1 and flip.then is not None and not _LARGEST <= flip.relative < math.inf
        if first or near or full:
            _indented(console, prefix + flip_text(flip), 4)


def _print_facts(console: Console, decision: Decision, *, full: bool) -> None:
    pairs = [(fact.what, value_text(fact.value, fact.unit)) for fact in decision.facts]
    if not pairs:
        return
    if not full:
        _indented(console, "; ".join(f"{what} {value}" for what, value in pairs), 4)
        return
    grid = Table.grid(padding=(0, 2))
    for what, value in pairs:
        grid.add_row(Text(what, style="dim"), value)
    console.print(Padding(grid, (0, 0, 0, 4)))


def _print_alternatives(console: Console, decision: Decision) -> None:
    names = terms_of(decision)
    table = _table(console)
    table.add_column("")
    for heading in (*names, "error", "utility" if chosen(decision) else "M"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    best = chosen(decision)
    for one in decision.alternatives:
        if one.obstacle:
            continue
        terms = (utility(one.terms.get(name)) for name in names)
        mark = "<" if one is best else ""
        table.add_row(one.name, *terms, utility(one.error), utility(one.utility), mark)
    console.print(Padding(table, (0, 0, 0, 4)))
    for one in decision.alternatives:
        if one.obstacle:
            _indented(console, f"{one.name}: {one.obstacle}", 4)


def _table(console: Console) -> Table:
    gap = 2 if console.width >= 96 else 1
    return Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")


def _indented(console: Console, text: str, columns: int) -> None:
    console.print(Padding(Text(text), (0, 0, 0, columns)))

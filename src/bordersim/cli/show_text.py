"""What ``bordersim show`` prints, from the rows of its JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bordersim.cli.chart import chart
from bordersim.cli.console import results_console
from bordersim.dates import parse_month
from bordersim.wording import count, deed, duration, number, place_words, span, values

Row = Mapping[str, Any]

_CHART_WIDTH = 100
_MONTHS_AND_NAMES = 46
_NARROWEST = 8
_WIDEST_PLACE = 32
"""Characters of a file and line that are kept on one line."""


def print_sections(document: Row) -> None:
    """Print every section of a document."""
    console = results_console()
    sections: dict[str, Callable[[Console, Any], None]] = {
        "scenario": _print_summary if "policies" in document else _print_heading,
        "policies": _print_policies,
        "layers": _print_layers,
        "levers": _print_levers,
        "catalogue": _print_catalogue,
    }
    for name, show in sections.items():
        if name in document:
            show(console, document[name])


def _print_heading(console: Console, summary: Row) -> None:
    console.print(Text(f"{summary['name']}: {summary['title']}", style="bold"))


def _print_summary(console: Console, summary: Row) -> None:
    _print_heading(console, summary)
    if summary["description"]:
        console.print(summary["description"])
    console.print()
    _print_grid(console, _facts(summary))


def _facts(summary: Row) -> list[tuple[str, str]]:
    *parents, leaf = summary["files"] or [""]
    share = f"scale {number(summary['scale'])}, world seed {summary['world_seed']}"
    changed = summary["parameters_set"]
    facts = [
        ("file", leaf),
        ("extends", ", which extends ".join(reversed(parents)) or "nothing"),
        ("span", f"{summary['start']} to {summary['end']}, {count(summary['months'], 'month')}"),
        ("population", f"{summary['residents']:,} residents; {share}"),
        ("parameters", f"{summary['parameters']}; changed: {', '.join(changed) or 'none'}"),
        ("policies", str(summary["policies"])),
    ]
    for label in ("dropped", "added"):
        facts.append((f"  {label}", ", ".join(summary[f"policies_{label}"]) or "none"))
    return facts


def _print_grid(console: Console, rows: Iterable[tuple[str, str]]) -> None:
    """Print labels and, beside them, text that wraps within its column."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(Text(label), Text(text))
    console.print(grid)


def _print_title(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))


def _print_policies(console: Console, policies: Sequence[Row]) -> None:
    if not policies:
        return
    _print_title(console, "Policies, in the order in which they act")
    _print_grid(console, [(policy["id"], _policy_words(policy)) for policy in policies])


def _policy_words(policy: Row) -> str:
    what = f"{policy['lever']}: {deed(policy)}{_status(policy)}"
    where = place_words(policy["places"])
    when = f"{duration(policy)}; {where}" if where else duration(policy)
    return f"{what}\n{when}\n{policy['factor']}: {', '.join(policy['evidence']) or 'no evidence'}"


def _status(row: Row) -> str:
    return "" if row["status"] == "in force" else f" ({row['status']})"


def _print_layers(console: Console, rows: Sequence[Row]) -> None:
    _print_title(console, "Who set what: later lines lie on top of earlier ones")
    places = [text for row in rows for text in (row["where"], row["dropped_at"] or "")]
    width = min(max(map(len, places)), _WIDEST_PLACE)
    for key, layers in groupby(rows, key=lambda row: str(row["key"])):
        console.print(Text(key, style="bold"))
        grid = Table.grid(padding=(0, 2), expand=False)
        grid.add_column(width=10)
        grid.add_column(width=max(console.width - width - 14, 20), overflow="fold")
        grid.add_column(width=width, overflow="fold")
        for row in layers:
            style = "" if row["status"] == "in force" else "dim"
            cells = (f"  {row['layer']}", _says(row) + _status(row), row["where"])
            grid.add_row(*(Text(cell, style=style) for cell in cells))
            if row["dropped_at"] is not None:
                grid.add_row("", Text("dropped at", style="dim"), Text(row["dropped_at"], "dim"))
        console.print(grid)


def _says(row: Row) -> str:
    policy = row["policy"]
    if policy is not None:
        where = place_words(policy["places"])
        when = duration(policy) + (f", {where}" if where else "")
        return f"{policy['id']}: {deed(policy)}, {when}"
    if row["layer"] == "budget":
        return "times north.security_budget"
    return f"{values(row['value'])} {row['unit']}".rstrip()


def _print_levers(console: Console, levers: Sequence[Row]) -> None:
    for lever in levers:
        _print_title(console, f"{lever['key']}: {lever['title']}")
        limits = f"{number(lever['low'])} to {number(lever['high'])}"
        console.print(f"{lever['unit']}; allowed {limits}; {lever['start']} to {lever['end']}")
        _print_charts(console, lever)
        for columns in _columns(console.width, lever):
            console.print(_changes(lever, columns))
        if any(row["from"] != row["until"] for row in lever["rows"]):
            console.print("Where a row spans months, its value is the one reached at their end.")
        for row in lever["layers"]:
            if row["status"] != "in force":
                console.print(f"{row['status']}: {_says(row)} [{row['where']}]")


def _columns(width: int, lever: Row) -> list[range]:
    """Groups of places, as many at a time as there is room for beside months and names."""
    n_groups = len(lever["groups"])
    widest = max(len(number(value)) for row in lever["rows"] for value in row["values"])
    room = max((width - _MONTHS_AND_NAMES) // (max(widest, _NARROWEST) + 3), 1)
    return [range(first, min(first + room, n_groups)) for first in range(0, n_groups, room)]


def _changes(lever: Row, columns: range) -> Table:
    """Tabulate the changes of some groups of places."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("month", no_wrap=True)
    for column in columns:
        label = Text(lever["groups"][column]["label"])
        table.add_column(label, justify="right", min_width=_NARROWEST, overflow="fold")
    table.add_column("by", overflow="fold", min_width=_NARROWEST)
    before: list[float] = []
    for row in lever["rows"]:
        values_here = [row["values"][column] for column in columns]
        if values_here != before:
            cells = (span(row), *map(number, values_here), ", ".join(row["by"]))
            table.add_row(*map(Text, cells))
        before = values_here
    return table


def _print_charts(console: Console, lever: Row) -> None:
    groups = lever["groups"]
    top = max(max(group["path"]) for group in groups)
    size = min(console.width, _CHART_WIDTH), 4 if len(groups) == 1 else 2
    ascii_only = console.options.ascii_only
    for group in groups:
        console.print(Text(group["label"], style="italic"))
        path = np.asarray(group["path"])
        for line in chart(path, parse_month(lever["start"]), top, size=size, ascii_only=ascii_only):
            console.print(line, no_wrap=True, overflow="crop")


def _print_catalogue(console: Console, levers: Sequence[Row]) -> None:
    for lever in levers:
        cited = f"  {lever['factor']}: {', '.join(lever['mechanisms'])}"
        console.print(Text(lever["key"], style="bold").append(cited, style="not bold"))
        numbers = f"{number(lever['low'])} to {number(lever['high'])} {lever['unit']}"
        axis = "for the nation" if lever["places"] == "nation" else f"by {lever['places']}"
        budget = "; times north.security_budget" if lever["budgeted"] else ""
        text = f"{numbers}; {_default(lever)}; {axis}{budget}\n{lever['title']}\n"
        console.print(Padding(Text(text + f"theory: {lever['direction']}"), (0, 0, 0, 4)))


def _default(lever: Row) -> str:
    if lever["driver"] is not None:
        return f"follows the driver {lever['driver']}"
    others = "".join(f", {place_words([p])} {number(v)}" for p, v in lever["by_place"].items())
    return f"default {number(lever['default'])}{others}"

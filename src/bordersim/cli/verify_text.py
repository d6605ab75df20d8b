"""What ``bordersim verify`` prints, from its JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from bordersim.cli.console import results_console
from bordersim.cli.runs_text import span_text
from bordersim.wording import apart, count, number

Row = Mapping[str, Any]

_SHORT_ID = 8
_WIDE = 96
"""Columns of a terminal from which the table has more room between its own."""


def print_verdicts(document: Row) -> None:
    """Print one run in full, several in a table with the unequal ones in full below."""
    console = results_console()
    rows: Sequence[Row] = document["runs"]
    alone = len({(row["study"], row["run_id"]) for row in rows}) == 1
    if alone:
        _print_facts(console, f"{rows[0]['study']}/{rows[0]['run_id']}", _facts(rows[0], document))
    if not alone or len(rows) > 1:
        _print_table(console, rows, alone=alone)
    for row in rows if alone and len(rows) == 1 else [row for row in rows if not row["equal"]]:
        heading = _name(row) if not alone else "Made again"
        _print_facts(console, f"{heading}: {row['verdict']}", _findings(row))
    for row in document["skipped"]:
        console.print(f"{row['run']} left out: {row['why']}")
    if len(rows) > 1:
        console.print(
            f"{count(len(rows), 'run')} made again: {document['equal']} the same to the last bit, "
            f"{document['unequal']} not"
        )


def _name(row: Row) -> str:
    at_once = f", {row['threads']} at once" if row["threads"] else ""
    return f"{row['study']}/{row['run_id'][:_SHORT_ID]}{at_once}"


def _facts(row: Row, document: Row) -> list[tuple[str, str]]:
    """What was stored, and with what it was made again."""
    stored, here = row["stored"], document["environment"]
    there = stored["environment"]
    other = [f"{name} {there.get(name, 'unknown')} (here {here[name]})" for name in here
             if there.get(name) != here[name]]  # fmt: skip
    engine = "this one" if row["same_engine"] else f"not this one, which is {document['engine']}"
    return [
        ("scenario", f"{row['scenario']}, seed {row['seed']}, {row['start']} to {row['end']}"),
        ("scale", f"{number(row['scale'])} of the nation"),
        ("stored", f"{stored['finished'][:16].replace('T', ' ')} on {stored['host']}"),
        ("by", f"engine {stored['engine']} ({engine}), bordersim {stored['version']}"),
        ("with", ", ".join(other) if other else "the same Python, libraries and kind of machine"),
    ]


def _findings(row: Row) -> list[tuple[str, str]]:
    if row["error"] is not None:
        return [("error", row["error"])]
    years = row["years"]
    unequal = [year["year"] for year in years if not year["equal"]]
    digests = f"{len(years) - len(unequal)} of {count(len(years), 'year')} equal"
    log = "no event log stored" if row["events"] is None else count(row["events"], "event")
    compared = f"{row['values']:,} of the series, {row['payments']:,} of the ledger, {log}"
    facts = [
        ("digests", digests + (f"; the first other is of {unequal[0]}" if unequal else "")),
        ("compared", compared),
        ("in", f"{row['wall_s']:.1f} s"),
    ]
    if row["first"] is not None:
        facts += _difference(row["first"])
    return facts


def _difference(first: Row) -> list[tuple[str, str]]:
    values = first["stored"], first["again"]
    texts = values if isinstance(values[0], str) else apart(*values)
    more = first["columns"] - 1
    beside = f", and {count(more, 'column')} more of that month" if more else ""
    if first["column"] == "state of the world":
        where = f"by {first['month']}, in the state of the world only: no stored number differs yet"
    else:
        where = f"{first['month']}, {first['column']}{beside}"
    return [("first", where), ("stored", texts[0]), ("again", texts[1])]


def _print_facts(console: Console, heading: str, facts: Sequence[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        grid.add_row(name, value)
    console.print(heading, style="bold")
    console.print(Padding(grid, (0, 0, 1, 2)))


def _print_table(console: Console, rows: Sequence[Row], *, alone: bool) -> None:
    """One line for each run made again; what is the same in all is left out."""
    gap = 2 if console.width >= _WIDE else 1
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    columns = ["at once", "digests", "in", "verdict"]
    if not any(row["threads"] for row in rows):
        columns.remove("at once")
    if not alone:
        columns = ["run", "seed", "scale", "from, to", "code", *columns]
    for name in columns:
        right = name in ("seed", "scale", "at once", "in")
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "run")
    for row in rows:
        equal = sum(year["equal"] for year in row["years"])
        cells = {
            "run": f"{row['study']}/{row['run_id'][:_SHORT_ID]}",
            "seed": str(row["seed"]),
            "scale": number(row["scale"]),
            "from, to": span_text(row["start"], row["end"]),
            "at once": str(row["threads"] or ""),
            "digests": f"{equal} of {len(row['years'])}",
            "code": "this" if row["same_engine"] else "other",
            "in": f"{row['wall_s']:.1f} s",
            "verdict": {True: "same", False: "NOT same", None: "failed"}[row["equal"]],
        }
        table.add_row(*(cells[name] for name in columns))
    console.print(table)
    console.print()

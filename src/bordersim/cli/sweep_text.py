"""What ``bordersim sweep`` prints, from its JSON documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bordersim.cli.console import results_console
from bordersim.wording import count, number

Document = Mapping[str, Any]

_MOST_FAILURES = 5
_MANY_VALUES = 8


def print_plan(document: Document) -> None:
    """Print what a sweep would do, and what it would take."""
    console = results_console()
    _print_head(console, document)
    _print_axes(console, document)
    _print_state(console, document)
    cost = document["cost"]
    basis = "by the runs stored here" if cost["measured"] else "by rule of thumb"
    console.print(
        f"To come: about {duration_text(cost['seconds'])} with {_workers(document)}, "
        f"{size_text(cost['bytes'])} on the disk ({basis})."
    )
    console.print("Nothing was simulated or written.", style="dim")


def print_status(document: Document) -> None:
    """Print what of a sweep is there."""
    console = results_console()
    _print_head(console, document)
    _print_state(console, document)
    if document["scenarios"]:
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for heading in ("scenario", "cells", "stored", "failed", "missing"):
            table.add_column(heading, justify="left" if heading == "scenario" else "right")
        for row in document["scenarios"]:
            cells = (f"{row[key]:,}" for key in ("cells", "stored", "failed", "missing"))
            table.add_row(row["scenario"], *cells)
        console.print()
        console.print(table)
    _print_failures(console, document["failed"])


def print_account(document: Document) -> None:
    """Print what became of a sweep."""
    console = results_console()
    n_runs, had = document["runs"], document["stored_before"]
    n_failed = len(document["failed"])
    part = ""
    if document["shard"] != [1, 1]:
        part = f" (part {document['shard'][0]} of {document['shard'][1]})"
    said = [f"{document['simulated']:,} simulated"]
    said += [f"{had:,} stored before"] if had else []
    said += [f"{n_failed:,} failed"] if n_failed else []
    console.print(f"{document['title']}", style="bold")
    console.print(f"{count(n_runs, 'run')}{part}: {', '.join(said)}; in {document['folder']}")
    _print_failures(console, document["failed"])


def _print_head(console: Console, document: Document) -> None:
    console.print(f"{document['title']}", style="bold")
    sizes = document["sizes"]
    terms = [count(sizes["scenarios"], "scenario")]
    for key, noun in (("points", "point"), ("draws", "draw")):
        if document[key]:
            terms.append(count(sizes[key], noun))
    terms.append(count(sizes["seeds"], "seed"))
    product = " x ".join(terms)
    console.print(f"{product}: {count(document['cells'], 'cell')}, in {document['folder']}")
    if document["runs"] < document["cells"] and document["shard"] == [1, 1]:
        console.print(
            f"Some cells mean the same run, so that {count(document['runs'], 'run')} do.",
            style="dim",
        )


def _print_axes(console: Console, document: Document) -> None:
    axes: Sequence[Document] = document["axes"]
    if not axes:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("", "varies", "unit"):
        table.add_column(heading, overflow="fold")
    for axis in axes:
        table.add_row(axis["key"], _values(axis), axis["unit"])
    console.print()
    console.print(table)
    console.print()


def _values(axis: Document) -> str:
    values = axis["values"]
    if not values:
        low, high, log = axis["range"]
        return f"{number(low)} to {number(high)}{', by ratios' if log else ''}"
    shown = [number(value) for value in values]
    if len(shown) > _MANY_VALUES:
        shown = [*shown[:3], "...", shown[-1]]
    op = {"scale": "times ", "add": "plus "}.get(axis.get("op", ""), "")
    return f"{op}{', '.join(shown)}"


def _print_state(console: Console, document: Document) -> None:
    missing = document["missing"]
    part = ""
    if document["shard"] != [1, 1]:
        part = f" of part {document['shard'][0]} of {document['shard'][1]}"
    console.print(
        f"{count(document['runs'], 'run')}{part}: {document['stored']:,} stored, "
        f"{len(document['failed']):,} failed, {missing:,} to come."
    )


def _print_failures(console: Console, failed: Sequence[Document]) -> None:
    if not failed:
        return
    kinds = Counter((row["error_type"], row["error"]) for row in failed)
    console.print()
    console.print("Failed", style="bold")
    for (kind, message), n_runs in kinds.most_common(_MOST_FAILURES):
        first = next(row for row in failed if (row["error_type"], row["error"]) == (kind, message))
        console.print(f"{kind}: {message}")
        where = f"{first['run_id']} ({first['scenario']}, seed {first['seed']})"
        others = f", and {n_runs - 1:,} more" if n_runs > 1 else ""
        console.print(f"  {where}{others}", style="dim")
    if len(kinds) > _MOST_FAILURES:
        console.print(f"and {len(kinds) - _MOST_FAILURES:,} other errors", style="dim")
    console.print("--retry has them tried again; `bordersim runs show ID` tells more of one.")


def _workers(document: Document) -> str:
    if document["scheduler"]:
        return "one worker of the cluster"
    return count(document["workers"], "worker")


def duration_text(seconds: float) -> str:
    """A time in the unit in which it is a number of some size."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.{1 if seconds < 10 * size else 0}f} {unit}"
    return f"{seconds:.0f} s"


def size_text(n_bytes: float) -> str:
    """Bytes in a few letters."""
    from bordersim.memory import size

    return size(int(n_bytes)) if n_bytes >= 1e6 else "under 1 MB"

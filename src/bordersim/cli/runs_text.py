"""What ``bordersim runs`` prints, from the rows of its JSON documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from bordersim.cli.console import results_console
from bordersim.wording import count, number

Row = Mapping[str, Any]

_SHORT_ID = 8
_WIDE = 96
"""Columns of a terminal from which tables have more room between theirs."""

_LIST = {
    "run": "left",
    "seed": "right",
    "scale": "right",
    "from, to": "left",
    "status": "left",
    "wall": "right",
    "finished": "left",
    "size": "right",
    "log": "left",
    "arrived": "right",
}
"""Heading of each column of the list to its side."""

_RESULTS = {
    "year": "year",
    "arrivals": "arrived",
    "crossings": "crossed",
    "stock_china": "in\nChina",
    "interceptions": "caught\nat\nriver",
    "repatriations": "sent\nback",
    "custody_entries": "into\ncustody",
    "deaths_custody": "died in\ncustody",
    "deaths_drowned": "died in\nriver",
    "deaths_shot_river": "shot\nat\nriver",
    "deaths_shot_china": "shot in\nChina",
}
"""Column of the results to its heading."""


def print_list(rows: Sequence[Row], n_stored: int) -> None:
    """Print one line a run, under the name of its study."""
    console = results_console()
    if not rows:
        none = f"None of {count(n_stored, 'stored run')} is like that." if n_stored else "No runs."
        console.print(none)
        return
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(tuple(_LIST), *cells, strict=True)]
    for study, members in groupby(zip(rows, cells, strict=True), key=lambda pair: pair[0]["study"]):
        table = _table(console)
        for (heading, justify), width in zip(_LIST.items(), widths, strict=True):
            table.add_column(heading, justify=justify, no_wrap=True, min_width=width)  # type: ignore[arg-type]
        for _, texts in members:
            table.add_row(*texts)
        console.print(study, style="bold")
        console.print(table)
        console.print()
    for row in rows:
        if row["status"] == "failed":
            reason = row["error"].splitlines()[-1] if row["error"] else "no reason was kept"
            console.print(f"{row['study']}/{row['run_id'][:_SHORT_ID]} failed: {reason}")
    console.print(f"{count(len(rows), 'run')}, {size_text(sum(row['size'] for row in rows))}")


def _table(console: Console, **options: Any) -> Table:
    gap = 2 if console.width >= _WIDE else 1
    return Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim", **options)


def _cells(row: Row) -> tuple[str, ...]:
    arrivals = row["arrivals"]
    return (
        row["run_id"][:_SHORT_ID],
        str(row["seed"]),
        number(row["scale"]),
        span_text(row["start"], row["end"]),
        row["status"],
        f"{row['wall_s']:.1f} s",
        row["finished"][:10],
        size_text(row["size"]),
        "yes" if row["has_events"] else "",
        "-" if arrivals is None else f"{arrivals:,.0f}",
    )


def span_text(start: str, end: str) -> str:
    """Years where a span is made of whole ones, months otherwise."""
    if start.endswith("-01") and end.endswith("-12"):
        return start[:4] if start[:4] == end[:4] else f"{start[:4]} {end[:4]}"
    return f"{start} {end}"


def print_removable(items: Sequence[Row]) -> None:
    """Print what may be removed, or was."""
    if not items:
        return
    console = results_console()
    table = _table(console)
    table.add_column("study", overflow="fold")
    table.add_column("why", no_wrap=True)
    table.add_column("what", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    for item in items:
        table.add_row(item["study"], item["reason"], item["what"], size_text(item["size"]))
    console.print(table)


def size_text(size: int) -> str:
    """Bytes in the unit that leaves one to three digits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"


def print_run(document: Row) -> None:
    """Print everything about one run."""
    console = results_console()
    run = document["run"]
    console.print(f"{run['study']}/{run['run_id']}", style="bold")
    _print_facts(console, [*_facts(run), *_input_facts(document)])
    if document["error"] is not None:
        _print_error(console, document["error"])
    if document["results"] is not None:
        _print_results(console, document["results"], run["scale"])
    if document["digests"]:
        _print_digests(console, document["digests"])


def _facts(run: Row) -> list[tuple[str, str]]:
    engine = "this one" if run["this_engine"] else "another than this, which would simulate it anew"
    return [
        ("scenario", run["scenario"]),
        ("seeds", f"{run['seed']} of the dynamics, {run['world_seed']} of the people"),
        ("scale", f"{number(run['scale'])} of the nation"),
        ("span", f"{run['start']} to {run['end']}"),
        ("status", run["status"]),
        ("simulated", f"{run['finished'][:16].replace('T', ' ')} on {run['host']}"),
        ("in", f"{run['wall_s']:.1f} s"),
        ("engine", f"{run['engine']} ({engine}), bordersim {run['version']}"),
        ("stored", f"{size_text(run['size'])}, {'with' if run['has_events'] else 'no'} events"),
    ]


def _input_facts(document: Row) -> list[tuple[str, str]]:
    inputs = document["inputs"]
    versions = ", ".join(f"{name} {value}" for name, value in document["environment"].items())
    changed = [
        f"{entry['key']} {_list_text(entry['here'])} (ships: {_list_text(entry['ships'])})"
        for entry in inputs["changed"]
    ]
    return [
        ("with", versions),
        ("levers", f"hash {inputs['lever_paths'][:16]}"),
        ("parameters", f"{len(inputs['parameters'])}, " + ("as shipped" if not changed else "of")),
        *(("", text) for text in changed),
    ]


def _list_text(values: Sequence[float] | None) -> str:
    return "-" if values is None else ", ".join(map(number, values))


def _print_facts(console: Console, facts: Sequence[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        grid.add_row(name, value)
    console.print(Padding(grid, (0, 0, 1, 2)))


def _print_error(console: Console, error: Row) -> None:
    console.print(f"Failed: {error['error_type']}", style="bold")
    console.print(Padding(error["traceback"] or error["error"], (0, 0, 1, 2)))


def _print_results(console: Console, results: Row, scale: float) -> None:
    people = "every resident simulated" if scale == 1 else f"scaled up from {number(scale)}"
    console.print(f"People by year, {people} (in China: mean over the months)", style="bold")
    table = _table(console, show_footer=True)
    totals = {"year": "all", **results["totals"]}
    for name, heading in _RESULTS.items():
        foot = totals[name] if name == "year" else f"{totals[name]:,.0f}"
        justify = "left" if name == "year" else "right"
        table.add_column(heading, foot, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for row in results["years"]:
        table.add_row(str(row["year"]), *(f"{row[name]:,.0f}" for name in [*_RESULTS][1:]))
    console.print(table)


def _print_digests(console: Console, digests: Mapping[str, str]) -> None:
    console.print("Digest of the state at the end of each year", style="bold")
    width = 2 + max(len(digest) for digest in digests.values()) + 6
    columns = max(1, (console.width - 2) // width)
    grid = Table.grid(padding=(0, 2))
    entries = [f"{year} {digest}" for year, digest in digests.items()]
    for start in range(0, len(entries), columns):
        grid.add_row(*entries[start : start + columns])
    console.print(Padding(grid, (0, 0, 0, 2)))

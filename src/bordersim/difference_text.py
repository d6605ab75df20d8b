"""A difference as text for a terminal, and as HTML for a notebook."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bordersim.wording import apart, count, number, place_words, span

Row = Mapping[str, Any]

_TEXT_WIDTH = 100
_LARGEST_HTML = 200
_MONTHS, _VALUES, _SIZE = 20, 17, 10
"""Widths of columns: months, the values of A and of B, their difference."""


def as_text(document: Row) -> str:
    """Write a difference as plain text.

    Parameters
    ----------
    document
        From ``Difference.document``.

    Returns
    -------
    str
        Lines of at most 100 characters.
    """
    text = io.StringIO()
    console = Console(
        file=text, width=_TEXT_WIDTH, highlight=False, markup=False, color_system=None
    )
    print_difference(console, document)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def print_difference(console: Console, document: Row) -> None:
    """Print a difference section by section.

    Parameters
    ----------
    console
        Where to; it must not read markup.
    document
        From ``Difference.document``.
    """
    for side in ("a", "b"):
        scenario = document[side]
        file = f" ({scenario['files'][-1]})" if scenario["files"] else ""
        title = f"{side.upper()}  {scenario['name']}: {scenario['title']}"
        console.print(Text(title, style="bold").append(file, style="not bold"))
    console.print()
    for line in _unchanged(document):
        console.print(line)
    _print_values(console, document)
    _print_levers(console, document["levers"])
    _print_policies(console, document["policies"])
    if document["levers_rounded"]:
        console.print()
        console.print(f"The same but for the last digits: {', '.join(document['levers_rounded'])}")
    if document["results"] is not None:
        _print_results(console, document["results"])


def _unchanged(document: Row) -> list[str]:
    a = document["a"]
    shared = f"{a['start']} to {a['end']}, scale {a['scale']:g}, world seed {a['world_seed']}"
    names = {
        "settings": f"Span, scale and world seed: the same ({shared})",
        "parameters": f"Parameters: the same ({a['parameters']})",
        "places": "Places: the same",
        "levers": "Levers: the same in every month and place",
    }
    if not any(document[name] for name in names):
        return ["Nothing differs in effect: with the same seed both give the same run."]
    return [words for name, words in names.items() if not document[name]]


def _grid(*widths: int | None) -> Table:
    """Make a table without lines; columns after the first two are right-justified."""
    grid = Table.grid(padding=(0, 2))
    for position, width in enumerate(widths):
        grid.add_column(width=width, overflow="fold", justify="left" if position < 2 else "right")
    return grid


def _print_heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))


def _print_values(console: Console, document: Row) -> None:
    for name, title in (("settings", "Span, scale and world seed"), ("parameters", "Parameters")):
        if document[name]:
            _print_heading(console, title)
        for row in document[name]:
            entry = f" [{row['entry']}]" if row.get("entry") else ""
            unit = f" {row['unit']}" if row.get("unit") else ""
            a, b = row["a"], row["b"]
            texts = apart(a, b) if isinstance(a, float) else (str(a), str(b))
            console.print(f"{row['key']}{entry}: A {texts[0]}{unit}, B {texts[1]}{unit}")
            console.print(f"    A {row['where_a']}, B {row['where_b']}", style="dim")
    if any(row["key"].startswith("time.") for row in document["settings"]):
        console.print("Below, months that only one of them simulates are compared, too.")
    if document["places"]:
        _print_heading(console, "Places")
    for row in document["places"]:
        texts = apart(row["a"], row["b"])
        where = f"{row['table']}, {row['column']}, {row['place']}"
        console.print(f"{where}: A {texts[0]}, B {texts[1]}")


def _print_levers(console: Console, stretches: Sequence[Row]) -> None:
    if not stretches:
        return
    _print_heading(console, "Levers that differ")
    room = console.width - _MONTHS - 2 * _VALUES - _SIZE - 8
    widths = (_MONTHS, max(room, 12), _VALUES, _VALUES, _SIZE)
    if room < 12:
        widths = (_MONTHS, 13, 14, 14, 9)
    head = _grid(*widths)
    head.add_row("  months", "places", "A", "B", "mean B-A", style="dim")
    console.print(head)
    for key, rows in groupby(stretches, key=lambda row: str(row["lever"])):
        listed = list(rows)
        heading = Text(key, style="bold").append(f" ({listed[0]['unit']})", style="not bold")
        console.print(heading)
        grid = _grid(*widths)
        for row in listed:
            a, b = (_extent(row[f"{side}_low"], row[f"{side}_high"]) for side in ("a", "b"))
            grid.add_row(f"  {span(row)}", row["label"], a, b, f"{_signed(row['mean_difference'])}")
        console.print(grid)
        if listed[0]["because"]:
            console.print(f"  because of {', '.join(listed[0]['because'])}", style="dim")


def _extent(low: float, high: float) -> str:
    return number(low) if low == high else " to ".join(apart(low, high))


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _print_policies(console: Console, policies: Sequence[Row]) -> None:
    acting = [row for row in policies if row["effect"]]
    idle = [row for row in policies if not row["effect"]]
    if acting:
        _print_heading(console, "Policies behind it")
        for change in dict.fromkeys(row["change"] for row in acting):
            ids = [row["id"] for row in acting if row["change"] == change]
            console.print(f"{change}: {', '.join(ids)}")
    if idle:
        _print_heading(console, "Policies that differ without effect")
        for row in idle:
            console.print(f"{row['id']} ({row['change']}): {row['reason']}")


def _print_results(console: Console, results: Row) -> None:
    _print_heading(console, "Stored results")
    for problem in results["damaged"]:
        console.print(f"Left out: {problem}")
    if not results["pairs"]:
        console.print(results["note"])
        return
    pairs = results["pairs"]
    seeds = ", ".join(map(str, results["seeds"]))
    if pairs == 1:
        console.print(f"One pair of runs (seed {seeds}): no number here has an error to tell.")
    else:
        console.print(
            f"Means of {count(pairs, 'pair')} of runs (seeds {seeds}) ± their Monte-Carlo standard"
            " errors; that of B - A is of the paired differences."
        )
    console.print(results["note"], style="dim")
    same = _same_years(results["annual"])
    if same:
        console.print(f"The same in every pair: {_year_ranges(same)}")
    for _, rows in groupby(results["annual"], key=lambda row: str(row["observable"])):
        _print_years(console, [row for row in rows if row["year"] not in same])


def _same_years(rows: Sequence[Row]) -> list[int]:
    """Years in which no observable differs."""
    moved = {row["year"] for row in rows if abs(row["difference"]) > 0.0}
    return sorted({row["year"] for row in rows} - moved)


def _year_ranges(years: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _print_years(console: Console, rows: Sequence[Row]) -> None:
    if not rows:
        return
    first = rows[0]
    title = Text(first["observable"], style="bold").append(f" ({first['unit']})", style="not bold")
    console.print(title)
    grid = Table.grid(padding=(0, 2))
    for width in (6, 16, 16, 16):
        grid.add_column(width=width, justify="right")
    grid.add_row("year", "A", "B", "B - A", style="dim")
    for row in rows:
        whole = row["unit"].startswith("people")
        cells = (_with_error(row, name, whole=whole) for name in ("a", "b", "difference"))
        grid.add_row(str(row["year"]), *cells)
    console.print(grid)


def _with_error(row: Row, name: str, *, whole: bool) -> str:
    value, error = row[name], row[f"{name}_error"]
    if math.isnan(value):
        return "-"
    sign = "+" if name == "difference" and value > 0 else ""
    text = f"{sign}{value:,.0f}" if whole else f"{sign}{value:.2f}"
    if math.isnan(error):
        return text
    return f"{text} ± {error:,.0f}" if whole else f"{text} ± {error:.2f}"


def as_html(document: Row) -> str:
    """Write a difference as HTML tables.

    Parameters
    ----------
    document
        From ``Difference.document``.

    Returns
    -------
    str
        For a notebook.
    """
    names = [escape(f"{document[side]['name']}: {document[side]['title']}") for side in ("a", "b")]
    parts = [f"<p><b>A</b> {names[0]}<br><b>B</b> {names[1]}</p>"]
    parts += [f"<p>{escape(line)}</p>" for line in _unchanged(document)]
    for title, rows, columns in _html_tables(document):
        if rows:
            parts.append(f"<p><b>{title}</b></p>{_html_table(rows, columns)}")
    results = document["results"]
    if results is not None:
        parts.insert(-1, f"<p>{escape(results['note'])}; {count(results['pairs'], 'pair')}</p>")
    return "".join(parts)


def _html_tables(document: Row) -> list[tuple[str, Sequence[Row], tuple[str, ...]]]:
    levers = [
        {**row, "places": place_words(row["places"]), "because": ", ".join(row["because"])}
        for row in document["levers"]
    ]
    months = ("lever", "unit", "from", "until", "label")
    sizes = ("a_low", "a_high", "b_low", "b_high", "mean_difference", "because")
    annual = document["results"]["annual"] if document["results"] is not None else []
    errors = ("a_error", "b_error", "difference_error", "pairs")
    yearly = ("observable", "year", "a", "b", "difference", *errors)
    return [
        ("Span, scale and world seed", document["settings"], ("key", "a", "b")),
        ("Parameters", document["parameters"], ("key", "entry", "unit", "a", "b", "difference")),
        ("Places", document["places"], ("table", "column", "place", "a", "b", "difference")),
        ("Levers", levers, (*months, *sizes)),
        ("Policies", document["policies"], ("id", "lever", "change", "effect", "reason")),
        ("Stored results", annual[:_LARGEST_HTML], yearly),
    ]


def _html_table(rows: Sequence[Row], columns: tuple[str, ...]) -> str:
    head = "".join(f"<th>{escape(column.replace('_', ' '))}</th>" for column in columns)
    lines = [
        "".join(f"<td>{escape(_html_cell(row[column]))}</td>" for column in columns) for row in rows
    ]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_cell(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else number(value)
    return str(value)

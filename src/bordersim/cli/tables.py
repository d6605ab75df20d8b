"""Tables without lines, as commands print them."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as RichTable

from bordersim.comparing.cells import Table

WIDE = 96
"""Columns from which a terminal has room to set columns apart."""


def open_table(console: Console, gap: int = 3) -> RichTable:
    """Give a table without lines or columns; a narrow terminal gets narrow gaps."""
    beside = gap if console.width >= WIDE else 1
    return RichTable(box=None, pad_edge=False, padding=(0, beside, 0, 0), header_style="dim")


def print_heading(console: Console, text: str) -> None:
    """Print what the next table is about."""
    console.print()
    console.print(text, style="bold")


def print_figures(console: Console, table: Table, lost: str = "") -> None:
    """Print a table whose first column is of words, the others of figures or ``lost``."""
    headings, rows = table
    shown = open_table(console)
    for k, heading in enumerate(headings):
        shown.add_column(
            heading, justify="right" if k else "left", no_wrap=bool(k), overflow="fold"
        )
    for row in rows:
        shown.add_row(*(cell or lost for cell in row))
    console.print(shown)

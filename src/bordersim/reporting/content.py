"""What a page is made of: sections of prose, tables and pictures, all of it plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

_NUMBER = re.compile(r"^[+\-\u2212\u00b1<>~]?\s*(\d[\d,]*(?:\.\d+)?|\.\d+)(?![\w.:])")
_MONTH = re.compile(r"^\d{4}-\d{2}\b(?!-?\d)|^\d{4}-\d{2}-\d{2}")
"""Months and days, which as text are in order already."""

_SHORT, _LONG = 30, 60
"""Letters up to which a cell is one line, and from which it needs room."""

_MOSTLY = 0.6
"""Share of the cells of a column from which it is one of numbers."""


class Refs(str):
    """Ids of evidence in a cell, with a space between them; each leads to its row."""

    __slots__ = ()

    @property
    def ids(self) -> list[str]:
        """One by one."""
        return self.split()


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    kind: ClassVar[str] = "prose"
    text: str


@dataclass(frozen=True)
class Absent:
    """What is not there, and what would put it there."""

    kind: ClassVar[str] = "absent"
    text: str


@dataclass(frozen=True)
class Listed:
    """Short paragraphs, one below the other."""

    kind: ClassVar[str] = "listed"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of text under headings.

    Attributes
    ----------
    caption
        What is in it.
    headings
        One a column; the first names the row.
    rows
        Cells; a line break in one is shown.
    foot
        Rows that stay last however the others are sorted.
    note
        How it is to be read.
    anchored
        Whether a row may be led to by the id in its first cell.
    """

    kind: ClassVar[str] = "table"
    caption: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    foot: Sequence[Sequence[str]] = ()
    note: str = ""
    anchored: bool = False

    @cached_property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns are of numbers."""
        return tuple(self._is_numeric(at) for at in range(len(self.headings)))

    @cached_property
    def looks(self) -> tuple[str, ...]:
        """How each column is set: as numbers, on one line, with room, or as it comes."""
        return tuple(self._look(at) for at in range(len(self.headings)))

    def _look(self, at: int) -> str:
        longest = max((len(line) for row in self.rows for line in row[at].split("\n")), default=0)
        if self.numeric[at]:
            return "number"
        if any(isinstance(row[at], Refs) for row in self.rows):
            return ""
        return "short" if longest <= _SHORT else "long" if longest > _LONG else ""

    def _is_numeric(self, at: int) -> bool:
        cells = [row[at] for row in self.rows if row[at] not in ("", "-")]
        lines = [line for cell in cells for line in cell.split("\n")]
        if not cells or max(map(len, lines)) > _LONG:
            return False
        return sum(number_in(cell) is not None for cell in cells) >= _MOSTLY * len(cells)


@dataclass(frozen=True)
class Picture:
    """A picture in the page itself.

    Attributes
    ----------
    source
        As a data URL.
    alt
        What it shows, for who does not see it.
    caption
        How it is to be read.
    width, height
        In the units of a page.
    """

    kind: ClassVar[str] = "picture"
    source: str
    alt: str
    caption: str
    width: int
    height: int


@dataclass(frozen=True)
class Part:
    """Blocks under a heading of their own; folded, all but the heading is shown when asked for."""

    kind: ClassVar[str] = "part"
    title: str
    blocks: Sequence[Block]
    folded: bool = False


@dataclass(frozen=True)
class Fold:
    """Blocks that are shown when asked for, and in print."""

    kind: ClassVar[str] = "fold"
    title: str
    blocks: Sequence[Block]


Block = Prose | Absent | Listed | Table | Picture | Part | Fold


@dataclass(frozen=True)
class Section:
    """One of the page's sections.

    Attributes
    ----------
    id
        By which it is led to.
    title
        Its heading.
    blocks
        In order; parts come last.
    """

    id: str
    title: str
    blocks: Sequence[Block]

    @property
    def empty(self) -> bool:
        """Whether it only says what is not there."""
        return all(isinstance(block, Absent) for block in within(self.blocks))


def within(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block that holds no others."""
    for block in blocks:
        if isinstance(block, Part | Fold):
            yield from within(block.blocks)
        else:
            yield block


def number_in(cell: str) -> float | None:
    """Number that a cell begins with, by which it is sorted; None without one."""
    found = _NUMBER.match(cell.strip())
    if found is None or _MONTH.match(cell.strip()):
        return None
    value = float(found[1].replace(",", ""))
    return -value if cell.strip()[0] in "-\u2212" else value

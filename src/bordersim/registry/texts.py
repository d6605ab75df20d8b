"""What the reports say in words: facts and mechanisms of ``reported.md``, dated events."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bordersim.errors import Problem
from bordersim.registry.codebook import Codebook
from bordersim.registry.entries import CONTEXT, Entry
from bordersim.registry.rows import check_period, check_words
from bordersim.tables import Row, read_table
from bordersim.text_files import label_of, read_text

TIMELINE = ("id", "date", "side", "mechanism", "event", "value", "unit", "source", "grade")

_ROW = re.compile(r"\|\s*((?:S[12]\.\w+)|(?:M\d+))\s*\|\s*([^|]*?)\s*\|(?:\s*([^|]*?)\s*\|)?")
_MECHANISM = re.compile(r"M\d+\Z")


@dataclass(frozen=True)
class Fact:
    """One line of a table of ``reported.md``.

    Attributes
    ----------
    id, text
        Name; what is said.
    source
        Reports that say it, of a mechanism; empty of a figure.
    where
        File and line.
    """

    id: str
    text: str
    source: str
    where: str

    @property
    def is_mechanism(self) -> bool:
        """Whether it is something at work rather than a figure or an event."""
        return is_mechanism(self.id)


def is_mechanism(name: str) -> bool:
    """Say whether an id is that of a mechanism, ``M1``, ``M2`` and so on.

    Parameters
    ----------
    name
        Any id.

    Returns
    -------
    bool
        Whether it is.
    """
    return _MECHANISM.match(name) is not None


def read_facts(path: Path, problems: list[Problem]) -> list[Fact]:
    """Read the tables of ``reported.md``.

    Parameters
    ----------
    path
        The file.
    problems
        Receives why it cannot be read.

    Returns
    -------
    list of Fact
        In the order of the file.
    """
    text = read_text(path, problems, "text with tables of cited facts") or ""
    label = label_of(path)
    return [
        Fact(match[1], match[2], match[3] or "", f"{label}:{number}")
        for number, line in enumerate(text.split("\n"), 1)
        if (match := _ROW.match(line)) is not None
    ]


def read_mechanisms(
    facts: Sequence[Fact], grades: Mapping[str, str], problems: list[Problem]
) -> list[Entry]:
    """Make entries of the mechanisms among facts.

    Parameters
    ----------
    facts
        From ``read_facts``.
    grades
        Source to its grade; of several the best counts.
    problems
        Receives mechanisms whose source is unknown.

    Returns
    -------
    list of Entry
        Of kind ``mechanism``.
    """
    entries = []
    for fact in (fact for fact in facts if fact.is_mechanism):
        names = [name.strip() for name in fact.source.split(",")]
        known = sorted(grades[name] for name in names if name in grades)
        if len(known) < len(names):
            message = f'got source "{fact.source}"; sources.csv names {", ".join(grades)}'
            problems.append(Problem(fact.where, fact.id, message))
            continue
        entries.append(_words(fact, "mechanism", "; ".join(names), known[0]))
    return entries


def read_timeline(path: Path, book: Codebook, problems: list[Problem]) -> list[Entry]:
    """Read the dated events.

    Parameters
    ----------
    path
        CSV file with ``TIMELINE``.
    book
        What its words mean.
    problems
        Receives every mistake.

    Returns
    -------
    list of Entry
        Of kind ``event``.
    """
    entries = []
    for row in read_table(path, TIMELINE, problems, closed=True):
        before = len(problems)
        check_words(Row(row.where, row.cells | {"kind": "event"}), book, problems)
        check_period(row.where, row.cells["date"], problems)
        if len(problems) == before:
            cells = row.cells
            fact = Fact(cells["id"], cells["event"], cells["source"], row.where)
            entry = _words(fact, "event", fact.source, cells["grade"])
            size = f"{cells['value']} {cells['unit']}".strip()
            entries.append(replace(entry, period=cells["date"], place=cells["side"], note=size))
    return entries


def _words(fact: Fact, kind: str, source: str, grade: str) -> Entry:
    nan = math.nan
    return Entry(
        id=fact.id,
        claim=fact.text,
        quantity="",
        place="",
        period="",
        low=nan,
        high=nan,
        reported_low=nan,
        reported_high=nan,
        unit="",
        kind=kind,
        definition="",
        source=source,
        reliability=grade,
        use=CONTEXT,
        note="",
        where=fact.where,
    )
